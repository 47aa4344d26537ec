//===- Clock.h - what happened before what ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Vector clocks for happens-before (L. Lamport, 1978; C. Fidge and F. Mattern, 1988). Accesses are cut into chains,
/// each ordered by happens-before from its first member to its last. A clock holds for each chain how many of its
/// members happened before; since these are always the first ones, one number says which.
///
/// There are as many chains as there are iterations and more, and most clocks differ in a few chains from the clock
/// that their grid started with. So a clock is a base, which many clocks share and nobody changes, and a short sorted
/// list of what lies beyond it.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_CLOCK_H
#define TILEC_LIB_INTERPRETER_CLOCK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/IntrusiveRefCntPtr.h"
#include "llvm/ADT/SmallVector.h"

#include <array>
#include <cstdint>
#include <vector>

namespace tilec::interpreter {

/// One member of a chain; positions start at 1, and 0 is nothing.
struct Stamp {
  uint32_t chain = 0, position = 0;
};

/// How far each chain had come, for all chains; null is "nowhere". Pages of chains are shared between bases.
class ClockBase : public llvm::RefCountedBase<ClockBase> {
public:
  uint32_t operator[](uint32_t chain) const {
    size_t page = chain / kPageSize;
    return page < pages.size() && pages[page] ? pages[page]->positions[chain % kPageSize] : 0;
  }

  /// The larger of two bases in each chain; one of them itself where it is the larger in all.
  static llvm::IntrusiveRefCntPtr<const ClockBase> join(llvm::IntrusiveRefCntPtr<const ClockBase> x,
                                                        llvm::IntrusiveRefCntPtr<const ClockBase> y);
  /// `base` with the positions of `beyond`, which are the larger ones.
  static llvm::IntrusiveRefCntPtr<const ClockBase> extend(llvm::IntrusiveRefCntPtr<const ClockBase> base,
                                                          llvm::ArrayRef<Stamp> beyond);

private:
  static constexpr size_t kPageSize = 256;
  struct Page : llvm::RefCountedBase<Page> {
    std::array<uint32_t, kPageSize> positions{};
  };
  using PagePtr = llvm::IntrusiveRefCntPtr<const Page>;
  static PagePtr join(const PagePtr &x, const PagePtr &y);

  std::vector<PagePtr> pages;
};

using ClockBasePtr = llvm::IntrusiveRefCntPtr<const ClockBase>;

/// How far each chain had come as something sees it.
class Clock {
public:
  /// Whether the member `stamp` of its chain is among what happened before.
  bool covers(Stamp stamp) const { return stamp.position <= position(stamp.chain); }
  uint32_t position(uint32_t chain) const;

  /// Adds what happened before `other`.
  void join(const Clock &other);
  /// Adds a member of a chain, and with it those before it.
  void add(Stamp stamp);

  /// What many clocks share.
  const ClockBasePtr &getBase() const { return base; }
  /// The chains in which the clock is beyond its base.
  llvm::ArrayRef<Stamp> getBeyond() const { return beyond; }
  /// Makes all of it the base; copies are cheap from then on.
  void freeze();

private:
  /// Longer lists go into the base.
  static constexpr size_t kMaxBeyond = 32;

  ClockBasePtr base;
  llvm::SmallVector<Stamp, 4> beyond;
};

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_CLOCK_H
