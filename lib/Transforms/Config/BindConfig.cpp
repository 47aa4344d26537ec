//===- BindConfig.cpp - give every tile size and tunable its value ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the BindConfig pass, the one pass that makes dims static. It first replaces the ops that stand for
// tunables by constants, then the types of ranges, then, by what DimRanges says, the types of tiles.

#include "tilec/Transforms/Passes.h"

#include "ConfigKeys.h"

#include "tilec/Analysis/DimRanges.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

namespace tilec {
#define GEN_PASS_DEF_BINDCONFIG
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::tile;

static std::optional<int64_t> lookup(DictionaryAttr config, StringRef key) {
  if (!config)
    return std::nullopt;
  if (auto value = config.getAs<IntegerAttr>(key))
    return value.getValue().getSExtValue();
  return std::nullopt;
}

/// Replaces `tile.size` by the size that the config gives.
static LogicalResult bindSize(KernelOp kernel, SizeOp size) {
  std::optional<int64_t> value;
  for (const std::string &key : sizeKeys(kernel, size))
    if ((value = lookup(kernel.getConfigAttr(), key)))
      break;
  if (!value)
    return size.emitError() << "tile index '" << size.getIndex() << "' has no size: set '" << size.getIndex() << "' or '"
                            << size.getLoop() << "." << size.getIndex() << "' in the config";
  if (*value < 1 || *value > INT32_MAX)
    return size.emitError() << "tile index '" << size.getIndex() << "' has size " << *value << "; a size is from 1 to 2^31 - 1";
  OpBuilder builder(size);
  Value constant = arith::ConstantIndexOp::create(builder, size.getLoc(), *value);
  size.replaceAllUsesWith(constant);
  size.erase();
  return success();
}

/// Replaces `tile.tunable` by the value that the config gives, else by its first.
static LogicalResult bindTunable(KernelOp kernel, TunableOp tunable) {
  int64_t value = lookup(kernel.getConfigAttr(), tunable.getName()).value_or(tunable.getValues().front());
  if (!llvm::is_contained(tunable.getValues(), value))
    return tunable.emitError() << "tunable '" << tunable.getName() << "' is " << value << " in the config, but may be only one of ["
                               << tunable.getValues() << "]";
  OpBuilder builder(tunable);
  Value constant = arith::ConstantIntOp::create(builder, tunable.getLoc(), value, 32);
  tunable.replaceAllUsesWith(constant);
  tunable.erase();
  return success();
}

/// Folds what is computed from constants only: sizes may be expressions of tunables.
static void foldConstants(KernelOp kernel) {
  // In program order, so that an expression's operands are folded before it.
  kernel.walk([](Operation *op) {
    if (op->getNumOperands() == 0 || op->getNumResults() != 1 || op->getNumRegions() != 0 || !isPure(op) ||
        !llvm::all_of(op->getOperands(), [](Value operand) { return matchPattern(operand, m_Constant()); }))
      return;
    OpBuilder builder(op);
    SmallVector<Value> folded;
    if (failed(builder.tryFold(op, folded)) || folded.empty())
      return;
    op->replaceAllUsesWith(folded);
    op->erase();
  });
}

/// Checks that the constant steps of loops over tiles are sizes that a tile can have.
static LogicalResult checkSteps(KernelOp kernel) {
  auto check = [](Operation *loop, Value step) -> LogicalResult {
    APInt value;
    if (!matchPattern(step, m_ConstantInt(&value)) || (value.getSExtValue() >= 1 && value.getSExtValue() <= INT32_MAX))
      return success();
    return loop->emitError() << "a tile index has size " << value.getSExtValue() << " in this config; a size is from 1 to 2^31 - 1";
  };
  WalkResult result = kernel.walk([&](Operation *op) {
    if (auto grid = dyn_cast<GridOp>(op)) {
      // The step of a loop over integers may be anything but 0.
      for (auto [d, step] : llvm::enumerate(grid.getStep()))
        if (isa<RangeType>(grid.getIndex(d).getType()) && failed(check(op, step)))
          return WalkResult::interrupt();
    } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
      if (failed(check(op, loop.getStep())))
        return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// The size as a compile-time number, or dynamic.
static int64_t constantSize(Value size) {
  APInt value;
  return matchPattern(size, m_ConstantInt(&value)) ? value.getSExtValue() : ShapedType::kDynamic;
}

/// Makes the sizes in range and window types static where they are constants now.
static void refineRangeTypes(KernelOp kernel) {
  auto refine = [](Value range, int64_t size) {
    range.setType(RangeType::get(range.getContext(), size));
  };
  // In program order, so that a window sees the range it was shifted from.
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto range = dyn_cast<RangeOp>(op)) {
      if (range.getRange().getType().isDynamic())
        refine(range.getRange(), constantSize(range.getSize()));
    } else if (auto grid = dyn_cast<GridOp>(op)) {
      for (unsigned d = 0, e = grid.getRank(); d != e; ++d)
        if (auto type = dyn_cast<RangeType>(grid.getIndex(d).getType()); type && type.isDynamic())
          refine(grid.getIndex(d), constantSize(grid.getStep()[d]));
    } else if (auto shift = dyn_cast<ShiftOp>(op)) {
      shift.getWindow().setType(WindowType::get(op->getContext(), shift.getRange().getType().getSize()));
    }
  });
}

/// Makes the `?` dims of a tile static where their ranges are.
static void refineTile(Value value, analysis::DimRanges &ranges) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.hasStaticShape())
    return;
  SmallVector<int64_t> shape(type.getShape());
  for (auto [d, size] : llvm::enumerate(shape))
    if (Value range = ranges.lookup(value, d); range && ShapedType::isDynamic(size))
      size = cast<RangeType>(range.getType()).getSize();
  value.setType(type.clone(shape));
}

static LogicalResult bindKernel(KernelOp kernel) {
  SmallVector<Operation *> tunables;
  kernel.walk([&](Operation *op) {
    if (isa<SizeOp, TunableOp>(op))
      tunables.push_back(op);
  });
  for (Operation *op : tunables) {
    auto size = dyn_cast<SizeOp>(op);
    if (failed(size ? bindSize(kernel, size) : bindTunable(kernel, cast<TunableOp>(op))))
      return failure();
  }
  foldConstants(kernel);
  if (failed(checkSteps(kernel)))
    return failure();
  refineRangeTypes(kernel);
  analysis::DimRanges ranges;
  kernel.walk([&](Operation *op) {
    for (Value result : op->getResults())
      refineTile(result, ranges);
    for (Region &region : op->getRegions())
      for (BlockArgument argument : region.getArguments())
        refineTile(argument, ranges);
  });
  return success();
}

namespace {
struct BindConfig : tilec::impl::BindConfigBase<BindConfig> {
  using tilec::impl::BindConfigBase<BindConfig>::BindConfigBase;

  void runOnOperation() override {
    for (auto kernel : getOperation().getOps<KernelOp>())
      if (failed(bindKernel(kernel)))
        return signalPassFailure();
  }
};
} // namespace
