//===- Picture.h - Layouts as SVG pictures ----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Draws layouts as grids: mode 0 (the rows of a tile) goes down, all others go
/// across, each element is a cell. The three views are those with which layouts
/// are usually explained: where an element lies, who holds it, and in which bank it
/// is.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_PICTURE_H
#define TILEC_LAYOUT_PICTURE_H

#include "tilec/Layout/Distributed.h"
#include "tilec/Layout/Swizzle.h"

namespace tilec::layout {

/// No picture has more cells.
inline constexpr int64_t maxPictureCells = int64_t(1) << 14;

/// Each cell shows its value; cells whose values differ by a multiple of eight have one shade of grey. Coordinates are
/// shown, and not shaded. Fails for more than maxPictureCells elements, and where a value exceeds the bounds.
Result<std::string> drawOffsets(const ComposedLayout &layout);

/// Each cell shows the thread and the register that hold it, T5 R2 (the first, where it is held several times); threads
/// whose numbers differ by a multiple of eight have one colour. Fails for more than maxPictureCells elements, and for
/// tiles of more than two dims.
Result<std::string> drawThreads(const DistributedLayout &threads);

/// Each cell shows its offset, and each bank has a colour: the elements of one colour in a column are what a warp that
/// reads columns waits for. `elementBytes`, `numBanks` and `bankBytes` are positive. Fails as drawOffsets(), and for
/// values that are no offsets.
Result<std::string> drawBanks(const ComposedLayout &layout, int64_t elementBytes, int64_t numBanks = 32,
                              int64_t bankBytes = 4);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_PICTURE_H
