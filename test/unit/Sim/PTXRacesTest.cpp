//===- PTXRacesTest.cpp - which programs have races -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Litmus tests of the race detector. What is expected follows from the memory consistency model (section 8 of the PTX
/// ISA manual): which patterns release and acquire (8.8), whom a scope includes (8.5), what is morally strong (8.7),
/// and what synchronises (8.9). Each is run in some orders, and expected to be reported, or not to be, in each of them.
//
//===----------------------------------------------------------------------===//

#include "tilec/Sim/PTX/Simulator.h"

#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

namespace {

/// Which threads are the first, the second and the third of a litmus test: lanes of a warp, warps of a block or blocks.
enum class Placed { Lanes, Warps, Blocks };

const char *nameOf(Placed placed) {
  return placed == Placed::Lanes ? "lanes" : placed == Placed::Warps ? "warps" : "blocks";
}

/// The report of a run; empty without one. `%rd1` is an array of zeros whose words the threads share, `tile` one of
/// shared memory; `%r0` is the thread's number, and those from `threads` up do nothing.
std::string run(llvm::StringRef body, Placed placed, unsigned threads, uint64_t seed, unsigned resident = 16,
                unsigned lanes = 1) {
  const char *number = placed == Placed::Lanes   ? "mov.u32 %r0, %tid.x;"
                       : placed == Placed::Warps ? "mov.u32 %r0, %tid.x; and.b32 %r1, %r0, 31; shr.u32 %r0, %r0, 5;\n"
                                                   "setp.ne.u32 %p0, %r1, 0; @%p0 mov.u32 %r0, 1000;"
                                                 : "mov.u32 %r0, %ctaid.x;";
  std::string text = ".version 8.0\n.target sm_80\n.address_size 64\n.shared .align 16 .b8 tile[4096];\n"
                     ".visible .entry k(.param .u64 p) {\n"
                     ".reg .b32 %r<20>;\n.reg .b64 %rd<10>;\n.reg .b16 %h<4>;\n.reg .pred %p<8>;\n"
                     "ld.param.u64 %rd1, [p];\nmov.b32 %r9, 7;\n" +
                     std::string(number) + "\n" + body.str() + "\nEnd: ret;\n}\n";
  Device device;
  llvm::Expected<LoadedModule *> module = device.load("litmus.ptx", text);
  if (!module)
    return "does not load: " + llvm::toString(module.takeError()) + "\n" + text;
  uint64_t array = llvm::cantFail(device.allocate(4096));
  llvm::cantFail(device.fill(array, 0, 4096));
  LaunchShape shape;
  (placed == Placed::Blocks ? shape.grid : shape.block)[0] = placed == Placed::Warps ? 32 * threads : threads;
  if (placed == Placed::Blocks)
    shape.block[0] = lanes;
  LaunchOptions options;
  options.seed = seed;
  options.residentBlocks = resident;
  options.checks = llvm::cantFail(Checks::parse("races"));
  options.maxSteps = 100000;
  llvm::Expected<LaunchStatistics> result = device.launch(**module, "k", shape, LaunchArguments().add(array), options);
  return result ? std::string() : llvm::toString(result.takeError());
}

void expectRace(bool isRace, llvm::StringRef body, Placed placed, unsigned threads = 2, unsigned lanes = 1) {
  for (uint64_t seed = 0; seed != 5; ++seed) {
    std::string report = run(body, placed, threads, seed, /*resident=*/16, lanes);
    if (isRace)
      EXPECT_NE(report.find(": error: race: "), std::string::npos)
          << nameOf(placed) << ", seed " << seed << ": " << report << body.str();
    else
      EXPECT_EQ(report, "") << nameOf(placed) << ", seed " << seed << ": " << body.str();
  }
}

/// Each thread jumps to its own part: `T0:`, `T1:` and so on.
std::string parts(std::initializer_list<std::string> bodies) {
  std::string text;
  for (size_t i = 0; i != bodies.size(); ++i)
    text += "setp.eq.u32 %p0, %r0, " + std::to_string(i) + "; @%p0 bra T" + std::to_string(i) + ";\n";
  text += "bra End;\n";
  size_t i = 0;
  for (const std::string &body : bodies)
    text += "T" + std::to_string(i++) + ":\n" + body + "\nbra End;\n";
  return text;
}

/// Waits with an instruction that loads the flag into %r2 until it is `value`.
std::string spin(const std::string &load, unsigned value, const std::string &label = "Spin") {
  return label + ": " + load + " setp.ne.u32 %p1, %r2, " + std::to_string(value) + "; @%p1 bra " + label + ";\n";
}

//===--- Message passing: data at 0, a flag at 128.

struct Passing {
  const char *before, *store, *load, *behind;
  bool withinBlock, acrossBlocks;
};

constexpr Passing kPassings[] = {
    // One side weak, or without an order.
    {"", "st.global.u32 [%rd1+128], 1;", "ld.acquire.gpu.global.u32 %r2, [%rd1+128];", "", true, true},
    {"", "st.release.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];", "", true, true},
    {"", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.acquire.gpu.global.u32 %r2, [%rd1+128];", "", true, true},
    {"", "st.volatile.global.u32 [%rd1+128], 1;", "ld.volatile.global.u32 %r2, [%rd1+128];", "", true, true},
    // Orders of the accesses themselves, and their scopes.
    {"", "st.release.gpu.global.u32 [%rd1+128], 1;", "ld.acquire.gpu.global.u32 %r2, [%rd1+128];", "", false, false},
    {"", "st.release.sys.global.u32 [%rd1+128], 1;", "ld.acquire.gpu.global.u32 %r2, [%rd1+128];", "", false, false},
    {"", "st.release.cta.global.u32 [%rd1+128], 1;", "ld.acquire.cta.global.u32 %r2, [%rd1+128];", "", false, true},
    {"", "st.release.gpu.global.u32 [%rd1+128], 1;", "ld.acquire.cta.global.u32 %r2, [%rd1+128];", "", false, true},
    {"", "st.release.cta.global.u32 [%rd1+128], 1;", "ld.acquire.gpu.global.u32 %r2, [%rd1+128];", "", false, true},
    // Fences and strong accesses.
    {"fence.acq_rel.gpu;", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];",
     "fence.acq_rel.gpu;", false, false},
    {"fence.sc.gpu;", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];",
     "fence.sc.gpu;", false, false},
    {"membar.gl;", "st.volatile.global.u32 [%rd1+128], 1;", "ld.volatile.global.u32 %r2, [%rd1+128];", "membar.gl;",
     false, false},
    {"membar.sys;", "st.volatile.global.u32 [%rd1+128], 1;", "ld.volatile.global.u32 %r2, [%rd1+128];", "membar.gl;",
     false, false},
    {"membar.cta;", "st.volatile.global.u32 [%rd1+128], 1;", "ld.volatile.global.u32 %r2, [%rd1+128];", "membar.cta;",
     false, true},
    {"fence.acq_rel.cta;", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];",
     "fence.acq_rel.gpu;", false, true},
    {"fence.acq_rel.gpu;", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];",
     "fence.acq_rel.cta;", false, true},
    {"fence.acq_rel.gpu;", "st.relaxed.cta.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];",
     "fence.acq_rel.gpu;", false, true},
    {"fence.acq_rel.gpu;", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];", "",
     true, true},
    {"", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];", "fence.acq_rel.gpu;",
     true, true},
    // A fence and an order of an access.
    {"fence.acq_rel.gpu;", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.acquire.gpu.global.u32 %r2, [%rd1+128];", "",
     false, false},
    {"", "st.release.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];", "fence.acq_rel.gpu;",
     false, false},
    // A fence orders nothing with a weak flag.
    {"membar.gl;", "st.global.u32 [%rd1+128], 1;", "ld.global.u32 %r2, [%rd1+128];", "membar.gl;", true, true},
    // Atomics are relaxed, of the device, unless they say more.
    {"", "atom.global.exch.b32 %r3, [%rd1+128], 1;", "atom.global.or.b32 %r2, [%rd1+128], 0;", "", true, true},
    {"membar.gl;", "atom.global.exch.b32 %r3, [%rd1+128], 1;", "atom.global.or.b32 %r2, [%rd1+128], 0;", "membar.gl;",
     false, false},
    {"membar.gl;", "red.global.add.u32 [%rd1+128], 1;", "ld.volatile.global.u32 %r2, [%rd1+128];", "membar.gl;", false,
     false},
    {"", "red.release.gpu.global.add.u32 [%rd1+128], 1;", "atom.acquire.gpu.global.or.b32 %r2, [%rd1+128], 0;", "",
     false, false},
    {"", "atom.acq_rel.gpu.global.add.u32 %r3, [%rd1+128], 1;", "atom.acq_rel.gpu.global.or.b32 %r2, [%rd1+128], 0;",
     "", false, false},
    {"", "atom.acq_rel.cta.global.add.u32 %r3, [%rd1+128], 1;", "atom.acq_rel.cta.global.or.b32 %r2, [%rd1+128], 0;",
     "", false, true},
    // The fences of PTX ISA 8.6 are the halves of `acq_rel`.
    {"fence.release.gpu;", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];",
     "fence.acquire.gpu;", false, false},
    {"fence.acquire.gpu;", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];",
     "fence.acquire.gpu;", true, true},
    {"fence.release.gpu;", "st.relaxed.gpu.global.u32 [%rd1+128], 1;", "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];",
     "fence.release.gpu;", true, true},
    {"", "st.mmio.relaxed.sys.global.u32 [%rd1+128], 1;", "ld.mmio.relaxed.sys.global.u32 %r2, [%rd1+128];", "", true,
     true},
};

TEST(PTXRaces, messagePassing) {
  for (const Passing &p : kPassings)
    for (Placed placed : {Placed::Lanes, Placed::Warps, Placed::Blocks})
      expectRace(placed == Placed::Blocks ? p.acrossBlocks : p.withinBlock,
                 parts({std::string("st.global.u32 [%rd1], 7;\n") + p.before + p.store,
                        spin(p.load, 1) + p.behind + "\nld.global.u32 %r4, [%rd1];"}),
                 placed);
}

TEST(PTXRaces, whatIsReadLaterIsNotOrderedBefore) {
  // The write comes behind the release.
  expectRace(true,
             parts({"st.release.gpu.global.u32 [%rd1+128], 1; st.global.u32 [%rd1], 7;",
                    spin("ld.acquire.gpu.global.u32 %r2, [%rd1+128];", 1) + "ld.global.u32 %r4, [%rd1];"}),
             Placed::Blocks);
  // The read comes before the acquire.
  expectRace(true,
             parts({"st.global.u32 [%rd1], 7; st.release.gpu.global.u32 [%rd1+128], 1;",
                    "ld.global.u32 %r4, [%rd1];" + spin("ld.acquire.gpu.global.u32 %r2, [%rd1+128];", 1)}),
             Placed::Blocks);
}

/// Threads 0, 1 and 2: what 1 read from 0, it hands on to 2.
TEST(PTXRaces, causalityIsTransitive) {
  auto chain = [](const char *load, const char *store) {
    return parts({"st.global.u32 [%rd1], 7; st.release.gpu.global.u32 [%rd1+128], 1;", spin(load, 1, "First") + store,
                  spin("ld.acquire.gpu.global.u32 %r2, [%rd1+256];", 1, "Second") + "ld.global.u32 %r4, [%rd1];"});
  };
  const char *acquire = "ld.acquire.gpu.global.u32 %r2, [%rd1+128];",
             *relaxed = "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];";
  for (Placed placed : {Placed::Lanes, Placed::Warps, Placed::Blocks}) {
    expectRace(false, chain(acquire, "st.release.gpu.global.u32 [%rd1+256], 1;"), placed, 3);
    expectRace(false, chain(relaxed, "fence.acq_rel.gpu; st.relaxed.gpu.global.u32 [%rd1+256], 1;"), placed, 3);
    expectRace(true, chain(relaxed, "st.release.gpu.global.u32 [%rd1+256], 1;"), placed, 3);
    expectRace(true, chain(acquire, "st.relaxed.gpu.global.u32 [%rd1+256], 1;"), placed, 3);
  }
}

/// Thread 1 changes the flag that thread 2 reads: a read-modify-write hands on, a write does not (section 8.9.2).
TEST(PTXRaces, observationGoesThroughReadModifyWrites) {
  // Thread 2 reads the flag when it is 2: had it seen 1, it would know of thread 0's writes by that.
  auto chain = [](const std::string &middle) {
    return parts({"st.global.u32 [%rd1], 7; st.release.gpu.global.u32 [%rd1+128], 1;",
                  spin("ld.relaxed.gpu.global.u32 %r2, [%rd1+128];", 1, "First") + middle +
                      "st.relaxed.gpu.global.u32 [%rd1+256], 1;",
                  spin("ld.relaxed.gpu.global.u32 %r2, [%rd1+256];", 1, "Second") +
                      "ld.acquire.gpu.global.u32 %r2, [%rd1+128]; ld.global.u32 %r4, [%rd1];"});
  };
  for (Placed placed : {Placed::Lanes, Placed::Warps, Placed::Blocks}) {
    expectRace(false, chain("atom.global.add.u32 %r3, [%rd1+128], 1;"), placed, 3);
    expectRace(false, chain("red.global.add.u32 [%rd1+128], 1;"), placed, 3);
    expectRace(true, chain("st.relaxed.gpu.global.u32 [%rd1+128], 2;"), placed, 3);
  }
  // A later write of the thread that released goes on releasing (section 8.8).
  expectRace(false,
             parts({"st.global.u32 [%rd1], 7; st.release.gpu.global.u32 [%rd1+128], 1;"
                    "st.relaxed.gpu.global.u32 [%rd1+128], 2;",
                    spin("ld.acquire.gpu.global.u32 %r2, [%rd1+128];", 2) + "ld.global.u32 %r4, [%rd1];"}),
             Placed::Blocks);
}

/// A reduction writes what it read, and hands it on; its thread acquires nothing by it (section 8.8).
TEST(PTXRaces, reductionsAcquireNothing) {
  auto chain = [](const char *middle) {
    return parts(
        {"st.global.u32 [%rd1], 7; st.release.gpu.global.u32 [%rd1+128], 1;",
         // A bell without an order says when.
         spin("ld.relaxed.gpu.global.u32 %r2, [%rd1+256];", 1) + middle +
             "fence.acq_rel.gpu; ld.global.u32 %r4, [%rd1];",
         spin("ld.relaxed.gpu.global.u32 %r2, [%rd1+128];", 1, "Seen") + "st.relaxed.gpu.global.u32 [%rd1+256], 1;"});
  };
  for (Placed placed : {Placed::Lanes, Placed::Warps, Placed::Blocks}) {
    expectRace(false, chain("atom.global.add.u32 %r3, [%rd1+128], 1;"), placed, 3);
    expectRace(true, chain("red.global.add.u32 [%rd1+128], 1;"), placed, 3);
  }
}

/// Threads 0 and 1 are of two blocks, and what thread 1 knows of thread 0 it hands on within its block.
TEST(PTXRaces, whatIsKnownOfOtherBlocksIsHandedOnInAnyScope) {
  auto body = [](const char *release, const char *acquire) {
    return "mov.u32 %r5, %tid.x; setp.eq.u32 %p3, %r5, 1; @%p3 bra Third;\n" +
           parts({"st.global.u32 [%rd1], 7; st.release.gpu.global.u32 [%rd1+128], 1;",
                  spin("ld.acquire.gpu.global.u32 %r2, [%rd1+128];", 1, "First") + release}) +
           "Third: setp.ne.u32 %p0, %r0, 1; @%p0 bra End;\n" + spin(acquire, 1, "Second") +
           "ld.global.u32 %r4, [%rd1];";
  };
  for (const char *release : {"st.release.gpu.global.u32 [%rd1+256], 1;", "st.release.cta.global.u32 [%rd1+256], 1;",
                              "fence.acq_rel.gpu; st.relaxed.cta.global.u32 [%rd1+256], 1;"}) {
    expectRace(false, body(release, "ld.acquire.cta.global.u32 %r2, [%rd1+256];"), Placed::Blocks, 2, 2);
    expectRace(false, body(release, "ld.acquire.gpu.global.u32 %r2, [%rd1+256];"), Placed::Blocks, 2, 2);
  }
  expectRace(true, body("st.relaxed.gpu.global.u32 [%rd1+256], 1;", "ld.acquire.cta.global.u32 %r2, [%rd1+256];"),
             Placed::Blocks, 2, 2);
}

/// A write whose value a thread has read comes before what the thread does next; nothing else of its writer does
/// (section 8.9.5).
TEST(PTXRaces, observedWritesComeBefore) {
  auto body = [](const char *load, const char *behind) {
    return parts({"st.global.u32 [%rd1], 7; st.relaxed.gpu.global.u32 [%rd1+128], 1;", spin(load, 1) + behind});
  };
  const char *relaxed = "ld.relaxed.gpu.global.u32 %r2, [%rd1+128];", *atom = "atom.global.or.b32 %r2, [%rd1+128], 0;",
             *narrow = "ld.relaxed.cta.global.u32 %r2, [%rd1+128];";
  for (Placed placed : {Placed::Lanes, Placed::Warps, Placed::Blocks}) {
    for (const char *load : {relaxed, atom}) {
      expectRace(false, body(load, "ld.global.u32 %r4, [%rd1+128];"), placed);
      expectRace(false, body(load, "st.global.u32 [%rd1+128], 0;"), placed);
      expectRace(true, body(load, "ld.global.u32 %r4, [%rd1];"), placed);
    }
    expectRace(placed == Placed::Blocks, body(narrow, "ld.global.u32 %r4, [%rd1+128];"), placed);
  }
}

/// That one block runs after the other is an accident.
TEST(PTXRaces, blocksThatNeverMetAreConcurrent) {
  std::string body = parts({"st.global.u32 [%rd1], 7;", "ld.global.u32 %r4, [%rd1];"});
  EXPECT_NE(run(body, Placed::Blocks, 2, 0, /*resident=*/1).find(": error: race: "), std::string::npos);
  EXPECT_NE(run(parts({"ld.global.u32 %r4, [%rd1];", "st.global.u32 [%rd1], 7;"}), Placed::Blocks, 2, 0, 1)
                .find("blocks run in any order"),
            std::string::npos);
}

//===--- Conflicts

TEST(PTXRaces, conflicts) {
  struct Pair {
    const char *first, *second;
    bool isRace;
  };
  const Pair pairs[] = {
      {"ld.global.u32 %r4, [%rd1];", "ld.global.u32 %r4, [%rd1];", false},
      {"ld.global.u32 %r4, [%rd1];", "st.global.u32 [%rd1], 5;", true},
      {"st.global.u32 [%rd1], 4;", "st.global.u32 [%rd1], 5;", true},
      {"st.global.u32 [%rd1+4], 4;", "st.global.u32 [%rd1], 5;", false},
      // Bytes.
      {"st.global.u8 [%rd1+1], %r9;", "st.global.u8 [%rd1+2], %r9;", false},
      {"st.global.u8 [%rd1+1], %r9;", "ld.global.u8 %r4, [%rd1];", false},
      {"st.global.u8 [%rd1+1], %r9;", "ld.global.u16 %h1, [%rd1];", true},
      {"st.global.u8 [%rd1+1], %r9;", "ld.global.u16 %h1, [%rd1+2];", false},
      {"st.global.u8 [%rd1+3], %r9;", "ld.global.u32 %r4, [%rd1];", true},
      {"ld.global.u32 %r4, [%rd1];", "st.global.u8 [%rd1+3], %r9;", true},
      {"ld.global.v4.u32 {%r4, %r5, %r6, %r7}, [%rd1];", "st.global.u8 [%rd1+15], %r9;", true},
      {"ld.global.v4.u32 {%r4, %r5, %r6, %r7}, [%rd1];", "st.global.u8 [%rd1+16], %r9;", false},
      {"st.global.u64 [%rd1], %rd1;", "ld.global.u32 %r4, [%rd1+4];", true},
      // Atomics, and what is strong.
      {"atom.global.add.u32 %r4, [%rd1], 1;", "red.global.add.u32 [%rd1], 1;", false},
      {"atom.global.add.u32 %r4, [%rd1], 1;", "ld.global.u32 %r4, [%rd1];", true},
      {"atom.global.add.u32 %r4, [%rd1], 1;", "ld.relaxed.gpu.global.u32 %r4, [%rd1];", false},
      {"atom.global.add.u32 %r4, [%rd1], 1;", "st.volatile.global.u32 [%rd1], 1;", false},
      {"st.volatile.global.u32 [%rd1], 1;", "st.global.u32 [%rd1], 1;", true},
      {"ld.volatile.global.u32 %r4, [%rd1];", "st.global.u32 [%rd1], 1;", true},
      // Strong, but not all of the same bytes.
      {"atom.global.add.u32 %r4, [%rd1], 1;", "atom.global.add.u64 %rd2, [%rd1], 1;", true},
      {"atom.global.add.u32 %r4, [%rd1+8], 1;", "atom.global.add.u64 %rd2, [%rd1], 1;", false},
      // A vector is as many scalars.
      {"st.volatile.global.u32 [%rd1+4], 1;", "ld.volatile.global.v2.u32 {%r4, %r5}, [%rd1];", false},
      // So are packed values.
      {"atom.global.add.noftz.f16x2 %r4, [%rd1], %r9;", "atom.global.add.noftz.f16 %h1, [%rd1+2], %h2;", false},
      {"atom.global.add.noftz.f16x2 %r4, [%rd1], %r9;", "red.global.add.noftz.bf16x2 [%rd1], %r9;", false},
      {"atom.global.add.noftz.f16x2 %r4, [%rd1], %r9;", "atom.global.add.u32 %r4, [%rd1], 1;", true},
  };
  for (const Pair &pair : pairs)
    for (Placed placed : {Placed::Lanes, Placed::Warps, Placed::Blocks}) {
      expectRace(pair.isRace, parts({pair.first, pair.second}), placed);
      expectRace(pair.isRace, parts({pair.second, pair.first}), placed);
    }
}

TEST(PTXRaces, scopesOfAtomics) {
  std::string body = parts({"atom.cta.global.add.u32 %r4, [%rd1], 1;", "atom.gpu.global.add.u32 %r4, [%rd1], 1;"});
  expectRace(false, body, Placed::Lanes);
  expectRace(false, body, Placed::Warps);
  expectRace(true, body, Placed::Blocks);
}

/// All that read matter to who writes, and so do all atomics to who reads.
TEST(PTXRaces, everyReaderCounts) {
  // Threads 0 and 1 read, both tell thread 2 so; or only one does.
  auto body = [](bool bothTell) {
    std::string tell = "red.release.gpu.global.add.u32 [%rd1+128], 1;";
    return parts({"ld.global.u32 %r4, [%rd1];" + tell,
                  "ld.global.u32 %r4, [%rd1];" + (bothTell ? tell : "red.global.add.u32 [%rd1+128], 1;"),
                  spin("ld.acquire.gpu.global.u32 %r2, [%rd1+128];", 2) + "st.global.u32 [%rd1], 1;"});
  };
  for (Placed placed : {Placed::Lanes, Placed::Warps}) {
    expectRace(false, body(true), placed, 3);
    expectRace(true, body(false), placed, 3);
  }
  expectRace(false, body(true), Placed::Blocks, 3);
}

/// Whichever is the last, the same is there; blocks that write the same are taken for a mistake.
TEST(PTXRaces, theSameIsWritten) {
  std::string body = parts({"st.global.u32 [%rd1], 5;", "st.global.u32 [%rd1], 5;"});
  expectRace(false, body, Placed::Lanes);
  expectRace(false, body, Placed::Warps);
  expectRace(true, body, Placed::Blocks);
}

//===--- Fences by others than those who write and read the flag: 32 threads a block

TEST(PTXRaces, orderOfSequentialFences) {
  auto body = [](const char *fence, const char *between, const char *behind) {
    return std::string("mov.u32 %r5, %tid.x; setp.eq.u32 %p3, %r5, 0; mul.wide.u32 %rd2, %r5, 4;\n"
                       "add.u64 %rd3, %rd1, %rd2;\n"
                       "xor.b32 %r6, %r5, 31; mul.wide.u32 %rd2, %r6, 4; add.u64 %rd4, %rd1, %rd2;\n") +
           parts({std::string("st.global.u32 [%rd3], 7;") + fence + between +
                      "@%p3 st.volatile.global.u32 [%rd1+128], 1;",
                  "@!%p3 bra Behind;\n" + spin("ld.volatile.global.u32 %r2, [%rd1+128];", 1) + "Behind: " + between +
                      behind + "ld.global.u32 %r4, [%rd4];"});
  };
  const char *sync = "bar.warp.sync -1;", *bar = "bar.sync 0;";
  for (const char *between : {sync, bar}) {
    expectRace(false, body("membar.gl;", between, "membar.gl;"), Placed::Blocks, 2, 32);
    expectRace(false, body("fence.sc.gpu;", between, "membar.sys;"), Placed::Blocks, 2, 32);
    // Of `fence.acq_rel` none is the first, and a fence orders only what its thread knows.
    expectRace(true, body("fence.acq_rel.gpu;", between, "membar.gl;"), Placed::Blocks, 2, 32);
    expectRace(true, body("membar.gl;", between, "fence.acq_rel.gpu;"), Placed::Blocks, 2, 32);
    expectRace(true, body("", between, "membar.gl;"), Placed::Blocks, 2, 32);
    expectRace(true, body("membar.gl;", between, ""), Placed::Blocks, 2, 32);
    expectRace(true, body("fence.sc.cta;", between, "fence.sc.cta;"), Placed::Blocks, 2, 32);
  }
  expectRace(true, body("membar.gl;", "", "membar.gl;"), Placed::Blocks, 2, 32);
}

/// Threads of a block that write and then read, with fences of its scope between: whoever comes second has seen the
/// other one's write, and knows of what that did before its fence.
TEST(PTXRaces, sequentialFencesOfABlock) {
  auto body = [](const char *fence) {
    return parts({std::string("st.shared.u32 [tile+64], 7;") + fence + "st.relaxed.cta.shared.u32 [tile+4], 1;",
                  spin("ld.relaxed.cta.shared.u32 %r2, [tile+4];", 1) + fence + "ld.shared.u32 %r4, [tile+64];"});
  };
  // A third thread sees the flag, and thread 2 knows of that by a barrier of the warp: only an order of fences says
  // that thread 0's was the first.
  auto chain = [](const char *first, const char *second) {
    return std::string("setp.eq.u32 %p0, %r0, 1; @%p0 bra Second; setp.eq.u32 %p2, %r0, 0; @!%p2 bra Sync;\n"
                       "st.shared.u32 [tile+64], 7;") +
           first + "Sync: bar.warp.sync 5; @%p2 bra End; st.relaxed.cta.shared.u32 [tile+4], 1; bra End;\nSecond:" +
           spin("ld.relaxed.cta.shared.u32 %r2, [tile+4];", 1) + second + "ld.shared.u32 %r4, [tile+64];";
  };
  for (const char *fence : {"fence.sc.cta;", "membar.cta;", "fence.sc.gpu;", "fence.acq_rel.cta;"})
    expectRace(false, body(fence), Placed::Lanes);
  expectRace(false, chain("fence.sc.cta;", "fence.sc.cta;"), Placed::Lanes, 3);
  expectRace(false, chain("membar.cta;", "membar.gl;"), Placed::Lanes, 3);
  expectRace(true, chain("fence.acq_rel.cta;", "fence.sc.cta;"), Placed::Lanes, 3);
  expectRace(true, chain("fence.sc.cta;", "fence.acq_rel.cta;"), Placed::Lanes, 3);
  expectRace(true, chain("", "fence.sc.cta;"), Placed::Lanes, 3);
}

//===--- Lanes of one instruction

TEST(PTXRaces, lanesOfOneInstruction) {
  expectRace(false, "st.global.u32 [%rd1], 3;", Placed::Lanes, 32);
  expectRace(true, "st.global.u32 [%rd1], %r0;", Placed::Lanes, 32);
  expectRace(false, "mul.wide.u32 %rd2, %r0, 2; add.u64 %rd2, %rd2, %rd1; st.global.u16 [%rd2], %r0;", Placed::Lanes,
             32);
}

//===--- Barriers. Threads 0 and 1 are the first lanes of two warps, and all threads run the same.

TEST(PTXRaces, barriersOfTheBlock) {
  auto body = [](const std::string &writer, const std::string &reader) {
    return "mov.u32 %r0, %tid.x; setp.lt.u32 %p2, %r0, 32; and.b32 %r1, %r0, 31; shl.b32 %r1, %r1, 2;\n"
           "mov.u32 %r5, tile; add.u32 %r5, %r5, %r1; @!%p2 bra Reader;\nst.shared.u32 [%r5], 3;\n" +
           writer + "\nbra End;\nReader: " + reader + "\nld.shared.u32 %r4, [%r5];";
  };
  expectRace(true, body("", ""), Placed::Warps);
  expectRace(false, body("bar.sync 0;", "bar.sync 0;"), Placed::Warps);
  expectRace(false, body("barrier.sync 3;", "barrier.sync 3;"), Placed::Warps);
  expectRace(false, body("bar.sync 1, 64;", "bar.sync 1, 64;"), Placed::Warps);
  // Who arrives hands over, and who only arrives knows nothing.
  expectRace(false, body("bar.arrive 1, 64;", "bar.sync 1, 64;"), Placed::Warps);
  expectRace(true, body("bar.sync 1, 64;", "bar.arrive 1, 64;"), Placed::Warps);
  expectRace(true, body("bar.sync 1, 32;", "bar.sync 2, 32;"), Placed::Warps);
  expectRace(false, body("bar.red.popc.u32 %r6, 1, %p2;", "bar.red.popc.u32 %r6, 1, %p2;"), Placed::Warps);
  // What is written behind the arrival.
  expectRace(true, body("bar.arrive 1, 64; st.shared.u32 [%r5], 4;", "bar.sync 1, 64;"), Placed::Warps);
}

TEST(PTXRaces, barriersOfTheWarp) {
  auto body = [](const std::string &between) {
    return "mov.u32 %r5, tile; shl.b32 %r1, %r0, 2; add.u32 %r5, %r5, %r1; xor.b32 %r6, %r1, 4; mov.u32 %r7, tile;\n"
           "add.u32 %r6, %r6, %r7; st.shared.u32 [%r5], %r0;\n" +
           between + "\nld.shared.u32 %r4, [%r6];";
  };
  expectRace(true, body(""), Placed::Lanes, 32);
  expectRace(false, body("bar.warp.sync -1;"), Placed::Lanes, 32);
  expectRace(false, body("bar.sync 0;"), Placed::Lanes, 32);
  // Groups of two lanes that know only each other.
  std::string pairs = "and.b32 %r8, %r0, 30; mov.b32 %r10, 3; shl.b32 %r10, %r10, %r8; bar.warp.sync %r10;";
  expectRace(false, body(pairs), Placed::Lanes, 32);
  expectRace(true, body("and.b32 %r8, %r0, 31; mov.b32 %r10, 1; shl.b32 %r10, %r10, %r8; bar.warp.sync %r10;"),
             Placed::Lanes, 32);
  // Shuffles and votes bring threads together, and order no memory.
  expectRace(true, body("shfl.sync.idx.b32 %r8, %r0, 0, 31, -1;"), Placed::Lanes, 32);
}

/// Matrix instructions access memory as a whole warp, even where each lane would need what it wrote itself.
TEST(PTXRaces, matrices) {
  auto body = [](const std::string &between) {
    return "mov.u32 %r5, tile; shl.b32 %r1, %r0, 2; add.u32 %r6, %r5, %r1; st.shared.u32 [%r6], %r0; and.b32 %r7, %r0, "
           "7;\n"
           "shl.b32 %r7, %r7, 4; add.u32 %r7, %r7, %r5;\n" +
           between;
  };
  std::string load = "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r8}, [%r7];", sync = "bar.warp.sync -1;",
              store = "stmatrix.sync.aligned.m8n8.x1.shared.b16 [%r7], {%r0};";
  expectRace(true, body(load), Placed::Lanes, 32);
  expectRace(false, body(sync + load), Placed::Lanes, 32);
  expectRace(false, body(sync + load + store + load), Placed::Lanes, 32);
  expectRace(true, body(sync + store + "ld.shared.u32 %r8, [%r6];"), Placed::Lanes, 32);
  expectRace(false, body(sync + store + sync + "ld.shared.u32 %r8, [%r6];"), Placed::Lanes, 32);
}

//===--- mbarriers

TEST(PTXRaces, mbarriers) {
  auto body = [](const std::string &arrive, const std::string &wait, const char *behind = "") {
    return "mov.u32 %r8, %tid.x; setp.eq.u32 %p3, %r8, 0; mov.u32 %r5, tile; @%p3 mbarrier.init.shared.b64 [%r5], 1; "
           "bar.sync 0;\n" +
           parts({"st.shared.u32 [tile+64], 3;" + arrive,
                  "Spin: " + wait + " @!%p1 bra Spin;" + behind + " ld.shared.u32 %r4, [tile+64];"});
  };
  std::string test = "mbarrier.test_wait.parity.shared.b64 %p1, [%r5], 0;",
              relaxed = "mbarrier.try_wait.parity.relaxed.cta.shared.b64 %p1, [%r5], 0;";
  for (Placed placed : {Placed::Lanes, Placed::Warps}) {
    expectRace(false, body("mbarrier.arrive.shared.b64 %rd2, [%r5];", test), placed);
    expectRace(false, body("mbarrier.arrive.release.cta.shared.b64 %rd2, [%r5];", test), placed);
    expectRace(true, body("mbarrier.arrive.relaxed.cta.shared.b64 %rd2, [%r5];", test), placed);
    expectRace(true, body("mbarrier.arrive.shared.b64 %rd2, [%r5];", relaxed), placed);
    expectRace(false, body("mbarrier.arrive.shared.b64 %rd2, [%r5];", relaxed, "fence.acq_rel.cta;"), placed);
    expectRace(false, body("fence.acq_rel.cta; mbarrier.arrive.relaxed.cta.shared.b64 %rd2, [%r5];", test), placed);
    expectRace(true, body("mbarrier.arrive.shared.b64 %rd2, [%r5]; st.shared.u32 [tile+64], 4;", test), placed);
  }
  // Nobody knows that it is initialised.
  expectRace(true,
             parts({"mbarrier.init.shared.b64 [tile], 1; st.volatile.shared.u32 [tile+64], 1;",
                    spin("ld.volatile.shared.u32 %r2, [tile+64];", 1) + "mbarrier.arrive.shared.b64 %rd2, [tile];"}),
             Placed::Warps);
}

//===--- Asynchronous copies. Thread 0 copies 16 bytes; all threads run the same.

TEST(PTXRaces, copies) {
  auto body = [](const std::string &between, const char *who = "0") {
    return "mov.u32 %r0, %tid.x; setp.eq.u32 %p2, %r0, 0; mov.u32 %r5, tile;\n"
           "@%p2 cp.async.ca.shared.global [%r5], [%rd1], 16;\n" +
           between + "\nsetp.eq.u32 %p3, %r0, " + who + "; @%p3 ld.shared.u32 %r4, [%r5+12];";
  };
  expectRace(true, body(""), Placed::Warps);
  expectRace(true, body("cp.async.commit_group;"), Placed::Warps);
  expectRace(false, body("cp.async.wait_all;"), Placed::Warps);
  expectRace(false, body("cp.async.commit_group; cp.async.wait_group 0;"), Placed::Warps);
  expectRace(true, body("cp.async.commit_group; cp.async.wait_group 1;"), Placed::Warps);
  expectRace(true, body("cp.async.wait_group 0;"), Placed::Warps);
  expectRace(false, body("cp.async.commit_group; cp.async.commit_group; cp.async.wait_group 1;"), Placed::Warps);
  // A barrier alone waits for no copy, and a wait is only for the thread's own.
  expectRace(true, body("bar.sync 0;"), Placed::Warps);
  expectRace(true, body("cp.async.wait_all;", "32"), Placed::Warps);
  expectRace(true, body("bar.sync 0; cp.async.wait_all;", "32"), Placed::Warps);
  expectRace(false, body("cp.async.wait_all; bar.sync 0;", "32"), Placed::Warps);
  // The source, and the target, are in use meanwhile.
  expectRace(true, body("@%p2 st.global.u32 [%rd1+8], 1; cp.async.wait_all;"), Placed::Warps);
  expectRace(false, body("cp.async.wait_all; @%p2 st.global.u32 [%rd1+8], 1;"), Placed::Warps);
  expectRace(true, body("@%p2 st.shared.u32 [%r5+8], 1; cp.async.wait_all;"), Placed::Warps);
  expectRace(true, body("@%p2 cp.async.ca.shared.global [%r5+8], [%rd1+64], 8; cp.async.wait_all;"), Placed::Warps);
  expectRace(false, body("@%p2 ld.global.u32 %r6, [%rd1+8]; cp.async.wait_all;"), Placed::Warps);
  // Of what is not read nothing is in use.
  expectRace(false,
             "mov.u32 %r5, tile; cp.async.ca.shared.global [%r5], [%rd1], 16, 6; st.global.u16 [%rd1+6], %r9; "
             "cp.async.wait_all;",
             Placed::Lanes, 1);
  expectRace(true,
             "mov.u32 %r5, tile; cp.async.ca.shared.global [%r5], [%rd1], 16, 6; st.global.u8 [%rd1+5], %r9; "
             "cp.async.wait_all;",
             Placed::Lanes, 1);
}

TEST(PTXRaces, copiesThatAnMBarrierTracks) {
  auto body = [](const std::string &copier, const std::string &reader) {
    return "mov.u32 %r8, %tid.x; setp.eq.u32 %p3, %r8, 0; mov.u32 %r5, tile; mov.u32 %r6, tile; add.u32 %r6, %r6, 64;\n"
           "@%p3 mbarrier.init.shared.b64 [%r5], 1; bar.sync 0;\n" +
           parts({"cp.async.ca.shared.global [%r6], [%rd1], 16;" + copier, reader + " ld.shared.u32 %r4, [%r6];"});
  };
  std::string wait = "Spin: mbarrier.test_wait.parity.shared.b64 %p1, [%r5], 0; @!%p1 bra Spin;",
              later = "cp.async.mbarrier.arrive.noinc.shared.b64 [%r5];",
              now = "mbarrier.arrive.shared.b64 %rd2, [%r5];";
  for (Placed placed : {Placed::Lanes, Placed::Warps}) {
    expectRace(false, body(later, wait), placed);
    // An arrival of the thread is not one of its copies, and the mbarrier is not the copying thread's wait.
    expectRace(true, body(now, wait), placed);
    expectRace(false, body("cp.async.wait_all;" + now, wait), placed);
    expectRace(true, body(later + "ld.shared.u32 %r4, [%r6];", wait), placed);
    expectRace(false, body(later + "cp.async.wait_all; ld.shared.u32 %r4, [%r6];", wait), placed);
    // A copy that begins behind the arrival is not awaited.
    expectRace(true, body(later + "cp.async.ca.shared.global [%r6], [%rd1+64], 16;", wait), placed);
  }
}

//===--- Reports

TEST(PTXRaces, whatAReportSays) {
  std::string report =
      run(parts({"st.shared.u32 [tile+64], 3;", "ld.shared.u32 %r4, [tile+64];"}), Placed::Warps, 2, 0);
  EXPECT_NE(report.find("'tile' + 64 (shared + 0x40)"), std::string::npos) << report;
  EXPECT_NE(report.find("kernel 'k', block (0, 0, 0), thread ("), std::string::npos) << report;
  EXPECT_NE(report.find("'st.shared.u32'"), std::string::npos) << report;
  EXPECT_NE(report.find("'ld.shared.u32'"), std::string::npos) << report;
  EXPECT_NE(report.find("bar.sync"), std::string::npos) << report;
  // Each pair once, however often it happens.
  std::string loop = "mov.u32 %r8, 0; Loop: st.global.u32 [%rd1], %r0; add.u32 %r8, %r8, 1; setp.lt.u32 %p5, %r8, 9; "
                     "@%p5 bra Loop;";
  report = run(loop, Placed::Lanes, 32, 0);
  EXPECT_EQ(llvm::StringRef(report).count("error: race"), 1u) << report;
  EXPECT_NE(report.find("argument 0 + 0x0"), std::string::npos) << report;
}

} // namespace
