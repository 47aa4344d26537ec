//===- RelaxTokens.cpp - drop the order that nothing needs ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the RelaxTokens pass. Of the pairs that tokens order, those have to stay ordered that may
// conflict, and those of which the first acquires or the second releases; the tokens are planned anew for these pairs.
// Pairs that were not ordered do not become so, up to what PlanTokens.h says of grids.

#include "tilec/Transforms/Passes.h"

#include "PlanTokens.h"

namespace tilec {
#define GEN_PASS_DEF_RELAXTOKENS
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

/// Says for each edge that stays why it does.
static void explainEdges(TokenPlan &plan, Conflicts &conflicts) {
  for (auto [first, second, relation] : edgesOf(plan)) {
    std::string reason, when;
    if (second.releases())
      reason = "it is a release";
    else if (first.acquires())
      reason = "that is an acquire";
    else if (conflicts.isOrderNeeded(first, second, relation))
      reason = conflicts.explain(first, second, relation);
    else
      reason = "another access of its grid needs it";
    if (relation.kind == Relation::Kind::Carried)
      when = " in earlier iterations of a loop";
    InFlightDiagnostic remark = second.getOperation()->emitRemark()
                                << describe(second) << " stays after " << describe(first) << when << ": " << reason;
    remark.attachNote(first.getLoc()) << describe(first) << " is here";
  }
}

namespace {
struct RelaxTokens : tilec::impl::RelaxTokensBase<RelaxTokens> {
  using tilec::impl::RelaxTokensBase<RelaxTokens>::RelaxTokensBase;

  void runOnOperation() override {
    KernelOp kernel = getOperation();
    if (Operation *op = findUnknownTokenUse(kernel)) {
      if (explain)
        op->emitRemark() << "tokens go through an op that tile-relax-tokens does not know; all of the kernel's stay";
      return;
    }
    Conflicts conflicts(kernel);
    if (conflicts.accesses().size() > maxAccesses) {
      if (explain)
        kernel.emitRemark() << "all tokens of this kernel stay: it has more than " << maxAccesses.getValue() << " accesses";
      return;
    }
    TokenPlan plan = planTokens(kernel, [&](Access first, Access second, Relation relation) {
      return conflicts.isOrderNeeded(first, second, relation);
    });
    simplify(plan);
    if (explain)
      explainEdges(plan, conflicts);
    rethreadTokens(kernel, plan);
  }
};
} // namespace
