//===- DotKernel.cpp - the product of packed operands ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Micro-kernels over the accumulator tile: panels of columns outside, so that a panel stays in the first cache, and
// blocks of rows inside.

#include "Dot.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

Value DotLowering::multiplyAdd(Value x, Value y, Value sum) {
  if (!isa<FloatType>(sumType))
    return c.add(sum, c.mul(x, y));
  return c.contract ? c.fma(x, y, sum) : c.addF(c.mulF(x, y), sum);
}

//===----------------------------------------------------------------------===//
// What comes next
//===----------------------------------------------------------------------===//

void DotLowering::lookAhead(const Matrix &left, bool leftInPlace, const Right &right) {
  ahead.reset();
  auto range = over.getDefiningOp<tile::RangeOp>();
  if (!range || !right.packFrom || !rhs.getDefiningOp<tile::LoadOp>())
    return;
  Value next = c.addConst(e.frame.ranges.lookup(over).begin, sizeK);
  Value isMore = c.cmp(arith::CmpIPredicate::slt, next, e.scalar(range.getEnd()));
  Value blocks = c.maxS(c.op<arith::DivUIOp>(extentM, c.index(kernel.rows)), c.index(1));
  Value nextRight = c.gep(right.array.base, sumType, c.mulConst(right.array.rowStride, sizeK));
  ahead = {c.select(isMore, nextRight, right.panels), c.select(isMore, right.array.rowStride, c.index(0)), Value(),
           c.op<arith::DivUIOp>(c.addConst(blocks, sizeK - 1), blocks)};
  if (leftInPlace && lhs.getDefiningOp<tile::LoadOp>() && matchPattern(left.columnStride, m_One()))
    ahead->leftStep = c.select(isMore, c.index(sizeK), c.index(0));
}

/// A block of rows and a panel of columns fetch their share of the next tiles.
void DotLowering::fetchAhead(ArrayRef<Value> leftRows, Value row, Value column) {
  constexpr int64_t lineBytes = 64;
  int64_t perLine = lineBytes / byteSize(sumType), width = kernel.vectors * lanes;
  auto fetch = [&](Value base, Value offset) {
    LLVM::Prefetch::create(c.b, c.loc, c.gep(base, sumType, offset), /*rw=*/0, /*hint=*/2, /*cache=*/1);
  };
  Value from = c.mul(c.op<arith::DivUIOp>(row, c.index(kernel.rows)), ahead->rowsPerBlock);
  Value to = c.minS(c.add(from, ahead->rowsPerBlock), c.index(sizeK));
  e.loop(from, to, 1, [&](Value k) {
    Value start = c.add(c.mul(k, ahead->rowStride), column);
    for (int64_t at = 0; at < width; at += perLine)
      fetch(ahead->right, c.addConst(start, at));
  });
  if (!ahead->leftStep)
    return;
  // As many lines of each row as the panels have to share.
  int64_t panelCount = std::max<int64_t>(1, sizeN / width), lines = llvm::divideCeil(sizeK, panelCount * perLine);
  Value start = c.add(ahead->leftStep, c.mulConst(c.op<arith::DivUIOp>(column, c.index(width)), lines * perLine));
  for (Value leftRow : leftRows)
    for (int64_t line = 0; line < lines; ++line)
      fetch(leftRow, c.addConst(start, line * perLine));
}

//===----------------------------------------------------------------------===//
// Micro-kernels
//===----------------------------------------------------------------------===//

void DotLowering::microKernel(const Matrix &left, const Panel &panel, Value accumulators, Value row, Value column,
                              int64_t rows, int64_t vectors) {
  Type vectorType = VectorType::get({lanes}, sumType);
  auto sumAddress = [&](int64_t r, int64_t v) {
    Value offset = c.add(c.mulConst(c.addConst(row, r), sumStride), c.addConst(column, v * lanes));
    return c.gep(accumulators, sumType, offset);
  };
  SmallVector<Value> addresses, sums;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v) {
      addresses.push_back(sumAddress(r, v));
      sums.push_back(c.load(vectorType, addresses.back()));
    }
  SmallVector<Value> rowBases;
  for (int64_t r = 0; r < rows; ++r)
    rowBases.push_back(c.gep(left.base, sumType, c.mul(c.addConst(row, r), left.rowStride)));
  if (ahead && rows == kernel.rows && vectors == kernel.vectors)
    fetchAhead(rowBases, row, column);
  SmallVector<Value> done = e.carriedLoop(c.index(0), extentK, 1, sums, [&](Value k, ValueRange carried) {
    SmallVector<Value> y, next(carried);
    Value rightRow = c.gep(panel.base, sumType, c.mul(k, panel.rowStride));
    for (int64_t v = 0; v < vectors; ++v)
      y.push_back(c.load(vectorType, c.gep(rightRow, sumType, c.index(v * lanes))));
    Value leftOffset = c.mul(k, left.columnStride);
    for (int64_t r = 0; r < rows; ++r) {
      Value x = c.load(sumType, c.gep(rowBases[r], sumType, leftOffset));
      Value all = vector::BroadcastOp::create(c.b, c.loc, cast<VectorType>(vectorType), x);
      for (int64_t v = 0; v < vectors; ++v)
        next[r * vectors + v] = multiplyAdd(all, y[v], next[r * vectors + v]);
    }
    return next;
  });
  for (auto [value, address] : llvm::zip_equal(done, addresses))
    c.store(value, address);
}

/// All rows of some columns. The rows that are left by the largest micro-kernel are taken by smaller ones, halved.
void DotLowering::rowBlocks(const Matrix &left, const Panel &panel, Value accumulators, Value column, int64_t vectors) {
  Value from = c.index(0);
  for (int64_t rows = kernel.rows;; rows = llvm::bit_floor(static_cast<uint64_t>(rows - 1))) {
    Value count = c.op<arith::DivUIOp>(c.sub(extentM, from), c.index(rows));
    Value to = c.add(from, c.mulConst(count, rows));
    e.loop(from, to, rows, [&](Value row) { microKernel(left, panel, accumulators, row, column, rows, vectors); });
    from = to;
    if (rows == 1)
      return;
  }
}

DotLowering::Panel DotLowering::panelAt(const Right &right, Value column) {
  Panel packed{panelAddress(right.panels, c.index(0), column), c.index(kernel.vectors * lanes)};
  if (!right.packFrom)
    return packed;
  Value isPacked = c.cmp(arith::CmpIPredicate::sge, column, right.packFrom);
  return {c.select(isPacked, packed.base, c.gep(right.array.base, sumType, column)),
          c.select(isPacked, packed.rowStride, right.array.rowStride)};
}

void DotLowering::multiply(const Matrix &left, const Right &right, Value accumulators) {
  Value end = c.roundUp(extentN, lanes), whole = c.roundDown(extentN, kernel.vectors * lanes);
  auto columns = [&](Value from, Value to, int64_t vectors) {
    e.loop(from, to, vectors * lanes,
           [&](Value column) { rowBlocks(left, panelAt(right, column), accumulators, column, vectors); });
  };
  if (kernel.vectors == 1)
    return columns(c.index(0), end, 1);
  columns(c.index(0), whole, kernel.vectors);
  columns(whole, end, 1);
}
