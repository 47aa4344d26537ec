//===- FragmentModes.h - Builds fragments from their modes ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Fragments are built from steps along rows, columns and blocks.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_FRAGMENTMODES_H
#define TILEC_LIB_LAYOUT_FRAGMENTMODES_H

#include "tilec/Layout/Layout.h"

namespace tilec::layout {

inline Offset rows(int64_t count) { return Offset::basis({0}, count); }
inline Offset columns(int64_t count) { return Offset::basis({1}, count); }
inline Offset blocks(int64_t count) { return Offset::basis({2}, count); }

/// A mode of these steps, without those of size 1; one step is a leaf.
inline Layout steps(std::vector<Mode> modes) {
  std::erase_if(modes, [](const Mode &mode) { return mode.size == 1; });
  if (modes.empty())
    return Layout();
  if (modes.size() == 1)
    return *Layout::make(Profile::leaf(), std::move(modes));
  size_t count = modes.size();
  return *Layout::make(Profile::flat(count), std::move(modes));
}

/// (register, lane), and more.
inline Layout fragment(const std::vector<std::vector<Mode>> &modes) {
  std::vector<Layout> parts;
  for (const std::vector<Mode> &mode : modes)
    parts.push_back(steps(mode));
  return *Layout::make(parts);
}

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_FRAGMENTMODES_H
