//===- SymbolicTest.cpp - Layouts whose sizes have names --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each operation commutes with binding: random layouts with symbols are bound to several values, and what the operation
// gives, bound, is compared value by value with what the operation gives for the bound layouts.

#include "Oracle.h"

#include "tilec/Layout/SymbolicLayout.h"

#include "gtest/gtest.h"

using namespace tilec::layout;
using namespace tilec::layout::test;

//===----------------------------------------------------------------------===//
// Random layouts with symbols
//===----------------------------------------------------------------------===//

namespace {
/// Two symbols with what is known of them, and layouts that use them.
class SymbolicGenerator {
public:
  explicit SymbolicGenerator(uint64_t salt) : random(salt) { newSymbols(); }

  /// M and N are now multiples of other numbers.
  void newSymbols() {
    factorOfM = random.pick<int64_t>({1, 2, 4, 8, 12});
    factorOfN = random.pick<int64_t>({1, 1, 2, 4});
    assumptions = Assumptions();
    EXPECT_TRUE(assumptions.addMultiple("M", factorOfM));
    EXPECT_TRUE(assumptions.addMultiple("N", factorOfN));
  }

  /// Values that are as assumed.
  Bindings bindings() { return {{"M", factorOfM * (random.below(4) + 1)}, {"N", factorOfN * (random.below(3) + 1)}}; }

  SymbolicInt size() {
    SymbolicInt m = SymbolicInt::symbol("M"), n = SymbolicInt::symbol("N");
    switch (random.below(8)) {
    case 0:
      return m;
    case 1:
      return n;
    case 2:
      return m * SymbolicInt(2);
    case 3:
      return m.over(factorOfM);
    case 4:
      return factorOfM % 2 ? n * SymbolicInt(3) : m.over(2);
    default:
      return random.pick<int64_t>({1, 2, 2, 3, 4, 4, 6, 8});
    }
  }

  SymbolicInt stride() {
    SymbolicInt factor = random.pick<int64_t>({0, 1, 1, 2, 3, 4, 8, 12});
    return random.chance(40) ? factor : factor * size();
  }

  /// Mostly a compact layout in random order, sometimes with gaps and broadcasts.
  SymbolicLayout layout(size_t maxRank = 4) {
    size_t rank = static_cast<size_t>(random.below(static_cast<int64_t>(maxRank))) + 1;
    std::vector<SymbolicMode> leaves(rank);
    std::vector<size_t> order;
    for (size_t i = 0; i < rank; ++i) {
      leaves[i].size = size();
      order.insert(order.begin() + random.below(static_cast<int64_t>(i) + 1), i);
    }
    bool compact = random.chance(75);
    SymbolicInt end = 1;
    for (size_t i : order) {
      if (!compact) {
        leaves[i].stride = stride();
        continue;
      }
      if (random.chance(15))
        end = end * SymbolicInt(random.pick<int64_t>({2, 3, 4}));
      leaves[i].stride = random.chance(10) ? SymbolicInt(0) : end;
      end = end * leaves[i].size;
    }
    return *SymbolicLayout::make(random.profile(rank), std::move(leaves), assumptions);
  }

  /// A layout whose indices often divide what `a` has: prefixes of its sizes.
  SymbolicLayout indices(const SymbolicLayout &a) {
    std::vector<SymbolicMode> leaves;
    SymbolicInt step = 1;
    for (const SymbolicMode &leaf : a.leaves()) {
      if (random.chance(60))
        leaves.push_back({leaf.size, step});
      else if (random.chance(50))
        leaves.push_back({random.pick<int64_t>({1, 2, 2, 3, 4}), step});
      step = step * leaf.size;
    }
    if (leaves.empty())
      leaves.push_back({random.pick<int64_t>({1, 2, 4, 8}), random.pick<int64_t>({1, 1, 2, 4})});
    for (size_t i = leaves.size(); i-- > 1;)
      std::swap(leaves[i], leaves[static_cast<size_t>(random.below(static_cast<int64_t>(i) + 1))]);
    return *SymbolicLayout::make(random.profile(leaves.size()), std::move(leaves), assumptions);
  }

  Generator random;
  Assumptions assumptions;

private:
  int64_t factorOfM = 1, factorOfN = 1;
};
} // namespace

/// The layout for these values, if it is small enough to enumerate.
static std::optional<Layout> bound(const SymbolicLayout &layout, const Bindings &bindings) {
  Result<Layout> result = bind(layout, bindings);
  if (!result) {
    ADD_FAILURE() << print(layout) << ": " << result.message();
    return std::nullopt;
  }
  return result->size() <= 512 ? std::optional(*result) : std::nullopt;
}

static std::string text(const Bindings &bindings) {
  std::string result;
  for (const auto &[symbol, value] : bindings)
    result += " " + symbol + "=" + std::to_string(value);
  return result;
}

/// Expects two layouts to be the same function.
static void expectSame(const Layout &a, const Layout &b, const std::string &what) {
  ASSERT_EQ(a.size(), b.size()) << what << ": " << print(a) << " and " << print(b);
  for (int64_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(evaluate(a, i), evaluate(b, i)) << what << ": " << print(a) << " and " << print(b) << " at " << i;
}

/// The same, and of as many modes of the same sizes.
static void expectSameModes(const Layout &a, const Layout &b, const std::string &what) {
  expectSame(a, b, what);
  ASSERT_EQ(a.rank(), b.rank()) << what << ": " << print(a) << " and " << print(b);
  for (size_t i = 0; i < a.rank(); ++i)
    ASSERT_EQ(a.mode(i).size(), b.mode(i).size()) << what << ": " << print(a) << " and " << print(b);
}

/// Symbolic laws are slower than those of numbers.
static int64_t numSymbolicCases() { return numCases() / 25; }

/// Tries an operation on pairs of layouts; returns how often it was defined.
template <class Symbolic, class Static>
static int64_t expectCommutes(uint64_t salt, Symbolic symbolic, Static numbers) {
  SymbolicGenerator random(salt);
  int64_t defined = 0;
  for (int64_t n = 0; n < numSymbolicCases() && !testing::Test::HasFatalFailure(); ++n) {
    random.newSymbols();
    SymbolicLayout a = random.layout(), b = random.indices(a);
    Result<SymbolicLayout> r = symbolic(a, b, random.assumptions);
    if (!r)
      continue;
    ++defined;
    for (int values = 0; values < 3; ++values) {
      Bindings bindings = random.bindings();
      std::optional<Layout> x = bound(a, bindings), y = bound(b, bindings);
      if (!x || !y)
        continue;
      std::optional<Layout> result = bound(*r, bindings);
      Result<Layout> expected = numbers(*x, *y);
      std::string what = print(a) + " and " + print(b) + " with" + text(bindings) + " give " + print(*r);
      EXPECT_TRUE(expected) << what << ": " << expected.message();
      if (expected && result)
        expectSameModes(*result, *expected, what);
    }
  }
  return defined;
}

//===----------------------------------------------------------------------===//
// Operations commute with binding
//===----------------------------------------------------------------------===//

TEST(Symbolic, CompositionIsPointwise) {
  SymbolicGenerator random(41);
  int64_t defined = 0;
  for (int64_t n = 0; n < numSymbolicCases(); ++n) {
    random.newSymbols();
    SymbolicLayout a = random.layout(), b = random.random.chance(70) ? random.indices(a) : random.layout(2);
    Result<SymbolicLayout> r = composition(a, b, random.assumptions);
    if (!r)
      continue;
    ++defined;
    for (int values = 0; values < 3; ++values) {
      Bindings bindings = random.bindings();
      std::optional<Layout> x = bound(a, bindings), y = bound(b, bindings), z = bound(*r, bindings);
      if (!x || !y || !z)
        continue;
      ASSERT_EQ(z->size(), y->size());
      ASSERT_TRUE(compatible(y->shape(), z->shape())) << print(*y) << " and " << print(*z);
      for (int64_t i = 0; i < y->size(); ++i)
        ASSERT_EQ(evaluate(*z, i), evaluate(*x, evaluate(*y, i).number()))
            << print(a) << " o " << print(b) << " = " << print(*r) << " with" << text(bindings) << " at " << i;
    }
  }
  EXPECT_GE(defined, numSymbolicCases() / 3);
}

TEST(Symbolic, WhatKeepsTheFunctionCommutes) {
  SymbolicGenerator random(42);
  int64_t merged = 0;
  for (int64_t n = 0; n < numSymbolicCases(); ++n) {
    random.newSymbols();
    SymbolicLayout a = random.layout();
    SymbolicLayout shortest = coalesce(a);
    merged += shortest.leaves().size() < a.leaves().size();
    EXPECT_LE(shortest.depth(), 1u);
    Result<SymbolicInt> reach = cosize(a);
    for (int values = 0; values < 3; ++values) {
      Bindings bindings = random.bindings();
      std::optional<Layout> x = bound(a, bindings);
      if (!x)
        continue;
      std::string what = print(a) + " with" + text(bindings);
      ASSERT_NO_FATAL_FAILURE(expectSame(*bound(shortest, bindings), *x, what));
      ASSERT_NO_FATAL_FAILURE(expectSameModes(*bound(flatten(a), bindings), flatten(*x), what));
      ASSERT_NO_FATAL_FAILURE(expectSameModes(*bound(reverse(a), bindings), reverse(*x), what));
      ASSERT_NO_FATAL_FAILURE(expectSame(*bound(filterZeros(a), bindings), filterZeros(*x), what));
      EXPECT_EQ(*a.size().bind(bindings), x->size()) << what;
      if (reach)
        EXPECT_EQ(*reach->bind(bindings), *cosize(*x)) << what << ": " << print(*reach);
    }
  }
  EXPECT_GE(merged, numSymbolicCases() / 10);
}

TEST(Symbolic, ComplementCommutes) {
  SymbolicGenerator random(43);
  int64_t defined = 0;
  for (int64_t n = 0; n < numSymbolicCases(); ++n) {
    random.newSymbols();
    SymbolicLayout a = random.layout(3);
    SymbolicInt extent = random.random.chance(30) ? SymbolicInt(1) : a.size() * random.size();
    Result<SymbolicLayout> r = complement(a, extent, random.assumptions);
    if (!r)
      continue;
    ++defined;
    for (int values = 0; values < 3; ++values) {
      Bindings bindings = random.bindings();
      std::optional<Layout> x = bound(a, bindings), y = bound(*r, bindings);
      if (!x || !y)
        continue;
      Result<Layout> expected = complement(*x, *extent.bind(bindings));
      ASSERT_TRUE(expected) << expected.message();
      ASSERT_EQ(y->size(), expected->size()) << print(a) << " to " << print(extent) << " is " << print(*r);
      for (int64_t i = 0; i < y->size(); ++i)
        ASSERT_EQ(evaluate(*y, i), evaluate(*expected, i))
            << print(a) << " to " << print(extent) << " is " << print(*r);
    }
  }
  EXPECT_GE(defined, numSymbolicCases() / 3);
}

TEST(Symbolic, DivisionsCommute) {
  EXPECT_GE(expectCommutes(
                44, [](const auto &a, const auto &b, const auto &known) { return logicalDivide(a, b, known); },
                [](const Layout &a, const Layout &b) { return logicalDivide(a, b); }),
            numSymbolicCases() / 4);
}

/// A tiler for each mode: the arrangement of the results' modes is that of numbers.
TEST(Symbolic, TilersCommute) {
  SymbolicGenerator random(45);
  int64_t defined = 0;
  for (int64_t n = 0; n < numSymbolicCases(); ++n) {
    random.newSymbols();
    Result<SymbolicLayout> a = rowMajor(SymbolicTuple::flat({random.size(), random.size()}), random.assumptions);
    SymbolicLayout tile(Profile::leaf(), {{random.size(), 1}});
    bool first = random.random.chance(50);
    SymbolicTiler tiler(std::vector<SymbolicTiler>{first ? tile : SymbolicTiler(), first ? SymbolicTiler() : tile});
    if (random.random.chance(30))
      tiler = SymbolicTiler(std::vector<SymbolicTiler>{tile});
    Result<SymbolicLayout> results[] = {
        logicalDivide(*a, tiler, random.assumptions),  zippedDivide(*a, tiler, random.assumptions),
        tiledDivide(*a, tiler, random.assumptions),    flatDivide(*a, tiler, random.assumptions),
        logicalProduct(*a, tiler, random.assumptions), zippedProduct(*a, tiler, random.assumptions),
        tiledProduct(*a, tiler, random.assumptions),   flatProduct(*a, tiler, random.assumptions)};
    Bindings bindings = random.bindings();
    std::optional<Layout> x = bound(*a, bindings), y = bound(tile, bindings);
    if (!x || !y)
      continue;
    Tiler numbers = tiler.modes()->size() == 1 ? Tiler(std::vector<Tiler>{*y})
                    : first                    ? Tiler(std::vector<Tiler>{*y, Tiler()})
                                               : Tiler(std::vector<Tiler>{Tiler(), *y});
    Result<Layout> expected[] = {logicalDivide(*x, numbers), zippedDivide(*x, numbers),   tiledDivide(*x, numbers),
                                 flatDivide(*x, numbers),    logicalProduct(*x, numbers), zippedProduct(*x, numbers),
                                 tiledProduct(*x, numbers),  flatProduct(*x, numbers)};
    for (size_t i = 0; i < std::size(results); ++i) {
      std::string what = print(*a) + " and " + print(tiler) + " with" + text(bindings);
      if (!results[i])
        continue;
      ++defined;
      ASSERT_TRUE(expected[i]) << what << ": " << expected[i].message();
      if (std::optional<Layout> result = bound(*results[i], bindings))
        ASSERT_NO_FATAL_FAILURE(expectSameModes(*result, *expected[i], what + ": " + print(*results[i])));
    }
  }
  EXPECT_GE(defined, numSymbolicCases());
}

TEST(Symbolic, SlicesAndCoordinatesCommute) {
  SymbolicGenerator random(48);
  int64_t defined = 0;
  for (int64_t n = 0; n < numSymbolicCases(); ++n) {
    random.newSymbols();
    SymbolicLayout a = random.layout();
    std::vector<std::optional<SymbolicInt>> leaves;
    std::vector<SymbolicInt> coordinate;
    for (const SymbolicLayout &mode : a.modes()) {
      coordinate.push_back(random.random.chance(50) ? SymbolicInt(random.random.below(6))
                                                    : mode.size() - SymbolicInt(1 + random.random.below(3)));
      leaves.push_back(random.random.chance(50) ? std::optional<SymbolicInt>() : coordinate.back());
    }
    SymbolicSlicer slicer = a.isLeaf() ? SymbolicSlicer(leaves[0]) : SymbolicSlicer::flat(leaves);
    SymbolicTuple place = a.isLeaf() ? SymbolicTuple(coordinate[0]) : SymbolicTuple::flat(coordinate);
    Result<SymbolicSlice> rest = slice(a, slicer, random.assumptions);
    Result<SymbolicInt> value = at(a, place, random.assumptions), index = crd2idx(place, a.shape(), random.assumptions);
    Result<SymbolicTuple> back =
        index ? idx2crd(*index, a.shape(), random.assumptions) : Result<SymbolicTuple>(Error{});
    Bindings bindings = random.bindings();
    std::optional<Layout> x = bound(a, bindings);
    if (!x)
      continue;
    std::string what = print(a) + " at " + print(place) + " with" + text(bindings);
    std::vector<int64_t> numbers;
    for (const SymbolicInt &leaf : coordinate)
      numbers.push_back(*leaf.bind(bindings));
    IntTuple placeOfNumbers = a.isLeaf() ? IntTuple(numbers[0]) : IntTuple::flat(numbers);
    defined += bool(rest) + bool(value) + bool(index);
    if (value)
      ASSERT_EQ(*value->bind(bindings), x->at(placeOfNumbers)->integer()) << what << ": " << print(*value);
    if (index)
      ASSERT_EQ(*index->bind(bindings), *crd2idx(placeOfNumbers, x->shape())) << what << ": " << print(*index);
    if (back)
      for (size_t i = 0; i < back->leaves().size(); ++i)
        ASSERT_EQ(*back->leaves()[i].bind(bindings), idx2crd(*index->bind(bindings), x->shape())->leaves()[i])
            << what << ": " << print(*back);
    if (!rest)
      continue;
    std::vector<std::optional<int64_t>> fixed;
    for (size_t i = 0; i < leaves.size(); ++i)
      fixed.push_back(leaves[i] ? std::optional(numbers[i]) : std::nullopt);
    Result<Slice> expected = slice(*x, a.isLeaf() ? Slicer(fixed[0]) : Slicer::flat(fixed));
    ASSERT_TRUE(expected) << what << ": " << expected.message();
    ASSERT_EQ(*rest->offset.bind(bindings), expected->offset.integer()) << what;
    ASSERT_EQ(*bound(rest->layout, bindings), expected->layout) << what;
  }
  EXPECT_GE(defined, numSymbolicCases());
}

TEST(Symbolic, ProductsCommute) {
  EXPECT_GE(expectCommutes(
                46, [](const auto &a, const auto &b, const auto &known) { return logicalProduct(a, b, known); },
                [](const Layout &a, const Layout &b) { return logicalProduct(a, b); }),
            numSymbolicCases() / 4);
  EXPECT_GE(expectCommutes(
                47, [](const auto &a, const auto &b, const auto &known) { return blockedProduct(a, b, known); },
                [](const Layout &a, const Layout &b) { return blockedProduct(a, b); }),
            numSymbolicCases() / 4);
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

TEST(SymbolicInt, DecisionsHoldForAllValues) {
  // Each affirmed decision is tried on all small values that are as assumed; each quotient is multiplied back.
  SymbolicGenerator random(49);
  int64_t quotients = 0, signs = 0;
  for (int64_t n = 0; n < numSymbolicCases(); ++n) {
    random.newSymbols();
    SymbolicInt a = random.size() * random.size(), b = random.size(),
                sum = a - b * SymbolicInt(random.random.below(3)) + random.size() - SymbolicInt(random.random.below(9));
    std::optional<SymbolicInt> quotient = exactQuotient(a, b, random.assumptions);
    bool nonNegative = isNonNegative(sum, random.assumptions);
    quotients += bool(quotient);
    signs += nonNegative;
    for (int64_t m = 1; m <= 3; ++m)
      for (int64_t k = 1; k <= 3; ++k) {
        Bindings values{{"M", m * random.assumptions.factorOf("M")}, {"N", k * random.assumptions.factorOf("N")}};
        if (quotient)
          ASSERT_EQ(*quotient->bind(values) * *b.bind(values), *a.bind(values)) << print(a) << " / " << print(b);
        if (nonNegative)
          ASSERT_GE(*sum.bind(values), 0) << print(sum) << text(values);
      }
  }
  EXPECT_GE(quotients, numSymbolicCases() / 10);
  EXPECT_GE(signs, numSymbolicCases() / 10);
}

TEST(SymbolicInt, TextIsReadBack) {
  SymbolicGenerator random(50);
  for (int64_t n = 0; n < numSymbolicCases(); ++n) {
    random.newSymbols();
    SymbolicLayout a = random.layout();
    Result<SymbolicLayout> again = parseSymbolicLayout(print(a), random.assumptions);
    ASSERT_TRUE(again) << print(a) << ": " << again.message();
    ASSERT_EQ(*again, a);
    SymbolicInt sum = random.size() * random.size() - random.size() + SymbolicInt(random.random.below(5) - 2);
    ASSERT_EQ(parseSymbolicTuple(print(sum))->leaf(), sum) << print(sum);
  }
}

TEST(SymbolicInt, Bounds) {
  SymbolicInt m = SymbolicInt::symbol("M"), large = SymbolicInt(int64_t(1) << 62), power = 1;
  EXPECT_FALSE((large * SymbolicInt(2)).isValid());
  EXPECT_FALSE((large + large).isValid());
  EXPECT_FALSE((large * SymbolicInt(2)) == (large * SymbolicInt(2)));
  EXPECT_FALSE(isNonNegative(large * SymbolicInt(2), {}));
  for (int i = 0; i < 8; ++i)
    power = power * m;
  EXPECT_TRUE(power.isValid());
  EXPECT_FALSE((power * m).isValid());
  EXPECT_EQ(print(power * m), "(too large)");
  EXPECT_EQ((large * m).bind({{"M", 2}}).message(), "the value of 4611686018427387904*M exceeds 2^62");
  EXPECT_EQ(m.bind({}).message(), "M has no value");
  EXPECT_EQ(m.bind({{"M", 0}}).message(), "symbols are positive, and M is 0");
  EXPECT_EQ(m.over(64).bind({{"M", 96}}).message(), "M/64 is no integer for M = 96");
  EXPECT_EQ(print(m * m - m.over(2) + SymbolicInt(3)), "M*M-M/2+3");
  EXPECT_EQ(print(SymbolicInt(0) * m), "0");
}

TEST(SymbolicInt, Assumptions) {
  Assumptions known;
  EXPECT_TRUE(known.add("M % 64 = 0"));
  EXPECT_TRUE(known.add(" M%48==0 "));
  EXPECT_TRUE(known.add("M >= 200"));
  EXPECT_EQ(known.factorOf("M"), 192);
  EXPECT_EQ(known.leastOf("M"), 384);
  EXPECT_EQ(known.factorOf("N"), 1);
  EXPECT_EQ(known.check({{"M", 200}}).message(), "M is assumed to be a multiple of 192, and 200 is none");
  EXPECT_EQ(known.check({{"M", 192}}).message(), "M is assumed to be at least 384, and 192 is less");
  EXPECT_TRUE(known.check({{"M", 384}, {"N", 1}}));
  EXPECT_EQ(known.add("M % 64 = 1").message(), "only the remainder 0 can be assumed, not 1");
  EXPECT_EQ(known.add("M % 0 = 0").message(), "a symbol is a multiple of a positive number, not of 0");
  EXPECT_EQ(known.add("64 % M = 0").message(), "expected a symbol at column 1 of '64 % M = 0', found '64 % M = 0'");
  EXPECT_EQ(known.add("M < 4").message(), "expected '%' or '>=' at column 3 of 'M < 4', found '< 4'");
  EXPECT_EQ(known.add("M >= 4 N").message(), "expected the end of the assumption at column 8 of 'M >= 4 N', found 'N'");
  EXPECT_FALSE(known.add("M % 4611686018427387903 = 0"));
}

TEST(SymbolicInt, SymbolsInText) {
  EXPECT_EQ(findSymbol("(M,64):(64,1)"), "M");
  EXPECT_EQ(findSymbol("(4,64):(E<0>,2*N_1)"), "N_1");
  for (const char *text : {"Sw<3,3,3> o 0 o (8,64):(64,1)", "S<1,0,1> o 4 o 4:1", "(4,8):(E<0>,2*E<1>)", "0x1F:1",
                           "((2,4),8):((1@0,^16),2@1)", "<4:1,_>", "()", ""})
    EXPECT_EQ(findSymbol(text), std::nullopt) << text;
}
