//===- VerifyLowered.cpp - the contract of phase target ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the VerifyLowered pass. What it reports is a fault of a lowering, never of a user's program.

#include "tilec/Transforms/Passes.h"

namespace tilec {
#define GEN_PASS_DEF_VERIFYLOWERED
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;

namespace {
struct VerifyLowered : tilec::impl::VerifyLoweredBase<VerifyLowered> {
  void runOnOperation() override {
    WalkResult result = getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) -> WalkResult {
      if (isa_and_nonnull<tile::TileDialect>(op->getDialect()))
        return op->emitError() << "'" << op->getName() << "' is left after the lowering to the target";
      return success();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
