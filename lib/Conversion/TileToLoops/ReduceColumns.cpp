//===- ReduceColumns.cpp - reductions over rows ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A reduction over another dim than the last, where that is long: rows are read a few at a time from end to end, and
// the columns' results lie in scratch meanwhile. Going down one vector of columns after another would read a line of
// each page. The elements of a column are combined in the same order either way.

#include "EmitterImpl.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Rows that are read side by side: their lines find a place in the first cache though they lie whole pages apart.
static constexpr int64_t rowsAtOnce = 4;

bool Emitter::readsRowsInTurn(tile::ReduceOp op) {
  int64_t rows = tileType(op.getTiles().front()).getDimSize(op.getAxes().front());
  return (ShapedType::isDynamic(rows) || rows > 2 * rowsAtOnce) && llvm::all_of(op.getValues(), [](Value result) {
           Type element = tileType(result).getElementType();
           return scratchType(element) == carrierType(element);
         });
}

void Emitter::reduceRowsInTurn(tile::ReduceOp op, ArrayRef<Buffer> results, ArrayRef<Value> counts,
                               ArrayRef<int64_t> keptDims, int vectorDim, int64_t lanes) {
  ArrayRef<int64_t> axes = op.getAxes();
  SmallVector<Value> inits;
  for (Value init : op.getInit())
    inits.push_back(scalar(init));
  forEach(
      counts, vectorDim, lanes,
      [&](ArrayRef<Index> at) {
        for (auto [init, buffer] : llvm::zip_equal(inits, results))
          storeBuffer(c.splat(init, lanesAt(at)), buffer, at);
      },
      restOfRow());
  SmallVector<Index> place(tileType(op.getTiles().front()).getRank());
  std::function<SmallVector<Value>(unsigned, ValueRange)> descend = [&](unsigned depth, ValueRange before) {
    if (depth == axes.size()) {
      SmallVector<Value> loaded, left(before);
      for (auto [tile, value] : llvm::zip(op.getTiles(), left))
        loaded.push_back(c.splat(element(tile, place), Code::lanes(value)));
      return combine(op.getCombine(), left, loaded);
    }
    return carriedLoop(c.index(0), extentOf(op.getOver()[depth]), 1, before, [&](Value iv, ValueRange inner) {
      place[axes[depth]] = {iv, 0};
      return descend(depth + 1, inner);
    });
  };
  Value rows = extentOf(op.getOver().front());
  loop(c.index(0), rows, rowsAtOnce, [&](Value first) {
    Value end = c.minS(c.addConst(first, rowsAtOnce), rows);
    forEach(
        counts, vectorDim, lanes,
        [&](ArrayRef<Index> at) {
          for (auto [index, dim] : llvm::zip_equal(at, keptDims))
            place[dim] = index;
          SmallVector<Value> before;
          for (const Buffer &buffer : results)
            before.push_back(loadBuffer(buffer, at));
          SmallVector<Value> after = carriedLoop(first, end, 1, before, [&](Value row, ValueRange inner) {
            place[axes.front()] = {row, 0};
            return descend(1, inner);
          });
          for (auto [value, buffer] : llvm::zip_equal(after, results))
            storeBuffer(value, buffer, at);
        },
        restOfRow());
  });
}
