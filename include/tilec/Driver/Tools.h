//===- Tools.h - what the mains of the tools call ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DRIVER_TOOLS_H
#define TILEC_DRIVER_TOOLS_H

namespace tilec {

/// tile-cc: compiles a .tile file. Returns the exit status.
int runTileCC(int argc, const char *const *argv);

/// tile-run: runs a kernel on real arrays. Returns the exit status.
int runTileRun(int argc, const char *const *argv);

/// tile-sim: executes PTX on arrays in files.
int runTileSim(int argc, const char *const *argv);

} // namespace tilec

#endif // TILEC_DRIVER_TOOLS_H
