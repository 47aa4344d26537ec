//===- ParserItems.cpp - imports, consts, fns, kernels, graphs -*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The items of a file and their headers. A broken header does not keep the
/// body behind it from being parsed.
///
//===----------------------------------------------------------------------===//

#include "ParserImpl.h"

#include "llvm/ADT/StringSwitch.h"

using namespace tilec;
using namespace tilec::ast;
using llvm::SmallVector;
using llvm::SmallVectorImpl;
using llvm::StringRef;
using llvm::Twine;

/// The keyword for what another language calls `word`, or nothing.
static StringRef itemKeywordFor(StringRef word) {
  return llvm::StringSwitch<StringRef>(word)
      .Cases({"def", "func", "function", "fun"}, "fn")
      .Cases({"include", "use", "from"}, "import")
      .Default("");
}

const Item *Parser::parseItem() {
  silencedUntilItem = false;
  bracesAreUnsure = false;
  switch (kind()) {
  case TokenKind::KwImport:
    return parseImport();
  case TokenKind::KwConst:
    return parseConst();
  case TokenKind::KwFn:
    return parseFn();
  case TokenKind::KwKernel:
  case TokenKind::KwGraph:
  case TokenKind::At:
    return parseKernel();
  default:
    break;
  }
  if (at(TokenKind::RBrace)) {
    errorHere("this '}' closes nothing");
  } else if (at(TokenKind::KwLet) || at(TokenKind::KwVar)) {
    errorHere("expected an item, but " + nextQuoted() +
              " stands only in bodies")
        .note("a value for the whole file is a 'const'");
  } else {
    StringRef word = textOf(token());
    Diagnostic &diagnostic =
        errorHere("expected an item: 'import', 'const', 'fn', 'kernel' or "
                  "'graph', not " +
                  nextQuoted());
    if (StringRef keyword = itemKeywordFor(word); !keyword.empty())
      diagnostic.note("write '" + keyword + "'");
  }
  advance();
  syncItem();
  return nullptr;
}

void Parser::endItem() {
  if (at(TokenKind::Newline) || at(TokenKind::Semicolon) ||
      at(TokenKind::EndOfFile))
    return;
  errorHere("expected a new line or ';' before " + nextQuoted());
  syncItem();
}

const Item *Parser::parseImport() {
  uint32_t begin = advance().begin;
  StringRef path;
  SourceRange pathRange = rangeOf(token());
  if (at(TokenKind::String)) {
    path = decodeString(token());
    if (path.empty()) {
      errorHere("an import needs the path of a file");
      syncItem();
      return nullptr;
    }
  } else if (!at(TokenKind::Identifier) || textOf(token()) != "std") {
    errorHere("expected the path of a file in quotes, or 'std', after "
              "'import'");
    syncItem();
    return nullptr;
  }
  advance();
  const Item *item = context.create<ImportItem>(since(begin), path, pathRange);
  endItem();
  return item;
}

const Item *Parser::parseConst() {
  uint32_t begin = advance().begin;
  std::optional<Name> name = parseName("after 'const'");
  const Expr *value = nullptr;
  if (name && at(TokenKind::Colon))
    errorHere("a 'const' takes the type of its value")
        .note("write 'const " + name->text + " = ...'");
  else if (name && expect(TokenKind::Equal, "after 'const " + name->text + "'"))
    value = parseExpr();
  if (!value) {
    syncItem();
    return nullptr;
  }
  const Item *item = context.create<ConstItem>(since(begin), *name, value);
  endItem();
  return item;
}

const Block *Parser::parseBody(bool headerIsGood, const Twine &where) {
  if (headerIsGood && token().kind == TokenKind::LBrace)
    return parseBlock(where);
  if (headerIsGood)
    errorHere("expected '{' " + where);
  if (syncToBody())
    parseBlock(where);
  else
    syncItem();
  return nullptr;
}

const Item *Parser::parseFn() {
  uint32_t begin = advance().begin;
  SmallVector<Name> params;
  std::optional<Name> name = parseName("after 'fn'");
  auto parseParameter = [&] {
    std::optional<Name> param = parseName("for a parameter");
    if (!param)
      return false;
    if (at(TokenKind::Colon)) {
      errorHere("the parameters of a 'fn' have no types")
          .note("a 'fn' is checked anew at each use");
      return false;
    }
    if (at(TokenKind::Equal)) {
      errorHere("the parameters of a 'fn' have no defaults");
      return false;
    }
    params.push_back(*param);
    return true;
  };
  bool good = false;
  if (name && at(TokenKind::LParen)) {
    ++brackets;
    SourceRange open = advance();
    good = parseList(TokenKind::RParen, open, parseParameter);
  } else if (name) {
    errorHere("expected '(' after 'fn " + name->text + "'");
  }
  if (good && at(TokenKind::Arrow)) {
    errorHere("a 'fn' does not declare its result")
        .note("'return' at its end gives the value");
    good = false;
  }
  const Block *body = parseBody(good, "before the body of the fn");
  if (!body)
    return nullptr;
  return context.create<FnItem>(since(begin), *name, copy(params), body);
}

bool Parser::parseAttributes(SmallVectorImpl<Attribute> &attributes) {
  while (at(TokenKind::At)) {
    uint32_t begin = advance().begin;
    std::optional<Name> name = parseName("after '@'");
    if (!name || !at(TokenKind::LParen)) {
      if (name)
        errorHere("expected '(' after '@" + name->text + "'");
      return false;
    }
    if (name->text != "config") {
      error(name->range, "there is no attribute '@" + name->text + "'")
          .note("the only attribute is '@config(...)'");
      return false;
    }
    ++brackets;
    SourceRange open = advance();
    SmallVector<Argument> args;
    if (!parseArguments(open, args))
      return false;
    for (const Argument &arg : args)
      if (!arg.isNamed()) {
        error(arg.range(), "every value of '@config' has a name")
            .note("write 'i=64', for instance");
        return false;
      }
    attributes.push_back({since(begin), *name, copy(args)});
    skipNewline();
  }
  return true;
}

bool Parser::parseTypeParams(SmallVectorImpl<TypeParam> &params) {
  SourceRange open = advance();
  auto parseTypeParam = [&] {
    std::optional<Name> name = parseName("for a type parameter");
    if (!name || !expect(TokenKind::Colon,
                         "after the type parameter '" + name->text + "'"))
      return false;
    StringRef word = textOf(token());
    std::optional<TypeParam::Bound> bound =
        llvm::StringSwitch<std::optional<TypeParam::Bound>>(word)
            .Case("float", TypeParam::Bound::Float)
            .Case("int", TypeParam::Bound::Int)
            .Case("number", TypeParam::Bound::Number)
            .Default(std::nullopt);
    if (!bound) {
      errorHere(
          "a type parameter is bound by 'float', 'int' or 'number', not " +
          nextQuoted());
      return false;
    }
    params.push_back({*name, *bound, advance()});
    return true;
  };
  if (at(TokenKind::Greater)) {
    errorHere("expected a type parameter after '<'");
    return false;
  }
  return parseList(TokenKind::Greater, open, parseTypeParam);
}

bool Parser::parseArrayType(Param &param) {
  uint32_t begin = token().begin;
  param.elementType = parseTypeName("after ':'");
  if (!param.elementType)
    return false;
  if (at(TokenKind::LSquare)) {
    ++brackets;
    SourceRange open = advance();
    SmallVector<const Expr *> dims;
    auto parseDim = [&] {
      if (at(TokenKind::Colon)) {
        errorHere("a dim is a number, a name or an expression over them, not "
                  "':'");
        return false;
      }
      const Expr *dim = parseExpr();
      dims.push_back(dim);
      return dim != nullptr;
    };
    if (!parseList(TokenKind::RSquare, open, parseDim))
      return false;
    param.isArray = true;
    param.dims = copy(dims);
  }
  param.typeRange = since(begin);
  return true;
}

/// The place of the modifier `word` in a parameter, or null for another word.
static SourceRange *modifierRange(Param &param, StringRef word) {
  return llvm::StringSwitch<SourceRange *>(word)
      .Case("const", &param.constRange)
      .Case("inout", &param.inoutRange)
      .Case("strided", &param.stridedRange)
      .Default(nullptr);
}

bool Parser::parseParam(Param &param, bool isResult) {
  uint32_t begin = token().begin;
  const char *what = isResult ? "for a result" : "for a parameter";
  // `inout` and `strided` are ordinary names where no other name follows.
  while (at(TokenKind::KwConst) ||
         (at(TokenKind::Identifier) && ahead(1).kind != TokenKind::Colon)) {
    StringRef word = textOf(token());
    SourceRange *place = modifierRange(param, word);
    if (!place)
      break;
    if (place->isValid()) {
      errorHere("'" + word + "' is written twice")
          .note(*place, "it is written here, too");
      return false;
    }
    *place = advance();
  }
  param.isConst = param.constRange.isValid();
  param.isInout = param.inoutRange.isValid();
  param.isStrided = param.stridedRange.isValid();
  if (isResult && (param.isConst || param.isInout)) {
    error(param.isConst ? param.constRange : param.inoutRange,
          Twine("a result is not ") + (param.isConst ? "const" : "inout"))
        .note("parameters stand before '->'");
    return false;
  }
  std::optional<Name> name = parseName(what);
  if (!name)
    return false;
  param.name = *name;
  if (name->isDiscard()) {
    error(name->range, Twine(isResult ? "a result" : "a parameter") +
                           " of a kernel needs a name");
    return false;
  }
  if (!expect(TokenKind::Colon, "and a type after '" + name->text + "'") ||
      !parseArrayType(param))
    return false;
  if (at(TokenKind::Equal)) {
    if (!param.isConst) {
      errorHere("only a 'const' parameter has a default");
      return false;
    }
    advance();
    param.defaultValue = parseExpr();
    if (!param.defaultValue)
      return false;
  }
  param.range = since(begin);
  if (param.isArray ? param.isConst
                    : param.isInout || param.isStrided || isResult) {
    // An error of meaning, but one that needs no other knowledge.
    if (param.isConst)
      error(param.constRange, "a 'const' parameter is a scalar, not an array");
    else if (isResult)
      error(param.typeRange, "a result is an array")
          .note("write its dims: '" + name->text + ": f32[M]'");
    else
      error(param.isInout ? param.inoutRange : param.stridedRange,
            Twine("only an array can be '") +
                (param.isInout ? "inout" : "strided") + "'");
    return false;
  }
  return true;
}

bool Parser::parseResults(SmallVectorImpl<Param> &results) {
  SourceRange arrow = advance();
  auto parseResult = [&] {
    Param result;
    if (!parseParam(result, /*isResult=*/true))
      return false;
    results.push_back(result);
    return true;
  };
  if (!at(TokenKind::LParen))
    return parseResult();
  ++brackets;
  SourceRange open = advance();
  if (at(TokenKind::RParen)) {
    error(arrow, "'->' stands before results, but there are none")
        .note("leave '->' out");
    return false;
  }
  return parseList(TokenKind::RParen, open, parseResult);
}

const Item *Parser::parseKernel() {
  uint32_t begin = token().begin;
  SmallVector<Attribute> attributes;
  if (!parseAttributes(attributes)) {
    if (std::optional<size_t> behind = findClose())
      skipTo(*behind);
    syncItem();
    return nullptr;
  }
  if (!at(TokenKind::KwKernel) && !at(TokenKind::KwGraph)) {
    error(attributes.back().range,
          "'@config' stands before a kernel or a graph, not before " +
              nextQuoted());
    syncItem();
    return nullptr;
  }
  bool isGraph = at(TokenKind::KwGraph);
  SourceRange keyword = advance();
  StringRef what = isGraph ? "graph" : "kernel";

  SmallVector<TypeParam> typeParams;
  SmallVector<Param> params, results;
  auto parseParameter = [&] {
    Param param;
    if (!parseParam(param, /*isResult=*/false))
      return false;
    params.push_back(param);
    return true;
  };
  std::optional<Name> name = parseName("after '" + what + "'");
  bool good = name.has_value();
  if (good && at(TokenKind::Less))
    good = parseTypeParams(typeParams);
  if (good && !at(TokenKind::LParen)) {
    errorHere("expected '(' and the parameters of '" + name->text + "'");
    good = false;
  }
  if (good) {
    ++brackets;
    SourceRange open = advance();
    good = parseList(TokenKind::RParen, open, parseParameter);
  }
  if (good && at(TokenKind::Arrow))
    good = parseResults(results);
  const Block *body = parseBody(good, "before the body of the " + what);
  if (!body)
    return nullptr;
  return context.create<KernelItem>(since(begin), isGraph, keyword,
                                    copy(attributes), *name, copy(typeParams),
                                    copy(params), copy(results), body);
}
