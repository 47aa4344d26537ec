//===- SymbolicModes.h - Lists of leaves with symbols -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The building blocks of FlatModes.h for leaves with symbols.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_SYMBOLICMODES_H
#define TILEC_LIB_LAYOUT_SYMBOLICMODES_H

#include "tilec/Layout/SymbolicLayout.h"

namespace tilec::layout {

/// Appends a mode to a coalesced list, as its namesake does: merges it where it goes on, leaves it out where it has one
/// element.
void appendCoalesced(std::vector<SymbolicMode> &modes, const SymbolicMode &next);

/// The layout of a list: a leaf if it has one mode, otherwise of depth 1; 1:0 if it is empty.
SymbolicLayout layoutOf(std::vector<SymbolicMode> modes);

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_SYMBOLICMODES_H
