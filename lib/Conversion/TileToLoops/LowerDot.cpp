//===- LowerDot.cpp - contractions ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order of a contraction's steps; Dot.h says what they are.

#include "Dot.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

DotLowering::DotLowering(Emitter &emitter, Operation *op) : e(emitter), c(emitter.c), op(op) {
  if (auto dot = dyn_cast<tile::DotOp>(op)) {
    lhs = dot.getLhs(), rhs = dot.getRhs(), acc = dot.getAcc(), over = dot.getOver();
    lhsUnsigned = dot.getLhsUnsigned(), rhsUnsigned = dot.getRhsUnsigned();
  } else {
    auto scaled = cast<tile::DotScaledOp>(op);
    lhs = scaled.getLhs(), rhs = scaled.getRhs(), acc = scaled.getAcc(), over = scaled.getOver();
    lhsScale = scaled.getLhsScale(), rhsScale = scaled.getRhsScale();
  }
  result = op->getResult(0);
  RankedTensorType type = tileType(result);
  rank = type.getRank();
  sumType = type.getElementType();
  sizeM = type.getDimSize(rank - 2), sizeN = type.getDimSize(rank - 1);
  sizeK = tileType(lhs).getDimSize(rank - 1);
  lanes = sizeN == 1 ? 1 : c.spec.lanes(byteSize(sumType));
  chooseInstruction();
  // Whole registers of the right operand.
  if (!ShapedType::isDynamic(sizeK))
    groups = llvm::alignTo(llvm::divideCeil(sizeK, depth), matrices ? matrices->rows : 1);
  kernel = chooseMicroKernel(c.spec.vectorRegisters, sizeM, llvm::divideCeil(std::max<int64_t>(sizeN, 1), lanes));
  if (matrices)
    kernel.rows = 2 * matrices->rows;
}

/// Whether the accumulator can be computed in `buffer`, which the loop around carries: nobody reads its old value after
/// the dot, and the dot itself only element by element.
bool DotLowering::mayReuse(const Buffer &buffer) {
  using Reads = Emitter::Reads;
  if (e.reads(acc, buffer) == Reads::Anywhere)
    return false;
  for (Value operand : {lhs, rhs, lhsScale, rhsScale})
    if (operand && e.reads(operand, buffer) != Reads::Nothing)
      return false;
  for (Operation *after = op->getNextNode(); after; after = after->getNextNode()) {
    bool readsLater = false;
    after->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        readsLater |= operand != result && tileType(operand) && e.reads(operand, buffer) != Reads::Nothing;
    });
    if (readsLater)
      return false;
  }
  return true;
}

Buffer DotLowering::chooseAccumulator() {
  auto loop = dyn_cast<scf::ForOp>(op->getParentOp());
  if (loop)
    for (OpOperand &use : result.getUses())
      if (use.getOwner() == loop.getBody()->getTerminator()) {
        Buffer carried = e.frame.buffers.find(loop.getRegionIterArg(use.getOperandNumber()))->second;
        if (mayReuse(carried))
          return carried;
      }
  return e.allocate(tileType(result));
}

Value DotLowering::shareable(Type result, llvm::function_ref<Value()> code) {
  return isOneOfSeveral() ? e.shareable(result, code) : code();
}

void DotLowering::shareable(llvm::function_ref<void()> code) {
  shareable({}, [&] {
    code();
    return Value();
  });
}

void DotLowering::emit() {
  Buffer sums = chooseAccumulator();
  int64_t afterSums = e.scratchUsed;
  auto known = e.frame.buffers.find(acc);
  SmallVector<Value> counts = e.extents(result);
  bool beginsAsFull = isFull();
  if (known == e.frame.buffers.end() && !beginsAsFull)
    e.materialise(acc, sums);
  else if (known != e.frame.buffers.end() && known->second.base != sums.base)
    e.copy(known->second, sums, counts, tileType(result));
  e.frame.buffers[result] = sums;
  sumStride = sums.strides[rank - 2];
  extentM = counts[rank - 2], extentN = counts[rank - 1], extentK = e.extentOf(over);
  if (ShapedType::isDynamic(sizeK)) {
    (void)e.plan.reportUnknownDim(lhs);
    e.failed = true;
    return;
  }
  if (beginsAsFull)
    ends.isFirst = c.intLike(c.i1(), 1), ends.initial = acc;
  else
    findEnds();
  groupCount = depth == 1 ? extentK : c.op<arith::DivUIOp>(c.addConst(extentK, depth - 1), c.index(depth));
  bool isFewOnly = hasFewRowsOnly();
  bool leftInPlace = isDirect(lhs), leftInBlocks = packsLeftBlocks(), gathersLeft = !leftInPlace && gathersRows(lhs);
  Buffer leftBuffer;
  Value rowOffsets;
  if (isFewOnly)
    leftInBlocks = false;
  else if (gathersLeft)
    rowOffsets = e.allocateBytes(sizeM * byteSize(c.i64()));
  else if (leftInBlocks || !leftInPlace)
    leftBuffer = e.allocate(leftType());
  Value panels;
  if (!isFewOnly)
    panels = e.allocate(RankedTensorType::get({rightElements()}, groupType)).base;
  FewRowsLimit limit = fewRowsLimit();
  bool hasFewRows = limit.rows > 0;
  int64_t tiles = hasFewRows ? tilesAtOnce() : 1;
  Buffer fewRowsBuffer;
  if (hasFewRows && !leftInPlace && !takesMatrixRows()) {
    // bf16 may be packed by groups or widened, which takes more.
    bool byGroups = !isa<FloatType>(sumType);
    int64_t elements = tiles * sizeK, wholeVectors = llvm::alignTo(llvm::divideCeil(elements, depth), lanes);
    fewRowsBuffer = e.allocate(RankedTensorType::get(
        {std::min(sizeM, mostFewRowsOfVectors), byGroups ? wholeVectors : std::max(elements, wholeVectors)},
        byGroups ? groupType : sumType));
  }
  if (areSumsZero() && isInMatrixOrder())
    sumsInRangeAt = c.stackRoom(c.i8(), 1);
  Emitter::Root root(e);
  SmallVector<Value> batch;
  auto multiplyBatch = [&] {
    Value offset = c.index(0);
    for (auto [position, index] : llvm::enumerate(batch))
      offset = c.add(offset, c.mulConst(index, sums.strides[position]));
    Value accumulators = c.gep(sums.base, sumType, offset);
    auto fillFirst = [&] {
      if (ends.isFirst)
        e.guarded(ends.isFirst, {}, [&] {
          e.materialise(ends.initial, sums);
          return Value();
        });
    };
    auto multiplyPacked = [&] {
      Emitter::Root inner(e);
      if (matrices && !areSumsZero())
        fillFirst();
      Matrix left = leftInBlocks  ? placeLeftBlocks(batch, leftBuffer.base)
                    : leftInPlace ? direct(lhs, batch)
                    : gathersLeft ? gathered(lhs, rowOffsets)
                                  : placeLeft(batch, leftBuffer);
      Right right = placeRight(batch, panels);
      lookAhead(batch);
      shareable([&] {
        if (matrices)
          multiplyByMatrices(left, right, {accumulators, c.index(sumStride), c.index(1)});
        else
          multiply(left, right, accumulators);
      });
    };
    if (!hasFewRows)
      return multiplyPacked();
    Value isFew = c.cmpConst(arith::CmpIPredicate::sge, extentN, lanes);
    if (!isFewOnly)
      isFew = c.bitAnd(c.bitAnd(c.cmpConst(arith::CmpIPredicate::sge, extentM, 1),
                                c.cmp(arith::CmpIPredicate::sle, extentM, e.mostFewRows(limit, ends.loop, extentK))),
                       isFew);
    auto branch = scf::IfOp::create(c.b, c.loc, isFew, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(c.b);
    c.b.setInsertionPointToStart(branch.thenBlock());
    fillFirst();
    takeTiles(tiles, [&] { multiplyFewRows(batch, fewRowsBuffer, accumulators); });
    c.b.setInsertionPointToStart(branch.elseBlock());
    if (!isFewOnly)
      return multiplyPacked();
    fillFirst();
    multiplyElements(batch, accumulators);
  };
  std::function<void(int64_t)> descend = [&](int64_t dim) {
    if (dim < rank - 2) {
      e.loop(c.index(0), counts[dim], 1, [&](Value iv) {
        batch.push_back(iv);
        descend(dim + 1);
        batch.pop_back();
      });
      return;
    }
    shareable(multiplyBatch);
  };
  descend(0);
  // Packed operands are of no use any more.
  e.scratchUsed = afterSums;
}

void Emitter::emitDot(Operation *op) { DotLowering(*this, op).emit(); }
