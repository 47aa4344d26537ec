//===- OrderRules.cpp - which accesses must be ordered ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Analysis/OrderRules.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

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

std::string analysis::placeName(Location location) {
  FileLineColLoc place;
  location->walk([&](Location inner) {
    place = dyn_cast<FileLineColLoc>(inner);
    return place ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (!place)
    return "an unknown place";
  return (place.getFilename().getValue() + ":" + Twine(place.getLine()) + ":" + Twine(place.getColumn())).str();
}

std::string analysis::loopName(Operation *loop) {
  if (auto grid = dyn_cast<GridOp>(loop))
    return "the grid at " + placeName(grid.getLoc());
  if (auto sequential = dyn_cast<scf::ForOp>(loop))
    for (Operation *user : sequential.getInductionVar().getUsers())
      if (auto range = dyn_cast<RangeOp>(user);
          range && range.getBegin() == sequential.getInductionVar() && range.getName())
        return ("loop `" + *range.getName() + "`").str();
  return "the loop at " + placeName(loop->getLoc());
}
