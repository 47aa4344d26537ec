//===- InterpretMemory.cpp - accesses to arrays ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Loads, stores and atomics. What their subscripts mean is written once, in `Access`; the ops differ in what they do
/// with each lane.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

namespace {
/// What becomes of a lane of an access.
enum class Fate {
  /// It accesses an element.
  Element,
  /// It lies outside the extent of a range: it does not exist.
  Outside,
  /// Its mask is false.
  Masked,
  /// A window takes it out of the array.
  BeyondArray,
};

/// The lanes of an access and the elements that they stand for.
class Access {
public:
  /// Reads the subscripts of `op`; `mask` may be null.
  static FailureOr<Access> get(Machine &machine, Operation *op, Value array, ValueRange subscripts, Value mask);

  Array &getArray() const { return *array; }
  /// The dims of the value; none for a scalar.
  ArrayRef<int64_t> getDims() const { return dims; }
  /// True if lanes exist by the values of integer tiles, not by ranges alone.
  bool isGather() const { return !gathered.empty(); }

  /// Calls `function(lane, fate, element index)` for every lane, in row-major order, until it fails.
  template <typename Function>
  LogicalResult forEachLane(Function function);

private:
  struct Subscript {
    /// Where lane 0 stands; the index itself where the dim is dropped.
    int64_t begin = 0;
    /// Lanes at and beyond it do not exist.
    int64_t extent = 0;
    /// The value's dim, or the first of an integer tile's; -1 where the dim is dropped.
    int dim = -1;
    bool isWindow = false;
    /// The integer tile that the subscript is.
    Value tile;
  };

  Access(Machine &machine, Operation *op, Array *array, Value mask) : machine(machine), op(op), array(array), mask(mask) {}

  /// The position of a lane in the integer tiles.
  int64_t gatheredLane(ArrayRef<int64_t> lane) const {
    return linearIndex(lane.slice(gatheredDim, gatheredStrides.size()), gatheredStrides);
  }
  FailureOr<Fate> locate(int64_t position, ArrayRef<int64_t> lane, SmallVectorImpl<int64_t> &element);
  LogicalResult failOutOfRange(size_t d, int64_t index);

  Machine &machine;
  Operation *op;
  Array *array;
  Value mask;
  SmallVector<int64_t, 4> dims, gatheredStrides;
  SmallVector<Subscript, 4> subscripts;
  SmallVector<Value, 2> gathered;
  int gatheredDim = 0;
};
} // namespace

FailureOr<Access> Access::get(Machine &machine, Operation *op, Value array, ValueRange subscripts, Value mask) {
  Access access(machine, op, machine.get(array).array, mask);
  for (Value value : subscripts) {
    Subscript &subscript = access.subscripts.emplace_back();
    if (isa<tile::RangeType, tile::WindowType>(value.getType())) {
      const RangeValue &range = machine.getRange(value);
      subscript.begin = range.begin;
      subscript.extent = range.extent;
      subscript.dim = access.dims.size();
      subscript.isWindow = isa<tile::WindowType>(value.getType());
      access.dims.push_back(range.size);
    } else if (isa<RankedTensorType>(value.getType())) {
      ArrayRef<int64_t> shape = machine.get(value).dims();
      if (access.gathered.empty()) {
        access.gatheredDim = access.dims.size();
        access.gatheredStrides = rowMajorStrides(shape);
        access.dims.append(shape.begin(), shape.end());
      } else if (shape != machine.get(access.gathered.front()).dims()) {
        (void)machine.failInternally(op, "integer tiles of different shapes as subscripts");
        return failure();
      }
      subscript.dim = access.gatheredDim;
      subscript.tile = value;
      access.gathered.push_back(value);
    } else {
      FailureOr<int64_t> index = machine.getScalar(op, value);
      if (failed(index))
        return failure();
      subscript.begin = *index;
    }
  }
  if (mask && machine.get(mask).dims() != ArrayRef<int64_t>(access.dims)) {
    (void)machine.failInternally(op, "a mask of another shape");
    return failure();
  }
  return access;
}

LogicalResult Access::failOutOfRange(size_t d, int64_t index) {
  return machine.fail(op, "index " + Twine(index) + " is out of range for dim " + Twine(d) + " of '" + array->name() +
                              "', which has " + Twine(array->extents()[d]) + " elements");
}

FailureOr<Fate> Access::locate(int64_t position, ArrayRef<int64_t> lane, SmallVectorImpl<int64_t> &element) {
  for (const Subscript &subscript : subscripts)
    if (subscript.dim >= 0 && !subscript.tile && lane[subscript.dim] >= subscript.extent)
      return Fate::Outside;
  for (Value tile : gathered)
    if (machine.get(tile).tile->state(gatheredLane(lane)) == LaneState::Outside)
      return Fate::Outside;
  if (mask) {
    const Datum &datum = machine.get(mask);
    LaneState state = datum.laneStates() ? datum.laneStates()[position] : LaneState::Defined;
    if (state == LaneState::Outside && isGather())
      return Fate::Outside;
    if (state != LaneState::Defined)
      return machine.failUndefined(op, state, "an element of the mask");
    if (!datum.lanes()[position])
      return Fate::Masked;
  }
  bool isBeyond = false;
  element.clear();
  for (auto [d, subscript] : llvm::enumerate(subscripts)) {
    int64_t index = subscript.begin;
    if (subscript.tile) {
      const Tile &tile = *machine.get(subscript.tile).tile;
      int64_t from = gatheredLane(lane);
      if (tile.state(from) != LaneState::Defined)
        return machine.failUndefined(op, tile.state(from), "a subscript");
      index = signExtend(tile.bits[from], elementWidth(elementType(subscript.tile)));
    } else if (subscript.dim >= 0) {
      index += lane[subscript.dim];
    }
    if (index < 0 || index >= array->extents()[d]) {
      if (!subscript.isWindow)
        return failOutOfRange(d, index);
      isBeyond = true;
    }
    element.push_back(index);
  }
  return isBeyond ? Fate::BeyondArray : Fate::Element;
}

template <typename Function>
LogicalResult Access::forEachLane(Function function) {
  SmallVector<int64_t, 4> element;
  int64_t position = 0;
  for (Odometer lane(dims); lane; ++lane, ++position) {
    FailureOr<Fate> fate = locate(position, *lane, element);
    if (failed(fate) || failed(function(position, *fate, ArrayRef<int64_t>(element))))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// lanes in and out
//===----------------------------------------------------------------------===//

/// The lanes of a loaded or an old value: a tile, or one lane.
static FailureOr<Datum> makeValue(Machine &machine, Operation *op, const Access &access, Value value) {
  if (!isa<RankedTensorType>(value.getType()))
    return Datum(uint64_t(0));
  TilePtr tile = machine.makeTile(op, access.getDims());
  if (!tile)
    return failure();
  return Datum(std::move(tile));
}

static void setLane(Datum &datum, int64_t lane, uint64_t bits) { (datum.tile ? datum.tile->bits[lane] : datum.bits) = bits; }

static void loseLane(Datum &datum, int64_t lane) {
  if (datum.tile)
    datum.tile->setState(lane, LaneState::Outside);
  else
    datum.state = LaneState::Outside;
}

static std::string elementName(const Array &array, ArrayRef<int64_t> element) {
  std::string name;
  llvm::raw_string_ostream stream(name);
  stream << array.name() << '[';
  llvm::interleaveComma(element, stream);
  stream << ']';
  return name;
}

static FailureOr<uint64_t> readElement(Machine &machine, Operation *op, Array &array, ArrayRef<int64_t> element) {
  std::optional<uint64_t> bits = machine.getMemory().read(op, array, element);
  if (!bits)
    return machine.fail(op, "reads " + elementName(array, element) + ", which was never written");
  return *bits;
}

/// The bits of a lane that an access writes. Nothing, without an error, where a scatter's lane turns out not to exist.
static FailureOr<std::optional<uint64_t>> writtenLane(Machine &machine, Operation *op, const Access &access, Value value, int64_t lane) {
  const Datum &datum = machine.get(value);
  LaneState state = datum.laneStates() ? datum.laneStates()[lane] : LaneState::Defined;
  if (state == LaneState::Outside && access.isGather())
    return std::optional<uint64_t>();
  if (state != LaneState::Defined)
    return machine.failUndefined(op, state, "an element to store");
  return std::optional<uint64_t>(datum.lanes()[lane]);
}

static LogicalResult checkShape(Machine &machine, Operation *op, const Access &access, Value value) {
  if (machine.get(value).dims() != access.getDims())
    return machine.failInternally(op, "a value of another shape than its subscripts keep");
  return success();
}

//===----------------------------------------------------------------------===//
// the ops
//===----------------------------------------------------------------------===//

static LogicalResult evalLoad(Machine &machine, tile::LoadOp op) {
  FailureOr<Access> access = Access::get(machine, op, op.getArray(), op.getSubscripts(), op.getMask());
  if (failed(access))
    return failure();
  FailureOr<Datum> value = makeValue(machine, op, *access, op.getValue());
  if (failed(value))
    return failure();
  Datum pad = op.getPad() ? machine.get(op.getPad()) : Datum(uint64_t(0));
  auto lane = [&](int64_t lane, Fate fate, ArrayRef<int64_t> element) -> LogicalResult {
    if (fate == Fate::Outside)
      return loseLane(*value, lane), success();
    if (fate != Fate::Element) {
      if (pad.state != LaneState::Defined)
        return machine.failUndefined(op, pad.state, "a pad value");
      return setLane(*value, lane, pad.bits), success();
    }
    FailureOr<uint64_t> bits = readElement(machine, op, access->getArray(), element);
    if (failed(bits))
      return failure();
    return setLane(*value, lane, *bits), success();
  };
  if (failed(access->forEachLane(lane)))
    return failure();
  machine.set(op.getValue(), std::move(*value));
  return success();
}

static LogicalResult evalStore(Machine &machine, tile::StoreOp op) {
  FailureOr<Access> access = Access::get(machine, op, op.getArray(), op.getSubscripts(), op.getMask());
  if (failed(access) || failed(checkShape(machine, op, *access, op.getValue())))
    return failure();
  auto lane = [&](int64_t lane, Fate fate, ArrayRef<int64_t> element) -> LogicalResult {
    if (fate != Fate::Element)
      return success();
    FailureOr<std::optional<uint64_t>> bits = writtenLane(machine, op, *access, op.getValue(), lane);
    if (failed(bits))
      return failure();
    if (*bits)
      machine.getMemory().write(op, access->getArray(), element, **bits);
    return success();
  };
  return access->forEachLane(lane);
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

template <typename Format>
static uint64_t combineFloats(tile::AtomicKind kind, uint64_t old, uint64_t value) {
  auto x = Format::load(old), y = Format::load(value);
  if (kind == tile::AtomicKind::addf)
    return Format::store(x + y);
  return Format::store(kind == tile::AtomicKind::maxf ? largerFloat(x, y) : smallerFloat(x, y));
}

static LogicalResult evalAtomicRMW(Machine &machine, tile::AtomicRMWOp op) {
  FailureOr<Access> access = Access::get(machine, op, op.getArray(), op.getSubscripts(), op.getMask());
  if (failed(access) || failed(checkShape(machine, op, *access, op.getValue())))
    return failure();
  FailureOr<Datum> old = makeValue(machine, op, *access, op.getOld());
  if (failed(old))
    return failure();
  Type type = elementType(op.getValue());
  auto combine = [&](uint64_t before, uint64_t value) {
    uint64_t after = value;
    bool isFloat = isa<FloatType>(type) && op.getKind() != tile::AtomicKind::xchg;
    if (!isFloat)
      return combineIntegers(op.getKind(), before, value, elementWidth(type));
    (void)withFormat(type, [&]<typename Format>(Format) { after = combineFloats<Format>(op.getKind(), before, value); });
    return after;
  };
  auto lane = [&](int64_t lane, Fate fate, ArrayRef<int64_t> element) -> LogicalResult {
    if (fate == Fate::Outside)
      return loseLane(*old, lane), success();
    if (fate != Fate::Element)
      return success();
    FailureOr<std::optional<uint64_t>> value = writtenLane(machine, op, *access, op.getValue(), lane);
    if (failed(value))
      return failure();
    if (!*value)
      return loseLane(*old, lane), success();
    FailureOr<uint64_t> before = readElement(machine, op, access->getArray(), element);
    if (failed(before))
      return failure();
    machine.getMemory().write(op, access->getArray(), element, combine(*before, **value));
    return setLane(*old, lane, *before), success();
  };
  if (failed(access->forEachLane(lane)))
    return failure();
  machine.set(op.getOld(), std::move(*old));
  return success();
}

static LogicalResult evalAtomicCAS(Machine &machine, tile::AtomicCASOp op) {
  FailureOr<Access> access = Access::get(machine, op, op.getArray(), op.getSubscripts(), op.getMask());
  if (failed(access) || failed(checkShape(machine, op, *access, op.getValue())) ||
      failed(checkShape(machine, op, *access, op.getExpected())))
    return failure();
  FailureOr<Datum> old = makeValue(machine, op, *access, op.getOld());
  if (failed(old))
    return failure();
  auto lane = [&](int64_t lane, Fate fate, ArrayRef<int64_t> element) -> LogicalResult {
    if (fate == Fate::Outside)
      return loseLane(*old, lane), success();
    if (fate == Fate::BeyondArray)
      return success();
    FailureOr<std::optional<uint64_t>> expected = writtenLane(machine, op, *access, op.getExpected(), lane);
    FailureOr<std::optional<uint64_t>> value = writtenLane(machine, op, *access, op.getValue(), lane);
    if (failed(expected) || failed(value))
      return failure();
    if (!*expected || !*value)
      return loseLane(*old, lane), success();
    if (fate == Fate::Masked)
      return setLane(*old, lane, **expected), success();
    FailureOr<uint64_t> before = readElement(machine, op, access->getArray(), element);
    if (failed(before))
      return failure();
    if (*before == **expected)
      machine.getMemory().write(op, access->getArray(), element, **value);
    return setLane(*old, lane, *before), success();
  };
  if (failed(access->forEachLane(lane)))
    return failure();
  machine.set(op.getOld(), std::move(*old));
  return success();
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
  machine.set(op.getArray(), Datum(machine.getMemory().add(std::make_unique<Array>(name, extents, bytes))));
  return success();
}

/// Tokens order accesses; a run in program order needs none of them.
static LogicalResult evalToken(Machine &, tile::TokenOp) { return success(); }
static LogicalResult evalJoin(Machine &, tile::JoinOp) { return success(); }

void tilec::interpreter::addMemoryOps(HandlerTable &table) {
  table.add<evalLoad>();
  table.add<evalStore>();
  table.add<evalAtomicRMW>();
  table.add<evalAtomicCAS>();
  table.add<evalArray>();
  table.add<evalToken>();
  table.add<evalJoin>();
}
