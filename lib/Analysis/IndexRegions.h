//===- IndexRegions.h - what a subscript can touch --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_ANALYSIS_INDEXREGIONS_H
#define TILEC_LIB_ANALYSIS_INDEXREGIONS_H

#include "tilec/Analysis/Access.h"
#include "tilec/Analysis/IndexForms.h"

namespace tilec::analysis {

/// The array indices along one dim that a subscript may touch: `[begin, begin + size)`, and below each of `ends`. If
/// `begin` is not exact, the indices are congruent to these modulo 2^32.
struct IndexRegion {
  /// False if nothing is known: the subscript is data.
  bool isKnown = false;
  LinearForm begin, size;
  /// Exact bounds, beside `begin + size`; none if `begin` is not exact.
  llvm::SmallVector<LinearForm, 1> ends;
  /// All that the array's dim has.
  bool isWhole = false;
  /// True if the touched indices are all of the region's, apart from those that `ends` or the array's dim cut off.
  bool isFull = false;
  /// For an integer tile: the axis along which its indices differ, if they do so along one only.
  std::optional<unsigned> axis;
};

/// The region of an integer tile, or of an index.
IndexRegion regionOf(mlir::Value subscript, IndexForms &forms);

/// The regions of an access, one per dim of the array.
llvm::SmallVector<IndexRegion, 2> regionsOf(Access access, IndexForms &forms);

} // namespace tilec::analysis

#endif // TILEC_LIB_ANALYSIS_INDEXREGIONS_H
