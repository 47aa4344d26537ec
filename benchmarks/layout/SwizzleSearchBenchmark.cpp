//===- SwizzleSearchBenchmark.cpp - How fast swizzles are found -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Conversion.h"
#include "tilec/Layout/HardwarePTX.h"

#include "benchmark/benchmark.h"

using namespace tilec::layout;

static DistributedLayout threads(const char *text) { return *DistributedLayout::make(*parseLayout(text)); }

/// A tile of 128 by 64 f16, written by rows of 16 bytes and read as ldmatrix reads it, by four warps.
static const char *rowsOf16Bytes = "((8,8),(8,4),4):((1@1,16@0),(8@1,1@0),4@0)";
static const char *rowsOfMatrices = "((8,8,4),(8,2,2)):((1@1,8@1,32@0),(1@0,8@0,16@0))";

static void conflictFreeSwizzle(benchmark::State &state) {
  Layout memory = *parseLayout("(128,64):(64,1)");
  std::vector<TileAccess> accesses = {{threads(rowsOf16Bytes), AccessKind::Write, 0},
                                      {threads(rowsOfMatrices), AccessKind::Read, 16}};
  for (auto _ : state) {
    Result<SwizzleChoice> choice = findSwizzle(memory, 2, accesses, ptx::sharedMemoryBanks());
    if (!choice || choice->wavefronts != choice->ideal) {
      state.SkipWithError("the swizzle is not free of conflicts");
      break;
    }
    benchmark::DoNotOptimize(choice);
  }
}
BENCHMARK(conflictFreeSwizzle)->Unit(benchmark::kMillisecond);

/// A transposition of 64 by 64 f32 among four warps.
static void planOfATransposition(benchmark::State &state) {
  DistributedLayout rows = threads("((4,8),(16,2),4):((1@1,8@0),(4@1,1@0),2@0)"),
                    columns = threads("((4,8),(16,2),4):((1@0,8@1),(4@0,1@1),2@1)");
  for (auto _ : state)
    benchmark::DoNotOptimize(planThroughSharedMemory(rows, columns, 4, ptx::sharedMemoryBanks()));
}
BENCHMARK(planOfATransposition)->Unit(benchmark::kMillisecond);
