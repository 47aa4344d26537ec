//===- SwizzleSearch.h - The best swizzle of a tile in shared memory -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A tile in shared memory is written in one way and read in others. A swizzle
/// permutes its elements so that none of these accesses meets a bank twice, if
/// there is such a swizzle. The search tries every Sw<B,M,S> that permutes the
/// tile, counts the wavefronts of all accesses exactly (Access.h), and so returns
/// an optimum, not a rule of thumb.
///
/// It is quick where the maps from threads to offsets are linear over F2 (sizes
/// that are powers of two): all instructions of an access then cost the same, and
/// a candidate is judged by one instruction of each access.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_SWIZZLESEARCH_H
#define TILEC_LAYOUT_SWIZZLESEARCH_H

#include "tilec/Layout/Access.h"

namespace tilec::layout {

/// One way in which a tile in shared memory is accessed as a whole.
struct TileAccess {
  DistributedLayout threads;
  AccessKind kind = AccessKind::Read;
  /// The bytes that each lane must access at once, or 0: as many as lie together, up to 16. Instructions that move rows
  /// of matrices (ldmatrix) require 16.
  int64_t requiredBytes = 0;
};

/// A swizzle and what the accesses then cost, in their order.
struct SwizzleChoice {
  Swizzle swizzle;
  std::vector<TileCost> costs;
  /// The sums over the accesses.
  int64_t wavefronts = 0, ideal = 0;
  /// The pairs (B,M,S) that were judged.
  int64_t candidates = 0;
};

/// The swizzle of `memory`, a layout from the tile's coordinates to offsets in elements, with the fewest wavefronts of
/// all accesses together; of these one that moves the fewest bits; of these the first in the order of |S|, S > 0, M. It
/// is the optimum over all Sw<B,M,S> that permute [0, 2^n), where 2^n is the memory's cosize, rounded up.
///
/// Fails as tileCost() does for all swizzles alike, and where no swizzle allows the required vectors.
Result<SwizzleChoice> findSwizzle(const Layout &memory, int64_t elementBytes, const std::vector<TileAccess> &accesses,
                                  const BankModel &banks);

/// All swizzles that permute [0, 2^bits), each function once, by the number of bits that they move.
std::vector<Swizzle> allSwizzles(int bits);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_SWIZZLESEARCH_H
