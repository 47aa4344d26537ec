//===- FewRowsMatrices.cpp - products of few rows by matrix registers ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of a matrix that lies along the contraction, as many rows as a matrix register has are its left operand where they
// are: nothing of the matrix is packed. The few rows of the product are the right operand, packed by groups as rows of
// a register: a row has one group of each of them. So a register holds the sums of some columns of the product
// transposed, and they pass through the stack, once for all of the contraction that is read at once.
//
// bf16 are multiplied before it is known whether registers may be used (GroupProduct.cpp): the look at the matrix goes
// along, and brings a register's rows into the cache. If they may not, the sums in memory are what they were, and the
// same columns are multiplied by vectors, four rows at once, in the same order. Bytes are multiplied as they are.
//
// Rows are transposed by four, as pieces of 16 bytes. Where they are no multiple of four, the last one stands for those
// that are missing, and is stored to the same place.

#include "Dot.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

/// The registers: sums of columns by so many registers of rows at most; rows of the matrix; and the product's rows.
static constexpr int64_t mostRegisters = 2, sumsFrom = 0, matrixIn = sumsFrom + mostRegisters, rowsIn = matrixIn + 1;
static_assert(rowsIn + mostRegisters <= MatrixInstructions::registers);

/// How many bytes the contraction has at least where rows for more than one register are few: for less, moving their
/// sums takes longer than packing the matrix.
static constexpr int64_t leastBytesOfRow = 1024;

/// How many rows are transposed at once, and how many columns are a piece.
static constexpr int64_t pieceLanes = 4;

/// Whether few rows are multiplied so. Contractions of one tile are short in kernels of several products, as those of
/// attention, and matrices in the caches: these go by squares (FewRowsSquares.cpp).
bool DotLowering::takesMatrixRows() const {
  return matrices && !hasVectorRows(rhs) && (ends.loop || !isOneOfSeveral());
}

FewRowsLimit DotLowering::fewRowsLimit() const {
  if (!takesFewRows())
    return {};
  if (!takesMatrixRows() && !takesPanels())
    return {mostFewRowsOfVectors, mostFewRowsOfVectors, 0};
  return {mostRegisters * lanes, lanes, leastBytesOfRow / byteSize(storageType(getElementTypeOrSelf(rhs)))};
}

/// How many registers the rows need at most.
int64_t DotLowering::mostRowRegisters() const {
  return std::min<int64_t>(llvm::divideCeil(sizeM, lanes), mostRegisters);
}

/// Words of a register.
int64_t DotLowering::wordsOfRegister() const { return matrices->rows * lanes; }

/// What `of` gives for four rows of the product from `row` on.
SmallVector<Value> DotLowering::rowsFrom(Value row, llvm::function_ref<Value(Value)> of) {
  SmallVector<Value> result;
  for (int64_t r = 0; r < pieceLanes; ++r)
    result.push_back(of(c.minS(c.addConst(row, r), c.addConst(extentM, -1))));
  return result;
}

/// Where column `row` of the first row of registers is, which lie one behind the other.
Value DotLowering::columnOfRegisters(Value base, Value row) {
  Value number = c.op<arith::DivUIOp>(row, c.index(lanes)), inside = c.andConst(row, lanes - 1);
  return c.gep(base, groupType, c.add(c.mulConst(number, wordsOfRegister()), inside));
}

/// Stores four rows of words transposed: the elements of a column side by side, and columns at a distance.
void DotLowering::storeTransposed(ArrayRef<Value> rows, Value to, int64_t distance) {
  for (auto [number, vector] : llvm::enumerate(transposeGroups(c, rows, 1, pieceLanes)))
    for (int64_t first = 0; first < lanes; first += pieceLanes) {
      SmallVector<int64_t> mask = llvm::to_vector(llvm::seq(first, first + pieceLanes));
      Value offset = c.index((first + static_cast<int64_t>(number)) * distance);
      c.store(c.shuffle(vector, vector, mask), c.gep(to, getElementTypeOrSelf(vector), offset));
    }
}

/// The opposite of `storeTransposed`, of sums of registers.
SmallVector<Value> DotLowering::loadTransposed(Value from) {
  SmallVector<Value> vectors;
  for (int64_t number = 0; number < pieceLanes; ++number) {
    SmallVector<Value> parts;
    for (int64_t piece = 0; piece < lanes / pieceLanes; ++piece) {
      Value offset = c.index((piece * pieceLanes + number) * lanes);
      parts.push_back(c.load(VectorType::get({pieceLanes}, sumType), c.gep(from, sumType, offset)));
    }
    while (parts.size() > 1) {
      SmallVector<Value> wider;
      for (size_t at = 0; at < parts.size(); at += 2)
        wider.push_back(
            c.shuffle(parts[at], parts[at + 1], llvm::to_vector(llvm::seq<int64_t>(0, 2 * Code::lanes(parts[at])))));
      parts = std::move(wider);
    }
    vectors.push_back(parts[0]);
  }
  return transposeGroups(c, vectors, 1, pieceLanes);
}

/// Packs the groups of the rows to `target`, for `registers` registers: those of as many groups of the contraction as a
/// register has rows, one behind the other. Rows that lie in memory are read there.
void DotLowering::packRowsOfRegisters(Value registers, Value target) {
  int64_t steps = llvm::divideCeil(sizeK, depth * lanes), perVector = lanes * depth;
  Type elements = VectorType::get({perVector}, packedType), groupsType = VectorType::get({lanes}, groupType);
  Matrix source = loadedFrom(lhs, few->batch), packed;
  if (!source.base)
    packed = packLeftGroups(few->batch, e.allocate(RankedTensorType::get({sizeM, steps * lanes}, groupType)));
  e.loop(c.index(0), groupCount, lanes, [&](Value group) {
    Value to = c.gep(target, groupType, c.mul(c.mulConst(group, lanes), registers)), k = c.mulConst(group, depth);
    Value count = c.minS(c.sub(extentK, k), c.index(perVector));
    Value mask = source.base ? e.lanesBelow(c.index(0), count, perVector) : Value();
    e.loop(c.index(0), extentM, pieceLanes, [&](Value row) {
      SmallVector<Value> rows = rowsFrom(row, [&](Value there) -> Value {
        if (packed.base)
          return c.load(groupsType, c.gep(packed.base, groupType, c.add(c.mul(there, packed.rowStride), group)));
        Value address = c.gep(source.base, packedType, c.add(c.mul(there, source.rowStride), k));
        Value bits = LLVM::MaskedLoadOp::create(c.b, c.loc, elements, address, mask, c.zeroLike(elements),
                                                c.b.getI32IntegerAttr(byteSize(packedType)));
        followPacked(bits);
        return vector::BitCastOp::create(c.b, c.loc, groupsType, bits);
      });
      storeTransposed(rows, columnOfRegisters(to, row), lanes);
    });
  });
}

/// Copies what is left of the contraction behind whole vectors, of as many columns as a register has rows, to a
/// register's rows. Behind it is what changes no sum.
void DotLowering::copyEdge(Value column, Value target) {
  Type element = storageType(getElementTypeOrSelf(rhs));
  int64_t perVector = matrices->rowBytes / byteSize(element);
  auto type = VectorType::get({perVector}, packedType);
  Value padding = c.intLike(type, sumType.isF32() ? -0x8000 : 0), whole = c.roundDown(extentK, perVector);
  e.guarded(c.cmp(CmpIPredicate::slt, whole, extentK), {}, [&] {
    Value mask = e.lanesBelow(whole, extentK, perVector);
    e.loop(c.index(0), c.index(matrices->rows), 1, [&](Value n) {
      Value offset = c.add(c.mul(c.add(column, n), few->transposed.columnStride), whole);
      Value bits = LLVM::MaskedLoadOp::create(c.b, c.loc, type, c.gep(few->transposed.base, element, offset), mask,
                                              padding, c.b.getI32IntegerAttr(byteSize(element)));
      c.store(bits, c.gep(target, packedType, c.mulConst(n, perVector)));
    });
    return Value();
  });
}

/// Adds the products of all rows by the columns from `column` on to so many registers of sums. The result are the
/// extremes of bf16; of bytes there are none.
SmallVector<Value> DotLowering::walkMatrixRows(Value column, Value rows, Value edge, int64_t registers) {
  Type element = storageType(getElementTypeOrSelf(rhs));
  int64_t bytes = byteSize(element), perVector = matrices->rowBytes / bytes;
  StringRef multiply = matrixProduct;
  if (!isInMatrixOrder())
    multiply = matrices->multiplyBytes[rhsUnsigned][lhsUnsigned];
  Value base = c.gep(few->transposed.base, element, c.mul(column, few->transposed.columnStride));
  Value whole = c.roundDown(extentK, perVector), hasEdge = c.cmp(CmpIPredicate::slt, whole, extentK);
  SmallVector<Value> extremes = isInMatrixOrder() ? initialExtremes() : SmallVector<Value>();
  // Whole vectors of the contraction, and what is left of it.
  Value parts = c.addConst(c.resize(hasEdge, c.i64(), /*isUnsigned=*/true), 1);
  return e.carriedLoop(c.index(0), parts, 1, extremes, [&](Value part, ValueRange before) {
    Value isWhole = c.cmpConst(CmpIPredicate::eq, part, 0);
    Value begin = c.select(isWhole, c.index(0), whole), end = c.select(isWhole, whole, extentK);
    Value from = c.select(isWhole, base, edge), stride = few->transposed.columnStride;
    stride = c.select(isWhole, stride, c.index(perVector));
    return e.carriedLoop(begin, end, perVector, before, [&](Value k, ValueRange carried) {
      SmallVector<Value> next(carried);
      Value address = c.gep(from, element, c.sub(k, begin));
      for (int64_t n = 0; n < matrices->rows && !next.empty(); ++n)
        next = followPairs(c.load(VectorType::get({lanes}, groupType), c.gep(address, element, c.mulConst(stride, n))),
                           next);
      callMatrices(matrices->load, {matrixRegister(matrixIn), address, c.mulConst(stride, bytes)});
      Value words = c.mulConst(c.op<arith::DivUIOp>(k, c.index(depth)), lanes * registers);
      for (int64_t at = 0; at < registers; ++at) {
        Value packed = c.gep(rows, groupType, c.addConst(words, at * wordsOfRegister()));
        callMatrices(matrices->load, {matrixRegister(rowsIn + at), packed, c.index(matrices->rowBytes)});
        callMatrices(multiply, {matrixRegister(sumsFrom + at), matrixRegister(matrixIn), matrixRegister(rowsIn + at)});
      }
      return next;
    });
  });
}

/// Multiplies bf16 by vectors, some rows at once: such data hardly exist. `rows` are those of registers; `widened` has
/// them in f32 as soon as a byte at `isWidened` is not zero.
void DotLowering::multiplyRowsInOrder(Value column, Value keep, Value rows, Value registers, const Matrix &widened,
                                      Value isWidened) {
  llvm::SaveAndRestore inRange(few->leftInRange, Value());
  llvm::SaveAndRestore byGroups(few->byGroups, false);
  few->left = widened;
  e.guarded(c.cmpConst(CmpIPredicate::eq, c.load(c.i8(), isWidened), 0), {}, [&] {
    c.store(c.intLike(c.i8(), 1), isWidened);
    e.loop(c.index(0), extentM, 1, [&](Value row) {
      Value from = columnOfRegisters(rows, row), to = c.mul(row, widened.rowStride);
      e.loop(c.index(0), groupCount, 1, [&](Value group) {
        Value inside = c.andConst(group, lanes - 1), step = c.add(c.mul(c.sub(group, inside), registers), inside);
        Value pair = c.load(groupType, c.gep(from, groupType, c.mulConst(step, lanes)));
        Value first = c.gep(widened.base, groupType, c.add(to, c.mulConst(group, depth)));
        c.store(c.shl(pair, 16), first);
        c.store(c.andConst(pair, -0x10000), c.gep(first, groupType, c.index(1)));
      });
    });
    return Value();
  });
  e.loop(c.index(0), extentM, pieceLanes, [&](Value row) {
    few->firstRow = row;
    transposedColumn(column, keep, std::min(sizeM, pieceLanes));
  });
  few->firstRow = {};
}

/// Configures registers by way of `table`: those of sums and rows have as many columns as there are rows, by four.
void DotLowering::configureMatrixRows(Value table, Value registers) {
  Type type = c.b.getI16Type();
  auto set = [&](Value number, Value bytes) {
    Value offset = c.addConst(c.mulConst(number, byteSize(type)), matrices->rowBytesAt);
    c.store(c.resize(bytes, type), c.gep(table, c.i8(), offset));
  };
  Value last = c.addConst(registers, -1), columns = c.sub(extentM, c.mulConst(last, lanes));
  Value bytes = c.mulConst(c.roundUp(columns, pieceLanes), byteSize(sumType));
  set(c.addConst(last, sumsFrom), bytes);
  set(c.addConst(last, rowsIn), bytes);
  callMatrices(matrices->configure, table);
}

/// Multiplies all rows by the columns from `column` on, whose sums are in `passed` as registers. The result is whether
/// everything was in range: if not, the sums there are what they were.
Value DotLowering::multiplyByRegisters(Value column, Value rows, Value edge, Value passed, int64_t registers) {
  auto move = [&](StringRef intrinsic) {
    for (int64_t at = 0; at < registers; ++at)
      callMatrices(intrinsic, {matrixRegister(sumsFrom + at), c.gep(passed, sumType, c.index(at * wordsOfRegister())),
                               c.index(matrices->rowBytes)});
  };
  move(matrices->load);
  SmallVector<Value> extremes = walkMatrixRows(column, rows, edge, registers);
  move(matrices->store);
  return extremes.empty() ? c.intLike(c.i1(), 1) : isInRange(extremes);
}

/// All columns, as many at once as a register has rows. The last ones end where the columns end: they share some with
/// those before, whose sums stay as they are.
void DotLowering::multiplyByMatrixRows() {
  few->byGroups = true;
  int64_t most = mostRowRegisters(), elements = llvm::alignTo(sizeK, lanes);
  Matrix widened;
  Value isWidened;
  Value registers = c.op<arith::DivUIOp>(c.addConst(extentM, lanes - 1), c.index(lanes));
  int64_t steps = llvm::divideCeil(sizeK, depth * lanes);
  Value rows = e.allocate(RankedTensorType::get({steps, most * wordsOfRegister()}, groupType)).base;
  few->leftInRange = surveyed([&] { packRowsOfRegisters(registers, rows); });
  if (isInMatrixOrder()) {
    Buffer buffer = e.allocate(RankedTensorType::get({std::min(sizeM, mostRegisters * lanes), elements}, sumType));
    widened = {buffer.base, c.index(buffer.strides[0]), c.index(1)};
    isWidened = c.stackRoom(c.i8(), 1);
    c.store(c.intLike(c.i8(), 0), isWidened);
  }
  Value passed = c.stackRoom(sumType, most * wordsOfRegister(), lineBytes);
  Value edge = c.stackRoom(groupType, wordsOfRegister(), lineBytes), table = configurationTable();
  configureMatrixRows(table, registers);
  Value last = c.addConst(extentN, -lanes), isTrue = c.intLike(c.i1(), 1), isFalse = c.intLike(c.i1(), 0);
  e.loop(c.index(0), extentN, lanes, [&](Value next) {
    Value column = c.minS(next, last), keep = c.sub(next, column);
    auto eachRows = [&](llvm::function_ref<void(ArrayRef<Value> addresses, Value there)> body) {
      e.loop(c.index(0), extentM, pieceLanes, [&](Value row) {
        SmallVector<Value> addresses = rowsFrom(
            row, [&](Value one) { return c.gep(few->sums, sumType, c.add(c.mulConst(one, sumStride), column)); });
        body(addresses, columnOfRegisters(passed, row));
      });
    };
    auto multiply = [&] {
      eachRows([&](ArrayRef<Value> addresses, Value there) { storeTransposed(loadSums(addresses, 1), there, lanes); });
      copyEdge(column, edge);
      std::function<Value(int64_t)> bySoMany = [&](int64_t count) -> Value {
        if (count == most)
          return multiplyByRegisters(column, rows, edge, passed, count);
        auto branch = scf::IfOp::create(c.b, c.loc, c.i1(), c.cmpConst(CmpIPredicate::eq, registers, count),
                                        /*withElseRegion=*/true);
        OpBuilder::InsertionGuard guard(c.b);
        c.b.setInsertionPointToStart(branch.thenBlock());
        scf::YieldOp::create(c.b, c.loc, multiplyByRegisters(column, rows, edge, passed, count));
        c.b.setInsertionPointToStart(branch.elseBlock());
        scf::YieldOp::create(c.b, c.loc, bySoMany(count + 1));
        return branch.getResult(0);
      };
      return e.guarded(bySoMany(1), isFalse, [&] {
        eachRows([&](ArrayRef<Value> addresses, Value there) {
          storeFewRows(loadTransposed(there), addresses, keep, /*adds=*/false);
        });
        return isTrue;
      });
    };
    if (!isInMatrixOrder())
      return (void)multiply();
    Value isDone = e.guarded(few->leftInRange, isFalse, [&] {
      Matrix sums{few->sums, c.index(sumStride), c.index(1)};
      return e.guarded(areStoredSumsInRange(sums, {c.index(0), extentM, column, 1, 1, {}}), isFalse, multiply);
    });
    e.guarded(c.bitXor(isDone, isTrue), {}, [&] {
      Emitter::Root inner(e);
      multiplyRowsInOrder(column, keep, rows, registers, widened, isWidened);
      return Value();
    });
  });
  callMatrices(matrices->release, {});
}
