//===- TokenOrderSnapshot.h - the order that a pass must keep ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_TOKENORDERSNAPSHOT_H
#define TILEC_ANALYSIS_TOKENORDERSNAPSHOT_H

#include "tilec/Analysis/TokenOrder.h"

#include "mlir/IR/OwningOpRef.h"

namespace tilec::analysis {

/// The attribute that gives an access its ids: an array of i64. A clone keeps the ids, a merge has those of both.
inline constexpr llvm::StringLiteral kAccessIds = "tile.access";

/// The ids of an access; none where it has no attribute.
llvm::ArrayRef<int64_t> getAccessIds(mlir::Operation *access);

/// Gives ids to the accesses of `kernel` that have none, from `first` on; returns the first number that is still free.
int64_t assignAccessIds(tile::KernelOp kernel, int64_t first);

/// The first number above all ids of `op`'s accesses.
int64_t firstFreeAccessId(mlir::Operation *op);

/// Takes all ids from `first` on away again.
void removeAccessIds(mlir::Operation *op, int64_t first);

/// What one pass must keep of one kernel: which accesses there are, and which of them are ordered and need it (they may
/// conflict, or the earlier one acquires, or the later one releases). Accesses are known by their ids, loops by their
/// place in the source; a snapshot holds no pointer into the IR.
///
/// Accesses that may be reordered are none of its business, nor is order that a pass adds.
class TokenOrderSnapshot {
public:
  explicit TokenOrderSnapshot(tile::KernelOp kernel);

  /// Reports, as errors that name `pass`, what the kernel has lost since. Ordered pairs whose accesses are there
  /// must be ordered:
  ///   - in the same iteration of all common loops, if they were; and if they now share a further loop, also around it;
  ///   - carried by a loop, if they were and still share it; if the loop now encloses only one of them, all of its
  ///     iterations count as one. A loop that is gone from around both ran once, unless there are copies of an access.
  /// An access that writes or is atomic may vanish only if folding constants shows that it never runs, and two copies
  /// of it may not run in one iteration.
  mlir::LogicalResult compare(tile::KernelOp kernel, llvm::StringRef pass) const;

private:
  /// A loop, recognised after a pass: the place in the source, and a number among enclosing loops of one place.
  struct LoopKey {
    mlir::Attribute place;
    unsigned number;
    bool operator==(const LoopKey &) const = default;
  };
  /// An access: an id, and a number among the accesses that share it.
  struct AccessKey {
    int64_t id;
    unsigned number;
  };
  struct KnownAccess {
    int64_t id;
    unsigned copies;
    mlir::Location place;
    std::string noun;
    bool mustStay;
  };
  struct OrderedPair {
    AccessKey earlier, later;
    /// Common loops, outermost first.
    llvm::SmallVector<LoopKey, 4> common;
    /// The common loop that carries the order; none for the same iteration.
    std::optional<unsigned> loop;
    Distance distance;
    std::string loopName;
  };
  struct Now;

  static llvm::SmallVector<LoopKey, 4> keysOf(llvm::ArrayRef<mlir::Operation *> loops);
  void checkAccesses(Now &now, llvm::SmallVectorImpl<std::pair<mlir::Location, std::string>> &lost) const;
  bool isKept(Now &now, const OrderedPair &pair, Access earlier, Access later, bool areCopies) const;
  std::string describe(const OrderedPair &pair) const;
  const KnownAccess *find(int64_t id) const;
  bool foldsAway(int64_t id) const;

  llvm::SmallVector<KnownAccess> accesses;
  llvm::SmallVector<OrderedPair> pairs;
  /// The kernel as it was, to see whether a vanished access could run.
  mlir::OwningOpRef<tile::KernelOp> original;
};

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_TOKENORDERSNAPSHOT_H
