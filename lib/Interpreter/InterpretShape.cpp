//===- InterpretShape.cpp - creation and change of shape ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Each op says, for a lane of the result, which lane of the source it is. What an op makes for a range has no value
/// outside the range's extent.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

static SmallVector<int64_t, 4> sizesOf(Machine &machine, ValueRange ranges) {
  SmallVector<int64_t, 4> sizes;
  for (Value range : ranges)
    sizes.push_back(machine.getRange(range).size);
  return sizes;
}

/// True if a lane lies inside the extents of all ranges.
static bool isInside(Machine &machine, ArrayRef<int64_t> index, ValueRange ranges) {
  for (auto [position, range] : llvm::zip_equal(index, ranges))
    if (position >= machine.getRange(range).extent)
      return false;
  return true;
}

/// Binds `value` to the tile of `dims` whose lane at `index` is lane `sourceLane(index)` of `source`.
template <typename Function>
static LogicalResult gatherLanes(Machine &machine, Operation *op, Value value, const Datum &source, ArrayRef<int64_t> dims,
                                 Function sourceLane) {
  TilePtr tile = machine.makeTile(op, dims);
  if (!tile)
    return failure();
  const LaneState *states = source.laneStates();
  size_t lane = 0;
  for (Odometer index(dims); index; ++index, ++lane) {
    int64_t from = sourceLane(*index);
    tile->bits[lane] = source.lanes()[from];
    if (states)
      tile->setState(lane, states[from]);
  }
  machine.set(value, Datum(std::move(tile)));
  return success();
}

/// The lanes that `tile` has outside the extents of `ranges`, one per dim, lose their values.
static void clip(Machine &machine, Tile &tile, ValueRange ranges) {
  bool isWhole = llvm::all_of(ranges, [&](Value range) {
    return machine.getRange(range).extent == machine.getRange(range).size;
  });
  if (isWhole)
    return;
  size_t lane = 0;
  for (Odometer index(tile.dims); index; ++index, ++lane)
    if (!isInside(machine, *index, ranges))
      tile.setState(lane, LaneState::Outside);
}

//===----------------------------------------------------------------------===//
// creation
//===----------------------------------------------------------------------===//

static LogicalResult evalFull(Machine &machine, tile::FullOp op) {
  TilePtr tile = machine.makeTile(op, sizesOf(machine, op.getRanges()));
  if (!tile)
    return failure();
  const Datum &scalar = machine.get(op.getScalar());
  std::fill(tile->bits.begin(), tile->bits.end(), scalar.bits);
  if (scalar.state != LaneState::Defined)
    tile->states.assign(tile->size(), scalar.state);
  clip(machine, *tile, op.getRanges());
  machine.set(op.getValue(), Datum(std::move(tile)));
  return success();
}

static LogicalResult evalIota(Machine &machine, tile::IotaOp op) {
  TilePtr tile = machine.makeTile(op, machine.getRange(op.getRange()).size);
  if (!tile)
    return failure();
  for (size_t lane = 0; lane != tile->size(); ++lane)
    tile->bits[lane] = lowBits(machine.getRange(op.getRange()).begin + lane, 32);
  clip(machine, *tile, op.getOperation()->getOperands());
  machine.set(op.getValue(), Datum(std::move(tile)));
  return success();
}

//===----------------------------------------------------------------------===//
// change of shape
//===----------------------------------------------------------------------===//

static LogicalResult evalExpandDims(Machine &machine, tile::ExpandDimsOp op) {
  auto tile = TilePtr(new Tile(*machine.get(op.getSource()).tile));
  tile->dims.insert(tile->dims.begin() + op.getAxis(), 1);
  machine.set(op.getValue(), Datum(std::move(tile)));
  return success();
}

static LogicalResult evalBroadcast(Machine &machine, tile::BroadcastOp op) {
  const Datum &source = machine.get(op.getSource());
  SmallVector<int64_t, 4> dims = sizesOf(machine, op.getRanges()), strides = rowMajorStrides(source.dims());
  size_t newDims = dims.size() - strides.size();
  for (size_t d = 0; d != strides.size(); ++d) {
    if (source.dims()[d] == 1)
      strides[d] = 0;
    else if (source.dims()[d] != dims[newDims + d])
      return machine.failInternally(op, "a broadcast of " + Twine(source.dims()[d]) + " to " + Twine(dims[newDims + d]));
  }
  auto from = [&](ArrayRef<int64_t> index) { return linearIndex(index.drop_front(newDims), strides); };
  if (failed(gatherLanes(machine, op, op.getValue(), source, dims, from)))
    return failure();
  clip(machine, *machine.get(op.getValue()).tile, op.getRanges());
  return success();
}

static LogicalResult evalReshape(Machine &machine, tile::ReshapeOp op) {
  const Datum &source = machine.get(op.getSource());
  SmallVector<int64_t, 4> dims = sizesOf(machine, op.getRanges()), strides = rowMajorStrides(dims);
  int64_t count = 1;
  for (int64_t size : dims)
    count *= size;
  if (count != static_cast<int64_t>(source.laneCount()))
    return machine.failInternally(op, "a reshape of " + Twine(source.laneCount()) + " elements to " + Twine(count));
  if (!isa<RankedTensorType>(op.getValue().getType())) {
    machine.set(op.getValue(), Datum(source.lanes()[0], source.laneStates() ? source.laneStates()[0] : LaneState::Defined));
    return success();
  }
  return gatherLanes(machine, op, op.getValue(), source, dims, [&](ArrayRef<int64_t> index) { return linearIndex(index, strides); });
}

static LogicalResult evalPermute(Machine &machine, tile::PermuteOp op) {
  const Datum &source = machine.get(op.getSource());
  SmallVector<int64_t, 4> sourceStrides = rowMajorStrides(source.dims()), dims, strides;
  for (int64_t d : op.getOrder()) {
    dims.push_back(source.dims()[d]);
    strides.push_back(sourceStrides[d]);
  }
  return gatherLanes(machine, op, op.getValue(), source, dims, [&](ArrayRef<int64_t> index) { return linearIndex(index, strides); });
}

static LogicalResult evalCat(Machine &machine, tile::CatOp op) {
  const Datum &lhs = machine.get(op.getLhs()), &rhs = machine.get(op.getRhs());
  size_t axis = op.getAxis();
  SmallVector<int64_t, 4> dims(lhs.dims());
  int64_t cut = dims[axis];
  dims[axis] += rhs.dims()[axis];
  TilePtr tile = machine.makeTile(op, dims);
  if (!tile)
    return failure();
  SmallVector<int64_t, 4> lhsStrides = rowMajorStrides(lhs.dims()), rhsStrides = rowMajorStrides(rhs.dims());
  size_t lane = 0;
  for (Odometer index(dims); index; ++index, ++lane) {
    bool isLeft = (*index)[axis] < cut;
    const Datum &source = isLeft ? lhs : rhs;
    int64_t from = linearIndex(*index, isLeft ? lhsStrides : rhsStrides) - (isLeft ? 0 : cut * rhsStrides[axis]);
    tile->bits[lane] = source.lanes()[from];
    tile->setState(lane, source.tile->state(from));
  }
  machine.set(op.getValue(), Datum(std::move(tile)));
  return success();
}

static LogicalResult evalSlice(Machine &machine, tile::SliceOp op) {
  const Datum &source = machine.get(op.getSource());
  SmallVector<int64_t, 4> dims(source.dims()), strides = rowMajorStrides(source.dims());
  dims[op.getAxis()] = machine.getRange(op.getRange()).size;
  int64_t first = op.getOffset() * strides[op.getAxis()];
  return gatherLanes(machine, op, op.getValue(), source, dims,
                     [&](ArrayRef<int64_t> index) { return first + linearIndex(index, strides); });
}

static LogicalResult evalElement(Machine &machine, tile::ElementOp op) {
  FailureOr<int64_t> at = machine.getScalar(op, op.getAt());
  if (failed(at))
    return failure();
  int64_t extent = machine.getRange(op.getOver()).extent;
  if (*at < 0 || *at >= extent)
    return machine.fail(op, "element " + Twine(*at) + " of a dim of " + Twine(extent));
  const Datum &source = machine.get(op.getSource());
  SmallVector<int64_t, 4> dims(source.dims()), strides = rowMajorStrides(source.dims());
  int64_t first = *at * strides[op.getAxis()];
  dims.erase(dims.begin() + op.getAxis());
  strides.erase(strides.begin() + op.getAxis());
  if (!isa<RankedTensorType>(op.getValue().getType())) {
    machine.set(op.getValue(), Datum(source.lanes()[first], source.tile->state(first)));
    return success();
  }
  return gatherLanes(machine, op, op.getValue(), source, dims,
                     [&](ArrayRef<int64_t> index) { return first + linearIndex(index, strides); });
}

void tilec::interpreter::addShapeOps(HandlerTable &table) {
  table.add<evalFull>();
  table.add<evalIota>();
  table.add<evalExpandDims>();
  table.add<evalBroadcast>();
  table.add<evalReshape>();
  table.add<evalPermute>();
  table.add<evalCat>();
  table.add<evalSlice>();
  table.add<evalElement>();
}
