//===- FewRowsTransposed.cpp - products of few rows by a transposed matrix ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The weights of a layer often lie with the contraction along their rows. As many of these rows as a vector has lanes
// are read a vector at a time, and transposed in registers: then lanes are columns of the product, whose terms are
// added in ascending order as elsewhere. Lanes are as wide as an accumulator: one f32, two bf16, or a group of bytes.

#include "Dot.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

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

/// Transposes as many vectors as each has lanes, which are a power of two and at least four.
static SmallVector<Value> transposeSquare(Code &c, ArrayRef<Value> rows) {
  int64_t lanes = rows.size();
  // First squares of four by four inside of 16 bytes, which are the cheapest shuffles: lanes of two vectors in turn,
  // one by one and then two by two, of the lower or upper half of each 16 bytes.
  auto interleave = [&](Value x, Value y, int64_t count, int64_t half) {
    SmallVector<int64_t> mask;
    for (int64_t start = 0; start < lanes; start += 4)
      for (int64_t at = 0; at < 2; at += count)
        for (int64_t from : {int64_t(0), lanes})
          for (int64_t lane = 0; lane < count; ++lane)
            mask.push_back(from + start + 2 * half + at + lane);
    return c.shuffle(x, y, mask);
  };
  SmallVector<Value> squares(lanes);
  for (int64_t row = 0; row < lanes; row += 4)
    for (int64_t half = 0; half < 2; ++half) {
      Value x = interleave(rows[row], rows[row + 1], 1, half), y = interleave(rows[row + 2], rows[row + 3], 1, half);
      for (int64_t column = 0; column < 2; ++column)
        squares[(2 * half + column) * (lanes / 4) + row / 4] = interleave(x, y, 2, column);
    }
  // A column of squares is transposed by pieces of 16 bytes: the even ones of two vectors, and the odd ones.
  auto pieces = [&](Value x, Value y, int64_t odd) {
    SmallVector<int64_t> mask;
    for (int64_t piece = odd; piece < lanes / 2; piece += 2)
      for (int64_t lane = 0; lane < 4; ++lane)
        mask.push_back(4 * piece + lane);
    return c.shuffle(x, y, mask);
  };
  SmallVector<Value> result(lanes);
  for (int64_t column = 0; column < 4; ++column) {
    SmallVector<Value> parts(ArrayRef<Value>(squares).slice(column * (lanes / 4), lanes / 4));
    for (int64_t count = 1; count < lanes / 4; count *= 2) {
      SmallVector<Value> next;
      for (int64_t odd = 0; odd < 2; ++odd)
        for (size_t at = 0; at < parts.size(); at += 2)
          next.push_back(pieces(parts[at], parts[at + 1], odd));
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
  SmallVector<Value> addresses, initial, rowBases;
  for (int64_t r = 0; r < rows; ++r) {
    Value row = fewRow(r);
    addresses.push_back(c.gep(few->sums, sumType, c.add(c.mulConst(row, sumStride), column)));
    initial.push_back(c.load(vectorType, addresses.back()));
    rowBases.push_back(c.gep(few->left.base, stepType, c.mul(row, few->left.rowStride)));
  }
  Value base = c.gep(right.base, element, c.mul(column, right.columnStride));
  SmallVector<Value> sums = e.carriedLoop(c.index(0), end, lanes * perWord, initial, [&](Value k, ValueRange carried) {
    SmallVector<Value> words, next(carried);
    // A step has as many terms as matrix registers multiply at once.
    SmallVector<Value> chains(isInMatrixOrder() ? 2 * rows : 0, c.zeroLike(vectorType));
    for (int64_t n = 0; n < lanes; ++n) {
      Value offset = c.add(c.mulConst(right.columnStride, n), k);
      Value bits = c.load(VectorType::get({lanes * perWord}, element), c.gep(base, element, offset));
      words.push_back(vector::BitCastOp::create(c.b, c.loc, wordsType, bits));
      fetch(c.gep(base, element, c.add(offset, few->ahead)), /*isWritten=*/false);
    }
    words = transposeSquare(c, words);
    Value first = few->byGroups ? c.op<arith::DivUIOp>(k, c.index(depth)) : k;
    auto left = [&](int64_t r, int64_t step) {
      Value offset = c.mul(c.addConst(first, step), few->left.columnStride);
      Value x = c.load(stepType, c.gep(rowBases[r], stepType, offset));
      return vector::BroadcastOp::create(c.b, c.loc, VectorType::get({lanes}, stepType), x).getResult();
    };
    for (int64_t word = 0; word < lanes; ++word) {
      Value y = words[word];
      if (few->byGroups) {
        if (lhsUnsigned == rhsUnsigned)
          y = c.bitXor(y, c.intLike(wordsType, -0x7f7f7f80));
        for (int64_t r = 0; r < rows; ++r) {
          Value x = left(r, word);
          next[r] = lhsUnsigned ? multiplyAddInOrder(x, y, next[r]) : multiplyAddInOrder(y, x, next[r]);
        }
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
  });
  for (auto [sum, old, address] : llvm::zip_equal(sums, initial, addresses)) {
    Value value = sum;
    if (keep)
      value = c.select(c.cmp(arith::CmpIPredicate::sge, c.iota(c.i64(), lanes), c.splat(keep, lanes)), sum, old);
    c.store(value, address);
  }
}

/// All columns of `rows` rows: whole vectors of the contraction, then what is left of it.
void DotLowering::transposedColumns(int64_t rows) {
  int64_t perVector = lanes * 4 / byteSize(storageType(getElementTypeOrSelf(rhs)));
  Value whole = c.roundDown(extentK, perVector), last = c.addConst(extentN, -lanes);
  Value steps = few->byGroups ? groupCount : extentK;
  Value from = few->byGroups ? c.op<arith::DivUIOp>(whole, c.index(depth)) : whole;
  e.loop(c.index(0), extentN, lanes, [&](Value next) {
    Value column = c.minS(next, last), keep = c.sub(next, column);
    transposedKernel(column, keep, whole, rows);
    fewRowsKernel(column, keep, from, steps, rows, 1);
  });
}
