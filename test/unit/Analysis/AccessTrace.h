//===- AccessTrace.h - which elements each access touches ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// An oracle for analyses of accesses: runs the loops and index arithmetic of a kernel with given numbers and writes
/// down what every access instance touches. It knows nothing of symbols or forms.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_ANALYSIS_ACCESSTRACE_H
#define TILEC_TEST_UNIT_ANALYSIS_ACCESSTRACE_H

#include "tilec/Analysis/Conflicts.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"

#include <map>
#include <set>
#include <vector>

namespace tilec::test {

/// One execution of an access.
struct Instance {
  mlir::Operation *op;
  /// The iteration of each loop and grid around it, the outermost first; a grid's is the row-major number.
  std::vector<std::pair<mlir::Operation *, std::vector<int64_t>>> iterations;
  /// The element that each lane touches, as indices; lanes that touch none are left out.
  std::vector<std::vector<int64_t>> elements;
  /// The instances whose own tokens are among those that it waits for, by their number.
  std::set<unsigned> after;
};

/// The numbers that a kernel runs with.
struct Numbers {
  /// The extents of each array argument, and the value of each scalar one.
  std::map<unsigned, std::vector<int64_t>> extents;
  std::map<unsigned, int64_t> scalars;
  /// By the index's name.
  std::map<std::string, int64_t> sizes;
};

/// Every access instance of the kernel, in program order; nothing if a subscript is out of range, a step or size is
/// not positive, or something is divided by zero, which is undefined.
std::optional<std::vector<Instance>> traceAccesses(tile::KernelOp kernel, const Numbers &numbers);

/// Parses a module and keeps it.
class ParsedKernel {
public:
  explicit ParsedKernel(llvm::StringRef text);
  tile::KernelOp get() { return kernel; }

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  tile::KernelOp kernel;
};

} // namespace tilec::test

#endif // TILEC_TEST_UNIT_ANALYSIS_ACCESSTRACE_H
