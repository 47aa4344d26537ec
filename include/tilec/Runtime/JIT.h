//===- JIT.h - Kernels compiled into this process ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Compiles an optimised llvm::Module into this process (ORC) and finds the
/// kernels in it. Each JIT is on its own; any number may live at once.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_JIT_H
#define TILEC_RUNTIME_JIT_H

#include "tilec/Runtime/Executor.h"
#include "tilec/Runtime/ObjectEmitter.h"

#include <memory>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace tilec {

/// Compiles the kernels of `module`: each is a function K with its constant
/// K_descriptor (KernelABI.h). Grids run on oneTBB. The code lives as long as
/// one of the kernels does. Everything is compiled when this returns.
llvm::Expected<std::vector<std::shared_ptr<CallableKernel>>>
jitCompile(std::unique_ptr<llvm::LLVMContext> context,
           std::unique_ptr<llvm::Module> module, const MachineOptions &options);

} // namespace tilec

#endif // TILEC_RUNTIME_JIT_H
