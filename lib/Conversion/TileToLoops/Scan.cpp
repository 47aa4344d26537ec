//===- Scan.cpp - scans ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scan along another dim than the last goes through it once, with vectors along the last. A scan along the last dim
// takes a vector of elements at a time: lanes are combined with those 1, 2, 4, .. before them (Hillis and Steele, Data
// parallel algorithms, CACM 29(12), 1986), and all with the last result of the vector before. So there is one dependent
// combination for a vector, not one for each element. What the elements are combined with follows from their places
// alone.

#include "EmitterImpl.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Ops of a combining function that is worth writing once for each doubling.
static constexpr size_t longestCombining = 16;

/// The scan of the lanes of vectors, one for each value that is scanned.
SmallVector<Value> Emitter::scanLanes(Region &combining, SmallVector<Value> values) {
  int64_t lanes = Code::lanes(values.front());
  for (int64_t distance = 1; distance < lanes; distance *= 2) {
    SmallVector<int64_t> before, chosen;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      // Lanes that have none that far before them keep their value.
      before.push_back(lane < distance ? lane : lane - distance);
      chosen.push_back(lane < distance ? lane : lanes + lane);
    }
    SmallVector<Value> earlier;
    for (Value value : values)
      earlier.push_back(c.shuffle(value, value, before));
    for (auto [value, combined] : llvm::zip_equal(values, combine(combining, earlier, values)))
      value = c.shuffle(value, combined, chosen);
  }
  return values;
}

void Emitter::emitScan(tile::ScanOp op) {
  Value source = op.getTiles().front();
  RankedTensorType type = tileType(source);
  int64_t axis = op.getAxis();
  SmallVector<Value> counts = extents(source);
  Value length = extentOf(op.getOver().front());
  counts[axis] = c.index(1);
  SmallVector<Buffer> results;
  for (Value result : op.getValues())
    results.push_back(frame.buffers[result] = allocate(tileType(result)));
  Root root(*this);
  int dim = vectorDim(type.getShape());
  int64_t lanes = dim < 0 ? 0 : chooseLanes(op.getTiles(), type.getDimSize(dim));
  bool scansLast = dim == axis;
  if (scansLast && op.getCombine().front().getOperations().size() > longestCombining)
    lanes = 0;
  forEach(counts, scansLast ? -1 : dim, scansLast ? 0 : lanes, [&](ArrayRef<Index> outer) {
    SmallVector<Index> at(outer);
    int64_t width = lanesAt(outer);
    // Combines what is at `iv`, `step` lanes of the axis or one element, with what was before, and stores it.
    auto take = [&](Value iv, int64_t step, ValueRange before) {
      at[axis] = {iv, step};
      SmallVector<Value> loaded;
      for (Value tile : op.getTiles())
        loaded.push_back(c.splat(element(tile, at), std::max(step, width)));
      if (step)
        loaded = scanLanes(op.getCombine(), loaded);
      SmallVector<Value> next = combine(op.getCombine(), before, loaded);
      Value isFirst = c.cmpConst(arith::CmpIPredicate::eq, iv, 0);
      for (auto [value, first, buffer] : llvm::zip_equal(next, loaded, results)) {
        value = c.select(isFirst, first, value);
        storeBuffer(value, buffer, at);
      }
      return next;
    };
    SmallVector<Value> carried;
    int64_t step = scansLast ? lanes : 0;
    for (Value tile : op.getTiles())
      carried.push_back(c.zeroLike(Code::withLanes(carrierType(getElementTypeOrSelf(tile)), std::max(step, width))));
    Value done = c.index(0);
    if (step) {
      Value whole = c.roundDown(length, step);
      SmallVector<int64_t> last(step, step - 1);
      carried = carriedLoop(done, whole, step, carried, [&](Value iv, ValueRange before) {
        SmallVector<Value> next = take(iv, step, before);
        for (Value &value : next)
          value = c.shuffle(value, value, last);
        return next;
      });
      for (Value &value : carried)
        value = c.extract(value, 0);
      done = whole;
    }
    carriedLoop(done, length, 1, carried, [&](Value iv, ValueRange before) { return take(iv, 0, before); });
  });
}
