//===- HardwarePTX.h - Layouts of NVIDIA's instruction set ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the PTX ISA fixes about the places of elements, as layouts. Sections are
/// those of the PTX ISA manual, versions 8.7 to 9.2.
///
/// A fragment is what one lane of a warp holds of a matrix: a distributed layout
/// (Distributed.h) with the modes (register, lane) and, for a warp group, warp,
/// whose values are (row, column). Its "registers" are elements: a 32-bit register
/// holds 32 / bits of them, the first in the lowest bits.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_HARDWAREPTX_H
#define TILEC_LAYOUT_HARDWAREPTX_H

#include "tilec/Layout/Access.h"
#include "tilec/Layout/MatrixOperand.h"

namespace tilec::layout::ptx {

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

/// Shared memory: 32 banks of 4 bytes, of which each delivers one word a clock to any number of lanes (CUDA C++
/// Programming Guide, "Compute Capability 5.x, Shared Memory", which later ones refer to). At most 128 bytes are moved
/// at once, so that 8 bytes a lane are served half a warp at a time and 16 bytes a quarter at a time; the manuals do
/// not say so, but NVIDIA's engineers do ("How to understand the bank conflict of shared memory", NVIDIA developer
/// forums, topic 260900).
const BankModel &sharedMemoryBanks();

//===----------------------------------------------------------------------===//
// mma.sync
//===----------------------------------------------------------------------===//

/// A shape of mma.sync for elements of A and B of some width.
struct Mma {
  int64_t m, n, k;
  /// 1: b1; 4: s4, u4; 8: s8, u8, e4m3, e5m2; 16: f16, bf16; 32: tf32; 64: f64. The element's type does not change its
  /// place.
  int64_t bits;
  /// The compute capability from which on it exists, times ten.
  int64_t capability;
};

/// All dense shapes up to compute capability 8.9 but m8n8k4 of f16 (quadPairFragment), and the f64 shapes of 9.0.
const std::vector<Mma> &mmaShapes();

/// Sections 9.7.14.5.2 to 13, "Matrix Fragments for mma.m8n8k4" to "Matrix Fragments for mma.m16n8k256". A is m by k, B
/// is k by n, and the accumulator m by n. Of an A with 16 rows a lane holds 32 bits of row l / 4, then of the row eight
/// below, then the same of the next columns.
Layout mmaFragment(const Mma &shape, MatrixOperand operand);

/// Section 9.7.14.5.1: m8n8k4 of f16, compute capability 7.0. Four matrices at once, each by eight lanes (a quad pair:
/// l and l + 16); values are (row, column, matrix). `rowMajor` is the order of A or B; of the accumulator, `bits` is
/// the width: 16 or 32.
Layout quadPairFragment(MatrixOperand operand, bool rowMajor, int64_t bits);

//===----------------------------------------------------------------------===//
// mma.sp.sync and block scaling
//===----------------------------------------------------------------------===//

/// A shape of mma.sp.sync: m16n8, A 16 by k with half of its elements stored.
struct SparseMma {
  int64_t k;
  /// As in Mma; the types of 4 bits are s4, u4, and e2m1 in .kind::mxf4 and mxf4nvf4.
  int64_t bits;
  /// How many lanes of four hold metadata: those from `selector` times this number on.
  int64_t metadataLanes;
  int64_t capability;
};

/// All shapes. Section 9.7.14.6.1 names the lanes of the metadata.
const std::vector<SparseMma> &sparseMmaShapes();

/// Section 9.7.14.6.2. Of A what is stored, 16 by k / 2: the fragment of a dense A of that size. B is k by 8, the
/// accumulator 16 by 8.
Layout sparseMmaFragment(const SparseMma &shape, MatrixOperand operand);

/// The figures on metadata of section 9.7.14.6.2: the indices in 32 bits of the lanes that hold any, lowest bits first,
/// (index, lane) -> (row, place). A place is a stored element, or two of 4 bits, of which one index says where they
/// stand; an index has 2 bits, for elements of 32 bits 4. The lanes count the `metadataLanes` of each group of four.
///   Two lanes of a group share a row where elements have 16 or 32 bits, and have a row each where they have fewer.
Layout sparseMmaMetadata(const SparseMma &shape);

/// Section 9.7.15.6.2: the same for wgmma.mma_async.sp with 64 rows, for elements of 8, 16 or 32 bits and k = 512 /
/// bits; the third mode is the warp.
Result<Layout> sparseWgmmaMetadata(int64_t bits);

/// Section 9.7.14.3, "Block Scaling for mma.sync": the scale factors in the lowest bytes of the lanes that hold any,
/// for .scale_vec::1X, 2X and 4X (`count` factors of a row of A, or of a column of B). Of A (byte, lane) -> (row,
/// chunk), where the lanes count two of each group of four: 2 * thread-id-a and the next. Of B (byte, lane) -> (chunk,
/// column), one of each group: thread-id-b. Fails for the accumulator, and for other counts.
Result<Layout> scaleFragment(MatrixOperand operand, int64_t count);

//===----------------------------------------------------------------------===//
// ldmatrix, stmatrix, movmatrix
//===----------------------------------------------------------------------===//

/// Sections 9.7.14.5.15 and 16: what a lane holds of `count` (1, 2 or 4) matrices of 8 by 8 16-bit elements: (row,
/// column, matrix). Transposed, rows and columns are exchanged. movmatrix.trans (9.7.14.5.17) moves one matrix from the
/// first to the second form.
Layout matrixFragment(int64_t count, bool transposed);

/// The row to which each lane's address points, as eight elements in (register, lane): lanes 8i to 8i + 7 name the rows
/// of matrix i; the addresses of the other lanes repeat these here, and count for nothing.
Layout matrixRows(int64_t count);

/// Section 9.7.14.5.15, .m8n16 and .m16n16 (sm_100a and on): what a lane holds of `count` matrices of `rows` (8 or 16)
/// by 16 bytes, (row, column, matrix) as they lie in memory. Those of 16 rows are always transposed. Elements of 4 and
/// 6 bits (.b4x16_p64, .b6x16_p32) are unpacked to a byte each. Fails for more than 4 matrices of 8 rows, or 2 of 16.
Result<Layout> byteMatrixFragment(int64_t rows, int64_t count);

//===----------------------------------------------------------------------===//
// wgmma
//===----------------------------------------------------------------------===//

/// Section 9.7.15.5.1.1: operand A of wgmma in registers, 64 rows by 256 / bits columns, for elements of 8, 16 or 32
/// bits. Four warps of 16 rows each.
Result<Layout> wgmmaOperandA(int64_t bits);

/// The accumulator of wgmma, 64 rows by n columns, n a multiple of 8 up to 256.
Result<Layout> wgmmaAccumulator(int64_t n);

/// Sections 9.7.15.5.1.2, "Shared Memory Matrix Layout", and 5.5.7, "Swizzling Modes" (of tensor maps): in a swizzled
/// tile the chunks of 16 bytes of a row of `bytes` (32, 64 or 128) are permuted by the row's number: bits 4 and on of
/// the address are XORed with the bits from 7 on. On byte addresses; 16 is no swizzle.
Result<Swizzle> swizzleOfBytes(int64_t bytes);

/// The tile of eight rows of `bytes` bytes (16, 32, 64 or 128) that a swizzle permutes, in elements of `bits` (8, 16 or
/// 32): from (row, k) for an operand whose k is contiguous, or from (k, row) for one whose rows are.
Result<ComposedLayout> swizzleAtom(int64_t bytes, int64_t bits);

//===----------------------------------------------------------------------===//
// tcgen05: tensor memory
//===----------------------------------------------------------------------===//

/// Where an accumulator lies in tensor memory: 128 lanes of 512 columns of 32 bits in each CTA. Section 9.7.16.10.5,
/// "Data Path Layout Organization": (row, column) -> (lane, column, CTA). `ctas` is 1 or 2, m the rows of both
/// together; `warpSpecialised` is .ws.
///   layout A: m 256 over two CTAs; B: m 128 over two; D: m 128; E: m 64 with .ws; F: m 64; G: m 32 with .ws.
Result<Layout> tensorMemoryAccumulator(int64_t m, int64_t n, int64_t ctas, bool warpSpecialised);

/// How tcgen05.ld and tcgen05.st move tensor memory (section 9.7.16.2.3.1, "Memory Layout"): `width` is 32 for .32x32b,
/// and 64, 128 and 256 for .16x64b and so on; `count` is the number in .x1 to .x128. (register, lane) -> (lane, column)
/// of the 32 lanes that the warp owns; warp w of a warp group owns those from 32 (w mod 4) on. Fails where more than
/// 128 registers are moved.
Result<Layout> tensorMemoryFragment(int64_t width, int64_t count);

/// The same for .16x32bx2: lanes 16 to 31 hold the sixteen lanes of tensor memory once more, `splitOffset` columns on
/// (immHalfSplitoff). Fails where more than 128 registers are moved or the offset is negative.
Result<Layout> tensorMemorySplitFragment(int64_t count, int64_t splitOffset);

} // namespace tilec::layout::ptx

#endif // TILEC_LAYOUT_HARDWAREPTX_H
