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
#include <cstddef>
#include <memory>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <vector>

/// About this many ranges a worker: enough to balance, few enough that the
/// shared counters are not contended.
static constexpr int64_t kRangesPerWorker = 16;

/// Parts of so many workers are on the stack.
static constexpr int64_t kFewWorkers = 16;

namespace {
using Body = void (*)(void *ctx, int64_t begin, int64_t end, int32_t worker);

/// A worker's own part of the iterations, from which others draw when theirs
/// has ended, and what is done with them: all in one line, since each line that
/// another core has written takes a tenth of a microsecond to come from there.
struct alignas(64) Part {
  std::atomic<int64_t> next{0};
  int64_t end = 0, step = 1;
  Body body = nullptr;
  void *ctx = nullptr;
  std::atomic<bool> isTaken{false};
};

/// The parts of all workers.
struct Parts {
  Part *first;
  int32_t count;
  /// Where the calling thread is in its arena.
  int32_t caller;

  /// Each worker draws ranges until none is left, of its own part first.
  /// Whatever iteration it is in, all earlier ones are finished or were drawn
  /// by threads that run: an iteration that spins on earlier ones ends.
  void drain(int32_t worker) const {
    for (int32_t distance = 0; distance < count; ++distance) {
      Part &part = first[(worker + distance) % count];
      for (;;) {
        int64_t begin = part.next.fetch_add(part.step, std::memory_order_relaxed);
        if (begin >= part.end)
          break;
        part.body(part.ctx, begin, std::min(part.end, begin + part.step), worker);
      }
    }
  }

  /// A thread is the same worker in call after call, if nobody else is: what it
  /// wrote is still in its caches.
  void join() const {
    int slot = tbb::this_task_arena::current_thread_index();
    int32_t worker = 1 + (slot < caller ? slot : slot - 1) % (count - 1);
    while (first[worker].isTaken.exchange(true, std::memory_order_relaxed))
      worker = worker + 1 < count ? worker + 1 : 1;
    drain(worker);
  }
};
} // namespace

int32_t tilec_rt_max_workers(void) { return std::max(1, tbb::this_task_arena::max_concurrency()); }

void tilec_rt_parallel_for(int64_t n, Body body, void *ctx, int32_t in_order) {
  if (n <= 0)
    return;
  int64_t workers = std::min<int64_t>(n, tilec_rt_max_workers());
  if (workers == 1)
    return body(ctx, 0, n, 0);

  // Isolated: a thread that waits here must not pick up a caller's other tasks.
  auto runIsolated = [&](auto other, auto own) {
    tbb::this_task_arena::isolate([&] {
      tbb::task_group others;
      for (int64_t worker = 1; worker < workers; ++worker)
        others.run([other, worker] { other(worker); });
      own();
      others.wait();
    });
  };
  // An iteration for each worker is a task: whoever waits takes those that
  // nobody has begun, in any order.
  if (n == workers && !in_order)
    return runIsolated(
        [body, ctx](int64_t worker) { body(ctx, worker, worker + 1, static_cast<int32_t>(worker)); },
        [&] { body(ctx, 0, 1, 0); });

  int64_t step = std::max<int64_t>(1, n / (workers * kRangesPerWorker));
  alignas(Part) std::byte few[kFewWorkers * sizeof(Part)];
  std::vector<Part> many(workers > kFewWorkers ? workers : 0);
  Parts parts{many.data(), static_cast<int32_t>(workers), tbb::this_task_arena::current_thread_index()};
  if (many.empty()) {
    parts.first = reinterpret_cast<Part *>(few);
    std::uninitialized_default_construct_n(parts.first, workers);
  }
  for (int64_t worker = 0; worker < workers; ++worker) {
    Part &part = parts.first[worker];
    // In order, the first part is all there is.
    part.next = in_order ? (worker ? n : 0) : n / workers * worker + std::min(worker, n % workers);
    part.end = in_order ? n : n / workers * (worker + 1) + std::min(worker + 1, n % workers);
    part.step = step, part.body = body, part.ctx = ctx;
  }
  // The calling thread begins with the first part, so that it draws the
  // earliest range that is left, every time.
  runIsolated([parts](int64_t) { parts.join(); }, [&] { parts.drain(0); });
}
