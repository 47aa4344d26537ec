//===- InterpretedKernel.h - kernels that the interpreter runs --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_INTERPRETEDKERNEL_H
#define TILEC_LIB_DRIVER_INTERPRETEDKERNEL_H

#include "dialects/Tile/Tile.h"
#include "tilec/Runtime/Executor.h"

#include <functional>
#include <memory>
#include <string>

namespace tilec {

/// Turns a failure of the interpreter into the text of an error.
using DescribeFailure =
    std::function<std::string(mlir::Location where, llvm::StringRef message)>;

/// A kernel that runs on the interpreter. `owner` keeps the kernel alive.
mlir::FailureOr<std::shared_ptr<CallableKernel>>
makeInterpretedKernel(tile::KernelOp kernel, std::shared_ptr<void> owner,
                      DescribeFailure describe);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_INTERPRETEDKERNEL_H
