//===- PTXHalvesTest.cpp - arithmetic of f16 and bf16 -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Against LLVM's APFloat, on all pairs of special values; operations on one value on all 65536.

#include "InstructionRunner.h"

#include "llvm/ADT/APFloat.h"

#include "gtest/gtest.h"

#include <random>

using namespace tilec::sim::ptx;
using llvm::APFloat;

namespace {

struct Format {
  const char *name;
  const llvm::fltSemantics &semantics;
  unsigned mantissaBits;
};
const Format kFormats[] = {{"f16", APFloat::IEEEhalf(), 10}, {"bf16", APFloat::BFloat(), 7}};

/// What an operation computes, before modifiers.
using Compute = APFloat (*)(APFloat a, const APFloat &b, const APFloat &c);

struct Operation {
  const char *name;
  unsigned arity;
  Compute compute;
};

constexpr auto kNearest = APFloat::rmNearestTiesToEven;

/// The smaller of two, or the larger; -0 is below 0 and a NaN loses.
APFloat extreme(const APFloat &a, const APFloat &b, bool isMax) {
  if (a.isNaN() || b.isNaN())
    return a.isNaN() ? b : a;
  if (a.isZero() && b.isZero())
    return a.isNegative() == isMax ? b : a;
  return (a < b) == isMax ? b : a;
}

APFloat magnitudes(const APFloat &a, const APFloat &b, bool isMax) {
  APFloat result = extreme(llvm::abs(a), llvm::abs(b), isMax);
  if (!result.isNaN() && a.isNegative() != b.isNegative())
    result.changeSign();
  return result;
}

const Operation kOperations[] = {
    {"add", 2, [](APFloat a, const APFloat &b, const APFloat &) { return a.add(b, kNearest), a; }},
    {"sub", 2, [](APFloat a, const APFloat &b, const APFloat &) { return a.subtract(b, kNearest), a; }},
    {"mul", 2, [](APFloat a, const APFloat &b, const APFloat &) { return a.multiply(b, kNearest), a; }},
    {"fma.rn", 3, [](APFloat a, const APFloat &b, const APFloat &c) { return a.fusedMultiplyAdd(b, c, kNearest), a; }},
    {"min", 2, [](APFloat a, const APFloat &b, const APFloat &) { return extreme(a, b, false); }},
    {"max", 2, [](APFloat a, const APFloat &b, const APFloat &) { return extreme(a, b, true); }},
    {"min.NaN", 2,
     [](APFloat a, const APFloat &b, const APFloat &) { return b.isNaN()   ? b
                                                               : a.isNaN() ? a
                                                                           : extreme(a, b, false); }},
    {"max.NaN", 2,
     [](APFloat a, const APFloat &b, const APFloat &) { return b.isNaN()   ? b
                                                               : a.isNaN() ? a
                                                                           : extreme(a, b, true); }},
    {"min.xorsign.abs", 2, [](APFloat a, const APFloat &b, const APFloat &) { return magnitudes(a, b, false); }},
    {"max.xorsign.abs", 2, [](APFloat a, const APFloat &b, const APFloat &) { return magnitudes(a, b, true); }}};

APFloat flushed(const APFloat &value) {
  return value.isDenormal() ? APFloat::getZero(value.getSemantics(), value.isNegative()) : value;
}

uint64_t expectedOf(const Format &format, const Operation &operation, const std::string &modifier, uint64_t a,
                    uint64_t b, uint64_t c) {
  auto number = [&](uint64_t bits) {
    APFloat value(format.semantics, llvm::APInt(16, bits & 0xffff));
    return modifier == ".ftz" ? flushed(value) : value;
  };
  APFloat result = operation.compute(number(a), number(b), number(c));
  if (modifier == ".ftz")
    result = flushed(result);
  // A product that is 2^-14 only since it was rounded among subnormals is 0: with smaller exponents it would be less.
  // Of the numbers that come near it f64 holds product and sum exactly.
  std::string name = operation.name;
  if (modifier == ".ftz" && (name == "mul" || name == "fma.rn")) {
    double exact =
        number(a).convertToDouble() * number(b).convertToDouble() + (name == "mul" ? 0 : number(c).convertToDouble());
    if (std::fabs(exact) < 0x1p-14 * (1 - 0x1p-12))
      result = APFloat::getZero(format.semantics, result.isNegative());
  }
  if (modifier == ".sat") {
    if (result.isNaN() || result.isNegative())
      return 0;
    if (result > APFloat::getOne(format.semantics))
      result = APFloat::getOne(format.semantics);
  }
  if (result.isNaN())
    return 0x7fff;
  if (modifier == ".relu" && result.isNegative())
    return 0;
  return result.bitcastToAPInt().getZExtValue();
}

TEST(PTXHalves, arithmetic) {
  for (const Format &format : kFormats) {
    auto values = special16(format.mantissaBits);
    auto [a, b] = allPairs(values);
    std::vector<uint64_t> c, pairA, pairB, pairC;
    std::mt19937_64 engine(1);
    for (size_t i = 0; i != 10000; ++i) {
      a.push_back(engine() & 0xffff);
      b.push_back(i % 2 ? engine() & 0xffff : (a.back() + engine() % 9 * 0x400) & 0xffff);
    }
    for (size_t i = 0; i != a.size(); ++i)
      c.push_back(i % 2 ? engine() & 0xffff : values[engine() % values.size()]);
    // The upper halves are other operands.
    for (size_t i = 0; i != a.size(); ++i) {
      size_t other = (i * 7 + 3) % a.size();
      pairA.push_back(a[i] | a[other] << 16);
      pairB.push_back(b[i] | b[other] << 16);
      pairC.push_back(c[i] | c[other] << 16);
    }
    bool isHalf = format.mantissaBits == 10;
    for (const Operation &operation : kOperations)
      for (std::string modifier : {"", ".ftz", ".sat", ".relu"})
        for (bool isPair : {false, true}) {
          bool isExtreme = operation.name[0] == 'm' && operation.name[1] != 'u';
          if ((modifier == ".relu" && operation.arity != 3) || (modifier == ".sat" && isExtreme) ||
              (!isHalf && (modifier == ".ftz" || modifier == ".sat")))
            continue;
          // `.ftz` stands before the others.
          std::string name = operation.name;
          size_t dot = modifier == ".ftz" && isExtreme ? name.find('.') : std::string::npos;
          name = name.substr(0, dot) + modifier + (dot == std::string::npos ? "" : name.substr(dot));
          std::string statement = name + "." + format.name + (isPair ? "x2" : "") +
                                  (operation.arity == 3 ? " %d, %a, %b, %c;" : " %d, %a, %b;");
          std::string reg = isPair ? "b32" : "b16";
          auto results = runOnAll(statement, reg,
                                  {{reg, isPair ? pairA : a}, {reg, isPair ? pairB : b}, {reg, isPair ? pairC : c}});
          ASSERT_EQ(results.size(), a.size());
          unsigned wrong = 0;
          for (size_t i = 0; i != results.size() && wrong < 4; ++i)
            for (unsigned half = 0; half != (isPair ? 2 : 1); ++half) {
              size_t at = half ? (i * 7 + 3) % a.size() : i;
              uint64_t expected = expectedOf(format, operation, modifier, a[at], b[at], c[at]);
              uint64_t got = results[i] >> (16 * half) & 0xffff;
              if (got != expected) {
                ++wrong;
                ADD_FAILURE() << statement << " of 0x" << std::hex << a[at] << " 0x" << b[at] << " 0x" << c[at]
                              << " is 0x" << got << ", not 0x" << expected;
              }
            }
        }
  }
}

TEST(PTXHalves, signs) {
  std::vector<uint64_t> all = allOf(16);
  for (const Format &format : kFormats)
    for (const char *name : {"abs", "neg"})
      for (bool flushes : {false, true}) {
        if (flushes && format.mantissaBits != 10)
          continue;
        std::string words = std::string(name) + (flushes ? ".ftz." : ".") + format.name;
        std::vector<uint64_t> pairs;
        for (uint64_t bits : all)
          pairs.push_back(bits | (bits ^ 0x5a5a) << 16);
        auto single = runOnAll(words + " %d, %a;", "b16", {{"b16", all}});
        auto pair = runOnAll(words + "x2 %d, %a;", "b32", {{"b32", pairs}});
        auto expected = [&](uint64_t bits) -> uint64_t {
          APFloat value(format.semantics, llvm::APInt(16, bits));
          if (flushes)
            value = flushed(value);
          if (name == std::string("neg"))
            value.changeSign();
          else
            value.clearSign();
          return value.isNaN() ? 0x7fff : value.bitcastToAPInt().getZExtValue();
        };
        for (uint64_t bits : all) {
          ASSERT_EQ(single[bits], expected(bits)) << words << " " << bits;
          ASSERT_EQ(pair[bits], expected(bits) | expected(bits ^ 0x5a5a) << 16) << words << " " << bits;
        }
      }
}

} // namespace
