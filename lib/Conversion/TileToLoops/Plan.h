//===- Plan.h - which tiles are kept in scratch -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_PLAN_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_PLAN_H

#include "tilec/Analysis/DimRanges.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

namespace tilec::loops {

using namespace mlir;

/// Decides for every tile of a grid whether it is kept in scratch or computed where it is used.
///
/// A tile is *lazy* if each use computes the elements it needs from the op that defines the tile. It is *kept* if its
/// op makes it whole (a contraction, a scan, ...), if it is carried by control flow, if several uses would compute
/// something costly again, or if it was loaded from elements that are overwritten before the last use.
class Plan {
public:
  explicit Plan(analysis::DimRanges &ranges) : ranges(&ranges) {}

  /// Decides for all tiles below `root`. Fails with a diagnostic if a tile must be kept whose size is not known.
  LogicalResult compute(Operation *root);

  /// Whether the tile is kept in scratch. Values of control flow always are.
  bool isKept(Value tile) const;

  /// What computing one element of `tile` costs, in simple instructions.
  int64_t cost(Value tile);

  /// Says that `tile` must be kept but has a dim that is not known, once for each dim.
  LogicalResult reportUnknownDim(Value tile);

private:
  /// Where the elements of a lazy tile are computed.
  struct Demand {
    /// The ops that consume them, through any number of lazy tiles.
    llvm::SmallSetVector<Operation *, 4> roots;
    /// Whether one consumer computes an element several times.
    bool repeated = false;
  };

  void addDemand(Value tile, OpOperand &use, Demand &demand);
  bool isOverwritten(tile::LoadOp load, const Demand &demand);

  analysis::DimRanges *ranges;
  llvm::DenseSet<Value> kept;
  llvm::DenseMap<Value, Demand> demands;
  llvm::DenseMap<Value, int64_t> costs;
  /// Every op that writes or orders memory, in program order.
  SmallVector<Operation *> writes;
  llvm::StringSet<> reported;
};

/// Whether the op makes its tiles whole, so that they must be kept.
bool makesWholeTiles(Operation *op);
/// Whether a reshape only adds and drops dims of 1.
bool isTrivialReshape(tile::ReshapeOp op);
/// The dim to vectorise a nest over `shape` along: the last of more than one element; -1 if there is none.
int vectorDim(ArrayRef<int64_t> shape);
/// The type of a tile of rank 1 or more; null for everything else.
RankedTensorType tileType(Value value);

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_PLAN_H
