//===- Table.h - Layouts as tables of text ----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Prints all values of a layout, for people.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_TABLE_H
#define TILEC_LAYOUT_TABLE_H

#include "tilec/Layout/Swizzle.h"

namespace tilec::layout {

/// No table is larger than this.
inline constexpr int64_t maxTableSize = int64_t(1) << 16;

/// The values as text: numbers as numbers, coordinates as tuples (in order of their basis vectors), anything else as a
/// sum.
Result<std::vector<std::string>> valuesAsText(const ComposedLayout &layout);

/// A table of all values: mode 0 goes down, all other modes go across (mode 1 fastest), with the indices of both at the
/// edges. A layout of rank 1 is one row. Fails for more than maxTableSize elements.
///
///   (2,3):(3,1)      0  1  2
///                 +---------
///               0 | 0  1  2
///               1 | 3  4  5
Result<std::string> printTable(const ComposedLayout &layout);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_TABLE_H
