//===- CompilerInstanceImpl.h - the state of a compilation -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_COMPILERINSTANCEIMPL_H
#define TILEC_LIB_DRIVER_COMPILERINSTANCEIMPL_H

#include "DiagnosticPrinter.h"

#include "tilec/Driver/Compiler.h"
#include "tilec/Frontend/Frontend.h"
#include "tilec/Runtime/JIT.h"
#include "tilec/Target/CPU/CPUTarget.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

#include <chrono>

namespace tilec {

/// Adds the time until its end to a list.
class Stopwatch {
public:
  Stopwatch(std::vector<StepTime> &times, std::string step)
      : times(times), step(std::move(step)),
        start(std::chrono::steady_clock::now()) {}
  ~Stopwatch() {
    std::chrono::duration<double, std::milli> elapsed =
        std::chrono::steady_clock::now() - start;
    times.push_back({std::move(step), elapsed.count()});
  }

private:
  std::vector<StepTime> &times;
  std::string step;
  std::chrono::steady_clock::time_point start;
};

/// A module of LLVM with the context that owns its types.
struct LLVMProduct {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
};

struct CompilerInstance::Impl {
  Impl(CompileOptions options, DiagnosticSink sink)
      : options(std::move(options)), sink(std::move(sink)) {}

  mlir::LogicalResult readSource(FileId file);
  mlir::LogicalResult readModule(llvm::StringRef name, llvm::StringRef text);
  mlir::LogicalResult applyConfig();
  mlir::LogicalResult dump(Phase at, llvm::StringRef text);
  /// The module's text, with the place of each op if `withLines` or the options ask for it.
  std::string printModule(bool withLines = false);
  LoweringOptions loweringOptions() const;
  MachineOptions machineOptions() const { return {options.arch, options.optLevel, usesF16}; }
  /// Makes the targets of `options.arch`, which names the first one only afterwards.
  llvm::Error createTargets();
  /// Runs the passes of a phase for one arch.
  mlir::LogicalResult runPhase(Phase phase, const CPUTarget &target, mlir::ModuleOp module);
  /// The same, for all archs: the module has copies from the phase on that knows the machine.
  mlir::LogicalResult runPhase(Phase phase);
  /// Rejects kernels whose names the compiled code needs for something else.
  /// `exported`: the names become symbols of an object, not of a JIT.
  mlir::LogicalResult checkNames(bool exported);
  /// Translates the module, which is at the end of phase target, for all archs.
  mlir::FailureOr<LLVMProduct> translate();
  /// Its machine code, for this process.
  mlir::FailureOr<JITObject> generateJITObject();

  CompileOptions options;
  DiagnosticSink sink;
  std::unique_ptr<CPUTarget> target;
  SourceManager sources;
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Phase phase = Phase::source;
  /// Whether a value of the module was an f16, or had elements of it, when it was read.
  bool usesF16 = false;
  /// The other archs of an object that has several, in the order of sortArchs(), with their modules.
  struct OtherArch {
    std::string arch;
    std::unique_ptr<CPUTarget> target;
    mlir::OwningOpRef<mlir::ModuleOp> module;
  };
  std::vector<OtherArch> others;
  std::vector<StepTime> times;
};

} // namespace tilec

#endif // TILEC_LIB_DRIVER_COMPILERINSTANCEIMPL_H
