//===- Schedule.cpp - the legal order that a seed stands for ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What seeds choose, and how the adversaries among them cut warps and give turns.

#include "Schedule.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

/// Budgets of friendly seeds. Long turns are fast, short ones mix what short kernels do.
static constexpr unsigned kBudgets[] = {1024, 8, 128, /*of an adversary, unless it has its own:*/ 32};
/// A warp is not cut where it is in so many pieces already, and pieces that meet are put together again.
static constexpr size_t kMostCuts = 4;
/// Most instructions of a piece before another one of its warp is chosen, and after how many choices the one that has
/// waited longest is it.
static constexpr unsigned kTurn = 64, kChoices = 12;
/// More than a fair choice takes, of adversaries and of others.
static constexpr unsigned kPatience = 2 * kTurn;
/// Instructions of a warp that was held up, when its time has come.
static constexpr unsigned kLongTurn = 1024;

namespace {
struct Adversary {
  unsigned budget;
  Schedule::Lanes lanes;
  Schedule::Order order;
  Schedule::Starved warp, block;
  Schedule::Copies copies;
};
} // namespace

/// The first ones differ as much as they can, so that a few schedules show most.
static constexpr Adversary kAdversaries[] = {
    {8, Schedule::Lanes::High, Schedule::Order::Descending, Schedule::Starved::Nobody, Schedule::Starved::First,
     Schedule::Copies::Last},
    {8, Schedule::Lanes::Low, Schedule::Order::Ascending, Schedule::Starved::Last, Schedule::Starved::Nobody,
     Schedule::Copies::First},
    {16, Schedule::Lanes::Few, Schedule::Order::Shuffled, Schedule::Starved::First, Schedule::Starved::Last,
     Schedule::Copies::Last},
    {16, Schedule::Lanes::Many, Schedule::Order::Descending, Schedule::Starved::Nobody, Schedule::Starved::First,
     Schedule::Copies::First},
    {4, Schedule::Lanes::Any, Schedule::Order::Shuffled, Schedule::Starved::Nobody, Schedule::Starved::Nobody,
     Schedule::Copies::Late},
};

Schedule::Schedule(uint64_t seed) : budget(kBudgets[seed % 4]), isAdverse(seed % 4 == 3) {
  if (!isAdverse)
    return;
  uint64_t number = seed / 4;
  Random random(seed, /*block=*/~uint64_t(0));
  // Later ones are mixed from these.
  auto choose = [&] {
    return kAdversaries[number < std::size(kAdversaries) ? number : random() % std::size(kAdversaries)];
  };
  budget = choose().budget;
  lanes = choose().lanes;
  order = choose().order;
  warp = choose().warp;
  block = choose().block;
  copies = choose().copies;
}

//===----------------------------------------------------------------------===//
// the lanes of a warp
//===----------------------------------------------------------------------===//

/// Some of the lanes: neither none nor all.
static Mask chooseLanes(Mask mask, Schedule::Lanes lanes, Random &random) {
  unsigned count = llvm::popcount(mask);
  Mask chosen = 0;
  if (lanes == Schedule::Lanes::Any) {
    chosen = static_cast<Mask>(random()) & mask;
  } else {
    bool isOne = lanes == Schedule::Lanes::Few || lanes == Schedule::Lanes::Many;
    unsigned first = random() % count, number = 0;
    for (Mask left = mask; left; left &= left - 1, ++number)
      if (isOne ? number == first : number > first)
        chosen |= left & -left;
  }
  return chosen == mask ? 0 : chosen;
}

void Warp::disturb() {
  const Schedule &schedule = block.launch.schedule;
  mayJoin = block.random() % 4 == 0;
  if (splits.size() >= kMostCuts || (splits.size() > 1 && block.random() % 2))
    return;
  Split &split = splits[block.random() % splits.size()];
  if (split.state != Split::State::Runs || llvm::has_single_bit(split.mask))
    return;
  Mask lanes = chooseLanes(split.mask, schedule.lanes, block.random);
  if (!lanes)
    return;
  Split other = split;
  other.mask = lanes;
  split.mask &= ~lanes;
  splits.push_back(std::move(other));
}

bool Warp::isKeptApart(const Split &one, const Split &other) const {
  return block.launch.isAdverseNow() && !mayJoin && splits.size() <= kMostCuts && one.state == Split::State::Runs &&
         other.state == Split::State::Runs;
}

void Warp::pickAdversely() {
  if (turn) {
    --turn;
    if (splits[running].state == Split::State::Runs)
      return;
  }
  splits[running].lastRun = clock;
  bool isFair = ++sinceTurn >= kChoices;
  if (isFair)
    sinceTurn = 0;
  turn = block.random() % kTurn;
  const Schedule::Lanes lanes = block.launch.schedule.lanes;
  // The one with the lowest number runs.
  auto number = [&](const Split &split) -> uint64_t {
    if (isFair)
      return split.lastRun;
    switch (lanes) {
    case Schedule::Lanes::Low:
      return llvm::countr_zero(split.mask);
    case Schedule::Lanes::High:
      return llvm::countl_zero(split.mask);
    case Schedule::Lanes::Few:
      return llvm::popcount(split.mask);
    case Schedule::Lanes::Many:
      return kLanes - llvm::popcount(split.mask);
    case Schedule::Lanes::Any:
      break;
    }
    return block.random();
  };
  size_t best = splits.size();
  uint64_t least = 0;
  for (auto [i, split] : llvm::enumerate(splits)) {
    if (split.state != Split::State::Runs)
      continue;
    uint64_t mine = number(split);
    if (best == splits.size() || mine < least) {
      best = i;
      least = mine;
    }
  }
  if (best != splits.size() && best != running) {
    running = best;
    load();
  }
}

//===----------------------------------------------------------------------===//
// lanes that wait for news
//===----------------------------------------------------------------------===//

void Warp::askForNews(const Op &op, Mask mask, const Target (&targets)[kLanes]) {
  if (uint64_t changes = block.launch.getChanges(); askedAt != changes) {
    askedAt = changes;
    asked.clear();
    waiting = 0;
    llvm::fill(askedBy, nullptr);
  }
  const unsigned lane = llvm::countr_zero(mask);
  // Who, where and by which instruction, in less than 2^62.
  uint64_t key = (uintptr_t(targets[lane].data) * kLanes + lane) ^ uint64_t(op.number) << 44;
  auto [known, isNew] = asked.try_emplace(key * 0x9e3779b97f4a7c15 >> 2, clock);
  if (isNew || known->second == clock)
    return;
  known->second = clock;
  polls |= mask;
  for (Mask left = mask; left; left &= left - 1)
    askedBy[llvm::countr_zero(left)] = &op;
  asksInVain = true;
}

const Op *Warp::getAskedBy(const Split &split) const {
  return askedAt == block.launch.getChanges() ? askedBy[llvm::countr_zero(split.mask)] : nullptr;
}

/// Behind an instruction that has asked in vain: the other splits of the warp come next; whether all have asked, so
/// that it is the turn of other warps. As long as they do nothing, what it reads is what it has read.
bool Warp::endsTurn() {
  asksInVain = false;
  if (++waiting < splits.size()) {
    // The next choice is fair.
    turn = 0;
    sinceTurn = kPatience;
    return false;
  }
  waiting = 0;
  return true;
}

//===----------------------------------------------------------------------===//
// the warps of a block
//===----------------------------------------------------------------------===//

bool Block::runAdversely() {
  const Schedule &schedule = launch.schedule;
  llvm::SmallVector<unsigned, 32> order(warps.size());
  for (unsigned i = 0; i != order.size(); ++i)
    order[i] = schedule.order == Schedule::Order::Descending ? order.size() - 1 - i : i;
  if (schedule.order == Schedule::Order::Shuffled)
    for (unsigned i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[random() % i]);
  unsigned starved = Schedule::starvedOf(schedule.warp, order.size());
  bool hasRun = false;
  auto run = [&](unsigned warp, unsigned budget) {
    if (!launch.isOver(number) && !warps[warp]->hasEnded())
      hasRun |= runWarp(*warps[warp], 1 + random() % budget);
  };
  for (unsigned warp : order)
    if (warp != starved)
      run(warp, schedule.budget);
  if (starved != order.size()) {
    bool haveOthersRun = hasRun;
    if (held.isOver(haveOthersRun, random))
      run(starved, haveOthersRun ? kLongTurn : schedule.budget);
  }
  return hasRun;
}
