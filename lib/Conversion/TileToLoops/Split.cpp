//===- Split.cpp - contractions that several iterations share ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product of few tiles and a long contraction would occupy few threads. Where an iteration of a grid sums products in
// a loop, from zero on, the loop may be cut when the kernel runs: then an iteration takes a part of a tile's
// contraction, and its sums lie in the workspace, in a slot of their own. Whoever is the last one of a tile adds the
// slots in the order of the parts and goes on with what stands behind the loop: nobody waits, and the result does not
// depend on who it was. What stands before the loop is done by each part; it reads memory at most.
//
// A counter for each tile says who is last. Whoever adds to it releases its sums and acquires those of all that came
// before: what the last one reads happened before, since each addition continues the sequence that the first release
// began. The counters are zeroed before the grid starts its threads. No two parts share a slot, and the last one writes
// the first slot when all are read by nobody else.
//
// Iterations are numbered with the tiles running fastest: a worker's first ones are one part of neighbouring tiles,
// which read the same columns and rows of the operands.

#include "Dot.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

/// What a part costs, in instructions that multiply vectors: for each vector of its sums, which come from another
/// core's cache, and once, for a thread that starts.
static constexpr int64_t sumInstructions = 16, startInstructions = 16384;

//===----------------------------------------------------------------------===//
// Which loops
//===----------------------------------------------------------------------===//

static Value accumulatorOf(Operation *op) {
  if (auto dot = dyn_cast<tile::DotOp>(op))
    return dot.getAcc();
  auto scaled = dyn_cast<tile::DotScaledOp>(op);
  return scaled ? scaled.getAcc() : Value();
}

/// The contraction that a loop carries a value for, if it does so for nothing else and begins with zeros; null
/// otherwise.
static Operation *summedBy(scf::ForOp loop, unsigned number) {
  BlockArgument carried = loop.getRegionIterArg(number);
  Operation *dot = carried.hasOneUse() ? *carried.user_begin() : nullptr;
  if (!dot || dot->getParentOp() != loop || accumulatorOf(dot) != carried)
    return nullptr;
  Value sums = dot->getResult(0);
  if (!sums.hasOneUse() || loop.getYieldedValues()[number] != sums)
    return nullptr;
  auto initial = loop.getInitArgs()[number].getDefiningOp<tile::FullOp>();
  bool isZero =
      initial && (matchPattern(initial.getScalar(), m_Zero()) || matchPattern(initial.getScalar(), m_PosZeroFloat()));
  return isZero ? dot : nullptr;
}

/// The loop of a grid that may be cut into parts; null if there is none, or it is not worth it.
static scf::ForOp loopToSplit(tile::GridOp grid) {
  Block &body = grid.getBody().front();
  auto loops = body.getOps<scf::ForOp>();
  scf::ForOp loop = loops.empty() ? scf::ForOp() : *loops.begin();
  if (!loop || loop.getUnsignedCmp() || loop.getNumResults() == 0 || mayWait(grid) || !isReadOnly(loop))
    return {};
  for (unsigned number = 0; number < loop.getNumResults(); ++number)
    if (!summedBy(loop, number))
      return {};
  // Before it nothing is done that takes long or has an effect, and behind it there is no other work for threads.
  for (Operation &op : body.without_terminator()) {
    bool isBefore = op.isBeforeInBlock(loop);
    if (isBefore && (op.getNumRegions() || makesWholeTiles(&op) || !isReadOnly(&op)))
      return {};
    auto isLong = [](Operation *one) {
      return isa<scf::ForOp, scf::WhileOp, tile::DotOp, tile::DotScaledOp>(one) ? WalkResult::interrupt()
                                                                                : WalkResult::advance();
    };
    if (!isBefore && &op != loop && op.walk(isLong).wasInterrupted())
      return {};
  }
  // In how many parts it is cut is decided before the grid begins.
  for (Value bound : {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
    if (grid.getBody().isAncestor(bound.getParentRegion()))
      return {};
  APInt lower, upper, step;
  if (!matchPattern(loop.getStep(), m_ConstantInt(&step)) || !step.isStrictlyPositive())
    return {};
  if (matchPattern(loop.getLowerBound(), m_ConstantInt(&lower)) &&
      matchPattern(loop.getUpperBound(), m_ConstantInt(&upper)) && (upper - lower).sle(step))
    return {};
  return loop;
}

//===----------------------------------------------------------------------===//
// Where the kernel calls the grid
//===----------------------------------------------------------------------===//

void Emitter::planSplit(tile::GridOp grid) {
  split.reset();
  scf::ForOp loop = deterministic ? scf::ForOp() : loopToSplit(grid);
  if (!loop)
    return;
  split.emplace();
  split->loop = loop;
  split->lower = scalar(loop.getLowerBound()), split->upper = scalar(loop.getUpperBound());
  split->step = scalar(loop.getStep());
  Value length = c.maxS(c.sub(split->upper, split->lower), c.index(0));
  split->count = c.ceilDiv(length, split->step);
  // Sums for each element of the grid's dims.
  int64_t sumsEach = 0;
  for (Value sums : loop.getResults()) {
    RankedTensorType type = tileType(sums);
    split->slotBytes += llvm::alignTo(layOut(type).second, lineBytes);
    int64_t others = 1;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      auto index = dyn_cast_or_null<BlockArgument>(dimRanges.lookup(sums, dim));
      if (!index || index.getOwner() != &grid.getBody().front())
        others *= type.getDimSize(dim);
    }
    sumsEach += others;
  }
  Operation *dot = summedBy(loop, 0);
  // As many vectors as a matrix register has rows in as many cycles, of which packing leaves a quarter.
  auto plain = dyn_cast<tile::DotOp>(dot);
  int64_t perCycle = plain && !matrixProductOf(c, plain).empty() ? c.spec.matrices->rows / 4 : 1;
  int64_t terms = termsPerInstruction(c, dot) * perCycle;
  int64_t lanes = c.spec.lanes(byteSize(getElementTypeOrSelf(dot->getResult(0))));
  // A TilecContraction.
  int64_t startCost = startInstructions * terms * lanes / std::max<int64_t>(sumsEach, 1);
  Value words[] = {length, split->step, c.index(sumInstructions * terms), c.index(startCost)};
  split->contraction = c.stackRoom(c.i64(), std::size(words), 8);
  for (auto [number, word] : llvm::enumerate(words))
    c.store(word, c.gep(split->contraction, c.i64(), c.index(number)));
}

void Emitter::placeSplit() {
  Value used = c.load(c.i64(), workspaceUsed), isCut = c.cmpConst(CmpIPredicate::sgt, split->parts, 1);
  Value counterBytes = c.roundUp(c.mulConst(split->tiles, byteSize(c.i64())), lineBytes);
  Value slots = c.mulConst(c.mul(split->tiles, split->parts), split->slotBytes);
  Value end = c.add(used, c.select(isCut, c.add(counterBytes, slots), c.index(0)));
  c.store(c.maxS(c.load(c.i64(), workspacePeak), end), workspacePeak);
  split->counters = c.gep(workspace, c.i8(), used);
  split->slots = c.gep(split->counters, c.i8(), counterBytes);
}

void Emitter::zeroCounters() {
  Value isCut = c.cmpConst(CmpIPredicate::sgt, split->parts, 1);
  Value bytes = c.select(isCut, c.mulConst(split->tiles, byteSize(c.i64())), c.index(0));
  LLVM::MemsetOp::create(c.b, c.loc, split->counters, c.intLike(c.i8(), 0), bytes, /*isVolatile=*/false);
}

//===----------------------------------------------------------------------===//
// In the grid
//===----------------------------------------------------------------------===//

void Emitter::beginPart(Value &number) {
  Value part = c.op<arith::DivUIOp>(number, split->tiles);
  number = split->tile = c.op<arith::RemUIOp>(number, split->tiles);
  split->isWhole = c.cmpConst(CmpIPredicate::eq, split->parts, 1);
  // Steps of the loop that come before a part.
  auto before = [&](Value of) { return c.op<arith::DivUIOp>(c.mul(of, split->count), split->parts); };
  auto at = [&](Value steps) { return c.add(split->lower, c.mul(steps, split->step)); };
  split->partLower = at(before(part));
  split->partUpper = c.minS(at(before(c.addConst(part, 1))), split->upper);
  split->slot = c.gep(split->slots, c.i8(), c.mulConst(c.mul(split->tile, split->parts), split->slotBytes));
  split->partSlot = c.gep(split->slot, c.i8(), c.mulConst(part, split->slotBytes));
}

std::pair<Buffer, Buffer> Emitter::placeSums(const Buffer &whole, RankedTensorType type) {
  Buffer part = whole, all = whole;
  Value offset = c.index(split->slotUsed);
  part.base = c.select(split->isWhole, whole.base, c.gep(split->partSlot, c.i8(), offset));
  all.base = c.select(split->isWhole, whole.base, c.gep(split->slot, c.i8(), offset));
  split->slotUsed += llvm::alignTo(layOut(type).second, lineBytes);
  return {part, all};
}

/// Adds the sums of all parts to those of the first one.
void Emitter::addParts() {
  for (Value sums : split->loop.getResults()) {
    Root root(*this);
    const Buffer &first = frame.buffers.find(sums)->second;
    RankedTensorType type = tileType(sums);
    int dim = vectorDim(type.getShape());
    int64_t lanes = dim < 0 ? 0 : chooseLanes(sums, type.getDimSize(dim));
    forEach(extents(sums), dim, lanes, [&](ArrayRef<Index> at) {
      Value total =
          carriedLoop(c.index(1), split->parts, 1, loadBuffer(first, at), [&](Value part, ValueRange carried) {
            Buffer other = first;
            other.base = c.gep(first.base, c.i8(), c.mulConst(part, split->slotBytes));
            Value more = loadBuffer(other, at);
            bool isFloat = isa<FloatType>(type.getElementType());
            return SmallVector<Value>{isFloat ? c.addF(carried[0], more) : c.add(carried[0], more)};
          })[0];
      storeBuffer(total, first, at);
    });
  }
}

/// Counts this part; whether it is the tile's last one, whose sums are those of all parts then.
Value Emitter::endPart() {
  c.loc = split->loop.getLoc();
  Value isTrue = c.intLike(c.i1(), 1), isCut = c.bitXor(split->isWhole, isTrue);
  return guarded(isCut, isTrue, [&] {
    Value counter = c.gep(split->counters, c.i64(), split->tile);
    Value before = LLVM::AtomicRMWOp::create(c.b, c.loc, LLVM::AtomicBinOp::add, counter, c.index(1),
                                             LLVM::AtomicOrdering::acq_rel);
    Value isLast = c.cmp(CmpIPredicate::eq, before, c.addConst(split->parts, -1));
    guarded(isLast, {}, [&] {
      addParts();
      return Value();
    });
    return isLast;
  });
}

void Emitter::emitSplitBlock(Block &block) {
  int64_t mark = scratchUsed;
  auto operations = block.without_terminator();
  auto rest = std::next(Block::iterator(split->loop));
  for (Operation &op : llvm::make_range(operations.begin(), rest))
    emitOp(&op);
  guarded(endPart(), {}, [&] {
    for (Operation &op : llvm::make_range(rest, operations.end()))
      emitOp(&op);
    return Value();
  });
  scratchUsed = mark;
}
