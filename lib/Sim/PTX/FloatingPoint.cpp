//===- FloatingPoint.cpp - floating-point arithmetic ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums, products, quotients and signs of sections 9.7.3 (f32 and f64) and 9.7.4 (f16 and bf16) of the manual, in
// round-to-nearest-even; directed roundings are in DirectedRounding.cpp. A product of 16-bit floats is exact in f64,
// and so is a sum unless one operand is so small that it does not change the other; the sum of an fma is rounded to odd
// first, so that rounding it again to 16 bits is right.

#include "FloatingPoint.h"
#include "DirectedRounding.h"
#include "FloatSteps.h"

using namespace tilec::sim::ptx;

int tilec::sim::ptx::takeRounding(Decoder &d) { return d.takeOneOf({"rn", "rz", "rm", "rp"}); }

void tilec::sim::ptx::takeFloatFlags(Decoder &d, Type type, bool maySaturate) {
  bool hasFlags = type == Type::F32 || isHalf(type);
  if (hasFlags && d.take("ftz"))
    d.op.flags |= kFlush;
  if (hasFlags && maySaturate && d.take("sat"))
    d.op.flags |= kSaturate;
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

/// The same, and 0 in place of what is negative, -0 too.
static double fmaAboveZero(double a, double b, double c) {
  double sum = fmaToOdd(a, b, c);
  return sum <= 0 ? 0.0 : sum;
}

//===----------------------------------------------------------------------===//
// sums, products, quotients
//===----------------------------------------------------------------------===//

static constexpr auto kAdd = [](auto a, auto b) { return a + b; };
static constexpr auto kSub = [](auto a, auto b) { return a - b; };
static constexpr auto kMul = [](auto a, auto b) { return a * b; };
static constexpr auto kDiv = [](auto a, auto b) { return a / b; };
static constexpr auto kFma32 = [](float a, float b, float c) { return std::fma(a, b, c); };
static constexpr auto kFma64 = [](double a, double b, double c) {
  double result = std::fma(a, b, c);
  return result == result ? result : nanOf(b, a, c);
};

// With `.ftz`, a result is 0 if, rounded as if there were smaller exponents, it is below the least normal number: so
// machines do. It is computed once more, scaled; what is so large that it has no scaled form is no such result.
static constexpr auto kMulFlushed = [](float a, float b) {
  float result = a * b, scaled = (a * 0x1p64f) * b;
  return std::fabs(scaled) < 0x1p-62f ? std::copysign(0.0f, result) : result;
};
static constexpr auto kFmaFlushed = [](float a, float b, float c) {
  float result = std::fma(a, b, c), scaled = std::fma(a * 0x1p64f, b, c * 0x1p64f);
  return std::fabs(scaled) < 0x1p-62f ? std::copysign(0.0f, result) : result;
};

/// `a op b` in f64 with the NaN that operations give.
template <auto f>
static constexpr auto kDouble = [](double a, double b) {
  double result = f(a, b);
  return result == result ? result : nanOf(b, a);
};
static constexpr auto kDivDouble = [](double a, double b) {
  double result = a / b;
  return result == result ? result : nanOf(a, b);
};

template <auto f, auto flushed = f> static bool decodeBinary(Decoder &d, Type type, DirectedOperation operation) {
  int rounding = takeRounding(d);
  takeFloatFlags(d, type, /*maySaturate=*/true);
  if (rounding > 0)
    return d.operands(type, directed(operation, type, rounding), 2);
  if (type == Type::F32)
    return d.operands(type, binaryF32<f, flushed>(d.op.flags), 2);
  if (type == Type::F64)
    return d.operands(type, binary<double, double, double, kDouble<f>>, 2);
  return d.operands(type, smallOn<2, f>(type, d.op.flags), 2);
}

bool tilec::sim::ptx::decodeFloatSum(Decoder &d, Type type, bool isSum) {
  return isSum ? decodeBinary<kAdd>(d, type, DirectedOperation::Add)
               : decodeBinary<kSub>(d, type, DirectedOperation::Sub);
}
bool tilec::sim::ptx::decodeFloatMul(Decoder &d, Type type) {
  return decodeBinary<kMul, kMulFlushed>(d, type, DirectedOperation::Mul);
}

bool tilec::sim::ptx::decodeFma(Decoder &d, Type type) {
  int rounding = takeRounding(d);
  if (rounding < 0)
    return d.fail("'" + d.syntax().spelling() + "' needs '.rn', '.rz', '.rm' or '.rp'");
  bool isSmall = isHalf(type) || isBFloat(type), isAboveZero = isSmall && d.take("relu");
  takeFloatFlags(d, type, /*maySaturate=*/!isAboveZero);
  if (rounding > 0)
    return d.operands(type, directed(DirectedOperation::Fma, type, rounding), 3);
  if (type == Type::F32)
    return d.operands(type, ternaryF32<kFma32, kFmaFlushed>(d.op.flags), 3);
  if (type == Type::F64)
    return d.operands(type, ternary<double, double, double, double, kFma64>, 3);
  return d.operands(
      type, isAboveZero ? smallOn<3, fmaAboveZero>(type, d.op.flags) : smallOn<3, fmaToOdd>(type, d.op.flags), 3);
}

/// `div.approx`: exact and rounded, which is within its bounds, except where the divisor is so large that machines,
/// which multiply by its reciprocal, give 0 or NaN (section 9.7.3.8).
static constexpr auto kDivApproximately = [](float a, float b) {
  if (std::fabs(b) > 0x1p126f && std::isfinite(b))
    return std::isinf(a) ? static_cast<float>(NAN) : a == a ? std::copysign(0.0f, a) * std::copysign(1.0f, b) : a;
  return a / b;
};

bool tilec::sim::ptx::decodeFloatDiv(Decoder &d, Type type) {
  int rounding = takeRounding(d), form = rounding < 0 && type == Type::F32 ? d.takeOneOf({"approx", "full"}) : -1;
  if (rounding < 0 && form < 0)
    return d.fail("'" + d.syntax().spelling() + "' needs a rounding" +
                  (type == Type::F32 ? ", '.approx' or '.full'" : ""));
  takeFloatFlags(d, type, /*maySaturate=*/false);
  if (rounding > 0)
    return d.operands(type, directed(DirectedOperation::Div, type, rounding), 2);
  if (type == Type::F32)
    return d.operands(type, form == 0 ? binaryF32<kDivApproximately>(d.op.flags) : binaryF32<kDiv>(d.op.flags), 2);
  return d.operands(type, type == Type::F64 ? binary<double, double, double, kDivDouble> : nullptr, 2);
}

//===----------------------------------------------------------------------===//
// signs
//===----------------------------------------------------------------------===//

// `abs` and `neg` change sign bits. Of a NaN they give the one that operations give, of which the manual says no more
// than that it is one; only `abs` of f64 passes it on, and `neg` as well does so here.

static constexpr auto kAbs = [](auto x) { return std::fabs(x); };
static constexpr auto kNeg = [](auto x) { return -x; };
template <auto f> static constexpr auto kSignDouble = [](double x) { return x == x ? f(x) : quiet(x); };

/// On the halves of a register whose infinity has these bits; subnormals become 0 where `isFlushed`.
template <bool isAbs, typename T, uint32_t infinity, bool isFlushed>
static constexpr auto kSmallSign = [](T bits) {
  uint32_t result = 0;
  for (unsigned at = 0; at != 8 * sizeof(T); at += 16) {
    uint32_t half = bits >> at & 0xffff, magnitude = half & 0x7fff;
    if (isFlushed && !(half & infinity))
      half &= 0x8000;
    result |= (magnitude > infinity ? 0x7fff : isAbs ? half & 0x7fff : half ^ 0x8000) << at;
  }
  return static_cast<T>(result);
};

template <typename T, uint32_t infinity, bool isFlushed> static Execute smallSign(bool isAbs) {
  return isAbs ? unary<T, T, kSmallSign<true, T, infinity, isFlushed>>
               : unary<T, T, kSmallSign<false, T, infinity, isFlushed>>;
}
template <typename T> static Execute smallSign(Type type, bool isAbs, bool isFlushed) {
  constexpr uint32_t half = 0x7c00, bfloat = 0x7f80;
  if (isBFloat(type))
    return smallSign<T, bfloat, false>(isAbs);
  return isFlushed ? smallSign<T, half, true>(isAbs) : smallSign<T, half, false>(isAbs);
}

bool tilec::sim::ptx::decodeFloatSign(Decoder &d, Type type, bool isAbs) {
  takeFloatFlags(d, type, /*maySaturate=*/false);
  bool isFlushed = d.op.flags & kFlush;
  switch (type) {
  case Type::F32:
    return d.operands(type, isAbs ? unaryF32<kAbs>(d.op.flags) : unaryF32<kNeg>(d.op.flags), 1);
  case Type::F64:
    return d.operands(type, isAbs ? unary<double, double, kSignDouble<kAbs>> : unary<double, double, kSignDouble<kNeg>>,
                      1);
  case Type::F16:
  case Type::BF16:
    return d.operands(type, smallSign<uint16_t>(type, isAbs, isFlushed), 1);
  default:
    return d.operands(type, smallSign<uint32_t>(type, isAbs, isFlushed), 1);
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

void tilec::sim::ptx::addFloatingPoint(DecodeTable &table) {
  table["fma"] = [](Decoder &d) {
    Type type;
    return d.needType(type) && (isFloatType(type) ? decodeFma(d, type) : d.fail("'fma' is for floats"));
  };
  table["copysign"] = decodeCopysign;
}
