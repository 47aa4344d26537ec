//===- Machine.cpp - the state of a run ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Numbers the values of a kernel, finds each op's function once, runs blocks and reports errors.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

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

Machine::Machine(tile::KernelOp kernel, const InterpreterOptions &options) : kernel(kernel), options(options) {
  auto addSlot = [&](Value value) { slotOf.try_emplace(value, slotOf.size()); };
  kernel.getBody().walk<WalkOrder::PreOrder>([&](Block *block) {
    llvm::for_each(block->getArguments(), addSlot);
    std::vector<Step> &blockSteps = steps[block];
    for (Operation &op : block->without_terminator()) {
      llvm::for_each(op.getResults(), addSlot);
      blockSteps.push_back({&op, table.lookup(&op)});
    }
  });
  slots.resize(slotOf.size());
}

FailureOr<int64_t> Machine::getScalar(Operation *op, Value value) {
  const Datum &datum = get(value);
  if (datum.state != LaneState::Defined)
    return failUndefined(op, datum.state, "a scalar");
  return signExtend(datum.bits, elementWidth(value.getType()));
}

LogicalResult Machine::runBlock(Block &block) {
  // An empty loop is a step, too.
  if (++stepCount > options.maxSteps)
    return report(InterpreterError::Kind::Limit, block.getParentOp(),
                  "the kernel has not ended after " + Twine(options.maxSteps) +
                      " steps; a loop here may wait for something that never happens");
  auto found = steps.find(&block);
  for (const Step &step : found->second) {
    if (!step.handler)
      return failInternally(step.op, "the interpreter has no meaning for '" + step.op->getName().getStringRef() + "'");
    ++stepCount;
    if (failed(step.handler(*this, step.op)))
      return failure();
  }
  return success();
}

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

LogicalResult Machine::report(InterpreterError::Kind kind, Operation *op, const Twine &message) {
  InterpreterError error{kind, op->getLoc(), message.str()};
  if (options.onError)
    options.onError(error);
  else
    emitError(error.location) << error.message;
  return failure();
}
