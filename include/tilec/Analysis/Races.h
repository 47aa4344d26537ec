//===- Races.h - races that follow from the IR alone ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_RACES_H
#define TILEC_ANALYSIS_RACES_H

#include "tilec/Analysis/OrderRules.h"
#include "tilec/Analysis/TokenOrder.h"

namespace tilec::analysis {

/// Two accesses that may race: instances of them may touch one element, one of them writing, no token orders them, and
/// they are not atomic to each other.
struct Race {
  /// In which instances.
  enum class Kind {
    Lanes,      ///< Two lanes of one store.
    Iteration,  ///< In one iteration of all loops around both.
    Carried,    ///< In an earlier iteration of a loop and in a later one.
    Iterations, ///< In two iterations of one grid.
    Grids,      ///< In two grids.
  };
  /// How sure it is.
  enum class Certainty {
    Possible,  ///< It is not known whether they touch one element, or whether synchronisation orders them.
    IfBothRun, ///< Wherever both instances exist: both ways are taken, there is a second iteration.
    Certain,   ///< In every run that gets there.
  };

  /// In the order of the text; one access for lanes, and where an access races with itself.
  Access first, second;
  Kind kind;
  /// What carries it: the loop or grid; null for the others.
  mlir::Operation *loop = nullptr;
  Certainty certainty = Certainty::Possible;
  /// A release after one and an acquire before the other may synchronise. What a read gives is not known here.
  bool maySynchronise = false;
  /// Both are atomic, but in a scope that does not include the other one's iteration.
  bool hasNarrowScope = false;
};

/// The races of a kernel, in the order of the text: of each pair of accesses the one that is surest.
llvm::SmallVector<Race> findRaces(tile::KernelOp kernel, Conflicts &conflicts);

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_RACES_H
