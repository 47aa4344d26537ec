//===- ParallelTBB.cpp - Grids on oneTBB ------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The threaded tilec_parallel_for. It is the whole of libtilec_rt, and part of
// TilecRuntime, where the JIT finds it. The number of workers is that of the
// task arena in which the kernel is called, so a caller sets it for one call
// without any global state.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/KernelABI.h"

#include <algorithm>
#include <atomic>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

/// About this many ranges a worker: enough to balance, few enough that the
/// shared counter is not contended.
static constexpr int64_t kRangesPerWorker = 16;

int32_t tilec_rt_max_workers(void) {
  return std::max(1, tbb::this_task_arena::max_concurrency());
}

void tilec_rt_parallel_for(int64_t n,
                           void (*body)(void *ctx, int64_t begin, int64_t end,
                                        int32_t worker),
                           void *ctx) {
  if (n <= 0)
    return;
  int64_t workers = std::min<int64_t>(n, tilec_rt_max_workers());
  if (workers == 1)
    return body(ctx, 0, n, 0);

  int64_t step = std::max<int64_t>(1, n / (workers * kRangesPerWorker));
  std::atomic<int64_t> next{0};
  // Each task draws ranges until none is left. A range is drawn only by a
  // running task and after all earlier ranges, so the earliest unfinished range
  // is always being worked on: an iteration that spins on earlier ones ends.
  auto drain = [&](int64_t worker) {
    for (;;) {
      int64_t begin = next.fetch_add(step, std::memory_order_relaxed);
      if (begin >= n)
        return;
      body(ctx, begin, std::min(n, begin + step), static_cast<int32_t>(worker));
    }
  };
  // Isolated: a thread that waits here must not pick up a caller's other tasks.
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(
        int64_t{0}, workers, [&](int64_t worker) { drain(worker); },
        tbb::simple_partitioner());
  });
}
