//===- SymbolicStructure.cpp - Parts of layouts with symbols ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/SymbolicLayout.h"

#include <numeric>

using namespace tilec::layout;

SymbolicLayout tilec::layout::flatten(const SymbolicLayout &layout) {
  if (layout.isLeaf())
    return layout;
  return SymbolicLayout(Profile::flat(layout.leaves().size()), layout.leaves());
}

SymbolicLayout tilec::layout::reverse(const SymbolicLayout &layout) {
  if (layout.isLeaf())
    return layout;
  std::vector<SymbolicLayout> modes;
  for (size_t i = layout.rank(); i-- > 0;)
    modes.push_back(reverse(layout.mode(i)));
  return *SymbolicLayout::make(modes);
}

Result<SymbolicLayout> tilec::layout::unflatten(const SymbolicLayout &layout, const IntTuple &profile) {
  if (profile.leaves().size() != layout.leaves().size())
    return Error{"the profile " + print(profile) + " has " + std::to_string(profile.leaves().size()) + " leaves, but " +
                 print(layout) + " has " + std::to_string(layout.leaves().size())};
  return SymbolicLayout(profile.profile(), layout.leaves());
}

Result<SymbolicLayout> tilec::layout::select(const SymbolicLayout &layout, const std::vector<size_t> &modes) {
  std::vector<SymbolicLayout> selected;
  for (size_t mode : modes) {
    if (mode >= layout.rank())
      return Error{"there is no mode " + std::to_string(mode) + " in " + print(layout)};
    selected.push_back(layout.mode(mode));
  }
  return SymbolicLayout::make(selected);
}

Result<SymbolicLayout> tilec::layout::take(const SymbolicLayout &layout, size_t first, size_t last) {
  if (first > last || last > layout.rank())
    return Error{"there are no modes " + std::to_string(first) + " to " + std::to_string(last) + " in " +
                 print(layout)};
  std::vector<size_t> modes(last - first);
  std::iota(modes.begin(), modes.end(), first);
  return select(layout, modes);
}

Result<SymbolicLayout> tilec::layout::group(const SymbolicLayout &layout, size_t first, size_t last) {
  Result<SymbolicLayout> before = take(layout, 0, std::min(first, last)), grouped = take(layout, first, last);
  if (!before || !grouped)
    return grouped ? before : grouped;
  std::vector<SymbolicLayout> modes = before->modes();
  modes.push_back(std::move(*grouped));
  for (size_t i = last; i < layout.rank(); ++i)
    modes.push_back(layout.mode(i));
  return SymbolicLayout::make(modes);
}

Result<SymbolicLayout> tilec::layout::concatenate(const SymbolicLayout &a, const SymbolicLayout &b) {
  std::vector<SymbolicLayout> modes = a.modes();
  for (SymbolicLayout &mode : b.modes())
    modes.push_back(std::move(mode));
  return SymbolicLayout::make(modes);
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

/// Collects the modes at free places, and those at fixed ones with their coordinates.
static Status walk(const SymbolicLayout &layout, const SymbolicSlicer &slicer, std::vector<SymbolicLayout> &free,
                   std::vector<SymbolicLayout> &fixed, std::vector<SymbolicInt> &coordinates) {
  if (slicer.isLeaf()) {
    if (slicer.leaf())
      coordinates.push_back(*slicer.leaf());
    (slicer.leaf() ? fixed : free).push_back(layout);
    return success();
  }
  if (layout.isLeaf() || slicer.rank() != layout.rank())
    return Error{"a coordinate of rank " + std::to_string(slicer.rank()) + " does not fit " + print(layout)};
  for (size_t i = 0, e = slicer.rank(); i < e; ++i)
    if (Status done = walk(layout.mode(i), slicer.mode(i), free, fixed, coordinates); !done)
      return done;
  return success();
}

/// One kept mode is the layout; several are its modes.
static Result<SymbolicLayout> collect(const std::vector<SymbolicLayout> &kept) {
  return kept.size() == 1 ? kept.front() : SymbolicLayout::make(kept);
}

Result<SymbolicSlice> tilec::layout::slice(const SymbolicLayout &layout, const SymbolicSlicer &slicer,
                                           const Assumptions &assumptions) {
  std::vector<SymbolicLayout> free, fixed;
  std::vector<SymbolicInt> coordinates;
  if (Status done = walk(layout, slicer, free, fixed, coordinates); !done)
    return done.error();
  SymbolicInt offset = 0;
  for (size_t i = 0, e = fixed.size(); i < e; ++i) {
    SymbolicInt size = fixed[i].size(), last = size - SymbolicInt(1) - coordinates[i];
    if (!isNonNegative(last, assumptions))
      return Error{"the coordinate " + print(coordinates[i]) + " of the mode " + print(fixed[i]) + " needs " +
                   print(size) + " > " + print(coordinates[i])};
    Result<SymbolicInt> value = at(fixed[i], coordinates[i], assumptions);
    if (!value)
      return value.error();
    offset = offset + *value;
  }
  if (!offset.isValid())
    return Error{"the offset of the slice exceeds 2^62, eight symbols or 64 terms"};
  Result<SymbolicLayout> rest = collect(free);
  if (!rest)
    return rest.error();
  return SymbolicSlice{std::move(*rest), std::move(offset)};
}

Result<SymbolicLayout> tilec::layout::dice(const SymbolicLayout &layout, const SymbolicSlicer &slicer) {
  std::vector<SymbolicLayout> free, fixed;
  std::vector<SymbolicInt> coordinates;
  if (Status done = walk(layout, slicer, free, fixed, coordinates); !done)
    return done.error();
  return collect(fixed);
}
