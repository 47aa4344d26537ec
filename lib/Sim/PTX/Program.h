//===- Program.h - a PTX module ready to run --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the decoder makes of a module: for each instruction the function that executes it for 32 lanes, and where its
/// operands stand. Every operand is a slot: a register of the frame, or a constant of the function, so that executing
/// an instruction need not know which.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_PROGRAM_H
#define TILEC_LIB_SIM_PTX_PROGRAM_H

#include "Access.h"
#include "Dataflow.h"

namespace tilec::sim::ptx {

class Warp;
struct Op;

/// Lanes of a warp, the lowest bit for lane 0.
using Mask = uint32_t;
inline constexpr unsigned kLanes = 32;
inline constexpr Mask kAllLanes = ~Mask(0);

/// One register of all lanes: the bits of its type, zero-extended.
struct alignas(64) Lanes {
  uint64_t v[kLanes];
};

/// What becomes of the program counter.
enum class Step : uint8_t {
  /// On to the next instruction.
  Next,
  /// The instruction has set it.
  Moved,
  /// The instruction waits: it is tried again.
  Blocked,
  /// An error was reported.
  Failed,
};

/// Executes an instruction for the lanes of the mask, which is not empty.
using Execute = Step (*)(Warp &, const Op &, Mask);

/// A slot: registers of the frame from 0 up, constants from -1 down. Predicates are numbered apart, by 0 and up, and
/// are known as such by the instruction.
using Slot = int32_t;

/// One decoded instruction. What the numbers mean is between its decoder and its `execute`.
struct Op {
  Execute execute = nullptr;
  Slot d = 0, a = 0, b = 0, c = 0;
  int32_t guard = -1;
  bool isGuardNegated = false;
  /// Whether the lanes must be together to execute it: those that the guard excludes go on without them.
  bool isConvergent = false;
  /// An immediate: an offset, a mask, a target.
  uint64_t immediate = 0;
  /// Index into Code::lists, for instructions with many operands.
  uint32_t list = 0;
  /// Small facts: a size, a count, a rounding, flags.
  uint8_t size = 0, count = 0, mode = 0, flags = 0;
  /// Of an access or a fence.
  Order order = Order::Weak;
  Scope scope = Scope::System;
  /// Counts the instructions of the program, for those who remember who did something.
  uint32_t number = 0;
  const Instruction *syntax = nullptr;
};

/// What a call passes: pairs of offsets, and sizes.
struct CallSite {
  struct Copy {
    uint32_t from, to, bytes;
  };
  std::vector<uint32_t> arguments, results;
  /// Bytes of the last argument, where the callee leaves its size open: the rest of those of a variadic function.
  uint64_t openBytes = 0;
  uint64_t argumentBytes(const Variable &param) const { return param.isUnsized ? openBytes : param.size; }
  /// The callee; null where a register has it.
  const struct Code *callee = nullptr;
};

/// A decoded function.
struct Code {
  const Function *syntax = nullptr;
  /// Ends in a `ret`.
  std::vector<Op> ops;
  /// What each of them reads and writes.
  std::vector<Dataflow> flows;
  std::vector<Lanes> constants;
  std::vector<std::vector<Slot>> lists;
  std::vector<CallSite> calls;
  unsigned registers = 0, predicates = 0;
  /// A register of 128 bits is two: where the upper half is, by the slot of the lower one.
  std::map<Slot, Slot> upperHalves;
  /// Bytes of a thread's local memory that a call takes, and where its variables, parameters and results are in them.
  uint64_t localBytes = 0;
  std::vector<uint64_t> variables, params, results;
  /// For each of these bytes whether it is in one of them. Between a variable and what comes next there are bytes of
  /// none, so that one element beyond an array is in no other.
  std::vector<char> isInVariable;
  bool isLocal(uint64_t begin, uint64_t bytes) const {
    return begin < localBytes && bytes <= localBytes - begin && isInVariable[begin] && isInVariable[begin + bytes - 1];
  }
  /// The same of a kernel's parameters, for as far as they go.
  std::vector<char> isInParam;
  bool isParam(uint64_t begin, uint64_t bytes) const {
    return begin < isInParam.size() && bytes <= isInParam.size() - begin && isInParam[begin] &&
           isInParam[begin + bytes - 1];
  }
  /// What the simulator does itself: `vprintf` and its like; null for others.
  Execute builtin = nullptr;
};

/// A module in a device.
class Program {
public:
  std::unique_ptr<Module> module;
  std::vector<Code> functions;
  /// Addresses of the module's variables: generic ones of global and constant memory, offsets in shared memory; those
  /// of functions' variables likewise, by function and variable.
  std::vector<uint64_t> variables;
  /// Bytes of shared memory that are declared, and where the dynamic part begins.
  uint64_t staticShared = 0;
  /// Declared variables of shared memory, in the order of their addresses. Between any two there are bytes of none, so
  /// that one element beyond an array is in no other.
  struct SharedVariable {
    uint64_t begin, size;
    llvm::StringRef name;
  };
  std::vector<SharedVariable> sharedVariables;
  /// For each declared byte of shared memory whether it is in a variable.
  std::vector<char> isInSharedVariable;
  /// Whether all of these bytes of shared memory may be accessed, as far as variables go.
  bool isShared(uint64_t begin, uint64_t bytes) const {
    return begin + bytes > staticShared ? begin >= staticShared
                                        : isInSharedVariable[begin] && isInSharedVariable[begin + bytes - 1];
  }

  /// Where blocks of a cooperative launch meet: `%envreg1` and `%envreg2` have its address, 0 where nobody asks.
  uint64_t gridWorkspace = 0;
  /// Bytes at the start of shared memory that the system has for itself, and gives a value: 0 where no
  /// `%reserved_smem_offset_*` is asked for.
  uint64_t reservedShared = 0;
  static constexpr uint64_t kReservedShared = 1024;

  /// The number that the address of a function is, and back; null for what is none.
  static constexpr uint64_t kFunctionBase = uint64_t(0xF) << 44;
  uint64_t addressOf(unsigned function) const { return kFunctionBase + 16 * uint64_t(function); }
  const Code *functionAt(uint64_t address) const {
    uint64_t index = (address - kFunctionBase) / 16;
    return address >= kFunctionBase && address % 16 == 0 && index < functions.size() ? &functions[index] : nullptr;
  }
};

/// Gives every variable its place and every instruction its meaning. Errors are appended as lines.
void decode(Program &program, Memory &memory, std::vector<std::string> &errors);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_PROGRAM_H
