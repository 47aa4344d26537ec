//===- MatrixProduct.cpp - products by matrix registers ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Four registers hold 32 rows of two vectors of sums, in two halves of rows, and two registers each what is multiplied:
// 16 groups of the halves' rows, and 16 rows of groups of the vectors' columns. Each step of the contraction loads four
// registers and does four products. Registers are numbered here, not by LLVM, which would spill one that is in the way.
//
// Operands are packed by groups, and padded by zeros to whole registers along the contraction. Sums lie in scratch as
// elsewhere, in rows of whole vectors. The last rows are multiplied with registers of fewer rows: nothing is read or
// written beyond.
//
// Bytes are multiplied as they are, signed or not. bf16 are added in the registers' order: of each 32 terms the even
// and the odd ones are a chain of multiply-adds each, from zero on; both chains are added, and their sum to what was
// there. Registers take subnormals for zero. So they are used where nothing can be subnormal and nothing overflows
// within them (GroupProduct.cpp), and elsewhere vectors add the same groups in the same order: results depend on
// neither.

#include "Dot.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// The registers: sums of two halves of rows by two vectors of columns, rows of the left operand, columns of the right
/// one.
static constexpr int64_t sumsFrom = 0, leftFrom = 4, rightFrom = 6;
static_assert(rightFrom + 2 == MatrixInstructions::registers);

/// Rows that vectors multiply at once where registers cannot be used: their sums are two chains each.
static constexpr int64_t rowsOfVectors = 4;

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

Value DotLowering::sumAddress(Value accumulators, Value row, Value column) {
  return c.gep(accumulators, sumType, c.add(c.mulConst(row, sumStride), column));
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

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// Multiplies the rows of `halves` halves by `vectors` vectors of columns, along the whole contraction.
void DotLowering::matrixRows(const Matrix &left, const Panel &panel, Value accumulators, Value row, Value column,
                             int64_t halves, int64_t vectors) {
  int64_t groupBytes = byteSize(groupType);
  Value sumBytes = c.index(sumStride * byteSize(sumType)), leftBytes = c.mulConst(left.rowStride, groupBytes);
  Value rightBytes = c.mulConst(panel.rowStride, groupBytes);
  auto sums = [](int64_t half, int64_t v) { return sumsFrom + 2 * half + v; };
  auto eachSum = [&](StringRef intrinsic) {
    for (int64_t half = 0; half < halves; ++half)
      for (int64_t v = 0; v < vectors; ++v)
        callMatrices(intrinsic,
                     {matrixRegister(sums(half, v)),
                      sumAddress(accumulators, c.addConst(row, half * matrices->rows), c.addConst(column, v * lanes)),
                      sumBytes});
  };
  eachSum(matrices->load);
  e.loop(c.index(0), groupCount, matrices->rows, [&](Value group) {
    for (int64_t half = 0; half < halves; ++half) {
      Value start = c.mul(c.addConst(row, half * matrices->rows), left.rowStride);
      callMatrices(matrices->load,
                   {matrixRegister(leftFrom + half), c.gep(left.base, groupType, c.add(start, group)), leftBytes});
      for (int64_t v = 0; v < vectors; ++v) {
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
  eachSum(matrices->store);
}

/// areSumsInRange() of `rowCount` rows of accumulators.
Value DotLowering::areStoredSumsInRange(Value accumulators, Value row, Value rowCount, Value column, int64_t vectors) {
  Value least = c.intLike(VectorType::get({lanes}, c.i32()), -1);
  least = e.carriedLoop(row, c.add(row, rowCount), 1, least, [&](Value r, ValueRange carried) {
    Value next = carried[0];
    for (int64_t v = 0; v < vectors; ++v)
      next = followSum(
          next, c.load(VectorType::get({lanes}, sumType), sumAddress(accumulators, r, c.addConst(column, v * lanes))));
    return SmallVector<Value>{next};
  })[0];
  return isLeastInRange(least);
}

/// Multiplies bf16 in f32, in the order of matrix registers.
void DotLowering::groupsInMatrixOrder(const Matrix &left, const Panel &panel, Value accumulators, Value row,
                                      Value rowCount, Value column, int64_t vectors) {
  Type sums = VectorType::get({lanes}, sumType), groupsType = VectorType::get({lanes}, groupType);
  auto first = [&](Value pairs) { return c.bitcast(c.shl(pairs, 16), c.f32()); };
  auto second = [&](Value pairs) { return c.bitcast(c.andConst(pairs, -0x10000), c.f32()); };
  auto blockOf = [&](Value from, int64_t rows) {
    e.loop(c.index(0), groupCount, matrices->rows, [&](Value start) {
      // Of each row and vector the chain of the first ones of pairs, and that of the second ones.
      SmallVector<Value> chains(2 * rows * vectors, c.zeroLike(sums));
      Value end = c.minS(c.addConst(start, matrices->rows), groupCount);
      chains = e.carriedLoop(start, end, 1, chains, [&](Value group, ValueRange carried) {
        SmallVector<Value> next(carried), y;
        Value offset = c.mul(group, panel.rowStride);
        for (int64_t v = 0; v < vectors; ++v)
          y.push_back(c.load(groupsType, c.gep(panel.base, groupType, c.addConst(offset, v * lanes))));
        for (int64_t r = 0; r < rows; ++r) {
          Value at = c.add(c.mul(c.addConst(from, r), left.rowStride), group);
          Value x = c.splat(c.load(groupType, c.gep(left.base, groupType, at)), lanes);
          for (int64_t v = 0; v < vectors; ++v) {
            Value *chain = &next[2 * (r * vectors + v)];
            chain[0] = multiplyAdd(first(x), first(y[v]), chain[0]);
            chain[1] = multiplyAdd(second(x), second(y[v]), chain[1]);
          }
        }
        return next;
      });
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t v = 0; v < vectors; ++v) {
          Value *chain = &chains[2 * (r * vectors + v)];
          Value address = sumAddress(accumulators, c.addConst(from, r), c.addConst(column, v * lanes));
          c.store(c.addF(c.load(sums, address), c.addF(chain[0], chain[1])), address);
        }
    });
  };
  Value end = c.add(row, rowCount), whole = c.add(row, c.roundDown(rowCount, rowsOfVectors));
  e.loop(row, whole, rowsOfVectors, [&](Value from) { blockOf(from, rowsOfVectors); });
  e.loop(whole, end, 1, [&](Value from) { blockOf(from, 1); });
}

/// Multiplies `rowCount` rows, for which the registers are configured, by `vectors` vectors of columns.
void DotLowering::matrixBlock(const Matrix &left, const Panel &panel, Value accumulators, Value row, Value rowCount,
                              Value column, int64_t halves, int64_t vectors) {
  auto byRegisters = [&] { matrixRows(left, panel, accumulators, row, column, halves, vectors); };
  if (!isInMatrixOrder())
    return byRegisters();
  Value isInRange = c.bitAnd(operandsInRange, areStoredSumsInRange(accumulators, row, rowCount, column, vectors));
  auto branch = scf::IfOp::create(c.b, c.loc, isInRange, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  byRegisters();
  c.b.setInsertionPointToStart(branch.elseBlock());
  groupsInMatrixOrder(left, panel, accumulators, row, rowCount, column, vectors);
}

void DotLowering::multiplyByMatrices(const Matrix &left, const Right &right, Value accumulators) {
  int64_t half = matrices->rows;
  Value allRows = c.index(half), whole = c.roundDown(extentM, 2 * half), rest = c.sub(extentM, whole);
  // A configuration, whose rows change.
  auto bytes = static_cast<int64_t>(matrices->configuration.size());
  Value table = c.stackRoom(c.i8(), bytes, /*alignment=*/64);
  auto configuration = DenseElementsAttr::get(VectorType::get({bytes}, c.i8()), ArrayRef(matrices->configuration));
  c.store(arith::ConstantOp::create(c.b, c.loc, configuration), table);
  configureMatrices(table, allRows, {});
  auto ifThen = [&](Value condition, llvm::function_ref<void()> then) {
    auto branch = scf::IfOp::create(c.b, c.loc, condition, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(c.b);
    c.b.setInsertionPointToStart(branch.thenBlock());
    then();
  };
  auto columns = [&](Value from, Value to, int64_t vectors) {
    e.loop(from, to, vectors * lanes, [&](Value column) {
      Panel panel = panelAt(right, column);
      e.loop(c.index(0), whole, 2 * half, [&](Value row) {
        if (ahead && vectors == kernel.vectors)
          fetchAhead(row, column);
        matrixBlock(left, panel, accumulators, row, c.index(2 * half), column, 2, vectors);
      });
      ifThen(c.cmpConst(arith::CmpIPredicate::sgt, rest, half), [&] {
        configureMatrices(table, allRows, c.addConst(rest, -half));
        matrixBlock(left, panel, accumulators, whole, rest, column, 2, vectors);
        configureMatrices(table, allRows, {});
      });
      Value isOneHalf =
          c.bitAnd(c.cmpConst(arith::CmpIPredicate::sgt, rest, 0), c.cmpConst(arith::CmpIPredicate::sle, rest, half));
      ifThen(isOneHalf, [&] {
        configureMatrices(table, rest, {});
        matrixBlock(left, panel, accumulators, whole, rest, column, 1, vectors);
        configureMatrices(table, allRows, {});
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
