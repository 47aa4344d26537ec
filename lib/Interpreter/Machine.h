//===- Machine.h - the state of a run ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What an op's meaning is written in terms of: the values bound so far, memory, and the ways to fail. Each family of
/// ops (InterpretArith.cpp, InterpretMemory.cpp, ...) enters its functions in a table by the op's class.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_MACHINE_H
#define TILEC_LIB_INTERPRETER_MACHINE_H

#include "AccessQueue.h"
#include "Datum.h"
#include "Dice.h"
#include "ElementFormats.h"
#include "Memory.h"
#include "Races.h"
#include "Run.h"
#include "Scheduler.h"

#include "tilec/Interpreter/Interpreter.h"

#include "llvm/ADT/ScopeExit.h"

namespace tilec::interpreter {

class Machine;

/// The meaning of one op: reads its operands, binds its results.
using Handler = mlir::LogicalResult (*)(Machine &, mlir::Operation *);

/// How far an op that runs blocks has come.
struct Loop {
  int64_t lower = 0, step = 0, count = 0, done = 0;
};

/// The meaning of an op that runs blocks: `enter` gives the first one, `next` what follows when a block has ended. Null
/// says that the op has bound its results and is done.
struct Control {
  using Function = mlir::FailureOr<mlir::Block *> (*)(Machine &, mlir::Operation *, Loop &);
  Function enter = nullptr, next = nullptr;
};

/// Which function gives the meaning of which op.
class HandlerTable {
public:
  HandlerTable();
  /// Null for an op that the interpreter does not know.
  Handler lookup(mlir::Operation *op) const { return handlers.lookup(op->getName().getTypeID()); }
  /// Empty for an op that runs no blocks.
  Control lookupControl(mlir::Operation *op) const { return controls.lookup(op->getName().getTypeID()); }

  template <typename OpTy> void addHandler(Handler handler) { handlers[mlir::TypeID::get<OpTy>()] = handler; }

  /// Enters `LogicalResult function(Machine &, OpTy)`.
  template <auto function> void add() { addFunction<function>(function); }

  /// Enters `FailureOr<Block *> enter(Machine &, OpTy, Loop &)`, and `next` alike.
  template <auto enter, auto next> void addControl() { addControlFunctions<enter, next>(enter); }

private:
  template <auto function, typename OpTy> void addFunction(mlir::LogicalResult (*)(Machine &, OpTy)) {
    addHandler<OpTy>([](Machine &machine, mlir::Operation *op) { return function(machine, llvm::cast<OpTy>(op)); });
  }

  template <auto enter, auto next, typename OpTy>
  void addControlFunctions(mlir::FailureOr<mlir::Block *> (*)(Machine &, OpTy, Loop &)) {
    Control &control = controls[mlir::TypeID::get<OpTy>()];
    control.enter = [](Machine &machine, mlir::Operation *op, Loop &loop) {
      return enter(machine, llvm::cast<OpTy>(op), loop);
    };
    control.next = [](Machine &machine, mlir::Operation *op, Loop &loop) {
      return next(machine, llvm::cast<OpTy>(op), loop);
    };
  }

  llvm::DenseMap<mlir::TypeID, Control> controls;
  llvm::DenseMap<mlir::TypeID, Handler> handlers;
};

void addArithOps(HandlerTable &table);
void addCastOps(HandlerTable &table);
void addCheckOps(HandlerTable &table);
void addContractOps(HandlerTable &table);
void addControlOps(HandlerTable &table);
void addMathOps(HandlerTable &table);
void addMemoryOps(HandlerTable &table);
void addPrintOps(HandlerTable &table);
void addReduceOps(HandlerTable &table);
void addShapeOps(HandlerTable &table);

/// An op of a block, ready to run. The last one of a block is its terminator.
struct Step {
  mlir::Operation *op;
  Handler handler;
  Control control;
  bool isTerminator, isAccess;
  /// The values that the op does more with than hand them on.
  llvm::SmallVector<mlir::Value, 2> observed;
};
using Steps = std::vector<Step>;

/// What runs on its own: an iteration of a grid, or the kernel around the grids. It stops between any two ops and goes
/// on later, since its place is a stack of blocks.
struct Agent {
  struct Frame {
    const Steps *steps;
    size_t position;
    /// The op whose block this is; null for the outermost.
    mlir::Operation *owner;
    Control control;
    Loop loop;
  };

  bool hasEnded() const { return frames.empty(); }

  /// By slot, the values of the agent's own body, and those of the kernel around it.
  std::vector<Datum> values;
  std::vector<Datum> *kernelValues = nullptr;
  std::vector<Frame> frames;
  /// Its number in the search for races.
  uint32_t iteration = 0;
};

/// One run of one kernel.
class Machine {
public:
  /// `record`, which may be null, gets what a comparison of runs needs.
  Machine(tile::KernelOp kernel, const InterpreterOptions &options, RunRecord *record);

  const InterpreterOptions &getOptions() const { return options; }
  tile::KernelOp getKernel() { return kernel; }
  Memory &getMemory() { return memory; }
  AccessQueue &getAccesses() { return accesses; }
  Scheduler &getScheduler() { return scheduler; }
  RunRecord *getRecord() { return record; }
  /// Null unless races are looked for.
  RaceDetector *getRaces() { return races ? &*races : nullptr; }

  /// What `value` holds now, for the agent that runs.
  const Datum &get(mlir::Value value) const { return const_cast<Machine *>(this)->slot(value); }
  void set(mlir::Value value, Datum datum) { slot(value) = std::move(datum); }
  const RangeValue &getRange(mlir::Value value) const { return get(value).range; }

  /// The defined integer that a scalar of `value`'s type holds, sign-extended; fails as `op` observes it.
  mlir::FailureOr<int64_t> getScalar(mlir::Operation *op, mlir::Value value);
  /// The token that stands for all of `values`.
  TokenPtr getToken(mlir::ValueRange values);

  /// The agent that runs; while `function` does, it is `agent`.
  Agent &getAgent() { return *current; }
  /// The block in which it is: for `Control::next`, the one that has ended.
  mlir::Block *getBlock() { return current->frames.back().steps->back().op->getBlock(); }
  template <typename Function> auto runAs(Agent &agent, Function function) {
    Agent *caller = std::exchange(current, &agent);
    llvm::scope_exit restore([&] { current = caller; });
    return function();
  }
  /// Puts `agent`, whose values are set, in front of `block`.
  void enter(Agent &agent, mlir::Block &block);
  /// Runs `agent` until it ends, or, if it pauses, until it has issued an access.
  mlir::LogicalResult run(Agent &agent, bool pauses);

  /// Runs the ops of `block`, a combining region, up to its terminator, whose operands the caller may then read.
  mlir::LogicalResult runBlock(mlir::Block &block);

  /// A tile of these dims, all lanes zero and defined; null, after an error, where it would take too much memory.
  TilePtr makeTile(mlir::Operation *op, llvm::ArrayRef<int64_t> dims);
  /// Fails unless `count` elements of `bytes` may be allocated.
  mlir::LogicalResult checkAllocation(mlir::Operation *op, llvm::ArrayRef<int64_t> dims, unsigned bytes);

  /// Ends the run: the program does what it must not.
  mlir::LogicalResult fail(mlir::Operation *op, const llvm::Twine &message) {
    return report({InterpreterError::Kind::Program, op->getLoc(), message.str(), {}});
  }
  /// Ends the run: the IR is not what the compiler should make.
  mlir::LogicalResult failInternally(mlir::Operation *op, const llvm::Twine &message) {
    return report(InterpreterError::Kind::Internal, op, "internal error of the compiler: " + message);
  }
  /// Ends the run because `op` observes a lane that has no value.
  mlir::LogicalResult failUndefined(mlir::Operation *op, LaneState state, llvm::StringRef what);
  /// Ends the run, unless the caller wants to hear of further races.
  mlir::LogicalResult failRace(const Race &race);
  mlir::LogicalResult report(InterpreterError::Kind kind, mlir::Operation *op, const llvm::Twine &message) {
    return report({kind, op->getLoc(), message.str(), {}});
  }
  mlir::LogicalResult report(const InterpreterError &error);

private:
  void addSteps(mlir::Block *block);
  Datum &slot(mlir::Value value);
  mlir::LogicalResult countStep(mlir::Operation *op);
  mlir::LogicalResult observe(const Step &step);
  mlir::LogicalResult endBlock(Agent &agent);
  mlir::LogicalResult runTo(Agent &agent, size_t depth, bool pauses);
  mlir::LogicalResult runStep(Agent &agent, const Step &step);

  tile::KernelOp kernel;
  const InterpreterOptions &options;
  RunRecord *record;
  HandlerTable table;
  /// The values of the kernel around its grids have negative slots, ~0 being the first.
  llvm::DenseMap<mlir::Value, int> slotOf;
  /// How many values the body of each grid has; null is the kernel around them.
  llvm::DenseMap<mlir::Operation *, int> valueCounts;
  llvm::DenseMap<mlir::Block *, Steps> steps;
  Agent *current = nullptr;
  uint64_t stepCount = 0;
  Memory memory;
  std::optional<RaceDetector> races;
  std::optional<Dice> dice;
  AccessQueue accesses;
  Scheduler scheduler;
};

/// The element type of a scalar or tile type.
inline mlir::Type elementType(mlir::Value value) { return mlir::getElementTypeOrSelf(value.getType()); }

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_MACHINE_H
