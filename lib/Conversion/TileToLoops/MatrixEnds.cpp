//===- MatrixEnds.cpp - where sums of matrix registers begin and end ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registers are stored by whole vectors, and not past the caches. So a block of the last sums goes from registers to the
// array, or by way of scratch: if it is large enough to pass by the caches, if its last vector is a part of one, or if
// vectors have added the sums.

#include "Dot.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

/// Whether the sums are zeros that scratch does not hold; null if that is never so.
Value DotLowering::areSumsZero() const {
  if (!matrices || !ends.isFirst)
    return {};
  Value scalar = ends.initial.getDefiningOp<tile::FullOp>().getScalar();
  return matchPattern(scalar, m_Zero()) || matchPattern(scalar, m_PosZeroFloat()) ? ends.isFirst : Value();
}

/// Follows whether all that was added to sums that began as zeros was in the range that registers can be used for.
void DotLowering::followSumsInRange() {
  sumsInRange = {};
  if (!sumsInRangeAt)
    return;
  sumsInRange = c.bitOr(areSumsZero(), c.cmpConst(CmpIPredicate::ne, c.load(c.i8(), sumsInRangeAt), 0));
  c.store(c.resize(c.bitAnd(sumsInRange, operandsInRange), c.i8()), sumsInRangeAt);
}

void DotLowering::eachVector(const MatrixBlock &block, llvm::function_ref<void(Value row, Value column)> body) {
  e.loop(block.row, c.add(block.row, block.rowCount), 1, [&](Value row) {
    for (int64_t v = 0; v < block.vectors; ++v)
      body(row, c.addConst(block.column, v * lanes));
  });
}

/// Writes zeros to a block of accumulators.
void DotLowering::zeroBlock(const Matrix &accumulators, const MatrixBlock &block) {
  Value zeros = c.zeroLike(VectorType::get({lanes}, sumType));
  eachVector(block, [&](Value row, Value column) { c.store(zeros, sumAddress(accumulators, row, column)); });
}

/// Whether all vectors of a block are whole ones.
Value DotLowering::isWhole(const MatrixBlock &block) {
  return c.cmp(CmpIPredicate::sle, c.addConst(block.column, block.vectors * lanes), extentN);
}

/// Whether the sums of a block go from registers to the array; null if they never do.
Value DotLowering::storesBlock(const MatrixBlock &block) {
  if (!ends.isLast)
    return {};
  Value isStored = c.bitAnd(ends.isLast, isWhole(block));
  return ends.isStreamed ? c.bitAnd(isStored, c.bitXor(ends.isStreamed, c.intLike(c.i1(), 1))) : isStored;
}

/// Stores a block of the last sums from scratch to the array, unless `isStored`.
void DotLowering::storeBlock(const Matrix &accumulators, const MatrixBlock &block, Value isStored) {
  if (!ends.isLast)
    return;
  int64_t bytes = byteSize(sumType);
  Type vector = VectorType::get({lanes}, sumType);
  auto copy = [&](bool streams) {
    eachVector(block, [&](Value row, Value column) {
      Value sum = c.load(vector, sumAddress(accumulators, row, column)), to = sumAddress(ends.result, row, column);
      if (streams)
        LLVM::StoreOp::create(c.b, c.loc, sum, to, lanes * bytes, /*isVolatile=*/false, /*isNonTemporal=*/true);
      else
        LLVM::MaskedStoreOp::create(c.b, c.loc, sum, to, maskOf(column), c.b.getI32IntegerAttr(bytes));
    });
  };
  e.guarded(c.bitAnd(ends.isLast, c.bitXor(isStored, c.intLike(c.i1(), 1))), {}, [&] {
    if (!ends.isStreamed) {
      copy(/*streams=*/false);
      return Value();
    }
    e.either(c.bitAnd(ends.isStreamed, isWhole(block)), [&] { copy(/*streams=*/true); }, [&] { copy(/*streams=*/false); });
    return Value();
  });
}
