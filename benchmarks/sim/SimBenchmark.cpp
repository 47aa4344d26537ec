//===- SimBenchmark.cpp - how fast PTX runs without a GPU -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Kernels of test/sim, by how many instructions of threads they execute in a second of wall time; with `checks` 1 all
/// checks are on.
//
//===----------------------------------------------------------------------===//

#include "tilec/Sim/PTX/Simulator.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include "benchmark/benchmark.h"

using namespace tilec::sim::ptx;

/// Ends the program: a benchmark without its kernel measures nothing.
template <typename T> static T need(llvm::Expected<T> value) {
  if (value)
    return std::move(*value);
  llvm::errs() << llvm::toString(value.takeError()) << "\n";
  std::exit(1);
}

namespace {
/// A device with a program of test/sim, and a kernel's arguments.
class Run {
public:
  explicit Run(llvm::StringRef program) {
    std::string path = (TILEC_SIM_PROGRAMS "/" + program + ".sm_80.ptx").str();
    auto buffer = need(llvm::errorOrToExpected(llvm::MemoryBuffer::getFile(path)));
    module = need(device.load(path, buffer->getBuffer()));
  }
  /// Memory of so many bytes, all of one value.
  Run &array(uint64_t bytes, unsigned char value) {
    uint64_t address = need(device.allocate(bytes));
    llvm::cantFail(device.fill(address, value, bytes));
    arguments.add(address);
    return *this;
  }
  template <typename T> Run &scalar(T value) {
    arguments.add(value);
    return *this;
  }
  void measure(benchmark::State &state, llvm::StringRef kernel, const LaunchShape &shape) {
    LaunchOptions options;
    options.checks = state.range(0) ? Checks() : Checks::none();
    uint64_t executed = 0;
    for (auto _ : state)
      executed += need(device.launch(*module, kernel, shape, arguments, options)).threadInstructions;
    state.counters["threadInstructions"] =
        benchmark::Counter(static_cast<double>(executed), benchmark::Counter::kIsRate);
  }

private:
  Device device;
  LoadedModule *module = nullptr;
  LaunchArguments arguments;
};
} // namespace

static void hash(benchmark::State &state) {
  constexpr int n = 64 * 256;
  Run("speed").array(4 * n, 1).scalar(n).scalar(256).measure(state, "hash", {{n / 256, 1, 1}, {256, 1, 1}});
}

static void iterate(benchmark::State &state) {
  constexpr int n = 64 * 256;
  Run("speed").array(4 * n, 1).scalar(n).scalar(256).scalar(0.5f).scalar(0.25f).measure(state, "iterate",
                                                                                        {{n / 256, 1, 1}, {256, 1, 1}});
}

static void matmulShared(benchmark::State &state) {
  constexpr int n = 256;
  Run run("speed");
  for (int i = 0; i != 3; ++i)
    run.array(4 * n * n, 0);
  run.scalar(n).measure(state, "matmulShared", {{n / 16, n / 16, 1}, {16, 16, 1}});
}

static void stencil(benchmark::State &state) {
  constexpr int n = 1024;
  Run run("speed");
  for (int i = 0; i != 2; ++i)
    run.array(4 * n * n, 0);
  run.scalar(n).scalar(n).measure(state, "stencil", {{n / 32, n / 8, 1}, {32, 8, 1}});
}

static void gemm(benchmark::State &state) {
  constexpr int n = 1024;
  Run("gemm")
      .array(2 * n * n, 0)
      .array(2 * n * n, 0)
      .array(4 * n * n, 0)
      .scalar(n)
      .scalar(n)
      .measure(state, "gemm", {{n / 128, n / 128, 1}, {256, 1, 1}});
}

BENCHMARK(hash)
    ->ArgName("checks")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(iterate)
    ->ArgName("checks")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(matmulShared)
    ->ArgName("checks")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(stencil)
    ->ArgName("checks")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(gemm)
    ->ArgName("checks")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
