//===- ElaborateStmt.cpp - statements other than loops ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks, bindings, assignments, `if`, `tune`, `break` and `continue`. A jump sets flags; the statements after one that
// may jump run under the condition that it did not.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;
using llvm::cast;
using llvm::dyn_cast;

/// Blocks, and the statements after those that may jump, nest at most this deep in the IR.
static constexpr unsigned maxBlockDepth = 300;

Elaborator::Flow Elaborator::emitBlock(const ast::Block &block) {
  Scope inner(scope);
  scope = &inner;
  Flow flow = emitStatements(block.statements);
  scope = inner.getParent();
  return flow;
}

Elaborator::Flow Elaborator::emitStatements(ArrayRef<const Stmt *> statements) {
  if (blockDepth >= maxBlockDepth) {
    tooDeep(statements.empty() ? SourceRange() : statements.front()->range(),
            "blocks nest too deeply here, through helpers or statements that may 'break' or 'continue'");
    return Flow::Ended;
  }
  ++blockDepth;
  auto leave = llvm::scope_exit([&] { --blockDepth; });
  for (size_t position = 0; position != statements.size(); ++position) {
    if (diags.isFull())
      return Flow::Ended;
    const Stmt &statement = *statements[position];
    if (emitStatement(statement) == Flow::Ended)
      return Flow::Ended;
    ArrayRef<const Stmt *> rest = statements.drop_front(position + 1);
    BodyUse use = newUse();
    use.addStatements(&statement);
    if (!use.leavesLoop() || rest.empty() || !frame || !frame->exited.val.isRuntime())
      continue;
    // A constant flag says that the jump was not, or not yet, taken.
    if (frame->exited.val.isConstant())
      continue;
    Location where = loc(rest.front()->range());
    Value exited = valueOf(frame->exited.val, where);
    Value goesOn = arith::XOrIOp::create(builder, where, exited, flagValue(true));
    BodyUse restUse = newUse();
    restUse.addStatements(rest);
    emitScfIf(where, goesOn, carriedBy(restUse), [&] { emitStatements(rest); }, [] {});
    return Flow::Next;
  }
  return Flow::Next;
}

Elaborator::Flow Elaborator::emitStatement(const Stmt &statement) {
  switch (statement.kind()) {
  case Stmt::Kind::Bind:
    emitBind(cast<BindStmt>(statement));
    return Flow::Next;
  case Stmt::Kind::Assign:
    emitAssign(cast<AssignStmt>(statement));
    return Flow::Next;
  case Stmt::Kind::Call: {
    const CallExpr *call = cast<CallStmt>(statement).call;
    evalCall(*call);
    return Flow::Next;
  }
  case Stmt::Kind::For:
    emitFor(cast<ForStmt>(statement));
    return Flow::Next;
  case Stmt::Kind::While:
    emitWhile(cast<WhileStmt>(statement));
    return Flow::Next;
  case Stmt::Kind::If:
    return emitIf(cast<IfStmt>(statement));
  case Stmt::Kind::Break:
    return emitJump(statement.range(), /*isBreak=*/true);
  case Stmt::Kind::Continue:
    return emitJump(statement.range(), /*isBreak=*/false);
  case Stmt::Kind::Return:
    if (callStack.empty())
      report(statement.range(), "'return' stands in a 'fn' only; a kernel gives its results by storing to them");
    else if (&statement != lastOfFn)
      returned = error(statement.range(), "'return' comes last in a 'fn'");
    else
      returned = eval(cast<ReturnStmt>(statement).value);
    return Flow::Next;
  case Stmt::Kind::Tune:
    emitTune(cast<TuneStmt>(statement));
    return Flow::Next;
  }
  return Flow::Next;
}

//===----------------------------------------------------------------------===//
// Bindings
//===----------------------------------------------------------------------===//

void Elaborator::emitBind(const BindStmt &statement) {
  if (statement.isVar && level == Level::Kernel && callStack.empty())
    report(statement.range(), "a 'var' stands inside a grid; use 'let' here, or 'array' for values that grids share");
  bindingName = statement.pattern->isTuple() ? StringRef() : statement.pattern->name.text;
  Val val = eval(statement.value);
  bindingName = {};
  bindPattern(*statement.pattern, std::move(val), statement.value->range(), statement.isVar);
}

void Elaborator::bindPattern(const ast::Pattern &pattern, Val val, SourceRange valueRange, bool isVar) {
  if (pattern.isTuple()) {
    if (!val.isPoison() && !val.isTuple()) {
      report(pattern.range, "a tuple of " + Twine(pattern.elements.size()) +
                                " values is needed here, and the value is " + describe(val))
          .note(valueRange, "this is the value");
      val = Val::poison();
    } else if (val.isTuple() && val.elements->size() != pattern.elements.size()) {
      report(pattern.range, "there are " + Twine(pattern.elements.size()) + " names for a tuple of " +
                                Twine(val.elements->size()) + " values")
          .note(valueRange, "this is the tuple");
      val = Val::poison();
    }
    for (auto [position, element] : llvm::enumerate(pattern.elements))
      bindPattern(*element, val.isPoison() ? Val::poison() : (*val.elements)[position], valueRange, isVar);
    return;
  }
  if (pattern.isDiscard())
    return;
  if (val.kind == Val::Kind::Void)
    val = error(valueRange, noValue(valueRange));
  val = bound(std::move(val), valueRange);
  if (isVar && !val.isPoison() && !val.isAssignable())
    val = error(valueRange, "a 'var' holds a scalar, a tile or a token, and this is " + describe(val) + "; use 'let'");
  if (isVar && val.isRuntime())
    val = Val::ofRuntime(val.type, valueOf(val, loc(valueRange)), val.dims);
  if (level == Level::Kernel && val.isTile() && callStack.empty())
    val = error(valueRange, "tiles exist only inside a grid; outside, use scalars, consts and dims");
  if (Binding *other = scope->lookupHere(pattern.name.text))
    report(pattern.name.range, "the name '" + pattern.name.text + "' is taken in this block")
        .note(other->declared, "declared here");
  scope->add(pattern.name.text, pattern.name.range, std::move(val), isVar);
}

//===----------------------------------------------------------------------===//
// Assignments
//===----------------------------------------------------------------------===//

void Elaborator::emitAssign(const AssignStmt &statement) {
  if (const auto *name = dyn_cast<NameExpr>(statement.target))
    return assignVar(statement, *name);
  assignElements(statement, *cast<SubscriptExpr>(statement.target));
}

void Elaborator::assignVar(const AssignStmt &statement, const NameExpr &target) {
  Binding *binding = scope->lookup(target.name.text);
  if (!binding) {
    if (!evalName(target).isPoison())
      report(target.range(), "'" + target.name.text + "' is a const; it cannot be assigned")
          .note(cast<ConstItem>(file->items.lookup(target.name.text))->name.range, "declared here");
    eval(statement.value);
    return;
  }
  if (!binding->isVar) {
    if (binding->val.kind == Val::Kind::Array)
      report(target.range(), "the array '" + target.name.text + "' is written through subscripts, as in '" +
                                 target.name.text + "[...] = ...'")
          .note(binding->declared, "declared here");
    else
      report(target.range(), "'" + target.name.text + "' cannot be assigned again")
          .note(binding->declared, "declared here; write 'var' to assign again");
    eval(statement.value);
    return;
  }
  Val current = binding->val, val;
  if (current.isToken()) {
    if (statement.op)
      report(statement.opRange, "'" + target.name.text + "' is a token; tokens are put together with 'join'");
    val = eval(statement.value);
    if (!statement.op && !val.isPoison() && !val.isToken())
      report(statement.value->range(), "'" + target.name.text + "' holds a token, and this is " + describe(val))
          .note(binding->declared, "declared here");
    if (val.isToken())
      binding->val = val;
    return;
  }
  if (statement.op) {
    // `acc += a @ b` adds to the accumulator.
    const Expr *product = *statement.op == BinaryOp::Add ? asMatMul(statement.value) : nullptr;
    if (product && current.isTile())
      val = evalMatMul(product, &current, statement.opRange);
    else
      val = binary(*statement.op, current, evalValue(statement.value), statement.opRange, target.range(),
                   statement.value->range());
  } else {
    // What a variable that could not be declared is given is anyone's guess.
    val = current.isPoison() ? eval(statement.value) : evalValue(statement.value);
  }
  // The binding may have moved, but not away: scopes only grow.
  if (val.isPoison() || !current.isRuntime())
    return;
  SourceRange range = statement.op ? statement.opRange : statement.value->range();
  Value value =
      coerce(val, current.type, current.dims, range, "assigned to '" + target.name.text + "'", binding->declared);
  if (value)
    binding->val = Val::ofRuntime(current.type, value, current.dims);
}

void Elaborator::assignElements(const AssignStmt &statement, const SubscriptExpr &target) {
  std::optional<Access> access = emitAccess(eval(target.base), target, /*writes=*/true);
  if (!access) {
    evalValue(statement.value);
    return;
  }
  Val val;
  if (statement.op) {
    Val current = emitLoadOp(*access, {}, {}, {}, target.range());
    val = binary(*statement.op, current, evalValue(statement.value), statement.opRange, target.range(),
                 statement.value->range());
  } else {
    val = evalValue(statement.value);
  }
  if (!val.isPoison())
    emitStoreOp(*access, val, {}, {}, statement.range(), statement.op ? statement.opRange : statement.value->range());
}

//===----------------------------------------------------------------------===//
// if, jumps, tune
//===----------------------------------------------------------------------===//

Value Elaborator::flagValue(bool value) { return constantOf(builder.getBoolAttr(value)); }

Val Elaborator::emitCondition(const Expr *expr) {
  Val val = evalValue(expr);
  if (val.isPoison())
    return val;
  if (val.isTile())
    return error(expr->range(),
                 "a condition is a scalar bool, and this is a tile " + describe(val) + "; use 'where', 'any' or 'all'");
  if (val.type != ElementType::Bool)
    return error(expr->range(),
                 "a condition is a bool, and this is '" + spelling(val.type) + "'; compare it, as in '!= 0'");
  return val;
}

void Elaborator::emitScfIf(Location where, Value condition, const Carried &carried, llvm::function_ref<void()> thenBody,
                           llvm::function_ref<void()> elseBody) {
  auto branch = scf::IfOp::create(builder, where, typesOf(carried), condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  Vals varsBefore = llvm::map_to_vector<2>(carried.vars, [](Binding *var) { return var->val; });
  SmallVector<TokenState> tokensBefore(tokens);
  auto emitBranch = [&](Region &region, llvm::function_ref<void()> body) {
    if (region.empty())
      region.emplaceBlock();
    region.front().clear();
    builder.setInsertionPointToEnd(&region.front());
    body();
    SmallVector<Value> results = read(carried, where);
    scf::YieldOp::create(builder, where, results);
    for (auto [var, before] : llvm::zip(carried.vars, varsBefore))
      var->val = before;
    // Arrays that a branch made stay behind.
    for (auto [slot, before] : llvm::enumerate(tokensBefore))
      tokens[slot] = before;
  };
  emitBranch(branch.getThenRegion(), thenBody);
  emitBranch(branch.getElseRegion(), elseBody);
  write(carried, branch.getResults());
}

Elaborator::Flow Elaborator::emitIf(const IfStmt &statement) {
  Val condition = emitCondition(statement.condition);
  if (condition.isPoison()) {
    // Look for more mistakes, in IR that nobody will see.
    emitBlock(*statement.thenBlock);
    if (statement.elseBlock)
      emitBlock(*statement.elseBlock);
    return Flow::Next;
  }
  if (condition.isConstant()) {
    if (condition.constant->boolean)
      return emitBlock(*statement.thenBlock);
    return statement.elseBlock ? emitBlock(*statement.elseBlock) : Flow::Next;
  }
  if (level == Level::Combine) {
    report(statement.range(), "a combining function has no branches; choose with 'where'");
    return Flow::Next;
  }
  Location where = loc(statement.range());
  Value conditionValue = valueOf(condition, where);
  auto emitThen = [&] { emitBlock(*statement.thenBlock); };
  auto emitElse = [&] {
    if (statement.elseBlock)
      emitBlock(*statement.elseBlock);
  };
  if (level == Level::Kernel) {
    // Around grids, what comes out is the token of those that ran.
    auto branch =
        scf::IfOp::create(builder, where, tile::TokenType::get(context), conditionValue, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(builder);
    SmallVector<Value> before = gridTokens;
    auto emitBranch = [&](Region &region, llvm::function_ref<void()> body) {
      region.front().clear();
      builder.setInsertionPointToEnd(&region.front());
      body();
      scf::YieldOp::create(builder, where, join(gridTokens, where));
      gridTokens = before;
    };
    emitBranch(branch.getThenRegion(), emitThen);
    emitBranch(branch.getElseRegion(), emitElse);
    gridTokens.assign({branch.getResult(0)});
    return Flow::Next;
  }
  BodyUse use = newUse();
  use.addStatements(statement.thenBlock->statements);
  if (statement.elseBlock)
    use.addStatements(statement.elseBlock->statements);
  emitScfIf(where, conditionValue, carriedBy(use), emitThen, emitElse);
  return Flow::Next;
}

Elaborator::Flow Elaborator::emitJump(SourceRange range, bool isBreak) {
  StringRef word = isBreak ? "break" : "continue";
  if (!frame) {
    report(range, "'" + word + "' stands inside a loop only");
    return Flow::Next;
  }
  if (frame->isGrid && isBreak) {
    report(range, "'break' cannot end a grid, whose iterations run in any order; 'continue' ends one iteration");
    return Flow::Next;
  }
  if (isBreak)
    frame->broken.val = Val::ofRuntime(ElementType::Bool, flagValue(true));
  frame->exited.val = Val::ofRuntime(ElementType::Bool, flagValue(true));
  return Flow::Ended;
}

std::optional<SmallVector<int64_t>> Elaborator::tunableValues(const TuneStmt &statement) {
  SmallVector<int64_t> values;
  auto constant = [&](const Expr *expr, StringRef what) -> std::optional<int64_t> {
    std::optional<TypedConstant> value = evalConst(expr);
    std::optional<int64_t> number = value ? value->value.asInt64() : std::nullopt;
    if (value &&
        (!number || *number < std::numeric_limits<int32_t>::min() || *number > std::numeric_limits<int32_t>::max())) {
      report(expr->range(), what + " is an 'i32', and this is " + value->value.text());
      return std::nullopt;
    }
    return number;
  };
  if (const auto *list = dyn_cast<ListExpr>(statement.values)) {
    for (const Expr *element : list->elements) {
      std::optional<int64_t> value = constant(element, "a value of a tunable");
      if (!value)
        return std::nullopt;
      values.push_back(*value);
    }
    if (values.empty())
      report(list->range(), "a tunable needs at least one value");
  } else if (const auto *call = dyn_cast<CallExpr>(statement.values);
             call && call->calleeName() == "pow2" && call->args.size() == 2) {
    std::optional<int64_t> lo = constant(call->args[0].value, "a bound of 'pow2'");
    std::optional<int64_t> hi = lo ? constant(call->args[1].value, "a bound of 'pow2'") : std::nullopt;
    if (!hi)
      return std::nullopt;
    if (*lo < 1 || *hi < *lo)
      report(call->range(), "'pow2(lo, hi)' needs 1 <= lo <= hi");
    else
      for (int64_t value = static_cast<int64_t>(llvm::PowerOf2Ceil(*lo)); value <= *hi; value *= 2)
        values.push_back(value);
    if (values.empty() && *lo >= 1 && *hi >= *lo)
      report(call->range(), "there is no power of two between " + Twine(*lo) + " and " + Twine(*hi));
  } else {
    report(statement.values->range(), "the values of a tunable are a list, as in '[1, 2, 4]', or 'pow2(lo, hi)'");
  }
  return values.empty() ? std::nullopt : std::optional(values);
}

void Elaborator::emitTune(const TuneStmt &statement) {
  if (level != Level::Kernel)
    report(statement.range(), "'tune' stands at the top of a kernel, outside of grids");
  std::optional<SmallVector<int64_t>> values = tunableValues(statement);
  if (statement.name.isDiscard())
    return;
  Val val = Val::poison();
  if (values) {
    Value tunable =
        tile::TunableOp::create(builder, loc(statement.range()), builder.getI32Type(), statement.name.text, *values);
    val = Val::ofRuntime(ElementType::I32, tunable);
    val.isConfig = true;
  }
  if (Binding *other = scope->lookupHere(statement.name.text))
    report(statement.name.range, "the name '" + statement.name.text + "' is taken in this block")
        .note(other->declared, "declared here");
  scope->add(statement.name.text, statement.name.range, val);
}
