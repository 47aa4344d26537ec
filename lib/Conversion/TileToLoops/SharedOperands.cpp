//===- SharedOperands.cpp - packed tiles that iterations share ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Iterations of a grid along one dim multiply the same tiles of an operand that does not depend on this dim. Such tiles
// are packed once: the workspace has room for all of them, and a byte for each that says how far it is. Who needs a
// tile first packs it there. Who finds that another thread is doing so does not wait, but packs the tile for itself, in
// its scratch as ever. Tiles of a grid that reads them once, or that are more than half of the last cache, have no such
// room; that is known when the kernel is called.
//
// A tile's elements are the same for all iterations: they are computed from arrays that the grid does not write, and
// from what is known outside of it.

#include "Dot.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

/// The states of a tile: nobody has packed it, somebody is packing it, it is packed and was found in the range of the
/// instruction that multiplies it, or out of it.
enum : int64_t { unpacked = 0, inWork = 1, inRange = 2, outOfRange = 3 };

/// The part of the last cache that the tiles of one operand may take.
static constexpr int64_t cacheParts = 2;

namespace {
/// Finds what the elements of an operand depend on within a grid.
class Dependences {
public:
  Dependences(tile::GridOp grid, const Plan &plan, SharedTiles &tiles) : grid(grid), plan(plan), tiles(tiles) {}

  /// Whether the tile is computed where it is used, from nothing but loads of arrays that the grid only reads, and
  /// from indices of the grid and of loops that count from a number known outside.
  bool collect(Value value);

private:
  bool isOutside(Value value) { return !grid.getBody().isAncestor(value.getParentRegion()); }
  bool isKnownOutside(Value value) { return isOutside(value) || value.getDefiningOp<arith::ConstantOp>(); }
  bool isOnlyRead(Value array);
  bool addLoop(scf::ForOp loop, Value end);

  tile::GridOp grid;
  const Plan &plan;
  SharedTiles &tiles;
};
} // namespace

bool Dependences::isOnlyRead(Value array) {
  if (!isOutside(array))
    return false;
  auto argument = dyn_cast<BlockArgument>(array);
  auto kernel = argument ? dyn_cast<tile::KernelOp>(argument.getOwner()->getParentOp()) : tile::KernelOp();
  // Parameters of one alias set may be the same array.
  if (kernel && kernel.getArgAttr(argument.getArgNumber(), "tile.alias"))
    return false;
  return llvm::none_of(array.getUsers(), [&](Operation *user) {
    return grid->isProperAncestor(user) && !isa<tile::LoadOp, memref::DimOp>(user);
  });
}

bool Dependences::addLoop(scf::ForOp loop, Value end) {
  if (!isKnownOutside(loop.getLowerBound()) || !isKnownOutside(loop.getStep()) || !isKnownOutside(end))
    return false;
  for (const SharedTiles::Steps &known : tiles.loops)
    if (known.loop == loop)
      return known.end == end;
  tiles.loops.push_back({loop, end, {}, {}, {}});
  return true;
}

bool Dependences::collect(Value value) {
  if (isKnownOutside(value))
    return true;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (argument.getOwner() != &grid.getBody().front())
      return false;
    // The first arguments of the body are the indices; behind them is the entry's token.
    if (argument.getArgNumber() >= grid.getRank())
      return false;
    tiles.dims.insert(argument.getArgNumber());
    return true;
  }
  Operation *op = value.getDefiningOp();
  if (auto range = dyn_cast<tile::RangeOp>(op)) {
    auto index = dyn_cast<BlockArgument>(range.getBegin());
    auto loop = index ? dyn_cast<scf::ForOp>(index.getOwner()->getParentOp()) : scf::ForOp();
    return loop && index == loop.getInductionVar() && isKnownOutside(range.getSize()) && addLoop(loop, range.getEnd());
  }
  if (auto begin = dyn_cast<tile::BeginOp>(op))
    return collect(begin.getRange());
  if (tileType(value) && plan.isKept(value))
    return false;
  if (auto load = dyn_cast<tile::LoadOp>(op)) {
    if (load.getOrdering() != tile::MemoryOrder::weak || load.getMask() || !isOnlyRead(load.getArray()))
      return false;
    return llvm::all_of(load.getSubscripts(),
                        [&](Value subscript) { return !tileType(subscript) && collect(subscript); });
  }
  if (!isa<tile::PermuteOp, tile::FullOp, tile::BroadcastOp, tile::ExpandDimsOp>(op) && !isElementwise(op))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) { return collect(operand); });
}

void Emitter::shareOperands(tile::GridOp grid, const GridBounds &bounds, Value total, Frame &inner) {
  // In a loop each grid would need room of its own.
  if (!isa<tile::KernelOp>(grid->getParentOp()))
    return;
  grid.walk([&](tile::DotOp dot) {
    DotLowering lowering(*this, dot);
    for (bool isLeft : {true, false}) {
      SharedTiles tiles;
      tiles.op = dot, tiles.isLeft = isLeft;
      tiles.tileBytes = lowering.packedBytes(isLeft);
      if (!tiles.tileBytes || !Dependences(grid, plan, tiles).collect(isLeft ? dot.getLhs() : dot.getRhs()) ||
          tiles.dims.size() == grid.getRank())
        continue;
      allocateShared(tiles, bounds, total, isLeft ? Value() : lowering.packsWholeRight());
      inner.shared.push_back(std::move(tiles));
    }
  });
}

void Emitter::allocateShared(SharedTiles &tiles, const GridBounds &bounds, Value total, Value isUseful) {
  Value count = c.index(1);
  for (unsigned dim : tiles.dims) {
    tiles.counts.push_back(bounds.count[dim]);
    count = c.mul(count, bounds.count[dim]);
  }
  // What a number of iterations takes that all use the same tiles.
  Value isReused = c.cmp(CmpIPredicate::sgt, total, count);
  for (SharedTiles::Steps &steps : tiles.loops) {
    steps.lower = scalar(steps.loop.getLowerBound()), steps.step = scalar(steps.loop.getStep());
    Value divisor = c.maxS(steps.step, c.index(1));
    steps.count = c.maxS(c.ceilDiv(c.sub(scalar(steps.end), steps.lower), divisor), c.index(0));
    count = c.mul(count, steps.count);
  }
  Value most = c.op<arith::DivUIOp>(lastCacheBytes(), c.index(cacheParts * tiles.tileBytes));
  if (isUseful)
    isReused = c.bitAnd(isReused, isUseful);
  Value fits = c.bitAnd(c.cmpConst(CmpIPredicate::sgt, count, 0), c.cmp(CmpIPredicate::sle, count, most));
  tiles.count = c.select(c.bitAnd(isReused, fits), count, c.index(0));
  Value used = c.load(c.i64(), workspaceUsed);
  tiles.states = c.gep(workspace, c.i8(), used);
  Value stateBytes = c.roundUp(tiles.count, lineBytes);
  tiles.tiles = c.gep(tiles.states, c.i8(), stateBytes);
  c.store(c.add(used, c.add(stateBytes, c.mulConst(tiles.count, tiles.tileBytes))), workspaceUsed);
  guarded(isRun, {}, [&] {
    LLVM::MemsetOp::create(c.b, c.loc, tiles.states, c.intLike(c.i8(), unpacked), stateBytes, /*isVolatile=*/false);
    return Value();
  });
}

int64_t DotLowering::packedBytes(bool isLeft) {
  Value tile = isLeft ? lhs : rhs;
  if (rank != 2 || lhsScale || byteSize(groupType) < 4 || ShapedType::isDynamic(sizeM) ||
      ShapedType::isDynamic(sizeN) || ShapedType::isDynamic(sizeK) || e.plan.isKept(tile) ||
      (isLeft && (isDirect(tile) || gathersRows(tile))))
    return 0;
  int64_t elements = isLeft ? sizeM * leftColumns() : rightElements();
  return llvm::alignTo(elements * byteSize(groupType), lineBytes);
}

Value DotLowering::packsWholeRight() {
  auto load = rhs.getDefiningOp<tile::LoadOp>();
  if (!load || !isDirect(rhs))
    return {};
  const ArrayCode &array = e.frame.arrays.find(load.getArray())->second;
  SmallVector<Value> strides;
  for (auto [subscript, stride] : llvm::zip_equal(load.getSubscripts(), array.strides))
    if (!subscript.getType().isIndex())
      strides.push_back(stride);
  return matchPattern(strides[1], m_One()) ? aliasesInCache(strides[0]) : Value();
}

/// The place of the tile at hand among those that iterations share, and whether it has one at this call.
std::pair<Value, Value> DotLowering::sharedPlace(const SharedTiles &tiles) {
  Value number = c.index(0);
  auto next = tiles.counts.begin();
  for (unsigned dim : tiles.dims)
    number = c.add(c.mul(number, *next++), e.frame.positions[dim]);
  Value isOne = c.intLike(c.i1(), 1);
  for (SharedTiles::Steps steps : tiles.loops) {
    Value begin = c.sub(e.scalar(steps.loop.getInductionVar()), steps.lower);
    Value position = c.op<arith::DivUIOp>(begin, c.maxS(steps.step, c.index(1)));
    // A loop may go beyond the end of the range.
    isOne = c.bitAnd(isOne, c.cmp(CmpIPredicate::ult, position, steps.count));
    number = c.add(c.mul(number, steps.count), position);
  }
  return {number, c.bitAnd(isOne, c.cmp(CmpIPredicate::ult, number, tiles.count))};
}

DotLowering::Packed DotLowering::packOnce(bool isLeft, Value own, Value isWhole, Pack pack) {
  auto packHere = [&](Value base) -> Packed {
    Emitter::Root packing(e);
    Value fits = pack(base);
    return {base, fits ? fits : c.intLike(c.i1(), 1)};
  };
  auto *tiles =
      llvm::find_if(e.frame.shared, [&](const SharedTiles &one) { return one.op == op && one.isLeft == isLeft; });
  if (tiles == e.frame.shared.end())
    return packHere(own);
  auto [number, isShared] = sharedPlace(*tiles);
  if (isWhole)
    isShared = c.bitAnd(isShared, isWhole);
  Value stateAddress = c.gep(tiles->states, c.i8(), number);
  Value place = c.gep(tiles->tiles, c.i8(), c.mulConst(number, tiles->tileBytes));
  // Acquires what was written before the state was released.
  auto loadState = [&](Value address) {
    return LLVM::LoadOp::create(c.b, c.loc, c.i8(), address, /*alignment=*/1, /*isVolatile=*/false,
                                /*isNonTemporal=*/false, /*isInvariant=*/false, /*isInvariantGroup=*/false,
                                LLVM::AtomicOrdering::acquire)
        .getResult();
  };
  Value state = e.guarded(isShared, c.intLike(c.i8(), inWork), [&] { return loadState(stateAddress); });
  Value isPacked = c.cmpConst(CmpIPredicate::uge, state, inRange);
  auto branch = scf::IfOp::create(c.b, c.loc, TypeRange{c.ptr(), c.i1()}, isPacked, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(c.b, c.loc, ValueRange{place, c.cmpConst(CmpIPredicate::eq, state, inRange)});
  c.b.setInsertionPointToStart(branch.elseBlock());
  Value isFree = c.cmpConst(CmpIPredicate::eq, state, unpacked);
  Value isOurs = e.guarded(isFree, c.intLike(c.i1(), 0), [&] {
    Value exchange =
        LLVM::AtomicCmpXchgOp::create(c.b, c.loc, stateAddress, c.intLike(c.i8(), unpacked), c.intLike(c.i8(), inWork),
                                      LLVM::AtomicOrdering::monotonic, LLVM::AtomicOrdering::monotonic);
    return LLVM::ExtractValueOp::create(c.b, c.loc, exchange, ArrayRef<int64_t>{1}).getResult();
  });
  Packed packed = packHere(c.select(isOurs, place, own));
  e.guarded(isOurs, {}, [&] {
    Value next = c.select(packed.isInRange, c.intLike(c.i8(), inRange), c.intLike(c.i8(), outOfRange));
    LLVM::StoreOp::create(c.b, c.loc, next, stateAddress, /*alignment=*/1, /*isVolatile=*/false,
                          /*isNonTemporal=*/false, /*isInvariantGroup=*/false, LLVM::AtomicOrdering::release);
    return Value();
  });
  scf::YieldOp::create(c.b, c.loc, ValueRange{packed.base, packed.isInRange});
  c.b.setInsertionPointAfter(branch);
  NextPacked next;
  if (tiles->loops.size() == 1 && tiles->loops[0].loop == op->getParentOp()) {
    // The loop's next tile stands behind this one.
    Value following = c.addConst(number, 1);
    next.base = c.gep(place, c.i8(), c.index(tiles->tileBytes));
    next.isPacked =
        e.guarded(c.bitAnd(isShared, c.cmp(CmpIPredicate::ult, following, tiles->count)), c.intLike(c.i1(), 0), [&] {
          return c.cmpConst(CmpIPredicate::uge, loadState(c.gep(tiles->states, c.i8(), following)), inRange);
        });
  }
  return {branch.getResult(0), branch.getResult(1), next};
}
