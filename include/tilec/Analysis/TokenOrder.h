//===- TokenOrder.h - which accesses tokens certainly order -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_TOKENORDER_H
#define TILEC_ANALYSIS_TOKENORDER_H

#include "tilec/Analysis/Access.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"

namespace tilec::analysis {

/// How many iterations of a loop lie between two instances that it carries an order between: 1, or at least 2.
enum class Distance { Next, Later };

/// Says, for the accesses of one kernel, which are token-ordered before which, for all instances that an execution can
/// have: a must-analysis. "Ordered" is certain; "not ordered" may come from a path that never runs.
///
/// Two instances of accesses either are in the same iteration of every loop and grid around both accesses, or a loop
/// around both carries the order from an earlier iteration to a later one: then they are in the same iteration of the
/// loops around that one, and in any iterations of loops inside it. Further loops around one access only are at any
/// iteration. The order that a loop carries is known apart for the next iteration and for all later ones: a token that
/// each iteration hands to the next without waiting for it orders the next one only. A grid carries no order between
/// its iterations.
///
/// What a token stands for follows docs/memory-model.md. Where tokens merge (`arith.select`, results of `scf.if` and
/// `scf.index_switch`, what loops carry), the merged token stands for what each incoming one stands for. One refinement
/// makes that exact for conditional accesses: an access inside one branch has no instance in the iterations that take
/// another branch, so for order within the iteration only the token of its own branch counts. A loop that runs no
/// iteration gives the tokens that it started with, and has no instances of its accesses that would be missing. So does
/// a grid without iterations: it gives what it comes after.
///
/// An op with regions that is unknown here counts as a loop; tokens that it makes stand for nothing.
///
/// An instance is valid until the IR changes.
class TokenOrder {
public:
  explicit TokenOrder(tile::KernelOp kernel);

  /// All accesses of the kernel, in the order of the text.
  llvm::ArrayRef<Access> getAccesses() const { return accesses; }

  /// The loops and grids that enclose `op`, outermost first.
  static llvm::SmallVector<mlir::Operation *> getLoops(mlir::Operation *op);
  /// Those that enclose both, outermost first.
  static llvm::SmallVector<mlir::Operation *> getCommonLoops(mlir::Operation *a, mlir::Operation *b);
  /// Whether the two stand in different branches of one op, so that no iteration of their common loops runs both.
  static bool areExclusive(mlir::Operation *a, mlir::Operation *b);

  /// Whether each instance of `earlier` is token-ordered before each of `later` in the same iteration of the loops
  /// around both.
  bool isOrdered(Access earlier, Access later) const;
  /// Whether `loop`, which is around both, carries the order of all instances at this distance.
  bool isOrderedCarried(Access earlier, Access later, mlir::Operation *loop, Distance distance) const;
  /// The same for every distance from 1 on.
  bool isOrderedCarried(Access earlier, Access later, mlir::Operation *loop) const;
  /// Whether `token` certainly stands for all instances of `access` in the same iteration of every loop around both.
  bool standsFor(mlir::Value token, Access access) const;

private:
  using Facts = llvm::BitVector;

  Facts compute(mlir::Value token) const;
  Facts fromResult(mlir::OpResult result) const;
  Facts fromArgument(mlir::BlockArgument argument) const;
  Facts allOf(mlir::ValueRange tokens) const;
  Facts branchResult(mlir::Operation *branch, unsigned index) const;
  Facts loopCarried(mlir::Operation *loop, mlir::Value init, mlir::Value next) const;
  Facts gridResult(tile::GridOp grid) const;
  void leaveLoop(Facts &facts, mlir::Operation *loop) const;
  Facts get(mlir::Value token) const;
  unsigned bit(unsigned access, std::optional<unsigned> loop, Distance distance = Distance::Next) const;
  bool isIn(unsigned access, mlir::Operation *loop) const;

  llvm::SmallVector<Access> accesses;
  llvm::SmallVector<llvm::SmallVector<mlir::Operation *>> loops;
  llvm::DenseMap<mlir::Operation *, unsigned> numbers;
  unsigned numRelations = 1;
  llvm::DenseMap<mlir::Value, Facts> known;
  llvm::DenseMap<mlir::Operation *, Facts> before;
};

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_TOKENORDER_H
