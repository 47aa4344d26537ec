//===- ConversionTest.cpp - From one distribution to another ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Conversion.h"
#include "tilec/Layout/HardwarePTX.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <random>
#include <set>

using namespace tilec::layout;

static DistributedLayout threads(const std::string &text) { return *DistributedLayout::make(*parseLayout(text)); }

static Conversion conversion(const char *from, const char *to) { return *convert(threads(from), threads(to)); }

/// What the registers of all threads hold after a conversion has been executed; -1 for nothing.
static std::vector<int64_t> execute(const Conversion &conversion, const DistributedLayout &from,
                                    const DistributedLayout &to) {
  size_t numRegisters = size_t(to.numRegisters());
  std::vector<int64_t> result(numRegisters * size_t(to.numThreads()), -1);
  for (int64_t thread = 0; thread < to.numThreads(); ++thread)
    for (size_t reg = 0; reg < numRegisters; ++reg) {
      size_t place = reg + size_t(thread) * numRegisters;
      int32_t source = conversion.kind == ConversionKind::Free ? conversion.renaming[reg] : conversion.own[place];
      if (source >= 0)
        result[place] = from.element(source, thread);
    }
  for (const Shuffle &shuffle : conversion.shuffles)
    for (int64_t thread = 0; thread < to.numThreads(); ++thread) {
      int32_t lane = shuffle.lane[size_t(thread)];
      if (lane < 0)
        continue;
      if (shuffle.butterfly) {
        EXPECT_EQ(lane, int32_t(thread % to.numLanes()) ^ *shuffle.butterfly);
      }
      int64_t other = thread - thread % to.numLanes() + lane;
      int64_t &place = result[size_t(shuffle.target[size_t(thread)]) + size_t(thread) * numRegisters];
      EXPECT_EQ(place, -1) << "brought twice";
      place = from.element(shuffle.offered[size_t(other)], other);
    }
  for (size_t place = 0; place < result.size() && conversion.kind == ConversionKind::WithinWarp; ++place)
    if (conversion.own[place] < -1)
      result[place] = result[place - place % numRegisters + size_t(-2 - conversion.own[place])];
  return result;
}

static std::vector<int64_t> wanted(const DistributedLayout &to) {
  std::vector<int64_t> result;
  for (int64_t thread = 0; thread < to.numThreads(); ++thread)
    for (int64_t reg = 0; reg < to.numRegisters(); ++reg)
      result.push_back(to.element(reg, thread));
  return result;
}

TEST(Conversion, KnownKinds) {
  // The accumulator of one m16n8k16 is half of the next one's operand A: nothing moves.
  Conversion chain =
      conversion("((2,2,2),(4,8)):((1@1,8@0,8@1),(2@1,1@0))", "((2,2,2),(4,8)):((1@1,8@0,8@1),(2@1,1@0))");
  EXPECT_EQ(chain.kind, ConversionKind::Free);
  // Registers in another order: a renaming.
  Conversion renamed = conversion("((2,4),4):((1@1,2@1),1@0)", "((4,2),4):((2@1,1@1),1@0)");
  EXPECT_EQ(renamed.kind, ConversionKind::Free);
  EXPECT_EQ(renamed.renaming, (std::vector<int32_t>{0, 2, 4, 6, 1, 3, 5, 7}));
  // Every lane holds the whole column and wants its own element.
  EXPECT_EQ(conversion("(4,4):(1@0,0)", "(1,4):(0,1@0)").kind, ConversionKind::WithinThread);
  // Exchanging registers and lanes: each lane exchanges with all others.
  Conversion transposed = conversion("(4,4):(1@0,1@1)", "(4,4):(1@1,1@0)");
  EXPECT_EQ(transposed.kind, ConversionKind::WithinWarp);
  ASSERT_EQ(transposed.shuffles.size(), 3u);
  for (int32_t round = 0; round < 3; ++round)
    EXPECT_EQ(transposed.shuffles[size_t(round)].butterfly, round + 1);
  // A permutation of lanes is one shuffle, and no butterfly.
  Conversion permuted = conversion("(1,(2,2)):(0,(1@0,2@0))", "(1,(2,2)):(0,(2@0,1@0))");
  ASSERT_EQ(permuted.shuffles.size(), 1u);
  EXPECT_FALSE(permuted.shuffles[0].butterfly);
  EXPECT_EQ(permuted.shuffles[0].lane, (std::vector<int32_t>{-1, 2, 1, -1}));
  // Exchanging lanes and warps.
  EXPECT_EQ(conversion("(1,4,4):(0,1@0,1@1)", "(1,4,4):(0,1@1,1@0)").kind, ConversionKind::ThroughSharedMemory);
  EXPECT_EQ(convert(threads("(1,4,1,4):(0,1@0,0,1@1)"), threads("(1,4,1,4):(0,1@1,0,1@0)")).message(),
            "a block lacks the element (0,1) that it wants, and no shared memory reaches across blocks");
  EXPECT_EQ(convert(threads("(4,4):(1@0,1@1)"), threads("(2,4):(1@0,1@1)")).message(),
            "the layouts distribute tiles of different shapes, (4,4) and (2,4)");
  EXPECT_EQ(
      convert(threads("(4,4):(1@0,1@1)"), threads("(2,(4,2)):(1@0,(1@1,2@0))")).message(),
      "the layouts (4,4):(1@0,1@1) and (2,(4,2)):(1@0,(1@1,2@0)) have different numbers of lanes, warps or blocks");
}

/// A tile of 2^bits elements (or with a factor 3), its factors spread over registers, lanes and warps at random, some
/// of the lanes and registers repeating others.
static std::string randomDistribution(std::mt19937_64 &random, int64_t lanes, int64_t warps, bool repeats,
                                      const std::vector<std::pair<int64_t, std::string>> &factors) {
  std::string shape[3], stride[3];
  int64_t left[3] = {INT64_MAX, lanes, warps};
  auto add = [&](int place, int64_t size, const std::string &step) {
    (shape[place] += shape[place].empty() ? "" : ",") += std::to_string(size);
    (stride[place] += stride[place].empty() ? "" : ",") += step;
    left[place] /= size;
  };
  std::vector<std::pair<int64_t, std::string>> shuffled = factors;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  for (const auto &[size, step] : shuffled) {
    int place = int(random() % 3);
    if (left[place] % size || (repeats && random() % 4 == 0))
      place = 0;
    add(place, size, step);
  }
  if (repeats && random() % 2)
    add(0, 2, "0");
  for (int place : {1, 2})
    add(place, left[place], "0");
  if (shape[0].empty())
    add(0, 1, "0");
  std::string text;
  for (std::string *part : {shape, stride})
    text += (text.empty() ? "((" : ":((") + part[0] + "),(" + part[1] + "),(" + part[2] + "))";
  return text;
}

/// The kind by the definition: who holds the elements that each thread wants.
static ConversionKind kindByDefinition(const DistributedLayout &from, const DistributedLayout &to) {
  bool inThreads = true, inWarps = true;
  for (int64_t thread = 0; thread < to.numThreads(); ++thread) {
    std::set<int64_t> thread_, warp;
    for (int64_t other = 0; other < to.numThreads(); ++other)
      for (int64_t reg = 0; reg < from.numRegisters(); ++reg) {
        if (other == thread)
          thread_.insert(from.element(reg, other));
        if (other / to.numLanes() == thread / to.numLanes())
          warp.insert(from.element(reg, other));
      }
    for (int64_t reg = 0; reg < to.numRegisters(); ++reg) {
      inThreads &= thread_.count(to.element(reg, thread)) != 0;
      inWarps &= warp.count(to.element(reg, thread)) != 0;
    }
  }
  if (!inThreads)
    return inWarps ? ConversionKind::WithinWarp : ConversionKind::ThroughSharedMemory;
  for (int64_t reg = 0; reg < to.numRegisters(); ++reg) {
    std::set<int64_t> sources;
    for (int64_t source = 0; source < from.numRegisters(); ++source) {
      bool same = true;
      for (int64_t thread = 0; thread < to.numThreads(); ++thread)
        same &= from.element(source, thread) == to.element(reg, thread);
      if (same)
        sources.insert(source);
    }
    if (sources.empty())
      return ConversionKind::WithinThread;
  }
  return ConversionKind::Free;
}

TEST(Conversion, ExecutesToWhatIsWanted) {
  std::mt19937_64 random(41);
  int counts[4] = {};
  for (int n = 0; n < 5000; ++n) {
    int64_t lanes = int64_t(1) << random() % 4, warps = int64_t(1) << random() % 2;
    std::vector<std::pair<int64_t, std::string>> factors;
    int64_t sizes[2] = {1, 1};
    for (int i = int(random() % 6) + 1; i > 0; --i) {
      size_t dim = random() % 2;
      int64_t size = random() % 8 ? 2 : 3;
      factors.emplace_back(size, std::to_string(sizes[dim]) + "@" + std::to_string(dim));
      sizes[dim] *= size;
    }
    bool repeats = random() % 2;
    DistributedLayout from = threads(randomDistribution(random, lanes, warps, repeats, factors)),
                      to = threads(randomDistribution(random, lanes, warps, repeats, factors));
    Conversion result = *convert(from, to);
    ASSERT_EQ(result.kind, kindByDefinition(from, to)) << print(from.layout()) << " " << print(to.layout());
    ++counts[int(result.kind)];
    if (result.kind == ConversionKind::ThroughSharedMemory)
      continue;
    ASSERT_EQ(execute(result, from, to), wanted(to)) << print(from.layout()) << " " << print(to.layout());
    // Without repetition the fewest: as many as some lane takes or offers.
    Replication once = from.replication();
    if (once == Replication{} && to.replication() == Replication{}) {
      ASSERT_TRUE(result.fewest);
    }
    std::vector<int64_t> taken(size_t(to.numThreads()));
    for (const Shuffle &shuffle : result.shuffles)
      for (size_t thread = 0; thread < taken.size(); ++thread)
        taken[thread] += shuffle.lane[thread] >= 0;
    ASSERT_LE(*std::max_element(taken.begin(), taken.end()), int64_t(result.shuffles.size()));
  }
  for (int count : counts)
    EXPECT_GT(count, 50);
}

TEST(Conversion, SharedMemoryPlans) {
  const BankModel &banks = ptx::sharedMemoryBanks();
  // Rows to columns over four warps, f32: conflict-free with a swizzle, in the order that the first side writes.
  DistributedLayout rows = threads("((4,4),(8,4),4):((1@1,16@0),(4@1,1@0),4@0)"),
                    columns = threads("((4,4),(16,2),4):((1@0,16@0),(1@1,16@1),4@0)");
  SharedMemoryPlan plan = *planThroughSharedMemory(rows, columns, 4, banks);
  EXPECT_EQ(*tileCost(rows, plan.memory, 4, banks, AccessKind::Write), plan.write);
  EXPECT_EQ(*tileCost(columns, plan.memory, 4, banks, AccessKind::Read), plan.read);
  EXPECT_EQ(plan.write.wavefronts, plan.write.ideal);
  // What agrees on an order needs no swizzle.
  plan = *planThroughSharedMemory(rows, rows, 4, banks);
  EXPECT_EQ(print(plan.memory), "(64,32):(32,1)");
}
