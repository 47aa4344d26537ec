//===- Simulator.h - run PTX without a GPU ----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A device that executes PTX on the CPU, with the calls of a driver: load a module, allocate memory, launch a kernel.
///
/// \code
///   Device device;
///   llvm::Expected<LoadedModule *> module = device.load("k.ptx", text);
///   uint64_t x = cantFail(device.allocate(4096));
///   device.write(x, data, 4096);
///   LaunchArguments arguments;
///   arguments.add(x).add(uint32_t(1024));
///   llvm::Error error = device.launch(**module, "k", {{8, 1, 1}, {128, 1, 1}}, arguments);
/// \endcode
///
/// What the simulator knows is the PTX ISA manual. A kernel that does what the manual leaves undefined is reported
/// where the simulator can tell.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_SIM_PTX_SIMULATOR_H
#define TILEC_SIM_PTX_SIMULATOR_H

#include "tilec/Sim/PTX/Counters.h"
#include "tilec/Sim/PTX/Syntax.h"

#include <array>
#include <functional>

namespace llvm {
class raw_ostream;
}

namespace tilec::sim::ptx {

class Program;
struct RunReports;
struct SchedulesOutcome;

/// Sizes of a launch, in blocks and in threads.
struct LaunchShape {
  std::array<unsigned, 3> grid = {1, 1, 1};
  std::array<unsigned, 3> block = {1, 1, 1};
  /// Bytes of dynamic shared memory.
  unsigned dynamicShared = 0;
};

/// What is looked for in a run, besides what makes it impossible to go on.
struct Checks {
  /// Accesses of threads that nothing orders.
  bool races = true;
  /// Values that nobody gave, where it matters.
  bool init = true;
  /// Accesses outside of what is allocated, and misaligned ones. Always made.
  bool bounds = true;
  /// Wrong use of barriers, of mbarriers and of instructions that need several threads.
  bool sync = true;

  static Checks none() { return {false, false, true, false}; }
  /// `races,init`: these, and bounds; or `none`. Fails for other words.
  static llvm::Expected<Checks> parse(llvm::StringRef list);
};

/// Vector instructions of the host, each level with those before it; machines without them have the baseline alone.
enum class HostVectors : uint8_t { Baseline, AVX2, AVX512 };
/// The highest level that this machine has.
HostVectors detectHostVectors();

/// A line of JSON for each instruction that a warp executes: `block`, `warp`, `mask` (the active lanes, in
/// hexadecimal), `line` (of the PTX text), `op`, and where memory is accessed `accesses`: `kind` (read, write, atomic),
/// `space`, `bytes` of a lane, `async` where a copy engine does it later, and the `lanes` and their `addresses`.
struct TraceOptions {
  /// Nothing is traced without one.
  llvm::raw_ostream *out = nullptr;
  /// The most lines. What comes behind them is not written, and LaunchStatistics says so.
  uint64_t limit = 100000;
  /// The only block that is traced; all without one.
  std::optional<std::array<unsigned, 3>> block;
};

/// How a kernel is run.
struct LaunchOptions {
  /// Which of the legal orders of warps is taken; one seed gives one order in each block, and with one host thread of
  /// all blocks. One of four (3, 7, 11, ...) is an adversary: it also cuts warps, holds threads up, and is slower.
  uint64_t seed = 0;
  /// Most instructions that the warps of a launch may execute together, so that no kernel hangs.
  uint64_t maxSteps = uint64_t(1) << 40;
  /// Blocks that make progress at once. A kernel whose blocks wait for each other needs all of them.
  unsigned residentBlocks = 16;
  Checks checks;
  /// Whether LaunchStatistics gets counters.
  bool counters = false;
  TraceOptions trace;
  /// Threads of the host that execute blocks, side by side; 0 is one for each of its cores. Launches with checks, in
  /// which the order of events counts, have one.
  unsigned jobs = 0;
  /// With which vector instructions lanes are computed: at most these, and at most those that the machine has. Results
  /// are the same with all.
  HostVectors vectors = HostVectors::AVX512;
  /// Gets what the kernel prints, a call of `vprintf` at a time, from one thread or another; by default stdout.
  std::function<void(llvm::StringRef)> print;
};

/// The bytes of a kernel's parameters, each at the alignment of its size.
class LaunchArguments {
public:
  template <typename T> LaunchArguments &add(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    return addBytes(&value, sizeof(T));
  }
  LaunchArguments &addBytes(const void *data, size_t size) {
    parameters.emplace_back(static_cast<const char *>(data), static_cast<const char *>(data) + size);
    return *this;
  }

  /// One by one, in order.
  std::vector<std::vector<char>> parameters;
};

/// What a launch did, whatever it computed.
struct LaunchStatistics {
  /// Instructions of warps, and of the threads that were active in them.
  uint64_t warpInstructions = 0, threadInstructions = 0;
  /// Where they were asked for.
  std::shared_ptr<const Counters> counters;
  /// Whether the trace ends at its limit, before the launch.
  bool isTraceCut = false;

  LaunchStatistics &operator+=(const LaunchStatistics &other) {
    warpInstructions += other.warpInstructions;
    threadInstructions += other.threadInstructions;
    return *this;
  }
};

/// A module whose variables have addresses in a device.
class LoadedModule {
public:
  ~LoadedModule();
  const Module &getSyntax() const;
  /// The address and size of a variable in global or constant memory; nothing where there is none.
  std::optional<std::pair<uint64_t, uint64_t>> findVariable(llvm::StringRef name) const;

private:
  friend class Device;
  LoadedModule();
  std::unique_ptr<Program> program;
};

/// One device: its memory, and the modules loaded into it. Not for use from two threads at once.
class Device {
public:
  Device();
  ~Device();

  /// Parses a module, checks that every instruction is known, and gives its variables their first values. The error's
  /// text has a line `name:line:column: error: ...` for each mistake.
  llvm::Expected<LoadedModule *> load(llvm::StringRef name, llvm::StringRef text);

  /// Global memory, whose bytes have no value until they are written; aligned to 256 bytes. Fails without memory.
  llvm::Expected<uint64_t> allocate(uint64_t bytes);
  llvm::Error release(uint64_t address);
  /// Copies to and from global memory; fails unless all of it is in one allocation.
  llvm::Error write(uint64_t address, const void *data, uint64_t bytes);
  llvm::Error read(uint64_t address, void *data, uint64_t bytes) const;
  llvm::Error fill(uint64_t address, unsigned char value, uint64_t bytes);

  /// Runs a kernel to its end. Fails where the launch does not fit the kernel, or the kernel does what it must not: the
  /// text then says in which kernel, block, thread and line.
  llvm::Expected<LaunchStatistics> launch(LoadedModule &module, llvm::StringRef kernel, const LaunchShape &shape,
                                          const LaunchArguments &arguments, const LaunchOptions &options = {});

  /// Runs a kernel with so many seeds, one at least, from that of the options on, each from the memory as it is now.
  /// What one of them reports does not end the others, unless `stopAtReport`. Memory is then as the first left it,
  /// which alone is traced, counted and prints; `maxSteps` is for each. Fails where the launch does not fit the kernel.
  llvm::Expected<SchedulesOutcome> launchSchedules(LoadedModule &module, llvm::StringRef kernel,
                                                   const LaunchShape &shape, const LaunchArguments &arguments,
                                                   const LaunchOptions &options, uint64_t schedules,
                                                   bool stopAtReport = false);

private:
  llvm::Expected<LaunchStatistics> run(LoadedModule &module, llvm::StringRef kernel, const LaunchShape &shape,
                                       const LaunchArguments &arguments, const LaunchOptions &options,
                                       RunReports &reports);
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace tilec::sim::ptx

#endif // TILEC_SIM_PTX_SIMULATOR_H
