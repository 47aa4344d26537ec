//===- FloatFormats.h - floating-point formats as exact numbers -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A conversion takes its operand apart into an exact number, and rounds that once into the format of its result. So
/// every pair of formats, and every rounding, is the same two steps.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_FLOATFORMATS_H
#define TILEC_LIB_SIM_PTX_FLOATFORMATS_H

#include <cstdint>

namespace tilec::sim::ptx {

/// Section 9.7.9.21: `.rn`, `.rz`, `.rm`, `.rp` and `.rna`; the first four stand in the order in which decoders take
/// them.
enum class Rounding : uint8_t { NearestEven, TowardZero, Down, Up, NearestAway };

/// A binary format of at most 64 bits: a sign, an exponent, a mantissa.
struct FloatFormat {
  unsigned mantissaBits = 0, exponentBits = 0;
  /// What the largest exponent stands for: infinity and NaN as in IEEE 754; one NaN that is all ones, and numbers
  /// otherwise; or numbers only.
  enum class Top : uint8_t { IEEE, OneNaN, Numbers } top = Top::IEEE;
  /// The NaN that conversions give, without a sign; 0 in a format that has none.
  uint64_t nan = 0;

  constexpr int bias() const { return (1 << (exponentBits - 1)) - 1; }
  constexpr unsigned bits() const { return 1 + exponentBits + mantissaBits; }
  constexpr uint64_t sign() const { return uint64_t(1) << (exponentBits + mantissaBits); }
  /// The bits of infinity; only in formats that have it.
  constexpr uint64_t infinity() const { return ((uint64_t(1) << exponentBits) - 1) << mantissaBits; }
  /// The bits of the largest number.
  constexpr uint64_t largest() const {
    return top == Top::IEEE ? infinity() - 1 : sign() - (top == Top::OneNaN ? 2 : 1);
  }
};

/// Sections 5.2.3 and 9.7.3, and 5.2.5 for the small ones. tf32 is an f32 with fewer bits of mantissa: here without the
/// 13 bits that its registers have below.
inline constexpr FloatFormat kF16{10, 5, FloatFormat::Top::IEEE, 0x7fff}, kBF16{7, 8, FloatFormat::Top::IEEE, 0x7fff},
    kF32{23, 8, FloatFormat::Top::IEEE, 0x7fffffff}, kF64{52, 11, FloatFormat::Top::IEEE, 0x7ff8000000000000},
    kTF32{10, 8, FloatFormat::Top::IEEE, 0x3ffff}, kE4M3{3, 4, FloatFormat::Top::OneNaN, 0x7f},
    kE5M2{2, 5, FloatFormat::Top::IEEE, 0x7f}, kE2M3{3, 2, FloatFormat::Top::Numbers},
    kE3M2{2, 3, FloatFormat::Top::Numbers}, kE2M1{1, 2, FloatFormat::Top::Numbers};

/// `significand * 2^exponent`, or what is no number.
struct ExactNumber {
  enum class Kind : uint8_t { Finite, Infinity, NaN } kind = Kind::Finite;
  bool isNegative = false;
  uint64_t significand = 0;
  int exponent = 0;

  bool isNaN() const { return kind == Kind::NaN; }
  bool isZero() const { return kind == Kind::Finite && significand == 0; }
};

/// The number that bits are; those above the format's are not looked at.
ExactNumber decodeFloat(const FloatFormat &format, uint64_t bits);

/// An integer of 64 bits, signed or not.
ExactNumber decodeInteger(uint64_t bits, bool isSigned);

/// The bits of a number, rounded once. What is too large becomes infinity or the largest number, as the rounding says;
/// the largest number always with `saturates`, and in formats without infinity: there an infinity that is not saturated
/// is a NaN, if there is one.
uint64_t encodeFloat(const FloatFormat &format, const ExactNumber &number, Rounding rounding, bool saturates = false);

/// The nearest integer in the rounding's direction, with the sign of the number.
ExactNumber roundToIntegral(const ExactNumber &number, Rounding rounding);

/// The integer of so many bits next to a number, which is no NaN: what is beyond the range becomes the range's end.
uint64_t encodeInteger(const ExactNumber &number, Rounding rounding, unsigned bits, bool isSigned);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_FLOATFORMATS_H
