//===- TargetSpec.h - what passes may know of a machine ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plain data. No pass looks a target's name up; it reads these numbers.

#ifndef TILEC_TARGET_TARGETSPEC_H
#define TILEC_TARGET_TARGETSPEC_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tilec {

/// An instruction that multiplies the elements of two vectors one by one and adds the products of each `depth`
/// neighbours, which fill a lane of 4 bytes, to that lane of a vector of sums.
struct DotInstruction {
  enum class Operands {
    /// Unsigned bytes times signed bytes, added exactly to i32, which wraps.
    U8AndS8,
    /// Signed 16 bit integers, added exactly to i32, which wraps.
    S16,
    /// bf16 added to f32 as two fused multiply-adds, the upper half of the lane first. What is subnormal, of operands,
    /// sums
    /// and results, counts as zero.
    BF16,
  };
  Operands operands;
  int64_t depth;
  /// Its name among LLVM's intrinsics, for whole registers.
  std::string intrinsic;
  /// Whether it takes the sums, as its first operand. Otherwise they are added to its result.
  bool takesSums = true;
};

/// Instructions that multiply matrices in registers of their own, of `rows` rows of `rowBytes` bytes each. A product adds
/// to sums of 4 bytes what a left matrix, whose rows are groups one behind the other (DotInstruction), gives with a right
/// one, of which each row has a group of each column. Intrinsics are LLVM's; registers have numbers from 0 on.
struct MatrixInstructions {
  /// Registers that the instructions can name.
  static constexpr int64_t registers = 8;
  int64_t rows = 16, rowBytes = 64;
  /// configure(address) gives every register its number of rows, release() ends the use of registers until then.
  std::string configure, release;
  /// load(register, address, bytes from row to row), and store likewise; zero(register). loadPassing is load for what is
  /// read again only when the first cache has seen many others: it leaves it to those that are there.
  std::string load, loadPassing, store, zero;
  /// multiply(sums, left, right) for bytes whose left and right ones are unsigned or not, exactly, wrapping in i32.
  std::string multiplyBytes[2][2];
  /// The same of bf16 pairs. The first and the second ones of the pairs are a chain of fused multiply-adds each, from zero
  /// on; their sum is added to what was there. What is subnormal counts as zero, as in DotInstruction::Operands::BF16.
  std::string multiplyBF16;
  /// What `configure` reads for registers that have all rows, and where in it a byte for each register counts its rows,
  /// and 16 bits the bytes of each of them.
  std::vector<uint8_t> configuration;
  int64_t rowCountsAt = 0, rowBytesAt = 0;
};

/// The facts of one machine that lowering and default configs depend on.
struct TargetSpec {
  /// What a user calls the machine: the `--arch` that was asked for.
  std::string arch = "x86-64-v3";
  /// Bytes in one vector register.
  int64_t vectorBytes = 32;
  /// Vector registers that a program can name.
  int64_t vectorRegisters = 16;
  /// Bytes of the smallest elements of which a vector's first ones can be loaded alone.
  int64_t leastMaskedBytes = 4;
  /// Instructions for whole registers of f32, by their names among LLVM's intrinsics; empty where there is none. One
  /// takes from a register the elements at the indices in another, whose upper bits do not count.
  std::string permute;
  /// x * 2^floor(y), rounded once; takes also what lanes without a bit of a mask are, the mask, and a rounding mode.
  std::string scaleByPower;
  /// Bytes in one core's first and second level data caches.
  int64_t l1Bytes = 32 * 1024;
  int64_t l2Bytes = 512 * 1024;
  /// Bytes that the last cache has at least, wherever the code runs. How many it has, code asks when it runs.
  int64_t leastLastCacheBytes = 4 * 1024 * 1024;

  /// Whether the left operand of a product is read fastest where rows are packed together, element by element.
  bool farLastCache = false;

  /// What adds several products to a lane at once.
  std::vector<DotInstruction> dotInstructions;
  /// What multiplies matrices, if anything does. Then the machine also has instructions for groups of bytes and of bf16,
  /// and a row of a register is as long as a vector.
  std::optional<MatrixInstructions> matrices;

  /// The instruction for such operands; null if the machine has none.
  const DotInstruction *findDot(DotInstruction::Operands operands) const {
    for (const DotInstruction &instruction : dotInstructions)
      if (instruction.operands == operands)
        return &instruction;
    return nullptr;
  }

  /// Lanes of elements of `bytes` bytes in one vector register.
  int64_t lanes(int64_t bytes) const { return vectorBytes / bytes; }
};

} // namespace tilec

#endif // TILEC_TARGET_TARGETSPEC_H
