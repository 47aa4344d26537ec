//===- FloatingPoint.cpp - floating-point arithmetic ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.3 (f32 and f64) and 9.7.4 (f16 and bf16) of the manual, in round-to-nearest-even; directed roundings are
// in DirectedRounding.cpp. A sum, product or fma of 16-bit floats is exact in f64 but for the fma, whose sum is rounded
// to odd first, so that rounding it again to 16 bits is right.

#include "FloatingPoint.h"
#include "DirectedRounding.h"
#include "Execute.h"
#include "SmallFloats.h"

#include <cmath>

using namespace tilec::sim::ptx;

//===----------------------------------------------------------------------===//
// subnormals, saturation, NaN
//===----------------------------------------------------------------------===//

/// Bits of Op::flags.
static constexpr uint8_t kFlush = 1, kSaturate = 2;

/// The NaN that operations on f32 give (section 9.7.3).
static constexpr uint32_t kNaN32 = 0x7fffffff;
static constexpr uint64_t kNaN64 = 0x7ff8000000000000;

static float flush(float x) { return std::fabs(x) < 0x1p-126f ? std::copysign(0.0f, x) : x; }
static float saturate(float x) { return x > 0 ? (x < 1 ? x : 1.0f) : 0.0f; }
static float canonical(float x) { return x == x ? x : llvm::bit_cast<float>(kNaN32); }
static double canonical(double x) { return x == x ? x : llvm::bit_cast<double>(kNaN64); }

/// An operation on f32 with the modifiers `.ftz` and `.sat`.
template <uint8_t flags, auto f, typename... Values> static float modified(Values... values) {
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

template <auto f> static Execute binaryF32(uint8_t flags) {
  switch (flags) {
  case 0:
    return binary<float, float, float, modified<0, f, float, float>>;
  case kFlush:
    return binary<float, float, float, modified<kFlush, f, float, float>>;
  case kSaturate:
    return binary<float, float, float, modified<kSaturate, f, float, float>>;
  default:
    return binary<float, float, float, modified<kFlush | kSaturate, f, float, float>>;
  }
}

template <auto f> static Execute unaryF32(uint8_t flags) {
  return flags & kFlush ? unary<float, float, modified<kFlush, f, float>> : unary<float, float, modified<0, f, float>>;
}

template <auto f> static Execute ternaryF32(uint8_t flags) {
  switch (flags) {
  case 0:
    return ternary<float, float, float, float, modified<0, f, float, float, float>>;
  case kFlush:
    return ternary<float, float, float, float, modified<kFlush, f, float, float, float>>;
  case kSaturate:
    return ternary<float, float, float, float, modified<kSaturate, f, float, float, float>>;
  default:
    return ternary<float, float, float, float, modified<kFlush | kSaturate, f, float, float, float>>;
  }
}

static uint8_t takeFlags(Decoder &d) { return (d.take("ftz") ? kFlush : 0) | (d.take("sat") ? kSaturate : 0); }

/// `.rn`, `.rz`, `.rm`, `.rp`: 0 to 3; -1 without one.
static int takeRounding(Decoder &d) { return d.takeOneOf({"rn", "rz", "rm", "rp"}); }

//===----------------------------------------------------------------------===//
// 16 bits
//===----------------------------------------------------------------------===//

/// Operation `f` on doubles, in a small format: one value, or the two halves of 32 bits.
template <typename Format, uint8_t flags, auto f> static Format small(auto... values) {
  auto read = [](Format x) {
    double value = x.toDouble();
    return (flags & kFlush) && std::fabs(value) < std::ldexp(1.0, 1 - Format::bias) ? std::copysign(0.0, value) : value;
  };
  double result = f(read(values)...);
  if constexpr (flags & kSaturate)
    result = result > 0 ? std::min(result, 1.0) : 0.0;
  Format rounded = Format::fromDouble(result);
  return flags & kFlush ? Format::fromDouble(read(rounded)) : rounded;
}

template <typename Format, unsigned arity, bool isPair, uint8_t flags, auto f>
static Step smallStep(Warp &warp, const Op &op, Mask mask) {
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

template <unsigned arity, auto f, uint8_t flags> static Execute smallWith(Type type) {
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

template <unsigned arity, auto f> static Execute smallOn(Type type, uint8_t flags) {
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

/// `a * b + c` of 16-bit floats, rounded to odd: what was lost shows in the last bit.
static double fmaToOdd(double a, double b, double c) {
  double product = a * b, sum = product + c;
  if (!std::isfinite(sum))
    return sum;
  // The error of the sum, exactly (Knuth's two-sum).
  double part = sum - product, error = (product - (sum - part)) + (c - part);
  uint64_t bits = llvm::bit_cast<uint64_t>(sum);
  if (error != 0 && !(bits & 1))
    bits = (error > 0) == (sum > 0) ? bits + 1 : bits - 1;
  return llvm::bit_cast<double>(bits);
}

//===----------------------------------------------------------------------===//
// sums, products, quotients
//===----------------------------------------------------------------------===//

static constexpr auto kAdd = [](auto a, auto b) { return a + b; };
static constexpr auto kSub = [](auto a, auto b) { return a - b; };
static constexpr auto kMul = [](auto a, auto b) { return a * b; };
static constexpr auto kDiv = [](auto a, auto b) { return a / b; };
static constexpr auto kFma32 = [](float a, float b, float c) { return std::fma(a, b, c); };
static constexpr auto kFma64 = [](double a, double b, double c) { return canonical(std::fma(a, b, c)); };

/// `a op b` in f64 with the NaN that operations give.
template <auto f> static constexpr auto kDouble = [](double a, double b) { return canonical(f(a, b)); };

template <auto f> static bool decodeBinary(Decoder &d, Type type, DirectedOperation operation) {
  int rounding = takeRounding(d);
  uint8_t flags = takeFlags(d);
  d.op.flags = flags;
  if (type == Type::F32)
    return d.operands(type, rounding > 0 ? directed(operation, type, rounding, flags) : binaryF32<f>(flags), 2);
  if (type == Type::F64)
    return d.operands(type,
                      rounding > 0 ? directed(operation, type, rounding, flags)
                      : flags      ? nullptr
                                   : binary<double, double, double, kDouble<f>>,
                      2);
  return d.operands(type, rounding > 0 ? nullptr : smallOn<2, f>(type, flags), 2);
}

bool tilec::sim::ptx::decodeFloatSum(Decoder &d, Type type, bool isSum) {
  return isSum ? decodeBinary<kAdd>(d, type, DirectedOperation::Add)
               : decodeBinary<kSub>(d, type, DirectedOperation::Sub);
}
bool tilec::sim::ptx::decodeFloatMul(Decoder &d, Type type) {
  return decodeBinary<kMul>(d, type, DirectedOperation::Mul);
}

bool tilec::sim::ptx::decodeFma(Decoder &d, Type type) {
  int rounding = takeRounding(d);
  uint8_t flags = takeFlags(d);
  d.op.flags = flags;
  if (type == Type::F32)
    return d.operands(
        type, rounding > 0 ? directed(DirectedOperation::Fma, type, rounding, flags) : ternaryF32<kFma32>(flags), 3);
  if (type == Type::F64)
    return d.operands(type,
                      rounding > 0 ? directed(DirectedOperation::Fma, type, rounding, flags)
                      : flags      ? nullptr
                                   : ternary<double, double, double, double, kFma64>,
                      3);
  if (d.take("relu")) {
    static constexpr auto relu = [](double a, double b, double c) {
      double sum = fmaToOdd(a, b, c);
      return sum < 0 ? 0.0 : sum;
    };
    return d.operands(type, rounding > 0 ? nullptr : smallOn<3, relu>(type, flags), 3);
  }
  return d.operands(type, rounding > 0 ? nullptr : smallOn<3, fmaToOdd>(type, flags), 3);
}

/// `div.approx` and `div.full` are computed exactly and rounded, which is within their bounds.
bool tilec::sim::ptx::decodeFloatDiv(Decoder &d, Type type) {
  int rounding = takeRounding(d);
  bool isApproximate = d.takeOneOf({"approx", "full"}) >= 0;
  uint8_t flags = takeFlags(d);
  d.op.flags = flags;
  if (type == Type::F32)
    return d.operands(
        type, rounding > 0 ? directed(DirectedOperation::Div, type, rounding, flags) : binaryF32<kDiv>(flags), 2);
  if (type == Type::F64 && !isApproximate && !flags)
    return d.operands(type,
                      rounding > 0 ? directed(DirectedOperation::Div, type, rounding, flags)
                                   : binary<double, double, double, kDouble<kDiv>>,
                      2);
  return d.operands(type, nullptr, 2);
}

//===----------------------------------------------------------------------===//
// extremes and signs
//===----------------------------------------------------------------------===//

/// Without `.NaN` a NaN loses to a number; -0 is below +0 (section 9.7.3.11).
template <bool isMax, bool keepsNaN>
static constexpr auto kExtreme = [](auto a, auto b) {
  using T = decltype(a);
  if (a != a || b != b)
    return keepsNaN || (a != a && b != b) ? static_cast<T>(NAN) : a != a ? b : a;
  if (a == b)
    return (std::signbit(a) != 0) == isMax ? b : a;
  return (a < b) == isMax ? b : a;
};
template <bool isMax, bool keepsNaN>
static constexpr auto kExtreme64 = [](double a, double b) { return canonical(kExtreme<isMax, keepsNaN>(a, b)); };

template <bool isMax> static bool decodeExtreme(Decoder &d, Type type) {
  uint8_t flags = d.take("ftz") ? kFlush : 0;
  bool keepsNaN = d.take("NaN");
  if (type == Type::F32)
    return d.operands(type,
                      keepsNaN ? binaryF32<kExtreme<isMax, true>>(flags) : binaryF32<kExtreme<isMax, false>>(flags), 2);
  if (type == Type::F64)
    return d.operands(type, keepsNaN || flags ? nullptr : binary<double, double, double, kExtreme64<isMax, false>>, 2);
  return d.operands(
      type, keepsNaN ? smallOn<2, kExtreme<isMax, true>>(type, flags) : smallOn<2, kExtreme<isMax, false>>(type, flags),
      2);
}

bool tilec::sim::ptx::decodeFloatMinMax(Decoder &d, Type type, bool isMax) {
  return isMax ? decodeExtreme<true>(d, type) : decodeExtreme<false>(d, type);
}

/// `abs` and `neg` change the sign bit; of f32 `.ftz` flushes.
template <typename T, uint64_t clear, uint64_t flip>
static constexpr auto kSign = [](T bits) { return static_cast<T>((bits & ~clear) ^ flip); };

bool tilec::sim::ptx::decodeFloatSign(Decoder &d, Type type, bool isAbs) {
  bool isFlushed = d.take("ftz");
  if (isFlushed && type == Type::F32)
    return d.operands(type,
                      isAbs ? unary<float, float, [](float x) { return flush(std::fabs(x)); }>
                            : unary<float, float, [](float x) { return flush(-x); }>,
                      1);
  switch (type) {
  case Type::F32:
    return d.operands(type,
                      isAbs ? unary<uint32_t, uint32_t, kSign<uint32_t, 1u << 31, 0>>
                            : unary<uint32_t, uint32_t, kSign<uint32_t, 0, 1u << 31>>,
                      1);
  case Type::F64:
    return d.operands(type,
                      isAbs ? unary<uint64_t, uint64_t, kSign<uint64_t, 1ull << 63, 0>>
                            : unary<uint64_t, uint64_t, kSign<uint64_t, 0, 1ull << 63>>,
                      1);
  case Type::F16:
  case Type::BF16:
    return d.operands(type,
                      isAbs ? unary<uint16_t, uint16_t, kSign<uint16_t, 0x8000, 0>>
                            : unary<uint16_t, uint16_t, kSign<uint16_t, 0, 0x8000>>,
                      1);
  default:
    return d.operands(type,
                      isAbs ? unary<uint32_t, uint32_t, kSign<uint32_t, 0x80008000, 0>>
                            : unary<uint32_t, uint32_t, kSign<uint32_t, 0, 0x80008000>>,
                      1);
  }
}

static bool decodeCopysign(Decoder &d) {
  Type type;
  if (!d.needType(type))
    return false;
  // The sign is that of the first operand (section 9.7.3.2).
  return d.operands(
      type,
      type == Type::F32   ? binary<float, float, float, [](float a, float b) { return std::copysign(b, a); }>
      : type == Type::F64 ? binary<double, double, double, [](double a, double b) { return std::copysign(b, a); }>
                          : nullptr,
      2);
}

//===----------------------------------------------------------------------===//
// roots, reciprocals, elementary functions
//===----------------------------------------------------------------------===//

/// A function on f32 or f64 by the C library's in f64, rounded: within the manual's bounds for the approximate forms,
/// and the rounded result where it is exact.
template <auto f> static bool decodeFunction(Decoder &d) {
  int rounding = takeRounding(d);
  bool isApproximate = d.take("approx");
  uint8_t flags = d.take("ftz") ? kFlush : 0;
  d.op.flags = flags;
  Type type;
  if (!d.needType(type))
    return false;
  static constexpr auto single = [](float x) { return static_cast<float>(f(static_cast<double>(x))); };
  static constexpr auto dual = [](double x) { return canonical(f(x)); };
  bool isRoot = d.syntax().opcode == "sqrt", isReciprocal = d.syntax().opcode == "rcp";
  if (rounding > 0 && (isRoot || isReciprocal))
    return d.operands(type, directed(isRoot ? DirectedOperation::Sqrt : DirectedOperation::Rcp, type, rounding, flags),
                      1);
  if (rounding > 0)
    return d.operands(type, nullptr, 1);
  if (type == Type::F32)
    return d.operands(type, unaryF32<single>(flags), 1);
  if (type == Type::F64 && (isRoot || isReciprocal || (isApproximate && d.syntax().opcode == "rsqrt")))
    return d.operands(type, unary<double, double, dual>, 1);
  return d.operands(type, smallOn<1, f>(type, flags), 1);
}

static constexpr auto kRcp = [](double x) { return 1 / x; };
static constexpr auto kSqrt = [](double x) { return std::sqrt(x); };
static constexpr auto kRsqrt = [](double x) { return 1 / std::sqrt(x); };
static constexpr auto kSin = [](double x) { return std::sin(x); };
static constexpr auto kCos = [](double x) { return std::cos(x); };
static constexpr auto kLg2 = [](double x) { return std::log2(x); };
static constexpr auto kEx2 = [](double x) { return std::exp2(x); };
static constexpr auto kTanh = [](double x) { return std::tanh(x); };

void tilec::sim::ptx::addFloatingPoint(DecodeTable &table) {
  table["fma"] = [](Decoder &d) {
    Type type;
    return d.needType(type) && (isFloatType(type) ? decodeFma(d, type) : d.fail("'fma' is for floats"));
  };
  table["copysign"] = decodeCopysign;
  table["rcp"] = decodeFunction<kRcp>;
  table["sqrt"] = decodeFunction<kSqrt>;
  table["rsqrt"] = decodeFunction<kRsqrt>;
  table["sin"] = decodeFunction<kSin>;
  table["cos"] = decodeFunction<kCos>;
  table["lg2"] = decodeFunction<kLg2>;
  table["ex2"] = decodeFunction<kEx2>;
  table["tanh"] = decodeFunction<kTanh>;
}
