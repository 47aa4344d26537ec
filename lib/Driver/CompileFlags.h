//===- CompileFlags.h - options that the tools share ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_COMPILEFLAGS_H
#define TILEC_LIB_DRIVER_COMPILEFLAGS_H

#include "tilec/Driver/CommandLine.h"
#include "tilec/Driver/Compiler.h"

namespace tilec {

/// Adds the options that say how a kernel is compiled to a command line:
/// --arch, --set, --config, --type, --const, --dim, -O, -g and the negative
/// ones.
void addCompileFlags(CommandLine &line, CompileOptions &options);

/// Adds --cache and --perf-map, whose defaults are the environment variables TILEC_CACHE and TILEC_PERF_MAP, for who loads
/// what is compiled.
void addLoadFlags(CommandLine &line, CompileOptions &options);

/// Reads a phase's name; an error suggests a similar one.
llvm::Error readPhase(llvm::StringRef name, Phase &phase);

/// Prints how long each step took, and their sum, to standard error.
void printTimes(llvm::ArrayRef<StepTime> times);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_COMPILEFLAGS_H
