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

/// Most accesses to a cell that are kept; then the oldest is forgotten.
static constexpr size_t kMostRecords = 32;
/// Most of other blocks.
static constexpr int64_t kMostFar = 7;

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
  bool observes(const Record &write, Mask lanes) const;
  bool knowsOne(const Record &record, unsigned lane) const;
  bool hasObserved(const Record &write, unsigned lane) const;
  bool writesTheSame(const Record &other, unsigned lane, unsigned offset) const;

  void fill(Record &record, Mask lanes) const {
    record.time = races.now;
    record.op = std::min<uint64_t>(op.number, Record::kMostOps);
    record.touch = static_cast<uint64_t>(touch);
    record.isEngine = access.isAsync;
    record.hasMore = record.hasOther = record.isObserver = false;
    record.block = block;
    record.lanes = lanes;
    record.warps = warpBit;
  }
  bool touchFast(ShadowPage &page, unsigned index, Mask lanes) const;
  void touchSlowly(ShadowPage &page, unsigned index, Mask lanes, unsigned offset) const;
  void compare(const Record &record, Mask lanes, unsigned offset) const;
  void remember(ShadowPage &page, unsigned index, Mask lanes) const;
  bool forgetCovered(ShadowPage::More &records, const Record *last, Mask lanes) const;
  bool merge(ShadowPage::More &records, Time lastWrite, bool isObserver, Mask lanes) const;
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

/// Whether a strong access reads what a write wrote, the last one before it, and the two are morally strong; so they
/// are where both are one thread's, even if the write is weak.
bool RaceAccess::observes(const Record &write, Mask lanes) const {
  if (access.kind == Access::Kind::Write || touch == Touch::WeakRead || write.isEngine)
    return false;
  return isMorallyStrong(write) || (isOwn(write) && write.lanes == lanes && llvm::has_single_bit(lanes) &&
                                    races.facts[write.op].scalar == races.facts[op.number].scalar);
}

/// Whether a lane knows that one of the threads of a record has done what it says.
bool RaceAccess::knowsOne(const Record &record, unsigned lane) const {
  if (record.block == block && record.warps & warpBit && record.lanes >> lane & 1)
    return true;
  const ViewRef &view = clocks.views[lane];
  bool isMine = record.block == block;
  if (record.time <= (isMine ? clocks.blockFloor[lane] : View::ofBlock(view, record.block)))
    return true;
  for (Mask warps = record.warps; warps; warps &= warps - 1) {
    unsigned index = llvm::countr_zero(warps);
    if (isMine && index == warp.getIndex() && record.time <= clocks.warpFloor[lane])
      return true;
    for (Mask lanes = record.lanes; lanes; lanes &= lanes - 1)
      if (record.time <= View::of(view, record.block, index, llvm::countr_zero(lanes)))
        return true;
  }
  return false;
}

/// Whether somebody observed a write, itself or through read-modify-writes, of whose observation a lane knows: the
/// write then comes before what the lane does, without a release or an acquire (sections 8.9.2 and 8.9.5).
bool RaceAccess::hasObserved(const Record &write, unsigned lane) const {
  if (write.getTouch() == Touch::WeakRead || write.getTouch() == Touch::StrongRead || write.isEngine)
    return false;
  const Record &first = page->cell(index).access;
  llvm::SmallVector<Record, 4> all(1, first);
  if (first.hasMore)
    all.append(page->more[index].begin(), page->more[index].end());
  return llvm::any_of(all, [&](const Record &read) {
    if (read.isEmpty() || !read.isObserver || read.time <= write.time || !knowsOne(read, lane))
      return false;
    // A write between that observes nothing hides the earlier ones.
    return llvm::none_of(all, [&](const Record &other) {
      return other.getTouch() == Touch::StrongWrite && !other.isObserver && other.time > write.time &&
             other.time <= read.time;
    });
  });
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

/// Forgets what this access stands for from now on: whoever is not ordered with the forgotten one is not ordered with
/// this one, and conflicts with it. `last` is the last write. True where that was forgotten though it observed nothing,
/// so that this one now begins what is observed.
bool RaceAccess::forgetCovered(ShadowPage::More &records, const Record *last, Mask lanes) const {
  if (access.isAsync)
    return false;
  unsigned first = llvm::countr_zero(lanes), ignored;
  const Races::Facts &mine = races.facts[op.number];
  bool isObserving = last && observes(*last, lanes), begins = false;
  Time begin = 0, lastTime = last ? last->time : 0;
  for (const Record &record : records)
    if (record.getTouch() == Touch::StrongWrite && !record.isObserver)
      begin = std::max<Time>(begin, record.time);
  auto isAlike = [&](const Record &record) {
    return record.block == block && mine.scope <= races.facts[record.op].scope &&
           mine.scalar == races.facts[record.op].scalar;
  };
  // Whether an earlier write stays, for which a read-modify-write behind it stays as its observer.
  bool isObserved = !begin && !page->cell(index).write.isEmpty();
  auto isCovered = [&](Record &record) {
    if (record.isEngine)
      return false;
    switch (record.getTouch()) {
    case Touch::WeakRead:
      if (touch != Touch::WeakRead)
        return false;
      break;
    case Touch::StrongRead:
      if (touch == Touch::WeakRead || record.isObserver || !isAlike(record))
        return false;
      // Who observes a write does not know of what its thread read before.
      if (touch == Touch::StrongWrite)
        return record.time <= clocks.leastBlock;
      break;
    case Touch::StrongWrite:
      if (touch != Touch::StrongWrite || !isAlike(record)) {
        isObserved = true;
        return false;
      }
      if (!isObserving || record.time < begin)
        return record.time <= clocks.leastBlock;
      if (record.isObserver ? isObserved : record.time != lastTime) {
        isObserved = true;
        return false;
      }
      begins |= !record.isObserver;
      return true;
    case Touch::WeakWrite:
      llvm_unreachable("is not among the other accesses");
    }
    if (isOwn(record))
      record.lanes &= ~lanes;
    return !record.lanes || isKnown(record, first, ignored);
  };
  llvm::erase_if(records, isCovered);
  if (begins)
    for (Record &record : records)
      if (record.getTouch() == Touch::StrongRead && record.time > lastTime)
        record.isObserver = false;
  return begins;
}

/// Makes this access a part of a record, where nobody could know of that without this.
bool RaceAccess::merge(ShadowPage::More &records, Time lastWrite, bool isObserver, Mask lanes) const {
  auto mayMerge = [&](const Record &record) {
    if (record.block != block || record.touch != static_cast<uint64_t>(touch) || record.isEngine != access.isAsync ||
        record.isObserver != isObserver || !(isOwn(record) || record.lanes == lanes))
      return false;
    if (record.time == races.now)
      return touch == Touch::WeakRead || record.op == op.number;
    return record.time > lastPublished && !access.isAsync &&
           (touch == Touch::WeakRead ||
            (touch == Touch::StrongRead && record.op == op.number && record.time > lastWrite));
  };
  Record *found = llvm::find_if(records, mayMerge);
  if (found == records.end())
    return false;
  found->warps |= warpBit;
  found->lanes |= lanes;
  found->time = races.now;
  found->op = std::min<uint64_t>(op.number, Record::kMostOps);
  return true;
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
  auto isStrong = [](const Record &record) { return !record.isEmpty() && record.getTouch() != Touch::WeakRead; };
  bool hasOther = cell.access.hasOther;
  if (touch != Touch::WeakRead || isStrong(cell.access) || llvm::any_of(more, isStrong)) {
    // Records of all blocks are together.
    if (!cell.access.isEmpty())
      more.insert(more.begin(), cell.access);
    if (hasOther)
      more.insert(more.begin(), page.other(index));
    hasOther = false;
  } else {
    // One block's reads stay together, and of another block one.
    if (!cell.access.isEmpty() && cell.access.block != block) {
      more.clear();
      Record &other = page.other(index);
      std::swap(other, cell.access);
      if (!hasOther || cell.access.block != block)
        cell.access = Record();
      other.hasMore = other.hasOther = false;
      hasOther = true;
    }
    if (!cell.access.isEmpty())
      more.insert(more.begin(), cell.access);
  }
  const Record *last = cell.write.isEmpty() ? nullptr : &cell.write;
  for (const Record &record : more)
    if (record.getTouch() == Touch::StrongWrite && (!last || record.time > last->time))
      last = &record;
  Time lastWrite = last ? last->time : 0;
  bool isObserver = last && observes(*last, lanes);
  // Of a thread's reads of one write the first says what the others do.
  if (isObserver && touch == Touch::StrongRead)
    isObserver = llvm::none_of(more, [&](const Record &record) {
      return isOwn(record) && !(lanes & ~record.lanes) && record.isObserver && record.time > lastWrite;
    });
  if (forgetCovered(more, last, lanes))
    isObserver = false;
  if (!merge(more, lastWrite, isObserver, lanes)) {
    auto isFar = [&](const Record &record) { return record.block != block; };
    if (more.size() == kMostRecords)
      more.erase(more.begin());
    else if (llvm::count_if(more, isFar) > kMostFar)
      more.erase(llvm::find_if(more, isFar));
    fill(more.emplace_back(), lanes);
    more.back().isObserver = isObserver;
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
  if (access.expected && std::memcmp(access.expected, targets[llvm::countr_zero(mask)].data, bytes) != 0) {
    // A compare-and-swap that fails writes nothing, and so releases nothing.
    Access read = access;
    read.kind = Access::Kind::Read;
    read.order = isAcquire(access.order) ? Order::Acquire : Order::Relaxed;
    read.expected = nullptr;
    return this->access(warp, op, mask, read, bytes, targets);
  }
  ++now;
  bool isWeak = access.order == Order::Weak, isRead = access.kind == Access::Kind::Read;
  Touch touch =
      isWeak ? (isRead ? Touch::WeakRead : Touch::WeakWrite) : (isRead ? Touch::StrongRead : Touch::StrongWrite);
  unsigned scalar = access.scalar ? access.scalar : bytes;
  facts[op.number] = {&op, access.scope, static_cast<uint8_t>(scalar), access.kind == Access::Kind::Atomic};
  Block &block = warp.getBlock();
  Time lastPublished = block.clocks->lastPublished;
  // What an access acquires comes before itself.
  if (!isWeak && !access.isMBarrier)
    for (Mask left = mask; left; left &= left - 1) {
      unsigned lane = llvm::countr_zero(left);
      if (targets[lane].space == Space::Shared || targets[lane].space == Space::Global)
        for (unsigned offset = 0; offset < bytes; offset += scalar) {
          Target target = targets[lane];
          target.offset += offset;
          synchronise(warp, op, lane, access, target, scalar);
        }
    }
  RaceAccess{*this,
             warp,
             op,
             access,
             bytes,
             targets,
             *warp.clocks,
             static_cast<uint32_t>(block.number),
             Mask(1) << warp.getIndex(),
             lastPublished,
             touch}
      .run(mask);
  if (access.isAsync)
    for (Mask left = mask; left; left &= left - 1) {
      unsigned lane = llvm::countr_zero(left);
      const Target &target = targets[lane];
      warp.clocks->copies.push_back({static_cast<uint8_t>(lane), static_cast<uint8_t>(bytes),
                                     warp.getCopies().groupOf(lane), now,
                                     target.allocation ? target.allocation->base : 0, target.offset});
    }
}
