//===- ElaborateCalls.cpp - calls of builtins and helpers -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Finds out who is called, matches arguments, and inlines helpers: a `fn` is checked anew at each use.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;
using llvm::cast;
using llvm::dyn_cast;

/// Helpers call helpers at most this deep, and a kernel inlines at most so many calls: a chain of helpers that call the
/// next one twice doubles with each link.
static constexpr unsigned maxCallDepth = 64;
static constexpr unsigned maxInlined = 20000;

Val Elaborator::evalCall(const CallExpr &call) {
  StringRef name = call.calleeName();
  if (name.empty()) {
    if (const auto *type = dyn_cast<TypeExpr>(call.callee)) {
      report(call.range(), "'" + spelling(type->type) + "' is a type, not a function")
          .note("conversions are written 'x as " + spelling(type->type) + "'");
      return Val::poison();
    }
    return error(call.callee->range(), "only functions can be called, by their name");
  }
  if (Binding *binding = scope->lookup(name); binding && !isBuiltin(name)) {
    if (!binding->val.isPoison())
      report(call.callee->range(), "'" + name + "' is not a function").note(binding->declared, "declared here");
    return Val::poison();
  }
  if (const ast::Item *found = file->items.lookup(name)) {
    if (const auto *fn = dyn_cast<FnItem>(found))
      return callFn(*fn, call);
    if (const auto *kernelItem = dyn_cast<KernelItem>(found))
      return error(call.callee->range(),
                   "'" + name + "' is a " + (kernelItem->isGraph ? "graph" : "kernel") +
                       "; kernels are called from outside or from a graph, helpers are declared with 'fn'");
    return error(call.callee->range(), "'" + name + "' is a const, not a function");
  }
  if (const Builtin *builtin = findBuiltin(name))
    return callBuiltin(*builtin, call);

  SmallVector<StringRef> candidates;
  for (const Builtin &builtin : allBuiltins())
    candidates.push_back(builtin.name);
  for (const auto &[itemName, other] : file->items)
    if (llvm::isa<FnItem>(other))
      candidates.push_back(itemName);
  tilec::Diagnostic &diagnostic = report(call.callee->range(), "cannot find the function '" + name + "'");
  if (StringRef close = closestName(name, candidates); !close.empty())
    diagnostic.note("did you mean '" + close + "'?");
  return Val::poison();
}

//===----------------------------------------------------------------------===//
// Builtins
//===----------------------------------------------------------------------===//

/// Whether the builtin looks at the expression itself and not at its value. Texts, lambdas and ranges have no value:
/// evaluated elsewhere, they are errors.
static bool isUnevaluated(const Builtin &builtin, size_t position, const Expr *expr) {
  StringRef name = builtin.name;
  if (position == 0 && (name == "load" || name == "store" || isAtomicName(name)))
    return true;
  switch (expr->kind()) {
  case Expr::Kind::String:
    return (name == "print" && position == 0) || (name == "assert" && position == 1);
  case Expr::Kind::Lambda:
    return (name == "reduce" || name == "scan") && position == 1;
  case Expr::Kind::Range:
    return name == "tile" && position == 0;
  default:
    return false;
  }
}

Val Elaborator::callBuiltin(const Builtin &builtin, const CallExpr &call) {
  CallArgs args;
  args.call = &call;
  SmallVector<StringRef> options;
  builtin.options.split(options, ' ', -1, /*KeepEmpty=*/false);
  bool isGood = true;
  StringRef name = builtin.name;
  for (const Argument &arg : call.args) {
    if (!arg.isNamed()) {
      CallArg &given = args.positional.emplace_back(CallArg{{}, arg.value, {}});
      if (!isUnevaluated(builtin, args.positional.size() - 1, arg.value))
        given.val = eval(arg.value);
      continue;
    }
    if (!llvm::is_contained(options, arg.name.text)) {
      tilec::Diagnostic &diagnostic = report(arg.name.range, "'" + name + "' has no option '" + arg.name.text + "'");
      if (StringRef close = closestName(arg.name.text, options); !close.empty())
        diagnostic.note("did you mean '" + close + "'?");
      else
        diagnostic.note("it is called as '" + builtin.usage + "'");
      isGood = false;
      continue;
    }
    CallArg &given = args.named.emplace_back(CallArg{arg.name.text, arg.value, {}});
    bool isWord = arg.name.text == "order" || arg.name.text == "scope" || arg.name.text == "precision";
    bool isSpecial = (name == "tile" && arg.name.text == "size") ||
                     (llvm::isa<ListExpr>(arg.value) && (arg.name.text == "axis" || arg.name.text == "after"));
    if (!isWord && !isSpecial)
      given.val = eval(arg.value);
  }
  // An option that is none may be what is missing from the arguments: one error is enough.
  if (!isGood)
    return Val::poison();
  int count = args.positional.size();
  if (count < builtin.minArgs || (builtin.maxArgs >= 0 && count > builtin.maxArgs)) {
    bool isTooFew = count < builtin.minArgs;
    report(isTooFew ? call.range() : args.positional[builtin.maxArgs].range(),
           "'" + name + "' takes " +
               (count < builtin.minArgs ? "at least " + std::to_string(builtin.minArgs)
                                        : "at most " + std::to_string(builtin.maxArgs)) +
               (count < builtin.minArgs ? (builtin.minArgs == 1 ? " argument" : " arguments")
                                        : (builtin.maxArgs == 1 ? " argument" : " arguments")) +
               ", and there " + (count == 1 ? "is 1" : "are " + std::to_string(count)))
        .note("it is called as '" + builtin.usage + "'");
    return Val::poison();
  }
  return (this->*builtin.emit)(builtin, args);
}

StringRef Elaborator::wordOption(const CallArg &arg, ArrayRef<StringRef> allowed) {
  StringRef word, written = compilation.sources.text(arg.range());
  if (const auto *name = dyn_cast<NameExpr>(arg.expr))
    word = name->name.text;
  else if (const auto *text = dyn_cast<StringExpr>(arg.expr))
    word = text->value;
  if (llvm::is_contained(allowed, word))
    return word;
  report(arg.range(), "'" + arg.name + "' is one of " + llvm::join(allowed, ", ") + ", not " + written);
  return {};
}

std::optional<bool> Elaborator::boolOption(const CallArg *arg, bool otherwise) {
  if (!arg)
    return otherwise;
  if (arg->val.isConstant() && arg->val.constant->isBool())
    return arg->val.constant->boolean;
  if (!arg->val.isPoison())
    report(arg->range(), "'" + arg->name + "' is 'true' or 'false', known at compile time");
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Helpers and lambdas
//===----------------------------------------------------------------------===//

Val Elaborator::callFn(const FnItem &fn, const CallExpr &call) {
  StringRef name = fn.name.text;
  std::vector<Val> args(fn.params.size(), Val::poison());
  std::vector<bool> isGiven(fn.params.size(), false);
  size_t next = 0;
  bool isGood = true;
  for (const Argument &arg : call.args) {
    Val val = bound(eval(arg.value), arg.value->range());
    if (val.kind == Val::Kind::Void)
      val = error(arg.value->range(), noValue(arg.value->range()));
    size_t position = next;
    if (arg.isNamed()) {
      auto found = llvm::find_if(fn.params, [&](const Name &param) { return param.text == arg.name.text; });
      position = found - fn.params.begin();
      if (found == fn.params.end()) {
        report(arg.name.range, "'" + name + "' has no parameter '" + arg.name.text + "'")
            .note(fn.name.range, "declared here");
        isGood = false;
        continue;
      }
    } else {
      while (position < fn.params.size() && isGiven[position])
        ++position;
      next = position + 1;
    }
    if (position >= fn.params.size() || isGiven[position]) {
      isGood = isGood && position < fn.params.size();
      next = std::max(next, fn.params.size() + 1);
      continue;
    }
    isGiven[position] = true;
    args[position] = std::move(val);
  }
  if (call.args.size() != fn.params.size() || (isGood && llvm::is_contained(isGiven, false))) {
    if (isGood || call.args.size() != fn.params.size())
      report(call.args.size() > fn.params.size() ? call.args[fn.params.size()].range() : call.range(),
             "'" + name + "' takes " + Twine(fn.params.size()) + (fn.params.size() == 1 ? " argument" : " arguments") +
                 ", and there " + (call.args.size() == 1 ? "is 1" : "are " + std::to_string(call.args.size())))
          .note(fn.name.range, "declared here");
    return Val::poison();
  }
  if (!isGood)
    return Val::poison();
  if (llvm::any_of(callStack, [&](const Frame &frame) { return frame.fn == &fn; })) {
    report(call.range(), "'" + name + "' calls itself; recursion is not possible, since helpers are inlined")
        .note(fn.name.range, "declared here");
    return Val::poison();
  }
  if (callStack.size() >= maxCallDepth)
    return error(call.range(), "helpers call each other more than " + Twine(maxCallDepth) + " deep");
  if (++numInlined > maxInlined) {
    if (numInlined == maxInlined + 1)
      return error(call.range(), "this kernel inlines more than " + Twine(maxInlined) + " calls of helpers");
    return Val::poison();
  }

  // A helper sees its parameters and its file.
  Scope params(nullptr);
  for (auto [param, val] : llvm::zip(fn.params, args))
    if (!param.isDiscard())
      params.add(param.text, param.range, val);
  callStack.push_back({&fn, call.range()});
  Scope *outerScope = std::exchange(scope, &params);
  const FileScope *home = file->home.lookup(&fn);
  const FileScope *outerFile = std::exchange(file, home ? home : file);
  LoopFrame *outerFrame = std::exchange(frame, nullptr);
  const Stmt *outerLast = std::exchange(lastOfFn, fn.body->statements.empty() ? nullptr : fn.body->statements.back());
  std::optional<Val> outerReturned = std::exchange(returned, std::nullopt);
  StringRef outerName = std::exchange(bindingName, StringRef());
  emitBlock(*fn.body);
  Val result = returned.value_or(Val::ofVoid());
  bindingName = outerName;
  returned = outerReturned;
  lastOfFn = outerLast;
  frame = outerFrame;
  file = outerFile;
  scope = outerScope;
  callStack.pop_back();
  return result;
}

Val Elaborator::evalLambda(const LambdaExpr &lambda, ArrayRef<Val> args) {
  Scope params(scope);
  for (auto [param, val] : llvm::zip(lambda.params, args))
    if (!param.isDiscard())
      params.add(param.text, param.range, val);
  Scope *outer = std::exchange(scope, &params);
  Val result = eval(lambda.body);
  scope = outer;
  return result;
}
