//===- BodyScan.h - what a piece of a body may touch ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A look ahead at statements, before IR is generated for them: which names they assign, mention and may write through,
/// and whether they leave the loop around them. It goes by names alone and errs on the side of too many.
//
//===----------------------------------------------------------------------===//

#ifndef TILEC_LIB_FRONTEND_BODYSCAN_H
#define TILEC_LIB_FRONTEND_BODYSCAN_H

#include "tilec/Frontend/AST.h"

#include "llvm/ADT/SetVector.h"

#include <functional>

namespace tilec {

/// What a piece of a body may do, by names.
struct BodyUse {
  /// Names assigned as variables: `x = ...`, `x += ...`.
  llvm::SetVector<llvm::StringRef> assigned;
  /// Names that occur at all.
  llvm::SetVector<llvm::StringRef> mentioned;
  /// Names through which an array may be written.
  llvm::SetVector<llvm::StringRef> stored;
  /// Names of tile indices.
  llvm::SetVector<llvm::StringRef> indices;
  /// Tunables, in source order.
  llvm::SmallVector<const ast::TuneStmt *> tunables;
  /// Names that are called.
  llvm::SetVector<llvm::StringRef> called;
  /// Whether a `break` or `continue` leaves the loop around the piece.
  bool hasBreak = false;
  bool hasContinue = false;
  /// Whether an access may be ordered more strongly than `relaxed`.
  bool hasSync = false;

  /// Says which names the file defines itself, so that they hide builtins.
  std::function<bool(llvm::StringRef)> isDefinedByFile;

  bool leavesLoop() const { return hasBreak || hasContinue; }

  void addStatements(llvm::ArrayRef<const ast::Stmt *> statements);
  void addExpr(const ast::Expr *expr);

private:
  void addStatement(const ast::Stmt &statement);
  void addCall(const ast::CallExpr &call);

  /// Depth of loops around what is scanned, inside the piece.
  unsigned loops = 0;
  /// Whether names are mentioned in a call that may write through them.
  bool inWritingCall = false;
};

/// Whether the expression can be evaluated even where its value is not wanted: it touches no array, divides nothing and
/// calls nothing.
bool isHarmless(const ast::Expr *expr);

/// Whether the name is one of the atomics: `atomic_add`, `atomic_cas`, ...
bool isAtomicName(llvm::StringRef name);

} // namespace tilec

#endif // TILEC_LIB_FRONTEND_BODYSCAN_H
