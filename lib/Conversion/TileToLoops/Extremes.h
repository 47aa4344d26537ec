//===- Extremes.h - the largest and smallest of many floats -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The largest float, such that NaN is larger than all and -0 less than +0, takes half a dozen instructions for each
// vector, in a chain. The bits of floats are ordered as integers, among those of one sign at least: a running extreme
// is the largest signed, the smallest unsigned and the largest unsigned integer, each an instruction without a wait,
// and becomes a float at the end.

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_EXTREMES_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_EXTREMES_H

#include "Code.h"

#include "dialects/Tile/Tile.h"

namespace tilec::loops {

/// A running largest or smallest f32, in each lane.
class Extreme {
public:
  /// How many integers it consists of.
  static constexpr unsigned count = 3;

  /// What `op` computes; null if it is no largest or smallest element that f32 carries.
  static std::optional<Extreme> of(tile::ReduceOp op);

  /// The extreme of `x` alone.
  static SmallVector<Value> of(Code &c, Value x);
  /// The extreme of two parts, each of `count` integers.
  static SmallVector<Value> merge(Code &c, ValueRange one, ValueRange other);
  /// The f32.
  Value finish(Code &c, ValueRange extreme) const;

private:
  explicit Extreme(bool isLargest) : isLargest(isLargest) {}
  bool isLargest;
};

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_EXTREMES_H
