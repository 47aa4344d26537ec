//===- VectorMath.cpp - exp, log, tanh and their kind on vectors ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// f32 functions as vector code, with polynomials of the degree that f32 needs (the coefficients of tanh and erfc are
// those of Moshier's Cephes library, the others our own). f64, and functions that no text can name, call libm for each
// lane.

#include "VectorMath.h"

#include "Elements.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

Value loops::polynomial(Code &c, Value x, ArrayRef<double> coefficients) {
  Value sum = c.floatLike(x.getType(), coefficients.front());
  for (double coefficient : coefficients.drop_front())
    sum = c.fma(sum, x, c.floatLike(x.getType(), coefficient));
  return sum;
}

/// The result of `then`, which is rarely entered, where the flag `isNeeded` is set, and `otherwise` elsewhere.
static Value emitRarely(Code &c, Value isNeeded, Value otherwise, llvm::function_ref<Value()> then) {
  auto branch = scf::IfOp::create(c.b, c.loc, otherwise.getType(), isNeeded, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(c.b, c.loc, then());
  c.b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(c.b, c.loc, otherwise);
  return branch.getResult(0);
}

Value loops::callWhere(Code &c, Value mask, StringRef function, Value x, Value result) {
  int64_t lanes = Code::lanes(x);
  auto call = [&](Value one) { return c.callRarely(function, one.getType(), one); };
  if (!lanes)
    return emitRarely(c, mask, result, [&] { return call(x); });
  Value any = vector::ReductionOp::create(c.b, c.loc, vector::CombiningKind::OR, mask);
  return emitRarely(c, any, result, [&] {
    // A loop, so that the code of it stays short.
    auto loop = scf::ForOp::create(c.b, c.loc, c.index(0), c.index(lanes), c.index(1), ValueRange{result});
    OpBuilder::InsertionGuard guard(c.b);
    c.b.setInsertionPointToStart(loop.getBody());
    Value lane = loop.getInductionVar(), all = loop.getRegionIterArg(0);
    Value one = LLVM::ExtractElementOp::create(c.b, c.loc, all, lane);
    Value isSet = LLVM::ExtractElementOp::create(c.b, c.loc, mask, lane);
    Value chosen = emitRarely(c, isSet, one, [&] { return call(LLVM::ExtractElementOp::create(c.b, c.loc, x, lane)); });
    scf::YieldOp::create(c.b, c.loc, LLVM::InsertElementOp::create(c.b, c.loc, all, chosen, lane).getResult());
    return loop.getResult(0);
  });
}

Value loops::clamp(Code &c, Value x, double low, double high) {
  Value least = c.floatLike(x.getType(), low), most = c.floatLike(x.getType(), high);
  Value atMost = c.select(c.cmpF(CmpFPredicate::OGT, x, most), most, x);
  return c.select(c.cmpF(CmpFPredicate::OLT, atMost, least), least, atMost);
}

Value loops::wholePowerOfTwo(Code &c, Value n) { return c.bitcast(c.shl(c.addConst(n, 127), 23), c.f32()); }

/// 2^n p(r) + (2^n - 1), where p is the function near zero, and p alone as far as 0.41: where n is -1 or 1 the sum
/// would be small beside p. Half of it, lest 2^n be infinite.
static Value emitExpm1(Code &c, Value x) {
  Type type = x.getType();
  // Below -18 the result is -1.
  Value bounded = clamp(c, x, -80.0, 89.0), shift = c.floatLike(type, roundingShift);
  Value isSmall = c.cmpF(CmpFPredicate::OLT, c.op<math::AbsFOp>(x), c.floatLike(type, 0.41));
  Value shifted = c.fma(bounded, c.floatLike(type, 1.44269504088896341), shift);
  shifted = c.select(isSmall, shift, shifted);
  Value n = arith::SubFOp::create(c.b, c.loc, shifted, shift);
  Value r = c.fma(n, c.floatLike(type, -0x1.62e4p-1), bounded);
  r = c.fma(n, c.floatLike(type, -0x1.7f7d1cp-20), r);
  Value q = polynomial(
      c, r, {0x1.9e6f48p-16, 0x1.a2ad0cp-13, 0x1.6c167ap-10, 0x1.110fd4p-7, 0x1.555556p-5, 0x1.555556p-3, 0.5});
  Value nearZero = c.fma(c.mulF(r, r), q, r);
  Value half = wholePowerOfTwo(c, c.addConst(c.bitcast(shifted, c.i32()), -roundingShiftBits - 1));
  Value sum = c.fma(half, nearZero, arith::SubFOp::create(c.b, c.loc, half, c.floatLike(type, 0.5)));
  Value result = c.select(isSmall, nearZero, arith::AddFOp::create(c.b, c.loc, sum, sum).getResult());
  return c.op<math::CopySignOp>(result, x); // -0.0 stays.
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

/// exp(-x * x) for x >= 0, with what rounding the square loses: the exponential of large numbers would multiply it. Of
/// raised ones it is e^32 times that.
static Value expOfMinusSquare(Code &c, Value x, Value isRaised) {
  Value square = arith::MulFOp::create(c.b, c.loc, x, x);
  Value lost = c.fma(x, x, c.op<arith::NegFOp>(square));
  Value raised = c.select(isRaised, c.subF(square, c.floatLike(x.getType(), 32.0)), square);
  Value e = emitExp(c, c.op<arith::NegFOp>(raised));
  return c.fma(c.op<arith::NegFOp>(lost), e, e);
}

/// erfc(x) for x in [1, 10.06]: exp(-x * x) / x, times a polynomial in 1 / x**2, one below 2 and one above. Machines take
/// ten times as long for what is subnormal, so only the last product is: beyond 9 all steps before are raised.
static Value erfcTail(Code &c, Value x) {
  Type type = x.getType();
  Value inverse = c.divF(c.floatLike(type, 1.0), x);
  Value y = c.mulF(inverse, inverse);
  Value p = polynomial(c, y,
                       {2.326819970068386e-2, -1.387039388740657e-1, 3.687424674597105e-1, -5.824733027278666e-1,
                        6.210004621745983e-1, -4.944515323274145e-1, 3.404879937665872e-1, -2.741127028184656e-1,
                        5.638259427386472e-1});
  Value far = polynomial(c, y,
                         {-1.047766399936249e1, 1.297719955372516e1, -7.495518717768503e0, 2.921019019210786e0,
                          -1.015265279202700e0, 4.218463358204948e-1, -2.820767439740514e-1, 5.641895067754075e-1});
  p = c.select(c.cmpF(CmpFPredicate::OLT, x, c.floatLike(type, 2.0)), p, far);
  Value isRaised = c.cmpF(CmpFPredicate::OGT, x, c.floatLike(type, 9.0));
  Value tail = c.mulF(c.mulF(expOfMinusSquare(c, x, isRaised), inverse), p);
  // e^-32.
  return c.select(isRaised, c.mulF(tail, c.floatLike(type, 0x1.c8465p-47)), tail);
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
  // Beyond this the result is less than half of the smallest number. It is not computed: machines take ten times as long
  // for what is subnormal.
  Value isFar = c.cmpF(CmpFPredicate::OGT, magnitude, c.floatLike(type, 0x1.41bbf6p+3));
  Value tail = erfcTail(c, c.select(isFar, c.floatLike(type, 1.0), magnitude));
  tail = c.select(isFar, c.zeroLike(type), tail);
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
                    .Case("expm1", emitExpm1)
                    .Case("log", emitLog)
                    .Case("log2", emitLog2)
                    .Case("log1p", emitLog1p)
                    .Case("tanh", emitTanh)
                    .Case("erf", emitErf)
                    .Case("erfc", emitErfc)
                    .Case("sin", emitSin)
                    .Case("cos", emitCos)
                    .Case("tan", emitTan)
                    .Default(nullptr);
    if (emit)
      return emit(c, operands.front());
    if (name == "powf")
      return emitPow(c, operands[0], operands[1]);
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
