//===- Extremes.cpp - the largest and smallest of many floats ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Extremes.h"

#include "Elements.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpFPredicate;

std::optional<Extreme> Extreme::of(tile::ReduceOp op) {
  Block &block = op.getCombine().front();
  if (op.getTiles().size() != 1 || !llvm::hasSingleElement(block.without_terminator()) ||
      !carrierType(getElementTypeOrSelf(op.getTiles().front())).isF32())
    return std::nullopt;
  Operation &combine = block.front();
  bool isLargest = isa<arith::MaximumFOp>(combine);
  if ((!isLargest && !isa<arith::MinimumFOp>(combine)) ||
      block.getTerminator()->getOperand(0) != combine.getResult(0) || combine.getOperand(0) == combine.getOperand(1) ||
      !llvm::all_of(combine.getOperands(), [&](Value operand) { return operand.getParentBlock() == &block; }))
    return std::nullopt;
  return Extreme(isLargest);
}

SmallVector<Value> Extreme::of(Code &c, Value x) { return SmallVector<Value>(count, c.bitcast(x, c.i32())); }

SmallVector<Value> Extreme::merge(Code &c, ValueRange one, ValueRange other) {
  return {c.maxS(one[0], other[0]), c.op<arith::MinUIOp>(one[1], other[1]), c.op<arith::MaxUIOp>(one[2], other[2])};
}

/// The largest: if any element is positive, the largest signed integer, which is a NaN if there is a positive one;
/// otherwise the smallest unsigned one, which is nearest to zero. Compared as floats, the right one of both is never
/// the smaller one. The largest unsigned integer is a NaN if there is a negative one. The smallest: likewise.
Value Extreme::finish(Code &c, ValueRange extreme) const {
  auto asFloat = [&](unsigned at) { return c.bitcast(extreme[at], c.f32()); };
  // What is compared second stays where the comparison is false, as with NaN.
  Value most = asFloat(0), nearest = asFloat(1), last = asFloat(2);
  auto isNaN = [&](Value x) { return c.cmpF(CmpFPredicate::UNO, x, x); };
  if (isLargest) {
    Value largest = c.select(c.cmpF(CmpFPredicate::OGT, nearest, most), nearest, most);
    return c.select(isNaN(last), last, largest);
  }
  Value smallest = c.select(c.cmpF(CmpFPredicate::OLT, nearest, last), nearest, last);
  return c.select(isNaN(most), most, smallest);
}
