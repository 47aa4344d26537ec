//===- TileFolds.cpp - folds of tile ops ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an op is known to be without running it. A fold holds for every lane, also for those outside an extent.

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace tilec::tile;

OpFoldResult BeginOp::fold(FoldAdaptor) {
  if (auto range = getRange().getDefiningOp<RangeOp>())
    return range.getBegin();
  return {};
}

OpFoldResult ExtentOp::fold(FoldAdaptor) {
  // A whole dim: from 0 to its size, which is not negative.
  auto range = getRange().getDefiningOp<RangeOp>();
  if (range && range.getEnd() == range.getSize() && isZeroInteger(range.getBegin()))
    return range.getEnd();
  return {};
}

OpFoldResult CastOp::fold(FoldAdaptor) {
  // Every type holds its own values.
  if (getSource().getType() == getValue().getType())
    return getSource();
  return {};
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  // Equal static dims in equal order. A dynamic dim's range may be another one.
  auto type = dyn_cast<RankedTensorType>(getSource().getType());
  if (type && type == getValue().getType() && type.hasStaticShape())
    return getSource();
  return {};
}

OpFoldResult PermuteOp::fold(FoldAdaptor) {
  if (llvm::is_sorted(getOrder()))
    return getSource();
  // The inverse order undoes a permutation.
  auto first = getSource().getDefiningOp<PermuteOp>();
  if (!first)
    return {};
  for (auto [d, from] : llvm::enumerate(getOrder()))
    if (first.getOrder()[from] != static_cast<int64_t>(d))
      return {};
  return first.getSource();
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  // The whole of a static dim.
  if (getSource().getType() == getValue().getType())
    return getSource();
  return {};
}
