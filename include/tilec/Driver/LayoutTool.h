//===- LayoutTool.h - tile-layout -------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The tool that calculates with layouts and shows them. It needs no compiler:
/// its library is separate from the driver's.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_DRIVER_LAYOUTTOOL_H
#define TILEC_DRIVER_LAYOUTTOOL_H

namespace tilec {

/// tile-layout: prints a layout as a table, or the result of an operation. Returns the exit status.
int runTileLayout(int argc, const char *const *argv);

} // namespace tilec

#endif // TILEC_DRIVER_LAYOUTTOOL_H
