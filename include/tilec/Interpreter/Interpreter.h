//===- Interpreter.h - the reference semantics of the tile dialect ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Runs a `tile.kernel` on arrays in memory, op by op. The interpreter defines what kernels mean; every other executor
/// is compared with it, and it shares no code with any lowering.
///
/// It is a checked executor: reading an element that was never written, a subscript out of range, an integer division
/// by zero, a failing `assert` and a false `assume` are errors with the place in the source. It also checks the
/// compiler: lanes outside a range's extent hold no value, and an op that observes one is reported as an internal error.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_INTERPRETER_INTERPRETER_H
#define TILEC_INTERPRETER_INTERPRETER_H

#include "dialects/Tile/Tile.h"

#include "llvm/ADT/StringMap.h"

#include <functional>
#include <string>

namespace tilec {

/// One argument of a call: a scalar's bits, or a view of an array that the caller owns.
struct InterpreterArgument {
  /// The scalar's bits, zero-extended (bool: 0 or 1).
  static InterpreterArgument scalar(uint64_t bits) {
    InterpreterArgument argument;
    argument.bits = bits;
    return argument;
  }

  /// The array whose first element is at `data`; `strides` count elements. Elements have the width of the parameter's
  /// type; bool is a byte. Only elements inside the extents are touched, parameters of kind `array` only read.
  static InterpreterArgument array(void *data, llvm::ArrayRef<int64_t> extents, llvm::ArrayRef<int64_t> strides) {
    InterpreterArgument argument;
    argument.data = data;
    argument.extents.assign(extents.begin(), extents.end());
    argument.strides.assign(strides.begin(), strides.end());
    argument.isArray = true;
    return argument;
  }

  bool isArray = false;
  uint64_t bits = 0;
  void *data = nullptr;
  llvm::SmallVector<int64_t, 4> extents, strides;
};

/// Why a run ended early.
struct InterpreterError {
  enum class Kind {
    /// The arguments do not fit the kernel.
    Call,
    /// The program does what the language leaves undefined, or an assert failed.
    Program,
    /// The run took more steps than it may.
    Limit,
    /// The compiler is wrong: an op observes a lane outside an extent, or is one that the interpreter does not know.
    Internal,
  };
  Kind kind;
  mlir::Location location;
  std::string message;
};

/// How a kernel is run.
struct InterpreterOptions {
  /// Values for `tile.size` and `tile.tunable` that the kernel's own `config` does not give, by the same names
  /// (`grid#0.i`, `matmul.i`, `i`, `stages`).
  llvm::StringMap<int64_t> config;
  /// The size of tiles that no config names.
  int64_t defaultSize = 16;
  /// Most ops that a run may execute, so that no program hangs.
  uint64_t maxSteps = 2'000'000'000;
  /// Most bytes that one temporary array or tile may take; a lane takes 8.
  uint64_t maxBytes = uint64_t(1) << 32;
  /// Gets what `print` prints, a line with its newline at a time; by default stdout.
  std::function<void(llvm::StringRef)> print;
  /// Gets the error that ends a run; by default it is emitted as a diagnostic at its location.
  std::function<void(const InterpreterError &)> onError;
};

/// Runs `kernel` once, on one thread: grids in order, their iterations in row-major order, accesses in program order.
/// The kernel may be at any level from `tile` on, configured or not. Fails after the first error.
mlir::LogicalResult interpret(tile::KernelOp kernel, llvm::ArrayRef<InterpreterArgument> arguments,
                              const InterpreterOptions &options = {});

} // namespace tilec

#endif // TILEC_INTERPRETER_INTERPRETER_H
