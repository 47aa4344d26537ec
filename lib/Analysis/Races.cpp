//===- Races.cpp - races that follow from the IR alone ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the search for races: all pairs of accesses, in all relations in which instances of them can
// stand. Token order comes from TokenOrder, overlap from Conflicts; what is added here is when overlap makes a race.
//
//===----------------------------------------------------------------------===//

#include "tilec/Analysis/Races.h"

#include "IndexLanes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

static MemoryScope scopeOf(Access access) {
  return TypeSwitch<Operation *, MemoryScope>(access.getOperation())
      .Case<LoadOp, StoreOp, AtomicRMWOp, AtomicCASOp>(
          [](auto op) { return op.getScope().value_or(MemoryScope::block); });
}

/// Whether each iteration of `outer` runs the access once: no branch and no other loop stands between.
static bool standsDirectlyIn(Operation *access, Operation *outer) { return access->getParentOp() == outer; }

/// How many iterations each dim of a loop or grid has, where its bounds are numbers.
static SmallVector<std::optional<int64_t>> countIterations(Operation *loop) {
  SmallVector<std::optional<int64_t>> counts;
  auto add = [&](Value lower, Value upper, Value step) {
    std::optional<int64_t> from = getConstantIntValue(lower), to = getConstantIntValue(upper),
                           by = getConstantIntValue(step);
    bool areKnown = from && to && by && *by != 0;
    counts.push_back(areKnown ? std::optional(std::max<int64_t>(llvm::divideCeilSigned(*to - *from, *by), 0))
                              : std::nullopt);
  };
  if (auto grid = dyn_cast<GridOp>(loop))
    for (auto [lower, upper, step] : llvm::zip_equal(grid.getLower(), grid.getUpper(), grid.getStep()))
      add(lower, upper, step);
  else if (auto sequential = dyn_cast<scf::ForOp>(loop))
    add(sequential.getLowerBound(), sequential.getUpperBound(), sequential.getStep());
  else
    counts.push_back(std::nullopt);
  return counts;
}

/// Whether a loop or grid is known to have one iteration at most.
static bool hasOneIteration(Operation *loop) {
  return llvm::all_of(countIterations(loop), [](std::optional<int64_t> count) { return count && *count <= 1; });
}

/// Whether a loop or grid is known to have two iterations in each dim.
static bool hasTwoIterations(Operation *loop, Conflicts &conflicts) {
  SmallVector<std::optional<int64_t>> counts = countIterations(loop);
  if (counts.size() == 1)
    return conflicts.hasTwoIterations(loop);
  return llvm::all_of(counts, [](std::optional<int64_t> count) { return count && *count >= 2; });
}

/// Whether iterations that meet may differ in a dim that has one iteration only.
static bool hasDimOfOne(Operation *loop) {
  return llvm::any_of(countIterations(loop), [](std::optional<int64_t> count) { return count && *count <= 1; });
}

namespace {
class RaceFinder {
public:
  RaceFinder(KernelOp kernel, Conflicts &conflicts) : order(kernel), conflicts(conflicts) {}

  SmallVector<Race> run() {
    ArrayRef<Access> accesses = order.getAccesses();
    for (auto [number, second] : llvm::enumerate(accesses))
      for (Access first : accesses.take_front(number + 1))
        if (first.writes() || second.writes())
          checkPair(first, second);
    return std::move(races);
  }

private:
  void checkPair(Access first, Access second);
  void checkLanes(Access store);
  void check(Access first, Access second, Race::Kind kind, Operation *loop);
  bool isOrdered(Access first, Access second, Race::Kind kind, Operation *loop) const;
  bool leadsTo(Access earlier, Access later) const;
  bool maySynchronise(Access first, Access second) const;
  Race::Certainty certaintyOf(const Race &race);
  void add(Race race) {
    if (!surest || race.certainty > surest->certainty)
      surest = race;
  }

  TokenOrder order;
  Conflicts &conflicts;
  SmallVector<Race> races;
  /// Of the pair that is being checked.
  std::optional<Race> surest;
};
} // namespace

/// Whether tokens order the two, in the order of the text or, in one iteration, in the other.
bool RaceFinder::isOrdered(Access first, Access second, Race::Kind kind, Operation *loop) const {
  switch (kind) {
  case Race::Kind::Lanes:
  case Race::Kind::Iterations:
    return false;
  case Race::Kind::Carried:
    return order.isOrderedCarried(first, second, loop);
  case Race::Kind::Iteration:
  case Race::Kind::Grids:
    return order.isOrdered(first, second) || order.isOrdered(second, first);
  }
  llvm_unreachable("all kinds are ordered in some way");
}

/// Whether some instance of one is token-ordered before some of the other, or they are one.
bool RaceFinder::leadsTo(Access earlier, Access later) const {
  if (earlier == later || order.isOrdered(earlier, later))
    return true;
  return llvm::any_of(TokenOrder::getCommonLoops(earlier.getOperation(), later.getOperation()),
                      [&](Operation *loop) { return order.isOrderedCarried(earlier, later, loop, Distance::Next); });
}

/// Whether a release that comes after one of the two and an acquire that comes before the other may touch one element.
bool RaceFinder::maySynchronise(Access first, Access second) const {
  auto oneWay = [&](Access from, Access to) {
    return llvm::any_of(order.getAccesses(), [&](Access release) {
      return release.releases() && leadsTo(from, release) && llvm::any_of(order.getAccesses(), [&](Access acquire) {
               return acquire.acquires() && leadsTo(acquire, to) &&
                      Conflicts::mayAlias(release.getArray(), acquire.getArray());
             });
    });
  };
  return oneWay(first, second) || oneWay(second, first);
}

Race::Certainty RaceFinder::certaintyOf(const Race &race) {
  // What decides whether an access happens at all is not known.
  bool isMasked = race.first.getMask() || race.second.getMask();
  if (race.maySynchronise || findOverlap(conflicts, race.first, race.second, race.loop) != Overlap::Must)
    return Race::Certainty::Possible;
  Operation *first = race.first.getOperation(), *second = race.second.getOperation();
  bool isDirect = false;
  if (race.loop) {
    // A condition may hold in one iteration only.
    for (Operation *op : {first, second})
      for (Operation *parent = op->getParentOp(); parent != race.loop; parent = parent->getParentOp())
        if (!isa<scf::ForOp>(parent))
          return Race::Certainty::Possible;
    if (isMasked || isa<scf::WhileOp>(race.loop) || hasDimOfOne(race.loop))
      return Race::Certainty::Possible;
    isDirect = standsDirectlyIn(first, race.loop) && standsDirectlyIn(second, race.loop) &&
               hasTwoIterations(race.loop, conflicts);
  } else if (race.kind == Race::Kind::Grids) {
    auto grid = first->getParentOfType<GridOp>(), other = second->getParentOfType<GridOp>();
    isDirect =
        standsDirectlyIn(first, grid) && standsDirectlyIn(second, other) && grid->getBlock() == other->getBlock();
  } else {
    isDirect = first->getBlock() == second->getBlock();
  }
  return isDirect && !isMasked ? Race::Certainty::Certain : Race::Certainty::IfBothRun;
}

void RaceFinder::check(Access first, Access second, Race::Kind kind, Operation *loop) {
  if (loop && hasOneIteration(loop))
    return;
  if (isOrdered(first, second, kind, loop) || findConflict(conflicts, first, second, loop) == Overlap::Never)
    return;
  Race race{first, second, kind, loop};
  if (first.isAtomic() && second.isAtomic()) {
    // One iteration of a grid is one agent.
    bool isOneAgent =
        first.getOperation()->getParentOfType<GridOp>() == second.getOperation()->getParentOfType<GridOp>() &&
        (kind == Race::Kind::Iteration || (loop && loop->getParentOfType<GridOp>()));
    race.hasNarrowScope = !isOneAgent && llvm::is_contained({scopeOf(first), scopeOf(second)}, MemoryScope::block);
    if (!race.hasNarrowScope)
      return;
  }
  race.maySynchronise = maySynchronise(first, second);
  race.certainty = certaintyOf(race);
  add(race);
}

void RaceFinder::checkLanes(Access store) {
  // Lanes of an atomic store are atomic to each other.
  if (store.isAtomic() || !isa<StoreOp>(store.getOperation()) ||
      conflicts.overlap(store, store, Relation::same()) == Overlap::Never)
    return;
  Race race{store, store, Race::Kind::Lanes};
  std::optional<bool> repeats = doLanesRepeat(store);
  if (repeats && !*repeats)
    return;
  if (repeats && *repeats && !store.getMask())
    race.certainty = Race::Certainty::Certain;
  add(race);
}

void RaceFinder::checkPair(Access first, Access second) {
  surest.reset();
  Operation *a = first.getOperation(), *b = second.getOperation();
  if (first == second)
    checkLanes(first);
  else
    check(first, second,
          a->getParentOfType<GridOp>() == b->getParentOfType<GridOp>() ? Race::Kind::Iteration : Race::Kind::Grids,
          nullptr);
  for (Operation *loop : TokenOrder::getCommonLoops(a, b)) {
    if (isa<GridOp>(loop)) {
      check(first, second, Race::Kind::Iterations, loop);
      continue;
    }
    check(first, second, Race::Kind::Carried, loop);
    if (!(first == second))
      check(second, first, Race::Kind::Carried, loop);
  }
  if (surest)
    races.push_back(*surest);
}

SmallVector<Race> analysis::findRaces(KernelOp kernel, Conflicts &conflicts) {
  return RaceFinder(kernel, conflicts).run();
}
