//===- Coalesce.cpp - The same function, written differently ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FlatModes.h"
#include "tilec/Layout/Algebra.h"

#include "CheckedMath.h"

#include <algorithm>

using namespace tilec::layout;

Layout tilec::layout::coalesce(const Layout &layout) {
  if (layout.leaves().empty())
    return *Layout::make(Profile(), {});
  return *layoutOf(coalesceModes(layout.leaves()));
}

Result<Layout> tilec::layout::coalesce(const Layout &layout, const IntTuple &profile) {
  if (profile.isLeaf())
    return coalesce(layout);
  if (profile.rank() > layout.rank())
    return Error{"the profile " + print(profile) + " has more modes than " + print(layout)};
  std::vector<Layout> modes = layout.modes();
  for (size_t i = 0, e = profile.rank(); i < e; ++i) {
    Result<Layout> mode = coalesce(modes[i], profile.mode(i));
    if (!mode)
      return mode;
    modes[i] = std::move(*mode);
  }
  return Layout::make(modes);
}

Layout tilec::layout::filterZeros(const Layout &layout) {
  std::vector<Mode> leaves = layout.leaves();
  for (Mode &leaf : leaves)
    if (leaf.stride.isZero())
      leaf.size = 1;
  return *Layout::make(layout.profile(), std::move(leaves));
}

Layout tilec::layout::filter(const Layout &layout) { return coalesce(filterZeros(layout)); }

/// Whether two values are the same number or the same coordinate.
static bool sameValue(const Offset &a, const Offset &b) {
  std::optional<int64_t> x = a.asNumber(), y = b.asNumber();
  return x && y ? *x == *y : a == b;
}

Result<bool> tilec::layout::equivalent(const Layout &a, const Layout &b) {
  if (a.size() != b.size())
    return false;
  Layout x = coalesce(a), y = coalesce(b);
  if (x == y || a.size() == 1)
    return true;
  // Without masks the coalesced form is canonical: the first stride is the value at 1, the first size tells where the
  // values stop being its multiples, and so on.
  auto hasMask = [](const Mode &leaf) { return leaf.stride.mask() != 0; };
  if (std::none_of(x.leaves().begin(), x.leaves().end(), hasMask) &&
      std::none_of(y.leaves().begin(), y.leaves().end(), hasMask))
    return false;
  // What is linear over F2 is determined by its values at the powers of two.
  Result<std::vector<uint64_t>> columnsX = linearColumns(x.leaves(), bitsOf(x.size()));
  Result<std::vector<uint64_t>> columnsY = linearColumns(y.leaves(), bitsOf(y.size()));
  if (columnsX && columnsY)
    return *columnsX == *columnsY;
  if (a.size() > int64_t(1) << 20)
    return Error{"comparing " + print(a) + " with " + print(b) + " would take " + std::to_string(a.size()) +
                 " evaluations, more than 2^20"};
  for (int64_t i = 0; i < a.size(); ++i)
    if (!sameValue(x(i), y(i)))
      return false;
  return true;
}
