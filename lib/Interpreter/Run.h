//===- Run.h - one run, and what comparing runs needs of it ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What a run leaves behind for those who compare it with another.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_RUN_H
#define TILEC_LIB_INTERPRETER_RUN_H

#include "tilec/Interpreter/Interpreter.h"

#include <map>

namespace tilec::interpreter {

/// What atomics added to one element: floats, so that the order of the additions shows in their sum.
struct FloatAdditions {
  /// How many additions, and the sum of the magnitudes of all addends, the element's value before them included.
  uint64_t count = 0;
  double magnitude = 0;

  void add(double old, double addend) {
    if (count++ == 0)
      magnitude = old;
    magnitude += addend;
  }
};

/// What happened in a run.
struct RunRecord {
  /// By the array's name and the element's row-major position.
  std::map<std::pair<std::string, int64_t>, FloatAdditions> additions;
};

/// As `interpret`; fills in `record` where it is not null.
mlir::LogicalResult runKernel(tile::KernelOp kernel, llvm::ArrayRef<InterpreterArgument> arguments,
                              const InterpreterOptions &options, RunRecord *record);

/// Fails, as `interpret` does, where the arguments do not fit the kernel.
mlir::LogicalResult checkCall(tile::KernelOp kernel, llvm::ArrayRef<InterpreterArgument> arguments,
                              const InterpreterOptions &options);

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_RUN_H
