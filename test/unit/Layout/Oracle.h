//===- Oracle.h - Layouts as tables -----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the tests compare with: the value of a layout at an index, calculated
/// from the definition (digits in mixed radix, times strides, added up part by
/// part) without the library's arithmetic; and tables of all values. Random
/// layouts of every kind.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_LAYOUT_ORACLE_H
#define TILEC_TEST_LAYOUT_ORACLE_H

#include "tilec/Layout/Layout.h"

#include <map>
#include <random>

namespace tilec::layout::test {

/// A value, part by part.
struct Value {
  int64_t integer = 0;
  uint64_t mask = 0;
  std::map<std::vector<int32_t>, int64_t> coordinates;
  bool operator==(const Value &) const = default;
  auto operator<=>(const Value &) const = default;
  /// Integer and mask added; there must be no coordinates.
  int64_t number() const { return integer + static_cast<int64_t>(mask); }
};

/// The sum of two values.
Value operator+(const Value &a, const Value &b);

/// Whether two values are the same number, or else the same in all parts: ^4 is 4.
inline bool sameNumber(const Value &a, const Value &b) {
  return a.coordinates.empty() && b.coordinates.empty() ? a.number() == b.number() : a == b;
}

/// A value as the library has it, to compare.
Value valueOf(const Offset &offset);

/// The value at any index from 0 on; the last leaf is not bounded.
Value evaluate(const Layout &layout, int64_t index);

/// All values, from index 0 to size - 1.
std::vector<Value> table(const Layout &layout);

/// The value of A at what B's value names: an index, or a coordinate of A with the last leaf of each mode unbounded.
Value evaluateAt(const Layout &a, const Value &value);

/// Whether the leaves, ordered by stride along each axis, each begin at a multiple of where those before them end (for
/// layouts without masks).
bool dividesInOrder(const Layout &layout);

/// Makes random layouts from a seed.
class Generator {
public:
  /// The seed is TILEC_SEED (today's date in the test run) and `salt`, which differs from test to test.
  explicit Generator(uint64_t salt);

  int64_t below(int64_t bound) { return static_cast<int64_t>(engine() % static_cast<uint64_t>(bound)); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T> const T &pick(const std::vector<T> &list) {
    return list[static_cast<size_t>(below(static_cast<int64_t>(list.size())))];
  }

  /// A nesting of `leaves` leaves.
  Profile profile(size_t leaves);
  /// Nested, with 1 to 5 leaves and at most `maxSize` elements; powers of two alone if asked for.
  IntTuple shape(int64_t maxSize, bool powersOfTwo = false);

  enum class Kind { Integers, Coordinates, Masks, Mixed };
  /// A layout of one kind. Integer strides are those of permuted compact layouts (some with gaps or broadcasts), or
  /// random.
  Layout layout(Kind kind, int64_t maxSize, bool powersOfTwo = false);
  Layout layout(int64_t maxSize) { return layout(static_cast<Kind>(below(4)), maxSize); }
  /// A layout whose indices lie mostly within [0, extent) and often divide it well.
  Layout indices(int64_t extent, Kind kind);
  /// A random divisor.
  int64_t divisor(int64_t number);

private:
  Offset stride(Kind kind);
  std::mt19937_64 engine;
};

/// How many random layouts a law is tried on: 100,000, and ten times as many in the full run.
int64_t numCases();

} // namespace tilec::layout::test

#endif // TILEC_TEST_LAYOUT_ORACLE_H
