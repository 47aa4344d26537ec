//===- PTXMemoryCostsTest.cpp - what memory does, counted twice -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The simulator's counts against those of the layout library, which share no code, on random accesses.
//
//===----------------------------------------------------------------------===//

#include "MemoryCosts.h"

#include "tilec/Layout/Access.h"
#include "tilec/Layout/HardwarePTX.h"

#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"

#include <random>
#include <set>

using namespace tilec::sim::ptx;
namespace layout = tilec::layout;

namespace {
/// Random accesses of some lanes: in a row, at a stride, or anywhere.
struct Sample {
  Sample(std::mt19937_64 &random, Space space, unsigned mostBytes) {
    bytes = 1u << random() % (llvm::Log2_32(mostBytes) + 1);
    uint64_t stride = random() % 3 ? random() % 70 : 1, base = random() % 64;
    bool isAnywhere = random() % 4 == 0;
    Mask lanes = random() % 3 ? kAllLanes : static_cast<Mask>(random());
    access.bytes = bytes;
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      uint64_t address = bytes * (isAnywhere ? random() % 512 : base + lane * stride);
      access.addresses.emplace_back();
      if (!(lanes >> lane & 1))
        continue;
      access.addresses.back() = static_cast<int64_t>(address);
      accesses.push_back({address, bytes, static_cast<uint8_t>(lane), Access::Kind::Read, space, false});
    }
  }
  unsigned bytes;
  layout::WarpAccess access;
  std::vector<ObservedAccess> accesses;
};
} // namespace

TEST(PTXMemoryCosts, WavefrontsAreThoseOfTheLayoutLibrary) {
  std::mt19937_64 random(1);
  layout::BankModel banks = layout::ptx::sharedMemoryBanks();
  for (int i = 0; i != 3000; ++i) {
    Sample sample(random, Space::Shared, 16);
    Counters::Shared cost = sharedCost(sample.accesses, 0);
    layout::BankUse use = *layout::countBankUse(sample.access, banks);
    ASSERT_EQ(cost.wavefronts, uint64_t(use.wavefronts)) << i;
    ASSERT_EQ(cost.idealWavefronts, uint64_t(use.phases)) << i;
    llvm::SmallVector<uint64_t> sectors;
    ASSERT_EQ(globalCost(sample.accesses, sectors).requests, 0u);
  }
}

TEST(PTXMemoryCosts, SectorsAreThoseOfTheLayoutLibrary) {
  std::mt19937_64 random(2);
  for (int i = 0; i != 3000; ++i) {
    Sample sample(random, Space::Global, 16);
    llvm::SmallVector<uint64_t> sectors;
    Counters::Global cost = globalCost(sample.accesses, sectors);
    ASSERT_EQ(cost.sectors, uint64_t(layout::countSectors(sample.access)->sectors)) << i;
    ASSERT_EQ(cost.sectors, sectors.size());
    // No fewer than what the different bytes fill, and no more than there are.
    std::set<uint64_t> bytes;
    for (const ObservedAccess &access : sample.accesses)
      for (uint64_t byte = 0; byte != access.bytes; ++byte)
        bytes.insert(access.address + byte);
    ASSERT_EQ(cost.idealSectors, (bytes.size() + 31) / 32);
    ASSERT_LE(cost.idealSectors, cost.sectors);
  }
}
