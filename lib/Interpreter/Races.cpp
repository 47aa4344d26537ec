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

void RaceDetector::addArray(llvm::ArrayRef<Array *> group) {
  shadows.push_back(std::make_unique<Shadow>());
  for (Array *array : group)
    array->shadow = shadows.back().get();
}

uint32_t RaceDetector::addIteration(IterationInfo info) {
  iterations.push_back(std::move(info));
  return iterations.size() - 1;
}

void RaceDetector::issue(Access &access) {
  access.number = accesses.size();
  auto add = [&](uint32_t chain) {
    access.stamps.push_back({chain, ++tails[chain]});
    accesses.push_back(
        {access.op, access.array, access.iteration, access.stamps.back(), access.order, access.scope, access.number});
  };
  auto addChain = [&] {
    tails.push_back(0);
    return static_cast<uint32_t>(tails.size() - 1);
  };
  // Who reads one lane of a release is not after the others.
  if (access.releases() && access.lanes.size() > 1) {
    for (size_t i = 0; i != access.lanes.size(); ++i)
      add(addChain());
    return;
  }
  // A chain goes on with any access that comes after its last member.
  if (access.after)
    for (Stamp stamp : access.after->clock.getBeyond())
      if (tails[stamp.chain] == stamp.position)
        return add(stamp.chain);
  add(addChain());
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
  const Clock &clock = *event.clock;
  const AccessInfo &self = accesses[event.number];
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

/// Appends an access to those of its kind. The last of a chain stands for those before it; weak reads may be performed
/// in another order.
template <typename Numbers> static void append(Numbers &numbers, uint32_t number, llvm::ArrayRef<AccessInfo> accesses) {
  if (!numbers.empty()) {
    const AccessInfo &last = accesses[numbers.back()], &next = accesses[number];
    if (last.stamp.chain == next.stamp.chain && last.iteration == next.iteration && last.scope == next.scope) {
      if (last.stamp.position < next.stamp.position)
        numbers.back() = number;
      return;
    }
  }
  numbers.push_back(number);
}

void RaceDetector::record(const Event &event, ShadowCell &cell) {
  uint32_t number = event.number;
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

std::optional<Race> RaceDetector::perform(Access &access, size_t position, bool reads, bool writes) {
  const Array &array = *access.array;
  const Access::Lane &lane = access.lanes[position];
  int64_t first = array.shadowCell(lane), count = array.shadowCellCount();
  uint32_t number = access.number + (access.stamps.size() > 1 ? position : 0);
  // What one lane acquires, the others do not.
  bool acquires = reads && access.acquires();
  Clock own = acquires ? access.clock : Clock();
  Event event{access, number, reads, writes, acquires ? &own : &access.clock};
  std::optional<uint32_t> conflict;
  for (int64_t i = first; i != first + count; ++i) {
    ShadowCell &cell = (*array.shadow)[i];
    if (reads && !access.isWeak() && cell.atomics)
      readAtomically(event, *cell.atomics);
    if (!conflict)
      conflict = findConflict(event, cell);
    record(event, cell);
  }
  if (!conflict)
    return std::nullopt;
  return Race{number, *conflict, array.elementName(lane.element)};
}

//===----------------------------------------------------------------------===//
// releases and acquires
//===----------------------------------------------------------------------===//

void RaceDetector::readAtomically(const Event &event, const ShadowCell::Atomics &atomics) {
  using Result = AtomicRead::Result;
  Access &access = event.access;
  const AccessInfo &self = accesses[event.number];
  // The last one first: where it comes after the others, so does who comes after it.
  for (const ShadowCell::Release &release : llvm::reverse(atomics.releases)) {
    const AccessInfo &writer = accesses[release.number];
    if (!access.acquires()) {
      note({Result::NoAcquire, event.number, release.number, Clock()});
    } else if (!includeEachOther(self, writer)) {
      note({Result::NarrowScope, event.number, release.number, Clock()});
    } else if (!event.clock->covers(writer.stamp)) {
      access.acquired.join(release.clock);
      event.clock->join(release.clock);
      note({Result::Order, event.number, release.number, release.clock});
    }
    if (release.isAfterOthers && event.clock->covers(writer.stamp))
      break;
  }
  if (access.acquires() && atomics.releases.empty() && atomics.lastWrite)
    note({Result::NoRelease, event.number, atomics.lastWrite, Clock()});
}

void RaceDetector::writeAtomically(const Event &event, ShadowCell::Atomics &atomics) {
  atomics.lastWrite = event.number;
  // What an atomic makes from a value passes on the releases behind it; a store ends them.
  if (!event.reads)
    atomics.releases.clear();
  if (!event.access.releases())
    return;
  Clock clock = *event.clock;
  clock.add(accesses[event.number].stamp);
  const ShadowCell::Release *last = atomics.releases.empty() ? nullptr : &atomics.releases.back();
  bool isAfterOthers = !last || (last->isAfterOthers && clock.covers(accesses[last->number].stamp));
  atomics.releases.push_back({event.number, std::move(clock), isAfterOthers});
}

void RaceDetector::note(AtomicRead read) {
  // Reports need an example, not all: loops that wait read again and again.
  constexpr size_t kMax = 16;
  if (accesses[read.reader].iteration == accesses[read.writer].iteration)
    return;
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
