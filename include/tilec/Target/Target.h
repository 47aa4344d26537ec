//===- Target.h - what the compiler asks of a target ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_TARGET_TARGET_H
#define TILEC_TARGET_TARGET_H

#include "tilec/Target/TargetSpec.h"

namespace mlir {
class DialectRegistry;
class OpPassManager;
} // namespace mlir

namespace tilec {

/// Choices of a user that every target's lowering follows.
struct LoweringOptions {
  /// Whether `a*b+c` may be contracted, as the language allows by default.
  bool excessPrecision = true;
  /// Whether floating-point sums have one order, however many threads run.
  bool deterministic = false;
  /// Whether the code carries the source's lines for debuggers.
  bool debugInfo = false;
  /// Effort of optimisation, 0 to 3.
  unsigned optLevel = 2;
};

/// A machine that kernels are compiled for. Targets have no mutable state, so that threads can share one.
class Target {
public:
  virtual ~Target();
  /// The machine's data.
  virtual const TargetSpec &spec() const = 0;
  /// Adds the dialects that the lowering and the emission use.
  virtual void registerDialects(mlir::DialectRegistry &registry) const = 0;
  /// Adds the passes that bring a module from phase `scheduled` to phase `target`.
  virtual void buildLowering(mlir::OpPassManager &pm, const LoweringOptions &options) const = 0;
};

} // namespace tilec

#endif // TILEC_TARGET_TARGET_H
