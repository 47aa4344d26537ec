//===- TokenOrder.cpp - which accesses tokens certainly order ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the must-analysis. Each token has a set of facts, one bit for each access and relation: "the
// token stands for all instances of the access in this relation". The sets solve one equation for each token, and the
// greatest solution is wanted: it is right by induction over the execution, since what a loop carries into its first
// iteration is what it starts with, and into a later one what the iteration before gave. So all bits start as true, and
// are recomputed until nothing changes.
//
// A relation to a loop that does not enclose the token is kept as well: it has the value of "same iteration", so that a
// token may be used in an inner loop as it is.
//
//===----------------------------------------------------------------------===//

#include "tilec/Analysis/TokenOrder.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

//===----------------------------------------------------------------------===//
// Where an op stands
//===----------------------------------------------------------------------===//

/// Whether one of the op's regions runs, once, wherever the op does.
static bool isBranch(Operation *op) { return isa<scf::IfOp, scf::IndexSwitchOp>(op); }

SmallVector<Operation *> TokenOrder::getLoops(Operation *op) {
  SmallVector<Operation *> loops;
  for (Operation *parent = op->getParentOp(); parent && !isa<KernelOp>(parent); parent = parent->getParentOp())
    if (!isBranch(parent))
      loops.push_back(parent);
  std::reverse(loops.begin(), loops.end());
  return loops;
}

SmallVector<Operation *> TokenOrder::getCommonLoops(Operation *a, Operation *b) {
  SmallVector<Operation *> loops = getLoops(a), others = getLoops(b);
  size_t common = 0;
  while (common < std::min(loops.size(), others.size()) && loops[common] == others[common])
    ++common;
  loops.truncate(common);
  return loops;
}

bool TokenOrder::areExclusive(Operation *a, Operation *b) {
  for (Region *region = a->getParentRegion(); region; region = region->getParentRegion()) {
    if (region->findAncestorOpInRegion(*b))
      return false;
    Operation *op = region->getParentOp();
    if (op->isAncestor(b))
      return isBranch(op) && op != b;
  }
  return false;
}

/// Whether a grid certainly runs an iteration.
static bool isSureToRun(GridOp grid) {
  for (auto [lower, upper, step] : llvm::zip_equal(grid.getLower(), grid.getUpper(), grid.getStep())) {
    std::optional<int64_t> from = getConstantIntValue(lower), to = getConstantIntValue(upper),
                           by = getConstantIntValue(step);
    if (!from || !to || !by || *by == 0 || (*by > 0 ? *from >= *to : *from <= *to))
      return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

/// The number of the fact on an access and a relation: the same iteration, or iterations of its loop number `loop`.
unsigned TokenOrder::bit(unsigned access, std::optional<unsigned> loop, Distance distance) const {
  return access * numRelations + (loop ? 1 + 2 * *loop + (distance == Distance::Later) : 0);
}

bool TokenOrder::isIn(unsigned access, Operation *loop) const { return llvm::is_contained(loops[access], loop); }

TokenOrder::Facts TokenOrder::get(Value token) const {
  auto it = known.find(token);
  return it == known.end() ? Facts(accesses.size() * numRelations) : it->second;
}

/// What the join of tokens stands for.
TokenOrder::Facts TokenOrder::allOf(ValueRange tokens) const {
  Facts facts(accesses.size() * numRelations);
  for (Value token : tokens)
    facts |= get(token);
  return facts;
}

/// Outside of a loop only its accesses' "same iteration" is of interest: gives it to the relations to inner loops.
void TokenOrder::leaveLoop(Facts &facts, Operation *loop) const {
  unsigned depth = getLoops(loop).size();
  for (unsigned a = 0; a < accesses.size(); ++a)
    if (isIn(a, loop))
      for (unsigned inner = depth; inner < loops[a].size(); ++inner)
        for (Distance distance : {Distance::Next, Distance::Later})
          facts[bit(a, inner, distance)] = facts[bit(a, std::nullopt)];
}

/// The token that a branch gives, of the op's result `index`.
TokenOrder::Facts TokenOrder::branchResult(Operation *branch, unsigned index) const {
  SmallVector<Facts> given;
  for (Region &region : branch->getRegions())
    given.push_back(get(region.front().getTerminator()->getOperand(index)));
  Facts facts = given.front();
  for (const Facts &other : given)
    facts &= other;
  unsigned depth = getLoops(branch).size();
  for (unsigned a = 0; a < accesses.size(); ++a) {
    for (auto [region, own] : llvm::zip_equal(branch->getRegions(), given)) {
      if (!region.findAncestorOpInRegion(*accesses[a].getOperation()))
        continue;
      // Where another branch ran, there is no instance in this iteration.
      facts[bit(a, std::nullopt)] = own[bit(a, std::nullopt)];
      for (unsigned inner = depth; inner < loops[a].size(); ++inner)
        for (Distance distance : {Distance::Next, Distance::Later})
          facts[bit(a, inner, distance)] = own[bit(a, std::nullopt)];
    }
  }
  return facts;
}

/// The token with which an iteration of a loop begins: `init` in the first one, then what the iteration before gave.
TokenOrder::Facts TokenOrder::loopCarried(Operation *loop, Value init, Value next) const {
  Facts last = get(next), facts = get(init);
  facts &= last;
  unsigned depth = getLoops(loop).size();
  for (unsigned a = 0; a < accesses.size(); ++a) {
    if (!isIn(a, loop))
      continue;
    facts[bit(a, std::nullopt)] = false;
    for (unsigned inner = depth + 1; inner < loops[a].size(); ++inner)
      for (Distance distance : {Distance::Next, Distance::Later})
        facts[bit(a, inner, distance)] = false;
    // In the first iteration there is no earlier instance, so what `init` stands for does not matter.
    facts[bit(a, depth, Distance::Next)] = last[bit(a, std::nullopt)];
    facts[bit(a, depth, Distance::Later)] = last[bit(a, depth, Distance::Next)] && last[bit(a, depth, Distance::Later)];
  }
  return facts;
}

TokenOrder::Facts TokenOrder::gridResult(GridOp grid) const {
  Facts yielded = allOf(grid.getBody().front().getTerminator()->getOperands()), facts = yielded;
  if (!isSureToRun(grid))
    facts &= allOf(grid.getAfter());
  for (unsigned a = 0; a < accesses.size(); ++a)
    if (isIn(a, grid))
      facts[bit(a, std::nullopt)] = yielded[bit(a, std::nullopt)];
  leaveLoop(facts, grid);
  return facts;
}

TokenOrder::Facts TokenOrder::fromResult(OpResult result) const {
  Operation *op = result.getOwner();
  unsigned index = result.getResultNumber();
  if (Access access{op}) {
    Facts facts = allOf(access.getAfter());
    facts.set(bit(numbers.lookup(op), std::nullopt));
    return facts;
  }
  if (auto join = dyn_cast<JoinOp>(op))
    return allOf(join.getTokens());
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    Facts facts = get(select.getTrueValue());
    facts &= get(select.getFalseValue());
    return facts;
  }
  if (isBranch(op))
    return branchResult(op, index);
  if (auto grid = dyn_cast<GridOp>(op))
    return gridResult(grid);
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    Facts last = get(loop.getYieldedValues()[index]), facts = get(loop.getInitArgs()[index]);
    facts &= last;
    unsigned depth = getLoops(loop).size();
    for (unsigned a = 0; a < accesses.size(); ++a)
      if (isIn(a, loop))
        facts[bit(a, std::nullopt)] =
            last[bit(a, std::nullopt)] && last[bit(a, depth, Distance::Next)] && last[bit(a, depth, Distance::Later)];
    leaveLoop(facts, loop);
    return facts;
  }
  if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    Facts last = get(loop.getConditionOp().getArgs()[index]), facts = last;
    unsigned depth = getLoops(loop).size();
    for (unsigned a = 0; a < accesses.size(); ++a) {
      if (!isIn(a, loop))
        continue;
      // The last iteration ends at its condition: what stands behind it has no instance there.
      bool hasInstance = loop.getBefore().findAncestorOpInRegion(*accesses[a].getOperation());
      facts[bit(a, std::nullopt)] = (!hasInstance || last[bit(a, std::nullopt)]) &&
                                    last[bit(a, depth, Distance::Next)] && last[bit(a, depth, Distance::Later)];
    }
    leaveLoop(facts, loop);
    return facts;
  }
  // `tile.token`, and what is unknown.
  return Facts(accesses.size() * numRelations);
}

TokenOrder::Facts TokenOrder::fromArgument(BlockArgument argument) const {
  Operation *parent = argument.getOwner()->getParentOp();
  if (auto grid = dyn_cast<GridOp>(parent))
    return allOf(grid.getAfter());
  if (auto loop = dyn_cast<scf::ForOp>(parent))
    return loopCarried(loop, loop.getTiedLoopInit(argument)->get(), loop.getTiedLoopYieldedValue(argument)->get());
  if (auto loop = dyn_cast<scf::WhileOp>(parent)) {
    unsigned index = argument.getArgNumber();
    if (argument.getOwner() == loop.getAfterBody())
      return get(loop.getConditionOp().getArgs()[index]);
    return loopCarried(loop, loop.getInits()[index], loop.getYieldOp().getOperand(index));
  }
  return Facts(accesses.size() * numRelations);
}

TokenOrder::Facts TokenOrder::compute(Value token) const {
  return isa<OpResult>(token) ? fromResult(cast<OpResult>(token)) : fromArgument(cast<BlockArgument>(token));
}

//===----------------------------------------------------------------------===//
// The solution, and questions to it
//===----------------------------------------------------------------------===//

TokenOrder::TokenOrder(KernelOp kernel) {
  SmallVector<Value> tokens;
  auto add = [&](ValueRange values) {
    for (Value value : values)
      if (isa<TokenType>(value.getType()))
        tokens.push_back(value);
  };
  size_t deepest = 0;
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (Access access{op}) {
      numbers[op] = accesses.size();
      accesses.push_back(access);
      loops.push_back(getLoops(op));
      deepest = std::max(deepest, loops.back().size());
    }
    for (Region &region : op->getRegions())
      for (Block &block : region)
        add(block.getArguments());
    add(op->getResults());
  });
  numRelations = 1 + 2 * deepest;
  for (Value token : tokens)
    known[token] = Facts(accesses.size() * numRelations, true);
  for (bool changed = true; changed;) {
    changed = false;
    for (Value token : tokens) {
      Facts facts = compute(token);
      if (facts == known[token])
        continue;
      known[token] = std::move(facts);
      changed = true;
    }
  }
  for (Access access : accesses)
    before[access.getOperation()] = allOf(access.getAfter());
}

bool TokenOrder::isOrdered(Access earlier, Access later) const {
  unsigned number = numbers.lookup(earlier.getOperation());
  return before.lookup(later.getOperation())[bit(number, std::nullopt)];
}

bool TokenOrder::isOrderedCarried(Access earlier, Access later, Operation *loop, Distance distance) const {
  unsigned number = numbers.lookup(earlier.getOperation());
  unsigned depth = llvm::find(loops[number], loop) - loops[number].begin();
  return before.lookup(later.getOperation())[bit(number, depth, distance)];
}

bool TokenOrder::isOrderedCarried(Access earlier, Access later, Operation *loop) const {
  return isOrderedCarried(earlier, later, loop, Distance::Next) &&
         isOrderedCarried(earlier, later, loop, Distance::Later);
}

bool TokenOrder::standsFor(Value token, Access access) const {
  return get(token)[bit(numbers.lookup(access.getOperation()), std::nullopt)];
}
