//===- Warp.cpp - 32 threads that run PTX -----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How splits of a warp are scheduled, cut and put together again, and how calls nest.

#include "Warp.h"
#include "InitCheck.h"
#include "Races.h"
#include "Reports.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace tilec::sim::ptx;

/// Most calls that a thread may be in.
static constexpr size_t kMostCalls = 4096;
/// A split that others wait behind gets a turn after so many instructions, and keeps it for as many.
static constexpr unsigned kTurn = 64;

Warp::Warp(Block &block, unsigned index, Mask lanes)
    : block(block), vectors(block.launch.vectors), index(index), members(lanes), alive(lanes) {
  if (block.launch.races)
    clocks = std::make_unique<WarpClocks>();
  Split split;
  split.mask = lanes;
  split.frames.push_back(Frame{&block.launch.kernel});
  splits.push_back(std::move(split));
  if (block.launch.origins)
    init = std::make_unique<InitCheck>(*this, *block.launch.origins);
  reserve(splits.front().frames.back());
  if (init)
    init->enter(splits.front().frames.back(), kAllLanes);
  load();
}

Warp::~Warp() = default;

/// Makes room for the registers of a frame.
void Warp::reserve(const Frame &frame) {
  size_t need = frame.registers + frame.code->registers, predicateNeed = frame.predicates + frame.code->predicates;
  if (registers.size() < need)
    registers.resize(need);
  if (predicates.size() < predicateNeed)
    predicates.resize(predicateNeed);
}

/// Makes the running split's last frame the one whose registers instructions see.
void Warp::load() {
  const Frame &last = top();
  frame = registers.data() + last.registers;
  predicateFrame = predicates.data() + last.predicates;
  constants = last.code->constants.data();
}

/// Whether a split is behind another: deeper in calls, or earlier in the same function.
static bool isBehind(const Split &split, const Split &other) {
  if (split.frames.size() != other.frames.size())
    return split.frames.size() > other.frames.size();
  return split.frames.back().pc < other.frames.back().pc;
}

/// Puts splits together that are at one place. True if the running one was concerned.
bool Warp::merge() {
  bool isChanged = false;
  for (size_t other = 0; other != splits.size();) {
    Split &mine = splits[running], &theirs = splits[other];
    if (other == running || theirs.state == Split::State::AwaitsBarrier || mine.state == Split::State::AwaitsBarrier ||
        mine.isPending() || theirs.isPending() || mine.frames != theirs.frames || isKeptApart(mine, theirs)) {
      ++other;
      continue;
    }
    mine.mask |= theirs.mask;
    mine.state = Split::State::Runs;
    splits.erase(splits.begin() + other);
    running -= other < running;
    isChanged = true;
  }
  return isChanged;
}

/// Chooses the split that runs next. Without one that can, the running one stays, and its state says why.
void Warp::pick() {
  if (block.launch.isAdverseNow()) {
    pickAdversely();
    return;
  }
  size_t best = splits.size();
  bool isFair = turn == 0 && sinceTurn >= kTurn + block.random() % kTurn;
  if (turn) {
    --turn;
    if (splits[running].state == Split::State::Runs)
      return;
  }
  splits[running].lastRun = clock;
  for (size_t i = 0; i != splits.size(); ++i) {
    if (splits[i].state != Split::State::Runs)
      continue;
    if (best == splits.size() ||
        (isFair ? splits[i].lastRun < splits[best].lastRun : isBehind(splits[i], splits[best])))
      best = i;
  }
  ++sinceTurn;
  if (isFair) {
    turn = kTurn;
    sinceTurn = 0;
  }
  if (best != splits.size() && best != running) {
    running = best;
    load();
  }
}

bool Warp::run(unsigned budget) {
  if (splits.empty())
    return false;
  bool hasRun = !copies.isEmpty();
  if (!copies.progress(*this))
    return false;
  if (block.launch.isAdverseNow())
    disturb();
  while (budget--) {
    if (splits.size() > 1)
      pick();
    if (splits[running].state != Split::State::Runs)
      return hasRun;
    Frame &last = top();
    const Op &op = last.code->ops[last.pc];
    Mask mask = splits[running].mask;
    if (op.guard >= 0) {
      Mask holds = op.isGuardNegated ? ~predicateFrame[op.guard] : predicateFrame[op.guard];
      if (init && !init->guard(op, last.code->flows[last.pc], mask))
        return false;
      if (!(holds & mask)) {
        if (LLVM_UNLIKELY(block.launch.isMonitored))
          observe(op, last.code->flows[last.pc], 0);
        ++last.pc;
        ++block.statistics.warpInstructions;
        hasRun = true;
        if (splits.size() > 1 && merge())
          load();
        continue;
      }
      // Lanes that do not execute what needs all others go ahead of them.
      if (op.isConvergent && (mask & ~holds)) {
        cut(mask & ~holds, last.pc + 1);
        mask &= holds;
        continue;
      }
      mask &= holds;
    }
    ++clock;
    const Dataflow &flow = last.code->flows[last.pc];
    if (init && !init->before(op, flow, mask))
      return false;
    Step step = op.execute(*this, op, mask);
    if (step <= Step::Moved) {
      hasRun = true;
      ++block.statistics.warpInstructions;
      block.statistics.threadInstructions += llvm::popcount(mask);
    }
    switch (step) {
    case Step::Next:
      // Groups of lanes may have been told to come back later.
      mask &= splits[running].mask;
      if (init && !init->after(op, flow, mask))
        return false;
      ++top().pc;
      if (LLVM_UNLIKELY(block.launch.isMonitored)) {
        observe(op, flow, mask);
        if (asksInVain && endsTurn())
          budget = 0;
      }
      break;
    case Step::Moved:
      if (flow.isCall)
        mask &= splits[running].mask;
      if (LLVM_UNLIKELY(block.launch.isMonitored))
        observe(op, flow, mask);
      if (!splits.empty())
        load();
      break;
    case Step::Blocked:
      if (splits[running].state == Split::State::AwaitsBarrier)
        for (Observer *observer : block.launch.observers)
          observer->waits(*this, op, mask & splits[running].mask);
      // Arriving at a barrier is progress.
      hasRun |= splits[running].state != Split::State::AwaitsLanes;
      if (splits.size() > 1 && merge())
        load();
      // Those who are on their way come first: then a report says where everybody is, whatever the order was.
      if (block.launch.options.checks.sync &&
          llvm::none_of(splits, [](const Split &split) { return split.state == Split::State::Runs; }) && reportApart())
        return false;
      continue;
    case Step::Failed:
      return false;
    }
    if (splits.empty())
      return true;
    if (splits.size() > 1 && merge())
      load();
  }
  // Splits that have found out that they wait may have used up the turn of one that need not.
  return hasRun || llvm::any_of(splits, [](const Split &split) { return split.state == Split::State::Runs; });
}

void Warp::observe(const Op &op, const Dataflow &flow, Mask lanes) {
  Launch &launch = block.launch;
  for (Observer *observer : launch.observers)
    observer->executed({*this, op, flow, lanes, launch.accesses});
  launch.accesses.clear();
}

/// Lanes of the running split go to `target`; the others stay.
void Warp::cut(Mask lanes, uint32_t target) {
  Split &split = splits[running];
  Split other = split;
  other.mask = lanes;
  other.frames.back().pc = target;
  other.lastRun = clock;
  split.mask &= ~lanes;
  // Somewhere behind: the running one keeps its index.
  splits.push_back(std::move(other));
}

Step Warp::branch(Mask taken, uint32_t target) {
  if (taken == splits[running].mask) {
    top().pc = target;
    return Step::Moved;
  }
  uint32_t next = top().pc + 1;
  cut(taken, target);
  top().pc = next;
  return Step::Moved;
}

Step Warp::branchByLane(Mask taken, const uint32_t (&targets)[kLanes]) {
  Split &split = splits[running];
  uint32_t next = split.frames.back().pc + 1;
  if (Mask stays = split.mask & ~taken)
    cut(stays, next);
  Mask left = taken;
  while (true) {
    uint32_t target = targets[llvm::countr_zero(left)];
    Mask same = 0;
    for (unsigned lane = 0; lane != kLanes; ++lane)
      same |= Mask((left >> lane & 1) && targets[lane] == target) << lane;
    left &= ~same;
    if (!left) {
      top().pc = target;
      return Step::Moved;
    }
    cut(same, target);
  }
}

uint64_t Warp::stateOf(const Split &split) const {
  uint64_t state = split.mask;
  auto add = [&state](uint64_t value) { state = (state ^ value) * 0x9e3779b97f4a7c15 + (state >> 29); };
  for (const Frame &frame : split.frames) {
    add(llvm::bit_cast<uintptr_t>(frame.code));
    add(frame.pc);
  }
  const Frame &last = split.frames.back();
  for (unsigned slot = 0; slot != last.registers + last.code->registers; ++slot)
    for (Mask left = split.mask; left; left &= left - 1)
      add(registers[slot].v[llvm::countr_zero(left)]);
  for (unsigned slot = 0; slot != last.predicates + last.code->predicates; ++slot)
    add(predicates[slot] & split.mask);
  add(carryFlags & split.mask);
  return state >> 2;
}

Step Warp::awaitBarrier(uint32_t barrier) {
  Split &split = splits[running];
  split.state = Split::State::AwaitsBarrier;
  split.barrier = barrier;
  return Step::Blocked;
}

void Warp::wake(unsigned name) {
  const Block::Barrier &barrier = block.barriers[name];
  for (Split &split : splits)
    if (split.state == Split::State::AwaitsBarrier && split.barrier == name) {
      split.state = Split::State::Runs;
      split.isReleased = true;
      split.count = barrier.count;
      split.all = barrier.all;
      split.any = barrier.any;
    }
}

//===----------------------------------------------------------------------===//
// calls
//===----------------------------------------------------------------------===//

Step Warp::call(const Code &callee, const CallSite &site, Mask mask) {
  if (mask != splits[running].mask)
    cut(splits[running].mask & ~mask, top().pc + 1);
  const Frame caller = top();
  if (splits[running].frames.size() >= kMostCalls)
    return fail(caller.code->ops[caller.pc], llvm::countr_zero(mask),
                "more than " + llvm::Twine(kMostCalls) + " calls are nested; does the recursion end?");
  Frame inner{&callee,
              0,
              caller.registers + caller.code->registers,
              caller.predicates + caller.code->predicates,
              caller.local + caller.code->localBytes,
              &site};
  const Signature &signature = callee.syntax->signature;
  for (auto [i, from] : llvm::enumerate(site.arguments))
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      if (!(mask >> lane & 1))
        continue;
      uint64_t bytes = site.argumentBytes(signature.params[i]);
      char *source = local(lane, caller.local + from, bytes),
           *target = local(lane, inner.local + callee.params[i], bytes);
      if (!source || !target)
        return Step::Failed;
      std::memcpy(target, source, bytes);
    }
  if (!stackTops.empty() && !enterStack(inner, mask))
    return Step::Failed;
  splits[running].frames.push_back(inner);
  reserve(inner);
  if (init)
    init->call(inner, caller, mask);
  load();
  return Step::Moved;
}

/// `ret` and `exit`. The results of a function go to where its caller wants them.
Step Warp::leave(Mask mask, bool isExit) {
  Split &split = splits[running];
  if (isExit || split.frames.size() == 1) {
    // Copies that nobody waits for end all the same.
    if (!copies.finish(*this, mask, 0, /*isAll=*/true))
      return Step::Failed;
    alive &= ~mask;
    if (mask == split.mask) {
      splits.erase(splits.begin() + running);
      running = 0;
    } else {
      split.mask &= ~mask;
      ++split.frames.back().pc;
    }
    // Whoever waits for these lanes waits no longer.
    for (Split &other : splits)
      if (other.state == Split::State::AwaitsLanes)
        other.state = Split::State::Runs;
    block.settleBarriers();
    return Step::Moved;
  }
  if (mask != split.mask) {
    cut(split.mask & ~mask, split.frames.back().pc + 1);
  }
  Split &leaving = splits[running];
  const Frame inner = leaving.frames.back();
  leaving.frames.pop_back();
  Frame &caller = leaving.frames.back();
  const Signature &signature = inner.code->syntax->signature;
  for (auto [i, to] : llvm::enumerate(inner.site->results))
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      if (!(mask >> lane & 1))
        continue;
      uint64_t bytes = signature.results[i].size;
      char *source = local(lane, inner.local + inner.code->results[i], bytes),
           *target = local(lane, caller.local + to, bytes);
      if (!source || !target)
        return Step::Failed;
      std::memcpy(target, source, bytes);
      if (init)
        init->copyLocal(lane, inner.local + inner.code->results[i], caller.local + to, bytes);
    }
  ++caller.pc;
  return Step::Moved;
}

//===----------------------------------------------------------------------===//
// reports
//===----------------------------------------------------------------------===//

std::string Warp::threadName(unsigned lane) const {
  return ptx::threadName(block.launch, block.number, index * kLanes + lane);
}

std::string Warp::placeOf(const Split &split) const {
  const Frame &last = split.frames.back();
  return placeWithWords(block.launch.program, last.code->ops[last.pc]);
}

std::string Warp::describeError(const Op &op, unsigned lane, const llvm::Twine &message,
                                const llvm::Twine &more) const {
  std::string text = tilec::sim::ptx::placeOf(block.launch.program, op.syntax) + ": error: " + message.str();
  if (op.syntax)
    text += "\n  by '" + op.syntax->spelling() + "'";
  return text + " in kernel '" + block.launch.kernel.syntax->name.str() + "', " + threadName(lane) + more.str();
}

Step Warp::fail(const Op &op, unsigned lane, const llvm::Twine &message, const llvm::Twine &more) {
  if (!block.launch.isOver(block.number))
    block.launch.fail(block.number, describeError(op, lane, message, more));
  return Step::Failed;
}
