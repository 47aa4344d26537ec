//===- OrderRules.h - which accesses must be ordered ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_ORDERRULES_H
#define TILEC_ANALYSIS_ORDERRULES_H

#include "tilec/Analysis/Conflicts.h"

namespace tilec::analysis {

/// Whether instances of two accesses touch a common element: in the same iteration of all loops around both, or, with
/// `loop`, `earlier` in an earlier iteration of it than `later` (of a grid, in another one).
Overlap findOverlap(Conflicts &conflicts, Access earlier, Access later, mlir::Operation *loop);

/// The same if one of them writes; two reads do not conflict.
Overlap findConflict(Conflicts &conflicts, Access earlier, Access later, mlir::Operation *loop);

/// Whether a pass must keep the order of two such instances, if tokens order them (rule P1 of docs/memory-model.md):
/// they may touch one element, unless both only read and one of them is weak; or the earlier one acquires; or the later
/// one releases.
bool needsOrder(Conflicts &conflicts, Access earlier, Access later, mlir::Operation *loop);

/// A loop or grid in the source's terms: "loop `k`", "the loop at k.tile:3:5".
std::string loopName(mlir::Operation *loop);

/// "file:line:column" of the first place in a file behind a location.
std::string placeName(mlir::Location location);

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_ORDERRULES_H
