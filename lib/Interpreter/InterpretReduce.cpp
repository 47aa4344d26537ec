//===- InterpretReduce.cpp - reductions, scans and sorts ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Ops along one or more dims. A reduction combines whole slices: its region runs once per position in the reduced dims,
/// on all the remaining lanes at once, which is the same for each lane as combining its elements one by one in
/// row-major order.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

#include <numeric>

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

/// Runs a combining region on `left` and `right`, whose lanes stand for elements, and puts the result in `left`.
static LogicalResult combine(Machine &machine, Block &region, MutableArrayRef<Datum> left, ArrayRef<Datum> right) {
  size_t count = left.size();
  for (size_t i = 0; i != count; ++i) {
    machine.set(region.getArgument(i), left[i]);
    machine.set(region.getArgument(count + i), right[i]);
  }
  if (failed(machine.runBlock(region)))
    return failure();
  for (auto [datum, value] : llvm::zip_equal(left, region.getTerminator()->getOperands()))
    datum = machine.get(value);
  return success();
}

/// The tile of `dims` whose lanes stand in `source` under `strides`, from lane `first` on.
static FailureOr<Datum> takeSlice(Machine &machine, Operation *op, const Datum &source, int64_t first, ArrayRef<int64_t> dims,
                                  ArrayRef<int64_t> strides) {
  TilePtr slice = machine.makeTile(op, dims);
  if (!slice)
    return failure();
  size_t lane = 0;
  for (Odometer index(dims); index; ++index, ++lane) {
    int64_t from = first + linearIndex(*index, strides);
    slice->bits[lane] = source.lanes()[from];
    slice->setState(lane, source.tile->state(from));
  }
  return Datum(std::move(slice));
}

/// A tile of `dims` with one value; a region may yield a scalar where it does not depend on its arguments.
static FailureOr<Datum> splat(Machine &machine, Operation *op, const Datum &scalar, ArrayRef<int64_t> dims) {
  if (scalar.tile)
    return scalar;
  TilePtr tile = machine.makeTile(op, dims);
  if (!tile)
    return failure();
  std::fill(tile->bits.begin(), tile->bits.end(), scalar.bits);
  if (scalar.state != LaneState::Defined)
    tile->states.assign(tile->size(), scalar.state);
  return Datum(std::move(tile));
}

static LogicalResult evalReduce(Machine &machine, tile::ReduceOp op) {
  ArrayRef<int64_t> shape = machine.get(op.getTiles().front()).dims();
  SmallVector<int64_t, 4> strides = rowMajorStrides(shape), keptDims, keptStrides, reducedStrides, extents;
  for (size_t d = 0; d != shape.size(); ++d) {
    if (llvm::is_contained(op.getAxes(), static_cast<int64_t>(d))) {
      reducedStrides.push_back(strides[d]);
      continue;
    }
    keptDims.push_back(shape[d]);
    keptStrides.push_back(strides[d]);
  }
  for (Value range : op.getOver())
    extents.push_back(machine.getRange(range).extent);
  SmallVector<Datum, 2> accumulated;
  for (Value init : op.getInit())
    accumulated.push_back(machine.get(init));
  for (Odometer index(extents); index; ++index) {
    SmallVector<Datum, 2> slices;
    for (Value tile : op.getTiles()) {
      FailureOr<Datum> slice =
          takeSlice(machine, op, machine.get(tile), linearIndex(*index, reducedStrides), keptDims, keptStrides);
      if (failed(slice))
        return failure();
      slices.push_back(std::move(*slice));
    }
    if (failed(combine(machine, op.getCombine().front(), accumulated, slices)))
      return failure();
  }
  for (auto [value, datum] : llvm::zip_equal(op.getValues(), accumulated)) {
    FailureOr<Datum> tile = splat(machine, op, datum, keptDims);
    if (failed(tile))
      return failure();
    bool isScalar = !isa<RankedTensorType>(value.getType());
    machine.set(value, isScalar ? Datum(tile->lanes()[0], tile->tile->state(0)) : std::move(*tile));
  }
  return success();
}

static LogicalResult evalScan(Machine &machine, tile::ScanOp op) {
  ArrayRef<int64_t> shape = machine.get(op.getTiles().front()).dims();
  SmallVector<int64_t, 4> strides = rowMajorStrides(shape), keptStrides = strides, keptDims(shape);
  int64_t axis = op.getAxis(), stride = strides[axis], extent = machine.getRange(op.getOver().front()).extent;
  keptDims.erase(keptDims.begin() + axis);
  keptStrides.erase(keptStrides.begin() + axis);
  SmallVector<TilePtr, 2> results;
  for (Value value : op.getValues()) {
    (void)value;
    TilePtr &result = results.emplace_back(machine.makeTile(op, shape));
    if (!result)
      return failure();
    result->states.assign(result->size(), LaneState::Outside);
  }
  SmallVector<Datum, 2> accumulated;
  for (int64_t position = 0; position != extent; ++position) {
    SmallVector<Datum, 2> slices;
    for (Value tile : op.getTiles()) {
      FailureOr<Datum> slice = takeSlice(machine, op, machine.get(tile), position * stride, keptDims, keptStrides);
      if (failed(slice))
        return failure();
      slices.push_back(std::move(*slice));
    }
    if (position == 0)
      accumulated = slices;
    else if (failed(combine(machine, op.getCombine().front(), accumulated, slices)))
      return failure();
    for (auto [result, datum] : llvm::zip_equal(results, accumulated)) {
      FailureOr<Datum> tile = splat(machine, op, datum, keptDims);
      if (failed(tile))
        return failure();
      size_t lane = 0;
      for (Odometer index(keptDims); index; ++index, ++lane) {
        int64_t to = position * stride + linearIndex(*index, keptStrides);
        result->bits[to] = tile->lanes()[lane];
        result->setState(to, tile->tile->state(lane));
      }
    }
  }
  for (auto [value, result] : llvm::zip_equal(op.getValues(), results))
    machine.set(value, Datum(std::move(result)));
  return success();
}

//===----------------------------------------------------------------------===//
// sort and topk
//===----------------------------------------------------------------------===//

/// Keys of one element type: an order in which NaN is largest and -0 equals +0.
static bool isLess(Type type, bool isUnsigned, uint64_t x, uint64_t y) {
  if (isa<FloatType>(type)) {
    bool less = false;
    (void)withFormat(type, [&]<typename Format>(Format) {
      auto a = Format::load(x), b = Format::load(y);
      less = std::isnan(b) ? !std::isnan(a) : a < b;
    });
    return less;
  }
  unsigned width = elementWidth(type);
  return isUnsigned || width == 1 ? x < y : signExtend(x, width) < signExtend(y, width);
}

/// Calls `function(first, index)` for every line of a tile along an axis: where its first lane stands.
template <typename Function>
static LogicalResult forEachLine(ArrayRef<int64_t> shape, int64_t axis, Function function) {
  SmallVector<int64_t, 4> dims(shape), strides = rowMajorStrides(shape);
  dims[axis] = 1;
  for (Odometer index(dims); index; ++index)
    if (failed(function(linearIndex(*index, strides), *index)))
      return failure();
  return success();
}

/// The positions along a line in the order that `precedes` gives, ties by position.
template <typename Function>
static SmallVector<int64_t> orderedPositions(int64_t count, Function precedes) {
  SmallVector<int64_t> positions(count);
  std::iota(positions.begin(), positions.end(), 0);
  llvm::sort(positions, [&](int64_t x, int64_t y) { return precedes(x, y) || (!precedes(y, x) && x < y); });
  return positions;
}

/// Binds `values` and `indices` to the first `range.extent` elements of each line of `source` as `precedes(x, y)`
/// orders them.
template <typename Function>
static LogicalResult sortLines(Machine &machine, Operation *op, Value source, int64_t axis, const RangeValue &over,
                               const RangeValue &range, Value values, Value indices, Function precedes) {
  const Tile &from = *machine.get(source).tile;
  SmallVector<int64_t, 4> dims(from.dims);
  dims[axis] = range.size;
  TilePtr sorted = machine.makeTile(op, dims), positions = machine.makeTile(op, dims);
  if (!sorted || !positions)
    return failure();
  SmallVector<int64_t, 4> toStrides = rowMajorStrides(dims);
  int64_t stride = rowMajorStrides(from.dims)[axis];
  sorted->states.assign(sorted->size(), LaneState::Outside);
  auto line = [&](int64_t first, ArrayRef<int64_t> index) {
    int64_t to = linearIndex(index, toStrides);
    LaneState state = LaneState::Defined;
    for (int64_t n = 0; n != over.extent; ++n)
      state = std::max(state, from.state(first + n * stride));
    auto before = [&](int64_t x, int64_t y) { return precedes(from.bits[first + x * stride], from.bits[first + y * stride]); };
    SmallVector<int64_t> order = orderedPositions(over.extent, before);
    for (int64_t n = 0; n != range.extent; ++n) {
      int64_t lane = to + n * toStrides[axis];
      if (n < over.extent) {
        sorted->bits[lane] = from.bits[first + order[n] * stride];
        positions->bits[lane] = order[n];
      }
      sorted->states[lane] = n < over.extent ? state : LaneState::Missing;
    }
    return success();
  };
  if (failed(forEachLine(from.dims, axis, line)))
    return failure();
  positions->states = sorted->states;
  machine.set(values, Datum(std::move(sorted)));
  machine.set(indices, Datum(std::move(positions)));
  return success();
}

static LogicalResult evalSort(Machine &machine, tile::SortOp op) {
  Type type = elementType(op.getSource());
  const RangeValue &over = machine.getRange(op.getOver());
  auto ascending = [&](uint64_t x, uint64_t y) { return isLess(type, op.getIsUnsigned(), x, y); };
  return sortLines(machine, op, op.getSource(), op.getAxis(), over, over, op.getSorted(), op.getIndices(), ascending);
}

static LogicalResult evalTopK(Machine &machine, tile::TopKOp op) {
  Type type = elementType(op.getSource());
  auto descending = [&](uint64_t x, uint64_t y) { return isLess(type, op.getIsUnsigned(), y, x); };
  return sortLines(machine, op, op.getSource(), op.getAxis(), machine.getRange(op.getOver()), machine.getRange(op.getRange()),
                   op.getLargest(), op.getIndices(), descending);
}

void tilec::interpreter::addReduceOps(HandlerTable &table) {
  table.add<evalReduce>();
  table.add<evalScan>();
  table.add<evalSort>();
  table.add<evalTopK>();
}
