//===- PTXSchedulesTest.cpp - one launch in several orders ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Schedule.h"

#include "tilec/Sim/PTX/Schedules.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

/// Lanes take places one after another: which one takes which is the schedule's choice, and so is the value of `last`.
/// The sum is always the same.
static constexpr const char *kText = R"(
.version 8.0
.target sm_80
.address_size 64
.global .u32 places;
.entry take(.param .u64 sum, .param .u64 last) {
  .reg .b32 %r<4>; .reg .b64 %a<4>; .reg .pred %p;
  ld.param.u64 %a1, [sum]; ld.param.u64 %a2, [last];
  mov.u32 %r1, %tid.x;
  red.global.add.u32 [%a1], %r1;
  atom.global.add.u32 %r2, [places], 1;
  setp.ne.u32 %p, %r2, 63;
  @%p ret;
  st.global.u32 [%a2+4], %r1;
  ret;
}
)";

namespace {
class PTXSchedules : public testing::Test {
protected:
  void SetUp() override {
    llvm::Expected<LoadedModule *> loaded = device.load("take.ptx", kText);
    ASSERT_TRUE(static_cast<bool>(loaded)) << llvm::toString(loaded.takeError());
    module = *loaded;
    sum = llvm::cantFail(device.allocate(4));
    last = llvm::cantFail(device.allocate(8));
    llvm::cantFail(device.fill(sum, 0, 4));
    llvm::cantFail(device.fill(last, 0, 8));
    arguments.add(sum).add(last);
  }
  uint32_t word(uint64_t address) {
    uint32_t value;
    llvm::cantFail(device.read(address, &value, sizeof value));
    return value;
  }

  Device device;
  LoadedModule *module = nullptr;
  LaunchArguments arguments;
  uint64_t sum = 0, last = 0;
};
} // namespace

TEST_F(PTXSchedules, EachBeginsWithTheSameMemory) {
  LaunchOptions options;
  auto outcome = device.launchSchedules(*module, "take", {{1, 1, 1}, {64, 1, 1}}, arguments, options, 12);
  ASSERT_TRUE(static_cast<bool>(outcome)) << llvm::toString(outcome.takeError());
  EXPECT_EQ(outcome->schedules, 12u);
  EXPECT_TRUE(outcome->reports.empty()) << outcome->toText();
  // One of twelve left its memory.
  EXPECT_EQ(word(sum), 63u * 64 / 2);
  EXPECT_EQ(word(module->findVariable("places")->first), 64u);
  ASSERT_EQ(outcome->differences.size(), 1u);
  const ScheduleDifference &difference = outcome->differences.front();
  EXPECT_EQ(difference.address, last);
  EXPECT_EQ(difference.offset, 4u);
  EXPECT_EQ(difference.seed, 0u);
  EXPECT_GE(difference.otherSeed, 1u);
  EXPECT_GE(difference.schedules, 1u);
  EXPECT_LE(difference.schedules, 11u);
  EXPECT_EQ(uint32_t(static_cast<unsigned char>(difference.bytes[4])), word(last + 4));
  EXPECT_NE(difference.bytes[4], difference.otherBytes[4]);

  // The other seed, alone and from the same memory, leaves what was said of it.
  llvm::cantFail(device.fill(sum, 0, 4));
  llvm::cantFail(device.fill(module->findVariable("places")->first, 0, 4));
  options.seed = difference.otherSeed;
  ASSERT_TRUE(static_cast<bool>(device.launch(*module, "take", {{1, 1, 1}, {64, 1, 1}}, arguments, options)));
  EXPECT_EQ(word(last + 4), uint32_t(static_cast<unsigned char>(difference.otherBytes[4])));
}

TEST_F(PTXSchedules, OnlyTheFirstIsCounted) {
  LaunchOptions options;
  options.counters = true;
  options.seed = 5;
  auto outcome = device.launchSchedules(*module, "take", {{1, 1, 1}, {32, 1, 1}}, arguments, options, 3);
  ASSERT_TRUE(static_cast<bool>(outcome)) << llvm::toString(outcome.takeError());
  EXPECT_TRUE(outcome->statistics.counters);
}

TEST_F(PTXSchedules, WhatDoesNotFitIsAnError) {
  auto outcome = device.launchSchedules(*module, "give", {{1, 1, 1}, {32, 1, 1}}, arguments, {}, 3);
  ASSERT_FALSE(static_cast<bool>(outcome));
  EXPECT_EQ(llvm::toString(outcome.takeError()), "there is no kernel 'give'; there is take");
}

TEST(PTXScheduleReports, AreOneWhereTheyPointAtTheSameInstructions) {
  SchedulesOutcome outcome;
  RunReports race, swapped, other, deadlock, larger, clean;
  race.findings = {
      "k.ptx:4: error: race: 'x' + 4 is read here\n  by 'ld'\n  k.ptx:9: note: the other is 'st' of thread (1, 0, 0)"};
  swapped.findings = {"k.ptx:9: error: race: 'x' + 8 is written here\n  by 'st'\n  k.ptx:4: note: the other is 'ld' of "
                      "thread (7, 0, 0)"};
  other.findings = {
      "k.ptx:4: error: race: 'x' + 4 is read here\n  by 'ld'\n  k.ptx:8: note: the other is 'st' of thread (1, 0, 0)"};
  deadlock.error = "deadlock in kernel 'k': no thread can go on\n  1 thread from block (0, 0, 0)";
  larger.error = "deadlock in kernel 'k': no thread can go on\n  31 threads from block (2, 0, 0)";
  unsigned seed = 10;
  for (const RunReports &run : {clean, race, swapped, deadlock, other, larger, clean})
    outcome.add(seed++, run);
  ASSERT_EQ(outcome.reports.size(), 3u);
  EXPECT_EQ(outcome.reports[0].text, race.findings[0]);
  EXPECT_EQ(outcome.reports[0].seed, 11u);
  EXPECT_EQ(outcome.reports[0].schedules, 2u);
  EXPECT_EQ(outcome.reports[1].text, deadlock.error);
  EXPECT_EQ(outcome.reports[1].schedules, 2u);
  EXPECT_EQ(outcome.reports[2].seed, 14u);
  EXPECT_NE(outcome.toText("tool: error: ").find("\ntool: error: deadlock in kernel 'k'"), std::string::npos);
  EXPECT_NE(outcome.toText().find("\n  in 2 of 7 schedules, first in that of --seed=11\n"), std::string::npos);
}

TEST(PTXScheduleReports, DeadlocksAreOneWhereTheirThreadsWaitAtTheSameInstructions) {
  auto deadlock = [](llvm::StringRef waits) {
    RunReports run;
    run.error = "deadlock in kernel 'k': no thread can go on" + waits.str();
    return run;
  };
  SchedulesOutcome outcome;
  unsigned seed = 0;
  for (llvm::StringRef waits :
       {"\n  32 threads from block (0, 0, 0), thread (0, 0, 0) on wait at k.ptx:4: bar.sync, barrier 0, where 32 of 64",
        "\n  32 threads from block (0, 0, 0), thread (32, 0, 0) on wait at k.ptx:4: bar.sync, barrier 0, where 32 of 64"
        "\n  1 thread from block (1, 0, 0), thread (0, 0, 0) on wait at k.ptx:4: bar.sync, barrier 0, where 1 of 64",
        "\n  32 threads from block (0, 0, 0), thread (0, 0, 0) on wait at k.ptx:9: bar.sync, barrier 0, where 32 of "
        "64"})
    outcome.add(seed++, deadlock(waits));
  ASSERT_EQ(outcome.reports.size(), 2u);
  EXPECT_EQ(outcome.reports[0].schedules, 2u);
  EXPECT_EQ(outcome.reports[1].seed, 2u);
}

/// Warp w of eight waits until it is its turn, and passes the turn on; twenty rounds.
static constexpr const char *kTurns = R"(
.version 8.0
.target sm_80
.address_size 64
.shared .u32 turn;
.entry pass(.param .u64 results) {
  .reg .b32 %r<9>; .reg .b64 %d<4>; .reg .pred %p;
  ld.param.u64 %d1, [results];
  mov.u32 %r1, %tid.x;
  shr.u32 %r2, %r1, 5;
  setp.eq.u32 %p, %r1, 0;
  @%p st.shared.u32 [turn], 0;
  bar.sync 0;
  mov.u32 %r3, %r2;
Wait:
  ld.acquire.cta.shared.u32 %r4, [turn];
  setp.ne.u32 %p, %r4, %r3;
  @%p bra Wait;
  bar.warp.sync -1;
  add.u32 %r5, %r3, 1;
  and.b32 %r6, %r1, 31;
  setp.eq.u32 %p, %r6, 0;
  @%p st.release.cta.shared.u32 [turn], %r5;
  add.u32 %r3, %r3, 8;
  setp.lt.u32 %p, %r3, 160;
  @%p bra Wait;
  mul.wide.u32 %d2, %r1, 4;
  add.s64 %d1, %d1, %d2;
  st.global.u32 [%d1], %r3;
  ret;
}
)";

TEST(PTXSchedule, WhoWaitsLeavesTheTurnToOthers) {
  Device device;
  LoadedModule *module = llvm::cantFail(device.load("turns.ptx", kTurns));
  uint64_t results = llvm::cantFail(device.allocate(4 * 256));
  // Seeds with long turns and with short ones.
  for (uint64_t seed : {0, 1, 2, 4, 5, 6}) {
    LaunchOptions options;
    options.seed = seed;
    auto done = device.launch(*module, "pass", {{1, 1, 1}, {256, 1, 1}}, LaunchArguments().add(results), options);
    ASSERT_TRUE(static_cast<bool>(done)) << llvm::toString(done.takeError());
    // To pass the turn on takes 13 instructions, and so 13 rounds at most. In a round each of the seven others asks
    // twice at most, with 3 instructions each time, and one more to come there.
    EXPECT_LE(done->warpInstructions, 160u * (13 + 13 * 7 * 7)) << seed;
    // A round of long turns is all that it takes then.
    if (seed % 4 == 0)
      EXPECT_LE(done->warpInstructions, 160u * (13 + 2 * 7 * 7)) << seed;
  }
}

// Loops that look at a word which nobody writes, and count: one has enough some time, the other has not.
static constexpr const char *kCounts = R"(
.version 8.0
.target sm_80
.address_size 64
.visible .entry looks(.param .u64 results, .param .u32 most) {
  .reg .pred %p;
  .reg .u32 %r<4>;
  .reg .u64 %rd<2>;
  ld.param.u64 %rd1, [results];
  ld.param.u32 %r1, [most];
  mov.u32 %r2, 0;
again:
  ld.volatile.global.u32 %r3, [%rd1];
  add.u32 %r2, %r2, 1;
  setp.ne.u32 %p, %r2, %r1;
  @%p bra again;
  st.global.u32 [%rd1+4], %r2;
  ret;
}
.visible .entry waits(.param .u64 results) {
  .reg .pred %p;
  .reg .u32 %r<4>;
  .reg .u64 %rd<2>;
  ld.param.u64 %rd1, [results];
  mov.u32 %r2, 0;
again:
  ld.volatile.global.u32 %r3, [%rd1];
  add.u32 %r2, %r2, 1;
  setp.eq.u32 %p, %r3, 0;
  @%p bra again;
  st.global.u32 [%rd1+4], %r2;
  ret;
}
)";

TEST(PTXSchedule, WhoLooksOftenAndGoesOnIsNoDeadlock) {
  Device device;
  LoadedModule *module = llvm::cantFail(device.load("counts.ptx", kCounts));
  uint64_t results = llvm::cantFail(device.allocate(8));
  const uint32_t words[2] = {0, 0};
  for (uint64_t seed : {0, 1, 3, 5}) {
    llvm::cantFail(device.write(results, words, sizeof words));
    LaunchOptions options;
    options.seed = seed;
    auto done = device.launch(*module, "looks", {{1, 1, 1}, {64, 1, 1}},
                              LaunchArguments().add(results).add(uint32_t(20000)), options);
    ASSERT_TRUE(static_cast<bool>(done)) << llvm::toString(done.takeError());
    uint32_t counted[2];
    llvm::cantFail(device.read(results, counted, sizeof counted));
    EXPECT_EQ(counted[1], 20000u);
    auto never = device.launch(*module, "waits", {{1, 1, 1}, {64, 1, 1}}, LaunchArguments().add(results), options);
    ASSERT_FALSE(static_cast<bool>(never)) << seed;
    std::string report = llvm::toString(never.takeError());
    EXPECT_NE(report.find("deadlock in kernel 'waits'"), std::string::npos) << report;
  }
}

TEST(PTXSchedule, TheLimitOfInstructionsIsExact) {
  Device device;
  LoadedModule *module = llvm::cantFail(device.load("turns.ptx", kTurns));
  uint64_t results = llvm::cantFail(device.allocate(4 * 256));
  for (uint64_t seed : {0, 3, 5}) {
    LaunchOptions options;
    options.seed = seed;
    auto run = [&] {
      return device.launch(*module, "pass", {{1, 1, 1}, {256, 1, 1}}, LaunchArguments().add(results), options);
    };
    auto whole = run();
    ASSERT_TRUE(static_cast<bool>(whole)) << llvm::toString(whole.takeError());
    options.maxSteps = whole->warpInstructions;
    auto enough = run();
    EXPECT_TRUE(static_cast<bool>(enough)) << llvm::toString(enough.takeError());
    for (uint64_t fewer : {options.maxSteps - 1, uint64_t(40)}) {
      options.maxSteps = fewer;
      auto cut = run();
      ASSERT_FALSE(static_cast<bool>(cut)) << seed;
      std::string report = llvm::toString(cut.takeError());
      EXPECT_NE(report.find("kernel 'pass' has not ended after " + std::to_string(fewer) +
                            " instructions of warps, the most that it may execute (--max-steps)\n"),
                std::string::npos)
          << report;
      EXPECT_NE(report.find("from block (0, 0, 0), thread ("), std::string::npos) << report;
      EXPECT_NE(report.find(" at turns.ptx:"), std::string::npos) << report;
    }
  }
}

TEST(PTXSchedule, OneOfFourSeedsIsAnAdversary) {
  for (uint64_t seed = 0; seed != 64; ++seed) {
    Schedule schedule(seed);
    EXPECT_EQ(schedule.isAdverse, seed % 4 == 3);
    EXPECT_GT(schedule.budget, 0u);
    if (!schedule.isAdverse)
      EXPECT_TRUE(schedule.copies == Schedule::Copies::Late);
  }
  EXPECT_TRUE(Schedule(3).copies == Schedule::Copies::Last && Schedule(7).copies == Schedule::Copies::First);
}

TEST(PTXSchedule, NobodyIsHeldUpForEver) {
  Random random(1, 2);
  Hold hold;
  EXPECT_TRUE(hold.isOver(/*haveOthersRun=*/false, random)) << "where others cannot go on, one need not wait";
  for (unsigned turn = 0; turn != 20; ++turn) {
    unsigned rounds = 0;
    while (!hold.isOver(/*haveOthersRun=*/true, random))
      ASSERT_LT(++rounds, 1000u);
  }
}
