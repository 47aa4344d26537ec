//===- FewRows.cpp - products of few rows ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product of few rows takes as long as reading the right operand once. It is not packed: micro-kernels compute its
// elements in registers, row by row as they lie in memory, and fetch the rows that follow. The fewer rows the product
// has, the more vectors of columns a micro-kernel takes, so that it has as many accumulators. If it does not take all
// columns of the tile, it stays for a block of rows of the right operand only, and the accumulators pass through
// memory. There is code for one, two, four and eight rows, and the right operand is read once whatever their number.
// Where a kernel has several products, that would be most of its code: there it is for one row and for four (of bf16
// for two, too), which more rows take in a loop, while what is read is in the first cache. Transposed matrices have
// less (FewRowsSquares.cpp). Where the machine has matrix registers, these multiply rows by a transposed matrix
// (FewRowsMatrices.cpp), and all but the fewest by one in rows (FewRowsPanels.cpp).
//
// A grid may have a version for few rows (VersionFewRows.cpp). It packs nothing: columns of less than a vector, of which
// there are hardly any, go element by element. The other version has one piece of code, for tiles that are small to
// occupy all threads.
//
// Bytes, and bf16 by two rows and more, are multiplied by groups (FewRowsGroups.cpp). A single row multiplies bf16 that
// are widened: those of even and of odd columns are the halves of a vector.
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

/// How many rows of the right operand are walked through before the next columns; as many are fetched ahead. Where many
/// rows multiply groups, loading and storing their sums takes longer beside products that are short.
static constexpr int64_t blockRows = 64, blockRowsOfManyGroups = 128, manyRows = 8;
/// Micro-kernels that take no more of a row than so many registers hold fetch whole rows ahead, one after the other.
static constexpr int64_t narrowRegisters = 4;
/// A number of steps is divided by that of a row as a product with its inverse, of so many bits: exactly, where the product
/// of both numbers is less than two to that power.
static constexpr int64_t partBits = 32;
/// How many rows are taken at once where one piece of code takes all of them.
static constexpr int64_t rowsOfLoops = 4;
/// How many accumulators one row has there, and two: as many as are added to at the same time.
static constexpr int64_t sumsOfSeveral = 8;

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
  // Tiles of matrix registers have many rows or all.
  if (rowVersion() == analysis::RowVersion::many && matrices)
    return false;
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

analysis::RowVersion DotLowering::rowVersion() const {
  return analysis::rowVersion(op->getParentOfType<tile::GridOp>());
}

/// Whether all tiles have few rows, by a matrix whose rows are read as vectors, and there is other code for no more than
/// the last columns.
bool DotLowering::hasFewRowsOnly() const {
  auto row = dyn_cast_or_null<BlockArgument>(e.dimRanges.lookup(lhs, rank - 2));
  bool isOfGrid = row && isa<tile::GridOp>(row.getOwner()->getParentOp());
  return rowVersion() == analysis::RowVersion::few && takesFewRows() && hasVectorRows(rhs) && isOfGrid &&
         sizeM <= fewRowsLimit().rows;
}

/// Whether the kernel has other products, too; other versions of this one are none.
bool DotLowering::isOneOfSeveral() const {
  if (rowVersion() != analysis::RowVersion::any)
    return false;
  int64_t products = 0;
  op->getParentOfType<FunctionOpInterface>()->walk(
      [&](Operation *other) { products += isa<tile::DotOp, tile::DotScaledOp>(other); });
  return products > 1;
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

//===----------------------------------------------------------------------===//
// Micro-kernels
//===----------------------------------------------------------------------===//

/// The row that a micro-kernel takes as its number `r`. Where the product has fewer rows, its last one is computed
/// again, and stored to the same place.
Value DotLowering::fewRow(int64_t r) {
  return r == 0 && !few->firstRow
             ? c.index(0)
             : c.minS(few->firstRow ? c.addConst(few->firstRow, r) : c.index(r), c.addConst(extentM, -1));
}

/// How many lines of a source a step of a micro-kernel fetches, if it fetches whole rows: a power of two. Those that take
/// rows of the product apart share them.
int64_t DotLowering::linesOfStep(const Source &source, int64_t vectors) const {
  int64_t perLine = lineBytes / byteSize(source.element);
  return std::max<int64_t>(1, vectors * lanes * few->rowsPerStep / perLine / few->passes);
}

/// Finds how many steps fetch a row of each source, which may have much less columns than the tile's type.
void DotLowering::countStepsOfRows(int64_t vectors) {
  for (Source &source : few->sources) {
    int64_t columns = linesOfStep(source, vectors) * lineBytes / byteSize(source.element);
    source.stepsOfRow = c.op<arith::DivUIOp>(c.addConst(extentN, columns - 1), c.index(columns));
    Value most = c.index((int64_t(1) << partBits) - 1);
    source.partOfStep = c.addConst(c.op<arith::DivUIOp>(most, source.stepsOfRow), 1);
  }
}

/// Fetches as much of the block of rows behind `to` as the step `step` takes of this one. Micro-kernels of a few
/// vectors fetch whole rows one after the other, as memory likes it, not the pieces that they take themselves.
void DotLowering::fetchFewRows(Value step, Value column, Value from, Value to, int64_t rows, int64_t vectors) {
  for (const Source &source : few->sources) {
    const Matrix &matrix = source.matrix;
    int64_t bytes = byteSize(source.element), perLine = lineBytes / bytes;
    // A row of groups takes four rows of so many columns that its own pieces are as good, where a tile is wide.
    bool isPiece = source.stepsOfRow && few->byGroups && rows == 1;
    bool byRows = !isPiece && vectors > 1 && vectors * lanes < sizeN &&
                  vectors * lanes * bytes <= narrowRegisters * c.spec.vectorBytes;
    auto fetchLine = [&](Value row, Value start) {
      fetch(c.gep(matrix.base, source.element, c.add(c.mul(row, matrix.rowStride), start)), /*isWritten=*/false);
    };
    Value behind = c.mulConst(to, few->rowsPerStep);
    if (byRows) {
      // Steps are numbered along the rows of a block, and so are their lines.
      int64_t passes = few->passes, lines = linesOfStep(source, vectors);
      Value kernels = c.op<arith::DivUIOp>(column, c.index(vectors * lanes));
      if (passes > 1)
        kernels = c.add(c.mulConst(kernels, passes), c.op<arith::DivUIOp>(few->firstRow, c.index(rows)));
      Value number = c.add(c.mul(kernels, c.sub(to, from)), c.sub(step, from));
      if (source.stepsOfRow) {
        Value row = c.lshr(c.mul(number, source.partOfStep), partBits);
        Value start = c.mulConst(c.sub(number, c.mul(row, source.stepsOfRow)), lines * perLine);
        for (int64_t line = 0; line < lines; ++line)
          fetchLine(c.add(behind, row), c.addConst(start, line * perLine));
        continue;
      }
      number = c.mulConst(number, lines);
      // Both are powers of two: the lines of a step that are in one row lie side by side.
      int64_t linesPerRow = llvm::PowerOf2Ceil(llvm::divideCeil(sizeN, perLine));
      int64_t together = std::min(lines, linesPerRow);
      for (int64_t first = 0; first < lines; first += together) {
        Value at = c.addConst(number, first);
        Value row = c.add(behind, c.op<arith::DivUIOp>(at, c.index(linesPerRow)));
        Value start = c.mulConst(c.andConst(at, linesPerRow - 1), perLine);
        for (int64_t line = 0; line < together; ++line)
          fetchLine(row, c.addConst(start, line * perLine));
      }
      continue;
    }
    for (int64_t r = 0; r < few->rowsPerStep; ++r)
      for (int64_t at = 0; at < vectors * lanes; at += perLine)
        fetchLine(c.addConst(c.mulConst(step, few->rowsPerStep), r + few->blockRows), c.addConst(column, at));
  }
}

/// The right operand of a step, from `column` on: groups, of which `groupRows` tells the rows, or elements as f32, of
/// bf16 those of even and of odd columns.
SmallVector<Value> DotLowering::fewRowsRight(Value step, ArrayRef<Value> groupRows, Value column, int64_t vectors,
                                             bool byColumnPairs) {
  if (few->byGroups)
    return groupsOfColumns(step, groupRows, column, vectors);
  if (byColumnPairs)
    return pairsOfColumns(step, column, vectors);
  return {c.splat(operandElement(false, batchIndices(few->batch, {step, 0}, Index{column, lanes})), lanes)};
}

/// Multiplies `rows` rows of the left operand by `vectors` vectors of columns of the right one, in the steps `from` to
/// `to`. If `keep` is given, the sums of so many columns stay as they are. Where pairs are tried, the result is whether
/// they were in range: if not, the sums are what they were.
Value DotLowering::fewRowsKernel(Value column, Value keep, Value from, Value to, int64_t rows, int64_t vectors) {
  auto vectorType = VectorType::get({lanes}, sumType);
  Type stepType = few->byGroups ? groupType : sumType;
  bool byColumnPairs = few->byColumnPairs && vectors % 2 == 0;
  SmallVector<Value> addresses, rowBases, inGroup;
  for (int64_t r = 0; r < rows; ++r) {
    Value row = fewRow(r), start = c.add(c.mulConst(row, sumStride), column);
    for (int64_t v = 0; v < vectors; ++v)
      addresses.push_back(c.gep(few->sums, sumType, c.addConst(start, v * lanes)));
    rowBases.push_back(c.gep(few->left.base, stepType, c.mul(row, few->left.rowStride)));
  }
  if (few->byGroups)
    inGroup = groupRows(from);
  size_t count = addresses.size();
  // Columns that come from memory together are multiplied before the next ones: few registers hold them.
  int64_t together = few->byGroups ? c.spec.lanes(byteSize(packedType)) / lanes : byColumnPairs ? 2 : 1;
  together = std::min(together, vectors);
  // The sums of a chain of steps, of which `carried` may have two, and behind them the extremes of pairs.
  auto addStep = [&](Value step, ValueRange carried, size_t chain) {
    SmallVector<Value> next(carried);
    Value leftOffset = c.mul(step, few->left.columnStride);
    for (int64_t first = 0; first < vectors; first += together) {
      SmallVector<Value> right;
      Value keptRow = few->kept ? c.mulConst(c.sub(step, from), few->kept->strides[0]) : Value();
      auto keptAddress = [&](int64_t v) { return c.gep(few->kept->base, groupType, c.addConst(keptRow, v * lanes)); };
      if (few->kept && few->isKept)
        for (int64_t v = 0; v < together; ++v)
          right.push_back(c.load(VectorType::get({lanes}, groupType), keptAddress(v)));
      else
        right = fewRowsRight(step, inGroup, c.addConst(column, first * lanes), together, byColumnPairs);
      if (few->kept && !few->isKept)
        for (auto [v, y] : llvm::enumerate(right))
          c.store(y, keptAddress(v));
      for (Value &y : right) {
        if (few->byHalves)
          y = padPairs(from, y);
        else if (few->leftInRange)
          llvm::copy(followPairs(y, ArrayRef<Value>(next).take_back(2)), next.end() - 2);
      }
      for (int64_t r = 0; r < rows; ++r) {
        Value x = c.load(stepType, c.gep(rowBases[r], stepType, leftOffset));
        Value all = vector::BroadcastOp::create(c.b, c.loc, VectorType::get({lanes}, stepType), x);
        for (int64_t v = 0; v < together; ++v) {
          Value &sum = next[chain * count + r * vectors + first + v];
          sum = few->byGroups ? multiplyAddFew(all, right[v], sum) : multiplyAdd(all, right[v], sum);
        }
      }
    }
    fetchFewRows(step, column, from, to, rows, vectors);
    return next;
  };
  SmallVector<Value> sums;
  auto walk = [&](ValueRange start) {
    return e.carriedLoop(from, to, 1, start, [&](Value step, ValueRange carried) { return addStep(step, carried, 0); });
  };
  if (triesPairs())
    return tryPairs(addresses, vectors, keep, walk);
  if (isInMatrixOrder()) {
    sums = SmallVector<Value>(2 * count, c.zeroLike(vectorType));
    sums = e.carriedLoop(from, to, 2, sums, [&](Value step, ValueRange carried) {
      SmallVector<Value> next = addStep(step, carried, 0);
      // The last row may have none behind it.
      Value second = c.addConst(step, 1);
      auto branch = scf::IfOp::create(c.b, c.loc, ValueRange(next).getTypes(),
                                      c.cmp(arith::CmpIPredicate::slt, second, to), /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(c.b);
      c.b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(c.b, c.loc, next);
      c.b.setInsertionPointToStart(branch.thenBlock());
      Emitter::Root inner(e);
      scf::YieldOp::create(c.b, c.loc, addStep(second, next, 1));
      return SmallVector<Value>(branch.getResults());
    });
    for (size_t at = 0; at < count; ++at)
      sums[at] = c.addF(sums[at], sums[count + at]);
    sums.truncate(count);
  } else {
    sums = loadSums(addresses, vectors);
    if (byColumnPairs)
      for (size_t at = 0; at < count; at += 2)
        std::tie(sums[at], sums[at + 1]) = separate(c, sums[at], sums[at + 1]);
    sums = walk(sums);
  }
  if (byColumnPairs)
    for (size_t at = 0; at < count; at += 2)
      std::tie(sums[at], sums[at + 1]) = join(c, sums[at], sums[at + 1]);
  reorderSums(sums, vectors, /*back=*/true);
  storeFewRows(sums, addresses, keep, /*adds=*/isInMatrixOrder());
  return {};
}

/// Stores sums, or adds them to those that are there. If `keep` is given, so many columns stay as they are.
void DotLowering::storeFewRows(ArrayRef<Value> sums, ArrayRef<Value> addresses, Value keep, bool adds) {
  // All of them are loaded first: two may be of one row.
  SmallVector<Value> present;
  for (Value address : addresses)
    present.push_back(keep || adds ? c.load(sums[0].getType(), address) : Value());
  for (auto [sum, old, address] : llvm::zip_equal(sums, present, addresses)) {
    Value value = adds ? c.addF(old, sum) : sum;
    if (keep)
      value = c.select(c.cmp(arith::CmpIPredicate::sge, c.iota(c.i64(), lanes), c.splat(keep, lanes)), value, old);
    c.store(value, address);
  }
}

/// Emits a micro-kernel, in a loop over the rows if it is for all of them.
void DotLowering::forFewRows(llvm::function_ref<void()> kernel) {
  if (!few->rowsOfLoop)
    return kernel();
  e.loop(c.index(0), extentM, few->rowsOfLoop, [&](Value row) {
    few->firstRow = row;
    kernel();
  });
  few->firstRow = {};
}

/// All columns of `rows` rows. The last vector ends where the columns end: it shares some with the one before.
void DotLowering::fewRowsColumns(Value from, Value to, int64_t rows, int64_t vectors, int64_t rowsAtOnce) {
  if (triesPairs())
    return pairsOfFewRows(from, to, vectors, rowsAtOnce);
  auto kernel = [&](Value column, Value keep, int64_t count) {
    if (few->rowsOfLoop)
      return forFewRows([&] { fewRowsKernel(column, keep, from, to, rowsAtOnce, count); });
    for (int64_t pass = 0; pass < few->passes; ++pass) {
      few->firstRow = few->passes > 1 ? c.index(pass * rowsAtOnce) : Value();
      few->isKept = pass > 0;
      fewRowsKernel(column, keep, from, to, rowsAtOnce, count);
    }
    few->firstRow = {};
  };
  Value whole = c.index(0);
  if (vectors > 1) {
    Value width = c.index(vectors * lanes);
    whole = c.mul(c.op<arith::DivUIOp>(extentN, width), width);
    e.loop(c.index(0), whole, vectors * lanes, [&](Value column) { kernel(column, {}, vectors); });
  }
  Value last = c.addConst(extentN, -lanes);
  e.loop(whole, extentN, lanes, [&](Value next) {
    Value column = c.minS(next, last);
    kernel(column, c.sub(next, column), 1);
  });
}

/// Prepares the left operand for steps by groups, or one by one.
void DotLowering::prepareFewRows(const Buffer &leftBuffer, bool byGroups) {
  few->byGroups = byGroups;
  few->rowsPerStep = byGroups ? depth : 1;
  few->leftInRange = {};
  few->byColumnPairs = false;
  if (byGroups) {
    few->leftInRange = surveyed([&] { few->left = packLeftGroups(few->batch, leftBuffer); });
    correctFewRows();
    return;
  }
  bool isInPlace = getElementTypeOrSelf(lhs) == sumType && isInMemory(lhs);
  if (isInPlace)
    few->left = direct(lhs, few->batch);
  else
    shareable([&] { few->left = packLeftElements(few->batch, leftBuffer); });
  few->byColumnPairs = getElementTypeOrSelf(rhs).isBF16() && sumType.isF32() && few->sources.size() == 1 &&
                       rhs.getDefiningOp<tile::LoadOp>();
}

/// The product of few rows, of at least a vector of columns.
void DotLowering::multiplyFewRows(ArrayRef<Value> batch, const Buffer &leftBuffer, Value sums) {
  Emitter::Root root(e);
  few.emplace();
  few->batch = batch, few->sums = sums;
  bool isTransposed = !hasVectorRows(rhs);
  bool hasPairs = takesPairs(), byGroups = !isa<FloatType>(sumType);
  if (isTransposed)
    few->transposed = direct(rhs, batch);
  else
    findSources(rhs, batch, few->sources);
  if (takesMatrixRows()) {
    multiplyByMatrixRows();
    return few.reset();
  }
  if (isTransposed && isOneOfSeveral()) {
    prepareFewRows(leftBuffer, hasPairs || byGroups);
    shareable([&] { multiplySquares(); });
    return few.reset();
  }
  if (takesPanels()) {
    e.either(
        mayTakePanels(),
        [&] {
          Emitter::Root inner(e);
          multiplyByPanels();
        },
        [&] {
          Emitter::Root inner(e);
          multiplyByVectors(leftBuffer);
        });
  } else {
    multiplyByVectors(leftBuffer);
  }
  few.reset();
}

/// The product of few rows by vectors.
void DotLowering::multiplyByVectors(const Buffer &leftBuffer) {
  bool isTransposed = !hasVectorRows(rhs), hasPairs = takesPairs(), byGroups = !isa<FloatType>(sumType);
  int64_t mostRows = takesPanels() ? leastPanelRows() - 1 : mostFewRowsOfVectors;
  // What both forms of few rows are made of is computed once, if that is more than a conversion.
  auto cast = lhs.getDefiningOp<tile::CastOp>();
  bool isConverted = cast && isInMemory(cast.getSource());
  bool isComputedOnce = hasPairs && rank == 2 && isOneOfSeveral() && !isInMemory(lhs) && !isConverted;
  if (isComputedOnce) {
    Buffer once =
        e.allocate(RankedTensorType::get({std::min(sizeM, mostFewRowsOfVectors), sizeK}, getElementTypeOrSelf(lhs)));
    e.materialise(lhs, once);
    e.frame.buffers[lhs] = once;
  }
  // One and two rows of bf16 are not faster by groups.
  constexpr int64_t rowsOfElements = 2;
  bool isLoop = isOneOfSeveral() && sizeM > rowsOfLoops;
  // Half of the registers, for one chain of each sum or two.
  int64_t accumulators = c.spec.vectorRegisters / (isInMatrixOrder() ? 4 : 2), most = llvm::divideCeil(sizeN, lanes);
  auto product = [&](int64_t rows) {
    Emitter::Root inner(e);
    if (isTransposed)
      return transposedColumns(rows);
    // Groups have the columns of a whole vector of elements at least.
    int64_t rowsAtOnce = few->byGroups ? std::min(rows, std::max<int64_t>(1, accumulators / depth)) : rows;
    int64_t sums = isLoop && rows < rowsOfLoops ? std::min(accumulators, sumsOfSeveral) : accumulators;
    int64_t vectors =
        std::max<int64_t>(1, std::min<int64_t>(sums / rowsAtOnce, llvm::bit_floor(static_cast<uint64_t>(most))));
    few->blockRows = few->byGroups && rows >= manyRows ? blockRowsOfManyGroups : blockRows;
    int64_t blockSteps = isInMatrixOrder() ? depth * matrices->rows : few->blockRows / few->rowsPerStep;
    if (few->rowsOfLoop)
      few->rowsOfLoop = rowsAtOnce;
    else if (rowsAtOnce < rows && !few->leftInRange)
      few->kept = e.allocate(RankedTensorType::get({blockSteps, depth * lanes}, groupType));
    // The last group may be a part of one, and is a block of its own then.
    Value steps = few->byGroups ? groupCount : extentK;
    Value whole = few->byGroups ? c.op<arith::DivUIOp>(extentK, c.index(depth)) : steps;
    // Where all columns are taken at once, they are walked through to the end.
    bool isOneBlock = vectors >= most && rowsAtOnce == rows && !isInMatrixOrder();
    Value size = isOneBlock ? c.maxS(whole, c.index(1)) : c.index(blockSteps);
    few->passes = few->rowsOfLoop ? 1 : rows / rowsAtOnce;
    if (hasFewRowsOnly())
      countStepsOfRows(vectors);
    shareable([&] {
      e.loop(c.index(0), c.add(c.ceilDiv(whole, size), c.sub(steps, whole)), 1, [&](Value block) {
        Value from = c.minS(c.mul(block, size), whole), to = c.minS(c.add(from, size), whole);
        to = c.select(c.cmp(arith::CmpIPredicate::eq, from, whole), steps, to);
        fewRowsColumns(from, to, rows, vectors, rowsAtOnce);
      });
    });
    few->kept.reset();
  };
  int64_t largest = isLoop ? rowsOfLoops : llvm::PowerOf2Ceil(std::clamp<int64_t>(sizeM, 1, mostRows));
  // Code for `least` rows, `factor` times as many, and so on up to `most`. Tiles of more rows that are small to occupy all
  // threads have `most`, and so have those that are too narrow for panels.
  bool isMany = rowVersion() == analysis::RowVersion::many;
  auto products = [&](int64_t least, int64_t most, int64_t factor) {
    OpBuilder::InsertionGuard guard(c.b);
    for (int64_t rows = isMany ? most : least; rows < most; rows *= factor) {
      auto branch = scf::IfOp::create(c.b, c.loc, c.cmpConst(arith::CmpIPredicate::sle, extentM, rows),
                                      /*withElseRegion=*/true);
      c.b.setInsertionPointToStart(branch.thenBlock());
      product(rows);
      c.b.setInsertionPointToStart(branch.elseBlock());
    }
    few->rowsOfLoop = (isLoop && most == largest) || isMany || takesPanels() ? largest : 0;
    product(most);
  };
  auto byElements = [&](int64_t most) {
    Emitter::Root inner(e);
    prepareFewRows(leftBuffer, /*byGroups=*/false);
    products(1, most, /*factor=*/2);
  };
  auto byPairs = [&] {
    Emitter::Root inner(e);
    prepareFewRows(leftBuffer, /*byGroups=*/true);
    products(2 * rowsOfElements, largest, /*factor=*/2);
  };
  if (!hasPairs) {
    prepareFewRows(leftBuffer, byGroups);
    products(1, largest, isLoop ? largest : 2);
  } else if (largest <= rowsOfElements) {
    byElements(largest);
  } else if (isMany) {
    byPairs();
  } else {
    e.either(
        c.cmpConst(arith::CmpIPredicate::sle, extentM, rowsOfElements), [&] { byElements(rowsOfElements); }, byPairs);
  }
  if (isComputedOnce)
    e.frame.buffers.erase(lhs);
}

/// The product one element after the other: for columns that are less than a vector, of which there are hardly any.
void DotLowering::multiplyElements(ArrayRef<Value> batch, Value sums) {
  Emitter::Root root(e);
  auto addTerms = [&](Value row, Value column, Value from, Value to, ValueRange start) {
    return e.carriedLoop(from, to, 1, start, [&](Value k, ValueRange carried) {
      Value x = operandElement(true, batchIndices(batch, {row, 0}, {k, 0}));
      Value y = operandElement(false, batchIndices(batch, {k, 0}, {column, 0}));
      // Two chains take turns: it does not matter which of them ends as the first one.
      SmallVector<Value> next(carried.drop_front());
      next.push_back(multiplyAdd(x, y, carried[0]));
      return next;
    });
  };
  e.loop(c.index(0), extentM, 1, [&](Value row) {
    e.loop(c.index(0), extentN, 1, [&](Value column) {
      Value address = c.gep(sums, sumType, c.add(c.mulConst(row, sumStride), column));
      auto addTo = [&](Value from, Value to) {
        Value before = c.load(sumType, address), sum;
        if (isInMatrixOrder()) {
          Value zero = c.zeroLike(sumType);
          SmallVector<Value> chains = addTerms(row, column, from, to, {zero, zero});
          sum = c.addF(before, c.addF(chains[0], chains[1]));
        } else {
          sum = addTerms(row, column, from, to, before)[0];
        }
        c.store(sum, address);
      };
      if (!isInMatrixOrder())
        return addTo(c.index(0), extentK);
      int64_t block = depth * matrices->rows;
      e.loop(c.index(0), extentK, block,
             [&](Value from) { addTo(from, c.minS(c.addConst(from, block), extentK)); });
    });
  });
}
