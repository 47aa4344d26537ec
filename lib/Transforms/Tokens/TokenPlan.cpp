//===- TokenPlan.cpp - which tokens every access shall wait for -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plan's data, and its simplification: a small data-flow problem without IR.
//
//===----------------------------------------------------------------------===//

#include "TokenPlan.h"

#include "llvm/ADT/BitVector.h"

#include <map>
#include <set>

using namespace mlir;
using namespace tilec;
using llvm::BitVector;
using List = TokenPlan::List;
using Node = TokenPlan::Node;
using Token = TokenPlan::Token;
using Channel = TokenPlan::Channel;

Node TokenPlan::tokenOf(Operation *op, Token::Kind kind) {
  auto [it, isNew] = known.try_emplace({op, static_cast<unsigned>(kind)}, nodes.size());
  if (isNew)
    nodes.push_back({kind, op});
  return it->second;
}

unsigned TokenPlan::addChannel(Channel::Kind kind, Operation *op) {
  unsigned index = channels.size();
  Channel &channel = channels.emplace_back();
  channel.kind = kind;
  channel.op = op;
  channel.argument = nodes.size();
  nodes.push_back({Token::Kind::Argument, op, index});
  channel.result = nodes.size();
  nodes.push_back({Token::Kind::Result, op, index});
  return index;
}

void TokenPlan::forEachList(llvm::function_ref<void(List &)> function) {
  for (auto *lists : {&after, &gridAfter, &gridYield})
    for (auto &entry : *lists)
      function(entry.second);
  for (Channel &channel : channels)
    for (List &input : channel.inputs)
      function(input);
}

void tilec::insert(List &list, Node node) {
  auto *at = llvm::lower_bound(list, node);
  if (at == list.end() || *at != node)
    list.insert(at, node);
}

static bool contains(const List &list, Node node) { return llvm::binary_search(list, node); }

static bool isChannel(const Token &token) {
  return token.kind == Token::Kind::Argument || token.kind == Token::Kind::Result;
}

//===----------------------------------------------------------------------===//
// channels that hand on what they got
//===----------------------------------------------------------------------===//

/// True if all tokens of a list are defined outside of `op`.
static bool areOutside(const TokenPlan &plan, const List &list, Operation *op) {
  return llvm::none_of(list, [&](Node node) { return op->isAncestor(plan.nodes[node].op); });
}

/// What a channel always stands for, if that is a list of tokens from outside.
static const List *constantOf(const TokenPlan &plan, const Channel &channel) {
  const List &first = channel.inputs.front();
  if (channel.kind == Channel::Kind::Entry || channel.kind == Channel::Kind::Grid)
    return first.empty() ? &first : nullptr;
  if (channel.kind == Channel::Kind::Condition || channel.kind == Channel::Kind::Branch ||
      channel.kind == Channel::Kind::Select)
    return llvm::all_equal(channel.inputs) && areOutside(plan, first, channel.op) ? &first : nullptr;
  // Each iteration hands on what it got, or puts in what the first one got.
  const List &next = channel.inputs.back();
  bool addsNothing = llvm::all_of(next, [&](Node node) { return node == channel.argument || contains(first, node); });
  return addsNothing && (contains(next, channel.argument) || next == first) ? &first : nullptr;
}

/// Puts `by` in the place of a channel's tokens.
static void replace(TokenPlan &plan, const Channel &channel, List by) {
  plan.forEachList([&](List &list) {
    auto isReplaced = [&](Node node) { return node == channel.argument || node == channel.result; };
    if (llvm::none_of(list, isReplaced))
      return;
    llvm::erase_if(list, isReplaced);
    for (Node node : by)
      insert(list, node);
  });
}

static bool removeConstants(TokenPlan &plan, SmallVectorImpl<bool> &isGone) {
  bool changed = false;
  isGone.resize(plan.channels.size());
  for (unsigned i = 0, e = plan.channels.size(); i != e; ++i) {
    if (isGone[i])
      continue;
    if (const List *constant = constantOf(plan, plan.channels[i])) {
      replace(plan, plan.channels[i], *constant);
      isGone[i] = changed = true;
    }
  }
  return changed;
}

//===----------------------------------------------------------------------===//
// tokens that another one stands for
//===----------------------------------------------------------------------===//

namespace {
/// What a token surely stands for: an access for what it waits for; a loop's channel for what went in first, if each
/// iteration hands on what it got; and a channel for another one of its op that is never more.
class Closure {
public:
  explicit Closure(TokenPlan &plan) : plan(plan), keeps(plan.channels.size()), larger(plan.channels.size()) {}

  /// Finds out about channels.
  void compareChannels();
  /// Adds a token and all that it stands for.
  void add(Node token, BitVector &reached) const;
  /// True if what `reached` stands for includes `token`.
  bool covers(const BitVector &reached, Node token) const;

private:
  BitVector of(ArrayRef<Node> tokens) const;
  void findKeeping();
  void findLarger(const SmallVector<bool> &isUsed);
  bool isSmaller(unsigned channel, unsigned other) const;

  TokenPlan &plan;
  SmallVector<bool> keeps;
  /// By channel, those of the same op that are never less.
  std::vector<SmallVector<unsigned, 2>> larger;
};
} // namespace

/// Among more channels of one op than this, none is looked for that is never less: there are too many pairs.
static constexpr size_t kMostCompared = 32;

void Closure::compareChannels() {
  findKeeping();
  findLarger(usedChannels(plan));
}

void Closure::add(Node token, BitVector &reached) const {
  SmallVector<Node> queue = {token};
  while (!queue.empty()) {
    Node node = queue.pop_back_val();
    if (reached.test(node))
      continue;
    reached.set(node);
    const Token &next = plan.nodes[node];
    if (next.kind == Token::Kind::Access)
      llvm::append_range(queue, plan.after[next.op]);
    else if (isChannel(next) && keeps[next.channel])
      llvm::append_range(queue, plan.channels[next.channel].inputs.front());
  }
}

BitVector Closure::of(ArrayRef<Node> tokens) const {
  BitVector reached(plan.nodes.size());
  for (Node token : tokens)
    add(token, reached);
  return reached;
}

bool Closure::covers(const BitVector &reached, Node token) const {
  if (reached.test(token))
    return true;
  const Token &wanted = plan.nodes[token];
  return isChannel(wanted) && llvm::any_of(larger[wanted.channel], [&](unsigned other) {
           bool isArgument = wanted.kind == Token::Kind::Argument;
           return reached.test(isArgument ? plan.channels[other].argument : plan.channels[other].result);
         });
}

/// A loop keeps what went in if what comes back stands for it; that may lead through other loops.
void Closure::findKeeping() {
  for (bool changed = true; std::exchange(changed, false);)
    for (auto [i, channel] : llvm::enumerate(plan.channels)) {
      bool isLoop = channel.kind == Channel::Kind::Loop || channel.kind == Channel::Kind::Before;
      if (!isLoop || keeps[i])
        continue;
      keeps[i] = of(channel.inputs.back()).test(channel.argument);
      changed |= keeps[i];
    }
}

/// True if each input of `other` stands for the same input of `channel`.
bool Closure::isSmaller(unsigned channel, unsigned other) const {
  for (auto [input, more] : llvm::zip(plan.channels[channel].inputs, plan.channels[other].inputs)) {
    BitVector reached = of(more);
    if (!llvm::all_of(input, [&](Node node) { return covers(reached, node); }))
      return false;
  }
  return true;
}

/// The greatest relation that holds by itself: what it says of a value rests on values that were there before.
void Closure::findLarger(const SmallVector<bool> &isUsed) {
  std::map<std::pair<Operation *, Channel::Kind>, SmallVector<unsigned>> groups;
  for (auto [i, channel] : llvm::enumerate(plan.channels))
    if (isUsed[i])
      groups[{channel.op, channel.kind}].push_back(i);
  for (const auto &[key, group] : groups) {
    if (group.size() > kMostCompared)
      continue;
    for (unsigned channel : group)
      for (unsigned other : group)
        if (channel != other)
          larger[channel].push_back(other);
  }
  for (bool changed = true; std::exchange(changed, false);)
    for (unsigned channel = 0, e = larger.size(); channel != e; ++channel) {
      size_t before = larger[channel].size();
      llvm::erase_if(larger[channel], [&](unsigned other) { return !isSmaller(channel, other); });
      changed |= larger[channel].size() != before;
    }
}

/// Cuts each list by what its other tokens stand for; afterwards it stands for the same. Lists of accesses come first
/// and in program order: what the later ones have to look at is short then.
static bool removeCovered(TokenPlan &plan, const Closure &closure) {
  bool changed = false;
  plan.forEachList([&](List &list) {
    if (list.size() < 2)
      return;
    List kept;
    BitVector reached(plan.nodes.size());
    // Most tokens stand for tokens with smaller numbers; the second round finds the others.
    for (Node node : llvm::reverse(list))
      if (!closure.covers(reached, node)) {
        kept.push_back(node);
        closure.add(node, reached);
      }
    for (size_t i = kept.size(); kept.size() > 1 && i-- > 0;) {
      BitVector others(plan.nodes.size());
      for (size_t j = 0; j != kept.size(); ++j)
        if (j != i)
          closure.add(kept[j], others);
      if (closure.covers(others, kept[i]))
        kept.erase(kept.begin() + i);
    }
    llvm::sort(kept);
    changed |= kept.size() != list.size();
    list = kept;
  });
  return changed;
}

static bool removeCovered(TokenPlan &plan) {
  Closure closure(plan);
  // First without channels, for those are compared by what is left.
  bool changed = removeCovered(plan, closure);
  closure.compareChannels();
  return removeCovered(plan, closure) || changed;
}

//===----------------------------------------------------------------------===//
// equal channels
//===----------------------------------------------------------------------===//

/// Merges channels that cannot be told apart: classes by op, split until equal classes get equal inputs.
static bool mergeEqual(TokenPlan &plan, SmallVectorImpl<bool> &isGone) {
  using Signature = std::tuple<Operation *, unsigned, std::vector<std::set<std::pair<unsigned, Node>>>>;
  std::vector<unsigned> classOf(plan.channels.size(), 0);
  size_t numClasses = 0;
  while (true) {
    std::map<Signature, unsigned> classes;
    std::vector<unsigned> next(plan.channels.size());
    for (auto [i, channel] : llvm::enumerate(plan.channels)) {
      std::vector<std::set<std::pair<unsigned, Node>>> inputs;
      for (const List &list : channel.inputs) {
        auto &input = inputs.emplace_back();
        for (Node node : list) {
          const Token &token = plan.nodes[node];
          unsigned kind = static_cast<unsigned>(token.kind);
          input.insert({kind, isChannel(token) ? classOf[token.channel] : node});
        }
      }
      Signature signature{channel.op, classOf[i] * 8 + static_cast<unsigned>(channel.kind), inputs};
      next[i] = classes.try_emplace(signature, classes.size()).first->second;
    }
    classOf = next;
    if (classes.size() == numClasses)
      break;
    numClasses = classes.size();
  }
  bool changed = false;
  std::map<unsigned, unsigned> first;
  for (unsigned i = 0, e = plan.channels.size(); i != e; ++i) {
    if (isGone[i])
      continue;
    auto [it, isNew] = first.try_emplace(classOf[i], i);
    if (isNew)
      continue;
    const Channel &gone = plan.channels[i], &kept = plan.channels[it->second];
    plan.forEachList([&](List &list) {
      for (auto [from, to] : {std::pair(gone.argument, kept.argument), std::pair(gone.result, kept.result)})
        if (contains(list, from)) {
          llvm::erase(list, from);
          insert(list, to);
        }
    });
    isGone[i] = changed = true;
  }
  return changed;
}

/// Lets all readers of a grid share its entry and its token.
static void shareGrids(TokenPlan &plan, SmallVectorImpl<bool> &isGone) {
  SmallVector<bool> isUsed = usedChannels(plan);
  for (unsigned i = 0, e = plan.channels.size(); i != e; ++i) {
    const Channel &channel = plan.channels[i];
    bool isEntry = channel.kind == Channel::Kind::Entry;
    if (isGone[i] || !isUsed[i] || !(isEntry || channel.kind == Channel::Kind::Grid))
      continue;
    List &shared = (isEntry ? plan.gridAfter : plan.gridYield)[channel.op];
    for (Node node : channel.inputs.front())
      insert(shared, node);
    replace(plan, channel, {plan.tokenOf(channel.op, isEntry ? Token::Kind::Entry : Token::Kind::Grid)});
    isGone[i] = true;
  }
}

static void simplifyChannels(TokenPlan &plan, SmallVectorImpl<bool> &isGone) {
  while (removeConstants(plan, isGone) || mergeEqual(plan, isGone) || removeCovered(plan)) {
  }
}

void tilec::simplify(TokenPlan &plan) {
  SmallVector<bool> isGone(plan.channels.size());
  simplifyChannels(plan, isGone);
  shareGrids(plan, isGone);
  simplifyChannels(plan, isGone);
}

SmallVector<bool> tilec::usedChannels(TokenPlan &plan) {
  SmallVector<bool> isUsed(plan.channels.size());
  SmallVector<unsigned> queue;
  auto use = [&](const List &list) {
    for (Node node : list) {
      const Token &token = plan.nodes[node];
      if (!isChannel(token) || isUsed[token.channel])
        continue;
      isUsed[token.channel] = true;
      queue.push_back(token.channel);
    }
  };
  for (auto *lists : {&plan.after, &plan.gridAfter, &plan.gridYield})
    for (auto &entry : *lists)
      use(entry.second);
  while (!queue.empty())
    for (const List &input : plan.channels[queue.pop_back_val()].inputs)
      use(input);
  return isUsed;
}
