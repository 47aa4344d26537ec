//===- Machine.cpp - the state of a run ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Numbers the values of a kernel, finds each op's function once, runs blocks and reports errors.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

HandlerTable::HandlerTable() {
  addArithOps(*this);
  addCastOps(*this);
  addCheckOps(*this);
  addContractOps(*this);
  addControlOps(*this);
  addMathOps(*this);
  addMemoryOps(*this);
  addPrintOps(*this);
  addReduceOps(*this);
  addShapeOps(*this);
}

Machine::Machine(tile::KernelOp kernel, const InterpreterOptions &options, RunRecord *record)
    : kernel(kernel), options(options), record(record),
      dice(options.schedule ? std::optional<Dice>(*options.schedule) : std::nullopt),
      accesses(*this, dice ? &*dice : nullptr), scheduler(*this, dice ? &*dice : nullptr) {
  if (options.races)
    races.emplace();
  kernel.getBody().walk<WalkOrder::PreOrder>([&](Block *block) { addSteps(block); });
}

//===----------------------------------------------------------------------===//
// preparation
//===----------------------------------------------------------------------===//

/// The operands that an op does more with than hand them on.
static SmallVector<Value, 2> observedOperands(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()};
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return {branch.getCondition()};
  if (auto test = dyn_cast<scf::ConditionOp>(op))
    return {test.getCondition()};
  if (auto choice = dyn_cast<scf::IndexSwitchOp>(op))
    return {choice.getArg()};
  if (isa<scf::WhileOp, scf::YieldOp>(op) || (isa<tile::YieldOp>(op) && isa<tile::GridOp>(op->getParentOp())))
    return {};
  // What a store stores may wait, and the store with it.
  auto store = dyn_cast<tile::StoreOp>(op);
  SmallVector<Value, 2> observed;
  for (OpOperand &operand : op->getOpOperands())
    if (!isa<tile::TokenType>(operand.get().getType()) && !(store && &operand == &store.getValueMutable()))
      observed.push_back(operand.get());
  return observed;
}

/// Numbers the values of a block and finds the functions of its ops.
void Machine::addSteps(Block *block) {
  // The values of a grid's body are numbered on their own.
  Operation *owner = block->getParentOp();
  Operation *grid = isa<tile::GridOp>(owner) ? owner : owner->getParentOfType<tile::GridOp>();
  int &count = valueCounts[grid];
  auto addSlot = [&](Value value) {
    slotOf.try_emplace(value, grid ? count : ~count);
    ++count;
  };
  llvm::for_each(block->getArguments(), addSlot);
  Steps &blockSteps = steps[block];
  for (Operation &op : *block) {
    llvm::for_each(op.getResults(), addSlot);
    bool isAccess = isa<tile::LoadOp, tile::StoreOp, tile::AtomicRMWOp, tile::AtomicCASOp>(op);
    blockSteps.push_back({&op, table.lookup(&op), table.lookupControl(&op), &op == &block->back(), isAccess, {}});
    if (dice)
      blockSteps.back().observed = observedOperands(&op);
  }
}

void Machine::enter(Agent &agent, Block &block) {
  Operation *grid = block.getParentOp() == kernel ? nullptr : block.getParentOp();
  agent.values.resize(valueCounts.lookup(grid));
  if (!grid)
    agent.kernelValues = &agent.values;
  agent.frames.push_back({&steps.find(&block)->second, 0, nullptr, {}, {}});
}

Datum &Machine::slot(Value value) {
  int number = slotOf.lookup(value);
  return number < 0 ? (*current->kernelValues)[~number] : current->values[number];
}

FailureOr<int64_t> Machine::getScalar(Operation *op, Value value) {
  const Datum &datum = get(value);
  if (datum.state != LaneState::Defined)
    return failUndefined(op, datum.state, "a scalar");
  return signExtend(datum.bits, elementWidth(value.getType()));
}

TokenPtr Machine::getToken(ValueRange values) {
  SmallVector<TokenPtr, 4> tokens;
  for (Value value : values)
    tokens.push_back(get(value).token);
  return joinTokens(tokens);
}

//===----------------------------------------------------------------------===//
// running
//===----------------------------------------------------------------------===//

LogicalResult Machine::countStep(Operation *op) {
  if (++stepCount <= options.maxSteps)
    return success();
  return report(InterpreterError::Kind::Limit, op,
                "the kernel has not ended after " + Twine(options.maxSteps) +
                    " steps; a loop here may wait for something that never happens");
}

/// Waits for the values that an op uses.
LogicalResult Machine::observe(const Step &step) {
  for (Value value : step.observed) {
    Datum &datum = slot(value);
    if (!datum.awaited)
      continue;
    AccessPtr access = std::move(datum.awaited);
    if (failed(accesses.force(*access)))
      return failure();
    slot(value) = readValue(*access);
  }
  return success();
}

/// Runs `agent` until it has left all blocks but the outer `depth`, or until it pauses.
LogicalResult Machine::runTo(Agent &agent, size_t depth, bool pauses) {
  while (agent.frames.size() > depth) {
    Agent::Frame &frame = agent.frames.back();
    const Step &step = (*frame.steps)[frame.position];
    if (failed(observe(step)))
      return failure();
    if (step.isTerminator) {
      if (failed(endBlock(agent)))
        return failure();
      continue;
    }
    ++frame.position;
    if (failed(runStep(agent, step)))
      return failure();
    if (pauses && step.isAccess)
      break;
  }
  return success();
}

LogicalResult Machine::run(Agent &agent, bool pauses) {
  return runAs(agent, [&] { return runTo(agent, 0, pauses); });
}

LogicalResult Machine::runBlock(Block &block) {
  if (failed(countStep(block.getParentOp())))
    return failure();
  size_t depth = current->frames.size();
  current->frames.push_back({&steps.find(&block)->second, 0, nullptr, {}, {}});
  return runTo(*current, depth, /*pauses=*/false);
}

LogicalResult Machine::runStep(Agent &agent, const Step &step) {
  if (step.handler) {
    ++stepCount;
    return step.handler(*this, step.op);
  }
  if (!step.control.enter)
    return failInternally(step.op, "the interpreter has no meaning for '" + step.op->getName().getStringRef() + "'");
  Loop loop;
  FailureOr<Block *> first = step.control.enter(*this, step.op, loop);
  if (failed(first) || failed(countStep(step.op)))
    return failure();
  if (*first)
    agent.frames.push_back({&steps.find(*first)->second, 0, step.op, step.control, loop});
  return success();
}

/// Goes on behind the last op of a block.
LogicalResult Machine::endBlock(Agent &agent) {
  Agent::Frame frame = agent.frames.back();
  FailureOr<Block *> next = nullptr;
  if (frame.owner) {
    next = frame.control.next(*this, frame.owner, frame.loop);
    // An empty loop takes steps, too.
    if (failed(next) || failed(countStep(frame.owner)))
      return failure();
  }
  if (!*next) {
    agent.frames.pop_back();
    return success();
  }
  frame.steps = &steps.find(*next)->second;
  frame.position = 0;
  agent.frames.back() = frame;
  return success();
}

//===----------------------------------------------------------------------===//
// tiles and errors
//===----------------------------------------------------------------------===//

LogicalResult Machine::checkAllocation(Operation *op, ArrayRef<int64_t> dims, unsigned bytes) {
  uint64_t total = bytes;
  for (int64_t size : dims) {
    if (size < 0)
      return failInternally(op, "a dim of size " + Twine(size));
    if (__builtin_mul_overflow(total, static_cast<uint64_t>(size), &total))
      total = UINT64_MAX;
  }
  if (total > options.maxBytes)
    return report(InterpreterError::Kind::Limit, op, "this takes more than " + Twine(options.maxBytes) + " bytes");
  return success();
}

TilePtr Machine::makeTile(Operation *op, ArrayRef<int64_t> dims) {
  if (failed(checkAllocation(op, dims, sizeof(uint64_t))))
    return nullptr;
  return TilePtr(new Tile(dims));
}

LogicalResult Machine::failUndefined(Operation *op, LaneState state, StringRef what) {
  switch (state) {
  case LaneState::Missing:
    return fail(op, "this uses " + what + " that a top-k of too few elements left undefined");
  case LaneState::Poison:
    return failInternally(op, "this observes " + what + " that has no value (ub.poison)");
  case LaneState::Outside:
  case LaneState::Defined:
    break;
  }
  return failInternally(op, "this observes " + what + " outside the extent of its range");
}

LogicalResult Machine::failRace(const Race &race) {
  if (options.onRace && !races->isNew(race))
    return success();
  const AccessInfo &later = races->getAccess(race.later), &earlier = races->getAccess(race.earlier);
  RaceReport text = describeRace(*races, race);
  InterpreterError error{InterpreterError::Kind::Race, later.op->getLoc(), std::move(text.message), {}};
  if (!text.note.empty())
    error.notes.push_back({earlier.op->getLoc(), std::move(text.note)});
  if (!options.onRace)
    return report(error);
  options.onRace(error);
  return success();
}

LogicalResult Machine::report(const InterpreterError &error) {
  if (options.onError) {
    options.onError(error);
    return failure();
  }
  error.emit();
  return failure();
}

void InterpreterError::emit() const {
  InFlightDiagnostic diagnostic = emitError(location) << message;
  for (const Note &note : notes)
    diagnostic.attachNote(note.location) << note.message;
}
