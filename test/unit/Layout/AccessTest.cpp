//===- AccessTest.cpp - Banks, sectors, vectors and swizzles ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AccessOracle.h"

#include "tilec/Layout/HardwareAMDGPU.h"
#include "tilec/Layout/HardwarePTX.h"

#include "gtest/gtest.h"

#include <random>

using namespace tilec::layout;
using namespace tilec::layout::test;

/// The access in which lane l has the address stride * l.
static WarpAccess strided(int64_t bytes, int64_t stride, int64_t numLanes = 32) {
  WarpAccess access{{}, bytes, AccessKind::Read};
  for (int64_t lane = 0; lane < numLanes; ++lane)
    access.addresses.emplace_back(stride * lane);
  return access;
}

static BankUse use(const WarpAccess &access) { return *countBankUse(access, ptx::sharedMemoryBanks()); }

TEST(BankUse, KnownAccesses) {
  //                              wavefronts, phases, words, shared
  EXPECT_EQ(use(strided(4, 4)), (BankUse{1, 1, 32, 0}));      // neighbours
  EXPECT_EQ(use(strided(4, 0)), (BankUse{1, 1, 1, 31}));      // one word for all
  EXPECT_EQ(use(strided(4, 8)), (BankUse{2, 1, 32, 0}));      // every other word
  EXPECT_EQ(use(strided(4, 12)), (BankUse{1, 1, 32, 0}));     // odd strides never conflict
  EXPECT_EQ(use(strided(4, 128)), (BankUse{32, 1, 32, 0}));   // a column: one bank
  EXPECT_EQ(use(strided(4, 132)), (BankUse{1, 1, 32, 0}));    // a padded column
  EXPECT_EQ(use(strided(1, 1)), (BankUse{1, 1, 8, 24}));      // four lanes a word
  EXPECT_EQ(use(strided(2, 2)), (BankUse{1, 1, 16, 16}));     // two lanes a word
  EXPECT_EQ(use(strided(2, 128)), (BankUse{32, 1, 32, 0}));   // a column of a 64-wide f16 tile
  EXPECT_EQ(use(strided(8, 8)), (BankUse{2, 2, 64, 0}));      // half warps
  EXPECT_EQ(use(strided(8, 0)), (BankUse{2, 2, 4, 60}));      // each half asks for itself
  EXPECT_EQ(use(strided(8, 128)), (BankUse{32, 2, 64, 0}));   // sixteen rows in the same two banks, twice
  EXPECT_EQ(use(strided(16, 16)), (BankUse{4, 4, 128, 0}));   // quarter warps
  EXPECT_EQ(use(strided(16, 128)), (BankUse{32, 4, 128, 0})); // eight rows in the same four banks, four times
  EXPECT_EQ(use(strided(16, 144)), (BankUse{4, 4, 128, 0}));  // padded rows
}

TEST(BankUse, LanesThatTakeNoPartCostNothing) {
  WarpAccess access = strided(8, 8);
  for (size_t lane = 16; lane < 32; ++lane)
    access.addresses[lane] = std::nullopt;
  EXPECT_EQ(use(access), (BankUse{1, 1, 32, 0}));
  for (std::optional<int64_t> &address : access.addresses)
    address = std::nullopt;
  EXPECT_EQ(use(access), (BankUse{0, 0, 0, 0}));
}

TEST(BankUse, WhatIsNoAccess) {
  auto message = [](const WarpAccess &access) { return countBankUse(access, ptx::sharedMemoryBanks()).message(); };
  EXPECT_EQ(message(strided(3, 3)), "an access has 1, 2, 4, 8 or 16 bytes a lane, not 3");
  EXPECT_EQ(message(strided(32, 32)), "an access has 1, 2, 4, 8 or 16 bytes a lane, not 32");
  EXPECT_EQ(message(strided(4, 2)), "the address 2 of lane 1 is no multiple of the access's 4 bytes");
  EXPECT_EQ(message(strided(4, -4)), "the address -4 of lane 1 is no multiple of the access's 4 bytes");
  EXPECT_EQ(message(strided(4, 4, 64)), "an access of 64 lanes to a memory that serves 32");
}

TEST(BankUse, WideReadsOfTheLocalDataShareAreServedInDocumentedGroups) {
  const BankModel &banks = amdgpu::localDataShareBanks();
  // The document's list.
  BankModel::Phases groups = {{0, 1, 2, 3, 20, 21, 22, 23},     {4, 5, 6, 7, 16, 17, 18, 19},
                              {8, 9, 10, 11, 28, 29, 30, 31},   {12, 13, 14, 15, 24, 25, 26, 27},
                              {32, 33, 34, 35, 52, 53, 54, 55}, {36, 37, 38, 39, 48, 49, 50, 51},
                              {40, 41, 42, 43, 60, 61, 62, 63}, {44, 45, 46, 47, 56, 57, 58, 59}};
  EXPECT_EQ(banks.phases(16, AccessKind::Read), groups);
  // Rows of 64 bytes, a chunk of 16 bytes a lane: column l / 16 of row l % 16. Each group of the write has eight rows
  // of one column, which lie in two sets of banks: four-way conflicts. So has each group of the read.
  WarpAccess access{{}, 16, AccessKind::Write};
  for (int64_t lane = 0; lane < 64; ++lane)
    access.addresses.emplace_back(64 * (lane % 16) + 16 * (lane / 16));
  EXPECT_EQ(countBankUse(access, banks)->wavefronts, 8 * 4);
  access.kind = AccessKind::Read;
  // Lanes 0 to 3 take column 0 of rows 0 to 3, lanes 20 to 23 column 1 of rows 4 to 7: two-way conflicts.
  EXPECT_EQ(countBankUse(access, banks)->wavefronts, 8 * 2);
}

TEST(BankUse, IsWhatCountingByTheDefinitionGives) {
  std::mt19937_64 random(40);
  for (const BankModel *banks : {&ptx::sharedMemoryBanks(), &amdgpu::localDataShareBanks()})
    for (int n = 0; n < 4000; ++n) {
      WarpAccess access{{}, int64_t(1) << random() % 5, random() % 2 ? AccessKind::Read : AccessKind::Write};
      int64_t range = int64_t(1) << random() % 12;
      for (int64_t lane = 0; lane < banks->numLanes; ++lane)
        access.addresses.push_back(random() % 8 ? std::optional(access.bytes * int64_t(random() % range))
                                                : std::nullopt);
      ASSERT_EQ(countBankUse(access, *banks)->wavefronts, countWavefronts(access, *banks));
    }
}

TEST(Sectors, KnownAccesses) {
  auto sectors = [](const WarpAccess &access) { return *countSectors(access); };
  EXPECT_EQ(sectors(strided(4, 4)), (SectorUse{4, 1}));
  EXPECT_EQ(sectors(strided(4, 0)), (SectorUse{1, 1}));
  EXPECT_EQ(sectors(strided(4, 8)), (SectorUse{8, 2}));
  EXPECT_EQ(sectors(strided(4, 4096)), (SectorUse{32, 32}));
  EXPECT_EQ(sectors(strided(16, 16)), (SectorUse{16, 4}));
  EXPECT_EQ(sectors(strided(1, 1)), (SectorUse{1, 1}));
  EXPECT_EQ(sectors(strided(2, 64)), (SectorUse{32, 16}));
  WarpAccess shifted = strided(4, 4);
  for (std::optional<int64_t> &address : shifted.addresses)
    *address += 4;
  EXPECT_EQ(sectors(shifted), (SectorUse{5, 2})); // one sector more, for the last lane
  EXPECT_EQ(*countSectors(strided(4, 4), 128), (SectorUse{1, 1}));
  EXPECT_EQ(countSectors(strided(4, 4), 48).message(), "sectors have a power of two of at most 128 bytes, not 48");
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

static DistributedLayout threads(const char *text) { return *DistributedLayout::make(*parseLayout(text)); }
static ComposedLayout memory(const char *text) { return *parseComposed(text); }

TEST(Vectors, WidthOfAnAccess) {
  auto width = [](const char *layout, const char *place, int64_t elementBytes) {
    return *vectorWidth(threads(layout), memory(place), elementBytes);
  };
  // Eight elements of a row for each lane.
  const char *rows = "(8,(8,4)):(1@1,(8@1,1@0))";
  EXPECT_EQ(width(rows, "(4,64):(64,1)", 2), 8);
  EXPECT_EQ(width(rows, "(4,64):(64,1)", 4), 4);
  EXPECT_EQ(width(rows, "(4,64):(64,1)", 1), 8);
  EXPECT_EQ(width(rows, "(4,64):(1,4)", 2), 1);
  EXPECT_EQ(width(rows, "(4,66):(66,1)", 2), 2);     // rows are aligned to two elements
  EXPECT_EQ(width(rows, "(4,65):(65,1)", 2), 1);     // to none
  EXPECT_EQ(width(rows, "2 o (4,64):(64,1)", 2), 2); // the tile starts at an odd place
  EXPECT_EQ(width(rows, "Sw<2,3,3> o 0 o (4,64):(64,1)", 2), 8);
  EXPECT_EQ(width(rows, "Sw<2,1,5> o 0 o (4,64):(64,1)", 2), 2);
  EXPECT_EQ(width(rows, "Sw<1,0,6> o 0 o (4,64):(64,1)", 2), 1); // lanes would need different registers
  // Registers may come in any order.
  EXPECT_EQ(width("((2,4),(8,4)):((4@1,1@1),(8@1,1@0))", "(4,64):(64,1)", 2), 8);
  // Six elements: no power of two.
  EXPECT_EQ(width("(6,(8,4)):(1@1,(6@1,1@0))", "(4,48):(48,1)", 2), 2);
  // A repeated element takes no room.
  EXPECT_EQ(width("((2,8),(8,4)):((0,1@1),(8@1,1@0))", "(4,64):(64,1)", 2), 8);
  EXPECT_EQ(vectorWidth(threads(rows), memory("(4,32):(32,1)"), 2).message(),
            "mode 1 of (4,32):(32,1) is smaller than the tile of shape (4,64)");
  EXPECT_EQ(vectorWidth(threads(rows), memory("(4,64):(1000000000000000000,1)"), 2).message(),
            "the value 1000000000000000000 of (4,64):(1000000000000000000,1) is no offset in memory");
  EXPECT_EQ(vectorWidth(threads(rows), memory("(4,64):(-64,1)"), 2).message(),
            "the value -64 of (4,64):(-64,1) is no offset in memory");
  EXPECT_EQ(vectorWidth(threads(rows), memory("(4,64):(64,1)"), 3).message(),
            "elements of 3 bytes in accesses of at most 16");
}

TEST(Distributed, Replication) {
  auto replication = [](const char *text) { return threads(text).replication(); };
  EXPECT_EQ(replication("((2,2),(4,8)):((1@1,8@0),(2@1,1@0))"), (Replication{1, 1, 1, 1}));
  EXPECT_EQ(replication("((2,2),(4,8)):((1@0,0),(2@0,8@0))"), (Replication{2, 1, 1, 1}));
  EXPECT_EQ(replication("(2,(4,8)):(1@0,(0,2@0))"), (Replication{1, 4, 1, 1}));
  EXPECT_EQ(replication("(2,(4,8),4,2):(1@0,(0,2@0),0,16@0)"), (Replication{1, 4, 4, 1}));
  EXPECT_EQ(replication("(2,(4,8),4,2):(1@0,(0,2@0),16@0,0)"), (Replication{1, 4, 1, 2}));
}
