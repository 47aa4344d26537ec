//===- LayoutBenchmark.cpp - Speed of the layout algebra --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A pass asks the algebra thousands of questions: each operation should take about
// a microsecond. The layouts are of rank 4 and nested, as those of a fragment of a
// matrix product in a tile.

#include "tilec/Layout/F2Matrix.h"
#include "tilec/Layout/Swizzle.h"

#include <benchmark/benchmark.h>

using namespace tilec::layout;

static Layout layout(const char *text) { return *parseLayout(text); }

static const char *const tile = "((8,2),(4,4),2,(2,4)):((1,128),(8,32),512,(256,1024))";
static const char *const fragment = "((4,8),(2,2),(2,2),(2,2)):((32,1),(16,8),(256,128),(512,1024))";

static void composition(benchmark::State &state) {
  Layout a = layout(tile), b = layout(fragment);
  if (!composition(a, b))
    return state.SkipWithError("undefined");
  for (auto _ : state)
    benchmark::DoNotOptimize(composition(a, b));
}
BENCHMARK(composition);

static void compositionWithMasks(benchmark::State &state) {
  Layout a = layout("((8,2),(4,4),2,(2,4)):((^1,^128),(^9,^32),^512,(^256,^1024))"), b = layout(fragment);
  if (!composition(a, b))
    return state.SkipWithError("undefined");
  for (auto _ : state)
    benchmark::DoNotOptimize(composition(a, b));
}
BENCHMARK(compositionWithMasks);

static void coalescing(benchmark::State &state) {
  Layout a = layout(tile);
  for (auto _ : state)
    benchmark::DoNotOptimize(coalesce(a));
}
BENCHMARK(coalescing);

static void complement(benchmark::State &state) {
  Layout a = layout("((4,8),(2,2)):((32,1),(16,8))");
  if (!complement(a, IntTuple(4096)))
    return state.SkipWithError("undefined");
  for (auto _ : state)
    benchmark::DoNotOptimize(complement(a, IntTuple(4096)));
}
BENCHMARK(complement);

static void rightInverse(benchmark::State &state) {
  Layout a = layout(tile);
  for (auto _ : state)
    benchmark::DoNotOptimize(rightInverse(a));
}
BENCHMARK(rightInverse);

static void zippedDivide(benchmark::State &state) {
  Layout a = layout("(128,64):(64,1)");
  Tiler tiler = *parseTiler("(16,8)");
  for (auto _ : state)
    benchmark::DoNotOptimize(zippedDivide(a, tiler));
}
BENCHMARK(zippedDivide);

static void matrix(benchmark::State &state) {
  Layout a = layout("((8,2),(4,4),2,(2,4)):((^1,^128),(^9,^32),^512,(^256,^1024))");
  for (auto _ : state)
    benchmark::DoNotOptimize(inverse(*toMatrix(a)));
}
BENCHMARK(matrix);

static void evaluation(benchmark::State &state) {
  Layout a = layout(tile);
  int64_t index = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(a(index));
    index = (index + 1) % a.size();
  }
}
BENCHMARK(evaluation);
