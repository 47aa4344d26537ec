//===- HardwarePTX.cpp - Layouts of NVIDIA's instruction set ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/HardwarePTX.h"

#include "CheckedMath.h"
#include "FragmentModes.h"

#include <algorithm>

using namespace tilec::layout;
using namespace tilec::layout::ptx;

//===----------------------------------------------------------------------===//
// mma.sync
//===----------------------------------------------------------------------===//

const std::vector<Mma> &ptx::mmaShapes() {
  static const std::vector<Mma> shapes = {
      {8, 8, 4, 64, 80},  {16, 8, 4, 64, 90},  {16, 8, 8, 64, 90},  {16, 8, 16, 64, 90}, // f64
      {16, 8, 4, 32, 80}, {16, 8, 8, 32, 80},                                            // tf32
      {16, 8, 8, 16, 75}, {16, 8, 16, 16, 80},                                           // f16, bf16 (from 80 on)
      {8, 8, 16, 8, 75},  {16, 8, 16, 8, 80},  {16, 8, 32, 8, 80},  // s8, u8; e4m3, e5m2 (from 89 on, 16 rows)
      {8, 8, 32, 4, 75},  {16, 8, 32, 4, 80},  {16, 8, 64, 4, 80},  // s4, u4
      {8, 8, 128, 1, 75}, {16, 8, 128, 1, 80}, {16, 8, 256, 1, 80}, // b1
  };
  return shapes;
}

/// Elements of 64 bits fill two registers, but count as one.
static int64_t perRegister(int64_t bits) { return std::max<int64_t>(32 / bits, 1); }

Layout ptx::mmaFragment(const Mma &shape, MatrixOperand operand) {
  int64_t packed = perRegister(shape.bits), groups = shape.k / (4 * packed);
  switch (operand) {
  case MatrixOperand::A:
    return fragment({{{packed, columns(1)}, {shape.m / 8, rows(8)}, {groups, columns(4 * packed)}},
                     {{4, columns(packed)}, {8, rows(1)}}});
  case MatrixOperand::B:
    return fragment({{{packed, rows(1)}, {groups, rows(4 * packed)}}, {{4, rows(packed)}, {8, columns(1)}}});
  case MatrixOperand::Accumulator:
    break;
  }
  return fragment({{{2, columns(1)}, {shape.m / 8, rows(8)}}, {{4, columns(2)}, {8, rows(1)}}});
}

Layout ptx::quadPairFragment(MatrixOperand operand, bool rowMajor, int64_t bits) {
  // Lanes: four of a quad, four matrices, two halves of a warp.
  switch (operand) {
  case MatrixOperand::A:
    if (rowMajor)
      return fragment({{{4, columns(1)}}, {{4, rows(1)}, {4, blocks(1)}, {2, rows(4)}}});
    return fragment({{{4, rows(1)}}, {{4, columns(1)}, {4, blocks(1)}, {2, rows(4)}}});
  case MatrixOperand::B:
    if (rowMajor)
      return fragment({{{4, columns(1)}}, {{4, rows(1)}, {4, blocks(1)}, {2, columns(4)}}});
    return fragment({{{4, rows(1)}}, {{4, columns(1)}, {4, blocks(1)}, {2, columns(4)}}});
  case MatrixOperand::Accumulator:
    break;
  }
  if (bits == 16)
    return fragment({{{8, columns(1)}}, {{4, rows(1)}, {4, blocks(1)}, {2, rows(4)}}});
  return fragment({{{2, columns(1)}, {2, rows(2)}, {2, columns(4)}},
                   {{2, rows(1)}, {2, columns(2)}, {4, blocks(1)}, {2, rows(4)}}});
}

//===----------------------------------------------------------------------===//
// ldmatrix, stmatrix, movmatrix
//===----------------------------------------------------------------------===//

Layout ptx::matrixFragment(int64_t count, bool transposed) {
  if (transposed)
    return fragment({{{2, rows(1)}, {count, blocks(1)}}, {{4, rows(2)}, {8, columns(1)}}});
  return fragment({{{2, columns(1)}, {count, blocks(1)}}, {{4, columns(2)}, {8, rows(1)}}});
}

Layout ptx::matrixRows(int64_t count) {
  return fragment({{{8, columns(1)}}, {{8, rows(1)}, {count, blocks(1)}, {4 / count, Offset(0)}}});
}

Result<Layout> ptx::byteMatrixFragment(int64_t numRows, int64_t count) {
  if ((numRows != 8 && numRows != 16) || !isPowerOfTwo(count) || numRows * count > 32)
    return Error{"ldmatrix loads 1, 2 or 4 matrices of 8 rows, or 1 or 2 of 16 rows, of 16 bytes, not " +
                 std::to_string(count) + " of " + std::to_string(numRows) + " rows"};
  if (numRows == 8)
    return fragment({{{4, columns(1)}, {count, blocks(1)}}, {{4, columns(4)}, {8, rows(1)}}});
  return fragment({{{4, rows(1)}, {2, columns(8)}, {count, blocks(1)}}, {{4, rows(4)}, {8, columns(1)}}});
}

//===----------------------------------------------------------------------===//
// wgmma
//===----------------------------------------------------------------------===//

Result<Layout> ptx::wgmmaOperandA(int64_t bits) {
  if (bits != 8 && bits != 16 && bits != 32)
    return Error{"operand A of wgmma has elements of 8, 16 or 32 bits, not " + std::to_string(bits)};
  int64_t packed = perRegister(bits);
  return fragment({{{packed, columns(1)}, {2, rows(8)}, {2, columns(4 * packed)}},
                   {{4, columns(packed)}, {8, rows(1)}},
                   {{4, rows(16)}}});
}

Result<Layout> ptx::wgmmaAccumulator(int64_t n) {
  if (n <= 0 || n > 256 || n % 8)
    return Error{"the accumulator of wgmma has a multiple of 8 columns, at most 256, not " + std::to_string(n)};
  return fragment(
      {{{2, columns(1)}, {2, rows(8)}, {n / 8, columns(8)}}, {{4, columns(2)}, {8, rows(1)}}, {{4, rows(16)}}});
}

Result<Swizzle> ptx::swizzleOfBytes(int64_t bytes) {
  if (bytes != 16 && bytes != 32 && bytes != 64 && bytes != 128)
    return Error{"rows of 16, 32, 64 or 128 bytes are swizzled, not of " + std::to_string(bytes)};
  int64_t bits = bitsOf(bytes / 16);
  return Swizzle::make(bits, bits ? 4 : 0, bits ? 3 : 0);
}

Result<ComposedLayout> ptx::swizzleAtom(int64_t bytes, int64_t bits) {
  Result<Swizzle> swizzle = swizzleOfBytes(bytes);
  if (!swizzle)
    return swizzle.error();
  if (bits != 8 && bits != 16 && bits != 32)
    return Error{"swizzled tiles have elements of 8, 16 or 32 bits, not " + std::to_string(bits)};
  int64_t width = 8 * bytes / bits;
  Layout tile = *Layout::make(Profile::flat(2), {{8, Offset(width)}, {width, Offset(1)}});
  if (!swizzle->bits())
    return ComposedLayout{{}, 0, tile};
  return ComposedLayout{*shiftBase(*swizzle, bitsOf(bits / 8)), 0, tile};
}

//===----------------------------------------------------------------------===//
// Tensor memory
//===----------------------------------------------------------------------===//

Result<Layout> ptx::tensorMemoryAccumulator(int64_t m, int64_t n, int64_t ctas, bool warpSpecialised) {
  // Of the result, rows(), columns() and blocks() are lanes, columns and CTAs.
  auto layout = [](const std::vector<Mode> &ofRow, const std::vector<Mode> &ofColumn) -> Result<Layout> {
    return fragment({ofRow, ofColumn});
  };
  if (n <= 0 || n % 8 || n > 256)
    return Error{"an accumulator in tensor memory has a multiple of 8 columns, at most 256, not " + std::to_string(n)};
  if (ctas == 2 && !warpSpecialised && m == 256) // A
    return layout({{128, rows(1)}, {2, blocks(1)}}, {{n, columns(1)}});
  if (ctas == 2 && !warpSpecialised && m == 128) // B
    return layout({{64, rows(1)}, {2, blocks(1)}}, {{n / 2, columns(1)}, {2, rows(64)}});
  if (ctas == 1 && m == 128) // D
    return layout({{128, rows(1)}}, {{n, columns(1)}});
  if (ctas == 1 && warpSpecialised && m == 64) // E
    return layout({{64, rows(1)}}, {{n / 2, columns(1)}, {2, rows(64)}});
  if (ctas == 1 && m == 64) // F
    return layout({{16, rows(1)}, {4, rows(32)}}, {{n, columns(1)}});
  if (ctas == 1 && warpSpecialised && m == 32) // G
    return layout({{32, rows(1)}}, {{n / 4, columns(1)}, {4, rows(32)}});
  return Error{"tensor memory has no layout for an accumulator of " + std::to_string(m) + " rows over " +
               std::to_string(ctas) + " CTAs" + (warpSpecialised ? " with .ws" : "")};
}

Result<Layout> ptx::tensorMemoryFragment(int64_t width, int64_t count) {
  if (width != 32 && width != 64 && width != 128 && width != 256)
    return Error{"tensor memory moves 32, 64, 128 or 256 bits of a lane, not " + std::to_string(width)};
  int64_t registers = width <= 64 ? count : count * width / 64;
  if (!isPowerOfTwo(count) || registers > 128)
    return Error{"tensor memory moves a power of two of registers, at most 128, not " + std::to_string(registers)};
  if (width == 32)
    return fragment({{{count, columns(1)}}, {{32, rows(1)}}});
  if (width == 64)
    return fragment({{{count, columns(2)}}, {{2, rows(8)}, {2, columns(1)}, {8, rows(1)}}});
  if (width == 128)
    return fragment({{{2, rows(8)}, {count, columns(4)}}, {{4, columns(1)}, {8, rows(1)}}});
  return fragment({{{2, columns(1)}, {2, rows(8)}, {count, columns(8)}}, {{4, columns(2)}, {8, rows(1)}}});
}

Result<Layout> ptx::tensorMemorySplitFragment(int64_t count, int64_t splitOffset) {
  if (!isPowerOfTwo(count) || count > 128)
    return Error{"tensor memory moves a power of two of registers, at most 128, not " + std::to_string(count)};
  if (splitOffset < 0 || splitOffset > 512)
    return Error{"tensor memory has 512 columns, and the second half cannot be " + std::to_string(splitOffset) +
                 " columns on"};
  return fragment({{{count, columns(1)}}, {{16, rows(1)}, {2, columns(splitOffset)}}});
}
