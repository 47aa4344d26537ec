//===- Elaborator.cpp - one kernel from syntax tree to IR -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The frame of the walk: one kernel from its header to its terminator, and how errors are reported.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;

/// Notes about the calls that led to an error; more are left out.
static constexpr unsigned maxCallNotes = 4;

const CallArg *CallArgs::option(llvm::StringRef name) const {
  for (const CallArg &arg : named)
    if (arg.name == name)
      return &arg;
  return nullptr;
}

Elaborator::Elaborator(Elaboration &compilation, const FileScope &file)
    : compilation(compilation), context(&compilation.context), builder(&compilation.context), diags(compilation.diags),
      file(&file) {}

tilec::Diagnostic &Elaborator::report(SourceRange range, const llvm::Twine &sentence) {
  failedBefore = true;
  tilec::Diagnostic &diagnostic = diags.error(range, sentence);
  unsigned notes = 0;
  for (const Frame &frame : llvm::reverse(callStack)) {
    if (notes++ == maxCallNotes)
      break;
    diagnostic.note(frame.call, "in this call of '" + frame.fn->name.text + "'");
  }
  return diagnostic;
}

Val Elaborator::error(SourceRange range, const llvm::Twine &sentence) {
  report(range, sentence);
  return Val::poison();
}

Val Elaborator::tooDeep(SourceRange range, const llvm::Twine &sentence) {
  failedBefore = true;
  return std::exchange(isTooDeep, true) ? Val::poison() : error(range, sentence);
}

std::string Elaborator::describe(llvm::ArrayRef<Dim> dims) {
  std::string text = "[";
  for (auto [position, dim] : llvm::enumerate(dims))
    text += (position ? ", " : "") + dim.name;
  return text + "]";
}

std::string Elaborator::quoted(const Dim &dim) {
  bool isKnown = dim.isNumber && !ShapedType::isDynamic(dim.size);
  return isKnown ? dim.name : "'" + dim.name + "'";
}

std::string Elaborator::noValue(SourceRange call) const {
  StringRef callee = compilation.sources.text(call).take_until([](char c) { return c == '(' || c == ' '; });
  return ("'" + callee + "' gives no value").str();
}

std::string Elaborator::describe(const Val &val) const {
  switch (val.kind) {
  case Val::Kind::Poison:
  case Val::Kind::Void:
    return "nothing";
  case Val::Kind::Runtime:
    if (val.isUntyped)
      return "the number " + val.constant->text();
    return spelling(val.type).str() + (val.dims.empty() ? "" : describe(llvm::ArrayRef<Dim>(val.dims)));
  case Val::Kind::Array:
    return "the array '" + val.array->name + "'";
  case Val::Kind::TileIndex:
    return "the tile index '" + val.tileIndex->name + "'";
  case Val::Kind::Window:
    return "a window of the tile index '" + val.tileIndex->name + "'";
  case Val::Kind::Tuple:
    return "a tuple";
  case Val::Kind::Token:
    return "a token";
  case Val::Kind::Type:
    return ("the type '" + spelling(val.type) + "'").str();
  }
  return "a value";
}

void Elaborator::leaveOutBody(size_t numDiagnostics) {
  bool anyUnknown = false;
  for (const auto &[name, symbol] : symbols) {
    if (compilation.options.dims.contains(name))
      continue;
    compilation.missingDims.insert(name);
    anyUnknown = true;
  }
  if (!anyUnknown)
    return;
  diags.takeBack(numDiagnostics);
  entry->clear();
  lastInPrologue = nullptr;
  failedBefore = false;
}

bool Elaborator::elaborate(const ast::KernelItem &kernelItem, ModuleOp module) {
  item = &kernelItem;
  Scope paramScope(nullptr);
  scope = &paramScope;
  if (!bindTypeParams() || !bindConstParams())
    return false;
  collectSymbols();
  if (failedBefore)
    return false;
  bindSymbols();
  if (failedBefore)
    return false;
  BodyUse use = newUse();
  use.addStatements(item->body->statements);
  // A helper may order accesses, too.
  llvm::SetVector<const ast::Item *> fns;
  for (size_t seen = 0, next = 0; next <= fns.size(); ++next) {
    for (; seen != use.called.size(); ++seen)
      if (const ast::Item *callee = file->items.lookup(use.called[seen]); llvm::isa_and_nonnull<ast::FnItem>(callee))
        fns.insert(callee);
    if (next == fns.size())
      break;
    use.addStatements(llvm::cast<ast::FnItem>(fns[next])->body->statements);
  }
  usesSync = use.hasSync;

  createKernel(module, bakedConfigs(use));
  declareParams();
  builder.setInsertionPointToEnd(entry);
  bool wasGood = !failedBefore;
  size_t numDiagnostics = diags.diagnostics().size();
  emitBlock(*item->body);
  if (wasGood && failedBefore && compilation.options.draft)
    leaveOutBody(numDiagnostics);
  nameUnreached(use);
  // Dims and constants that were asked for on the way are in the prologue; the end is the end.
  builder.setInsertionPointToEnd(entry);
  tile::ReturnOp::create(builder,
                         loc(SourceRange(item->range().file, item->body->range.end - 1, item->body->range.end)));
  scope = nullptr;
  return !failedBefore;
}
