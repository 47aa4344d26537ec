//===- Access.h - what the four access ops have in common -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_ACCESS_H
#define TILEC_ANALYSIS_ACCESS_H

#include "dialects/Tile/Tile.h"

namespace tilec::analysis {

/// A `tile.load`, `tile.store`, `tile.atomic_rmw` or `tile.atomic_cas`: the parts that all of them have. A light handle
/// on the operation; null where the operation is none of the four.
class Access {
public:
  Access() = default;
  /// Null if `op` is not an access.
  explicit Access(mlir::Operation *op);

  explicit operator bool() const { return op != nullptr; }
  bool operator==(Access other) const { return op == other.op; }
  mlir::Operation *getOperation() const { return op; }
  mlir::Location getLoc() const { return op->getLoc(); }

  mlir::TypedValue<mlir::MemRefType> getArray() const;
  mlir::OperandRange getSubscripts() const;
  /// The mask, or null.
  mlir::Value getMask() const;
  mlir::OperandRange getAfter() const;
  mlir::MutableOperandRange getAfterMutable() const;
  mlir::Value getToken() const;
  tile::MemoryOrder getOrdering() const;
  /// The value that is stored or combined, or the one that is loaded.
  mlir::Value getValue() const;

  bool reads() const { return !mlir::isa<tile::StoreOp>(op); }
  bool writes() const { return !mlir::isa<tile::LoadOp>(op); }
  bool isAtomic() const { return getOrdering() != tile::MemoryOrder::weak; }
  bool acquires() const;
  bool releases() const;

private:
  mlir::Operation *op = nullptr;
};

/// Every access inside `root`, in program order.
llvm::SmallVector<Access> accessesIn(mlir::Operation *root);

/// The access in the source's terms: "the store to C[i, 0]". Subscripts that have no short text are `_`.
std::string describe(Access access);

/// The array in the source's terms: `C`.
std::string arrayName(mlir::Value array);

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_ACCESS_H
