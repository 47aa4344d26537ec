//===- TokenInclusion.cpp - tokens that stand for others --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For one token `other`, each token has an equation: a token of an access or a join includes it if one of its operands
// does, a token that merges others if all of them do. The greatest solution is right, since what a loop carries is, by
// induction, what it starts with or what an iteration made of it. Where `other` is made anew in each iteration, the
// loop carries an earlier instance of it, which says nothing of this one.
//
//===----------------------------------------------------------------------===//

#include "tilec/Analysis/TokenInclusion.h"

#include "tilec/Analysis/Access.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

TokenInclusion::TokenInclusion(KernelOp kernel) {
  auto add = [&](ValueRange values) {
    for (Value value : values)
      if (isa<TokenType>(value.getType()))
        tokens.push_back(value);
  };
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (Region &region : op->getRegions())
      for (Block &block : region)
        add(block.getArguments());
    add(op->getResults());
  });
}

bool TokenInclusion::compute(Value token, Value other, const Known &known) const {
  if (token == other)
    return true;
  // Only where `other` is in scope, and is one instance.
  if (!other.getParentRegion()->isAncestor(token.getParentRegion()))
    return false;
  auto isIncluded = [&](Value value) { return known.lookup(value); };
  auto inAny = [&](ValueRange values) { return llvm::any_of(values, isIncluded); };
  if (auto argument = dyn_cast<BlockArgument>(token)) {
    Operation *parent = argument.getOwner()->getParentOp();
    unsigned index = argument.getArgNumber();
    if (auto grid = dyn_cast<GridOp>(parent))
      return inAny(grid.getAfter());
    if (auto loop = dyn_cast<scf::ForOp>(parent))
      return isIncluded(loop.getTiedLoopInit(argument)->get()) &&
             isIncluded(loop.getTiedLoopYieldedValue(argument)->get());
    if (auto loop = dyn_cast<scf::WhileOp>(parent))
      return argument.getOwner() == loop.getAfterBody()
                 ? isIncluded(loop.getConditionOp().getArgs()[index])
                 : isIncluded(loop.getInits()[index]) && isIncluded(loop.getYieldOp().getOperand(index));
    return false;
  }
  Operation *op = token.getDefiningOp();
  unsigned index = cast<OpResult>(token).getResultNumber();
  if (Access access{op})
    return inAny(access.getAfter());
  if (auto join = dyn_cast<JoinOp>(op))
    return inAny(join.getTokens());
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return isIncluded(select.getTrueValue()) && isIncluded(select.getFalseValue());
  if (isa<scf::IfOp, scf::IndexSwitchOp>(op))
    return llvm::all_of(op->getRegions(),
                        [&](Region &region) { return isIncluded(region.front().getTerminator()->getOperand(index)); });
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return isIncluded(loop.getInitArgs()[index]) && isIncluded(loop.getYieldedValues()[index]);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return isIncluded(loop.getConditionOp().getArgs()[index]);
  if (auto grid = dyn_cast<GridOp>(op)) // With and without iterations.
    return inAny(grid.getBody().front().getTerminator()->getOperands()) && inAny(grid.getAfter());
  return false;
}

const TokenInclusion::Known &TokenInclusion::solve(Value other) {
  std::unique_ptr<Known> &solution = solutions[other];
  if (solution)
    return *solution;
  solution = std::make_unique<Known>();
  for (Value token : tokens)
    (*solution)[token] = true;
  for (bool changed = true; changed;) {
    changed = false;
    for (Value token : tokens) {
      if (!solution->lookup(token) || compute(token, other, *solution))
        continue;
      (*solution)[token] = false;
      changed = true;
    }
  }
  return *solution;
}

bool TokenInclusion::includes(Value token, Value other) {
  if (other.getDefiningOp<TokenOp>())
    return true;
  if (auto join = other.getDefiningOp<JoinOp>())
    if (llvm::all_of(join.getTokens(), [&](Value joined) { return includes(token, joined); }))
      return true;
  return solve(other).lookup(token);
}
