//===- ReduceTool.cpp - make IR with a finding smaller ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR's driver of reductions (its options, its tester, and its pass that tries passes) with a pass that suits IR whose ops
// are used: it puts zeros, and tokens that stand for nothing, in the place of more and more ops.

#include "tilec/Driver/ReduceTool.h"

#include "dialects/Tile/Tile.h"
#include "tilec/Driver/InitAll.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Reducer/Tester.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace tilec;

/// A constant 0, a tile of them, or an empty token; null for types that have none.
static Value makeZero(OpBuilder &builder, Location loc, Type type) {
  if (isa<tile::TokenType>(type))
    return tile::TokenOp::create(builder, loc);
  if (auto tile = dyn_cast<RankedTensorType>(type); tile && !tile.hasStaticShape())
    return {};
  TypedAttr zero = builder.getZeroAttr(type);
  return zero ? arith::ConstantOp::create(builder, loc, zero) : Value();
}

/// Puts zeros and empty tokens in the place of what an op computes; false if a result has a type without a zero.
static bool replaceByZeros(Operation *op) {
  OpBuilder builder(op);
  SmallVector<Value> zeros;
  for (Type type : op->getResultTypes()) {
    zeros.push_back(makeZero(builder, op->getLoc(), type));
    if (!zeros.back())
      return false;
  }
  op->replaceAllUsesWith(zeros);
  op->erase();
  return true;
}

/// Puts an operand of its type in the place of an op's only result; false if there is none.
static bool replaceByOperand(Operation *op) {
  if (op->getNumResults() != 1)
    return false;
  Value result = op->getResult(0);
  for (Value operand : op->getOperands()) {
    if (operand.getType() != result.getType())
      continue;
    result.replaceAllUsesWith(operand);
    op->erase();
    return true;
  }
  return false;
}

/// The ops of a module that something simpler may replace, the outer ones first.
static SmallVector<Operation *> collectCandidates(ModuleOp module) {
  SmallVector<Operation *> candidates;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!op->hasTrait<OpTrait::IsTerminator>() && !op->hasTrait<OpTrait::ConstantLike>() &&
        !isa<ModuleOp, tile::KernelOp, tile::TokenOp>(op))
      candidates.push_back(op);
  });
  return candidates;
}

/// Erases what nobody uses.
static void eraseDead(ModuleOp module) {
  module.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
    if (isOpTriviallyDead(op))
      op->erase();
  });
}

/// A copy of `module` in which `replace` was tried on the candidates [begin, begin + count); null if it is as before, or no
/// longer valid.
static OwningOpRef<ModuleOp> cloneWithout(ModuleOp module, size_t begin, size_t count, bool (*replace)(Operation *)) {
  OwningOpRef<ModuleOp> smaller = module.clone();
  SmallVector<Operation *> candidates = collectCandidates(*smaller);
  llvm::SmallPtrSet<Operation *, 16> gone;
  bool changed = false;
  for (Operation *op : ArrayRef(candidates).slice(begin, std::min(count, candidates.size() - begin))) {
    // An op that is gone takes along what it holds; the outer ones come first.
    if (gone.contains(op))
      continue;
    SmallVector<Operation *> held;
    op->walk([&](Operation *nested) { held.push_back(nested); });
    if (!replace(op))
      continue;
    gone.insert_range(held);
    changed = true;
  }
  eraseDead(*smaller);
  // What went wrong with a try is of no interest.
  ScopedDiagnosticHandler quiet(module.getContext(), [](Diagnostic &) { return success(); });
  return changed && succeeded(verify(*smaller)) ? std::move(smaller) : OwningOpRef<ModuleOp>();
}

namespace {
struct ReduceOpsPass : PassWrapper<ReduceOpsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ReduceOpsPass)

  ReduceOpsPass() = default;
  ReduceOpsPass(const ReduceOpsPass &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return "tile-reduce-ops"; }
  StringRef getDescription() const final { return "Put zeros in the place of ops, as long as a test finds the IR interesting"; }

  /// Whether the test still finds what it looks for.
  bool isInteresting(const Tester &tester, ModuleOp module) {
    return tester.isInteresting(module).first == Tester::Interestingness::True;
  }

  /// Leaves candidates out if what is left is interesting.
  bool tryWithout(const Tester &tester, size_t begin, size_t count, bool (*replace)(Operation *)) {
    OwningOpRef<ModuleOp> smaller = cloneWithout(getOperation(), begin, count, replace);
    if (!smaller || !isInteresting(tester, *smaller))
      return false;
    getOperation().getBodyRegion().takeBody(smaller->getBodyRegion());
    return true;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<std::string> arguments(testArguments.begin(), testArguments.end());
    Tester tester(test, arguments);
    if (!isInteresting(tester, module)) {
      module.emitError() << "the test '" << test << "' does not find the input interesting";
      return signalPassFailure();
    }
    // Many ops at once at first, then fewer; single ones until none can go.
    for (size_t count = collectCandidates(module).size(), kept = 0; count > 0;) {
      bool changed = false;
      for (size_t begin = 0; begin < (kept = collectCandidates(module).size());) {
        if (tryWithout(tester, begin, count, replaceByZeros) || (count == 1 && tryWithout(tester, begin, count, replaceByOperand)))
          changed = true;
        else
          begin += count;
      }
      count = count > 1 ? count / 2 : changed && kept > 0 ? 1 : 0;
    }
  }

  Option<std::string> test{*this, "test", llvm::cl::desc("A program that exits with 1 if the IR in the file it is given is interesting")};
  ListOption<std::string> testArguments{*this, "test-arg", llvm::cl::desc("Arguments of the test, before the file")};
};
} // namespace

int tilec::runTileReduce(int argc, char **argv) {
  DialectRegistry registry;
  registerEverything(registry);
  registerAllPasses();
  PassRegistration<ReduceOpsPass>();
  MLIRContext context(registry);
  return failed(mlirReduceMain(argc, argv, context));
}
