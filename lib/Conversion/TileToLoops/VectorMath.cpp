//===- VectorMath.cpp - exp, log, tanh and their kind on vectors ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// f32 functions as branch-free vector code, with polynomials of the degree that f32 needs (the coefficients of exp,
// log, tanh and erfc are those of Moshier's Cephes library, those of erf our own). Everything else calls libm for each
// lane.

#include "Elements.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

static constexpr double infinity = std::numeric_limits<double>::infinity();

/// Horner's scheme, the highest coefficient first.
static Value polynomial(Code &c, Value x, ArrayRef<double> coefficients) {
  Value sum = c.floatLike(x.getType(), coefficients.front());
  for (double coefficient : coefficients.drop_front())
    sum = c.fma(sum, x, c.floatLike(x.getType(), coefficient));
  return sum;
}

static Value isNaN(Code &c, Value x) { return c.cmpF(CmpFPredicate::UNO, x, x); }

/// `x` within [low, high]; NaN stays. The order of the operands is that of the machine's instructions: one for each
/// bound.
static Value clamp(Code &c, Value x, double low, double high) {
  Value least = c.floatLike(x.getType(), low), most = c.floatLike(x.getType(), high);
  Value atMost = c.select(c.cmpF(CmpFPredicate::OGT, x, most), most, x);
  return c.select(c.cmpF(CmpFPredicate::OLT, atMost, least), least, atMost);
}

/// 2^n for the i32 n in [-126, 127].
static Value powerOfTwo(Code &c, Value n) { return c.bitcast(c.shl(c.addConst(n, 127), 23), c.f32()); }

/// y * 2^n, rounded once: in two steps where there is no instruction, so that the result may be subnormal or infinite.
static Value scale(Code &c, Value y, Value n) {
  if (c.spec.scalesByPowers)
    return LLVM::CallIntrinsicOp::create(c.b, c.loc, y.getType(), c.b.getStringAttr("llvm.ldexp"), ValueRange{y, n})
        .getResult(0);
  Value half = c.op<arith::ShRSIOp>(n, c.intLike(n.getType(), 1));
  Value scaled = arith::MulFOp::create(c.b, c.loc, y, powerOfTwo(c, half));
  return arith::MulFOp::create(c.b, c.loc, scaled, powerOfTwo(c, c.sub(n, half)));
}

/// Adding this to a number below 2^22 rounds it to an integer, which the lowest bits of the sum are then.
static constexpr double roundingShift = 0x1.8p23;
static constexpr int64_t roundingShiftBits = 0x4b400000;

/// exp(r) * 2^n for r in [-ln(2) / 2, ln(2) / 2] and n = shifted - roundingShift.
static Value expOfParts(Code &c, Value r, Value shifted) {
  Value y = polynomial(
      c, r,
      {1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1.0, 1.0});
  return scale(c, y, c.addConst(c.bitcast(shifted, c.i32()), -roundingShiftBits));
}

static Value emitExp(Code &c, Value x) {
  Type type = x.getType();
  Value bounded = clamp(c, x, -105.0, 90.0), shift = c.floatLike(type, roundingShift);
  Value shifted = c.fma(bounded, c.floatLike(type, 1.44269504088896341), shift);
  Value n = arith::SubFOp::create(c.b, c.loc, shifted, shift);
  Value r = c.fma(n, c.floatLike(type, -0.693359375), bounded);
  return expOfParts(c, c.fma(n, c.floatLike(type, 2.12194440e-4), r), shifted);
}

static Value emitExp2(Code &c, Value x) {
  Type type = x.getType();
  Value bounded = clamp(c, x, -152.0, 129.0), shift = c.floatLike(type, roundingShift);
  Value shifted = arith::AddFOp::create(c.b, c.loc, bounded, shift);
  Value fraction = c.subF(bounded, arith::SubFOp::create(c.b, c.loc, shifted, shift));
  return expOfParts(c, c.mulF(fraction, c.floatLike(type, 0.69314718055994531)), shifted);
}

/// The logarithm as `exponent` and log of the mantissa, with x = m * 2^e, m in [sqrt(1/2), sqrt(2)).
static std::pair<Value, Value> logParts(Code &c, Value x) {
  Type type = x.getType();
  // Subnormals become normal first.
  Value isTiny = c.cmpF(CmpFPredicate::OLT, x, c.floatLike(type, 0x1p-126));
  Value normal = c.select(isTiny, arith::MulFOp::create(c.b, c.loc, x, c.floatLike(type, 0x1p23)).getResult(), x);
  Value bits = c.bitcast(normal, c.i32());
  // The nearest power of two such that the mantissa is around 1.
  Value shifted = c.addConst(bits, -0x3f3504f3);
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

static Value emitLog(Code &c, Value x) {
  Type type = x.getType();
  auto [e, r] = logParts(c, x);
  Value tail = c.fma(e, c.floatLike(type, -2.12194440e-4), logTail(c, r));
  Value sum = c.fma(e, c.floatLike(type, 0.693359375), c.addF(r, tail));
  return logSpecial(c, x, sum);
}

/// log2 as e + log(m) * log2(e), the product in two parts.
static Value emitLog2(Code &c, Value x) {
  Type type = x.getType();
  auto [e, r] = logParts(c, x);
  Value tail = logTail(c, r);
  Value low = c.mulF(c.addF(r, tail), c.floatLike(type, 0.44269504088896341));
  Value sum = c.addF(c.addF(low, tail), r);
  return logSpecial(c, x, c.addF(sum, e));
}

static Value emitTanh(Code &c, Value x) {
  Type type = x.getType();
  Value magnitude = c.op<math::AbsFOp>(x);
  Value square = c.mulF(x, x);
  Value p = polynomial(c, square,
                       {-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1});
  Value small = c.fma(c.mulF(p, square), x, x);
  Value e = emitExp(c, c.addF(magnitude, magnitude));
  Value one = c.floatLike(type, 1.0);
  Value large = c.subF(one, c.divF(c.floatLike(type, 2.0), c.addF(e, one)));
  Value isSmall = c.cmpF(CmpFPredicate::ULT, magnitude, c.floatLike(type, 0.625)); // NaN stays
  // The small form gives 0.0 for -0.0.
  return c.op<math::CopySignOp>(c.select(isSmall, small, large), x);
}

/// erf(x) for |x| < 1.
static Value erfNearZero(Code &c, Value x) {
  return c.mulF(x, polynomial(c, c.mulF(x, x),
                              {7.853861353153693e-5, -8.010193625184903e-4, 5.188327685732524e-3, -2.685381193529856e-2,
                               1.128358514861418e-1, -3.761262582423300e-1, 1.128379165726710}));
}

/// exp(-x * x) for x >= 0, with what rounding the square loses: the exponential of large numbers would multiply it.
static Value expOfMinusSquare(Code &c, Value x) {
  Value square = arith::MulFOp::create(c.b, c.loc, x, x);
  Value lost = c.fma(x, x, c.op<arith::NegFOp>(square));
  Value e = emitExp(c, c.op<arith::NegFOp>(square));
  return c.fma(c.op<arith::NegFOp>(lost), e, e);
}

/// erfc(x) for x in [1, 10.5]: exp(-x * x) / x, times a polynomial in 1 / x**2, one below 2 and one above.
static Value erfcTail(Code &c, Value x) {
  Value inverse = c.divF(c.floatLike(x.getType(), 1.0), x);
  Value y = c.mulF(inverse, inverse);
  Value p = polynomial(c, y,
                       {2.326819970068386e-2, -1.387039388740657e-1, 3.687424674597105e-1, -5.824733027278666e-1,
                        6.210004621745983e-1, -4.944515323274145e-1, 3.404879937665872e-1, -2.741127028184656e-1,
                        5.638259427386472e-1});
  Value far = polynomial(c, y,
                         {-1.047766399936249e1, 1.297719955372516e1, -7.495518717768503e0, 2.921019019210786e0,
                          -1.015265279202700e0, 4.218463358204948e-1, -2.820767439740514e-1, 5.641895067754075e-1});
  p = c.select(c.cmpF(CmpFPredicate::OLT, x, c.floatLike(x.getType(), 2.0)), p, far);
  return c.mulF(c.mulF(expOfMinusSquare(c, x), inverse), p);
}

/// x + x * p(x**2) below 1.125, where x is most of the result, and 1 - q(|x|)**8 above: the eighth root of erfc is
/// nearly a straight line, and an error of q counts less the smaller erfc is. Both polynomials are minimax fits,
/// weighted by what their errors do to the result; their coefficients were then moved by single units for the smallest
/// largest error over a sample of all numbers. Where q's argument ends, at 3.95, the result is 1.
static Value emitErf(Code &c, Value x) {
  Type type = x.getType();
  Value small = polynomial(
      c, c.mulF(x, x),
      {0x1.26881cp-14, -0x1.963ee4p-11, 0x1.52007ap-8, -0x1.b7b2f4p-6, 0x1.ce28bp-4, -0x1.812728p-2, 0x1.06ebaap-3});
  small = c.fma(x, small, x);
  Value magnitude = c.op<math::AbsFOp>(x), most = c.floatLike(type, 3.95);
  Value bounded = c.select(c.cmpF(CmpFPredicate::OLT, magnitude, most), magnitude, most);
  Value root = polynomial(
      c, bounded,
      {0x1.5506ecp-13, -0x1.55cbc6p-9, 0x1.bb78c8p-7, -0x1.a2814ep-7, -0x1.e8af7cp-5, -0x1.2b7d7p-3, 0x1.004b92p+0});
  Value square = c.mulF(root, root), fourth = c.mulF(square, square);
  Value large = c.fma(c.op<arith::NegFOp>(fourth), fourth, c.floatLike(type, 1.0));
  Value isSmall = c.cmpF(CmpFPredicate::ULT, magnitude, c.floatLike(type, 1.125)); // NaN stays
  return c.select(isSmall, small, c.op<math::CopySignOp>(large, x));
}

static Value emitErfc(Code &c, Value x) {
  Type type = x.getType();
  Value magnitude = c.op<math::AbsFOp>(x);
  // Beyond 10.5 the result is less than half of the smallest number.
  Value bounded = c.op<arith::MinNumFOp>(magnitude, c.floatLike(type, 10.5));
  Value tail = erfcTail(c, bounded);
  Value isNegative = c.cmpF(CmpFPredicate::OLT, x, c.floatLike(type, 0.0));
  Value large = c.select(isNegative, c.subF(c.floatLike(type, 2.0), tail), tail);
  Value isSmall = c.cmpF(CmpFPredicate::ULT, magnitude, c.floatLike(type, 1.0)); // NaN stays
  return c.select(isSmall, c.subF(c.floatLike(type, 1.0), erfNearZero(c, x)), large);
}

Value loops::emitMathFunction(Code &c, StringRef name, ArrayRef<Value> operands) {
  using Emit = Value (*)(Code &, Value);
  Type element = getElementTypeOrSelf(operands.front());
  if (element.isF32()) {
    Emit emit = llvm::StringSwitch<Emit>(name)
                    .Case("exp", emitExp)
                    .Case("exp2", emitExp2)
                    .Case("log", emitLog)
                    .Case("log2", emitLog2)
                    .Case("tanh", emitTanh)
                    .Case("erf", emitErf)
                    .Case("erfc", emitErfc)
                    .Default(nullptr);
    if (emit)
      return emit(c, operands.front());
  }
  StringRef known = llvm::StringSwitch<StringRef>(name)
                        .Cases({"exp", "exp2", "expm1", "log", "log2", "log1p", "log10"}, name)
                        .Cases({"sin", "cos", "tan", "tanh", "erf", "asin", "acos", "atan", "cbrt"}, name)
                        .Cases({"sinh", "cosh", "asinh", "acosh", "atanh", "atan2", "erfc", "round"}, name)
                        .Case("powf", "pow")
                        .Default("");
  if (known.empty() || !isa<FloatType>(element))
    return {};
  std::string function = known.str() + (element.isF32() ? "f" : "");
  return c.callPerLane(function, element, operands);
}
