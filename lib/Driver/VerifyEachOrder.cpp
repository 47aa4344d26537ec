//===- VerifyEachOrder.cpp - check that each pass keeps order ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes nest: a pass may run others. So snapshots stand on a stack, one for each op that a pass is running on. The
// pass instrumentor calls one hook at a time, whatever the number of threads.
//
//===----------------------------------------------------------------------===//

#include "tilec/Driver/VerifyEachOrder.h"

#include "tilec/Analysis/TokenOrderSnapshot.h"

#include "mlir/Pass/Pass.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;

namespace {
class OrderVerifier : public PassInstrumentation {
public:
  explicit OrderVerifier(bool &failed) : failed(failed) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    Running &running = stacks[op].emplace_back();
    // It finds no access without an id otherwise, and its ids would be taken away.
    if (pass->getArgument() == "tile-assign-access-ids")
      return;
    running.firstId = firstFreeAccessId(op);
    int64_t free = running.firstId;
    op->walk<WalkOrder::PreOrder>([&](tile::KernelOp kernel) {
      free = assignAccessIds(kernel, free);
      running.snapshots.try_emplace(kernel.getSymName().str(), kernel);
      return WalkResult::skip();
    });
  }

  void runAfterPass(Pass *pass, Operation *op) override {
    Running running = pop(op);
    op->walk<WalkOrder::PreOrder>([&](tile::KernelOp kernel) {
      auto it = running.snapshots.find(kernel.getSymName().str());
      // After a lost order, the passes around this one have lost it as well.
      if (it != running.snapshots.end() && !failed)
        failed = mlir::failed(it->second.compare(kernel, nameOf(pass)));
      return WalkResult::skip();
    });
    removeAccessIds(op, running.firstId);
  }

  void runAfterPassFailed(Pass *, Operation *op) override { removeAccessIds(op, pop(op).firstId); }

private:
  /// What is known of an op on which a pass runs.
  struct Running {
    /// Ids from here on are this pass's own.
    int64_t firstId = INT64_MAX;
    /// By the kernels' names.
    llvm::MapVector<std::string, TokenOrderSnapshot, std::map<std::string, unsigned>> snapshots;
  };

  static StringRef nameOf(Pass *pass) { return pass->getArgument().empty() ? pass->getName() : pass->getArgument(); }

  Running pop(Operation *op) {
    SmallVector<Running> &stack = stacks[op];
    Running running = stack.pop_back_val();
    if (stack.empty())
      stacks.erase(op);
    return running;
  }

  bool &failed;
  llvm::DenseMap<Operation *, SmallVector<Running>> stacks;
};
} // namespace

std::unique_ptr<PassInstrumentation> tilec::createOrderVerifier(bool &failed) {
  return std::make_unique<OrderVerifier>(failed);
}
