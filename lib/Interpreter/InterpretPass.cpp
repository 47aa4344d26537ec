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

#include <map>

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
      if (kernel.getNumArguments() == 0 && failed(run(kernel, options)))
        return signalPassFailure();
    llvm::outs().flush();
  }

  LogicalResult run(tile::KernelOp kernel, InterpreterOptions &options) {
    if (schedules == 0)
      return interpret(kernel, {}, options);
    if (outcomes)
      return printOutcomes(kernel, options);
    ScheduleOptions orders;
    orders.count = schedules;
    orders.first = seed;
    orders.replay = [](uint64_t schedule) { return "'schedules=1 seed=" + std::to_string(schedule) + "'"; };
    return interpretSchedules(kernel, {}, options, orders);
  }

  /// Prints each text that a schedule prints once, with the number of schedules that do.
  LogicalResult printOutcomes(tile::KernelOp kernel, InterpreterOptions &options) {
    std::map<std::string, unsigned> counts;
    for (unsigned i = 0; i != schedules; ++i) {
      std::string printed;
      options.print = [&](StringRef line) { printed += line; };
      options.schedule = seed + i;
      if (failed(interpret(kernel, {}, options)))
        return failure();
      ++counts[printed];
    }
    for (const auto &[printed, count] : counts)
      llvm::outs() << count << " of " << schedules << " schedules:\n" << printed;
    return success();
  }

  Option<bool> races{*this, "races", llvm::cl::desc("Look for races"), llvm::cl::init(false)};
  Option<unsigned> schedules{
      *this, "schedules", llvm::cl::desc("Run so many random legal orders and compare them; 0 runs in program order"),
      llvm::cl::init(0)};
  Option<uint64_t> seed{*this, "seed", llvm::cl::desc("Number of the first random order"), llvm::cl::init(0)};
  Option<bool> outcomes{*this, "outcomes",
                        llvm::cl::desc("Print what each of the schedules prints, sorted, once; they may differ"),
                        llvm::cl::init(false)};
  Option<uint64_t> maxSteps{*this, "max-steps", llvm::cl::desc("Most ops that a kernel may execute"),
                            llvm::cl::init(100'000'000)};
  Option<int64_t> defaultSize{*this, "default-size", llvm::cl::desc("Size of tiles that no config names"),
                              llvm::cl::init(16)};
};
} // namespace

void tilec::registerInterpretPass() { PassRegistration<InterpretPass>(); }
