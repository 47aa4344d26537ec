//===- InterpretMath.cpp - elementary functions ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The math ops. Those that round correctly (sqrt, fma, rounding to integers) do; the others are computed with bits to
/// spare (double for f32 and narrower, long double for f64) and rounded once.
//
//===----------------------------------------------------------------------===//
#include "Elementwise.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

/// Enters a function whose result in the format's `Exact` type needs no or one more rounding.
template <typename OpTy, typename Function>
static void addExact(HandlerTable &table, Function) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) { return mapFloat(machine, cast<OpTy>(op), Function()); });
}

/// Enters a function that is computed in the format's `Wide` type.
template <typename OpTy, typename Function>
static void addWide(HandlerTable &table, Function) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) {
    LogicalResult status = failure();
    Type type = elementType(op->getOperand(0));
    bool known = withFormat(type, [&]<typename Format>(Format) {
      auto lane = [](uint64_t x) {
        return Format::storeWide(Function()(static_cast<typename Format::Wide>(Format::load(x))));
      };
      status = mapLanes(machine, op, op->getResult(0), machine.get(op->getOperand(0)), lane);
    });
    return known ? status : failFormat(machine, op, type);
  });
}

/// As addWide, of two operands.
template <typename OpTy, typename Function>
static void addWide2(HandlerTable &table, Function) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) {
    LogicalResult status = failure();
    Type type = elementType(op->getOperand(0));
    bool known = withFormat(type, [&]<typename Format>(Format) {
      using Wide = typename Format::Wide;
      auto lane = [](uint64_t x, uint64_t y) {
        return Format::storeWide(Function()(static_cast<Wide>(Format::load(x)), static_cast<Wide>(Format::load(y))));
      };
      status = mapLanes(machine, op, op->getResult(0), machine.get(op->getOperand(0)), machine.get(op->getOperand(1)), lane);
    });
    return known ? status : failFormat(machine, op, type);
  });
}

/// Enters a question about a float.
template <typename OpTy, typename Function>
static void addPredicate(HandlerTable &table, Function) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) {
    LogicalResult status = failure();
    Type type = elementType(op->getOperand(0));
    bool known = withFormat(type, [&]<typename Format>(Format) {
      auto lane = [](uint64_t x) -> uint64_t { return Function()(Format::load(x)); };
      status = mapLanes(machine, op, op->getResult(0), machine.get(op->getOperand(0)), lane);
    });
    return known ? status : failFormat(machine, op, type);
  });
}

static LogicalResult evalFma(Machine &machine, math::FmaOp op) {
  LogicalResult status = failure();
  bool known = withFormat(elementType(op.getA()), [&]<typename Format>(Format) {
    auto lane = [](uint64_t x, uint64_t y, uint64_t z) {
      if constexpr (Format::width <= 16)
        return Format::store(multiplyAddToOdd(Format::load(x), Format::load(y), Format::load(z)));
      else
        return Format::store(multiplyAdd(Format::load(x), Format::load(y), Format::load(z)));
    };
    status = mapLanes(machine, op, op.getResult(), machine.get(op.getA()), machine.get(op.getB()), machine.get(op.getC()), lane);
  });
  return known ? status : failFormat(machine, op, elementType(op.getA()));
}

/// Clears the sign alone, so that NaN keeps its bits.
static LogicalResult evalAbsF(Machine &machine, math::AbsFOp op) {
  unsigned width = elementWidth(elementType(op.getResult()));
  return mapLanes(machine, op, op.getResult(), machine.get(op.getOperand()), [=](uint64_t x) { return lowBits(x, width - 1); });
}

static LogicalResult evalCopySign(Machine &machine, math::CopySignOp op) {
  uint64_t sign = uint64_t(1) << (elementWidth(elementType(op.getResult())) - 1);
  auto lane = [=](uint64_t x, uint64_t y) { return (x & ~sign) | (y & sign); };
  return mapLanes(machine, op, op.getResult(), machine.get(op.getLhs()), machine.get(op.getRhs()), lane);
}

static LogicalResult evalAbsI(Machine &machine, math::AbsIOp op) {
  unsigned width = elementWidth(elementType(op.getResult()));
  auto lane = [=](uint64_t x) { return lowBits(signExtend(x, width) < 0 ? -x : x, width); };
  return mapLanes(machine, op, op.getResult(), machine.get(op.getOperand()), lane);
}

/// Powers of integers wrap. A negative exponent gives the quotient 1 / x^-y rounded toward zero.
static uint64_t integerPower(uint64_t x, uint64_t y, unsigned width) {
  int64_t base = signExtend(x, width), exponent = signExtend(y, width);
  if (exponent < 0)
    return base == 1 ? 1 : base == -1 ? (exponent & 1 ? lowBits(~uint64_t(0), width) : 1) : 0;
  uint64_t power = 1;
  for (uint64_t square = x; exponent; exponent >>= 1, square *= square)
    if (exponent & 1)
      power *= square;
  return lowBits(power, width);
}

static LogicalResult evalIPowI(Machine &machine, math::IPowIOp op) {
  unsigned width = elementWidth(elementType(op.getResult()));
  const Datum base = machine.get(op.getLhs()), exponent = machine.get(op.getRhs());
  auto lane = [=](uint64_t x, uint64_t y) { return integerPower(x, y, width); };
  if (failed(mapLanes(machine, op, op.getResult(), base, exponent, lane)))
    return failure();
  const Datum &result = machine.get(op.getResult());
  const LaneState *states = result.laneStates();
  for (size_t i = 0, e = result.laneCount(); i != e; ++i)
    if (base.lanes()[base.tile ? i : 0] == 0 && signExtend(exponent.lanes()[exponent.tile ? i : 0], width) < 0 &&
        (!states || states[i] == LaneState::Defined))
      return machine.fail(op, "division by zero: 0 to a negative power");
  return success();
}

template <typename OpTy, typename Function>
static void addBitCount(HandlerTable &table, Function) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) {
    unsigned width = elementWidth(elementType(op->getResult(0)));
    auto lane = [=](uint64_t x) -> uint64_t { return Function()(x, width); };
    return mapLanes(machine, op, op->getResult(0), machine.get(op->getOperand(0)), lane);
  });
}

void tilec::interpreter::addMathOps(HandlerTable &table) {
  addExact<math::CeilOp>(table, [](auto x) { return std::ceil(x); });
  addExact<math::FloorOp>(table, [](auto x) { return std::floor(x); });
  addExact<math::TruncOp>(table, [](auto x) { return std::trunc(x); });
  addExact<math::RoundOp>(table, [](auto x) { return std::round(x); });
  // The default rounding mode, which nothing here changes, takes halves to even.
  addExact<math::RoundEvenOp>(table, [](auto x) { return std::nearbyint(x); });
  addExact<math::SqrtOp>(table, [](auto x) { return std::sqrt(x); });
  addWide<math::AcosOp>(table, [](auto x) { return std::acos(x); });
  addWide<math::AcoshOp>(table, [](auto x) { return std::acosh(x); });
  addWide<math::AsinOp>(table, [](auto x) { return std::asin(x); });
  addWide<math::AsinhOp>(table, [](auto x) { return std::asinh(x); });
  addWide<math::AtanOp>(table, [](auto x) { return std::atan(x); });
  addWide<math::AtanhOp>(table, [](auto x) { return std::atanh(x); });
  addWide<math::CbrtOp>(table, [](auto x) { return std::cbrt(x); });
  addWide<math::CosOp>(table, [](auto x) { return std::cos(x); });
  addWide<math::CoshOp>(table, [](auto x) { return std::cosh(x); });
  addWide<math::ErfOp>(table, [](auto x) { return std::erf(x); });
  addWide<math::ErfcOp>(table, [](auto x) { return std::erfc(x); });
  addWide<math::ExpOp>(table, [](auto x) { return std::exp(x); });
  addWide<math::Exp2Op>(table, [](auto x) { return std::exp2(x); });
  addWide<math::ExpM1Op>(table, [](auto x) { return std::expm1(x); });
  addWide<math::LogOp>(table, [](auto x) { return std::log(x); });
  addWide<math::Log10Op>(table, [](auto x) { return std::log10(x); });
  addWide<math::Log1pOp>(table, [](auto x) { return std::log1p(x); });
  addWide<math::Log2Op>(table, [](auto x) { return std::log2(x); });
  addWide<math::RsqrtOp>(table, [](auto x) { return 1 / std::sqrt(x); });
  addWide<math::SinOp>(table, [](auto x) { return std::sin(x); });
  addWide<math::SinhOp>(table, [](auto x) { return std::sinh(x); });
  addWide<math::TanOp>(table, [](auto x) { return std::tan(x); });
  addWide<math::TanhOp>(table, [](auto x) { return std::tanh(x); });
  addWide2<math::Atan2Op>(table, [](auto x, auto y) { return std::atan2(x, y); });
  addWide2<math::PowFOp>(table, [](auto x, auto y) { return std::pow(x, y); });
  addPredicate<math::IsNaNOp>(table, [](auto x) { return std::isnan(x); });
  addPredicate<math::IsInfOp>(table, [](auto x) { return std::isinf(x); });
  addPredicate<math::IsFiniteOp>(table, [](auto x) { return std::isfinite(x); });
  addBitCount<math::CtPopOp>(table, [](uint64_t x, unsigned) { return llvm::popcount(x); });
  addBitCount<math::CountLeadingZerosOp>(table, [](uint64_t x, unsigned width) { return llvm::countl_zero(x) - (64 - width); });
  addBitCount<math::CountTrailingZerosOp>(table, [](uint64_t x, unsigned width) { return x ? llvm::countr_zero(x) : width; });
  table.add<evalFma>();
  table.add<evalAbsF>();
  table.add<evalAbsI>();
  table.add<evalCopySign>();
  table.add<evalIPowI>();
}
