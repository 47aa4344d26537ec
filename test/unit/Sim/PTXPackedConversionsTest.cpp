//===- PTXPackedConversionsTest.cpp - f8, f6, f4, e8m0, tf32, cvt.pack -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small formats against LLVM's APFloat, for all values of the 16-bit types; scales against frexp.

#include "InstructionRunner.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace tilec::sim::ptx;
using llvm::APFloat;

namespace {

struct Format {
  const char *name;
  const llvm::fltSemantics &semantics;
  unsigned bits, stride;
  /// What a NaN becomes.
  uint64_t nan;
};
const Format kSmall[] = {{"e4m3x2", APFloat::Float8E4M3FN(), 8, 8, 0x7f},
                         {"e5m2x2", APFloat::Float8E5M2(), 8, 8, 0x7f},
                         {"e2m3x2", APFloat::Float6E2M3FN(), 6, 8, 0x1f},
                         {"e3m2x2", APFloat::Float6E3M2FN(), 6, 8, 0x1f},
                         {"e2m1x2", APFloat::Float4E2M1FN(), 4, 4, 0x7}};

/// The element that `.rn.satfinite` makes of a number: beyond the largest number there is nothing but NaN.
uint64_t narrowed(const Format &to, APFloat value, bool isRelu) {
  if (value.isNaN())
    return to.nan;
  if (isRelu && value.isNegative())
    return 0;
  APFloat largest = APFloat::getLargest(to.semantics, value.isNegative()), wide = largest;
  bool loses;
  wide.convert(value.getSemantics(), APFloat::rmNearestTiesToEven, &loses);
  if (value.isInfinity() || llvm::abs(value) > llvm::abs(wide))
    return largest.bitcastToAPInt().getZExtValue();
  value.convert(to.semantics, APFloat::rmNearestTiesToEven, &loses);
  return value.bitcastToAPInt().getZExtValue();
}

APFloat half(const llvm::fltSemantics &semantics, uint64_t bits) { return APFloat(semantics, llvm::APInt(16, bits)); }
APFloat single(uint64_t bits) { return APFloat(APFloat::IEEEsingle(), llvm::APInt(32, bits)); }

/// `mov.b16` takes a byte apart from nothing, as compilers write it.
std::string narrowing(const Format &to, const std::string &instruction, const std::string &operands) {
  return to.stride == 4 ? "{ .reg .b8 %t; " + instruction + " %t, " + operands + "; mov.b16 %d, {%t, 0}; }"
                        : instruction + " %d, " + operands + ";";
}

template <typename Expected>
void compare(const std::string &instruction, const std::vector<uint64_t> &a, const std::vector<uint64_t> &b,
             const std::vector<uint64_t> &results, Expected expected) {
  ASSERT_EQ(a.size(), results.size()) << instruction;
  unsigned wrong = 0;
  for (size_t i = 0; i != a.size() && wrong < 4; ++i)
    if (uint64_t right = expected(a[i], b[i]); right != results[i]) {
      ADD_FAILURE() << instruction << " of 0x" << std::hex << a[i] << " and 0x" << b[i] << " is 0x" << results[i]
                    << ", not 0x" << right;
      ++wrong;
    }
}

TEST(PTXPackedConversions, fromF32) {
  std::vector<uint64_t> a = specialF32(20000), b(a.rbegin(), a.rend());
  // Numbers where the small formats are.
  for (size_t i = 0; i != 10000; ++i)
    a.push_back(llvm::bit_cast<uint32_t>(float(i) / 16 - 300)),
        b.push_back(llvm::bit_cast<uint32_t>(float(i) / 4096 - 1));
  for (const Format &to : kSmall)
    for (bool isRelu : {false, true}) {
      std::string instruction = std::string("cvt.rn.satfinite.") + (isRelu ? "relu." : "") + to.name + ".f32";
      auto results = runOnAll(narrowing(to, instruction, "%a, %b"), "b16", {{"b32", a}, {"b32", b}});
      compare(instruction, a, b, results, [&](uint64_t x, uint64_t y) {
        return narrowed(to, single(x), isRelu) << to.stride | narrowed(to, single(y), isRelu);
      });
    }
}

TEST(PTXPackedConversions, fromHalves) {
  std::vector<uint64_t> a(1 << 16), none(1 << 16);
  for (uint64_t i = 0; i != a.size(); ++i)
    a[i] = i << 16 | (i * 0x9e37 & 0xffff);
  const std::pair<const char *, const llvm::fltSemantics &> sources[] = {{"f16x2", APFloat::IEEEhalf()},
                                                                         {"bf16x2", APFloat::BFloat()}};
  for (auto [name, semantics] : sources)
    for (const Format &to : kSmall) {
      std::string instruction = std::string("cvt.rn.satfinite.") + to.name + "." + name;
      auto results = runOnAll(narrowing(to, instruction, "%a"), "b16", {{"b32", a}});
      compare(instruction, a, none, results, [&](uint64_t x, uint64_t) {
        return narrowed(to, half(semantics, x >> 16), false) << to.stride |
               narrowed(to, half(semantics, x & 0xffff), false);
      });
    }
}

TEST(PTXPackedConversions, toHalves) {
  std::vector<uint64_t> a = allOf(16), none(1 << 16);
  for (const Format &from : kSmall)
    for (bool isRelu : {false, true}) {
      std::string instruction = std::string("cvt.rn.") + (isRelu ? "relu." : "") + "f16x2." + from.name;
      std::string statements = from.stride == 4
                                   ? "{ .reg .b8 %t, %u; mov.b16 {%t, %u}, %a; " + instruction + " %d, %t; }"
                                   : instruction + " %d, %a;";
      auto results = runOnAll(statements, "b32", {{"b16", a}});
      auto widened = [&](uint64_t bits) -> uint64_t {
        APFloat value(from.semantics, llvm::APInt(from.bits, bits & ((1u << from.bits) - 1)));
        if (value.isNaN())
          return 0x7fff;
        if (isRelu && value.isNegative())
          return 0;
        bool loses;
        value.convert(APFloat::IEEEhalf(), APFloat::rmNearestTiesToEven, &loses);
        EXPECT_FALSE(loses);
        return value.bitcastToAPInt().getZExtValue();
      };
      compare(instruction, a, none, results,
              [&](uint64_t x, uint64_t) { return widened(x >> from.stride) << 16 | widened(x); });
    }
}

TEST(PTXPackedConversions, pairsOfHalves) {
  std::vector<uint64_t> a = specialF32(20000), b(a.rbegin(), a.rend());
  const std::pair<const char *, const llvm::fltSemantics &> targets[] = {{"f16x2", APFloat::IEEEhalf()},
                                                                         {"bf16x2", APFloat::BFloat()}};
  for (auto [name, semantics] : targets)
    for (bool isToZero : {false, true})
      for (bool isRelu : {false, true})
        for (bool isFinite : {false, true}) {
          std::string instruction = std::string("cvt.") + (isToZero ? "rz" : "rn") + (isRelu ? ".relu" : "") +
                                    (isFinite ? ".satfinite" : "") + "." + name + ".f32";
          auto results = runOnAll(instruction + " %d, %a, %b;", "b32", {{"b32", a}, {"b32", b}});
          auto expected = [&](uint64_t bits) -> uint64_t {
            APFloat value = single(bits);
            if (value.isNaN())
              return 0x7fff;
            bool loses;
            value.convert(semantics, isToZero ? APFloat::rmTowardZero : APFloat::rmNearestTiesToEven, &loses);
            if (isRelu && value.isNegative())
              return 0;
            if (isFinite && value.isInfinity())
              value = APFloat::getLargest(semantics, value.isNegative());
            return value.bitcastToAPInt().getZExtValue();
          };
          compare(instruction, a, b, results, [&](uint64_t x, uint64_t y) { return expected(x) << 16 | expected(y); });
        }
}

TEST(PTXPackedConversions, tf32) {
  std::vector<uint64_t> a = specialF32(50000);
  const std::pair<const char *, APFloat::roundingMode> modes[] = {{"rna", APFloat::rmNearestTiesToAway},
                                                                  {"rn", APFloat::rmNearestTiesToEven},
                                                                  {"rz", APFloat::rmTowardZero},
                                                                  {"rn.relu", APFloat::rmNearestTiesToEven},
                                                                  {"rna.satfinite", APFloat::rmNearestTiesToAway},
                                                                  {"rz.satfinite.relu", APFloat::rmTowardZero}};
  for (auto [words, mode] : modes) {
    std::string name = words, instruction = "cvt." + name + ".tf32.f32";
    auto results = runOnAll(instruction + " %d, %a;", "b32", {{"b32", a}});
    compare(instruction, a, a, results, [&](uint64_t bits, uint64_t) -> uint64_t {
      APFloat value = single(bits);
      if (value.isNaN())
        return 0x7fffe000;
      bool loses;
      value.convert(APFloat::FloatTF32(), mode, &loses);
      if (name.find("relu") != std::string::npos && value.isNegative())
        return 0;
      if (name.find("satfinite") != std::string::npos && value.isInfinity())
        value = APFloat::getLargest(APFloat::FloatTF32(), value.isNegative());
      // The other bits of the register are 0: the manual leaves them open.
      return value.bitcastToAPInt().getZExtValue() << 13;
    });
  }
}

/// The scale next to |x|, upwards or downwards; 2^-127 is the least. Everything of f32 is exact in double.
uint64_t scaleOf(double x, bool isUp, bool isFinite) {
  if (std::isnan(x))
    return 255;
  double magnitude = std::fabs(x);
  for (int i = 254; i >= 0; --i)
    if (std::ldexp(1.0, i - 127) <= magnitude) {
      if (isUp && std::ldexp(1.0, i - 127) < magnitude)
        ++i;
      return i == 255 && isFinite ? 254 : std::isinf(x) && !isFinite ? 255 : i;
    }
  return 0;
}

TEST(PTXPackedConversions, scales) {
  std::vector<uint64_t> a = specialF32(5000), b(a.rbegin(), a.rend());
  std::vector<uint64_t> halves(1 << 16);
  for (uint64_t i = 0; i != halves.size(); ++i)
    halves[i] = i << 16 | (i * 0x9e37 & 0xffff);
  for (bool isUp : {false, true})
    for (bool isFinite : {false, true}) {
      std::string words = std::string("cvt.") + (isUp ? "rp" : "rz") + (isFinite ? ".satfinite" : "") + ".ue8m0x2.";
      auto results = runOnAll(words + "f32 %d, %a, %b;", "b16", {{"b32", a}, {"b32", b}});
      compare(words + "f32", a, b, results, [&](uint64_t x, uint64_t y) {
        return scaleOf(llvm::bit_cast<float>(uint32_t(x)), isUp, isFinite) << 8 |
               scaleOf(llvm::bit_cast<float>(uint32_t(y)), isUp, isFinite);
      });
      results = runOnAll(words + "bf16x2 %d, %a;", "b16", {{"b32", halves}});
      compare(words + "bf16x2", halves, halves, results, [&](uint64_t x, uint64_t) {
        return scaleOf(llvm::bit_cast<float>(uint32_t(x & 0xffff0000)), isUp, isFinite) << 8 |
               scaleOf(llvm::bit_cast<float>(uint32_t(x << 16)), isUp, isFinite);
      });
    }
  std::vector<uint64_t> scales = allOf(16);
  auto results = runOnAll("cvt.rn.bf16x2.ue8m0x2 %d, %a;", "b32", {{"b16", scales}});
  auto expected = [](uint64_t bits) -> uint64_t {
    return bits == 255 ? 0x7fff : llvm::bit_cast<uint32_t>(std::ldexp(1.0f, int(bits) - 127)) >> 16;
  };
  compare("cvt.rn.bf16x2.ue8m0x2", scales, scales, results,
          [&](uint64_t x, uint64_t) { return expected(x >> 8) << 16 | expected(x & 255); });
}

TEST(PTXPackedConversions, packedIntegers) {
  struct {
    const char *name;
    unsigned bits;
    int64_t least, most;
  } types[] = {{"u16", 16, 0, 65535}, {"s16", 16, -32768, 32767}, {"u8", 8, 0, 255}, {"s8", 8, -128, 127},
               {"u4", 4, 0, 15},      {"s4", 4, -8, 7},           {"u2", 2, 0, 3},   {"s2", 2, -2, 1}};
  auto [a, b] = allPairs(specialIntegers(32, 20));
  std::vector<uint64_t> c(a.size());
  for (size_t i = 0; i != c.size(); ++i)
    c[i] = uint32_t(i * 2654435761u);
  for (auto &type : types) {
    bool isWide = type.bits == 16;
    std::string instruction = std::string("cvt.pack.sat.") + type.name + ".s32" + (isWide ? "" : ".b32");
    auto results = runOnAll(instruction + (isWide ? " %d, %a, %b;" : " %d, %a, %b, %c;"), "b32",
                            {{"b32", a}, {"b32", b}, {"b32", c}});
    auto field = [&](uint64_t bits) -> uint64_t {
      int64_t value = int32_t(bits);
      value = value < type.least ? type.least : value > type.most ? type.most : value;
      return uint64_t(value) % (uint64_t(1) << type.bits);
    };
    for (size_t i = 0; i != a.size(); ++i) {
      uint64_t expected = field(b[i]) + (field(a[i]) << type.bits);
      if (!isWide)
        expected = (expected + (c[i] << (2 * type.bits))) & UINT32_MAX;
      ASSERT_EQ(results[i], expected) << instruction << " " << a[i] << " " << b[i];
    }
  }
}

TEST(PTXPackedConversions, whatThereIsNot) {
  std::string registers = ".reg .b32 %d, %a, %b; .reg .b16 %h;";
  for (const char *statement :
       {"cvt.rz.satfinite.e4m3x2.f32 %h, %a, %b;", "cvt.rn.e4m3x2.f32 %h, %a, %b;",
        "cvt.rn.satfinite.f16x2.e4m3x2 %d, %h;", "cvt.rn.ue8m0x2.f32 %h, %a, %b;", "cvt.rna.relu.tf32.f32 %d, %a;",
        "cvt.rp.tf32.f32 %d, %a;", "cvt.rn.f16x2.ue8m0x2 %d, %h;", "cvt.rs.f16x2.f32 %d, %a, %b, %b;",
        "cvt.f16.f32 %h, %a;", "cvt.u32.f32 %d, %a;", "cvt.rn.relu.f32.f16 %d, %h;", "cvt.rna.f16.f32 %h, %a;",
        "cvt.rni.f16.f32 %h, %a;"})
    EXPECT_NE(loadErrorOf(statement, registers).find("error: "), std::string::npos) << statement;
}

} // namespace
