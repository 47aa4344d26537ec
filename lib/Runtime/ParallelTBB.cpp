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
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <vector>

/// About this many ranges a worker: enough to balance, few enough that the
/// shared counters are not contended.
static constexpr int64_t kRangesPerWorker = 16;

namespace {
/// A worker's own part of the iterations, from which others draw when theirs
/// has ended. It has a cache line of its own.
struct alignas(64) Part {
  std::atomic<int64_t> next{0};
  int64_t end = 0;
  std::atomic<bool> isTaken{false};
};
} // namespace

int32_t tilec_rt_max_workers(void) { return std::max(1, tbb::this_task_arena::max_concurrency()); }

void tilec_rt_parallel_for(int64_t n, void (*body)(void *ctx, int64_t begin, int64_t end, int32_t worker), void *ctx,
                           int32_t in_order) {
  if (n <= 0)
    return;
  int64_t workers = std::min<int64_t>(n, tilec_rt_max_workers());
  if (workers == 1)
    return body(ctx, 0, n, 0);

  int64_t step = std::max<int64_t>(1, n / (workers * kRangesPerWorker));
  std::vector<Part> parts(workers);
  for (int64_t worker = 0; worker < workers; ++worker) {
    // In order, the first part is all there is.
    parts[worker].next = in_order ? (worker ? n : 0) : n / workers * worker + std::min(worker, n % workers);
    parts[worker].end = in_order ? n : n / workers * (worker + 1) + std::min(worker + 1, n % workers);
  }
  // Each worker draws ranges until none is left, of its own part first. The
  // calling thread begins with the first part, so that it draws the earliest
  // range that is left, every time. Whatever iteration it is in, all earlier
  // ones are finished or were drawn by threads that run: an iteration that
  // spins on earlier ones ends.
  auto drain = [&](int64_t worker) {
    for (int64_t distance = 0; distance < workers; ++distance) {
      Part &part = parts[(worker + distance) % workers];
      for (;;) {
        int64_t begin = part.next.fetch_add(step, std::memory_order_relaxed);
        if (begin >= part.end)
          break;
        body(ctx, begin, std::min(part.end, begin + step), static_cast<int32_t>(worker));
      }
    }
  };
  // A thread is the same worker in call after call, if nobody else is: what it
  // wrote is still in its caches.
  int caller = tbb::this_task_arena::current_thread_index();
  auto join = [&] {
    int slot = tbb::this_task_arena::current_thread_index();
    int64_t worker = 1 + (slot < caller ? slot : slot - 1) % (workers - 1);
    while (parts[worker].isTaken.exchange(true, std::memory_order_relaxed))
      worker = worker + 1 < workers ? worker + 1 : 1;
    drain(worker);
  };
  // Isolated: a thread that waits here must not pick up a caller's other tasks.
  tbb::this_task_arena::isolate([&] {
    tbb::task_group others;
    for (int64_t worker = 1; worker < workers; ++worker)
      others.run(join);
    drain(0);
    others.wait();
  });
}
