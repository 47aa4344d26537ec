//===- MemoryCosts.cpp - what memory does for an instruction ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MemoryCosts.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace tilec::sim::ptx;

static constexpr uint64_t kBanks = 32, kBankBytes = 4;

static void sortUnique(llvm::SmallVectorImpl<uint64_t> &numbers) {
  llvm::sort(numbers);
  numbers.erase(llvm::unique(numbers), numbers.end());
}

Counters::Global tilec::sim::ptx::globalCost(llvm::ArrayRef<ObservedAccess> accesses,
                                             llvm::SmallVectorImpl<uint64_t> &sectors) {
  Counters::Global cost;
  llvm::SmallVector<std::pair<uint64_t, uint64_t>, kLanes> ranges;
  llvm::SmallVector<uint64_t, kLanes> touched;
  for (const ObservedAccess &access : accesses) {
    if (access.space != Space::Global)
      continue;
    ranges.emplace_back(access.address, access.address + access.bytes);
    for (uint64_t sector = access.address / kSectorBytes; sector * kSectorBytes < access.address + access.bytes;
         ++sector)
      touched.push_back(sector);
  }
  if (ranges.empty())
    return cost;
  // Bytes that are accessed by anybody count once.
  llvm::sort(ranges);
  uint64_t bytes = 0, end = 0;
  for (auto [from, to] : ranges) {
    bytes += to > end ? to - std::max(from, end) : 0;
    end = std::max(end, to);
  }
  sortUnique(touched);
  cost.requests = 1;
  cost.sectors = touched.size();
  cost.idealSectors = llvm::divideCeil(bytes, kSectorBytes);
  sectors.append(touched.begin(), touched.end());
  return cost;
}

/// Passes through the banks for accesses that are served together: as many as the busiest bank has different words.
static uint64_t passes(llvm::ArrayRef<ObservedAccess> accesses) {
  llvm::SmallVector<uint64_t, 4 * kLanes> words;
  for (const ObservedAccess &access : accesses)
    for (uint64_t word = access.address / kBankBytes; word * kBankBytes < access.address + access.bytes; ++word)
      words.push_back(word);
  sortUnique(words);
  uint64_t load[kBanks] = {}, busiest = 0;
  for (uint64_t word : words)
    busiest = std::max(busiest, ++load[word % kBanks]);
  return busiest;
}

Counters::Shared tilec::sim::ptx::sharedCost(llvm::ArrayRef<ObservedAccess> accesses, size_t perPhase) {
  Counters::Shared cost;
  llvm::SmallVector<ObservedAccess, kLanes> ours;
  llvm::copy_if(accesses, std::back_inserter(ours),
                [](const ObservedAccess &access) { return access.space == Space::Shared; });
  auto serve = [&](llvm::ArrayRef<ObservedAccess> phase) {
    if (phase.empty())
      return;
    cost.wavefronts += passes(phase);
    // Without conflicts all banks deliver.
    cost.idealWavefronts += 1;
  };
  if (perPhase) {
    for (llvm::ArrayRef<ObservedAccess> left = ours; !left.empty();
         left = left.drop_front(std::min(perPhase, left.size())))
      serve(left.take_front(perPhase));
  } else if (!ours.empty()) {
    unsigned lanes = kLanes * kBankBytes / std::clamp<unsigned>(ours.front().bytes, kBankBytes, 32);
    llvm::sort(ours, [](const ObservedAccess &a, const ObservedAccess &b) { return a.lane < b.lane; });
    for (unsigned first = 0; first != kLanes; first += lanes) {
      auto isIn = [&](const ObservedAccess &access) { return access.lane >= first && access.lane < first + lanes; };
      llvm::SmallVector<ObservedAccess, kLanes> phase;
      llvm::copy_if(ours, std::back_inserter(phase), isIn);
      serve(phase);
    }
  }
  cost.requests = !ours.empty();
  return cost;
}
