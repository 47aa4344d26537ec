//===- DotKernel.cpp - the product of packed operands ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Micro-kernels over the accumulator tile: panels of columns outside, so that a panel stays in the first cache, and
// blocks of rows inside.

#include "Dot.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// How many lines of a row are fetched without a loop, how many lines of all rows of a block, and of how many rows.
static constexpr int64_t fewLinesOfRow = 8, fewLines = 32, fewFetchedRows = 16;

Value DotLowering::multiplyAdd(Value x, Value y, Value sum) {
  if (!isa<FloatType>(sumType))
    return c.add(sum, c.mul(x, y));
  return c.contract ? c.fma(x, y, sum) : c.addF(c.mulF(x, y), sum);
}

//===----------------------------------------------------------------------===//
// What comes next
//===----------------------------------------------------------------------===//

/// The store that takes a tile, directly or by way of elementwise ops; null if there is none.
static tile::StoreOp storeOf(Value tile, unsigned depth = 8) {
  for (Operation *user : tile.getUsers()) {
    if (auto store = dyn_cast<tile::StoreOp>(user); store && store.getValue() == tile)
      return store;
    if (depth && isElementwise(user) && user->getNumResults() == 1)
      if (auto store = storeOf(user->getResult(0), depth - 1))
        return store;
  }
  return {};
}

/// Finds where the result is stored after the loop around the dot.
void DotLowering::findDestination() {
  auto loop = dyn_cast<scf::ForOp>(op->getParentOp());
  if (!loop || rank != 2)
    return;
  for (OpOperand &use : result.getUses()) {
    if (use.getOwner() != loop.getBody()->getTerminator())
      continue;
    tile::StoreOp store = storeOf(loop.getResult(use.getOperandNumber()));
    auto array = store ? e.frame.arrays.find(store.getArray()) : e.frame.arrays.end();
    if (array == e.frame.arrays.end() || store.getSubscripts().size() != 2)
      continue;
    Type element = storageType(array->second.element);
    ArrayRef<Value> strides = array->second.strides;
    Value rows = store.getSubscripts()[0], columns = store.getSubscripts()[1];
    if (!e.frame.ranges.contains(rows) || !e.frame.ranges.contains(columns) || !matchPattern(strides[1], m_One()))
      continue;
    Value offset = c.add(c.mul(e.frame.ranges.lookup(rows).begin, strides[0]), e.frame.ranges.lookup(columns).begin);
    ahead->result = {c.gep(array->second.base, element, offset), strides[0], strides[1]};
    ahead->resultType = element;
    return;
  }
}

void DotLowering::lookAhead(ArrayRef<Value> batch) {
  ahead.reset();
  auto range = over.getDefiningOp<tile::RangeOp>();
  // A range of the kernel's own is whole, and its end not known in the grid.
  if (!range || !range->getParentOfType<tile::GridOp>())
    return;
  ahead.emplace();
  Value next = c.addConst(e.frame.ranges.lookup(over).begin, sizeK);
  ahead->isMore = c.cmp(arith::CmpIPredicate::slt, next, e.scalar(range.getEnd()));
  Value blocks = c.maxS(c.op<arith::DivUIOp>(extentM, c.index(kernel.rows)), c.index(1));
  auto shareOf = [&](int64_t all) { return c.op<arith::DivUIOp>(c.addConst(blocks, all - 1), blocks); };
  ahead->linesPerBlock = shareOf(llvm::divideCeil(groups * kernel.vectors * lanes * byteSize(groupType), lineBytes));
  if (Matrix right = matrices ? Matrix() : loadedFrom(rhs, batch); right.base) {
    right.base = c.gep(right.base, storageType(getElementTypeOrSelf(rhs)), c.mulConst(right.rowStride, sizeK));
    ahead->right = right;
    ahead->rowsPerBlock = shareOf(sizeK);
  }
  if (Matrix left = loadedFrom(lhs, batch); left.base) {
    left.base = c.gep(left.base, storageType(getElementTypeOrSelf(lhs)), c.index(sizeK));
    ahead->left = left;
  }
  // Blocks of matrix registers fetch what they store to themselves.
  if (!matrices || !ends.isLast)
    findDestination();
  if (!matrices)
    findRegions();
}

void DotLowering::fetch(Value address, bool isWritten) {
  // What is read soon goes to the second cache, what is written to the first.
  LLVM::Prefetch::create(c.b, c.loc, address, /*rw=*/isWritten, /*hint=*/isWritten ? 3 : 2, /*cache=*/1);
}

/// Calls `body` for all numbers below `count`, in a loop if these are more than `most`: code does not grow with the
/// tile.
void DotLowering::forFew(int64_t count, int64_t most, llvm::function_ref<void(Value)> body) {
  if (count > most)
    return e.loop(c.index(0), c.index(count), 1, body);
  for (int64_t number = 0; number < count; ++number)
    body(c.index(number));
}

/// The same for the rows of a block, each of which fetches so many lines.
void DotLowering::forRowsOfBlock(int64_t lines, llvm::function_ref<void(Value)> body) {
  forFew(kernel.rows, std::min(fewFetchedRows, fewLines / std::min(lines, fewLinesOfRow)), body);
}

/// Fetches the next tile of an operand from where the worker keeps it, if it has packed it, and otherwise from its
/// array.
void DotLowering::fetchWhere(const NextPacked &packed, const Matrix &array, llvm::function_ref<void()> fromPacked,
                             llvm::function_ref<void()> fromArray) {
  if (!packed.base) {
    if (array.base)
      fromArray();
    return;
  }
  auto branch = scf::IfOp::create(c.b, c.loc, packed.isPacked, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  fromPacked();
  c.b.setInsertionPointToStart(branch.elseBlock());
  if (array.base)
    fromArray();
}

void DotLowering::fetchNextRight(Value row, Value column) {
  Type element = storageType(getElementTypeOrSelf(lhs));
  int64_t perLine = lineBytes / byteSize(element), width = kernel.vectors * lanes, groupBytes = byteSize(groupType);
  Value block = c.op<arith::DivUIOp>(row, c.index(kernel.rows));
  // The share of a block of `all` rows or lines.
  auto fetchShare = [&](Value share, int64_t all, llvm::function_ref<void(Value)> body) {
    Value from = c.mul(block, share);
    e.loop(from, c.minS(c.add(from, share), c.index(all)), 1, body);
  };
  auto fromPacked = [&] {
    Value panel = c.gep(nextRight.base, groupType, c.mulConst(column, groups));
    fetchShare(ahead->linesPerBlock, llvm::divideCeil(groups * width * groupBytes, lineBytes),
               [&](Value line) { fetch(c.gep(panel, c.i8(), c.mulConst(line, lineBytes)), false); });
  };
  fetchWhere(nextRight, ahead->right, fromPacked, [&] {
    fetchShare(ahead->rowsPerBlock, sizeK, [&](Value k) {
      Value start = c.add(c.mul(k, ahead->right.rowStride), column);
      for (int64_t at = 0; at < width; at += perLine)
        fetch(c.gep(ahead->right.base, element, c.addConst(start, at)), false);
    });
  });
}

void DotLowering::fetchNextLeft(Value row, Value column) {
  Type element = storageType(getElementTypeOrSelf(lhs));
  int64_t perLine = lineBytes / byteSize(element), width = kernel.vectors * lanes;
  int64_t panelCount = std::max<int64_t>(1, sizeN / width);
  Value panel = c.op<arith::DivUIOp>(column, c.index(width));
  auto fetchLines = [&](Value start, int64_t lines) {
    forFew(lines, fewLinesOfRow, [&](Value line) { fetch(c.gep(start, c.i8(), c.mulConst(line, lineBytes)), false); });
  };
  // Rows that are one behind the other.
  auto fromPacked = [&] {
    int64_t rowGroups = leftColumns(), perBlock = kernel.rows * rowGroups * byteSize(groupType);
    int64_t lines = llvm::divideCeil(perBlock, panelCount * lineBytes);
    Value start = c.gep(nextLeft.base, groupType, c.mulConst(row, rowGroups));
    fetchLines(c.gep(start, c.i8(), c.mulConst(panel, lines * lineBytes)), lines);
  };
  // As many lines of each row as the panels have to share.
  fetchWhere(nextLeft, ahead->left, fromPacked, [&] {
    int64_t lines = llvm::divideCeil(sizeK, panelCount * perLine);
    Value start = c.mulConst(panel, lines * perLine);
    forRowsOfBlock(lines, [&](Value r) {
      Value leftRow = c.add(c.mul(c.add(row, r), ahead->left.rowStride), start);
      fetchLines(c.gep(ahead->left.base, element, leftRow), lines);
    });
  });
}

/// A block of rows and a panel of columns fetch their share of the next tiles.
void DotLowering::fetchNextTiles(Value row, Value column) {
  fetchNextRight(row, column);
  fetchNextLeft(row, column);
}

/// Fetches the elements that a block's sums are stored to.
void DotLowering::fetchResult(Value row, Value column) {
  int64_t width = kernel.vectors * lanes, perLine = lineBytes / byteSize(ahead->resultType);
  forRowsOfBlock(llvm::divideCeil(width, perLine), [&](Value r) {
    Value start = c.add(c.mul(c.add(row, r), ahead->result.rowStride), column);
    for (int64_t at = 0; at < width; at += perLine)
      fetch(c.gep(ahead->result.base, ahead->resultType, c.addConst(start, at)), true);
  });
}

void DotLowering::fetchAhead(Value row, Value column) {
  auto branch = scf::IfOp::create(c.b, c.loc, ahead->isMore, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  // Or micro-kernels fetch them as they go.
  if (ahead->regions.empty())
    fetchNextTiles(row, column);
  if (!ahead->result.base)
    return;
  c.b.setInsertionPointToStart(branch.elseBlock());
  if (ends.isStreamed) {
    auto isFetched = scf::IfOp::create(c.b, c.loc, c.bitXor(ends.isStreamed, c.intLike(c.i1(), 1)));
    c.b.setInsertionPointToStart(isFetched.thenBlock());
  }
  fetchResult(row, column);
}

//===----------------------------------------------------------------------===//
// Micro-kernels
//===----------------------------------------------------------------------===//

void DotLowering::microKernel(const Matrix &left, const Panel &panel, const PanelFacts &facts, Value accumulators,
                              Value row, Value column, int64_t rows, int64_t vectors, bool byHalves) {
  Type groupsType = VectorType::get({lanes}, groupType);
  auto sumAddress = [&](int64_t r, int64_t v) {
    Value offset = c.add(c.mulConst(c.addConst(row, r), sumStride), c.addConst(column, v * lanes));
    return c.gep(accumulators, sumType, offset);
  };
  SmallVector<Value> addresses, sums;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t v = 0; v < vectors; ++v) {
      addresses.push_back(sumAddress(r, v));
    }
  sums = beginSums(addresses);
  if (!facts.correction.empty())
    for (auto [number, sum] : llvm::enumerate(sums))
      sum = c.add(sum, facts.correction[number % vectors]);
  SmallVector<Value> rowBases;
  // No micro-kernel takes rows of several blocks.
  Value block = left.blockRows > 1 ? rowAddress(left, row) : Value();
  for (int64_t r = 0; r < rows; ++r)
    rowBases.push_back(block ? c.gep(block, groupType, c.index(r)) : rowRegister(left, c.addConst(row, r)));
  std::optional<Walk> walk;
  if (ahead && rows == kernel.rows && vectors == kernel.vectors) {
    fetchAhead(row, column);
    if (!ahead->regions.empty())
      walk = walkOf(row, column, addresses.front());
  }
  auto step = [&](Value k, ValueRange carried) {
    SmallVector<Value> y, next(carried);
    Value rightRow = c.gep(panel.base, groupType, c.mul(k, panel.rowStride));
    for (int64_t v = 0; v < vectors; ++v)
      y.push_back(c.load(groupsType, c.gep(rightRow, groupType, c.index(v * lanes))));
    Value leftOffset = c.mul(k, left.columnStride);
    for (int64_t r = 0; r < rows; ++r) {
      Value x = c.load(groupType, c.gep(rowBases[r], groupType, leftOffset));
      Value all = vector::BroadcastOp::create(c.b, c.loc, cast<VectorType>(groupsType), x);
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = next[r * vectors + v];
        sum = byHalves      ? multiplyAddHalves(all, y[v], sum)
              : instruction ? multiplyAddGroups(all, y[v], sum)
                            : multiplyAdd(all, y[v], sum);
      }
    }
    return next;
  };
  // Several steps at once, or what counts them would take the place of products.
  Value first = c.index(0);
  if (c.spec.farLastCache && !instruction && rows == kernel.rows && vectors == kernel.vectors) {
    Value whole = c.roundDown(groupCount, stepsOfLine);
    sums = e.carriedLoop(first, whole, stepsOfLine, sums, [&](Value k, ValueRange carried) {
      if (walk)
        fetchOnWalk(*walk, k);
      SmallVector<Value> next(carried);
      for (int64_t at = 0; at < stepsOfLine; ++at)
        next = step(c.addConst(k, at), next);
      return next;
    });
    first = whole;
  }
  sums = e.carriedLoop(first, groupCount, 1, sums, step);
  endSums(sums, addresses, row, column, vectors);
}

/// All rows of some columns. The rows that are left by the largest micro-kernel are taken by smaller ones, halved; of
/// the last columns, fewer than a panel has, one by one. Where the instruction cannot be used all are taken one by one:
/// such data hardly exist.
void DotLowering::rowBlocks(const Matrix &left, const Panel &panel, const PanelFacts &facts, Value accumulators,
                            Value column, int64_t vectors) {
  auto byInstruction = [&] {
    Value from = c.index(0);
    // Where a kernel has several products, rows that are left take two steps fewer.
    int64_t largestRest = vectors < kernel.vectors ? 1 : isOneOfSeveral() ? 2 : kernel.rows;
    auto restOf = [&](int64_t rows) { return llvm::bit_floor(static_cast<uint64_t>(rows - 1)); };
    for (int64_t rows = kernel.rows;; rows = std::min<int64_t>(restOf(rows), largestRest)) {
      Value count = c.op<arith::DivUIOp>(c.sub(extentM, from), c.index(rows));
      Value to = c.add(from, c.mulConst(count, rows));
      e.loop(from, to, rows, [&](Value row) {
        microKernel(left, panel, facts, accumulators, row, column, rows, vectors, /*byHalves=*/false);
      });
      from = to;
      if (rows == 1)
        return;
    }
  };
  if (!facts.isInRange)
    return byInstruction();
  auto branch = scf::IfOp::create(c.b, c.loc, facts.isInRange, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  byInstruction();
  c.b.setInsertionPointToStart(branch.elseBlock());
  e.loop(c.index(0), extentM, 1, [&](Value row) {
    microKernel(left, panel, facts, accumulators, row, column, /*rows=*/1, vectors, /*byHalves=*/true);
  });
}

DotLowering::Panel DotLowering::panelAt(const Right &right, Value column) {
  Panel packed{panelAddress(right.panels, c.index(0), column), c.index(kernel.vectors * lanes)};
  if (!right.packFrom)
    return packed;
  Value isPacked = c.cmp(arith::CmpIPredicate::sge, column, right.packFrom);
  return {c.select(isPacked, packed.base, c.gep(right.array.base, sumType, column)),
          c.select(isPacked, packed.rowStride, right.array.rowStride)};
}

void DotLowering::multiply(const Matrix &left, const Right &right, Value accumulators) {
  Value end = c.roundUp(extentN, lanes), whole = c.roundDown(extentN, kernel.vectors * lanes);
  auto columns = [&](Value from, Value to, int64_t vectors) {
    e.loop(from, to, vectors * lanes, [&](Value column) {
      Panel panel = panelAt(right, column);
      rowBlocks(left, panel, surveyPanel(panel, accumulators, column, vectors), accumulators, column, vectors);
    });
  };
  if (kernel.vectors == 1)
    return columns(c.index(0), end, 1);
  columns(c.index(0), whole, kernel.vectors);
  columns(whole, end, 1);
}
