//===- Races.h - accesses that nothing orders -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Finds data races by happens-before, after the memory consistency model (section 8 of the manual): two accesses to a
/// byte, of different threads and at least one a write, of which neither comes before the other in causality order, and
/// which are not morally strong. It does not matter when they ran: what would only have been ordered by luck is a race.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_RACES_H
#define TILEC_LIB_SIM_PTX_RACES_H

#include "RaceShadow.h"

#include "llvm/ADT/DenseSet.h"

namespace tilec::sim::ptx {

class Block;
class Warp;
class Launch;

/// What strong writes to a location hand over to those who read them: release patterns, by their scope.
struct Message {
  ViewRef device;
  /// Of whatever scope, for threads of the block that released.
  using OfBlocks = llvm::SmallVector<std::pair<uint32_t, ViewRef>, 1>;
  OfBlocks blocks;
  /// What its writers had done before a `fence.sc`, of scope device or wider; and of any scope, for threads of the
  /// writer's block.
  ViewRef fenced;
  OfBlocks fencedInBlocks;
  /// The last write.
  uint32_t block = 0;
  Scope scope = Scope::System;
  uint8_t bytes = 0;
  Time time = 0;

  /// Of more blocks that write to one location the oldest is forgotten.
  static constexpr size_t kMostBlocks = 8;
  bool isEmpty() const { return !device && blocks.empty() && !fenced && fencedInBlocks.empty(); }
  static ViewRef ofBlock(const OfBlocks &all, uint32_t block);
  static void join(OfBlocks &all, uint32_t block, const ViewRef &view);
};

/// What the lanes of a warp know, lane by lane.
struct WarpClocks {
  /// Everything that the block, and the warp, did until then is known.
  Time blockFloor[kLanes] = {}, warpFloor[kLanes] = {};
  /// The least of the living lanes.
  Time leastBlock = 0, leastWarp = 0;
  /// What is known besides.
  ViewRef views[kLanes];
  /// At the last fence of each scope; `self` is 0 before there was one.
  struct Fence {
    Snapshot block, device;
  };
  /// What strong reads saw, for a fence behind them.
  struct Pending {
    ViewRef block, device;
  };
  /// Of `fence.sc`. Of two of them in each other's scope one is the first, and if a thread has seen a strong write
  /// behind the one, by another thread even, then its own one, or that of a thread that knows of that, is the second.
  struct Sequence {
    /// What was done before those that come before what the lane does now, and before those whose later writes it saw:
    /// of scope device or wider.
    ViewRef before, seen;
    /// The same of those of the lane's block, of any scope. Behind a barrier of the whole block they say nothing more.
    ViewRef beforeInBlock, seenInBlock;
    /// When the last of scope device or wider was.
    Time last = 0;
  };
  /// What a thread released at a location, which its later strong writes there release as well; and what its strong
  /// reads saw there, for an acquire that comes later.
  struct Place {
    uint64_t key = 0;
    Fence released;
    Pending observed;
    /// Of more locations that a thread uses so, the oldest is forgotten.
    static constexpr size_t kMost = 8;
  };
  std::unique_ptr<std::array<llvm::SmallVector<Place, 1>, kLanes>> places;
  Place *findPlace(unsigned lane, uint64_t key) const;
  Place &placeOf(unsigned lane, uint64_t key);
  std::unique_ptr<Fence[]> fences;
  std::unique_ptr<Sequence[]> sequences;
  std::unique_ptr<Pending[]> pending;
  /// A part of a copy for which its thread has not waited, by `cp.async.wait_group`.
  struct Copy {
    uint8_t lane = 0, bytes = 0;
    uint32_t group = 0;
    Time time = 0;
    /// Where the allocation of the bytes begins, which may be gone by now; 0 for the block's shared memory.
    uint64_t base = 0;
    uint64_t offset = 0;
  };
  std::vector<Copy> copies;
  /// Lanes with copies that an mbarrier tracks.
  Mask tracked = 0;
};

/// What the race detector knows of a block.
struct BlockClocks {
  Shadow shared;
  /// When a thread of the block last did something by which others may know what it did before.
  Time lastPublished = 0;
  llvm::DenseMap<uint64_t, Message> messages;
  struct Arrival {
    unsigned warp;
    Mask lanes;
    Time time;
    bool waits;
  };
  struct Barrier {
    llvm::SmallVector<Arrival, 8> arrivals;
    ViewRef view, before, seen, beforeInBlock, seenInBlock;
    Time blockFloor = 0;
    /// Whether all who came had a `fence.sc` behind the last barrier of the whole block.
    bool areFenced = true;
  };
  std::array<Barrier, 16> barriers;
  /// What arrivals of this phase, and of the last one, hand over.
  struct MBarrier {
    ViewRef arriving, completed;
  };
  llvm::DenseMap<uint64_t, MBarrier> mbarriers;
};

class Races {
public:
  explicit Races(Launch &launch);

  /// Of the lanes of the mask, before they access anything.
  void access(Warp &warp, const Op &op, Mask mask, const Access &access, unsigned bytes,
              const Target (&targets)[kLanes]);

  //===--- What orders accesses
  void arriveAtBarrier(Warp &warp, Mask lanes, unsigned barrier, bool waits);
  /// `isForAll`: for all threads of the block, not for a number of them.
  void completeBarrier(Block &block, unsigned barrier, bool isForAll);
  void syncWarp(Warp &warp, Mask lanes);
  void fence(Warp &warp, const Op &op, Mask lanes);
  /// The lanes wait for their copies but those of the last `left` groups; for all where `isAll`.
  void awaitCopies(Warp &warp, Mask lanes, uint32_t left, bool isAll);
  /// What an arrival at the mbarrier at an offset hands over; of one behind the copies of the lane, with these.
  ViewRef release(Warp &warp, const Op &op, unsigned lane, uint64_t key);
  ViewRef releaseCopies(Warp &warp, unsigned lane);
  void arriveAtMBarrier(Block &block, uint64_t offset, const ViewRef &view);
  void completeMBarrier(Block &block, uint64_t offset);
  void initMBarrier(Block &block, uint64_t offset);
  /// The lane has seen that a phase is complete.
  void seeMBarrier(Warp &warp, const Op &op, unsigned lane, uint64_t offset);

  /// One for each pair of instructions.
  const std::vector<std::string> &getReports() const { return reports; }
  static constexpr size_t kMostReports = 16;

private:
  friend struct RaceAccess;
  /// What the records of an instruction leave out.
  struct Facts {
    const Op *op = nullptr;
    Scope scope = Scope::System;
    uint8_t scalar = 0;
    bool isAtomic = false;
  };

  Shadow &shadowOf(Warp &warp, const Allocation *allocation);
  Shadow &shadowAt(Warp &warp, uint64_t base);
  void synchronise(Warp &warp, const Op &op, unsigned lane, const Access &access, const Target &target, unsigned bytes);
  void acquire(Warp &warp, unsigned lane, const Access &access, uint64_t key, const Message *message);
  Message makeMessage(Warp &warp, const Op &op, unsigned lane, uint64_t key);
  ViewRef viewOf(Warp &warp, unsigned lane, const Snapshot &snapshot);
  Snapshot snapshot(Warp &warp, unsigned lane);
  void absorb(Warp &warp, unsigned lane, const ViewRef &view);
  static void updateLeast(Warp &warp);
  /// That nothing orders an access, of the bytes `offset` behind the target, with an earlier one of another thread: of
  /// lane `culprit` % 32 of warp `culprit` / 32 of the record's block.
  void report(Warp &warp, const Op &op, unsigned lane, const Access &access, const Target &target, unsigned offset,
              const Record &other, unsigned culprit);

  Launch &launch;
  Time now = 0;
  std::vector<Facts> facts;
  llvm::DenseMap<uint64_t, std::unique_ptr<Shadow>> global;
  llvm::DenseMap<uint64_t, Message> messages;
  llvm::DenseSet<std::pair<uint64_t, uint64_t>> reported;
  std::vector<std::string> reports;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_RACES_H
