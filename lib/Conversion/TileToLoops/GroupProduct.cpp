//===- GroupProduct.cpp - products of groups of elements ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an instruction that multiplies groups computes, and when it may be used. Of bf16 it takes what is subnormal for
// zero, which a kernel must not: it is used where nothing can be subnormal. The nonzero elements of both operands are
// at least 2^-56, hence multiples of 2^-63, hence all products and sums multiples of 2^-126: none is subnormal. They
// are less than 2^63, so that no product overflows, which fused or not would be different things. Elsewhere the same
// groups are multiplied in f32, in the same order: results do not depend on which of the two was done.

#include "Dot.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using Operands = DotInstruction::Operands;
using arith::CmpIPredicate;

/// The bits of 2^-56 and 2^63 as bf16, and of 2^61: matrix registers add up to 16 products apart, and then those of two
/// such chains, which are less than 2^127 so.
static constexpr int64_t leastBits = (127 - 56) << 7, endBits = (127 + 63) << 7, matrixEndBits = (127 + 61) << 7;

/// The exponent of the smallest f32 whose last bit is worth 2^-126 or more.
static constexpr int64_t leastSumExponent = 127 - 126 + 23;

/// Multiplies groups and adds their products to the sums: those of the left operand by those of the right one.
Value DotLowering::multiplyAddGroups(Value x, Value y, Value sum) {
  // The instruction's first operand is the one without sign.
  bool isSwapped = instruction->operands == Operands::U8AndS8 && rhsUnsigned;
  return isSwapped ? multiplyAddInOrder(y, x, sum) : multiplyAddInOrder(x, y, sum);
}

/// The same in the order of the instruction's operands.
Value DotLowering::multiplyAddInOrder(Value first, Value second, Value sum) {
  bool isBF16 = instruction->operands == Operands::BF16;
  Type element = isBF16 ? c.b.getBF16Type() : packedType;
  auto type = VectorType::get({lanes * depth}, element);
  SmallVector<Value> operands;
  if (instruction->takesSums)
    operands.push_back(sum);
  for (Value operand : {first, second})
    operands.push_back(vector::BitCastOp::create(c.b, c.loc, type, operand));
  Value result =
      LLVM::CallIntrinsicOp::create(c.b, c.loc, sum.getType(), c.b.getStringAttr(instruction->intrinsic), operands)
          .getResult(0);
  return instruction->takesSums ? result : c.add(result, sum);
}

/// Multiplies groups of two bf16 in f32, the upper half first.
Value DotLowering::multiplyAddHalves(Value x, Value y, Value sum) {
  auto upper = [&](Value groups) { return c.bitcast(c.andConst(groups, -0x10000), c.f32()); };
  auto lower = [&](Value groups) { return c.bitcast(c.shl(groups, 16), c.f32()); };
  return multiplyAdd(lower(x), lower(y), multiplyAdd(upper(x), upper(y), sum));
}

/// Follows the extremes of the magnitudes of bf16: the largest, and the smallest minus one, where zero counts as the
/// largest number.
SmallVector<Value> DotLowering::followMagnitudes(Value elements, ValueRange extremes) {
  Value magnitude = c.andConst(elements, 0x7fff);
  return {c.op<arith::MaxUIOp>(extremes[0], magnitude), c.op<arith::MinUIOp>(extremes[1], c.addConst(magnitude, -1))};
}

/// Whether the extremes are in the range that the instruction can be used for.
Value DotLowering::isInRange(ValueRange extremes) {
  Value isTooLarge = c.cmpConst(CmpIPredicate::uge, extremes[0], matrices ? matrixEndBits : endBits);
  Value isTooSmall = c.cmpConst(CmpIPredicate::ult, extremes[1], leastBits - 1);
  Value any = vector::ReductionOp::create(c.b, c.loc, vector::CombiningKind::OR, c.bitOr(isTooLarge, isTooSmall));
  return c.bitXor(any, c.intLike(c.i1(), 1));
}

/// The extremes of no elements.
SmallVector<Value> DotLowering::initialExtremes() {
  Type type = VectorType::get({lanes * depth}, packedType);
  return {c.intLike(type, 0), c.intLike(type, -1)};
}

/// Follows the extremes of a vector of groups.
SmallVector<Value> DotLowering::followPairs(Value groups, ValueRange extremes) {
  return followMagnitudes(vector::BitCastOp::create(c.b, c.loc, extremes[0].getType(), groups), extremes);
}

/// Packs an operand. Of bf16 the extremes are followed on the way, in memory that becomes registers; the result is
/// whether they are in the range that the instruction can be used for, and null for other types.
Value DotLowering::surveyed(llvm::function_ref<void()> pack) {
  if (!instruction || instruction->operands != Operands::BF16) {
    shareable(pack);
    return {};
  }
  return shareable(c.i1(), [&] {
    Type type = VectorType::get({lanes * depth}, packedType);
    for (int i = 0; i < 2; ++i)
      extremesAt.push_back(c.stackRoom(type, 1));
    for (auto [address, value] : llvm::zip_equal(extremesAt, initialExtremes()))
      c.store(value, address);
    pack();
    Value inRange = isInRange({c.load(type, extremesAt[0]), c.load(type, extremesAt[1])});
    extremesAt.clear();
    return inRange;
  });
}

/// Looks at bf16 that are packed: elements, vectors of them, or of groups.
void DotLowering::followPacked(Value elements) {
  if (extremesAt.empty())
    return;
  auto type = VectorType::get({lanes * depth}, packedType);
  if (Code::lanes(elements) && getElementTypeOrSelf(elements) == groupType)
    elements =
        vector::BitCastOp::create(c.b, c.loc, VectorType::get({Code::lanes(elements) * depth}, packedType), elements);
  elements = c.splat(elements, std::max<int64_t>(Code::lanes(elements), 1));
  int64_t count = Code::lanes(elements);
  // Those of a part of a vector again and again, and those of more than one by halves.
  for (int64_t first = 0; first < count; first += type.getNumElements()) {
    SmallVector<int64_t> mask;
    for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
      mask.push_back(first + lane % std::min(count, type.getNumElements()));
    Value part = count == type.getNumElements() ? elements : c.shuffle(elements, elements, mask);
    SmallVector<Value> extremes{c.load(type, extremesAt[0]), c.load(type, extremesAt[1])};
    for (auto [address, value] : llvm::zip_equal(extremesAt, followMagnitudes(part, extremes)))
      c.store(value, address);
  }
}

/// Whether the sums of `vectors` vectors of columns, with which this tile of the contraction begins, are in range.
Value DotLowering::arePanelSumsInRange(Value accumulators, Value column, int64_t vectors) {
  Value least = c.intLike(VectorType::get({lanes}, c.i32()), -1), count = extentM;
  if (ends.isFirst) {
    // Nothing is in memory yet.
    Value initial = c.splat(e.scalar(ends.initial.getDefiningOp<tile::FullOp>().getScalar()), lanes);
    least = c.select(ends.isFirst, followSum({}, initial), least);
    count = c.select(ends.isFirst, c.index(0), count);
  }
  MatrixBlock block{c.index(0), count, column, /*halves=*/1, vectors, {}};
  return isLeastInRange(followStoredSums(least, {accumulators, c.index(sumStride), c.index(1)}, block));
}

DotLowering::PanelFacts DotLowering::surveyPanel(const Panel &panel, Value accumulators, Value column,
                                                 int64_t vectors) {
  PanelFacts facts;
  if (instruction && instruction->operands == Operands::BF16)
    facts.isInRange = e.guarded(operandsInRange, c.intLike(c.i1(), 0),
                                [&] { return arePanelSumsInRange(accumulators, column, vectors); });
  bool isCorrected = instruction && instruction->operands == Operands::U8AndS8 && lhsUnsigned == rhsUnsigned;
  if (!isCorrected)
    return facts;
  auto address = [&](Value group, int64_t v) {
    return c.gep(panel.base, groupType, c.addConst(c.mul(group, panel.rowStride), v * lanes));
  };
  // Left bytes with sign were packed 128 too large, those without are packed as numbers that are 128 too small.
  Type sums = VectorType::get({lanes}, sumType), bytes = VectorType::get({lanes * depth}, packedType);
  Value ones = vector::BitCastOp::create(c.b, c.loc, VectorType::get({lanes}, groupType), c.intLike(bytes, 1));
  SmallVector<Value> columnSums = e.carriedLoop(
      c.index(0), groupCount, 1, SmallVector<Value>(vectors, c.zeroLike(sums)), [&](Value group, ValueRange carried) {
        SmallVector<Value> next(carried);
        for (int64_t v = 0; v < vectors; ++v)
          next[v] = multiplyAddGroups(ones, c.load(VectorType::get({lanes}, groupType), address(group, v)), next[v]);
        return next;
      });
  for (Value sum : columnSums)
    facts.correction.push_back(c.mulConst(sum, rhsUnsigned ? 128 : -128));
  return facts;
}

/// Follows the smallest magnitude of sums but zero; `least` may be null.
Value DotLowering::followSum(Value least, Value sum) {
  // Without sign, minus one: zero becomes the largest number.
  Value rest = c.addConst(c.shl(c.bitcast(sum, c.i32()), 1), -1);
  return least ? c.op<arith::MinUIOp>(least, rest) : rest;
}

/// The same of a block of sums in memory.
Value DotLowering::followStoredSums(Value least, const Matrix &sums, const MatrixBlock &block) {
  Type vector = VectorType::get({lanes}, sumType);
  return e.carriedLoop(block.row, c.add(block.row, block.rowCount), 1, least, [&](Value row, ValueRange carried) {
    Value next = carried[0];
    for (int64_t v = 0; v < block.vectors; ++v)
      next = followSum(next, c.load(vector, sumAddress(sums, row, c.addConst(block.column, v * lanes))));
    return SmallVector<Value>{next};
  })[0];
}

/// Whether all sums are zero or have no bits below 2^-126.
Value DotLowering::areSumsInRange(ValueRange sums) {
  Value least;
  for (Value sum : sums)
    least = followSum(least, sum);
  return isLeastInRange(least);
}

/// The same of what followSum() found.
Value DotLowering::isLeastInRange(Value least) {
  Value isOutside = c.cmpConst(CmpIPredicate::ult, least, (leastSumExponent << 24) - 1);
  Value any = vector::ReductionOp::create(c.b, c.loc, vector::CombiningKind::OR, isOutside);
  return c.bitXor(any, c.intLike(c.i1(), 1));
}
