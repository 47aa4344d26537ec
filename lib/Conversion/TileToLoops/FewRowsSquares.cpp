//===- FewRowsSquares.cpp - products of few rows by squares of a transposed matrix ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a kernel has several products, few rows are multiplied by a transposed matrix with less code than
// FewRowsTransposed.cpp has. Squares of so many rows and columns are transposed by one piece of code, whatever the
// number of rows of the product, and go to the stack. Loops over their words multiply them: four rows of the left
// operand at once, or one or two one by one. The contraction ends in a square that is filled up.

#include "Dot.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// How many rows of the product are multiplied at once, and how many are not.
static constexpr int64_t rowsAtOnce = 4, mostRowsApart = 2;

/// Transposes the columns from `column` on, as many as there are lanes, whose rows are `stride` apart from `from` on;
/// they have the contraction from `k` on.
void DotLowering::transposeInto(const Square &square, Value from, Value stride, Value column, Value k) {
  const Matrix &right = few->transposed;
  auto wordsType = VectorType::get({lanes}, c.i32());
  // What is read so many bytes later, of these rows or of the next ones.
  Value ahead = c.addConst(k, fetchedAhead / byteSize(square.element));
  Value behind = c.add(c.sub(ahead, extentK), c.mulConst(right.columnStride, lanes));
  ahead = c.select(c.cmp(arith::CmpIPredicate::slt, ahead, extentK), ahead, behind);
  Value fetched = c.gep(right.base, square.element, c.add(c.mul(column, right.columnStride), ahead));
  SmallVector<Value> words;
  for (int64_t n = 0; n < lanes; ++n) {
    Value offset = c.mulConst(stride, n);
    Value bits = c.load(VectorType::get({square.depth}, square.element), c.gep(from, square.element, offset));
    words.push_back(vector::BitCastOp::create(c.b, c.loc, wordsType, bits));
    fetch(c.gep(fetched, square.element, offset), /*isWritten=*/false);
  }
  bool hasPairs = few->leftInRange != nullptr;
  words = transposeSquare(c, words, hasPairs);
  for (auto [number, word] : llvm::enumerate(words)) {
    if (few->byGroups && !hasPairs && lhsUnsigned == rhsUnsigned)
      word = c.bitXor(word, c.intLike(wordsType, -0x7f7f7f80));
    c.store(word, c.gep(square.words, c.i32(), c.index(number * lanes)));
  }
}

/// Whether the instruction may multiply the pairs of a square, and there are enough rows for it.
Value DotLowering::takesPairsOf(const Square &square) {
  Value mayTry = c.bitAnd(few->leftInRange, c.cmpConst(arith::CmpIPredicate::sgt, extentM, mostRowsApart));
  return e.guarded(mayTry, c.intLike(c.i1(), 0), [&] {
    SmallVector<Value> extremes = initialExtremes();
    for (int64_t word = 0; word < lanes; ++word) {
      Value address = c.gep(square.words, c.i32(), c.index(word * lanes));
      extremes = followPairs(c.load(VectorType::get({lanes}, c.i32()), address), extremes);
    }
    return isInRange(extremes);
  });
}

/// Multiplies `rows` rows, from `row` on, by a square whose columns' sums are in `sums`. `left` begins with it along
/// the contraction. The last row stands for those that are missing.
void DotLowering::multiplySquare(const Square &square, const Matrix &left, Value sums, Value row, int64_t rows) {
  bool byHalves = few->leftInRange && rows == 1;
  Type stepType = few->byGroups && !byHalves ? groupType : sumType;
  auto vectorType = VectorType::get({lanes}, sumType), wordsType = VectorType::get({lanes}, c.i32());
  bool isSplit = byHalves || (!few->byGroups && square.depth > lanes);
  int64_t wordsAtOnce = rows == 1 ? 4 : 1;
  auto upper = [&](Value words) { return c.bitcast(c.andConst(words, -0x10000), sumType); };
  auto lower = [&](Value words) { return c.bitcast(c.shl(words, 16), sumType); };
  SmallVector<Value> addresses, rowBases, total;
  for (int64_t r = 0; r < rows; ++r) {
    Value there = rows == 1 ? row : c.minS(c.addConst(row, r), c.addConst(extentM, -1));
    rowBases.push_back(c.gep(left.base, few->byGroups ? groupType : sumType, c.mul(there, left.rowStride)));
    addresses.push_back(c.gep(sums, sumType, c.mulConst(there, sumStride)));
    total.push_back(c.load(vectorType, addresses.back()));
  }
  if (byHalves) {
    Value words = c.load(wordsType, rowBases[0]);
    c.store(upper(words), square.leftHalves);
    c.store(lower(words), c.gep(square.leftHalves, sumType, c.index(lanes)));
    rowBases[0] = square.leftHalves;
  }
  // Matrix registers multiply as many terms at once: in their order both halves of words have chains of their own.
  SmallVector<Value> chains = total;
  if (isInMatrixOrder())
    chains.assign(2 * rows, c.zeroLike(vectorType));
  chains = e.carriedLoop(c.index(0), c.index(lanes), wordsAtOnce, chains, [&](Value first, ValueRange carried) {
    SmallVector<Value> next(carried);
    for (int64_t at = 0; at < wordsAtOnce; ++at) {
      Value word = c.addConst(first, at);
      Value y = c.load(wordsType, c.gep(square.words, c.i32(), c.mulConst(word, lanes)));
      SmallVector<Value, 2> parts{y};
      if (isSplit)
        parts = byHalves ? SmallVector<Value, 2>{upper(y), lower(y)} : SmallVector<Value, 2>{lower(y), upper(y)};
      else if (!few->byGroups)
        parts = {c.bitcast(y, sumType)};
      for (auto [part, right] : llvm::enumerate(parts))
        for (int64_t r = 0; r < rows; ++r) {
          Value step = byHalves ? c.addConst(word, part * lanes)
                                : c.mul(c.addConst(c.mulConst(word, parts.size()), part), left.columnStride);
          Value x = c.splat(c.load(stepType, c.gep(rowBases[r], stepType, step)), lanes);
          Value &sum = next[isInMatrixOrder() ? 2 * r + part : r];
          sum = few->byGroups && !byHalves ? multiplyAddFew(x, right, sum) : multiplyAdd(x, right, sum);
        }
    }
    return next;
  });
  for (int64_t r = 0; r < rows; ++r)
    total[r] = isInMatrixOrder() ? c.addF(total[r], c.addF(chains[2 * r], chains[2 * r + 1])) : chains[r];
  storeFewRows(total, addresses, /*keep=*/{}, /*adds=*/false);
}

/// Multiplies all rows by a square: several at once, of pairs by the instruction, if `isInRange` holds or is null. One
/// or two rows, and pairs that are out of range, are multiplied one by one.
void DotLowering::multiplyRowsBySquare(const Square &square, const Matrix &left, Value sums, Value isInRange) {
  e.loop(c.index(0), extentM, rowsAtOnce, [&](Value row) {
    Value isOften = c.cmpConst(arith::CmpIPredicate::sgt, c.sub(extentM, row), mostRowsApart);
    if (isInRange) {
      SmallVector<Value> present;
      for (int64_t r = 0; r < rowsAtOnce; ++r) {
        Value there = c.minS(c.addConst(row, r), c.addConst(extentM, -1));
        present.push_back(
            c.load(VectorType::get({lanes}, sumType), c.gep(sums, sumType, c.mulConst(there, sumStride))));
      }
      isOften = e.guarded(c.bitAnd(isOften, isInRange), c.intLike(c.i1(), 0), [&] { return areSumsInRange(present); });
    }
    auto atOnce = [&] { multiplySquare(square, left, sums, row, rowsAtOnce); };
    e.either(isOften, atOnce, [&] {
      e.loop(row, c.minS(c.addConst(row, rowsAtOnce), extentM), 1,
             [&](Value one) { multiplySquare(square, left, sums, one, /*rows=*/1); });
    });
  });
}

/// Copies what is left of a row of an operand from `begin` to `end` to a row of `width` elements, which ends in
/// `padding`.
void DotLowering::copyRest(Value source, Value stride, Value begin, Value end, Type element, Value target,
                           int64_t width, int64_t padding) {
  auto words = VectorType::get({lanes}, c.i32());
  for (int64_t at = 0; at < width; at += lanes * 4 / byteSize(element))
    c.store(c.intLike(words, padding), c.gep(target, element, c.index(at)));
  e.loop(begin, end, 1, [&](Value k) {
    c.store(c.load(element, c.gep(source, element, c.mul(k, stride))), c.gep(target, element, c.sub(k, begin)));
  });
}

/// Copies what is left of the contraction from `from` on, of both operands. Behind it are zeros in the left one, and in
/// the right one what changes no sum beside them.
void DotLowering::fillEdges(const Square &square, Value column, Value from) {
  const Matrix &right = few->transposed;
  int64_t negativeZeros = byteSize(square.element) == 2 ? -0x7fff8000 : -0x80000000LL;
  e.loop(c.index(0), c.index(lanes), 1, [&](Value n) {
    copyRest(c.gep(right.base, square.element, c.mul(c.add(column, n), right.columnStride)), c.index(1), from, extentK,
             square.element, c.gep(square.rightEdge, square.element, c.mulConst(n, square.depth)), square.depth,
             sumType.isF32() ? negativeZeros : 0);
  });
  Type stepType = few->byGroups ? groupType : sumType;
  int64_t perStep = few->byGroups ? depth : 1;
  e.loop(c.index(0), extentM, 1, [&](Value row) {
    copyRest(c.gep(few->left.base, stepType, c.mul(row, few->left.rowStride)), few->left.columnStride,
             c.op<arith::DivUIOp>(from, c.index(perStep)), few->byGroups ? groupCount : extentK, stepType,
             c.gep(square.leftEdge, stepType, c.mulConst(row, square.depth / perStep)), square.depth / perStep, 0);
  });
}

/// All rows and columns, by squares: of as many columns as a vector has lanes a vector of the contraction each.
void DotLowering::multiplySquares() {
  Type element = storageType(getElementTypeOrSelf(rhs)), stepType = few->byGroups ? groupType : sumType;
  int64_t squareDepth = lanes * 4 / byteSize(element), steps = squareDepth / (few->byGroups ? depth : 1);
  auto vectorType = VectorType::get({lanes}, sumType);
  auto room = [&](Type type, int64_t count) { return c.stackRoom(type, count, lineBytes); };
  Square square{element, squareDepth, room(vectorType, lanes), room(vectorType, lanes),
                room(stepType, mostFewRowsOfVectors * steps)};
  Value kept = room(vectorType, mostFewRowsOfVectors);
  if (few->leftInRange)
    square.leftHalves = room(vectorType, 2);
  Value whole = c.roundDown(extentK, squareDepth), last = c.addConst(extentN, -lanes);
  e.loop(c.index(0), extentN, lanes, [&](Value next) {
    // The last vector ends where the columns end: it shares some with the one before, whose sums stay as they are.
    Value column = c.minS(next, last), keep = c.sub(next, column);
    Value sums = c.gep(few->sums, sumType, column);
    auto ifShared = [&](llvm::function_ref<void(Value address, Value kept)> body) {
      e.guarded(c.cmpConst(arith::CmpIPredicate::ne, keep, 0), {}, [&] {
        e.loop(c.index(0), extentM, 1, [&](Value row) {
          body(c.gep(sums, sumType, c.mulConst(row, sumStride)), c.gep(kept, sumType, c.mulConst(row, lanes)));
        });
        return Value();
      });
    };
    ifShared([&](Value address, Value kept) { c.store(c.load(vectorType, address), kept); });
    // Whole squares, and what is left of the contraction.
    Value hasEdge = c.cmp(arith::CmpIPredicate::slt, whole, extentK);
    e.loop(c.index(0), c.addConst(c.resize(hasEdge, c.i64(), /*isUnsigned=*/true), 1), 1, [&](Value part) {
      Value isWhole = c.cmpConst(arith::CmpIPredicate::eq, part, 0);
      auto choose = [&](Value ifWhole, Value otherwise) { return c.select(isWhole, ifWhole, otherwise); };
      Value begin = choose(c.index(0), whole), end = choose(whole, extentK);
      Value stride = choose(few->transposed.columnStride, c.index(squareDepth));
      Matrix left{choose(few->left.base, square.leftEdge), choose(few->left.rowStride, c.index(steps)),
                  choose(few->left.columnStride, c.index(1))};
      e.guarded(c.cmpConst(arith::CmpIPredicate::ne, part, 0), {}, [&] {
        fillEdges(square, column, whole);
        return Value();
      });
      e.loop(begin, end, squareDepth, [&](Value k) {
        Value start = c.add(c.mul(column, few->transposed.columnStride), k);
        Value from = choose(c.gep(few->transposed.base, element, start), square.rightEdge);
        transposeInto(square, from, stride, column, k);
        Value step = few->byGroups ? c.op<arith::DivUIOp>(k, c.index(depth)) : k;
        Value leftStart = c.gep(left.base, stepType, choose(c.mul(step, left.columnStride), c.index(0)));
        multiplyRowsBySquare(square, {leftStart, left.rowStride, left.columnStride}, sums,
                             few->leftInRange ? takesPairsOf(square) : Value());
      });
    });
    ifShared([&](Value address, Value kept) {
      Value sum = c.load(vectorType, address);
      c.store(c.load(vectorType, kept), address);
      storeFewRows(sum, address, keep, /*adds=*/false);
    });
  });
}
