//===- Reduce.cpp - reductions and scans ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A reduction over the last dim keeps vectors of partial results, if its order is free, and combines them and their
// lanes at the end. A reduction over other dims combines whole vectors along the last one. Both read each element once.

#include "EmitterImpl.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Vectors of partial results such that the next one need not wait for the one before: as many as the slowest combining
/// function takes instructions.
static constexpr int64_t manyPartials = 4;
/// What computing an element costs at least where that takes longer than combining.
static constexpr int64_t hidesCombining = 16;

SmallVector<Value> Emitter::combine(Region &region, ValueRange left, ValueRange right) {
  Block &block = region.front();
  llvm::DenseMap<Value, Value> local;
  for (auto [argument, value] :
       llvm::zip(block.getArguments(), llvm::concat<const Value>(SmallVector<Value>(left), SmallVector<Value>(right))))
    local[argument] = value;
  auto lookup = [&](Value value) {
    auto it = local.find(value);
    return it != local.end() ? it->second : scalar(value);
  };
  int64_t lanes = 0;
  for (Value value : left)
    lanes = std::max(lanes, Code::lanes(value));
  for (Operation &op : block.without_terminator()) {
    if (isa<arith::ConstantOp>(op))
      continue;
    SmallVector<Value> operands;
    for (Value operand : op.getOperands())
      operands.push_back(lookup(operand));
    Value result = isElementwise(&op) ? emitElementwise(c, &op, operands) : Value();
    if (!result) {
      error(&op) << "the CPU target does not know '" << op.getName() << "' in a combining function";
      result = c.zeroLike(carrierType(op.getResult(0).getType()));
    }
    local[op.getResult(0)] = result;
  }
  SmallVector<Value> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(c.splat(lookup(value), lanes));
  return results;
}

SmallVector<Value> Emitter::foldLanes(Region &region, SmallVector<Value> values) {
  int64_t lanes = Code::lanes(values.front());
  for (; lanes > 1; lanes /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < lanes / 2; ++lane) {
      low.push_back(lane);
      high.push_back(lane + lanes / 2);
    }
    SmallVector<Value> left, right;
    for (Value value : values) {
      left.push_back(c.shuffle(value, value, low));
      right.push_back(c.shuffle(value, value, high));
    }
    values = combine(region, left, right);
  }
  for (Value &value : values)
    value = c.extract(value, 0);
  return values;
}

int64_t Emitter::partialVectors(tile::ReduceOp op, int64_t lanes) {
  int64_t cost = 0;
  for (Value tile : op.getTiles())
    cost += plan.cost(tile);
  RankedTensorType type = tileType(op.getTiles().front());
  int64_t size = type.getDimSize(vectorDim(type.getShape()));
  bool isShort = !ShapedType::isDynamic(size) && size < 2 * manyPartials * lanes;
  return isShort || cost >= hidesCombining ? 1 : manyPartials;
}

/// The reduced values at some indices of the kept dims. `lanes` is for the source's vector dim: where that is reduced,
/// partial results are carried in vectors and folded; where it is kept, the kept index has the lanes already.
SmallVector<Value> Emitter::reduceAlong(tile::ReduceOp op, ArrayRef<Index> kept, ArrayRef<int64_t> keptDims,
                                        int64_t lanes) {
  ArrayRef<int64_t> axes = op.getAxes();
  ArrayRef<int64_t> shape = tileType(op.getTiles().front()).getShape();
  int vectorAxis = lanes ? vectorDim(shape) : -1;
  SmallVector<Index> at(shape.size());
  for (auto [index, dim] : llvm::zip_equal(kept, keptDims))
    at[dim] = index;
  int64_t keptLanes = 0;
  for (const Index &index : kept)
    keptLanes = std::max(keptLanes, index.lanes);
  unsigned count = op.getTiles().size();
  int64_t partials = vectorAxis >= 0 ? partialVectors(op, lanes) : 0;
  SmallVector<Value> scalars, carried;
  for (Value init : op.getInit())
    scalars.push_back(c.splat(scalar(init), keptLanes));
  for (int64_t partial = 0; partial < partials; ++partial)
    for (Value init : scalars)
      carried.push_back(c.splat(init, lanes));
  llvm::append_range(carried, scalars);
  // The last `count` values are combined one by one; before them, with lanes, stand the partial ones.
  auto step = [&](SmallVector<Value> &values, unsigned first) {
    SmallVector<Value> loaded, left(ArrayRef<Value>(values).slice(first, count));
    for (auto [tile, value] : llvm::zip(op.getTiles(), left))
      loaded.push_back(c.splat(element(tile, at), Code::lanes(value)));
    llvm::copy(combine(op.getCombine(), left, loaded), values.begin() + first);
  };
  std::function<SmallVector<Value>(unsigned, ValueRange)> descend = [&](unsigned depth, ValueRange values) {
    SmallVector<Value> current(values);
    if (depth == axes.size()) {
      step(current, current.size() - count);
      return current;
    }
    int64_t axis = axes[depth];
    Value extent = extentOf(op.getOver()[depth]);
    Value done = c.index(0);
    if (axis == vectorAxis) {
      // The vector axis is the last of more than one element, so that nothing is left to descend into but dims of 1.
      for (int64_t rest : axes.drop_front(depth + 1))
        at[rest] = {c.index(0), 0};
      for (int64_t width = partials; width >= 1; width = width == 1 ? 0 : 1) {
        Value upper = c.roundDown(extent, width * lanes);
        current = carriedLoop(done, upper, width * lanes, current, [&](Value iv, ValueRange inner) {
          SmallVector<Value> next(inner);
          for (int64_t partial = 0; partial < width; ++partial) {
            at[axis] = {c.addConst(iv, partial * lanes), lanes};
            step(next, partial * count);
          }
          return next;
        });
        done = upper;
      }
    }
    return carriedLoop(done, extent, 1, current, [&](Value iv, ValueRange inner) {
      at[axis] = {iv, 0};
      return descend(depth + 1, inner);
    });
  };
  SmallVector<Value> result = descend(0, carried);
  SmallVector<Value> singles(ArrayRef<Value>(result).take_back(count));
  if (vectorAxis < 0)
    return singles;
  for (int64_t half = partials / 2; half >= 1; half /= 2)
    for (int64_t partial = 0; partial < half; ++partial) {
      ArrayRef<Value> all(result);
      SmallVector<Value> combined = combine(op.getCombine(), SmallVector<Value>(all.slice(partial * count, count)),
                                            SmallVector<Value>(all.slice((partial + half) * count, count)));
      llvm::copy(combined, result.begin() + partial * count);
    }
  SmallVector<Value> folded = foldLanes(op.getCombine(), SmallVector<Value>(ArrayRef<Value>(result).take_front(count)));
  return combine(op.getCombine(), folded, singles);
}

void Emitter::emitReduce(tile::ReduceOp op) {
  ArrayRef<int64_t> axes = op.getAxes();
  Value source = op.getTiles().front();
  RankedTensorType type = tileType(source);
  SmallVector<int64_t> keptDims;
  SmallVector<Value> counts, all = extents(source);
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!llvm::is_contained(axes, dim)) {
      keptDims.push_back(dim);
      counts.push_back(all[dim]);
    }
  Root root(*this);
  int dim = vectorDim(type.getShape());
  int64_t lanes = dim < 0 ? 0 : chooseLanes(op.getTiles(), type.getDimSize(dim));
  bool reducesLast = dim >= 0 && llvm::is_contained(axes, dim);
  if (reducesLast && !op.getCommutative())
    lanes = 0;
  // Whoever asks for the source from now on finds it in its buffer.
  auto finish = [&] {
    if (auto it = frame.pending.find(source); it != frame.pending.end()) {
      frame.buffers[source] = it->second;
      frame.pending.erase(source);
    }
  };
  if (keptDims.empty()) {
    for (auto [result, value] : llvm::zip_equal(op.getValues(), reduceAlong(op, {}, {}, lanes)))
      frame.scalars[result] = value;
    return finish();
  }
  SmallVector<Buffer> results;
  for (Value result : op.getValues())
    results.push_back(frame.buffers[result] = allocate(tileType(result)));
  int keptVector = -1;
  if (!reducesLast && lanes)
    keptVector = static_cast<int>(llvm::find(keptDims, dim) - keptDims.begin());
  forEach(counts, keptVector, keptVector < 0 ? 0 : lanes, [&](ArrayRef<Index> at) {
    SmallVector<Value> values = reduceAlong(op, at, keptDims, reducesLast ? lanes : 0);
    for (auto [buffer, value] : llvm::zip_equal(results, values))
      storeBuffer(value, buffer, at);
  });
  finish();
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
  int64_t lanes = dim < 0 || dim == axis ? 0 : chooseLanes(op.getTiles(), type.getDimSize(dim));
  forEach(counts, dim, lanes, [&](ArrayRef<Index> outer) {
    SmallVector<Index> at(outer);
    int64_t width = 0;
    for (const Index &index : outer)
      width = std::max(width, index.lanes);
    SmallVector<Value> init;
    for (Value tile : op.getTiles())
      init.push_back(c.zeroLike(Code::withLanes(carrierType(getElementTypeOrSelf(tile)), width)));
    carriedLoop(c.index(0), length, 1, init, [&](Value iv, ValueRange before) {
      at[axis] = {iv, 0};
      SmallVector<Value> loaded;
      for (Value tile : op.getTiles())
        loaded.push_back(c.splat(element(tile, at), width));
      SmallVector<Value> next = combine(op.getCombine(), before, loaded);
      Value isFirst = c.cmpConst(arith::CmpIPredicate::eq, iv, 0);
      for (auto [value, first, buffer] : llvm::zip_equal(next, loaded, results)) {
        value = c.select(isFirst, first, value);
        storeBuffer(value, buffer, at);
      }
      return next;
    });
  });
}
