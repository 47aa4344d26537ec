//===- LowerDot.cpp - contractions ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A contraction runs in two steps for each batch. First the right operand is packed: converted to the accumulator's type,
// row by row, with zeros in the lanes outside; so is the left one, unless its elements can be read where they are. Then a
// kernel of rows x vectors of accumulators that stay in registers walks along the contraction. The accumulator tile lies
// in scratch, in place where the loop around carries it.

#include "EmitterImpl.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

namespace tilec::loops {

/// The lowering of one dot or dot_scaled.
class DotLowering {
public:
  DotLowering(Emitter &emitter, Operation *op);
  void emit();

private:
  /// An operand's element (row, column) is at base + row * rowStride + column * columnStride.
  struct Matrix {
    Value base;
    Value rowStride, columnStride;
  };

  Buffer chooseAccumulator();
  bool mayReuse(const Buffer &buffer);
  bool isDirect(Value tile) const;
  Matrix direct(Value tile, ArrayRef<Value> batch);
  Value operandElement(bool isLeft, ArrayRef<Index> at);
  Matrix packLeft(ArrayRef<Value> batch, const Buffer &buffer);
  Matrix packRight(ArrayRef<Value> batch, const Buffer &buffer);
  void multiply(const Matrix &left, const Matrix &right, Value accumulators);
  void microKernel(const Matrix &left, const Matrix &right, Value accumulators, Value row, Value column, int64_t rows,
                   int64_t vectors);
  Value multiplyAdd(Value x, Value y, Value sum);

  Emitter &e;
  Code &c;
  Operation *op;
  Value lhs, rhs, acc, result, over;
  Value lhsScale, rhsScale;
  bool lhsUnsigned = false, rhsUnsigned = false;
  Type sumType;
  int64_t rank, lanes, sizeM, sizeN, sizeK;
  Value extentM, extentN, extentK;
  int64_t rowsPerKernel, vectorsPerKernel;
  int64_t sumStride = 0;
};

} // namespace tilec::loops

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
  // As many accumulators as leave registers for a row of the right operand and one element of the left.
  bool hasMany = c.spec.vectorRegisters >= 32;
  vectorsPerKernel = std::min<int64_t>(2, llvm::divideCeil(sizeN, lanes));
  rowsPerKernel = hasMany ? 8 : 4;
  if (vectorsPerKernel == 1)
    rowsPerKernel *= 2;
  if (sizeM < rowsPerKernel)
    rowsPerKernel = std::max<int64_t>(1, sizeM);
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

/// Whether the operand's elements can be read where they are.
bool DotLowering::isDirect(Value tile) const {
  if (lhsScale || getElementTypeOrSelf(tile) != sumType)
    return false;
  if (e.frame.buffers.contains(tile))
    return true;
  if (auto permute = tile.getDefiningOp<tile::PermuteOp>(); permute && !e.plan.isKept(tile)) {
    ArrayRef<int64_t> order = permute.getOrder();
    for (int64_t dim = 0; dim < rank - 2; ++dim)
      if (order[dim] != dim)
        return false;
    return isDirect(permute.getSource());
  }
  auto load = tile.getDefiningOp<tile::LoadOp>();
  if (!load || e.plan.isKept(tile) || load.getMask())
    return false;
  return llvm::all_of(load.getSubscripts(), [](Value subscript) {
    return subscript.getType().isIndex() || isa<tile::RangeType>(subscript.getType());
  });
}

DotLowering::Matrix DotLowering::direct(Value tile, ArrayRef<Value> batch) {
  Type storage = storageType(sumType);
  if (auto it = e.frame.buffers.find(tile); it != e.frame.buffers.end()) {
    const Buffer &buffer = it->second;
    Value offset = c.index(0);
    for (auto [dim, index] : llvm::enumerate(batch))
      offset = c.add(offset, c.mulConst(index, buffer.strides[dim]));
    return {c.gep(buffer.base, storage, offset), c.index(buffer.strides[rank - 2]), c.index(buffer.strides[rank - 1])};
  }
  if (auto permute = tile.getDefiningOp<tile::PermuteOp>()) {
    Matrix source = direct(permute.getSource(), batch);
    if (permute.getOrder()[rank - 1] == rank - 2)
      std::swap(source.rowStride, source.columnStride);
    return source;
  }
  auto load = tile.getDefiningOp<tile::LoadOp>();
  const ArrayCode &array = e.frame.arrays.find(load.getArray())->second;
  Value offset = c.index(0);
  SmallVector<Value> strides;
  int64_t dim = 0;
  for (auto [subscript, stride] : llvm::zip_equal(load.getSubscripts(), array.strides)) {
    Value index;
    if (subscript.getType().isIndex()) {
      index = e.scalar(subscript);
    } else {
      index = e.frame.ranges.lookup(subscript).begin;
      if (dim < rank - 2)
        index = c.add(index, batch[dim]);
      strides.push_back(stride);
      ++dim;
    }
    offset = c.add(offset, c.mul(index, stride));
  }
  return {c.gep(array.base, storage, offset), strides[rank - 2], strides[rank - 1]};
}

/// An element of an operand in the accumulator's type, scaled.
Value DotLowering::operandElement(bool isLeft, ArrayRef<Index> at) {
  Value tile = isLeft ? lhs : rhs;
  Value value = convert(c, e.element(tile, at), getElementTypeOrSelf(tile), sumType, isLeft ? lhsUnsigned : rhsUnsigned,
                        false);
  Value scales = isLeft ? lhsScale : rhsScale;
  if (!scales)
    return value;
  SmallVector<Index> block(at);
  Index &k = block[isLeft ? rank - 1 : rank - 2];
  k = {c.lshr(k.base, 5), 0};
  Value exponent = c.resize(e.element(scales, block), c.i32(), true);
  // 2^(exponent - 127): the exponent's place is f32's, but for the smallest and the NaN.
  Type ints = exponent.getType();
  Value bits = c.shl(exponent, 23);
  bits = c.select(c.cmpConst(arith::CmpIPredicate::eq, exponent, 0), c.intLike(ints, 0x00400000), bits);
  bits = c.select(c.cmpConst(arith::CmpIPredicate::eq, exponent, 255), c.intLike(ints, 0x7fc00000), bits);
  Value scale = c.bitcast(bits, c.f32());
  return c.mulF(value, c.splat(scale, Code::lanes(value)));
}

static SmallVector<Index> batchIndices(ArrayRef<Value> batch, Index row, Index column) {
  SmallVector<Index> at;
  for (Value index : batch)
    at.push_back({index, 0});
  at.push_back(row);
  at.push_back(column);
  return at;
}

DotLowering::Matrix DotLowering::packLeft(ArrayRef<Value> batch, const Buffer &buffer) {
  int64_t width = e.chooseLanes({lhs, result}, sizeK);
  if (lhsScale)
    width = std::min<int64_t>(width, 32);
  e.forEach({extentM, extentK}, 1, width, [&](ArrayRef<Index> at) {
    e.storeBuffer(operandElement(true, batchIndices(batch, at[0], at[1])), buffer, at);
  });
  return {buffer.base, c.index(buffer.strides[0]), c.index(1)};
}

DotLowering::Matrix DotLowering::packRight(ArrayRef<Value> batch, const Buffer &buffer) {
  int64_t width = e.chooseLanes({rhs, result}, sizeN);
  // A transposed operand is read along its rows.
  auto permute = rhs.getDefiningOp<tile::PermuteOp>();
  bool isTransposed = permute && !e.plan.isKept(rhs) && permute.getOrder()[rank - 1] == rank - 2 && !rhsScale;
  if (isTransposed)
    width = e.chooseLanes({rhs, result}, sizeK);
  e.forEach(isTransposed ? ArrayRef<Value>{extentN, extentK} : ArrayRef<Value>{extentK, extentN}, 1, width,
            [&](ArrayRef<Index> at) {
              Index k = at[isTransposed ? 1 : 0], n = at[isTransposed ? 0 : 1];
              e.storeBuffer(operandElement(false, batchIndices(batch, k, n)), buffer, {k, n});
            });
  // Zeros up to the last whole vector.
  Value end = c.roundUp(extentN, lanes);
  e.loop(c.index(0), extentK, 1, [&](Value k) {
    e.loop(extentN, end, 1, [&](Value n) {
      e.storeBuffer(c.zeroLike(carrierType(sumType)), buffer, {Index{k, 0}, Index{n, 0}});
    });
  });
  return {buffer.base, c.index(buffer.strides[0]), c.index(1)};
}

Value DotLowering::multiplyAdd(Value x, Value y, Value sum) {
  if (!isa<FloatType>(sumType))
    return c.add(sum, c.mul(x, y));
  return c.contract ? c.fma(x, y, sum) : c.addF(c.mulF(x, y), sum);
}

void DotLowering::microKernel(const Matrix &left, const Matrix &right, Value accumulators, Value row, Value column,
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
  Value panel = c.gep(right.base, sumType, column);
  SmallVector<Value> done = e.carriedLoop(c.index(0), extentK, 1, sums, [&](Value k, ValueRange carried) {
    SmallVector<Value> y, next(carried);
    Value rightRow = c.gep(panel, sumType, c.mul(k, right.rowStride));
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

void DotLowering::multiply(const Matrix &left, const Matrix &right, Value accumulators) {
  Value end = c.roundUp(extentN, lanes);
  auto columns = [&](Value from, Value to, int64_t vectors) {
    e.loop(from, to, vectors * lanes, [&](Value column) {
      Value wholeRows = c.mulConst(c.op<arith::DivSIOp>(extentM, c.index(rowsPerKernel)), rowsPerKernel);
      e.loop(c.index(0), wholeRows, rowsPerKernel, [&](Value row) {
        microKernel(left, right, accumulators, row, column, rowsPerKernel, vectors);
      });
      if (rowsPerKernel > 1)
        e.loop(wholeRows, extentM, 1,
               [&](Value row) { microKernel(left, right, accumulators, row, column, 1, vectors); });
    });
  };
  int64_t step = vectorsPerKernel * lanes;
  Value whole = c.mulConst(c.op<arith::DivSIOp>(end, c.index(step)), step);
  columns(c.index(0), whole, vectorsPerKernel);
  if (vectorsPerKernel > 1)
    columns(whole, end, 1);
}

void DotLowering::emit() {
  Buffer sums = chooseAccumulator();
  int64_t afterSums = e.scratchUsed;
  auto known = e.frame.buffers.find(acc);
  SmallVector<Value> counts = e.extents(result);
  if (known == e.frame.buffers.end())
    e.materialise(acc, sums);
  else if (known->second.base != sums.base)
    e.copy(known->second, sums, counts, tileType(result));
  e.frame.buffers[result] = sums;
  sumStride = sums.strides[rank - 2];
  extentM = counts[rank - 2], extentN = counts[rank - 1], extentK = e.extentOf(over);
  if (ShapedType::isDynamic(sizeK)) {
    (void)e.plan.reportUnknownDim(lhs);
    e.failed = true;
    return;
  }
  bool leftInPlace = isDirect(lhs);
  Buffer leftBuffer, rightBuffer;
  if (!leftInPlace)
    leftBuffer = e.allocate(RankedTensorType::get({sizeM, sizeK}, sumType));
  rightBuffer = e.allocate(RankedTensorType::get({sizeK, sizeN}, sumType));
  Emitter::Root root(e);
  SmallVector<Value> batch;
  std::function<void(int64_t)> descend = [&](int64_t dim) {
    if (dim < rank - 2) {
      e.loop(c.index(0), counts[dim], 1, [&](Value iv) {
        batch.push_back(iv);
        descend(dim + 1);
        batch.pop_back();
      });
      return;
    }
    Matrix left = leftInPlace ? direct(lhs, batch) : packLeft(batch, leftBuffer);
    Matrix right = packRight(batch, rightBuffer);
    Value offset = c.index(0);
    for (auto [position, index] : llvm::enumerate(batch))
      offset = c.add(offset, c.mulConst(index, sums.strides[position]));
    multiply(left, right, c.gep(sums.base, sumType, offset));
  };
  descend(0);
  // Packed operands are of no use any more.
  e.scratchUsed = afterSums;
}

void Emitter::emitDot(Operation *op) { DotLowering(*this, op).emit(); }
