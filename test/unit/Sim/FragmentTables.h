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

} // namespace tilec::sim::ptx

#endif // TILEC_TEST_UNIT_SIM_FRAGMENTTABLES_H
