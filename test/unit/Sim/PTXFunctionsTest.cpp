//===- PTXFunctionsTest.cpp - approximate functions -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bounds are those that the manual gives for each function; what is compared with is computed in long double, whose
// own error is below 2^-60.

#include "InstructionRunner.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace tilec::sim::ptx;

namespace {

float single(uint64_t bits) { return llvm::bit_cast<float>(static_cast<uint32_t>(bits)); }

/// A unit in the last place of f32 at a number.
long double ulp(long double x) {
  int exponent;
  std::frexp(x, &exponent);
  return std::ldexp(1.0L, std::max(exponent - 24, -149));
}

struct Bound {
  /// The error may be so many units in the last place, or relative to the result, or absolute.
  enum class Kind { Ulps, Relative, Absolute } kind;
  long double most;
};

struct Function {
  const char *words;
  long double (*f)(long double);
  Bound bound;
  /// The operands for which the bound holds.
  float least, most;
};

constexpr float kInfinity = INFINITY;
constexpr long double kPi = 3.141592653589793238462643383279502884L;

// Sections 9.7.3.13, 15, 16 and 18 to 22.
const Function kFunctions[] = {
    {"rcp.approx", [](long double x) { return 1 / x; }, {Bound::Kind::Ulps, 1}, -kInfinity, kInfinity},
    {"sqrt.approx", [](long double x) { return std::sqrt(x); }, {Bound::Kind::Relative, 0x1p-23L}, 0, kInfinity},
    {"rsqrt.approx", [](long double x) { return 1 / std::sqrt(x); }, {Bound::Kind::Relative, 0x1.1p-23L}, 0, kInfinity},
    {"sin.approx", [](long double x) { return std::sin(x); }, {Bound::Kind::Absolute, 0x1.6p-21L}, -2 * kPi, 2 * kPi},
    {"cos.approx", [](long double x) { return std::cos(x); }, {Bound::Kind::Absolute, 0x1.6p-21L}, -2 * kPi, 2 * kPi},
    {"sin.approx",
     [](long double x) { return std::sin(x); },
     {Bound::Kind::Absolute, 0x1.3p-15L},
     -100 * kPi,
     100 * kPi},
    {"cos.approx",
     [](long double x) { return std::cos(x); },
     {Bound::Kind::Absolute, 0x1.3p-15L},
     -100 * kPi,
     100 * kPi},
    {"lg2.approx", [](long double x) { return std::log2(x); }, {Bound::Kind::Absolute, 0x1p-22L}, 0.5, 2},
    {"lg2.approx", [](long double x) { return std::log2(x); }, {Bound::Kind::Relative, 0x1p-22L}, 2, kInfinity},
    {"ex2.approx", [](long double x) { return std::exp2(x); }, {Bound::Kind::Ulps, 2}, -kInfinity, kInfinity},
    {"tanh.approx",
     [](long double x) { return std::tanh(x); },
     {Bound::Kind::Relative, 0x1p-11L},
     -kInfinity,
     kInfinity}};

std::vector<uint64_t> operands() {
  std::vector<uint64_t> bits = specialF32(20000);
  for (int i = -4000; i != 4000; ++i)
    bits.push_back(llvm::bit_cast<uint32_t>(i * 0.0790001f));
  return bits;
}

TEST(PTXFunctions, withinTheBounds) {
  std::vector<uint64_t> in = operands();
  for (const Function &function : kFunctions) {
    auto results = runOnAll(std::string(function.words) + ".f32 %d, %a;", "b32", {{"b32", in}});
    ASSERT_EQ(results.size(), in.size());
    size_t checked = 0;
    for (size_t i = 0; i != in.size(); ++i) {
      float x = single(in[i]), got = single(results[i]);
      if (!(x > function.least && x < function.most))
        continue;
      long double exact = function.f(x);
      // What is beyond the largest f32 is infinity.
      if (std::isinf(got) || std::isinf(static_cast<float>(exact))) {
        EXPECT_EQ(got, static_cast<float>(exact)) << function.words << " " << x;
        continue;
      }
      // Below the smallest normal number an error relative to the result means units that there are not.
      long double bound = function.bound.kind == Bound::Kind::Ulps       ? function.bound.most * ulp(exact)
                          : function.bound.kind == Bound::Kind::Relative ? function.bound.most * std::fabs(exact)
                                                                         : function.bound.most;
      bound = std::max(bound, 0x1p-149L);
      ASSERT_LE(std::fabs(got - exact), bound) << function.words << " of " << x << " is " << got;
      ++checked;
    }
    EXPECT_GT(checked, 100u) << function.words;
  }
}

TEST(PTXFunctions, cornerCases) {
  constexpr uint64_t minus = 0x80000000, infinity = 0x7f800000, nan = 0x7fffffff, one = 0x3f800000;
  // The tables of the manual: of -inf, -0, 0, inf and NaN.
  struct {
    const char *words;
    uint64_t results[5];
  } tables[] = {{"rcp.approx", {minus, minus | infinity, infinity, 0, nan}},
                {"sqrt.approx", {nan, minus, 0, infinity, nan}},
                {"rsqrt.approx", {nan, minus | infinity, infinity, 0, nan}},
                {"sin.approx", {nan, minus, 0, nan, nan}},
                {"cos.approx", {nan, one, one, nan, nan}},
                {"lg2.approx", {nan, minus | infinity, minus | infinity, infinity, nan}},
                {"ex2.approx", {0, one, one, infinity, nan}},
                {"tanh.approx", {minus | one, minus, 0, one, nan}}};
  for (auto &table : tables) {
    auto results = runOnAll(std::string(table.words) + ".f32 %d, %a;", "b32",
                            {{"b32", {minus | infinity, minus, 0, infinity, 0xffc12345}}});
    ASSERT_EQ(results, std::vector<uint64_t>(std::begin(table.results), std::end(table.results))) << table.words;
  }
}

TEST(PTXFunctions, flushed) {
  // A subnormal is 0, with its sign, and a result that would be one, too.
  auto results = runOnAll("rsqrt.approx.ftz.f32 %d, %a;", "b32", {{"b32", {1, 0x80000001, 0x3f800000}}});
  EXPECT_EQ(results, (std::vector<uint64_t>{0x7f800000, 0xff800000, 0x3f800000}));
  results = runOnAll("ex2.approx.ftz.f32 %d, %a;", "b32", {{"b32", {0xc3008000, 0xc2fc0000, 0x007fffff}}});
  EXPECT_EQ(results, (std::vector<uint64_t>{0, 0x00800000, 0x3f800000}));
}

TEST(PTXFunctions, ofUpperHalves) {
  // Sections 9.7.3.14 and 9.7.3.17: 20 bits of mantissa go in and out, here with at most one unit of error.
  std::vector<uint64_t> in = specialF64(5000);
  for (bool isRoot : {false, true}) {
    auto results =
        runOnAll(isRoot ? "rsqrt.approx.ftz.f64 %d, %a;" : "rcp.approx.ftz.f64 %d, %a;", "b64", {{"b64", in}});
    ASSERT_EQ(results.size(), in.size());
    for (size_t i = 0; i != in.size(); ++i) {
      double x = llvm::bit_cast<double>(in[i]), upper = llvm::bit_cast<double>(in[i] >> 32 << 32);
      if (std::fpclassify(upper) == FP_SUBNORMAL)
        upper = std::copysign(0.0, upper);
      double exact = isRoot ? 1 / std::sqrt(upper) : 1 / upper;
      EXPECT_EQ(results[i] & UINT32_MAX, 0u);
      if (std::isnan(upper) || std::isnan(exact)) {
        EXPECT_EQ(results[i], 0x7fffffff00000000u) << x;
        continue;
      }
      double got = llvm::bit_cast<double>(results[i]);
      EXPECT_EQ(std::signbit(got), std::signbit(exact));
      if (std::fpclassify(exact) == FP_SUBNORMAL || exact == 0 || std::isinf(exact))
        EXPECT_EQ(std::fabs(got), std::isinf(exact) ? INFINITY : 0.0) << x;
      else
        EXPECT_LE(std::fabs(got - exact), std::fabs(exact) * 0x1p-20) << x;
    }
  }
}

TEST(PTXFunctions, halves) {
  // Sections 9.7.4.9 and 9.7.4.10, of all operands.
  struct {
    const char *words;
    const llvm::fltSemantics &semantics;
    bool isTanh, isRelative, isFlushed;
    double most;
  } forms[] = {{"tanh.approx.f16", llvm::APFloat::IEEEhalf(), true, false, false, std::exp2(-10.987)},
               {"tanh.approx.bf16", llvm::APFloat::BFloat(), true, false, false, 0x1p-8},
               {"ex2.approx.f16", llvm::APFloat::IEEEhalf(), false, true, false, std::exp2(-9.9)},
               {"ex2.approx.ftz.bf16", llvm::APFloat::BFloat(), false, true, true, 0x1p-7}};
  std::vector<uint64_t> all = allOf(16);
  for (auto &form : forms) {
    auto results = runOnAll(std::string(form.words) + " %d, %a;", "b16", {{"b16", all}});
    ASSERT_EQ(results.size(), all.size());
    auto value = [&](uint64_t bits) {
      llvm::APFloat number(form.semantics, llvm::APInt(16, bits));
      bool loses;
      number.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &loses);
      return number.convertToDouble();
    };
    double largest = value(llvm::APFloat::getLargest(form.semantics).bitcastToAPInt().getZExtValue()),
           smallest = value(llvm::APFloat::getSmallestNormalized(form.semantics).bitcastToAPInt().getZExtValue()),
           unit = value(1);
    for (uint64_t bits : all) {
      double x = value(bits), exact = form.isTanh ? std::tanh(x) : std::exp2(x), got = value(results[bits]);
      if (std::isnan(x)) {
        ASSERT_EQ(results[bits], 0x7fffu);
      } else if (std::isinf(got)) {
        ASSERT_GT(exact, largest) << form.words << " " << x;
      } else if (form.isFlushed && std::fabs(exact) < smallest) {
        // Flushed.
        ASSERT_EQ(got, 0) << form.words << " " << x;
      } else {
        // Of subnormals there is half a unit more.
        ASSERT_LE(std::fabs(got - exact), std::max(form.isRelative ? exact * form.most : form.most, unit / 2))
            << form.words << " " << x;
      }
    }
  }
}

} // namespace
