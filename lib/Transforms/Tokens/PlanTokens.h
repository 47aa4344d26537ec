//===- PlanTokens.h - the tokens that a needed order asks for ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_TRANSFORMS_TOKENS_PLANTOKENS_H
#define TILEC_LIB_TRANSFORMS_TOKENS_PLANTOKENS_H

#include "TokenPlan.h"
#include "tilec/Analysis/Conflicts.h"

namespace tilec {

/// Whether the order of two instances in a relation has to be kept, given that tokens order the first before the
/// second.
using IsNeeded = llvm::function_ref<bool(analysis::Access first, analysis::Access second, analysis::Relation relation)>;

/// The op through which tokens of the kernel go in a way that plans do not know, or null.
mlir::Operation *findUnknownTokenUse(tile::KernelOp kernel);

/// A plan, not yet simplified, that orders exactly those pairs of instances that the kernel's tokens order and
/// `isNeeded` asks for, directly or through others. Two kinds of order are added, both of grids: a grid's tokens are
/// those of all of its accesses, and what comes after a grid comes after what the grid waits for, also if the grid has
/// no iteration.
TokenPlan planTokens(tile::KernelOp kernel, IsNeeded isNeeded);

/// A pair of accesses that a plan orders, not through a third one.
struct Edge {
  analysis::Access first, second;
  analysis::Relation relation;
};

/// The edges of a plan, in program order of the second access.
llvm::SmallVector<Edge> edgesOf(TokenPlan &plan);

} // namespace tilec

#endif // TILEC_LIB_TRANSFORMS_TOKENS_PLANTOKENS_H
