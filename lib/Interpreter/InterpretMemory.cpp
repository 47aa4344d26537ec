//===- InterpretMemory.cpp - accesses to arrays ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Loads, stores and atomics: each says which lanes access an element and what the others read, and issues that as one
/// access. When it is performed is AccessQueue.h's.
//
//===----------------------------------------------------------------------===//
#include "Footprint.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

//===----------------------------------------------------------------------===//
// lanes in and out
//===----------------------------------------------------------------------===//

/// The bits of a lane that an access writes. Nothing, without an error, where a scatter's lane turns out not to exist.
static FailureOr<std::optional<uint64_t>> writtenLane(Machine &machine, Operation *op, const Footprint &footprint,
                                                      const Datum &datum, int64_t lane) {
  LaneState state = datum.laneStates() ? datum.laneStates()[lane] : LaneState::Defined;
  if (state == LaneState::Outside && footprint.isGather())
    return std::optional<uint64_t>();
  if (state != LaneState::Defined)
    return machine.failUndefined(op, state, "an element to store");
  return std::optional<uint64_t>(datum.lanes()[lane]);
}

static LogicalResult checkShape(Machine &machine, Operation *op, const Footprint &footprint, const Datum &value) {
  if (value.dims() != footprint.getDims())
    return machine.failInternally(op, "a value of another shape than its subscripts keep");
  return success();
}

/// An access of `op` that reads, with a value whose lanes are 0; null after an error.
static AccessPtr makeRead(Machine &machine, Operation *op, const Footprint &footprint) {
  AccessPtr access(new Access(op, &footprint.getArray()));
  access->result = machine.makeTile(op, footprint.getDims());
  return access->result ? access : nullptr;
}

//===----------------------------------------------------------------------===//
// the ops
//===----------------------------------------------------------------------===//

static LogicalResult evalLoad(Machine &machine, tile::LoadOp op) {
  FailureOr<Footprint> footprint = Footprint::get(machine, op, op.getArray(), op.getSubscripts(), op.getMask());
  if (failed(footprint))
    return failure();
  AccessPtr access = makeRead(machine, op, *footprint);
  if (!access)
    return failure();
  Tile &value = *access->result;
  Datum pad = op.getPad() ? machine.get(op.getPad()) : Datum(uint64_t(0));
  auto addLane = [&](const Access::Lane &lane, Fate fate) -> LogicalResult {
    if (fate == Fate::Element)
      return access->lanes.push_back(lane), success();
    if (fate == Fate::Outside)
      return value.setState(lane.lane, LaneState::Outside), success();
    if (pad.state != LaneState::Defined)
      return machine.failUndefined(op, pad.state, "a pad value");
    value.bits[lane.lane] = pad.bits;
    return success();
  };
  access->lanes.reserve(value.size());
  if (failed(footprint->forEachLane(addLane)))
    return failure();
  return machine.getAccesses().issue(access, op.getValue(), op.getToken(), op.getAfter());
}

static LogicalResult evalStore(Machine &machine, tile::StoreOp op) {
  FailureOr<Footprint> footprint = Footprint::get(machine, op, op.getArray(), op.getSubscripts(), op.getMask());
  if (failed(footprint))
    return failure();
  AccessPtr access(new Access(op, &footprint->getArray()));
  Datum value = machine.get(op.getValue());
  // Which lanes a load has is known before their bits are.
  access->source = value.awaited;
  if (access->source)
    value = readValue(*access->source);
  if (failed(checkShape(machine, op, *footprint, value)))
    return failure();
  auto addLane = [&](Access::Lane lane, Fate fate) -> LogicalResult {
    if (fate != Fate::Element)
      return success();
    FailureOr<std::optional<uint64_t>> bits = writtenLane(machine, op, *footprint, value, lane.lane);
    if (failed(bits))
      return failure();
    if (*bits) {
      lane.value = **bits;
      access->lanes.push_back(lane);
    }
    return success();
  };
  if (failed(footprint->forEachLane(addLane)))
    return failure();
  return machine.getAccesses().issue(access, Value(), op.getToken(), op.getAfter());
}

/// What an atomic op leaves in an element that held `old`.
static uint64_t combineIntegers(tile::AtomicKind kind, uint64_t old, uint64_t value, unsigned width) {
  int64_t signedOld = signExtend(old, width), signedValue = signExtend(value, width);
  switch (kind) {
  case tile::AtomicKind::addi:
    return lowBits(old + value, width);
  case tile::AtomicKind::maxs:
    return signedOld > signedValue ? old : value;
  case tile::AtomicKind::mins:
    return signedOld < signedValue ? old : value;
  case tile::AtomicKind::maxu:
    return std::max(old, value);
  case tile::AtomicKind::minu:
    return std::min(old, value);
  case tile::AtomicKind::andi:
    return old & value;
  case tile::AtomicKind::ori:
    return old | value;
  case tile::AtomicKind::xori:
    return old ^ value;
  case tile::AtomicKind::xchg:
  case tile::AtomicKind::addf:
  case tile::AtomicKind::maxf:
  case tile::AtomicKind::minf:
    return value;
  }
  llvm_unreachable("an atomic kind");
}

template <typename Format> static uint64_t combineFloats(tile::AtomicKind kind, uint64_t old, uint64_t value) {
  auto x = Format::load(old), y = Format::load(value);
  if (kind == tile::AtomicKind::addf)
    return Format::store(x + y);
  return Format::store(kind == tile::AtomicKind::maxf ? largerFloat(x, y) : smallerFloat(x, y));
}

/// A function of the old bits and the lane's.
static std::function<uint64_t(uint64_t, uint64_t)> combination(tile::AtomicKind kind, Type type) {
  if (isa<FloatType>(type) && kind != tile::AtomicKind::xchg) {
    std::function<uint64_t(uint64_t, uint64_t)> function;
    (void)withFormat(type, [&]<typename Format>(Format) {
      function = [kind](uint64_t old, uint64_t value) { return combineFloats<Format>(kind, old, value); };
    });
    return function;
  }
  return [kind, width = elementWidth(type)](uint64_t old, uint64_t value) {
    return combineIntegers(kind, old, value, width);
  };
}

static LogicalResult evalAtomicRMW(Machine &machine, tile::AtomicRMWOp op) {
  FailureOr<Footprint> footprint = Footprint::get(machine, op, op.getArray(), op.getSubscripts(), op.getMask());
  if (failed(footprint) || failed(checkShape(machine, op, *footprint, machine.get(op.getValue()))))
    return failure();
  AccessPtr access = makeRead(machine, op, *footprint);
  if (!access)
    return failure();
  access->combine = combination(op.getKind(), elementType(op.getValue()));
  if (!access->combine)
    return machine.failInternally(op, "the interpreter has no format for the elements of this atomic");
  if (op.getKind() == tile::AtomicKind::addf)
    (void)withFormat(elementType(op.getValue()), [&]<typename Format>(Format) {
      access->magnitude = [](uint64_t bits) { return std::fabs(static_cast<double>(Format::load(bits))); };
    });
  Tile &old = *access->result;
  auto addLane = [&](Access::Lane lane, Fate fate) -> LogicalResult {
    if (fate == Fate::Outside)
      return old.setState(lane.lane, LaneState::Outside), success();
    if (fate != Fate::Element)
      return success();
    FailureOr<std::optional<uint64_t>> value =
        writtenLane(machine, op, *footprint, machine.get(op.getValue()), lane.lane);
    if (failed(value))
      return failure();
    if (!*value)
      return old.setState(lane.lane, LaneState::Outside), success();
    lane.value = **value;
    access->lanes.push_back(lane);
    return success();
  };
  if (failed(footprint->forEachLane(addLane)))
    return failure();
  return machine.getAccesses().issue(access, op.getOld(), op.getToken(), op.getAfter());
}

static LogicalResult evalAtomicCAS(Machine &machine, tile::AtomicCASOp op) {
  FailureOr<Footprint> footprint = Footprint::get(machine, op, op.getArray(), op.getSubscripts(), op.getMask());
  if (failed(footprint) || failed(checkShape(machine, op, *footprint, machine.get(op.getValue()))) ||
      failed(checkShape(machine, op, *footprint, machine.get(op.getExpected()))))
    return failure();
  AccessPtr access = makeRead(machine, op, *footprint);
  if (!access)
    return failure();
  Tile &old = *access->result;
  auto addLane = [&](Access::Lane lane, Fate fate) -> LogicalResult {
    if (fate == Fate::Outside)
      return old.setState(lane.lane, LaneState::Outside), success();
    if (fate == Fate::BeyondArray)
      return success();
    FailureOr<std::optional<uint64_t>> expected =
        writtenLane(machine, op, *footprint, machine.get(op.getExpected()), lane.lane);
    FailureOr<std::optional<uint64_t>> value =
        writtenLane(machine, op, *footprint, machine.get(op.getValue()), lane.lane);
    if (failed(expected) || failed(value))
      return failure();
    if (!*expected || !*value)
      return old.setState(lane.lane, LaneState::Outside), success();
    if (fate == Fate::Masked)
      return old.bits[lane.lane] = **expected, success();
    lane.expected = **expected;
    lane.value = **value;
    access->lanes.push_back(lane);
    return success();
  };
  if (failed(footprint->forEachLane(addLane)))
    return failure();
  return machine.getAccesses().issue(access, op.getOld(), op.getToken(), op.getAfter());
}

static LogicalResult evalArray(Machine &machine, tile::ArrayOp op) {
  auto type = cast<MemRefType>(op.getArray().getType());
  SmallVector<int64_t> extents;
  unsigned next = 0;
  for (int64_t extent : type.getShape()) {
    if (!ShapedType::isDynamic(extent)) {
      extents.push_back(extent);
      continue;
    }
    FailureOr<int64_t> given = machine.getScalar(op, op.getExtents()[next++]);
    if (failed(given))
      return failure();
    extents.push_back(*given);
  }
  unsigned bytes = llvm::divideCeil(elementWidth(type.getElementType()), 8);
  if (failed(machine.checkAllocation(op, extents, bytes)))
    return failure();
  std::string name = op.getName().value_or("temporary").str();
  Array *array = machine.getMemory().add(std::make_unique<Array>(name, extents, bytes));
  if (RaceDetector *races = machine.getRaces())
    races->addArray(array);
  machine.set(op.getArray(), Datum(array));
  return success();
}

static LogicalResult evalToken(Machine &machine, tile::TokenOp op) {
  machine.set(op.getToken(), Datum(TokenPtr()));
  return success();
}

static LogicalResult evalJoin(Machine &machine, tile::JoinOp op) {
  machine.set(op.getToken(), Datum(machine.getToken(op.getTokens())));
  return success();
}

void tilec::interpreter::addMemoryOps(HandlerTable &table) {
  table.add<evalLoad>();
  table.add<evalStore>();
  table.add<evalAtomicRMW>();
  table.add<evalAtomicCAS>();
  table.add<evalArray>();
  table.add<evalToken>();
  table.add<evalJoin>();
}
