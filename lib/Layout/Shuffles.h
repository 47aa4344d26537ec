//===- Shuffles.h - The shuffles of a conversion ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Lists what a conversion within warps moves.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_SHUFFLES_H
#define TILEC_LIB_LAYOUT_SHUFFLES_H

#include "tilec/Layout/Conversion.h"

namespace tilec::layout {

/// Sets `own`, `shuffles` and `fewest` of a conversion whose warps hold all that they want.
void findShuffles(const DistributedLayout &from, const DistributedLayout &to, Conversion &result);

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_SHUFFLES_H
