//===- Conversion.h - From one distribution of a tile to another -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A tile lies in registers as one distributed layout says, and is wanted as
/// another says. What that takes depends on where each element is held:
///
///   Free                 in the same register of each thread's own: a renaming;
///   WithinThread         in the thread itself, but in registers that differ
///                        between threads: selections;
///   WithinWarp           in the warp: shuffles, which this header lists;
///   ThroughSharedMemory  in the block: one side writes, the other reads, with a
///                        swizzle that suits both (SwizzleSearch.h).
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_CONVERSION_H
#define TILEC_LAYOUT_CONVERSION_H

#include "tilec/Layout/SwizzleSearch.h"

namespace tilec::layout {

enum class ConversionKind { Free, WithinThread, WithinWarp, ThroughSharedMemory };

/// free, within a thread, within a warp, through shared memory
std::string_view print(ConversionKind kind);

/// One shuffle: each lane offers one register to its warp, and takes what one lane offers. The lists have an entry for
/// each thread; -1 where a thread takes no part.
struct Shuffle {
  /// The register of the old layout that a thread offers.
  std::vector<int32_t> offered;
  /// The lane of its warp from which a thread takes.
  std::vector<int32_t> lane;
  /// The register of the new layout that gets the value.
  std::vector<int32_t> target;
  /// The mask, if every lane takes from the lane with these bits exchanged (shfl.bfly).
  std::optional<int32_t> butterfly;
};

/// How to get from one layout to the other.
struct Conversion {
  ConversionKind kind = ConversionKind::Free;
  /// Free: for each register of the new layout the one of the old layout.
  std::vector<int32_t> renaming;
  /// WithinThread and WithinWarp: for each register of the new layout and each thread (register + thread * registers)
  /// the thread's own register with the element, or -1 where a shuffle brings it.
  std::vector<int32_t> own;
  /// WithinWarp: the shuffles. An element that a thread wants in several registers comes once, to the first; `own` then
  /// is -2 - r at the others, where r is that first register.
  std::vector<Shuffle> shuffles;
  /// Proven to be the fewest shuffles: some lane takes, or alone can offer, as many values. Where elements have several
  /// holders or takers the list may be longer, and this is then false.
  bool fewest = true;
};

/// Classifies the conversion and lists what it moves. Fails where the tiles or the numbers of lanes, warps or blocks
/// differ, or a block lacks an element that it wants.
Result<Conversion> convert(const DistributedLayout &from, const DistributedLayout &to);

/// How a conversion goes through shared memory.
struct SharedMemoryPlan {
  /// The swizzle of the tile; its elements are first counted in row-major or column-major order.
  ComposedLayout memory;
  /// The costs of the writing and of the reading side.
  TileCost write, read;
};

/// The plan with the fewest wavefronts over both orders and all swizzles, then the fewest bits moved, then row-major.
/// Fails as findSwizzle(), and as convert() where the two tiles differ.
Result<SharedMemoryPlan> planThroughSharedMemory(const DistributedLayout &from, const DistributedLayout &to,
                                                 int64_t elementBytes, const BankModel &banks);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_CONVERSION_H
