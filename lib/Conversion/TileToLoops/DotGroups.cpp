//===- DotGroups.cpp - operands packed by groups ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which instruction multiplies groups of elements, and how its operands are packed: in the left one a row has its
// groups one behind the other, in a panel of the right one a row of groups has one of each column. Behind the end of
// the contraction are elements whose products change no sum.
//
// Elements are those of the array but for two things. Bytes of one sign are no operands of an instruction that takes
// one of each: the left ones change their sign by an offset of 128, and the sums are corrected by 128 times the sum of
// each column. In products of few rows it is the right ones. Of two bf16 the instruction adds the upper one first: they
// are swapped, so that an element of the product is the same chain of multiply-adds as in f32. Matrix registers take
// all elements as they are.

#include "Dot.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using Operands = DotInstruction::Operands;

/// The instruction that multiplies groups of such elements; null if there is none.
static const DotInstruction *instructionFor(const TargetSpec &spec, Type element, Type sum) {
  if (element.isInteger(8)) {
    const DotInstruction *bytes = spec.findDot(Operands::U8AndS8);
    return bytes ? bytes : spec.findDot(Operands::S16);
  }
  return element.isBF16() && sum.isF32() ? spec.findDot(Operands::BF16) : nullptr;
}

int64_t loops::termsPerInstruction(const Code &c, Operation *op) {
  auto dot = dyn_cast<tile::DotOp>(op);
  if (!dot)
    return 1;
  Type element = getElementTypeOrSelf(dot.getLhs());
  const DotInstruction *instruction = instructionFor(c.spec, element, getElementTypeOrSelf(dot.getAcc()));
  return instruction ? instruction->depth : 1;
}

void DotLowering::chooseInstruction() {
  groupType = packedType = sumType;
  Type element = getElementTypeOrSelf(lhs);
  if (lhsScale || lanes == 1)
    return;
  instruction = instructionFor(c.spec, element, sumType);
  if (!instruction)
    return;
  packedType = instruction->operands == Operands::U8AndS8 ? c.i8() : c.b.getI16Type();
  groupType = c.i32();
  depth = instruction->depth;
  chooseMatrices();
}

/// An element of an operand in the type that the instruction multiplies.
Value DotLowering::groupElement(bool isLeft, ArrayRef<Index> at) {
  return inGroups(isLeft, e.element(isLeft ? lhs : rhs, at));
}

/// The upper halves of f32, taken from two registers at once.
Value DotLowering::upperHalves(Value value, int64_t count) const {
  Value halves = vector::BitCastOp::create(c.b, c.loc, VectorType::get({2 * count}, packedType), value);
  SmallVector<int64_t> mask;
  for (int64_t lane = 0; lane < count; ++lane)
    mask.push_back(2 * lane + 1);
  return c.shuffle(halves, halves, mask);
}

/// The same of an element's carrier.
Value DotLowering::inGroups(bool isLeft, Value value) const {
  switch (instruction->operands) {
  case Operands::U8AndS8:
    return (few ? !isLeft : isLeft && !matrices) && lhsUnsigned == rhsUnsigned
               ? c.bitXor(value, c.intLike(value.getType(), -128))
               : value;
  case Operands::S16:
    return c.resize(value, packedType, isLeft ? lhsUnsigned : rhsUnsigned);
  case Operands::BF16:
    // The f32 that carries it ends in zeros. What was loaded is in place before it was widened.
    if (int64_t count = Code::lanes(value); count >= lanes && !isInMemory(isLeft ? lhs : rhs))
      return upperHalves(value, count);
    return c.resize(c.lshr(c.bitcast(value, c.i32()), 16), packedType);
  }
  llvm_unreachable("all operands have elements");
}

/// Whether the elements of a pair change their places.
bool DotLowering::swapsPairs() const { return instruction->operands == Operands::BF16 && !matrices; }

/// The elements of one group, or with vectors of several: those of a column side by side.
Value DotLowering::interleave(ArrayRef<Value> rows) {
  if (rows.size() == 1)
    return rows[0];
  int64_t count = Code::lanes(rows[0]);
  if (!count) {
    Value group = c.zeroLike(Code::withLanes(packedType, rows.size()));
    for (auto [lane, element] : llvm::enumerate(rows))
      group = c.insert(element, group, lane);
    return group;
  }
  SmallVector<Value> even, odd;
  for (auto [index, row] : llvm::enumerate(rows))
    (index % 2 ? odd : even).push_back(row);
  Value x = interleave(even), y = interleave(odd);
  SmallVector<int64_t> mask;
  for (int64_t lane = 0, lanes = Code::lanes(x); lane < lanes; ++lane) {
    mask.push_back(lane);
    mask.push_back(lanes + lane);
  }
  return c.shuffle(x, y, mask);
}

/// How many elements of an operand are packed at once.
int64_t DotLowering::packedLanes(Value tile, int64_t size) {
  int64_t width = e.chooseLanes(tile, size);
  // bf16 count as f32, which computed ones are on the way; a whole vector of them takes no longer to look at.
  return instruction->operands == Operands::BF16 && width == lanes && size >= 2 * width ? 2 * width : width;
}

/// How many rows ahead of those that are packed others are fetched: rows are too short for the machine to see a stream.
/// Where matrix registers multiply, the next tile is not fetched before it is packed.
int64_t DotLowering::rowsAhead() const { return matrices ? 32 : 8; }

/// Fetches a vector of a row that is packed soon.
void DotLowering::fetchRow(const Matrix &source, Value row, Index column) {
  if (source.base && column.lanes)
    fetch(c.gep(source.base, storageType(getElementTypeOrSelf(lhs)), c.add(c.mul(row, source.rowStride), column.base)),
          /*isWritten=*/false);
}

DotLowering::Matrix DotLowering::packLeftGroups(ArrayRef<Value> batch, const Buffer &buffer) {
  int64_t rowElements = buffer.strides[0] * depth, perVector = c.spec.lanes(byteSize(packedType));
  auto addressOf = [&](Value row, Value k) {
    return c.gep(buffer.base, packedType, c.add(c.mulConst(row, rowElements), k));
  };
  // Zeros in the last vector of a row, unless it is full.
  Type vector = VectorType::get({perVector}, packedType);
  e.loop(c.index(0), extentM, 1, [&](Value row) {
    e.loop(c.roundDown(extentK, perVector), extentK, perVector,
           [&](Value k) { c.store(c.zeroLike(vector), addressOf(row, k)); });
  });
  Matrix source = loadedFrom(lhs, batch);
  e.forEach({extentM, extentK}, 1, packedLanes(lhs, sizeK), [&](ArrayRef<Index> at) {
    fetchRow(source, c.addConst(at[0].base, rowsAhead()), at[1]);
    Value value = groupElement(true, batchIndices(batch, at[0], at[1])), k = at[1].base;
    value = c.splat(value, at[1].lanes);
    followPacked(value);
    if (swapsPairs() && !at[1].lanes)
      k = c.bitXor(k, c.index(1));
    if (swapsPairs() && at[1].lanes) {
      SmallVector<int64_t> mask;
      for (int64_t lane = 0; lane < at[1].lanes; ++lane)
        mask.push_back(lane ^ 1);
      value = c.shuffle(value, value, mask);
    }
    c.store(value, addressOf(at[0].base, k));
  });
  return {buffer.base, c.index(buffer.strides[0]), c.index(1)};
}

/// What stands behind the end of the contraction: the left operand has zeros there. A product of -0 changes no sum.
static int64_t padding(const DotInstruction &instruction) {
  return instruction.operands == Operands::BF16 ? -0x8000 : 0;
}

/// A right operand whose columns are contiguous: groups are found in its vectors as they are.
void DotLowering::packTransposedGroups(ArrayRef<Value> batch, Value panels, int64_t width) {
  auto elementAddress = [&](Value k, Value column) {
    Value group = c.op<arith::DivUIOp>(k, c.index(depth)), inside = c.sub(k, c.mulConst(group, depth));
    return c.gep(panelAddress(panels, group, column), packedType, swapsPairs() ? c.bitXor(inside, c.index(1)) : inside);
  };
  auto groupsAt = [&](Index k, Value column) {
    Value value = c.splat(groupElement(false, batchIndices(batch, k, {column, 0})), k.lanes);
    auto type = VectorType::get({k.lanes / depth}, groupType);
    followPacked(value);
    value = vector::BitCastOp::create(c.b, c.loc, type, value);
    return swapsPairs() ? c.bitOr(c.shl(value, 16), c.lshr(value, 16)) : value;
  };
  packTransposed(panels, width, groupsAt, [&](Value k, Value column) {
    Value value = groupElement(false, batchIndices(batch, {k, 0}, {column, 0}));
    followPacked(value);
    c.store(value, elementAddress(k, column));
  });
  Value end = c.mulConst(groupCount, depth);
  e.loop(c.index(0), extentN, 1, [&](Value column) {
    e.loop(extentK, end, 1,
           [&](Value k) { c.store(c.intLike(packedType, padding(*instruction)), elementAddress(k, column)); });
  });
}

/// Packs as many rows as a group has elements, from `column` on.
void DotLowering::storeGroups(SmallVector<Value> rows, Value panels, Value group, Value column) {
  if (swapsPairs())
    std::swap(rows[0], rows[1]);
  c.store(interleave(rows), panelAddress(panels, group, column));
}

/// The columns from `from` on, a whole number of vectors, by parts of rows.
void DotLowering::packRightEdge(const Matrix &source, Value panels, Value from) {
  Value last = c.addConst(extentK, -1);
  e.loop(from, extentN, lanes, [&](Value column) {
    Value mask = maskOf(column);
    e.loop(c.index(0), groupCount, 1, [&](Value group) {
      SmallVector<Value> rows;
      for (int64_t r = 0; r < depth; ++r) {
        Value k = c.addConst(c.mulConst(group, depth), r);
        Value value = inGroups(false, partOfRow(source, r == 0 ? k : c.minS(k, last), column, mask));
        followPacked(value);
        // The last group may have fewer elements than others.
        if (r > 0)
          value = c.select(c.cmp(arith::CmpIPredicate::sle, k, last), value,
                           c.intLike(value.getType(), padding(*instruction)));
        rows.push_back(value);
      }
      storeGroups(rows, panels, group, column);
    });
  });
}

void DotLowering::packRightGroups(ArrayRef<Value> batch, Value panels) {
  auto permute = rhs.getDefiningOp<tile::PermuteOp>();
  bool isTransposed = permute && !e.plan.isKept(rhs) && permute.getOrder()[rank - 1] == rank - 2;
  int64_t width = isTransposed ? e.chooseLanes(rhs, sizeK) : packedLanes(rhs, sizeN);
  bool isFilled = false;
  if (isTransposed) {
    packTransposedGroups(batch, panels, width < depth ? 0 : width);
  } else {
    width = std::min(width, kernel.vectors * lanes);
    Matrix source = loadedFrom(rhs, batch), parts = rightRows(batch);
    if (parts.base)
      width = std::max(width, lanes);
    Value columns = parts.base ? c.roundDown(extentN, width) : extentN;
    // The last group may have fewer elements than others.
    Value whole = c.op<arith::DivUIOp>(extentK, c.index(depth)), last = c.addConst(extentK, -1);
    for (bool isWhole : {true, false}) {
      Value from = isWhole ? c.index(0) : whole, count = isWhole ? whole : c.sub(groupCount, whole);
      auto pack = [&](ArrayRef<Index> at) {
        Value group = c.add(at[0].base, from);
        SmallVector<Value> rows;
        for (int64_t r = 0; r < depth; ++r) {
          Value k = c.addConst(c.mulConst(group, depth), r);
          if (isWhole)
            fetchRow(source, c.addConst(k, rowsAhead()), at[1]);
          Value value = groupElement(false, batchIndices(batch, {isWhole ? k : c.minS(k, last), 0}, at[1]));
          value = c.splat(value, at[1].lanes);
          followPacked(value);
          if (!isWhole)
            value = c.select(c.cmp(arith::CmpIPredicate::sle, k, last), value,
                             c.intLike(value.getType(), padding(*instruction)));
          rows.push_back(value);
        }
        storeGroups(rows, panels, group, at[1].base);
      };
      if (!parts.base) {
        e.forEach({count, extentN}, 1, width, pack);
        continue;
      }
      e.loop(c.index(0), count, 1, [&](Value group) {
        e.loop(c.index(0), columns, width, [&](Value column) { pack({{group, 0}, {column, width}}); });
      });
    }
    if (parts.base)
      packRightEdge(parts, panels, columns);
    isFilled = static_cast<bool>(parts.base);
  }
  // Zeros up to the last whole vector.
  Value end = c.roundUp(extentN, lanes);
  if (!isFilled)
    e.loop(c.index(0), groupCount, 1, [&](Value group) {
      e.loop(extentN, end, 1, [&](Value n) { c.store(c.zeroLike(groupType), panelAddress(panels, group, n)); });
    });
  if (matrices)
    padRightGroups(panels);
}
