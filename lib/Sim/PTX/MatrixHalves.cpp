//===- MatrixHalves.cpp - mma.sync of 16-bit floats, in vector code -===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What most programs multiply: dense m16n8k8 and m16n8k16 of f16 or bf16 with sums of f32. The result is that of the
// general form in MatrixMultiply.cpp, to the last bit: products of such elements are exact in f64, and are added in the
// order of k.

#include "MatrixHalves.h"
#include "Execute.h"

using namespace tilec::sim::ptx;

static constexpr unsigned kM = 16, kN = 8;

/// The value of an element of 16 bits; a NaN is some NaN.
template <Element type> [[gnu::always_inline]] static inline double widen(uint16_t bits) {
  if constexpr (type == Element::BF16)
    return llvm::bit_cast<float>(uint32_t(bits) << 16);
  // The exponent's bias is 15 there and 127 here: a scaling by a power of two, which is exact for subnormals too.
  uint32_t magnitude = uint32_t(bits & 0x7fff) << 13;
  float scaled = llvm::bit_cast<float>(magnitude) * 0x1p112f;
  uint32_t number = llvm::bit_cast<uint32_t>(scaled), special = magnitude | 0x7f800000;
  return llvm::bit_cast<float>(((bits & 0x7c00) == 0x7c00 ? special : number) | uint32_t(bits & 0x8000) << 16);
}

/// In Op: the slots of d, a, b and c in a list. With `group = lane / 4` and `part = lane % 4` register r of a is a pair
/// of row `group + 8 * (r % 2)`, the one of b a pair of column `group`, both pair `part + 4 * n` of the row or column,
/// for the n-th such register; an element of c is in row `group + 8 * (i / 2)` and column `2 * part + i % 2`.
template <Element type, unsigned k>
[[gnu::always_inline]] static inline Step multiplyHalves(Warp &warp, const Op &op, Mask mask) {
  Step step;
  if (!isWhole(warp, op, mask, step))
    return step;
  const Slot *d = warp.getCode().lists[op.list].data(), *a = d + 4, *b = a + k / 4, *c = b + k / 8;
  alignas(64) uint32_t aPairs[kM][k / 2], bPairs[kN][k / 2];
  for (unsigned r = 0; r != k / 4; ++r) {
    const Lanes &lanes = warp.source(a[r]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      aPairs[lane / 4 + 8 * (r % 2)][lane % 4 + 4 * (r / 2)] = lanes.v[lane];
  }
  for (unsigned r = 0; r != k / 8; ++r) {
    const Lanes &lanes = warp.source(b[r]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      bPairs[lane / 4][lane % 4 + 4 * r] = lanes.v[lane];
  }
  alignas(64) double left[kM][k], columns[kN][k], right[k][kN], sum[kM][kN];
  for (unsigned row = 0; row != kM; ++row)
    for (unsigned i = 0; i != k; ++i)
      left[row][i] = widen<type>(aPairs[row][i / 2] >> (16 * (i % 2)));
  for (unsigned column = 0; column != kN; ++column)
    for (unsigned i = 0; i != k; ++i)
      columns[column][i] = widen<type>(bPairs[column][i / 2] >> (16 * (i % 2)));
  for (unsigned i = 0; i != k; ++i)
    for (unsigned column = 0; column != kN; ++column)
      right[i][column] = columns[column][i];
  for (unsigned i = 0; i != 4; ++i) {
    const Lanes &lanes = warp.source(c[i]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      sum[lane / 4 + 8 * (i / 2)][lane % 4 * 2 + i % 2] = fromBits<float>(lanes.v[lane]);
  }
  for (unsigned row = 0; row != kM; ++row)
    for (unsigned i = 0; i != k; ++i)
      for (unsigned column = 0; column != kN; ++column)
        sum[row][column] += left[row][i] * right[i][column];
  for (unsigned i = 0; i != 4; ++i) {
    Lanes &lanes = warp.reg(d[i]);
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      float value = static_cast<float>(sum[lane / 4 + 8 * (i / 2)][lane % 4 * 2 + i % 2]);
      lanes.v[lane] = value == value ? toBits(value) : 0x7fffffff;
    }
  }
  return Step::Next;
}

Execute tilec::sim::ptx::multiplyOfHalves(const Shape &shape, Element a, Element b, Element c, Element d) {
  if (shape.m != kM || shape.n != kN || a != b || c != Element::F32 || d != Element::F32)
    return nullptr;
  if (a == Element::F16)
    return shape.k == 16  ? vectorised<multiplyHalves<Element::F16, 16>>
           : shape.k == 8 ? vectorised<multiplyHalves<Element::F16, 8>>
                          : nullptr;
  if (a == Element::BF16)
    return shape.k == 16  ? vectorised<multiplyHalves<Element::BF16, 16>>
           : shape.k == 8 ? vectorised<multiplyHalves<Element::BF16, 8>>
                          : nullptr;
  return nullptr;
}
