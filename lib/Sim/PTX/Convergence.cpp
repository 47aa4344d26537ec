//===- Convergence.cpp - lanes that come together ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An instruction with `.sync` waits for the living lanes of its member mask, one with `.aligned` for all lanes of the
// warp. That some have not come says nothing: they may be late. It is a mistake where they cannot come any more, since
// they wait themselves, at another place, for those who wait for them.

#include "Reports.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace tilec::sim::ptx;
using llvm::Twine;

/// Most other places that a report names.
static constexpr unsigned kMostPlaces = 4;

//===----------------------------------------------------------------------===//
// waiting
//===----------------------------------------------------------------------===//

bool Warp::converge(Mask members) {
  Split &split = splits[running];
  if (!(members & alive & ~split.mask))
    return true;
  split.state = Split::State::AwaitsLanes;
  for (Mask left = split.mask; left; left &= left - 1)
    awaited[llvm::countr_zero(left)] = members;
  return false;
}

/// The lanes of `mask` whose member mask is that of the first one.
static Mask sameMembers(Mask mask, const Lanes &members) {
  Mask wanted = members.v[llvm::countr_zero(mask)], same = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane)
    same |= Mask((mask >> lane & 1) && Mask(members.v[lane]) == wanted) << lane;
  return same;
}

std::optional<Meeting> Warp::gather(const Op &op, Mask mask, const Lanes &members, Step &step,
                                    llvm::function_ref<void(Lanes &)> offer) {
  if (Split &split = splits[running]; split.meeting) {
    // An instruction may be executed again, on other operands, and is at the same time then.
    if (!split.metAt || split.metAt == clock) {
      split.metAt = clock;
      // A part of who met may have been cut off since.
      Meeting met = *split.meeting;
      met.here = mask;
      return met;
    }
    split.meeting = nullptr;
  }
  Mask complete = 0;
  for (Mask left = mask; left;) {
    Mask wanted = members.v[llvm::countr_zero(left)], group = sameMembers(left, members);
    left &= ~group;
    if (Mask outside = group & ~wanted) {
      step = fail(op, llvm::countr_zero(outside),
                  "sync: the thread is not in the member mask 0x" + Twine::utohexstr(wanted) + " that it gives",
                  "\n  the bits of a member mask are the threads that execute the instruction together");
      return std::nullopt;
    }
    if (!complete && !(wanted & alive & ~group))
      complete = group;
  }
  // Groups with masks of their own take turns.
  if (complete) {
    if (mask != complete)
      separate(mask & ~complete);
    return Meeting{complete, complete, nullptr};
  }
  offer(offered);
  for (Mask left = mask; left; left &= left - 1)
    awaited[llvm::countr_zero(left)] = members.v[llvm::countr_zero(left)];
  for (Mask left = mask; left;) {
    Mask wanted = members.v[llvm::countr_zero(left)], group = sameMembers(left, members);
    left &= ~group;
    if (!meet(op, wanted, group))
      continue;
    Meeting met = *splits[running].meeting;
    met.isNew = true;
    return met;
  }
  splits[running].state = Split::State::AwaitsLanes;
  step = Step::Blocked;
  return std::nullopt;
}

/// Whether two instructions are for one group of threads, wherever they stand.
static bool areOfOneKind(const Op &op, const Op &other) {
  return &op == &other || (op.syntax && other.syntax && op.syntax->opcode == other.syntax->opcode &&
                           op.syntax->modifiers == other.syntax->modifiers);
}

/// Whether all members that are not here wait with the same mask at other places. If so, all of them may go on, and
/// those of the running split that are not meant become one of their own.
bool Warp::meet(const Op &op, Mask wanted, Mask here) {
  auto partOf = [&](size_t index) {
    const Split &split = splits[index];
    Mask part = 0;
    if (index == running || split.state != Split::State::AwaitsLanes || !areOfOneKind(opOf(split), op))
      return part;
    for (Mask left = split.mask & wanted; left; left &= left - 1)
      part |= Mask(awaited[llvm::countr_zero(left)] == wanted) << llvm::countr_zero(left);
    return part;
  };
  Mask elsewhere = 0;
  for (size_t i = 0; i != splits.size(); ++i)
    elsewhere |= partOf(i);
  if (wanted & alive & ~(here | elsewhere))
    return false;
  auto values = std::make_shared<const Lanes>(offered);
  auto release = [&](Split &split, Mask lanes) {
    split.mask = lanes;
    split.state = Split::State::Runs;
    split.meeting = std::make_shared<const Meeting>(Meeting{lanes, wanted & alive, values, /*isNew=*/false});
    split.metAt = 0;
  };
  for (size_t i = 0, count = splits.size(); i != count; ++i) {
    Mask part = partOf(i);
    if (!part)
      continue;
    if (Mask rest = splits[i].mask & ~part) {
      Split others = splits[i];
      others.mask = rest;
      splits.push_back(std::move(others));
    }
    release(splits[i], part);
  }
  if (Mask rest = splits[running].mask & ~here)
    separate(rest);
  release(splits[running], here);
  splits[running].metAt = clock;
  return true;
}

//===----------------------------------------------------------------------===//
// waiting for ever
//===----------------------------------------------------------------------===//

const Split &Warp::splitOf(unsigned lane) const {
  return *llvm::find_if(splits, [&](const Split &split) { return split.mask >> lane & 1; });
}

const Op &Warp::opOf(const Split &split) const {
  const Frame &last = split.frames.back();
  return last.code->ops[last.pc];
}

/// Whether all of a warp execute the instruction together.
static bool isAligned(const Op &op) {
  auto has = [&](llvm::StringRef word) { return llvm::is_contained(op.syntax->modifiers, word); };
  return op.syntax && (has("aligned") || (op.syntax->opcode == "bar" && !has("warp")));
}

/// Whether two lanes that await lanes are there for each other: at one place with one mask, or at two of one kind.
bool Warp::belongTogether(unsigned lane, unsigned other) const {
  const Split &mine = splitOf(lane), &theirs = splitOf(other);
  if (theirs.state != Split::State::AwaitsLanes || awaited[lane] != awaited[other])
    return false;
  return &mine == &theirs || (!isAligned(opOf(mine)) && areOfOneKind(opOf(mine), opOf(theirs)));
}

/// What is said of a barrier of the block, of an instruction of the whole warp, and of one with a member mask.
struct Reason {
  std::string message;
  const char *advice;
};

static Reason explain(const Op &op, const Split &split, unsigned here, Mask members, Mask alive) {
  bool isBarrier = op.syntax->opcode == "barrier" || op.syntax->opcode == "bar";
  std::string count =
      "only " + std::to_string(here) + " of the " + std::to_string(llvm::popcount(members & alive)) + " threads of ";
  const char *others = ", and the others wait for them at another place";
  if (split.state == Split::State::AwaitsBarrier)
    return {count + "the warp are at barrier " + std::to_string(split.barrier) +
                ", which is for all threads of the block" + others,
            "a barrier belongs where all threads of the block come"};
  if (isAligned(op))
    return {count + "the warp are at this .aligned instruction" + others,
            isBarrier ? "a barrier belongs where all threads of the block come, and one with .aligned (all that are "
                        "spelled 'bar' are) is executed by a warp as a whole"
                      : "an .aligned instruction is executed by a warp as a whole: branch around it only on what is "
                        "the same for all its threads"};
  return {count + "member mask 0x" + llvm::utohexstr(members, /*LowerCase=*/true) + " are at this instruction" +
              others + " or with another mask",
          "a member mask names the threads that come to the instruction, each of them with the same mask"};
}

bool Warp::reportApart() {
  Mask waiting = 0, awaitedOf[kLanes] = {};
  for (const Split &split : splits) {
    bool isForAll = split.state == Split::State::AwaitsBarrier && !block.barriers[split.barrier].expected;
    if (split.state != Split::State::AwaitsLanes && !isForAll)
      continue;
    waiting |= split.mask;
    Mask arrived = 0;
    for (const Split &other : splits)
      if (isForAll && other.state == Split::State::AwaitsBarrier && other.barrier == split.barrier)
        arrived |= other.mask;
    for (Mask left = split.mask; left; left &= left - 1) {
      unsigned lane = llvm::countr_zero(left);
      awaitedOf[lane] = isForAll ? alive & ~arrived : awaited[lane] & alive;
      for (Mask others = isForAll ? 0 : awaitedOf[lane]; others; others &= others - 1)
        if (belongTogether(lane, llvm::countr_zero(others)))
          awaitedOf[lane] &= ~(Mask(1) << llvm::countr_zero(others));
    }
  }
  // Who waits for none of those that wait may go on some day, and then those who wait for him.
  for (bool isChanged = true; isChanged;) {
    isChanged = false;
    for (Mask left = waiting; left; left &= left - 1) {
      unsigned lane = llvm::countr_zero(left);
      if (awaitedOf[lane] & waiting)
        continue;
      waiting &= ~(Mask(1) << lane);
      isChanged = true;
    }
  }
  if (!waiting)
    return false;
  // The one that says most: at an instruction for all of the warp, if there is one.
  unsigned culprit = llvm::countr_zero(waiting);
  for (Mask left = waiting; left; left &= left - 1)
    if (isAligned(opOf(splitOf(llvm::countr_zero(left))))) {
      culprit = llvm::countr_zero(left);
      break;
    }
  const Split &split = splitOf(culprit);
  // Of a barrier all that have come are there, at whatever place.
  const bool isAtBarrier = split.state == Split::State::AwaitsBarrier;
  Mask here = isAtBarrier ? alive & ~awaitedOf[culprit] : 0;
  for (Mask left = isAtBarrier ? 0 : split.mask; left; left &= left - 1)
    here |= Mask(awaited[llvm::countr_zero(left)] == awaited[culprit]) << llvm::countr_zero(left);
  Mask members = isAtBarrier ? kAllLanes : awaited[culprit];
  Reason reason = explain(opOf(split), split, llvm::popcount(here), members, alive);
  std::string more;
  unsigned places = 0;
  for (const Split &other : splits) {
    Mask lanes = other.mask & awaitedOf[culprit];
    if (!lanes)
      continue;
    if (++places > kMostPlaces) {
      more += "\n  and others elsewhere";
      break;
    }
    unsigned first = llvm::countr_zero(lanes), threads = llvm::popcount(lanes);
    more += "\n  " + std::to_string(threads) + (threads == 1 ? " thread, " : " threads from ") + threadName(first) +
            (threads == 1 ? ", is at " : " on are at ") + placeOf(other);
    if (other.state == Split::State::AwaitsLanes && awaited[first] != kAllLanes)
      more += ", with member mask 0x" + llvm::utohexstr(awaited[first], /*LowerCase=*/true);
  }
  fail(opOf(split), culprit, "sync: " + reason.message, more + "\n  " + reason.advice);
  return true;
}
