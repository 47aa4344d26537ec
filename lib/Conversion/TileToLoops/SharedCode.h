//===- SharedCode.h - one function for equal code ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_SHAREDCODE_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_SHAREDCODE_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tilec::loops {

/// What surrounds code that may be a function of its own.
using Shareable = mlir::scf::ExecuteRegionOp;

/// Makes one function of shareables that are equal but for what they use of the code around them, and puts all others
/// back where they stand. Functions stand before `anchor`, and their names begin with `prefix`.
void shareEqualCode(mlir::ModuleOp module, mlir::Operation *anchor, llvm::StringRef prefix);

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_SHAREDCODE_H
