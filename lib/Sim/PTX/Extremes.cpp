//===- Extremes.cpp - min and max of floats ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.3.11, 9.7.3.12, 9.7.4.7 and 9.7.4.8 of the manual.

#include "FloatSteps.h"

using namespace tilec::sim::ptx;

/// Without `.NaN` a NaN loses to a number; -0 is below +0.
template <bool isMax, bool keepsNaN>
static constexpr auto kExtreme = [](auto a, auto b) {
  using T = decltype(a);
  if (a != a || b != b)
    return keepsNaN || (a != a && b != b) ? static_cast<T>(NAN) : a != a ? b : a;
  if (a == b)
    return (std::signbit(a) != 0) == isMax ? b : a;
  return (a < b) == isMax ? b : a;
};

/// `.xorsign.abs`: of magnitudes, with the product of the signs. A NaN has none.
template <bool isMax, bool keepsNaN>
static constexpr auto kMagnitude = [](auto a, auto b) {
  auto magnitude = kExtreme<isMax, keepsNaN>(std::fabs(a), std::fabs(b));
  return magnitude == magnitude && std::signbit(a) != std::signbit(b) ? -magnitude : magnitude;
};

template <auto f> static bool decodeWith(Decoder &d, Type type) {
  if (type == Type::F32)
    return d.operands(type, binaryF32<f>(d.op.flags), 2);
  if (type == Type::F64)
    return d.operands(type,
                      binary<double, double, double,
                             [](double a, double b) {
                               double result = f(a, b);
                               return result == result ? result : nanOf(b, a);
                             }>,
                      2);
  return d.operands(type, smallOn<2, f>(type, d.op.flags), 2);
}

template <bool isMax> static bool decodeExtreme(Decoder &d, Type type) {
  takeFloatFlags(d, type, /*maySaturate=*/false);
  // f64 has neither.
  bool keepsNaN = type != Type::F64 && d.take("NaN"), isOfMagnitudes = type != Type::F64 && d.take("xorsign");
  if (isOfMagnitudes && !d.take("abs"))
    return d.fail("'.xorsign' goes with '.abs'");
  if (isOfMagnitudes)
    return keepsNaN ? decodeWith<kMagnitude<isMax, true>>(d, type) : decodeWith<kMagnitude<isMax, false>>(d, type);
  return keepsNaN ? decodeWith<kExtreme<isMax, true>>(d, type) : decodeWith<kExtreme<isMax, false>>(d, type);
}

bool tilec::sim::ptx::decodeFloatMinMax(Decoder &d, Type type, bool isMax) {
  return isMax ? decodeExtreme<true>(d, type) : decodeExtreme<false>(d, type);
}
