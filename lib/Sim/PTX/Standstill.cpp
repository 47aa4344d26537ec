//===- Standstill.cpp - threads that wait in loops, for nothing -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Standstill.h"
#include "Warp.h"

using namespace tilec::sim::ptx;

/// How many turns at least are looked at, and what part of those before. A program that computes for long and changes
/// nothing is looked at again when twice as many turns have passed.
static constexpr uint64_t kLooks = 256, kPart = 8;
/// A group seen so often in one state, with instructions between, does not leave it: a jump to itself.
static constexpr unsigned kSightings = 128;

/// So many times must all threads have asked for news, and each again after all others: far more often than programs look
/// at a place which nobody writes and go on then.
static constexpr unsigned kAskedTimes = 1 << 16;

void Standstill::restart(uint64_t changes) {
  askedTimes = 0;
  seenChanges = changes;
  quiet = 0;
  patience = kPatience;
  groups.clear();
}

bool Standstill::look(const Warp &warp, const Split &split) {
  Group &group = groups[{&warp, split.mask}];
  uint64_t state = warp.stateOf(split);
  bool isOld = !group.states.insert(state).second;
  uint64_t progress = warp.progressOf(split);
  if (state != group.last) {
    group.goesAround |= isOld;
    group.sightings = 0;
  } else if (progress != group.progress) {
    group.goesAround |= ++group.sightings >= kSightings;
  }
  group.last = state;
  group.progress = progress;
  return group.goesAround;
}

bool Standstill::haveAskedForLong(llvm::ArrayRef<std::unique_ptr<Block>> blocks) {
  for (const auto &block : blocks)
    for (const auto &warp : block->warps) {
      if (!warp->getCopies().isEmpty())
        return false;
      for (const Split &split : warp->getSplits())
        if (split.state == Split::State::Runs && split.mask & ~warp->getPolls())
          return false;
    }
  for (const auto &block : blocks)
    for (const auto &warp : block->warps)
      warp->forgetPolls();
  return ++askedTimes >= kAskedTimes;
}

bool Standstill::observe(llvm::ArrayRef<std::unique_ptr<Block>> blocks, uint64_t changes) {
  if (changes != seenChanges) {
    restart(changes);
    return false;
  }
  if (haveAskedForLong(blocks))
    return true;
  if (++quiet < patience)
    return false;
  if (quiet >= patience + std::max(kLooks, patience / kPart)) {
    patience = 2 * quiet;
    groups.clear();
    return false;
  }
  bool isStill = !blocks.empty();
  for (const auto &block : blocks)
    for (const auto &warp : block->warps) {
      if (!warp->getCopies().isEmpty())
        return false;
      for (const Split &split : warp->getSplits())
        if (split.state == Split::State::Runs)
          isStill &= look(*warp, split);
    }
  return isStill;
}
