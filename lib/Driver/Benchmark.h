//===- Benchmark.h - time of repeated runs ----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_BENCHMARK_H
#define TILEC_LIB_DRIVER_BENCHMARK_H

#include "RunArrays.h"

#include "tilec/Runtime/Executor.h"

namespace tilec {

/// Runs the kernel again and again on copies of the arrays and prints median
/// and spread, and the rates that follow from them: GFLOP/s where the number of
/// operations is known.
llvm::Error benchmark(CallableKernel &kernel, const RunOptions &options,
                      const GivenArrays &arrays,
                      std::optional<double> flops);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_BENCHMARK_H
