//===- PTXMovesTest.cpp - 128 bits, the stack, tables, comparisons -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "InstructionRunner.h"

#include "llvm/ADT/APFloat.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;
using llvm::APFloat;

namespace {

std::pair<std::vector<uint64_t>, std::vector<uint64_t>> words() { return allPairs(specialIntegers(64, 20)); }

TEST(PTXMoves, registersOf128Bits) {
  auto [a, b] = words();
  const std::string regs = "{ .reg .b128 %q, %r, %s; .reg .b64 %x, %y; .reg .b32 %p; .shared .align 16 .b8 m[4096];\n"
                           "mov.u32 %p, %tid.x; shl.b32 %p, %p, 4; mov.u32 %x1, m; add.u32 %p, %p, %x1;\n";
  struct {
    const char *statements;
    uint64_t (*expected)(uint64_t a, uint64_t b);
  } forms[] = {
      {"mov.b128 %q, {%a, %b}; mov.b128 %r, %q; mov.b128 {%x, %y}, %r; mul.lo.u64 %x, %x, 3; add.u64 %d, %x, %y;",
       [](uint64_t a, uint64_t b) { return 3 * a + b; }},
      // The halves change places.
      {"mov.b64 %x, %a; mov.b64 %y, %b; mov.b128 %q, {%x, %y}; mov.b128 {%y, %x}, %q; mul.lo.u64 %x, %x, 5; "
       "add.u64 %d, %x, %y;",
       [](uint64_t a, uint64_t b) { return 5 * b + a; }},
      {"mov.b128 %q, {%a, %b}; st.shared.b128 [%p], %q; ld.shared.v2.b64 {%x, %y}, [%p]; mul.lo.u64 %x, %x, 7; "
       "add.u64 %d, %x, %y;",
       [](uint64_t a, uint64_t b) { return 7 * a + b; }},
      {"st.shared.v2.b64 [%p], {%a, %b}; ld.shared.b128 %q, [%p]; mov.b128 {%x, _}, %q; mov.b64 %d, %x;",
       [](uint64_t a, uint64_t) { return a; }},
      {"st.shared.v2.b64 [%p], {%a, %b}; mov.b128 %q, {%b, %a}; atom.shared.exch.b128 %r, [%p], %q; mov.b128 {%x, %y}, "
       "%r;"
       "mul.lo.u64 %x, %x, 9; add.u64 %d, %x, %y; ld.shared.v2.b64 {%x, %y}, [%p]; mul.lo.u64 %x, %x, 11; "
       "add.u64 %d, %d, %x; add.u64 %d, %d, %y;",
       [](uint64_t a, uint64_t b) { return 9 * a + b + 11 * b + a; }},
      // Equal in both halves, or not.
      {"st.shared.v2.b64 [%p], {%a, %b}; mov.b128 %q, {%a, %a}; mov.b128 %r, {1, 2}; "
       "atom.shared.cas.b128 %s, [%p], %q, %r; ld.shared.v2.b64 {%x, %y}, [%p]; mul.lo.u64 %x, %x, 13; "
       "add.u64 %d, %x, %y;",
       [](uint64_t a, uint64_t b) { return a == b ? 15 : 13 * a + b; }}};
  for (auto &form : forms) {
    auto results = runOnAll(".reg .b32 %x1;" + regs + form.statements + "}", "b64", {{"b64", a}, {"b64", b}});
    ASSERT_EQ(results.size(), a.size());
    for (size_t i = 0; i != a.size(); ++i)
      ASSERT_EQ(results[i], form.expected(a[i], b[i])) << form.statements << " " << a[i] << " " << b[i];
  }
}

TEST(PTXMoves, memoryOnTheStack) {
  // An array of as many bytes as a number says, and then another one: the numbers from 0 on are written to both and
  // read back, so that they must not overlap.
  std::vector<uint64_t> count;
  for (uint64_t i = 0; i != 600; ++i)
    count.push_back(i * 37 % 100);
  auto results = runOnAll("{ .reg .b64 %p, %q, %s, %t, %i, %n; .reg .b32 %v, %w; .reg .pred %more;\n"
                          "shl.b64 %n, %a, 2; stacksave.u64 %s; alloca.u64 %p, %n, 16; alloca.u64 %q, %n;\n"
                          "mov.u64 %i, 0; mov.u64 %d, 0;\n"
                          "WRITE: setp.ge.u64 %more, %i, %n; @%more bra WRITTEN;\n"
                          "cvt.u32.u64 %v, %i; add.u64 %t, %p, %i; st.local.u32 [%t], %v;\n"
                          "add.u32 %v, %v, 1000; add.u64 %t, %q, %i; st.local.u32 [%t], %v;\n"
                          "add.u64 %i, %i, 4; bra WRITE;\n"
                          "WRITTEN: mov.u64 %i, 0;\n"
                          "READ: setp.ge.u64 %more, %i, %n; @%more bra DONE;\n"
                          "add.u64 %t, %p, %i; ld.local.u32 %v, [%t]; add.u64 %t, %q, %i; ld.local.u32 %w, [%t];\n"
                          "mad.lo.u32 %v, %w, 3, %v; cvt.u64.u32 %t, %v; add.u64 %d, %d, %t;\n"
                          "add.u64 %i, %i, 4; bra READ;\n"
                          // The first one is aligned as asked, and adds 0.
                          "DONE: stackrestore.u64 %s; and.b64 %t, %p, 15; add.u64 %d, %d, %t; }",
                          "b64", {{"b64", count}});
  ASSERT_EQ(results.size(), count.size());
  for (size_t i = 0; i != count.size(); ++i) {
    uint64_t sum = 0;
    for (uint64_t j = 0; j < count[i]; ++j)
      sum += 4 * j + 3 * (4 * j + 1000);
    ASSERT_EQ(results[i], sum) << count[i];
  }
}

TEST(PTXMoves, tablesOfBits) {
  auto [a, b] = allPairs(specialIntegers(32, 4));
  for (unsigned table : {0x00, 0x96, 0xe8, 0x80, 0xff, 0x1b})
    for (bool isOr : {false, true})
      for (bool isNegated : {false, true}) {
        std::string statement = "{ .reg .pred %p, %q; setp.lt.u32 %q, %a, %b;\nlop3." +
                                std::string(isOr ? "or" : "and") + ".b32 %d|%p, %a, %b, 0x0f0f0f0f, " +
                                std::to_string(table) + ", " + (isNegated ? "!" : "") +
                                "%q; @%p xor.b32 %d, %d, 0x12345678; }";
        auto results = runOnAll(statement, "b32", {{"b32", a}, {"b32", b}});
        ASSERT_EQ(results.size(), a.size());
        for (size_t i = 0; i != a.size(); ++i) {
          uint32_t expected = 0;
          for (unsigned bit = 0; bit != 32; ++bit) {
            unsigned entry = (a[i] >> bit & 1) << 2 | (b[i] >> bit & 1) << 1 | (0x0f0f0f0f >> bit & 1);
            expected |= (table >> entry & 1) << bit;
          }
          bool other = (a[i] < b[i]) != isNegated, isSet = expected != 0;
          if (isOr ? isSet || other : isSet && other)
            expected ^= 0x12345678;
          ASSERT_EQ(results[i], expected) << statement << " " << a[i] << " " << b[i];
        }
      }
}

TEST(PTXMoves, products24) {
  auto [a, b] = allPairs(specialIntegers(32, 4));
  std::vector<uint64_t> c(a.size());
  for (size_t i = 0; i != c.size(); ++i)
    c[i] = i % 3 == 0 ? 0x7fffffff : i % 3 == 1 ? 0x80000000 : uint32_t(i * 2654435761u);
  auto results = runOnAll("mad24.hi.sat.s32 %d, %a, %b, %c;", "b32", {{"b32", a}, {"b32", b}, {"b32", c}});
  ASSERT_EQ(results.size(), a.size());
  for (size_t i = 0; i != a.size(); ++i) {
    auto low = [](uint64_t x) { return int64_t(x % 0x1000000) - (x % 0x1000000 >= 0x800000 ? 0x1000000 : 0); };
    int64_t product = low(a[i]) * low(b[i]), high = (product - ((product % 65536 + 65536) % 65536)) / 65536;
    int64_t sum = high + int32_t(c[i]);
    sum = sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : sum;
    ASSERT_EQ(results[i], uint32_t(sum)) << a[i] << " " << b[i] << " " << c[i];
  }
}

TEST(PTXMoves, comparisonsOfHalves) {
  struct {
    const char *name;
    bool (*ordered)(APFloat::cmpResult);
    bool ofNaN;
  } relations[] = {{"eq", [](APFloat::cmpResult r) { return r == APFloat::cmpEqual; }, false},
                   {"ne", [](APFloat::cmpResult r) { return r != APFloat::cmpEqual; }, false},
                   {"lt", [](APFloat::cmpResult r) { return r == APFloat::cmpLessThan; }, false},
                   {"ge", [](APFloat::cmpResult r) { return r != APFloat::cmpLessThan; }, false},
                   {"neu", [](APFloat::cmpResult r) { return r != APFloat::cmpEqual; }, true},
                   {"leu", [](APFloat::cmpResult r) { return r != APFloat::cmpGreaterThan; }, true},
                   {"gtu", [](APFloat::cmpResult r) { return r == APFloat::cmpGreaterThan; }, true},
                   {"num", [](APFloat::cmpResult) { return true; }, false},
                   {"nan", [](APFloat::cmpResult) { return false; }, true}};
  for (bool isHalf : {true, false}) {
    auto [a, b] = allPairs(special16(isHalf ? 10 : 7));
    std::vector<uint64_t> pairA, pairB;
    for (size_t i = 0; i != a.size(); ++i) {
      pairA.push_back(a[i] | b[i] << 16);
      pairB.push_back(b[i] | a[a.size() - 1 - i] << 16);
    }
    const llvm::fltSemantics &semantics = isHalf ? APFloat::IEEEhalf() : APFloat::BFloat();
    for (auto &relation : relations)
      for (bool flushes : {false, true}) {
        if (flushes && !isHalf)
          continue;
        auto holds = [&](uint64_t x, uint64_t y) {
          auto number = [&](uint64_t bits) {
            APFloat value(semantics, llvm::APInt(16, bits & 0xffff));
            return flushes && value.isDenormal() ? APFloat::getZero(semantics, value.isNegative()) : value;
          };
          APFloat::cmpResult result = number(x).compare(number(y));
          return result == APFloat::cmpUnordered ? relation.ofNaN : relation.ordered(result);
        };
        std::string type = isHalf ? "f16" : "bf16", words = std::string(relation.name) + (flushes ? ".ftz." : ".");
        auto single = runOnAll("set." + words + "u32." + type + " %d, %a, %b;", "b32", {{"b16", a}, {"b16", b}});
        auto number = runOnAll("set." + words + type + "." + type + " %d, %a, %b;", "b16", {{"b16", a}, {"b16", b}});
        auto both = runOnAll("{ .reg .pred %p, %q; setp." + words + type +
                                 "x2 %p|%q, %a, %b; selp.b32 %d, 1, 0, %p; "
                                 "@%q add.u32 %d, %d, 2; }",
                             "b32", {{"b32", pairA}, {"b32", pairB}});
        for (size_t i = 0; i != a.size(); ++i) {
          bool isTrue = holds(a[i], b[i]);
          ASSERT_EQ(single[i], isTrue ? UINT32_MAX : 0) << words << type << " " << a[i] << " " << b[i];
          ASSERT_EQ(number[i], isTrue ? (isHalf ? 0x3c00u : 0x3f80u) : 0)
              << words << type << " " << a[i] << " " << b[i];
          ASSERT_EQ(both[i], unsigned(holds(a[i], b[i])) + 2 * holds(b[i], a[a.size() - 1 - i]))
              << words << type << " " << a[i] << " " << b[i];
        }
      }
  }
}

TEST(PTXMoves, whatThereIsNot) {
  std::string registers = ".reg .b128 %q; .reg .b64 %x; .reg .b32 %d; .reg .pred %p;";
  for (const char *statement :
       {"mov.b128 %q, 1;", "mov.b128 %q, %x;", "mov.b64 %x, %q;", "ld.global.v2.b128 {%q, %q}, [%x];",
        "add.u64 %x, %q, 1;", "red.global.exch.b128 [%x], %q;", "atom.global.add.b128 %q, [%x], %q;",
        "alloca.u64 %x, 8, 3;", "alloca.u16 %x, 8;", "lop3.or.b32 %d, %d, %d, %d, 1, %p;",
        "lop3.xor.b32 %d|%p, %d, %d, %d, 1, %p;", "fence.proxy.async;", "add.u32 %d, %tid.x, 1;",
        "createpolicy.b64 %x;", "pmevent;"})
    EXPECT_NE(loadErrorOf(statement, registers).find("error: "), std::string::npos) << statement;
}

} // namespace
