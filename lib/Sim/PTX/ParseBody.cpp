//===- ParseBody.cpp - the body of a PTX function ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scopes, labels, tables and `.loc`: what a body is made of besides its instructions (ParseInstructions.cpp).

#include "Parser.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// names
//===----------------------------------------------------------------------===//

bool Parser::declare(StringRef name, Symbol symbol, Place place) {
  return scopes.back().symbols.try_emplace(name, symbol).second || fail(place, "'" + name + "' is declared twice");
}

const Parser::Symbol *Parser::lookup(StringRef name) const {
  for (const Scope &scope : llvm::reverse(scopes))
    if (auto found = scope.symbols.find(name);
        found != scope.symbols.end() && found->second.kind != Symbol::Kind::Registers)
      return &found->second;
  return nullptr;
}

/// The register of a range that `name` is, such as `%r7` of `%r<9>`.
bool Parser::lookupRegister(StringRef name, unsigned &index) const {
  StringRef prefix = name.rtrim("0123456789");
  unsigned number;
  if (prefix.size() == name.size())
    return false;
  // `%x0<3>` is possible as well: every cut into a name and a number.
  for (size_t cut = prefix.size(); cut != name.size(); ++cut) {
    if (name.drop_front(cut).getAsInteger(10, number) || (name[cut] == '0' && cut + 1 != name.size()))
      continue;
    for (const Scope &scope : llvm::reverse(scopes)) {
      auto found = scope.symbols.find(name.take_front(cut));
      if (found != scope.symbols.end() && found->second.kind == Symbol::Kind::Registers &&
          number < found->second.count) {
        index = found->second.index + number;
        return true;
      }
    }
  }
  return false;
}

/// Settles what a name stood for that had no declaration before it.
void Parser::resolve(const PendingLabel &pending, unsigned label) {
  bool isTable = label & kTableBit;
  if (pending.inTable) {
    if (isTable)
      fail(pending.place, "'" + pending.name + "' is a table, not a label of an instruction");
    else
      function->tables[pending.owner].targets[pending.slot] = label;
    return;
  }
  Operand &operand = function->instructions[pending.owner].operands[pending.slot];
  operand.kind = isTable ? Operand::Kind::Table : Operand::Kind::Label;
  operand.index = label & ~kTableBit;
}

void Parser::closeScope() {
  Scope scope = std::move(scopes.back());
  scopes.pop_back();
  for (const PendingLabel &pending : scope.pending) {
    auto found = scope.labels.find(pending.name);
    if (found != scope.labels.end())
      resolve(pending, found->second);
    else if (!scopes.empty())
      scopes.back().pending.push_back(pending);
    else
      fail(pending.place, "'" + pending.name + "' is not declared");
  }
}

//===----------------------------------------------------------------------===//
// statements
//===----------------------------------------------------------------------===//

bool Parser::parseBody() {
  openScope();
  source = SourceLine();
  for (auto [params, base] : {std::pair(&function->signature.results, Function::kResultBase),
                              std::pair(&function->signature.params, Function::kParamBase)})
    for (unsigned i = 0; i != params->size(); ++i)
      declare((*params)[i].name, {Symbol::Kind::Variable, base + i}, (*params)[i].place);
  take();
  bool isGood = true;
  while (!scopes.empty() && errors.size() < Limits::errors) {
    if (token.kind == Token::Kind::End) {
      isGood = failHere("expected '}' at the end of the function");
      break;
    }
    if (takeSign("{")) {
      if (scopes.size() > Limits::nesting) {
        isGood = failHere("blocks are nested too deep");
        break;
      }
      openScope();
    } else if (takeSign("}")) {
      closeScope();
    } else if (!parseStatement()) {
      skipStatement();
      // What is in braces here belongs to the statement.
      if (token.isSign("{") && !skipBraces())
        break;
    }
  }
  while (!scopes.empty())
    scopes.pop_back();
  return isGood;
}

bool Parser::parseStatement() {
  if (takeSign(";"))
    return true;
  if (token.kind == Token::Kind::Dotted)
    return parseBodyDirective();
  if (token.kind == Token::Kind::Name && peek().isSign(":"))
    return parseLabel();
  if (token.kind == Token::Kind::Name || token.isSign("@"))
    return parseInstruction();
  return failHere("expected an instruction");
}

bool Parser::parseBodyDirective() {
  Token word = take();
  if (word.text == "reg")
    return parseRegisters();
  if (word.text == "loc")
    return parseLocation();
  if (word.text == "local")
    return parseVariables(Space::Local, Linkage::Internal, function->variables);
  if (word.text == "shared" || word.text == "shared::cta")
    return parseVariables(Space::Shared, Linkage::Internal, function->variables);
  if (word.text == "param")
    return parseVariables(Space::Param, Linkage::Internal, function->variables);
  if (word.text == "global")
    return parseVariables(Space::Global, Linkage::Internal, function->variables);
  if (word.text == "const")
    return parseVariables(Space::Const, Linkage::Internal, function->variables);
  if (word.text == "file")
    return parseFile();
  if (word.text == "pragma") {
    if (token.kind != Token::Kind::String)
      return failHere("expected a string");
    take();
    return expectSign(";", "the pragma");
  }
  if (word.text == "section") {
    while (token.kind != Token::Kind::End && !token.isSign("{"))
      take();
    return skipBraces();
  }
  return fail(word.place, "'." + word.text + "' is no directive of a function's body");
}

/// `.loc 1 10 42`, and `, function_name $L__info0, inlined_at 1 5 3` behind it. Where line 5 is inlined itself, a
/// `.loc` before this one says so.
bool Parser::parseLocation() {
  uint64_t file, line, column, ignored;
  int caller = -1;
  if (!expectUnsigned(file, "the number of a file") || !expectUnsigned(line, "a line") ||
      !expectUnsigned(column, "a column"))
    return false;
  while (takeSign(",")) {
    StringRef word;
    if (!expectName(word, "'function_name' or 'inlined_at'"))
      return false;
    if (word == "function_name") {
      if (!expectName(word, "a label"))
        return false;
      if (takeSign("+") && !expectUnsigned(ignored, "an offset"))
        return false;
    } else if (word == "inlined_at") {
      uint64_t at[3];
      for (uint64_t &number : at)
        if (!expectUnsigned(number, "a place"))
          return false;
      caller = findCaller(at[0], at[1], at[2]);
    } else {
      return failHere("expected 'function_name' or 'inlined_at' before this");
    }
  }
  // Line 0 is code that belongs to no line: it is counted to the line before.
  if (line) {
    source = {static_cast<unsigned>(file), static_cast<unsigned>(line), static_cast<unsigned>(column), caller};
    latestLine[{source.file, source.line, source.column}] = source;
  }
  return true;
}

/// The index of the place of a call among Module::callers.
int Parser::findCaller(unsigned file, unsigned line, unsigned column) {
  auto latest = latestLine.find({file, line, column});
  SourceLine place = latest == latestLine.end() ? SourceLine{file, line, column} : latest->second;
  auto [found, isNew] = callerIndex.try_emplace(place, static_cast<int>(module.callers.size()));
  if (isNew)
    module.callers.push_back(place);
  return found->second;
}

bool Parser::parseLabel() {
  Token name = take();
  take();
  bool isTable = token.isDotted("branchtargets") || token.isDotted("calltargets") || token.isDotted("callprototype");
  unsigned label = isTable ? function->tables.size() | kTableBit : function->instructions.size();
  if (!scopes.back().labels.try_emplace(name.text, label).second)
    return fail(name.place, "label '" + name.text + "' is there twice");
  return !isTable || parseTable(name.text, name.place);
}

bool Parser::parseTable(StringRef label, Place place) {
  Token word = take();
  unsigned index = function->tables.size();
  // At its place from the start: labels of its targets are settled by its index, also after an error.
  Table &table = function->tables.emplace_back();
  table.name = label;
  table.place = place;
  if (word.text == "callprototype") {
    table.kind = Table::Kind::Prototype;
    StringRef name;
    if (token.isSign("(") && !parseParams(table.prototype.results))
      return false;
    if (!expectName(name, "'_'") || (token.isSign("(") && !parseParams(table.prototype.params)))
      return false;
    while (token.kind == Token::Kind::Dotted) {
      bool isNoReturn = token.isDotted("noreturn");
      table.prototype.isNoReturn |= isNoReturn;
      take();
      if (!isNoReturn && token.kind == Token::Kind::Integer)
        take();
    }
    return expectSign(";", "the prototype");
  }
  bool isCalls = word.text == "calltargets";
  table.kind = isCalls ? Table::Kind::Calls : Table::Kind::Branches;
  do {
    Place where = token.place;
    StringRef name;
    if (!expectName(name, isCalls ? "the name of a function" : "a label"))
      return false;
    if (isCalls) {
      auto found = functionOf.find(name);
      if (found == functionOf.end())
        return fail(where, "function '" + name + "' is not declared");
      table.targets.push_back(found->second);
      continue;
    }
    scopes.back().pending.push_back({name, where, true, index, static_cast<unsigned>(table.targets.size())});
    table.targets.push_back(0);
  } while (takeSign(","));
  return expectSign(";", "the targets");
}
