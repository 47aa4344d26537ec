//===- Memory.cpp - the address space of a device ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Memory.h"

#include "llvm/Support/MathExtras.h"

#include <new>

using namespace tilec::sim::ptx;

/// Every allocation is aligned to it, and as many bytes at least lie between two.
static constexpr uint64_t kGap = 256;
/// Most allocations that are remembered when they are gone.
static constexpr size_t kMostReleased = size_t(1) << 16;

Allocation *Memory::allocate(uint64_t bytes, bool isConstant, std::string name) {
  if (bytes > Limits::bytes)
    return nullptr;
  auto allocation = std::make_unique<Allocation>();
  // Bytes without a value are not read by a correct kernel; a pattern makes it visible where one does.
  allocation->data.reset(new (std::nothrow) char[std::max<uint64_t>(bytes, 1)]);
  if (!allocation->data)
    return nullptr;
  std::fill_n(allocation->data.get(), bytes, char(0xA5));
  std::lock_guard<std::shared_mutex> lock(mutex);
  uint64_t &next = isConstant ? nextConstant : nextGlobal;
  allocation->base = next;
  allocation->size = bytes;
  allocation->name = std::move(name);
  allocation->defined = DefinedBits(bytes);
  next = llvm::alignTo(next + bytes, kGap) + kGap;
  return (allocations[allocation->base] = std::move(allocation)).get();
}

bool Memory::release(uint64_t address) {
  std::lock_guard<std::shared_mutex> lock(mutex);
  auto found = allocations.find(address);
  if (found == allocations.end())
    return false;
  // The lowest addresses are the oldest.
  if (releasedSizes.size() == kMostReleased)
    releasedSizes.erase(releasedSizes.begin());
  releasedSizes[address] = found->second->size;
  generation.fetch_add(1, std::memory_order_relaxed);
  released.push_back(std::move(found->second));
  allocations.erase(found);
  return true;
}

std::optional<std::pair<uint64_t, uint64_t>> Memory::findReleased(uint64_t address) const {
  std::shared_lock<std::shared_mutex> lock(mutex);
  auto next = releasedSizes.upper_bound(address);
  if (next == releasedSizes.begin())
    return std::nullopt;
  auto [base, size] = *std::prev(next);
  if (address - base >= std::max<uint64_t>(size, 1))
    return std::nullopt;
  return std::pair(base, size);
}

void Memory::discardReleased() {
  std::lock_guard<std::shared_mutex> lock(mutex);
  released.clear();
}

void Memory::defineAll() {
  std::lock_guard<std::shared_mutex> lock(mutex);
  for (auto &[base, allocation] : allocations)
    allocation->defined.defineAll();
}

const Allocation *Memory::nearest(uint64_t address) const {
  std::shared_lock<std::shared_mutex> lock(mutex);
  auto next = allocations.upper_bound(address);
  return next == allocations.begin() ? nullptr : std::prev(next)->second.get();
}

Allocation *Memory::find(uint64_t address, uint64_t bytes) const {
  std::shared_lock<std::shared_mutex> lock(mutex);
  auto next = allocations.upper_bound(address);
  if (next == allocations.begin())
    return nullptr;
  Allocation *allocation = std::prev(next)->second.get();
  return allocation->contains(address, bytes) ? allocation : nullptr;
}
