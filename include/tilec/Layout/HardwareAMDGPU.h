//===- HardwareAMDGPU.h - Layouts of AMD's instruction sets -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the CDNA and RDNA instruction sets fix about the places of elements, as
/// layouts.
///
/// A fragment is what one lane of a wave holds of a matrix: a distributed layout
/// (Distributed.h) with the modes (register, lane), whose values are (row, column)
/// or, where an instruction multiplies several matrices, (row, column, block).
/// Its "registers" are elements: a 32-bit register holds 32 / bits of them, the
/// first in the lowest bits.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_HARDWAREAMDGPU_H
#define TILEC_LAYOUT_HARDWAREAMDGPU_H

#include "tilec/Layout/Access.h"
#include "tilec/Layout/MatrixOperand.h"
#include "tilec/Layout/Swizzle.h"

namespace tilec::layout::amdgpu {

/// The local data share of CDNA 3 for waves of 64 lanes: 32 banks of 4 bytes. The lanes that ds_write_b128 and
/// ds_read_b128 serve together are documented ("Understanding AMD GPU LDS and Bank Conflicts", ROCm's documentation of
/// Composable Kernel): eight neighbours for writes; for reads 0 to 3 with 20 to 23, 4 to 7 with 16 to 19, 8 to 11 with
/// 28 to 31, 12 to 15 with 24 to 27, and the same from lane 32 on. For narrower accesses, of which no document speaks,
/// this takes as many neighbours as fill the banks' 128 bytes, and at most 32.
const BankModel &localDataShareBanks();

/// A dense matrix instruction of gfx942 (CDNA 3), v_mfma_*: `blocks` products of m by k and k by n, on 64 lanes.
struct Mfma {
  /// What follows v_mfma_: f32_16x16x16_f16. The bf16 forms are those that gfx942 calls _1k in older assemblers.
  std::string_view name;
  int64_t m, n, k, blocks;
  /// The bits of the elements of A and B.
  int64_t bits;
  /// Whether the accumulator is f64, whose rows lie otherwise.
  bool f64 = false;
};

/// All dense ones. Types of one width share a row: bf16 that of f16, and the four pairs of fp8 and bf8 one.
const std::vector<Mfma> &mfmaInstructions();

/// AMD Instinct MI300 ISA, chapter 7, "Matrix Arithmetic Instructions", sections on dense matrices. Of A, row l mod m
/// is in lane l, with k / groups neighbouring columns for each group of lanes; of the accumulator, column l mod n, with
/// four neighbouring rows for each group of lanes.
Layout mfmaFragment(const Mfma &instruction, MatrixOperand operand);

/// Broadcasts of A, CBSZ and ABID (chapter 7, "Broadcasting values"): of each 2^cbsz neighbouring blocks all take the A
/// of the one with the number abid. From a lane to the lane whose A counts in its place. Fails unless the instruction
/// has that many blocks and abid is below 2^cbsz.
Result<ComposedLayout> mfmaBroadcastA(const Mfma &instruction, int64_t cbsz, int64_t abid);

/// The patterns of B, BLGP, in groups of sixteen lanes: 0 none; 1 and 2 the first or the last two groups twice; 3
/// rotated, so that group 0 takes group 1; 4 to 7 one group four times. From a lane to the lane whose B counts in its
/// place. Fails for patterns above 7, and for f64, where the field negates instead.
Result<ComposedLayout> mfmaPatternB(const Mfma &instruction, int64_t blgp);

/// A dense matrix instruction of RDNA, v_wmma_*: 16 by 16 by k.
struct Wmma {
  /// What follows v_wmma_: f32_16x16x16_f16.
  std::string_view name;
  /// 11 (RDNA 3) or 12 (RDNA 4).
  int generation;
  int64_t k;
  /// The bits of the elements of A and B.
  int64_t bits;
};

/// All dense ones; bf16 shares the rows of f16, and bf8 those of fp8.
const std::vector<Wmma> &wmmaInstructions();

/// RDNA3 ISA, section 7.9, and RDNA4 ISA, section 7.12, "Wave Matrix Multiply Accumulate". gfx11 holds each element of
/// A and B twice (four times in a wave of 64), and 16-bit accumulators in one half of each register, which counts as
/// one element here; gfx12 holds each once, and packs 16-bit accumulators. `waveSize` is 32 or 64. Fails for others,
/// and for iu4 with k = 16 in a wave of 64 on gfx12, which leaves half of the lanes without elements.
Result<Layout> wmmaFragment(const Wmma &instruction, MatrixOperand operand, int64_t waveSize);

} // namespace tilec::layout::amdgpu

#endif // TILEC_LAYOUT_HARDWAREAMDGPU_H
