//===- KernelsOfModule.h - the kernels of a module --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_KERNELSOFMODULE_H
#define TILEC_LIB_DRIVER_KERNELSOFMODULE_H

#include "tilec/Frontend/Frontend.h"

#include "mlir/IR/BuiltinOps.h"

namespace tilec {

/// Lists the kernels of a module as listKernels does those of a file. Type and
/// const parameters are bound in IR, so none are listed.
std::vector<KernelInfo> listKernels(mlir::ModuleOp module);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_KERNELSOFMODULE_H
