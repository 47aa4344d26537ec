//===- Functions.cpp - roots, reciprocals, elementary functions -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.3.13 to 9.7.3.22, 9.7.4.9 and 9.7.4.10 of the manual. The approximate forms are computed in f64 by the C
// library and rounded, which is closer than the manual asks for: a kernel that is right only with a machine's errors is
// not found out.

#include "DirectedRounding.h"
#include "FloatSteps.h"

using namespace tilec::sim::ptx;

static constexpr auto kRcp = [](double x) { return 1 / x; };
static constexpr auto kSqrt = [](double x) { return std::sqrt(x); };
static constexpr auto kRsqrt = [](double x) { return 1 / std::sqrt(x); };
static constexpr auto kSin = [](double x) { return std::sin(x); };
static constexpr auto kCos = [](double x) { return std::cos(x); };
static constexpr auto kLg2 = [](double x) { return std::log2(x); };
static constexpr auto kEx2 = [](double x) { return std::exp2(x); };
static constexpr auto kTanh = [](double x) { return std::tanh(x); };

template <auto f> static constexpr auto kSingle = [](float x) { return static_cast<float>(f(static_cast<double>(x))); };
template <auto f>
static constexpr auto kDual = [](double x) {
  double result = f(x);
  return result == result ? result : nanOf(x);
};

/// `.approx.ftz.f64`: of the upper half of the operand, to the upper half of the result (sections 9.7.3.14 and
/// 9.7.3.17).
template <auto f>
static constexpr auto kOfUpperHalf = [](double x) {
  constexpr uint64_t upper = 0xffffffff00000000;
  auto flushed = [](double value) { return std::fabs(value) < 0x1p-1022 ? std::copysign(0.0, value) : value; };
  double value = flushed(llvm::bit_cast<double>(llvm::bit_cast<uint64_t>(x) & upper));
  if (value != value)
    return llvm::bit_cast<double>(uint64_t(0x7fffffff00000000));
  double result = flushed(f(value));
  if (result != result)
    return llvm::bit_cast<double>(uint64_t(0x7fffffff00000000));
  return llvm::bit_cast<double>(llvm::bit_cast<uint64_t>(result) & upper);
};

/// `sqrt` and `rcp`: rounded, or approximate on f32.
template <auto f, DirectedOperation operation> static bool decodeRounded(Decoder &d) {
  int rounding = takeRounding(d);
  bool isApproximate = rounding < 0 && d.take("approx");
  Type type;
  if (!d.needType(type))
    return false;
  if (rounding < 0 && !isApproximate)
    return d.fail("'" + d.syntax().spelling() + "' needs a rounding or '.approx'");
  if (isApproximate && type == Type::F64)
    return d.operands(
        type, operation == DirectedOperation::Rcp && d.take("ftz") ? unary<double, double, kOfUpperHalf<f>> : nullptr,
        1);
  takeFloatFlags(d, type, /*maySaturate=*/false);
  // The manual has it for '.approx' only; assemblers take it with a rounding, and keep subnormals.
  if (operation == DirectedOperation::Rcp && type == Type::F64)
    d.take("ftz");
  if (rounding > 0)
    return d.operands(type, directed(operation, type, rounding), 1);
  return d.operands(type,
                    type == Type::F32   ? unaryF32<kSingle<f>>(d.op.flags)
                    : type == Type::F64 ? unary<double, double, kDual<f>>
                                        : nullptr,
                    1);
}

static bool decodeRsqrt(Decoder &d) {
  Type type;
  if (!d.take("approx") || !d.needType(type))
    return d.fail("'rsqrt' is 'rsqrt.approx'");
  bool isFlushed = d.take("ftz");
  d.op.flags = isFlushed ? kFlush : 0;
  if (type == Type::F64)
    return d.operands(
        type, isFlushed ? unary<double, double, kOfUpperHalf<kRsqrt>> : unary<double, double, kDual<kRsqrt>>, 1);
  return d.operands(type, type == Type::F32 ? unaryF32<kSingle<kRsqrt>>(d.op.flags) : nullptr, 1);
}

/// `sin`, `cos`, `lg2` of f32.
template <auto f> static bool decodeFunction(Decoder &d) {
  Type type;
  if (!d.take("approx") || !d.needType(type))
    return d.fail("'" + d.syntax().opcode + "' is '" + d.syntax().opcode + ".approx'");
  d.op.flags = d.take("ftz") ? kFlush : 0;
  return d.operands(type, type == Type::F32 ? unaryF32<kSingle<f>>(d.op.flags) : nullptr, 1);
}

/// bf16 is flushed always, f16 never.
static bool decodeEx2(Decoder &d) {
  Type type;
  if (!d.take("approx") || !d.needType(type))
    return d.fail("'ex2' is 'ex2.approx'");
  bool isFlushed = !isHalf(type) && d.take("ftz");
  if (isBFloat(type) && !isFlushed)
    return d.fail("'ex2' of bf16 is 'ex2.approx.ftz'");
  d.op.flags = isFlushed ? kFlush : 0;
  return d.operands(type, type == Type::F32 ? unaryF32<kSingle<kEx2>>(d.op.flags) : smallOn<1, kEx2>(type, d.op.flags),
                    1);
}

static bool decodeTanh(Decoder &d) {
  Type type;
  if (!d.take("approx") || !d.needType(type))
    return d.fail("'tanh' is 'tanh.approx'");
  return d.operands(type, type == Type::F32 ? unaryF32<kSingle<kTanh>>(0) : smallOn<1, kTanh>(type, 0), 1);
}

void tilec::sim::ptx::addFunctions(DecodeTable &table) {
  table["rcp"] = decodeRounded<kRcp, DirectedOperation::Rcp>;
  table["sqrt"] = decodeRounded<kSqrt, DirectedOperation::Sqrt>;
  table["rsqrt"] = decodeRsqrt;
  table["sin"] = decodeFunction<kSin>;
  table["cos"] = decodeFunction<kCos>;
  table["lg2"] = decodeFunction<kLg2>;
  table["ex2"] = decodeEx2;
  table["tanh"] = decodeTanh;
}
