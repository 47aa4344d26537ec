//===- DotEnds.cpp - where sums begin and end ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The accumulators of a dot in a loop often begin as one value, and are stored as they are after the loop. Then
// micro-kernels begin with that value in the loop's first iteration, and store to the array in its last one: the
// accumulators are neither filled before the loop nor copied behind it. A dot by itself that adds to one value begins
// with it in the same way. Products of few rows are stored by the store op, those of matrix registers as MatrixEnds.cpp
// says.
//
// A result that is larger than the caches passes by them, as in Stream.cpp.

#include "Dot.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

tile::DotOp Emitter::dotThatBegins(scf::ForOp loop, unsigned number) {
  BlockArgument carried = loop.getRegionIterArg(number);
  auto dot = carried.hasOneUse() ? dyn_cast<tile::DotOp>(*carried.user_begin()) : tile::DotOp();
  if (!dot || dot.getAcc() != carried || dot->getParentOp() != loop || tileType(carried).getRank() != 2)
    return {};
  Value result = dot.getResult();
  if (!result.hasOneUse() || result.use_begin()->getOwner() != loop.getBody()->getTerminator() ||
      result.use_begin()->getOperandNumber() != number)
    return {};
  Value initial = loop.getInitArgs()[number];
  return !loop.getUnsignedCmp() && initial.getDefiningOp<tile::FullOp>() && !plan.isKept(initial) ? dot : tile::DotOp();
}

static bool onlyReads(Operation *op) {
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return load.getOrdering() == tile::MemoryOrder::weak;
  return !isa<tile::StoreOp, tile::AtomicRMWOp, tile::AtomicCASOp, tile::PrintOp, tile::AssertOp>(op);
}

bool loops::isReadOnly(Operation *op) {
  return !op->walk([](Operation *inner) {
              return onlyReads(inner) ? WalkResult::advance() : WalkResult::interrupt();
            }).wasInterrupted();
}

/// Whether the op stores to an array, and orders nothing.
static bool isWeakStore(Operation *op) {
  auto store = dyn_cast<tile::StoreOp>(op);
  return store && store.getOrdering() == tile::MemoryOrder::weak;
}

/// The store that takes the loop's result as it is, if nobody could tell that its elements were written within the
/// loop. Stores before it are to other arrays.
static tile::StoreOp storeBehind(scf::ForOp loop, unsigned number) {
  Value result = loop.getResult(number);
  auto store = result.hasOneUse() ? dyn_cast<tile::StoreOp>(*result.user_begin()) : tile::StoreOp();
  if (!store || store.getValue() != result || store->getBlock() != loop->getBlock() || store.getMask() ||
      store.getOrdering() != tile::MemoryOrder::weak || !isOnlyAccess(store))
    return {};
  for (Operation *op = loop; op != store; op = op->getNextNode())
    if (!isReadOnly(op) && !isWeakStore(op))
      return {};
  return store;
}

/// Whether the sums begin as one value in each execution of the dot.
bool DotLowering::isFull() const {
  return rank == 2 && acc.getDefiningOp<tile::FullOp>() && !e.plan.isKept(acc) && !e.frame.buffers.contains(acc);
}

void DotLowering::findEnds() {
  auto loop = dyn_cast<scf::ForOp>(op->getParentOp());
  auto carried = dyn_cast<BlockArgument>(acc);
  if (!loop || !carried || carried.getOwner() != loop.getBody() || carried == loop.getInductionVar())
    return;
  unsigned number = carried.getArgNumber() - loop.getNumInductionVars();
  if (e.dotThatBegins(loop, number) != op)
    return;
  ends.loop = loop;
  ends.initial = loop.getInitArgs()[number];
  Value iv = e.scalar(loop.getInductionVar());
  auto [lower, upper] = e.loopBounds(loop);
  ends.isFirst = c.cmp(CmpIPredicate::eq, iv, lower);
  tile::StoreOp store = lanes > 1 && !hasFewRowsOnly() ? storeBehind(loop, number) : tile::StoreOp();
  auto array = store ? e.frame.arrays.find(store.getArray()) : e.frame.arrays.end();
  if (array == e.frame.arrays.end() || storageType(array->second.element) != sumType ||
      store.getSubscripts().back().getType().isIndex() || !matchPattern(array->second.strides.back(), m_One()))
    return;
  const ArrayCode &code = array->second;
  Value extents[] = {extentM, extentN}, strides[2], offset = c.index(0);
  int64_t dims = 0;
  for (auto [subscript, stride] : llvm::zip_equal(store.getSubscripts(), code.strides)) {
    if (subscript.getType().isIndex()) {
      // Computed behind the loop.
      if (!e.frame.scalars.contains(subscript) && !matchPattern(subscript, m_Constant()))
        return;
      offset = c.add(offset, c.mul(e.scalar(subscript), stride));
      continue;
    }
    if (!isa<tile::RangeType>(subscript.getType()) || e.extentOf(subscript) != extents[dims])
      return;
    offset = c.add(offset, c.mul(e.frame.ranges.lookup(subscript).begin, stride));
    strides[dims++] = stride;
  }
  Value base = c.gep(code.base, sumType, offset);
  ends.result = {base, strides[0], strides[1]};
  ends.isLast = c.cmp(CmpIPredicate::sge, c.add(iv, e.scalar(loop.getStep())), upper);
  if (e.isCut(loop))
    ends.isLast = c.bitAnd(ends.isLast, e.split->isWhole);
  e.storedInLoop[store] = {loop, fewRowsLimit(), lanes};
  // Whole lines pass by the caches, if the array is larger.
  int64_t bytes = byteSize(sumType);
  Value isLarge = e.isLargerThanCaches(code);
  if (!isLarge)
    return;
  Value address = LLVM::PtrToIntOp::create(c.b, c.loc, c.i64(), base);
  Value unaligned = c.andConst(c.bitOr(address, c.mulConst(strides[0], bytes)), lineBytes - 1);
  ends.isStreamed = c.bitAnd(isLarge, c.cmpConst(CmpIPredicate::eq, unaligned, 0));
  e.streams = true;
}

SmallVector<Value> DotLowering::beginSums(ArrayRef<Value> addresses) {
  Type type = VectorType::get({lanes}, sumType);
  auto load = [&] { return llvm::map_to_vector(addresses, [&](Value address) { return c.load(type, address); }); };
  if (!ends.isFirst)
    return load();
  SmallVector<Type> types(addresses.size(), type);
  auto branch = scf::IfOp::create(c.b, c.loc, types, ends.isFirst, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  Value initial = c.splat(e.scalar(ends.initial.getDefiningOp<tile::FullOp>().getScalar()), lanes);
  scf::YieldOp::create(c.b, c.loc, SmallVector<Value>(addresses.size(), initial));
  c.b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(c.b, c.loc, load());
  return SmallVector<Value>(branch.getResults());
}

void DotLowering::endSums(ArrayRef<Value> sums, ArrayRef<Value> addresses, Value row, Value column, int64_t vectors) {
  auto keep = [&] {
    for (auto [sum, address] : llvm::zip_equal(sums, addresses))
      c.store(sum, address);
  };
  if (!ends.isLast)
    return keep();
  auto target = [&](size_t number) {
    Value offset = c.mul(c.addConst(row, number / vectors), ends.result.rowStride);
    return c.gep(ends.result.base, sumType, c.add(offset, c.addConst(column, number % vectors * lanes)));
  };
  auto branch = scf::IfOp::create(c.b, c.loc, TypeRange(), ends.isLast, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.elseBlock());
  keep();
  c.b.setInsertionPointToStart(branch.thenBlock());
  int64_t bytes = byteSize(sumType);
  if (vectors < kernel.vectors || kernel.vectors == 1) {
    // The last vector may be a part of one.
    Value rest = c.sub(extentN, column);
    Value mask = c.cmp(CmpIPredicate::slt, c.iota(c.i64(), lanes), c.splat(rest, lanes));
    for (auto [number, sum] : llvm::enumerate(sums))
      LLVM::MaskedStoreOp::create(c.b, c.loc, sum, target(number), mask, c.b.getI32IntegerAttr(bytes));
    return;
  }
  if (ends.isStreamed) {
    auto streams = scf::IfOp::create(c.b, c.loc, TypeRange(), ends.isStreamed, /*withElseRegion=*/true);
    c.b.setInsertionPointToStart(streams.thenBlock());
    for (auto [number, sum] : llvm::enumerate(sums))
      LLVM::StoreOp::create(c.b, c.loc, sum, target(number), lanes * bytes, /*isVolatile=*/false,
                            /*isNonTemporal=*/true);
    c.b.setInsertionPointToStart(streams.elseBlock());
  }
  for (auto [number, sum] : llvm::enumerate(sums))
    c.store(sum, target(number));
}

Value Emitter::mostFewRows(const FewRowsLimit &limit, scf::ForOp loop, Value terms) {
  Value rows = c.index(limit.rows);
  if (limit.rows == limit.rowsOfFewTerms)
    return rows;
  // What iterations multiply together they multiply in one way.
  if (loop) {
    auto [lower, upper] = loopBounds(loop);
    terms = c.sub(upper, lower);
  }
  return c.select(c.cmpConst(CmpIPredicate::sge, terms, limit.terms), rows, c.index(limit.rowsOfFewTerms));
}

Value Emitter::isStoredInLoop(tile::StoreOp store) {
  auto it = storedInLoop.find(store);
  if (it == storedInLoop.end())
    return {};
  StoredInLoop &stored = it->second;
  auto [lower, upper] = loopBounds(stored.loop);
  Value isStored = c.cmp(CmpIPredicate::slt, lower, upper);
  if (isCut(stored.loop))
    isStored = c.bitAnd(isStored, split->isWhole);
  if (!stored.fewRows.rows)
    return isStored;
  SmallVector<Value> counts = extents(store.getValue());
  Value isMany = c.cmp(CmpIPredicate::sgt, counts[0], mostFewRows(stored.fewRows, stored.loop, {}));
  Value isNarrow = c.cmpConst(CmpIPredicate::slt, counts[1], stored.lanes);
  return c.bitAnd(isStored, c.bitOr(isMany, isNarrow));
}
