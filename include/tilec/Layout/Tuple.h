//===- Tuple.h - Nested tuples ----------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A nested tuple is a leaf or a tuple of nested tuples: 4, (2,4), ((2,4),8).
/// Shapes, coordinates and profiles are nested tuples of integers (IntTuple);
/// strides are nested tuples of offsets (StrideTuple, in Layout.h).
///
/// Terms, for t = ((2,4),8):
///   rank     the number of modes: 2. A leaf has rank 1, () has rank 0;
///   mode     a part at the top: mode 0 is (2,4), mode 1 is 8;
///   depth    how deep the leaves lie: 2. A leaf has depth 0;
///   leaves   the integers from left to right: 2, 4, 8;
///   profile  the nesting alone: ((*,*),*);
///   size     the product of the leaves: 64. The size of () is 1.
///
/// A tuple of one mode is not its mode: (4) has depth 1 and 4 has depth 0.
///
/// A Tuple is stored flat, as its leaves and its profile, both from left to
/// right, so that walking over the leaves (which most algorithms do) touches
/// two arrays and allocates nothing.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_TUPLE_H
#define TILEC_LAYOUT_TUPLE_H

#include "tilec/Layout/Result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tilec::layout {

/// The nesting of a tuple: its nodes in pre-order, a leaf as -1 and a tuple as
/// the number of its modes. ((2,4),8) has the profile 2 2 -1 -1 -1.
class Profile {
public:
  static constexpr int32_t leafNode = -1;

  /// The profile of ().
  Profile() : nodes{0} {}
  explicit Profile(std::vector<int32_t> nodes) : nodes(std::move(nodes)) {}
  static Profile leaf() { return Profile({leafNode}); }
  /// A tuple of `rank` leaves.
  static Profile flat(size_t rank);
  /// A tuple whose modes have these profiles.
  static Profile tuple(const std::vector<Profile> &modes);

  bool isLeaf() const { return nodes.front() == leafNode; }
  size_t rank() const { return isLeaf() ? 1 : static_cast<size_t>(nodes.front()); }
  size_t depth() const;
  size_t numLeaves() const;
  bool operator==(const Profile &) const = default;

  /// A mode's place: its nodes and its leaves as half-open ranges.
  struct Span {
    size_t firstNode, lastNode, firstLeaf, lastLeaf;
  };
  /// Where mode `i` lies; `i` must be below the rank. Mode 0 of a leaf is the leaf.
  Span mode(size_t i) const;
  Profile slice(const Span &span) const {
    return Profile(std::vector<int32_t>(nodes.begin() + span.firstNode, nodes.begin() + span.lastNode));
  }

  std::vector<int32_t> nodes;
};

/// A nested tuple of values of type T.
template <class T> class Tuple {
public:
  /// ().
  Tuple() = default;
  /// A leaf.
  Tuple(T value) : nesting(Profile::leaf()), values{std::move(value)} {}
  /// A profile and one leaf for each of its places.
  Tuple(Profile profile, std::vector<T> leaves) : nesting(std::move(profile)), values(std::move(leaves)) {
    assert(nesting.numLeaves() == values.size() && "a tuple has one leaf for each place of its profile");
  }
  /// The tuple of these modes.
  static Tuple of(const std::vector<Tuple> &modes) {
    Tuple result;
    result.nesting.nodes[0] = static_cast<int32_t>(modes.size());
    for (const Tuple &mode : modes) {
      result.nesting.nodes.insert(result.nesting.nodes.end(), mode.nesting.nodes.begin(), mode.nesting.nodes.end());
      result.values.insert(result.values.end(), mode.values.begin(), mode.values.end());
    }
    return result;
  }
  /// The tuple of these leaves, of depth 1.
  static Tuple flat(std::vector<T> leaves) {
    size_t rank = leaves.size();
    return Tuple(Profile::flat(rank), std::move(leaves));
  }

  bool isLeaf() const { return nesting.isLeaf(); }
  size_t rank() const { return nesting.rank(); }
  size_t depth() const { return nesting.depth(); }
  const Profile &profile() const { return nesting; }
  const std::vector<T> &leaves() const { return values; }
  /// The value of a leaf.
  const T &leaf() const {
    assert(isLeaf() && "not a leaf");
    return values.front();
  }
  /// Mode `i`, below the rank.
  Tuple mode(size_t i) const {
    Profile::Span span = nesting.mode(i);
    return Tuple(nesting.slice(span), std::vector<T>(values.begin() + span.firstLeaf, values.begin() + span.lastLeaf));
  }
  std::vector<Tuple> modes() const {
    std::vector<Tuple> result;
    for (size_t i = 0, e = rank(); i < e; ++i)
      result.push_back(mode(i));
    return result;
  }
  bool operator==(const Tuple &) const = default;

private:
  Profile nesting;
  std::vector<T> values;
};

/// Shapes, coordinates, and profiles with a number at each leaf.
using IntTuple = Tuple<int64_t>;

/// ((2,4),8)
std::string print(const IntTuple &tuple);

/// The product of all leaves; nothing where it exceeds 2^62.
Result<int64_t> size(const IntTuple &tuple);

/// The same nesting all the way down.
template <class A, class B> bool congruent(const Tuple<A> &a, const Tuple<B> &b) { return a.profile() == b.profile(); }

/// The nesting of `a` ends at or above that of `b`: a leaf of `a` may stand for any part of `b`.
bool weaklyCongruent(const IntTuple &a, const IntTuple &b);

/// `b` refines `a`: as weaklyCongruent, and where `a` has a leaf, `b` has as many elements. Every coordinate of `a` is
/// then a coordinate of `b`. A partial order.
bool compatible(const IntTuple &a, const IntTuple &b);

/// The rounded-up quotient; `b` positive.
int64_t ceilDiv(int64_t a, int64_t b);

/// Shape division, CuTe's: divides the leaves of `a` from the left by `b`, each leaf taking as much of the divisor as
/// it can: shape_div((3,4), 6) = (1,2). Fails where neither of a leaf and what is left of the divisor divides the
/// other. Over tuples of one nesting: mode by mode.
Result<IntTuple> shapeDiv(const IntTuple &a, const IntTuple &b);

/// For each leaf the product of all leaves before it: (1,2,6) for (2,3,4).
Result<IntTuple> prefixProduct(const IntTuple &a);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_TUPLE_H
