//===- ParserStmts.cpp - blocks and statements -----------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Blocks and statements. A statement that fails is skipped to its end, a
/// header that fails to its body.
///
//===----------------------------------------------------------------------===//

#include "ParserImpl.h"

using namespace tilec;
using namespace tilec::ast;
using llvm::SmallVector;
using llvm::StringRef;
using llvm::Twine;

const Block *Parser::parseBlock(const Twine &where) {
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  if (!at(TokenKind::LBrace)) {
    Diagnostic &diagnostic = errorHere("expected '{' " + where);
    if (at(TokenKind::Newline) && token().kind == TokenKind::LBrace)
      diagnostic.note("the '{' stands on the line where the header ends");
    if (!at(TokenKind::Newline) || token().kind != TokenKind::LBrace)
      return nullptr;
    skipNewline();
    parseBlock(where);
    return nullptr;
  }
  SourceRange open = advance();
  SmallVector<const Stmt *> statements;
  while (true) {
    if (silencedUntilItem)
      return nullptr;
    if (at(TokenKind::Newline)) {
      skipNewline();
      continue;
    }
    if (accept(TokenKind::Semicolon))
      continue;
    if (accept(TokenKind::RBrace))
      break;
    if (at(TokenKind::EndOfFile) || startsItemUnindented(token())) {
      // A comment that is never closed hides the braces behind it.
      reportLexError(token());
      if (!bracesAreUnsure)
        error({file, token().begin, token().end},
              "expected '}' before " + nextQuoted())
            .note(open, "this '{' is never closed");
      // The blocks around this one are not closed either.
      silencedUntilItem = true;
      return nullptr;
    }
    size_t before = position;
    if (const Stmt *statement = parseStatement()) {
      statements.push_back(statement);
      endStatement();
    } else if (!silencedUntilItem) {
      syncStatement();
      // Whatever stopped the statement, it stops it once.
      if (position == before && !atStatementEnd())
        advance();
    }
  }
  Block *block = context.create<Block>();
  block->range = since(open.begin);
  block->statements = copy(statements);
  return block;
}

void Parser::endStatement() {
  if (atStatementEnd())
    return;
  if (at(TokenKind::Equal))
    errorHere("unexpected '='").note("one statement assigns once");
  else
    errorHere("expected an operator, a new line or ';' before " + nextQuoted());
  syncStatement();
}

const Stmt *Parser::parseStatement() {
  switch (kind()) {
  case TokenKind::KwLet:
    return parseBind(/*isVar=*/false);
  case TokenKind::KwVar:
    return parseBind(/*isVar=*/true);
  case TokenKind::KwFor:
    return parseFor();
  case TokenKind::KwWhile:
    return parseWhile();
  case TokenKind::KwIf:
    return parseIf();
  case TokenKind::KwBreak:
    return context.create<BreakStmt>(advance());
  case TokenKind::KwContinue:
    return context.create<ContinueStmt>(advance());
  case TokenKind::KwReturn:
    return parseReturn();
  case TokenKind::KwTune:
    return parseTune();
  case TokenKind::KwElse:
    errorHere("this 'else' belongs to no 'if'");
    return nullptr;
  case TokenKind::KwConst:
    errorHere("'const' stands at the top of the file")
        .note("write 'let' in a body");
    return nullptr;
  case TokenKind::KwKernel:
  case TokenKind::KwGraph:
  case TokenKind::KwFn:
  case TokenKind::KwImport:
    errorHere(nextQuoted() + " stands at the top of the file, not in a body");
    return nullptr;
  case TokenKind::At:
    errorHere("'@' stands before a kernel, or between two operands");
    return nullptr;
  case TokenKind::LBrace:
    errorHere("a block belongs to 'for', 'while', 'if' or 'else'");
    return nullptr;
  case TokenKind::RParen:
  case TokenKind::RSquare:
    errorHere("this " + nextQuoted() + " closes nothing");
    return nullptr;
  default:
    return parseAssignOrCall();
  }
}

const Pattern *Parser::parsePattern(const Twine &where) {
  Pattern *pattern = context.create<Pattern>();
  if (!at(TokenKind::LParen)) {
    std::optional<Name> name = parseName(where);
    if (!name)
      return nullptr;
    pattern->range = name->range;
    pattern->name = *name;
    return pattern;
  }
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  ++brackets;
  SourceRange open = advance();
  SmallVector<const Pattern *> elements;
  if (at(TokenKind::RParen)) {
    errorHere("expected a name after '('");
    return nullptr;
  }
  auto parseElement = [&] {
    const Pattern *element = parsePattern("in the pattern");
    elements.push_back(element);
    return element != nullptr;
  };
  bool sawComma = false;
  if (!parseList(TokenKind::RParen, open, parseElement, &sawComma))
    return nullptr;
  // As in expressions, parentheses around one thing are no tuple.
  if (!sawComma)
    return elements.front();
  pattern->range = since(open.begin);
  pattern->elements = copy(elements);
  return pattern;
}

const Stmt *Parser::parseBind(bool isVar) {
  StringRef keyword = isVar ? "var" : "let";
  uint32_t begin = advance().begin;
  const Pattern *pattern = parsePattern("after '" + keyword + "'");
  if (!pattern)
    return nullptr;
  StringRef bound = diags.sourceManager().text(pattern->range);
  if (at(TokenKind::Comma)) {
    errorHere("several names are bound in parentheses")
        .note("write '" + keyword + " (" + bound + ", ...) = ...'");
    return nullptr;
  }
  if (at(TokenKind::Colon)) {
    errorHere("'" + keyword + "' takes the type of its value")
        .note("write '... as f32' to convert it");
    return nullptr;
  }
  if (!expect(TokenKind::Equal,
              "and a value after '" + keyword + " " + bound + "'"))
    return nullptr;
  const Expr *value = parseExpr();
  if (!value)
    return nullptr;
  return context.create<BindStmt>(since(begin), isVar, pattern, value);
}

const Block *Parser::parseBlockAfter(bool headerIsGood, const Twine &where) {
  if (headerIsGood && token().kind == TokenKind::LBrace)
    return parseBlock(where);
  if (headerIsGood) {
    if (at(TokenKind::Equal))
      errorHere("'=' assigns").note("write '==' to compare");
    else
      errorHere("expected '{' " + where);
  }
  if (syncToBody())
    parseBlock(where);
  return nullptr;
}

const Stmt *Parser::parseFor() {
  uint32_t begin = advance().begin;
  SmallVector<Name> indices;
  SmallVector<Argument> args;
  auto over = ForStmt::Over::Tiles;
  SourceRange iterator;
  auto parseHeader = [&] {
    if (at(TokenKind::LParen)) {
      errorHere("the indices of a loop stand without parentheses")
          .note("write 'for i, j in tiles(M, N)'");
      return false;
    }
    do {
      std::optional<Name> index = parseName("for a loop index");
      if (!index)
        return false;
      indices.push_back(*index);
    } while (accept(TokenKind::Comma));
    if (!expect(TokenKind::KwIn, "after the index of the loop"))
      return false;
    StringRef word = textOf(token());
    if (!at(TokenKind::Identifier) || (word != "tiles" && word != "range") ||
        ahead(1).kind != TokenKind::LParen) {
      errorHere("a loop runs over 'tiles(...)' or 'range(...)'");
      return false;
    }
    over = word == "tiles" ? ForStmt::Over::Tiles : ForStmt::Over::Range;
    uint32_t iteratorBegin = advance().begin;
    if (!at(TokenKind::LParen)) {
      errorHere("expected '(' after '" + word + "'");
      return false;
    }
    ++brackets;
    SourceRange open = advance();
    if (!parseArguments(open, args))
      return false;
    iterator = since(iteratorBegin);
    return true;
  };
  bool good = parseHeader();
  const Block *body = parseBlockAfter(good, "before the body of the loop");
  if (!body)
    return nullptr;
  return context.create<ForStmt>(since(begin), copy(indices), over, iterator,
                                 copy(args), body);
}

const Stmt *Parser::parseWhile() {
  uint32_t begin = advance().begin;
  const Expr *condition = parseExpr();
  const Block *body =
      parseBlockAfter(condition != nullptr, "after the condition of 'while'");
  if (!body)
    return nullptr;
  return context.create<WhileStmt>(since(begin), condition, body);
}

const Stmt *Parser::parseIf() {
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  uint32_t begin = advance().begin;
  const Expr *condition = parseExpr();
  const Block *thenBlock =
      parseBlockAfter(condition != nullptr, "after the condition of 'if'");
  // After a broken first half, the 'else' is still parsed for its errors.
  if (silencedUntilItem || (!thenBlock && lastKind != TokenKind::RBrace))
    return nullptr;
  if (at(TokenKind::Identifier) && textOf(token()) == "elif") {
    if (thenBlock)
      errorHere("there is no 'elif'").note("write 'else if'");
    return nullptr;
  }
  if (!accept(TokenKind::KwElse)) {
    if (!thenBlock)
      return nullptr;
    return context.create<IfStmt>(since(begin), condition, thenBlock, nullptr,
                                  false);
  }
  bool isElseIf = at(TokenKind::KwIf);
  const Block *elseBlock = nullptr;
  if (isElseIf) {
    if (const Stmt *second = parseIf()) {
      Block *block = context.create<Block>();
      block->range = second->range();
      block->statements = copy(SmallVector<const Stmt *, 1>{second});
      elseBlock = block;
    }
  } else {
    elseBlock = parseBlockAfter(true, "after 'else'");
  }
  if (!thenBlock || !elseBlock)
    return nullptr;
  return context.create<IfStmt>(since(begin), condition, thenBlock, elseBlock,
                                isElseIf);
}

const Stmt *Parser::parseReturn() {
  uint32_t begin = advance().begin;
  if (atStatementEnd()) {
    errorHere("'return' needs a value");
    return nullptr;
  }
  const Expr *value = parseExpr();
  if (!value)
    return nullptr;
  if (at(TokenKind::Comma)) {
    errorHere("several values are returned in parentheses")
        .note("write 'return (a, b)'");
    return nullptr;
  }
  return context.create<ReturnStmt>(since(begin), value);
}

const Stmt *Parser::parseTune() {
  uint32_t begin = advance().begin;
  std::optional<Name> name = parseName("after 'tune'");
  if (!name || !expect(TokenKind::KwIn, "after 'tune " + name->text + "'"))
    return nullptr;
  const Expr *values = parseExpr();
  if (!values)
    return nullptr;
  const auto *call = llvm::dyn_cast<CallExpr>(values);
  if (!llvm::isa<ListExpr>(values) && !(call && !call->calleeName().empty())) {
    error(values->range(), "the values of a tunable are a list such as "
                           "'[1, 2, 4]', or 'pow2(lo, hi)'");
    return nullptr;
  }
  return context.create<TuneStmt>(since(begin), *name, values);
}

/// The operator of a token such as `+=`, if it is one.
static std::optional<BinaryOp> assigningOp(TokenKind kind) {
  switch (kind) {
  case TokenKind::PlusEqual:
    return BinaryOp::Add;
  case TokenKind::MinusEqual:
    return BinaryOp::Sub;
  case TokenKind::StarEqual:
    return BinaryOp::Mul;
  case TokenKind::SlashEqual:
    return BinaryOp::Div;
  case TokenKind::SlashSlashEqual:
    return BinaryOp::FloorDiv;
  case TokenKind::PercentEqual:
    return BinaryOp::Mod;
  case TokenKind::StarStarEqual:
    return BinaryOp::Pow;
  case TokenKind::AtEqual:
    return BinaryOp::MatMul;
  case TokenKind::LessLessEqual:
    return BinaryOp::Shl;
  case TokenKind::GreaterGreaterEqual:
    return BinaryOp::Shr;
  case TokenKind::AmpEqual:
    return BinaryOp::BitAnd;
  case TokenKind::PipeEqual:
    return BinaryOp::BitOr;
  case TokenKind::CaretEqual:
    return BinaryOp::BitXor;
  default:
    return std::nullopt;
  }
}

const Stmt *Parser::notAStatement(const Expr *expr) {
  if (const auto *name = llvm::dyn_cast<NameExpr>(expr);
      name && !atStatementEnd()) {
    // A misspelt keyword, most often.
    error(expr->range(), "expected '=' or a call, but " + nextQuoted() +
                             " follows '" + name->name.text + "'");
    return nullptr;
  }
  if (!atStatementEnd()) {
    errorHere("expected an operator, '=', a new line or ';' before " +
              nextQuoted());
    return nullptr;
  }
  const auto *binary = llvm::dyn_cast<BinaryExpr>(expr);
  Diagnostic &diagnostic =
      error(expr->range(), "only a call may stand as a statement");
  if (binary && binary->op == BinaryOp::Eq)
    diagnostic.note(binary->opRange, "write '=' to assign");
  else
    diagnostic.note("bind the value with 'let', or leave it out");
  return nullptr;
}

const Stmt *Parser::finishAssign(const Expr *target) {
  std::optional<BinaryOp> op = assigningOp(kind());
  SourceRange range = target->range();
  if (!llvm::isa<NameExpr, SubscriptExpr>(target)) {
    Diagnostic &diagnostic = error(
        range, "only a variable or elements of an array can be assigned to");
    if (llvm::isa<TupleExpr>(target))
      diagnostic.note("a tuple is taken apart by 'let (a, b) = ...'");
    return nullptr;
  }
  SourceRange opRange = advance();
  const Expr *value = parseExpr();
  if (!value)
    return nullptr;
  return context.create<AssignStmt>(since(range.begin), target, op, opRange,
                                    value);
}

const Stmt *Parser::parseAssignOrCall() {
  if (at(TokenKind::Identifier) && textOf(token()) == "_" &&
      ahead(1).kind == TokenKind::Equal && !ahead(1).newlineBefore) {
    Pattern *pattern = context.create<Pattern>();
    uint32_t begin = token().begin;
    pattern->name = *parseName("");
    pattern->range = pattern->name.range;
    advance();
    const Expr *value = parseExpr();
    if (!value)
      return nullptr;
    return context.create<BindStmt>(since(begin), /*isVar=*/false, pattern,
                                    value);
  }
  const Expr *expr = parseExpr();
  if (!expr)
    return nullptr;
  if (at(TokenKind::Equal) || assigningOp(kind()))
    return finishAssign(expr);
  const auto *call = llvm::dyn_cast<CallExpr>(expr);
  if (!call || at(TokenKind::Comma))
    return notAStatement(expr);
  return context.create<CallStmt>(call);
}
