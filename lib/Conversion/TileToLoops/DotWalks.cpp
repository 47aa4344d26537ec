//===- DotWalks.cpp - lines that micro-kernels fetch as they go ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// While a tile is multiplied the next tiles of its operands are fetched. Where the last cache is far away, lines that
// are asked for all at once keep what the micro-kernel itself waits for from coming. So each micro-kernel walks along
// some of these lines and fetches one every few steps of the contraction. Of an array they are the lines of one row
// after the other, for rows that lie pages apart are best read one by one.

#include "Dot.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// The rows of an array's tile; not known where they are not contiguous.
DotLowering::Region DotLowering::regionOf(const Matrix &array, Type element, Value rows, int64_t columns) {
  if (!array.base)
    return {};
  // A power of two.
  int64_t shift = llvm::Log2_64_Ceil(llvm::divideCeil(columns * byteSize(element), lineBytes));
  Value lines = c.mulConst(rows, int64_t(1) << shift);
  return {array.base, c.mulConst(array.rowStride, byteSize(element)), c.index(shift), lines};
}

/// The region if a condition holds, and otherwise none of its lines.
DotLowering::Region DotLowering::onlyIf(Value condition, Region region) {
  if (region.base)
    region.lines = c.select(condition, region.lines, c.index(0));
  return region;
}

/// The next tile of an operand: where the worker keeps it, if it has packed it, and otherwise in its array.
DotLowering::Region DotLowering::nextRegion(const NextPacked &packed, int64_t bytes, const Region &array) {
  if (!packed.base)
    return array;
  Value lines = c.index(bytes / lineBytes);
  Region kept{packed.base, c.index(lineBytes), c.index(0), lines};
  if (!array.base)
    return onlyIf(packed.isPacked, kept);
  auto either = [&](Value x, Value y) { return c.select(packed.isPacked, x, y); };
  return {either(kept.base, array.base), either(kept.step, array.step), either(kept.shift, array.shift),
          either(kept.lines, array.lines)};
}

/// Finds what micro-kernels of elements fetch, after `lookAhead`.
void DotLowering::findRegions() {
  if (!c.spec.farLastCache || instruction)
    return;
  Type left = storageType(getElementTypeOrSelf(lhs)), right = storageType(getElementTypeOrSelf(rhs));
  Region lefts = nextRegion(nextLeft, placeBytes(/*isLeft=*/true),
                            onlyIf(ahead->isMore, regionOf(ahead->left, left, extentM, sizeK)));
  Region rights = nextRegion(nextRight, placeBytes(/*isLeft=*/false),
                             onlyIf(ahead->isMore, regionOf(ahead->right, right, extentK, sizeN)));
  for (const Region &region : {lefts, rights})
    if (region.base)
      ahead->regions.push_back(region);
}

/// What the micro-kernel of a block of rows and a panel of columns fetches; of what does not lie in a region, a line of
/// the sums.
DotLowering::Walk DotLowering::walkOf(Value row, Value column, Value sums) {
  Value blocks = c.maxS(c.op<arith::DivUIOp>(extentM, c.index(kernel.rows)), c.index(1));
  Value panel = c.op<arith::DivUIOp>(column, c.index(kernel.vectors * lanes));
  Value number = c.add(c.mul(panel, blocks), c.op<arith::DivUIOp>(row, c.index(kernel.rows)));
  Value first = c.mul(number, c.lshr(groupCount, llvm::Log2_64(stepsOfLine)));
  Walk walk{{sums, c.index(0), c.index(0), {}}, c.index(0)};
  for (const Region &region : ahead->regions) {
    Value isInside = c.cmp(arith::CmpIPredicate::ult, first, region.lines);
    walk.first = c.select(isInside, first, walk.first);
    walk.region.base = c.select(isInside, region.base, walk.region.base);
    walk.region.step = c.select(isInside, region.step, walk.region.step);
    walk.region.shift = c.select(isInside, region.shift, walk.region.shift);
    first = c.sub(first, region.lines);
  }
  return walk;
}

/// Fetches the line on the way that a step of the contraction begins with.
void DotLowering::fetchOnWalk(const Walk &walk, Value step) {
  const Region &region = walk.region;
  Value line = c.add(walk.first, c.lshr(step, llvm::Log2_64(stepsOfLine)));
  Value row = c.op<arith::ShRUIOp>(line, region.shift);
  Value inRow = c.sub(line, c.op<arith::ShLIOp>(row, region.shift));
  fetch(c.gep(region.base, c.i8(), c.add(c.mul(row, region.step), c.mulConst(inRow, lineBytes))), /*isWritten=*/false);
}
