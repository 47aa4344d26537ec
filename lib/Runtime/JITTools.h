//===- JITTools.h - loaded kernels, for debuggers and profilers --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What other programs are told about the code that a JIT loads.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_RUNTIME_JITTOOLS_H
#define TILEC_LIB_RUNTIME_JITTOOLS_H

#include "llvm/Support/Error.h"

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace tilec {

/// Objects with source lines are entered into the list that gdb and lldb read (the JIT interface of gdb's manual, "JIT
/// Compilation Interface"). Others cost nothing.
llvm::Error announceToDebuggers(llvm::orc::LLJIT &jit);

/// Functions of loaded objects are appended to /tmp/perf-PID.map, where perf looks for the names of code that is in no
/// file: a line "START SIZE NAME" each, in hexadecimal (Linux, tools/perf/Documentation/jit-interface.txt). A map that
/// cannot be written is an error of loading.
llvm::Error writePerfMap(llvm::orc::LLJIT &jit);

} // namespace tilec

#endif // TILEC_LIB_RUNTIME_JITTOOLS_H
