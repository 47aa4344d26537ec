//===- DimRanges.h - the range behind every dim of every tile ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_DIMRANGES_H
#define TILEC_ANALYSIS_DIMRANGES_H

#include "dialects/Tile/Tile.h"
#include "llvm/ADT/DenseMap.h"

namespace tilec::analysis {

/// Says which `!tile.range` each dim of a tile is tied to.
///
/// Ops that create dims name their ranges; every other op passes the dims of its operands on, so the tie is found by
/// walking up from a value. Two dims combine only if they come from the same index, or are whole and equal, so it does
/// not matter which operand is asked. Lookups are remembered; an instance is valid until the IR changes.
class DimRanges {
public:
  /// The range behind dim `dim` of `tile`, or null for a dim of 1 that was inserted or broadcast from nothing. The range
  /// is defined outside of every loop that carries the tile.
  mlir::Value lookup(mlir::Value tile, unsigned dim);

  /// All dims of `tile` at once; empty for a scalar.
  llvm::ArrayRef<mlir::Value> lookup(mlir::Value tile);

private:
  llvm::SmallVector<mlir::Value> compute(mlir::Value tile);
  llvm::SmallVector<mlir::Value> fromResult(mlir::OpResult result);
  llvm::SmallVector<mlir::Value> fromArgument(mlir::BlockArgument argument);

  /// Behind a pointer, so that a lookup's result survives the lookups after it.
  llvm::DenseMap<mlir::Value, std::unique_ptr<llvm::SmallVector<mlir::Value>>> known;
};

/// The ranges behind the dims that an access through `subscripts` keeps, in the order of the accessed value's dims.
llvm::SmallVector<mlir::Value> accessedRanges(mlir::ValueRange subscripts, DimRanges &ranges);

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_DIMRANGES_H
