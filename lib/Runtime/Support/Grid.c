/*===- Grid.c - The size of a grid's iterations -------------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The tile sizes of a kernel are the most that an iteration may take. Where a
 * grid has few iterations, smaller ones occupy more workers, and even ones end
 * together. Where they would be too small, several share a contraction.
 *===----------------------------------------------------------------------===*/
#include "Support.h"

/* Dims whose steps are chosen, at most, and how many counts of each are tried:
 * enough to give each worker one iteration or two. */
enum { kMostDims = 4, kMostCounts = 64 };

/* More iterations than any call has time for count as so many. */
static const int64_t kManyIterations = INT64_MAX / 2;

/* How many parts of contractions each worker takes, at most. */
enum { kMostRounds = 4 };

/* Parts are taken where they save more than this share of the cost: what they
 * gain is known less well than what they take. */
static const double kLeastGain = 1.0 / 16;

static int64_t ceil_div(int64_t x, int64_t y) { return (x + y - 1) / y; }

/* The step that cuts `extent` into `count` parts of whole multiples. */
static int64_t even_step(int64_t extent, int64_t count, int64_t multiple,
                         int64_t most) {
  int64_t step = ceil_div(ceil_div(extent, count), multiple) * multiple;
  return step < most ? step : most;
}

/* The different steps that a dim may have, the largest first: one, where it
 * must stay. Many counts give the same step. */
typedef struct {
  int32_t count;
  int64_t size[kMostCounts];
} Steps;

static void list_steps(int64_t workers, int64_t extent, int64_t multiple,
                       int64_t step, Steps *steps) {
  int64_t least = ceil_div(extent, step), last = least;
  if (multiple) {
    int64_t counts = 2 * workers < kMostCounts ? 2 * workers : kMostCounts;
    int64_t finest = ceil_div(extent, multiple);
    last = least + counts - 1;
    last = last < finest ? last : finest;
  }
  steps->count = 1;
  steps->size[0] = multiple ? even_step(extent, least, multiple, step) : step;
  for (int64_t count = least + 1; count <= last; ++count) {
    int64_t size = even_step(extent, count, multiple, step);
    if (size != steps->size[steps->count - 1])
      steps->size[steps->count++] = size;
  }
}

/* Steps, and how many parts of a contraction there are. */
typedef struct {
  double cost;
  int64_t parts;
  int64_t size[kMostDims];
} Choice;

/* Cuts the contraction, where that is cheaper than `cheapest`. The grid has
 * `iterations`, which cost `area` for each term, and `elements` elements each. */
static void try_parts(int64_t workers, int64_t iterations, double area,
                      double elements, const TilecContraction *contraction,
                      Choice *trial, Choice *cheapest) {
  int64_t steps = ceil_div(contraction->length, contraction->step), before = 1;
  for (int64_t rounds = 1; rounds <= kMostRounds; ++rounds) {
    /* As many as fill the rounds. */
    int64_t parts = rounds * workers / iterations;
    parts = parts < steps ? parts : steps;
    if (parts <= before)
      continue;
    before = parts;
    double terms = (double)(ceil_div(steps, parts) * contraction->step);
    double part = area * terms + (double)contraction->start_cost;
    double sums = elements * (double)(parts * contraction->sum_cost);
    trial->parts = parts;
    trial->cost = (double)ceil_div(iterations * parts, workers) * part +
                  (double)ceil_div(iterations, workers) * sums;
    if (cheapest->cost < 0 || trial->cost < cheapest->cost)
      *cheapest = *trial;
  }
}

TILEC_SUPPORT int64_t tilec_split_grid(int32_t rank, int64_t workers,
                                       const int64_t *extents,
                                       const int64_t *multiples,
                                       const int64_t *overheads, int64_t *steps,
                                       const TilecContraction *contraction) {
  Steps tried[kMostDims];
  int32_t at[kMostDims] = {0};
  Choice trial, whole = {-1, 1, {0}}, cut = {-1, 1, {0}};
  if (rank > kMostDims)
    return 1;
  for (int32_t dim = 0; dim < rank; ++dim) {
    if (extents[dim] <= 0 || steps[dim] <= 0)
      return 1;
    list_steps(workers, extents[dim], multiples[dim], steps[dim], &tried[dim]);
  }
  double length = contraction ? (double)contraction->length : 1;
  for (;;) {
    int64_t iterations = 1;
    double area = 1, elements = 1;
    for (int32_t dim = 0; dim < rank; ++dim) {
      int64_t size = tried[dim].size[at[dim]];
      trial.size[dim] = size;
      int64_t parts = ceil_div(extents[dim], size);
      iterations = parts > kManyIterations / iterations ? kManyIterations
                                                        : iterations * parts;
      size = size < extents[dim] ? size : extents[dim];
      area *= (double)(size + overheads[dim]);
      elements *= (double)size;
    }
    trial.parts = 1;
    trial.cost = area * length * (double)ceil_div(iterations, workers);
    if (whole.cost < 0 || trial.cost < whole.cost)
      whole = trial;
    if (contraction && contraction->length > contraction->step && workers > 1)
      try_parts(workers, iterations, area, elements, contraction, &trial, &cut);
    int32_t dim = rank - 1;
    while (dim >= 0 && ++at[dim] == tried[dim].count)
      at[dim--] = 0;
    if (dim < 0)
      break;
  }
  if (cut.cost >= 0 && cut.cost < whole.cost * (1 - kLeastGain))
    whole = cut;
  for (int32_t dim = 0; dim < rank; ++dim)
    steps[dim] = whole.size[dim];
  return whole.parts;
}

TILEC_SUPPORT void tilec_balance_grid(int32_t rank, int64_t workers,
                                      const int64_t *extents,
                                      const int64_t *multiples,
                                      const int64_t *overheads,
                                      int64_t *steps) {
  (void)tilec_split_grid(rank, workers, extents, multiples, overheads, steps,
                         NULL);
}
