//===- DotKernel.cpp - the product of packed operands ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Micro-kernels over the accumulator tile: panels of columns outside, so that a panel stays in the first cache, and
// blocks of rows inside.

#include "Dot.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

Value DotLowering::multiplyAdd(Value x, Value y, Value sum) {
  if (!isa<FloatType>(sumType))
    return c.add(sum, c.mul(x, y));
  return c.contract ? c.fma(x, y, sum) : c.addF(c.mulF(x, y), sum);
}

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

void DotLowering::multiply(const Matrix &left, Value panels, Value accumulators) {
  int64_t width = kernel.vectors * lanes;
  Value end = c.roundUp(extentN, lanes), whole = c.roundDown(extentN, width);
  auto columns = [&](Value from, Value to, int64_t vectors) {
    e.loop(from, to, vectors * lanes, [&](Value column) {
      Panel panel{panelAddress(panels, c.index(0), column), c.index(width)};
      rowBlocks(left, panel, accumulators, column, vectors);
    });
  };
  if (kernel.vectors == 1)
    return columns(c.index(0), end, 1);
  columns(c.index(0), whole, kernel.vectors);
  columns(whole, end, 1);
}
