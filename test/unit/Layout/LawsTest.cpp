//===- LawsTest.cpp - The laws of the layout algebra ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each law is tried on many random layouts, and checked by enumerating their
// (small) domains. Where an operation may be undefined, a law also asks how often
// it was defined, so that it cannot pass by never applying.

#include "Oracle.h"

#include "tilec/Layout/Algebra.h"
#include "tilec/Layout/F2Matrix.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <set>

using namespace tilec::layout;
using namespace tilec::layout::test;

using Kind = Generator::Kind;

/// Indices into A: of its elements, or of its coordinates.
static Layout randomIndices(Generator &random, const Layout &a) {
  if (random.chance(25)) {
    // A permuted, perhaps shrunk, identity: coordinates of A's top modes.
    std::vector<Mode> leaves;
    if (!a.isLeaf())
      for (size_t i = 0; i < a.rank(); ++i)
        leaves.push_back({random.divisor(a.mode(i).size()), Offset::basis({static_cast<int32_t>(i)})});
    if (leaves.size() > 1 && random.chance(50))
      std::swap(leaves.front(), leaves.back());
    if (!leaves.empty())
      return *Layout::make(Profile::flat(leaves.size()), leaves);
  }
  return random.indices(a.size(), random.chance(20) ? Kind::Masks : Kind::Integers);
}

/// Whether all values of B are indices, or coordinates of the top modes, of A.
static bool staysWithin(const Layout &b, const Layout &a) {
  for (const Value &value : table(b)) {
    if (value.coordinates.empty() && value.number() >= a.size())
      return false;
    for (const auto &[path, coefficient] : value.coordinates)
      if (coefficient >= a.mode(static_cast<size_t>(path.front())).size())
        return false;
  }
  return true;
}

TEST(Laws, CompositionIsPointwise) {
  Generator random(1);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(48), b = randomIndices(random, a);
    Result<Layout> r = composition(a, b);
    if (!r)
      continue;
    ++defined;
    ASSERT_TRUE(compatible(b.shape(), r->shape())) << print(a) << " o " << print(b) << " = " << print(*r);
    for (int64_t i = 0; i < r->size(); ++i) {
      // A composition under XOR is a mask whatever A was.
      bool equal = sameNumber(evaluate(*r, i), evaluateAt(a, evaluate(b, i)));
      ASSERT_TRUE(equal) << print(a) << " o " << print(b) << " = " << print(*r) << " at " << i;
    }
  }
  EXPECT_GE(defined, numCases() / 3);
}

TEST(Laws, CompositionIsAssociative) {
  Generator random(2);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(48), b = randomIndices(random, a), c = randomIndices(random, b);
    // A o B is a statement about the domain of B.
    if (!staysWithin(c, b))
      continue;
    Result<Layout> ab = composition(a, b), bc = composition(b, c);
    if (!ab || !bc)
      continue;
    Result<Layout> left = composition(*ab, c), right = composition(a, *bc);
    if (!left || !right)
      continue;
    ++defined;
    for (int64_t i = 0; i < c.size(); ++i) {
      ASSERT_TRUE(sameNumber(evaluate(*left, i), evaluate(*right, i)))
          << print(a) << " o " << print(b) << " o " << print(c) << " at " << i;
    }
  }
  EXPECT_GE(defined, numCases() / 5);
}

TEST(Laws, CoalesceKeepsTheFunction) {
  Generator random(3);
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(32), r = coalesce(a);
    ASSERT_EQ(table(r), table(a)) << print(a) << " became " << print(r);
    ASSERT_LE(r.depth(), 1u);
    ASSERT_LE(r.leaves().size(), a.leaves().size());
    ASSERT_EQ(coalesce(r), r);
    // By mode, coordinates of the modes remain.
    std::vector<int64_t> ones(a.rank(), 1);
    Result<Layout> byMode = coalesce(a, a.isLeaf() ? IntTuple(1) : IntTuple::flat(ones));
    ASSERT_TRUE(byMode);
    ASSERT_EQ(table(*byMode), table(a)) << print(a);
    for (size_t i = 0; i < a.rank(); ++i)
      ASSERT_EQ(table(byMode->mode(i)), table(a.mode(i))) << print(a);
  }
}

/// Compares values as coordinates are compared: the last mode first, a part of a mode before what follows it.
static bool colexBelow(const Value &a, const Value &b) {
  if (a.coordinates.empty() && b.coordinates.empty())
    return a.number() < b.number();
  std::set<std::vector<int32_t>> paths;
  for (const Value *value : {&a, &b})
    for (const auto &[path, coefficient] : value->coordinates)
      paths.insert(path);
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    auto at = [&](const Value &v) { return v.coordinates.count(*path) ? v.coordinates.at(*path) : 0; };
    if (at(a) != at(b))
      return at(a) < at(b);
  }
  return false;
}

/// A value as three numbers: sums of values are sums (and an XOR) of these, and different values have different ones.
/// The generator's paths become digits of one number.
namespace {
struct Key {
  int64_t integer = 0;
  uint64_t mask = 0;
  int64_t coordinates = 0;
  auto operator<=>(const Key &) const = default;
};
} // namespace

static Key keyOf(const Value &value) {
  Key key{value.integer, value.mask, 0};
  for (const auto &[path, coefficient] : value.coordinates) {
    // The generator's paths {0}, {1}, {2,0}, {2,1} and {2,2,0} are the digits 0 to 4, to the base 1000.
    int64_t weight = 1;
    for (int32_t digit = path.front() + (path.size() > 1 ? path[1] : 0); digit > 0; --digit)
      weight *= 1000;
    key.coordinates += coefficient * weight;
  }
  return key;
}

TEST(Laws, ComplementIsDisjointOrderedAndCompletes) {
  Generator random(4);
  int64_t defined = 0, complete = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Kind kind = static_cast<Kind>(random.below(3));
    Layout a = random.layout(kind, 12, kind == Kind::Masks);
    int64_t extent = random.below(24) + 1;
    Result<Layout> r = complement(a, IntTuple(extent));
    bool divides = dividesInOrder(a);
    if (!r) {
      // A layout whose strides divide each other in order has a complement.
      bool negative = std::any_of(a.leaves().begin(), a.leaves().end(),
                                  [](const Mode &leaf) { return leaf.stride.integer() < 0 && leaf.size > 1; });
      ASSERT_FALSE(kind != Kind::Masks && !negative && divides) << print(a) << ": " << r.message();
      continue;
    }
    ++defined;
    std::vector<Value> values = table(a), others = table(*r);
    for (size_t i = 1; i < others.size(); ++i)
      ASSERT_TRUE(colexBelow(others[i - 1], others[i])) << print(a) << " complement " << print(*r);
    std::vector<Key> distinct, sums;
    for (const Value &value : values)
      distinct.push_back(keyOf(value));
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    for (const Value &other : others) {
      Key y = keyOf(other);
      for (const Key &x : distinct)
        sums.push_back({x.integer + y.integer, x.mask ^ y.mask, x.coordinates + y.coordinates});
    }
    std::sort(sums.begin(), sums.end());
    ASSERT_EQ(std::adjacent_find(sums.begin(), sums.end()), sums.end()) << print(a) << " complement " << print(*r);
    // Where the image of both is meant to be everything, its size is that of the box around it.
    if (kind != Kind::Masks && !divides)
      continue;
    ++complete;
    int64_t box = 1, reach = 0;
    std::map<std::vector<int32_t>, int64_t> largest;
    for (const std::vector<Value> *list : {&values, &others}) {
      std::map<std::vector<int32_t>, int64_t> part;
      for (const Value &value : *list)
        for (const auto &[path, coefficient] : value.coordinates)
          part[path] = std::max(part[path], coefficient);
      for (const auto &[path, coefficient] : part)
        largest[path] += coefficient;
    }
    for (const auto &[path, end] : largest)
      box *= end + 1;
    for (const Key &sum : sums)
      reach = std::max(reach, sum.integer + static_cast<int64_t>(sum.mask));
    ASSERT_EQ(static_cast<int64_t>(sums.size()), box * (reach + 1)) << print(a) << " complement " << print(*r);
    if (kind != Kind::Coordinates) {
      ASSERT_GE(reach + 1, extent) << print(a) << " complement " << print(*r);
    }
  }
  EXPECT_GE(defined, numCases() / 3);
  EXPECT_GE(complete, numCases() / 4);
}

static bool dependsOnCoordinates(const Layout &layout) {
  return std::any_of(layout.leaves().begin(), layout.leaves().end(),
                     [](const Mode &leaf) { return leaf.size > 1 && !leaf.stride.terms().empty(); });
}

TEST(Laws, RightInverseInverts) {
  Generator random(5);
  int64_t defined = 0, bijections = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Kind kind = static_cast<Kind>(random.below(3));
    Layout a = random.layout(kind, 64, kind == Kind::Masks);
    Result<Layout> r = rightInverse(a);
    if (!r)
      continue;
    ++defined;
    if (dependsOnCoordinates(a)) {
      // A(R(c)) = c: R, at the coordinate that A maps R's i-th value to, is that value again, and different i lead to
      // different coordinates, within the shape of R.
      std::set<Value> coordinates;
      for (int64_t i = 0; i < r->size(); ++i) {
        Value coordinate = evaluate(a, evaluate(*r, i).number());
        coordinates.insert(coordinate);
        ASSERT_EQ(evaluateAt(*r, coordinate), evaluate(*r, i)) << print(a) << " inverse " << print(*r) << " at " << i;
        for (const auto &[path, c] : coordinate.coordinates) {
          IntTuple mode = r->shape();
          for (int32_t step : path)
            mode = mode.mode(static_cast<size_t>(step));
          ASSERT_LT(c, *size(mode)) << print(a) << " inverse " << print(*r);
        }
      }
      ASSERT_EQ(static_cast<int64_t>(coordinates.size()), r->size()) << print(a) << " inverse " << print(*r);
      continue;
    }
    for (int64_t i = 0; i < r->size(); ++i)
      ASSERT_EQ(evaluate(a, evaluate(*r, i).number()).number(), i) << print(a) << " inverse " << print(*r);
    std::set<int64_t> numbers;
    for (const Value &value : table(a))
      numbers.insert(value.number());
    if (static_cast<int64_t>(numbers.size()) == a.size() && *numbers.begin() == 0 &&
        *numbers.rbegin() == a.size() - 1) {
      ++bijections;
      ASSERT_EQ(r->size(), a.size()) << print(a) << " is a bijection, its inverse " << print(*r);
    }
  }
  EXPECT_GE(defined, numCases() / 2);
  EXPECT_GE(bijections, numCases() / 10);
}

TEST(Laws, LeftInverseInverts) {
  Generator random(6);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Kind kind = static_cast<Kind>(random.below(3));
    Layout a = random.layout(kind, 64, kind == Kind::Masks);
    Result<Layout> r = leftInverse(a);
    std::vector<Value> values = table(a);
    bool injective = std::set<Value>(values.begin(), values.end()).size() == values.size();
    if (!r) {
      ASSERT_FALSE(injective && (kind == Kind::Masks || dividesInOrder(a))) << print(a) << ": " << r.message();
      continue;
    }
    ++defined;
    for (int64_t i = 0; i < a.size(); ++i) {
      int64_t back = evaluateAt(*r, values[static_cast<size_t>(i)]).number();
      if (injective)
        ASSERT_EQ(back, i) << print(a) << " inverse " << print(*r);
      else
        ASSERT_EQ(evaluate(a, back), values[static_cast<size_t>(i)]) << print(a) << " inverse " << print(*r);
    }
  }
  EXPECT_GE(defined, numCases() / 4);
}

TEST(Laws, NullspaceMapsToZero) {
  Generator random(7);
  for (int64_t n = 0; n < numCases(); ++n) {
    Kind kind = static_cast<Kind>(random.below(4));
    bool linear = kind == Kind::Masks && random.chance(70);
    Layout a = random.layout(kind, 64, linear);
    Result<Layout> r = nullspace(a);
    ASSERT_TRUE(r) << print(a);
    std::set<int64_t> indices;
    for (const Value &index : table(*r)) {
      indices.insert(index.number());
      ASSERT_EQ(evaluate(a, index.number()), Value()) << print(a) << " nullspace " << print(*r);
    }
    ASSERT_EQ(static_cast<int64_t>(indices.size()), r->size());
    ASSERT_LT(*indices.rbegin(), a.size());
    if (linear) {
      std::vector<Value> values = table(a);
      std::set<Value> image(values.begin(), values.end());
      ASSERT_EQ(static_cast<int64_t>(image.size()) * r->size(), a.size()) << print(a) << " nullspace " << print(*r);
    }
  }
}

TEST(Laws, CommonVectorIsContiguousInBoth) {
  Generator random(8);
  int64_t vectors = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Kind kind = random.chance(70) ? Kind::Integers : Kind::Masks;
    Layout a = random.layout(kind, 64, kind == Kind::Masks);
    // Often two layouts of one shape, so that they have something in common.
    Layout b = random.chance(50) ? random.layout(kind, 64, kind == Kind::Masks) : a;
    if (random.chance(30))
      b = reverse(b);
    Result<Layout> r = maxCommonLayout(a, b);
    if (!r)
      continue;
    vectors += r->size() > 1;
    for (int64_t i = 0; i < r->size(); ++i) {
      int64_t index = evaluate(*r, i).number();
      ASSERT_EQ(evaluate(a, index).number(), i) << print(a) << " and " << print(b) << ": " << print(*r);
      ASSERT_EQ(evaluate(b, index).number(), i) << print(a) << " and " << print(b) << ": " << print(*r);
    }
  }
  EXPECT_GE(vectors, numCases() / 10);
}

TEST(Laws, EquivalenceIsEqualityOfTables) {
  Generator random(9);
  int64_t equal = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Kind kind = static_cast<Kind>(random.below(4));
    Layout a = random.layout(kind, 16), b = random.chance(30) ? coalesce(a) : random.layout(kind, 16);
    Result<bool> same = equivalent(a, b);
    ASSERT_TRUE(same);
    bool expected = a.size() == b.size();
    for (int64_t i = 0; expected && i < a.size(); ++i)
      expected = sameNumber(evaluate(a, i), evaluate(b, i));
    equal += expected;
    ASSERT_EQ(*same, expected) << print(a) << " and " << print(b);
  }
  EXPECT_GE(equal, numCases() / 5);
}

TEST(Laws, SumAddsValues) {
  Generator random(10);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(64);
    // Another layout of the same size: the same leaves with other strides, grouped differently.
    std::vector<Mode> leaves = random.layout(64).leaves();
    leaves.resize(a.leaves().size());
    for (size_t i = 0; i < leaves.size(); ++i)
      leaves[i].size = a.leaves()[i].size;
    if (leaves.size() > 1 && random.chance(30))
      std::swap(leaves.front(), leaves.back());
    Layout b = *Layout::make(random.profile(leaves.size()), leaves);
    Result<Layout> r = sum(a, b);
    if (!r)
      continue;
    ++defined;
    for (int64_t i = 0; i < a.size(); ++i)
      ASSERT_EQ(evaluate(*r, i), evaluate(a, i) + evaluate(b, i)) << print(a) << " + " << print(b);
  }
  EXPECT_GE(defined, numCases() / 3);
}

TEST(Laws, MatrixAndStridesAgree) {
  Generator random(11);
  int64_t linear = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Kind kind = random.chance(50) ? Kind::Masks : Kind::Integers;
    Layout a = random.layout(kind, 64, /*powersOfTwo=*/true);
    std::vector<Value> values = table(a);
    auto number = [&](int64_t i) { return static_cast<uint64_t>(values[static_cast<size_t>(i)].number()); };
    bool isLinear = std::all_of(values.begin(), values.end(), [](const Value &v) { return v.number() >= 0; });
    for (int64_t i = 0; isLinear && i < a.size(); ++i)
      for (int64_t bit = 1; isLinear && bit < a.size(); bit *= 2)
        isLinear = number(i ^ bit) == (number(i) ^ number(bit));
    Result<F2Matrix> matrix = toMatrix(a);
    ASSERT_EQ(static_cast<bool>(matrix), isLinear) << print(a);
    if (!matrix)
      continue;
    ++linear;
    for (int64_t i = 0; i < a.size(); ++i)
      ASSERT_EQ(*matrix * static_cast<uint64_t>(i), number(i)) << print(a) << " at " << i;
    Layout back = fromMatrix(*matrix);
    for (int64_t i = 0; i < a.size(); ++i)
      ASSERT_EQ(evaluate(back, i).number(), values[static_cast<size_t>(i)].number()) << print(a) << ", " << print(back);
    // Rank, kernel and image, by counting.
    std::set<Value> image(values.begin(), values.end());
    std::set<int64_t> zeros;
    for (int64_t i = 0; i < a.size(); ++i)
      if (number(i) == 0)
        zeros.insert(i);
    std::set<int64_t> distinct;
    for (const Value &value : image)
      distinct.insert(value.number());
    ASSERT_EQ(int64_t(1) << matrix->rank(), static_cast<int64_t>(distinct.size())) << print(a);
    Layout kernel = fromMatrix(matrix->kernel());
    ASSERT_EQ(kernel.size(), static_cast<int64_t>(zeros.size())) << print(a);
    for (const Value &zero : table(kernel))
      ASSERT_TRUE(zeros.count(zero.number())) << print(a);
    std::set<int64_t> spanned;
    for (const Value &value : table(fromMatrix(matrix->image())))
      spanned.insert(value.number());
    ASSERT_EQ(spanned, distinct) << print(a);
    // Inverse and division.
    Result<F2Matrix> inverted = inverse(*matrix);
    ASSERT_EQ(static_cast<bool>(inverted),
              matrix->rank() == matrix->numColumns() && matrix->rank() == matrix->numRows());
    if (inverted)
      for (int64_t i = 0; i < a.size(); ++i)
        ASSERT_EQ(*inverted * (*matrix * static_cast<uint64_t>(i)), static_cast<uint64_t>(i)) << print(a);
  }
  EXPECT_GE(linear, numCases() / 3);
}

TEST(Laws, CompositionIsMultiplicationOfMatrices) {
  Generator random(12);
  int64_t defined = 0;
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(random.chance(50) ? Kind::Masks : Kind::Integers, 64, true);
    Layout b = random.indices(a.size(), random.chance(50) ? Kind::Masks : Kind::Integers);
    Result<F2Matrix> x = toMatrix(a), y = toMatrix(b);
    if (!x || !y || y->numRows() > x->numColumns())
      continue;
    ++defined;
    // Linear layouts compose: there is always a result.
    Result<Layout> r = composition(a, b);
    ASSERT_TRUE(r) << r.message();
    // As many rows as A has columns; the missing ones are 0.
    F2Matrix padded(x->numColumns(), y->columns());
    Result<F2Matrix> product = multiply(*x, padded), quotient = divide(*multiply(*x, padded), *x);
    ASSERT_TRUE(product);
    for (int64_t i = 0; i < b.size(); ++i)
      ASSERT_EQ(*product * static_cast<uint64_t>(i), static_cast<uint64_t>(evaluate(*r, i).number()))
          << print(a) << " o " << print(b) << " = " << print(*r);
    // Dividing by A gives what A maps to the same values as B.
    ASSERT_TRUE(quotient);
    for (int64_t i = 0; i < b.size(); ++i)
      ASSERT_EQ(*x * (*quotient * static_cast<uint64_t>(i)), *product * static_cast<uint64_t>(i));
  }
  EXPECT_GE(defined, numCases() / 4);
}
