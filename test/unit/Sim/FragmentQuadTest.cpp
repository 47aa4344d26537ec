//===- FragmentQuadTest.cpp - the fragments of mma.m8n8k4 -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section 9.7.14.5.1, elements of f16: four products at once. Product 1 is computed by lanes 0 to 3 and 16 to 19, 2 by
// 4 to 7 and 20 to 23, 3 by 8 to 11 and 24 to 27, 4 by 12 to 15 and 28 to 31. Observed as in FragmentMmaTest.cpp.

#include "FragmentMatrix.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

namespace {
/// Where an element of a lane's fragment is, of the matrix of the lane's product.
struct Place {
  unsigned row, column;
};
using PlaceRule = Place (*)(unsigned lane, unsigned i);
} // namespace

static unsigned productOf(unsigned lane) { return lane % 16 / 4; }

// The manual's sentences.
static Place rowsOfA(unsigned lane, unsigned i) { return {lane < 16 ? lane % 4 : lane % 4 + 4, i}; }
static Place columnsOfA(unsigned lane, unsigned i) { return {lane < 16 ? i % 4 : i % 4 + 4, lane % 4}; }
static Place rowsOfB(unsigned lane, unsigned i) { return {lane % 4, lane < 16 ? i : i + 4}; }
static Place columnsOfB(unsigned lane, unsigned i) { return {i, lane < 16 ? lane % 4 : lane % 4 + 4}; }
static Place halfSum(unsigned lane, unsigned i) { return {lane < 16 ? lane % 4 : lane % 4 + 4, i}; }
static Place singleSum(unsigned lane, unsigned i) {
  unsigned x = (lane & 1) + (i & 2);
  return {lane < 16 ? x : x + 4, (i & 4) + (lane & 2) + (i & 1)};
}

namespace {
struct Case {
  bool isRowA, isRowB, isSingleC, isSingleD;
};
} // namespace

/// Runs trials of registers a (2), b (2) and c.
static std::vector<WarpValues> execute(const Case &c, const std::vector<WarpValues> &trials) {
  auto type = [](bool isSingle) { return isSingle ? ".f32" : ".f16"; };
  WarpRegisters a{"a", "b32", 2}, b{"b", "b32", 2}, sum{"c", c.isSingleC ? "f32" : "b32", c.isSingleC ? 8u : 4u},
      d{"d", c.isSingleD ? "f32" : "b32", c.isSingleD ? 8u : 4u};
  return runWarps("mma.sync.aligned.m8n8k4" + std::string(c.isRowA ? ".row" : ".col") + (c.isRowB ? ".row" : ".col") +
                      type(c.isSingleD) + ".f16.f16" + type(c.isSingleC) + " " + operandOf(d) + ", " + operandOf(a) +
                      ", " + operandOf(b) + ", " + operandOf(sum) + ";",
                  {a, b, sum}, {d}, trials);
}

/// Element i of a lane's result, as bits.
static uint64_t resultOf(const Case &c, const WarpValues &values, unsigned lane, unsigned i) {
  return c.isSingleD ? values[i * 32 + lane] : values[i / 2 * 32 + lane] >> i % 2 * 16 & 0xffff;
}

static void observe(const Case &c) {
  PlaceRule placeA = c.isRowA ? rowsOfA : columnsOfA, placeB = c.isRowB ? rowsOfB : columnsOfB,
            placeC = c.isSingleC ? singleSum : halfSum, placeD = c.isSingleD ? singleSum : halfSum;
  unsigned count = 4 + (c.isSingleC ? 8 : 4);
  constexpr uint64_t one = 0x3c00;
  // A through a B of 1s on the diagonal, then B through such an A: seven bits of the numbers 0 to 127.
  for (bool isA : {true, false}) {
    PlaceRule observed = isA ? placeA : placeB, selecting = isA ? placeB : placeA;
    unsigned firstObserved = isA ? 0 : 2, firstSelecting = isA ? 2 : 0;
    std::vector<WarpValues> trials;
    for (unsigned plane = 0; plane != 7; ++plane) {
      WarpValues values(count * 32);
      for (unsigned lane = 0; lane != 32; ++lane)
        for (unsigned i = 0; i != 4; ++i) {
          if ((lane * 4 + i) >> plane & 1)
            values[(firstObserved + i / 2) * 32 + lane] |= one << i % 2 * 16;
          if (selecting(lane, i).row == selecting(lane, i).column)
            values[(firstSelecting + i / 2) * 32 + lane] |= one << i % 2 * 16;
        }
      trials.push_back(std::move(values));
    }
    std::vector<WarpValues> results = execute(c, trials);
    ASSERT_EQ(results.size(), trials.size());
    unsigned expected[4][8][8] = {};
    for (unsigned lane = 0; lane != 32; ++lane)
      for (unsigned i = 0; i != 4; ++i) {
        Place place = observed(lane, i);
        expected[productOf(lane)][place.row][place.column] = lane * 4 + i;
      }
    for (unsigned lane = 0; lane != 32; ++lane)
      for (unsigned i = 0; i != 8; ++i) {
        unsigned seen = 0;
        for (unsigned plane = 0; plane != 7; ++plane)
          seen |= unsigned(resultOf(c, results[plane], lane, i) != 0) << plane;
        Place place = placeD(lane, i);
        ASSERT_EQ(seen, expected[productOf(lane)][place.row][place.column])
            << (isA ? "A" : "B") << " seen in d" << i << " of lane " << lane;
      }
  }
  // C, with 1024 and the element's number, goes to D.
  auto bits = [](bool isSingle, unsigned number) -> uint64_t {
    return isSingle ? std::bit_cast<uint32_t>(float(1024 + number)) : 0x6400 + number;
  };
  WarpValues values(count * 32);
  for (unsigned lane = 0; lane != 32; ++lane)
    for (unsigned i = 0; i != 8; ++i) {
      Place place = placeC(lane, i);
      uint64_t number = bits(c.isSingleC, productOf(lane) * 64 + place.row * 8 + place.column);
      values[(4 + (c.isSingleC ? i : i / 2)) * 32 + lane] |= c.isSingleC ? number : number << i % 2 * 16;
    }
  std::vector<WarpValues> results = execute(c, {values});
  ASSERT_EQ(results.size(), 1u);
  for (unsigned lane = 0; lane != 32; ++lane)
    for (unsigned i = 0; i != 8; ++i) {
      Place place = placeD(lane, i);
      ASSERT_EQ(resultOf(c, results[0], lane, i),
                bits(c.isSingleD, productOf(lane) * 64 + place.row * 8 + place.column))
          << "d" << i << " of lane " << lane;
    }
}

TEST(Fragments, QuadPairsAreTheManuals) {
  for (bool isRowA : {false, true})
    for (bool isRowB : {false, true})
      for (auto [isSingleC, isSingleD] : {std::pair(false, false), std::pair(false, true), std::pair(true, true)}) {
        SCOPED_TRACE(testing::Message() << isRowA << isRowB << isSingleC << isSingleD);
        ASSERT_NO_FATAL_FAILURE(observe({isRowA, isRowB, isSingleC, isSingleD}));
      }
}
