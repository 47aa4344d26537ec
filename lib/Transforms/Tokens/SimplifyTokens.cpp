//===- SimplifyTokens.cpp - fewer tokens, the same order --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the SimplifyTokens pass. Each rewrite replaces a token by one that stands for the same accesses
// in every execution, or drops a token that another one beside it includes, or that no access comes after. So the order
// between accesses is exactly what it was.
//
//===----------------------------------------------------------------------===//

#include "tilec/Transforms/Passes.h"

#include "tilec/Analysis/Access.h"
#include "tilec/Analysis/TokenInclusion.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SetVector.h"

namespace tilec {
#define GEN_PASS_DEF_SIMPLIFYTOKENS
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

//===----------------------------------------------------------------------===//
// Lists of tokens: what an access or a grid comes after, and joins
//===----------------------------------------------------------------------===//

/// Adds `token` to a list, a join as the tokens that it joins. A join with other users stays one outside of joins:
/// spelled out at each of them it would only make the lists longer.
static void flatten(Value token, bool intoJoin, llvm::SmallSetVector<Value, 8> &list) {
  auto join = token.getDefiningOp<JoinOp>();
  if (join && (intoJoin || token.hasOneUse())) {
    for (Value joined : join.getTokens())
      flatten(joined, intoJoin, list);
  } else if (!token.getDefiningOp<TokenOp>()) {
    list.insert(token);
  }
}

/// The shortest part of a list that stands for the same accesses.
static SmallVector<Value> reduced(ValueRange tokens, bool intoJoin, TokenInclusion &inclusion) {
  llvm::SmallSetVector<Value, 8> flat;
  for (Value token : tokens)
    flatten(token, intoJoin, flat);
  // The last ones first: a later token often includes earlier ones, and of two equal ones the first should stay.
  SmallVector<Value> kept(flat.begin(), flat.end());
  for (size_t i = kept.size(); i-- > 0;) {
    auto isOther = [&](Value other) { return other != kept[i] && inclusion.includes(other, kept[i]); };
    if (llvm::any_of(kept, isOther))
      kept.erase(kept.begin() + i);
  }
  return kept;
}

static bool reduceLists(KernelOp kernel) {
  TokenInclusion inclusion(kernel);
  bool changed = false;
  kernel.walk([&](Operation *op) {
    auto reduce = [&](MutableOperandRange operands, bool intoJoin) {
      SmallVector<Value> shorter = reduced(OperandRange(operands), intoJoin, inclusion);
      if (llvm::equal(shorter, OperandRange(operands)))
        return false;
      operands.assign(shorter);
      return true;
    };
    if (Access access{op})
      changed |= reduce(access.getAfterMutable(), /*intoJoin=*/false);
    else if (auto grid = dyn_cast<GridOp>(op))
      changed |= reduce(grid.getAfterMutable(), /*intoJoin=*/false);
    else if (auto join = dyn_cast<JoinOp>(op))
      changed |= reduce(join.getTokensMutable(), /*intoJoin=*/true);
  });
  return changed;
}

/// Joins of one token or none, and selections between equal tokens.
static bool foldTokens(KernelOp kernel) {
  bool changed = false;
  kernel.walk([&](Operation *op) {
    Value same;
    if (auto join = dyn_cast<JoinOp>(op)) {
      OpBuilder builder(join);
      if (join.getTokens().size() == 1)
        same = join.getTokens().front();
      else if (join.getTokens().empty())
        same = TokenOp::create(builder, join.getLoc());
    } else if (auto select = dyn_cast<arith::SelectOp>(op)) {
      if (isa<TokenType>(select.getType()) && select.getTrueValue() == select.getFalseValue())
        same = select.getTrueValue();
    }
    if (!same)
      return;
    op->getResult(0).replaceAllUsesWith(same);
    op->erase();
    changed = true;
  });
  return changed;
}

//===----------------------------------------------------------------------===//
// Tokens that branches and loops pass on
//===----------------------------------------------------------------------===//

/// What a token behind a while loop's condition is: the condition passes it on.
static Value throughCondition(Value token) {
  auto argument = dyn_cast<BlockArgument>(token);
  auto loop = argument ? dyn_cast<scf::WhileOp>(argument.getOwner()->getParentOp()) : scf::WhileOp();
  if (loop && argument.getOwner() == loop.getAfterBody())
    return loop.getConditionOp().getArgs()[argument.getArgNumber()];
  return token;
}

static bool isToken(Value value) { return isa<TokenType>(value.getType()); }

/// Replaces `token`; returns whether it had users.
static bool replace(Value token, Value same) {
  bool used = !token.use_empty();
  token.replaceAllUsesWith(same);
  return used;
}

/// Uses what was there before the op in place of tokens that an op passes on unchanged: those that all branches yield,
/// and those that a loop carries without adding to them.
static bool forwardUnchanged(KernelOp kernel) {
  TokenInclusion inclusion(kernel);
  bool changed = false;
  auto isSame = [&](Value token, Value carried) {
    return token == carried || (inclusion.includes(token, carried) && inclusion.includes(carried, token));
  };
  kernel.walk([&](Operation *op) {
    if (changed)
      return WalkResult::interrupt(); // The inclusions are out of date.
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      for (auto [init, carried, yielded, result] :
           llvm::zip_equal(loop.getInitArgs(), loop.getRegionIterArgs(), loop.getYieldedValues(), loop.getResults()))
        if (isToken(init) && isSame(yielded, carried)) {
          changed |= replace(result, init);
          changed |= replace(carried, init);
        }
    } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
      for (auto [init, carried, yielded] :
           llvm::zip_equal(loop.getInits(), loop.getBeforeArguments(), loop.getYieldOp().getOperands()))
        if (isToken(init) && throughCondition(yielded) == carried)
          changed |= replace(carried, init);
      for (auto [passed, inside, result] :
           llvm::zip_equal(loop.getConditionOp().getArgs(), loop.getAfterArguments(), loop.getResults()))
        if (isToken(passed) && passed.getParentRegion()->isProperAncestor(&loop.getBefore())) {
          changed |= replace(inside, passed);
          changed |= replace(result, passed);
        }
    } else if (isa<scf::IfOp, scf::IndexSwitchOp>(op)) {
      for (OpResult result : op->getResults()) {
        auto given = [&](Region &region) {
          return region.front().getTerminator()->getOperand(result.getResultNumber());
        };
        Value first = given(op->getRegion(0));
        if (isToken(result) && first.getParentRegion()->isProperAncestor(&op->getRegion(0)) &&
            llvm::all_of(op->getRegions(), [&](Region &region) { return given(region) == first; }))
          changed |= replace(result, first);
      }
    }
    return WalkResult::advance();
  });
  return changed;
}

//===----------------------------------------------------------------------===//
// Tokens that no access comes after
//===----------------------------------------------------------------------===//

/// Adds the tokens that `token` is made from.
static void addSources(Value token, SmallVectorImpl<Value> &sources) {
  if (auto argument = dyn_cast<BlockArgument>(token)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (auto loop = dyn_cast<scf::ForOp>(parent)) {
      sources.push_back(loop.getTiedLoopInit(argument)->get());
      sources.push_back(loop.getTiedLoopYieldedValue(argument)->get());
    } else if (auto loop = dyn_cast<scf::WhileOp>(parent)) {
      unsigned index = argument.getArgNumber();
      if (argument.getOwner() == loop.getAfterBody()) {
        sources.push_back(loop.getConditionOp().getArgs()[index]);
      } else {
        sources.push_back(loop.getInits()[index]);
        sources.push_back(loop.getYieldOp().getOperand(index));
      }
    }
    return; // What a grid comes after has been used by the grid.
  }
  Operation *op = token.getDefiningOp();
  unsigned index = cast<OpResult>(token).getResultNumber();
  if (auto loop = dyn_cast<scf::ForOp>(op))
    sources.push_back(loop.getRegionIterArg(index));
  else if (auto loop = dyn_cast<scf::WhileOp>(op))
    sources.push_back(loop.getConditionOp().getArgs()[index]);
  else if (isa<scf::IfOp, scf::IndexSwitchOp>(op))
    for (Region &region : op->getRegions())
      sources.push_back(region.front().getTerminator()->getOperand(index));
  else if (isa<JoinOp, arith::SelectOp>(op))
    llvm::copy_if(op->getOperands(), std::back_inserter(sources), isToken);
}

/// The tokens that reach an access, a grid, or an op that is unknown here.
static DenseSet<Value> findLive(KernelOp kernel) {
  SmallVector<Value> worklist;
  kernel.walk([&](Operation *op) {
    if (!isa<JoinOp, arith::SelectOp, scf::ForOp, scf::WhileOp, scf::IfOp, scf::IndexSwitchOp, scf::YieldOp,
             scf::ConditionOp>(op))
      llvm::copy_if(op->getOperands(), std::back_inserter(worklist), isToken);
  });
  DenseSet<Value> live;
  while (!worklist.empty()) {
    Value token = worklist.pop_back_val();
    if (live.insert(token).second)
      addSources(token, worklist);
  }
  return live;
}

/// Makes the op anew without some operands and results; the regions stay as they are.
static Operation *rebuild(Operation *op, const BitVector &operands, const BitVector &results) {
  OperationState state(op->getLoc(), op->getName());
  state.addAttributes(op->getAttrs());
  for (auto [index, operand] : llvm::enumerate(op->getOperands()))
    if (!operands[index])
      state.operands.push_back(operand);
  for (OpResult result : op->getResults())
    if (!results[result.getResultNumber()])
      state.types.push_back(result.getType());
  for (Region &region : op->getRegions())
    state.addRegion()->takeBody(region);
  OpBuilder builder(op);
  Operation *made = builder.create(state);
  unsigned next = 0;
  for (OpResult result : op->getResults())
    if (!results[result.getResultNumber()])
      result.replaceAllUsesWith(made->getResult(next++));
  op->erase();
  return made;
}

/// Puts `tile.token` in place of what is left of a dead token.
static void bury(Value token) {
  if (token.use_empty())
    return;
  OpBuilder builder(token.getContext());
  builder.setInsertionPointAfterValue(token);
  token.replaceAllUsesWith(TokenOp::create(builder, token.getLoc()));
}

/// Removes the block's arguments and the operands of `from` at the same places, shifted by what stands before them.
static void eraseCarried(Block &block, unsigned shift, Operation *from, unsigned fromShift, const BitVector &dead) {
  BitVector arguments(block.getNumArguments()), operands(from->getNumOperands());
  for (unsigned index : dead.set_bits()) {
    bury(block.getArgument(index + shift));
    arguments.set(index + shift);
    operands.set(index + fromShift);
  }
  block.eraseArguments(arguments);
  from->eraseOperands(operands);
}

/// The places of `size` at which `isDead`.
static BitVector findDead(unsigned size, llvm::function_ref<bool(unsigned)> isDead) {
  BitVector dead(size);
  for (unsigned i = 0; i < size; ++i)
    dead[i] = isDead(i);
  return dead;
}

static bool dropFromLoop(scf::ForOp loop, const DenseSet<Value> &live) {
  BitVector dead = findDead(loop.getNumRegionIterArgs(), [&](unsigned i) {
    Value carried = loop.getRegionIterArg(i);
    return isToken(carried) && !live.contains(carried) && !live.contains(loop.getResult(i));
  });
  if (dead.none())
    return false;
  eraseCarried(*loop.getBody(), 1, loop.getBody()->getTerminator(), 0, dead);
  for (unsigned index : dead.set_bits())
    bury(loop.getResult(index));
  BitVector operands(loop->getNumOperands());
  for (unsigned index : dead.set_bits())
    operands.set(loop.getNumControlOperands() + index);
  rebuild(loop, operands, dead);
  return true;
}

static bool dropFromWhile(scf::WhileOp loop, const DenseSet<Value> &live) {
  BitVector deadInits = findDead(loop.getInits().size(), [&](unsigned i) {
    Value carried = loop.getBeforeArguments()[i];
    return isToken(carried) && !live.contains(carried);
  });
  BitVector deadResults = findDead(loop.getNumResults(), [&](unsigned i) {
    return isToken(loop.getResult(i)) && !live.contains(loop.getResult(i)) &&
           !live.contains(loop.getAfterArguments()[i]);
  });
  if (deadInits.none() && deadResults.none())
    return false;
  eraseCarried(*loop.getBeforeBody(), 0, loop.getYieldOp(), 0, deadInits);
  eraseCarried(*loop.getAfterBody(), 0, loop.getConditionOp(), 1, deadResults);
  for (unsigned index : deadResults.set_bits())
    bury(loop.getResult(index));
  rebuild(loop, deadInits, deadResults);
  return true;
}

static bool dropFromBranch(Operation *branch, const DenseSet<Value> &live) {
  BitVector dead = findDead(branch->getNumResults(), [&](unsigned i) {
    return isToken(branch->getResult(i)) && !live.contains(branch->getResult(i));
  });
  if (dead.none())
    return false;
  for (unsigned index : dead.set_bits())
    bury(branch->getResult(index));
  for (Region &region : branch->getRegions())
    region.front().getTerminator()->eraseOperands(dead);
  rebuild(branch, BitVector(branch->getNumOperands()), dead);
  return true;
}

/// Removes what loops and branches pass on for nobody, and joins and selections that nobody uses.
static bool dropDead(KernelOp kernel) {
  DenseSet<Value> live = findLive(kernel);
  bool changed = false;
  SmallVector<Operation *> found;
  kernel.walk([&](Operation *op) {
    if (isa<scf::ForOp, scf::WhileOp, scf::IfOp, scf::IndexSwitchOp>(op))
      found.push_back(op);
  });
  // Inner ops come first; one that is made anew is not looked at again.
  for (Operation *op : found) {
    if (auto loop = dyn_cast<scf::ForOp>(op))
      changed |= dropFromLoop(loop, live);
    else if (auto loop = dyn_cast<scf::WhileOp>(op))
      changed |= dropFromWhile(loop, live);
    else
      changed |= dropFromBranch(op, live);
  }
  kernel.walk([&](Operation *op) {
    if (isa<JoinOp, TokenOp, arith::SelectOp>(op) && isToken(op->getResult(0)) && op->use_empty()) {
      op->erase();
      changed = true;
    }
  });
  return changed;
}

namespace {
struct SimplifyTokens : tilec::impl::SimplifyTokensBase<SimplifyTokens> {
  void runOnOperation() override {
    // Each step that changes anything makes lists, merges or tokens fewer, so this ends.
    while (foldTokens(getOperation()) || reduceLists(getOperation()) || forwardUnchanged(getOperation()) ||
           dropDead(getOperation()))
      continue;
  }
};
} // namespace
