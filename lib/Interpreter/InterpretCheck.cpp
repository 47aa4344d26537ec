//===- InterpretCheck.cpp - expectations ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The check dialect: compares the elements inside the ranges and reports the first that differs.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"
#include "NumpyFormat.h"

#include "dialects/Check/Check.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

namespace {
/// Elements in row-major order; those of a constant and those of a value are compared alike.
struct Elements {
  SmallVector<int64_t, 4> strides;
  function_ref<uint64_t(int64_t)> bits;
};

/// How far elements may be apart.
struct Distance {
  uint64_t ulp = 0;
  double abs = 0, rel = 0;
};
} // namespace

/// Whether two elements have the same bits or are both NaN.
static bool isSame(Type type, uint64_t x, uint64_t y) {
  bool bothNaN = false;
  if (isa<FloatType>(type))
    (void)withFormat(
        type, [&]<typename Format>(Format) { bothNaN = std::isnan(Format::load(x)) && std::isnan(Format::load(y)); });
  return x == y || bothNaN;
}

/// The position of a float among the numbers of its type, in order; both zeros have position 0.
static int64_t orderOf(uint64_t bits, unsigned width) {
  uint64_t sign = uint64_t(1) << (width - 1);
  int64_t magnitude = static_cast<int64_t>(bits & (sign - 1));
  return bits & sign ? -magnitude : magnitude;
}

/// Whether `actual` is near `expected`, as check.expect_almost_eq says.
static bool isNear(Type type, uint64_t actual, uint64_t expected, const Distance &distance) {
  if (isSame(type, actual, expected))
    return true;
  double a = 0, e = 0;
  (void)withFormat(type, [&]<typename Format>(Format) {
    a = Format::load(actual);
    e = Format::load(expected);
  });
  if (!std::isfinite(a) || !std::isfinite(e))
    return false;
  unsigned width = elementWidth(type);
  int64_t from = orderOf(actual, width), to = orderOf(expected, width);
  uint64_t steps = from < to ? static_cast<uint64_t>(to) - static_cast<uint64_t>(from)
                             : static_cast<uint64_t>(from) - static_cast<uint64_t>(to);
  return steps <= distance.ulp || std::fabs(a - e) <= distance.abs + distance.rel * std::fabs(e);
}

static std::string formatElement(Type type, uint64_t bits) {
  auto kind = isa<FloatType>(type) ? PrintedType::Float : type.isInteger(1) ? PrintedType::Bool : PrintedType::Signed;
  return formatLikeNumpy({kind, type}, bits, {});
}

/// " element [2, 3] is", with the indices of the ranges; " the value is" for a scalar.
static std::string describePlace(Machine &machine, ValueRange over, ArrayRef<int64_t> index) {
  if (over.empty())
    return "the value";
  std::string text = "element [";
  for (auto [d, range] : llvm::enumerate(over))
    text += (d ? ", " : "") + std::to_string(machine.getRange(range).begin + index[d]);
  return text + "]";
}

/// Compares `actual` with `expected` inside `over`; `isGood` judges two elements.
static LogicalResult compare(Machine &machine, Operation *op, Value actual, ValueRange over, const Elements &expected,
                             function_ref<bool(uint64_t, uint64_t)> isGood) {
  const Datum &datum = machine.get(actual);
  SmallVector<int64_t> extents;
  for (Value range : over)
    extents.push_back(machine.getRange(range).extent);
  SmallVector<int64_t, 4> strides = rowMajorStrides(datum.dims());
  for (Odometer index(extents); index; ++index) {
    int64_t lane = linearIndex(*index, strides);
    if (const LaneState *states = datum.laneStates(); states && states[lane] != LaneState::Defined)
      return machine.failUndefined(op, states[lane], "an element to check");
    uint64_t is = datum.lanes()[lane], shouldBe = expected.bits(linearIndex(*index, expected.strides));
    if (isGood(is, shouldBe))
      continue;
    Type type = elementType(actual);
    return machine.fail(op, "'" + op->getName().getStringRef() + "': " + describePlace(machine, over, *index) + " is " +
                                formatElement(type, is) + ", expected " + formatElement(type, shouldBe));
  }
  return success();
}

/// Compares with another value.
template <typename OpTy>
static LogicalResult compareValues(Machine &machine, OpTy op, function_ref<bool(uint64_t, uint64_t)> isGood) {
  const Datum &expected = machine.get(op.getExpected());
  if (const LaneState *states = expected.laneStates()) {
    SmallVector<int64_t> extents;
    for (Value range : op.getOver())
      extents.push_back(machine.getRange(range).extent);
    SmallVector<int64_t, 4> strides = rowMajorStrides(expected.dims());
    for (Odometer index(extents); index; ++index)
      if (LaneState state = states[linearIndex(*index, strides)]; state != LaneState::Defined)
        return machine.failUndefined(op, state, "an expected element");
  }
  auto bits = [&](int64_t lane) { return expected.lanes()[lane]; };
  return compare(machine, op, op.getActual(), op.getOver(), {rowMajorStrides(expected.dims()), bits}, isGood);
}

/// Compares with a constant, whose dims the extents must be.
template <typename OpTy>
static LogicalResult compareConstant(Machine &machine, OpTy op, function_ref<bool(uint64_t, uint64_t)> isGood) {
  TypedAttr expected = op.getExpected();
  auto bitsOf = [](Attribute element) {
    if (auto number = dyn_cast<FloatAttr>(element))
      return number.getValue().bitcastToAPInt().getZExtValue();
    return cast<IntegerAttr>(element).getValue().getZExtValue();
  };
  auto dense = dyn_cast<DenseElementsAttr>(expected);
  ArrayRef<int64_t> dims = dense ? dense.getType().getShape() : ArrayRef<int64_t>();
  for (auto [d, range] : llvm::enumerate(op.getOver()))
    if (int64_t extent = machine.getRange(range).extent; extent != dims[d])
      return machine.fail(op, "'" + op->getName().getStringRef() + "': dim " + Twine(d) + " has " + Twine(extent) +
                                  " elements, expected " + Twine(dims[d]));
  auto bits = [&](int64_t position) {
    return bitsOf(dense ? *(dense.template value_begin<Attribute>() + position) : Attribute(expected));
  };
  return compare(machine, op, op.getActual(), op.getOver(), {rowMajorStrides(dims), bits}, isGood);
}

static LogicalResult evalExpectTrue(Machine &machine, check::ExpectTrueOp op) {
  auto bits = [](int64_t) { return uint64_t(1); };
  auto isTrue = [](uint64_t is, uint64_t) { return is != 0; };
  SmallVector<int64_t, 4> strides(op.getOver().size(), 0);
  return compare(machine, op, op.getCondition(), op.getOver(), {strides, bits}, isTrue);
}

/// What check.expect_eq means by the same.
template <typename OpTy> static auto sameAs(OpTy op) {
  return [type = elementType(op.getActual())](uint64_t x, uint64_t y) { return isSame(type, x, y); };
}

template <typename OpTy> static auto nearTo(OpTy op) {
  auto orZero = [](std::optional<APFloat> number) { return number ? number->convertToDouble() : 0.0; };
  Distance distance{static_cast<uint64_t>(op.getUlp().value_or(0)), orZero(op.getAbs()), orZero(op.getRel())};
  return
      [type = elementType(op.getActual()), distance](uint64_t x, uint64_t y) { return isNear(type, x, y, distance); };
}

static LogicalResult evalExpectEq(Machine &machine, check::ExpectEqOp op) {
  return compareValues(machine, op, sameAs(op));
}

static LogicalResult evalExpectEqConst(Machine &machine, check::ExpectEqConstOp op) {
  return compareConstant(machine, op, sameAs(op));
}

static LogicalResult evalExpectAlmostEq(Machine &machine, check::ExpectAlmostEqOp op) {
  return compareValues(machine, op, nearTo(op));
}

static LogicalResult evalExpectAlmostEqConst(Machine &machine, check::ExpectAlmostEqConstOp op) {
  return compareConstant(machine, op, nearTo(op));
}

void tilec::interpreter::addCheckOps(HandlerTable &table) {
  table.add<evalExpectTrue>();
  table.add<evalExpectEq>();
  table.add<evalExpectEqConst>();
  table.add<evalExpectAlmostEq>();
  table.add<evalExpectAlmostEqConst>();
}
