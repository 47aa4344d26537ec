//===- Tuple.cpp - Nested tuples --------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Tuple.h"

#include "CheckedMath.h"

#include <algorithm>

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Profiles
//===----------------------------------------------------------------------===//

Profile Profile::flat(size_t rank) {
  std::vector<int32_t> nodes(rank + 1, leafNode);
  nodes.front() = static_cast<int32_t>(rank);
  return Profile(std::move(nodes));
}

Profile Profile::tuple(const std::vector<Profile> &modes) {
  std::vector<int32_t> nodes{static_cast<int32_t>(modes.size())};
  for (const Profile &mode : modes)
    nodes.insert(nodes.end(), mode.nodes.begin(), mode.nodes.end());
  return Profile(std::move(nodes));
}

size_t Profile::numLeaves() const { return static_cast<size_t>(std::count(nodes.begin(), nodes.end(), leafNode)); }

/// Moves over the subtree at `node`, which has `leaves` more leaves.
static void skip(const std::vector<int32_t> &nodes, size_t &node, size_t &leaves) {
  for (int64_t open = 1; open; ++node) {
    --open;
    if (nodes[node] == Profile::leafNode)
      ++leaves;
    else
      open += nodes[node];
  }
}

Profile::Span Profile::mode(size_t i) const {
  assert(i < rank() && "no such mode");
  Span span{0, 0, 0, 0};
  if (isLeaf())
    return {0, 1, 0, 1};
  span.firstNode = 1;
  for (; i; --i)
    skip(nodes, span.firstNode, span.firstLeaf);
  span.lastNode = span.firstNode;
  span.lastLeaf = span.firstLeaf;
  skip(nodes, span.lastNode, span.lastLeaf);
  return span;
}

size_t Profile::depth() const {
  // The numbers of modes still to come at each level above the node.
  std::vector<int64_t> open;
  size_t depth = 0;
  for (int32_t node : nodes) {
    if (node == leafNode)
      depth = std::max(depth, open.size());
    else
      depth = std::max(depth, open.size() + 1);
    if (!open.empty())
      --open.back();
    if (node > 0)
      open.push_back(node);
    while (!open.empty() && !open.back())
      open.pop_back();
  }
  return depth;
}

//===----------------------------------------------------------------------===//
// Tuples of integers
//===----------------------------------------------------------------------===//

std::string tilec::layout::print(const IntTuple &tuple) {
  return printTree(tuple.profile(), [&](size_t i) { return std::to_string(tuple.leaves()[i]); });
}

Result<int64_t> tilec::layout::size(const IntTuple &tuple) {
  int64_t product = 1;
  for (int64_t leaf : tuple.leaves())
    if (!multiply(product, leaf, product) || product > maxSize)
      return Error{"the size of " + print(tuple) + " exceeds 2^62"};
  return product;
}

/// Whether `a` covers `b`, where leaves of `a` must pass `leafCovers`.
template <class Covers> static bool covers(const IntTuple &a, const IntTuple &b, Covers leafCovers) {
  if (a.isLeaf())
    return leafCovers(a.leaf(), b);
  if (b.isLeaf() || a.rank() != b.rank())
    return false;
  for (size_t i = 0, e = a.rank(); i < e; ++i)
    if (!covers(a.mode(i), b.mode(i), leafCovers))
      return false;
  return true;
}

bool tilec::layout::weaklyCongruent(const IntTuple &a, const IntTuple &b) {
  return covers(a, b, [](int64_t, const IntTuple &) { return true; });
}

bool tilec::layout::compatible(const IntTuple &a, const IntTuple &b) {
  return covers(a, b, [](int64_t leaf, const IntTuple &part) {
    Result<int64_t> elements = size(part);
    return elements && *elements == leaf;
  });
}

int64_t tilec::layout::ceilDiv(int64_t a, int64_t b) {
  assert(b > 0 && "the divisor is positive");
  return a / b + (a % b > 0);
}

Result<IntTuple> tilec::layout::shapeDiv(const IntTuple &a, const IntTuple &b) {
  for (const IntTuple *tuple : {&a, &b})
    for (int64_t leaf : tuple->leaves())
      if (leaf < 1)
        return Error{"shape division is defined for positive sizes, not for " + print(*tuple)};
  if (!b.isLeaf()) {
    if (a.isLeaf()) {
      Result<int64_t> divisor = size(b);
      if (!divisor)
        return divisor.error();
      return shapeDiv(a, IntTuple(*divisor));
    }
    if (a.rank() != b.rank())
      return Error{"shape division needs tuples of one rank, not " + print(a) + " and " + print(b)};
    std::vector<IntTuple> modes;
    for (size_t i = 0, e = a.rank(); i < e; ++i) {
      Result<IntTuple> mode = shapeDiv(a.mode(i), b.mode(i));
      if (!mode)
        return mode;
      modes.push_back(std::move(*mode));
    }
    return IntTuple::of(modes);
  }
  int64_t rest = b.leaf();
  std::vector<int64_t> leaves = a.leaves();
  for (int64_t &leaf : leaves) {
    if (leaf % rest && rest % leaf)
      return Error{"neither " + std::to_string(leaf) + " nor " + std::to_string(rest) +
                   " divides the other in the division of the shape " + print(a) + " by " + std::to_string(b.leaf())};
    int64_t taken = std::min(leaf, rest);
    leaf /= taken;
    rest /= taken;
  }
  return IntTuple(a.profile(), std::move(leaves));
}

Result<IntTuple> tilec::layout::prefixProduct(const IntTuple &a) {
  int64_t product = 1;
  std::vector<int64_t> leaves;
  for (int64_t leaf : a.leaves()) {
    leaves.push_back(product);
    if (!multiply(product, leaf, product))
      return Error{"the product of " + print(a) + " exceeds 64 bits"};
  }
  return IntTuple(a.profile(), std::move(leaves));
}
