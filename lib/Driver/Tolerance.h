//===- Tolerance.h - how far two right results may be apart -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_TOLERANCE_H
#define TILEC_LIB_DRIVER_TOLERANCE_H

#include "dialects/Tile/Tile.h"

#include "tilec/Runtime/DType.h"

namespace tilec {

/// What a kernel rounds between its arrays and its results.
struct Roundings {
  /// The sum of the units (the distance from 1 to the next number) of the types
  /// that its single operations round to. An elementary function counts eight
  /// times: four units in the last place for each of the two executions.
  double single = 0;
  /// The unit of the coarsest type that a sum or a loop carries; 0 without one.
  double carried = 0;
};

/// Counts the roundings of a kernel at phase tile.
Roundings countRoundings(tile::KernelOp kernel);

/// The relative difference, to the largest element, that a result of
/// `numElements` elements may have between two right executions, where no element
/// takes more than `terms` terms of sums. 0 for integers. docs/numerics.md derives
/// it.
double deriveTolerance(const Roundings &roundings, DType result, double terms, int64_t numElements);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_TOLERANCE_H
