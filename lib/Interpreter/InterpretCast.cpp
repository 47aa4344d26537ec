//===- InterpretCast.cpp - conversions ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// `tile.cast`, the language's `as`, and arith's conversions, which differ in what they leave undefined. Every float is
/// converted through a double, which holds it exactly; what remains is one rounding.
//
//===----------------------------------------------------------------------===//
#include "Elementwise.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

/// An integer's bits as a magnitude and a sign.
static std::pair<bool, uint64_t> splitSign(uint64_t bits, unsigned width, bool isUnsigned) {
  int64_t value = signExtend(bits, width);
  if (isUnsigned || value >= 0)
    return {false, bits};
  return {true, -static_cast<uint64_t>(value)};
}

/// Truncated toward zero and saturated at the ends of the integer type; NaN is 0.
static uint64_t truncateSaturated(double value, unsigned width, bool isUnsigned) {
  if (std::isnan(value))
    return 0;
  double whole = std::trunc(value);
  double beyond = std::ldexp(1.0, isUnsigned ? width : width - 1);
  if (isUnsigned)
    return whole >= beyond ? lowBits(~uint64_t(0), width) : whole <= 0 ? 0 : static_cast<uint64_t>(whole);
  uint64_t mostNegative = uint64_t(1) << (width - 1);
  if (whole >= beyond)
    return mostNegative - 1;
  return whole < -beyond ? mostNegative : lowBits(static_cast<uint64_t>(static_cast<int64_t>(whole)), width);
}

template <typename To>
static uint64_t roundFloat(double value, bool saturate) {
  if constexpr (To::width == 8)
    return saturate ? To::storeSaturated(value) : To::store(value);
  else
    return To::store(static_cast<typename To::Exact>(value));
}

/// What a conversion is asked to do.
struct Conversion {
  Type from, to;
  bool fromUnsigned = false, toUnsigned = false;
  /// Values beyond an f8 become its largest, as the language says.
  bool saturate = true;
};

/// Binds the result to the converted operand.
static LogicalResult convert(Machine &machine, Operation *op, const Conversion &how) {
  const Datum &source = machine.get(op->getOperand(0));
  Value value = op->getResult(0);
  unsigned fromWidth = elementWidth(how.from), toWidth = elementWidth(how.to);
  bool fromFloat = isa<FloatType>(how.from), toFloat = isa<FloatType>(how.to);
  LogicalResult status = failure();
  bool known = true;
  if (!fromFloat && !toFloat) {
    auto lane = [&](uint64_t x) -> uint64_t {
      if (how.to.isInteger(1))
        return x != 0;
      return lowBits(how.fromUnsigned ? x : static_cast<uint64_t>(signExtend(x, fromWidth)), toWidth);
    };
    status = mapLanes(machine, op, value, source, lane);
  } else if (!fromFloat) {
    known = withFormat(how.to, [&]<typename To>(To) {
      auto lane = [&](uint64_t x) -> uint64_t {
        auto [negative, magnitude] = splitSign(x, fromWidth, how.fromUnsigned);
        if constexpr (std::is_same_v<To, F64Format>)
          return To::store(negative ? -static_cast<double>(magnitude) : static_cast<double>(magnitude));
        else
          return roundFloat<To>(integerToOdd(negative, magnitude), how.saturate);
      };
      status = mapLanes(machine, op, value, source, lane);
    });
  } else if (!toFloat) {
    known = withFormat(how.from, [&]<typename From>(From) {
      auto lane = [&](uint64_t x) -> uint64_t {
        double number = From::load(x);
        return how.to.isInteger(1) ? number != 0 : truncateSaturated(number, toWidth, how.toUnsigned);
      };
      status = mapLanes(machine, op, value, source, lane);
    });
  } else {
    known = withFormat(how.from, [&]<typename From>(From) {
      known = withFormat(how.to, [&]<typename To>(To) {
        // A NaN keeps what fits of its bits, which a conversion to double and back would not quite do for equal types.
        auto lane = [&](uint64_t x) { return std::is_same_v<From, To> ? x : roundFloat<To>(From::load(x), how.saturate); };
        status = mapLanes(machine, op, value, source, lane);
      });
    }) && known;
  }
  return known ? status : failFormat(machine, op, toFloat ? how.to : how.from);
}

static LogicalResult evalCast(Machine &machine, tile::CastOp op) {
  Type from = elementType(op.getSource());
  // A bool is 0 or 1.
  bool fromUnsigned = op.getFromUnsigned() || from.isInteger(1);
  return convert(machine, op, {from, elementType(op.getValue()), fromUnsigned, op.getToUnsigned()});
}

/// arith's conversions between integers and floats, and between floats.
template <typename OpTy, bool isUnsigned>
static void addArithConversion(HandlerTable &table) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) {
    Conversion how{elementType(op->getOperand(0)), elementType(op->getResult(0)), isUnsigned, isUnsigned, false};
    return convert(machine, op, how);
  });
}

/// The low bits of the sign-extended (or zero-extended) operand, an `i1` too.
template <typename OpTy, bool isSigned>
static void addIntegerConversion(HandlerTable &table) {
  table.addHandler<OpTy>([](Machine &machine, Operation *op) {
    unsigned from = elementWidth(elementType(op->getOperand(0))), to = elementWidth(elementType(op->getResult(0)));
    auto lane = [=](uint64_t x) { return lowBits(isSigned ? static_cast<uint64_t>(signExtend(x, from)) : x, to); };
    return mapLanes(machine, op, op->getResult(0), machine.get(op->getOperand(0)), lane);
  });
}

static LogicalResult evalBitcast(Machine &machine, arith::BitcastOp op) {
  return mapLanes(machine, op, op.getResult(), machine.get(op.getIn()), [](uint64_t x) { return x; });
}

void tilec::interpreter::addCastOps(HandlerTable &table) {
  table.add<evalCast>();
  table.add<evalBitcast>();
  addIntegerConversion<arith::ExtSIOp, true>(table);
  addIntegerConversion<arith::ExtUIOp, false>(table);
  addIntegerConversion<arith::TruncIOp, false>(table);
  addIntegerConversion<arith::IndexCastOp, true>(table);
  addIntegerConversion<arith::IndexCastUIOp, false>(table);
  addArithConversion<arith::SIToFPOp, false>(table);
  addArithConversion<arith::UIToFPOp, true>(table);
  addArithConversion<arith::FPToSIOp, false>(table);
  addArithConversion<arith::FPToUIOp, true>(table);
  addArithConversion<arith::ExtFOp, false>(table);
  addArithConversion<arith::TruncFOp, false>(table);
}
