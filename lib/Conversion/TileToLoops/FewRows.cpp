//===- FewRows.cpp - products of few rows ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product of few rows takes as long as reading the right operand once. It is not packed: micro-kernels compute its
// elements in registers, row by row as they lie in memory, and fetch the rows that follow. The fewer rows the product
// has, the more vectors of columns a micro-kernel takes, so that it has as many accumulators. If it does not take all
// columns of the tile, it stays for a block of rows of the right operand only, and the accumulators pass through
// memory.
//
// The terms of an element are added in ascending order, one by one, as everywhere: results do not depend on which way
// was taken.

#include "Dot.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// How many rows of the right operand are walked through before the next columns.
static constexpr int64_t blockRows = 8;

/// How many rows ahead the right operand is fetched.
static constexpr int64_t rowsAhead = 8;

/// Bytes of a line of the caches.
static constexpr int64_t lineBytes = 64;

/// Whether the rows of a tile can be read as vectors: it is computed from such rows element by element.
bool DotLowering::hasVectorRows(Value tile) const {
  if (!tileType(tile) || e.frame.buffers.contains(tile))
    return true;
  Operation *definition = tile.getDefiningOp();
  if (!definition || e.plan.isKept(tile))
    return false;
  if (isa<tile::LoadOp>(definition))
    return isInMemory(tile);
  return isElementwise(definition) &&
         llvm::all_of(definition->getOperands(), [&](Value operand) { return hasVectorRows(operand); });
}

/// Whether there is code for products of few rows.
bool DotLowering::takesFewRows() const {
  return !lhsScale && lanes > 1 && sizeN >= lanes && isa<FloatType>(sumType) && hasVectorRows(rhs);
}

/// The arrays that the elements of a tile are loaded from, where their rows are contiguous.
void DotLowering::findSources(Value tile, ArrayRef<Value> batch, SmallVectorImpl<Source> &sources) {
  if (!tileType(tile) || e.frame.buffers.contains(tile))
    return;
  Operation *definition = tile.getDefiningOp();
  if (isa<tile::LoadOp>(definition)) {
    if (Matrix matrix = loadedFrom(tile, batch); matrix.base)
      sources.push_back({matrix, storageType(getElementTypeOrSelf(tile))});
    return;
  }
  for (Value operand : definition->getOperands())
    findSources(operand, batch, sources);
}

/// Multiplies `rows` rows of the left operand from `row` on with the rows `from` to `to` of the right one, of whose
/// columns it takes `vectors` vectors. If `keep` is given, the sums of so many columns stay as they are.
void DotLowering::fewRowsKernel(const FewRows &few, Value row, Value column, Value keep, Value from, Value to,
                                int64_t rows, int64_t vectors) {
  auto vectorType = VectorType::get({lanes}, sumType);
  SmallVector<Value> columns, addresses, initial;
  for (int64_t v = 0; v < vectors; ++v)
    columns.push_back(c.addConst(column, v * lanes));
  for (int64_t r = 0; r < rows; ++r)
    for (Value at : columns) {
      addresses.push_back(c.gep(few.sums, sumType, c.add(c.mulConst(c.addConst(row, r), sumStride), at)));
      initial.push_back(c.load(vectorType, addresses.back()));
    }
  SmallVector<Value> rowBases;
  for (int64_t r = 0; r < rows; ++r)
    rowBases.push_back(c.gep(few.left.base, sumType, c.mul(c.addConst(row, r), few.left.rowStride)));
  SmallVector<Value> sums = e.carriedLoop(from, to, 1, initial, [&](Value k, ValueRange carried) {
    SmallVector<Value> y, next(carried);
    for (Value at : columns)
      y.push_back(c.splat(operandElement(false, batchIndices(few.batch, {k, 0}, {at, lanes})), lanes));
    for (const Source &source : few.sources) {
      Value start = c.add(c.mul(c.addConst(k, rowsAhead), source.matrix.rowStride), column);
      int64_t perLine = lineBytes / byteSize(source.element);
      for (int64_t at = 0; at < vectors * lanes; at += perLine)
        fetch(c.gep(source.matrix.base, source.element, c.addConst(start, at)), /*isWritten=*/false);
    }
    Value leftOffset = c.mul(k, few.left.columnStride);
    for (int64_t r = 0; r < rows; ++r) {
      Value x = c.load(sumType, c.gep(rowBases[r], sumType, leftOffset));
      Value all = vector::BroadcastOp::create(c.b, c.loc, vectorType, x);
      for (int64_t v = 0; v < vectors; ++v)
        next[r * vectors + v] = multiplyAdd(all, y[v], next[r * vectors + v]);
    }
    return next;
  });
  for (auto [sum, old, address] : llvm::zip_equal(sums, initial, addresses)) {
    Value value = sum;
    if (keep)
      value = c.select(c.cmp(arith::CmpIPredicate::sge, c.iota(c.i64(), lanes), c.splat(keep, lanes)), sum, old);
    c.store(value, address);
  }
}

/// All columns of `rows` rows. The last vector ends where the columns end: it shares some with the one before.
void DotLowering::fewRowsColumns(const FewRows &few, Value row, Value from, Value to, int64_t rows, int64_t vectors) {
  int64_t width = vectors * lanes;
  Value whole =
      vectors == 1 ? c.index(0) : c.op<arith::MulIOp>(c.op<arith::DivUIOp>(extentN, c.index(width)), c.index(width));
  if (vectors > 1)
    e.loop(c.index(0), whole, width,
           [&](Value column) { fewRowsKernel(few, row, column, {}, from, to, rows, vectors); });
  Value last = c.addConst(extentN, -lanes);
  e.loop(whole, extentN, lanes, [&](Value next) {
    Value column = c.minS(next, last);
    fewRowsKernel(few, row, column, c.sub(next, column), from, to, rows, 1);
  });
}

/// The product of at most `mostFewRows` rows, of at least a vector of columns.
void DotLowering::multiplyFewRows(ArrayRef<Value> batch, const Buffer &leftBuffer, Value sums) {
  Emitter::Root root(e);
  FewRows few{batch, {}, {}, sums};
  bool isInPlace = getElementTypeOrSelf(lhs) == sumType && isInMemory(lhs);
  few.left = isInPlace ? direct(lhs, batch) : packLeftElements(batch, leftBuffer);
  findSources(rhs, batch, few.sources);
  int64_t accumulators = c.spec.vectorRegisters / 2, most = llvm::divideCeil(sizeN, lanes);
  // One row that is as wide as the tile is walked through at once.
  auto vectorsOf = [&](int64_t rows) {
    return std::max<int64_t>(1, std::min<int64_t>(accumulators / rows, llvm::bit_floor(static_cast<uint64_t>(most))));
  };
  auto block = [&](Value row, Value from, Value to, int64_t rows) {
    fewRowsColumns(few, row, from, to, rows, vectorsOf(rows));
  };
  int64_t largest = std::min<int64_t>(mostFewRows, llvm::bit_floor(static_cast<uint64_t>(std::max<int64_t>(sizeM, 1))));
  auto allRows = [&](Value from, Value to) {
    Value start = c.index(0);
    for (int64_t rows = largest;; rows /= 2) {
      Value end = c.add(start, c.roundDown(c.sub(extentM, start), rows));
      e.loop(start, end, rows, [&](Value row) { block(row, from, to, rows); });
      start = end;
      if (rows == 1)
        return;
    }
  };
  if (vectorsOf(largest) >= most)
    return allRows(c.index(0), extentK);
  e.loop(c.index(0), extentK, blockRows,
         [&](Value from) { allRows(from, c.minS(c.addConst(from, blockRows), extentK)); });
}
