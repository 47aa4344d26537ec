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

#include "Datum.h"
#include "ElementFormats.h"
#include "Memory.h"

#include "tilec/Interpreter/Interpreter.h"

namespace tilec::interpreter {

class Machine;

/// The meaning of one op: reads its operands, binds its results.
using Handler = mlir::LogicalResult (*)(Machine &, mlir::Operation *);

/// Which function gives the meaning of which op.
class HandlerTable {
public:
  HandlerTable();
  /// Null for an op that the interpreter does not know.
  Handler lookup(mlir::Operation *op) const { return handlers.lookup(op->getName().getTypeID()); }

  template <typename OpTy>
  void addHandler(Handler handler) {
    handlers[mlir::TypeID::get<OpTy>()] = handler;
  }

  /// Enters `LogicalResult function(Machine &, OpTy)`.
  template <auto function>
  void add() {
    addFunction<function>(function);
  }

private:
  template <auto function, typename OpTy>
  void addFunction(mlir::LogicalResult (*)(Machine &, OpTy)) {
    addHandler<OpTy>([](Machine &machine, mlir::Operation *op) { return function(machine, llvm::cast<OpTy>(op)); });
  }

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

/// One run of one kernel.
class Machine {
public:
  Machine(tile::KernelOp kernel, const InterpreterOptions &options);

  const InterpreterOptions &getOptions() const { return options; }
  tile::KernelOp getKernel() { return kernel; }
  Memory &getMemory() { return memory; }

  /// What `value` holds now.
  const Datum &get(mlir::Value value) const { return slots[slotOf.lookup(value)]; }
  void set(mlir::Value value, Datum datum) { slots[slotOf.lookup(value)] = std::move(datum); }
  const RangeValue &getRange(mlir::Value value) const { return get(value).range; }

  /// The defined integer that a scalar of `value`'s type holds, sign-extended; fails as `op` observes it.
  mlir::FailureOr<int64_t> getScalar(mlir::Operation *op, mlir::Value value);

  /// Runs the ops of `block` up to its terminator, whose operands the caller may then read.
  mlir::LogicalResult runBlock(mlir::Block &block);

  /// A tile of these dims, all lanes zero and defined; null, after an error, where it would take too much memory.
  TilePtr makeTile(mlir::Operation *op, llvm::ArrayRef<int64_t> dims);
  /// Fails unless `count` elements of `bytes` may be allocated.
  mlir::LogicalResult checkAllocation(mlir::Operation *op, llvm::ArrayRef<int64_t> dims, unsigned bytes);

  /// Ends the run: the program does what it must not.
  mlir::LogicalResult fail(mlir::Operation *op, const llvm::Twine &message) {
    return report(InterpreterError::Kind::Program, op, message);
  }
  /// Ends the run: the IR is not what the compiler should make.
  mlir::LogicalResult failInternally(mlir::Operation *op, const llvm::Twine &message) {
    return report(InterpreterError::Kind::Internal, op, "internal error of the compiler: " + message);
  }
  /// Ends the run because `op` observes a lane that has no value.
  mlir::LogicalResult failUndefined(mlir::Operation *op, LaneState state, llvm::StringRef what);
  mlir::LogicalResult report(InterpreterError::Kind kind, mlir::Operation *op, const llvm::Twine &message);

private:
  struct Step {
    mlir::Operation *op;
    Handler handler;
  };

  tile::KernelOp kernel;
  const InterpreterOptions &options;
  HandlerTable table;
  llvm::DenseMap<mlir::Value, unsigned> slotOf;
  std::vector<Datum> slots;
  llvm::DenseMap<mlir::Block *, std::vector<Step>> steps;
  uint64_t stepCount = 0;
  Memory memory;
};

/// The element type of a scalar or tile type.
inline mlir::Type elementType(mlir::Value value) { return mlir::getElementTypeOrSelf(value.getType()); }

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_MACHINE_H
