//===- MatrixProduct.cpp - products by matrix registers ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Four registers hold 32 rows of two vectors of sums, in two halves of rows, and two registers each what is multiplied:
// 16 groups of the halves' rows, and 16 rows of groups of the vectors' columns. Each step of the contraction loads four
// registers and does four products. Registers are numbered here, not by LLVM, which would spill one that is in the way.
//
// Operands are packed by groups, and padded by zeros to whole registers along the contraction. Sums lie in scratch as
// elsewhere, in rows of whole vectors. Those that begin as zeros are not loaded, and whole vectors of the last sums are
// stored to the array at once, if nothing else is to be done with them (DotEnds.cpp). The last rows are multiplied with
// registers of fewer rows: nothing is read or written beyond.
//
// Bytes are multiplied as they are, signed or not. bf16 are added in the registers' order: of each 32 terms the even
// and the odd ones are a chain of multiply-adds each, from zero on; both chains are added, and their sum to what was
// there. Registers take subnormals for zero. So they are used where nothing can be subnormal and nothing overflows
// within them (GroupProduct.cpp), and elsewhere vectors add the same groups in the same order: results depend on
// neither. Sums that began as zeros and have had nothing but such operands are multiples of 2^-126, and need not be
// looked at.

#include "Dot.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

/// The registers: sums of two halves of rows by two vectors of columns, rows of the left operand, columns of the right
/// one.
static constexpr int64_t sumsFrom = 0, leftFrom = 4, rightFrom = 6;
static_assert(rightFrom + 2 == MatrixInstructions::registers);

StringRef loops::matrixProductOf(const Code &c, tile::DotOp dot) {
  Type element = getElementTypeOrSelf(dot.getLhs());
  if (!c.spec.matrices)
    return {};
  if (element.isInteger(8))
    return c.spec.matrices->multiplyBytes[dot.getLhsUnsigned()][dot.getRhsUnsigned()];
  // Without excess precision the order of sums is the same on every machine.
  if (element.isBF16() && getElementTypeOrSelf(dot.getResult()).isF32() && c.contract)
    return c.spec.matrices->multiplyBF16;
  return {};
}

/// Whether matrix registers multiply the operands that `instruction` does.
void DotLowering::chooseMatrices() {
  matrixProduct = matrixProductOf(c, cast<tile::DotOp>(op));
  if (matrixProduct.empty())
    return;
  matrices = &*c.spec.matrices;
  assert(lanes * byteSize(groupType) == matrices->rowBytes && "a row of a register is a vector");
}

Value DotLowering::matrixRegister(int64_t number) { return c.intLike(c.i8(), number); }

void DotLowering::callMatrices(StringRef intrinsic, ValueRange operands) {
  LLVM::CallIntrinsicOp::create(c.b, c.loc, c.b.getStringAttr(intrinsic), operands);
}

Value DotLowering::sumAddress(const Matrix &sums, Value row, Value column) {
  return c.gep(sums.base, sumType, c.add(c.mul(row, sums.rowStride), column));
}

//===----------------------------------------------------------------------===//
// Rows of registers
//===----------------------------------------------------------------------===//

/// Configures registers whose halves have so many rows, by way of `table`. Without `secondRows` all have those of the
/// first half.
void DotLowering::configureMatrices(Value table, Value firstRows, Value secondRows) {
  auto setRows = [&](int64_t number, Value rows) {
    c.store(c.resize(rows, c.i8()), c.gep(table, c.i8(), c.index(matrices->rowCountsAt + number)));
  };
  for (int64_t half = 0; half < 2; ++half) {
    Value rows = half && secondRows ? secondRows : firstRows;
    setRows(sumsFrom + 2 * half, rows);
    setRows(sumsFrom + 2 * half + 1, rows);
    setRows(leftFrom + half, rows);
  }
  callMatrices(matrices->configure, table);
}

/// Zeros in the right operand up to a whole register's rows.
void DotLowering::padRightGroups(Value panels) {
  Value zeros = c.zeroLike(VectorType::get({lanes}, groupType)), end = c.roundUp(groupCount, matrices->rows);
  Value columns = c.roundUp(extentN, lanes);
  e.loop(groupCount, end, 1, [&](Value group) {
    e.loop(c.index(0), columns, lanes, [&](Value column) { c.store(zeros, panelAddress(panels, group, column)); });
  });
}

/// Whether registers can load the left operand's rows where they are: each is whole lines, and those of a register do not
/// compete for a few sets of the first cache, nor those of a tile for a few of the second one.
Value DotLowering::mayLoadRows(const Matrix &array) {
  constexpr int64_t setsBytes = 1024, mostBytes = 4096;
  int64_t elementBytes = byteSize(storageType(getElementTypeOrSelf(lhs)));
  Value rowBytes = c.mulConst(array.rowStride, elementBytes), usedBytes = c.mulConst(extentK, elementBytes);
  Value address = LLVM::PtrToIntOp::create(c.b, c.loc, c.i64(), array.base);
  Value inLine = c.andConst(c.bitOr(c.bitOr(rowBytes, usedBytes), address), lineBytes - 1);
  Value isSpread = c.bitAnd(c.cmpConst(CmpIPredicate::ne, c.andConst(rowBytes, setsBytes - 1), 0),
                            c.cmpConst(CmpIPredicate::ult, rowBytes, mostBytes));
  return c.bitAnd(c.cmpConst(CmpIPredicate::eq, inLine, 0), isSpread);
}

/// Looks at rows that are loaded where they are, if it matters what is in them.
void DotLowering::surveyRows(ArrayRef<Value> batch) {
  if (!isInMatrixOrder())
    return;
  int64_t width = packedLanes(lhs, sizeK);
  e.loop(c.index(0), extentM, 1, [&](Value row) {
    e.loop(c.index(0), extentK, width, [&](Value k) {
      followPacked(groupElement(true, batchIndices(batch, {row, 0}, {k, width})));
    });
  });
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// Whether rows of the left operand pass by the first cache: panels are in use for many of them. A few rows are better read
/// there themselves.
bool DotLowering::passesRows() const {
  constexpr int64_t leastBlocks = 4;
  return sizeM >= leastBlocks * kernel.rows;
}

/// Groups of the contraction that blocks walk along before the next columns: their panel leaves the first cache room for
/// rows of the left operand, unless these pass by it.
int64_t DotLowering::groupsOfPass() const {
  int64_t panelBytes = (passesRows() ? 2 : 1) * c.spec.l1Bytes / 3, columnBytes = kernel.vectors * lanes * byteSize(groupType);
  auto fitting = static_cast<int64_t>(llvm::bit_floor(static_cast<uint64_t>(panelBytes / columnBytes)));
  return std::max(std::min(fitting, groups), matrices->rows);
}

/// Multiplies the rows of a block by its columns, along its part of the contraction. The sums go from one place to another.
void DotLowering::matrixRows(const Matrix &left, const Panel &panel, const MatrixBlock &block, const Matrix &from,
                             const Matrix &to) {
  int64_t groupBytes = byteSize(groupType);
  Value leftBytes = c.mulConst(left.rowStride, groupBytes), rightBytes = c.mulConst(panel.rowStride, groupBytes);
  auto sums = [](int64_t half, int64_t v) { return sumsFrom + 2 * half + v; };
  auto eachSum = [&](llvm::function_ref<void(int64_t half, int64_t v)> body) {
    for (int64_t half = 0; half < block.halves; ++half)
      for (int64_t v = 0; v < block.vectors; ++v)
        body(half, v);
  };
  auto move = [&](StringRef intrinsic, const Matrix &matrix) {
    Value bytes = c.mulConst(matrix.rowStride, byteSize(sumType));
    eachSum([&](int64_t half, int64_t v) {
      Value row = c.addConst(block.row, half * matrices->rows), column = c.addConst(block.column, v * lanes);
      callMatrices(intrinsic, {matrixRegister(sums(half, v)), sumAddress(matrix, row, column), bytes});
    });
  };
  auto zero = [&] {
    eachSum([&](int64_t half, int64_t v) { callMatrices(matrices->zero, matrixRegister(sums(half, v))); });
  };
  if (Value isZero = areSumsZero())
    e.either(isZero, zero, [&] { move(matrices->load, from); });
  else
    move(matrices->load, from);
  // Each step fetches its share of the lines that the sums go to: all at once would be in the way of the operands. What
  // is left to a short contraction is fetched before it, unless all of them find room in the second cache.
  int64_t log = llvm::Log2_64(matrices->rows), rowCount = block.halves * matrices->rows;
  int64_t rowsPerStep = llvm::divideCeil(rowCount * matrices->rows, groupsOfPass());
  auto fetchSums = [&](Value row) {
    for (int64_t v = 0; v < block.vectors; ++v)
      fetch(sumAddress(to, c.add(block.row, row), c.addConst(block.column, v * lanes)), /*isWritten=*/true);
  };
  auto shareOf = [&](Value group) {
    return c.mulConst(c.lshr(c.sub(group, block.groups.begin), log), rowsPerStep);
  };
  auto fetchShare = [&](Value group) {
    Value first = shareOf(group);
    for (int64_t r = 0; r < rowsPerStep; ++r)
      fetchSums(c.addConst(first, r));
  };
  Value steps = c.roundUp(c.sub(block.groups.end, block.groups.begin), matrices->rows);
  Value areNear = c.cmpConst(CmpIPredicate::sle, c.mul(to.rowStride, extentM), c.spec.l2Bytes / 4 / byteSize(sumType));
  e.loop(c.select(areNear, c.index(rowCount), shareOf(c.add(block.groups.begin, steps))), c.index(rowCount), 1, fetchSums);
  e.loop(block.groups.begin, block.groups.end, matrices->rows, [&](Value group) {
    fetchShare(group);
    for (int64_t half = 0; half < block.halves; ++half) {
      Value start = c.mul(c.addConst(block.row, half * matrices->rows), left.rowStride);
      callMatrices(passesRows() ? matrices->loadPassing : matrices->load,
                   {matrixRegister(leftFrom + half), c.gep(left.base, groupType, c.add(start, group)), leftBytes});
      for (int64_t v = 0; v < block.vectors; ++v) {
        if (half == 0) {
          Value offset = c.addConst(c.mul(group, panel.rowStride), v * lanes);
          callMatrices(matrices->load,
                       {matrixRegister(rightFrom + v), c.gep(panel.base, groupType, offset), rightBytes});
        }
        callMatrices(matrixProduct,
                     {matrixRegister(sums(half, v)), matrixRegister(leftFrom + half), matrixRegister(rightFrom + v)});
      }
    }
  });
  move(matrices->store, to);
}

/// areSumsInRange() of a block of accumulators.
Value DotLowering::areStoredSumsInRange(const Matrix &sums, const MatrixBlock &block) {
  Value none = c.intLike(VectorType::get({lanes}, c.i32()), -1);
  return isLeastInRange(followStoredSums(none, sums, block));
}

/// Multiplies bf16 in f32, in the order of matrix registers. Row by row: such data hardly exist.
void DotLowering::groupsInMatrixOrder(const Matrix &left, const Panel &panel, const MatrixBlock &block,
                                      const Matrix &accumulators) {
  int64_t vectors = block.vectors;
  Type sums = VectorType::get({lanes}, sumType), groupsType = VectorType::get({lanes}, groupType);
  auto first = [&](Value pairs) { return c.bitcast(c.shl(pairs, 16), c.f32()); };
  auto second = [&](Value pairs) { return c.bitcast(c.andConst(pairs, -0x10000), c.f32()); };
  e.loop(block.row, c.add(block.row, block.rowCount), 1, [&](Value row) {
    e.loop(block.groups.begin, block.groups.end, matrices->rows, [&](Value start) {
      // Of each vector the chain of the first ones of pairs, and that of the second ones.
      SmallVector<Value> chains(2 * vectors, c.zeroLike(sums));
      Value end = c.minS(c.addConst(start, matrices->rows), block.groups.end);
      chains = e.carriedLoop(start, end, 1, chains, [&](Value group, ValueRange carried) {
        SmallVector<Value> next(carried);
        Value rightRow = c.gep(panel.base, groupType, c.mul(group, panel.rowStride));
        Value at = c.add(c.mul(row, left.rowStride), group);
        Value x = c.splat(c.load(groupType, c.gep(left.base, groupType, at)), lanes);
        for (int64_t v = 0; v < vectors; ++v) {
          Value y = c.load(groupsType, c.gep(rightRow, groupType, c.index(v * lanes)));
          next[2 * v] = multiplyAdd(first(x), first(y), next[2 * v]);
          next[2 * v + 1] = multiplyAdd(second(x), second(y), next[2 * v + 1]);
        }
        return next;
      });
      for (int64_t v = 0; v < vectors; ++v) {
        Value address = sumAddress(accumulators, row, c.addConst(block.column, v * lanes));
        c.store(c.addF(c.load(sums, address), c.addF(chains[2 * v], chains[2 * v + 1])), address);
      }
    });
  });
}

/// Multiplies all rows of `block`, in blocks of registers where these may be used, and stores the last sums.
void DotLowering::matrixPanel(const Matrix &left, const Panel &panel, const Matrix &accumulators,
                              const MatrixBlock &block, Value table) {
  Matrix to = accumulators;
  Value isStored = storesBlock(block);
  if (isStored) {
    to.base = c.select(isStored, ends.result.base, to.base);
    to.rowStride = c.select(isStored, ends.result.rowStride, to.rowStride);
  }
  auto byRegisters = [&] { matrixBlocks(left, panel, accumulators, to, block, table); };
  if (!isInMatrixOrder()) {
    byRegisters();
    return storeBlock(accumulators, block, isStored);
  }
  Value isTrue = c.intLike(c.i1(), 1);
  auto look = [&] { return areStoredSumsInRange(accumulators, block); };
  Value looked = sumsInRange ? e.guarded(c.bitXor(sumsInRange, isTrue), isTrue, look) : look();
  Value areInRange = c.bitAnd(operandsInRange, looked);
  auto inVectors = [&] {
    if (Value isZero = areSumsZero())
      e.guarded(isZero, {}, [&] {
        zeroBlock(accumulators, block);
        return Value();
      });
    groupsInMatrixOrder(left, panel, block, accumulators);
  };
  e.either(areInRange, byRegisters, inVectors);
  storeBlock(accumulators, block, isStored ? c.bitAnd(isStored, areInRange) : isStored);
}

/// The same in blocks of registers: the last rows by registers of fewer rows, for which `table` has room.
void DotLowering::matrixBlocks(const Matrix &left, const Panel &panel, const Matrix &from, const Matrix &to,
                               const MatrixBlock &all, Value table) {
  int64_t half = matrices->rows;
  Value allRows = c.index(half), whole = c.roundDown(extentM, 2 * half), rest = c.sub(extentM, whole);
  auto rows = [&](Value row, int64_t halves) {
    matrixRows(left, panel, {row, {}, all.column, halves, all.vectors, all.groups}, from, to);
  };
  auto ifThen = [&](Value condition, llvm::function_ref<void()> then) {
    e.guarded(condition, {}, [&] {
      then();
      return Value();
    });
  };
  // Two halves, of which the second one may have fewer rows in the last block.
  Value isSecondPart = c.cmpConst(CmpIPredicate::sgt, rest, half);
  e.loop(c.index(0), c.select(isSecondPart, extentM, whole), 2 * half, [&](Value row) {
    if (ahead && all.vectors == kernel.vectors)
      ifThen(c.cmpConst(CmpIPredicate::eq, all.groups.begin, 0), [&] { fetchAhead(row, all.column); });
    Value isPart = c.cmp(CmpIPredicate::sge, row, whole);
    ifThen(isPart, [&] { configureMatrices(table, allRows, c.addConst(rest, -half)); });
    rows(row, 2);
  });
  ifThen(isSecondPart, [&] { configureMatrices(table, allRows, {}); });
  Value isOneHalf = c.bitAnd(c.cmpConst(CmpIPredicate::sgt, rest, 0), c.cmpConst(CmpIPredicate::sle, rest, half));
  ifThen(isOneHalf, [&] {
    configureMatrices(table, rest, {});
    rows(whole, 1);
    configureMatrices(table, allRows, {});
  });
}

/// A configuration of registers that are whole.
Value DotLowering::configurationTable() {
  auto bytes = static_cast<int64_t>(matrices->configuration.size());
  Value table = c.stackRoom(c.i8(), bytes, /*alignment=*/64);
  auto configuration = DenseElementsAttr::get(VectorType::get({bytes}, c.i8()), ArrayRef(matrices->configuration));
  c.store(arith::ConstantOp::create(c.b, c.loc, configuration), table);
  return table;
}

/// Emits `body` for the parts of the contraction, one after the other. One pass, even if there is nothing to add, for
/// sums that begin and end in it: they save more than panels that fit.
void DotLowering::eachPass(llvm::function_ref<void(Groups)> body) {
  Value length = c.index(groupsOfPass()), all = c.maxS(groupCount, c.index(1));
  Ends whole = ends;
  if (areSumsZero() && whole.isLast)
    length = c.select(c.bitAnd(whole.isFirst, whole.isLast), c.maxS(all, length), length);
  e.loop(c.index(0), c.ceilDiv(all, length), 1, [&](Value pass) {
    Value begin = c.mul(pass, length), end = c.add(begin, length);
    if (whole.isFirst)
      ends.isFirst = c.bitAnd(whole.isFirst, c.cmpConst(CmpIPredicate::eq, begin, 0));
    if (whole.isLast)
      ends.isLast = c.bitAnd(whole.isLast, c.cmp(CmpIPredicate::sge, end, groupCount));
    body({begin, c.minS(end, groupCount)});
  });
  ends = whole;
}

void DotLowering::multiplyByMatrices(const Matrix &left, const Right &right, const Matrix &accumulators) {
  followSumsInRange();
  Value table = configurationTable();
  configureMatrices(table, c.index(matrices->rows), {});
  auto columns = [&](Value from, Value to, int64_t vectors) {
    e.loop(from, to, vectors * lanes, [&](Value column) {
      Panel panel = panelAt(right, column);
      eachPass([&](Groups part) {
        matrixPanel(left, panel, accumulators, {c.index(0), extentM, column, 2, vectors, part}, table);
      });
    });
  };
  Value end = c.roundUp(extentN, lanes), wide = c.roundDown(end, kernel.vectors * lanes);
  if (kernel.vectors == 1) {
    columns(c.index(0), end, 1);
  } else {
    columns(c.index(0), wide, kernel.vectors);
    columns(wide, end, 1);
  }
  callMatrices(matrices->release, {});
}
