//===- FewRowsTransposed.cpp - products of few rows by a transposed matrix ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The weights of a layer often lie with the contraction along their rows. As many of these rows as a vector has lanes
// are read a vector at a time, and transposed in registers: then lanes are columns of the product, whose terms are
// added in ascending order as elsewhere. Lanes are as wide as an accumulator: one f32, two bf16, or a group of bytes.
// Kernels of several products go another way (FewRowsSquares.cpp), and so do matrix registers (FewRowsMatrices.cpp).

#include "Dot.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using Operands = DotInstruction::Operands;

/// Whether the right operand is a matrix in memory whose columns are contiguous, of a type that there is code for.
bool DotLowering::isTransposedInMemory() const {
  auto permute = rhs.getDefiningOp<tile::PermuteOp>();
  if (!permute || e.plan.isKept(rhs) || permute.getOrder()[rank - 1] != rank - 2 || !isInMemory(rhs))
    return false;
  auto load = permute.getSource().getDefiningOp<tile::LoadOp>();
  if (!load || !isa<tile::RangeType>(load.getSubscripts().back().getType()) ||
      !matchPattern(e.frame.arrays.find(load.getArray())->second.strides.back(), m_One()))
    return false;
  Type element = getElementTypeOrSelf(rhs);
  if (sumType.isF32())
    return element.isF32() || element.isBF16();
  return instruction && instruction->operands == Operands::U8AndS8;
}

/// How many bytes of a row are read before the next rows: those that prefetchers follow, a page. By matrix registers it
/// is two: the sums pass through memory less often.
static constexpr int64_t runBytes = 4096;

/// Whether the operand is loaded from an array where the contraction is its last dim, and the other ones do not depend
/// on the loop.
static bool goesAlong(Value tile, Value over, scf::ForOp loop) {
  auto load = tile.getDefiningOp<tile::LoadOp>();
  if (!load || load.getSubscripts().back() != over)
    return false;
  return llvm::all_of(load.getSubscripts().drop_back(),
                      [&](Value subscript) { return loop.isDefinedOutsideOfLoop(subscript); });
}

/// How many tiles of the contraction a product of few rows takes at once, in the first iteration of so many of the loop
/// around it: a power of two, 1 if something else happens in the loop.
int64_t DotLowering::tilesAtOnce() {
  auto range = over.getDefiningOp<tile::RangeOp>();
  auto permute = rhs.getDefiningOp<tile::PermuteOp>();
  APInt step;
  if (!ends.loop || !range || range.getBegin() != ends.loop.getInductionVar() ||
      range.getSize() != ends.loop.getStep() || !matchPattern(range.getSize(), m_ConstantInt(&step)) || step != sizeK ||
      !ends.loop.isDefinedOutsideOfLoop(range.getEnd()) || // Otherwise each tile has an end of its own.
      !isTransposedInMemory() || !isInMemory(lhs) || e.plan.isKept(lhs) || !goesAlong(lhs, over, ends.loop) ||
      !goesAlong(permute.getSource(), over, ends.loop) || !isReadOnly(ends.loop))
    return 1;
  // Terms that matrix registers add apart are of one tile.
  if (isInMatrixOrder() && sizeK % (matrices->rows * depth) != 0)
    return 1;
  int64_t bytes = sizeK * byteSize(storageType(getElementTypeOrSelf(rhs)));
  int64_t tiles = (takesMatrixRows() ? 2 * runBytes : runBytes) / bytes;
  return llvm::bit_floor(static_cast<uint64_t>(std::max<int64_t>(1, tiles)));
}

/// Emits a product of few rows by so many tiles of the contraction, or by those that are left of it.
void DotLowering::takeTiles(int64_t tiles, llvm::function_ref<void()> multiply) {
  if (tiles == 1)
    return multiply();
  Value begin = e.frame.ranges.lookup(over).begin;
  // Where threads share the contraction, the loop is a part of it.
  auto [lower, upper] = e.loopBounds(ends.loop);
  Value distance = c.sub(begin, lower);
  Value isFirst = c.cmpConst(arith::CmpIPredicate::eq, c.op<arith::RemUIOp>(distance, c.index(tiles * sizeK)), 0);
  int64_t step = sizeK;
  llvm::SaveAndRestore size(sizeK, tiles * sizeK);
  llvm::SaveAndRestore extent(extentK), count(groupCount);
  e.guarded(isFirst, {}, [&] {
    // The loop's bounds are those of where tiles begin: its last one may end behind them, and others before they begin.
    Value behind = c.add(lower, c.mulConst(c.ceilDiv(c.sub(upper, lower), c.index(step)), step));
    Value end = c.minS(e.scalar(over.getDefiningOp<tile::RangeOp>().getEnd()), behind);
    extentK = c.minS(c.index(sizeK), c.maxS(c.sub(end, begin), c.index(0)));
    groupCount = c.op<arith::DivUIOp>(c.addConst(extentK, depth - 1), c.index(depth));
    multiply();
    return Value();
  });
}

/// Transposes as many vectors as each has lanes, which are a power of two and at least four. If `swapsHalves` is set,
/// the halves of each lane change their places, of eight lanes at least.
SmallVector<Value> loops::transposeSquare(Code &c, ArrayRef<Value> rows, bool swapsHalves) {
  int64_t lanes = rows.size();
  // First squares of four by four inside of 16 bytes, which are the cheapest shuffles.
  SmallVector<Value> squares(lanes);
  for (int64_t row = 0; row < lanes; row += 4)
    for (auto [column, square] : llvm::enumerate(transposeGroups(c, rows.slice(row, 4), 1, 4)))
      squares[column * (lanes / 4) + row / 4] = square;
  // A column of squares is transposed by pieces of 16 bytes: the even ones of two vectors, and the odd ones.
  auto pieces = [&](Value x, Value y, int64_t odd, bool swaps) -> Value {
    SmallVector<int64_t> mask;
    int64_t parts = swaps ? 2 : 1;
    for (int64_t piece = odd; piece < lanes / 2; piece += 2)
      for (int64_t part = 0; part < 4 * parts; ++part)
        mask.push_back(4 * parts * piece + (swaps ? part ^ 1 : part));
    if (!swaps)
      return c.shuffle(x, y, mask);
    auto halves = VectorType::get({2 * lanes}, c.b.getI16Type());
    Value swapped = c.shuffle(vector::BitCastOp::create(c.b, c.loc, halves, x),
                              vector::BitCastOp::create(c.b, c.loc, halves, y), mask);
    return vector::BitCastOp::create(c.b, c.loc, x.getType(), swapped);
  };
  SmallVector<Value> result(lanes);
  for (int64_t column = 0; column < 4; ++column) {
    SmallVector<Value> parts(ArrayRef<Value>(squares).slice(column * (lanes / 4), lanes / 4));
    for (int64_t count = 1; count < lanes / 4; count *= 2) {
      SmallVector<Value> next;
      for (int64_t odd = 0; odd < 2; ++odd)
        for (size_t at = 0; at < parts.size(); at += 2)
          next.push_back(pieces(parts[at], parts[at + 1], odd, swapsHalves && count == lanes / 8));
      parts = std::move(next);
    }
    for (auto [piece, part] : llvm::enumerate(parts))
      result[4 * piece + column] = part;
  }
  return result;
}

/// Multiplies `rows` rows of the left operand by a vector of columns, along the contraction up to `end`. If `keep` is
/// given, the sums of so many columns stay as they are.
void DotLowering::transposedKernel(Value column, Value keep, Value end, int64_t rows) {
  const Matrix &right = few->transposed;
  Type element = storageType(getElementTypeOrSelf(rhs)), stepType = few->byGroups ? groupType : sumType;
  auto vectorType = VectorType::get({lanes}, sumType), wordsType = VectorType::get({lanes}, c.i32());
  int64_t perWord = 4 / byteSize(element);
  bool byPairs = few->leftInRange != nullptr;
  SmallVector<Value> addresses, rowBases;
  for (int64_t r = 0; r < rows; ++r) {
    Value row = fewRow(r);
    addresses.push_back(c.gep(few->sums, sumType, c.add(c.mulConst(row, sumStride), column)));
    rowBases.push_back(c.gep(few->left.base, stepType, c.mul(row, few->left.rowStride)));
  }
  Value base = c.gep(right.base, element, c.mul(column, right.columnStride));
  auto addBlock = [&](Value k, ValueRange carried) {
    SmallVector<Value> words, next(carried);
    // What is read so many bytes later, of these rows or of the next ones.
    Value ahead = c.addConst(k, fetchedAhead / byteSize(element));
    Value behind = c.add(c.sub(ahead, end), c.mulConst(right.columnStride, lanes));
    ahead = c.select(c.cmp(arith::CmpIPredicate::slt, ahead, end), ahead, behind);
    // A step has as many terms as matrix registers multiply at once.
    SmallVector<Value> chains(isInMatrixOrder() ? 2 * rows : 0, c.zeroLike(vectorType));
    for (int64_t n = 0; n < lanes; ++n) {
      Value row = c.mulConst(right.columnStride, n), offset = c.add(row, k);
      Value bits = c.load(VectorType::get({lanes * perWord}, element), c.gep(base, element, offset));
      words.push_back(vector::BitCastOp::create(c.b, c.loc, wordsType, bits));
      if (triesPairs())
        llvm::copy(followPairs(words.back(), ArrayRef<Value>(next).take_back(2)), next.end() - 2);
      fetch(c.gep(base, element, c.add(row, ahead)), /*isWritten=*/false);
    }
    words = transposeSquare(c, words, byPairs);
    Value first = few->byGroups ? c.op<arith::DivUIOp>(k, c.index(depth)) : k;
    auto left = [&](int64_t r, int64_t step) {
      Value offset = c.mul(c.addConst(first, step), few->left.columnStride);
      Value x = c.load(stepType, c.gep(rowBases[r], stepType, offset));
      return vector::BroadcastOp::create(c.b, c.loc, VectorType::get({lanes}, stepType), x).getResult();
    };
    for (int64_t word = 0; word < lanes; ++word) {
      Value y = words[word];
      if (few->byGroups) {
        if (!byPairs && lhsUnsigned == rhsUnsigned)
          y = c.bitXor(y, c.intLike(wordsType, -0x7f7f7f80));
        for (int64_t r = 0; r < rows; ++r)
          next[r] = multiplyAddFew(left(r, word), y, next[r]);
        continue;
      }
      SmallVector<Value> terms;
      if (perWord == 2)
        terms = {c.shl(y, 16), c.andConst(y, -0x10000)};
      else
        terms = {y};
      for (auto [part, bits] : llvm::enumerate(terms))
        for (int64_t r = 0; r < rows; ++r) {
          Value &sum = chains.empty() ? next[r] : chains[2 * r + part];
          sum = multiplyAdd(left(r, word * perWord + part), c.bitcast(bits, sumType), sum);
        }
    }
    for (size_t r = 0; r < chains.size() / 2; ++r)
      next[r] = c.addF(next[r], c.addF(chains[2 * r], chains[2 * r + 1]));
    return next;
  };
  auto walk = [&](ValueRange start) { return e.carriedLoop(c.index(0), end, lanes * perWord, start, addBlock); };
  if (triesPairs()) {
    Value none = c.intLike(c.i1(), 0);
    Value isDone = e.guarded(few->leftInRange, none, [&] { return tryPairs(addresses, 1, keep, walk); });
    e.guarded(c.bitXor(isDone, c.intLike(c.i1(), 1)), {}, [&] {
      rowByRow(c.index(0), extentM, [&] { transposedKernel(column, keep, end, /*rows=*/1); });
      return Value();
    });
    return;
  }
  storeFewRows(walk(loadSums(addresses, 1)), addresses, keep, /*adds=*/false);
}

/// A vector of columns of `rows` rows: whole vectors of the contraction, then what is left of it.
void DotLowering::transposedColumn(Value column, Value keep, int64_t rows) {
  int64_t perVector = lanes * 4 / byteSize(storageType(getElementTypeOrSelf(rhs)));
  Value whole = c.roundDown(extentK, perVector);
  transposedKernel(column, keep, whole, rows);
  if (!few->byGroups) {
    // Chains of nothing would be added, too: -0 is not to become 0.
    e.guarded(c.cmp(arith::CmpIPredicate::slt, whole, extentK), {}, [&] {
      Emitter::Root inner(e);
      return fewRowsKernel(column, keep, whole, extentK, rows, 1);
    });
    return;
  }
  // Whole groups, and the last one if it is a part of one.
  Value from = c.op<arith::DivUIOp>(whole, c.index(depth)), wholeGroups = c.op<arith::DivUIOp>(extentK, c.index(depth));
  e.loop(c.index(0), c.addConst(c.sub(groupCount, wholeGroups), 1), 1, [&](Value part) {
    Value isWhole = c.cmpConst(arith::CmpIPredicate::eq, part, 0);
    Value begin = c.select(isWhole, from, wholeGroups), end = c.select(isWhole, wholeGroups, groupCount);
    if (triesPairs())
      return rowByRow(c.index(0), extentM, [&] { fewRowsKernel(column, keep, begin, end, /*rows=*/1, 1); });
    fewRowsKernel(column, keep, begin, end, rows, 1);
  });
}

/// All columns of `rows` rows.
void DotLowering::transposedColumns(int64_t rows) {
  Value last = c.addConst(extentN, -lanes);
  e.loop(c.index(0), extentN, lanes, [&](Value next) {
    Value column = c.minS(next, last);
    transposedColumn(column, c.sub(next, column), rows);
  });
}
