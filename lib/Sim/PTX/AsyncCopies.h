//===- AsyncCopies.h - copies that end some time later ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_ASYNCCOPIES_H
#define TILEC_LIB_SIM_PTX_ASYNCCOPIES_H

#include "Clocks.h"

namespace tilec::sim::ptx {

/// What the threads of a warp have begun with `cp.async` and what has not ended. A copy reads and writes at one moment,
/// which is any from its instruction to the wait for its group; copies of one group have no order.
class AsyncCopies {
public:
  struct Item {
    /// An arrival at an mbarrier instead, once the thread's earlier copies have ended.
    bool isArrival = false;
    uint8_t lane = 0, bytes = 0, valid = 0;
    uint32_t group = 0;
    uint64_t target = 0, source = 0;
    const Op *op = nullptr;
    /// What an arrival hands over, where somebody looks for races.
    ViewRef view;
  };

  void add(Item item) {
    item.group = committed[item.lane];
    items.push_back(item);
  }
  /// Ends the group that the lane's copies were added to.
  void commit(unsigned lane) { ++committed[lane]; }
  /// The group that the lane's next copies are added to; groups count from 0.
  uint32_t groupOf(unsigned lane) const { return committed[lane]; }
  bool isEmpty() const { return items.empty(); }

  /// Ends all copies of the lanes but those of their last `left` groups; all, and the arrivals behind
  /// them, where `isAll`. False after an error.
  bool finish(Warp &warp, Mask lanes, uint32_t left, bool isAll);
  /// Ends some, as chance and the schedule have it. False after an error.
  bool progress(Warp &warp);
  /// For behind an instruction that adds some: where the schedule ends copies at once, it does so now. False after an
  /// error.
  bool begin(Warp &warp);

private:
  bool perform(Warp &warp, size_t index);
  /// Whether an earlier copy of the same thread is there.
  bool isBlocked(size_t index) const;

  std::vector<Item> items;
  uint32_t committed[kLanes] = {};
  /// Turns for which all have been held back.
  unsigned held = 0;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_ASYNCCOPIES_H
