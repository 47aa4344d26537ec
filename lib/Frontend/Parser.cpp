//===- Parser.cpp - tokens, errors and recovery of the parser --*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What every part of the parser stands on: the stream of tokens, in which a
/// line's end counts or not, the reporting of errors, and the three ways to
/// find back after one.
///
//===----------------------------------------------------------------------===//

#include "ParserImpl.h"

#include "llvm/ADT/StringExtras.h"

using namespace tilec;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

/// Whether a line that ends with this token goes on in the next one.
static bool continuesLine(TokenKind kind) {
  switch (kind) {
  case TokenKind::FatArrow:
  case TokenKind::Arrow:
  case TokenKind::Comma:
  case TokenKind::Plus:
  case TokenKind::Minus:
  case TokenKind::Star:
  case TokenKind::StarStar:
  case TokenKind::Slash:
  case TokenKind::SlashSlash:
  case TokenKind::Percent:
  case TokenKind::At:
  case TokenKind::Amp:
  case TokenKind::Pipe:
  case TokenKind::Caret:
  case TokenKind::LessLess:
  case TokenKind::GreaterGreater:
  case TokenKind::EqualEqual:
  case TokenKind::NotEqual:
  case TokenKind::Less:
  case TokenKind::LessEqual:
  case TokenKind::Greater:
  case TokenKind::GreaterEqual:
  case TokenKind::KwAnd:
  case TokenKind::KwOr:
  case TokenKind::KwAs:
  case TokenKind::DotDot:
    return true;
  default:
    return isAssignment(kind);
  }
}

TokenKind Parser::kind() const {
  const Token &next = token();
  bool counts = next.newlineBefore && !newlineSkipped && brackets == 0 &&
                !continuesLine(lastKind) && next.kind != TokenKind::Arrow &&
                next.kind != TokenKind::KwElse &&
                next.kind != TokenKind::EndOfFile;
  return counts ? TokenKind::Newline : next.kind;
}

const Token &Parser::ahead(size_t ahead) const {
  return tokens[std::min(position + ahead, tokens.size() - 1)];
}

SourceRange Parser::advance() {
  // What cannot be a token is reported where it is in the way, not skipped
  // over.
  if (token().kind != TokenKind::Error)
    reportLexError(token());
  const Token &next = token();
  if (next.kind == TokenKind::EndOfFile)
    return {file, lastEnd, lastEnd};
  SourceRange range = rangeOf(next);
  lastEnd = next.end;
  lastKind = next.kind;
  newlineSkipped = false;
  ++position;
  return range;
}

bool Parser::accept(TokenKind wanted) {
  if (!at(wanted))
    return false;
  advance();
  return true;
}

bool Parser::atStatementEnd() const {
  switch (kind()) {
  case TokenKind::Newline:
  case TokenKind::Semicolon:
  case TokenKind::RBrace:
  case TokenKind::EndOfFile:
    return true;
  default:
    return false;
  }
}

std::string Parser::lastQuoted() const {
  if (position == 0)
    return "the start of the file";
  const Token &last = tokens[position - 1];
  if (last.kind == TokenKind::String)
    return "the string";
  return ("'" + textOf(last).take_front(40) + "'").str();
}

std::string Parser::nextQuoted() const {
  switch (kind()) {
  case TokenKind::Newline:
    return "the end of the line";
  case TokenKind::EndOfFile:
    return "the end of the file";
  case TokenKind::String:
    return "a string";
  default:
    return ("'" + textOf(token()).take_front(40) + "'").str();
  }
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

Diagnostic &Parser::error(SourceRange range, const Twine &sentence) {
  if (silenced) {
    unreported = Diagnostic();
    return unreported;
  }
  Diagnostic &diagnostic = diags.error(range, sentence);
  if (diags.isFull()) {
    // Nobody reads on: stop at the next look at a token.
    silenced = true;
    position = tokens.size() - 1;
  }
  return diagnostic;
}

Diagnostic &Parser::errorHere(const Twine &sentence) {
  const Token &next = token();
  if (next.kind == TokenKind::Error ||
      (next.kind == TokenKind::EndOfFile && next.error != LexError::None)) {
    reportLexError(next);
    unreported = Diagnostic();
    return unreported;
  }
  if (at(TokenKind::Newline) || at(TokenKind::EndOfFile))
    return error({file, lastEnd, lastEnd}, sentence);
  return error(rangeOf(next), sentence);
}

void Parser::reportLexError(const Token &token) {
  // Looking at a token twice is no second mistake.
  if (token.error == LexError::None || token.end <= lexErrorsEnd)
    return;
  bool atEnd = token.kind == TokenKind::EndOfFile;
  bracesAreUnsure |= token.error == LexError::UnclosedString ||
                     token.error == LexError::HashComment;
  lexErrorsEnd = token.end;
  LexErrorText text = describe(token, file, diags.sourceManager());
  Diagnostic &diagnostic = error(text.range, text.sentence);
  if (!text.fix.empty())
    diagnostic.note(text.fix);
  // What such a file lacks at its end is no second mistake.
  if (atEnd)
    silenced = true;
}

void Parser::giveUp(SourceRange range, const Twine &sentence) {
  error(range, sentence);
  silenced = true;
  position = tokens.size() - 1;
}

bool Parser::tooDeep() {
  if (nesting < ast::maxNesting)
    return false;
  giveUp(rangeOf(token()), "blocks, brackets and operators nest more than " +
                               Twine(ast::maxNesting) + " deep here");
  return true;
}

bool Parser::expect(TokenKind wanted, const Twine &where) {
  if (accept(wanted))
    return true;
  errorHere("expected '" + spelling(wanted) + "' " + where);
  return false;
}

std::optional<ast::Name> Parser::parseName(const Twine &where) {
  if (at(TokenKind::Identifier)) {
    StringRef text = textOf(token());
    return ast::Name{text, advance()};
  }
  TokenKind next = kind();
  if (isKeyword(next) ||
      (next == TokenKind::Float && llvm::isAlpha(textOf(token()).front())))
    errorHere("expected a name " + where + ", but " + nextQuoted() +
              " is a keyword");
  else if (next == TokenKind::TypeName)
    errorHere("expected a name " + where + ", but " + nextQuoted() +
              " is a type");
  else
    errorHere("expected a name " + where);
  return std::nullopt;
}

bool Parser::parseList(TokenKind close, SourceRange open,
                       llvm::function_ref<bool()> element, bool *sawComma) {
  while (!at(close)) {
    if (!element())
      return false;
    if (at(close))
      break;
    if (!accept(TokenKind::Comma)) {
      errorInList(close, open);
      return false;
    }
    if (sawComma)
      *sawComma = true;
  }
  if (close == TokenKind::RParen || close == TokenKind::RSquare)
    --brackets;
  advance();
  return true;
}

void Parser::errorInList(TokenKind close, SourceRange open) {
  bool inBrackets = close == TokenKind::RParen || close == TokenKind::RSquare;
  StringRef opening = diags.sourceManager().text(open);
  bool isClosed = !inBrackets || findClose();
  Diagnostic &diagnostic =
      isClosed ? errorHere("expected ',' or '" + spelling(close) + "' before " +
                           nextQuoted())
               : errorHere("expected '" + spelling(close) + "' before " +
                           nextQuoted());
  if (!isClosed)
    diagnostic.note(open, "this '" + opening + "' is never closed");
}

//===----------------------------------------------------------------------===//
// Recovery
//===----------------------------------------------------------------------===//

/// Keywords that only start a statement or an item: inside brackets they show
/// that a bracket is not closed.
static bool startsStatement(TokenKind kind) {
  switch (kind) {
  case TokenKind::KwLet:
  case TokenKind::KwVar:
  case TokenKind::KwFor:
  case TokenKind::KwWhile:
  case TokenKind::KwIf:
  case TokenKind::KwBreak:
  case TokenKind::KwContinue:
  case TokenKind::KwReturn:
  case TokenKind::KwTune:
    return true;
  default:
    return false;
  }
}

/// Keywords that start an item and never stand in a block or in brackets.
static bool isItemKeyword(TokenKind kind) {
  return kind == TokenKind::KwKernel || kind == TokenKind::KwGraph ||
         kind == TokenKind::KwFn || kind == TokenKind::KwImport;
}

bool Parser::startsItem(const Token &token) const {
  if (isItemKeyword(token.kind))
    return true;
  if (token.kind != TokenKind::KwConst && token.kind != TokenKind::At)
    return false;
  return token.newlineBefore || &token == &tokens.front();
}

bool Parser::startsItemUnindented(const Token &token) const {
  if (!isItemKeyword(token.kind) || !token.newlineBefore)
    return false;
  return diags.sourceManager().text(file)[token.begin - 1] == '\n';
}

std::optional<size_t> Parser::findClose() const {
  unsigned open = brackets;
  if (open == 0)
    return position;
  for (size_t i = position; i < tokens.size(); ++i) {
    const Token &token = tokens[i];
    switch (token.kind) {
    case TokenKind::LParen:
    case TokenKind::LSquare:
      ++open;
      break;
    case TokenKind::RParen:
    case TokenKind::RSquare:
      if (--open == 0)
        return i + 1;
      break;
    case TokenKind::LBrace:
    case TokenKind::RBrace:
    case TokenKind::Semicolon:
    case TokenKind::EndOfFile:
      return std::nullopt;
    default:
      if (token.newlineBefore &&
          (isItemKeyword(token.kind) || startsStatement(token.kind)))
        return std::nullopt;
    }
  }
  return std::nullopt;
}

void Parser::skipTo(size_t behind) {
  while (position < behind)
    advance();
}

void Parser::skipBraces() {
  unsigned open = 0;
  do {
    if (startsItemUnindented(token()))
      return;
    open += token().kind == TokenKind::LBrace;
    open -= token().kind == TokenKind::RBrace;
    advance();
  } while (open != 0 && !at(TokenKind::EndOfFile));
}

void Parser::syncStatement() {
  bool closes = true;
  if (std::optional<size_t> behind = findClose())
    skipTo(*behind);
  else
    closes = false;
  brackets = 0;
  while (!atStatementEnd() && !startsItemUnindented(token())) {
    // Also behind an operator, where the line's end does not count.
    if (token().newlineBefore && startsStatement(token().kind)) {
      newlineSkipped = false;
      lastKind = TokenKind::Semicolon;
      return;
    }
    if (at(TokenKind::LBrace)) {
      skipBraces();
      continue;
    }
    bool opens = at(TokenKind::LParen) || at(TokenKind::LSquare);
    advance();
    if (!opens || !closes)
      continue;
    // Brackets on the way may span lines. Looking for one that does not close
    // is done once, lest a row of them take quadratic time.
    brackets = 1;
    if (std::optional<size_t> behind = findClose())
      skipTo(*behind);
    else
      closes = false;
    brackets = 0;
  }
}

bool Parser::syncToBody() {
  if (std::optional<size_t> behind = findClose())
    skipTo(*behind);
  brackets = 0;
  // A parameter list may be spread over lines, so lines do not end the search;
  // whatever belongs to another statement does.
  while (true) {
    const Token &next = token();
    if (next.kind == TokenKind::LBrace) {
      skipNewline();
      return true;
    }
    if (next.kind == TokenKind::RBrace || next.kind == TokenKind::Semicolon ||
        next.kind == TokenKind::EndOfFile ||
        (next.newlineBefore &&
         (isItemKeyword(next.kind) || startsStatement(next.kind))))
      return false;
    advance();
  }
}

void Parser::syncItem() {
  brackets = 0;
  while (!at(TokenKind::EndOfFile) && !startsItem(token()))
    advance();
}

//===----------------------------------------------------------------------===//
// Entry
//===----------------------------------------------------------------------===//

const ast::Module *Parser::parseModule() {
  llvm::SmallVector<const ast::Item *> items;
  while (true) {
    while (at(TokenKind::Newline) || at(TokenKind::Semicolon)) {
      if (at(TokenKind::Newline))
        skipNewline();
      else
        advance();
    }
    if (at(TokenKind::EndOfFile))
      break;
    if (const ast::Item *item = parseItem())
      items.push_back(item);
  }
  reportLexError(token());
  ast::Module *module = context.create<ast::Module>();
  module->file = file;
  module->items = copy(items);
  return module;
}

const ast::Module *tilec::parseFile(FileId file, ast::Context &context,
                                    DiagnosticEngine &diags) {
  return Parser(file, context, diags).parseModule();
}
