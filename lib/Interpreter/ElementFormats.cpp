//===- ElementFormats.cpp - numbers and their bits ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The sums that must round once although they are computed in a wider type.
//
//===----------------------------------------------------------------------===//
#include "ElementFormats.h"

using namespace tilec::interpreter;

float tilec::interpreter::multiplyAdd(float x, float y, float z) { return std::fma(x, y, z); }

double tilec::interpreter::multiplyAdd(double x, double y, double z) { return std::fma(x, y, z); }

/// `value`, which is `error` short of the exact number, rounded to odd instead of to nearest.
static double roundToOdd(double value, double error) {
  if (error == 0 || !std::isfinite(value) || (llvm::bit_cast<uint64_t>(value) & 1))
    return value;
  return std::nextafter(value, error > 0 ? HUGE_VAL : -HUGE_VAL);
}

double tilec::interpreter::multiplyAddToOdd(double x, double y, double z) {
  // Significands of at most 11 bits: the product is exact.
  double product = x * y, sum = product + z;
  if (!std::isfinite(sum))
    return sum;
  // The exact error of the sum (Knuth's two-sum).
  double back = sum - product;
  double error = (product - (sum - back)) + (z - back);
  return roundToOdd(sum, error);
}

double tilec::interpreter::integerToOdd(bool negative, uint64_t magnitude) {
  unsigned spare = magnitude >> 53 ? 11 - llvm::countl_zero(magnitude) : 0;
  uint64_t kept = magnitude >> spare << spare;
  if (kept != magnitude)
    kept |= uint64_t(1) << spare;
  double value = static_cast<double>(kept);
  return negative ? -value : value;
}

unsigned tilec::interpreter::elementWidth(mlir::Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}
