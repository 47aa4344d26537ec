//===- Launch.h - what all blocks of a launch share -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Blocks may run on several threads of the host. What they share is here and in Memory, and is safe for that; what
/// belongs to a block is touched by one host thread at a time.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_LAUNCH_H
#define TILEC_LIB_SIM_PTX_LAUNCH_H

#include "Observer.h"
#include "Schedule.h"

#include "tilec/Sim/PTX/Simulator.h"

#include <atomic>
#include <mutex>

namespace tilec::sim::ptx {

class Origins;
class Races;

/// A kernel that runs.
class Launch {
public:
  Launch(const Program &program, const Code &kernel, const LaunchShape &shape, const LaunchOptions &options,
         HostVectors vectors, Memory &memory)
      : program(program), kernel(kernel), shape(shape), options(options), vectors(vectors), memory(memory),
        schedule(options.seed) {}

  /// Executes all blocks, some at a time, on one host thread or more, until they end or fail.
  void run();

  /// Whether an access may meet one of another host thread: strong ones must then be the host's own atomics.
  bool isParallel() const { return jobs > 1; }

  /// Records the error of a block. With several the first one counts; of host threads that run beside each other, that
  /// of the lowest block.
  void fail(uint64_t block, std::string message);
  /// Whether an error is recorded after which a block need not go on.
  bool isOver(uint64_t block) const { return block >= firstOver.load(std::memory_order_relaxed); }
  bool hasFailed() const { return firstOver.load(std::memory_order_relaxed) != kNone; }
  /// The error; empty without one. For when all host threads have ended.
  const std::string &getError() const { return error; }

  /// A thread has changed memory, arrived at a barrier, or ended: others who wait may see it. For monitored launches.
  void recordChange() {
    if (isMonitored)
      ++changes;
  }
  uint64_t getChanges() const { return changes; }

  /// Whether the schedule does its worst at the moment. Where nothing has changed for a while it has done so, and those
  /// who are held up may be waited for.
  bool isAdverseNow() const { return schedule.isAdverse && !isQuiet; }

  /// Instructions of warps so far, without those of the blocks' turns that are under way.
  uint64_t getSteps() const { return steps.load(std::memory_order_relaxed); }

  const Program &program;
  const Code &kernel;
  const LaunchShape &shape;
  const LaunchOptions &options;
  const HostVectors vectors;
  Memory &memory;
  const Schedule schedule;
  std::vector<char> params;
  /// Of blocks that have ended.
  LaunchStatistics statistics;
  /// Whether anybody wants to be told of accesses. Such a launch has one host thread.
  bool isMonitored = false;
  /// Of values that nobody gave; null unless these are looked for.
  Origins *origins = nullptr;
  /// Who looks on, and what the instruction at hand has accessed.
  std::vector<Observer *> observers;
  std::vector<ObservedAccess> accesses;
  /// Null where they are not looked for.
  Races *races = nullptr;
  /// What else is wrong, though the run went on: an error, unless a race or the end of the run says more.
  std::string findings;
  /// Held by who prints.
  std::mutex printing;
  /// Held by who exchanges 128 bits at once, which not every host can.
  std::mutex wideAtomics;

private:
  static constexpr uint64_t kNone = ~uint64_t(0);
  void runBlocks(unsigned capacity);
  /// Gives a turn to the warps of a block; whether any could go on. A block that cannot has failed.
  bool takeTurn(Block &block);
  void takeTurnsAdversely(llvm::ArrayRef<std::unique_ptr<Block>> resident, Hold &held, Random &random);

  unsigned jobs = 1;
  uint64_t changes = 0;
  /// Whether nothing has changed for a while, as far as Standstill looks.
  bool isQuiet = false;
  /// The next block that nobody has taken.
  std::atomic<uint64_t> next = 0;
  std::atomic<uint64_t> steps = 0;
  /// Blocks from this one on are over.
  std::atomic<uint64_t> firstOver = kNone;
  /// Guards what is below, and `statistics`.
  std::mutex mutex;
  uint64_t failedBlock = kNone;
  std::string error;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_LAUNCH_H
