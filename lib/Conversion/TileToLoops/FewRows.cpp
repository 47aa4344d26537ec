//===- FewRows.cpp - products of few rows ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product of few rows takes as long as reading the right operand once. It is not packed: micro-kernels compute its
// elements in registers, row by row as they lie in memory, and fetch the rows that follow. The fewer rows the product
// has, the more vectors of columns a micro-kernel takes, so that it has as many accumulators. If it does not take all
// columns of the tile, it stays for a block of rows of the right operand only, and the accumulators pass through
// memory. There is code for one, two, four and eight rows, and the right operand is read once whatever their number.
//
// Bytes are multiplied by groups as elsewhere, but it is the right operand whose sign changes where both have one: the
// sums of the left one's rows, which correct that, are few. bf16 are widened: those of even and of odd columns are the
// halves of a vector.
//
// The terms of an element are added in ascending order, one by one, as everywhere: results do not depend on which way
// was taken. Where matrix registers multiply bf16, it is their order (MatrixProduct.cpp): of each block of 32 rows the
// even and the odd ones have accumulators of their own, which begin as zeros and are added to the sums in memory.

#include "Dot.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using Operands = DotInstruction::Operands;

/// How many rows of the right operand are walked through before the next columns; as many are fetched ahead.
static constexpr int64_t blockRows = 32;
/// The same where the rows of a block are brought into groups first.
static constexpr int64_t packedBlockRows = 64;

//===----------------------------------------------------------------------===//
// Which products
//===----------------------------------------------------------------------===//

/// Whether the rows of a tile can be read as vectors: it is computed from such rows element by element.
bool DotLowering::hasVectorRows(Value tile) const {
  if (!tileType(tile) || e.frame.buffers.contains(tile))
    return true;
  Operation *definition = tile.getDefiningOp();
  if (!definition || e.plan.isKept(tile))
    return false;
  if (isa<tile::LoadOp>(definition))
    return isInMemory(tile);
  return isElementwise(definition) &&
         llvm::all_of(definition->getOperands(), [&](Value operand) { return hasVectorRows(operand); });
}

/// Whether there is code for products of few rows.
bool DotLowering::takesFewRows() const {
  bool isKnown = isa<FloatType>(sumType) || (instruction && instruction->operands != Operands::BF16);
  return isKnown && !lhsScale && lanes > 1 && sizeN >= lanes && (hasVectorRows(rhs) || isTransposedInMemory());
}

/// The arrays that the elements of a tile are loaded from, where their rows are contiguous.
void DotLowering::findSources(Value tile, ArrayRef<Value> batch, SmallVectorImpl<Source> &sources) {
  if (!tileType(tile) || e.frame.buffers.contains(tile))
    return;
  Operation *definition = tile.getDefiningOp();
  if (isa<tile::LoadOp>(definition)) {
    if (Matrix matrix = loadedFrom(tile, batch); matrix.base)
      sources.push_back({matrix, storageType(getElementTypeOrSelf(tile))});
    return;
  }
  for (Value operand : definition->getOperands())
    findSources(operand, batch, sources);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Even lanes of two vectors and odd ones.
static std::pair<Value, Value> separate(Code &c, Value x, Value y) {
  SmallVector<int64_t> even, odd;
  for (int64_t lane = 0, lanes = Code::lanes(x); lane < lanes; ++lane) {
    even.push_back(2 * lane);
    odd.push_back(2 * lane + 1);
  }
  return {c.shuffle(x, y, even), c.shuffle(x, y, odd)};
}

/// The opposite of `separate`.
static std::pair<Value, Value> join(Code &c, Value even, Value odd) {
  SmallVector<int64_t> low, high;
  for (int64_t lane = 0, lanes = Code::lanes(even); lane < lanes / 2; ++lane) {
    low.append({lane, lanes + lane});
    high.append({lanes / 2 + lane, lanes + lanes / 2 + lane});
  }
  return {c.shuffle(even, odd, low), c.shuffle(even, odd, high)};
}

/// A row of groups of the right operand, from `column` on. Behind the last row the left operand has zeros.
SmallVector<Value> DotLowering::groupsOfColumns(Value group, Value column, int64_t vectors) {
  int64_t width = std::min(vectors * lanes, c.spec.lanes(byteSize(packedType)));
  Value last = c.addConst(extentK, -1), first = c.mulConst(group, depth);
  SmallVector<Value> result;
  for (int64_t start = 0; start < vectors * lanes; start += width) {
    SmallVector<Value> rows;
    for (int64_t r = 0; r < depth; ++r) {
      Value k = r == 0 ? first : c.minS(c.addConst(first, r), last);
      Value value = groupElement(false, batchIndices(few->batch, {k, 0}, {c.addConst(column, start), width}));
      rows.push_back(c.splat(value, width));
    }
    auto type = VectorType::get({width}, groupType);
    Value groupsHere = vector::BitCastOp::create(c.b, c.loc, type, interleave(rows));
    for (int64_t at = 0; at < width; at += lanes) {
      SmallVector<int64_t> part;
      for (int64_t lane = 0; lane < lanes; ++lane)
        part.push_back(at + lane);
      result.push_back(width == lanes ? groupsHere : c.shuffle(groupsHere, groupsHere, part));
    }
  }
  return result;
}

/// A row of the right operand of bf16, from `column` on: of each two vectors the even columns, and the odd ones.
SmallVector<Value> DotLowering::pairsOfColumns(Value k, Value column, int64_t vectors) {
  const Source &source = few->sources.front();
  Value start = c.add(c.mul(k, source.matrix.rowStride), column);
  SmallVector<Value> result;
  for (int64_t at = 0; at < vectors * lanes; at += 2 * lanes) {
    Value halves = c.load(VectorType::get({2 * lanes}, c.b.getI16Type()),
                          c.gep(source.matrix.base, source.element, c.addConst(start, at)));
    Value pairs = vector::BitCastOp::create(c.b, c.loc, VectorType::get({lanes}, c.i32()), halves);
    result.push_back(c.bitcast(c.shl(pairs, 16), c.f32()));
    result.push_back(c.bitcast(c.andConst(pairs, -0x10000), c.f32()));
  }
  return result;
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

//===----------------------------------------------------------------------===//
// Micro-kernels
//===----------------------------------------------------------------------===//

/// The row that a micro-kernel takes as its number `r`. Where the product has fewer rows, its last one is computed
/// again, and stored to the same place.
Value DotLowering::fewRow(int64_t r) { return r == 0 ? c.index(0) : c.minS(c.index(r), c.addConst(extentM, -1)); }

/// Fetches as much of the block of rows behind `to` as the step `step` takes of this one. Micro-kernels of a few
/// vectors fetch whole rows one after the other, as memory likes it, not the pieces that they take themselves.
void DotLowering::fetchFewRows(Value step, Value column, Value from, Value to, int64_t rows, int64_t vectors) {
  bool byRows = rows == mostFewRows && vectors > 1 && vectors * lanes < sizeN;
  for (const Source &source : few->sources) {
    const Matrix &matrix = source.matrix;
    int64_t bytes = byteSize(source.element), perLine = lineBytes / bytes;
    auto fetchLine = [&](Value row, Value start) {
      fetch(c.gep(matrix.base, source.element, c.add(c.mul(row, matrix.rowStride), start)), /*isWritten=*/false);
    };
    Value behind = c.mulConst(to, few->rowsPerStep);
    if (byRows) {
      // The lines of a block are numbered along its rows.
      int64_t lines = std::max<int64_t>(1, vectors * lanes * few->rowsPerStep / perLine);
      int64_t linesPerRow = llvm::PowerOf2Ceil(llvm::divideCeil(sizeN, perLine));
      Value kernels = c.op<arith::DivUIOp>(column, c.index(vectors * lanes));
      Value number = c.mulConst(c.add(c.mul(kernels, c.sub(to, from)), c.sub(step, from)), lines);
      for (int64_t line = 0; line < lines; ++line) {
        Value at = c.addConst(number, line);
        fetchLine(c.add(behind, c.op<arith::DivUIOp>(at, c.index(linesPerRow))),
                  c.mulConst(c.andConst(at, linesPerRow - 1), perLine));
      }
      continue;
    }
    for (int64_t r = 0; r < few->rowsPerStep; ++r)
      for (int64_t at = 0; at < vectors * lanes; at += perLine)
        fetchLine(c.addConst(c.mulConst(step, few->rowsPerStep), r + blockRows), c.addConst(column, at));
  }
}

/// Brings the steps `from` to `to` of all columns into groups.
void DotLowering::packFewRows(Value from, Value to) {
  Value last = c.addConst(extentN, -lanes);
  e.loop(from, to, 1, [&](Value step) {
    Value start = c.mulConst(c.sub(step, from), few->packed->strides[0]);
    auto pack = [&](Value column, int64_t vectors) {
      for (auto [v, group] : llvm::enumerate(groupsOfColumns(step, column, vectors)))
        c.store(group, c.gep(few->packed->base, groupType, c.add(start, c.addConst(column, v * lanes))));
    };
    int64_t width = std::min<int64_t>(c.spec.lanes(byteSize(packedType)), llvm::bit_floor<uint64_t>(sizeN));
    Value whole = c.mulConst(c.op<arith::DivUIOp>(extentN, c.index(width)), width);
    e.loop(c.index(0), whole, width, [&](Value column) { pack(column, width / lanes); });
    e.loop(whole, extentN, lanes, [&](Value column) { pack(c.minS(column, last), 1); });
  });
}

/// Multiplies `rows` rows of the left operand by `vectors` vectors of columns of the right one, in the steps `from` to
/// `to`. If `keep` is given, the sums of so many columns stay as they are.
void DotLowering::fewRowsKernel(Value column, Value keep, Value from, Value to, int64_t rows, int64_t vectors) {
  auto vectorType = VectorType::get({lanes}, sumType);
  Type stepType = few->byGroups ? groupType : sumType;
  bool byPairs = few->byPairs && vectors % 2 == 0;
  SmallVector<Value> addresses, initial, rowBases;
  for (int64_t r = 0; r < rows; ++r) {
    Value row = fewRow(r), start = c.add(c.mulConst(row, sumStride), column);
    for (int64_t v = 0; v < vectors; ++v) {
      addresses.push_back(c.gep(few->sums, sumType, c.addConst(start, v * lanes)));
      initial.push_back(c.load(vectorType, addresses.back()));
    }
    rowBases.push_back(c.gep(few->left.base, stepType, c.mul(row, few->left.rowStride)));
  }
  size_t count = initial.size();
  // The sums of a chain of steps, of which `carried` may have two.
  auto addStep = [&](Value step, ValueRange carried, size_t chain) {
    SmallVector<Value> next(carried);
    Value leftOffset = c.mul(step, few->left.columnStride);
    // Columns that come from memory together are multiplied before the next ones: few registers hold them.
    int64_t together = few->packed ? 1 : few->byGroups ? c.spec.lanes(byteSize(packedType)) / lanes : byPairs ? 2 : 1;
    together = std::min(together, vectors);
    for (int64_t first = 0; first < vectors; first += together) {
      SmallVector<Value> y;
      Value start = c.addConst(column, first * lanes);
      if (few->packed)
        y.push_back(c.load(
            VectorType::get({lanes}, groupType),
            c.gep(few->packed->base, groupType, c.add(c.mulConst(c.sub(step, from), few->packed->strides[0]), start))));
      else if (few->byGroups)
        y = groupsOfColumns(step, start, together);
      else if (byPairs)
        y = pairsOfColumns(step, start, together);
      else
        y.push_back(c.splat(operandElement(false, batchIndices(few->batch, {step, 0}, Index{start, lanes})), lanes));
      for (int64_t r = 0; r < rows; ++r) {
        Value x = c.load(stepType, c.gep(rowBases[r], stepType, leftOffset));
        Value all = vector::BroadcastOp::create(c.b, c.loc, VectorType::get({lanes}, stepType), x);
        for (int64_t v = 0; v < together; ++v) {
          Value &sum = next[chain * count + r * vectors + first + v];
          if (few->byGroups)
            sum = lhsUnsigned ? multiplyAddInOrder(all, y[v], sum) : multiplyAddInOrder(y[v], all, sum);
          else
            sum = multiplyAdd(all, y[v], sum);
        }
      }
    }
    fetchFewRows(step, column, from, to, rows, vectors);
    return next;
  };
  SmallVector<Value> sums;
  if (isInMatrixOrder()) {
    Value wholePairs = c.add(from, c.roundDown(c.sub(to, from), 2));
    sums = e.carriedLoop(
        from, wholePairs, 2, SmallVector<Value>(2 * count, c.zeroLike(vectorType)),
        [&](Value step, ValueRange carried) { return addStep(c.addConst(step, 1), addStep(step, carried, 0), 1); });
    sums = e.carriedLoop(wholePairs, to, 1, sums,
                         [&](Value step, ValueRange carried) { return addStep(step, carried, 0); });
    for (size_t at = 0; at < count; ++at)
      sums[at] = c.addF(sums[at], sums[count + at]);
    sums.truncate(count);
  } else {
    sums = initial;
    if (byPairs)
      for (size_t at = 0; at < count; at += 2)
        std::tie(sums[at], sums[at + 1]) = separate(c, sums[at], sums[at + 1]);
    sums = e.carriedLoop(from, to, 1, sums, [&](Value step, ValueRange carried) { return addStep(step, carried, 0); });
  }
  if (byPairs)
    for (size_t at = 0; at < count; at += 2)
      std::tie(sums[at], sums[at + 1]) = join(c, sums[at], sums[at + 1]);
  if (isInMatrixOrder())
    for (auto [sum, old] : llvm::zip_equal(sums, initial))
      sum = c.addF(old, sum);
  for (auto [sum, old, address] : llvm::zip_equal(sums, initial, addresses)) {
    Value value = sum;
    if (keep)
      value = c.select(c.cmp(arith::CmpIPredicate::sge, c.iota(c.i64(), lanes), c.splat(keep, lanes)), sum, old);
    c.store(value, address);
  }
}

/// All columns of `rows` rows. The last vector ends where the columns end: it shares some with the one before.
void DotLowering::fewRowsColumns(Value from, Value to, int64_t rows, int64_t vectors) {
  if (few->packed)
    packFewRows(from, to);
  Value whole = c.index(0);
  if (vectors > 1) {
    Value width = c.index(vectors * lanes);
    whole = c.mul(c.op<arith::DivUIOp>(extentN, width), width);
    e.loop(c.index(0), whole, vectors * lanes,
           [&](Value column) { fewRowsKernel(column, {}, from, to, rows, vectors); });
  }
  Value last = c.addConst(extentN, -lanes);
  e.loop(whole, extentN, lanes, [&](Value next) {
    Value column = c.minS(next, last);
    fewRowsKernel(column, c.sub(next, column), from, to, rows, 1);
  });
}

/// The product of at most `mostFewRows` rows, of at least a vector of columns.
void DotLowering::multiplyFewRows(ArrayRef<Value> batch, const Buffer &leftBuffer, Value sums) {
  Emitter::Root root(e);
  few.emplace();
  few->batch = batch, few->sums = sums;
  few->byGroups = !isa<FloatType>(sumType);
  few->rowsPerStep = few->byGroups ? depth : 1;
  bool isTransposed = !hasVectorRows(rhs);
  if (isTransposed) {
    few->transposed = direct(rhs, batch);
    // The next tile of the contraction, or the next columns if this one is all of it.
    Value distance = few->transposed.columnStride;
    few->ahead =
        c.select(c.cmpConst(arith::CmpIPredicate::sle, distance, sizeK), c.mulConst(distance, lanes), c.index(sizeK));
  } else {
    findSources(rhs, batch, few->sources);
  }
  if (few->byGroups) {
    few->left = packLeftGroups(batch, leftBuffer);
    correctFewRows();
  } else {
    bool isInPlace = getElementTypeOrSelf(lhs) == sumType && isInMemory(lhs);
    few->left = isInPlace ? direct(lhs, batch) : packLeftElements(batch, leftBuffer);
    few->byPairs = getElementTypeOrSelf(rhs).isBF16() && sumType.isF32() && few->sources.size() == 1 &&
                   rhs.getDefiningOp<tile::LoadOp>();
  }
  Value steps = few->byGroups ? groupCount : extentK;
  // Half of the registers, for one chain of each sum or two.
  int64_t accumulators = c.spec.vectorRegisters / (isInMatrixOrder() ? 4 : 2), most = llvm::divideCeil(sizeN, lanes);
  auto product = [&](int64_t rows) {
    Emitter::Root inner(e);
    if (isTransposed)
      return transposedColumns(rows);
    int64_t vectors =
        std::max<int64_t>(1, std::min<int64_t>(accumulators / rows, llvm::bit_floor(static_cast<uint64_t>(most))));
    // Pieces of rows that are shorter than a line of the caches are slow to read.
    bool isPacked = few->byGroups && rows == mostFewRows && vectors * lanes < std::min(lineBytes, sizeN);
    int64_t blockSteps =
        isInMatrixOrder() ? depth * matrices->rows : (isPacked ? packedBlockRows : blockRows) / few->rowsPerStep;
    if (isPacked)
      few->packed = e.allocate(RankedTensorType::get({blockSteps, sizeN}, groupType));
    // Where all columns are taken at once, they are walked through to the end.
    Value size = vectors >= most && !isInMatrixOrder() ? c.maxS(steps, c.index(1)) : c.index(blockSteps);
    e.loop(c.index(0), c.ceilDiv(steps, size), 1, [&](Value block) {
      Value from = c.mul(block, size);
      fewRowsColumns(from, c.minS(c.add(from, size), steps), rows, vectors);
    });
    few->packed.reset();
  };
  int64_t largest = llvm::PowerOf2Ceil(std::clamp<int64_t>(sizeM, 1, mostFewRows));
  OpBuilder::InsertionGuard guard(c.b);
  for (int64_t rows = 1; rows < largest; rows *= 2) {
    auto branch = scf::IfOp::create(c.b, c.loc, c.cmpConst(arith::CmpIPredicate::sle, extentM, rows),
                                    /*withElseRegion=*/true);
    c.b.setInsertionPointToStart(branch.thenBlock());
    product(rows);
    c.b.setInsertionPointToStart(branch.elseBlock());
  }
  product(largest);
  few.reset();
}
