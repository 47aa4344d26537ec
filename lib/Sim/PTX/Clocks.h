//===- Clocks.h - what a thread knows of others -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Happens-before by time stamps. One instruction runs after another, so every event of a launch has a time of its own,
/// and what a thread knows of another one is a time: everything that the other one did until then comes before what the
/// thread does now (causality order, section 8.9.5 of the manual). A `View` is that knowledge of many threads, for
/// whole blocks and whole warps where it can be, so that a barrier of a block is one number.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_CLOCKS_H
#define TILEC_LIB_SIM_PTX_CLOCKS_H

#include "Program.h"

#include "llvm/ADT/IntrusiveRefCntPtr.h"

namespace tilec::sim::ptx {

/// Counts events of a launch from 1; 0 is before all.
using Time = uint64_t;

/// A thread, all of a warp, or all of a block; or the copy engine of a thread, which is like a thread of its own.
struct ClockKey {
  static constexpr uint64_t kEngine = uint64_t(1) << 63;
  static uint64_t block(uint64_t block) { return block << 12; }
  static uint64_t warp(uint64_t block, unsigned warp) { return block << 12 | (warp + 1) << 6; }
  static uint64_t thread(uint64_t block, unsigned warp, unsigned lane) {
    return block << 12 | (warp + 1) << 6 | (lane + 1);
  }
  static uint64_t engine(uint64_t block, unsigned warp, unsigned lane) { return kEngine | thread(block, warp, lane); }
};

class View;
/// Views are shared and never change; null is to know nothing.
using ViewRef = llvm::IntrusiveRefCntPtr<const View>;

class View : public llvm::RefCountedBase<View> {
public:
  using Entry = std::pair<uint64_t, Time>;

  /// What is known of a thread, of itself or as one of its warp or its block.
  static Time of(const ViewRef &view, uint64_t block, unsigned warp, unsigned lane);
  /// What is known of the copies of a thread.
  static Time ofEngine(const ViewRef &view, uint64_t block, unsigned warp, unsigned lane);
  /// What is known of all of a block, and of all of a warp.
  static Time ofBlock(const ViewRef &view, uint64_t block);
  static Time ofWarp(const ViewRef &view, uint64_t block, unsigned warp);

  /// All that either knows.
  static ViewRef join(const ViewRef &a, const ViewRef &b);
  /// The same with entries in the order of their keys.
  static ViewRef join(const ViewRef &a, llvm::ArrayRef<Entry> b);
  /// Without what is known of threads (not of their copies) of a block.
  static ViewRef without(const ViewRef &view, uint64_t block);

private:
  static Time find(const ViewRef &view, uint64_t key);
  /// By key, each once. What a wider entry says as well is not there.
  llvm::SmallVector<Entry, 4> entries;
};

/// What one thread had done and knew at a time.
struct Snapshot {
  ViewRef view;
  Time blockFloor = 0, warpFloor = 0, self = 0;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_CLOCKS_H
