//===- Structure.cpp - Parts and nesting ------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FlatModes.h"
#include "tilec/Layout/Algebra.h"

#include "CheckedMath.h"

#include <algorithm>
#include <numeric>

using namespace tilec::layout;

Layout tilec::layout::flatten(const Layout &layout) {
  if (layout.isLeaf())
    return layout;
  return *Layout::make(Profile::flat(layout.leaves().size()), layout.leaves());
}

Result<Layout> tilec::layout::unflatten(const Layout &layout, const IntTuple &profile) {
  if (profile.leaves().size() != layout.leaves().size())
    return Error{"the profile " + print(profile) + " has " + std::to_string(profile.leaves().size()) + " leaves, but " +
                 print(layout) + " has " + std::to_string(layout.leaves().size())};
  return Layout::make(profile.profile(), layout.leaves());
}

/// Fails unless first <= last <= rank.
static Status checkRange(const Layout &layout, size_t first, size_t last) {
  if (first > last || last > layout.rank())
    return Error{"there are no modes " + std::to_string(first) + " to " + std::to_string(last) + " in " +
                 print(layout)};
  return success();
}

Result<Layout> tilec::layout::group(const Layout &layout, size_t first, size_t last) {
  if (Status valid = checkRange(layout, first, last); !valid)
    return valid.error();
  std::vector<Layout> modes = layout.modes();
  Result<Layout> grouped = Layout::make(
      std::vector<Layout>(modes.begin() + static_cast<long>(first), modes.begin() + static_cast<long>(last)));
  if (!grouped)
    return grouped;
  modes.erase(modes.begin() + static_cast<long>(first), modes.begin() + static_cast<long>(last));
  modes.insert(modes.begin() + static_cast<long>(first), std::move(*grouped));
  return Layout::make(modes);
}

Result<Layout> tilec::layout::select(const Layout &layout, const std::vector<size_t> &modes) {
  std::vector<Layout> selected;
  for (size_t mode : modes) {
    if (mode >= layout.rank())
      return Error{"there is no mode " + std::to_string(mode) + " in " + print(layout)};
    selected.push_back(layout.mode(mode));
  }
  return Layout::make(selected);
}

Result<Layout> tilec::layout::take(const Layout &layout, size_t first, size_t last) {
  if (Status valid = checkRange(layout, first, last); !valid)
    return valid.error();
  std::vector<size_t> modes(last - first);
  std::iota(modes.begin(), modes.end(), first);
  return select(layout, modes);
}

Result<Layout> tilec::layout::concatenate(const Layout &a, const Layout &b) {
  std::vector<Layout> modes = a.modes();
  for (Layout &mode : b.modes())
    modes.push_back(std::move(mode));
  return Layout::make(modes);
}

Layout tilec::layout::reverse(const Layout &layout) {
  if (layout.isLeaf())
    return layout;
  std::vector<Layout> modes;
  for (size_t i = layout.rank(); i-- > 0;)
    modes.push_back(reverse(layout.mode(i)));
  return *Layout::make(modes);
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

static bool isFree(const std::optional<int64_t> &leaf) { return !leaf; }

/// Collects the modes at free places (or at fixed ones), and adds up the offsets of the fixed coordinates.
static Status walk(const Layout &layout, const Slicer &slicer, bool keepFree, std::vector<Layout> &kept,
                   Offset &offset) {
  if (slicer.isLeaf()) {
    if (isFree(slicer.leaf()) == keepFree)
      kept.push_back(layout);
    if (isFree(slicer.leaf()))
      return success();
    if (*slicer.leaf() < 0 || *slicer.leaf() >= layout.size())
      return Error{"the coordinate " + std::to_string(*slicer.leaf()) + " lies outside of " + print(layout)};
    if (!offset.addMultiple(layout(*slicer.leaf()), 1))
      return Error{"the offset of the slice exceeds 2^62"};
    return success();
  }
  if (layout.isLeaf() || slicer.rank() != layout.rank())
    return Error{"a coordinate of rank " + std::to_string(slicer.rank()) + " does not fit " + print(layout)};
  for (size_t i = 0, e = slicer.rank(); i < e; ++i)
    if (Status done = walk(layout.mode(i), slicer.mode(i), keepFree, kept, offset); !done)
      return done;
  return success();
}

/// One kept mode is the layout; several are its modes.
static Result<Layout> collect(const std::vector<Layout> &kept) {
  return kept.size() == 1 ? kept.front() : Layout::make(kept);
}

Result<Slice> tilec::layout::slice(const Layout &layout, const Slicer &slicer) {
  std::vector<Layout> kept;
  Offset offset;
  if (Status done = walk(layout, slicer, /*keepFree=*/true, kept, offset); !done)
    return done.error();
  Result<Layout> rest = collect(kept);
  if (!rest)
    return rest.error();
  return Slice{std::move(*rest), std::move(offset)};
}

Result<Layout> tilec::layout::dice(const Layout &layout, const Slicer &slicer) {
  std::vector<Layout> kept;
  Offset offset;
  if (Status done = walk(layout, slicer, /*keepFree=*/false, kept, offset); !done)
    return done.error();
  return collect(kept);
}

Result<Layout> tilec::layout::domainDistribute(const IntTuple &shape, int64_t count) {
  if (count < 1)
    return Error{"the number of elements to distribute is positive, not " + std::to_string(count)};
  Result<Layout> compact = columnMajor(shape);
  if (!compact)
    return compact;
  std::vector<Mode> modes;
  int64_t index = 1;
  for (int64_t leaf : shape.leaves()) {
    int64_t taken = std::gcd(leaf, count);
    if (taken > 1)
      appendCoalesced(modes, {taken, index});
    count /= taken;
    index *= leaf;
  }
  return layoutOf(std::move(modes));
}
