//===- LayoutTest.cpp - Layouts and their evaluation ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Oracle.h"

#include "tilec/Layout/Algebra.h"
#include "tilec/Layout/Swizzle.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <set>

using namespace tilec::layout;
using namespace tilec::layout::test;

static Layout layout(const char *text) { return *parseLayout(text); }

TEST(Layout, EvaluationFollowsTheDefinition) {
  Generator random(30);
  for (int64_t n = 0; n < numCases() / 10; ++n) {
    Layout a = random.layout(100);
    for (int64_t i = 0; i < a.size(); ++i)
      ASSERT_EQ(valueOf(a(i)), evaluate(a, i)) << print(a) << " at " << i;
    // Beyond the domain the last leaf goes on.
    for (int64_t i = a.size(); i < a.size() + 10; ++i)
      ASSERT_EQ(valueOf(*a.at(i)), evaluate(a, i)) << print(a) << " at " << i;
  }
}

TEST(Layout, EveryFormOfACoordinateHasTheSameValue) {
  Layout a = layout("((2,4),8):((1,16),2)");
  for (const char *coordinate : {"43", "(3,5)", "((1,1),5)"})
    EXPECT_EQ(*a.at(*parseTuple(coordinate)), Offset(27)) << coordinate;
}

TEST(Layout, ModesAreLayouts) {
  Layout a = layout("((2,4),8):((1,16),2)");
  EXPECT_EQ(print(a.mode(0)), "(2,4):(1,16)");
  EXPECT_EQ(a.mode(0).size(), 8);
  EXPECT_EQ(*Layout::make(a.modes()), a);
}

TEST(Layout, BoundsAreChecked) {
  EXPECT_TRUE(parseLayout("4611686018427387904:1"));
  EXPECT_FALSE(parseLayout("(4611686018427387904,2):(1,1)"));
  EXPECT_FALSE(parseLayout("3:4611686018427387904"));
  EXPECT_TRUE(parseLayout("2:4611686018427387904"));
  EXPECT_FALSE(parseLayout("2:^4611686018427387904"));
  EXPECT_TRUE(parseLayout("2:^2305843009213693952"));
  EXPECT_FALSE(parseLayout("4:^2305843009213693952"));
  EXPECT_FALSE(parseLayout("0:1"));
  EXPECT_FALSE(parseLayout("-3:1"));
  EXPECT_FALSE(parseLayout("(2,3):(1,(2,3))"));
}

TEST(Layout, CosizeCoversAllValues) {
  Generator random(31);
  for (int64_t n = 0; n < numCases() / 10; ++n) {
    auto kind = random.chance(50) ? Generator::Kind::Integers : Generator::Kind::Masks;
    Layout a = random.layout(kind, 64, kind == Generator::Kind::Masks);
    int64_t smallest = 0, largest = 0;
    for (const Value &value : table(a)) {
      smallest = std::min(smallest, value.number());
      largest = std::max(largest, value.number());
    }
    ASSERT_EQ(*cosize(a), largest - smallest + 1) << print(a);
  }
}

TEST(Layout, LikeKeepsTheOrderOfStrides) {
  EXPECT_EQ(print(*layoutLike(layout("(2,3,4):(100,7,20)"))), "(2,3,4):(12,1,3)");
  EXPECT_EQ(print(*layoutLike(layout("(2,3,4):(0,7,20)"))), "(2,3,4):(0,1,3)");
}

TEST(Layout, SlicesAreTheRestAtFixedCoordinates) {
  Layout a = layout("((2,4),8):((1,16),2)");
  for (int64_t i = 0; i < 2; ++i) {
    Slicer slicer = *parseSlicer(("((" + std::to_string(i) + ",_),_)").c_str());
    Slice rest = *slice(a, slicer);
    for (int64_t j = 0; j < 4; ++j)
      for (int64_t k = 0; k < 8; ++k)
        EXPECT_EQ(rest.offset.integer() + rest.layout(j + 4 * k).integer(), a(i + 2 * j + 8 * k).integer());
  }
}

TEST(Layout, RecastCoversTheSameBytes) {
  Generator random(32);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    // Each leaf's start in the large elements is where it was in the small ones.
    Layout a = random.layout(Generator::Kind::Integers, 64);
    int64_t factor = random.pick<int64_t>({2, 3, 4, 8});
    Result<Layout> down = downcast(a, factor);
    ASSERT_TRUE(down);
    Result<Layout> up = upcast(*down, factor);
    ASSERT_TRUE(up) << print(*down);
    // Zeros and all others come back as they were.
    ASSERT_EQ(*up, a) << print(*down);
    Result<Layout> larger = upcast(a, factor);
    if (!larger || !dividesInOrder(a))
      continue;
    ++defined;
    // The large elements are those in which the small ones lie.
    std::set<int64_t> expected, got;
    for (const Value &value : table(a))
      expected.insert(value.integer / factor);
    for (const Value &value : table(*larger))
      got.insert(value.integer);
    ASSERT_EQ(got, expected) << print(a) << " by " << factor << " is " << print(*larger);
  }
  EXPECT_GE(defined, numCases() / 20);
}

TEST(Swizzle, LayoutAndFunctorAgree) {
  for (int bits = 0; bits <= 3; ++bits)
    for (int base = 0; base <= 3; ++base)
      for (int shift = -4; shift <= 4; ++shift) {
        Result<Swizzle> swizzle = Swizzle::make(bits, base, shift);
        ASSERT_EQ(static_cast<bool>(swizzle), std::abs(shift) >= bits);
        if (!swizzle)
          continue;
        Layout masks = swizzle->asLayout(12);
        ASSERT_EQ(masks.size(), 4096);
        for (int64_t i = 0; i < 4096; ++i) {
          // XOR the source field onto the target field, bit by bit.
          int64_t expected = i;
          for (int bit = base; bit < base + bits; ++bit) {
            int source = shift >= 0 ? bit + shift : bit, target = shift >= 0 ? bit : bit - shift;
            expected ^= (i >> source & 1) << target;
          }
          ASSERT_EQ((*swizzle)(i), expected) << print(*swizzle);
          ASSERT_EQ(evaluate(masks, i).number(), expected) << print(*swizzle) << " is " << print(masks);
          ASSERT_EQ((*swizzle)((*swizzle)(i)), i);
        }
      }
}

TEST(Swizzle, ComposedLayoutsWithoutOffsetAreLayouts) {
  Generator random(33);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases() / 10; ++n) {
    int64_t bits = random.below(4);
    ComposedLayout composed{*Swizzle::make(bits, random.below(3), bits + random.below(3)), 0,
                            random.layout(Generator::Kind::Integers, 64)};
    Result<Layout> plain = asLayout(composed);
    if (!plain)
      continue;
    ++defined;
    for (int64_t i = 0; i < composed.inner.size(); ++i) {
      Result<Offset> value = composed.at(i);
      ASSERT_TRUE(value);
      ASSERT_EQ(evaluate(*plain, i).number(), *value->asNumber()) << print(composed) << " is " << print(*plain);
    }
  }
  EXPECT_GE(defined, numCases() / 40);
}

TEST(Swizzle, RecastCoversTheSameElements) {
  Generator random(34);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases() / 10; ++n) {
    int64_t factor = int64_t(1) << random.below(3), bits = random.below(4);
    ComposedLayout composed{*Swizzle::make(bits, random.below(4), bits + random.below(3)), 16 * random.below(3),
                            random.layout(Generator::Kind::Integers, 64, /*powersOfTwo=*/true)};
    Result<ComposedLayout> larger = upcast(composed, factor);
    if (!larger || !dividesInOrder(composed.inner))
      continue;
    ++defined;
    std::set<int64_t> expected, got;
    for (int64_t i = 0; i < composed.inner.size(); ++i)
      expected.insert(*composed.at(i)->asNumber() / factor);
    for (int64_t i = 0; i < larger->inner.size(); ++i)
      got.insert(*larger->at(i)->asNumber());
    ASSERT_EQ(got, expected) << print(composed) << " by " << factor << " is " << print(*larger);
  }
  EXPECT_GE(defined, numCases() / 50);
}
