//===- ConstEval.cpp - expressions that must be known at compile time ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The evaluator for expressions outside of kernels' bodies, and the reader of constants given as options.
//
//===----------------------------------------------------------------------===//

#include "ConstEval.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"

using namespace tilec;
using namespace tilec::ast;
using llvm::cast;
using llvm::dyn_cast;

std::nullopt_t ConstEvaluator::error(SourceRange range, const llvm::Twine &sentence) {
  diags.error(range, sentence);
  return std::nullopt;
}

bool tilec::unifyConstants(TypedConstant &lhs, TypedConstant &rhs) {
  if (lhs.type && rhs.type) {
    std::optional<ElementType> type = promote(*lhs.type, *rhs.type);
    if (!type)
      return false;
    lhs = {convert(lhs.value, *lhs.type, *type), type};
    rhs = {convert(rhs.value, *rhs.type, *type), type};
    return true;
  }
  if (lhs.type || rhs.type) {
    TypedConstant &untyped = lhs.type ? rhs : lhs;
    ElementType type = lhs.type ? *lhs.type : *rhs.type;
    std::optional<Constant> fitting = fit(untyped.value, type);
    if (!fitting)
      return false;
    untyped = {*fitting, type};
    return true;
  }
  if (lhs.value.isInt() && rhs.value.isFloat())
    lhs.value = convert(lhs.value, ElementType::I64, ElementType::F64);
  else if (lhs.value.isFloat() && rhs.value.isInt())
    rhs.value = convert(rhs.value, ElementType::I64, ElementType::F64);
  if (lhs.value.isFloat() && rhs.value.isFloat()) {
    // Untyped floats are quadruple.
    bool losesInfo;
    for (TypedConstant *side : {&lhs, &rhs})
      side->value.number.convert(llvm::APFloat::IEEEquad(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  }
  return lhs.value.kind == rhs.value.kind;
}

std::string tilec::explain(FoldFailure failure, BinaryOp op) {
  switch (failure) {
  case FoldFailure::DivisionByZero:
    return "division by zero";
  case FoldFailure::TooLarge:
    return "the value is too large to compute at compile time";
  default:
    return ("'" + spelling(op) + "' does not apply to these operands").str();
  }
}

std::optional<TypedConstant> ConstEvaluator::evaluateBinary(const BinaryExpr &expr) {
  std::optional<TypedConstant> lhs = evaluate(expr.lhs);
  if (!lhs)
    return std::nullopt;
  // `and` and `or` stop early.
  if ((expr.op == BinaryOp::And || expr.op == BinaryOp::Or) && lhs->value.isBool() &&
      lhs->value.boolean == (expr.op == BinaryOp::Or))
    return lhs;
  std::optional<TypedConstant> rhs = evaluate(expr.rhs);
  if (!rhs)
    return std::nullopt;
  if (!unifyConstants(*lhs, *rhs))
    return error(expr.opRange,
                 "the two sides of '" + spelling(expr.op) + "' have different types; convert one with 'as'");
  if (lhs->value.isInt() && expr.op == BinaryOp::Div)
    return error(expr.opRange, "'/' does not divide integers; write '//' to round down");
  FoldFailure failure;
  std::optional<Constant> value = fold(expr.op, lhs->value, rhs->value, lhs->type, failure);
  if (!value)
    return error(expr.opRange, explain(failure, expr.op));
  if (isComparison(expr.op))
    return TypedConstant{*value, ElementType::Bool};
  return TypedConstant{*value, lhs->type};
}

std::optional<TypedConstant> ConstEvaluator::evaluate(const Expr *expr) {
  switch (expr->kind()) {
  case Expr::Kind::Int:
    return TypedConstant{Constant::ofUInt(cast<IntExpr>(expr)->value), std::nullopt};
  case Expr::Kind::Float:
    return TypedConstant{Constant::ofSpelling(cast<FloatExpr>(expr)->spelling), std::nullopt};
  case Expr::Kind::Bool:
    return TypedConstant{Constant::ofBool(cast<BoolExpr>(expr)->value), ElementType::Bool};
  case Expr::Kind::Name:
    return lookup(*cast<NameExpr>(expr));
  case Expr::Kind::Unary: {
    const auto *unary = cast<UnaryExpr>(expr);
    std::optional<TypedConstant> value = evaluate(unary->operand);
    if (!value)
      return std::nullopt;
    std::optional<Constant> folded = fold(unary->op, value->value, value->type);
    if (!folded)
      return error(unary->opRange, "'" + spelling(unary->op) + "' does not apply to this operand");
    return TypedConstant{*folded, value->type};
  }
  case Expr::Kind::Binary:
    return evaluateBinary(*cast<BinaryExpr>(expr));
  case Expr::Kind::Cast: {
    const auto *castExpr = cast<CastExpr>(expr);
    std::optional<TypedConstant> value = evaluate(castExpr->value);
    const auto *type = dyn_cast<TypeExpr>(castExpr->type);
    if (!value)
      return std::nullopt;
    if (!type)
      return error(castExpr->type->range(), "expected an element type such as 'f32'");
    return TypedConstant{convert(value->value, value->type.value_or(defaultType(value->value)), type->type),
                         type->type};
  }
  default:
    return error(expr->range(), "this is not a constant: a const is made of numbers, bools, consts and operators");
  }
}

std::optional<Constant> tilec::parseConstant(llvm::StringRef text, ElementType type) {
  text = text.trim();
  if (text == "true" || text == "false")
    return fit(Constant::ofBool(text == "true"), type);
  llvm::StringRef digits = text;
  bool negative = digits.consume_front("-");
  uint64_t integer;
  Constant value;
  if (!digits.empty() && llvm::isDigit(digits.front()) && !digits.getAsInteger(0, integer)) {
    value = Constant::ofUInt(integer);
  } else if (digits == "inf" || digits == "nan") {
    value = Constant::ofSpelling(digits);
  } else {
    llvm::APFloat number(llvm::APFloat::IEEEquad());
    if (digits.empty() || (!llvm::isDigit(digits.front()) && digits.front() != '.'))
      return std::nullopt;
    auto status = number.convertFromString(digits, llvm::APFloat::rmNearestTiesToEven);
    if (!status) {
      llvm::consumeError(status.takeError());
      return std::nullopt;
    }
    value = Constant::ofFloat(number);
  }
  if (negative)
    value = *fold(UnaryOp::Neg, value, std::nullopt);
  return fit(value, type);
}
