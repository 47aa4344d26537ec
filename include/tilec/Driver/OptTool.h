//===- OptTool.h - the optimizer driver -------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DRIVER_OPTTOOL_H
#define TILEC_DRIVER_OPTTOOL_H

namespace tilec {

/// tile-opt: MLIR's optimizer driver with every dialect and pass of tilec and of MLIR, which also reads `.tile` files.
/// Returns the exit status.
int runTileOpt(int argc, char **argv);

} // namespace tilec

#endif // TILEC_DRIVER_OPTTOOL_H
