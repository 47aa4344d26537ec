//===- RethreadTokens.cpp - make a plan's tokens the kernel's ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// First all old tokens go, and every loop and branch that had some is made again with the channels of the plan in their
// place; no other op is made, moved or erased. Then each list becomes operands, joined where there is room for one
// only.
//
//===----------------------------------------------------------------------===//

#include "TokenPlan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;
using List = TokenPlan::List;
using Node = TokenPlan::Node;
using Token = TokenPlan::Token;
using Channel = TokenPlan::Channel;

namespace {
class Rethreader {
public:
  Rethreader(KernelOp kernel, TokenPlan &plan) : kernel(kernel), plan(plan), builder(kernel.getContext()) {
    SmallVector<bool> isUsed = usedChannels(plan);
    for (unsigned i = 0, e = plan.channels.size(); i != e; ++i)
      if (isUsed[i])
        channelsOf[plan.channels[i].op].push_back(i);
  }

  void run();

private:
  SmallVector<unsigned> channels(Operation *op, Channel::Kind kind) const;
  void dropTokens();
  void rebuild(Operation *op);
  void setInputs(Operation *op, Operation *made);
  Value valueOf(Node node);
  SmallVector<Value> valuesOf(const List &list) {
    return llvm::map_to_vector(list, [&](Node n) { return valueOf(n); });
  }
  Value joined(const List &list, Operation *before);

  KernelOp kernel;
  TokenPlan &plan;
  OpBuilder builder;
  /// A token for where the real one is not known yet.
  Value placeholder;
  DenseMap<Operation *, SmallVector<unsigned>> channelsOf;
  /// The values of channels, by node.
  DenseMap<Node, Value> values;
  /// The loops and branches as they are now, each with the op that the plan knows.
  SmallVector<std::pair<Operation *, Operation *>> rebuilt;
  /// The selects that were made, each for a channel.
  SmallVector<std::pair<unsigned, Operation *>> madeSelects;
  /// Ops to erase in the end.
  SmallVector<Operation *> gone;
};
} // namespace

static bool isToken(Value value) { return isa<TokenType>(value.getType()); }

SmallVector<unsigned> Rethreader::channels(Operation *op, Channel::Kind kind) const {
  SmallVector<unsigned> result;
  if (auto it = channelsOf.find(op); it != channelsOf.end())
    llvm::copy_if(it->second, std::back_inserter(result), [&](unsigned c) { return plan.channels[c].kind == kind; });
  return result;
}

Value Rethreader::valueOf(Node node) {
  const Token &token = plan.nodes[node];
  switch (token.kind) {
  case Token::Kind::Access:
    return Access(token.op).getToken();
  case Token::Kind::Entry:
    return cast<GridOp>(token.op).getEntry();
  case Token::Kind::Grid:
    return cast<GridOp>(token.op).getToken();
  case Token::Kind::Argument:
  case Token::Kind::Result:
    return values.at(node);
  }
  llvm_unreachable("all kinds of tokens have a value");
}

/// One token for a list, made before an op.
Value Rethreader::joined(const List &list, Operation *before) {
  if (list.size() == 1)
    return valueOf(list.front());
  builder.setInsertionPoint(before);
  if (list.empty())
    return TokenOp::create(builder, before->getLoc());
  return JoinOp::create(builder, before->getLoc(), valuesOf(list));
}

/// Lets nothing wait for anything, and erases the ops that only made tokens of tokens.
void Rethreader::dropTokens() {
  SmallVector<Operation *> dead;
  kernel.walk([&](Operation *op) {
    if (Access access = Access(op))
      return access.getAfterMutable().clear();
    if (auto grid = dyn_cast<GridOp>(op)) {
      grid.getAfterMutable().clear();
      return grid.getBody().front().getTerminator()->setOperands({});
    }
    if (op->getNumResults() == 1 && isToken(op->getResult(0)) && isa<TokenOp, JoinOp, arith::SelectOp>(op) &&
        op->getResult(0) != placeholder)
      dead.push_back(op);
    for (OpOperand &operand : op->getOpOperands())
      if (isToken(operand.get()))
        operand.set(placeholder);
  });
  // The plan knows selects by the op, so their addresses must not be used again yet.
  llvm::append_range(gone, dead);
}

/// Puts one argument per channel in the place of the block's token arguments.
static void replaceTokenArguments(Block &block, ArrayRef<unsigned> carried, TokenPlan &plan,
                                  DenseMap<Node, Value> &values) {
  block.eraseArguments([](BlockArgument argument) { return isToken(argument); });
  Location where = block.getParentOp()->getLoc();
  for (unsigned channel : carried)
    values[plan.channels[channel].argument] = block.addArgument(TokenType::get(where.getContext()), where);
}

/// The operands without the tokens, and one token per channel.
static void replaceTokenOperands(Operation *op, unsigned numChannels, Value placeholder) {
  SmallVector<Value> operands(op->getOperands());
  llvm::erase_if(operands, isToken);
  operands.append(numChannels, placeholder);
  op->setOperands(operands);
}

/// Makes a loop or a branch anew, with its regions, attributes and values, and the channels instead of its tokens.
void Rethreader::rebuild(Operation *op) {
  auto loop = dyn_cast<scf::ForOp>(op);
  auto whileLoop = dyn_cast<scf::WhileOp>(op);
  SmallVector<unsigned> carried = channels(op, whileLoop ? Channel::Kind::Before : Channel::Kind::Loop);
  SmallVector<unsigned> given =
      loop ? carried : channels(op, whileLoop ? Channel::Kind::Condition : Channel::Kind::Branch);

  SmallVector<Type> types;
  llvm::copy_if(op->getResultTypes(), std::back_inserter(types), [](Type type) { return !isa<TokenType>(type); });
  types.append(given.size(), TokenType::get(op->getContext()));
  SmallVector<Value> operands(op->getOperands());
  llvm::erase_if(operands, isToken);
  operands.append(carried.size(), placeholder);
  OperationState state(op->getLoc(), op->getName(), operands, types, op->getAttrs());
  for (Region &region : op->getRegions())
    state.addRegion()->takeBody(region);
  builder.setInsertionPoint(op);
  Operation *made = builder.create(state);

  for (auto [i, region] : llvm::enumerate(made->getRegions())) {
    if (region.empty())
      continue;
    bool isAfter = whileLoop && i == 1;
    replaceTokenArguments(region.front(), isAfter ? ArrayRef(given) : ArrayRef(carried), plan, values);
    unsigned numOut = loop || isAfter ? carried.size() : given.size();
    replaceTokenOperands(region.front().getTerminator(), numOut, placeholder);
  }
  unsigned index = 0;
  for (Value result : op->getResults())
    if (isToken(result))
      result.replaceAllUsesWith(placeholder);
    else
      result.replaceAllUsesWith(made->getResult(index++));
  for (unsigned channel : given)
    values[plan.channels[channel].result] = made->getResult(index++);
  rebuilt.push_back({op, made});
  gone.push_back(op);
}

/// Puts the inputs of an op's channels in the place of the placeholders.
void Rethreader::setInputs(Operation *op, Operation *made) {
  auto set = [&](ArrayRef<unsigned> channels, unsigned input, Operation *user) {
    unsigned first = user->getNumOperands() - channels.size();
    for (auto [i, channel] : llvm::enumerate(channels))
      user->setOperand(first + i, joined(plan.channels[channel].inputs[input], user));
  };
  if (isa<scf::ForOp>(made)) {
    set(channels(op, Channel::Kind::Loop), 0, made);
    set(channels(op, Channel::Kind::Loop), 1, made->getRegion(0).front().getTerminator());
  } else if (auto loop = dyn_cast<scf::WhileOp>(made)) {
    set(channels(op, Channel::Kind::Before), 0, made);
    set(channels(op, Channel::Kind::Before), 1, loop.getYieldOp());
    set(channels(op, Channel::Kind::Condition), 0, loop.getConditionOp());
  } else {
    for (auto [i, region] : llvm::enumerate(made->getRegions()))
      if (!region.empty())
        set(channels(op, Channel::Kind::Branch), i, region.front().getTerminator());
  }
}

void Rethreader::run() {
  builder.setInsertionPointToStart(&kernel.getBody().front());
  placeholder = TokenOp::create(builder, kernel.getLoc());
  SmallVector<Operation *> control, selects;
  kernel.walk([&](Operation *op) {
    bool isControl = isa<scf::ForOp, scf::WhileOp, scf::IfOp, scf::IndexSwitchOp, scf::ExecuteRegionOp>(op);
    bool hasTokens = llvm::any_of(op->getOperands(), isToken) || llvm::any_of(op->getResults(), isToken);
    if (isControl && hasTokens)
      control.push_back(op);
    if (isa<arith::SelectOp>(op) && channelsOf.contains(op))
      selects.push_back(op);
  });
  dropTokens();
  for (Operation *op : control)
    rebuild(op);
  for (Operation *op : selects)
    // Channels of one select differ in what their readers need.
    for (unsigned channel : channels(op, Channel::Kind::Select)) {
      builder.setInsertionPoint(op);
      Value condition = op->getOperand(0);
      Value made = arith::SelectOp::create(builder, op->getLoc(), condition, placeholder, placeholder);
      values[plan.channels[channel].result] = made;
      madeSelects.push_back({channel, made.getDefiningOp()});
    }

  for (auto &[op, made] : rebuilt)
    setInputs(op, made);
  for (auto &[channel, made] : madeSelects) {
    made->setOperand(1, joined(plan.channels[channel].inputs[0], made));
    made->setOperand(2, joined(plan.channels[channel].inputs[1], made));
  }
  for (auto &[op, list] : plan.after)
    Access(op).getAfterMutable().assign(valuesOf(list));
  for (auto &[op, list] : plan.gridAfter)
    cast<GridOp>(op).getAfterMutable().assign(valuesOf(list));
  for (auto &[op, list] : plan.gridYield)
    cast<GridOp>(op).getBody().front().getTerminator()->setOperands(valuesOf(list));
  for (Operation *op : gone)
    op->erase();
  assert(placeholder.use_empty() && "a token was left out");
  placeholder.getDefiningOp()->erase();
}

void tilec::rethreadTokens(KernelOp kernel, TokenPlan &plan) { Rethreader(kernel, plan).run(); }
