/*===- Grid.c - The size of a grid's iterations -------------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The tile sizes of a kernel are the most that an iteration may take. Where a
 * grid has few iterations, smaller ones occupy more workers, and even ones end
 * together.
 *===----------------------------------------------------------------------===*/
#include "Support.h"

/* Dims whose steps are chosen, at most, and how many counts of each are tried:
 * enough to give each worker one iteration or two. */
enum { kMostDims = 4, kMostCounts = 64 };

static int64_t ceil_div(int64_t x, int64_t y) { return (x + y - 1) / y; }

/* The step that cuts `extent` into `count` parts of whole multiples. */
static int64_t even_step(int64_t extent, int64_t count, int64_t multiple,
                         int64_t most) {
  int64_t step = ceil_div(ceil_div(extent, count), multiple) * multiple;
  return step < most ? step : most;
}

TILEC_SUPPORT void tilec_balance_grid(int32_t rank, int64_t workers,
                                      const int64_t *extents,
                                      const int64_t *multiples,
                                      const int64_t *overheads,
                                      int64_t *steps) {
  int64_t trial[kMostDims], best[kMostDims], least[kMostDims], most[kMostDims];
  double best_cost = -1;
  if (rank > kMostDims)
    return;
  for (int32_t dim = 0; dim < rank; ++dim) {
    if (extents[dim] <= 0 || steps[dim] <= 0)
      return;
    least[dim] = most[dim] = ceil_div(extents[dim], steps[dim]);
    if (multiples[dim]) {
      int64_t counts = 2 * workers < kMostCounts ? 2 * workers : kMostCounts;
      int64_t finest = ceil_div(extents[dim], multiples[dim]);
      most[dim] = least[dim] + counts - 1;
      most[dim] = most[dim] < finest ? most[dim] : finest;
    }
    trial[dim] = least[dim];
  }
  for (;;) {
    int64_t iterations = 1, size[kMostDims];
    double cost = 1;
    for (int32_t dim = 0; dim < rank; ++dim) {
      size[dim] = multiples[dim] ? even_step(extents[dim], trial[dim],
                                             multiples[dim], steps[dim])
                                 : steps[dim];
      iterations *= ceil_div(extents[dim], size[dim]);
      cost *= (double)(size[dim] + overheads[dim]);
    }
    cost *= (double)ceil_div(iterations, workers);
    if (best_cost < 0 || cost < best_cost) {
      best_cost = cost;
      for (int32_t dim = 0; dim < rank; ++dim)
        best[dim] = size[dim];
    }
    int32_t dim = rank - 1;
    while (dim >= 0 && ++trial[dim] > most[dim]) {
      trial[dim] = least[dim];
      --dim;
    }
    if (dim < 0)
      break;
  }
  for (int32_t dim = 0; dim < rank; ++dim)
    steps[dim] = best[dim];
}
