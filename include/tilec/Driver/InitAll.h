//===- InitAll.h - registration of every dialect and pass ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DRIVER_INITALL_H
#define TILEC_DRIVER_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace tilec {

/// Adds the dialects that tilec's own pipelines use: the tile dialect and the upstream ones below it.
void registerDialects(mlir::DialectRegistry &registry);

/// Adds every dialect and extension of tilec and of MLIR; for tools that read any IR.
void registerEverything(mlir::DialectRegistry &registry);

/// Makes every pass of tilec and of MLIR known by its flag. The registry of passes is MLIR's and global, so this is for
/// mains only; the compiler library builds its pipelines from C++ functions.
void registerAllPasses();

} // namespace tilec

#endif // TILEC_DRIVER_INITALL_H
