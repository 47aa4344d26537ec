//===- Strided.h - integer tiles that count in steps ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `X[2 * i.index + 1]` names its elements by an integer tile, but they stand at a constant distance from each other:
// whole vectors that hold them are loaded, and the elements brought together in registers. Stores go the other way
// (StridedAccess.cpp).

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_STRIDED_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_STRIDED_H

#include "dialects/Tile/Tile.h"

#include <optional>

namespace tilec::loops {

using namespace mlir;

/// By how many elements of an array's last dim an access advances with the index `dim` of its tile, which integer tiles
/// say: a number other than 0, of either sign, that is small for elements of this size in memory. Nothing if it is not
/// known, or if other dims advance with it.
std::optional<int64_t> stepAlong(ValueRange subscripts, unsigned dim, int64_t elementBytes);

/// The store right before this one that writes the elements between this one's, such that nothing sees whether both are
/// written at once; null if there is none.
tile::StoreOp otherHalf(tile::StoreOp second);

/// Whether the first of two such stores writes the lower elements.
bool isLower(tile::StoreOp first, tile::StoreOp second);

/// The store that is written at once with this one, which stands before it; null if there is none.
tile::StoreOp writtenWith(tile::StoreOp first);

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_STRIDED_H
