//===- Footprint.cpp - the elements of an access ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// From subscripts to elements.
//
//===----------------------------------------------------------------------===//
#include "Footprint.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

FailureOr<Footprint> Footprint::get(Machine &machine, Operation *op, Value array, ValueRange subscripts, Value mask) {
  Footprint footprint(machine, op, machine.get(array).array);
  for (Value value : subscripts) {
    Subscript &subscript = footprint.subscripts.emplace_back();
    if (isa<tile::RangeType, tile::WindowType>(value.getType())) {
      const RangeValue &range = machine.getRange(value);
      subscript.begin = range.begin;
      subscript.extent = range.extent;
      subscript.dim = footprint.dims.size();
      subscript.isWindow = isa<tile::WindowType>(value.getType());
      footprint.dims.push_back(range.size);
    } else if (isa<RankedTensorType>(value.getType())) {
      subscript.tile = machine.get(value).tile;
      subscript.width = elementWidth(elementType(value));
      ArrayRef<int64_t> shape = subscript.tile->dims;
      if (footprint.gathered.empty()) {
        footprint.gatheredDim = footprint.dims.size();
        footprint.gatheredStrides = rowMajorStrides(shape);
        footprint.dims.append(shape.begin(), shape.end());
      } else if (shape != ArrayRef<int64_t>(footprint.gathered.front()->dims)) {
        (void)machine.failInternally(op, "integer tiles of different shapes as subscripts");
        return failure();
      }
      subscript.dim = footprint.gatheredDim;
      footprint.gathered.push_back(subscript.tile);
    } else {
      FailureOr<int64_t> index = machine.getScalar(op, value);
      if (failed(index))
        return failure();
      subscript.begin = *index;
    }
  }
  if (mask)
    footprint.mask = machine.get(mask);
  if (mask && footprint.mask->dims() != ArrayRef<int64_t>(footprint.dims)) {
    (void)machine.failInternally(op, "a mask of another shape");
    return failure();
  }
  return footprint;
}

LogicalResult Footprint::failOutOfRange(size_t d, int64_t index) {
  return machine->fail(op, "index " + Twine(index) + " is out of range for dim " + Twine(d) + " of '" + array->name() +
                               "', which has " + Twine(array->extents()[d]) + " elements");
}

FailureOr<Fate> Footprint::locate(ArrayRef<int64_t> index, Access::Lane &lane) {
  for (const Subscript &subscript : subscripts)
    if (subscript.dim >= 0 && !subscript.tile && index[subscript.dim] >= subscript.extent)
      return Fate::Outside;
  for (const TilePtr &tile : gathered)
    if (tile->state(gatheredLane(index)) == LaneState::Outside)
      return Fate::Outside;
  if (mask) {
    LaneState state = mask->laneStates() ? mask->laneStates()[lane.lane] : LaneState::Defined;
    if (state == LaneState::Outside && isGather())
      return Fate::Outside;
    if (state != LaneState::Defined)
      return machine->failUndefined(op, state, "an element of the mask");
    if (!mask->lanes()[lane.lane])
      return Fate::Masked;
  }
  bool isBeyond = false;
  element.clear();
  for (auto [d, subscript] : llvm::enumerate(subscripts)) {
    int64_t place = subscript.begin;
    if (subscript.tile) {
      int64_t from = gatheredLane(index);
      if (subscript.tile->state(from) != LaneState::Defined)
        return machine->failUndefined(op, subscript.tile->state(from), "a subscript");
      place = signExtend(subscript.tile->bits[from], subscript.width);
    } else if (subscript.dim >= 0) {
      place += index[subscript.dim];
    }
    if (place < 0 || place >= array->extents()[d]) {
      if (!subscript.isWindow)
        return failOutOfRange(d, place);
      isBeyond = true;
    }
    element.push_back(place);
  }
  if (isBeyond)
    return Fate::BeyondArray;
  lane.element = array->element(element);
  lane.offset = array->offset(element);
  return Fate::Element;
}
