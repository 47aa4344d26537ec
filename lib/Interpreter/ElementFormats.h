//===- ElementFormats.h - numbers and their bits ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// How elements are held: every lane is its bits, zero-extended to 64. A format says what number the bits of a float
/// mean, and rounds a number to them once, to nearest even.
///
/// Each format names two types to compute in. `Exact` gives correctly rounded sums, products, quotients and square roots
/// after one more rounding to the format: f32 and f64 compute in themselves; a format of p bits computes in double
/// since rounding twice does no harm where the first rounding keeps at least 2p + 2 bits, and 53 >= 2 * 11 + 2.
/// `Wide` has bits to spare for functions such as exp, whose result is rounded to the format once.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_ELEMENTFORMATS_H
#define TILEC_LIB_INTERPRETER_ELEMENTFORMATS_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/bit.h"

#include <cmath>
#include <cstdint>

namespace tilec::interpreter {

/// The low `width` bits of `bits`.
inline uint64_t lowBits(uint64_t bits, unsigned width) { return width >= 64 ? bits : bits & ((uint64_t(1) << width) - 1); }

/// The integer that the low `width` bits stand for in two's complement.
inline int64_t signExtend(uint64_t bits, unsigned width) {
  return width >= 64 ? static_cast<int64_t>(bits) : static_cast<int64_t>(bits << (64 - width)) >> (64 - width);
}

/// A binary float of at most 16 bits: sign, exponent, `Mantissa` stored bits. Without infinities (`fn`), only the
/// largest exponent with all mantissa bits is NaN.
template <unsigned Width, unsigned Mantissa, bool HasInfinity>
struct SmallFormat {
  using Exact = double;
  using Wide = double;
  static constexpr unsigned width = Width;
  static constexpr unsigned exponentBits = Width - 1 - Mantissa;
  static constexpr int bias = (1 << (exponentBits - 1)) - 1;
  static constexpr uint64_t signBit = uint64_t(1) << (Width - 1);
  static constexpr uint64_t maxExponent = (uint64_t(1) << exponentBits) - 1;
  static constexpr uint64_t mantissaMask = (uint64_t(1) << Mantissa) - 1;
  /// The bits of the first value beyond the finite ones: infinity, or NaN in a format without.
  static constexpr uint64_t beyond = HasInfinity ? maxExponent << Mantissa : signBit - 1;
  static constexpr uint64_t largestFinite = beyond - 1;

  static double load(uint64_t bits) {
    uint64_t exponent = bits >> Mantissa & maxExponent, mantissa = bits & mantissaMask;
    uint64_t sign = (bits & signBit) ? uint64_t(1) << 63 : 0;
    if (exponent == 0) {
      double magnitude = static_cast<double>(mantissa) * smallest();
      return sign ? -magnitude : magnitude;
    }
    bool special = HasInfinity ? exponent == maxExponent : (bits & ~signBit) == beyond;
    uint64_t doubleExponent = special ? 2047 : exponent + 1023 - bias;
    return llvm::bit_cast<double>(sign | doubleExponent << 52 | mantissa << (52 - Mantissa));
  }

  /// The bits of `value` rounded to nearest even; beyond the finite values infinity, or NaN in a format without.
  static uint64_t store(double value) {
    uint64_t bits = llvm::bit_cast<uint64_t>(value);
    uint64_t sign = (bits >> 63) ? signBit : 0, fraction = bits & ((uint64_t(1) << 52) - 1);
    int exponent = static_cast<int>(bits >> 52 & 2047);
    if (exponent == 2047 && fraction != 0)
      return HasInfinity ? sign | beyond | uint64_t(1) << (Mantissa - 1) | fraction >> (52 - Mantissa) : sign | beyond;
    if (exponent == 2047)
      return sign | beyond;
    // Doubles below the normal ones are far below half of the smallest number of any format.
    if (exponent == 0)
      return sign;
    int biased = exponent - 1023 + bias;
    if (biased > static_cast<int>(maxExponent))
      return sign | beyond;
    unsigned shift = 52 - Mantissa + (biased < 1 ? 1 - biased : 0);
    if (shift > 54)
      return sign;
    uint64_t significand = fraction | uint64_t(1) << 52;
    uint64_t rounded = significand >> shift, rest = significand & ((uint64_t(1) << shift) - 1);
    uint64_t half = uint64_t(1) << (shift - 1);
    rounded += rest > half || (rest == half && (rounded & 1));
    // A normal significand brings its leading 1 into the exponent field, and so does a carry.
    uint64_t magnitude = biased < 1 ? rounded : (static_cast<uint64_t>(biased - 1) << Mantissa) + rounded;
    return sign | (magnitude > beyond ? beyond : magnitude);
  }
  static uint64_t storeWide(double value) { return store(value); }

  /// As `store`, but what lies beyond the finite values, infinities too, becomes the largest of them.
  static uint64_t storeSaturated(double value) {
    uint64_t bits = store(value);
    return !std::isnan(value) && (bits & ~signBit) >= beyond ? (bits & signBit) | largestFinite : bits;
  }

private:
  /// The smallest positive number, 2^(1 - bias - Mantissa).
  static constexpr double smallest() { return llvm::bit_cast<double>(static_cast<uint64_t>(1023 + 1 - bias - static_cast<int>(Mantissa)) << 52); }
};

using F16Format = SmallFormat<16, 10, true>;
using BF16Format = SmallFormat<16, 7, true>;
using F8E4M3FNFormat = SmallFormat<8, 3, false>;
using F8E5M2Format = SmallFormat<8, 2, true>;

struct F32Format {
  using Exact = float;
  using Wide = double;
  static constexpr unsigned width = 32;
  static float load(uint64_t bits) { return llvm::bit_cast<float>(static_cast<uint32_t>(bits)); }
  static uint64_t store(float value) { return llvm::bit_cast<uint32_t>(value); }
  static uint64_t storeWide(double value) { return store(static_cast<float>(value)); }
};

struct F64Format {
  using Exact = double;
  using Wide = long double;
  static constexpr unsigned width = 64;
  static double load(uint64_t bits) { return llvm::bit_cast<double>(bits); }
  static uint64_t store(double value) { return llvm::bit_cast<uint64_t>(value); }
  static uint64_t storeWide(long double value) { return store(static_cast<double>(value)); }
};

/// Calls `function` with the format of the float type `type`; false if the interpreter has none for it.
template <typename Function>
bool withFormat(mlir::Type type, Function function) {
  if (type.isF32())
    return function(F32Format()), true;
  if (type.isF16())
    return function(F16Format()), true;
  if (type.isBF16())
    return function(BF16Format()), true;
  if (type.isF64())
    return function(F64Format()), true;
  if (llvm::isa<mlir::Float8E4M3FNType>(type))
    return function(F8E4M3FNFormat()), true;
  if (llvm::isa<mlir::Float8E5M2Type>(type))
    return function(F8E5M2Format()), true;
  return false;
}

/// `x * y + z` rounded once. For f32 and f64 the C library's; a small format gets a double whose last bit is odd where
/// it is inexact, which keeps the rounding that follows correct (a double has more than two bits to spare).
float multiplyAdd(float x, float y, float z);
double multiplyAdd(double x, double y, double z);
double multiplyAddToOdd(double x, double y, double z);

/// The integer as a double, with an odd last bit where it is inexact (see multiplyAddToOdd).
double integerToOdd(bool negative, uint64_t magnitude);

/// NaN if either is NaN; -0 is less than +0.
template <typename Float>
Float largerFloat(Float x, Float y) {
  if (std::isnan(x) || std::isnan(y))
    return std::isnan(x) ? x : y;
  return x == y ? (std::signbit(x) ? y : x) : x > y ? x : y;
}
template <typename Float>
Float smallerFloat(Float x, Float y) {
  if (std::isnan(x) || std::isnan(y))
    return std::isnan(x) ? x : y;
  return x == y ? (std::signbit(x) ? x : y) : x < y ? x : y;
}

/// Bits of an element: 64 for index.
unsigned elementWidth(mlir::Type type);

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_ELEMENTFORMATS_H
