//===- AST.cpp - syntax tree of the .tile language -------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Spellings of types and operators, and the few node functions that are not
/// inline.
///
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/AST.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

using namespace tilec;
using namespace tilec::ast;
using llvm::ArrayRef;
using llvm::StringRef;

/// In the order of ElementType.
static constexpr StringRef elementTypeNames[] = {
    "bool", "i8",  "i16",  "i32", "i64", "u8",     "u16",    "u32",
    "u64",  "f16", "bf16", "f32", "f64", "f8e4m3", "f8e5m2",
};

StringRef tilec::ast::spelling(ElementType type) {
  return elementTypeNames[static_cast<unsigned>(type)];
}

std::optional<ElementType> tilec::ast::elementTypeOf(StringRef name) {
  const auto *found = llvm::find(elementTypeNames, name);
  if (found == std::end(elementTypeNames))
    return std::nullopt;
  return static_cast<ElementType>(found - std::begin(elementTypeNames));
}

StringRef tilec::ast::spelling(UnaryOp op) {
  switch (op) {
  case UnaryOp::Neg:
    return "-";
  case UnaryOp::BitNot:
    return "~";
  case UnaryOp::Not:
    return "not";
  }
  llvm_unreachable("every unary operator has a spelling");
}

StringRef tilec::ast::spelling(BinaryOp op) {
  // In the order of BinaryOp.
  static constexpr StringRef names[] = {
      "+", "-", "*",  "/",  "//", "%",  "**", "@",  "<<",  ">>", "&",
      "|", "^", "==", "!=", "<",  "<=", ">",  ">=", "and", "or",
  };
  return names[static_cast<unsigned>(op)];
}

bool tilec::ast::isComparison(BinaryOp op) {
  return op >= BinaryOp::Eq && op <= BinaryOp::Ge;
}

unsigned Expr::tallest(ArrayRef<const Expr *> exprs) {
  unsigned height = 0;
  for (const Expr *expr : exprs)
    height = std::max(height, expr->height());
  return height;
}

/// Height of the callee and of every argument's value.
static unsigned tallestOfCall(const Expr *callee, ArrayRef<Argument> args) {
  unsigned height = callee->height();
  for (const Argument &arg : args)
    height = std::max(height, arg.value->height());
  return height;
}

CallExpr::CallExpr(SourceRange range, const Expr *callee,
                   ArrayRef<Argument> args)
    : Expr(Kind::Call, range, tallestOfCall(callee, args)), callee(callee),
      args(args) {}

const Argument *tilec::ast::findNamed(ArrayRef<Argument> args, StringRef name) {
  for (const Argument &arg : args)
    if (arg.isNamed() && arg.name.text == name)
      return &arg;
  return nullptr;
}
