//===- HardwareSparseTest.cpp - Sparse and scaled operands ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For a sparse A the PTX ISA says of element i of a lane its row and the columns among which it stands (a range, of
// which half are stored, in order); for metadata its figures say which bits of which lane hold the indices of which
// columns. Both are below, shape by shape.

#include "FragmentCheck.h"

#include "tilec/Layout/HardwarePTX.h"

#include <set>

using namespace tilec::layout;
using namespace tilec::layout::ptx;
using namespace tilec::layout::test;

namespace {
using Rule = int64_t (*)(int64_t g, int64_t t, int64_t i);

/// A cell of a figure on metadata: bits `low` to `high` of lane 4g + `lane` (after the selector's lanes) are the
/// indices of the columns `first` to `last` of row g + `row`.
struct Cell {
  int64_t row, first, last, lane, low, high;
};

struct Manual {
  int64_t k, bits;
  Rule row, firstColumn;
  /// How many columns the range has.
  int64_t range;
  std::vector<Cell> metadata;
};
} // namespace

#define RULE(expression)                                                                                               \
  [](int64_t g, int64_t t, int64_t i) -> int64_t {                                                                     \
    (void)g, (void)t, (void)i;                                                                                         \
    return expression;                                                                                                 \
  }

static const Manual manuals[] = {
    // f16, bf16
    {16, 16, RULE(i < 2 ? g : g + 8), RULE(t * 4), 4, {{0, 0, 15, 0, 0, 15}, {8, 0, 15, 0, 16, 31}}},
    {32,
     16,
     RULE((0 <= i && i < 2) || (4 <= i && i < 6) ? g : g + 8),
     RULE(i < 4 ? t * 4 : t * 4 + 16),
     4,
     {{0, 0, 15, 0, 0, 15}, {0, 16, 31, 1, 0, 15}, {8, 0, 15, 0, 16, 31}, {8, 16, 31, 1, 16, 31}}},
    // tf32
    {8, 32, RULE(i == 0 ? g : g + 8), RULE(t * 2), 2, {{0, 0, 7, 0, 0, 15}, {8, 0, 7, 0, 16, 31}}},
    {16,
     32,
     RULE(i == 0 || i == 2 ? g : g + 8),
     RULE(i < 2 ? t * 2 : t * 2 + 8),
     2,
     {{0, 0, 7, 0, 0, 15}, {0, 8, 15, 1, 0, 15}, {8, 0, 7, 0, 16, 31}, {8, 8, 15, 1, 16, 31}}},
    // s8, u8, e4m3, e5m2
    {32, 8, RULE(i < 4 ? g : g + 8), RULE(t * 8), 8, {{0, 0, 31, 0, 0, 31}, {8, 0, 31, 1, 0, 31}}},
    {64,
     8,
     RULE((0 <= i && i < 4) || (8 <= i && i < 12) ? g : g + 8),
     RULE(i < 8 ? t * 8 : t * 8 + 32),
     8,
     {{0, 0, 31, 0, 0, 31}, {8, 0, 31, 1, 0, 31}, {0, 32, 63, 2, 0, 31}, {8, 32, 63, 3, 0, 31}}},
    // s4, u4, e2m1
    {64, 4, RULE(i < 8 ? g : g + 8), RULE(t * 16), 16, {{0, 0, 63, 0, 0, 31}, {8, 0, 63, 1, 0, 31}}},
    {128,
     4,
     RULE((0 <= i && i < 8) || (16 <= i && i < 24) ? g : g + 8),
     RULE(i < 16 ? t * 16 : t * 16 + 64),
     16,
     {{0, 0, 63, 0, 0, 31}, {8, 0, 63, 1, 0, 31}, {0, 64, 127, 2, 0, 31}, {8, 64, 127, 3, 0, 31}}},
};

/// Expects that each index is where a figure says: `stored` are the stored elements of an index, `bits` its width.
static void expectMetadata(const Layout &layout, const std::vector<Cell> &cells, int64_t numRows, int64_t places,
                           int64_t columnsOfPlace, int64_t bits) {
  Result<DistributedLayout> metadata = DistributedLayout::make(layout);
  ASSERT_TRUE(metadata) << metadata.message();
  EXPECT_EQ(metadata->shape(), (std::vector<int64_t>{numRows, places})) << print(layout);
  EXPECT_EQ(metadata->numElements(), metadata->numRegisters() * metadata->numThreads()) << print(layout);
  int64_t lanes = 0, covered = 0;
  for (const Cell &cell : cells)
    lanes = std::max(lanes, cell.lane + 1);
  for (int64_t warp = 0; warp < numRows / 16; ++warp)
    for (const Cell &cell : cells)
      for (int64_t g = 0; g < 8; ++g)
        for (int64_t place = cell.first / columnsOfPlace, bit = cell.low; bit <= cell.high; ++place, bit += bits) {
          ++covered;
          ASSERT_LE(place * columnsOfPlace, cell.last);
          EXPECT_EQ(placeOf(*metadata, bit / bits, cell.lane + lanes * (g + 8 * warp)),
                    (Place{16 * warp + cell.row + g, place, 0}))
              << print(layout) << " " << place;
        }
  EXPECT_EQ(covered, metadata->numElements()) << print(layout);
}

TEST(SparseMma, FragmentsAndMetadataAreTheManuals) {
  std::set<std::pair<int64_t, int64_t>> seen;
  for (const SparseMma &shape : sparseMmaShapes()) {
    const Manual *manual = nullptr;
    for (const Manual &candidate : manuals)
      if (candidate.k == shape.k && candidate.bits == shape.bits)
        manual = &candidate;
    ASSERT_TRUE(manual) << "k" << shape.k << " of " << shape.bits << " bits";
    EXPECT_TRUE(seen.insert({shape.k, shape.bits}).second);
    expectFragment(sparseMmaFragment(shape, MatrixOperand::A), {16, shape.k / 2}, 32, [&](int64_t lane, int64_t i) {
      int64_t g = lane / 4, t = lane % 4;
      return Place{manual->row(g, t, i), manual->firstColumn(g, t, i) / 2 + i % (manual->range / 2), 0};
    });
    // B's figures: each register holds neighbouring rows, the next one those four registers' worth on.
    int64_t packed = 32 / shape.bits;
    expectFragment(sparseMmaFragment(shape, MatrixOperand::B), {shape.k, 8}, 32, [&](int64_t lane, int64_t i) {
      return Place{lane % 4 * packed + i % packed + i / packed * 4 * packed, lane / 4, 0};
    });
    expectFragment(sparseMmaFragment(shape, MatrixOperand::Accumulator), {16, 8}, 32, [](int64_t lane, int64_t i) {
      return Place{i < 2 ? lane / 4 : lane / 4 + 8, lane % 4 * 2 + (i & 1), 0};
    });
    // An index is of one stored element; of two neighbours, if they have 4 bits.
    expectMetadata(sparseMmaMetadata(shape), manual->metadata, 16, shape.bits == 4 ? shape.k / 4 : shape.k / 2,
                   shape.bits == 4 ? 4 : 2, shape.bits == 32 ? 4 : 2);
  }
  EXPECT_EQ(seen.size(), std::size(manuals));
}

TEST(SparseMma, TextsInTheDocuments) {
  EXPECT_EQ(print(sparseMmaMetadata({32, 16, 2, 80})), "((8,2),(2,8)):((1@1,8@0),(8@1,1@0))");
  EXPECT_EQ(print(*scaleFragment(MatrixOperand::A, 4)), "(4,(2,8)):(1@1,(8@0,1@0))");
  EXPECT_EQ(print(*byteMatrixFragment(16, 1)), "((4,2),(4,8)):((1@0,8@1),(4@0,1@1))");
  EXPECT_EQ(print(*sparseWgmmaMetadata(8)), "(16,(2,2,8),4):(1@1,(8@0,16@1,1@0),16@0)");
}

TEST(SparseWgmma, Metadata) {
  // The figures are those of mma.sp, a warp for every sixteen rows.
  expectMetadata(*sparseWgmmaMetadata(16),
                 {{0, 0, 15, 0, 0, 15}, {0, 16, 31, 1, 0, 15}, {8, 0, 15, 0, 16, 31}, {8, 16, 31, 1, 16, 31}}, 64, 16,
                 2, 2);
  expectMetadata(*sparseWgmmaMetadata(32),
                 {{0, 0, 7, 0, 0, 15}, {0, 8, 15, 1, 0, 15}, {8, 0, 7, 0, 16, 31}, {8, 8, 15, 1, 16, 31}}, 64, 8, 2, 4);
  expectMetadata(*sparseWgmmaMetadata(8),
                 {{0, 0, 31, 0, 0, 31}, {8, 0, 31, 1, 0, 31}, {0, 32, 63, 2, 0, 31}, {8, 32, 63, 3, 0, 31}}, 64, 32, 2,
                 2);
  EXPECT_EQ(sparseWgmmaMetadata(4).message(), "a sparse operand of wgmma has elements of 8, 16 or 32 bits, not 4");
}

TEST(BlockScale, Factors) {
  for (int64_t count : {1, 2, 4}) {
    // Of A the two lanes hold rows g and g + 8, of B the one lane column g; the bytes are the chunks in order.
    expectFragment(*scaleFragment(MatrixOperand::A, count),
                   count == 1 ? std::vector<int64_t>{16} : std::vector<int64_t>{16, count}, 16,
                   [](int64_t lane, int64_t byte) { return Place{lane / 2 + lane % 2 * 8, byte, 0}; });
    Layout b = *scaleFragment(MatrixOperand::B, count);
    for (int64_t lane = 0; lane < 8; ++lane)
      for (int64_t byte = 0; byte < count; ++byte) {
        Offset expected = Offset::basis({1}, lane);
        ASSERT_TRUE(expected.addMultiple(Offset::basis({0}), byte));
        EXPECT_EQ(print(b(byte + count * lane)), print(expected));
      }
  }
  EXPECT_EQ(scaleFragment(MatrixOperand::A, 3).message(), "a row has 1, 2 or 4 scale factors, not 3");
  EXPECT_EQ(scaleFragment(MatrixOperand::Accumulator, 1).message(), "an accumulator has no scale factors");
}

TEST(Ldmatrix, MatricesOfBytes) {
  for (int64_t count : {1, 2, 4}) {
    // Four lanes hold a row, four neighbouring bytes each.
    std::vector<int64_t> shape = count == 1 ? std::vector<int64_t>{8, 16} : std::vector<int64_t>{8, 16, count};
    expectFragment(*byteMatrixFragment(8, count), shape, 32,
                   [](int64_t lane, int64_t i) { return Place{lane / 4, lane % 4 * 4 + i % 4, i / 4}; });
  }
  for (int64_t count : {1, 2}) {
    // Transposed, four lanes hold a row: four neighbouring bytes of two rows eight apart. In memory these are columns.
    std::vector<int64_t> shape = count == 1 ? std::vector<int64_t>{16, 16} : std::vector<int64_t>{16, 16, count};
    expectFragment(*byteMatrixFragment(16, count), shape, 32, [](int64_t lane, int64_t i) {
      int64_t row = lane / 4 + (i & 4 ? 8 : 0), column = lane % 4 * 4 + (i & 3);
      return Place{column, row, i / 8};
    });
  }
  EXPECT_EQ(byteMatrixFragment(16, 4).message(),
            "ldmatrix loads 1, 2 or 4 matrices of 8 rows, or 1 or 2 of 16 rows, of 16 bytes, not 4 of 16 rows");
  EXPECT_FALSE(byteMatrixFragment(8, 3));
  EXPECT_FALSE(byteMatrixFragment(32, 1));
}

TEST(TensorMemory, SplitLoads) {
  for (int64_t count : {1, 2, 4, 8, 16, 32, 64, 128})
    for (int64_t offset : {int64_t(0), count, int64_t(16), int64_t(200)}) {
      Layout layout = *tensorMemorySplitFragment(count, offset);
      ASSERT_EQ(layout.size(), 32 * count);
      for (int64_t lane = 0; lane < 32; ++lane)
        for (int64_t reg = 0; reg < count; ++reg) {
          // The second access, of lanes 16 to 31, begins `offset` columns on in the same lanes of the memory.
          Offset expected = Offset::basis({0}, lane < 16 ? lane : lane - 16);
          ASSERT_TRUE(expected.addMultiple(Offset::basis({1}), lane < 16 ? reg : reg + offset));
          EXPECT_EQ(print(layout(reg + count * lane)), print(expected)) << count << " " << offset;
        }
    }
  EXPECT_EQ(tensorMemorySplitFragment(3, 0).message(),
            "tensor memory moves a power of two of registers, at most 128, not 3");
  EXPECT_EQ(tensorMemorySplitFragment(4, -1).message(),
            "tensor memory has 512 columns, and the second half cannot be -1 columns on");
}
