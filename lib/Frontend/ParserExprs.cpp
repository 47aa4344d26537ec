//===- ParserExprs.cpp - expressions and arguments -------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Expressions by precedence climbing. From loosest to tightest: `..`, `or`,
/// `and`, `not`, comparisons, `|`, `^`, `&`, shifts, `+ -`, `* / // % @`, `as`,
/// unary `- ~`, `**`, then subscripts, calls and members.
///
//===----------------------------------------------------------------------===//

#include "ParserImpl.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace tilec;
using namespace tilec::ast;
using llvm::SmallVector;
using llvm::SmallVectorImpl;
using llvm::StringRef;
using llvm::Twine;

namespace {

enum Precedence : unsigned {
  PrecOr = 1,
  PrecAnd,
  PrecNot,
  PrecComparison,
  PrecBitOr,
  PrecBitXor,
  PrecBitAnd,
  PrecShift,
  PrecAdd,
  PrecMul,
  PrecAs,
};

struct Infix {
  BinaryOp op;
  unsigned precedence;
};

} // namespace

/// The operator of a token between two operands; `**`, `as` and `..` are
/// handled where they stand.
static std::optional<Infix> infixOf(TokenKind kind) {
  switch (kind) {
  case TokenKind::KwOr:
    return Infix{BinaryOp::Or, PrecOr};
  case TokenKind::KwAnd:
    return Infix{BinaryOp::And, PrecAnd};
  case TokenKind::EqualEqual:
    return Infix{BinaryOp::Eq, PrecComparison};
  case TokenKind::NotEqual:
    return Infix{BinaryOp::Ne, PrecComparison};
  case TokenKind::Less:
    return Infix{BinaryOp::Lt, PrecComparison};
  case TokenKind::LessEqual:
    return Infix{BinaryOp::Le, PrecComparison};
  case TokenKind::Greater:
    return Infix{BinaryOp::Gt, PrecComparison};
  case TokenKind::GreaterEqual:
    return Infix{BinaryOp::Ge, PrecComparison};
  case TokenKind::Pipe:
    return Infix{BinaryOp::BitOr, PrecBitOr};
  case TokenKind::Caret:
    return Infix{BinaryOp::BitXor, PrecBitXor};
  case TokenKind::Amp:
    return Infix{BinaryOp::BitAnd, PrecBitAnd};
  case TokenKind::LessLess:
    return Infix{BinaryOp::Shl, PrecShift};
  case TokenKind::GreaterGreater:
    return Infix{BinaryOp::Shr, PrecShift};
  case TokenKind::Plus:
    return Infix{BinaryOp::Add, PrecAdd};
  case TokenKind::Minus:
    return Infix{BinaryOp::Sub, PrecAdd};
  case TokenKind::Star:
    return Infix{BinaryOp::Mul, PrecMul};
  case TokenKind::Slash:
    return Infix{BinaryOp::Div, PrecMul};
  case TokenKind::SlashSlash:
    return Infix{BinaryOp::FloorDiv, PrecMul};
  case TokenKind::Percent:
    return Infix{BinaryOp::Mod, PrecMul};
  case TokenKind::At:
    return Infix{BinaryOp::MatMul, PrecMul};
  default:
    return std::nullopt;
  }
}

const Expr *Parser::checkHeight(const Expr *expr) {
  if (expr->height() <= maxExprHeight)
    return expr;
  error(SourceRange(expr->range().start()), "this expression is more than " +
                                                Twine(maxExprHeight) +
                                                " operators deep")
      .note("bind a part of it with 'let'");
  return nullptr;
}

const Expr *Parser::errorNoExpr() {
  TokenKind next = kind();
  if (next == TokenKind::Identifier) {
    // Only `_` is no expression.
    errorHere("'_' discards a value, it has none");
    return nullptr;
  }
  if (next == TokenKind::KwNot) {
    errorHere("expected an operand after " + lastQuoted())
        .note("'not' binds loosely: write '(not ...)'");
    return nullptr;
  }
  Diagnostic &diagnostic =
      isKeyword(next)
          ? errorHere("expected an expression after " + lastQuoted() +
                      ", but " + nextQuoted() + " is a keyword")
          : errorHere("expected an expression after " + lastQuoted());
  if (next == TokenKind::Dot && ahead(1).kind == TokenKind::Int)
    diagnostic.note("write '0." + textOf(ahead(1)) + "'");
  if (next == TokenKind::Plus)
    diagnostic.note("there is no unary '+'");
  if (next == TokenKind::Colon)
    diagnostic.note("':' alone stands in subscripts only");
  return nullptr;
}

const Expr *Parser::parseExpr() {
  uint32_t begin = token().begin;
  const Expr *lo = parseBinary(PrecOr);
  if (!lo || !at(TokenKind::DotDot))
    return lo;
  advance();
  const Expr *hi = parseBinary(PrecOr);
  if (!hi)
    return nullptr;
  if (at(TokenKind::DotDot)) {
    errorHere("a range has two ends: 'lo..hi'");
    return nullptr;
  }
  return create<RangeExpr>(since(begin), lo, hi);
}

void Parser::errorChain(const BinaryExpr *first, BinaryOp second) {
  const SourceManager &sources = diags.sourceManager();
  StringRef left = sources.text(first->lhs->range());
  StringRef middle = sources.text(first->rhs->range());
  Diagnostic &diagnostic = errorHere("comparisons do not chain");
  if (left.size() + middle.size() > 60)
    left = "a", middle = "b";
  diagnostic.note("write '" + left + " " + spelling(first->op) + " " + middle +
                  " and " + middle + " " + spelling(second) + " ...'");
}

const Expr *Parser::parseNot(unsigned minPrecedence) {
  if (!at(TokenKind::KwNot) || minPrecedence > PrecNot)
    return parseUnary();
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  SourceRange op = advance();
  const Expr *operand = parseBinary(PrecNot);
  if (!operand)
    return nullptr;
  return create<UnaryExpr>(since(op.begin), UnaryOp::Not, op, operand);
}

const Expr *Parser::parseBinary(unsigned minPrecedence) {
  uint32_t begin = token().begin;
  const Expr *lhs = parseNot(minPrecedence);
  // The comparison that stands on the left without parentheses.
  const BinaryExpr *comparison = nullptr;
  while (lhs) {
    if (at(TokenKind::KwAs) && minPrecedence <= PrecAs) {
      advance();
      const Expr *type = parseTypeName("after 'as'");
      if (!type)
        return nullptr;
      lhs = create<CastExpr>(since(begin), lhs, type);
      continue;
    }
    std::optional<Infix> infix = infixOf(kind());
    if (!infix || infix->precedence < minPrecedence)
      return lhs;
    if (infix->precedence == PrecComparison && comparison) {
      errorChain(comparison, infix->op);
      return nullptr;
    }
    SourceRange op = advance();
    const Expr *rhs = parseBinary(infix->precedence + 1);
    if (!rhs)
      return nullptr;
    lhs = create<BinaryExpr>(since(begin), infix->op, op, lhs, rhs);
    comparison = infix->precedence == PrecComparison
                     ? llvm::dyn_cast_or_null<BinaryExpr>(lhs)
                     : nullptr;
  }
  return nullptr;
}

const Expr *Parser::parseUnary() {
  if (!at(TokenKind::Minus) && !at(TokenKind::Tilde))
    return parsePower();
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  UnaryOp op = at(TokenKind::Minus) ? UnaryOp::Neg : UnaryOp::BitNot;
  SourceRange opRange = advance();
  const Expr *operand = parseUnary();
  if (!operand)
    return nullptr;
  return create<UnaryExpr>(since(opRange.begin), op, opRange, operand);
}

const Expr *Parser::parsePower() {
  uint32_t begin = token().begin;
  const Expr *base = parsePostfix();
  if (!base || !at(TokenKind::StarStar))
    return base;
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  SourceRange op = advance();
  // To the right, and with a sign: 2 ** -x ** y.
  const Expr *exponent = parseUnary();
  if (!exponent)
    return nullptr;
  return create<BinaryExpr>(since(begin), BinaryOp::Pow, op, base, exponent);
}

const Expr *Parser::parsePostfix() {
  uint32_t begin = token().begin;
  const Expr *expr = parsePrimary();
  while (expr) {
    if (at(TokenKind::LParen))
      expr = parseCall(expr, begin);
    else if (at(TokenKind::LSquare))
      expr = parseSubscript(expr, begin);
    else if (at(TokenKind::Dot))
      expr = parseMember(expr, begin);
    else
      return expr;
  }
  return nullptr;
}

const Expr *Parser::parseCall(const Expr *callee, uint32_t begin) {
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  ++brackets;
  SourceRange open = advance();
  SmallVector<Argument> args;
  if (!parseArguments(open, args))
    return nullptr;
  return create<CallExpr>(since(begin), callee, copy(args));
}

bool Parser::parseArguments(SourceRange open, SmallVectorImpl<Argument> &args) {
  llvm::StringMap<SourceRange> names;
  auto parseOne = [&] {
    Argument arg;
    if (!parseArgument(arg))
      return false;
    if (arg.isNamed()) {
      auto [place, isNew] = names.try_emplace(arg.name.text, arg.name.range);
      if (!isNew) {
        error(arg.name.range,
              "the argument '" + arg.name.text + "' is given twice")
            .note(place->second, "it is given here, too");
        return false;
      }
    }
    args.push_back(arg);
    return true;
  };
  return parseList(TokenKind::RParen, open, parseOne);
}

bool Parser::parseArgument(Argument &arg) {
  if (ahead(1).kind == TokenKind::Equal && !at(TokenKind::RParen)) {
    std::optional<Name> name = parseName("for an argument");
    if (!name)
      return false;
    arg.name = *name;
    advance();
  }
  arg.value = atLambda() ? parseLambda() : parseExpr();
  if (!arg.value)
    return false;
  if (at(TokenKind::FatArrow)) {
    Diagnostic &diagnostic =
        errorHere("the parameters of a lambda stand in parentheses");
    if (llvm::isa<NameExpr>(arg.value))
      diagnostic.note("write '(" +
                      diags.sourceManager().text(arg.value->range()) +
                      ") => ...'");
    return false;
  }
  return true;
}

bool Parser::atLambda() const {
  if (!at(TokenKind::LParen))
    return false;
  size_t i = 1;
  while (ahead(i).kind == TokenKind::Identifier) {
    ++i;
    if (ahead(i).kind != TokenKind::Comma)
      break;
    ++i;
  }
  return ahead(i).kind == TokenKind::RParen &&
         ahead(i + 1).kind == TokenKind::FatArrow;
}

const Expr *Parser::parseLambda() {
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  ++brackets;
  SourceRange open = advance();
  SmallVector<Name> params;
  if (at(TokenKind::RParen)) {
    errorHere("a lambda has at least one parameter");
    return nullptr;
  }
  auto parseParameter = [&] {
    std::optional<Name> name = parseName("for a parameter");
    if (name)
      params.push_back(*name);
    return name.has_value();
  };
  if (!parseList(TokenKind::RParen, open, parseParameter) ||
      !expect(TokenKind::FatArrow, "after the parameters of a lambda"))
    return nullptr;
  const Expr *body = parseExpr();
  if (!body)
    return nullptr;
  return create<LambdaExpr>(since(open.begin), copy(params), body);
}

const Expr *Parser::parseIndex() {
  if (at(TokenKind::Colon)) {
    const Expr *whole = context.create<WholeExpr>(advance());
    if (at(TokenKind::Comma) || at(TokenKind::RSquare))
      return whole;
    errorHere("':' in a subscript stands alone, for the whole dim")
        .note("a part of a dim is a tile index: 'for i in tiles(lo..hi)'");
    return nullptr;
  }
  const Expr *index = parseExpr();
  if (!index || !at(TokenKind::Colon))
    return index;
  errorHere("':' in a subscript stands alone, for the whole dim")
      .note("a part of a dim is a tile index: 'for i in tiles(lo..hi)'");
  return nullptr;
}

const Expr *Parser::parseSubscript(const Expr *base, uint32_t begin) {
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  ++brackets;
  SourceRange open = advance();
  if (at(TokenKind::RSquare)) {
    errorHere("expected a subscript after '['");
    return nullptr;
  }
  SmallVector<const Expr *> indices;
  auto parseOne = [&] {
    const Expr *index = parseIndex();
    indices.push_back(index);
    return index != nullptr;
  };
  if (!parseList(TokenKind::RSquare, open, parseOne))
    return nullptr;
  return create<SubscriptExpr>(since(begin), base, copy(indices));
}

const Expr *Parser::parseMember(const Expr *base, uint32_t begin) {
  advance();
  if (at(TokenKind::Int)) {
    Name name{textOf(token()), rangeOf(token())};
    unsigned index = 0;
    if (token().error == LexError::None && name.text.getAsInteger(10, index)) {
      errorHere("no tuple has that many members");
      return nullptr;
    }
    advance();
    return create<MemberExpr>(since(begin), base, name, index);
  }
  std::optional<Name> name = parseName("or a number after '.'");
  if (!name)
    return nullptr;
  return create<MemberExpr>(since(begin), base, *name, std::nullopt);
}

const Expr *Parser::parseTypeName(const Twine &where) {
  if (at(TokenKind::TypeName)) {
    ElementType type = *elementTypeOf(textOf(token()));
    return create<TypeExpr>(advance(), type);
  }
  if (at(TokenKind::Identifier) && textOf(token()) != "_") {
    StringRef text = textOf(token());
    return create<NameExpr>(Name{text, advance()});
  }
  errorHere("expected a type " + where);
  return nullptr;
}

StringRef Parser::decodeString(const Token &token) {
  StringRef text = textOf(token).drop_front().drop_back();
  if (!text.contains('\\'))
    return text;
  std::string value;
  while (!text.empty()) {
    auto [length, character] =
        text[0] == '\\' ? readEscape(text) : std::pair(1u, text[0]);
    // An unknown escape is reported with its token.
    value += length ? character : '\\';
    text = text.drop_front(std::max(length, 1u));
  }
  return context.copy(StringRef(value));
}

const Expr *Parser::parseString() {
  StringRef value = decodeString(token());
  return create<StringExpr>(advance(), value);
}

const Expr *Parser::parseParens() {
  if (atLambda()) {
    errorHere("a lambda may only be an argument of a call");
    return nullptr;
  }
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  ++brackets;
  SourceRange open = advance();
  SmallVector<const Expr *> elements;
  if (at(TokenKind::RParen))
    return errorNoExpr();
  auto parseElement = [&] {
    const Expr *element = parseExpr();
    elements.push_back(element);
    return element != nullptr;
  };
  bool sawComma = false;
  if (!parseList(TokenKind::RParen, open, parseElement, &sawComma))
    return nullptr;
  if (!sawComma)
    return elements.front();
  return create<TupleExpr>(since(open.begin), copy(elements));
}

const Expr *Parser::parseBracketList() {
  if (tooDeep())
    return nullptr;
  Nested nested(*this);
  ++brackets;
  SourceRange open = advance();
  SmallVector<const Expr *> elements;
  auto parseElement = [&] {
    const Expr *element = parseExpr();
    elements.push_back(element);
    return element != nullptr;
  };
  if (!parseList(TokenKind::RSquare, open, parseElement))
    return nullptr;
  return create<ListExpr>(since(open.begin), copy(elements));
}

const Expr *Parser::parsePrimary() {
  StringRef text = textOf(token());
  switch (kind()) {
  case TokenKind::Int: {
    // A literal that does not fit is reported with its token.
    uint64_t value = 0;
    StringRef digits = text;
    unsigned radix = digits.consume_front("0x") ? 16 : 10;
    if (digits.getAsInteger(radix, value))
      value = 0;
    return create<IntExpr>(advance(), text, value);
  }
  case TokenKind::Float:
    return create<FloatExpr>(advance(), text);
  case TokenKind::String:
    return parseString();
  case TokenKind::KwTrue:
  case TokenKind::KwFalse: {
    bool value = at(TokenKind::KwTrue);
    return create<BoolExpr>(advance(), value);
  }
  case TokenKind::KwNone:
    return create<NoneExpr>(advance());
  case TokenKind::TypeName:
    return parseTypeName("");
  case TokenKind::Identifier:
    if (text == "_")
      return errorNoExpr();
    return create<NameExpr>(Name{text, advance()});
  case TokenKind::LParen:
    return parseParens();
  case TokenKind::LSquare:
    return parseBracketList();
  default:
    return errorNoExpr();
  }
}
