//===- FragmentMmaTest.cpp - the fragments of mma.sync ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which element of a matrix each register of each lane holds is observed, and compared with the manual's sentences
// (FragmentTables.h). D = A B + C with a B whose only 1 is at (k, n) has column k of A as its column n, and other 1s
// show other columns at once. To tell all elements of A apart where they have few values, each trial gives them one bit
// of their number; the bits that come out of all trials are the number of the element that was observed. The same for
// B, with a single 1 in A; and C goes to D unchanged if A is 0.

#include "FragmentMatrix.h"

#include "gtest/gtest.h"

#include <bit>

using namespace tilec::sim::ptx;

//===----------------------------------------------------------------------===//
// observation
//===----------------------------------------------------------------------===//

namespace {
class Observation {
public:
  Observation(const MmaFragments &shape, const std::string &factor, const std::string &sum)
      : shape(shape), sum(sum.substr(0, sum.find('.'))) {
    unsigned sumBits = this->sum == "f64" ? 64 : this->sum == "f16" ? 16 : 32;
    a = matrixOf("a", factor, shape.bits, shape.m * shape.k, shape.rowOfA, shape.columnOfA);
    b = matrixOf("b", factor, shape.bits, shape.k * shape.n, shape.rowOfB, shape.columnOfB);
    c = matrixOf("c", this->sum, sumBits, shape.m * shape.n, shape.rowOfC, shape.columnOfC);
    d = c;
    d.registers.name = "d";
    instruction = "mma.sync.aligned.m" + std::to_string(shape.m) + "n" + std::to_string(shape.n) + "k" +
                  std::to_string(shape.k) + ".row.col." + this->sum + "." + factor + "." + factor + "." + this->sum +
                  (factor == "b1" ? ".and.popc" : "");
  }

  void run();
  const std::string &name() const { return instruction; }

private:
  std::vector<WarpValues> execute(const std::vector<WarpValues> &trials) const;
  void observe(const Matrix &observed, const Matrix &selecting, bool isA);
  void observeSums();

  const MmaFragments &shape;
  std::string sum, instruction;
  Matrix a, b, c, d;
};
} // namespace

std::vector<WarpValues> Observation::execute(const std::vector<WarpValues> &trials) const {
  return runWarps(instruction + " " + operandOf(d.registers) + ", " + operandOf(a.registers) + ", " +
                      operandOf(b.registers) + ", " + operandOf(c.registers) + ";",
                  {a.registers, b.registers, c.registers}, {d.registers}, trials);
}

/// Observes A through B, or B through A: for each group of as many k as there are columns of B, or rows of A, one trial
/// for each bit of the numbers of the elements. Each k has its 1 in a column, or a row, of its own.
void Observation::observe(const Matrix &observed, const Matrix &selecting, bool isA) {
  unsigned firstObserved = isA ? 0 : a.registers.count, firstSelecting = isA ? a.registers.count : 0,
           elements = observed.elements(), planes = std::bit_width(32 * elements - 1);
  unsigned across = isA ? shape.n : shape.m, groups = (shape.k + across - 1) / across;
  WarpValues empty((a.registers.count + b.registers.count + c.registers.count) * 32);
  std::vector<WarpValues> trials;
  for (unsigned group = 0; group != groups; ++group)
    for (unsigned plane = 0; plane != planes; ++plane) {
      WarpValues values = empty;
      for (unsigned lane = 0; lane != 32; ++lane) {
        for (unsigned i = 0; i != elements; ++i)
          if ((lane * elements + i) >> plane & 1)
            put(values, firstObserved, observed, lane, i, observed.one);
        for (unsigned i = 0; i != selecting.elements(); ++i) {
          unsigned row = selecting.rowOf(lane, i), column = selecting.columnOf(lane, i);
          if (isA ? row == group * across + column : column == group * across + row)
            put(values, firstSelecting, selecting, lane, i, selecting.one);
        }
      }
      trials.push_back(std::move(values));
    }
  std::vector<WarpValues> results = execute(trials);
  ASSERT_EQ(results.size(), trials.size());
  // The number of the element at each place, as the manual says it.
  std::vector<unsigned> expected((isA ? shape.m : shape.n) * shape.k, ~0u);
  for (unsigned lane = 0; lane != 32; ++lane)
    for (unsigned i = 0; i != elements; ++i) {
      unsigned row = observed.rowOf(lane, i), column = observed.columnOf(lane, i);
      expected[isA ? row * shape.k + column : column * shape.k + row] = lane * elements + i;
    }
  for (unsigned group = 0; group != groups; ++group)
    for (unsigned lane = 0; lane != 32; ++lane)
      for (unsigned i = 0; i != d.elements(); ++i) {
        unsigned row = d.rowOf(lane, i), column = d.columnOf(lane, i), seen = 0,
                 k = group * across + (isA ? column : row);
        for (unsigned plane = 0; plane != planes; ++plane) {
          uint64_t bits = get(results[group * planes + plane], d, lane, i);
          ASSERT_TRUE(bits == 0 || bits == sumBits(sum, 1)) << instruction << " gave " << bits;
          seen |= unsigned(bits != 0) << plane;
        }
        ASSERT_EQ(seen, k < shape.k ? expected[(isA ? row : column) * shape.k + k] : 0)
            << instruction << ": " << (isA ? "A" : "B") << " seen in d" << i << " of lane " << lane << " for k = " << k;
      }
}

void Observation::observeSums() {
  // Numbers that f16 holds, the same in C and D at each place.
  WarpValues values((a.registers.count + b.registers.count + c.registers.count) * 32);
  for (unsigned lane = 0; lane != 32; ++lane)
    for (unsigned i = 0; i != c.elements(); ++i)
      put(values, a.registers.count + b.registers.count, c, lane, i,
          sumBits(sum, 1 + c.rowOf(lane, i) * shape.n + c.columnOf(lane, i)));
  std::vector<WarpValues> results = execute({values});
  ASSERT_EQ(results.size(), 1u);
  for (unsigned lane = 0; lane != 32; ++lane)
    for (unsigned i = 0; i != d.elements(); ++i)
      ASSERT_EQ(get(results[0], d, lane, i), sumBits(sum, 1 + d.rowOf(lane, i) * shape.n + d.columnOf(lane, i)))
          << instruction << ": d" << i << " of lane " << lane;
}

void Observation::run() {
  observe(a, b, /*isA=*/true);
  if (!testing::Test::HasFatalFailure())
    observe(b, a, /*isA=*/false);
  if (!testing::Test::HasFatalFailure())
    observeSums();
}

TEST(Fragments, MmaIsTheManuals) {
  unsigned count = 0;
  for (const MmaFragments &shape : mmaFragments())
    for (const std::string &factor : shape.factors)
      for (const std::string &sum : shape.sums) {
        ++count;
        ASSERT_NO_FATAL_FAILURE(Observation(shape, factor, sum).run());
      }
  EXPECT_EQ(count, 35u);
}

/// The manual's figures hold each element once; a table that does not is a mistake of this test.
TEST(Fragments, TablesCoverTheMatrices) {
  for (const MmaFragments &shape : mmaFragments()) {
    auto covers = [](FragmentRule row, FragmentRule column, unsigned rows, unsigned columns) {
      std::vector<unsigned> times(rows * columns);
      for (unsigned lane = 0; lane != 32; ++lane)
        for (unsigned i = 0; i != rows * columns / 32; ++i) {
          unsigned r = row(lane / 4, lane % 4, i), c = column(lane / 4, lane % 4, i);
          ASSERT_LT(r, rows);
          ASSERT_LT(c, columns);
          ++times[r * columns + c];
        }
      EXPECT_EQ(times, std::vector<unsigned>(rows * columns, 1));
    };
    covers(shape.rowOfA, shape.columnOfA, shape.m, shape.k);
    covers(shape.rowOfB, shape.columnOfB, shape.k, shape.n);
    covers(shape.rowOfC, shape.columnOfC, shape.m, shape.n);
  }
}
