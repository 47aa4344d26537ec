//===- CheckedMath.h - Arithmetic that notices overflow ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// 64-bit arithmetic that says whether it overflowed, multiplication of bit
/// masks without carry, and the printing of trees.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_CHECKEDMATH_H
#define TILEC_LIB_LAYOUT_CHECKEDMATH_H

#include "tilec/Layout/Tuple.h"

#include <bit>

namespace tilec::layout {

/// No layout has more elements, and none maps beyond it.
inline constexpr int64_t maxSize = int64_t(1) << 62;

inline bool multiply(int64_t a, int64_t b, int64_t &product) { return !__builtin_mul_overflow(a, b, &product); }
inline bool add(int64_t a, int64_t b, int64_t &sum) { return !__builtin_add_overflow(a, b, &sum); }

inline bool isPowerOfTwo(int64_t value) { return value > 0 && std::has_single_bit(static_cast<uint64_t>(value)); }
/// The number of bits up to the highest one that is set.
inline int bitWidth(uint64_t value) { return static_cast<int>(std::bit_width(value)); }
/// The number of bits that the numbers 0 to size - 1 take.
inline int bitsOf(int64_t size) { return bitWidth(static_cast<uint64_t>(size - 1)); }

/// The product over F2[x]: the XOR of `mask` shifted by the place of each bit of `factor`. False where a bit would
/// leave the lowest 62.
inline bool multiplyCarryless(uint64_t mask, int64_t factor, uint64_t &product) {
  product = 0;
  if (!mask || !factor)
    return true;
  if (factor < 0 || bitWidth(mask) + bitWidth(static_cast<uint64_t>(factor)) - 1 > 62)
    return false;
  for (uint64_t rest = static_cast<uint64_t>(factor); rest; rest &= rest - 1)
    product ^= mask << std::countr_zero(rest);
  return true;
}

/// Prints the tree of a profile with `leaf(i)` at leaf i.
template <class Leaf> std::string printTree(const Profile &profile, Leaf leaf) {
  std::string text;
  std::vector<int32_t> open;
  size_t next = 0;
  bool first = true;
  for (int32_t node : profile.nodes) {
    if (!first)
      text += ',';
    first = false;
    if (!open.empty())
      --open.back();
    if (node == Profile::leafNode) {
      text += leaf(next++);
    } else {
      text += '(';
      open.push_back(node);
      first = true;
    }
    while (!open.empty() && !open.back()) {
      text += ')';
      open.pop_back();
      first = false;
    }
  }
  return text;
}

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_CHECKEDMATH_H
