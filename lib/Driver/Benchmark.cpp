//===- Benchmark.cpp - time of repeated runs --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The measurement behind tile-run --bench.

#include "Benchmark.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <chrono>
#include <thread>

using namespace tilec;

using Clock = std::chrono::steady_clock;

/// Runs before the clock counts: code and data reach the caches, threads start.
static constexpr unsigned kWarmups = 3;
static constexpr unsigned kMinRuns = 7;
static constexpr unsigned kMaxRuns = 10000;
static constexpr std::chrono::milliseconds kMinTime{1000};
/// A single slow run is not repeated for minutes.
static constexpr std::chrono::seconds kMaxTime{20};

/// Bytes that the kernel cannot avoid to move: every array once, inouts twice.
static double countBytes(const KernelSignature &signature,
                         const RunArguments &arguments) {
  double bytes = 0;
  for (unsigned p = 0; p < signature.params.size(); ++p)
    if (signature.params[p].isArray())
      bytes += static_cast<double>(arguments.getTensor(p).getNumBytes()) *
               (signature.params[p].kind == ParamKind::Inout ? 2 : 1);
  return bytes;
}

llvm::Error tilec::benchmark(CallableKernel &kernel, const RunOptions &options,
                             const GivenArrays &arrays,
                             std::optional<double> flops) {
  const KernelSignature &signature = kernel.getSignature();
  llvm::Expected<RunArguments> arguments =
      RunArguments::create(signature, options, arrays);
  if (!arguments)
    return arguments.takeError();
  auto runOnce = [&]() -> llvm::Expected<double> {
    // Inouts start equal every time, outside of the time that counts.
    arguments->restoreInouts(signature, arrays);
    Clock::time_point start = Clock::now();
    if (llvm::Error error =
            kernel.call(arguments->getPointers(), {options.threads}))
      return std::move(error);
    return std::chrono::duration<double>(Clock::now() - start).count();
  };

  Clock::time_point begin = Clock::now();
  for (unsigned i = 0; i < kWarmups && Clock::now() - begin < kMaxTime; ++i) {
    llvm::Expected<double> time = runOnce();
    if (!time)
      return time.takeError();
  }
  std::vector<double> times;
  begin = Clock::now();
  while (times.size() < kMaxRuns &&
         (times.size() < kMinRuns || Clock::now() - begin < kMinTime) &&
         (times.empty() || Clock::now() - begin < kMaxTime)) {
    llvm::Expected<double> time = runOnce();
    if (!time)
      return time.takeError();
    times.push_back(*time);
  }

  std::sort(times.begin(), times.end());
  auto quantile = [&](double q) {
    return times[static_cast<size_t>(q * static_cast<double>(times.size() - 1))];
  };
  double median = quantile(0.5);
  unsigned threads = options.threads ? options.threads
                                     : std::thread::hardware_concurrency();
  llvm::outs() << signature.name << ": median "
               << llvm::format("%.4g ms", median * 1e3) << ", quartiles "
               << llvm::format("%.4g..%.4g ms", quantile(0.25) * 1e3,
                               quantile(0.75) * 1e3)
               << ", range "
               << llvm::format("%.4g..%.4g ms", times.front() * 1e3,
                               times.back() * 1e3)
               << ", " << times.size() << " runs, "
               << (options.executor == "interp" ? 1 : threads)
               << " threads\n";
  llvm::outs() << "  ";
  if (flops)
    llvm::outs() << llvm::format("%.2f GFLOP/s, ", *flops / median / 1e9);
  llvm::outs() << llvm::format("%.2f GB/s",
                               countBytes(signature, *arguments) / median / 1e9)
               << " (each array once)\n";
  return llvm::Error::success();
}
