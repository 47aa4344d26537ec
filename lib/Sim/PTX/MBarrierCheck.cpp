//===- MBarrierCheck.cpp - how mbarriers are used ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MBarrierCheck.h"
#include "MBarrier.h"
#include "Reports.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/ADT/bit.h"

#include <cstring>

using namespace tilec::sim::ptx;
using llvm::Twine;

static constexpr uint64_t kBytes = 8;
/// Most ranges of threads that a report names.
static constexpr unsigned kMostRanges = 4;

static unsigned threadOf(const Warp &warp, unsigned lane) { return warp.getIndex() * kLanes + lane; }

std::string MBarrierCheck::nameOf(uint64_t offset) const {
  return "mbarrier " + addressName(block.launch, Space::Shared, nullptr, offset);
}

std::string MBarrierCheck::origin(const Barrier &barrier) const {
  return "\n  " + placeOf(block.launch.program, barrier.op->syntax) + ": note: '" + barrier.op->syntax->spelling() +
         "' of " + threadName(block.launch, block.number, barrier.thread);
}

/// Sets the bounds of all that are valid.
void MBarrierCheck::bound() {
  begin = ~uint64_t(0);
  end = 0;
  for (auto &[offset, barrier] : barriers)
    if (barrier.isValid) {
      begin = std::min(begin, offset);
      end = offset + kBytes;
    }
}

bool MBarrierCheck::init(Warp &warp, const Op &op, unsigned lane, uint64_t offset) {
  Barrier &barrier = barriers[offset];
  if (barrier.isValid) {
    warp.fail(op, lane, "sync: " + nameOf(offset) + " is initialised again, while it is one",
              origin(barrier) + "\n  'mbarrier.inval' comes before its memory is used for anything else, for another "
                                "mbarrier, too; one thread initialises it");
    return false;
  }
  barrier = Barrier();
  barrier.op = &op;
  barrier.thread = threadOf(warp, lane);
  barrier.isValid = true;
  bound();
  return true;
}

bool MBarrierCheck::invalidate(Warp &warp, const Op &op, unsigned lane, uint64_t offset) {
  if (!use(warp, op, lane, offset))
    return false;
  Barrier &barrier = barriers[offset];
  barrier.op = &op;
  barrier.thread = threadOf(warp, lane);
  barrier.isValid = false;
  bound();
  return true;
}

bool MBarrierCheck::use(Warp &warp, const Op &op, unsigned lane, uint64_t offset) {
  auto found = barriers.find(offset);
  if (found != barriers.end() && found->second.isValid)
    return true;
  const bool wasOne = found != barriers.end() && found->second.op;
  warp.fail(op, lane,
            "sync: there is no " + nameOf(offset) + ": it was " + (wasOne ? "invalidated" : "never initialised"),
            (wasOne ? origin(found->second) : std::string()) +
                (wasOne ? "\n  a barrier of the block keeps 'mbarrier.inval' behind the last use by any thread"
                        : "\n  one thread initialises it, and a barrier of the block keeps all others behind that"));
  return false;
}

bool MBarrierCheck::arrive(Warp &warp, const Op &op, unsigned lane, uint64_t offset) {
  Barrier &barrier = barriers[offset];
  if (barrier.phase && !barrier.isWaitedFor) {
    warp.fail(op, lane,
              "sync: an arrival in phase " + Twine(barrier.phase) + " of " + nameOf(offset) +
                  ", and no thread has seen that phase " + Twine(barrier.phase - 1) + " is over",
              origin(barrier) + "\n  each phase is waited for, by one thread at least, before the first arrival of the "
                                "next: a thread that is late would miss it");
    return false;
  }
  barrier.arrived.push_back(threadOf(warp, lane));
  return true;
}

bool MBarrierCheck::ownsState(Warp &warp, const Op &op, unsigned lane, uint64_t offset, uint64_t state) const {
  const uint64_t place = MBarrier::placeOfState(state);
  if (place == offset)
    return true;
  const bool isOfOther = barriers.count(place);
  warp.fail(op, lane,
            "sync: the state that " + nameOf(offset) + " is tested for is " +
                (isOfOther ? "that of " + nameOf(place) : std::string("none that an arrival at it returned")),
            "\n  it is what an arrival at the same mbarrier returned in the current phase or in the one before");
  return false;
}

void MBarrierCheck::complete(uint64_t offset) {
  Barrier &barrier = barriers[offset];
  ++barrier.phase;
  barrier.isWaitedFor = false;
  barrier.arrived.clear();
}

void MBarrierCheck::test(Warp &warp, const Op &op, unsigned lane, uint64_t offset, unsigned parity, bool isOver) {
  if (tests.empty())
    tests.resize(block.warps.size() * kLanes);
  Test &test = tests[threadOf(warp, lane)];
  if (isOver) {
    barriers[offset].isWaitedFor = true;
    test.op = nullptr;
    return;
  }
  test = {&op, offset, block.launch.getChanges(), parity};
}

bool MBarrierCheck::access(Warp &warp, const Op &op, Mask mask, unsigned bytes, const Target (&targets)[kLanes]) {
  if (begin >= end)
    return true;
  for (Mask left = mask; left; left &= left - 1) {
    unsigned lane = llvm::countr_zero(left);
    const Target &target = targets[lane];
    if (target.space != Space::Shared || target.offset >= end || target.offset + bytes <= begin)
      continue;
    auto found = barriers.lower_bound(target.offset >= kBytes ? target.offset - kBytes + 1 : 0);
    for (; found != barriers.end() && found->first < target.offset + bytes; ++found) {
      if (!found->second.isValid)
        continue;
      warp.fail(op, lane, "sync: " + nameOf(found->first) + " is accessed by an instruction that is not for mbarriers",
                origin(found->second) + "\n  'mbarrier.inval' comes before its memory is used for anything else");
      return false;
    }
  }
  return true;
}

/// Threads by ranges of their numbers: `threads 0 to 31 and 40`.
std::string MBarrierCheck::threadsOf(std::vector<unsigned> threads) const {
  llvm::sort(threads);
  std::string text;
  unsigned ranges = 0;
  for (size_t i = 0; i != threads.size();) {
    size_t last = i;
    while (last + 1 != threads.size() && threads[last + 1] <= threads[last] + 1)
      ++last;
    if (ranges == kMostRanges)
      return text + " and others";
    text += (ranges++ ? ", " : "") + std::to_string(threads[i]);
    if (threads[last] != threads[i])
      text += " to " + std::to_string(threads[last]);
    i = last + 1;
  }
  return text;
}

std::string MBarrierCheck::describeWait(const Warp &warp, const Split &split) const {
  if (tests.empty())
    return "";
  // Since nothing changed, who tests again and again has tested.
  const Test &test = tests[threadOf(warp, llvm::countr_zero(split.mask))];
  auto found = barriers.find(test.offset);
  if (!test.op || test.changes != block.launch.getChanges() || found == barriers.end())
    return "";
  const Barrier &barrier = found->second;
  uint64_t bits;
  std::memcpy(&bits, block.shared.data() + test.offset, sizeof bits);
  MBarrier state = MBarrier::decode(bits);
  std::string text = ", until the phase of parity " + std::to_string(test.parity) + " of " + nameOf(test.offset) +
                     " is over, which is in phase " + std::to_string(barrier.phase) + " (parity " +
                     std::to_string(barrier.phase & 1) + ") and awaits " + std::to_string(state.pending) + " of " +
                     std::to_string(state.expected) + " arrivals";
  if (state.transactions)
    text += " and " + std::to_string(state.transactions) + " bytes";
  if (!barrier.arrived.empty())
    text += "; there are threads " + threadsOf(barrier.arrived) + " of the block";
  return text;
}
