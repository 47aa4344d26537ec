//===- Races.h - conflicting accesses without an order ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Finds races by happens-before, which is what tokens, grids, and releases that acquires read from order. For each
/// element a shadow remembers the accesses that a later one may race with: the last write, the reads since, and the
/// atomics since. What is found depends on which elements were accessed, hardly on the order in which it happened.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_RACES_H
#define TILEC_LIB_INTERPRETER_RACES_H

#include "Memory.h"

#include "llvm/ADT/DenseSet.h"

namespace tilec::interpreter {

/// What a report says about an access that was issued; its place in the order.
struct AccessInfo {
  mlir::Operation *op = nullptr;
  const Array *array = nullptr;
  uint32_t iteration = 0;
  Stamp stamp;
  tile::MemoryOrder order = tile::MemoryOrder::weak;
  tile::MemoryScope scope = tile::MemoryScope::block;
  /// The number of the access, where this is one of its lanes.
  uint32_t access = 0;

  bool isWeak() const { return order == tile::MemoryOrder::weak; }
};

/// An iteration of a grid; the first of all stands for what is outside grids.
struct IterationInfo {
  tile::GridOp grid;
  /// Which execution of a grid it belongs to.
  uint32_t gridNumber = 0;
  /// The number of the tile, or the value of the index, in each dim.
  llvm::SmallVector<int64_t, 4> index;
};

/// An atomic read of what an atomic of another iteration wrote, and whether that gave an order.
struct AtomicRead {
  enum class Result {
    /// What the writer did before it happened before what the reader does after it.
    Order,
    /// The reader is no acquire, the writer no release, or the scope of one does not include the other.
    NoAcquire,
    NoRelease,
    NarrowScope,
  };
  Result result;
  uint32_t reader, writer;
  /// What happened before the writer, where there is an order.
  Clock released;
};

/// Two accesses of one element that race, by number.
struct Race {
  uint32_t later = 0, earlier = 0;
  /// The element that the later one accessed.
  std::string element;
};

/// What may race with the next access of an element.
struct ShadowCell {
  /// A release whose value, or one made from it by atomics, an acquire may read.
  struct Release {
    uint32_t number;
    Clock clock;
    /// Whether it comes after all releases before it.
    bool isAfterOthers;
  };
  /// What only elements with atomics need.
  struct Atomics {
    /// Atomic reads and writes since the last weak write.
    std::vector<uint32_t> reads, writes;
    std::vector<Release> releases;
    /// The last write; 0 where it was none of the run's.
    uint32_t lastWrite = 0;
    bool hasBlockScope = false;
  };

  /// The number of the last weak write; 0 is none.
  uint32_t write = 0;
  /// Weak reads since.
  llvm::SmallVector<uint32_t, 2> reads;
  std::unique_ptr<Atomics> atomics;
  /// A base that covers all of `reads`.
  ClockBasePtr readsCoveredBy;
};

/// The cells of one array, or of all memory that arrays share; made when they are first used.
class Shadow {
public:
  ShadowCell &operator[](int64_t cell) {
    auto &page = pages[cell / kPageSize];
    if (!page)
      page = std::make_unique<Page>();
    return page->cells[cell % kPageSize];
  }

private:
  static constexpr int64_t kPageSize = 256;
  struct Page {
    std::array<ShadowCell, kPageSize> cells;
  };
  llvm::DenseMap<int64_t, std::unique_ptr<Page>> pages;
};

/// Watches the accesses of a run.
class RaceDetector {
public:
  RaceDetector();

  /// Watches the accesses of an array, or of several whose memory may overlap.
  void addArray(llvm::ArrayRef<Array *> group);
  /// Returns the number of a new iteration.
  uint32_t addIteration(IterationInfo info);

  /// Puts an access into a chain, when it is issued.
  void issue(Access &access);
  /// Finds what happened before it, when its first lane is about to be performed.
  void begin(Access &access);
  /// The lane at `position` of the access's lanes is performed: returns the race that this is, if it is one.
  std::optional<Race> perform(Access &access, size_t position, bool reads, bool writes);

  /// True the first time that a race between these two ops is seen.
  bool isNew(const Race &race) { return reported.insert({accesses[race.later].op, accesses[race.earlier].op}).second; }

  const IterationInfo &getIteration(uint32_t number) const { return iterations[number]; }
  const AccessInfo &getAccess(uint32_t number) const { return accesses[number]; }
  /// The read by which the iteration of `later` came nearest to being ordered after that of `earlier`; may be null.
  const AtomicRead *findAtomicRead(uint32_t earlier, uint32_t later) const;

private:
  /// A lane of an access, and what happened before it.
  struct Event {
    Access &access;
    uint32_t number;
    bool reads, writes;
    Clock *clock;
  };
  std::optional<uint32_t> findConflict(const Event &event, ShadowCell &cell);
  void record(const Event &event, ShadowCell &cell);
  void readAtomically(const Event &event, const ShadowCell::Atomics &atomics);
  void writeAtomically(const Event &event, ShadowCell::Atomics &atomics);
  void note(AtomicRead read);

  std::vector<AccessInfo> accesses;
  std::vector<IterationInfo> iterations;
  /// The last position of each chain.
  std::vector<uint32_t> tails;
  std::vector<std::unique_ptr<Shadow>> shadows;
  /// By the reader's iteration.
  llvm::DenseMap<uint32_t, std::vector<AtomicRead>> atomicReads;
  llvm::DenseSet<std::pair<mlir::Operation *, mlir::Operation *>> reported;
};

/// The sentence about a race, and the sentence about its other place.
struct RaceReport {
  std::string message, note;
};
RaceReport describeRace(const RaceDetector &races, const Race &race);

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_RACES_H
