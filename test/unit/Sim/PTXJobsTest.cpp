//===- PTXJobsTest.cpp - blocks on several threads of the host --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Blocks that run on one host thread or on several, more than this machine has cores, compute the same, see each
/// other's atomics, wait for each other, and fail with the same words.
//
//===----------------------------------------------------------------------===//

#include "tilec/Sim/PTX/Simulator.h"

#include "gtest/gtest.h"

#include <mutex>
#include <set>

using namespace tilec::sim::ptx;

namespace {

constexpr const char *kHead = ".version 8.0\n.target sm_80\n.address_size 64\n"
                              ".extern .func (.param .b32 r) vprintf (.param .b64 f, .param .b64 a);\n"
                              ".extern .func (.param .b64 r) malloc (.param .b64 n);\n"
                              ".extern .func free (.param .b64 a);\n";

class PTXJobs : public testing::TestWithParam<unsigned> {
protected:
  /// Loads a kernel `k` with one parameter `memory`, and gives it so many 32-bit words, all of them 0.
  void load(std::string text, unsigned words) {
    auto loaded = device.load("k.ptx", kHead + std::move(text));
    ASSERT_TRUE(bool(loaded)) << llvm::toString(loaded.takeError());
    module = *loaded;
    address = llvm::cantFail(device.allocate(4 * words));
    llvm::cantFail(device.fill(address, 0, 4 * words));
    options.checks = Checks::none();
    options.jobs = GetParam();
  }
  llvm::Expected<LaunchStatistics> launch(unsigned blocks, unsigned threads) {
    LaunchArguments arguments;
    arguments.add(address);
    return device.launch(*module, "k", {{blocks, 1, 1}, {threads, 1, 1}}, arguments, options);
  }
  void run(unsigned blocks, unsigned threads) {
    auto statistics = launch(blocks, threads);
    ASSERT_TRUE(bool(statistics)) << llvm::toString(statistics.takeError());
  }
  std::string errorOf(unsigned blocks, unsigned threads) {
    auto statistics = launch(blocks, threads);
    return statistics ? "no error" : llvm::toString(statistics.takeError());
  }
  uint32_t word(unsigned index) {
    uint32_t value;
    llvm::cantFail(device.read(address + 4 * index, &value, 4));
    return value;
  }

  Device device;
  LoadedModule *module = nullptr;
  uint64_t address = 0;
  LaunchOptions options;
};

TEST_P(PTXJobs, AtomicsOfAllBlocksCount) {
  // Sums in 32 and 64 bits, of f32 (exact below 2^24), and of f16 by a loop of compare-and-swap that adds 3.
  load(R"(.visible .entry k(.param .u64 memory) {
.reg .b64 m, wide; .reg .b32 r<4>; .reg .f32 f; .reg .pred p;
ld.param.u64 m, [memory];
mov.u32 r0, 0;
again:
red.global.add.u32 [m], 1;
atom.global.add.u64 wide, [m+8], 0x100000001;
atom.global.add.f32 f, [m+16], 0f3f800000;
atom.max.u32 r1, [m+20], r0;
cas:
ld.relaxed.gpu.global.u32 r1, [m+24];
add.u32 r2, r1, 3;
atom.global.cas.b32 r3, [m+24], r1, r2;
setp.ne.u32 p, r3, r1;
@p bra cas;
add.u32 r0, r0, 1;
setp.lt.u32 p, r0, 10;
@p bra again;
ret; })",
       8);
  run(24, 64);
  constexpr uint32_t count = 24 * 64 * 10;
  EXPECT_EQ(word(0), count);
  EXPECT_EQ(word(2), count);
  EXPECT_EQ(word(3), count);
  EXPECT_EQ(word(4), llvm::bit_cast<uint32_t>(static_cast<float>(count)));
  EXPECT_EQ(word(5), 9u);
  EXPECT_EQ(word(6), 3 * count);
}

TEST_P(PTXJobs, ReleaseAndAcquirePassData) {
  // Blocks hand a number on, from one to the next: plain data behind a flag, by release and acquire and by fences in
  // turn.
  load(R"(.visible .entry k(.param .u64 memory) {
.reg .b64 m, at; .reg .b32 me, flag, value, odd; .reg .pred p, q;
ld.param.u64 m, [memory];
mov.u32 me, %ctaid.x;
mul.wide.u32 at, me, 8;
add.u64 at, at, m;
setp.eq.u32 p, me, 0;
@p bra go;
and.b32 odd, me, 1;
setp.eq.u32 q, odd, 1;
spin:
@q ld.acquire.gpu.global.u32 flag, [at+-4];
@!q ld.relaxed.gpu.global.u32 flag, [at+-4];
setp.eq.u32 p, flag, 0;
@p bra spin;
@!q fence.acq_rel.gpu;
ld.global.u32 value, [at+-8];
go:
setp.eq.u32 p, me, 0;
@p mov.u32 value, 7;
mad.lo.u32 value, value, 5, me;
st.global.u32 [at], value;
@!q st.release.gpu.global.u32 [at+4], 1;
@q fence.acq_rel.gpu;
@q st.relaxed.gpu.global.u32 [at+4], 1;
ret; })",
       2 * 64);
  options.residentBlocks = 64;
  run(64, 1);
  uint32_t value = 7;
  for (uint32_t block = 0; block != 64; ++block) {
    value = value * 5 + block;
    EXPECT_EQ(word(2 * block), value) << "block " << block;
  }
}

TEST_P(PTXJobs, BlocksWaitForEachOther) {
  // A barrier of the grid, 20 times: after each, every block must see what all have added before.
  load(R"(.visible .entry k(.param .u64 memory) {
.reg .b64 m; .reg .b32 round, seen, goal, blocks; .reg .pred p;
ld.param.u64 m, [memory];
mov.u32 blocks, %nctaid.x;
mov.u32 round, 0;
next:
red.release.gpu.global.add.u32 [m], 1;
add.u32 round, round, 1;
mul.lo.u32 goal, round, blocks;
spin:
ld.acquire.gpu.global.u32 seen, [m];
setp.lt.u32 p, seen, goal;
@p bra spin;
setp.lt.u32 p, round, 20;
@p bra next;
red.global.add.u32 [m+4], 1;
ret; })",
       2);
  options.residentBlocks = 13;
  run(13, 1);
  EXPECT_EQ(word(0), 13 * 20u);
  EXPECT_EQ(word(1), 13u);
}

TEST_P(PTXJobs, TheErrorOfTheLowestBlockIsReported) {
  load(R"(.visible .entry k(.param .u64 memory) {
.reg .b64 m; .reg .b32 r, t; .reg .pred p;
ld.param.u64 m, [memory];
mov.u32 r, 0;
mov.u32 t, %ctaid.x;
sub.u32 t, 60, t;
spin: // Later blocks are faster.
add.u32 r, r, 1;
setp.lt.u32 p, r, t;
@p bra spin;
st.global.u32 [m+4096], r;
ret; })",
       4);
  std::string error = errorOf(60, 32);
  EXPECT_NE(error.find("out of bounds"), std::string::npos) << error;
  if (GetParam() > 1)
    EXPECT_NE(error.find("block (0, 0, 0)"), std::string::npos) << error;
  std::string again = errorOf(60, 32);
  EXPECT_EQ(error, again);
}

TEST_P(PTXJobs, ADeadlockIsFoundBesideBlocksThatEnd) {
  // Block 5 waits at a barrier for two warps and has one.
  load(R"(.visible .entry k(.param .u64 memory) {
.reg .b32 r; .reg .pred p;
mov.u32 r, %ctaid.x;
setp.eq.u32 p, r, 5;
@p bar.sync 1, 64;
ret; })",
       1);
  std::string error = errorOf(40, 32);
  EXPECT_NE(error.find("deadlock"), std::string::npos) << error;
  EXPECT_NE(error.find("block (5, 0, 0)"), std::string::npos) << error;
}

TEST_P(PTXJobs, AnEndlessKernelStops) {
  // Block 0 waits for what nobody does.
  load(R"(.visible .entry k(.param .u64 memory) {
.reg .b64 m; .reg .b32 r; .reg .pred p;
ld.param.u64 m, [memory];
mov.u32 r, %ctaid.x;
setp.ne.u32 p, r, 0;
@p ret;
spin:
ld.volatile.global.u32 r, [m];
setp.eq.u32 p, r, 0;
@p bra spin;
ret; })",
       1);
  options.maxSteps = 100000;
  std::string error = errorOf(8, 32);
  EXPECT_NE(error.find("has not ended after 100000 instructions"), std::string::npos) << error;
  EXPECT_NE(error.find("block (0, 0, 0)"), std::string::npos) << error;
}

TEST_P(PTXJobs, BlocksAllocateReleaseAndPrint) {
  // Each thread writes its number to memory of its own, reads it again, prints it and releases the memory.
  load(R"(.global .align 1 .b8 format[4] = {37, 117, 10, 0};
.visible .entry k(.param .u64 memory) {
.local .align 8 .b8 frame[8];
.reg .b64 m, f, a, own; .reg .b32 r, n;
mov.u32 r, %ctaid.x;
mov.u32 n, %ntid.x;
mul.lo.u32 r, r, n;
mov.u32 n, %tid.x;
add.u32 r, r, n;
{ .param .b64 size; .param .b64 result;
st.param.b64 [size], 64;
call (result), malloc, (size);
ld.param.b64 own, [result]; }
st.u32 [own+60], r;
ld.u32 n, [own+60];
mov.u64 a, frame;
cvta.local.u64 a, a;
st.u32 [a], n;
mov.u64 f, format;
cvta.global.u64 f, f;
{ .param .b64 p0; .param .b64 p1; .param .b32 result;
st.param.b64 [p0], f;
st.param.b64 [p1], a;
call (result), vprintf, (p0, p1); }
{ .param .b64 p0;
st.param.b64 [p0], own;
call free, (p0); }
ret; })",
       1);
  std::multiset<std::string> lines;
  // Calls do not overlap: no lock is needed here.
  options.print = [&](llvm::StringRef line) { lines.insert(line.str()); };
  run(30, 40);
  std::multiset<std::string> expected;
  for (unsigned i = 0; i != 30 * 40; ++i)
    expected.insert(std::to_string(i) + "\n");
  EXPECT_EQ(lines, expected);
}

TEST_P(PTXJobs, BoundsOfSharedVariablesAreCheckedWithoutChecks) {
  // The threads of the second half are beyond the first of two arrays, all in one access.
  load(R"(.visible .entry k(.param .u64 memory) {
.shared .align 4 .b8 first[64];
.shared .align 4 .b8 second[64];
.reg .b32 t, at;
mov.u32 t, %tid.x;
shl.b32 t, t, 2;
mov.u32 at, first;
add.u32 at, at, t;
st.shared.u32 [at], t;
ret; })",
       1);
  run(3, 16);
  std::string error = errorOf(3, 32);
  EXPECT_NE(error.find("out of bounds"), std::string::npos) << error;
  EXPECT_NE(error.find("thread (16, 0, 0)"), std::string::npos) << error;
}

TEST_P(PTXJobs, StatisticsAreThoseOfAllBlocks) {
  load(R"(.visible .entry k(.param .u64 memory) {
.reg .b32 r;
mov.u32 r, 1;
add.u32 r, r, r;
ret; })",
       1);
  auto statistics = launch(100, 40);
  ASSERT_TRUE(bool(statistics)) << llvm::toString(statistics.takeError());
  // Two warps a block, the second of 8 threads.
  EXPECT_EQ(statistics->warpInstructions, 100u * 2 * 3);
  EXPECT_EQ(statistics->threadInstructions, 100u * 40 * 3);
}

INSTANTIATE_TEST_SUITE_P(Jobs, PTXJobs, testing::Values(1, 2, 5),
                         [](const auto &info) { return "of" + std::to_string(info.param); });

} // namespace
