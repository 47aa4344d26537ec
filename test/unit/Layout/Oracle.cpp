//===- Oracle.cpp - Layouts as tables ---------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Oracle.h"

#include <algorithm>
#include <cstdlib>

using namespace tilec::layout;
using namespace tilec::layout::test;

/// Multiplies bits by bits without carries, bit by bit.
static uint64_t carrylessProduct(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  for (int bit = 0; b >> bit; ++bit)
    if (b >> bit & 1)
      product ^= a << bit;
  return product;
}

Value test::operator+(const Value &a, const Value &b) {
  Value sum = a;
  sum.integer += b.integer;
  sum.mask ^= b.mask;
  for (const auto &[path, coefficient] : b.coordinates)
    if (!(sum.coordinates[path] += coefficient))
      sum.coordinates.erase(path);
  return sum;
}

Value test::valueOf(const Offset &offset) {
  Value value{offset.integer(), offset.mask(), {}};
  for (const BasisTerm &term : offset.terms())
    value.coordinates[term.path] = term.coefficient;
  return value;
}

/// What the leaves [first, last) contribute at an index into them.
static Value evaluateLeaves(const Layout &layout, size_t first, size_t last, int64_t index) {
  Value sum;
  for (size_t i = first; i < last; ++i) {
    const Mode &leaf = layout.leaves()[i];
    int64_t digit = i + 1 < last ? index % leaf.size : index;
    index /= leaf.size;
    sum.integer += digit * leaf.stride.integer();
    sum.mask ^= carrylessProduct(leaf.stride.mask(), static_cast<uint64_t>(digit));
    for (const BasisTerm &term : leaf.stride.terms())
      if (digit && !(sum.coordinates[term.path] += digit * term.coefficient))
        sum.coordinates.erase(term.path);
  }
  return sum;
}

Value test::evaluate(const Layout &layout, int64_t index) {
  return evaluateLeaves(layout, 0, layout.leaves().size(), index);
}

std::vector<Value> test::table(const Layout &layout) {
  std::vector<Value> values;
  values.reserve(static_cast<size_t>(layout.size()));
  for (int64_t i = 0; i < layout.size(); ++i)
    values.push_back(evaluate(layout, i));
  return values;
}

Value test::evaluateAt(const Layout &a, const Value &value) {
  if (value.coordinates.empty())
    return evaluate(a, value.number());
  Value sum;
  for (const auto &[path, coefficient] : value.coordinates) {
    size_t first = 0, last = a.leaves().size();
    Profile profile = a.profile();
    for (int32_t i : path) {
      Profile::Span span = profile.mode(static_cast<size_t>(i));
      last = first + span.lastLeaf;
      first += span.firstLeaf;
      profile = profile.slice(span);
    }
    sum = sum + evaluateLeaves(a, first, last, coefficient);
  }
  return sum;
}

bool test::dividesInOrder(const Layout &layout) {
  std::map<std::vector<int32_t>, std::vector<std::pair<int64_t, int64_t>>> axes;
  for (const Mode &leaf : layout.leaves()) {
    if (leaf.size == 1 || leaf.stride.isZero())
      continue;
    if (leaf.stride.terms().empty())
      axes[{}].push_back({leaf.stride.integer(), leaf.size});
    else
      axes[leaf.stride.terms().front().path].push_back({leaf.stride.terms().front().coefficient, leaf.size});
  }
  for (auto &[path, modes] : axes) {
    std::sort(modes.begin(), modes.end());
    int64_t end = 1;
    for (auto [step, size] : modes) {
      if (step % end || step < end)
        return false;
      end = step * size;
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Random layouts
//===----------------------------------------------------------------------===//

Generator::Generator(uint64_t salt) {
  const char *seed = std::getenv("TILEC_SEED");
  engine.seed(salt * 0x9e3779b97f4a7c15u + (seed ? std::strtoull(seed, nullptr, 10) : 0));
}

int64_t test::numCases() { return std::getenv("TILEC_FULL") ? 1000000 : 100000; }

Profile Generator::profile(size_t leaves) {
  if (leaves == 1 && chance(70))
    return Profile::leaf();
  // Split the leaves into modes.
  std::vector<Profile> modes;
  while (leaves) {
    size_t part = chance(60) ? 1 : static_cast<size_t>(below(static_cast<int64_t>(leaves))) + 1;
    modes.push_back(part == 1 ? Profile::leaf() : chance(50) ? Profile::flat(part) : profile(part));
    leaves -= part;
  }
  return Profile::tuple(modes);
}

IntTuple Generator::shape(int64_t maxSize, bool powersOfTwo) {
  size_t rank = static_cast<size_t>(below(5)) + 1;
  std::vector<int64_t> sizes;
  int64_t total = 1;
  for (size_t i = 0; i < rank; ++i) {
    int64_t size = powersOfTwo ? int64_t(1) << below(4) : pick<int64_t>({1, 2, 2, 3, 4, 4, 5, 6, 7, 8, 9, 12});
    if (total * size > maxSize)
      size = 1;
    total *= size;
    sizes.push_back(size);
  }
  return IntTuple(profile(rank), std::move(sizes));
}

Offset Generator::stride(Kind kind) {
  switch (kind) {
  case Kind::Integers:
    return Offset(pick<int64_t>({0, 1, 1, 2, 3, 4, 5, 6, 8, 12, 16, 24, -1, -4}));
  case Kind::Coordinates: {
    static const std::vector<std::vector<int32_t>> paths = {{0}, {1}, {2, 0}, {2, 1}, {2, 2, 0}};
    return Offset::basis(pick(paths), pick<int64_t>({1, 1, 2, 3, 4, 6, 8}));
  }
  case Kind::Masks:
    return Offset::bits(static_cast<uint64_t>(chance(50) ? int64_t(1) << below(6) : below(64)));
  case Kind::Mixed: {
    Offset sum = stride(static_cast<Kind>(below(3)));
    bool fits = chance(30) || sum.addMultiple(stride(static_cast<Kind>(below(3))), 1);
    return fits ? sum : Offset(1);
  }
  }
  return Offset(0);
}

Layout Generator::layout(Kind kind, int64_t maxSize, bool powersOfTwo) {
  IntTuple sizes = shape(maxSize, powersOfTwo);
  std::vector<Mode> leaves;
  for (int64_t size : sizes.leaves())
    leaves.push_back({size, 0});
  if (kind != Kind::Mixed && chance(60)) {
    // A compact layout in random order, sometimes with gaps and broadcasts.
    std::vector<size_t> order(leaves.size());
    for (size_t i = 0; i < order.size(); ++i)
      order[i] = i;
    std::shuffle(order.begin(), order.end(), engine);
    std::map<std::vector<int32_t>, int64_t> ends;
    for (size_t i : order) {
      if (chance(10))
        continue;
      Offset unit = stride(kind);
      std::vector<int32_t> path = kind == Kind::Coordinates ? unit.terms().front().path : std::vector<int32_t>{};
      int64_t &end = ends.try_emplace(path, 1).first->second;
      if (chance(15))
        end *= kind == Kind::Masks ? 2 : below(3) + 1;
      uint64_t twist = kind == Kind::Masks && chance(40) ? static_cast<uint64_t>(below(end)) : 0;
      leaves[i].stride = kind == Kind::Integers      ? Offset(end)
                         : kind == Kind::Coordinates ? Offset::basis(path, end)
                                                     : Offset::bits(static_cast<uint64_t>(end) ^ twist);
      int64_t size = leaves[i].size;
      while (kind == Kind::Masks && size & (size - 1))
        ++size;
      end *= size;
    }
  } else {
    for (Mode &leaf : leaves)
      leaf.stride = stride(kind);
  }
  return *Layout::make(sizes.profile(), std::move(leaves));
}

int64_t Generator::divisor(int64_t number) {
  std::vector<int64_t> divisors;
  for (int64_t d = 1; d <= number; ++d)
    if (number % d == 0)
      divisors.push_back(d);
  return pick(divisors);
}

Layout Generator::indices(int64_t extent, Kind kind) {
  size_t rank = static_cast<size_t>(below(4)) + 1;
  std::vector<Mode> leaves(rank);
  // Factors of the extent, in random order: a tile of it.
  int64_t rest = extent, step = 1;
  for (Mode &leaf : leaves) {
    if (chance(30)) {
      int64_t gap = divisor(rest);
      step *= gap;
      rest /= gap;
    }
    leaf.size = divisor(rest);
    if (kind == Kind::Masks)
      leaf.stride = Offset::bits(static_cast<uint64_t>(chance(50) ? step : step ^ below(step)));
    else
      leaf.stride = Offset(chance(5) ? step + 1 : step);
    step *= leaf.size;
    rest /= leaf.size;
  }
  std::shuffle(leaves.begin(), leaves.end(), engine);
  return *Layout::make(profile(rank), std::move(leaves));
}
