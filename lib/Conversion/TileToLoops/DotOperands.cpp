//===- DotOperands.cpp - operands of contractions ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the elements of a contraction's operands are read, and how they are packed.

#include "Dot.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

static bool isOne(Value stride) { return matchPattern(stride, m_One()); }

/// Whether the operand's elements can be read where they are.
bool DotLowering::isDirect(Value tile) const {
  return !lhsScale && !instruction && getElementTypeOrSelf(tile) == sumType && isInMemory(tile);
}

/// Whether the operand lies in memory, in rows and columns of some distance.
bool DotLowering::isInMemory(Value tile) const {
  if (e.frame.buffers.contains(tile))
    return true;
  if (auto permute = tile.getDefiningOp<tile::PermuteOp>(); permute && !e.plan.isKept(tile)) {
    ArrayRef<int64_t> order = permute.getOrder();
    for (int64_t dim = 0; dim < rank - 2; ++dim)
      if (order[dim] != dim)
        return false;
    return isInMemory(permute.getSource());
  }
  auto load = tile.getDefiningOp<tile::LoadOp>();
  if (!load || e.plan.isKept(tile) || load.getMask())
    return false;
  return llvm::all_of(load.getSubscripts(), [](Value subscript) {
    return subscript.getType().isIndex() || isa<tile::RangeType>(subscript.getType());
  });
}

DotLowering::Matrix DotLowering::direct(Value tile, ArrayRef<Value> batch) {
  Type storage = storageType(getElementTypeOrSelf(tile));
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

/// The array's elements that the operand is loaded from, where rows are contiguous. Without a base otherwise.
DotLowering::Matrix DotLowering::loadedFrom(Value tile, ArrayRef<Value> batch) {
  if (!tile.getDefiningOp<tile::LoadOp>() || !isInMemory(tile))
    return {};
  Matrix matrix = direct(tile, batch);
  return isOne(matrix.columnStride) ? matrix : Matrix();
}

/// Whether the operand's rows lie in memory where integer tiles say, each of them at one distance between its elements.
bool DotLowering::gathersRows(Value tile) const {
  auto load = tile.getDefiningOp<tile::LoadOp>();
  if (!load || rank != 2 || lhsScale || instruction || getElementTypeOrSelf(tile) != sumType || e.plan.isKept(tile) ||
      load.getMask())
    return false;
  // The tiles' dim stands first: a range before them would be the row.
  bool sawTile = false;
  for (Value subscript : load.getSubscripts()) {
    if (RankedTensorType type = tileType(subscript)) {
      if (type.getRank() != 1)
        return false;
      sawTile = true;
    } else if (!subscript.getType().isIndex() && !(sawTile && isa<tile::RangeType>(subscript.getType()))) {
      return false;
    }
  }
  return sawTile;
}

/// The rows that integer tiles gather; where each of them starts is written to the table `rowOffsets`.
DotLowering::Matrix DotLowering::gathered(Value tile, Value rowOffsets) {
  auto load = tile.getDefiningOp<tile::LoadOp>();
  const ArrayCode &array = e.frame.arrays.find(load.getArray())->second;
  Matrix matrix{{}, {}, {}, rowOffsets};
  Value start = c.index(0);
  SmallVector<std::pair<Value, Value>> chosen;
  for (auto [subscript, stride] : llvm::zip_equal(load.getSubscripts(), array.strides)) {
    if (tileType(subscript)) {
      chosen.push_back({subscript, stride});
    } else if (subscript.getType().isIndex()) {
      start = c.add(start, c.mul(e.scalar(subscript), stride));
    } else {
      start = c.add(start, c.mul(e.frame.ranges.lookup(subscript).begin, stride));
      matrix.columnStride = stride;
    }
  }
  matrix.base = c.gep(array.base, storageType(array.element), start);
  int64_t width = c.spec.lanes(byteSize(c.i64()));
  while (width > sizeM)
    width /= 2;
  e.forEach(extentM, 0, width < 2 ? 0 : width, [&](ArrayRef<Index> at) {
    Value offset;
    for (auto [subscript, stride] : chosen) {
      Value index = c.splat(c.resize(e.element(subscript, at), c.i64()), at[0].lanes);
      Value distance = c.mul(index, c.splat(stride, at[0].lanes));
      offset = offset ? c.add(offset, distance) : distance;
    }
    c.store(offset, c.gep(rowOffsets, c.i64(), at[0].base));
  });
  return matrix;
}

/// Where a row of the packed or direct left operand starts.
Value DotLowering::rowAddress(const Matrix &matrix, Value row) {
  if (matrix.blockRows > 1) {
    Value inside = c.op<arith::RemUIOp>(row, c.index(matrix.blockRows)), first = c.sub(row, inside);
    return c.gep(matrix.base, groupType, c.add(c.mul(first, matrix.rowStride), inside));
  }
  Value offset =
      matrix.rowOffsets ? c.load(c.i64(), c.gep(matrix.rowOffsets, c.i64(), row)) : c.mul(row, matrix.rowStride);
  return c.gep(matrix.base, groupType, offset);
}

/// The same in a register of its own. An optimiser that knew how rows lie to each other would compute one address from
/// another, and again in each step of the contraction. At a constant distance they are parts of an instruction.
Value DotLowering::rowRegister(const Matrix &matrix, Value row) {
  Value address = rowAddress(matrix, row);
  if (matrix.rowOffsets || matchPattern(matrix.rowStride, m_Constant()))
    return address;
  return LLVM::InlineAsmOp::create(c.b, c.loc, c.ptr(), address, "", "=r,0", /*has_side_effects=*/false,
                                   /*is_align_stack=*/false, LLVM::TailCallKind::None, LLVM::AsmDialectAttr(),
                                   ArrayAttr())
      .getResult(0);
}

/// An element of an operand in the accumulator's type, scaled.
Value DotLowering::operandElement(bool isLeft, ArrayRef<Index> at) {
  Value tile = isLeft ? lhs : rhs;
  Value value =
      convert(c, e.element(tile, at), getElementTypeOrSelf(tile), sumType, isLeft ? lhsUnsigned : rhsUnsigned, false);
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

SmallVector<Index> loops::batchIndices(ArrayRef<Value> batch, Index row, Index column) {
  SmallVector<Index> at;
  for (Value index : batch)
    at.push_back({index, 0});
  at.push_back(row);
  at.push_back(column);
  return at;
}

/// Packed groups of a row of the left operand: whole vectors of them. The rows of a matrix register are loaded at once:
/// they are no power of two apart, so that they find places in the first cache.
int64_t DotLowering::leftColumns() const {
  int64_t columns = instruction ? groups : sizeK;
  if (matrices)
    return llvm::alignTo(columns, 2 * lanes) + lanes;
  return columns > 1 || instruction ? llvm::alignTo(columns, c.spec.lanes(byteSize(groupType))) : columns;
}

/// Packed groups of the left operand: rows of them, or blocks of rows one behind the other.
RankedTensorType DotLowering::leftType() const {
  if (packsLeftBlocks())
    return RankedTensorType::get({static_cast<int64_t>(llvm::alignTo(sizeM, kernel.rows)) * leftColumns()}, groupType);
  return RankedTensorType::get({sizeM, leftColumns()}, groupType);
}

/// The bytes of an operand's packed tile. The rows of a buffer may be longer than what is in them.
int64_t DotLowering::placeBytes(bool isLeft) {
  int64_t bytes = isLeft ? e.layOut(leftType()).second : rightElements() * byteSize(groupType);
  return llvm::alignTo(bytes, lineBytes);
}

/// Packed groups of all panels of the right operand.
int64_t DotLowering::rightElements() const { return groups * llvm::alignTo(sizeN, kernel.vectors * lanes); }

/// The left operand, packed, or where it is if registers can load it there.
DotLowering::Matrix DotLowering::placeLeft(ArrayRef<Value> batch, Buffer buffer) {
  Matrix array = matrices && !e.frame.buffers.contains(lhs) ? loadedFrom(lhs, batch) : Matrix();
  Value isInPlace = array.base ? mayLoadRows(array) : Value();
  Packed packed = packOnce(/*isLeft=*/true, buffer.base, [&](Value base) {
    buffer.base = base;
    auto pack = [&] { instruction ? packLeftGroups(batch, buffer) : packLeftElements(batch, buffer); };
    return surveyed([&] { isInPlace ? e.either(isInPlace, [&] { surveyRows(batch); }, pack) : pack(); });
  });
  operandsInRange = packed.isInRange;
  nextLeft = packed.next;
  Matrix left{packed.base, c.index(buffer.strides[0]), c.index(1)};
  if (!isInPlace)
    return left;
  if (nextLeft.base)
    nextLeft.isPacked = c.bitAnd(nextLeft.isPacked, c.bitXor(isInPlace, c.intLike(c.i1(), 1)));
  Value groupsOfRow = c.op<arith::DivUIOp>(array.rowStride, c.index(depth));
  return {c.select(isInPlace, array.base, left.base), c.select(isInPlace, groupsOfRow, left.rowStride), c.index(1)};
}

/// The left operand in the accumulator's type.
DotLowering::Matrix DotLowering::packLeftElements(ArrayRef<Value> batch, const Buffer &buffer) {
  int64_t width = e.chooseLanes({lhs, result}, sizeK);
  if (lhsScale)
    width = std::min<int64_t>(width, 32);
  e.forEach({extentM, extentK}, 1, width, [&](ArrayRef<Index> at) {
    e.storeBuffer(operandElement(true, batchIndices(batch, at[0], at[1])), buffer, at);
  });
  return {buffer.base, c.index(buffer.strides[0]), c.index(1)};
}

/// Where the right operand's packed group (k, column) is: in panels of as many columns as a micro-kernel takes, each
/// of which has its rows one behind the other.
Value DotLowering::panelAddress(Value panels, Value k, Value column) {
  int64_t width = kernel.vectors * lanes;
  Value inside = c.andConst(column, width - 1), start = c.sub(column, inside);
  Value offset = c.add(c.add(c.mulConst(start, groups), c.mulConst(k, width)), inside);
  return c.gep(panels, groupType, offset);
}

/// Where the right operand is: packed from some column on.
DotLowering::Right DotLowering::placeRight(ArrayRef<Value> batch, Value panels) {
  Right right{panels, {}, {}};
  Value from = c.index(0);
  if (isDirect(rhs) && !packsLeftBlocks())
    right.array = direct(rhs, batch);
  if (right.array.base && isOne(right.array.columnStride)) {
    // Rows that are a multiple of this apart compete for a few lines of the first cache.
    constexpr int64_t aliasBytes = 4096;
    Value distance = c.mulConst(right.array.rowStride, byteSize(sumType));
    Value aliases = c.cmpConst(arith::CmpIPredicate::eq, c.andConst(distance, aliasBytes - 1), 0);
    // A part of a vector is packed in any case: what is behind it may be no memory.
    from = right.packFrom = c.select(aliases, c.index(0), c.roundDown(extentN, lanes));
  }
  Packed packed = packOnce(/*isLeft=*/false, panels, [&](Value base) {
    return surveyed([&] { instruction ? packRightGroups(batch, base) : packRight(batch, base, from); });
  });
  right.panels = packed.base;
  nextRight = packed.next;
  if (operandsInRange && packed.isInRange)
    operandsInRange = c.bitAnd(operandsInRange, packed.isInRange);
  return right;
}

/// Packs a right operand whose columns are contiguous, by square blocks that are transposed in registers. `groupsAt`
/// gives the groups of `width` elements of a column, from an index on, and `storeElement` packs a single element.
void DotLowering::packTransposed(Value panels, int64_t width, llvm::function_ref<Value(Index, Value)> groupsAt,
                                 llvm::function_ref<void(Value, Value)> storeElement) {
  if (lanes > 1)
    width = std::min(width, lanes * depth); // No block lies across panels.
  Value none = c.index(0), wholeK = width ? c.roundDown(extentK, width) : none;
  int64_t side = width / depth;
  auto squares = [&](Value from, Value to, int64_t columns) {
    e.loop(from, to, columns, [&](Value column) {
      e.loop(none, wholeK, width, [&](Value k) {
        SmallVector<Value> rows;
        for (int64_t at = 0; at < columns; ++at)
          rows.push_back(groupsAt({k, width}, c.addConst(column, at)));
        Value first = c.op<arith::DivUIOp>(k, c.index(depth));
        if (columns > 1)
          rows = transposeLanes(c, rows);
        for (int64_t group = 0; group < side; ++group)
          c.store(columns > 1 ? rows[group] : c.extract(rows[0], group),
                  panelAddress(panels, c.addConst(first, group), column));
      });
    });
  };
  if (side > 1) {
    Value wholeN = lanes > 1 ? c.roundDown(extentN, side) : none;
    squares(none, wholeN, side);
    squares(wholeN, extentN, 1);
  } else {
    wholeK = none;
  }
  e.loop(none, extentN, 1,
         [&](Value column) { e.loop(wholeK, extentK, 1, [&](Value k) { storeElement(k, column); }); });
}

/// The right operand in its array, if the first elements of a vector of a row can be loaded alone: a row that ends
/// within a vector is packed as whole ones are. Without a base otherwise.
DotLowering::Matrix DotLowering::rightRows(ArrayRef<Value> batch) {
  if (rhsScale || lanes == 1 || e.frame.buffers.contains(rhs) ||
      byteSize(storageType(getElementTypeOrSelf(rhs))) < c.spec.leastMaskedBytes)
    return {};
  return loadedFrom(rhs, batch);
}

/// Which lanes of a vector of columns from `column` on the right operand has.
Value DotLowering::maskOf(Value column) {
  Value rest = c.resize(c.sub(extentN, column), c.i32());
  return c.cmp(arith::CmpIPredicate::slt, c.iota(c.i32(), lanes), c.splat(rest, lanes));
}

/// The carriers of a vector of row `k`, with zeros in the other lanes.
Value DotLowering::partOfRow(const Matrix &source, Value k, Value column, Value mask) {
  Type element = getElementTypeOrSelf(rhs), storage = storageType(element), vector = VectorType::get({lanes}, storage);
  Value address = c.gep(source.base, storage, c.add(c.mul(k, source.rowStride), column));
  Value stored = LLVM::MaskedLoadOp::create(c.b, c.loc, vector, address, mask, c.zeroLike(vector),
                                            c.b.getI32IntegerAttr(byteSize(element)));
  return widen(c, stored, element);
}

void DotLowering::packRight(ArrayRef<Value> batch, Value panels, Value from) {
  if (Matrix source = rightRows(batch); source.base) {
    Type element = getElementTypeOrSelf(rhs);
    Value none = c.index(0), whole = c.roundDown(extentN, lanes);
    auto pack = [&](Value k, Value column, Value carried) {
      c.store(convert(c, carried, element, sumType, rhsUnsigned, false), panelAddress(panels, k, column));
    };
    e.loop(none, extentK, 1, [&](Value k) {
      e.loop(from, whole, lanes,
             [&](Value column) { pack(k, column, e.element(rhs, batchIndices(batch, {k, 0}, {column, lanes}))); });
    });
    e.loop(whole, extentN, lanes, [&](Value column) {
      Value mask = maskOf(column);
      e.loop(none, extentK, 1, [&](Value k) { pack(k, column, partOfRow(source, k, column, mask)); });
    });
    return;
  }
  int64_t width = e.chooseLanes({rhs, result}, sizeN);
  Value count = c.sub(extentN, from);
  // A transposed operand is read along its rows.
  auto permute = rhs.getDefiningOp<tile::PermuteOp>();
  bool isTransposed = permute && !e.plan.isKept(rhs) && permute.getOrder()[rank - 1] == rank - 2 && !rhsScale;
  if (isTransposed) {
    auto elementsAt = [&](Index k, Value column) {
      return c.splat(operandElement(false, batchIndices(batch, k, {column, 0})), k.lanes);
    };
    packTransposed(panels, e.chooseLanes({rhs, result}, sizeK), elementsAt, [&](Value k, Value column) {
      c.store(elementsAt({k, 0}, column), panelAddress(panels, k, column));
    });
  } else {
    e.forEach({extentK, count}, 1, width, [&](ArrayRef<Index> at) {
      Index column{c.add(at[1].base, from), at[1].lanes};
      Value value = c.splat(operandElement(false, batchIndices(batch, at[0], column)), column.lanes);
      c.store(value, panelAddress(panels, at[0].base, column.base));
    });
  }
  // Zeros up to the last whole vector.
  Value end = c.roundUp(extentN, lanes);
  e.loop(c.index(0), extentK, 1, [&](Value k) {
    e.loop(extentN, end, 1, [&](Value n) { c.store(c.zeroLike(carrierType(sumType)), panelAddress(panels, k, n)); });
  });
}
