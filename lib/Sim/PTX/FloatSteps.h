//===- FloatSteps.h - floating-point operations for 32 lanes ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Makes functions that execute an instruction from functions on numbers: on f32 with `.ftz` and `.sat`, and on the
/// 16-bit formats, alone or in pairs, which are computed in f64 and rounded.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_FLOATSTEPS_H
#define TILEC_LIB_SIM_PTX_FLOATSTEPS_H

#include "Execute.h"
#include "FloatingPoint.h"
#include "SmallFloats.h"

#include <cmath>

namespace tilec::sim::ptx {

/// Bits of Op::flags.
inline constexpr uint8_t kFlush = 1, kSaturate = 2;

/// The NaN that operations give (section 9.7.3), and on f64 those without an operand that is one.
inline constexpr uint32_t kNaN32 = 0x7fffffff;
inline constexpr uint64_t kNaN64 = 0xfff8000000000000;

inline float flush(float x) { return std::fabs(x) < 0x1p-126f ? std::copysign(0.0f, x) : x; }
inline float saturate(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }
inline float canonical(float x) { return x == x ? x : llvm::bit_cast<float>(kNaN32); }

/// The NaN of an operation on f64: the first operand that is one, made quiet. The manual leaves it open; machines take
/// the second operand before the first and the third, and of quotients the first one.
inline double quiet(double x) { return llvm::bit_cast<double>(llvm::bit_cast<uint64_t>(x) | uint64_t(1) << 51); }
inline double nanOf() { return llvm::bit_cast<double>(kNaN64); }
template <typename... Others> double nanOf(double x, Others... others) { return x != x ? quiet(x) : nanOf(others...); }

//===----------------------------------------------------------------------===//
// f32
//===----------------------------------------------------------------------===//

/// An operation with the modifiers `.ftz` and `.sat`. Where a result may be below the least normal number and round up
/// to it, `f` decides by itself what is flushed.
template <uint8_t flags, auto f, typename... Values> float modified(Values... values) {
  float result;
  if constexpr (flags & kFlush)
    result = flush(f(flush(values)...));
  else
    result = f(values...);
  result = canonical(result);
  if constexpr (flags & kSaturate)
    result = saturate(result);
  return result;
}

/// `flushed` is `f` with `.ftz`.
template <auto f, auto flushed = f> Execute binaryF32(uint8_t flags) {
  switch (flags) {
  case 0:
    return binary<float, float, float, modified<0, f, float, float>>;
  case kFlush:
    return binary<float, float, float, modified<kFlush, flushed, float, float>>;
  case kSaturate:
    return binary<float, float, float, modified<kSaturate, f, float, float>>;
  default:
    return binary<float, float, float, modified<kFlush | kSaturate, flushed, float, float>>;
  }
}

template <auto f> Execute unaryF32(uint8_t flags) {
  return flags & kFlush ? unary<float, float, modified<kFlush, f, float>> : unary<float, float, modified<0, f, float>>;
}

template <auto f, auto flushed> Execute ternaryF32(uint8_t flags) {
  switch (flags) {
  case 0:
    return ternary<float, float, float, float, modified<0, f, float, float, float>>;
  case kFlush:
    return ternary<float, float, float, float, modified<kFlush, flushed, float, float, float>>;
  case kSaturate:
    return ternary<float, float, float, float, modified<kSaturate, f, float, float, float>>;
  default:
    return ternary<float, float, float, float, modified<kFlush | kSaturate, flushed, float, float, float>>;
  }
}

//===----------------------------------------------------------------------===//
// 16 bits
//===----------------------------------------------------------------------===//

/// Operation `f` on doubles, in a small format. With `.ftz`, a result is 0 if, rounded as if there were smaller
/// exponents, it is below the least normal number.
template <typename Format, uint8_t flags, auto f> Format small(auto... values) {
  constexpr double least = Format::leastNormal, rounded = least * (1 - Format::unit / 4);
  auto flushed = [](double x, double limit) {
    return (flags & kFlush) && std::fabs(x) < limit ? std::copysign(0.0, x) : x;
  };
  double result = flushed(f(flushed(values.toDouble(), least)...), rounded);
  if constexpr (flags & kSaturate)
    result = result > 0 ? std::min(result, 1.0) : 0.0;
  return Format::fromDouble(result);
}

template <typename Format, unsigned arity, bool isPair, uint8_t flags, auto f>
Step smallStep(Warp &warp, const Op &op, Mask mask) {
  const Lanes *sources[] = {&warp.source(op.a), arity > 1 ? &warp.source(op.b) : nullptr,
                            arity > 2 ? &warp.source(op.c) : nullptr};
  Lanes d;
  forEachLane(mask, [&](unsigned lane) {
    d.v[lane] = 0;
    for (unsigned half = 0; half != (isPair ? 2 : 1); ++half) {
      auto value = [&](unsigned i) { return Format{static_cast<uint16_t>(sources[i]->v[lane] >> (16 * half))}; };
      Format result;
      if constexpr (arity == 1)
        result = small<Format, flags, f>(value(0));
      else if constexpr (arity == 2)
        result = small<Format, flags, f>(value(0), value(1));
      else
        result = small<Format, flags, f>(value(0), value(1), value(2));
      d.v[lane] |= uint64_t(result.bits) << (16 * half);
    }
    return true;
  });
  warp.set(op.d, d, mask);
  return Step::Next;
}

template <unsigned arity, auto f, uint8_t flags> Execute smallWith(Type type) {
  switch (type) {
  case Type::F16:
    return smallStep<Half, arity, false, flags, f>;
  case Type::F16x2:
    return smallStep<Half, arity, true, flags, f>;
  case Type::BF16:
    return smallStep<BFloat, arity, false, flags, f>;
  case Type::BF16x2:
    return smallStep<BFloat, arity, true, flags, f>;
  default:
    return nullptr;
  }
}

template <unsigned arity, auto f> Execute smallOn(Type type, uint8_t flags) {
  switch (flags) {
  case 0:
    return smallWith<arity, f, 0>(type);
  case kFlush:
    return smallWith<arity, f, kFlush>(type);
  case kSaturate:
    return smallWith<arity, f, kSaturate>(type);
  default:
    return smallWith<arity, f, kFlush | kSaturate>(type);
  }
}

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_FLOATSTEPS_H
