//===- PTXVideoTest.cpp - video instructions --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Against the stages of section 9.7.18 of the manual, on parts that are taken from memory as bytes.

#include "InstructionRunner.h"

#include "gtest/gtest.h"

#include <cstring>

using namespace tilec::sim::ptx;

namespace {

/// Operands whose bytes are often at the ends of ranges.
Words words(size_t count) { return randomWords(count, 17, {0, 1, 127, 128, 254, 255}); }

std::vector<uint64_t> run(const std::string &statement, const Words &in) {
  return runOnAll(statement, "b32", {{"b32", in.a}, {"b32", in.b}, {"b32", in.c}});
}

/// Bytes `[at, at + size)` of memory in which `a` lies before `b`.
long long taken(uint64_t a, uint64_t b, unsigned at, unsigned size, bool isSigned) {
  unsigned char bytes[8];
  uint32_t low = a, high = b;
  std::memcpy(bytes, &low, 4);
  std::memcpy(bytes + 4, &high, 4);
  long long value = isSigned && bytes[at + size - 1] >= 128 ? -1 : 0;
  for (unsigned i = size; i-- != 0;)
    value = value * 256 + bytes[at + i];
  return value;
}

long long clamped(long long value, unsigned bytes, bool isSigned) {
  long long span = 1ll << (8 * bytes), least = isSigned ? -span / 2 : 0, most = least + span - 1;
  return value < least ? least : value > most ? most : value;
}

struct Operation {
  const char *name;
  long long (*f)(long long, long long);
  bool isScalar = true;
};
const Operation kOperations[] = {
    {"vadd", [](long long x, long long y) { return x + y; }},
    {"vsub", [](long long x, long long y) { return x - y; }},
    {"vabsdiff", [](long long x, long long y) { return x > y ? x - y : y - x; }},
    {"vmin", [](long long x, long long y) { return x < y ? x : y; }},
    {"vmax", [](long long x, long long y) { return x < y ? y : x; }},
    // Halves away from zero.
    {"vavrg",
     [](long long x, long long y) { return x + y >= 0 ? (x + y + 1) / 2 : (x + y - ((x + y) % 2 ? 1 : 0)) / 2; },
     false}};

std::string typeName(bool isSigned) { return isSigned ? ".s32" : ".u32"; }

TEST(PTXVideo, scalar) {
  Words in = words(3000);
  struct Select {
    const char *name;
    unsigned at, size;
  } selects[] = {{"", 0, 4}, {".b0", 0, 1}, {".b3", 3, 1}, {".b2", 2, 1}, {".h0", 0, 2}, {".h1", 2, 2}};
  unsigned variant = 0;
  for (const Operation &operation : kOperations) {
    if (!operation.isScalar)
      continue;
    for (const Select &first : selects)
      for (const Select &second : selects)
        for (int types = 0; types != 8; ++types) {
          ++variant;
          bool isD = types & 1, isA = types & 2, isB = types & 4, saturates = variant % 2;
          // In turn: nothing, a second operation, a merge.
          const char *seconds[] = {"", ".add", ".min", ".max", "merge"};
          std::string after = seconds[variant % 5];
          const Select &into = after == "merge" ? selects[1 + variant % 4] : selects[0];
          std::string statement = std::string(operation.name) + typeName(isD) + typeName(isA) + typeName(isB) +
                                  (saturates ? ".sat" : "") + (after == "merge" ? "" : after) + " %d" + into.name +
                                  ", %a" + first.name + ", %b" + second.name + (after.empty() ? ";" : ", %c;");
          auto results = run(statement, in);
          ASSERT_EQ(results.size(), in.a.size()) << statement;
          for (size_t i = 0; i != results.size(); ++i) {
            long long value = operation.f(taken(in.a[i], 0, first.at, first.size, isA),
                                          taken(in.b[i], 0, second.at, second.size, isB));
            if (saturates)
              value = clamped(value, into.size, isD);
            long long c = taken(in.c[i], 0, 0, 4, isD);
            if (after == ".add")
              value += c;
            if (after == ".min")
              value = std::min(value, c);
            if (after == ".max")
              value = std::max(value, c);
            uint32_t expected = value;
            if (after == "merge") {
              expected = in.c[i];
              std::memcpy(reinterpret_cast<char *>(&expected) + into.at, &value, into.size);
            }
            ASSERT_EQ(results[i], expected) << statement << " " << in.a[i] << " " << in.b[i] << " " << in.c[i];
          }
        }
  }
}

TEST(PTXVideo, simd) {
  Words in = words(3000);
  for (const Operation &operation : kOperations)
    for (unsigned parts : {2u, 4u})
      for (int types = 0; types != 8; ++types)
        for (int form = 0; form != 3; ++form) {
          bool isD = types & 1, isA = types & 2, isB = types & 4, adds = form == 1, saturates = form == 2;
          unsigned size = 4 / parts;
          // With the selectors that stand for what is left out, and with others.
          bool hasSelectors = types % 2;
          const char *selectors[] = {parts == 2 ? ".h0" : ".b20", parts == 2 ? ".h13" : ".b7016",
                                     parts == 2 ? ".h20" : ".b0007"};
          std::string statement =
              std::string(operation.name) + std::to_string(parts) + typeName(isD) + typeName(isA) + typeName(isB) +
              (adds        ? ".add"
               : saturates ? ".sat"
                           : "") +
              " %d" + (hasSelectors ? selectors[0] : "") + ", %a" + (hasSelectors ? selectors[1] : "") + ", %b" +
              (hasSelectors ? selectors[2] : "") + ", %c;";
          auto results = run(statement, in);
          ASSERT_EQ(results.size(), in.a.size()) << statement;
          auto chosen = [&](const char *selector, unsigned i, unsigned otherwise) {
            return hasSelectors ? unsigned(selector[std::strlen(selector) - 1 - i] - '0') : otherwise;
          };
          for (size_t i = 0; i != results.size(); ++i) {
            uint32_t expected = in.c[i];
            for (unsigned part = 0; part != parts; ++part) {
              long long value =
                  operation.f(taken(in.a[i], in.b[i], size * chosen(selectors[1], part, part), size, isA),
                              taken(in.a[i], in.b[i], size * chosen(selectors[2], part, parts + part), size, isB));
              if (saturates)
                value = clamped(value, size, isD);
              if (hasSelectors && !std::strchr(selectors[0] + 2, int('0' + part)))
                continue;
              if (adds)
                expected += uint32_t(value);
              else
                std::memcpy(reinterpret_cast<char *>(&expected) + size * part, &value, size);
            }
            ASSERT_EQ(results[i], expected) << statement << " " << in.a[i] << " " << in.b[i] << " " << in.c[i];
          }
        }
}

TEST(PTXVideo, comparisons) {
  Words in = words(3000);
  struct {
    const char *name;
    bool (*f)(long long, long long);
  } relations[] = {
      {"eq", [](long long x, long long y) { return x == y; }}, {"ne", [](long long x, long long y) { return x != y; }},
      {"lt", [](long long x, long long y) { return x < y; }},  {"le", [](long long x, long long y) { return x <= y; }},
      {"gt", [](long long x, long long y) { return x > y; }},  {"ge", [](long long x, long long y) { return x >= y; }}};
  for (auto &relation : relations)
    for (int types = 0; types != 4; ++types) {
      bool isA = types & 1, isB = types & 2;
      std::string words = typeName(isA) + typeName(isB) + "." + relation.name;
      auto scalar = run("vset" + words + ".add %d, %a.b1, %b.h1, %c;", in);
      auto halves = run("vset2" + words + " %d, %a, %b, %c;", in),
           bytes = run("vset4" + words + ".add %d, %a, %b, %c;", in);
      for (size_t i = 0; i != in.a.size(); ++i) {
        ASSERT_EQ(scalar[i],
                  uint32_t(in.c[i] + relation.f(taken(in.a[i], 0, 1, 1, isA), taken(in.b[i], 0, 2, 2, isB))));
        uint32_t expectedHalves = 0, expectedBytes = in.c[i];
        for (unsigned half : {0, 1})
          expectedHalves |=
              uint32_t(relation.f(taken(in.a[i], 0, 2 * half, 2, isA), taken(in.b[i], 0, 2 * half, 2, isB)))
              << (16 * half);
        for (unsigned byte : {0, 1, 2, 3})
          expectedBytes += relation.f(taken(in.a[i], 0, byte, 1, isA), taken(in.b[i], 0, byte, 1, isB));
        ASSERT_EQ(halves[i], expectedHalves) << words;
        ASSERT_EQ(bytes[i], expectedBytes) << words;
      }
    }
}

TEST(PTXVideo, shifts) {
  Words in = words(2000);
  for (size_t i = 0; i != in.b.size(); ++i)
    in.b[i] = i % 3 ? i % 40 : in.b[i];
  for (bool isLeft : {false, true})
    for (bool isClamped : {false, true})
      for (bool isD : {false, true})
        for (bool isA : {false, true})
          for (bool saturates : {false, true}) {
            std::string statement = std::string(isLeft ? "vshl" : "vshr") + typeName(isD) + typeName(isA) + ".u32" +
                                    (saturates ? ".sat" : "") + (isClamped ? ".clamp" : ".wrap") + " %d, %a.h1, %b;";
            auto results = run(statement, in);
            for (size_t i = 0; i != in.a.size(); ++i) {
              unsigned by = isClamped ? std::min<uint64_t>(in.b[i], 32) : in.b[i] % 32;
              // 17 bits and 32: all in a long long.
              long long value = taken(in.a[i], 0, 2, 2, isA);
              for (unsigned j = 0; j != by; ++j)
                value = isLeft ? value * 2 : (value - (value & 1)) / 2;
              if (saturates)
                value = clamped(value, 4, isD);
              ASSERT_EQ(results[i], uint32_t(value)) << statement << " " << in.a[i] << " " << in.b[i];
            }
          }
}

TEST(PTXVideo, multiplyAdd) {
  Words in = words(3000);
  struct {
    const char *a, *c, *words;
    int product, addend, one, shift;
    bool saturates;
  } forms[] = {{"", "", "", 1, 1, 0, 0, false},
               {"-", "", "", -1, 1, 0, 0, false},
               {"", "-", "", 1, -1, 0, 0, false},
               {"", "", ".po", 1, 1, 1, 0, false},
               {"", "", ".shr7", 1, 1, 0, 7, false},
               {"", "", ".po.shr15", 1, 1, 1, 15, false},
               {"", "", ".sat", 1, 1, 0, 0, true},
               {"-", "", ".sat.shr7", -1, 1, 0, 7, true},
               {"", "-", ".sat.shr15", 1, -1, 0, 15, true}};
  for (auto &form : forms)
    for (int types = 0; types != 4; ++types) {
      bool isA = types & 1, isB = types & 2, isSigned = isA || isB || form.product < 0 || form.addend < 0;
      std::string statement = std::string("vmad") + typeName(isSigned) + typeName(isA) + typeName(isB) + form.words +
                              " %d, " + form.a + "%a.h0, %b, " + form.c + "%c;";
      auto results = run(statement, in);
      ASSERT_EQ(results.size(), in.a.size()) << statement;
      for (size_t i = 0; i != in.a.size(); ++i) {
        // Products of 16 and 32 bits and what is added: all in a long long. An unsigned `c` that is negated is taken as
        // signed, as the manual's complement does.
        long long value = form.product * taken(in.a[i], 0, 0, 2, isA) * taken(in.b[i], 0, 0, 4, isB) +
                          form.addend * taken(in.c[i], 0, 0, 4, isSigned) + form.one;
        for (int j = 0; j != form.shift; ++j)
          value = (value - (value & 1)) / 2;
        if (form.saturates)
          value = clamped(value, 4, isSigned);
        // The complement of the least number is the largest, and one more is beyond 32 bits.
        ASSERT_EQ(results[i], uint32_t(value)) << statement << " " << in.a[i] << " " << in.b[i] << " " << in.c[i];
      }
    }
}

TEST(PTXVideo, whatThereIsNot) {
  std::string registers = ".reg .b32 %d, %a, %b, %c;";
  for (const char *statement :
       {"vadd.s32.s32.s32 %d.b0, %a, %b;", "vadd.s32.s32 %d, %a, %b;", "vadd2.s32.s32.s32.sat.add %d, %a, %b, %c;",
        "vadd2.s32.s32.s32 %d, %a.b0, %b, %c;", "vadd4.s32.s32.s32 %d, %a.b8888, %b, %c;",
        "vadd2.s32.s32.s32 %d.h01, %a, %b, %c;", "vmad.s32.s32.s32.po %d, -%a, %b, %c;",
        "vavrg.s32.s32.s32 %d, %a, %b;", "vshl.u32.u32.u32 %d, %a, %b;", "vset.u32.u32 %d, %a, %b;",
        "add.s32 %d, %a.b0, %b;", "add.s32 %d, -%a, %b;"})
    EXPECT_NE(loadErrorOf(statement, registers).find("error: "), std::string::npos) << statement;
}

} // namespace
