//===- DotLeft.cpp - the left operand in blocks of rows ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Some machines read the left operand fastest where what a step of a micro-kernel takes of it lies side by side: rows
// in memory may be pages apart, where they compete for a few lines of the first cache, and each is a stream of its own
// to the machine's prefetching. So the rows of a block are packed element by element: those of column 0, of column 1,
// and so on.

#include "Dot.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Fewer columns of the product do not repay what packing takes.
static constexpr int64_t leastColumns = 128;

/// Rows that are packed at once, as many as a group of lanes has elements of 4 bytes.
static constexpr int64_t rowsAtOnce = 4;

/// Whether the left operand is packed in blocks of rows, though its elements could be read where they are: the machine
/// likes it, and vectors of its rows or of its columns can be loaded from an array.
bool DotLowering::packsLeftBlocks() const {
  // A kernel with several products would have too much code.
  if (!c.spec.farLastCache || isOneOfSeveral() || matrices || !isDirect(lhs) || e.frame.buffers.contains(lhs) ||
      sizeN < leastColumns || ShapedType::isDynamic(sizeM) || ShapedType::isDynamic(sizeK) ||
      kernel.rows % rowsAtOnce || byteSize(sumType) != 4)
    return false;
  auto permute = lhs.getDefiningOp<tile::PermuteOp>();
  auto load = (permute ? permute.getSource() : lhs).getDefiningOp<tile::LoadOp>();
  auto array = load ? e.frame.arrays.find(load.getArray()) : e.frame.arrays.end();
  if (array == e.frame.arrays.end())
    return false;
  // The dim whose elements are contiguous is the operand's last one, or the one before.
  unsigned last = load.getSubscripts().size() - 1;
  if (!isa<tile::RangeType>(load.getSubscripts()[last].getType()) ||
      !matchPattern(array->second.strides[last], m_One()))
    return false;
  return !permute || permute.getOrder()[rank - 1] >= rank - 2;
}

/// The left operand in blocks of as many rows as a micro-kernel takes.
DotLowering::Matrix DotLowering::placeLeftBlocks(ArrayRef<Value> batch, Value own) {
  int64_t rows = kernel.rows, rowElements = leftColumns();
  Matrix blocks{{}, c.index(rowElements), c.index(rows), {}, rows};
  Packed packed = packOnce(/*isLeft=*/true, own, [&](Value base) -> Value {
    blocks.base = base;
    Matrix source = direct(lhs, batch);
    Type some = VectorType::get({rowsAtOnce}, sumType), vector = VectorType::get({lanes}, sumType);
    Value none = c.index(0), wholeRows = c.sub(extentM, c.op<arith::RemUIOp>(extentM, c.index(rows))),
          wholeColumns = c.roundDown(extentK, lanes);
    auto from = [&](Value row, Value k) {
      return c.gep(source.base, sumType, c.add(c.mul(row, source.rowStride), c.mul(k, source.columnStride)));
    };
    auto to = [&](Value row, Value k) { return c.gep(rowAddress(blocks, row), sumType, c.mulConst(k, rows)); };
    bool isTransposed = matchPattern(source.rowStride, m_One());
    auto packColumn = [&](Value block, Value k) {
      for (int64_t r = 0; r < rows; r += rowsAtOnce)
        c.store(c.load(some, from(c.addConst(block, r), k)), c.gep(to(block, k), sumType, c.index(r)));
    };
    auto packColumns = [&](Value block, Value k) {
      for (int64_t r = 0; r < rows; r += rowsAtOnce) {
        SmallVector<Value> elements;
        for (int64_t at = 0; at < rowsAtOnce; ++at)
          elements.push_back(c.load(vector, from(c.addConst(block, r + at), k)));
        storeTransposed(elements, c.gep(to(block, k), sumType, c.index(r)), /*distance=*/rows);
      }
    };
    e.loop(none, wholeRows, rows, [&](Value block) {
      if (isTransposed)
        e.loop(none, extentK, 1, [&](Value k) { packColumn(block, k); });
      else
        e.loop(none, wholeColumns, lanes, [&](Value k) { packColumns(block, k); });
    });
    // What is outside of whole blocks and vectors, one by one.
    Value isPacked = isTransposed ? extentK : wholeColumns;
    e.loop(none, extentM, 1, [&](Value row) {
      Value first = c.select(c.cmp(arith::CmpIPredicate::slt, row, wholeRows), isPacked, none);
      e.loop(first, extentK, 1, [&](Value k) { c.store(c.load(sumType, from(row, k)), to(row, k)); });
    });
    return {};
  });
  nextLeft = packed.next;
  blocks.base = packed.base;
  return blocks;
}
