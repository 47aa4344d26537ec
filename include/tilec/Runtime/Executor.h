//===- Executor.h - Kernels that can be called ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The interface that every executor of kernels implements: the CPU's JIT, the
/// interpreter, and later simulators and devices.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_EXECUTOR_H
#define TILEC_RUNTIME_EXECUTOR_H

#include "tilec/Runtime/KernelSignature.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace tilec {

/// How one call runs.
struct CallOptions {
  /// Threads that may work on the call; 0 takes those of the machine.
  unsigned numThreads = 0;
};

/// A kernel ready to run. Calls from several threads at once are allowed.
class CallableKernel {
public:
  virtual ~CallableKernel() = default;

  virtual const KernelSignature &getSignature() const = 0;

  /// Runs the kernel. `args` has one pointer for each parameter of the
  /// signature, in order: the DLTensor of an array, the bytes of a scalar. Bad
  /// arguments and failed asserts are errors in the words of
  /// tilec_status_text(); bad arguments are found before memory is touched.
  virtual llvm::Error call(llvm::ArrayRef<void *> args,
                           const CallOptions &options) = 0;
};

} // namespace tilec

#endif // TILEC_RUNTIME_EXECUTOR_H
