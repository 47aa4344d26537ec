//===- Conflicts.h - which accesses may touch one element -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_CONFLICTS_H
#define TILEC_ANALYSIS_CONFLICTS_H

#include "tilec/Analysis/Access.h"

namespace tilec::analysis {

/// Whether two instances of accesses touch a common element.
///
/// `Never` and `Must` are proven, `May` is not known. `Must` speaks of instances that exist: any two of them that are
/// both executed and both touch an element touch a common one. Whether they are executed (a branch is taken, a loop has
/// two iterations, a tile is not empty) is another question; see Conflicts::hasTwoIterations.
enum class Overlap { Never, May, Must };

/// Which instances of two accesses are compared. In all of them the loops around both that are outside of the named one
/// are at the same iteration, and loops inside it, or around only one of the accesses, are at any.
struct Relation {
  enum class Kind {
    /// The same iteration of every loop and grid around both: also the relation of two different grids. For an access
    /// with
    /// itself this is one instance, and two of its lanes are compared.
    Same,
    /// The first access in an iteration of the sequential loop `loop` (scf.for, scf.while), the second in a later one.
    Carried,
    /// The two accesses in two different iterations, in either order, of the grid `loop`. Here `Must` says that there
    /// is a
    /// dim of the grid such that every two iterations that differ in this dim alone overlap.
    Across,
  };

  Kind kind = Kind::Same;
  mlir::Operation *loop = nullptr;

  static Relation same() { return {}; }
  static Relation carriedBy(mlir::Operation *loop) { return {Kind::Carried, loop}; }
  static Relation across(tile::GridOp grid) { return {Kind::Across, grid}; }
  bool operator==(const Relation &other) const { return kind == other.kind && loop == other.loop; }
};

/// Conflict analysis of one kernel: alias analysis of its arrays, and regions of subscripts as linear forms over loop
/// counts, dims and sizes of tiles. It works on phases tile and configured: a size that is not bound is a symbol.
///
/// Arrays: parameters are distinct storage unless both carry a common number in the argument attribute `tile.alias`;
/// temporaries are distinct from everything. Forms and regions are remembered, and so is each answer; the instance is
/// valid until the IR changes.
class Conflicts {
public:
  explicit Conflicts(tile::KernelOp kernel);
  ~Conflicts();

  /// The accesses of the kernel, in program order.
  llvm::ArrayRef<Access> accesses() const;

  /// Whether instances of `a` and `b` in `relation` touch a common element. `a` and `b` may be one access. Carried
  /// needs a loop around both, Across a grid around both.
  Overlap overlap(Access a, Access b, Relation relation);

  /// Whether instances may touch a common element, and at least one of them writes.
  bool mayConflict(Access a, Access b, Relation relation);
  /// Whether instances touch a common element (as `Overlap::Must` means it), and at least one of them writes.
  bool mustConflict(Access a, Access b, Relation relation);

  /// Whether a pass has to keep `first` before `second`, given that tokens order them (docs/memory-model.md, P1): the
  /// second is a release, the first an acquire, or they may touch a common element, unless both only read and one of
  /// them is weak.
  bool isOrderNeeded(Access first, Access second, Relation relation);

  /// In the user's terms, why `overlap` is not `Never`: "both access C[i, j]". A phrase without a full stop.
  std::string explain(Access a, Access b, Relation relation);

  /// The relations in which two different instances of `a` and `b` stand to each other: Same, then Carried for each
  /// sequential loop around both and Across for a grid around both, outermost first. Same is left out for an access
  /// with itself.
  static llvm::SmallVector<Relation> relationsOf(Access a, Access b);

  /// True if `loop`, an scf.for or a grid, is known to run at least two iterations wherever it is executed.
  bool hasTwoIterations(mlir::Operation *loop);

  /// Whether two array values may stand for the same storage.
  static bool mayAlias(mlir::Value first, mlir::Value second);

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
};

/// True for the loops that Relation::carriedBy takes.
bool isSequentialLoop(mlir::Operation *op);

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_CONFLICTS_H
