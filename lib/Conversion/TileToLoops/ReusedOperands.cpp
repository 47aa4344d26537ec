//===- ReusedOperands.cpp - packed tiles that a worker uses again ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Iterations of a grid along one dim multiply the same tiles of an operand that does not depend on this dim. A worker
// packs such a tile once: it keeps what it packed, in places of its own in the workspace, for its next iterations. The
// last dim runs fastest. So of an operand that does not depend on the last dim but on others, a worker keeps the tiles
// of one iteration, along its loop over the contraction, and packs anew when an iteration needs others. In general the
// innermost dim that the operand does not depend on tells what is kept: the tiles along all dims within it. Each place
// has a word that says which tile it holds, numbered along the dims around.
//
// Workers do not share packed tiles, though each packs some that another has packed: a line that another core has
// written comes from there, which takes as long as packing it or longer.
//
// A tile's elements are the same for all iterations: they are computed from arrays that the grid does not write, and
// from what is known outside of it. Where each iteration ends a loop somewhere else, as behind the last key that a causal
// mask shows, the same holds for whole ranges.

#include "Dot.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

/// The part of the last cache that the kept tiles of all workers may take.
static constexpr int64_t cacheParts = 2;

namespace {
/// Finds what the elements of an operand depend on within a grid.
class Dependences {
public:
  Dependences(tile::GridOp grid, const Plan &plan, ReusedTiles &tiles) : grid(grid), plan(plan), tiles(tiles) {}

  /// Whether the tile is computed where it is used, from nothing but loads of arrays that the grid only reads, and
  /// from indices of the grid and of loops that count from a number known outside.
  bool collect(Value value);

private:
  bool isOutside(Value value) { return !grid.getBody().isAncestor(value.getParentRegion()); }
  bool isKnownOutside(Value value) { return isOutside(value) || value.getDefiningOp<arith::ConstantOp>(); }
  bool isOnlyRead(Value array);
  Value boundOutside(Value end);
  bool addLoop(scf::ForOp loop, tile::RangeOp range);

  tile::GridOp grid;
  const Plan &plan;
  ReusedTiles &tiles;
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

/// An index known outside that `end` is the smaller one of it and others; null if there is none.
Value Dependences::boundOutside(Value end) {
  if (isKnownOutside(end))
    return end.getType().isIndex() ? end : Value();
  Operation *op = end.getDefiningOp();
  if (!isa_and_nonnull<arith::MinSIOp, arith::MinUIOp, arith::IndexCastOp>(op))
    return {};
  for (Value operand : op->getOperands())
    if (Value bound = boundOutside(operand))
      return bound;
  return {};
}

bool Dependences::addLoop(scf::ForOp loop, tile::RangeOp range) {
  // What is only a bound says how many places there are.
  Value end = boundOutside(range.getEnd());
  if (!end || !isKnownOutside(loop.getLowerBound()) || !isKnownOutside(loop.getStep()))
    return false;
  for (ReusedTiles::Steps &known : tiles.loops)
    if (known.loop == loop)
      return known.range.getEnd() == range.getEnd() && known.range.getSize() == range.getSize();
  tiles.loops.push_back({loop, range, end, {}, {}, {}});
  return true;
}

bool Dependences::collect(Value value) {
  if (isKnownOutside(value))
    return true;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    // Behind the grid's indices is the entry's token.
    if (argument.getOwner() != &grid.getBody().front() || argument.getArgNumber() >= grid.getRank())
      return false;
    tiles.dims.insert(argument.getArgNumber());
    return true;
  }
  Operation *op = value.getDefiningOp();
  if (auto range = dyn_cast<tile::RangeOp>(op)) {
    auto index = dyn_cast<BlockArgument>(range.getBegin());
    auto loop = index ? dyn_cast<scf::ForOp>(index.getOwner()->getParentOp()) : scf::ForOp();
    return loop && index == loop.getInductionVar() && isKnownOutside(range.getSize()) && addLoop(loop, range);
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

void Emitter::reuseOperands(tile::GridOp grid, const GridBounds &bounds, Frame &inner) {
  // In a loop each grid would need room of its own. An iteration that waits may see what others wrote meanwhile.
  Operation *parent = grid->getParentOp();
  if (isa<scf::IfOp>(parent))
    parent = parent->getParentOp();
  if (!isa<tile::KernelOp>(parent) || mayWait(grid))
    return;
  grid.walk([&](tile::DotOp dot) {
    DotLowering lowering(*this, dot);
    for (bool isLeft : {true, false}) {
      ReusedTiles tiles;
      tiles.op = dot, tiles.isLeft = isLeft;
      tiles.tileBytes = lowering.packedBytes(isLeft);
      if (!tiles.tileBytes || !Dependences(grid, plan, tiles).collect(isLeft ? dot.getLhs() : dot.getRhs()))
        continue;
      // The innermost dim along which iterations need the same tiles.
      int along = static_cast<int>(grid.getRank()) - 1;
      while (along >= 0 && tiles.dims.contains(along))
        --along;
      if (along < 0)
        continue;
      tiles.along = along;
      allocateReused(tiles, bounds);
      inner.reused.push_back(std::move(tiles));
    }
  });
}

void Emitter::allocateReused(ReusedTiles &tiles, const GridBounds &bounds) {
  Value count = c.index(1);
  for (unsigned dim = 0; dim < bounds.count.size(); ++dim) {
    tiles.counts.push_back(bounds.count[dim]);
    if (dim > tiles.along && tiles.dims.contains(dim))
      count = c.mul(count, bounds.count[dim]);
  }
  for (ReusedTiles::Steps &steps : tiles.loops) {
    steps.lower = scalar(steps.loop.getLowerBound()), steps.step = scalar(steps.loop.getStep());
    Value divisor = c.maxS(steps.step, c.index(1));
    steps.count = c.maxS(c.ceilDiv(c.sub(scalar(steps.end), steps.lower), divisor), c.index(0));
    count = c.mul(count, steps.count);
  }
  Value most = c.op<arith::DivUIOp>(lastCacheBytes(), c.mulConst(workers, cacheParts * tiles.tileBytes));
  Value fits = c.bitAnd(c.cmpConst(CmpIPredicate::sgt, count, 0), c.cmp(CmpIPredicate::sle, count, most));
  // Workers have parts of the outermost dim. What is kept for its next iterations is more than the second cache holds: it
  // pays where each worker has several.
  Value leastUses = c.mulConst(tiles.along == 0 ? workers : c.index(1), 2);
  Value isReused = c.cmp(CmpIPredicate::sge, bounds.count[tiles.along], leastUses);
  tiles.count = c.select(c.bitAnd(isReused, fits), count, c.index(0));
  Value wordBytes = c.roundUp(c.mulConst(tiles.count, byteSize(c.i64())), lineBytes);
  tiles.workerBytes = c.add(wordBytes, c.mulConst(tiles.count, tiles.tileBytes));
  Value used = c.load(c.i64(), workspaceUsed);
  tiles.places = c.gep(workspace, c.i8(), used);
  c.store(c.add(used, c.mul(workers, tiles.workerBytes)), workspaceUsed);
  // No place holds a tile yet.
  guarded(isRun, {}, [&] {
    loop(c.index(0), workers, 1, [&](Value worker) {
      Value words = c.gep(tiles.places, c.i8(), c.mul(worker, tiles.workerBytes));
      LLVM::MemsetOp::create(c.b, c.loc, words, c.intLike(c.i8(), 0), wordBytes, /*isVolatile=*/false);
    });
    return Value();
  });
}

int64_t DotLowering::packedBytes(bool isLeft) {
  Value tile = isLeft ? lhs : rhs;
  // The packed tile is that of one product.
  bool isOne = llvm::all_of(tileType(result).getShape().drop_back(2), [](int64_t size) { return size == 1; });
  if (!isOne || lhsScale || byteSize(groupType) < 4 || ShapedType::isDynamic(sizeM) || ShapedType::isDynamic(sizeN) ||
      ShapedType::isDynamic(sizeK) || e.plan.isKept(tile))
    return 0;
  // Elements that are read where they are, or packed just to have them in order.
  if (isDirect(tile) && !packsLeftBlocks() && (isLeft || !tile.getDefiningOp<tile::PermuteOp>()))
    return 0;
  if ((isLeft && gathersRows(tile)) || hasFewRowsOnly())
    return 0;
  return placeBytes(isLeft);
}

DotLowering::Packed DotLowering::packOnce(bool isLeft, Value own, Pack pack) {
  auto packHere = [&](Value base) -> Packed {
    Emitter::Root packing(e);
    Value fits = pack(base);
    return {base, fits ? fits : c.intLike(c.i1(), 1)};
  };
  auto *tiles =
      llvm::find_if(e.frame.reused, [&](const ReusedTiles &one) { return one.op == op && one.isLeft == isLeft; });
  if (tiles == e.frame.reused.end())
    return packHere(own);
  // Which tile it is along the dims around, and its place.
  Value tag = c.index(0), number = c.index(0);
  for (unsigned dim : tiles->dims) {
    Value &digits = dim > tiles->along ? number : tag;
    digits = c.add(c.mul(digits, tiles->counts[dim]), e.frame.positions[dim]);
  }
  Value hasPlace = c.intLike(c.i1(), 1);
  for (ReusedTiles::Steps steps : tiles->loops) {
    Value begin = c.sub(e.scalar(steps.loop.getInductionVar()), steps.lower);
    Value position = c.op<arith::DivUIOp>(begin, c.maxS(steps.step, c.index(1)));
    // A loop may go beyond the end of the range.
    hasPlace = c.bitAnd(hasPlace, c.cmp(CmpIPredicate::ult, position, steps.count));
    if (steps.endVaries())
      hasPlace = c.bitAnd(hasPlace, c.cmp(CmpIPredicate::eq, e.extentOf(steps.range), e.scalar(steps.range.getSize())));
    number = c.add(c.mul(number, steps.count), position);
  }
  hasPlace = c.bitAnd(hasPlace, c.cmp(CmpIPredicate::ult, number, tiles->count));
  // A place's word is 0, or tells which tile it holds, in the last bit whether that is in range.
  Value words = c.gep(tiles->places, c.i8(), c.mul(e.frame.worker, tiles->workerBytes));
  Value first = c.gep(words, c.i8(), c.roundUp(c.mulConst(tiles->count, byteSize(c.i64())), lineBytes));
  Value place = c.gep(first, c.i8(), c.mulConst(number, tiles->tileBytes));
  Value word = c.gep(words, c.i64(), number), expected = c.mulConst(c.addConst(tag, 1), 2);
  auto holdsTile = [&](Value state) { return c.cmp(CmpIPredicate::eq, c.andConst(state, -2), expected); };
  Value state = e.guarded(hasPlace, c.index(0), [&] { return c.load(c.i64(), word); });
  auto branch = scf::IfOp::create(c.b, c.loc, TypeRange{c.ptr(), c.i1()}, holdsTile(state), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  Value isInRange = c.cmpConst(CmpIPredicate::ne, c.andConst(state, 1), 0);
  scf::YieldOp::create(c.b, c.loc, ValueRange{place, isInRange});
  c.b.setInsertionPointToStart(branch.elseBlock());
  Packed packed = packHere(c.select(hasPlace, place, own));
  e.guarded(hasPlace, {}, [&] {
    c.store(c.bitOr(expected, c.resize(packed.isInRange, c.i64(), true)), word);
    return Value();
  });
  scf::YieldOp::create(c.b, c.loc, ValueRange{packed.base, packed.isInRange});
  c.b.setInsertionPointAfter(branch);
  NextPacked next;
  if (tiles->loops.size() == 1 && tiles->loops[0].loop == op->getParentOp()) {
    // The loop's next tile stands behind this one. Behind the loop's last one stands the first one of the next
    // iteration that needs others, and the last of all is followed by the first one.
    Value behind = c.addConst(number, 1);
    Value following = c.select(c.cmp(CmpIPredicate::ult, behind, tiles->count), behind, c.index(0));
    next.base = c.gep(first, c.i8(), c.mulConst(following, tiles->tileBytes));
    // One alone is here already.
    Value isOther = c.bitAnd(hasPlace, c.cmp(CmpIPredicate::ne, following, number));
    next.isPacked = e.guarded(isOther, c.intLike(c.i1(), 0),
                              [&] { return holdsTile(c.load(c.i64(), c.gep(words, c.i64(), following))); });
  }
  return {branch.getResult(0), branch.getResult(1), next};
}
