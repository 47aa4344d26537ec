//===- RaceShadow.h - who accessed a word last ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the race detector remembers of memory: for each word of 4 bytes the last weak write, and the accesses since
/// that no later one stands for. A word that was accessed in part has that for each of its bytes.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_RACESHADOW_H
#define TILEC_LIB_SIM_PTX_RACESHADOW_H

#include "Clocks.h"

#include "llvm/ADT/DenseMap.h"

namespace tilec::sim::ptx {

/// What an access is to others: weak ones conflict with every write, strong ones may be morally strong (section 8.7).
enum class Touch : uint8_t { WeakRead, StrongRead, StrongWrite, WeakWrite };

/// Accesses of lanes of warps of one block, all at one time or with nothing between that anybody can know of: every
/// lane of `lanes` in every warp of `warps`. 20 bytes, for there are two for each word.
struct [[gnu::packed, gnu::aligned(4)]] Record {
  uint64_t time : 37, op : 20, touch : 2, isEngine : 1;
  /// Of a cell's first record: there are more, in the page.
  uint64_t hasMore : 1;
  /// Of a cell's first record: there is one of another block, in the page.
  uint64_t hasOther : 1;
  /// Of a word's write: the bytes have records of their own.
  uint64_t isSplit : 1;
  /// Of a strong read or a read-modify-write: it read what the last write wrote, the two are morally strong, and no
  /// earlier record of its threads says so.
  uint64_t isObserver : 1;
  uint32_t block = 0;
  Mask lanes = 0, warps = 0;

  static constexpr uint64_t kMostOps = (uint64_t(1) << 20) - 1;
  Record() : time(0), op(0), touch(0), isEngine(0), hasMore(0), hasOther(0), isSplit(0), isObserver(0) {}
  bool isEmpty() const { return !lanes; }
  Touch getTouch() const { return static_cast<Touch>(touch); }
};

/// Of a word or a byte.
struct Cell {
  Record write, access;
};

/// The cells of 4 KiB of memory.
struct ShadowPage {
  static constexpr unsigned kBytes = 4096, kWords = kBytes / 4;
  /// Further accesses to a cell, the older ones first: by the block of its first record where all are weak reads, and
  /// otherwise by any.
  using More = llvm::SmallVector<Record, 3>;
  Cell words[kWords];
  /// Of words that are split, four for each.
  std::unique_ptr<Cell[]> bytes;
  /// By the cell's index: words first, then bytes.
  llvm::DenseMap<unsigned, More> more;

  /// A weak read of a cell by another block than that of the first record, where there are none but weak reads. Those
  /// of a third block are forgotten: what is not ordered with all blocks is, but for rare cases, not ordered with most.
  /// By index, for words and for bytes, once there is one.
  std::unique_ptr<Record[]> otherOfWords, otherOfBytes;

  Record &other(unsigned index) {
    std::unique_ptr<Record[]> &others = index < kWords ? otherOfWords : otherOfBytes;
    if (!others)
      others = std::make_unique<Record[]>(index < kWords ? kWords : 4 * kWords);
    return others[index < kWords ? index : index - kWords];
  }
  Cell &cell(unsigned index) { return index < kWords ? words[index] : bytes[index - kWords]; }
};

/// The pages of an allocation or of a block's shared memory; null where nobody accessed anything.
class Shadow {
public:
  ShadowPage &page(uint64_t offset) {
    size_t index = offset / ShadowPage::kBytes;
    if (index >= pages.size())
      pages.resize(index + 1);
    if (!pages[index])
      pages[index] = std::make_unique<ShadowPage>();
    return *pages[index];
  }

private:
  std::vector<std::unique_ptr<ShadowPage>> pages;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_RACESHADOW_H
