//===- FewRowsGroups.cpp - products of few rows by groups ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows of the right operand are brought into groups in registers. Of bytes, it is the right operand whose sign changes
// where both have one: the sums of the left one's rows, which correct that, are few.
//
// Rows are interleaved inside of each 16 bytes, which are the cheapest shuffles. So a vector of groups has not the
// columns that lie side by side, but every second or fourth piece of four columns; sums are brought into that order as
// they are loaded, and back as they are stored.
//
// Groups of bf16 are multiplied before it is known whether the instruction may be used (GroupProduct.cpp): the look at
// them goes along. If it may not, the sums in memory are what they were, and the same groups are multiplied again in
// f32, by code for one row.

#include "Dot.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using Operands = DotInstruction::Operands;

/// How many columns are a piece: groups have four bytes.
static constexpr int64_t pieceLanes = 4;

/// Whether bf16 are multiplied by groups of two where there is more than one row.
bool DotLowering::takesPairs() const {
  return instruction && instruction->operands == Operands::BF16 && !matrices && sizeN >= depth * lanes;
}

/// Whether the groups of so many vectors of columns are in pieces.
bool DotLowering::isInPieces(int64_t vectors) const { return few->byGroups && vectors % depth == 0; }

/// Of each two vectors, which lie behind each other, the even or the odd pieces.
static SmallVector<Value> halfOfPieces(Code &c, ArrayRef<Value> vectors, int64_t odd) {
  SmallVector<Value> result;
  for (size_t at = 0; at < vectors.size(); at += 2) {
    SmallVector<int64_t> mask;
    for (int64_t lane = 0, lanes = Code::lanes(vectors[at]); lane < lanes; ++lane)
      mask.push_back(2 * (lane - lane % pieceLanes) + odd * pieceLanes + lane % pieceLanes);
    result.push_back(c.shuffle(vectors[at], vectors[at + 1], mask));
  }
  return result;
}

/// Of as many vectors as a group has elements, every such piece from the first on, from the second on, and so on.
static SmallVector<Value> separatePieces(Code &c, ArrayRef<Value> vectors) {
  if (vectors.size() == 1)
    return SmallVector<Value>(vectors);
  SmallVector<Value> even = separatePieces(c, halfOfPieces(c, vectors, 0));
  SmallVector<Value> odd = separatePieces(c, halfOfPieces(c, vectors, 1));
  SmallVector<Value> result;
  for (auto [x, y] : llvm::zip_equal(even, odd))
    result.append({x, y});
  return result;
}

/// The opposite of `separatePieces`.
static SmallVector<Value> joinPieces(Code &c, ArrayRef<Value> vectors) {
  if (vectors.size() == 1)
    return SmallVector<Value>(vectors);
  SmallVector<Value> even, odd, result;
  for (auto [index, vector] : llvm::enumerate(vectors))
    (index % 2 ? odd : even).push_back(vector);
  even = joinPieces(c, even), odd = joinPieces(c, odd);
  for (auto [x, y] : llvm::zip_equal(even, odd))
    for (int64_t half = 0, lanes = Code::lanes(x); half < 2; ++half) {
      SmallVector<int64_t> mask;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        int64_t piece = lane / pieceLanes;
        mask.push_back(piece % 2 * lanes + half * lanes / 2 + piece / 2 * pieceLanes + lane % pieceLanes);
      }
      result.push_back(c.shuffle(x, y, mask));
    }
  return result;
}

/// Brings sums of rows of `vectors` vectors into the order of groups, or back.
void DotLowering::reorderSums(MutableArrayRef<Value> sums, int64_t vectors, bool back) {
  if (!isInPieces(vectors))
    return;
  for (size_t at = 0; at < sums.size(); at += depth) {
    MutableArrayRef<Value> part = sums.slice(at, depth);
    llvm::copy(back ? joinPieces(c, part) : separatePieces(c, part), part.begin());
  }
}

/// Loads sums of rows of `vectors` vectors in the order of groups.
SmallVector<Value> DotLowering::loadSums(ArrayRef<Value> addresses, int64_t vectors) {
  SmallVector<Value> sums;
  for (Value address : addresses)
    sums.push_back(c.load(VectorType::get({lanes}, sumType), address));
  reorderSums(sums, vectors, /*back=*/false);
  return sums;
}

/// The lower or the upper halves of each 16 bytes of two vectors, element by element in turn.
static Value interleaveHalves(Code &c, Value x, Value y, bool upper, int64_t perPiece) {
  SmallVector<int64_t> mask;
  for (int64_t start = 0, lanes = Code::lanes(x); start < lanes; start += perPiece)
    for (int64_t lane = 0; lane < perPiece / 2; ++lane)
      mask.append({start + upper * perPiece / 2 + lane, lanes + start + upper * perPiece / 2 + lane});
  return c.shuffle(x, y, mask);
}

/// Groups in pieces of as many rows, which have the elements of as many vectors of columns.
static SmallVector<Value> interleavePieces(Code &c, ArrayRef<Value> rows, int64_t perPiece) {
  if (rows.size() == 1)
    return SmallVector<Value>(rows);
  SmallVector<Value> even, odd, result;
  for (auto [index, row] : llvm::enumerate(rows))
    (index % 2 ? odd : even).push_back(row);
  even = interleavePieces(c, even, perPiece), odd = interleavePieces(c, odd, perPiece);
  for (auto [x, y] : llvm::zip_equal(even, odd))
    for (bool upper : {false, true})
      result.push_back(interleaveHalves(c, x, y, upper, perPiece));
  return result;
}

SmallVector<Value> loops::interleaveInOrder(Code &c, ArrayRef<Value> rows) {
  int64_t depth = rows.size(), count = Code::lanes(rows[0]), bytes = byteSize(getElementTypeOrSelf(rows[0]));
  // Pieces that go to one vector stand in one place of each 16 bytes.
  int64_t perPiece = 16 / bytes / depth, pieces = count / perPiece;
  SmallVector<int64_t> mask;
  for (int64_t piece = 0; piece < pieces; ++piece)
    for (int64_t lane = 0; lane < perPiece; ++lane)
      mask.push_back((piece % depth * (pieces / depth) + piece / depth) * perPiece + lane);
  SmallVector<Value> moved;
  for (Value row : rows)
    moved.push_back(c.shuffle(row, row, mask));
  return interleavePieces(c, moved, 16 / bytes);
}

/// How far the rows of a group are from its first one, for the groups from `group` on: they are whole, or the last one
/// of the contraction. Behind the last row the left operand has zeros.
SmallVector<Value> DotLowering::groupRows(Value group) {
  Value rest = c.sub(c.addConst(extentK, -1), c.mulConst(group, depth));
  SmallVector<Value> rows{c.index(0)};
  for (int64_t r = 1; r < depth; ++r)
    rows.push_back(c.minS(c.index(r), rest));
  return rows;
}

/// A row of groups of the right operand, from `column` on. `rows` are those of groupRows().
SmallVector<Value> DotLowering::groupsOfColumns(Value group, ArrayRef<Value> rows, Value column, int64_t vectors) {
  int64_t perVector = c.spec.lanes(byteSize(packedType)), width = std::min(vectors * lanes, perVector);
  Value first = c.mulConst(group, depth);
  SmallVector<Value> result;
  for (int64_t start = 0; start < vectors * lanes; start += width) {
    SmallVector<Value> values;
    for (Value row : rows) {
      Index columns{c.addConst(column, start), width};
      values.push_back(c.splat(groupElement(false, batchIndices(few->batch, {c.add(first, row), 0}, columns)), width));
    }
    if (swapsPairs())
      std::swap(values[0], values[1]);
    auto type = VectorType::get({lanes}, groupType);
    if (isInPieces(vectors)) {
      for (Value groups : interleavePieces(c, values, 16 / byteSize(packedType)))
        result.push_back(vector::BitCastOp::create(c.b, c.loc, type, groups));
      continue;
    }
    Value groups = vector::BitCastOp::create(c.b, c.loc, VectorType::get({width}, groupType), interleave(values));
    for (int64_t at = 0; at < width; at += lanes) {
      SmallVector<int64_t> part;
      for (int64_t lane = 0; lane < lanes; ++lane)
        part.push_back(at + lane);
      result.push_back(width == lanes ? groups : c.shuffle(groups, groups, part));
    }
  }
  return result;
}

/// Adds the products of a left operand's groups, in all lanes, by those of the right one.
Value DotLowering::multiplyAddFew(Value left, Value right, Value sum) {
  if (few->byHalves)
    return multiplyAddHalves(left, right, sum);
  return lhsUnsigned ? multiplyAddInOrder(left, right, sum) : multiplyAddInOrder(right, left, sum);
}

/// What stands for the second row of pairs of which there is but one, from `group` on: a product that changes no sum.
Value DotLowering::padPairs(Value group, Value pairs) {
  Value isWhole = c.cmp(arith::CmpIPredicate::slt, c.addConst(c.mulConst(group, depth), 1), extentK);
  auto mask = [&](int64_t ifWhole, int64_t otherwise) {
    Type type = pairs.getType(), element = getElementTypeOrSelf(type);
    Value chosen = c.select(isWhole, c.intLike(element, ifWhole), c.intLike(element, otherwise));
    return c.splat(chosen, Code::lanes(pairs));
  };
  return c.bitOr(c.bitAnd(pairs, mask(-1, -0x10000)), mask(0, 0x8000));
}

/// Multiplies rows of pairs one after the other, in f32.
void DotLowering::rowByRow(Value from, Value to, llvm::function_ref<void()> multiplyRow) {
  few->byHalves = true;
  e.loop(from, to, 1, [&](Value row) {
    few->firstRow = row;
    multiplyRow();
  });
  few->byHalves = false;
  few->firstRow = {};
}

/// Multiplies pairs of bf16 by the instruction; the result is whether everything turned out to be in its range. If not,
/// nothing is stored. `walk` continues sums, of which there are `vectors` vectors of a row, and the extremes behind
/// them.
Value DotLowering::tryPairs(ArrayRef<Value> addresses, int64_t vectors, Value keep,
                            llvm::function_ref<SmallVector<Value>(ValueRange sums)> walk) {
  SmallVector<Value> sums = loadSums(addresses, vectors);
  return e.guarded(areSumsInRange(sums), c.intLike(c.i1(), 0), [&] {
    sums.append(initialExtremes());
    sums = walk(sums);
    Value areInRange = isInRange(ValueRange(sums).take_back(2));
    sums.pop_back_n(2);
    return e.guarded(areInRange, c.intLike(c.i1(), 0), [&] {
      reorderSums(sums, vectors, /*back=*/true);
      storeFewRows(sums, addresses, keep, /*adds=*/false);
      return c.intLike(c.i1(), 1);
    });
  });
}

/// All columns of the rows, in the steps `from` to `to`, by pairs. What the instruction must not multiply is few, and
/// so are the last columns: they are multiplied in f32, vector by vector of each row.
void DotLowering::pairsOfFewRows(Value from, Value to, int64_t vectors, int64_t rowsAtOnce) {
  Value isWhole = c.cmp(arith::CmpIPredicate::sle, c.mulConst(to, depth), extentK);
  Value mayTry = c.bitAnd(few->leftInRange, isWhole), last = c.addConst(extentN, -lanes);
  e.loop(c.index(0), extentN, vectors * lanes, [&](Value start) {
    Value end = c.addConst(start, vectors * lanes);
    Value hasAll = c.cmp(arith::CmpIPredicate::sle, end, extentN);
    e.loop(c.index(0), extentM, rowsAtOnce, [&](Value firstRow) {
      few->firstRow = firstRow;
      // Neither way finds what the other computed.
      Value isDone = e.guarded(c.bitAnd(mayTry, hasAll), c.intLike(c.i1(), 0), [&] {
        Emitter::Root inner(e);
        return fewRowsKernel(start, /*keep=*/{}, from, to, rowsAtOnce, vectors);
      });
      e.guarded(c.bitXor(isDone, c.intLike(c.i1(), 1)), {}, [&] {
        Emitter::Root inner(e);
        rowByRow(firstRow, c.minS(c.addConst(firstRow, rowsAtOnce), extentM), [&] {
          e.loop(start, c.minS(end, extentN), lanes, [&](Value next) {
            Value column = c.minS(next, last);
            fewRowsKernel(column, c.sub(next, column), from, to, /*rows=*/1, /*vectors=*/1);
          });
        });
        return Value();
      });
    });
  });
  few->firstRow = {};
}

/// Adds to the accumulators what is missing because the right operand's elements are 128 too large or too small.
void DotLowering::correctFewRows() {
  if (instruction->operands != Operands::U8AndS8 || lhsUnsigned != rhsUnsigned)
    return;
  auto sumsType = VectorType::get({lanes}, sumType), groupsType = VectorType::get({lanes}, groupType);
  Value ones =
      vector::BitCastOp::create(c.b, c.loc, groupsType, c.intLike(VectorType::get({lanes * depth}, packedType), 1));
  e.loop(c.index(0), extentM, 1, [&](Value row) {
    Value start = c.mul(row, few->left.rowStride);
    // Rows are padded with zeros up to the last whole vector.
    Value total = e.carriedLoop(c.index(0), groupCount, lanes, c.zeroLike(sumsType), [&](Value group, ValueRange sum) {
      Value x = c.load(groupsType, c.gep(few->left.base, groupType, c.add(start, group)));
      return SmallVector<Value>{lhsUnsigned ? multiplyAddInOrder(x, ones, sum[0])
                                            : multiplyAddInOrder(ones, x, sum[0])};
    })[0];
    total = vector::ReductionOp::create(c.b, c.loc, vector::CombiningKind::ADD, total);
    Value correction = c.splat(c.mulConst(total, lhsUnsigned ? 128 : -128), lanes);
    e.loop(c.index(0), extentN, lanes, [&](Value column) {
      Value address = c.gep(few->sums, sumType, c.add(c.mulConst(row, sumStride), column));
      c.store(c.add(c.load(sumsType, address), correction), address);
    });
  });
}
