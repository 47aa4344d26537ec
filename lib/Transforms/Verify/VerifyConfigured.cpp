//===- VerifyConfigured.cpp - the contract of phase configured ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the VerifyConfigured pass. What it reports is a fault of a pass, never of a user's program.

#include "tilec/Transforms/Passes.h"

#include "tilec/Analysis/DimRanges.h"
#include "mlir/IR/Matchers.h"

namespace tilec {
#define GEN_PASS_DEF_VERIFYCONFIGURED
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::tile;

/// A whole dim: from 0, and as many lanes as the dim has elements.
static bool isWhole(Value range) {
  auto op = range ? range.getDefiningOp<RangeOp>() : RangeOp();
  return op && matchPattern(op.getBegin(), m_Zero()) && op.getEnd() == op.getSize();
}

static LogicalResult verifyDims(Operation *op, Value value, analysis::DimRanges &ranges) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return success();
  for (auto [d, size] : llvm::enumerate(type.getShape()))
    if (ShapedType::isDynamic(size) && !isWhole(ranges.lookup(value, d)))
      return op->emitError() << "after the config is bound, dim " << d << " of " << type << " has no size and is no whole dim";
  return success();
}

namespace {
struct VerifyConfigured : tilec::impl::VerifyConfiguredBase<VerifyConfigured> {
  void runOnOperation() override {
    analysis::DimRanges ranges;
    WalkResult result = getOperation().walk([&](Operation *op) -> WalkResult {
      if (isa<SizeOp, TunableOp>(op))
        return op->emitError() << "'" << op->getName() << "' is left after the config is bound";
      for (Value value : op->getResults())
        if (failed(verifyDims(op, value, ranges)))
          return failure();
      return success();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
