//===- HardwareMmaTest.cpp - Fragments of mma.sync --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The PTX ISA says for each shape the row and the column of element i of a lane, with groupID = lane / 4 (here g) and
// threadID_in_group = lane % 4 (here t). Those sentences are below, shape by shape; the library builds all from one
// rule.

#include "FragmentCheck.h"

#include "tilec/Layout/HardwarePTX.h"

#include <set>

using namespace tilec::layout;
using namespace tilec::layout::ptx;
using namespace tilec::layout::test;

namespace {
/// The manual's row and column of element i.
using Rule = int64_t (*)(int64_t g, int64_t t, int64_t i);

struct Manual {
  int64_t m, n, k, bits;
  Rule rowOfA, columnOfA, rowOfB;
};
} // namespace

// Column of B and place in the accumulator are the same for all shapes.
static int64_t columnOfB(int64_t g, int64_t, int64_t) { return g; }
static Place accumulator8(int64_t lane, int64_t i) { return {lane / 4, lane % 4 * 2 + (i & 1), 0}; }
static Place accumulator16(int64_t lane, int64_t i) {
  return {i < 2 ? lane / 4 : lane / 4 + 8, lane % 4 * 2 + (i & 1), 0};
}

#define RULE(expression)                                                                                               \
  [](int64_t g, int64_t t, int64_t i) -> int64_t {                                                                     \
    (void)g, (void)t, (void)i;                                                                                         \
    return expression;                                                                                                 \
  }

static const Manual manuals[] = {
    // f64
    {8, 8, 4, 64, RULE(g), RULE(t), RULE(t)},
    {16, 8, 4, 64, RULE(i == 0 ? g : g + 8), RULE(t), RULE(t)},
    {16, 8, 8, 64, RULE(i == 0 || i == 2 ? g : g + 8), RULE(i == 0 || i == 1 ? t : t + 4), RULE(i == 0 ? t : t + 4)},
    {16, 8, 16, 64, RULE(i % 2 == 0 ? g : g + 8), RULE(i % 2 == 0 ? i * 2 + t : i * 2 - 2 + t), RULE(t + i * 4)},
    // tf32
    {16, 8, 4, 32, RULE(i == 0 ? g : g + 8), RULE(t), RULE(t)},
    {16, 8, 8, 32, RULE(i == 0 || i == 2 ? g : g + 8), RULE(i == 0 || i == 1 ? t : t + 4), RULE(i == 0 ? t : t + 4)},
    // f16, bf16
    {16, 8, 8, 16, RULE(i < 2 ? g : g + 8), RULE(t * 2 + (i & 1)), RULE(t * 2 + i)},
    {16, 8, 16, 16, RULE((0 <= i && i < 2) || (4 <= i && i < 6) ? g : g + 8),
     RULE(i < 4 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8), RULE(i < 2 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8)},
    // s8, u8, e4m3, e5m2
    {8, 8, 16, 8, RULE(g), RULE(t * 4 + i), RULE(t * 4 + i)},
    {16, 8, 16, 8, RULE(i < 4 ? g : g + 8), RULE(t * 4 + (i & 3)), RULE(t * 4 + i)},
    {16, 8, 32, 8, RULE((0 <= i && i < 4) || (8 <= i && i < 12) ? g : g + 8),
     RULE(i < 8 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16), RULE(i < 4 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16)},
    // s4, u4
    {8, 8, 32, 4, RULE(g), RULE(t * 8 + i), RULE(t * 8 + i)},
    {16, 8, 32, 4, RULE(i < 8 ? g : g + 8), RULE(t * 8 + (i & 7)), RULE(t * 8 + (i & 7))},
    {16, 8, 64, 4, RULE((0 <= i && i < 8) || (16 <= i && i < 24) ? g : g + 8),
     RULE(i < 16 ? t * 8 + (i & 7) : t * 8 + (i & 7) + 32), RULE(i < 8 ? t * 8 + (i & 7) : t * 8 + (i & 7) + 32)},
    // b1
    {8, 8, 128, 1, RULE(g), RULE(t * 32 + i), RULE(t * 32 + i)},
    {16, 8, 128, 1, RULE(i < 32 ? g : g + 8), RULE(t * 32 + (i & 31)), RULE(t * 32 + i)},
    {16, 8, 256, 1, RULE(i < 32 || (64 <= i && i < 96) ? g : g + 8),
     RULE(i < 64 ? t * 32 + (i & 31) : t * 32 + (i & 31) + 128), RULE(i < 32 ? t * 32 + i : t * 32 + (i & 31) + 128)},
};

TEST(Mma, FragmentsAreTheManuals) {
  std::set<std::array<int64_t, 4>> seen;
  for (const Mma &shape : mmaShapes()) {
    const Manual *manual = nullptr;
    for (const Manual &candidate : manuals)
      if (candidate.m == shape.m && candidate.n == shape.n && candidate.k == shape.k && candidate.bits == shape.bits)
        manual = &candidate;
    ASSERT_TRUE(manual) << "m" << shape.m << "n" << shape.n << "k" << shape.k << " of " << shape.bits << " bits";
    EXPECT_TRUE(seen.insert({shape.m, shape.n, shape.k, shape.bits}).second);
    expectFragment(mmaFragment(shape, MatrixOperand::A), {shape.m, shape.k}, 32, [&](int64_t lane, int64_t i) {
      return Place{manual->rowOfA(lane / 4, lane % 4, i), manual->columnOfA(lane / 4, lane % 4, i), 0};
    });
    expectFragment(mmaFragment(shape, MatrixOperand::B), {shape.k, shape.n}, 32, [&](int64_t lane, int64_t i) {
      return Place{manual->rowOfB(lane / 4, lane % 4, i), columnOfB(lane / 4, lane % 4, i), 0};
    });
    expectFragment(mmaFragment(shape, MatrixOperand::Accumulator), {shape.m, shape.n}, 32,
                   shape.m == 8 ? accumulator8 : accumulator16);
  }
  EXPECT_EQ(seen.size(), std::size(manuals));
}

/// A line of a figure: who holds the elements of a row, lane.register.
static std::string figureRow(const Layout &layout, int64_t row) {
  DistributedLayout fragment = *DistributedLayout::make(layout);
  std::vector<std::string> cells(size_t(fragment.shape()[1]));
  for (int64_t lane = 0; lane < 32; ++lane)
    for (int64_t reg = 0; reg < fragment.numRegisters(); ++reg)
      if (Place place = placeOf(fragment, reg, lane); place[0] == row)
        cells[size_t(place[1])] += std::to_string(lane) + "." + std::to_string(reg);
  std::string text;
  for (const std::string &cell : cells)
    text += (text.empty() ? "" : " ") + cell;
  return text;
}

TEST(Mma, FiguresOfM16N8K16) {
  Mma shape{16, 8, 16, 16, 80};
  Layout a = mmaFragment(shape, MatrixOperand::A), b = mmaFragment(shape, MatrixOperand::B),
         c = mmaFragment(shape, MatrixOperand::Accumulator);
  // The figures of the section, some of their rows.
  EXPECT_EQ(figureRow(a, 0), "0.0 0.1 1.0 1.1 2.0 2.1 3.0 3.1 0.4 0.5 1.4 1.5 2.4 2.5 3.4 3.5");
  EXPECT_EQ(figureRow(a, 7), "28.0 28.1 29.0 29.1 30.0 30.1 31.0 31.1 28.4 28.5 29.4 29.5 30.4 30.5 31.4 31.5");
  EXPECT_EQ(figureRow(a, 8), "0.2 0.3 1.2 1.3 2.2 2.3 3.2 3.3 0.6 0.7 1.6 1.7 2.6 2.7 3.6 3.7");
  EXPECT_EQ(figureRow(b, 0), "0.0 4.0 8.0 12.0 16.0 20.0 24.0 28.0");
  EXPECT_EQ(figureRow(b, 3), "1.1 5.1 9.1 13.1 17.1 21.1 25.1 29.1");
  EXPECT_EQ(figureRow(b, 15), "3.3 7.3 11.3 15.3 19.3 23.3 27.3 31.3");
  EXPECT_EQ(figureRow(c, 1), "4.0 4.1 5.0 5.1 6.0 6.1 7.0 7.1");
  EXPECT_EQ(figureRow(c, 9), "4.2 4.3 5.2 5.3 6.2 6.3 7.2 7.3");
}

TEST(Mma, TextsInTheDocuments) {
  EXPECT_EQ(print(mmaFragment({16, 8, 16, 16, 80}, MatrixOperand::A)), "((2,2,2),(4,8)):((1@1,8@0,8@1),(2@1,1@0))");
  EXPECT_EQ(print(quadPairFragment(MatrixOperand::A, true, 16)), "(4,(4,4,2)):(1@1,(1@0,1@2,4@0))");
  EXPECT_EQ(print(matrixFragment(4, false)), "((2,4),(4,8)):((1@1,1@2),(2@1,1@0))");
  EXPECT_EQ(print(*wgmmaAccumulator(16)), "((2,2,2),(4,8),4):((1@1,8@0,8@1),(2@1,1@0),16@0)");
  EXPECT_EQ(print(*tensorMemoryAccumulator(64, 64, 1, false)), "((16,4),64):((1@0,32@0),1@1)");
}

TEST(Mma, QuadPairs) {
  // Matrix 1 is computed by lanes 0-3 and 16-19, matrix 2 by 4-7 and 20-23, matrix 3 by 8-11 and 24-27, matrix 4 by
  // 12-15 and 28-31.
  auto matrix = [](int64_t lane) { return lane < 16 ? lane / 4 : (lane - 16) / 4; };
  auto quad = [](int64_t lane) { return lane < 16 ? lane % 4 : lane % 4 + 4; };
  expectFragment(quadPairFragment(MatrixOperand::A, true, 16), {8, 4, 4}, 32,
                 [&](int64_t lane, int64_t i) { return Place{quad(lane), i, matrix(lane)}; });
  expectFragment(quadPairFragment(MatrixOperand::A, false, 16), {8, 4, 4}, 32,
                 [&](int64_t lane, int64_t i) { return Place{lane < 16 ? i % 4 : i % 4 + 4, lane % 4, matrix(lane)}; });
  expectFragment(quadPairFragment(MatrixOperand::B, true, 16), {4, 8, 4}, 32,
                 [&](int64_t lane, int64_t i) { return Place{lane % 4, lane < 16 ? i : i + 4, matrix(lane)}; });
  expectFragment(quadPairFragment(MatrixOperand::B, false, 16), {4, 8, 4}, 32,
                 [&](int64_t lane, int64_t i) { return Place{i, quad(lane), matrix(lane)}; });
  expectFragment(quadPairFragment(MatrixOperand::Accumulator, true, 16), {8, 8, 4}, 32,
                 [&](int64_t lane, int64_t i) { return Place{quad(lane), i, matrix(lane)}; });
  expectFragment(quadPairFragment(MatrixOperand::Accumulator, true, 32), {8, 8, 4}, 32, [&](int64_t lane, int64_t i) {
    int64_t x = (lane & 1) + (i & 2);
    return Place{lane < 16 ? x : x + 4, (i & 4) + (lane & 2) + (i & 1), matrix(lane)};
  });
}

TEST(Ldmatrix, FragmentsAndRows) {
  for (int64_t count : {1, 2, 4}) {
    std::vector<int64_t> shape = count == 1 ? std::vector<int64_t>{8, 8} : std::vector<int64_t>{8, 8, count};
    // Row by row: lanes 0 to 3 hold two elements each of row 0, lanes 4 to 7 of row 1, ...
    expectFragment(matrixFragment(count, false), shape, 32,
                   [](int64_t lane, int64_t i) { return Place{lane / 4, 2 * (lane % 4) + i % 2, i / 2}; });
    expectFragment(matrixFragment(count, true), shape, 32,
                   [](int64_t lane, int64_t i) { return Place{2 * (lane % 4) + i % 2, lane / 4, i / 2}; });
    // Addresses: lanes 0-7 for the first matrix, 8-15 for the second, 16-23 for the third, 24-31 for the fourth.
    DistributedLayout rows = *DistributedLayout::make(matrixRows(count));
    for (int64_t lane = 0; lane < 8 * count; ++lane)
      for (int64_t i = 0; i < 8; ++i)
        EXPECT_EQ(placeOf(rows, i, lane), (Place{lane % 8, i, lane / 8}));
  }
  // ldmatrix.x4 brings operand A of m16n8k16 in the order (0,0), (8,0), (0,8), (8,8) of its quarters.
  DistributedLayout a = *DistributedLayout::make(mmaFragment({16, 8, 16, 16, 80}, MatrixOperand::A)),
                    x4 = *DistributedLayout::make(matrixFragment(4, false));
  for (int64_t lane = 0; lane < 32; ++lane)
    for (int64_t reg = 0; reg < 8; ++reg) {
      Place place = placeOf(x4, reg, lane);
      EXPECT_EQ(placeOf(a, reg, lane), (Place{place[0] + 8 * (place[2] % 2), place[1] + 8 * (place[2] / 2), 0}));
    }
}
