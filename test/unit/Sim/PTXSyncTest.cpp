//===- PTXSyncTest.cpp - what is said of wrong synchronisation --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Barriers, member masks and mbarriers: what the manual (sections 9.7.9.6 and 9.7.13) leaves undefined is reported,
/// with a sentence that says what it is, and what it allows is not, in each of some orders.
//
//===----------------------------------------------------------------------===//

#include "tilec/Sim/PTX/Simulator.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

namespace {

/// The report of a run, or what the threads wrote to `[%rd1 + 4 * %r0]`, by thread.
struct Outcome {
  std::string report;
  std::vector<uint32_t> results;
};

/// `%r0` is the thread's number, `%r1` its lane, `%r2` its warp; `%p0` holds for the lower half of each warp. `%ra` is
/// the address of its 4 bytes of `tile`, in shared memory. What is stored to `[%rd0]` is the thread's result.
Outcome run(llvm::StringRef body, unsigned threads, uint64_t seed) {
  std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n"
                     ".shared .align 16 .b8 tile[4096];\n.shared .align 8 .b64 bar;\n.shared .align 8 .b64 bar2;\n"
                     ".visible .entry k(.param .u64 p) {\n"
                     ".reg .b32 %r<20>;\n.reg .b32 %ra;\n.reg .b64 %rd<10>;\n.reg .pred %p<8>;\n"
                     "ld.param.u64 %rd0, [p];\nmov.u32 %r0, %tid.x;\nand.b32 %r1, %r0, 31;\nshr.u32 %r2, %r0, 5;\n"
                     "mul.wide.u32 %rd1, %r0, 4;\nadd.s64 %rd0, %rd0, %rd1;\nsetp.lt.u32 %p0, %r1, 16;\n"
                     "shl.b32 %r19, %r0, 2;\nmov.u32 %ra, tile;\nadd.u32 %ra, %ra, %r19;\n" +
                     body.str() + "\nEnd: ret;\n}\n";
  Device device;
  llvm::Expected<LoadedModule *> module = device.load("sync.ptx", text);
  if (!module)
    return {"does not load: " + llvm::toString(module.takeError()) + "\n" + text, {}};
  uint64_t array = llvm::cantFail(device.allocate(4 * threads));
  llvm::cantFail(device.fill(array, 0, 4 * threads));
  LaunchShape shape;
  shape.block[0] = threads;
  LaunchOptions options;
  options.seed = seed;
  options.maxSteps = 100000;
  llvm::Expected<LaunchStatistics> done = device.launch(**module, "k", shape, LaunchArguments().add(array), options);
  if (!done)
    return {llvm::toString(done.takeError()), {}};
  std::vector<uint32_t> results(threads);
  llvm::cantFail(device.read(array, results.data(), 4 * threads));
  return {"", results};
}

/// That in each of some orders the first line of the report has `what`, and others the `more`.
void expectReport(llvm::StringRef what, llvm::StringRef body, unsigned threads,
                  std::initializer_list<const char *> more = {}) {
  for (uint64_t seed = 0; seed != 12; ++seed) {
    std::string report = run(body, threads, seed).report;
    auto [first, rest] = llvm::StringRef(report).split('\n');
    EXPECT_TRUE(first.contains(what)) << "seed " << seed << ": " << report << "\n" << body.str();
    for (const char *text : more)
      EXPECT_TRUE(rest.contains(text)) << "seed " << seed << ", no '" << text << "': " << report;
  }
}

/// That in each of some orders nothing is reported, and thread t has the result `expected(t)`.
template <typename Function> void expectQuiet(llvm::StringRef body, unsigned threads, Function expected) {
  for (uint64_t seed = 0; seed != 12; ++seed) {
    Outcome outcome = run(body, threads, seed);
    EXPECT_EQ(outcome.report, "") << "seed " << seed << ": " << body.str();
    for (unsigned t = 0; t != outcome.results.size(); ++t)
      EXPECT_EQ(outcome.results[t], uint32_t(expected(t))) << "seed " << seed << ", thread " << t << body.str();
  }
}

void expectQuiet(llvm::StringRef body, unsigned threads) {
  expectQuiet(body, threads, [](unsigned) { return 0; });
}

//===----------------------------------------------------------------------===//
// instructions for a whole warp
//===----------------------------------------------------------------------===//

TEST(PTXSyncAligned, BarriersOnBothSidesOfABranch) {
  expectReport("error: sync: only 16 of the 32 threads of the warp are at this .aligned instruction",
               "@%p0 bra A;\nbar.sync 0;\nbra End;\nA: bar.sync 0;\n", 32,
               {"by 'bar.sync'", "16 threads from block (0, 0, 0), thread ",
                "on are at sync.ptx:", "a barrier belongs where all threads of the block come"});
}

TEST(PTXSyncAligned, BarrierForHalfOfAWarp) {
  expectReport("error: sync: only 16 of the 32 threads of the warp are at this .aligned instruction",
               "@%p0 bar.sync 0;\nbar.sync 0;\n", 64);
}

TEST(PTXSyncAligned, BarrierInOneFunctionCalledFromTwoPlaces) {
  std::string call = "{ call.uni meet; }\n";
  Device device;
  std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n.func meet() { bar.sync 0; ret; }\n"
                     ".visible .entry k() {\n.reg .b32 %r<4>;\n.reg .pred %p0;\nmov.u32 %r0, %tid.x;\n"
                     "setp.lt.u32 %p0, %r0, 16;\n@%p0 bra A;\n" +
                     call + "bra End;\nA:\n" + call + "End: ret;\n}\n";
  LoadedModule *module = llvm::cantFail(device.load("sync.ptx", text));
  LaunchShape shape;
  shape.block[0] = 32;
  llvm::Expected<LaunchStatistics> done = device.launch(*module, "k", shape, LaunchArguments(), LaunchOptions());
  ASSERT_FALSE(static_cast<bool>(done));
  std::string report = llvm::toString(done.takeError());
  EXPECT_NE(report.find("only 16 of the 32 threads of the warp are at this .aligned instruction"), std::string::npos)
      << report;
}

TEST(PTXSyncAligned, MatrixInstructionAndWarpBarrier) {
  expectReport("error: sync: only 16 of the 32 threads of the warp are at this .aligned instruction",
               ".reg .f64 %d<4>;\nmov.f64 %d0, 0d0000000000000000;\nmov.f64 %d1, %d0;\n@!%p0 bra A;\n"
               "mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%d0, %d1}, {%d0}, {%d1}, {%d0, %d1};\n"
               "A: bar.warp.sync 0xffffffff;\n",
               32, {"by 'mma.sync.aligned", "bar.warp.sync", "branch around it only on what is the same"});
}

TEST(PTXSyncAligned, ThreadsThatHaveEndedDoNotCount) {
  // Section 9.7.13.1: the barrier waits for the threads that have not exited.
  expectQuiet("@%p0 bra End;\nbar.sync 0;\nst.global.u32 [%rd0], 5;\n", 64,
              [](unsigned t) { return t % 32 < 16 ? 0 : 5; });
}

TEST(PTXSyncAligned, LanesThatComeLate) {
  // The lanes were cut, and come to one place again: each in its own time, after loops of their own.
  expectQuiet("mov.u32 %r3, 0;\nmul.lo.u32 %r4, %r1, 37;\nL: add.u32 %r3, %r3, 1;\nsetp.lt.u32 %p1, %r3, %r4;\n"
              "@%p1 bra L;\nbar.sync 0;\nst.global.u32 [%rd0], %r3;\n",
              64, [](unsigned t) { return std::max(1u, t % 32 * 37); });
}

TEST(PTXSyncAligned, AGuardThatHoldsInOneTripForAll) {
  // Some lanes may be a trip ahead of others where they meet; all of them execute the barrier in trip 2 of 4.
  expectQuiet(
      "mov.u32 %r3, 0;\nT: mov.u32 %r4, 0;\nmul.lo.u32 %r5, %r1, %r3;\n"
      "L: add.u32 %r4, %r4, 1;\nsetp.lt.u32 %p1, %r4, %r5;\n@%p1 bra L;\n"
      "setp.eq.u32 %p2, %r3, 2;\n@%p2 bar.sync 0;\nadd.u32 %r3, %r3, 1;\nsetp.lt.u32 %p1, %r3, 4;\n@%p1 bra T;\n"
      "st.global.u32 [%rd0], %r3;\n",
      64, [](unsigned) { return 4; });
}

TEST(PTXSyncAligned, OperandsDifferWithinAWarp) {
  expectReport("error: sync: threads of one warp give this .aligned barrier different numbers or counts",
               "and.b32 %r3, %r0, 1;\nbar.sync %r3, 64;\n", 64);
}

//===----------------------------------------------------------------------===//
// member masks
//===----------------------------------------------------------------------===//

TEST(PTXSyncMembers, WarpBarriersAtTwoPlaces) {
  // Section 9.7.13.2 asks for the same mask, not for the same instruction.
  expectQuiet("st.shared.u32 [%ra], %r0;\nxor.b32 %r3, %r0, 31;\nshl.b32 %r3, %r3, 2;\nmov.u32 %r4, tile;\n"
              "add.u32 %r4, %r4, %r3;\n@%p0 bra A;\nbar.warp.sync 0xffffffff;\nbra B;\nA: bar.warp.sync 0xffffffff;\n"
              "B: ld.shared.u32 %r5, [%r4];\nst.global.u32 [%rd0], %r5;\n",
              64, [](unsigned t) { return t ^ 31; });
}

TEST(PTXSyncMembers, ShufflesAtTwoPlaces) {
  // Section 9.7.9.6 asks for the same qualifiers and mask; the other operands are each thread's own.
  expectQuiet("@%p0 bra A;\nshfl.sync.bfly.b32 %r3, %r0, 17, 31, 0xffffffff;\nbra B;\n"
              "A: shfl.sync.bfly.b32 %r3, %r0, 18, 31, 0xffffffff;\nB: st.global.u32 [%rd0], %r3;\n",
              64, [](unsigned t) { return t ^ (t % 32 < 16 ? 18 : 17); });
}

TEST(PTXSyncMembers, VotesReductionsAndMatchesAtTwoPlaces) {
  expectQuiet("setp.lt.u32 %p1, %r1, 5;\n@%p0 bra A;\nvote.sync.ballot.b32 %r3, !%p1, -1;\nbra B;\n"
              "A: vote.sync.ballot.b32 %r3, %p1, -1;\nB: st.global.u32 [%rd0], %r3;\n",
              32, [](unsigned) { return 0xffff001f; });
  expectQuiet("@%p0 bra A;\nredux.sync.add.u32 %r3, %r1, -1;\nbra B;\nA: mov.u32 %r4, 1000;\n"
              "redux.sync.add.u32 %r3, %r4, -1;\nB: st.global.u32 [%rd0], %r3;\n",
              32, [](unsigned) { return 16000 + (16 + 31) * 8; });
  expectQuiet("and.b32 %r4, %r1, 3;\n@%p0 bra A;\nmatch.any.sync.b32 %r3, %r4, -1;\nbra B;\n"
              "A: and.b32 %r4, %r1, 1;\nmatch.any.sync.b32 %r3, %r4, -1;\nB: st.global.u32 [%rd0], %r3;\n",
              32, [](unsigned t) {
                uint32_t same = 0;
                for (unsigned other = 0; other != 32; ++other)
                  same |= uint32_t((t & (t < 16 ? 1 : 3)) == (other & (other < 16 ? 1 : 3))) << other;
                return same;
              });
}

TEST(PTXSyncMembers, ShufflesOfDifferentKinds) {
  expectReport("error: sync: only 16 of the 32 threads of member mask 0xffffffff are at this instruction",
               "@%p0 bra A;\nshfl.sync.bfly.b32 %r3, %r0, 17, 31, -1;\nbra End;\n"
               "A: shfl.sync.idx.b32 %r3, %r0, 18, 31, -1;\n",
               32, {"16 threads from", "a member mask names the threads that come to the instruction"});
}

TEST(PTXSyncMembers, MasksDiffer) {
  expectReport("threads of member mask 0xffff", "selp.b32 %r3, 0xffffffff, 0xffff0001, %p0;\nbar.warp.sync %r3;\n", 32,
               {"with member mask 0xffff"});
}

TEST(PTXSyncMembers, MasksThatDoNotOverlap) {
  expectQuiet("selp.b32 %r3, 0xffff, 0xffff0000, %p0;\nredux.sync.add.u32 %r4, %r1, %r3;\nst.global.u32 [%rd0], %r4;\n",
              32, [](unsigned t) { return t < 16 ? 120 : 376; });
}

TEST(PTXSyncMembers, AGroupDoesNotWaitForThoseBesideIt) {
  // Lane 0 waits for lane 1, which waits for what lane 2 stores behind its own barrier.
  expectQuiet(
      "setp.eq.u32 %p1, %r1, 2;\n@%p1 st.volatile.shared.u32 [tile], 0;\nbar.warp.sync -1;\n"
      "setp.ne.u32 %p1, %r1, 1;\n@%p1 bra A;\nW: ld.volatile.shared.u32 %r3, [tile];\nsetp.ne.u32 %p2, %r3, 7;\n"
      "@%p2 bra W;\nA: setp.lt.u32 %p1, %r1, 2;\nselp.b32 %r4, 3, 0xfffffffc, %p1;\nbar.warp.sync %r4;\n"
      "setp.eq.u32 %p1, %r1, 2;\n@%p1 st.volatile.shared.u32 [tile], 7;\n",
      32);
}

TEST(PTXSyncMembers, ThreadsThatHaveEndedAreNoMembers) {
  // Section 9.7.9.6: threads that have not exited are waited for.
  expectQuiet("setp.ge.u32 %p1, %r1, 20;\n@%p1 bra End;\nbar.warp.sync -1;\nredux.sync.add.u32 %r3, %r1, -1;\n"
              "st.global.u32 [%rd0], %r3;\n",
              32, [](unsigned t) { return t < 20 ? 190 : 0; });
}

TEST(PTXSyncMembers, ThreadIsNotInItsMask) {
  expectReport("error: sync: the thread is not in the member mask 0xffff that it gives", "bar.warp.sync 0xffff;\n", 32);
}

//===----------------------------------------------------------------------===//
// barriers of the block
//===----------------------------------------------------------------------===//

TEST(PTXSyncBarrier, WithoutAlignedAtTwoPlaces) {
  expectQuiet("st.shared.u32 [%ra], %r0;\nxor.b32 %r3, %r0, 63;\nshl.b32 %r3, %r3, 2;\nmov.u32 %r4, tile;\n"
              "add.u32 %r4, %r4, %r3;\n@%p0 bra A;\nbarrier.sync 0;\nbra B;\nA: barrier.sync 0;\n"
              "B: ld.shared.u32 %r5, [%r4];\nst.global.u32 [%rd0], %r5;\n",
              64, [](unsigned t) { return t ^ 63; });
  expectQuiet("@%p0 barrier.sync 0;\n@!%p0 barrier.sync 0;\n", 64);
}

TEST(PTXSyncBarrier, WithoutAlignedOperandsMayDiffer) {
  // Lanes of each parity, of two warps, meet at a barrier of their own.
  expectQuiet("and.b32 %r3, %r0, 1;\nadd.u32 %r3, %r3, 4;\nbarrier.red.popc.u32 %r4, %r3, 32, %p0;\n"
              "st.global.u32 [%rd0], %r4;\n",
              64, [](unsigned) { return 16; });
}

TEST(PTXSyncBarrier, TwoBarriersForAllThreads) {
  expectReport("error: sync: only 16 of the 32 threads of the warp are at barrier ",
               "selp.b32 %r3, 1, 2, %p0;\nbarrier.sync %r3;\n", 64,
               {"a barrier belongs where all threads of the block come"});
}

TEST(PTXSyncBarrier, DifferentInstructionsOfOneBarrier) {
  expectReport("error: sync: barrier 0 is for all threads of the block, which come to it at different instructions",
               "setp.eq.u32 %p1, %r2, 1;\n@%p1 bra A;\nbar.sync 0;\nbra End;\nA: bar.sync 0;\n", 64,
               {"note: the other is 'bar.sync' of block (0, 0, 0), thread ", "executed by all threads of a block"});
  // A barrier of a number of threads is what different ways are for (section 9.7.13.1).
  expectQuiet("setp.eq.u32 %p1, %r2, 1;\n@%p1 bra A;\nbar.sync 1, 64;\nbra End;\nA: bar.sync 1, 64;\n", 64);
}

TEST(PTXSyncBarrier, CountsDiffer) {
  expectReport("threads here and by ", "setp.eq.u32 %p1, %r2, 1;\nselp.b32 %r3, 64, 96, %p1;\nbar.sync 1, %r3;\n", 96,
               {"note: the other is 'bar.sync'", "the number of threads is the same in all that use a barrier"});
}

TEST(PTXSyncBarrier, NumbersAndCountsThatThereAreNot) {
  expectReport("error: sync: there are barriers 0 to 15, and this is 16", "mov.u32 %r3, 16;\nbar.sync %r3;\n", 32);
  expectReport("error: sync: a barrier is for a multiple of 32 threads, and this is for 48",
               "mov.u32 %r3, 48;\nbar.sync 1, %r3;\n", 64);
  expectReport("error: sync: barrier 1 is for 128 threads, and the block has 64", "bar.sync 1, 128;\n", 64,
               {"it can never be complete"});
  // Warps count as whole ones.
  expectQuiet("bar.sync 1, 64;\n", 48);
}

TEST(PTXSyncBarrier, ReductionsAndOthers) {
  expectReport("error: sync: barrier 1 is used by '",
               "setp.eq.u32 %p1, %r2, 1;\n@%p1 bra A;\nbarrier.red.popc.u32 %r3, 1, 64, %p0;\nbra End;\n"
               "A: barrier.sync 1, 64;\n",
               64, {"note: the other is '", "by the same instruction"});
  expectReport("error: sync: barrier 1 is used by '",
               "setp.eq.u32 %p1, %r2, 1;\n@%p1 bra A;\nbarrier.red.and.pred %p2, 1, 64, %p0;\nbra End;\n"
               "A: barrier.red.or.pred %p2, 1, 64, %p0;\n",
               64);
}

TEST(PTXSyncBarrier, ThreadsComeTwice) {
  expectReport("error: sync: the thread comes to barrier 1 again, before the phase is over that it has arrived for",
               "setp.eq.u32 %p1, %r2, 1;\n@%p1 bra End;\nbar.arrive 1, 64;\nbar.sync 1, 64;\n", 64,
               {"a barrier of another number"});
}

TEST(PTXSyncBarrier, MoreThanTheCount) {
  // Those of a warp may come one by one, so that the last ones wait in vain.
  const char *body = "setp.lt.u32 %p1, %r1, 20;\n@!%p1 bra End;\nbarrier.sync 1, 32;\n";
  bool isSeen = false;
  for (uint64_t seed = 0; seed != 12; ++seed) {
    std::string report = run(body, 64, seed).report;
    bool isOver = llvm::StringRef(report).contains("error: sync: barrier 1 is for 32 threads, ");
    isSeen |= isOver;
    EXPECT_TRUE(isOver || llvm::StringRef(report).starts_with("deadlock")) << report;
  }
  EXPECT_TRUE(isSeen);
}

TEST(PTXSyncBarrier, NobodyWaits) {
  expectReport("error: sync: barrier 1 is complete, and no thread waits at it: all 64 have only arrived",
               "bar.arrive 1, 64;\n", 64, {"wait by 'sync' with the same number and count"});
}

TEST(PTXSyncBarrier, ProducersAndConsumers) {
  // The example of section 9.7.13.1, three rounds of it.
  expectQuiet("mov.u32 %r3, 0;\nmov.u32 %r5, 0;\nshl.b32 %r6, %r1, 2;\nmov.u32 %r7, tile;\nadd.u32 %r7, %r7, %r6;\n"
              "setp.eq.u32 %p1, %r2, 1;\n@%p1 bra C;\n"
              "P: add.u32 %r4, %r3, %r1;\nst.shared.u32 [%r7], %r4;\nbar.arrive 0, 64;\nbar.sync 1, 64;\n"
              "add.u32 %r3, %r3, 1;\nsetp.lt.u32 %p2, %r3, 3;\n@%p2 bra P;\nbra End;\n"
              "C: bar.sync 0, 64;\nld.shared.u32 %r4, [%r7];\nadd.u32 %r5, %r5, %r4;\nbar.arrive 1, 64;\n"
              "add.u32 %r3, %r3, 1;\nsetp.lt.u32 %p2, %r3, 3;\n@%p2 bra C;\nst.global.u32 [%rd0], %r5;\n",
              64, [](unsigned t) { return t < 32 ? 0 : 3 * (t - 32) + 3; });
}

TEST(PTXSyncBarrier, ResultsOfReductionsAreOfTheirPhase) {
  // Warps 0 and 1 reduce, then 1 and 2: warp 0 may fetch its result late.
  expectQuiet(
      "setp.eq.u32 %p1, %r2, 2;\n@%p1 bra B;\nbarrier.red.popc.u32 %r3, 1, 64, %p0;\nst.global.u32 [%rd0], %r3;\n"
      "setp.eq.u32 %p1, %r2, 0;\n@%p1 bra End;\nbar.sync 2, 64;\nbra C;\nB: bar.sync 2, 64;\n"
      "C: setp.lt.u32 %p2, %r1, 3;\nbarrier.red.popc.u32 %r4, 1, 64, %p2;\nst.global.u32 [%rd0], %r4;\n",
      96, [](unsigned t) { return t < 32 ? 32 : 6; });
}

//===----------------------------------------------------------------------===//
// mbarriers
//===----------------------------------------------------------------------===//

/// Thread 0 initialises `bar` for all 64 threads of the block.
const char *initialised =
    "setp.eq.u32 %p1, %r0, 0;\n@%p1 mbarrier.init.shared.b64 [bar], 64;\nbar.sync 0;\n.reg .b64 %s<4>;\n";

std::string withBarrier(llvm::StringRef body) { return std::string(initialised) + body.str(); }

TEST(PTXSyncMBarrier, RoundsOfAllThreads) {
  expectQuiet(withBarrier("mov.u32 %r3, 0;\nL: and.b32 %r4, %r3, 1;\nmbarrier.arrive.shared.b64 %s0, [bar];\n"
                          "W: mbarrier.test_wait.parity.shared.b64 %p2, [bar], %r4;\n@!%p2 bra W;\n"
                          "add.u32 %r3, %r3, 1;\nsetp.lt.u32 %p3, %r3, 20;\n@%p3 bra L;\nst.global.u32 [%rd0], %r3;\n"),
              64, [](unsigned) { return 20; });
  expectQuiet(withBarrier("mov.u32 %r3, 0;\nL: mbarrier.arrive.shared.b64 %s0, [bar];\n"
                          "W: mbarrier.test_wait.shared.b64 %p2, [bar], %s0;\n@!%p2 bra W;\n"
                          "add.u32 %r3, %r3, 1;\nsetp.lt.u32 %p3, %r3, 20;\n@%p3 bra L;\nst.global.u32 [%rd0], %r3;\n"),
              64, [](unsigned) { return 20; });
}

TEST(PTXSyncMBarrier, InvalidatedAndUsedForAnotherAndForData) {
  expectQuiet(withBarrier("mbarrier.arrive.shared.b64 %s0, [bar];\n"
                          "W: mbarrier.test_wait.shared.b64 %p2, [bar], %s0;\n@!%p2 bra W;\nbar.sync 0;\n"
                          "@%p1 mbarrier.inval.shared.b64 [bar];\n@%p1 mbarrier.init.shared.b64 [bar], 1;\n"
                          "@%p1 mbarrier.inval.shared.b64 [bar];\n@%p1 st.shared.u32 [bar+4], 7;\n"),
              64);
}

TEST(PTXSyncMBarrier, AllDropThemselves) {
  expectQuiet(withBarrier("mbarrier.arrive_drop.shared.b64 %s0, [bar];\n"
                          "W: mbarrier.test_wait.shared.b64 %p2, [bar], %s0;\n@!%p2 bra W;\n"),
              64);
}

TEST(PTXSyncMBarrier, InitialisedAgain) {
  expectReport(
      "error: sync: mbarrier 'bar' + 0 (shared + 0x1010) is initialised again, while it is one",
      withBarrier("@%p1 mbarrier.init.shared.b64 [bar], 64;\n"), 64,
      {"note: 'mbarrier.init.shared.b64' of block (0, 0, 0), thread (0, 0, 0)", "'mbarrier.inval' comes before"});
}

TEST(PTXSyncMBarrier, NeverInitialised) {
  // A value makes the memory defined, and no mbarrier of it.
  expectReport("there is no mbarrier 'bar2' + 0",
               "st.shared.u64 [bar2], 0;\n.reg .b64 %s0;\nmbarrier.arrive.shared.b64 %s0, [bar2];\n", 1,
               {"one thread initialises it"});
}

TEST(PTXSyncMBarrier, UsedBehindInval) {
  expectReport("error: sync: there is no mbarrier 'bar' + 0 (shared + 0x1010): it was invalidated",
               withBarrier("@%p1 mbarrier.inval.shared.b64 [bar];\n@%p1 st.shared.u64 [bar], 0;\n"
                           "@%p1 mbarrier.arrive.shared.b64 %s0, [bar];\n"),
               64, {"note: 'mbarrier.inval.shared.b64' of block"});
  expectReport("error: sync: there is no mbarrier 'bar2' + 0", "mbarrier.inval.shared.b64 [bar2];\n", 1);
}

TEST(PTXSyncMBarrier, AccessedByOthers) {
  const char *what =
      "error: sync: mbarrier 'bar' + 0 (shared + 0x1010) is accessed by an instruction that is not for mbarriers";
  expectReport(what, withBarrier("@%p1 st.shared.u8 [bar+7], 7;\n"), 64, {"'mbarrier.inval' comes before"});
  expectReport(what, withBarrier("@%p1 ld.shared.u64 %s0, [bar];\n"), 64);
  expectReport(what, withBarrier("@%p1 atom.shared.add.u32 %r3, [bar], 1;\n"), 64);
  expectQuiet(withBarrier("st.shared.u32 [%ra], 7;\n@%p1 st.shared.u64 [bar2], 7;\n"), 64);
}

TEST(PTXSyncMBarrier, MoreArrivalsThanAwaited) {
  expectReport(
      "whose phase awaits ",
      "mbarrier.init.shared.b64 [bar], 3;\n.reg .b64 %s0;\nmbarrier.arrive.noComplete.shared.b64 %s0, [bar], 4;\n", 1,
      {"the number of arrivals of a phase"});
}

TEST(PTXSyncMBarrier, CountsThatThereAreNot) {
  expectReport("error: sync: an mbarrier is for 1 to 1048575 arrivals, and this is for 0",
               "mbarrier.init.shared.b64 [bar], 0;\n", 1);
  expectReport("error: sync: an mbarrier is for 1 to 1048575 arrivals, and this is for 1048576",
               "mov.u32 %r3, 1048576;\nmbarrier.init.shared.b64 [bar], %r3;\n", 1);
  expectReport("error: sync: an arrival counts for 1 to 1048575 arrivals, and this for 0",
               "mbarrier.init.shared.b64 [bar], 3;\n.reg .b64 %s0;\nmov.u32 %r3, 0;\n"
               "mbarrier.arrive.noComplete.shared.b64 %s0, [bar], %r3;\n",
               1);
  expectReport("would await 1048576 bytes",
               "mbarrier.init.shared.b64 [bar], 3;\nmov.u32 %r3, 1048575;\nmbarrier.expect_tx.shared.b64 [bar], %r3;\n"
               "mbarrier.expect_tx.shared.b64 [bar], 1;\n",
               1);
}

TEST(PTXSyncMBarrier, NoCompleteCompletes) {
  expectReport(
      "error: sync: the arrival ends the phase of mbarrier 'bar' + 0",
      "mbarrier.init.shared.b64 [bar], 3;\n.reg .b64 %s0;\nmbarrier.arrive.noComplete.shared.b64 %s0, [bar], 3;\n", 1,
      {"the last arrival of a phase is one without it"});
}

TEST(PTXSyncMBarrier, ParitiesAndStatesThatThereAreNot) {
  expectReport("error: sync: the parity of a phase is 0 or 1, and this is 2",
               withBarrier("mov.u32 %r3, 2;\nmbarrier.test_wait.parity.shared.b64 %p2, [bar], %r3;\n"), 64);
  // The state of phase 0, when phase 2 has begun.
  std::string round = "mbarrier.arrive.shared.b64 %s1, [bar];\nmbarrier.test_wait.shared.b64 %p2, [bar], %s1;\n";
  expectReport("error: sync: the state that is waited for is not of the current phase",
               "mbarrier.init.shared.b64 [bar], 1;\n.reg .b64 %s<4>;\nmbarrier.arrive.shared.b64 %s0, [bar];\n"
               "mbarrier.test_wait.shared.b64 %p2, [bar], %s0;\n" +
                   round + "mbarrier.test_wait.shared.b64 %p2, [bar], %s0;\n",
               1);
}

TEST(PTXSyncMBarrier, StateOfAnother) {
  std::string both = "mbarrier.init.shared.b64 [bar], 1;\nmbarrier.init.shared.b64 [bar2], 1;\n.reg .b64 %s<4>;\n"
                     "mbarrier.arrive.shared.b64 %s0, [bar];\nmbarrier.arrive.shared.b64 %s1, [bar2];\n";
  // The phases are the same: each state fits the other's, too.
  for (const char *test :
       {"mbarrier.test_wait.shared.b64 %p2, [bar2], %s0;\n", "mbarrier.try_wait.shared.b64 %p2, [bar2], %s0;\n"})
    expectReport("error: sync: the state that mbarrier 'bar2' + 0 (shared + 0x1028) is tested for is that of mbarrier "
                 "'bar' + 0 (shared + 0x1010)",
                 both + test, 1, {"what an arrival at the same mbarrier returned"});
  expectReport("is tested for is none that an arrival at it returned",
               both + "mov.u64 %s0, 0;\nmbarrier.test_wait.shared.b64 %p2, [bar2], %s0;\n", 1);
  expectQuiet(both + "mbarrier.test_wait.shared.b64 %p2, [bar], %s0;\nmbarrier.test_wait.shared.b64 %p2, [bar2], %s1;\n"
                     "mbarrier.arrive.expect_tx.shared.b64 %s0, [bar], 0;\n"
                     "mbarrier.test_wait.shared.b64 %p2, [bar], %s0;\nselp.u32 %r3, 1, 0, %p2;\n"
                     "st.global.u32 [%rd0], %r3;\n",
              1, [](unsigned) { return 1; });
}

TEST(PTXSyncMBarrier, CopiesArriveAtGenericAddresses) {
  auto copy = [](llvm::StringRef arrival) {
    return withBarrier("st.global.u32 [%rd0], %r0;\ncp.async.ca.shared.global [%ra], [%rd0], 4;\n" + arrival.str() +
                       "W: mbarrier.test_wait.parity.shared.b64 %p2, [bar], 0;\n@!%p2 bra W;\nadd.u32 %r3, %r0, 1;\n"
                       "and.b32 %r3, %r3, 63;\nshl.b32 %r3, %r3, 2;\nmov.u32 %r4, tile;\nadd.u32 %r3, %r3, %r4;\n"
                       "ld.shared.u32 %r3, [%r3];\nst.global.u32 [%rd0], %r3;\n");
  };
  auto next = [](unsigned t) { return (t + 1) % 64; };
  const std::string generic = "mov.u64 %rd3, bar;\ncvta.shared.u64 %rd3, %rd3;\n";
  expectQuiet(copy(generic + "cp.async.mbarrier.arrive.noinc.b64 [%rd3];\n"), 64, next);
  expectQuiet(copy(generic + "sub.u64 %rd3, %rd3, 8;\ncp.async.mbarrier.arrive.b64 [%rd3+8];\n"
                             "mbarrier.arrive.shared.b64 %s0, [bar];\n"),
              64, next);
  for (const char *word : {"", ".noinc"}) {
    std::string arrival = std::string("cp.async.mbarrier.arrive") + word + ".b64 [%rd3];\n";
    expectReport("error: sync: an mbarrier is in shared memory", "ld.param.u64 %rd3, [p];\n" + arrival, 2,
                 {"by 'cp.async.mbarrier.arrive"});
    expectReport("error: out of bounds: ", "mov.u64 %rd3, 8;\n" + arrival, 1);
    expectReport("error: misaligned address", generic + "add.u64 %rd3, %rd3, 4;\n" + arrival, 1);
  }
}

TEST(PTXSyncMBarrier, PhaseThatNobodyHasSeen) {
  expectReport(
      "error: sync: an arrival in phase 1 of mbarrier 'bar' + 0 (shared + 0x1010), and no thread has seen that phase 0",
      "mbarrier.init.shared.b64 [bar], 1;\n.reg .b64 %s0;\nmbarrier.arrive.shared.b64 %s0, [bar];\n"
      "mbarrier.arrive.shared.b64 %s0, [bar];\n",
      1, {"each phase is waited for"});
}

TEST(PTXSyncMBarrier, ADeadlockSaysWhatIsAwaited) {
  // 63 arrive of 64, and wait.
  expectReport("deadlock in kernel 'k'",
               withBarrier("@%p1 bra End;\nmbarrier.arrive.shared.b64 %s0, [bar];\n"
                           "W: mbarrier.test_wait.parity.shared.b64 %p2, [bar], 0;\n@!%p2 bra W;\n"),
               64,
               {", until the phase of parity 0 of mbarrier 'bar' + 0 (shared + 0x1010) is over, which is in phase 0 "
                "(parity 0) and "
                "awaits 1 of 64 arrivals; there are threads 1 to 63 of the block"});
}

} // namespace
