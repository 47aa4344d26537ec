//===- ExpandEqualOperands.cpp - x ^ x and x == x as tile.full ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the ExpandEqualOperands pass. The folds of arith would make constants with unknown dims of these ops,
// whose extents nobody could say.

#include "tilec/Transforms/Passes.h"

#include "tilec/Analysis/DimRanges.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace tilec {
#define GEN_PASS_DEF_EXPANDEQUALOPERANDS
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::tile;

/// The value in every lane of an op whose operands are the same integers, or null for another op.
static TypedAttr laneOf(Operation *op) {
  if (op->getNumOperands() != 2 || op->getOperand(0) != op->getOperand(1))
    return {};
  Builder builder(op->getContext());
  if (auto xori = dyn_cast<arith::XOrIOp>(op))
    return builder.getIntegerAttr(getElementTypeOrSelf(xori.getType()), 0);
  if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    APInt zero(1, 0);
    return builder.getBoolAttr(arith::applyCmpPredicate(compare.getPredicate(), zero, zero));
  }
  return {};
}

/// The range behind a dim, or one of its own for a dim that has none.
static Value rangeOf(OpBuilder &builder, Location loc, Value tile, unsigned dim, analysis::DimRanges &ranges) {
  if (Value range = ranges.lookup(tile, dim))
    return range;
  int64_t size = cast<RankedTensorType>(tile.getType()).getDimSize(dim);
  Value begin = arith::ConstantIndexOp::create(builder, loc, 0);
  Value end = arith::ConstantIndexOp::create(builder, loc, size);
  return RangeOp::create(builder, loc, RangeType::get(builder.getContext(), size), begin, end, end, nullptr);
}

namespace {
struct ExpandEqualOperands : tilec::impl::ExpandEqualOperandsBase<ExpandEqualOperands> {
  void runOnOperation() override {
    SmallVector<std::pair<Operation *, TypedAttr>> found;
    getOperation().walk([&](Operation *op) {
      TypedAttr lane = laneOf(op);
      auto type = lane ? dyn_cast<RankedTensorType>(op->getResult(0).getType()) : RankedTensorType();
      if (type && !type.hasStaticShape())
        found.emplace_back(op, lane);
    });
    for (auto [op, lane] : found) {
      // The ranges of an op that is replaced are not asked for again: a new analysis for each.
      analysis::DimRanges ranges;
      OpBuilder builder(op);
      auto type = cast<RankedTensorType>(op->getResult(0).getType());
      SmallVector<Value> dims;
      for (unsigned d = 0, e = type.getRank(); d != e; ++d)
        dims.push_back(rangeOf(builder, op->getLoc(), op->getOperand(0), d, ranges));
      Value scalar = arith::ConstantOp::create(builder, op->getLoc(), lane);
      op->getResult(0).replaceAllUsesWith(FullOp::create(builder, op->getLoc(), type, scalar, dims));
      op->erase();
    }
  }
};
} // namespace
