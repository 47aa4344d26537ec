//===- ElaborateTokens.cpp - program order as tokens ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Threads tokens through the accesses of each written array, so that they keep program order: a read comes after the
// last write, a write after everything since. Slot 0 is a pseudo-array that every access reads, an acquire writes and a
// release waits for; it is kept only in kernels that have one. Also finds what a region has to carry: variables and
// tokens. `after=`, `token` and `join` are here, too.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;

BodyUse Elaborator::newUse() const {
  BodyUse use;
  use.isDefinedByFile = [this](StringRef name) { return file->items.contains(name); };
  return use;
}

void Elaborator::collectSlots(const Val &val, bool stored, llvm::MapVector<unsigned, bool> &slots) {
  if (val.isTuple())
    for (const Val &element : *val.elements)
      collectSlots(element, stored, slots);
  if (val.kind == Val::Kind::Array && val.array->tokenSlot >= 0)
    slots[val.array->tokenSlot] |= stored;
}

Carried Elaborator::carriedBy(const BodyUse &use, bool withFlags) {
  Carried carried;
  llvm::SetVector<Binding *> vars;
  for (StringRef name : use.assigned)
    if (Binding *binding = scope->lookup(name); binding && binding->isVar && binding->val.isAssignable())
      vars.insert(binding);
  if (withFlags && frame && use.leavesLoop() && frame->exited.val.isRuntime())
    vars.insert(&frame->exited);
  if (withFlags && frame && use.hasBreak && frame->broken.val.isRuntime())
    vars.insert(&frame->broken);
  carried.vars.assign(vars.begin(), vars.end());

  llvm::MapVector<unsigned, bool> slots;
  if (usesSync)
    slots[0] = true;
  for (StringRef name : use.mentioned)
    if (Binding *binding = scope->lookup(name))
      collectSlots(binding->val, use.stored.contains(name), slots);
  // In the order of the arrays, so that the IR does not depend on the order of names.
  carried.slots.assign(slots.begin(), slots.end());
  llvm::sort(carried.slots);
  return carried;
}

SmallVector<Type> Elaborator::typesOf(const Carried &carried) {
  SmallVector<Type> types;
  for (Binding *var : carried.vars)
    types.push_back(var->val.isToken() ? Type(tile::TokenType::get(context))
                                       : tileType(var->val.dims, irTypeOf(var->val.type)));
  types.append(carried.slots.size(), tile::TokenType::get(context));
  return types;
}

Value Elaborator::join(ArrayRef<Value> tokens, Location where) {
  llvm::SmallSetVector<Value, 4> distinct(tokens.begin(), tokens.end());
  distinct.remove(Value());
  if (distinct.empty())
    return tile::TokenOp::create(builder, where);
  if (distinct.size() == 1)
    return distinct.front();
  return tile::JoinOp::create(builder, where, distinct.getArrayRef());
}

SmallVector<Value> Elaborator::read(const Carried &carried, Location where) {
  SmallVector<Value> values;
  for (Binding *var : carried.vars)
    values.push_back(valueOf(var->val, where));
  for (auto [slot, mayWrite] : carried.slots) {
    const TokenState &state = tokens[slot];
    SmallVector<Value> all(state.since.begin(), state.since.end());
    // The reads since the last write stand for it, too.
    if (all.empty() || slot == 0)
      all.push_back(state.last);
    values.push_back(join(all, where));
  }
  return values;
}

void Elaborator::write(const Carried &carried, ValueRange values) {
  for (auto [var, value] : llvm::zip(carried.vars, values))
    var->val = var->val.isToken() ? Val::ofToken(value) : Val::ofRuntime(var->val.type, value, var->val.dims);
  for (auto [slot, value] : llvm::zip(carried.slots, values.drop_front(carried.vars.size()))) {
    TokenState &state = tokens[slot.first];
    if (slot.second) {
      state.last = value;
      state.since.clear();
    } else {
      state.since.assign({value});
    }
  }
}

SmallVector<Value> Elaborator::accessAfter(const Array &array, bool writes, const AccessOrder &order) {
  if (order.after)
    return llvm::to_vector(*order.after);
  llvm::SmallSetVector<Value, 4> after;
  if (array.tokenSlot >= 0) {
    const TokenState &state = tokens[array.tokenSlot];
    if (writes && !state.since.empty())
      after.insert(state.since.begin(), state.since.end());
    else
      after.insert(state.last);
  }
  if (usesSync) {
    after.insert(tokens[0].last);
    if (order.releases())
      after.insert(tokens[0].since.begin(), tokens[0].since.end());
  }
  after.remove(Value());
  return after.takeVector();
}

void Elaborator::recordTokenedAccess(const Array &array, bool writes, const AccessOrder &order, Value token,
                                     Location where) {
  // Every token comes after the iteration's start, and this one after what the access waits for.
  auto isBefore = [&](Value other) { return other == gridEntry || llvm::is_contained(*order.after, other); };
  auto lastAnd = [&](Value last) { return isBefore(last) ? token : join({last, token}, where); };
  if (array.tokenSlot >= 0) {
    // The access need not come after those before it, so it stands beside them: what follows waits for both.
    TokenState &state = tokens[array.tokenSlot];
    if (!writes && state.since.empty() && !isBefore(state.last))
      state.since.push_back(state.last);
    if (!writes || !state.since.empty())
      state.since.push_back(token);
    if (writes)
      state.last = lastAnd(state.last);
  }
  if (!usesSync)
    return;
  tokens[0].since.push_back(token);
  if (order.acquires())
    tokens[0].last = lastAnd(tokens[0].last);
}

void Elaborator::recordAccess(const Array &array, bool writes, const AccessOrder &order, Value token, Location where) {
  if (order.after)
    return recordTokenedAccess(array, writes, order, token, where);
  if (array.tokenSlot >= 0) {
    TokenState &state = tokens[array.tokenSlot];
    if (writes) {
      state.last = token;
      state.since.clear();
    } else {
      state.since.push_back(token);
    }
  }
  if (!usesSync)
    return;
  if (order.releases())
    tokens[0].since.clear();
  tokens[0].since.push_back(token);
  if (order.acquires())
    tokens[0].last = token;
}

//===----------------------------------------------------------------------===//
// Tokens in the source
//===----------------------------------------------------------------------===//

Value Elaborator::tokenOf(const Val &val, SourceRange range) {
  if (val.isToken())
    return val.ssa;
  if (val.isPoison())
    return {};
  tilec::Diagnostic &diagnostic = report(
      range, val.kind == Val::Kind::Void ? noValue(range) : "a token is needed here, and this is " + describe(val));
  if (val.isTuple())
    diagnostic.note("an access with 'after=' gives its value and its token, as in 'let (x, t) = load(A[i], after=t0)'");
  else
    diagnostic.note("tokens come from 'token()', 'join' and accesses with 'after='");
  return {};
}

bool Elaborator::tokensOf(const CallArg &arg, SmallVectorImpl<Value> &found) {
  const auto *list = llvm::dyn_cast<ast::ListExpr>(arg.expr);
  if (!list) {
    found.push_back(tokenOf(arg.val, arg.range()));
    return static_cast<bool>(found.back());
  }
  if (list->elements.empty()) {
    report(arg.range(), "'after' needs a token")
        .note("what waits for nothing comes after 'token()', the iteration's start");
    return false;
  }
  bool isGood = true;
  for (const ast::Expr *element : list->elements) {
    Value token = tokenOf(eval(element), element->range());
    isGood = isGood && token;
    if (!llvm::is_contained(found, token))
      found.push_back(token);
  }
  return isGood;
}

Val Elaborator::emitToken(const Builtin &, const CallArgs &args) {
  if (level != Level::Grid)
    return error(args.range(), "tokens order the accesses of an iteration; they exist only inside a grid");
  return Val::ofToken(gridEntry);
}

Val Elaborator::emitJoin(const Builtin &, const CallArgs &args) {
  SmallVector<Value> joined;
  for (const CallArg &arg : args.positional)
    joined.push_back(tokenOf(arg.val, arg.range()));
  if (llvm::is_contained(joined, Value()))
    return Val::poison();
  if (level != Level::Grid)
    return error(args.range(), "tokens order the accesses of an iteration; they exist only inside a grid");
  return Val::ofToken(join(joined, loc(args.range())));
}
