//===- FloatFormats.cpp - floating-point formats as exact numbers -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FloatFormats.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/ErrorHandling.h"

#include <algorithm>

using namespace tilec::sim::ptx;

ExactNumber tilec::sim::ptx::decodeFloat(const FloatFormat &format, uint64_t bits) {
  ExactNumber number;
  number.isNegative = bits & format.sign();
  uint64_t magnitude = bits & (format.sign() - 1);
  bool isTop = format.top == FloatFormat::Top::IEEE ? magnitude >= format.infinity()
                                                    : format.top == FloatFormat::Top::OneNaN && magnitude == format.nan;
  if (isTop) {
    bool isInfinity = format.top == FloatFormat::Top::IEEE && magnitude == format.infinity();
    number.kind = isInfinity ? ExactNumber::Kind::Infinity : ExactNumber::Kind::NaN;
    return number;
  }
  uint64_t mantissa = magnitude & ((uint64_t(1) << format.mantissaBits) - 1);
  int biased = static_cast<int>(magnitude >> format.mantissaBits);
  number.significand = biased ? mantissa | uint64_t(1) << format.mantissaBits : mantissa;
  number.exponent = std::max(biased, 1) - format.bias() - static_cast<int>(format.mantissaBits);
  return number;
}

ExactNumber tilec::sim::ptx::decodeInteger(uint64_t bits, bool isSigned) {
  ExactNumber number;
  number.isNegative = isSigned && static_cast<int64_t>(bits) < 0;
  number.significand = number.isNegative ? 0 - bits : bits;
  return number;
}

/// `significand / 2^shift`, rounded to an integer; `shift` is positive.
static uint64_t shiftRounded(uint64_t significand, int shift, bool isNegative, Rounding rounding) {
  uint64_t kept = shift < 64 ? significand >> shift : 0;
  uint64_t lost = shift < 64 ? significand & ((uint64_t(1) << shift) - 1) : significand;
  if (!lost)
    return kept;
  // Twice what was lost, against one unit of what is kept: above, equal, or below. Beyond 2^64 all is below.
  uint64_t half = shift <= 64 ? uint64_t(1) << (shift - 1) : 0;
  bool isAbove = half && lost > half, isTie = half && lost == half;
  switch (rounding) {
  case Rounding::NearestEven:
    return kept + (isAbove || (isTie && (kept & 1)));
  case Rounding::NearestAway:
    return kept + (isAbove || isTie);
  case Rounding::TowardZero:
    return kept;
  case Rounding::Down:
    return kept + isNegative;
  case Rounding::Up:
    return kept + !isNegative;
  }
  llvm_unreachable("all roundings are there");
}

/// What a number beyond the largest becomes.
static uint64_t overflow(const FloatFormat &format, bool isNegative, Rounding rounding, bool saturates) {
  bool staysFinite = saturates || format.top == FloatFormat::Top::Numbers || rounding == Rounding::TowardZero ||
                     (rounding == Rounding::Down && !isNegative) || (rounding == Rounding::Up && isNegative);
  if (staysFinite)
    return format.largest();
  return format.top == FloatFormat::Top::IEEE ? format.infinity() : format.nan;
}

uint64_t tilec::sim::ptx::encodeFloat(const FloatFormat &format, const ExactNumber &number, Rounding rounding,
                                      bool saturates) {
  // Formats without NaN have the largest number in its place (section 9.7.9.21, `.satfinite`).
  if (number.isNaN())
    return format.top == FloatFormat::Top::Numbers ? format.largest() : format.nan;
  uint64_t sign = number.isNegative ? format.sign() : 0;
  if (number.kind == ExactNumber::Kind::Infinity) {
    if (saturates || format.top == FloatFormat::Top::Numbers)
      return sign | format.largest();
    return format.top == FloatFormat::Top::IEEE ? sign | format.infinity() : format.nan;
  }
  if (!number.significand)
    return sign;
  int mantissaBits = static_cast<int>(format.mantissaBits), width = 64 - llvm::countl_zero(number.significand);
  // The distance between neighbours at this magnitude; subnormals have the smallest one.
  int unit = std::max(number.exponent + width - 1, 1 - format.bias()) - mantissaBits;
  int shift = unit - number.exponent;
  uint64_t rounded =
      shift > 0 ? shiftRounded(number.significand, shift, number.isNegative, rounding) : number.significand << -shift;
  if (rounded >> (mantissaBits + 1)) {
    rounded >>= 1;
    ++unit;
  }
  // Subnormals have exponent 0 where normal numbers count from 1, and no leading one to take away.
  int64_t biased = rounded >> mantissaBits ? unit + mantissaBits + format.bias() : 0;
  if (biased >= int64_t(1) << format.exponentBits)
    return sign | overflow(format, number.isNegative, rounding, saturates);
  uint64_t magnitude = uint64_t(biased) << mantissaBits | (rounded & ((uint64_t(1) << mantissaBits) - 1));
  if (magnitude > format.largest())
    return sign | overflow(format, number.isNegative, rounding, saturates);
  return sign | magnitude;
}

ExactNumber tilec::sim::ptx::roundToIntegral(const ExactNumber &number, Rounding rounding) {
  if (number.kind != ExactNumber::Kind::Finite || number.exponent >= 0)
    return number;
  ExactNumber result = number;
  result.significand = shiftRounded(number.significand, -number.exponent, number.isNegative, rounding);
  result.exponent = 0;
  return result;
}

uint64_t tilec::sim::ptx::encodeInteger(const ExactNumber &number, Rounding rounding, unsigned bits, bool isSigned) {
  uint64_t most = ~uint64_t(0) >> (64 - bits + isSigned);
  if (number.isNegative)
    most = isSigned ? most + 1 : 0;
  ExactNumber integral = roundToIntegral(number, rounding);
  uint64_t magnitude = integral.significand;
  bool isBeyond =
      integral.kind == ExactNumber::Kind::Infinity ||
      (magnitude && (integral.exponent >= llvm::countl_zero(magnitude) + 1 || (magnitude << integral.exponent) > most));
  magnitude = isBeyond ? most : magnitude ? magnitude << integral.exponent : 0;
  return number.isNegative ? 0 - magnitude : magnitude;
}
