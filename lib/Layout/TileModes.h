//===- TileModes.h - How the modes of divisions are arranged ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Divisions and products by a tiler are made of operations on pairs of layouts,
/// and arrange the modes of what these give. The arrangement is the same for
/// layouts of numbers and of symbols.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_TILEMODES_H
#define TILEC_LIB_LAYOUT_TILEMODES_H

#include "tilec/Layout/Tiling.h"

#include <algorithm>

namespace tilec::layout {

/// Fails where the tiler has more modes than the layout.
template <class L> Status checkRank(const L &a, const std::vector<TilerOf<L>> &modes) {
  if (modes.size() > a.rank() || (a.isLeaf() && !modes.empty()))
    return Error{"the tiler " + print(TilerOf<L>(modes)) + " has more modes than " + print(a)};
  return success();
}

/// Applies `combine` to A and the tiler's layouts mode by mode, where both are tuples.
template <class L, class Combine> Result<L> byMode(const L &a, const TilerOf<L> &tiler, Combine combine) {
  if (tiler.isNothing())
    return a;
  if (const L *b = tiler.layout())
    return combine(a, *b);
  if (Status fits = checkRank(a, *tiler.modes()); !fits)
    return fits.error();
  std::vector<L> modes = a.modes();
  for (size_t i = 0, e = tiler.modes()->size(); i < e; ++i) {
    Result<L> mode = byMode(modes[i], (*tiler.modes())[i], combine);
    if (!mode)
      return mode;
    modes[i] = std::move(*mode);
  }
  return L::make(modes);
}

/// The same, with the first modes of all results gathered in one mode, and the second ones, with the modes that the
/// tiler does not name, in another.
template <class L, class Combine> Result<L> zipped(const L &a, const TilerOf<L> &tiler, Combine combine) {
  if (tiler.isNothing())
    return L::make({L(), a});
  if (const L *b = tiler.layout())
    return combine(a, *b);
  if (Status fits = checkRank(a, *tiler.modes()); !fits)
    return fits.error();
  std::vector<L> firsts, seconds;
  for (size_t i = 0, e = a.rank(); i < e; ++i) {
    if (i >= tiler.modes()->size()) {
      seconds.push_back(a.mode(i));
      continue;
    }
    Result<L> pair = zipped(a.mode(i), (*tiler.modes())[i], combine);
    if (!pair)
      return pair;
    firsts.push_back(pair->mode(0));
    seconds.push_back(pair->mode(1));
  }
  Result<L> first = L::make(firsts), second = L::make(seconds);
  if (!first || !second)
    return first ? second : first;
  return L::make({*first, *second});
}

/// The second mode of a zipped result unpacked, and the first one, too, if asked for.
template <class L> Result<L> unpack(const Result<L> &pair, bool first) {
  if (!pair)
    return pair;
  std::vector<L> modes;
  if (first)
    modes = pair->mode(0).modes();
  else
    modes.push_back(pair->mode(0));
  for (L &mode : pair->mode(1).modes())
    modes.push_back(std::move(mode));
  return L::make(modes);
}

/// The modes of A and of the grid of its copies over B, paired: the block first, or the copies.
template <class L> Result<L> pairModes(const L &a, const L &b, const Result<L> &grid, bool blockFirst) {
  if (!grid)
    return grid;
  std::vector<L> modes;
  for (size_t i = 0, e = std::max(a.rank(), b.rank()); i < e; ++i) {
    // A leaf b may have been taken apart: its parts are one mode.
    L copy = b.isLeaf() ? *grid : i < b.rank() ? grid->mode(i) : L();
    if (i >= b.rank()) {
      modes.push_back(a.mode(i));
    } else if (i >= a.rank()) {
      modes.push_back(copy);
    } else {
      L block = a.isLeaf() ? a : a.mode(i);
      Result<L> mode = blockFirst ? L::make({block, copy}) : L::make({copy, block});
      if (!mode)
        return mode;
      modes.push_back(std::move(*mode));
    }
  }
  return modes.size() == 1 && a.isLeaf() && b.isLeaf() ? Result<L>(modes.front()) : L::make(modes);
}

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_TILEMODES_H
