//===- BodyScan.cpp - what a piece of a body may touch ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The walk over the syntax tree that finds what a loop or a branch has to carry.
//
//===----------------------------------------------------------------------===//

#include "BodyScan.h"
#include "Builtins.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec;
using namespace tilec::ast;
using llvm::cast;
using llvm::dyn_cast;

bool tilec::isAtomicName(llvm::StringRef name) { return name.starts_with("atomic_"); }

void BodyUse::addStatements(llvm::ArrayRef<const Stmt *> statements) {
  for (const Stmt *statement : statements)
    addStatement(*statement);
}

void BodyUse::addStatement(const Stmt &statement) {
  switch (statement.kind()) {
  case Stmt::Kind::Bind:
    return addExpr(cast<BindStmt>(statement).value);
  case Stmt::Kind::Assign: {
    const auto &assign = cast<AssignStmt>(statement);
    if (const auto *name = dyn_cast<NameExpr>(assign.target)) {
      assigned.insert(name->name.text);
    } else if (const auto *subscript = dyn_cast<SubscriptExpr>(assign.target)) {
      bool before = std::exchange(inWritingCall, true);
      addExpr(subscript->base);
      inWritingCall = before;
    }
    addExpr(assign.target);
    return addExpr(assign.value);
  }
  case Stmt::Kind::Call:
    return addExpr(cast<CallStmt>(statement).call);
  case Stmt::Kind::For: {
    const auto &loop = cast<ForStmt>(statement);
    for (const Argument &arg : loop.args)
      addExpr(arg.value);
    for (const Name &index : loop.indices)
      if (loop.over == ForStmt::Over::Tiles)
        indices.insert(index.text);
    ++loops;
    addStatements(loop.body->statements);
    --loops;
    return;
  }
  case Stmt::Kind::While: {
    const auto &loop = cast<WhileStmt>(statement);
    addExpr(loop.condition);
    ++loops;
    addStatements(loop.body->statements);
    --loops;
    return;
  }
  case Stmt::Kind::If: {
    const auto &branch = cast<IfStmt>(statement);
    addExpr(branch.condition);
    addStatements(branch.thenBlock->statements);
    if (branch.elseBlock)
      addStatements(branch.elseBlock->statements);
    return;
  }
  case Stmt::Kind::Break:
    hasBreak |= loops == 0;
    return;
  case Stmt::Kind::Continue:
    hasContinue |= loops == 0;
    return;
  case Stmt::Kind::Return:
    return addExpr(cast<ReturnStmt>(statement).value);
  case Stmt::Kind::Tune:
    tunables.push_back(&cast<TuneStmt>(statement));
    return;
  }
}

void BodyUse::addCall(const CallExpr &call) {
  llvm::StringRef callee = call.calleeName();
  called.insert(callee);
  if (callee == "atomic_xchg" || callee == "atomic_cas")
    hasSync |= !findNamed(call.args, "order");
  if (const Argument *order = findNamed(call.args, "order")) {
    const auto *word = dyn_cast<NameExpr>(order->value);
    hasSync |= !word || word->name.text != "relaxed";
  }
  bool mayWrite =
      callee == "store" || isAtomicName(callee) || !isBuiltin(callee) || (isDefinedByFile && isDefinedByFile(callee));
  bool before = std::exchange(inWritingCall, inWritingCall || mayWrite);
  for (const Argument &arg : call.args)
    addExpr(arg.value);
  inWritingCall = before;
}

/// Calls `visit` for each direct part of the expression.
static void forEachPart(const Expr *expr, llvm::function_ref<void(const Expr *)> visit) {
  switch (expr->kind()) {
  case Expr::Kind::Unary:
    return visit(cast<UnaryExpr>(expr)->operand);
  case Expr::Kind::Binary:
    visit(cast<BinaryExpr>(expr)->lhs);
    return visit(cast<BinaryExpr>(expr)->rhs);
  case Expr::Kind::Cast:
    return visit(cast<CastExpr>(expr)->value);
  case Expr::Kind::Range:
    visit(cast<RangeExpr>(expr)->lo);
    return visit(cast<RangeExpr>(expr)->hi);
  case Expr::Kind::Call:
    for (const Argument &arg : cast<CallExpr>(expr)->args)
      visit(arg.value);
    return;
  case Expr::Kind::Subscript:
    visit(cast<SubscriptExpr>(expr)->base);
    llvm::for_each(cast<SubscriptExpr>(expr)->indices, visit);
    return;
  case Expr::Kind::Member:
    return visit(cast<MemberExpr>(expr)->base);
  case Expr::Kind::Tuple:
    llvm::for_each(cast<TupleExpr>(expr)->elements, visit);
    return;
  case Expr::Kind::List:
    llvm::for_each(cast<ListExpr>(expr)->elements, visit);
    return;
  case Expr::Kind::Lambda:
    return visit(cast<LambdaExpr>(expr)->body);
  default:
    return;
  }
}

void BodyUse::addExpr(const Expr *expr) {
  if (const auto *name = dyn_cast<NameExpr>(expr)) {
    mentioned.insert(name->name.text);
    if (inWritingCall)
      stored.insert(name->name.text);
    return;
  }
  if (const auto *call = dyn_cast<CallExpr>(expr))
    return addCall(*call);
  forEachPart(expr, [&](const Expr *part) { addExpr(part); });
}

bool tilec::isHarmless(const Expr *expr) {
  switch (expr->kind()) {
  case Expr::Kind::Call:
  case Expr::Kind::Subscript:
    return false;
  case Expr::Kind::Binary: {
    BinaryOp op = cast<BinaryExpr>(expr)->op;
    if (op == BinaryOp::FloorDiv || op == BinaryOp::Mod || op == BinaryOp::MatMul)
      return false;
    break;
  }
  default:
    break;
  }
  bool harmless = true;
  forEachPart(expr, [&](const Expr *part) { harmless = harmless && isHarmless(part); });
  return harmless;
}
