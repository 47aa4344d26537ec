//===- ConstEval.h - expressions that must be known at compile time --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Evaluates expressions outside of kernels' bodies: file-level consts, defaults of const parameters, values of
/// @config.
//
//===----------------------------------------------------------------------===//

#ifndef TILEC_LIB_FRONTEND_CONSTEVAL_H
#define TILEC_LIB_FRONTEND_CONSTEVAL_H

#include "Constants.h"

#include "tilec/Frontend/Diagnostics.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace tilec {

/// A constant with its type, if it has one.
struct TypedConstant {
  Constant value;
  std::optional<ElementType> type;
};

/// Evaluates compile-time expressions; names are resolved by a callback that reports what it cannot resolve.
class ConstEvaluator {
public:
  using Lookup = llvm::function_ref<std::optional<TypedConstant>(const ast::NameExpr &)>;

  ConstEvaluator(DiagnosticEngine &diags, Lookup lookup) : diags(diags), lookup(lookup) {}

  /// The value, or nothing after reporting an error.
  std::optional<TypedConstant> evaluate(const ast::Expr *expr);

private:
  std::nullopt_t error(SourceRange range, const llvm::Twine &sentence);
  std::optional<TypedConstant> evaluateBinary(const ast::BinaryExpr &expr);

  DiagnosticEngine &diags;
  Lookup lookup;
};

/// Brings two constants to one kind and type by the rules for operands; false if that needs `as` or does not fit.
bool unifyConstants(TypedConstant &lhs, TypedConstant &rhs);

/// The sentence for a folding that failed.
std::string explain(FoldFailure failure, ast::BinaryOp op);

/// Reads the text of an option such as `--const name=0.5` as a value of `type`; nothing if it is none.
std::optional<Constant> parseConstant(llvm::StringRef text, ElementType type);

} // namespace tilec

#endif // TILEC_LIB_FRONTEND_CONSTEVAL_H
