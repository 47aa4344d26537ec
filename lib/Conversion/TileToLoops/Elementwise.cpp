//===- Elementwise.cpp - elementwise ops on carriers ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One element or vector of arith, math and tile ops that work on elements alone. Ops whose meaning upstream is ours are
// created again on the carriers; f16, bf16 and f8 are computed in f32 and rounded after each op.

#include "Elements.h"

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

/// f32 or f64 to integers: truncated, saturated, NaN to 0. LLVM's saturating conversion takes the lanes of a vector one
/// by one; what is in range before it is converted needs none.
static Value floatToInt(Code &c, Value x, Type to, bool isUnsigned) {
  if (!Code::lanes(x)) {
    StringRef name = isUnsigned ? "llvm.fptoui.sat" : "llvm.fptosi.sat";
    return LLVM::CallIntrinsicOp::create(c.b, c.loc, to, c.b.getStringAttr(name), ValueRange{x}).getResult(0);
  }
  unsigned bits = to.getIntOrFloatBitWidth();
  bool isSmall = bits < 32; // All its numbers are floats and fit in an i32.
  double beyond = std::ldexp(1.0, isUnsigned ? bits : bits - 1), least = isUnsigned ? 0 : -beyond;
  bool isDouble = getElementTypeOrSelf(x).isF64();
  double largest = isSmall ? beyond - 1 : isDouble ? std::nextafter(beyond, 0.0) : std::nextafterf(beyond, 0.0f);
  Value low = c.floatLike(x.getType(), least), high = c.floatLike(x.getType(), largest);
  // A NaN is no comparison's larger side.
  Value inside = c.select(c.cmpF(CmpFPredicate::OGT, x, low), x, low);
  inside = c.select(c.cmpF(CmpFPredicate::OLT, inside, high), inside, high);
  Type type = Code::withElement(x.getType(), isSmall ? c.i32() : to);
  Value result = isUnsigned && !isSmall ? c.op<arith::FPToUIOp>(type, inside) : c.op<arith::FPToSIOp>(type, inside);
  if (!isSmall) {
    APInt most = isUnsigned ? APInt::getMaxValue(bits) : APInt::getSignedMaxValue(bits);
    Value isBeyond = c.cmpF(CmpFPredicate::OGE, x, c.floatLike(x.getType(), beyond));
    result = c.select(isBeyond, c.intLike(type, most.getSExtValue()), result);
  }
  if (!isUnsigned)
    result = c.select(c.cmpF(CmpFPredicate::UNO, x, x), c.intLike(type, 0), result);
  return c.resize(result, to);
}

/// Integers to the carrier of `to`, rounded once.
static Value intToFloat(Code &c, Value x, Type to, bool isUnsigned) {
  Type from = getElementTypeOrSelf(x);
  unsigned bits = from.getIntOrFloatBitWidth();
  auto direct = [&](Value value, Type element) -> Value {
    Type type = Code::withElement(value.getType(), element);
    if (isUnsigned || bits == 1)
      return c.op<arith::UIToFPOp>(type, value);
    return c.op<arith::SIToFPOp>(type, value);
  };
  if (!isNarrowFloat(to))
    return direct(x, to);
  if (bits <= 16) // Exact in f32.
    return roundTo(c, direct(x, c.f32()), to);
  if (bits == 64) {
    // Keep 53 bits and whether anything below was dropped: only values of more bits than that are changed.
    Value low = c.cmpConst(CmpIPredicate::ne, c.andConst(x, 0x7ff), 0);
    Value sticky = c.bitOr(c.andConst(x, ~0x7ffll), c.shl(c.resize(low, c.i64(), true), 10));
    Value top = c.op<arith::ShRSIOp>(x, c.intLike(x.getType(), 53));
    Value biased = isUnsigned ? c.lshr(x, 53) : c.addConst(top, 1);
    Value isWide = c.cmpConst(CmpIPredicate::ugt, biased, isUnsigned ? 0 : 1);
    x = c.select(isWide, sticky, x);
  }
  return roundTo(c, truncToOdd(c, direct(x, c.b.getF64Type())), to);
}

Value loops::convert(Code &c, Value x, Type from, Type to, bool fromUnsigned, bool toUnsigned) {
  Type carrier = carrierType(to);
  Type type = Code::withElement(x.getType(), carrier);
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  if (to.isInteger(1))
    return fromFloat ? c.cmpF(CmpFPredicate::UNE, x, c.zeroLike(x.getType())) : c.cmpConst(CmpIPredicate::ne, x, 0);
  if (!fromFloat)
    return toFloat ? intToFloat(c, x, to, fromUnsigned) : c.resize(x, carrier, fromUnsigned);
  if (!toFloat)
    return floatToInt(c, x, to, toUnsigned);
  if (from.isF64() && isNarrowFloat(to))
    return roundTo(c, truncToOdd(c, x), to);
  if (from.isF64() && carrier.isF32())
    return c.op<arith::TruncFOp>(type, x);
  if (to.isF64() && !from.isF64())
    return c.op<arith::ExtFOp>(type, x);
  return from == to ? x : roundTo(c, x, to);
}

/// The bits of an element as another type of the same width.
static Value emitBitcast(Code &c, Value x, Type from, Type to) {
  Value stored = narrow(c, x, from);
  return widen(c, c.bitcast(stored, storageType(to)), to);
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// x / y rounded towards zero, y being neither 0 nor -1. Vectors of integers cannot be divided but by constants. f64
/// hold every i32, and their quotient, rounded, is on the same side of each integer: it is off by less than 2^31 / |y|
/// * 2^-52, and a quotient that is no integer differs from each by 1 / |y| at least.
static Value quotientTowardsZero(Code &c, Value x, Value y) {
  int64_t lanes = Code::lanes(x);
  if (!lanes || !getElementTypeOrSelf(x.getType()).isInteger(32) || matchPattern(y, m_Constant()))
    return c.op<arith::DivSIOp>(x, y);
  Type doubles = Code::withLanes(c.b.getF64Type(), lanes);
  Value quotient = c.divF(c.op<arith::SIToFPOp>(doubles, x), c.op<arith::SIToFPOp>(doubles, y));
  return c.op<arith::FPToSIOp>(x.getType(), quotient);
}

/// Division that rounds down, and its remainder. By zero it gives anything, but never traps.
static std::pair<Value, Value> floorDivMod(Code &c, Value x, Value y, bool isUnsigned) {
  Type type = x.getType();
  Value isZero = c.cmpConst(CmpIPredicate::eq, y, 0);
  Value one = c.intLike(type, 1);
  if (isUnsigned) {
    Value safe = c.select(isZero, one, y);
    return {c.op<arith::DivUIOp>(x, safe), c.op<arith::RemUIOp>(x, safe)};
  }
  // Division by -1 is negation, which wraps where the division instruction traps.
  Value isMinusOne = c.cmpConst(CmpIPredicate::eq, y, -1);
  Value safe = c.select(c.bitOr(isZero, isMinusOne), one, y);
  Value quotient = quotientTowardsZero(c, x, safe);
  Value rest = c.sub(x, c.mul(quotient, safe));
  Value wrong =
      c.bitAnd(c.cmpConst(CmpIPredicate::ne, rest, 0), c.cmpConst(CmpIPredicate::slt, c.bitXor(rest, safe), 0));
  quotient = c.select(wrong, c.addConst(quotient, -1), quotient);
  rest = c.select(wrong, c.add(rest, safe), rest);
  return {c.select(isMinusOne, c.sub(c.intLike(type, 0), x), quotient), rest};
}

static Value emitShift(Code &c, Value x, Value n, bool left, bool isUnsigned) {
  Type type = x.getType();
  int64_t bits = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  Value fits = c.cmpConst(CmpIPredicate::ult, n, bits);
  if (!left && !isUnsigned)
    return c.op<arith::ShRSIOp>(x, c.select(fits, n, c.intLike(type, bits - 1)));
  Value safe = c.select(fits, n, c.intLike(type, 0));
  Value shifted = left ? c.op<arith::ShLIOp>(x, safe) : c.op<arith::ShRUIOp>(x, safe);
  return c.select(fits, shifted, c.intLike(type, 0));
}

/// An integer power by squaring. A negative exponent gives the power rounded towards zero.
static Value emitIntPower(Code &c, Value base, Value exponent) {
  Type type = base.getType();
  Value one = c.intLike(type, 1), zero = c.intLike(type, 0);
  exponent = c.resize(exponent, getElementTypeOrSelf(type));
  Value isOdd = c.cmpConst(CmpIPredicate::ne, c.andConst(exponent, 1), 0);
  Value isNegative = c.cmpConst(CmpIPredicate::slt, exponent, 0);
  Value result = one, square = base, rest = exponent;
  int64_t bits = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  for (int64_t bit = 0; bit < bits; ++bit) {
    Value take = c.cmpConst(CmpIPredicate::ne, c.andConst(rest, 1), 0);
    result = c.select(take, c.mul(result, square), result);
    square = c.mul(square, square);
    rest = c.lshr(rest, 1);
  }
  Value ofOne = c.cmpConst(CmpIPredicate::eq, base, 1);
  Value ofMinusOne = c.cmpConst(CmpIPredicate::eq, base, -1);
  Value inverse = c.select(ofOne, one, c.select(ofMinusOne, c.select(isOdd, base, one), zero));
  return c.select(isNegative, inverse, result);
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

/// x * y + z of narrow floats such that rounding the result to their type is rounding once: the product is exact in
/// f64, and where the sum is not (what it lost is exact, by Knuth's two-sum), its last bit is made odd.
static Value emitNarrowFma(Code &c, Value x, Value y, Value z) {
  Type wide = Code::withElement(x.getType(), c.b.getF64Type());
  z = c.op<arith::ExtFOp>(wide, z);
  Value product = c.op<arith::MulFOp>(c.op<arith::ExtFOp>(wide, x), c.op<arith::ExtFOp>(wide, y));
  Value sum = c.op<arith::AddFOp>(product, z);
  Value back = c.op<arith::SubFOp>(sum, product);
  Value lost =
      c.op<arith::AddFOp>(c.op<arith::SubFOp>(product, c.op<arith::SubFOp>(sum, back)), c.op<arith::SubFOp>(z, back));
  Value zero = c.zeroLike(wide);
  Value bits = c.bitcast(sum, c.i64());
  Value isEven = c.cmpConst(CmpIPredicate::eq, c.andConst(bits, 1), 0);
  Value isInexact = c.cmpF(CmpFPredicate::ONE, lost, zero); // Not where the sum is infinite or NaN.
  Value shrinks = c.bitXor(c.cmpF(CmpFPredicate::OLT, lost, zero), c.cmpF(CmpFPredicate::OLT, sum, zero));
  Value odd = c.addConst(c.sub(bits, c.shl(c.resize(shrinks, c.i64(), true), 1)), 1);
  bits = c.select(c.bitAnd(isEven, isInexact), odd, bits);
  return truncToOdd(c, c.bitcast(bits, c.b.getF64Type()));
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

/// The op again, on other types.
static Value recreate(Code &c, Operation *op, ArrayRef<Value> operands, Type result) {
  OperationState state(c.loc, op->getName());
  state.addOperands(operands);
  state.addTypes(result);
  state.addAttributes(op->getAttrs());
  if (c.contract && isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(op))
    state.attributes.set("fastmath", arith::FastMathFlagsAttr::get(c.b.getContext(), arith::FastMathFlags::contract));
  return c.b.create(state)->getResult(0);
}

/// Whether a result is exact in its narrow type if the operands are, or is rounded to it already: no rounding is
/// needed.
static bool isExact(Operation *op) {
  return isa<tile::CastOp, arith::ExtFOp, arith::TruncFOp, arith::BitcastOp, arith::SelectOp, arith::NegFOp,
             arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp, math::AbsFOp, math::CopySignOp,
             math::FloorOp, math::CeilOp, math::TruncOp, math::RoundEvenOp>(op);
}

static Value emitUnrounded(Code &c, Operation *op, ArrayRef<Value> x) {
  Type element = getElementTypeOrSelf(op->getResult(0));
  Type carrier = carrierType(element);
  auto like = [&](Type e) { return Code::withElement(x[0].getType(), e); };
  auto from = [&] { return getElementTypeOrSelf(op->getOperand(0)); };
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](tile::CastOp cast) {
        return convert(c, x[0], from(), element, cast.getFromUnsigned(), cast.getToUnsigned());
      })
      .Case([&](tile::FloorDivOp div) { return floorDivMod(c, x[0], x[1], div.getIsUnsigned()).first; })
      .Case([&](tile::FloorModOp mod) { return floorDivMod(c, x[0], x[1], mod.getIsUnsigned()).second; })
      .Case([&](tile::ShlOp) { return emitShift(c, x[0], x[1], true, true); })
      .Case([&](tile::ShrOp shr) { return emitShift(c, x[0], x[1], false, shr.getIsUnsigned()); })
      .Case([&](tile::RandOp rand) { return emitRandom(c, x[0], x[1], rand.getIsUnsigned()); })
      .Case<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>([&](Operation *) { return c.resize(x[0], carrier); })
      .Case<arith::IndexCastUIOp, arith::ExtUIOp>([&](Operation *) { return c.resize(x[0], carrier, true); })
      .Case<arith::ExtFOp, arith::TruncFOp>(
          [&](Operation *) { return convert(c, x[0], from(), element, false, false); })
      .Case([&](arith::BitcastOp) { return emitBitcast(c, x[0], from(), element); })
      .Case([&](arith::SelectOp) { return c.select(x[0], x[1], x[2]); })
      .Case([&](arith::CeilDivSIOp) { return c.ceilDiv(x[0], x[1]); })
      .Case([&](arith::FloorDivSIOp) { return floorDivMod(c, x[0], x[1], false).first; })
      .Case([&](math::FmaOp) {
        return isNarrowFloat(element) ? emitNarrowFma(c, x[0], x[1], x[2]) : recreate(c, op, x, like(carrier));
      })
      .Case([&](math::IPowIOp) { return emitIntPower(c, x[0], x[1]); })
      .Case([&](math::IsNaNOp) { return c.cmpF(CmpFPredicate::UNO, x[0], x[0]); })
      .Case([&](math::IsInfOp) {
        Value magnitude = c.op<math::AbsFOp>(x[0]);
        return c.cmpF(CmpFPredicate::OEQ, magnitude,
                      c.floatLike(x[0].getType(), std::numeric_limits<double>::infinity()));
      })
      .Case([&](math::RsqrtOp) { return c.divF(c.floatLike(x[0].getType(), 1.0), c.op<math::SqrtOp>(x[0])); })
      .Case<math::SqrtOp, math::FloorOp, math::CeilOp, math::TruncOp, math::RoundEvenOp, math::AbsFOp, math::AbsIOp,
            math::CopySignOp>([&](Operation *) { return recreate(c, op, x, like(carrier)); })
      .Case<arith::CmpFOp, arith::CmpIOp>([&](Operation *) { return recreate(c, op, x, like(c.i1())); })
      .Default([&](Operation *) -> Value {
        StringRef dialect = op->getName().getDialectNamespace();
        if (dialect == "math")
          return emitMathFunction(c, op->getName().stripDialect(), x);
        return recreate(c, op, x, like(carrier));
      });
}

bool loops::isElementwise(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumRegions() || op->getNumOperands() == 0)
    return false;
  if (isa<tile::CastOp, tile::FloorDivOp, tile::FloorModOp, tile::ShlOp, tile::ShrOp, tile::RandOp>(op))
    return true;
  StringRef dialect = op->getName().getDialectNamespace();
  return dialect == "math" || (dialect == "arith" && !isa<arith::ConstantOp>(op));
}

Value loops::emitElementwise(Code &c, Operation *op, ArrayRef<Value> operands) {
  int64_t lanes = 0;
  for (Value operand : operands)
    lanes = std::max(lanes, Code::lanes(operand));
  SmallVector<Value> wide;
  for (auto [index, operand] : llvm::enumerate(operands)) {
    bool staysScalar = (isa<tile::RandOp>(op) || (isa<arith::SelectOp>(op) && lanes)) && index == 0;
    wide.push_back(staysScalar ? operand : c.splat(operand, lanes));
  }
  Value result = emitUnrounded(c, op, wide);
  if (!result) {
    op->emitError() << "the CPU target does not know '" << op->getName() << "' on "
                    << getElementTypeOrSelf(op->getResult(0));
    return {};
  }
  return isExact(op) ? result : roundTo(c, result, getElementTypeOrSelf(op->getResult(0)));
}
