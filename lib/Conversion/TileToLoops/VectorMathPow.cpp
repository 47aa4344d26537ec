//===- VectorMathPow.cpp - pow of f32 on vectors ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 2^(y log2|x|) in f64, whose 53 bits are what the product with y needs: of a result near 2^128, an error of 2^-38 in
// the logarithm is 1/30 of an ulp. Rounding to f32 gives subnormal and infinite results.

#include "VectorMath.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpFPredicate;

static constexpr double infinity = std::numeric_limits<double>::infinity();

/// Of f64: the bits of the mantissa, the exponent of 1 and the bits of sqrt(1/2).
static constexpr int64_t mantissaBits = 52, bias = 1023, leastMantissa = 0x3fe6a09e667f3bcd;
/// An f64 whose lowest bits are an integer that was added to it.
static constexpr double integerShift = 0x1p52, roundingShift64 = 0x1.8p52;

/// log2 of an f64 that was a magnitude of f32.
static Value logOfMagnitude(Code &c, Value x) {
  Type type = x.getType();
  // x = m 2^e with m in [sqrt(1/2), sqrt(2)); e as bits of 2^52 + bias + e, which nothing but shifts is needed for.
  Value bits = c.bitcast(x, c.i64());
  Value biased = c.lshr(c.addConst(bits, (bias << mantissaBits) - leastMantissa), mantissaBits);
  Value m = c.bitcast(c.sub(bits, c.shl(c.addConst(biased, -bias), mantissaBits)), c.b.getF64Type());
  Value e =
      c.bitcast(c.bitOr(biased, c.intLike(bits.getType(), llvm::bit_cast<int64_t>(integerShift))), c.b.getF64Type());
  e = arith::SubFOp::create(c.b, c.loc, e, c.floatLike(type, integerShift + bias));
  // log2(m) = 2 / ln(2) atanh(s), of which the polynomial is a minimax fit within 2^-37.8.
  Value one = c.floatLike(type, 1.0);
  Value s = c.divF(c.subF(m, one), c.addF(m, one));
  Value p = polynomial(
      c, c.mulF(s, s),
      {0x1.5ce7d16d3ccfbp-2, 0x1.a58d8f91a4882p-2, 0x1.27777fdab7b1cp-1, 0x1.ec709d12e1119p-1, 0x1.71547652bede5p+1});
  Value result = c.fma(s, p, e);
  Value isZero = c.cmpF(CmpFPredicate::OEQ, x, c.floatLike(type, 0.0));
  Value isNumber = c.cmpF(CmpFPredicate::OLT, x, c.floatLike(type, infinity));
  return c.select(isZero, c.floatLike(type, -infinity), c.select(isNumber, result, x));
}

/// 2^x for x in [-1000, 1000] or NaN.
static Value powerOfTwo(Code &c, Value x) {
  Type type = x.getType();
  Value shift = c.floatLike(type, roundingShift64);
  Value shifted = arith::AddFOp::create(c.b, c.loc, x, shift);
  Value r = arith::SubFOp::create(c.b, c.loc, x, arith::SubFOp::create(c.b, c.loc, shifted, shift));
  // A minimax fit within 2^-29.
  Value y = polynomial(c, r,
                       {0x1.41d30fd7ab77bp-13, 0x1.5f4570987b749p-10, 0x1.3b2dbc0e0af6cp-7, 0x1.c6aed4abf8543p-5,
                        0x1.ebfbdadbff5dcp-3, 0x1.62e430c7f62f3p-1, 0x1.00000002622e8p+0});
  // Only the bits of the exponent are left of the shift.
  Value power = c.bitcast(c.shl(c.addConst(c.bitcast(shifted, c.i64()), bias), mantissaBits), c.b.getF64Type());
  return c.mulF(y, power);
}

Value loops::emitPow(Code &c, Value x, Value y) {
  Type type = x.getType(), wide = Code::withElement(type, c.b.getF64Type());
  Value zero = c.floatLike(type, 0.0), one = c.floatLike(type, 1.0);
  Value magnitude = c.op<math::AbsFOp>(x);
  Value exponent = c.mulF(c.op<arith::ExtFOp>(wide, y), logOfMagnitude(c, c.op<arith::ExtFOp>(wide, magnitude)));
  Value result = c.op<arith::TruncFOp>(type, powerOfTwo(c, clamp(c, exponent, -160.0, 130.0)));

  // Of a negative number: an odd power is negative, and one that is no integer has no value.
  Value half = c.mulF(y, c.floatLike(type, 0.5));
  Value isInteger = c.cmpF(CmpFPredicate::OEQ, c.op<math::TruncOp>(y), y);
  Value isOdd = c.bitAnd(isInteger, c.cmpF(CmpFPredicate::ONE, c.op<math::TruncOp>(half), half));
  Value isNegative =
      c.bitAnd(c.cmpF(CmpFPredicate::OLT, x, zero), c.cmpF(CmpFPredicate::OLT, magnitude, c.floatLike(type, infinity)));
  Value hasNone = c.bitAnd(isNegative, c.cmpF(CmpFPredicate::UNE, c.op<math::TruncOp>(y), y));
  result = c.select(hasNone, c.floatLike(type, std::numeric_limits<double>::quiet_NaN()), result);
  result = c.select(isOdd, c.op<math::CopySignOp>(result, x), result);

  // 1 to any power and any number to the power of 0 are 1, even if the other is NaN; so is -1 to an infinite power.
  Value isInfinite = c.cmpF(CmpFPredicate::OEQ, c.op<math::AbsFOp>(y), c.floatLike(type, infinity));
  Value isOne = c.bitOr(c.cmpF(CmpFPredicate::OEQ, x, one), c.cmpF(CmpFPredicate::OEQ, y, zero));
  isOne = c.bitOr(isOne, c.bitAnd(isInfinite, c.cmpF(CmpFPredicate::OEQ, magnitude, one)));
  return c.select(isOne, one, result);
}
