//===- Control.cpp - ops in program order ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalars become SSA values where they stand; tiles that control flow carries live in buffers that are written in
// place; tokens vanish, for a thread keeps program order.

#include "EmitterImpl.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Whether control flow carries the value as an SSA value.
static bool isScalar(Value value) { return value.getType().isIntOrIndexOrFloat(); }

InFlightDiagnostic Emitter::error(Operation *op) {
  failed = true;
  return op->emitError();
}

void Emitter::emitBlock(Block &block) {
  int64_t mark = scratchUsed;
  for (Operation &op : block.without_terminator())
    emitOp(&op);
  scratchUsed = mark;
}

void Emitter::emitRange(tile::RangeOp op) {
  Value begin = scalar(op.getBegin()), end = scalar(op.getEnd()), size = scalar(op.getSize());
  Value extent = c.maxS(c.minS(c.sub(end, begin), size), c.index(0));
  frame.ranges[op.getRange()] = {begin, extent};
}

void Emitter::emitDim(memref::DimOp op) {
  const ArrayCode &array = frame.arrays.find(op.getSource())->second;
  std::optional<int64_t> dim = op.getConstantIndex();
  if (!dim || *dim < 0 || *dim >= static_cast<int64_t>(array.extents.size())) {
    error(op) << "the dim that is asked for is not known";
    frame.scalars[op.getResult()] = c.index(0);
    return;
  }
  frame.scalars[op.getResult()] = array.extents[*dim];
}

void Emitter::emitOp(Operation *op) {
  c.loc = op->getLoc();
  TypeSwitch<Operation *>(op)
      .Case([&](scf::ForOp loop) { emitFor(loop); })
      .Case([&](scf::IfOp branch) { emitIf(branch); })
      .Case([&](scf::WhileOp loop) { emitWhile(loop); })
      .Case([&](tile::GridOp grid) { emitGrid(grid); })
      .Case([&](tile::ArrayOp array) { emitArray(array); })
      .Case([&](tile::RangeOp range) { emitRange(range); })
      .Case([&](tile::BeginOp begin) { frame.scalars[begin.getBegin()] = frame.ranges.lookup(begin.getRange()).begin; })
      .Case([&](tile::ExtentOp extent) { frame.scalars[extent.getExtent()] = extentOf(extent.getRange()); })
      .Case([&](tile::ShiftOp shift) {
        RangeCode range = frame.ranges.lookup(shift.getRange());
        frame.ranges[shift.getWindow()] = {c.add(range.begin, scalar(shift.getBy())), range.extent};
      })
      .Case([&](memref::DimOp dim) { emitDim(dim); })
      .Case([&](tile::StoreOp store) { emitStore(store); })
      .Case<tile::AtomicRMWOp, tile::AtomicCASOp>([&](Operation *atomic) { emitAtomic(atomic); })
      .Case([&](tile::ReduceOp reduce) { emitReduce(reduce); })
      .Case([&](tile::ScanOp scan) { emitScan(scan); })
      .Case<tile::SortOp, tile::TopKOp>([&](Operation *sort) { emitSort(sort); })
      .Case<tile::DotOp, tile::DotScaledOp>([&](Operation *dot) { emitDot(dot); })
      .Case([&](tile::CatOp cat) {
        if (plan.isKept(cat.getValue()))
          emitCat(cat);
      })
      .Case([&](tile::PrintOp print) { emitPrint(print); })
      .Case([&](tile::AssertOp assertion) { emitAssert(assertion); })
      .Case<tile::TokenOp, tile::JoinOp, tile::AssumeOp, arith::ConstantOp>([](Operation *) {})
      .Case<tile::SizeOp, tile::TunableOp>(
          [&](Operation *) { error(op) << "the config must be bound before the lowering (tile-bind-config)"; })
      .Default([&](Operation *) {
        if (op->getNumResults() == 0 || op->getNumRegions()) {
          error(op) << "the CPU target does not know '" << op->getName() << "'";
          return;
        }
        Value result = op->getResult(0);
        // A choice between tokens.
        if (isa<tile::TokenType>(result.getType()))
          return;
        if (tileType(result)) {
          if (auto reshape = dyn_cast<tile::ReshapeOp>(op); reshape && plan.isKept(result))
            return emitReshape(reshape);
          if (plan.isKept(result)) {
            Buffer buffer = allocate(tileType(result));
            if (isReducedNext(result)) {
              frame.pending[result] = buffer;
              return;
            }
            materialise(result, buffer);
            frame.buffers[result] = buffer;
          }
          return;
        }
        if (auto load = dyn_cast<tile::LoadOp>(op)) {
          Root root(*this);
          frame.scalars[result] = emitLoad(load, {});
          return;
        }
        if (auto one = dyn_cast<tile::ElementOp>(op)) {
          Root root(*this);
          Value last = c.addConst(extentOf(one.getOver()), -1);
          Value index = c.maxS(c.minS(scalar(one.getAt()), last), c.index(0));
          frame.scalars[result] = element(one.getSource(), Index{index, 0});
          return;
        }
        if (isElementwise(op)) {
          frame.scalars[result] = emitScalarOp(op);
          return;
        }
        error(op) << "the CPU target does not know '" << op->getName() << "'";
      });
}

//===----------------------------------------------------------------------===//
// Structured control flow
//===----------------------------------------------------------------------===//

/// Ends a region: tiles go to their buffers, scalars are collected.
void Emitter::emitYield(Operation *yield, ArrayRef<Buffer> targets, SmallVectorImpl<Value> &scalars) {
  SmallVector<Assignment> assignments;
  unsigned next = 0;
  for (Value value : yield->getOperands()) {
    if (tileType(value))
      assignments.push_back({value, targets[next++]});
    else if (isScalar(value))
      scalars.push_back(scalar(value));
  }
  assign(assignments);
}

/// Whether a loop starts from what the loop around it carries, which nobody else reads: both may carry it in one place.
static bool isHandedOn(Value value, scf::ForOp loop) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && value.hasOneUse() && isa<scf::ForOp>(loop->getParentOp()) &&
         argument.getOwner() == loop->getBlock();
}

std::pair<Value, Value> Emitter::loopBounds(scf::ForOp op) {
  if (isCut(op))
    return {split->partLower, split->partUpper};
  return {scalar(op.getLowerBound()), scalar(op.getUpperBound())};
}

void Emitter::emitFor(scf::ForOp op) {
  SmallVector<Value> init;
  SmallVector<Buffer> buffers;
  SmallVector<Assignment> first, ifEmpty;
  unsigned number = 0;
  for (auto [value, argument, result] : llvm::zip_equal(op.getInitArgs(), op.getRegionIterArgs(), op.getResults())) {
    if (isScalar(value))
      init.push_back(scalar(value));
    if (RankedTensorType type = tileType(value)) {
      Buffer buffer = isHandedOn(value, op) ? frame.buffers.find(value)->second : allocate(type);
      frame.buffers[result] = buffer;
      if (isCut(op))
        std::tie(buffer, frame.buffers[result]) = placeSums(buffer, type);
      (dotThatBegins(op, number) ? ifEmpty : first).push_back({value, buffer});
      buffers.push_back(buffer);
      frame.buffers[argument] = buffer;
    }
    ++number;
  }
  assign(first);
  auto [lower, upper] = loopBounds(op);
  Value step = scalar(op.getStep());
  if (!ifEmpty.empty())
    guarded(c.cmp(arith::CmpIPredicate::sge, lower, upper), {}, [&] {
      assign(ifEmpty);
      return Value();
    });
  auto loop = scf::ForOp::create(c.b, c.loc, lower, upper, step, init);
  if (op.getUnsignedCmp())
    loop.setUnsignedCmp(true);
  if (!loop.getBody()->empty())
    loop.getBody()->back().erase();
  {
    OpBuilder::InsertionGuard guard(c.b);
    c.b.setInsertionPointToStart(loop.getBody());
    frame.scalars[op.getInductionVar()] = loop.getInductionVar();
    unsigned next = 0;
    for (BlockArgument argument : op.getRegionIterArgs())
      if (isScalar(argument))
        frame.scalars[argument] = loop.getRegionIterArg(next++);
    int64_t mark = scratchUsed;
    for (Operation &inner : op.getBody()->without_terminator())
      emitOp(&inner);
    c.loc = op.getLoc();
    SmallVector<Value> yielded;
    emitYield(op.getBody()->getTerminator(), buffers, yielded);
    scratchUsed = mark;
    scf::YieldOp::create(c.b, c.loc, yielded);
  }
  unsigned next = 0;
  for (Value result : op.getResults())
    if (isScalar(result))
      frame.scalars[result] = loop.getResult(next++);
}

void Emitter::emitIf(scf::IfOp op) {
  SmallVector<Type> types;
  SmallVector<Buffer> buffers;
  for (Value result : op.getResults()) {
    if (isScalar(result))
      types.push_back(carrierType(result.getType()));
    if (RankedTensorType type = tileType(result))
      buffers.push_back(frame.buffers[result] = allocate(type));
  }
  bool hasElse = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(c.b, c.loc, types, scalar(op.getCondition()), hasElse);
  auto emitBranch = [&](Block *from, Block *to) {
    OpBuilder::InsertionGuard guard(c.b);
    if (!to->empty())
      to->back().erase();
    c.b.setInsertionPointToStart(to);
    int64_t mark = scratchUsed;
    for (Operation &inner : from->without_terminator())
      emitOp(&inner);
    c.loc = op.getLoc();
    SmallVector<Value> yielded;
    emitYield(from->getTerminator(), buffers, yielded);
    scratchUsed = mark;
    scf::YieldOp::create(c.b, c.loc, yielded);
  };
  emitBranch(op.thenBlock(), branch.thenBlock());
  if (hasElse)
    emitBranch(op.elseBlock(), branch.elseBlock());
  unsigned next = 0;
  for (Value result : op.getResults())
    if (isScalar(result))
      frame.scalars[result] = branch.getResult(next++);
}

void Emitter::emitWhile(scf::WhileOp op) {
  SmallVector<Value> init;
  SmallVector<Type> forwarded;
  SmallVector<Buffer> carried, results;
  SmallVector<Assignment> first;
  for (auto [value, argument] : llvm::zip_equal(op.getInits(), op.getBeforeArguments())) {
    if (isScalar(value))
      init.push_back(scalar(value));
    if (RankedTensorType type = tileType(value)) {
      carried.push_back(frame.buffers[argument] = allocate(type));
      first.push_back({value, carried.back()});
    }
  }
  for (auto [argument, result, value] :
       llvm::zip_equal(op.getAfterArguments(), op.getResults(), op.getConditionOp().getArgs())) {
    if (isScalar(result))
      forwarded.push_back(carrierType(result.getType()));
    if (RankedTensorType type = tileType(result)) {
      // What the condition passes on unchanged stays where it is.
      auto known = isa<BlockArgument>(value) ? frame.buffers.find(value) : frame.buffers.end();
      Buffer buffer = known != frame.buffers.end() ? known->second : allocate(type);
      frame.buffers[argument] = frame.buffers[result] = buffer;
      results.push_back(buffer);
    }
  }
  assign(first);
  SmallVector<Type> initTypes(ValueRange(init).getTypes());
  auto loop = scf::WhileOp::create(c.b, c.loc, forwarded, init);
  auto emitRegion = [&](Region &to, TypeRange types, Block *from, ArrayRef<Buffer> targets) {
    OpBuilder::InsertionGuard guard(c.b);
    Block *block = c.b.createBlock(&to, {}, types, SmallVector<Location>(types.size(), op.getLoc()));
    unsigned next = 0;
    for (BlockArgument argument : from->getArguments())
      if (isScalar(argument))
        frame.scalars[argument] = block->getArgument(next++);
    int64_t mark = scratchUsed;
    for (Operation &inner : from->without_terminator())
      emitOp(&inner);
    c.loc = op.getLoc();
    SmallVector<Value> passed;
    emitYield(from->getTerminator(), targets, passed);
    scratchUsed = mark;
    if (isa<scf::ConditionOp>(from->getTerminator()))
      scf::ConditionOp::create(c.b, c.loc, passed.front(), ValueRange(passed).drop_front());
    else
      scf::YieldOp::create(c.b, c.loc, passed);
  };
  emitRegion(loop.getBefore(), initTypes, op.getBeforeBody(), results);
  emitRegion(loop.getAfter(), forwarded, op.getAfterBody(), carried);
  unsigned next = 0;
  for (Value result : op.getResults())
    if (isScalar(result))
      frame.scalars[result] = loop.getResult(next++);
}
