//===- Races.cpp - accesses that nothing orders -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each access is compared with the records of the words it touches, and becomes a record itself. Records are exact, but
// few: lanes and warps that access a word in the same way, between two events by which others may learn what they did,
// are one record with the later time.

#include "Races.h"
#include "Execute.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

using namespace tilec::sim::ptx;

/// Most accesses to a cell of one block that are kept; then the oldest is forgotten.
static constexpr size_t kMostRecords = 32;

namespace tilec::sim::ptx {
/// One access of the lanes of a warp.
struct RaceAccess {
  Races &races;
  Warp &warp;
  const Op &op;
  const Access &access;
  unsigned bytes;
  const Target (&targets)[kLanes];
  WarpClocks &clocks;
  uint32_t block;
  Mask warpBit;
  Time lastPublished;
  Touch touch;
  /// The lane whose target is looked at; what a warp does as a whole has no target for each lane.
  mutable unsigned current = 0;
  /// The cell that is looked at.
  mutable ShadowPage *page = nullptr;
  mutable unsigned index = 0;
  /// A number for what each lane accesses; see numberPlaces.
  alignas(64) uint32_t places[kLanes] = {};

  bool isOwn(const Record &record) const { return record.block == block && record.warps == warpBit; }
  /// Whether all of the warp surely knows of a record; false where it is not that simple.
  bool isPast(const Record &record, Mask lanes) const {
    return record.block == block && !record.isEngine &&
           (record.time <= clocks.leastBlock ||
            (record.warps == warpBit && (record.lanes == lanes || record.time <= clocks.leastWarp)));
  }
  bool isKnown(const Record &record, unsigned lane, unsigned &culprit) const;
  bool isMorallyStrong(const Record &other) const;
  bool hasObserved(const Record &write, unsigned lane) const;
  bool covers(const Record &other) const;
  bool writesTheSame(const Record &other, unsigned lane, unsigned offset) const;

  void fill(Record &record, Mask lanes) const {
    record.time = races.now;
    record.op = std::min<uint64_t>(op.number, Record::kMostOps);
    record.touch = static_cast<uint64_t>(touch);
    record.isEngine = access.isAsync;
    record.hasMore = record.hasOther = false;
    record.block = block;
    record.lanes = lanes;
    record.warps = warpBit;
  }
  bool mayMerge(const Record &record) const {
    return record.block == block && record.touch == static_cast<uint64_t>(touch) && record.isEngine == access.isAsync &&
           (record.time > lastPublished || record.time == races.now) &&
           (touch == Touch::WeakRead ? !access.isAsync || record.time == races.now : record.op == op.number);
  }
  bool touchFast(ShadowPage &page, unsigned index, Mask lanes) const;
  void touchSlowly(ShadowPage &page, unsigned index, Mask lanes, unsigned offset) const;
  void compare(const Record &record, Mask lanes, unsigned offset) const;
  void remember(ShadowPage &page, unsigned index, Mask lanes) const;
  void touchWord(ShadowPage &page, unsigned word, Mask lanes, unsigned offset) const;
  void touchPart(ShadowPage &page, uint64_t at, Mask lanes, unsigned offset) const;
  bool numberPlaces(Mask mask);
  Mask sameAddress(unsigned lane, Mask lanes) const;
  void run(Mask mask);
};
} // namespace tilec::sim::ptx

//===----------------------------------------------------------------------===//
// comparing
//===----------------------------------------------------------------------===//

/// Whether all that a record says comes before what a lane does now. Where not, `culprit` is a thread of the other
/// warp or block that it does not know: the warp's number times 32 plus the lane.
bool RaceAccess::isKnown(const Record &record, unsigned lane, unsigned &culprit) const {
  const ViewRef &view = clocks.views[lane];
  bool isMine = record.block == block;
  if (!record.isEngine && record.time <= (isMine ? clocks.blockFloor[lane] : View::ofBlock(view, record.block)))
    return true;
  for (Mask warps = record.warps; warps; warps &= warps - 1) {
    unsigned index = llvm::countr_zero(warps);
    bool isMyWarp = isMine && index == warp.getIndex();
    Mask lanes = record.lanes;
    if (record.isEngine) {
      for (; lanes; lanes &= lanes - 1)
        if (View::ofEngine(view, record.block, index, llvm::countr_zero(lanes)) < record.time) {
          culprit = index * kLanes + llvm::countr_zero(lanes);
          return false;
        }
      continue;
    }
    if (isMyWarp)
      lanes &= ~(Mask(1) << lane);
    if (!lanes || record.time <= (isMyWarp ? clocks.warpFloor[lane] : View::ofWarp(view, record.block, index)))
      continue;
    for (; lanes; lanes &= lanes - 1)
      if (View::of(view, record.block, index, llvm::countr_zero(lanes)) < record.time) {
        culprit = index * kLanes + llvm::countr_zero(lanes);
        return false;
      }
  }
  return true;
}

/// Section 8.7: both strong, each in the other's scope, and of all of the same bytes, for which their size is enough,
/// since addresses are multiples of it.
bool RaceAccess::isMorallyStrong(const Record &other) const {
  bool bothStrong = (other.getTouch() == Touch::StrongRead || other.getTouch() == Touch::StrongWrite) &&
                    (touch == Touch::StrongRead || touch == Touch::StrongWrite);
  if (!bothStrong)
    return false;
  const Races::Facts &mine = races.facts[op.number], &theirs = races.facts[other.op];
  auto includes = [&](Scope scope) { return scope >= Scope::Device || other.block == block; };
  return includes(mine.scope) && includes(theirs.scope) && mine.scalar == theirs.scalar;
}

/// Whether a lane has read, by a strong access in the scope of the write, what a strong write wrote, or what replaced
/// it: the write then comes before what the lane does, even without an acquire (sections 8.9.2 and 8.9.5). What
/// replaced it is taken for read-modify-writes.
bool RaceAccess::hasObserved(const Record &write, unsigned lane) const {
  if (write.getTouch() != Touch::StrongWrite || write.isEngine)
    return false;
  const Races::Facts &theirs = races.facts[write.op];
  auto observes = [&](const Record &read) {
    if (read.isEmpty() || read.block != block || !(read.warps & warpBit) || !(read.lanes >> lane & 1) ||
        read.time <= write.time)
      return false;
    const Races::Facts &mine = races.facts[read.op];
    auto includes = [&](Scope scope) { return scope >= Scope::Device || write.block == block; };
    return (read.getTouch() == Touch::StrongRead || (read.getTouch() == Touch::StrongWrite && mine.isAtomic)) &&
           includes(mine.scope) && includes(theirs.scope) && mine.scalar == theirs.scalar;
  };
  const Record &first = page->cell(index).access;
  if (observes(first) || (first.hasOther && observes(page->other(index))))
    return true;
  return first.hasMore && llvm::any_of(page->more[index], observes);
}

/// Whether whoever is not ordered with an earlier access is not ordered with this one and conflicts with it, if this
/// comes after the earlier one.
bool RaceAccess::covers(const Record &other) const {
  switch (other.getTouch()) {
  case Touch::WeakRead:
    return touch == Touch::WeakRead || touch == Touch::WeakWrite;
  case Touch::StrongRead:
    return touch != Touch::WeakRead &&
           (touch == Touch::WeakWrite || races.facts[op.number].scope <= races.facts[other.op].scope);
  case Touch::StrongWrite:
    return touch == Touch::WeakWrite ||
           (touch == Touch::StrongWrite && races.facts[op.number].scope <= races.facts[other.op].scope);
  case Touch::WeakWrite:
    return touch == Touch::WeakWrite;
  }
  llvm_unreachable("all kinds are there");
}

/// Whether a write of the same block leaves what the other one left: `found = true`, by whoever found something.
/// Between blocks it is more often a mistake in who writes what.
bool RaceAccess::writesTheSame(const Record &other, unsigned lane, unsigned offset) const {
  if (!access.value || access.isCollective || other.isEngine || access.isAsync || other.block != block)
    return false;
  unsigned count = std::min(4u, bytes - offset);
  char mine[64], theirs[64];
  access.value(lane, mine);
  if (other.time != races.now)
    return !std::memcmp(mine + offset, targets[lane].data + offset, count);
  // Of this instruction: the other lane has not written yet.
  unsigned otherLane = llvm::countr_zero(other.lanes);
  uint64_t distance = targets[lane].offset + offset - targets[otherLane].offset;
  if (distance > bytes || distance + count > bytes)
    return false;
  access.value(otherLane, theirs);
  return !std::memcmp(mine + offset, theirs + distance, count);
}

void RaceAccess::compare(const Record &record, Mask lanes, unsigned offset) const {
  bool isRead = touch == Touch::WeakRead || touch == Touch::StrongRead;
  bool wasRead = record.getTouch() == Touch::WeakRead || record.getTouch() == Touch::StrongRead;
  if (record.isEmpty() || (isRead && wasRead) || isMorallyStrong(record))
    return;
  // One after another of what the warp does as a whole.
  if (access.isCollective && isOwn(record) && record.lanes == lanes && !record.isEngine)
    return;
  for (; lanes; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes), culprit = 0;
    if (isKnown(record, lane, culprit) || hasObserved(record, lane))
      continue;
    if (touch == Touch::WeakWrite && record.getTouch() == Touch::WeakWrite && writesTheSame(record, lane, offset))
      continue;
    races.report(warp, op, lane, access, targets[access.isCollective ? current : lane], offset, record, culprit);
    return;
  }
}

//===----------------------------------------------------------------------===//
// remembering
//===----------------------------------------------------------------------===//

/// The common cases, in which only the first records of a cell matter. False where nothing was done.
bool RaceAccess::touchFast(ShadowPage &page, unsigned index, Mask lanes) const {
  Cell &cell = page.cell(index);
  Record &write = cell.write, &record = cell.access;
  if (write.isSplit || (!write.isEmpty() && !isPast(write, lanes)) || access.isAsync)
    return false;
  if (touch == Touch::WeakWrite) {
    if (!record.isEmpty() && (record.hasMore || record.hasOther || !isPast(record, lanes)))
      return false;
    fill(write, lanes);
    record = Record();
    return true;
  }
  if (touch != Touch::WeakRead)
    return false;
  if (record.isEmpty()) {
    fill(record, lanes);
    return true;
  }
  if (record.hasMore || record.isEngine || record.getTouch() != Touch::WeakRead)
    return false;
  if (record.block != block) {
    // What all blocks read.
    Record &other = page.other(index);
    bool isBack = record.hasOther && other.block == block;
    if (isBack && (other.isEngine || other.getTouch() != Touch::WeakRead))
      return false;
    std::swap(other, record);
    other.hasOther = false;
    if (!isBack)
      fill(record, lanes);
    record.hasOther = true;
    if (!isBack)
      return true;
  }
  if (record.time <= clocks.leastBlock || (record.warps == warpBit && !(record.lanes & ~lanes))) {
    bool hasOther = record.hasOther;
    fill(record, lanes);
    record.hasOther = hasOther;
    return true;
  }
  if (record.time <= lastPublished)
    return false;
  if (record.warps == warpBit)
    record.lanes |= lanes;
  else if (record.lanes == lanes)
    record.warps |= warpBit;
  else
    return false;
  record.time = races.now;
  record.op = op.number;
  return true;
}

void RaceAccess::touchSlowly(ShadowPage &page, unsigned index, Mask lanes, unsigned offset) const {
  Cell &cell = page.cell(index);
  this->page = &page;
  this->index = index;
  compare(cell.write, lanes, offset);
  compare(cell.access, lanes, offset);
  if (cell.access.hasOther)
    compare(page.other(index), lanes, offset);
  if (cell.access.hasMore)
    for (const Record &record : page.more[index])
      compare(record, lanes, offset);
  remember(page, index, lanes);
}

void RaceAccess::remember(ShadowPage &page, unsigned index, Mask lanes) const {
  Cell &cell = page.cell(index);
  if (touch == Touch::WeakWrite) {
    if (cell.access.hasMore)
      page.more.erase(index);
    cell.access = Record();
    fill(cell.write, lanes);
    return;
  }
  ShadowPage::More more;
  if (cell.access.hasMore) {
    more = std::move(page.more[index]);
    page.more.erase(index);
  }
  bool hasOther = cell.access.hasOther;
  // One block's records stay together; the other block's is the one that conflicts most.
  if (!cell.access.isEmpty() && cell.access.block != block) {
    Record strongest = cell.access;
    for (const Record &record : more)
      if (record.touch > strongest.touch)
        strongest = record;
    more.clear();
    Record &other = page.other(index);
    cell.access = hasOther && other.block == block ? other : Record();
    other = strongest;
    other.hasMore = other.hasOther = false;
    hasOther = true;
  }
  if (!cell.access.isEmpty())
    more.insert(more.begin(), cell.access);
  unsigned first = llvm::countr_zero(lanes), ignored;
  bool isMerged = false;
  llvm::erase_if(more, [&](Record &record) {
    if (covers(record) && !record.isEngine && !access.isAsync) {
      if (isOwn(record))
        record.lanes &= ~lanes;
      if (!record.lanes || isKnown(record, first, ignored))
        return true;
    }
    return false;
  });
  for (Record &record : more)
    if (!isMerged && mayMerge(record) && (isOwn(record) || record.lanes == lanes)) {
      isMerged = true;
      record.warps |= warpBit;
      record.lanes |= lanes;
      record.time = races.now;
      record.op = op.number;
    }
  if (!isMerged) {
    if (more.size() == kMostRecords)
      more.erase(more.begin());
    fill(more.emplace_back(), lanes);
  }
  cell.access = more.front();
  more.erase(more.begin());
  cell.access.hasMore = !more.empty();
  cell.access.hasOther = hasOther;
  if (cell.access.hasMore)
    page.more[index] = std::move(more);
}

//===----------------------------------------------------------------------===//
// words and bytes
//===----------------------------------------------------------------------===//

/// The bytes of a word get records of their own, which are the word's.
static void split(ShadowPage &page, unsigned word) {
  if (!page.bytes)
    page.bytes = std::make_unique<Cell[]>(size_t(ShadowPage::kWords) * 4);
  Cell &cell = page.words[word];
  for (unsigned i = 0; i != 4; ++i) {
    page.bytes[4 * word + i] = cell;
    if (cell.access.hasMore)
      page.more[ShadowPage::kWords + 4 * word + i] = ShadowPage::More(page.more[word]);
    if (cell.access.hasOther)
      page.other(ShadowPage::kWords + 4 * word + i) = Record(page.other(word));
  }
  if (cell.access.hasMore)
    page.more.erase(word);
  cell = Cell();
  cell.write.isSplit = true;
}

/// `offset` is that of the word in what each lane accesses.
void RaceAccess::touchWord(ShadowPage &page, unsigned word, Mask lanes, unsigned offset) const {
  if (!page.words[word].write.isSplit)
    return touchSlowly(page, word, lanes, offset);
  for (unsigned i = 0; i != 4; ++i)
    if (!touchFast(page, ShadowPage::kWords + 4 * word + i, lanes))
      touchSlowly(page, ShadowPage::kWords + 4 * word + i, lanes, offset + i);
}

/// One byte.
void RaceAccess::touchPart(ShadowPage &page, uint64_t at, Mask lanes, unsigned offset) const {
  unsigned byte = at % ShadowPage::kBytes;
  if (!page.words[byte / 4].write.isSplit)
    split(page, byte / 4);
  if (!touchFast(page, ShadowPage::kWords + byte, lanes))
    touchSlowly(page, ShadowPage::kWords + byte, lanes, offset);
}

/// The lanes that access what a lane accesses.
Mask RaceAccess::sameAddress(unsigned lane, Mask lanes) const {
  return lanesWhere([&](unsigned other) { return places[other] == places[lane]; }) & lanes;
}

/// Fills `places`: what is one address has one number. False where every lane of the mask has its own, or may have.
bool RaceAccess::numberPlaces(Mask mask) {
  uintptr_t first = reinterpret_cast<uintptr_t>(targets[llvm::countr_zero(mask)].data), high = 0;
  bool rises = true;
  uint32_t last = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    uintptr_t at = mask >> lane & 1 ? reinterpret_cast<uintptr_t>(targets[lane].data) : first;
    places[lane] = static_cast<uint32_t>(at);
    high |= at ^ first;
    rises &= !lane || places[lane] > last;
    last = places[lane];
  }
  return !(high >> 32) && !rises;
}

void RaceAccess::run(Mask mask) {
  const Allocation *allocation = nullptr;
  Space space = Space::Param;
  Shadow *shadow = nullptr;
  bool isWhole = bytes % 4 == 0;
  // One lane stands for all that do the same; each writes for itself.
  bool mayGroup = touch != Touch::WeakWrite && !access.isCollective && numberPlaces(mask);
  for (Mask left = mask; left;) {
    unsigned lane = llvm::countr_zero(left);
    current = lane;
    const Target &target = targets[lane];
    if (target.space != Space::Shared && target.space != Space::Global) {
      left &= left - 1;
      continue;
    }
    if (target.space != space || target.allocation != allocation) {
      space = target.space;
      allocation = target.allocation;
      shadow = &races.shadowOf(warp, allocation);
    }
    const Mask own = Mask(1) << lane;
    Mask lanes = access.isCollective ? warp.getMembers() : mayGroup ? sameAddress(lane, left) : own;
    if (isWhole && target.offset % 4 == 0) {
      for (unsigned offset = 0; offset != bytes; offset += 4) {
        uint64_t at = target.offset + offset;
        ShadowPage &page = shadow->page(at);
        unsigned word = at % ShadowPage::kBytes / 4;
        if (LLVM_LIKELY(touchFast(page, word, lanes)))
          continue;
        touchWord(page, word, lanes, offset);
      }
    } else {
      for (unsigned offset = 0; offset != bytes; ++offset)
        touchPart(shadow->page(target.offset + offset), target.offset + offset, lanes, offset);
    }
    left &= ~(access.isCollective ? own : lanes);
  }
}

//===----------------------------------------------------------------------===//
// the detector
//===----------------------------------------------------------------------===//

Races::Races(Launch &launch) : launch(launch) {
  size_t count = 0;
  for (const Code &code : launch.program.functions)
    count += code.ops.size();
  facts.resize(count);
}

Shadow &Races::shadowOf(Warp &warp, const Allocation *allocation) {
  return shadowAt(warp, allocation ? allocation->base : 0);
}

Shadow &Races::shadowAt(Warp &warp, uint64_t base) {
  if (!base)
    return warp.getBlock().clocks->shared;
  std::unique_ptr<Shadow> &shadow = global[base];
  if (!shadow)
    shadow = std::make_unique<Shadow>();
  return *shadow;
}

void Races::access(Warp &warp, const Op &op, Mask mask, const Access &access, unsigned bytes,
                   const Target (&targets)[kLanes]) {
  if (reports.size() >= kMostReports)
    return;
  ++now;
  bool isWeak = access.order == Order::Weak, isRead = access.kind == Access::Kind::Read;
  Touch touch =
      isWeak ? (isRead ? Touch::WeakRead : Touch::WeakWrite) : (isRead ? Touch::StrongRead : Touch::StrongWrite);
  unsigned scalar = access.scalar ? access.scalar : bytes;
  facts[op.number] = {&op, access.scope, static_cast<uint8_t>(scalar), access.kind == Access::Kind::Atomic};
  Block &block = warp.getBlock();
  RaceAccess{*this,
             warp,
             op,
             access,
             bytes,
             targets,
             *warp.clocks,
             static_cast<uint32_t>(block.number),
             Mask(1) << warp.getIndex(),
             block.clocks->lastPublished,
             touch}
      .run(mask);
  if (!isWeak && !access.isMBarrier)
    for (Mask left = mask; left; left &= left - 1) {
      unsigned lane = llvm::countr_zero(left);
      if (targets[lane].space == Space::Shared || targets[lane].space == Space::Global)
        for (unsigned offset = 0; offset < bytes; offset += scalar) {
          Target target = targets[lane];
          target.offset += offset;
          synchronise(warp, op, lane, access, target);
        }
    }
  if (access.isAsync)
    for (Mask left = mask; left; left &= left - 1) {
      unsigned lane = llvm::countr_zero(left);
      const Target &target = targets[lane];
      warp.clocks->copies.push_back({static_cast<uint8_t>(lane), static_cast<uint8_t>(bytes),
                                     warp.getCopies().groupOf(lane), now,
                                     target.allocation ? target.allocation->base : 0, target.offset});
    }
}
