//===- HardwareWgmmaTest.cpp - Warp groups and tensor memory ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FragmentCheck.h"

#include "tilec/Layout/HardwarePTX.h"

using namespace tilec::layout;
using namespace tilec::layout::ptx;
using namespace tilec::layout::test;

// The figures of the manual, read from the element to the thread: which warp, which group of four lanes, which lane of
// it, and which of its elements.

TEST(Wgmma, Accumulators) {
  for (int64_t n = 8; n <= 256; n += 8)
    expectHolders(*wgmmaAccumulator(n), {64, n}, 128, n / 2, [](const Place &place) {
      auto [row, column, none] = place;
      int64_t warp = row / 16, group = row % 8, lane = column % 8 / 2;
      return Holder{warp * 32 + group * 4 + lane, column / 8 * 4 + row % 16 / 8 * 2 + column % 2};
    });
  EXPECT_EQ(wgmmaAccumulator(12).message(),
            "the accumulator of wgmma has a multiple of 8 columns, at most 256, not 12");
  EXPECT_EQ(wgmmaAccumulator(264).message(),
            "the accumulator of wgmma has a multiple of 8 columns, at most 256, not 264");
}

TEST(Wgmma, OperandsInRegisters) {
  expectHolders(*wgmmaOperandA(16), {64, 16}, 128, 8, [](const Place &place) {
    auto [row, column, none] = place;
    return Holder{row / 16 * 32 + row % 8 * 4 + column % 8 / 2, column / 8 * 4 + row % 16 / 8 * 2 + column % 2};
  });
  expectHolders(*wgmmaOperandA(32), {64, 8}, 128, 4, [](const Place &place) {
    auto [row, column, none] = place;
    return Holder{row / 16 * 32 + row % 8 * 4 + column % 4, column / 4 * 2 + row % 16 / 8};
  });
  expectHolders(*wgmmaOperandA(8), {64, 32}, 128, 16, [](const Place &place) {
    auto [row, column, none] = place;
    return Holder{row / 16 * 32 + row % 8 * 4 + column % 16 / 4, column / 16 * 8 + row % 16 / 8 * 4 + column % 4};
  });
  EXPECT_EQ(wgmmaOperandA(64).message(), "operand A of wgmma has elements of 8, 16 or 32 bits, not 64");
}

TEST(Wgmma, SwizzleModes) {
  // Where the chunks of 16 bytes of eight rows lie, as the manual's figures number them.
  const char *figure128[] = {"01234567", "10325476", "23016745", "32107654",
                             "45670123", "54761032", "67452301", "76543210"};
  const char *figure64[] = {"0123", "0123", "1032", "1032", "2301", "2301", "3210", "3210"};
  const char *figure32[] = {"01", "01", "01", "01", "10", "10", "10", "10"};
  const char *figure16[] = {"0", "0", "0", "0", "0", "0", "0", "0"};
  struct {
    int64_t bytes;
    const char **figure;
  } modes[] = {{128, figure128}, {64, figure64}, {32, figure32}, {16, figure16}};
  for (auto [bytes, figure] : modes)
    for (int64_t bits : {8, 16, 32}) {
      ComposedLayout atom = *swizzleAtom(bytes, bits);
      int64_t elementBytes = bits / 8, width = bytes / elementBytes;
      ASSERT_EQ(atom.inner.size(), 8 * width);
      for (int64_t row = 0; row < 8; ++row)
        for (int64_t column = 0; column < width; ++column) {
          int64_t chunk = figure[row][column * elementBytes / 16] - '0';
          int64_t address = bytes * row + 16 * chunk + column * elementBytes % 16;
          EXPECT_EQ(*atom.at(row + 8 * column)->asNumber() * elementBytes, address)
              << bytes << " " << row << " " << column;
        }
    }
  EXPECT_EQ(print(*swizzleOfBytes(128)), "Sw<3,4,3>");
  EXPECT_EQ(print(*swizzleOfBytes(64)), "Sw<2,4,3>");
  EXPECT_EQ(print(*swizzleOfBytes(32)), "Sw<1,4,3>");
  EXPECT_EQ(print(*swizzleAtom(128, 16)), "Sw<3,3,3> o 0 o (8,64):(64,1)");
  EXPECT_EQ(swizzleOfBytes(48).message(), "rows of 16, 32, 64 or 128 bytes are swizzled, not of 48");
  EXPECT_EQ(swizzleAtom(128, 4).message(), "swizzled tiles have elements of 8, 16 or 32 bits, not 4");
}

//===----------------------------------------------------------------------===//
// Tensor memory
//===----------------------------------------------------------------------===//

namespace {
/// A rectangle of a figure: rows and columns of the accumulator from these on, at lanes and columns of a CTA's memory.
struct Piece {
  int64_t rows, columns, row, column, cta, lane, memoryColumn;
};
} // namespace

static void expectPieces(int64_t m, int64_t n, int64_t ctas, bool warpSpecialised, const std::vector<Piece> &pieces) {
  Layout layout = *tensorMemoryAccumulator(m, n, ctas, warpSpecialised);
  ASSERT_EQ(layout.size(), m * n);
  int64_t covered = 0;
  for (const Piece &piece : pieces)
    for (int64_t i = 0; i < piece.rows; ++i)
      for (int64_t j = 0; j < piece.columns; ++j, ++covered) {
        Offset expected = Offset::basis({0}, piece.lane + i);
        ASSERT_TRUE(expected.addMultiple(Offset::basis({1}), piece.memoryColumn + j));
        ASSERT_TRUE(expected.addMultiple(Offset::basis({2}), piece.cta));
        ASSERT_EQ(print(layout(piece.row + i + m * (piece.column + j))), print(expected)) << m << " " << i << " " << j;
      }
  EXPECT_EQ(covered, m * n);
}

TEST(TensorMemory, Accumulators) {
  // rows, columns, from row, from column, CTA, to lane, to column
  expectPieces(256, 64, 2, false, {{128, 64, 0, 0, 0, 0, 0}, {128, 64, 128, 0, 1, 0, 0}}); // layout A
  expectPieces(128, 64, 2, false,
               {{64, 32, 0, 0, 0, 0, 0},
                {64, 32, 0, 32, 0, 64, 0}, // layout B
                {64, 32, 64, 0, 1, 0, 0},
                {64, 32, 64, 32, 1, 64, 0}});
  expectPieces(128, 64, 1, false, {{128, 64, 0, 0, 0, 0, 0}}); // layout D
  expectPieces(128, 64, 1, true, {{128, 64, 0, 0, 0, 0, 0}});  // layout D
  expectPieces(64, 64, 1, true,
               {{32, 32, 0, 0, 0, 0, 0},
                {32, 32, 32, 0, 0, 32, 0}, // layout E
                {32, 32, 0, 32, 0, 64, 0},
                {32, 32, 32, 32, 0, 96, 0}});
  expectPieces(64, 64, 1, false,
               {{16, 64, 0, 0, 0, 0, 0},
                {16, 64, 16, 0, 0, 32, 0}, // layout F
                {16, 64, 32, 0, 0, 64, 0},
                {16, 64, 48, 0, 0, 96, 0}});
  expectPieces(32, 64, 1, true,
               {{32, 16, 0, 0, 0, 0, 0},
                {32, 16, 0, 16, 0, 32, 0}, // layout G
                {32, 16, 0, 32, 0, 64, 0},
                {32, 16, 0, 48, 0, 96, 0}});
  EXPECT_EQ(tensorMemoryAccumulator(32, 64, 1, false).message(),
            "tensor memory has no layout for an accumulator of 32 rows over 1 CTAs");
  EXPECT_EQ(tensorMemoryAccumulator(64, 64, 2, false).message(),
            "tensor memory has no layout for an accumulator of 64 rows over 2 CTAs");
  EXPECT_EQ(tensorMemoryAccumulator(128, 20, 1, false).message(),
            "an accumulator in tensor memory has a multiple of 8 columns, at most 256, not 20");
}

TEST(TensorMemory, LoadsAndStores) {
  // From the figures: who holds column c of lane l.
  for (int64_t count : {1, 2, 4, 8, 16, 32}) {
    // A tile of one column has one dim.
    expectHolders(*tensorMemoryFragment(32, count),
                  count == 1 ? std::vector<int64_t>{32} : std::vector<int64_t>{32, count}, 32, count,
                  [](const Place &place) { return Holder{place[0], place[1]}; });
    expectHolders(*tensorMemoryFragment(64, count), {16, 2 * count}, 32, count, [](const Place &place) {
      auto [lane, column, none] = place;
      return Holder{lane % 8 * 4 + column % 2 * 2 + lane / 8, column / 2};
    });
    expectHolders(*tensorMemoryFragment(128, count), {16, 4 * count}, 32, 2 * count, [](const Place &place) {
      auto [lane, column, none] = place;
      return Holder{lane % 8 * 4 + column % 4, column / 4 * 2 + lane / 8};
    });
    expectHolders(*tensorMemoryFragment(256, count), {16, 8 * count}, 32, 4 * count, [](const Place &place) {
      auto [lane, column, none] = place;
      return Holder{lane % 8 * 4 + column % 8 / 2, column / 8 * 4 + lane / 8 * 2 + column % 2};
    });
  }
  EXPECT_EQ(tensorMemoryFragment(256, 64).message(),
            "tensor memory moves a power of two of registers, at most 128, not 256");
  EXPECT_EQ(tensorMemoryFragment(512, 1).message(), "tensor memory moves 32, 64, 128 or 256 bits of a lane, not 512");
}
