//===- RaceOrder.cpp - what orders accesses ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Synchronisation, after sections 8.8 and 8.9 of the manual: release and acquire patterns with their scopes, fences,
// barriers, and the completion of copies. Two `fence.sc` whose order is only that of this run order nothing: those
// count whose order follows from what was read.

#include "Races.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

using namespace tilec::sim::ptx;

ViewRef Message::ofBlock(const OfBlocks &all, uint32_t block) {
  for (const auto &[of, view] : all)
    if (of == block)
      return view;
  return nullptr;
}

void Message::join(OfBlocks &all, uint32_t block, const ViewRef &view) {
  if (!view)
    return;
  for (auto &[of, known] : all)
    if (of == block) {
      known = View::join(known, view);
      return;
    }
  if (all.size() == kMostBlocks)
    all.erase(all.begin());
  all.emplace_back(block, view);
}

//===----------------------------------------------------------------------===//
// what a lane knows
//===----------------------------------------------------------------------===//

Snapshot Races::snapshot(Warp &warp, unsigned lane) {
  const WarpClocks &clocks = *warp.clocks;
  warp.getBlock().clocks->lastPublished = now;
  return {clocks.views[lane], clocks.blockFloor[lane], clocks.warpFloor[lane], now};
}

ViewRef Races::viewOf(Warp &warp, unsigned lane, const Snapshot &snapshot) {
  uint64_t block = warp.getBlock().number;
  llvm::SmallVector<View::Entry, 3> own;
  if (snapshot.blockFloor)
    own.emplace_back(ClockKey::block(block), snapshot.blockFloor);
  if (snapshot.warpFloor > snapshot.blockFloor)
    own.emplace_back(ClockKey::warp(block, warp.getIndex()), snapshot.warpFloor);
  own.emplace_back(ClockKey::thread(block, warp.getIndex(), lane), snapshot.self);
  return View::join(snapshot.view, own);
}

void Races::updateLeast(Warp &warp) {
  WarpClocks &clocks = *warp.clocks;
  clocks.leastBlock = clocks.leastWarp = ~Time(0);
  for (Mask left = warp.getAlive(); left; left &= left - 1) {
    unsigned lane = llvm::countr_zero(left);
    clocks.leastBlock = std::min(clocks.leastBlock, clocks.blockFloor[lane]);
    clocks.leastWarp = std::min(clocks.leastWarp, clocks.warpFloor[lane]);
  }
}

void Races::absorb(Warp &warp, unsigned lane, const ViewRef &view) {
  if (!view)
    return;
  WarpClocks &clocks = *warp.clocks;
  uint64_t block = warp.getBlock().number;
  clocks.views[lane] = View::join(clocks.views[lane], view);
  clocks.blockFloor[lane] = std::max(clocks.blockFloor[lane], View::ofBlock(view, block));
  clocks.warpFloor[lane] =
      std::max({clocks.warpFloor[lane], clocks.blockFloor[lane], View::ofWarp(view, block, warp.getIndex())});
  updateLeast(warp);
}

//===----------------------------------------------------------------------===//
// barriers
//===----------------------------------------------------------------------===//

/// Joins what some lanes know: views into `view`, what they know of their block into `blockFloor`.
static void gather(const WarpClocks &clocks, Mask lanes, ViewRef &view, Time &blockFloor) {
  const View *last = nullptr;
  for (; lanes; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    if (clocks.views[lane].get() != last) {
      view = View::join(view, clocks.views[lane]);
      last = clocks.views[lane].get();
    }
    blockFloor = std::max(blockFloor, clocks.blockFloor[lane]);
  }
}

/// The same for what they know of fences, into a lane's state or a barrier's. False where one has had none of scope
/// device since the last barrier of the whole block.
template <typename State> static bool gatherSequences(const WarpClocks &clocks, Mask lanes, State &state) {
  if (!clocks.sequences)
    return false;
  bool areFenced = true;
  for (; lanes; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    const WarpClocks::Sequence &sequence = clocks.sequences[lane];
    state.before = View::join(state.before, sequence.before);
    state.seen = View::join(state.seen, sequence.seen);
    state.beforeInBlock = View::join(state.beforeInBlock, sequence.beforeInBlock);
    state.seenInBlock = View::join(state.seenInBlock, sequence.seenInBlock);
    areFenced &= sequence.last > clocks.blockFloor[lane];
  }
  return areFenced;
}

static WarpClocks::Sequence &sequenceOf(WarpClocks &clocks, unsigned lane) {
  if (!clocks.sequences)
    clocks.sequences = std::make_unique<WarpClocks::Sequence[]>(kLanes);
  return clocks.sequences[lane];
}

/// What a lane knows of fences behind a barrier.
template <typename State> static void assignSequence(WarpClocks &clocks, unsigned lane, const State &state) {
  if (!clocks.sequences && !state.before && !state.seen && !state.beforeInBlock && !state.seenInBlock)
    return;
  WarpClocks::Sequence &sequence = sequenceOf(clocks, lane);
  sequence.before = state.before;
  sequence.seen = state.seen;
  sequence.beforeInBlock = state.beforeInBlock;
  sequence.seenInBlock = state.seenInBlock;
}

/// Entries for some lanes of a warp: for the whole warp where they are all of it.
static void addEntries(llvm::SmallVectorImpl<View::Entry> &entries, uint64_t block, const Warp &warp, Mask lanes,
                       Time time) {
  if (lanes == warp.getMembers()) {
    entries.emplace_back(ClockKey::warp(block, warp.getIndex()), time);
    return;
  }
  for (; lanes; lanes &= lanes - 1)
    entries.emplace_back(ClockKey::thread(block, warp.getIndex(), llvm::countr_zero(lanes)), time);
}

void Races::arriveAtBarrier(Warp &warp, Mask lanes, unsigned barrier, bool waits) {
  BlockClocks &clocks = *warp.getBlock().clocks;
  BlockClocks::Barrier &state = clocks.barriers[barrier];
  ++now;
  // Who waits does nothing until the barrier is complete, and only then do others know what it did.
  if (!waits)
    clocks.lastPublished = now;
  gather(*warp.clocks, lanes, state.view, state.blockFloor);
  state.areFenced &= gatherSequences(*warp.clocks, lanes, state);
  Time warpFloor = 0;
  for (Mask left = lanes; left; left &= left - 1)
    warpFloor = std::max(warpFloor, warp.clocks->warpFloor[llvm::countr_zero(left)]);
  if (warpFloor > state.blockFloor)
    state.view = View::join(state.view, {{ClockKey::warp(warp.getBlock().number, warp.getIndex()), warpFloor}});
  state.arrivals.push_back({warp.getIndex(), lanes, now, waits});
}

void Races::completeBarrier(Block &block, unsigned barrier, bool isForAll) {
  BlockClocks::Barrier state = std::move(block.clocks->barriers[barrier]);
  block.clocks->barriers[barrier] = BlockClocks::Barrier();
  block.clocks->lastPublished = ++now;
  llvm::SmallVector<Mask, 32> waiting(block.warps.size());
  for (const BlockClocks::Arrival &arrival : state.arrivals)
    if (arrival.waits)
      waiting[arrival.warp] |= arrival.lanes;
  // Threads that have ended have come to a barrier for all; for a number of threads they do not count.
  bool isWhole = llvm::all_of(block.warps, [&](const std::unique_ptr<Warp> &warp) {
    return !((isForAll ? warp->getAlive() : warp->getMembers()) & ~waiting[warp->getIndex()]);
  });
  if (isWhole) {
    state.view = View::without(state.view, block.number);
    state.blockFloor = now;
    state.beforeInBlock = state.seenInBlock = nullptr;
    // All is before somebody's fence, which is one number.
    if (state.areFenced)
      state.before = View::join(state.view, {{ClockKey::block(block.number), now}});
  } else {
    llvm::SmallVector<View::Entry, 8> entries;
    llvm::sort(state.arrivals, [](const auto &a, const auto &b) {
      return std::pair(a.warp, llvm::countr_zero(a.lanes)) < std::pair(b.warp, llvm::countr_zero(b.lanes));
    });
    for (const BlockClocks::Arrival &arrival : state.arrivals) {
      entries.clear();
      addEntries(entries, block.number, *block.warps[arrival.warp], arrival.lanes, arrival.waits ? now : arrival.time);
      state.view = View::join(state.view, entries);
    }
  }
  for (const std::unique_ptr<Warp> &warp : block.warps) {
    WarpClocks &clocks = *warp->clocks;
    Mask lanes = waiting[warp->getIndex()];
    if (!lanes)
      continue;
    Time ofWarp = View::ofWarp(state.view, block.number, warp->getIndex());
    for (; lanes; lanes &= lanes - 1) {
      unsigned lane = llvm::countr_zero(lanes);
      clocks.views[lane] = state.view;
      clocks.blockFloor[lane] = state.blockFloor;
      clocks.warpFloor[lane] = std::max({clocks.warpFloor[lane], ofWarp, state.blockFloor});
      assignSequence(clocks, lane, state);
    }
    updateLeast(*warp);
  }
}

void Races::syncWarp(Warp &warp, Mask lanes) {
  WarpClocks &clocks = *warp.clocks;
  warp.getBlock().clocks->lastPublished = ++now;
  ViewRef view;
  Time blockFloor = 0, warpFloor = 0;
  WarpClocks::Sequence sequence;
  gather(clocks, lanes, view, blockFloor);
  gatherSequences(clocks, lanes, sequence);
  if (lanes == warp.getMembers()) {
    warpFloor = now;
  } else {
    for (Mask left = lanes; left; left &= left - 1)
      warpFloor = std::max(warpFloor, clocks.warpFloor[llvm::countr_zero(left)]);
    llvm::SmallVector<View::Entry, 32> entries;
    addEntries(entries, warp.getBlock().number, warp, lanes, now);
    view = View::join(view, entries);
  }
  for (Mask left = lanes; left; left &= left - 1) {
    unsigned lane = llvm::countr_zero(left);
    clocks.views[lane] = view;
    clocks.blockFloor[lane] = blockFloor;
    clocks.warpFloor[lane] = std::max(warpFloor, blockFloor);
    assignSequence(clocks, lane, sequence);
  }
  updateLeast(warp);
}

//===----------------------------------------------------------------------===//
// fences, releases, acquires
//===----------------------------------------------------------------------===//

void Races::fence(Warp &warp, const Op &op, Mask lanes) {
  WarpClocks &clocks = *warp.clocks;
  ++now;
  for (; lanes; lanes &= lanes - 1) {
    unsigned lane = llvm::countr_zero(lanes);
    if (isAcquire(op.order) && clocks.pending) {
      absorb(warp, lane, clocks.pending[lane].block);
      if (op.scope >= Scope::Device)
        absorb(warp, lane, clocks.pending[lane].device);
    }
    bool isSequential = op.mode, isWide = op.scope >= Scope::Device;
    if (isSequential) {
      absorb(warp, lane, sequenceOf(clocks, lane).seenInBlock);
      if (isWide)
        absorb(warp, lane, sequenceOf(clocks, lane).seen);
    }
    if (isRelease(op.order)) {
      if (!clocks.fences)
        clocks.fences = std::make_unique<WarpClocks::Fence[]>(kLanes);
      clocks.fences[lane].block = snapshot(warp, lane);
      if (op.scope >= Scope::Device)
        clocks.fences[lane].device = clocks.fences[lane].block;
    }
    if (isSequential) {
      WarpClocks::Sequence &sequence = clocks.sequences[lane];
      ViewRef view = viewOf(warp, lane, clocks.fences[lane].block);
      sequence.beforeInBlock = View::join(sequence.beforeInBlock, view);
      if (isWide) {
        sequence.before = View::join(sequence.before, view);
        sequence.last = now;
      }
    }
  }
}

WarpClocks::Place *WarpClocks::findPlace(unsigned lane, uint64_t key) const {
  if (!places)
    return nullptr;
  auto &all = (*places)[lane];
  Place *found = llvm::find_if(all, [&](const Place &place) { return place.key == key; });
  return found == all.end() ? nullptr : found;
}

WarpClocks::Place &WarpClocks::placeOf(unsigned lane, uint64_t key) {
  if (Place *found = findPlace(lane, key))
    return *found;
  if (!places)
    places = std::make_unique<std::array<llvm::SmallVector<Place, 1>, kLanes>>();
  auto &all = (*places)[lane];
  if (all.size() == Place::kMost)
    all.erase(all.begin());
  all.emplace_back().key = key;
  return all.back();
}

/// What a strong write of a lane to a location hands over, of itself: release patterns that end with it.
Message Races::makeMessage(Warp &warp, const Op &op, unsigned lane, uint64_t key) {
  Message message;
  uint32_t block = warp.getBlock().number;
  auto take = [&](const WarpClocks::Fence &fence) {
    if (fence.device.self)
      message.device = View::join(message.device, viewOf(warp, lane, fence.device));
    if (fence.block.self)
      Message::join(message.blocks, block, viewOf(warp, lane, fence.block));
  };
  if (isRelease(op.order)) {
    WarpClocks::Fence &released = warp.clocks->placeOf(lane, key).released;
    released.block = snapshot(warp, lane);
    if (op.scope >= Scope::Device)
      released.device = released.block;
  }
  if (const WarpClocks::Place *place = warp.clocks->findPlace(lane, key))
    take(place->released);
  if (warp.clocks->fences)
    take(warp.clocks->fences[lane]);
  return message;
}

/// What a read or a read-modify-write of a lane acquires, at once or for a later fence or acquire.
void Races::acquire(Warp &warp, unsigned lane, const Access &access, uint64_t key, const Message *message) {
  WarpClocks &clocks = *warp.clocks;
  uint32_t block = warp.getBlock().number;
  bool isWide = access.scope >= Scope::Device, acquires = isAcquire(access.order);
  ViewRef mine, device, fencedInBlock;
  if (message) {
    mine = Message::ofBlock(message->blocks, block);
    device = message->device;
    fencedInBlock = Message::ofBlock(message->fencedInBlocks, block);
  }
  if ((mine || device) && !access.isReduction) {
    if (!clocks.pending)
      clocks.pending = std::make_unique<WarpClocks::Pending[]>(kLanes);
    for (WarpClocks::Pending *pending : {&clocks.pending[lane], &clocks.placeOf(lane, key).observed}) {
      pending->block = View::join(pending->block, mine);
      pending->device = View::join(pending->device, device);
    }
  }
  const WarpClocks::Place *place = acquires ? clocks.findPlace(lane, key) : nullptr;
  if (place) {
    absorb(warp, lane, place->observed.block);
    if (isWide)
      absorb(warp, lane, place->observed.device);
  }
  if (message && message->fenced) {
    WarpClocks::Sequence &sequence = sequenceOf(clocks, lane);
    sequence.seen = View::join(sequence.seen, message->fenced);
    if (acquires && device)
      sequence.before = View::join(sequence.before, message->fenced);
  }
  if (fencedInBlock) {
    WarpClocks::Sequence &sequence = sequenceOf(clocks, lane);
    sequence.seenInBlock = View::join(sequence.seenInBlock, fencedInBlock);
    if (acquires && mine)
      sequence.beforeInBlock = View::join(sequence.beforeInBlock, fencedInBlock);
  }
}

void Races::synchronise(Warp &warp, const Op &op, unsigned lane, const Access &access, const Target &target,
                        unsigned bytes) {
  uint32_t block = warp.getBlock().number;
  auto &map = target.allocation ? messages : warp.getBlock().clocks->messages;
  uint64_t key = target.allocation ? target.allocation->base + target.offset : target.offset;
  auto found = map.find(key);
  if (found != map.end()) {
    // A weak write since then is what is read now.
    ShadowPage &page = shadowOf(warp, target.allocation).page(target.offset);
    unsigned byte = target.offset % ShadowPage::kBytes;
    const Record &word = page.words[byte / 4].write;
    if ((word.isSplit ? page.bytes[byte].write : word).time > found->second.time) {
      map.erase(found);
      found = map.end();
    }
  }
  // Whether this and the last write are morally strong.
  bool isStrong =
      found != map.end() && found->second.bytes == bytes &&
      (found->second.block == block || (found->second.scope >= Scope::Device && access.scope >= Scope::Device));
  if (access.kind != Access::Kind::Write)
    acquire(warp, lane, access, key, isStrong ? &found->second : nullptr);
  if (access.kind == Access::Kind::Read)
    return;
  Message message = makeMessage(warp, op, lane, key);
  // A read-modify-write hands on what it read.
  if (isStrong && access.kind == Access::Kind::Atomic) {
    message.device = View::join(message.device, found->second.device);
    for (const auto &[of, view] : found->second.blocks)
      Message::join(message.blocks, of, view);
  }
  if (warp.clocks->sequences) {
    Message::join(message.fencedInBlocks, block, warp.clocks->sequences[lane].beforeInBlock);
    if (access.scope >= Scope::Device)
      message.fenced = warp.clocks->sequences[lane].before;
  }
  // Whoever sees a write sees that those before it were before (coherence).
  if (isStrong) {
    message.fenced = View::join(message.fenced, found->second.fenced);
    for (const auto &[of, view] : found->second.fencedInBlocks)
      Message::join(message.fencedInBlocks, of, view);
  }
  if (message.isEmpty()) {
    if (found != map.end())
      map.erase(found);
    return;
  }
  message.block = block;
  message.scope = access.scope;
  message.bytes = static_cast<uint8_t>(bytes);
  message.time = now;
  map[key] = std::move(message);
}

//===----------------------------------------------------------------------===//
// copies and mbarriers
//===----------------------------------------------------------------------===//

/// Makes what the engine did an access of the thread, at this time.
static void settle(Record &record, uint32_t block, Mask warp, const WarpClocks::Copy &copy, Time now) {
  if (record.isEngine && record.time == copy.time && record.block == block && record.warps == warp &&
      record.lanes >> copy.lane & 1) {
    record.isEngine = false;
    record.time = now;
  }
}

void Races::awaitCopies(Warp &warp, Mask lanes, uint32_t left, bool isAll) {
  WarpClocks &clocks = *warp.clocks;
  uint32_t block = warp.getBlock().number;
  ++now;
  llvm::erase_if(clocks.copies, [&](const WarpClocks::Copy &copy) {
    if (!(lanes >> copy.lane & 1) || !(isAll || copy.group + left < warp.getCopies().groupOf(copy.lane)))
      return false;
    Shadow &shadow = shadowAt(warp, copy.base);
    for (uint64_t at = copy.offset; at != copy.offset + copy.bytes; ++at) {
      ShadowPage &page = shadow.page(at);
      unsigned byte = at % ShadowPage::kBytes;
      bool isSplit = page.words[byte / 4].write.isSplit;
      if (!isSplit && at % 4 && at != copy.offset)
        continue;
      unsigned index = isSplit ? ShadowPage::kWords + byte : byte / 4;
      Cell &cell = page.cell(index);
      settle(cell.write, block, Mask(1) << warp.getIndex(), copy, now);
      settle(cell.access, block, Mask(1) << warp.getIndex(), copy, now);
      if (cell.access.hasOther)
        settle(page.other(index), block, Mask(1) << warp.getIndex(), copy, now);
      if (cell.access.hasMore)
        for (Record &record : page.more[index])
          settle(record, block, Mask(1) << warp.getIndex(), copy, now);
    }
    return true;
  });
  // Those that an mbarrier tracks stay the engine's; whoever waits for all knows of them as well.
  if (isAll || !left)
    for (Mask known = lanes & clocks.tracked; known; known &= known - 1) {
      unsigned lane = llvm::countr_zero(known);
      absorb(warp, lane, View::join(nullptr, {{ClockKey::engine(block, warp.getIndex(), lane), now}}));
    }
}

ViewRef Races::release(Warp &warp, const Op &op, unsigned lane, uint64_t key) {
  ++now;
  Message message = makeMessage(warp, op, lane, key);
  return View::join(message.device, Message::ofBlock(message.blocks, warp.getBlock().number));
}

ViewRef Races::releaseCopies(Warp &warp, unsigned lane) {
  ++now;
  WarpClocks &clocks = *warp.clocks;
  clocks.tracked |= Mask(1) << lane;
  llvm::erase_if(clocks.copies, [&](const WarpClocks::Copy &copy) { return copy.lane == lane; });
  return View::join(viewOf(warp, lane, snapshot(warp, lane)),
                    {{ClockKey::engine(warp.getBlock().number, warp.getIndex(), lane), now}});
}

void Races::arriveAtMBarrier(Block &block, uint64_t offset, const ViewRef &view) {
  ViewRef &arriving = block.clocks->mbarriers[offset].arriving;
  arriving = View::join(arriving, view);
}

void Races::completeMBarrier(Block &block, uint64_t offset) {
  BlockClocks::MBarrier &barrier = block.clocks->mbarriers[offset];
  barrier.completed = std::move(barrier.arriving);
  barrier.arriving = nullptr;
}

void Races::initMBarrier(Block &block, uint64_t offset) { block.clocks->mbarriers.erase(offset); }

void Races::seeMBarrier(Warp &warp, const Op &op, unsigned lane, uint64_t offset) {
  const ViewRef &view = warp.getBlock().clocks->mbarriers[offset].completed;
  if (isAcquire(op.order)) {
    absorb(warp, lane, view);
    return;
  }
  if (!warp.clocks->pending)
    warp.clocks->pending = std::make_unique<WarpClocks::Pending[]>(kLanes);
  WarpClocks::Pending &pending = warp.clocks->pending[lane];
  pending.block = View::join(pending.block, view);
}
