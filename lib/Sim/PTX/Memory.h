//===- Memory.h - the address space of a device -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Generic addresses are 64-bit. The low ones are windows onto the state spaces that each block or thread has of its
/// own; global memory is above them, so that no two spaces share an address and a null pointer is in none
/// (section 5.1.2 of the manual leaves the windows to the machine).
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_MEMORY_H
#define TILEC_LIB_SIM_PTX_MEMORY_H

#include "DefinedBits.h"

#include "tilec/Sim/PTX/Syntax.h"

#include <atomic>
#include <map>
#include <shared_mutex>

namespace tilec::sim::ptx {

/// Where the windows begin. A window is as large as the distance to the next one.
struct Window {
  static constexpr uint64_t shared = uint64_t(1) << 32, local = uint64_t(2) << 32, param = uint64_t(3) << 32,
                            constant = uint64_t(4) << 32, global = uint64_t(1) << 40;
};

/// A piece of global or constant memory.
struct Allocation {
  uint64_t base = 0, size = 0;
  std::unique_ptr<char[]> data;
  /// What a report calls it: a variable's name, or nothing for memory that the host allocated.
  std::string name;
  DefinedBits defined;
  /// Whether `malloc` of a kernel gave it, so that `free` takes it.
  bool isOfHeap = false;
  Allocation clone() const;
  bool contains(uint64_t address, uint64_t bytes) const {
    return address >= base && address - base <= size && bytes <= size - (address - base);
  }
};

/// All of memory at one moment.
struct SavedMemory {
  std::map<uint64_t, Allocation> allocations;
  uint64_t nextGlobal = 0, nextConstant = 0;
};

struct ScheduleDifference;

/// Global and constant memory. Pieces never touch, so that one element beyond an array is in none. Safe for several
/// threads of the host; that those agree about the bytes is their business.
class Memory {
public:
  /// Null without memory.
  Allocation *allocate(uint64_t bytes, bool isConstant, std::string name);
  /// Its addresses are in no allocation any more. Its bytes stay until discardReleased, since another thread of the
  /// host may be about to access them; false where no allocation begins there.
  bool release(uint64_t address);
  /// For when nobody accesses memory.
  void discardReleased();
  /// Grows whenever an allocation is gone, so that nobody keeps a pointer to one.
  uint64_t getGeneration() const { return generation.load(std::memory_order_relaxed); }
  /// The allocation that all of the bytes are in; null where there is none.
  Allocation *find(uint64_t address, uint64_t bytes) const;
  /// Gives everything a value: a launch that does not look for values that nobody gave does not say what it wrote.
  void defineAll();
  SavedMemory save() const;
  /// Makes memory what it was. For when nobody accesses it.
  void restore(const SavedMemory &saved);
  /// Adds to the differences, one for each allocation, what is other than in the reference, which seed `seed` left; of
  /// what was there before.
  void compare(const SavedMemory &before, const SavedMemory &reference, uint64_t seed, uint64_t otherSeed,
               std::vector<ScheduleDifference> &differences) const;
  /// The allocation that begins at or before the address, for a report.
  const Allocation *nearest(uint64_t address) const;
  /// Base and size of the allocation that an address was in until it was released; addresses are not used twice.
  std::optional<std::pair<uint64_t, uint64_t>> findReleased(uint64_t address) const;

private:
  std::atomic<uint64_t> generation = 0;
  mutable std::shared_mutex mutex;
  std::map<uint64_t, std::unique_ptr<Allocation>> allocations;
  std::vector<std::unique_ptr<Allocation>> released;
  /// The sizes of the latest of those that are gone, by base.
  std::map<uint64_t, uint64_t> releasedSizes;
  uint64_t nextGlobal = Window::global, nextConstant = Window::constant;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_MEMORY_H
