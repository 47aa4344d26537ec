//===- FragmentTables.h - what the manual says of fragments -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The sentences of the PTX ISA manual on the rows and the columns of fragments (sections 9.7.14.5.1 to 9.7.14.5.13),
/// shape by shape, as they stand there: with groupID = lane / 4 (here g) and threadID_in_group = lane % 4 (here t),
/// element i of a lane. They share nothing with the simulator and the layout library.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_SIM_FRAGMENTTABLES_H
#define TILEC_TEST_UNIT_SIM_FRAGMENTTABLES_H

#include <string>
#include <vector>

namespace tilec::sim::ptx {

/// A row or a column of an element.
using FragmentRule = unsigned (*)(unsigned g, unsigned t, unsigned i);

/// A shape of mma.sync with what A and B may hold.
struct MmaFragments {
  unsigned m, n, k;
  /// The bits of an element of A and B.
  unsigned bits;
  /// The types of A and B, and of C and D.
  std::vector<std::string> factors, sums;
  FragmentRule rowOfA, columnOfA, rowOfB, columnOfB, rowOfC, columnOfC;
};

/// All dense shapes but m8n8k4 of f16.
const std::vector<MmaFragments> &mmaFragments();

/// A cell of a figure on metadata: the bits from `low` on, of lane 4 * group + `lane` after the lanes that the selector
/// leaves out, are the places of the columns `first` to `last` of row group + `row`, chunk by chunk, 4 bits each.
struct MetadataCell {
  unsigned row, first, last, lane, low;
};

/// A shape of mma.sp (section 9.7.14.6.2), m16n8: element i of a lane's A stands among the columns from `firstColumn`
/// on, `range` of them, of which half are stored in order.
struct SparseFragments {
  unsigned k, bits;
  std::vector<std::string> factors;
  std::string sum;
  FragmentRule rowOfA, firstColumn;
  unsigned range;
  /// The columns of a chunk, which half are stored of, and how many lanes of four have metadata.
  unsigned chunk, lanes;
  std::vector<MetadataCell> metadata;
};

/// All shapes of elements with 4 to 32 bits.
const std::vector<SparseFragments> &sparseFragments();

} // namespace tilec::sim::ptx

#endif // TILEC_TEST_UNIT_SIM_FRAGMENTTABLES_H
