//===- ReduceTool.h - make IR with a finding smaller ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
///
/// MLIR's reducer with tilec's dialects and passes, and with patterns that make tile IR smaller.

#ifndef TILEC_DRIVER_REDUCETOOL_H
#define TILEC_DRIVER_REDUCETOOL_H

namespace tilec {

/// Runs tile-reduce; returns its exit status.
int runTileReduce(int argc, char **argv);

} // namespace tilec

#endif // TILEC_DRIVER_REDUCETOOL_H
