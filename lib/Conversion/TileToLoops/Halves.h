//===- Halves.h - concatenations that are stored by halves ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two tiles of one shape that are joined and then stored need not lie in scratch: the store writes an element of each
// at a time, at two places. What both are computed from is computed once.

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_HALVES_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_HALVES_H

#include "dialects/Tile/Tile.h"

namespace tilec::loops {

/// The only store of a concatenation of two halves, to which it goes by elementwise ops alone; null if there is none.
tile::StoreOp storeOfHalves(tile::CatOp cat);

/// The concatenation whose halves the op stores; null if it stores none.
tile::CatOp storedHalves(tile::StoreOp store);

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_HALVES_H
