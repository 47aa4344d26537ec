//===- TokenInclusion.h - tokens that stand for others ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_TOKENINCLUSION_H
#define TILEC_ANALYSIS_TOKENINCLUSION_H

#include "dialects/Tile/Tile.h"
#include "llvm/ADT/DenseMap.h"

namespace tilec::analysis {

/// Says which tokens stand for everything that other tokens stand for, whatever that is in an execution. Where an op is
/// after both, the other one is not needed. The answers follow from the tokens' definitions alone, not from accesses.
///
/// An instance is valid while no token's definition changes.
class TokenInclusion {
public:
  explicit TokenInclusion(tile::KernelOp kernel);

  /// Whether `token` certainly stands for all that `other` stands for, at any place where both are in scope.
  bool includes(mlir::Value token, mlir::Value other);

private:
  using Known = llvm::DenseMap<mlir::Value, bool>;

  const Known &solve(mlir::Value other);
  bool compute(mlir::Value token, mlir::Value other, const Known &known) const;

  llvm::SmallVector<mlir::Value> tokens;
  llvm::DenseMap<mlir::Value, std::unique_ptr<Known>> solutions;
};

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_TOKENINCLUSION_H
