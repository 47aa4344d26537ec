//===- FewRowsPanels.cpp - products of few rows by panels of matrix registers ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A matrix whose rows are contiguous is the right operand of matrix registers, which take it by groups. A step takes as
// many rows of it as a register has elements of the contraction: pieces of some lines of these are interleaved into a
// small panel, which stays in the first cache, and multiplied by the few rows, which are packed once. Sums stay where
// they are, and pass through registers in each step.
//
// While the rows of one piece are interleaved, the piece before it is multiplied, register by register: a register that
// is loaded waits until what was stored to its place has left the core's buffers, and products would wait for memory.
//
// bf16 are looked at as they are interleaved, and it is known for a piece whether registers may multiply it
// (GroupProduct.cpp). If they may not, vectors add the same groups in the same order. Sums are looked at before the
// first step, and from then on, piece by piece, only if vectors have added to some.
//
// Pieces that are not whole, for the matrix ends there, are copied first, with what changes no sum behind the ends.

#include "Dot.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

/// The registers: sums of two halves of the rows, the rows, and a part of a panel.
static constexpr int64_t mostHalves = 2, sumsFrom = 0, leftFrom = sumsFrom + mostHalves,
                         rightIn = leftFrom + mostHalves;
static_assert(rightIn < MatrixInstructions::registers);

/// Lines of each row of a piece.
static constexpr int64_t linesOfPiece = 2;

/// How many rows are multiplied so at least: for fewer, reading takes as long by vectors. Where a tile's rows are
/// short, memory likes the order of vectors better, which fetch whole rows ahead.
static constexpr int64_t leastRows = 3, leastRowsOfShortRows = 5, longRowBytes = 2048;

int64_t DotLowering::leastPanelRows() const {
  int64_t rowBytes = sizeN * byteSize(storageType(getElementTypeOrSelf(rhs)));
  return rowBytes >= longRowBytes ? leastRows : leastRowsOfShortRows;
}

/// Whether rows are multiplied so, where there is code for it. Most of a piece would be padding where a matrix has few
/// columns: vectors take as many rows as they can.
Value DotLowering::mayTakePanels() {
  constexpr int64_t leastColumns = 48;
  Value isWide = c.cmpConst(CmpIPredicate::sge, extentN, leastColumns);
  Value areMany = c.cmpConst(CmpIPredicate::sgt, extentM, mostFewRowsOfVectors);
  return c.bitAnd(c.cmpConst(CmpIPredicate::sge, extentM, leastPanelRows()), c.bitOr(isWide, areMany));
}

/// Whether the matrix lies in memory in rows that are contiguous, and few rows are many enough.
bool DotLowering::takesPanels() const {
  auto load = rhs.getDefiningOp<tile::LoadOp>();
  if (!matrices || !load || e.frame.buffers.contains(rhs) || !isInMemory(rhs) || isOneOfSeveral() ||
      sizeM < leastPanelRows())
    return false;
  Value columns;
  const ArrayCode &array = e.frame.arrays.find(load.getArray())->second;
  for (auto [subscript, stride] : llvm::zip_equal(load.getSubscripts(), array.strides))
    if (!subscript.getType().isIndex())
      columns = stride;
  return columns && matchPattern(columns, m_One());
}

/// Registers of sums of a piece, in which each row has two lines.
int64_t DotLowering::registersOfPiece() const { return linesOfPiece * depth; }

/// Configures registers by way of `table`: sums and rows have as many rows as there are.
void DotLowering::configurePanels(Value table) {
  auto set = [&](int64_t number, Value rows) {
    c.store(c.resize(rows, c.i8()), c.gep(table, c.i8(), c.index(matrices->rowCountsAt + number)));
  };
  Value half = c.index(matrices->rows), rest = c.sub(extentM, half);
  for (int64_t first : {sumsFrom, leftFrom}) {
    set(first, c.minS(extentM, half));
    set(first + 1, c.select(c.cmpConst(CmpIPredicate::sgt, rest, 0), rest, half));
  }
  callMatrices(matrices->configure, table);
}

/// Where a piece is read, and how far its rows are apart: in the array, or if it is not whole, in a copy at `edge`.
/// Behind the contraction it is whatever is there.
DotLowering::Matrix DotLowering::pieceAt(Value k, Value column, Value edge) {
  const Matrix &matrix = few->sources.front().matrix;
  Type element = few->sources.front().element;
  int64_t rows = depth * matrices->rows, width = registersOfPiece() * lanes;
  int64_t perVector = matrices->rowBytes / byteSize(element);
  auto type = VectorType::get({perVector}, packedType);
  Value base = c.gep(matrix.base, element, c.add(c.mul(k, matrix.rowStride), column));
  Value isWhole = c.bitAnd(c.cmp(CmpIPredicate::sle, c.addConst(k, rows), extentK),
                           c.cmp(CmpIPredicate::sle, c.addConst(column, width), extentN));
  Value isThere = c.cmp(CmpIPredicate::slt, k, extentK);
  e.guarded(c.bitAnd(isThere, c.bitXor(isWhole, c.intLike(c.i1(), 1))), {}, [&] {
    Value padding = c.intLike(type, isInMatrixOrder() ? -0x8000 : 0);
    Value left = c.sub(extentK, k);
    e.loop(c.index(0), c.index(rows), 1, [&](Value row) {
      Value end = c.select(c.cmp(CmpIPredicate::slt, row, left), extentN, column);
      e.loop(c.index(0), c.index(width), perVector, [&](Value at) {
        Value count = c.minS(c.maxS(c.sub(c.sub(end, column), at), c.index(0)), c.index(perVector));
        Value mask = e.lanesBelow(c.index(0), count, perVector);
        Value from = c.gep(base, element, c.add(c.mul(row, matrix.rowStride), at));
        Value bits =
            LLVM::MaskedLoadOp::create(c.b, c.loc, type, from, mask, padding, c.b.getI32IntegerAttr(byteSize(element)));
        c.store(bits, c.gep(edge, packedType, c.add(c.mulConst(row, width), at)));
      });
    });
    return Value();
  });
  return {c.select(isWhole, base, edge), c.select(isWhole, matrix.rowStride, c.index(width)), c.index(1)};
}

/// Interleaves the groups of a piece that register `number` is the turn of, and stores them to `panel`, which has the
/// registers one behind the other. The result continues the extremes of bf16; of bytes there are none.
SmallVector<Value> DotLowering::interleavePiece(const Matrix &piece, Value panel, Value number, ValueRange extremes) {
  SmallVector<Value> next(extremes);
  Type element = few->sources.front().element;
  int64_t perVector = matrices->rowBytes / byteSize(element), turns = matrices->rows / registersOfPiece();
  auto vector = VectorType::get({perVector}, packedType), groupsType = VectorType::get({lanes}, groupType);
  for (int64_t turn = 0; turn < turns; ++turn) {
    Value group = c.addConst(c.mulConst(number, turns), turn);
    for (int64_t line = 0; line < linesOfPiece; ++line) {
      SmallVector<Value> rows;
      for (int64_t r = 0; r < depth; ++r) {
        Value row = c.mul(c.addConst(c.mulConst(group, depth), r), piece.rowStride);
        rows.push_back(c.load(vector, c.gep(piece.base, element, c.addConst(row, line * perVector))));
        if (!next.empty())
          next = followPairs(rows.back(), next);
      }
      for (auto [index, groups] : llvm::enumerate(interleaveInOrder(c, rows))) {
        Value to =
            c.add(c.mulConst(group, lanes), c.index((line * depth + static_cast<int64_t>(index)) * wordsOfRegister()));
        c.store(vector::BitCastOp::create(c.b, c.loc, groupsType, groups), c.gep(panel, groupType, to));
      }
    }
  }
  return next;
}

/// Adds the products of all rows by a register's columns from `column` on, in the step of the contraction that begins
/// with `group`. `panel` has the columns' groups. Null or whether registers may be used.
void DotLowering::multiplyPanel(Value panel, Value column, Value group, Value mayUse) {
  Matrix left{c.gep(few->left.base, groupType, group), few->left.rowStride, c.index(1)};
  Matrix sums{few->sums, c.index(sumStride), c.index(1)};
  auto byRegisters = [&] {
    callMatrices(matrices->load, {matrixRegister(rightIn), panel, c.index(matrices->rowBytes)});
    auto multiplyHalf = [&](int64_t half) {
      Value row = c.index(half * matrices->rows), sumBytes = c.index(sumStride * byteSize(sumType));
      Value total = sumAddress(sums, row, column);
      callMatrices(matrices->load, {matrixRegister(sumsFrom + half), total, sumBytes});
      callMatrices(matrices->load,
                   {matrixRegister(leftFrom + half), c.gep(left.base, groupType, c.mul(row, left.rowStride)),
                    c.mulConst(left.rowStride, byteSize(groupType))});
      callMatrices(matrixProduct,
                   {matrixRegister(sumsFrom + half), matrixRegister(leftFrom + half), matrixRegister(rightIn)});
      callMatrices(matrices->store, {matrixRegister(sumsFrom + half), total, sumBytes});
    };
    multiplyHalf(0);
    if (sizeM > matrices->rows)
      e.guarded(c.cmpConst(CmpIPredicate::sgt, extentM, matrices->rows), {}, [&] {
        multiplyHalf(1);
        return Value();
      });
  };
  if (!mayUse)
    return byRegisters();
  e.either(mayUse, byRegisters, [&] {
    Groups step{c.index(0), c.minS(c.sub(groupCount, group), c.index(matrices->rows))};
    groupsInMatrixOrder(left, {panel, c.index(lanes)}, {c.index(0), extentM, column, 1, 1, step}, sums);
  });
}

/// Whether all sums of all rows are in range.
Value DotLowering::areFewSumsInRange() {
  Matrix sums{few->sums, c.index(sumStride), c.index(1)};
  Value least = c.intLike(VectorType::get({lanes}, c.i32()), -1);
  least = e.carriedLoop(c.index(0), extentN, lanes, least, [&](Value column, ValueRange carried) {
    return SmallVector<Value>{followStoredSums(carried[0], sums, {c.index(0), extentM, column, 1, 1, {}})};
  })[0];
  return isLeastInRange(least);
}

/// All rows and columns, step by step of the contraction, and in each of them piece by piece.
void DotLowering::multiplyByPanels() {
  few->byGroups = true;
  int64_t registers = registersOfPiece(), words = registers * wordsOfRegister(), rows = depth * matrices->rows;
  Buffer packed =
      e.allocate(RankedTensorType::get({std::min(sizeM, mostHalves * matrices->rows), leftColumns()}, groupType));
  few->leftInRange = surveyed([&] { few->left = packLeftGroups(few->batch, packed); });
  // Two panels in turn, and a copy of a piece.
  Value panels = e.allocateBytes(3 * words * byteSize(groupType));
  Value edge = c.gep(panels, groupType, c.index(2 * words));
  configurePanels(configurationTable());
  bool isLooked = isInMatrixOrder();
  Value isTrue = c.intLike(c.i1(), 1);
  // The piece that is multiplied next: its column, behind the last one while there is none, its first group, and its
  // panel. Of bf16, whether it is in range, and all sums.
  SmallVector<Value> first{extentN, c.index(0), c.index(words)};
  if (isLooked)
    first.append({isTrue, areFewSumsInRange()});
  Value end = c.roundUp(extentK, rows);
  e.carriedLoop(c.index(0), c.addConst(end, 1), rows, first, [&](Value k, ValueRange before) {
    // Behind the last step there is only a piece to be multiplied: what is interleaved beside it is of no use.
    Value isMore = c.cmp(CmpIPredicate::slt, k, end), columns = c.select(isMore, extentN, c.index(1));
    return e.carriedLoop(c.index(0), columns, registers * lanes, before, [&](Value column, ValueRange carried) {
      Value panel = c.bitXor(carried[2], c.index(words));
      Matrix piece = pieceAt(k, column, edge);
      SmallVector<Value> extremes = isLooked ? initialExtremes() : SmallVector<Value>();
      extremes = e.carriedLoop(c.index(0), c.index(registers), 1, extremes, [&](Value number, ValueRange followed) {
        SmallVector<Value> next = interleavePiece(piece, c.gep(panels, groupType, panel), number, followed);
        Value there = c.add(carried[0], c.mulConst(number, lanes));
        e.guarded(c.cmp(CmpIPredicate::slt, there, extentN), {}, [&] {
          Value mayUse;
          if (isLooked) {
            Value areSumsFine = e.guarded(c.bitXor(carried[4], isTrue), isTrue, [&] {
              Matrix sums{few->sums, c.index(sumStride), c.index(1)};
              return areStoredSumsInRange(sums, {c.index(0), extentM, there, 1, 1, {}});
            });
            mayUse = c.bitAnd(carried[3], areSumsFine);
          }
          Value offset = c.add(carried[2], c.mulConst(number, wordsOfRegister()));
          multiplyPanel(c.gep(panels, groupType, offset), there, carried[1], mayUse);
          return Value();
        });
        return next;
      });
      SmallVector<Value> next{column, c.op<arith::DivUIOp>(k, c.index(depth)), panel};
      if (isLooked)
        next.append({c.bitAnd(isInRange(extremes), few->leftInRange), c.bitAnd(carried[4], carried[3])});
      return next;
    });
  });
  callMatrices(matrices->release, {});
}
