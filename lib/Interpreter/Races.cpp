//===- Races.cpp - conflicting accesses without an order ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The shadow of memory. An access may be forgotten where whatever races with it races with a later one, too: a weak
/// write that comes after it stands for it, and so does an access of the same kind further down its chain.
//
//===----------------------------------------------------------------------===//
#include "Races.h"

using namespace tilec;
using namespace tilec::interpreter;

RaceDetector::RaceDetector() : accesses(1), iterations(1) {}

//===----------------------------------------------------------------------===//
// arrays and accesses
//===----------------------------------------------------------------------===//

void RaceDetector::addArguments(llvm::ArrayRef<Array *> arrays) {
  // By place in memory, runs of spans that touch one another.
  llvm::SmallVector<Array *> sorted(arrays);
  llvm::sort(sorted, [](Array *x, Array *y) { return x->span() < y->span(); });
  const char *end = nullptr;
  Array *previous = nullptr;
  for (Array *array : sorted) {
    bool overlaps = previous && array->span().first < end;
    if (!overlaps)
      shadows.push_back(std::make_unique<Shadow>());
    array->shadow = shadows.back().get();
    array->sharesMemory = overlaps || !array->isCompact();
    if (overlaps)
      previous->sharesMemory = true;
    end = overlaps ? std::max(end, array->span().second) : array->span().second;
    previous = array;
  }
}

void RaceDetector::addTemporary(Array &array) {
  shadows.push_back(std::make_unique<Shadow>());
  array.shadow = shadows.back().get();
}

uint32_t RaceDetector::addIteration(IterationInfo info) {
  iterations.push_back(std::move(info));
  return iterations.size() - 1;
}

void RaceDetector::issue(Access &access) {
  // A chain goes on with any access that comes after its last member.
  std::optional<uint32_t> chain;
  if (access.after)
    for (Stamp stamp : access.after->clock.getBeyond())
      if (tails[stamp.chain] == stamp.position)
        chain = stamp.chain;
  if (!chain) {
    chain = tails.size();
    tails.push_back(0);
  }
  access.stamp = {*chain, ++tails[*chain]};
  access.number = accesses.size();
  accesses.push_back({access.op, access.array, access.iteration, access.stamp, access.order, access.scope});
}

void RaceDetector::begin(Access &access) { access.clock = clockOf(access.after); }

//===----------------------------------------------------------------------===//
// what is in a race with what
//===----------------------------------------------------------------------===//

/// Whether each of two atomics is in the scope of the other. Device and system include every iteration of a call.
static bool includeEachOther(const AccessInfo &x, const AccessInfo &y) {
  auto isWide = [](const AccessInfo &access) { return access.scope != tile::MemoryScope::block; };
  return x.iteration == y.iteration || (isWide(x) && isWide(y));
}

std::optional<uint32_t> RaceDetector::findConflict(const Event &event, ShadowCell &cell) {
  const Clock &clock = event.access.clock;
  const AccessInfo &self = accesses[event.access.number];
  auto races = [&](uint32_t number) {
    const AccessInfo &other = accesses[number];
    if (!self.isWeak() && !other.isWeak() && includeEachOther(self, other))
      return false;
    return !clock.covers(other.stamp);
  };
  if (cell.write && races(cell.write))
    return cell.write;
  if (event.writes && !cell.reads.empty() && (!cell.readsCoveredBy || cell.readsCoveredBy != clock.getBase())) {
    if (const uint32_t *found = llvm::find_if(cell.reads, races); found != cell.reads.end())
      return *found;
    auto isInBase = [&](uint32_t number) {
      return (*clock.getBase())[accesses[number].stamp.chain] >= accesses[number].stamp.position;
    };
    if (clock.getBase() && llvm::all_of(cell.reads, isInBase))
      cell.readsCoveredBy = clock.getBase();
  }
  if (!cell.atomics || (!self.isWeak() && self.scope != tile::MemoryScope::block && !cell.atomics->hasBlockScope))
    return std::nullopt;
  if (auto found = llvm::find_if(cell.atomics->writes, races); found != cell.atomics->writes.end())
    return *found;
  if (auto found = llvm::find_if(cell.atomics->reads, races); event.writes && found != cell.atomics->reads.end())
    return *found;
  return std::nullopt;
}

/// Appends an access to those of its kind; it stands for the one before it in its chain.
template <typename Numbers> static void append(Numbers &numbers, uint32_t number, llvm::ArrayRef<AccessInfo> accesses) {
  if (!numbers.empty()) {
    const AccessInfo &last = accesses[numbers.back()], &next = accesses[number];
    if (last.stamp.chain == next.stamp.chain && last.iteration == next.iteration && last.scope == next.scope) {
      numbers.back() = number;
      return;
    }
  }
  numbers.push_back(number);
}

void RaceDetector::record(const Event &event, ShadowCell &cell) {
  uint32_t number = event.access.number;
  if (!event.access.isWeak()) {
    if (!cell.atomics)
      cell.atomics = std::make_unique<ShadowCell::Atomics>();
    append(event.writes ? cell.atomics->writes : cell.atomics->reads, number, accesses);
    cell.atomics->hasBlockScope |= event.access.scope == tile::MemoryScope::block;
    if (event.writes)
      writeAtomically(event, *cell.atomics);
  } else if (event.writes) {
    cell.write = number;
    cell.reads.clear();
    cell.atomics.reset();
  } else {
    append(cell.reads, number, accesses);
    cell.readsCoveredBy = nullptr;
  }
}

std::optional<Race> RaceDetector::perform(Access &access, const Access::Lane &lane, bool reads, bool writes) {
  const Array &array = *access.array;
  int64_t first = array.shadowCell(lane), count = array.sharesMemory ? array.elementBytes() : 1;
  Event event{access, reads, writes};
  std::optional<uint32_t> conflict;
  for (int64_t i = first; i != first + count; ++i) {
    ShadowCell &cell = (*array.shadow)[i];
    if (reads && !access.isWeak() && cell.atomics)
      readAtomically(access, *cell.atomics);
    if (!conflict)
      conflict = findConflict(event, cell);
    record(event, cell);
  }
  if (!conflict)
    return std::nullopt;
  return Race{access.number, *conflict, array.elementName(lane.element)};
}

//===----------------------------------------------------------------------===//
// releases and acquires
//===----------------------------------------------------------------------===//

void RaceDetector::readAtomically(Access &access, const ShadowCell::Atomics &atomics) {
  using Result = AtomicRead::Result;
  const AccessInfo &self = accesses[access.number];
  for (const ShadowCell::Release &release : atomics.releases) {
    const AccessInfo &writer = accesses[release.number];
    bool isOrder = access.acquires() && includeEachOther(self, writer);
    if (isOrder) {
      access.acquired.join(release.clock);
      access.clock.join(release.clock);
    }
    // Parts of one iteration synchronise as well, but reports are about others.
    if (writer.iteration == self.iteration)
      continue;
    if (isOrder)
      note({Result::Order, access.number, release.number, release.clock});
    else
      note({access.acquires() ? Result::NarrowScope : Result::NoAcquire, access.number, release.number, Clock()});
  }
  bool readsOther = atomics.lastWrite && accesses[atomics.lastWrite].iteration != self.iteration;
  if (access.acquires() && atomics.releases.empty() && readsOther)
    note({Result::NoRelease, access.number, atomics.lastWrite, Clock()});
}

void RaceDetector::writeAtomically(const Event &event, ShadowCell::Atomics &atomics) {
  const Access &access = event.access;
  atomics.lastWrite = access.number;
  // What an atomic makes from a value passes on the releases behind it; a store ends them.
  if (!event.reads)
    atomics.releases.clear();
  if (!access.releases())
    return;
  Clock clock = access.clock;
  clock.add(access.stamp);
  // Whoever reads from this one is after those that it is after.
  if (access.scope != tile::MemoryScope::block)
    llvm::erase_if(atomics.releases,
                   [&](const ShadowCell::Release &other) { return clock.covers(accesses[other.number].stamp); });
  atomics.releases.push_back({access.number, std::move(clock)});
}

void RaceDetector::note(AtomicRead read) {
  // Reports need an example, not all: loops that wait read again and again.
  constexpr size_t kMax = 16;
  std::vector<AtomicRead> &reads = atomicReads[accesses[read.reader].iteration];
  auto isSame = [&](const AtomicRead &other) {
    return other.result == read.result && accesses[other.reader].op == accesses[read.reader].op &&
           accesses[other.writer].iteration == accesses[read.writer].iteration;
  };
  if (auto found = llvm::find_if(reads, isSame); found != reads.end())
    *found = std::move(read);
  else if (reads.size() < kMax)
    reads.push_back(std::move(read));
}

const AtomicRead *RaceDetector::findAtomicRead(uint32_t earlier, uint32_t later) const {
  auto found = atomicReads.find(accesses[later].iteration);
  if (found == atomicReads.end() || accesses[earlier].iteration == accesses[later].iteration)
    return nullptr;
  const AtomicRead *best = nullptr;
  for (const AtomicRead &read : found->second)
    if (accesses[read.writer].iteration == accesses[earlier].iteration &&
        (!best || best->result == AtomicRead::Result::Order))
      best = &read;
  return best;
}
