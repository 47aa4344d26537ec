//===- TilingLawsTest.cpp - The laws of division and product ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As LawsTest.cpp: many random layouts, checked by enumeration.

#include "Oracle.h"

#include "tilec/Layout/Tiling.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <set>

using namespace tilec::layout;
using namespace tilec::layout::test;

using Kind = Generator::Kind;

/// Values as a sorted list.
static std::vector<Value> sorted(std::vector<Value> values) {
  std::sort(values.begin(), values.end());
  return values;
}

TEST(TilingLaws, DivisionPutsTheTileFirstAndLosesNothing) {
  Generator random(50);
  int64_t defined = 0, exact = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(32), tile = random.indices(a.size(), random.chance(15) ? Kind::Masks : Kind::Integers);
    Result<Layout> r = logicalDivide(a, tile);
    if (!r)
      continue;
    ++defined;
    ASSERT_EQ(r->rank(), 2u);
    ASSERT_TRUE(compatible(tile.shape(), r->mode(0).shape())) << print(a) << " / " << print(tile);
    for (int64_t i = 0; i < tile.size(); ++i)
      ASSERT_TRUE(sameNumber(evaluate(*r, i), evaluateAt(a, evaluate(tile, i))))
          << print(a) << " / " << print(tile) << " = " << print(*r) << " at " << i;
    if (!dividesInOrder(tile) &&
        std::none_of(tile.leaves().begin(), tile.leaves().end(), [](const Mode &leaf) { return leaf.stride.mask(); }))
      continue;
    // Every index of A is reached: by number, since masks may stand for integers.
    std::set<Value> reached;
    auto plain = [](Value value) {
      if (value.coordinates.empty())
        return Value{value.number(), 0, {}};
      return value;
    };
    std::vector<Value> values = table(*r), wanted = table(a);
    for (Value &value : values)
      reached.insert(value = plain(value));
    for (Value &value : wanted)
      ASSERT_TRUE(reached.count(value = plain(value))) << print(a) << " / " << print(tile) << " = " << print(*r);
    // Of one size, they are A's values, each as often.
    if (r->size() == a.size()) {
      ++exact;
      ASSERT_EQ(sorted(values), sorted(wanted)) << print(a) << " / " << print(tile) << " = " << print(*r);
    }
  }
  EXPECT_GE(defined, numCases() / 3);
  EXPECT_GE(exact, numCases() / 5);
}

TEST(TilingLaws, DivisionThenInverseIsTheOriginal) {
  Generator random(51);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(48), tile = random.indices(a.size(), Kind::Integers);
    Result<Layout> r = logicalDivide(a, tile), rest = complement(tile, a.shape());
    if (!r || !rest)
      continue;
    // (A o (B, B*)) after the inverse of (B, B*) is A, where the two cover it once.
    Layout both = *Layout::make({tile, *rest});
    Result<Layout> back = rightInverse(both);
    if (!back || back->size() != a.size() || both.size() != a.size())
      continue;
    Result<Layout> again = composition(*r, *back);
    if (!again)
      continue;
    ++defined;
    for (int64_t i = 0; i < a.size(); ++i)
      ASSERT_TRUE(sameNumber(evaluate(*again, i), evaluate(a, i))) << print(a) << " / " << print(tile) << " at " << i;
  }
  EXPECT_GE(defined, numCases() / 5);
}

TEST(TilingLaws, ProductRepeatsTheBlock) {
  Generator random(52);
  int64_t defined = 0, divided = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Kind kind = random.chance(75) ? Kind::Integers : Kind::Masks;
    Layout a = random.layout(kind, 12, kind == Kind::Masks);
    Layout b = random.indices(random.below(12) + 1, Kind::Integers);
    Result<Layout> r = logicalProduct(a, b);
    if (!r)
      continue;
    ++defined;
    ASSERT_EQ(r->mode(0), a);
    Layout grid = r->mode(1);
    ASSERT_TRUE(compatible(b.shape(), grid.shape())) << print(a) << " x " << print(b) << " = " << print(*r);
    // Copies lie at distinct places where B's values are distinct, and copies do not overlap.
    std::map<Value, Value> copies;
    std::set<int64_t> places;
    std::set<Value> blocks, ats;
    for (const Value &value : table(a))
      blocks.insert(value);
    for (int64_t i = 0; i < b.size(); ++i) {
      auto [known, isNew] = copies.try_emplace(evaluate(b, i), evaluate(grid, i));
      ASSERT_EQ(known->second, evaluate(grid, i)) << print(a) << " x " << print(b);
      ats.insert(evaluate(grid, i));
    }
    ASSERT_EQ(ats.size(), copies.size()) << print(a) << " x " << print(b) << " = " << print(*r);
    for (const Value &block : blocks)
      for (const Value &at : ats)
        ASSERT_TRUE(places.insert((block + at).number()).second) << print(a) << " x " << print(b) << " = " << print(*r);
    // The product's first |A| elements are A, and every |A|-th is the grid: dividing undoes multiplying.
    Result<Layout> again = logicalDivide(*r, *parseLayout(std::to_string(a.size()) + ":1"));
    if (!again)
      continue;
    ++divided;
    ASSERT_EQ(table(again->mode(0)), table(a)) << print(*r) << " divided is " << print(*again);
    ASSERT_EQ(table(again->mode(1)), table(grid)) << print(*r) << " divided is " << print(*again);
  }
  EXPECT_GE(defined, numCases() / 4);
  EXPECT_GE(divided, defined * 9 / 10);
}

/// A tiler for the modes of A: layouts that divide them, or nothing.
static Tiler randomTiler(Generator &random, const Layout &a) {
  std::vector<Tiler> modes;
  for (size_t i = 0, e = a.rank() - (a.rank() > 1 && random.chance(30)); i < e; ++i) {
    Layout mode = a.mode(i);
    if (random.chance(15))
      modes.emplace_back();
    else if (!mode.isLeaf() && random.chance(20))
      modes.push_back(randomTiler(random, mode));
    else
      modes.emplace_back(random.indices(mode.size(), Kind::Integers));
  }
  return modes;
}

TEST(TilingLaws, VariantsOfDivisionDifferInNestingAlone) {
  Generator random(53);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(24);
    if (a.isLeaf())
      continue;
    Tiler tiler = randomTiler(random, a);
    Result<Layout> logical = logicalDivide(a, tiler), zipped = zippedDivide(a, tiler), tiled = tiledDivide(a, tiler),
                   flat = flatDivide(a, tiler);
    ASSERT_EQ(static_cast<bool>(logical), static_cast<bool>(zipped)) << print(a) << " / " << print(tiler);
    ASSERT_EQ(static_cast<bool>(logical), static_cast<bool>(tiled));
    ASSERT_EQ(static_cast<bool>(logical), static_cast<bool>(flat));
    if (!logical)
      continue;
    ++defined;
    ASSERT_EQ(logical->rank(), a.rank());
    ASSERT_EQ(zipped->rank(), 2u);
    // The same leaves in zipped, tiled and flat order, and the same values as A's modes one by one.
    ASSERT_EQ(zipped->leaves(), tiled->leaves());
    ASSERT_EQ(zipped->leaves(), flat->leaves());
    ASSERT_EQ(tiled->mode(0), zipped->mode(0));
    ASSERT_EQ(flat->rank(), zipped->mode(0).rank() + zipped->mode(1).rank());
    ASSERT_EQ(sorted(table(*logical)), sorted(table(*zipped))) << print(a) << " / " << print(tiler);
    for (size_t i = 0; i < tiler.modes()->size(); ++i) {
      Result<Layout> mode = logicalDivide(a.mode(i), (*tiler.modes())[i]);
      ASSERT_TRUE(mode);
      ASSERT_EQ(logical->mode(i), *mode) << print(a) << " / " << print(tiler);
    }
    for (size_t i = tiler.modes()->size(); i < a.rank(); ++i)
      ASSERT_EQ(logical->mode(i), a.mode(i));
  }
  EXPECT_GE(defined, numCases() / 5);
}

TEST(TilingLaws, BlockedAndRakedProductsPairTheModes) {
  Generator random(54);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(Kind::Integers, 8), b = random.layout(Kind::Integers, 8);
    Result<Layout> product = logicalProduct(a, b), blocked = blockedProduct(a, b), raked = rakedProduct(a, b);
    if (!product)
      continue;
    ++defined;
    ASSERT_TRUE(blocked && raked) << print(a) << " x " << print(b);
    ASSERT_EQ(blocked->size(), product->size());
    size_t rank = std::max(a.rank(), b.rank());
    // Block coordinate i and grid coordinate j are coordinates (i, j) of each mode, or (j, i).
    for (int64_t i = 0; i < a.size(); ++i)
      for (int64_t j = 0; j < b.size(); ++j) {
        int64_t blockedIndex = 0, rakedIndex = 0, stride = 1, restI = i, restJ = j;
        for (size_t mode = 0; mode < rank; ++mode) {
          int64_t sizeA = mode < a.rank() ? a.mode(mode).size() : 1, sizeB = mode < b.rank() ? b.mode(mode).size() : 1;
          blockedIndex += stride * (restI % sizeA + sizeA * (restJ % sizeB));
          rakedIndex += stride * (restJ % sizeB + sizeB * (restI % sizeA));
          restI /= sizeA;
          restJ /= sizeB;
          stride *= sizeA * sizeB;
        }
        Value expected = evaluate(*product, i + a.size() * j);
        ASSERT_EQ(evaluate(*blocked, blockedIndex), expected)
            << print(a) << " x " << print(b) << " = " << print(*blocked);
        ASSERT_EQ(evaluate(*raked, rakedIndex), expected) << print(a) << " x " << print(b) << " = " << print(*raked);
      }
  }
  EXPECT_GE(defined, numCases() / 5);
}

TEST(TilingLaws, TilesCoverTheShape) {
  Generator random(55);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout block = random.layout(Kind::Integers, 6);
    std::vector<int64_t> sizes(block.rank() + static_cast<size_t>(random.below(2)));
    for (int64_t &size : sizes)
      size = random.below(4) + 1;
    Result<Layout> r = tileToShape(block, IntTuple::flat(sizes));
    if (!r)
      continue;
    ++defined;
    ASSERT_EQ(r->rank(), sizes.size());
    int64_t blocks = 1;
    for (size_t i = 0; i < sizes.size(); ++i) {
      int64_t tile = i < block.rank() ? block.mode(i).size() : 1;
      // As many whole tiles as cover the mode.
      int64_t count = 0;
      while (count * tile < sizes[i])
        ++count;
      ASSERT_EQ(r->mode(i).size(), count * tile) << print(block) << " to " << print(*r);
      blocks *= count;
    }
    // The blocks are those of the product with a contiguous grid.
    Result<Layout> product = logicalProduct(block, *parseLayout(std::to_string(blocks) + ":1"));
    ASSERT_TRUE(product) << print(block);
    ASSERT_EQ(sorted(table(*r)), sorted(table(*product))) << print(block) << " to " << print(*r);
  }
  EXPECT_GE(defined, numCases() / 4);
}
