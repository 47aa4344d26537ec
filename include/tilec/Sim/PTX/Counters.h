//===- Counters.h - what a launch did, in numbers ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The static facts of a profiler: what was executed, and what memory had to do for it, by class of instruction and by
/// line. Nothing is measured: the numbers follow from the program, its data and the order of its warps, and are the
/// same in every run of a seed.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_SIM_PTX_COUNTERS_H
#define TILEC_SIM_PTX_COUNTERS_H

#include "llvm/ADT/StringRef.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace tilec::sim::ptx {

/// What an instruction is for. Loads and stores are by the state space that they access; `Param` is the parameters of
/// kernels and calls.
enum class InstructionClass : uint8_t {
  Integer,
  Half,
  Float,
  Double,
  Conversion,
  Special,
  Move,
  LoadGlobal,
  LoadShared,
  LoadLocal,
  LoadParam,
  LoadConst,
  StoreGlobal,
  StoreShared,
  StoreLocal,
  StoreParam,
  Atomic,
  AsyncCopy,
  Matrix,
  Warp,
  Barrier,
  Control,
  Other,
};
inline constexpr size_t kInstructionClasses = static_cast<size_t>(InstructionClass::Other) + 1;
/// `load global`.
llvm::StringRef nameOf(InstructionClass value);

struct Counters {
  /// Executions by warps, and threads that were active in them: those whose guard held. A warp that was cut executes an
  /// instruction once for each part.
  struct Executions {
    uint64_t warps = 0, threads = 0;
  };
  /// Of accesses to global memory, by one warp with one instruction: sectors are aligned pieces of 32 bytes of which
  /// any byte is accessed, the ideal is the different bytes divided by 32.
  struct Global {
    uint64_t requests = 0, sectors = 0, idealSectors = 0;
    /// 1 where no sector moves bytes that nobody wants.
    double efficiency() const { return sectors ? double(idealSectors) / sectors : 1; }
  };
  /// Of accesses to shared memory: 32 banks of 4 bytes deliver one word each in one pass (wavefront), to any number of
  /// threads. 8 bytes a thread take a pass for each half of the warp at least, 16 bytes for each quarter, and ldmatrix
  /// one for each matrix; those are the ideal, and what is above it are conflicts.
  struct Shared {
    uint64_t requests = 0, wavefronts = 0, idealWavefronts = 0;
    uint64_t conflicts() const { return wavefronts - idealWavefronts; }
  };
  /// One instruction of the program that was executed.
  struct Line {
    std::string function, instruction;
    /// Of the PTX text; and of the source, 0 where the PTX does not say.
    unsigned line = 0, sourceLine = 0;
    std::string sourceFile;
    InstructionClass kind = InstructionClass::Other;
    Executions executed;
    Global global;
    Shared shared;
    /// Parts of warps that had to wait there.
    uint64_t waits = 0;
  };

  std::string kernel;
  std::array<unsigned, 3> grid{}, block{};
  Executions total;
  std::array<Executions, kInstructionClasses> byClass;
  Global global;
  Shared shared;
  /// In the order of the program.
  std::vector<Line> lines;

  /// Bytes of global memory that are in different sectors accessed by the launch, and in different lines of 128 bytes
  /// accessed by one block: the most of any block, and the sum over all blocks. What caches of that size could hold.
  uint64_t launchSectorBytes = 0, largestBlockLineBytes = 0, sumOfBlockLineBytes = 0;
  /// Bytes that `cp.async` was asked to write to shared memory.
  uint64_t asyncCopyBytes = 0;
  /// Parts of warps that came to a barrier of the block and had to wait for others, which the last one has not; and tests
  /// of mbarriers, by threads, that found them in the phase that has to end.
  uint64_t barrierWaits = 0, mbarrierWaits = 0;

  /// As the kernel declares them: virtual registers by width, the bounds of `.maxnreg`, `.maxntid` and `.reqntid` (0
  /// without), bytes of shared memory (its own, the module's and its functions') and of a thread's local variables.
  unsigned predicateRegisters = 0, registers16 = 0, registers32 = 0, registers64 = 0;
  unsigned maxRegisters = 0, maxThreads = 0, requiredThreads = 0;
  uint64_t staticShared = 0, dynamicShared = 0, localBytes = 0;

  double warpEfficiency() const { return total.warps ? double(total.threads) / (32.0 * total.warps) : 1; }
  /// A table for people, with the `most` lines that lead in instructions, in sectors and in conflicts.
  std::string toText(unsigned most = 10) const;
  std::string toJSON() const;
};

} // namespace tilec::sim::ptx

#endif // TILEC_SIM_PTX_COUNTERS_H
