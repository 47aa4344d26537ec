//===- Interpreter.h - the reference semantics of the tile dialect ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Runs a `tile.kernel` on arrays in memory, op by op. The interpreter defines what kernels mean; every other executor
/// is compared with it, and it shares no code with any lowering.
///
/// It is a checked executor: reading an element that was never written, a subscript out of range, an integer division
/// by zero, a failing `assert` and a false `assume` are errors with the place in the source, and so are races, on
/// request. It also checks the compiler: lanes outside a range's extent hold no value, and an op that observes one is
/// reported as an internal error.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_INTERPRETER_INTERPRETER_H
#define TILEC_INTERPRETER_INTERPRETER_H

#include "dialects/Tile/Tile.h"

#include "llvm/ADT/StringMap.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

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
    /// Two accesses of one element, one of them a write, have no order.
    Race,
    /// Two legal orders gave different results.
    Order,
    /// The run took more steps than it may.
    Limit,
    /// The compiler is wrong: an op observes a lane outside an extent, or is one that the interpreter does not know.
    Internal,
  };
  struct Note {
    mlir::Location location;
    std::string message;
  };

  /// Emits it as a diagnostic, as is done where nobody else wants it.
  void emit() const;

  Kind kind;
  mlir::Location location;
  std::string message;
  std::vector<Note> notes;
};

/// How a kernel is run.
struct InterpreterOptions {
  /// Look for races. Two accesses race if they touch one element, one of them writes it, no chain of tokens, grids, and
  /// releases that acquires read from orders them, and they are not both atomic in scopes that include each other. They
  /// are found by this definition, hardly depending on the order in which the run happens to perform them.
  bool races = false;
  /// Gets every race that is found, one for each pair of ops, and lets the run go on; by default the first race ends
  /// the run as an error. An error's location is that of the later access, its note's that of the earlier.
  std::function<void(const InterpreterError &)> onRace;
  /// The number of a random legal order: the same number replays the same order, on every machine. Without it
  /// everything runs in program order, and a grid's iterations one after another in row-major order.
  ///
  /// In a random order, up to 8 iterations of a grid run interleaved, started in row-major order; grids that no tokens
  /// order overlap; and accesses wait and are performed at later moments, some lanes at a time. A load is performed at
  /// the latest where its value is used. Iterations see each access at one moment, in one order, so that outcomes in
  /// which two iterations disagree about the order of two writes do not occur, though the memory model allows them. A
  /// grid that comes after another starts when all that the other's token stands for has been performed, so that those
  /// of its accesses which come after nothing do not happen earlier.
  std::optional<uint64_t> schedule;
  /// Values for `tile.size` and `tile.tunable` that the kernel's own `config` does not give, by the same names
  /// (`grid#0.i`, `matmul.i`, `i`, `stages`).
  llvm::StringMap<int64_t> config;
  /// The size of tiles that no config names.
  int64_t defaultSize = 16;
  /// Most ops that a run may execute, so that no program hangs.
  uint64_t maxSteps = 2'000'000'000;
  /// Most atomic reads in a row during which nothing is written: a kernel that waits in vain is told so long before it has
  /// used up its steps.
  uint64_t maxIdleReads = 5'000'000;
  /// Most bytes that one temporary array or tile may take; a lane takes 8.
  uint64_t maxBytes = uint64_t(1) << 32;
  /// Gets what `print` prints, a line with its newline at a time; by default stdout.
  std::function<void(llvm::StringRef)> print;
  /// Gets the error that ends a run; by default it is emitted as a diagnostic at its location.
  std::function<void(const InterpreterError &)> onError;
};

/// Runs `kernel` once, on one thread, in program order or in the order that `options.schedule` says.
/// The kernel may be at any level from `tile` on, configured or not. Fails after the first error.
mlir::LogicalResult interpret(tile::KernelOp kernel, llvm::ArrayRef<InterpreterArgument> arguments,
                              const InterpreterOptions &options = {});

/// Which orders to compare.
struct ScheduleOptions {
  /// How many random orders, and the number of the first (see InterpreterOptions::schedule); the others follow it.
  unsigned count = 1;
  uint64_t first = 0;
  /// Whether the kernel runs in program order before them.
  bool programOrder = false;
  /// The words with which a user replays an order alone; errors quote them.
  std::function<std::string(uint64_t schedule)> replay;
  /// Gets a sentence about differences that are none of the program's: the rounding of sums that atomics make.
  std::function<void(llvm::StringRef)> onRemark;
};

/// Runs `kernel` in several orders, each on the arrays as they are now, and fails if two leave different elements or
/// print different lines. Elements to which atomics added floats may differ by the roundings of the additions. Lines
/// are compared without regard to their order; those of the first run are printed, and its results stay in the arrays.
/// `options.schedule` is not read.
mlir::LogicalResult interpretSchedules(tile::KernelOp kernel, llvm::ArrayRef<InterpreterArgument> arguments,
                                       const InterpreterOptions &options, const ScheduleOptions &schedules);

} // namespace tilec

#endif // TILEC_INTERPRETER_INTERPRETER_H
