//===- Dataflow.h - what an instruction reads and writes --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The registers that an instruction reads and writes, as its decoder asked for them. Who follows values through a
/// program need not know the instruction: what has no rule of its own is a function of everything that it reads.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_DATAFLOW_H
#define TILEC_LIB_SIM_PTX_DATAFLOW_H

#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace tilec::sim::ptx {

struct Instruction;
struct Op;

/// A register or predicate that an instruction reads or writes.
struct Use {
  enum class Kind : uint8_t { Read, Write, ReadPredicate, WritePredicate };
  /// What is done with what is read.
  enum class Role : uint8_t {
    Value,
    /// Memory is accessed there.
    Address,
    /// It says how far, which lane or which bits: without it nothing of the result is known.
    Selector,
    /// It steers: which threads take part, where a branch goes, how many a barrier waits for.
    Control,
  };
  int32_t slot = 0;
  Kind kind = Kind::Read;
  Role role = Role::Value;
  /// The low bits that are read or written; 1 for predicates.
  uint8_t bits = 0;
  /// Which operand of the instruction it is, or is a part of.
  uint8_t operand = 0;

  bool isWrite() const { return kind == Kind::Write || kind == Kind::WritePredicate; }
};

/// How bits without a value go through an instruction.
enum class FlowRule : uint8_t {
  /// A result has none in a lane in which any bit that is read has none.
  Any,
  /// Every bit of the results is one of the operands' bits, or a sum of them without carry.
  Moves,
  /// Every bit of the result is a function of the bits at its place.
  Bitwise,
  /// Carries go upward.
  Sum,
  /// A factor that is 0 hides the other; otherwise as Sum. Upper halves as Any.
  Product,
  Comparison,
  /// Registers hold vectors of `elementBits`, and elements do not mix.
  Elements,
  /// The upper half comes from the first operand, the lower from the second.
  PairOfOperands,
  /// Rows and columns of matrices.
  Matrix,
  /// Every lane's value goes to all lanes.
  AllLanes,
  Vote,
  Atomic,
  /// What is read must have a value: there is no result that could lack one.
  Consumes,
};

struct Dataflow {
  llvm::SmallVector<Use, 6> uses;
  FlowRule rule = FlowRule::Any;
  /// Width of elements of results and of operands, for FlowRule::Elements and its like; 0 for whole registers.
  uint8_t elementBits = 0, sourceElementBits = 0;
  /// Lanes whose address counts.
  uint32_t addressLanes = ~uint32_t(0);
  /// Whether it does more than to write registers, so that who executes it matters.
  bool hasEffects = false;
  /// Lanes see registers of others.
  bool isAcrossLanes = false;
  bool isCall = false;
  bool readsCarry = false, writesCarry = false;
  /// How many registers and predicates are written.
  uint8_t results = 0;
  /// Whether registers have addresses of what it accesses.
  bool accessesMemory = false;
};

/// Chooses the rule of an instruction whose uses are known, and what its operands are for.
void classifyFlow(Dataflow &flow, const Instruction &instruction, const Op &op);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_DATAFLOW_H
