//===- FragmentSparseTest.cpp - the fragments of mma.sp ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As in FragmentMmaTest.cpp, the fragments are observed one bit of the elements' numbers at a time. With the same
// places in all metadata, A is observed; with an A of 1s, the metadata: a chunk's places are those of its first or its
// last elements, as a bit of its number says.

#include "FragmentMatrix.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

/// Two of four places, the first ones or the last ones; of elements of 32 bits one of two.
static constexpr unsigned kFirst = 0x4, kLast = 0xe;

namespace {
class SparseObservation {
public:
  SparseObservation(const SparseFragments &shape, const std::string &factor, unsigned selector)
      : shape(shape), selector(selector) {
    auto group = [](unsigned g, unsigned, unsigned) { return g; };
    auto sumRow = [](unsigned g, unsigned, unsigned i) { return i < 2 ? g : g + 8; };
    auto sumColumn = [](unsigned, unsigned t, unsigned i) { return t * 2 + (i & 1); };
    a = matrixOf("a", factor, shape.bits, 16 * shape.k / 2, shape.rowOfA, shape.firstColumn);
    b = matrixOf("b", factor, shape.bits, shape.k * 8, group, group);
    d = matrixOf("d", shape.sum, 32, 16 * 8, sumRow, sumColumn);
    instruction = "mma.sp::ordered_metadata.sync.aligned.m16n8k" + std::to_string(shape.k) + ".row.col." + shape.sum +
                  "." + factor + "." + factor + "." + shape.sum;
  }

  void run() {
    observeA(kFirst);
    if (!testing::Test::HasFatalFailure())
      observeA(kLast);
    if (!testing::Test::HasFatalFailure())
      observeMetadata();
  }

private:
  unsigned countRegisters() const { return a.registers.count + b.registers.count + d.registers.count + 1; }
  /// Where the rows of B are: neighbours share a register, the next one is of what is four registers' rows on.
  unsigned rowOfB(unsigned lane, unsigned i) const {
    unsigned packed = 32 / shape.bits;
    return lane % 4 * packed + i % packed + i / packed * 4 * packed;
  }
  /// Sets B's elements of these rows, in the columns of their numbers modulo eight.
  void select(WarpValues &values, unsigned group, unsigned step) const {
    for (unsigned lane = 0; lane != 32; ++lane)
      for (unsigned i = 0; i != b.elements(); ++i)
        if (rowOfB(lane, i) == (group * 8 + lane / 4) * step)
          put(values, a.registers.count, b, lane, i, b.one);
  }
  std::vector<WarpValues> execute(const std::vector<WarpValues> &trials) const {
    WarpRegisters c = d.registers, e{"e", "b32", 1};
    c.name = "c";
    return runWarps(instruction + " " + operandOf(d.registers) + ", " + operandOf(a.registers) + ", " +
                        operandOf(b.registers) + ", " + operandOf(c) + ", %e0, " + std::to_string(selector) + ";",
                    {a.registers, b.registers, c, e}, {d.registers}, trials);
  }
  void observeA(unsigned places);
  void observeMetadata();

  const SparseFragments &shape;
  unsigned selector;
  std::string instruction;
  Matrix a, b, d;
};
} // namespace

/// For each eight columns of A one trial for each bit of the numbers of the stored elements.
void SparseObservation::observeA(unsigned places) {
  unsigned elements = a.elements(), planes = std::bit_width(32 * elements - 1), groups = shape.k / 8;
  std::vector<WarpValues> trials;
  for (unsigned group = 0; group != groups; ++group)
    for (unsigned plane = 0; plane != planes; ++plane) {
      WarpValues values(countRegisters() * 32);
      for (unsigned lane = 0; lane != 32; ++lane) {
        for (unsigned i = 0; i != elements; ++i)
          if ((lane * elements + i) >> plane & 1)
            put(values, 0, a, lane, i, a.one);
        values[(countRegisters() - 1) * 32 + lane] = places * 0x11111111u;
      }
      select(values, group, 1);
      trials.push_back(std::move(values));
    }
  std::vector<WarpValues> results = execute(trials);
  ASSERT_EQ(results.size(), trials.size());
  // The number of the stored element that stands at each place of the whole A, or 0.
  std::vector<unsigned> expected(16 * shape.k);
  for (unsigned lane = 0; lane != 32; ++lane)
    for (unsigned i = 0; i != elements; ++i) {
      unsigned stored = i % (shape.range / 2), half = shape.chunk / 2,
               column = a.columnOf(lane, i) + stored / half * shape.chunk + stored % half;
      expected[a.rowOf(lane, i) * shape.k + column + (places == kLast ? half : 0)] = lane * elements + i;
    }
  for (unsigned group = 0; group != groups; ++group)
    for (unsigned lane = 0; lane != 32; ++lane)
      for (unsigned i = 0; i != d.elements(); ++i) {
        unsigned seen = 0, k = group * 8 + d.columnOf(lane, i);
        for (unsigned plane = 0; plane != planes; ++plane)
          seen |= unsigned(get(results[group * planes + plane], d, lane, i) != 0) << plane;
        ASSERT_EQ(seen, expected[d.rowOf(lane, i) * shape.k + k])
            << instruction << " " << selector << ": A seen in d" << i << " of lane " << lane << " for k = " << k;
      }
}

/// For each eight chunks one trial for each bit of the numbers of the chunks.
void SparseObservation::observeMetadata() {
  unsigned chunks = shape.k / shape.chunk, planes = std::bit_width(16 * chunks - 1), groups = (chunks + 7) / 8;
  std::vector<WarpValues> trials;
  for (unsigned group = 0; group != groups; ++group)
    for (unsigned plane = 0; plane != planes; ++plane) {
      WarpValues values(countRegisters() * 32);
      for (unsigned lane = 0; lane != 32; ++lane) {
        for (unsigned i = 0; i != a.elements(); ++i)
          put(values, 0, a, lane, i, a.one);
        // What the selector leaves out would be an error if it were looked at.
        values[(countRegisters() - 1) * 32 + lane] = 0;
      }
      for (const MetadataCell &cell : shape.metadata)
        for (unsigned g = 0; g != 8; ++g)
          for (unsigned chunk = cell.first / shape.chunk, bit = cell.low; chunk * shape.chunk < cell.last;
               ++chunk, bit += 4) {
            unsigned number = (cell.row + g) * chunks + chunk;
            values[(countRegisters() - 1) * 32 + 4 * g + selector * shape.lanes + cell.lane] |=
                uint64_t(number >> plane & 1 ? kLast : kFirst) << bit;
          }
      // The last column of each chunk.
      for (unsigned lane = 0; lane != 32; ++lane)
        for (unsigned i = 0; i != b.elements(); ++i)
          if (rowOfB(lane, i) == (group * 8 + lane / 4) * shape.chunk + shape.chunk - 1)
            put(values, a.registers.count, b, lane, i, b.one);
      trials.push_back(std::move(values));
    }
  std::vector<WarpValues> results = execute(trials);
  ASSERT_EQ(results.size(), trials.size());
  for (unsigned group = 0; group != groups; ++group)
    for (unsigned lane = 0; lane != 32; ++lane)
      for (unsigned i = 0; i != d.elements(); ++i) {
        unsigned seen = 0, chunk = group * 8 + d.columnOf(lane, i);
        for (unsigned plane = 0; plane != planes; ++plane)
          seen |= unsigned(get(results[group * planes + plane], d, lane, i) != 0) << plane;
        ASSERT_EQ(seen, chunk < chunks ? d.rowOf(lane, i) * chunks + chunk : 0)
            << instruction << " " << selector << ": metadata seen in d" << i << " of lane " << lane;
      }
}

TEST(Fragments, SparseMmaIsTheManuals) {
  unsigned count = 0;
  for (const SparseFragments &shape : sparseFragments())
    for (const std::string &factor : shape.factors)
      for (unsigned selector = 0; selector != 4 / shape.lanes; ++selector) {
        ++count;
        ASSERT_NO_FATAL_FAILURE(SparseObservation(shape, factor, selector).run());
      }
  EXPECT_EQ(count, 12u + 6 + 8 + 6);
}
