//===- JIT.h - Kernels compiled into this process ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Compiles an optimised llvm::Module into this process (ORC) and finds the
/// kernels in it. Each JIT is on its own; any number may live at once. The two
/// steps, code and its linking, can be had apart: code may be kept.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_JIT_H
#define TILEC_RUNTIME_JIT_H

#include "tilec/Runtime/Executor.h"
#include "tilec/Runtime/ObjectEmitter.h"

#include <memory>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace tilec {

/// Machine code of kernels, for a process of the same build.
struct JITObject {
  /// In the order of the module.
  std::vector<std::string> kernels;
  llvm::SmallVector<char, 0> code;
};

/// Generates the code of the kernels of `module`: each is a function K with its constant
/// K_descriptor (KernelABI.h).
llvm::Expected<JITObject> makeJITObject(std::unique_ptr<llvm::LLVMContext> context,
                                        std::unique_ptr<llvm::Module> module, const MachineOptions &options);

/// What other programs are told about loaded code. Loading fails where they cannot be told.
struct LoadOptions {
  /// Tell debuggers about the object, which has source lines.
  bool debugInfo = false;
  /// Append the functions to /tmp/perf-PID.map, where perf finds their names.
  bool perfMap = false;
};

/// Links the kernels of an object into this process. Grids run on oneTBB. The
/// code lives as long as one of the kernels does.
llvm::Expected<std::vector<std::shared_ptr<CallableKernel>>> loadJITObject(const JITObject &object,
                                                                           const LoadOptions &options = {});

/// Both steps.
llvm::Expected<std::vector<std::shared_ptr<CallableKernel>>> jitCompile(std::unique_ptr<llvm::LLVMContext> context,
                                                                        std::unique_ptr<llvm::Module> module,
                                                                        const MachineOptions &options);

} // namespace tilec

#endif // TILEC_RUNTIME_JIT_H
