//===- SupportTest.cpp - sort, top-k, print and parallel loops --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The support functions that compiled kernels call.

#include "tilec/Runtime/DType.h"
#include "tilec/Runtime/KernelABI.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

using namespace tilec;

static int32_t code(DType dtype) {
  DLDataType type = toDLPack(dtype);
  return TILEC_DTYPE(type.code, type.bits);
}

//===----------------------------------------------------------------------===//
// Caches
//===----------------------------------------------------------------------===//

/// A line of what the system says of a cache of the first core; empty where it says nothing.
static std::string readCacheFile(unsigned index, const std::string &name) {
  std::ifstream file("/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/" + name);
  std::string line;
  std::getline(file, line);
  return line;
}

TEST(Caches, HaveTheSizesThatTheSystemSays) {
  int64_t last = 0;
  for (unsigned index = 0; !readCacheFile(index, "level").empty(); ++index) {
    if (readCacheFile(index, "type") == "Instruction")
      continue;
    int32_t level = std::stoi(readCacheFile(index, "level"));
    last = 1024 * std::stoll(readCacheFile(index, "size")); // Spelled as "32K", levels ascending.
    EXPECT_EQ(tilec_cache_bytes(level), last) << "level " << level;
  }
  if (!last)
    GTEST_SKIP() << "the system says nothing of caches";
  EXPECT_EQ(tilec_cache_bytes(0), last);
  EXPECT_EQ(tilec_last_cache_bytes(), std::max<int64_t>(last, TILEC_LEAST_LAST_CACHE));
}

TEST(Caches, ThereIsNoneOfALevelThatNoProcessorHas) {
  EXPECT_EQ(tilec_cache_bytes(7), 0);
  EXPECT_GE(tilec_last_cache_bytes(), TILEC_LEAST_LAST_CACHE);
}

//===----------------------------------------------------------------------===//
// Balance
//===----------------------------------------------------------------------===//

namespace {
/// A grid of two dims, as tilec_balance_grid sees it.
struct Grid {
  int64_t workers;
  std::array<int64_t, 2> extents, multiples, overheads, most;

  int64_t iterations(std::array<int64_t, 2> steps) const {
    int64_t count = 1;
    for (int dim : {0, 1})
      count *= (extents[dim] + steps[dim] - 1) / steps[dim];
    return count;
  }

  /// What an iteration costs, by the formula of KernelABI.h.
  double area(std::array<int64_t, 2> steps) const {
    double one = 1;
    for (int dim : {0, 1})
      one *= static_cast<double>(std::min(steps[dim], extents[dim]) + overheads[dim]);
    return one;
  }

  /// The cost of steps.
  double cost(std::array<int64_t, 2> steps) const {
    return area(steps) * static_cast<double>((iterations(steps) + workers - 1) / workers);
  }

  std::array<int64_t, 2> balanced() const {
    std::array<int64_t, 2> steps = most;
    tilec_balance_grid(2, workers, extents.data(), multiples.data(),
                       overheads.data(), steps.data());
    return steps;
  }

  /// The least cost of any steps that are multiples and at most `most`.
  double leastCost() const {
    double least = std::numeric_limits<double>::infinity();
    for (int64_t i = multiples[0]; i <= most[0]; i += multiples[0])
      for (int64_t j = multiples[1]; j <= most[1]; j += multiples[1])
        least = std::min(least, cost({i, j}));
    return least;
  }
};
} // namespace

namespace {
/// The grid's steps and parts for some contraction.
struct Cut {
  std::array<int64_t, 2> steps;
  int64_t parts;
};
} // namespace

static Cut cut(const Grid &grid, const TilecContraction &contraction) {
  Cut result{grid.most, 0};
  result.parts = tilec_split_grid(2, grid.workers, grid.extents.data(), grid.multiples.data(), grid.overheads.data(),
                                  result.steps.data(), &contraction);
  return result;
}

TEST(SplitGrid, OccupiesTheWorkersOfALongContraction) {
  Grid grid{1, {8, 8}, {8, 32}, {8, 2}, {256, 256}};
  for (grid.workers = 1; grid.workers <= 64; ++grid.workers) {
    Cut result = cut(grid, {1 << 24, 128, 16, 1 << 18});
    EXPECT_EQ(result.parts, grid.workers);
    EXPECT_EQ(result.steps, (std::array<int64_t, 2>{8, 32}));
  }
  // Four tiles whose sizes stay, and five workers: as evenly as four parts a worker are.
  grid = {5, {64, 128}, {0, 0}, {0, 0}, {32, 64}};
  EXPECT_EQ(cut(grid, {1 << 20, 128, 16, 1 << 18}).parts, 5);
}

TEST(SplitGrid, LeavesWholeWhatIsShortOrManyTiles) {
  Grid grid{4, {8, 8}, {8, 32}, {8, 2}, {256, 256}};
  for (int64_t length : {int64_t(0), int64_t(1), int64_t(128)})
    EXPECT_EQ(cut(grid, {length, 128, 1, 1}).parts, 1);
  // A part would take no longer than starting it.
  EXPECT_EQ(cut(grid, {1 << 10, 128, 16, 1 << 18}).parts, 1);
  // Adding the sums would take longer than they do.
  EXPECT_EQ(cut(grid, {1 << 10, 128, 1 << 10, 1}).parts, 1);
  grid.extents = {2048, 2048};
  EXPECT_EQ(cut(grid, {2048, 128, 16, 1 << 18}).parts, 1);
  int64_t extents[5] = {9, 9, 9, 9, 9}, multiples[5] = {1, 1, 1, 1, 1}, steps[5] = {9, 9, 9, 9, 9};
  TilecContraction contraction{1 << 24, 1, 1, 1};
  EXPECT_EQ(tilec_split_grid(5, 4, extents, multiples, multiples, steps, &contraction), 1);
  grid.extents = {0, 8};
  EXPECT_EQ(cut(grid, contraction).parts, 1);
  // Tiles whose number is 0 in 64 bits.
  grid = {4, {int64_t(1) << 32, int64_t(1) << 32}, {0, 0}, {0, 0}, {1, 1}};
  EXPECT_EQ(cut(grid, contraction).parts, 1);
}

TEST(SplitGrid, CutsOnlyWhereThatIsCheaper) {
  std::mt19937_64 random(12);
  int64_t cuts = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    Grid grid{int64_t(1 + random() % 70), {}, {8, 32}, {8, 2}, {64, 128}};
    for (int dim : {0, 1}) {
      grid.extents[dim] = 1 + random() % 300;
      grid.multiples[dim] *= random() % 4 != 0;
    }
    TilecContraction contraction{int64_t(random() % 20000), int64_t(1 + random() % 300), 16, 1 << 18};
    Cut result = cut(grid, contraction);
    std::array<int64_t, 2> whole = grid.balanced();
    if (result.parts == 1) {
      EXPECT_EQ(result.steps, whole);
      continue;
    }
    ++cuts;
    int64_t steps = (contraction.length + contraction.step - 1) / contraction.step;
    int64_t tiles = grid.iterations(result.steps), workers = grid.workers;
    EXPECT_TRUE(result.parts > 1 && result.parts <= steps);
    EXPECT_LE(tiles * result.parts, 4 * workers);
    // By the formula of KernelABI.h, whose sums are added by whoever is last.
    double elements = 1;
    for (int dim : {0, 1})
      elements *= static_cast<double>(std::min(result.steps[dim], grid.extents[dim]));
    int64_t terms = (steps + result.parts - 1) / result.parts * contraction.step;
    double part = grid.area(result.steps) * static_cast<double>(terms) + static_cast<double>(contraction.start_cost);
    double cost = part * static_cast<double>((tiles * result.parts + workers - 1) / workers) +
                  elements * static_cast<double>(result.parts * contraction.sum_cost * ((tiles + workers - 1) / workers));
    EXPECT_LT(cost, grid.cost(whole) * static_cast<double>(contraction.length));
  }
  EXPECT_GT(cuts, 100);
}

TEST(BalanceGrid, FindsTheCheapestSteps) {
  std::mt19937_64 random(11);
  for (int trial = 0; trial < 300; ++trial) {
    Grid grid{int64_t(1 + random() % 8), {}, {8, 32}, {8, 2}, {64, 128}};
    // No more parts than are tried: twice the workers and what the largest steps need.
    for (int dim : {0, 1})
      grid.extents[dim] = 1 + random() % (2 * grid.workers * grid.multiples[dim]);
    std::array<int64_t, 2> steps = grid.balanced();
    for (int dim : {0, 1}) {
      EXPECT_EQ(steps[dim] % grid.multiples[dim], 0);
      EXPECT_TRUE(steps[dim] > 0 && steps[dim] <= grid.most[dim]);
    }
    EXPECT_LE(grid.cost(steps), grid.leastCost());
  }
}

TEST(BalanceGrid, CutsASmallProductInEqualParts) {
  using Steps = std::array<int64_t, 2>;
  Grid grid{2, {256, 256}, {8, 32}, {8, 2}, {256, 256}};
  EXPECT_EQ(grid.balanced(), (Steps{256, 128}));
  grid.workers = 4;
  EXPECT_EQ(grid.balanced(), (Steps{256, 64}));
  grid.workers = 1;
  EXPECT_EQ(grid.balanced(), (Steps{256, 256}));
}

TEST(BalanceGrid, LeavesWhatItMayNotChange) {
  using Steps = std::array<int64_t, 2>;
  Grid grid{2, {256, 256}, {0, 32}, {8, 2}, {100, 256}};
  EXPECT_EQ(grid.balanced()[0], 100);
  grid = {2, {0, 256}, {8, 32}, {8, 2}, {256, 256}};
  EXPECT_EQ(grid.balanced(), (Steps{256, 256}));
  grid = {2, {256, 256}, {0, 32}, {8, 2}, {0, 256}};
  EXPECT_EQ(grid.balanced(), (Steps{0, 256}));
  int64_t extents[5] = {9, 9, 9, 9, 9}, multiples[5] = {1, 1, 1, 1, 1},
          steps[5] = {9, 9, 9, 9, 9};
  tilec_balance_grid(5, 2, extents, multiples, multiples, steps);
  EXPECT_EQ(steps[0], 9);
}

//===----------------------------------------------------------------------===//
// Sort
//===----------------------------------------------------------------------===//

/// The language's order: NaN above all, -0 equal to 0.
static bool lessThan(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return !std::isnan(a) && std::isnan(b);
  return a < b;
}

class SortTest : public testing::TestWithParam<DType> {};

INSTANTIATE_TEST_SUITE_P(
    AllTypes, SortTest,
    testing::Values(DType::Bool, DType::I8, DType::I16, DType::I32, DType::I64,
                    DType::U8, DType::U16, DType::U32, DType::U64, DType::F16,
                    DType::BF16, DType::F32, DType::F64, DType::F8E4M3,
                    DType::F8E5M2),
    [](const auto &info) { return std::string(getName(info.param)); });

TEST_P(SortTest, IsAStableSortAndTopKItsReverse) {
  DType dtype = GetParam();
  size_t size = getSize(dtype);
  std::mt19937_64 random(7);
  for (int64_t n : {0, 1, 2, 3, 7, 31, 48, 49, 200, 600}) {
    // Random bits: every NaN, both zeros, denormals; few values, so many ties.
    std::vector<uint8_t> keys(static_cast<size_t>(n) * size + 8);
    for (uint8_t &byte : keys)
      byte = static_cast<uint8_t>(random());
    for (int64_t i = 0; i + 1 < n; i += 3)
      std::memcpy(&keys[(i + 1) * size], &keys[i * size], size);
    if (dtype == DType::Bool)
      for (uint8_t &byte : keys)
        byte &= 1;
    auto valueOf = [&](int32_t i) {
      return loadAsDouble(&keys[static_cast<size_t>(i) * size], dtype);
    };
    auto bitsOf = [&](const std::vector<uint8_t> &from, int64_t i) {
      uint64_t bits = 0;
      std::memcpy(&bits, &from[static_cast<size_t>(i) * size], size);
      return bits;
    };
    // Doubles cannot tell large 64-bit integers apart.
    auto less = [&](int32_t a, int32_t b) {
      if (dtype == DType::I64)
        return static_cast<int64_t>(bitsOf(keys, a)) <
               static_cast<int64_t>(bitsOf(keys, b));
      if (dtype == DType::U64)
        return bitsOf(keys, a) < bitsOf(keys, b);
      return lessThan(valueOf(a), valueOf(b));
    };
    std::vector<int32_t> expected(n), descending(n), indices(n);
    std::iota(expected.begin(), expected.end(), 0);
    descending = expected;
    std::stable_sort(expected.begin(), expected.end(), less);
    std::stable_sort(descending.begin(), descending.end(),
                     [&](int32_t a, int32_t b) { return less(b, a); });

    std::vector<uint8_t> sorted(keys.size()), given = keys;
    std::vector<uint64_t> scratch(2 * n);
    tilec_sort(keys.data(), sorted.data(), indices.data(), scratch.data(), n,
               code(dtype));
    EXPECT_EQ(keys, given);
    EXPECT_EQ(indices, expected);
    for (int64_t i = 0; i < n; ++i)
      EXPECT_EQ(bitsOf(sorted, i), bitsOf(keys, expected[i]));

    for (int64_t k : {int64_t{0}, int64_t{1}, n / 2, n}) {
      if (k > n)
        continue;
      std::vector<uint8_t> values(keys.size());
      std::vector<int32_t> top(k);
      tilec_topk(keys.data(), values.data(), top.data(), n, k, code(dtype));
      EXPECT_EQ(top, std::vector<int32_t>(descending.begin(),
                                          descending.begin() + k));
      for (int64_t i = 0; i < k; ++i)
        EXPECT_EQ(bitsOf(values, i), bitsOf(keys, descending[i]));
    }
  }
}

//===----------------------------------------------------------------------===//
// Print
//===----------------------------------------------------------------------===//

static std::string print(const char *format,
                         std::vector<TilecPrintValue> values) {
  testing::internal::CaptureStdout();
  tilec_print(format, static_cast<int32_t>(values.size()), values.data());
  return testing::internal::GetCapturedStdout();
}

template <typename T>
static std::string printArray(DType dtype, std::vector<int64_t> extents,
                              std::vector<T> elements) {
  return print("{}", {{elements.data(), extents.data(), code(dtype),
                       static_cast<int32_t>(extents.size())}});
}

// Every expectation is what NumPy 2 prints for the same array.
TEST(Print, FloatsAsNumPyPrintsThem) {
  float inf = INFINITY;
  EXPECT_EQ(printArray<float>(DType::F32, {3}, {1, 2.5f, -0.1f}),
            "[ 1.   2.5 -0.1]\n");
  EXPECT_EQ(printArray<float>(DType::F32, {4}, {NAN, 1, inf, -inf}),
            "[ nan   1.  inf -inf]\n");
  EXPECT_EQ(printArray<float>(DType::F32, {2}, {1e10f, 1}),
            "[1.e+10 1.e+00]\n");
  EXPECT_EQ(printArray<float>(DType::F32, {2}, {1e-5f, 1.5f}),
            "[1.0e-05 1.5e+00]\n");
  EXPECT_EQ(printArray<double>(DType::F64, {2}, {1.0 / 3, 2}),
            "[0.33333333 2.        ]\n");
  EXPECT_EQ(printArray<float>(DType::F32, {2, 2}, {1, 2, 3, 40}),
            "[[ 1.  2.]\n [ 3. 40.]]\n");
  EXPECT_EQ(printArray<float>(DType::F32, {2, 1, 2}, {1, 2, 3, 4}),
            "[[[1. 2.]]\n\n [[3. 4.]]]\n");
  EXPECT_EQ(printArray<uint16_t>(DType::F16, {2}, {0x3c00, 0x2e66}),
            "[1.  0.1]\n");
  // Half way between two numbers belongs to the even one: 4850 is 4848.
  EXPECT_EQ(printArray<uint16_t>(DType::F16, {1}, {0x6cbc}), "[4.85e+03]\n");
  EXPECT_EQ(printArray<float>(DType::F32, {2}, {1e-45f, 12345678}),
            "[1.4012985e-45 1.2345678e+07]\n");
  // Exponents have equally many digits.
  EXPECT_EQ(printArray<double>(DType::F64, {2}, {4.6e-285, 1}),
            "[4.6e-285 1.0e+000]\n");
}

TEST(Print, IntegersAndBooleans) {
  EXPECT_EQ(printArray<int32_t>(DType::I32, {3}, {1, -20, 300}),
            "[  1 -20 300]\n");
  EXPECT_EQ(printArray<uint64_t>(DType::U64, {1}, {UINT64_MAX}),
            "[18446744073709551615]\n");
  EXPECT_EQ(printArray<uint8_t>(DType::Bool, {2}, {1, 0}), "[ True False]\n");
  EXPECT_EQ(printArray<int8_t>(DType::I8, {0}, {}), "[]\n");
}

TEST(Print, LongArraysAreWrappedAndSummarized) {
  std::vector<int32_t> numbers(1001);
  std::iota(numbers.begin(), numbers.end(), 0);
  EXPECT_EQ(printArray(DType::I32, {1001}, numbers),
            "[   0    1    2 ...  998  999 1000]\n");
  numbers.resize(30);
  EXPECT_EQ(printArray(DType::I32, {30}, numbers),
            "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 "
            "22 23\n 24 25 26 27 28 29]\n");
}

TEST(Print, ScalarsAndBraces) {
  float x = 0.1f;
  double big = 1e16, third = 1.0 / 3;
  int32_t n = -3;
  EXPECT_EQ(print("x {} n {} {{}} {}",
                  {{&x, nullptr, code(DType::F32), 0},
                   {&n, nullptr, code(DType::I32), 0}}),
            "x 0.1 n -3 {} {}\n");
  EXPECT_EQ(print("{} {}", {{&big, nullptr, code(DType::F64), 0},
                            {&third, nullptr, code(DType::F64), 0}}),
            "1e+16 0.3333333333333333\n");
}

//===----------------------------------------------------------------------===//
// Parallel loops
//===----------------------------------------------------------------------===//

namespace {
struct LoopState {
  std::vector<std::atomic<int>> counts;
  std::vector<std::atomic<bool>> busy;
  std::atomic<int64_t> done{0};
  std::atomic<bool> failed{false};
  explicit LoopState(int64_t n) : counts(n), busy(64) {}
};
} // namespace

/// Counts iterations; no two bodies of one worker may run at a time.
static void countIterations(void *ctx, int64_t begin, int64_t end,
                            int32_t worker) {
  auto &state = *static_cast<LoopState *>(ctx);
  if (worker < 0 || worker >= tilec_rt_max_workers() ||
      state.busy[worker].exchange(true))
    state.failed = true;
  for (int64_t i = begin; i < end; ++i)
    ++state.counts[i];
  state.busy[worker] = false;
}

TEST(ParallelFor, RunsEveryIterationOnce) {
  // Also on machines with fewer processors.
  tbb::global_control allow(tbb::global_control::max_allowed_parallelism, 3);
  for (int threads : {1, 2, 3})
    for (int64_t n : {0, 1, 2, 7, 1000})
      for (bool inOrder : {false, true}) {
        LoopState state(n);
        tbb::task_arena arena(threads);
        arena.execute([&] {
          EXPECT_EQ(tilec_rt_max_workers(), threads);
          tilec_rt_parallel_for(n, countIterations, &state, inOrder);
        });
        EXPECT_FALSE(state.failed);
        for (std::atomic<int> &count : state.counts)
          EXPECT_EQ(count, 1);
      }
}

namespace {
/// Where each of two workers began.
struct FirstRanges {
  std::atomic<int64_t> begin[2] = {-1, -1};
};
} // namespace

/// No worker ends its first range before the other has one, too.
static void meetInFirstRange(void *ctx, int64_t begin, int64_t, int32_t worker) {
  auto &first = static_cast<FirstRanges *>(ctx)->begin;
  int64_t none = -1;
  first[worker].compare_exchange_strong(none, begin);
  while (first[1 - worker] < 0)
    ;
}

TEST(ParallelFor, WorkersBeginWithPartsOfTheirOwn) {
  tbb::global_control allow(tbb::global_control::max_allowed_parallelism, 2);
  tbb::task_arena arena(2);
  for (int64_t n : {2, 3, 101}) {
    FirstRanges parts, inOrder;
    arena.execute([&] {
      tilec_rt_parallel_for(n, meetInFirstRange, &parts, false);
      tilec_rt_parallel_for(n, meetInFirstRange, &inOrder, true);
    });
    // The calling thread is the first worker.
    EXPECT_EQ(parts.begin[0], 0);
    EXPECT_EQ(parts.begin[1], (n + 1) / 2);
    // Ranges are a sixteenth of a worker's share.
    EXPECT_EQ(std::min<int64_t>(inOrder.begin[0], inOrder.begin[1]), 0);
    EXPECT_EQ(std::max<int64_t>(inOrder.begin[0], inOrder.begin[1]), n == 101 ? 3 : 1);
  }
}

/// Each iteration waits for the one before it.
static void waitForPredecessor(void *ctx, int64_t begin, int64_t end, int32_t) {
  auto &state = *static_cast<LoopState *>(ctx);
  for (int64_t i = begin; i < end; ++i) {
    while (state.done.load(std::memory_order_acquire) != i)
      ;
    state.done.store(i + 1, std::memory_order_release);
  }
}

TEST(ParallelFor, IterationsMayWaitForEarlierOnes) {
  tbb::global_control allow(tbb::global_control::max_allowed_parallelism, 3);
  for (int threads : {1, 2, 3})
    for (bool inOrder : {false, true}) {
      LoopState state(0);
      tbb::task_arena arena(threads);
      arena.execute([&] { tilec_rt_parallel_for(300, waitForPredecessor, &state, inOrder); });
      EXPECT_EQ(state.done, 300);
    }
}
