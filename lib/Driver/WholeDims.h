//===- WholeDims.h - dims that a kernel uses whole --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_WHOLEDIMS_H
#define TILEC_LIB_DRIVER_WHOLEDIMS_H

#include "RunArrays.h"

#include "mlir/IR/BuiltinOps.h"

namespace tilec {

/// Finds the dim symbols whose dims a kernel of `module` holds in one tile
/// (`X[i, :]`), and gives those that the options leave open their values in the
/// arrays at hand. Returns whether it gave any.
bool bindWholeDims(mlir::ModuleOp module, const GivenArrays &arrays,
                   CompileOptions &options);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_WHOLEDIMS_H
