//===- VectorMathTrig.cpp - sin, cos and tan of f32 on vectors --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arguments up to `mostTurned` are reduced to [-pi/4, pi/4] by subtracting quarter turns (Cody and Waite's method with
// fused multiply-adds); beyond, and for infinities, the C library is called lane by lane. The signs of zeros and of
// negative arguments are put on at the end: the functions are computed of magnitudes. The polynomials are minimax fits
// of the relative error whose coefficients were rounded to f32 one after the other, those left being fitted again.

#include "VectorMath.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

/// Up to here three parts of pi/2 leave enough digits of every f32: their sum is off by 2^-77, and no f32 below is
/// within 2^-30 of a multiple of pi/2.
static constexpr double mostTurned = 0x1p17;

// The second and third part of pi/2, with the sign that subtracting them has. 2^-77 follows.
static constexpr double secondPart = 0x1.777a5cp-25, thirdPart = 0x1.ee59dap-50;

/// An angle as quarter turns and the rest.
struct Turned {
  /// The number of quarter turns, plus what was asked for, in the lowest bits.
  Value quarters;
  /// The number as a float.
  Value count;
  /// What is left after the first part of pi/2, exactly, and after the second, rounded.
  Value first, second;
};

/// Splits `magnitude`, which is not negative. `ahead` is added to the quarters.
static Turned turn(Code &c, Value magnitude, int64_t ahead) {
  Type type = magnitude.getType();
  Value shift = c.floatLike(type, roundingShift + ahead);
  Value shifted = c.fma(magnitude, c.floatLike(type, 0x1.45f306p-1), shift);
  Value n = arith::SubFOp::create(c.b, c.loc, shifted, shift);
  // Exact: a multiple of 2^-24 below 1.
  Value first = c.fma(n, c.floatLike(type, -0x1.921fb6p+0), magnitude);
  return {c.bitcast(shifted, c.i32()), n, first, c.fma(n, c.floatLike(type, secondPart), first)};
}

static Value isOdd(Code &c, Value x) { return c.cmpConst(CmpIPredicate::ne, c.andConst(x, 1), 0); }

static Value isHuge(Code &c, Value magnitude) {
  return c.cmpF(CmpFPredicate::OGT, magnitude, c.floatLike(magnitude.getType(), mostTurned));
}

/// Flips the sign of `x` where the highest bit of `bits` is set.
static Value flipSign(Code &c, Value x, Value bits) {
  return c.bitcast(c.bitXor(c.bitcast(x, c.i32()), c.andConst(bits, static_cast<int32_t>(0x80000000))), c.f32());
}

/// The sine after even quarters and the cosine after odd ones, negated after two and three of each four.
static Value sineOfTurned(Code &c, const Turned &angle, Value signs) {
  Value r = c.fma(angle.count, c.floatLike(angle.count.getType(), thirdPart), angle.second);
  Value square = c.mulF(r, r);
  Value sine = c.fma(c.mulF(r, square), polynomial(c, square, {-0x1.990f92p-13, 0x1.1106aep-7, -0x1.555544p-3}), r);
  Value cosine = polynomial(c, square, {0x1.999122p-16, -0x1.6c0af4p-10, 0x1.555548p-5, -0.5, 1.0});
  Value bits = c.shl(angle.quarters, 30);
  return flipSign(c, c.select(isOdd(c, angle.quarters), cosine, sine), signs ? c.bitXor(bits, signs) : bits);
}

Value loops::emitSin(Code &c, Value x) {
  Value magnitude = c.op<math::AbsFOp>(x);
  Value result = sineOfTurned(c, turn(c, magnitude, 0), c.bitcast(x, c.i32()));
  return callWhere(c, isHuge(c, magnitude), "sinf", x, result);
}

/// The sine a quarter turn ahead.
Value loops::emitCos(Code &c, Value x) {
  Value magnitude = c.op<math::AbsFOp>(x);
  Value result = sineOfTurned(c, turn(c, magnitude, 1), {});
  return callWhere(c, isHuge(c, magnitude), "cosf", x, result);
}

/// The tangent after even quarters, and -1 over it after odd ones. A quotient of rounded numbers would be off by more
/// than 2 ulp, so that what is lost before it is kept.
Value loops::emitTan(Code &c, Value x) {
  auto add = [&](Value a, Value b) -> Value { return arith::AddFOp::create(c.b, c.loc, a, b); };
  auto subtract = [&](Value a, Value b) -> Value { return arith::SubFOp::create(c.b, c.loc, a, b); };
  Value magnitude = c.op<math::AbsFOp>(x);
  Type type = magnitude.getType();
  Turned angle = turn(c, magnitude, 0);
  // What rounding lost of the rest. The difference is exact in two parts (Dekker), `first` being a multiple of the last
  // digit of `r`.
  Value r = angle.second, difference = subtract(angle.first, r);
  Value low = subtract(subtract(angle.first, difference), r);
  low = add(c.fma(angle.count, c.floatLike(type, secondPart), difference), low);
  low = c.fma(angle.count, c.floatLike(type, thirdPart), low);

  Value square = c.mulF(r, r);
  Value p = polynomial(
      c, square,
      {0x1.2c29d2p-8, -0x1.4e3ee6p-12, 0x1.6d77ccp-7, 0x1.5ab794p-6, 0x1.bb0b9cp-5, 0x1.110c88p-3, 0x1.555564p-2});
  Value more = c.fma(c.mulF(r, square), p, low);
  Value tangent = add(r, more);
  Value lost = add(subtract(r, tangent), more);
  // A step of Newton's method with it.
  Value quotient = c.divF(c.floatLike(type, -1.0), tangent);
  Value off = c.fma(lost, quotient, c.fma(tangent, quotient, c.floatLike(type, 1.0)));
  Value turned = c.fma(off, quotient, quotient);
  Value result = flipSign(c, c.select(isOdd(c, angle.quarters), turned, tangent), c.bitcast(x, c.i32()));
  return callWhere(c, isHuge(c, magnitude), "tanf", x, result);
}
