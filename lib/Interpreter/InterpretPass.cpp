//===- InterpretPass.cpp - the pass that runs kernels ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// `tile-opt --tile-interpret`: kernels without parameters are programs, which tests run to see what ops do. Their
/// arrays are temporaries, their results what they print.
//
//===----------------------------------------------------------------------===//
#include "tilec/Interpreter/InterpretPass.h"

#include "tilec/Interpreter/Interpreter.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace tilec;

namespace {
struct InterpretPass : PassWrapper<InterpretPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(InterpretPass)

  InterpretPass() = default;
  InterpretPass(const InterpretPass &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return "tile-interpret"; }
  StringRef getDescription() const final { return "Run every kernel that takes no arguments"; }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    InterpreterOptions options;
    options.maxSteps = maxSteps;
    options.defaultSize = defaultSize;
    options.races = races;
    for (auto kernel : getOperation().getOps<tile::KernelOp>())
      if (kernel.getNumArguments() == 0 && failed(interpret(kernel, {}, options)))
        return signalPassFailure();
    llvm::outs().flush();
  }

  Option<bool> races{*this, "races", llvm::cl::desc("Look for races"), llvm::cl::init(false)};
  Option<uint64_t> maxSteps{*this, "max-steps", llvm::cl::desc("Most ops that a kernel may execute"),
                            llvm::cl::init(100'000'000)};
  Option<int64_t> defaultSize{*this, "default-size", llvm::cl::desc("Size of tiles that no config names"),
                              llvm::cl::init(16)};
};
} // namespace

void tilec::registerInterpretPass() { PassRegistration<InterpretPass>(); }
