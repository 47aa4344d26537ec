//===- Access.h - What an access to memory costs ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// One instruction with which the lanes of a warp access memory is a list of
/// addresses, one a lane. This header counts exactly what the memory does for it:
/// passes through the banks of shared memory (wavefronts), sectors of global
/// memory; and which registers one instruction can take at once (vectors).
///
/// **Banks.** Shared memory is a row of banks, each some bytes wide: word w lies in
/// bank w mod (number of banks). In one pass a bank delivers one word, to any
/// number of lanes (broadcast). A wide access is served in phases, each for some
/// of the lanes; a phase takes as many passes as the busiest bank has different
/// words to deliver. The passes of all phases are the wavefronts of the access.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_ACCESS_H
#define TILEC_LAYOUT_ACCESS_H

#include "tilec/Layout/Distributed.h"
#include "tilec/Layout/Swizzle.h"

namespace tilec::layout {

enum class AccessKind { Read, Write };

/// What the lanes of one warp access with one instruction.
struct WarpAccess {
  /// The byte address of each lane; nothing for a lane that takes no part.
  std::vector<std::optional<int64_t>> addresses;
  /// The bytes of each lane: 1, 2, 4, 8 or 16; each address is a multiple.
  int64_t bytes = 4;
  AccessKind kind = AccessKind::Read;
};

/// A memory of banks. Instances are data of the hardware: sharedMemoryBanks() in HardwarePTX.h, and
/// localDataShareBanks() in HardwareAMDGPU.h.
struct BankModel {
  /// Powers of two.
  int64_t numBanks = 32, bankBytes = 4;
  /// The lanes of a warp: a power of two.
  int64_t numLanes = 32;
  /// The groups of lanes that are served one after the other, for accesses of 1, 2, 4, 8 and 16 bytes (index 0 to 4).
  using Phases = std::vector<std::vector<int32_t>>;
  Phases reads[5], writes[5];

  const Phases &phases(int64_t bytes, AccessKind kind) const;
};

/// Groups of `size` lanes in order: {0,...,size-1}, {size,...}, ...
BankModel::Phases consecutivePhases(int64_t numLanes, int64_t size);

/// How a memory of banks serves an access.
struct BankUse {
  /// The passes through the banks.
  int64_t wavefronts = 0;
  /// The phases in which some lane takes part: what it would cost without conflicts.
  int64_t phases = 0;
  /// The different words that are delivered, each phase for itself.
  int64_t words = 0;
  /// The words that lanes ask for and another lane of the phase has asked for already (broadcast).
  int64_t shared = 0;

  int64_t conflicts() const { return wavefronts - phases; }
  bool operator==(const BankUse &) const = default;
};

/// Counts what an access costs. Fails where the number of bytes is none of 1, 2, 4, 8, 16, an address is negative or
/// not a multiple of it, or the number of lanes is not the memory's.
Result<BankUse> countBankUse(const WarpAccess &access, const BankModel &banks);

/// The sectors of global memory that an access touches, and the lines of 128 bytes in which these lie. A sector is what
/// the memory moves at least: 32 bytes (CUDA C++ Best Practices Guide, "Coalesced Access to Global Memory").
struct SectorUse {
  int64_t sectors = 0, lines = 0;
  bool operator==(const SectorUse &) const = default;
};
/// Fails as countBankUse, and where the sectors are no power of two up to 128 bytes.
Result<SectorUse> countSectors(const WarpAccess &access, int64_t sectorBytes = 32);

/// The instructions with which every thread accesses what it holds.
struct Vectors {
  /// The elements of one instruction.
  int64_t width = 1;
  /// For each instruction the registers that it takes, in the order of memory; the same in all threads. Registers that
  /// repeat an element of another register in all threads are left out.
  std::vector<std::vector<int64_t>> registers;
};

/// Where each register of each thread lies in a memory of elements: `memory` at the coordinates that `threads` has. The
/// tile's coordinates are those of the memory's inner layout, mode by mode. In the order of (register, thread).
/// Fails where a mode of memory is smaller than the tile, or an offset is negative or exceeds 2^58.
Result<std::vector<int64_t>> offsetsInMemory(const DistributedLayout &threads, const ComposedLayout &memory);

/// The widest vectors of elements with which the threads can access these offsets: a power of two of at most `limit`
/// elements, consecutive and aligned in memory, in the same registers of all threads.
Vectors findVectors(const std::vector<int64_t> &offsets, int64_t numRegisters, int64_t limit);

/// The elements of the widest access: findVectors().width for a limit of `maxBytes` (16 on all GPUs of today). Fails
/// as offsetsInMemory, and where an element's size is no power of two up to maxBytes.
Result<int64_t> vectorWidth(const DistributedLayout &threads, const ComposedLayout &memory, int64_t elementBytes,
                            int64_t maxBytes = 16);

/// What it costs to access a whole tile once.
struct TileCost {
  /// The bytes that a lane accesses with one instruction.
  int64_t vectorBytes = 0;
  /// The instructions of all warps of a block.
  int64_t instructions = 0;
  /// The wavefronts of all these.
  int64_t wavefronts = 0;
  /// The wavefronts that they would take without conflicts.
  int64_t ideal = 0;
  bool operator==(const TileCost &) const = default;
};

/// Counts how the warps of the first block access a tile in shared memory, in instructions of at most 16 bytes a lane,
/// and exactly `requiredBytes` where that is not 0. Fails as offsetsInMemory and countBankUse, and where the required
/// vectors do not exist.
Result<TileCost> tileCost(const DistributedLayout &threads, const ComposedLayout &memory, int64_t elementBytes,
                          const BankModel &banks, AccessKind kind, int64_t requiredBytes = 0);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_ACCESS_H
