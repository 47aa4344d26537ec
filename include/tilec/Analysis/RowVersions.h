//===- RowVersions.h - grids of few rows, and of more -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_ROWVERSIONS_H
#define TILEC_ANALYSIS_ROWVERSIONS_H

#include "dialects/Tile/Tile.h"

namespace tilec::analysis {

/// Which products the code of a grid is for. Where a grid has two versions, one of them runs: what it computes does not
/// depend on this, but it may have no fast code for other products.
enum class RowVersion {
  /// The grid has one version.
  any,
  /// The tiles of the only product have few rows, and columns for a vector or more, but perhaps the last ones.
  few,
  /// The only product has more rows than that. A tile of it may have few.
  many,
};

/// The version that the attribute `tile.rows` of the grid names.
RowVersion rowVersion(tile::GridOp grid);

/// Sets that attribute.
void setRowVersion(tile::GridOp grid, RowVersion version);

/// Whether the iterations of a grid compute the same however a dim is cut into ranges: the range says only which
/// elements are accessed, and where.
bool mayCutAnywhere(mlir::Value range);

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_ROWVERSIONS_H
