//===- VectorMath.h - what functions on vectors are made of -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces that the functions of f32 share, and the functions that stand in files of their own. All take vectors and
// scalars alike.

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_VECTORMATH_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_VECTORMATH_H

#include "Code.h"

namespace tilec::loops {

/// Adding this to an f32 below 2^22 rounds it to an integer, which the lowest bits of the sum are then.
inline constexpr double roundingShift = 0x1.8p23;
inline constexpr int64_t roundingShiftBits = 0x4b400000;

/// Horner's scheme, the highest coefficient first.
Value polynomial(Code &c, Value x, ArrayRef<double> coefficients);
/// `x` within [low, high]; NaN stays. The order of the operands is that of the machine's instructions: one for each
/// bound.
Value clamp(Code &c, Value x, double low, double high);
/// 2^n for the i32 n in [-126, 127].
Value wholePowerOfTwo(Code &c, Value n);
/// `result`, but in the lanes of `mask` the C library's `function` of the same lane of `x`: for rare arguments, behind
/// a branch.
Value callWhere(Code &c, Value mask, StringRef function, Value x, Value result);

// Exponentials (VectorMathExp.cpp).
Value emitExp(Code &c, Value x);
Value emitExp2(Code &c, Value x);

// Logarithms (VectorMathLog.cpp).
Value emitLog(Code &c, Value x);
Value emitLog2(Code &c, Value x);
Value emitLog1p(Code &c, Value x);

/// `x` to the power of `y`, with the special cases of C's pow (VectorMathPow.cpp).
Value emitPow(Code &c, Value x, Value y);

// Functions of an angle in radians (VectorMathTrig.cpp).
Value emitSin(Code &c, Value x);
Value emitCos(Code &c, Value x);
Value emitTan(Code &c, Value x);

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_VECTORMATH_H
