//===- InterpretedKernel.h - kernels that the interpreter runs --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_INTERPRETEDKERNEL_H
#define TILEC_LIB_DRIVER_INTERPRETEDKERNEL_H

#include "dialects/Tile/Tile.h"
#include "tilec/Driver/Compiler.h"

#include <functional>
#include <memory>
#include <string>

namespace tilec {

/// Turns a sentence of the interpreter about a place into the text of a
/// diagnostic; the severity is "error" or "note".
using DescribeFailure =
    std::function<std::string(mlir::Location where, llvm::StringRef severity, llvm::StringRef message)>;

/// A kernel that runs on the interpreter. `owner` keeps the kernel alive.
mlir::FailureOr<std::shared_ptr<CallableKernel>> makeInterpretedKernel(tile::KernelOp kernel,
                                                                       std::shared_ptr<void> owner,
                                                                       DescribeFailure describe,
                                                                       const CheckOptions &checks);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_INTERPRETEDKERNEL_H
