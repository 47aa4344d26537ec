//===- OrderRules.cpp - which accesses must be ordered ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Analysis/OrderRules.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;

Overlap analysis::findOverlap(Conflicts &conflicts, Access earlier, Access later, Operation *loop) {
  if (!loop)
    return conflicts.overlap(earlier, later, Relation::same());
  if (auto grid = dyn_cast<tile::GridOp>(loop))
    return conflicts.overlap(earlier, later, Relation::across(grid));
  if (isSequentialLoop(loop))
    return conflicts.overlap(earlier, later, Relation::carriedBy(loop));
  // An op with regions that the analysis does not know.
  return Conflicts::mayAlias(earlier.getArray(), later.getArray()) ? Overlap::May : Overlap::Never;
}

Overlap analysis::findConflict(Conflicts &conflicts, Access earlier, Access later, Operation *loop) {
  return earlier.writes() || later.writes() ? findOverlap(conflicts, earlier, later, loop) : Overlap::Never;
}

bool analysis::needsOrder(Conflicts &conflicts, Access earlier, Access later, Operation *loop) {
  if (earlier.acquires() || later.releases())
    return true;
  bool matters = earlier.writes() || later.writes() || (earlier.isAtomic() && later.isAtomic());
  return matters && findOverlap(conflicts, earlier, later, loop) != Overlap::Never;
}
