//===- OpVerifiers.h - checks that several tile ops share -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_TILE_OPVERIFIERS_H
#define TILEC_DIALECTS_TILE_OPVERIFIERS_H

#include "dialects/Tile/Tile.h"

namespace tilec::tile {

/// The dims of a tile; none for a scalar.
inline llvm::ArrayRef<int64_t> tileShape(mlir::Type type) {
  if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type))
    return tensor.getShape();
  return {};
}

/// Checks that `shape` has exactly the sizes of `ranges`; `what` names the shape in the error.
mlir::LogicalResult verifyRanges(mlir::Operation *op, llvm::StringRef what, llvm::ArrayRef<int64_t> shape,
                                 mlir::ValueRange ranges);

/// Checks that `axis` is a dim of `shape`, and that it has the size of `over`.
mlir::LogicalResult verifyAxis(mlir::Operation *op, llvm::ArrayRef<int64_t> shape, int64_t axis, RangeType over);

/// Checks that both shapes are equal outside `axis`.
mlir::LogicalResult verifySameOutside(mlir::Operation *op, llvm::ArrayRef<int64_t> lhs, llvm::ArrayRef<int64_t> rhs,
                                      int64_t axis);

} // namespace tilec::tile

#endif // TILEC_DIALECTS_TILE_OPVERIFIERS_H
