//===- Stream.cpp - stores that pass by the caches ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An array that is larger than the caches, and that its kernel writes once and never reads, need not be in them: stores
// of whole aligned vectors go to memory, which need not be read before. Whether an array is so large is known at run
// time. Rows begin anywhere: what of a row's first vector lies before an aligned address is stored as usual, and so is
// what lies behind the last one. A grid's function ends with a fence, since such stores are not ordered with those that
// tell that it is done.

#include "EmitterImpl.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

/// What the fewest bytes are that processors store so.
static constexpr int64_t leastStreamedBytes = 16;

/// Bytes of a part of a row that is worth it: parts share lines at both ends.
static constexpr int64_t leastPartBytes = 8192;

/// What the smallest elements are that every processor stores some lanes of.
static constexpr int64_t leastMaskedBytes = 4;

/// Vectors of a row beyond which two more do not count.
static constexpr int64_t leastVectors = 64;

/// What computing a vector costs at most if two of them are stored in one iteration of a loop. One is enough where that
/// takes longer than the stores; where it does not, a loop of a few instructions ran at two speeds that were a factor
/// of 1.7 apart, as its address in memory would have it (Zen 4), and one of two vectors at the higher one.
static constexpr int64_t mostCostOfPairs = 28;

bool loops::isOnlyAccess(tile::StoreOp store, tile::StoreOp other) {
  auto argument = dyn_cast<BlockArgument>(store.getArray());
  auto kernel = argument ? dyn_cast<tile::KernelOp>(argument.getOwner()->getParentOp()) : tile::KernelOp();
  // Parameters of one alias set may be the same array.
  return kernel && !kernel.getArgAttr(argument.getArgNumber(), "tile.alias") &&
         llvm::all_of(store.getArray().getUsers(), [&](Operation *user) {
           return user == store || user == other || isa<memref::DimOp>(user) ||
                  insideMutuallyExclusiveRegions(user, store);
         });
}

/// The size of the machine's last cache, asked for where the function begins.
Value Emitter::lastCacheBytes() {
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(c.function.entry);
  return c.call("tilec_last_cache_bytes", c.i64(), {});
}

Value Emitter::isLargerThanCaches(const ArrayCode &code) {
  int64_t elementBytes = byteSize(storageType(code.element));
  Value elements = c.index(1);
  for (Value extent : code.extents)
    elements = c.mul(elements, extent);
  APInt known;
  if (matchPattern(elements, m_ConstantInt(&known)) &&
      known.getSExtValue() <= c.spec.leastLastCacheBytes / elementBytes)
    return {};
  return c.cmp(CmpIPredicate::sgt, c.mulConst(elements, elementBytes), lastCacheBytes());
}

Value Emitter::isStreamed(tile::StoreOp op, int64_t lanes) {
  auto grid = op->getParentOfType<tile::GridOp>();
  if (!grid || op.getMask() || !isOnlyAccess(op))
    return {};
  // Vectors lie along the array's last dim.
  RankedTensorType type = tileType(op.getValue());
  if (vectorDim(type.getShape()) != type.getRank() - 1 || op.getSubscripts().back().getType().isIndex())
    return {};
  for (Value subscript : op.getSubscripts())
    if (tileType(subscript) || isa<tile::WindowType>(subscript.getType()))
      return {};
  const ArrayCode &code = frame.arrays[op.getArray()];
  int64_t elementBytes = byteSize(storageType(code.element));
  APInt stride;
  if (lanes * elementBytes < leastStreamedBytes || code.strides.empty() ||
      !matchPattern(code.strides.back(), m_ConstantInt(&stride)) || !stride.isOne())
    return {};
  // What multiplies matrices reads its operands again, and writes little.
  bool multiplies =
      grid.walk([](Operation *one) {
            return isa<tile::DotOp, tile::DotScaledOp>(one) ? WalkResult::interrupt() : WalkResult::advance();
          })
          .wasInterrupted();
  if (multiplies)
    return {};
  return isLargerThanCaches(code);
}

void Emitter::forEachStreamed(tile::StoreOp op, ArrayRef<Value> extents, int dim, int64_t lanes, Value isLarge) {
  streams = true;
  int64_t elementBytes = byteSize(storageType(getElementTypeOrSelf(op.getValue()))), bytes = lanes * elementBytes;
  Value none = c.index(0);
  SmallVector<Index> at(extents.size());
  auto address = [&] {
    Value pointer = this->address(op.getArray(), op.getSubscripts(), {}, at).pointer;
    return LLVM::PtrToIntOp::create(c.b, c.loc, c.i64(), pointer).getResult();
  };
  // Stores the vector at `at`, of which the elements from `begin` on are new.
  auto storeStreamed = [&](Value begin) {
    Value stored = narrow(c, element(op.getValue(), at), getElementTypeOrSelf(op.getValue()));
    stored = c.splat(stored, lanes); // One value for all elements stays one until here.
    Address where = this->address(op.getArray(), op.getSubscripts(), {}, at);
    Value number = LLVM::PtrToIntOp::create(c.b, c.loc, c.i64(), where.pointer);
    Value isAligned = c.cmpConst(CmpIPredicate::eq, c.andConst(number, bytes - 1), 0);
    auto branch = scf::IfOp::create(c.b, c.loc, TypeRange(), isAligned, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(c.b);
    c.b.setInsertionPointToStart(branch.thenBlock());
    LLVM::StoreOp::create(c.b, c.loc, stored, where.pointer, bytes, /*isVolatile=*/false, /*isNonTemporal=*/true);
    c.b.setInsertionPointToStart(branch.elseBlock());
    if (elementBytes < leastMaskedBytes)
      return c.store(stored, where.pointer);
    // The others are in a line that is stored past the caches: it would have to come back.
    Value shift = c.resize(c.sub(begin, at[dim].base), c.i32());
    Value lane = c.sub(c.iota(c.i32(), lanes), c.splat(shift, lanes));
    Value isNew = c.cmpConst(CmpIPredicate::ult, lane, lanes);
    LLVM::MaskedStoreOp::create(c.b, c.loc, stored, where.pointer, isNew, c.b.getI32IntegerAttr(elementBytes));
  };
  bool isPart = isa<BlockArgument>(op.getSubscripts().back());
  int64_t least = std::max(leastVectors * lanes, isPart ? leastPartBytes / elementBytes : 0);
  Value isLong = c.bitAnd(isLarge, c.cmpConst(CmpIPredicate::sge, extents[dim], least));
  auto row = [&] {
    at[dim] = {none, lanes};
    // Elements before the first aligned address.
    Value before = c.lshr(c.andConst(c.sub(none, address()), bytes - 1), llvm::Log2_64(elementBytes));
    Value overlaps = c.cmpConst(CmpIPredicate::ne, before, 0);
    Value first = c.select(c.bitAnd(overlaps, isLong), c.addConst(before, -lanes), none);
    Value streamed = c.select(isLong, extents[dim], none), last = c.addConst(extents[dim], -lanes);
    Value end = c.add(streamed, c.roundDown(c.sub(extents[dim], streamed), lanes));
    loop(first, streamed, lanes, [&](Value iv) {
      at[dim] = {c.minS(c.maxS(iv, none), last), lanes};
      storeStreamed(iv);
    });
    auto store = [&](Value iv) {
      at[dim] = {iv, lanes};
      storeAt(op, at, {});
    };
    Value pairs = streamed;
    if (plan.cost(op.getValue()) <= mostCostOfPairs) {
      pairs = c.add(streamed, c.roundDown(c.sub(end, streamed), 2 * lanes));
      loop(streamed, pairs, 2 * lanes, [&](Value iv) {
        store(iv);
        store(c.addConst(iv, lanes));
      });
    }
    loop(pairs, end, lanes, store);
    forRest(end, extents[dim], lanes, restOfRow(), [&](Index rest) {
      at[dim] = rest;
      storeAt(op, at, {});
    });
  };
  SmallVector<unsigned> order;
  for (unsigned other = 0; other < extents.size(); ++other)
    if (static_cast<int>(other) != dim)
      order.push_back(other);
  std::function<void(unsigned)> descend = [&](unsigned depth) {
    if (depth == order.size())
      return row();
    loop(none, extents[order[depth]], 1, [&](Value iv) {
      at[order[depth]] = {iv, 0};
      descend(depth + 1);
    });
  };
  descend(0);
}
