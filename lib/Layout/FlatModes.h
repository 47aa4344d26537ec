//===- FlatModes.h - Lists of leaves ----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Most of the algebra works on a layout's leaves as a list, in which the
/// nesting does not matter. These are its building blocks.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_FLATMODES_H
#define TILEC_LIB_LAYOUT_FLATMODES_H

#include "tilec/Layout/Layout.h"

namespace tilec::layout {

/// Whether `second` goes on where `first` ends, so that both are one mode of first.size * second.size steps of
/// first.stride. With a mask, first.size must be a power of two: only then do the bits of the two coordinates not mix.
bool continues(const Mode &first, const Mode &second);

/// Appends a mode to a coalesced list: merges it into the last one if it continues that, and leaves it out if it has
/// one element. A list of modes of size 1 becomes the last of these.
void appendCoalesced(std::vector<Mode> &modes, const Mode &next);

/// The coalesced list of these leaves.
std::vector<Mode> coalesceModes(const Mode *first, const Mode *last);
inline std::vector<Mode> coalesceModes(const std::vector<Mode> &leaves) {
  return coalesceModes(leaves.data(), leaves.data() + leaves.size());
}

/// The same, as a function of all integers from 0 on, whose last mode is unbounded: a last mode of size 1 stays, unless
/// it goes on where the one before it ends.
std::vector<Mode> coalesceUnbounded(const Mode *first, const Mode *last);

/// The value at an index that may exceed the size; false where it exceeds the bounds.
bool evaluate(const std::vector<Mode> &modes, int64_t index, Offset &value);

/// The layout of a list: a leaf if it has one mode, otherwise of depth 1; 1:0 if it is empty.
Result<Layout> layoutOf(std::vector<Mode> modes);

/// The images of the bits of the index, where the layout is linear over F2: column k is the value at 2^k, and the value
/// at any index in the domain is the XOR of the columns of its bits. Exists where all sizes are powers of two (except
/// for `unbounded` lists the last one) and no carry can occur: no two integer strides' multiples, and no integer and no
/// mask, share a bit. Fails with the reason. At most `count` columns.
Result<std::vector<uint64_t>> linearColumns(const std::vector<Mode> &modes, int count);

/// The layout of 2^n elements with these columns. Integer strides if the columns share no bit and `asMasks` does not
/// ask for masks.
std::vector<Mode> modesOfColumns(const std::vector<uint64_t> &columns, bool asMasks);

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_FLATMODES_H
