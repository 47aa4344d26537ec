//===- PTXRuns.h - PTX of unknown origin, loaded and run --------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Whatever a text is, loading it ends in a module or in an error with its place, and running a kernel of the module
/// ends in results or in a report. The fuzzer and the test with damaged programs both ask for that.
///
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_FUZZ_PTXRUNS_H
#define TILEC_TEST_FUZZ_PTXRUNS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <functional>
#include <string>

namespace tilec::sim::ptx {

/// What became of a text.
struct PTXRun {
  bool isLoaded = false;
  /// Kernels that were launched, and those of them that ended without a report.
  unsigned launched = 0, ended = 0;
  /// What must not be; empty where all is well.
  std::string wrong;
};

/// Loads a text, and launches the first kernels of it, with all checks, or all but that for races, for at most
/// `maxSteps` instructions each. The sizes of the launches and their arguments are drawn by `below(n)`, a number from 0
/// to n - 1.
PTXRun runPTX(llvm::StringRef text, uint64_t maxSteps, const std::function<uint64_t(uint64_t)> &below);

} // namespace tilec::sim::ptx

#endif // TILEC_TEST_FUZZ_PTXRUNS_H
