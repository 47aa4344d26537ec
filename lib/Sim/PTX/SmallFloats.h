//===- SmallFloats.h - f16 and bf16 as numbers ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The 16-bit formats, exactly: every value is a float, and rounding to nearest even is done on bits.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_SMALLFLOATS_H
#define TILEC_LIB_SIM_PTX_SMALLFLOATS_H

#include "llvm/ADT/bit.h"

#include <cmath>
#include <cstdint>

namespace tilec::sim::ptx {

/// A format of 16 bits with so many bits of mantissa and of exponent.
template <unsigned mantissaBits, unsigned exponentBits> struct SmallFloat {
  uint16_t bits = 0;

  static constexpr int bias = (1 << (exponentBits - 1)) - 1;
  /// The distance from 1 to the next number.
  static constexpr double unit = 1.0 / (1 << mantissaBits);
  static constexpr double leastNormal = exponentBits == 5 ? 0x1p-14 : 0x1p-126;
  static constexpr uint16_t infinity = ((1 << exponentBits) - 1) << mantissaBits;
  /// The NaN that operations give (section 9.7.4).
  static constexpr uint16_t canonicalNaN = 0x7fff;

  double toDouble() const {
    int exponent = bits >> mantissaBits & ((1 << exponentBits) - 1);
    unsigned mantissa = bits & ((1 << mantissaBits) - 1);
    double magnitude;
    if (exponent == (1 << exponentBits) - 1)
      magnitude = mantissa ? NAN : INFINITY;
    else if (exponent == 0)
      magnitude = std::ldexp(double(mantissa), 1 - bias - int(mantissaBits));
    else
      magnitude = std::ldexp(double(mantissa | (1 << mantissaBits)), exponent - bias - int(mantissaBits));
    return bits >> 15 ? -magnitude : magnitude;
  }

  /// To nearest even.
  static SmallFloat fromDouble(double value) {
    if (std::isnan(value))
      return {canonicalNaN};
    uint16_t sign = std::signbit(value) << 15;
    double magnitude = std::fabs(value);
    if (std::isinf(magnitude))
      return {uint16_t(sign | infinity)};
    int exponent;
    std::frexp(magnitude, &exponent);
    // The distance between neighbours at this magnitude; subnormals have the smallest one.
    int unit = std::max(exponent - 1, 1 - bias) - int(mantissaBits);
    // Exact: a scaling by a power of two; rounds half to even in the default mode.
    double scaled = std::nearbyint(std::ldexp(magnitude, -unit));
    double rounded = std::ldexp(scaled, unit);
    if (rounded >= std::ldexp(2.0, bias))
      return {uint16_t(sign | infinity)};
    if (rounded == 0)
      return {sign};
    std::frexp(rounded, &exponent);
    int biased = exponent - 1 + bias;
    if (biased < 1)
      return {uint16_t(sign | uint16_t(std::ldexp(rounded, bias - 1 + int(mantissaBits))))};
    unsigned mantissa = unsigned(std::ldexp(rounded, int(mantissaBits) - (exponent - 1)));
    return {uint16_t(sign | (biased << mantissaBits) | (mantissa & ((1 << mantissaBits) - 1)))};
  }
};

using Half = SmallFloat<10, 5>;
using BFloat = SmallFloat<7, 8>;

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_SMALLFLOATS_H
