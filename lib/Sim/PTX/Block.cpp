//===- Block.cpp - a block of threads ---------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The warps of a block, its shared memory and its barriers (section 9.7.13.1 of the manual).

#include "MBarrierCheck.h"
#include "Races.h"
#include "Reports.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

static std::array<unsigned, 3> idOf(const std::array<unsigned, 3> &grid, uint64_t number) {
  return {unsigned(number % grid[0]), unsigned(number / grid[0] % grid[1]), unsigned(number / grid[0] / grid[1])};
}

Block::Block(Launch &launch, uint64_t number)
    : launch(launch), number(number), id(idOf(launch.shape.grid, number)), random(launch.options.seed, number),
      shared(launch.program.staticShared + launch.shape.dynamicShared, char(0xA5)), sharedDefined(shared.size()) {
  if (launch.races)
    clocks = std::make_unique<BlockClocks>();
  const uint64_t reserved = launch.program.reservedShared;
  std::fill_n(shared.begin(), reserved, 0);
  sharedDefined.define(0, reserved);
  if (launch.options.checks.sync)
    mbarriers = std::make_unique<MBarrierCheck>(*this);
  unsigned threads = launch.shape.block[0] * launch.shape.block[1] * launch.shape.block[2];
  for (unsigned first = 0; first < threads; first += kLanes) {
    unsigned count = std::min(threads - first, kLanes);
    warps.push_back(
        std::make_unique<Warp>(*this, first / kLanes, count == kLanes ? kAllLanes : (Mask(1) << count) - 1));
  }
}

Block::~Block() = default;

bool Block::hasEnded() const {
  return llvm::all_of(warps, [](const auto &warp) { return warp->hasEnded(); });
}

bool Block::runWarp(Warp &warp, unsigned budget) {
  uint64_t left = most > statistics.warpInstructions ? most - statistics.warpInstructions : 0;
  return warp.run(std::min<uint64_t>(budget, left));
}

bool Block::run() {
  if (launch.isAdverseNow())
    return runAdversely();
  bool hasRun = false;
  // Any order of turns is legal; which one is the seed's choice.
  size_t first = random() % warps.size();
  for (size_t i = 0; i != warps.size() && !launch.isOver(number); ++i) {
    Warp &warp = *warps[(first + i) % warps.size()];
    if (!warp.hasEnded())
      hasRun |= runWarp(warp, 1 + random() % launch.schedule.budget);
  }
  return hasRun;
}

unsigned Block::livingThreads() const {
  unsigned count = 0;
  for (const auto &warp : warps)
    count += llvm::popcount(warp->getAlive());
  return count;
}

void Block::Barrier::note(const Op &op, unsigned thread, Mask mask, size_t warps) {
  if (!first) {
    first = &op;
    firstThread = thread;
    lanes.assign(warps, 0);
  }
  lanes[thread / kLanes] |= mask;
  waiting += op.mode == 1 ? 0 : llvm::popcount(mask);
}

void Block::arrive(Barrier &barrier, unsigned threads, unsigned expected) {
  barrier.arrived += threads;
  barrier.expected = expected;
  settleBarriers();
}

void Block::settleBarriers() {
  launch.recordChange();
  for (auto [name, barrier] : llvm::enumerate(barriers)) {
    if (!barrier.arrived || barrier.arrived < (barrier.expected ? barrier.expected : livingThreads()))
      continue;
    if (launch.races)
      launch.races->completeBarrier(*this, name, /*isForAll=*/!barrier.expected);
    for (auto &warp : warps)
      warp->wake(name);
    Barrier next;
    next.lanes = std::move(barrier.lanes);
    barrier = std::move(next);
  }
}

bool Block::reportApart() {
  return launch.options.checks.sync && llvm::any_of(warps, [](const auto &warp) { return warp->reportApart(); });
}

std::string Block::describeThreads(bool isStill) const {
  std::string text;
  unsigned count = 0;
  for (const auto &warp : warps)
    for (const Split &split : warp->getSplits()) {
      if (++count > 8)
        continue;
      unsigned threads = llvm::popcount(split.mask);
      text += "\n  " + std::to_string(threads) + (threads == 1 ? " thread" : " threads") + " from " +
              warp->threadName(llvm::countr_zero(split.mask));
      const bool isInLoop = isStill && split.state == Split::State::Runs;
      if (!isStill && split.state == Split::State::Runs) {
        text += " on are at " + warp->placeOf(split);
        continue;
      }
      // Of a loop the instruction that asks, which is the same wherever the threads are in it.
      const Op *asks = isInLoop ? warp->getAskedBy(split) : nullptr;
      text += " on wait at " + (asks ? placeWithWords(launch.program, *asks) : warp->placeOf(split));
      if (split.state == Split::State::AwaitsBarrier) {
        const Barrier &barrier = barriers[split.barrier];
        text += ", barrier " + std::to_string(split.barrier) + ", where " + std::to_string(barrier.arrived) + " of " +
                std::to_string(barrier.expected ? barrier.expected : livingThreads()) + " threads are";
      } else if (split.state == Split::State::AwaitsLanes) {
        text += ", for other threads of the warp";
      } else {
        std::string wait = mbarriers ? mbarriers->describeWait(*warp, split) : std::string();
        text += wait.empty() ? ", in a loop until memory changes" : wait;
      }
    }
  if (count > 8)
    text += "\n  and " + std::to_string(count - 8) + " more groups of threads";
  return text;
}
