//===- HardwarePTXSparse.cpp - Sparse and scaled operands -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/HardwarePTX.h"

#include "FragmentModes.h"

using namespace tilec::layout;
using namespace tilec::layout::ptx;

const std::vector<SparseMma> &ptx::sparseMmaShapes() {
  static const std::vector<SparseMma> shapes = {
      {16, 16, 1, 80}, {32, 16, 2, 80}, // f16, bf16
      {8, 32, 1, 80},  {16, 32, 2, 80}, // tf32
      {32, 8, 2, 80},  {64, 8, 4, 80},  // s8, u8; e4m3, e5m2 (k 64, from 89 on)
      {64, 4, 2, 80},  {128, 4, 4, 80}, // s4, u4; e2m1 (k 128, from 120 on)
  };
  return shapes;
}

Layout ptx::sparseMmaFragment(const SparseMma &shape, MatrixOperand operand) {
  int64_t k = operand == MatrixOperand::A ? shape.k / 2 : shape.k;
  return mmaFragment({16, 8, k, shape.bits, shape.capability}, operand);
}

Layout ptx::sparseMmaMetadata(const SparseMma &shape) {
  // The indices of a row, and how many of them a lane holds.
  int64_t places = shape.bits == 4 ? shape.k / 4 : shape.k / 2, indices = shape.bits == 32 ? 8 : 16;
  if (shape.bits < 16) {
    // A lane holds indices of one row.
    int64_t alongK = places / indices;
    return fragment({{{indices, columns(1)}}, {{2, rows(8)}, {alongK, columns(indices)}, {8, rows(1)}}});
  }
  int64_t half = indices / 2;
  return fragment({{{half, columns(1)}, {2, rows(8)}}, {{shape.metadataLanes, columns(half)}, {8, rows(1)}}});
}

Result<Layout> ptx::sparseWgmmaMetadata(int64_t bits) {
  if (bits != 8 && bits != 16 && bits != 32)
    return Error{"a sparse operand of wgmma has elements of 8, 16 or 32 bits, not " + std::to_string(bits)};
  Layout warp = sparseMmaMetadata({512 / bits, bits, bits == 8 ? 4 : 2, 90});
  return Layout::make({warp.mode(0), warp.mode(1), steps({{4, rows(16)}})});
}

Result<Layout> ptx::scaleFragment(MatrixOperand operand, int64_t count) {
  if (count != 1 && count != 2 && count != 4)
    return Error{"a row has 1, 2 or 4 scale factors, not " + std::to_string(count)};
  if (operand == MatrixOperand::Accumulator)
    return Error{"an accumulator has no scale factors"};
  if (operand == MatrixOperand::A)
    return fragment({{{count, columns(1)}}, {{2, rows(8)}, {8, rows(1)}}});
  return fragment({{{count, rows(1)}}, {{8, columns(1)}}});
}
