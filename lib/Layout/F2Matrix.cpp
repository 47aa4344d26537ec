//===- F2Matrix.cpp - Layouts as matrices over F2 ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/F2Matrix.h"

#include "CheckedMath.h"
#include "F2Elimination.h"
#include "FlatModes.h"

#include <algorithm>

using namespace tilec::layout;

F2Matrix::F2Matrix(int rows, std::vector<uint64_t> columns) : rows(rows), columnBits(std::move(columns)) {
  assert(std::all_of(columnBits.begin(), columnBits.end(), [&](uint64_t c) { return bitWidth(c) <= rows; }) &&
         "a column has more bits than the matrix has rows");
}

F2Matrix F2Matrix::identity(int size) {
  std::vector<uint64_t> columns;
  for (int k = 0; k < size; ++k)
    columns.push_back(uint64_t(1) << k);
  return F2Matrix(size, std::move(columns));
}

uint64_t F2Matrix::operator*(uint64_t vector) const {
  uint64_t result = 0;
  for (; vector; vector &= vector - 1)
    result ^= columnBits[static_cast<size_t>(std::countr_zero(vector))];
  return result;
}

/// Eliminates the columns, in order; `dependent(k, combination)` is called for each that adds nothing.
template <class Dependent> static F2Elimination eliminate(const F2Matrix &matrix, Dependent dependent) {
  F2Elimination elimination;
  for (int k = 0; k < matrix.numColumns(); ++k)
    if (std::optional<uint64_t> zero = elimination.add(matrix.columns()[static_cast<size_t>(k)], uint64_t(1) << k))
      dependent(k, *zero);
  return elimination;
}

int F2Matrix::rank() const {
  return eliminate(*this, [](int, uint64_t) {}).rank();
}

F2Matrix F2Matrix::kernel() const {
  std::vector<uint64_t> vectors;
  eliminate(*this, [&](int, uint64_t zero) { vectors.push_back(zero); });
  return F2Matrix(numColumns(), std::move(vectors));
}

F2Matrix F2Matrix::image() const {
  std::vector<bool> independent(columnBits.size(), true);
  eliminate(*this, [&](int k, uint64_t) { independent[static_cast<size_t>(k)] = false; });
  std::vector<uint64_t> vectors;
  for (size_t k = 0; k < columnBits.size(); ++k)
    if (independent[k])
      vectors.push_back(columnBits[k]);
  return F2Matrix(rows, std::move(vectors));
}

static std::string sizes(const F2Matrix &matrix) {
  return std::to_string(matrix.numRows()) + " by " + std::to_string(matrix.numColumns());
}

Result<F2Matrix> tilec::layout::multiply(const F2Matrix &a, const F2Matrix &b) {
  if (a.numColumns() != b.numRows())
    return Error{"matrices of " + sizes(a) + " and " + sizes(b) + " have no product"};
  std::vector<uint64_t> columns;
  for (uint64_t column : b.columns())
    columns.push_back(a * column);
  return F2Matrix(a.numRows(), std::move(columns));
}

Result<F2Matrix> tilec::layout::divide(const F2Matrix &a, const F2Matrix &b) {
  if (a.numRows() != b.numRows())
    return Error{"a matrix of " + sizes(a) + " is not divided by one of " + sizes(b) + ": their rows differ"};
  F2Elimination image = eliminate(b, [](int, uint64_t) {});
  std::vector<uint64_t> columns;
  for (uint64_t column : a.columns()) {
    std::optional<uint64_t> solution = image.solve(column);
    if (!solution)
      return Error{"the matrix is not divisible: the column " + std::to_string(column) +
                   " of the dividend is no value of the divisor"};
    columns.push_back(*solution);
  }
  return F2Matrix(b.numColumns(), std::move(columns));
}

Result<F2Matrix> tilec::layout::inverse(const F2Matrix &a) {
  if (a.numRows() != a.numColumns() || a.rank() != a.numRows())
    return Error{"a matrix of " + sizes(a) + " and rank " + std::to_string(a.rank()) + " has no inverse"};
  return divide(F2Matrix::identity(a.numRows()), a);
}

Result<F2Matrix> tilec::layout::blockQuotient(const F2Matrix &a, const F2Matrix &b) {
  if (a.numRows() < b.numRows() || a.numColumns() < b.numColumns())
    return Error{"a matrix of " + sizes(a) + " has no block of " + sizes(b)};
  size_t low = static_cast<size_t>(b.numColumns());
  std::vector<uint64_t> columns;
  for (size_t k = 0; k < a.columns().size(); ++k) {
    uint64_t column = a.columns()[k];
    if (k < low ? column != b.columns()[k] : column & ((uint64_t(1) << b.numRows()) - 1))
      return Error{"the matrix does not fall into blocks of which the first is the divisor: column " +
                   std::to_string(k) + " is " + std::to_string(column)};
    if (k >= low)
      columns.push_back(column >> b.numRows());
  }
  return F2Matrix(a.numRows() - b.numRows(), std::move(columns));
}

Result<F2Matrix> tilec::layout::toMatrix(const Layout &layout) {
  Result<std::vector<uint64_t>> columns = linearColumns(coalesceModes(layout.leaves()), bitsOf(layout.size()));
  if (!columns)
    return Error{print(layout) + " is no matrix: " + columns.message()};
  int rows = 0;
  for (uint64_t column : *columns)
    rows = std::max(rows, bitWidth(column));
  return F2Matrix(rows, std::move(*columns));
}

Layout tilec::layout::fromMatrix(const F2Matrix &matrix) {
  return *layoutOf(modesOfColumns(matrix.columns(), /*asMasks=*/false));
}

std::string tilec::layout::print(const F2Matrix &matrix) {
  std::string text;
  for (int row = 0; row < matrix.numRows(); ++row) {
    if (row)
      text += '/';
    for (int column = 0; column < matrix.numColumns(); ++column)
      text += matrix.at(row, column) ? '1' : '0';
  }
  return text;
}
