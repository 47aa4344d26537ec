//===- PTXRoundingTest.cpp - f32 and f64 in every rounding ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every result has two witnesses: LLVM's APFloat, and this machine's own arithmetic with its rounding mode set. APFloat
// has no square root; there the machine stands alone.

#include "InstructionRunner.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"

#include "gtest/gtest.h"

#include <cfenv>
#include <cmath>

using namespace tilec::sim::ptx;
using llvm::APFloat;

namespace {

struct Mode {
  const char *name;
  APFloat::roundingMode mode;
  int machine;
};
constexpr Mode kModes[] = {{"rn", APFloat::rmNearestTiesToEven, FE_TONEAREST},
                           {"rz", APFloat::rmTowardZero, FE_TOWARDZERO},
                           {"rm", APFloat::rmTowardNegative, FE_DOWNWARD},
                           {"rp", APFloat::rmTowardPositive, FE_UPWARD}};

template <typename T> using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
template <typename T> T number(uint64_t bits) { return llvm::bit_cast<T>(static_cast<Bits<T>>(bits)); }
template <typename T> uint64_t bitsOf(T value, uint64_t nan = 0x7fffffff) {
  return value == value ? llvm::bit_cast<Bits<T>>(value) : nan;
}
uint64_t bitsOf(const APFloat &value, uint64_t nan) {
  return value.isNaN() ? nan : value.bitcastToAPInt().getZExtValue();
}

/// The NaN that an operation gives. Of f64 it is an operand's, made quiet: the second one's before the first one's and
/// the third one's, but the first one's of a quotient; that is what GPUs do.
template <typename T> uint64_t nanOf(const std::string &operation, T a, T b, T c) {
  if (sizeof(T) == 4)
    return 0x7fffffff;
  bool isUnary = operation == "rcp" || operation == "sqrt";
  std::vector<T> order = isUnary              ? std::vector<T>{a}
                         : operation == "div" ? std::vector<T>{a, b}
                         : operation == "fma" ? std::vector<T>{b, a, c}
                                              : std::vector<T>{b, a};
  for (T operand : order)
    if (operand != operand)
      return llvm::bit_cast<Bits<T>>(operand) | uint64_t(1) << 51;
  return 0xfff8000000000000;
}

/// `a op b` or `a * b + c` as this machine computes it. Volatile, so that it is done here and now.
template <typename T> T byMachine(const std::string &operation, int mode, T x, T y, T z) {
  volatile T a = x, b = y, c = z, result = 0;
  std::fesetround(mode);
  if (operation == "add")
    result = a + b;
  else if (operation == "sub")
    result = a - b;
  else if (operation == "mul")
    result = a * b;
  else if (operation == "div")
    result = a / b;
  else if (operation == "fma")
    result = std::fma(a, b, c);
  else if (operation == "rcp")
    result = 1 / a;
  else
    result = std::sqrt(a);
  std::fesetround(FE_TONEAREST);
  return result;
}

template <typename T> APFloat byAPFloat(const std::string &operation, APFloat::roundingMode mode, T a, T b, T c) {
  APFloat result(operation == "rcp" ? T(1) : a);
  if (operation == "add")
    result.add(APFloat(b), mode);
  else if (operation == "sub")
    result.subtract(APFloat(b), mode);
  else if (operation == "mul")
    result.multiply(APFloat(b), mode);
  else if (operation == "fma")
    result.fusedMultiplyAdd(APFloat(b), APFloat(c), mode);
  else
    result.divide(APFloat(operation == "rcp" ? a : b), mode);
  return result;
}

/// All pairs of special values, with a third one that cancels what it can; and random ones.
struct Triples {
  std::vector<uint64_t> a, b, c;
};
template <typename T> Triples triples() {
  auto values = sizeof(T) == 4 ? specialF32(0) : specialF64(0);
  auto random = sizeof(T) == 4 ? specialF32(3000) : specialF64(1500);
  Triples made;
  std::tie(made.a, made.b) = allPairs(values);
  for (size_t i = 0; i + 1 < random.size(); ++i) {
    made.a.push_back(random[i]);
    made.b.push_back(random[i + 1]);
  }
  for (size_t i = 0; i != made.a.size(); ++i)
    made.c.push_back(i % 3 ? bitsOf(-(number<T>(made.a[i]) * number<T>(made.b[i]))) + i % 5 - 2
                           : values[i / 3 % values.size()]);
  if (sizeof(T) == 4)
    for (uint64_t &bits : made.c)
      bits &= UINT32_MAX;
  return made;
}

template <typename T> void checkAll() {
  std::string type = sizeof(T) == 4 ? "f32" : "f64", reg = sizeof(T) == 4 ? "b32" : "b64";
  Triples in = triples<T>();
  for (const char *name : {"add", "sub", "mul", "div", "fma", "rcp", "sqrt"})
    for (const Mode &mode : kModes) {
      std::string operation = name, statement = operation + "." + mode.name + "." + type + " %d, %a";
      bool isUnary = operation == "rcp" || operation == "sqrt";
      statement += isUnary ? ";" : operation == "fma" ? ", %b, %c;" : ", %b;";
      auto results = runOnAll(statement, reg, {{reg, in.a}, {reg, in.b}, {reg, in.c}});
      ASSERT_EQ(results.size(), in.a.size());
      unsigned wrong = 0;
      for (size_t i = 0; i != results.size() && wrong < 4; ++i) {
        T a = number<T>(in.a[i]), b = number<T>(in.b[i]), c = number<T>(in.c[i]);
        uint64_t nan = nanOf(operation, a, b, c);
        uint64_t machine = bitsOf(byMachine(operation, mode.machine, a, b, c), nan);
        uint64_t apfloat = operation == "sqrt" ? machine : bitsOf(byAPFloat(operation, mode.mode, a, b, c), nan);
        if (results[i] == machine && results[i] == apfloat)
          continue;
        ++wrong;
        ADD_FAILURE() << statement << " of 0x" << std::hex << in.a[i] << " 0x" << in.b[i] << " 0x" << in.c[i]
                      << " is 0x" << results[i] << "; the machine says 0x" << machine << " and APFloat 0x" << apfloat;
      }
    }
}

TEST(PTXRounding, f32) { checkAll<float>(); }
TEST(PTXRounding, f64) { checkAll<double>(); }

TEST(PTXRounding, flushedAndSaturated) {
  Triples in = triples<float>();
  auto flush = [](float x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; };
  for (const char *name : {"add", "sub", "mul", "fma"})
    for (const Mode &mode : kModes)
      for (bool flushes : {false, true})
        for (bool saturates : {false, true}) {
          std::string operation = name, statement = operation + "." + mode.name + (flushes ? ".ftz" : "") +
                                                    (saturates ? ".sat" : "") + ".f32 %d, %a, %b" +
                                                    (operation == "fma" ? ", %c;" : ";");
          auto results = runOnAll(statement, "b32", {{"b32", in.a}, {"b32", in.b}, {"b32", in.c}});
          ASSERT_EQ(results.size(), in.a.size());
          unsigned wrong = 0;
          for (size_t i = 0; i != results.size() && wrong < 4; ++i) {
            float a = number<float>(in.a[i]), b = number<float>(in.b[i]), c = number<float>(in.c[i]);
            if (flushes)
              a = flush(a), b = flush(b), c = flush(c);
            float expected = byMachine(operation, mode.machine, a, b, c);
            // What is flushed is what rounds to less than the least normal number if there are smaller exponents.
            float scaled = byMachine(operation, mode.machine, a * 0x1p64f,
                                     operation[0] == 'a' || operation[0] == 's' ? b * 0x1p64f : b, c * 0x1p64f);
            if (flushes && (std::fabs(scaled) < 0x1p-62f || expected == 0))
              expected = std::copysign(0.0f, expected);
            if (saturates)
              expected = std::isnan(expected) || std::signbit(expected) ? 0 : std::min(expected, 1.0f);
            if (results[i] != bitsOf(expected)) {
              ++wrong;
              ADD_FAILURE() << statement << " of 0x" << std::hex << in.a[i] << " 0x" << in.b[i] << " 0x" << in.c[i]
                            << " is 0x" << results[i] << ", not 0x" << bitsOf(expected);
            }
          }
        }
}

TEST(PTXRounding, divisionByLargeNumbers) {
  // Section 9.7.3.8: beyond 2^126 `div.approx` gives 0, or NaN of infinity.
  auto [a, b] = allPairs(specialF32(0));
  auto results = runOnAll("div.approx.f32 %d, %a, %b;", "b32", {{"b32", a}, {"b32", b}});
  for (size_t i = 0; i != a.size(); ++i) {
    float x = number<float>(a[i]), y = number<float>(b[i]);
    if (!(std::fabs(y) > 0x1p126f) || std::isinf(y))
      continue;
    if (std::isinf(x) || std::isnan(x))
      EXPECT_EQ(results[i], 0x7fffffffu);
    else
      EXPECT_EQ(results[i], std::signbit(x) == std::signbit(y) ? 0u : 0x80000000u);
  }
}

TEST(PTXRounding, whatIsNeeded) {
  std::string registers = ".reg .f32 %d, %a; .reg .f64 %x; .reg .b16 %h;";
  for (const char *statement :
       {"fma.f32 %d, %a, %a, %a;", "div.f32 %d, %a, %a;", "sqrt.f32 %d, %a;", "rcp.f64 %x, %x;",
        "add.rz.f16 %h, %h, %h;", "add.ftz.f64 %x, %x, %x;", "div.approx.f64 %x, %x, %x;", "sqrt.approx.f64 %x, %x;",
        "min.xorsign.f32 %d, %a, %a;", "max.NaN.f64 %x, %x, %x;", "sin.approx.f16 %h, %h;", "ex2.approx.bf16 %h, %h;",
        "tanh.approx.ftz.f32 %d, %a;", "add.sat.bf16 %h, %h, %h;", "fma.rn.sat.relu.f16 %h, %h, %h, %h;",
        "rsqrt.f32 %d, %a;", "fma.rn.oob.f16 %h, %h, %h, %h;"})
    EXPECT_NE(loadErrorOf(statement, registers).find("error: "), std::string::npos) << statement;
}

} // namespace
