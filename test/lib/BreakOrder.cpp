//===- BreakOrder.cpp - a pass that does what passes may not ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements a pass with the faults that `--verify-each-order` must find.

#include "TestPasses.h"

#include "tilec/Analysis/Access.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;

/// Removes a store.
static void eraseAccess(Access access) {
  OpBuilder builder(access.getOperation());
  access.getToken().replaceAllUsesWith(tile::TokenOp::create(builder, access.getLoc()));
  access.getOperation()->erase();
}

/// Moves an op of a loop's body before the loop, and what it uses: as it is in the first iteration.
static void hoist(Operation *op, scf::ForOp loop) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (Operation *definition = operand.get().getDefiningOp(); definition && loop->isAncestor(definition))
      hoist(definition, loop);
    if (auto argument = dyn_cast<BlockArgument>(operand.get()); argument && argument.getOwner() == loop.getBody())
      operand.set(argument == loop.getInductionVar() ? loop.getLowerBound() : loop.getTiedLoopInit(argument)->get());
  }
  op->moveBefore(loop);
}

namespace {
struct BreakOrder : PassWrapper<BreakOrder, OperationPass<tile::KernelOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(BreakOrder)

  BreakOrder() = default;
  BreakOrder(const BreakOrder &other) : PassWrapper(other) {}
  StringRef getArgument() const override { return "test-break-order"; }
  StringRef getDescription() const override { return "Break the order of one access of each kernel"; }

  void runOnOperation() override {
    SmallVector<Access, 8> accesses;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (Access access{op})
        accesses.push_back(access);
    });
    if (number >= accesses.size())
      return;
    Access access = accesses[number];
    Operation *op = access.getOperation();
    if (how == "drop-tokens") {
      access.getAfterMutable().clear();
    } else if (how == "erase") {
      eraseAccess(access);
    } else if (how == "copy") {
      OpBuilder builder(op);
      builder.clone(*op);
    } else if (how == "hoist") {
      if (auto loop = op->getParentOfType<scf::ForOp>())
        hoist(op, loop);
    } else {
      getOperation().emitError() << "no fault is called '" << how << "'";
      signalPassFailure();
    }
  }

  Option<unsigned> number{*this, "access", llvm::cl::desc("The number of the access in the text, from 0"),
                          llvm::cl::init(0)};
  Option<std::string> how{*this, "how", llvm::cl::desc("drop-tokens, erase, copy or hoist")};
};
} // namespace

void tilec::test::registerBreakOrderPass() { PassRegistration<BreakOrder>(); }
