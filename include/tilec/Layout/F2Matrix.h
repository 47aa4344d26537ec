//===- F2Matrix.h - Layouts as matrices over F2 -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A layout of 2^n elements whose values are linear over F2 (the value at i XOR j
/// is the XOR of the values at i and j) is a matrix with n columns of bits:
/// column k is the value at 2^k. Composition is then multiplication, and rank,
/// kernel, image and inverses are those of linear algebra. These are the linear
/// layouts of Triton, and the swizzles of shared memory.
///
/// (4,4):(1,4) is the identity of 4 by 4; (4,4):(4,1) exchanges the lower two
/// bits with the upper two; (4,4):(^1,^5) also adds the upper two to the lower.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_F2MATRIX_H
#define TILEC_LAYOUT_F2MATRIX_H

#include "tilec/Layout/Layout.h"

namespace tilec::layout {

/// A matrix of bits, stored by columns; at most 62 rows and columns.
class F2Matrix {
public:
  F2Matrix() = default;
  /// Bits of the columns at or above `rows` must be 0.
  F2Matrix(int rows, std::vector<uint64_t> columns);
  static F2Matrix identity(int size);

  int numRows() const { return rows; }
  int numColumns() const { return static_cast<int>(columnBits.size()); }
  const std::vector<uint64_t> &columns() const { return columnBits; }
  bool at(int row, int column) const { return columnBits[static_cast<size_t>(column)] >> row & 1; }

  /// The XOR of the columns at the bits of `vector`, which has no others.
  uint64_t operator*(uint64_t vector) const;
  /// The number of independent columns.
  int rank() const;
  /// A basis of the vectors that the matrix maps to 0, as columns.
  F2Matrix kernel() const;
  /// A basis of the values, as columns: the first columns that are independent.
  F2Matrix image() const;
  bool operator==(const F2Matrix &) const = default;

private:
  int rows = 0;
  std::vector<uint64_t> columnBits;
};

/// A B: first B, then A. B has as many rows as A has columns.
Result<F2Matrix> multiply(const F2Matrix &a, const F2Matrix &b);
/// X with B X = A: A divided by B from the left. Exists where the image of A is part of that of B; where the kernel of
/// B is not 0, the columns of X have no bit at columns of B that depend on those before.
Result<F2Matrix> divide(const F2Matrix &a, const F2Matrix &b);
/// The inverse of a square matrix of full rank.
Result<F2Matrix> inverse(const F2Matrix &a);
/// Q such that A is B on the low columns and rows and Q on the others: A = B x Q as layouts of blocks. Fails where A is
/// not of this form.
Result<F2Matrix> blockQuotient(const F2Matrix &a, const F2Matrix &b);

/// The matrix of a layout, with as many rows as its values have bits. Fails, with the reason, where a size is no power
/// of two, sums of strides carry, or values are no numbers.
Result<F2Matrix> toMatrix(const Layout &layout);
/// The coalesced layout of a matrix: integer strides where no two columns share a bit, masks otherwise.
Layout fromMatrix(const F2Matrix &matrix);

/// The rows from the top (bit 0), separated by slashes: 101/010.
std::string print(const F2Matrix &matrix);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_F2MATRIX_H
