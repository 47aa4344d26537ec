//===- Distributed.h - Tiles in the registers of threads --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A distributed layout says which element of a tile each register of each thread
/// holds: a layout with the modes (register, lane, warp, block), of which the
/// last ones may be left out, whose values are the coordinates of the tile.
///
///   ((2,2),(4,8)):((1@1,8@0),(2@1,1@0))
///
/// is a 16 by 8 tile in the registers of one warp. Lane 5 = 1 + 4*1 holds in its
/// register 2 the element (8,0) + (1,2) = (9,2). This is the accumulator of the
/// tensor cores' m16n8 shapes (HardwarePTX.h).
///
/// Several registers may hold the same element (replication: a mode with stride
/// 0). Each element of the tile is held somewhere.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_DISTRIBUTED_H
#define TILEC_LAYOUT_DISTRIBUTED_H

#include "tilec/Layout/Layout.h"

namespace tilec::layout {

/// How many times an element is held, at most: by the registers of one thread, by the lanes of one warp, by the warps
/// of one block, and by blocks. All 1 where each element is held once.
struct Replication {
  int64_t registers = 1, lanes = 1, warps = 1, blocks = 1;
  bool operator==(const Replication &) const = default;
};

/// The map from (register, lane, warp, block) to the elements of a tile.
class DistributedLayout {
public:
  /// Fails unless the layout has two to four modes, its values are coordinates of one level (or integers, for a tile of
  /// one dim), none is negative, and every element of the tile that they span is held by some register. A tile has at
  /// most 2^24 elements, and the layout as many values.
  static Result<DistributedLayout> make(const Layout &layout);

  const Layout &layout() const { return map; }
  int64_t numRegisters() const { return sizes[0]; }
  int64_t numLanes() const { return sizes[1]; }
  int64_t numWarps() const { return sizes[2]; }
  int64_t numBlocks() const { return sizes[3]; }
  /// Lanes, warps and blocks together.
  int64_t numThreads() const { return sizes[1] * sizes[2] * sizes[3]; }
  /// The sizes of the tile's dims.
  const std::vector<int64_t> &shape() const { return tile; }
  int64_t numElements() const { return elementCount; }

  /// The element that a register of a thread holds, as its index in row-major order; thread = lane + warp * numLanes()
  /// + block * numLanes() * numWarps().
  int64_t element(int64_t reg, int64_t thread) const { return table[static_cast<size_t>(reg + thread * sizes[0])]; }
  /// The coordinate of an element.
  IntTuple coordinate(int64_t element) const;

  Replication replication() const;

private:
  Layout map;
  int64_t sizes[4] = {1, 1, 1, 1};
  int64_t elementCount = 1;
  std::vector<int64_t> tile;
  std::vector<int64_t> table;
};

} // namespace tilec::layout

#endif // TILEC_LAYOUT_DISTRIBUTED_H
