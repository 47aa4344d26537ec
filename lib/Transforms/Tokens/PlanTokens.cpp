//===- PlanTokens.cpp - the tokens that a needed order asks for -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For each access b the old tokens are walked backwards, through joins, loops, branches and the accesses on the way,
// and every access a that b has to stay behind is put into b's list. Where the walk meets a value that merges tokens
// (carried by a loop, the result of a branch), b gets a channel of its own there, whose inputs are walked on behalf of
// b: so no channel carries what its readers do not need. Channels that turn out equal are merged by simplify.
//
// The walk knows where it is: once it went around a loop that is around b, the accesses in that loop are those of
// earlier iterations. Only the outermost such loop counts (iterations of the loops inside it are any), and when the
// walk leaves the loop by its initial values, it is back at the same iteration of everything that is around both.
//
//===----------------------------------------------------------------------===//

#include "PlanTokens.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <map>
#include <set>

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;
using List = TokenPlan::List;
using Node = TokenPlan::Node;
using Token = TokenPlan::Token;
using Channel = TokenPlan::Channel;

static bool isToken(Value value) { return isa<TokenType>(value.getType()); }

static bool isBranch(Operation *op) { return isa<scf::IfOp, scf::IndexSwitchOp, scf::ExecuteRegionOp>(op); }

Operation *tilec::findUnknownTokenUse(KernelOp kernel) {
  Operation *unknown = nullptr;
  kernel.walk([&](Operation *op) {
    bool hasTokens = llvm::any_of(op->getOperands(), isToken) || llvm::any_of(op->getResults(), isToken);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        hasTokens |= llvm::any_of(block.getArguments(), isToken);
    if (!hasTokens || Access(op))
      return WalkResult::advance();
    bool isControl = isa<scf::ForOp, scf::WhileOp, GridOp>(op) || isBranch(op);
    bool isKnown = isControl || isa<TokenOp, JoinOp, arith::SelectOp>(op) ||
                   (isa<scf::YieldOp, scf::ConditionOp, YieldOp>(op) &&
                    (isBranch(op->getParentOp()) || isa<scf::ForOp, scf::WhileOp, GridOp>(op->getParentOp())));
    for (Region &region : op->getRegions())
      isKnown &= region.hasOneBlock();
    unknown = isKnown ? nullptr : op;
    return isKnown ? WalkResult::advance() : WalkResult::interrupt();
  });
  return unknown;
}

namespace {
class Planner {
public:
  Planner(TokenPlan &plan, IsNeeded isNeeded) : plan(plan), isNeeded(isNeeded) {}

  void planFor(Access reader);

private:
  /// Where a walk on behalf of `reader` has been: around `loop`, the outermost loop around the reader, or around none.
  struct Place {
    Access reader;
    Operation *loop = nullptr;

    Relation relationTo(Operation *op) const {
      return loop && loop->isAncestor(op) ? Relation::carriedBy(loop) : Relation::same();
    }
    /// The walk is outside of `op` now.
    Place outside(Operation *op) const { return {reader, loop && op->isAncestor(loop) ? nullptr : loop}; }
    /// The walk goes around `op`, being outside of what is in it.
    Place around(Operation *op) const {
      return {reader, !loop && op->isProperAncestor(reader.getOperation()) ? op : loop};
    }
    /// True if the walk comes to the grid from behind: the reader is not in this iteration of it.
    bool isBehind(Operation *grid) const {
      return !grid->isProperAncestor(reader.getOperation()) || (loop && loop->isAncestor(grid));
    }
  };
  /// Where an input of a channel starts to be walked.
  using Start = std::pair<SmallVector<Value>, Place>;
  /// Inputs that are still to be walked. Programs are long: nothing here recurses along them.
  struct Job {
    unsigned channel;
    SmallVector<Start, 2> inputs;
  };

  List walk(ValueRange tokens, Place place);
  Node walkArgument(BlockArgument argument, Place place);
  Node walkResult(OpResult result, Place place);
  /// The reader's channel for a merged value; if it is new, its inputs become a job.
  const Channel &channelFor(Value value, Place place, Channel::Kind kind, Operation *op, ArrayRef<Start> inputs);
  Node before(scf::WhileOp loop, unsigned index, Place place);
  const Channel &condition(scf::WhileOp loop, unsigned index, Place place);
  bool reachesEntry(GridOp grid);

  TokenPlan &plan;
  IsNeeded isNeeded;
  SmallVector<Job> jobs;
  std::map<std::tuple<void *, Operation *, Operation *>, unsigned> channels;
  DenseMap<Operation *, bool> entryReached;
};
} // namespace

void Planner::planFor(Access reader) {
  plan.after[reader.getOperation()] = walk(reader.getAfter(), Place{reader});
  while (!jobs.empty()) {
    Job job = jobs.pop_back_val();
    SmallVector<List, 2> inputs;
    for (const auto &[tokens, place] : job.inputs)
      inputs.push_back(walk(tokens, place));
    plan.channels[job.channel].inputs = inputs;
  }
}

List Planner::walk(ValueRange tokens, Place place) {
  List list;
  std::set<void *> visited;
  SmallVector<Value> queue(tokens);
  while (!queue.empty()) {
    Value token = queue.pop_back_val();
    if (!visited.insert(token.getAsOpaquePointer()).second)
      continue;
    if (auto argument = dyn_cast<BlockArgument>(token)) {
      auto grid = dyn_cast<GridOp>(argument.getOwner()->getParentOp());
      // What a grid waits for is walked to from its token, if the walk came from there.
      if (!grid || !place.isBehind(grid))
        insert(list, walkArgument(argument, place));
      continue;
    }
    Operation *op = token.getDefiningOp();
    if (Access access = Access(op)) {
      if (isNeeded(access, place.reader, place.relationTo(op)))
        insert(list, plan.tokenOf(op, Token::Kind::Access));
      llvm::append_range(queue, access.getAfter());
    } else if (auto join = dyn_cast<JoinOp>(op)) {
      llvm::append_range(queue, join.getTokens());
    } else if (!isa<TokenOp>(op)) {
      insert(list, walkResult(cast<OpResult>(token), place));
      if (auto grid = dyn_cast<GridOp>(op); grid && reachesEntry(grid))
        llvm::append_range(queue, grid.getAfter());
    }
  }
  return list;
}

const Channel &Planner::channelFor(Value value, Place place, Channel::Kind kind, Operation *op,
                                   ArrayRef<Start> inputs) {
  auto [it, isNew] =
      channels.try_emplace({value.getAsOpaquePointer(), place.reader.getOperation(), place.loop}, plan.channels.size());
  if (isNew) {
    plan.addChannel(kind, op);
    jobs.push_back({it->second, llvm::to_vector<2>(inputs)});
  }
  return plan.channels[it->second];
}

Node Planner::before(scf::WhileOp loop, unsigned index, Place place) {
  place = place.outside(loop);
  return channelFor(loop.getBeforeArguments()[index], place, Channel::Kind::Before, loop,
                    {{{loop.getInits()[index]}, place}, {{loop.getYieldOp().getOperand(index)}, place.around(loop)}})
      .argument;
}

/// What scf.condition passes on is of the same iteration.
const Channel &Planner::condition(scf::WhileOp loop, unsigned index, Place place) {
  return channelFor(loop.getResult(index), place, Channel::Kind::Condition, loop,
                    {{{loop.getConditionOp().getArgs()[index]}, place}});
}

/// The channel of an scf.for.
static std::pair<Value, Value> initAndYield(scf::ForOp loop, unsigned index) {
  return {loop.getInitArgs()[index], loop.getBody()->getTerminator()->getOperand(index)};
}

Node Planner::walkArgument(BlockArgument argument, Place place) {
  Operation *parent = argument.getOwner()->getParentOp();
  if (auto loop = dyn_cast<scf::ForOp>(parent)) {
    auto [init, yield] = initAndYield(loop, argument.getArgNumber() - loop.getNumInductionVars());
    place = place.outside(loop);
    return channelFor(argument, place, Channel::Kind::Loop, loop, {{{init}, place}, {{yield}, place.around(loop)}})
        .argument;
  }
  if (auto loop = dyn_cast<scf::WhileOp>(parent))
    return argument.getOwner() == loop.getBeforeBody() ? before(loop, argument.getArgNumber(), place)
                                                       : condition(loop, argument.getArgNumber(), place).argument;
  auto grid = cast<GridOp>(parent);
  place = place.outside(grid);
  return channelFor(argument, place, Channel::Kind::Entry, grid,
                    {{llvm::to_vector(ValueRange(grid.getAfter())), place}})
      .argument;
}

bool Planner::reachesEntry(GridOp grid) {
  auto it = entryReached.find(grid);
  if (it != entryReached.end())
    return it->second;
  // Any use of the entry that is not only by accesses whose tokens go nowhere: a walk from the yield, over all operands
  // of token type and all values that merge them.
  std::set<void *> seen;
  SmallVector<Value> queue(grid.getBody().front().getTerminator()->getOperands());
  bool reaches = false;
  while (!queue.empty()) {
    Value token = queue.pop_back_val();
    if (!seen.insert(token.getAsOpaquePointer()).second)
      continue;
    reaches |= token == grid.getEntry();
    Operation *op = isa<OpResult>(token) ? token.getDefiningOp() : cast<BlockArgument>(token).getOwner()->getParentOp();
    if (op == grid)
      continue;
    llvm::copy_if(op->getOperands(), std::back_inserter(queue), isToken);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::copy_if(block.getTerminator()->getOperands(), std::back_inserter(queue), isToken);
  }
  entryReached[grid] = reaches;
  return reaches;
}

Node Planner::walkResult(OpResult result, Place place) {
  Operation *op = result.getOwner();
  unsigned index = result.getResultNumber();
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    auto [init, yield] = initAndYield(loop, index);
    place = place.outside(loop);
    return channelFor(loop.getRegionIterArg(index), place, Channel::Kind::Loop, loop,
                      {{{init}, place}, {{yield}, place.around(loop)}})
        .result;
  }
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return condition(loop, index, place).result;
  Channel::Kind kind = Channel::Kind::Branch;
  SmallVector<Start, 2> inputs;
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    kind = Channel::Kind::Select;
    for (Value token : {select.getTrueValue(), select.getFalseValue()})
      inputs.push_back({{token}, place});
  } else if (auto grid = dyn_cast<GridOp>(op)) {
    kind = Channel::Kind::Grid;
    inputs.push_back({llvm::to_vector(grid.getBody().front().getTerminator()->getOperands()), place});
  } else {
    for (Region &region : op->getRegions())
      inputs.push_back({{region.front().getTerminator()->getOperand(index)}, place});
  }
  return channelFor(result, place, kind, op, inputs).result;
}

TokenPlan tilec::planTokens(KernelOp kernel, IsNeeded isNeeded) {
  TokenPlan plan;
  kernel.walk([&](GridOp grid) {
    plan.gridAfter[grid];
    plan.gridYield[grid];
  });
  Planner planner(plan, isNeeded);
  for (Access access : accessesIn(kernel))
    planner.planFor(access);
  return plan;
}

//===----------------------------------------------------------------------===//
// edges
//===----------------------------------------------------------------------===//

/// Finds the accesses that a token brings to `reader`: directly, or through channels.
static void addEdges(TokenPlan &plan, Access reader, SmallVectorImpl<Edge> &edges) {
  std::set<std::pair<Node, Operation *>> visited;
  SmallVector<std::pair<Node, Operation *>> queue;
  auto push = [&](const List &list, Operation *loop) {
    for (Node node : list)
      queue.push_back({node, loop});
  };
  push(plan.after[reader.getOperation()], nullptr);
  while (!queue.empty()) {
    auto [node, loop] = queue.pop_back_val();
    const Token token = plan.nodes[node];
    if (loop && token.kind != Token::Kind::Result && token.op->isProperAncestor(loop))
      loop = nullptr;
    if (!visited.insert({node, loop}).second)
      continue;
    if (token.kind == Token::Kind::Access) {
      bool isCarried = loop && loop->isAncestor(token.op);
      edges.push_back({Access(token.op), reader, isCarried ? Relation::carriedBy(loop) : Relation::same()});
    } else if (token.kind == Token::Kind::Entry) {
      push(plan.gridAfter[token.op], nullptr);
    } else if (token.kind == Token::Kind::Grid) {
      push(plan.gridYield[token.op], loop);
    } else {
      const Channel &channel = plan.channels[token.channel];
      bool isLoop = channel.kind == Channel::Kind::Loop || channel.kind == Channel::Kind::Before;
      Operation *outside = loop && channel.op->isAncestor(loop) ? nullptr : loop;
      bool isAround = isLoop && !outside && channel.op->isProperAncestor(reader.getOperation());
      for (auto [i, input] : llvm::enumerate(channel.inputs))
        push(input, isLoop && i == 0 ? outside : isAround ? channel.op : loop);
    }
  }
}

SmallVector<Edge> tilec::edgesOf(TokenPlan &plan) {
  SmallVector<Edge> edges;
  for (auto &entry : plan.after)
    addEdges(plan, Access(entry.first), edges);
  return edges;
}
