/*===- Parallel.c - Where compiled grids meet a threading runtime -*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Grids run on libtilec_rt where the program links it, and on the calling
 * thread otherwise. A weak reference decides, since a weak definition here
 * would win over a library's.
 *===----------------------------------------------------------------------===*/
#include "Support.h"

extern __typeof__(tilec_rt_parallel_for) tilec_rt_parallel_for
    __attribute__((weak));
extern __typeof__(tilec_rt_max_workers) tilec_rt_max_workers
    __attribute__((weak));

TILEC_SUPPORT void tilec_parallel_for(int64_t n,
                                      void (*body)(void *ctx, int64_t begin,
                                                   int64_t end,
                                                   int32_t worker),
                                      void *ctx, int32_t in_order) {
  if (n <= 0)
    return;
  if (tilec_rt_parallel_for)
    tilec_rt_parallel_for(n, body, ctx, in_order);
  else
    body(ctx, 0, n, 0);
}

TILEC_SUPPORT int32_t tilec_max_workers(void) {
  return tilec_rt_max_workers ? tilec_rt_max_workers() : 1;
}
