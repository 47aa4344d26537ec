//===- PTXPackedIntegersTest.cpp - dot products, halves, fns, szext -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Against sums, extremes and searches that are written out here on arrays of digits.

#include "InstructionRunner.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <random>

using namespace tilec::sim::ptx;

namespace {

/// Operands whose bytes are often at the ends of ranges.
Words words(size_t count) { return randomWords(count, 11, {0, 1, 127, 128, 129, 255}); }

/// Digit `i` of so many bits, as a number.
long long digit(uint64_t word, unsigned i, unsigned bits, bool isSigned) {
  long long base = 1ll << bits, value = (word >> (i * bits)) % base;
  return isSigned && value >= base / 2 ? value - base : value;
}

TEST(PTXPackedIntegers, dotProducts) {
  Words in = words(20000);
  const char *types[] = {"u32", "s32"};
  for (int form = 0; form != 3; ++form)
    for (bool isSignedA : {false, true})
      for (bool isSignedB : {false, true}) {
        const char *names[] = {"dp4a.", "dp2a.lo.", "dp2a.hi."};
        std::string instruction = std::string(names[form]) + types[isSignedA] + "." + types[isSignedB];
        auto results = runOnAll(instruction + " %d, %a, %b, %c;", "b32", {{"b32", in.a}, {"b32", in.b}, {"b32", in.c}});
        ASSERT_EQ(results.size(), in.a.size());
        for (size_t i = 0; i != results.size(); ++i) {
          long long sum = in.c[i];
          for (unsigned j = 0; j != (form ? 2 : 4); ++j)
            sum += digit(in.a[i], j, form ? 16 : 8, isSignedA) * digit(in.b[i], j + (form == 2 ? 2 : 0), 8, isSignedB);
          ASSERT_EQ(results[i], uint32_t(sum)) << instruction << " " << in.a[i] << " " << in.b[i] << " " << in.c[i];
        }
      }
}

TEST(PTXPackedIntegers, halves) {
  Words in = words(20000);
  struct {
    const char *name;
    bool isSigned;
    long long (*f)(long long, long long);
  } forms[] = {{"add.u16x2", false, [](long long x, long long y) { return x + y; }},
               {"add.s16x2", true, [](long long x, long long y) { return x + y; }},
               {"min.u16x2", false, [](long long x, long long y) { return x < y ? x : y; }},
               {"min.s16x2", true, [](long long x, long long y) { return x < y ? x : y; }},
               {"max.u16x2", false, [](long long x, long long y) { return x < y ? y : x; }},
               {"max.s16x2", true, [](long long x, long long y) { return x < y ? y : x; }},
               {"min.relu.s16x2", true, [](long long x, long long y) { return x < 0 || y < 0 ? 0
                                                                              : x < y        ? x
                                                                                             : y; }},
               {"max.relu.s16x2", true, [](long long x, long long y) { return x < 0 && y < 0 ? 0
                                                                              : x < y        ? y
                                                                                             : x; }}};
  for (auto &form : forms) {
    auto results = runOnAll(std::string(form.name) + " %d, %a, %b;", "b32", {{"b32", in.a}, {"b32", in.b}});
    ASSERT_EQ(results.size(), in.a.size());
    for (size_t i = 0; i != results.size(); ++i)
      for (unsigned half : {0, 1})
        ASSERT_EQ(results[i] >> (16 * half) & 0xffff,
                  uint16_t(form.f(digit(in.a[i], half, 16, form.isSigned), digit(in.b[i], half, 16, form.isSigned))))
            << form.name << " " << in.a[i] << " " << in.b[i];
  }
}

TEST(PTXPackedIntegers, reluOfWords) {
  auto [a, b] = allPairs(specialIntegers(32, 0));
  auto least = runOnAll("min.relu.s32 %d, %a, %b;", "b32", {{"b32", a}, {"b32", b}}),
       most = runOnAll("max.relu.s32 %d, %a, %b;", "b32", {{"b32", a}, {"b32", b}});
  for (size_t i = 0; i != a.size(); ++i) {
    ASSERT_EQ(least[i], uint32_t(std::max(0, std::min(int32_t(a[i]), int32_t(b[i])))));
    ASSERT_EQ(most[i], uint32_t(std::max(0, std::max(int32_t(a[i]), int32_t(b[i])))));
  }
}

TEST(PTXPackedIntegers, findSet) {
  // The bits that are set, in order; the answer is found by an index into them.
  Words in;
  std::mt19937_64 engine(3);
  for (size_t i = 0; i != 30000; ++i) {
    in.a.push_back((engine() & engine() & (i % 3 ? ~0ull : engine())) & UINT32_MAX);
    in.b.push_back(engine() % 32);
    in.c.push_back(i % 100 == 0 ? (i % 200 ? 0x80000000 : 0x7fffffff) : uint32_t(int(engine() % 41) - 20));
  }
  in.a[0] = 0xaaaaaaaa, in.b[0] = 2, in.c[0] = uint32_t(-1);
  auto results = runOnAll("fns.b32 %d, %a, %b, %c;", "b32", {{"b32", in.a}, {"b32", in.b}, {"b32", in.c}});
  ASSERT_EQ(results.size(), in.a.size());
  EXPECT_EQ(results[0], 1u);
  for (size_t i = 0; i != results.size(); ++i) {
    std::vector<uint32_t> above, below;
    for (uint32_t bit = 0; bit != 32; ++bit)
      if (in.a[i] >> bit & 1) {
        if (bit >= in.b[i])
          above.push_back(bit);
        if (bit <= in.b[i])
          below.insert(below.begin(), bit);
      }
    int64_t offset = int32_t(in.c[i]);
    const auto &list = offset >= 0 ? above : below;
    size_t index = offset == 0 ? 0 : std::abs(offset) - 1;
    bool isThere = index < list.size() && (offset != 0 || list[0] == in.b[i]);
    ASSERT_EQ(results[i], isThere ? list[index] : UINT32_MAX) << in.a[i] << " " << in.b[i] << " " << offset;
  }
}

TEST(PTXPackedIntegers, extensions) {
  std::vector<uint64_t> a, b;
  for (uint64_t value : specialIntegers(32, 200))
    for (uint64_t width : {0, 1, 2, 7, 8, 15, 16, 17, 30, 31, 32, 33, 40, 63, 64, 255, 256, -1}) {
      a.push_back(value);
      b.push_back(uint32_t(width));
    }
  for (bool isClamped : {false, true})
    for (bool isSigned : {false, true}) {
      std::string instruction = std::string("szext.") + (isClamped ? "clamp." : "wrap.") + (isSigned ? "s32" : "u32");
      auto results = runOnAll(instruction + " %d, %a, %b;", "b32", {{"b32", a}, {"b32", b}});
      for (size_t i = 0; i != a.size(); ++i) {
        unsigned width = isClamped ? std::min<uint64_t>(b[i], 32) : b[i] % 32;
        long long expected = width == 0 ? 0 : digit(a[i], 0, width, isSigned);
        ASSERT_EQ(results[i], uint32_t(expected)) << instruction << " " << a[i] << " " << b[i];
      }
    }
}

TEST(PTXPackedIntegers, whatThereIsNot) {
  std::string registers = ".reg .b32 %d, %a, %b;";
  for (const char *statement : {"dp4a.u32.s16 %d, %a, %b, %a;", "dp2a.u32.u32 %d, %a, %b, %a;", "sub.u16x2 %d, %a, %b;",
                                "min.relu.u16x2 %d, %a, %b;", "add.sat.s16x2 %d, %a, %b;", "szext.s32 %d, %a, %b;",
                                "szext.wrap.b32 %d, %a, %b;", "fns.u32 %d, %a, %b, 1;", "mul.lo.u16x2 %d, %a, %b;"})
    EXPECT_NE(loadErrorOf(statement, registers).find("error: "), std::string::npos) << statement;
}

} // namespace
