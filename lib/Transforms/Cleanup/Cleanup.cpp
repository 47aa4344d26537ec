//===- Cleanup.cpp - fold and drop, but keep extents known ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the Cleanup pass: MLIR's canonicalizer and CSE, with a guard around some folds. Those of `x ^ x`,
// `x == x` and `(x - y) - x` make constants, and a constant with unknown dims does not say what they are. So such ops get a
// guard, which names the ranges of their dims; what became a constant under its guard becomes a `tile.full` over them.

#include "tilec/Transforms/Passes.h"

#include "tilec/Analysis/DimRanges.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace tilec {
#define GEN_PASS_DEF_CLEANUP
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::tile;

/// What marks a guard: a conversion of a tile and the ranges of its dims to that tile.
static constexpr llvm::StringLiteral kGuard = "tile.guard";

/// The range behind a dim, or one of its own for a dim that has none.
static Value rangeOf(OpBuilder &builder, Location loc, Value tile, unsigned dim, analysis::DimRanges &ranges) {
  if (Value range = ranges.lookup(tile, dim))
    return range;
  int64_t size = cast<RankedTensorType>(tile.getType()).getDimSize(dim);
  Value begin = arith::ConstantIndexOp::create(builder, loc, 0);
  Value end = arith::ConstantIndexOp::create(builder, loc, size);
  return RangeOp::create(builder, loc, RangeType::get(builder.getContext(), size), begin, end, end, nullptr);
}

/// Puts guards behind the ops that may fold to constants with unknown dims.
static void addGuards(KernelOp kernel) {
  SmallVector<Operation *> found;
  kernel.walk([&](Operation *op) {
    auto type = isa<arith::XOrIOp, arith::CmpIOp, arith::SubIOp>(op) ? dyn_cast<RankedTensorType>(op->getResult(0).getType()) : RankedTensorType();
    if (type && !type.hasStaticShape())
      found.push_back(op);
  });
  // All ranges first: a guard is no op that the analysis knows.
  analysis::DimRanges ranges;
  SmallVector<SmallVector<Value>> operands;
  for (Operation *op : found) {
    OpBuilder builder(op);
    Value tile = op->getResult(0);
    operands.push_back({tile});
    for (unsigned d = 0, e = cast<RankedTensorType>(tile.getType()).getRank(); d != e; ++d)
      operands.back().push_back(rangeOf(builder, op->getLoc(), tile, d, ranges));
  }
  for (auto [op, inputs] : llvm::zip_equal(found, operands)) {
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    auto guard = UnrealizedConversionCastOp::create(builder, op->getLoc(), inputs.front().getType(), inputs);
    guard->setAttr(kGuard, builder.getUnitAttr());
    inputs.front().replaceAllUsesExcept(guard.getResult(0), guard);
  }
}

/// Takes the guards away again.
static void removeGuards(KernelOp kernel) {
  SmallVector<UnrealizedConversionCastOp> guards;
  kernel.walk([&](UnrealizedConversionCastOp guard) {
    if (guard->hasAttr(kGuard))
      guards.push_back(guard);
  });
  for (UnrealizedConversionCastOp guard : guards) {
    Value tile = guard.getOperand(0);
    auto constant = tile.getDefiningOp<arith::ConstantOp>();
    auto splat = constant ? dyn_cast<SplatElementsAttr>(constant.getValue()) : SplatElementsAttr();
    if (splat) {
      OpBuilder builder(guard);
      Value scalar = arith::ConstantOp::create(builder, guard.getLoc(), cast<TypedAttr>(splat.getSplatValue<Attribute>()));
      tile = FullOp::create(builder, guard.getLoc(), tile.getType(), scalar, guard.getOperands().drop_front());
    }
    guard.getResult(0).replaceAllUsesWith(tile);
    guard.erase();
    if (splat && constant->use_empty())
      constant.erase();
  }
}

namespace {
struct Cleanup : tilec::impl::CleanupBase<Cleanup> {
  void runOnOperation() override {
    for (auto kernel : getOperation().getOps<KernelOp>())
      addGuards(kernel);
    OpPassManager canonicalize(ModuleOp::getOperationName()), cse(ModuleOp::getOperationName());
    canonicalize.addPass(createCanonicalizerPass());
    cse.addPass(createCSEPass());
    bool done = succeeded(runPipeline(canonicalize, getOperation()));
    for (auto kernel : getOperation().getOps<KernelOp>())
      removeGuards(kernel);
    if (!done || failed(runPipeline(cse, getOperation())))
      signalPassFailure();
  }
};
} // namespace
