//===- AccessOracle.h - Costs of accesses, by the definitions ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The costs that Access.h counts, spelled out as the definitions say them, with
/// sets and without the library's short cuts.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_LAYOUT_ACCESSORACLE_H
#define TILEC_TEST_UNIT_LAYOUT_ACCESSORACLE_H

#include "tilec/Layout/Access.h"

#include <functional>

namespace tilec::layout::test {

/// The passes through the banks: for each phase the most words that one bank delivers.
int64_t countWavefronts(const WarpAccess &access, const BankModel &banks);

/// Bit by bit: bit i of the target field is XORed with bit i of the source field. The target field starts at `base` and
/// the source field `shift` bits above it; for a negative shift the source starts at `base` and the target above.
int64_t swizzledByDefinition(int64_t offset, int moved, int base, int shift);

/// The wavefronts of accessing a whole tile with the widest vectors that all threads have in the same registers;
/// nothing where that is not the required width.
std::optional<int64_t> wavefrontsOfTile(const DistributedLayout &threads, const Layout &memory,
                                        const std::function<int64_t(int64_t)> &swizzle, int64_t elementBytes,
                                        const BankModel &banks, AccessKind kind, int64_t requiredBytes);

} // namespace tilec::layout::test

#endif // TILEC_TEST_UNIT_LAYOUT_ACCESSORACLE_H
