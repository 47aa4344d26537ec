//===- SwizzleSearchTest.cpp - The optimum over all swizzles ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AccessOracle.h"

#include "tilec/Layout/HardwarePTX.h"
#include "tilec/Layout/SwizzleSearch.h"

#include "gtest/gtest.h"

using namespace tilec::layout;
using namespace tilec::layout::test;

static DistributedLayout threads(const char *text) { return *DistributedLayout::make(*parseLayout(text)); }

namespace {
/// A tile in shared memory, as it is written and read.
struct SwizzleCase {
  const char *memory;
  int64_t elementBytes;
  const char *write, *read;
  int64_t requiredRead;
};
} // namespace

static const SwizzleCase swizzleCases[] = {
    // 128 x 64 f16, copied by rows of 16 bytes and read as ldmatrix reads it: 16-byte rows of 8 x 8 matrices.
    {"(128,64):(64,1)", 2, "((8,8),(8,4),4):((1@1,16@0),(8@1,1@0),4@0)",
     "((8,8,4),(8,2,2)):((1@1,8@1,32@0),(1@0,8@0,16@0))", 16},
    // Half of it, read as the operand of m16n8k16 without ldmatrix.
    {"(64,64):(64,1)", 2, "((8,4),(8,4),4):((1@1,16@0),(8@1,1@0),4@0)",
     "((2,2,2,4),(4,8),4):((1@1,8@0,8@1,16@1),(2@1,1@0),16@0)", 0},
    // A transposition of f32.
    {"(32,32):(32,1)", 4, "(32,32):(1@0,1@1)", "(32,32):(1@1,1@0)", 0},
    // Bytes, and doubles.
    {"(64,32):(32,1)", 1, "((16,4),(2,16)):((1@1,16@0),(16@1,1@0))", "((4,16),(8,4)):((1@0,4@0),(1@1,8@1))", 0},
    {"(32,16):(16,1)", 8, "((2,8),(8,4)):((1@1,4@0),(2@1,1@0))", "((8,2),(16,2)):((1@0,16@0),(1@1,8@0))", 0},
    // Not linear over F2.
    {"(24,40):(40,1)", 2, "((4,10,3),(8,4)):((1@1,4@1,8@0),(1@0,0))", "((10,3),(8,4)):((1@1,8@0),(1@0,10@1))", 0},
};

TEST(SwizzleSearch, FindsTheOptimumOfAllSwizzles) {
  const BankModel &banks = ptx::sharedMemoryBanks();
  for (const SwizzleCase &test : swizzleCases) {
    DistributedLayout write = threads(test.write), read = threads(test.read);
    Layout place = *parseLayout(test.memory);
    SwizzleChoice choice = *findSwizzle(
        place, test.elementBytes, {{write, AccessKind::Write, 0}, {read, AccessKind::Read, test.requiredRead}}, banks);

    // Every pair of a count and a place of bits, by the definition of a swizzle, without the library's costs.
    int bits = 0;
    while ((int64_t(1) << bits) < *cosize(place))
      ++bits;
    std::pair<int64_t, int> best{INT64_MAX, 0};
    for (int moved = 0; moved <= bits; ++moved)
      for (int base = 0; base <= bits; ++base)
        for (int shift = -bits; shift <= bits; ++shift) {
          if (std::abs(shift) < moved || base + moved + std::abs(shift) > bits || (!moved && (base || shift)))
            continue;
          auto swizzle = [&](int64_t offset) { return swizzledByDefinition(offset, moved, base, shift); };
          int64_t cost = 0;
          bool allowed = true;
          for (bool reading : {false, true}) {
            std::optional<int64_t> wavefronts =
                wavefrontsOfTile(reading ? read : write, place, swizzle, test.elementBytes, banks,
                                 reading ? AccessKind::Read : AccessKind::Write, reading ? test.requiredRead : 0);
            allowed &= wavefronts.has_value();
            cost += wavefronts.value_or(0);
          }
          if (allowed)
            best = std::min(best, {cost, moved});
        }
    EXPECT_EQ(choice.wavefronts, best.first) << test.memory << " " << test.read;
    EXPECT_EQ(choice.swizzle.bits(), best.second) << test.memory << " " << test.read;
    EXPECT_EQ(choice.candidates, static_cast<int64_t>(allSwizzles(bits).size()));
  }
}

TEST(SwizzleSearch, KnownSwizzles) {
  const BankModel &banks = ptx::sharedMemoryBanks();
  // 128 x 64 f16 with ldmatrix: the 128-byte mode of the hardware, on elements of two bytes.
  SwizzleChoice choice = *findSwizzle(
      *parseLayout("(128,64):(64,1)"), 2,
      {{threads(swizzleCases[0].write), AccessKind::Write, 0}, {threads(swizzleCases[0].read), AccessKind::Read, 16}},
      banks);
  EXPECT_EQ(print(choice.swizzle), "Sw<3,3,3>");
  EXPECT_EQ(choice.wavefronts, choice.ideal);
  EXPECT_EQ(choice.costs[1].vectorBytes, 16);
  // Where nothing conflicts, nothing is swizzled.
  choice =
      *findSwizzle(*parseLayout("(32,32):(32,1)"), 4, {{threads("(32,32):(1@0,1@1)"), AccessKind::Write, 0}}, banks);
  EXPECT_EQ(print(choice.swizzle), "Sw<0,0,0>");
  EXPECT_EQ(
      findSwizzle(*parseLayout("(32,32):(1,32)"), 4, {{threads("(32,32):(1@1,1@0)"), AccessKind::Read, 16}}, banks)
          .message(),
      "no swizzle of (32,32):(1,32) allows these accesses: the threads access 4 bytes at once, where 16 are "
      "required");
  auto refusal = [&](const char *layout, int64_t elementBytes, int64_t requiredBytes) {
    return findSwizzle(*parseLayout("(32,32):(32,1)"), elementBytes,
                       {{threads(layout), AccessKind::Read, requiredBytes}}, banks)
        .message();
  };
  EXPECT_EQ(refusal("(32,32):(1@1,1@0)", 3, 0), "elements have 1, 2, 4, 8 or 16 bytes, not 3");
  EXPECT_EQ(refusal("(32,32):(1@1,1@0)", 4, 2), "a lane cannot access 2 bytes at once in elements of 4");
  EXPECT_EQ(refusal("(32,32):(1@1,1@0)", 4, 32), "a lane cannot access 32 bytes at once in elements of 4");
  EXPECT_EQ(refusal("(16,64):(1@1,1@0)", 4, 0), "a warp of 64 lanes at a memory that serves 32");
  EXPECT_EQ(refusal("(64,32):(1@1,1@0)", 4, 0), "mode 1 of (32,32):(32,1) is smaller than the tile of shape (32,64)");
}
