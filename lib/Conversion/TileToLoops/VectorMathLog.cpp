//===- VectorMathLog.cpp - log, log2 and log1p of f32 on vectors ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The polynomial of the logarithm around 1 is that of Moshier's Cephes library.

#include "VectorMath.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpFPredicate;

static constexpr double infinity = std::numeric_limits<double>::infinity();

/// The bits of sqrt(1/2): what is added to them are the mantissas from there to sqrt(2).
static constexpr int64_t leastMantissa = 0x3f3504f3;

/// The logarithm as `exponent` and log of the mantissa, with x = m * 2^e, m in [sqrt(1/2), sqrt(2)).
static std::pair<Value, Value> logParts(Code &c, Value x) {
  Type type = x.getType();
  // Subnormals become normal first.
  Value isTiny = c.cmpF(CmpFPredicate::OLT, x, c.floatLike(type, 0x1p-126));
  Value normal = c.select(isTiny, arith::MulFOp::create(c.b, c.loc, x, c.floatLike(type, 0x1p23)).getResult(), x);
  Value bits = c.bitcast(normal, c.i32());
  // The nearest power of two such that the mantissa is around 1.
  Value shifted = c.addConst(bits, -leastMantissa);
  Value e = c.op<arith::ShRSIOp>(shifted, c.intLike(bits.getType(), 23));
  Value m = c.bitcast(c.sub(bits, c.shl(e, 23)), c.f32());
  Value exponent = c.op<arith::SIToFPOp>(type, e);
  exponent = c.select(isTiny, c.subF(exponent, c.floatLike(type, 23.0)), exponent);
  return {exponent, c.subF(m, c.floatLike(type, 1.0))};
}

/// log(1 + r) - r for 1 + r in [sqrt(1/2), sqrt(2)).
static Value logTail(Code &c, Value r) {
  Value p = polynomial(c, r,
                       {7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
                        -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1});
  Value square = c.mulF(r, r);
  Value cubic = c.mulF(c.mulF(p, square), r);
  return c.fma(square, c.floatLike(r.getType(), -0.5), cubic);
}

/// What a logarithm gives for arguments that are not positive and finite.
static Value logSpecial(Code &c, Value x, Value result) {
  Type type = x.getType();
  Value isInfinite = c.cmpF(CmpFPredicate::OEQ, x, c.floatLike(type, infinity));
  Value isZero = c.cmpF(CmpFPredicate::OEQ, x, c.floatLike(type, 0.0));
  Value isNegative = c.cmpF(CmpFPredicate::ULT, x, c.floatLike(type, 0.0)); // or NaN
  result = c.select(isInfinite, x, result);
  result = c.select(isZero, c.floatLike(type, -infinity), result);
  return c.select(isNegative, c.floatLike(type, std::numeric_limits<double>::quiet_NaN()), result);
}

Value loops::emitLog(Code &c, Value x) {
  Type type = x.getType();
  auto [e, r] = logParts(c, x);
  Value tail = c.fma(e, c.floatLike(type, -2.12194440e-4), logTail(c, r));
  Value sum = c.fma(e, c.floatLike(type, 0.693359375), c.addF(r, tail));
  return logSpecial(c, x, sum);
}

/// log2 as e + log(m) * log2(e), the product in two parts.
Value loops::emitLog2(Code &c, Value x) {
  Type type = x.getType();
  auto [e, r] = logParts(c, x);
  Value tail = logTail(c, r);
  Value low = c.mulF(c.addF(r, tail), c.floatLike(type, 0.44269504088896341));
  Value sum = c.addF(c.addF(low, tail), r);
  return logSpecial(c, x, c.addF(sum, e));
}

/// With 1 + x = (1 + r) 2^e, r is x 2^-e + (2^-e - 1), rounded once, and x itself around zero.
Value loops::emitLog1p(Code &c, Value x) {
  Type type = x.getType();
  Value around = arith::AddFOp::create(c.b, c.loc, x, c.floatLike(type, 1.0));
  // e, at the place of an exponent.
  Value e = c.andConst(c.addConst(c.bitcast(around, c.i32()), -leastMantissa), static_cast<int32_t>(0xff800000));
  // Where e is not 0, x is not small, and has an exponent to subtract from. From 2^-25 on, 2^-e does not count.
  Value scaled = c.bitcast(c.sub(c.bitcast(x, c.i32()), e), c.f32());
  Value most = c.minS(e, c.intLike(e.getType(), int64_t(64) << 23));
  Value power = c.bitcast(c.sub(c.intLike(e.getType(), 0x3f800000), most), c.f32());
  Value r = arith::AddFOp::create(c.b, c.loc, scaled, arith::SubFOp::create(c.b, c.loc, power, c.floatLike(type, 1.0)));
  Value exponent = c.op<arith::SIToFPOp>(type, e);
  Value tail = c.fma(exponent, c.floatLike(type, -2.12194440e-4 * 0x1p-23), logTail(c, r));
  Value sum = c.fma(exponent, c.floatLike(type, 0.693359375 * 0x1p-23), c.addF(r, tail));
  Value isInfinite = c.cmpF(CmpFPredicate::OEQ, x, c.floatLike(type, infinity));
  Value isEnd = c.cmpF(CmpFPredicate::OEQ, x, c.floatLike(type, -1.0));
  Value isOutside = c.cmpF(CmpFPredicate::ULT, x, c.floatLike(type, -1.0)); // or NaN
  sum = c.select(isInfinite, x, sum);
  sum = c.select(isEnd, c.floatLike(type, infinity), sum);
  sum = c.select(isOutside, c.floatLike(type, std::numeric_limits<double>::quiet_NaN()), sum);
  return c.op<math::CopySignOp>(sum, x); // -0.0 stays.
}
