//===- ParseConstants.cpp - constant expressions of PTX ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constant expressions, after section 4.5 of the manual: C's operators on 64-bit integers, signed unless an operand is
// unsigned; floating-point literals stand alone.

#include "Parser.h"

#include "llvm/ADT/bit.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;

uint64_t Constant::as(Type type) const {
  double number = isSingle ? llvm::bit_cast<float>(static_cast<uint32_t>(bits)) : llvm::bit_cast<double>(bits);
  if (!isFloat)
    number = isUnsigned ? static_cast<double>(bits) : static_cast<double>(static_cast<int64_t>(bits));
  switch (type) {
  case Type::F64:
    return isFloat && !isSingle ? bits : llvm::bit_cast<uint64_t>(number);
  case Type::F32:
    return isSingle ? bits : llvm::bit_cast<uint32_t>(static_cast<float>(number));
  default:
    return bitWidth(type) >= 64 ? bits : bits & ((uint64_t(1) << bitWidth(type)) - 1);
  }
}

/// How tightly a binary operator binds, from 1 on; 0 for what is none.
static unsigned levelOf(const Token &token) {
  static constexpr llvm::StringLiteral levels[][4] = {
      {"||", "", "", ""},   {"&&", "", "", ""},     {"|", "", "", ""},    {"^", "", "", ""},  {"&", "", "", ""},
      {"==", "!=", "", ""}, {"<", "<=", ">", ">="}, {"<<", ">>", "", ""}, {"+", "-", "", ""}, {"*", "/", "%", ""}};
  if (token.kind != Token::Kind::Sign)
    return 0;
  for (unsigned level = 0; level != std::size(levels); ++level)
    for (StringRef sign : levels[level])
      if (!sign.empty() && token.text == sign)
        return level + 1;
  return 0;
}

bool Parser::parseConstant(Constant &value) { return parseBinary(value, 0, 0); }

/// Level 0 is `c ? a : b`.
bool Parser::parseBinary(Constant &value, unsigned level, unsigned depth) {
  if (depth > Limits::nesting)
    return failHere("this expression is nested too deep");
  if (!parseUnary(value, depth + 1))
    return false;
  while (unsigned found = levelOf(token)) {
    if (found < std::max(level, 1u))
      break;
    Token sign = take();
    Constant right;
    if (!parseBinary(right, found + 1, depth + 1) || !applyBinary(sign, value, right))
      return false;
  }
  if (level == 0 && takeSign("?")) {
    Constant yes, no;
    if (!parseBinary(yes, 0, depth + 1) || !expectSign(":", "the first value") || !parseBinary(no, 0, depth + 1))
      return false;
    value = value.bits ? yes : no;
  }
  return true;
}

bool Parser::parseUnary(Constant &value, unsigned depth) {
  if (depth > Limits::nesting)
    return failHere("this expression is nested too deep");
  if (token.kind == Token::Kind::Sign &&
      (token.text == "-" || token.text == "+" || token.text == "!" || token.text == "~")) {
    Token sign = take();
    if (!parseUnary(value, depth + 1))
      return false;
    if (value.isFloat) {
      if (sign.text == "-")
        value.bits ^= uint64_t(1) << (value.isSingle ? 31 : 63);
      return sign.text == "-" || sign.text == "+" || fail(sign.place, "'" + sign.text + "' takes an integer");
    }
    if (sign.text == "-")
      value.bits = -value.bits;
    if (sign.text == "~")
      value.bits = ~value.bits;
    if (sign.text == "!")
      value = Constant{value.bits == 0};
    return true;
  }
  if (takeSign("(")) {
    bool isSigned = token.isDotted("s64");
    if (isSigned || token.isDotted("u64")) {
      take();
      if (!expectSign(")", "the type") || !parseUnary(value, depth + 1))
        return false;
      value.isUnsigned = !isSigned;
      return !value.isFloat || failHere("a float is not converted here");
    }
    return parseBinary(value, 0, depth + 1) && expectSign(")", "the expression");
  }
  value = Constant();
  value.bits = token.bits;
  switch (token.kind) {
  case Token::Kind::Integer:
    value.isUnsigned = token.isUnsigned;
    break;
  case Token::Kind::Float32:
    value.isFloat = value.isSingle = true;
    break;
  case Token::Kind::Float64:
    value.isFloat = true;
    break;
  case Token::Kind::Name:
    if (token.text == "WARP_SZ") {
      value.bits = 32;
      break;
    }
    [[fallthrough]];
  default:
    return failHere("expected a constant");
  }
  take();
  return true;
}

bool Parser::applyBinary(const Token &sign, Constant &left, const Constant &right) {
  if (left.isFloat || right.isFloat)
    return fail(sign.place, "'" + sign.text + "' takes integers");
  uint64_t a = left.bits, b = right.bits;
  int64_t signedA = a, signedB = b;
  bool isUnsigned = left.isUnsigned || right.isUnsigned;
  auto isBelow = [&](bool orEqual) {
    return isUnsigned ? (orEqual ? a <= b : a < b) : (orEqual ? signedA <= signedB : signedA < signedB);
  };
  auto set = [&](uint64_t bits) { return left = Constant{bits, isUnsigned}, true; };
  auto setFlag = [&](bool flag) { return left = Constant{flag}, true; };
  StringRef text = sign.text;
  if (text == "+")
    return set(a + b);
  if (text == "-")
    return set(a - b);
  if (text == "*")
    return set(a * b);
  if (text == "/" || text == "%") {
    if (b == 0)
      return fail(sign.place, "a division by 0");
    bool isQuotient = text == "/";
    if (isUnsigned)
      return set(isQuotient ? a / b : a % b);
    // The one quotient that does not fit wraps.
    if (signedB == -1)
      return set(isQuotient ? -a : 0);
    return set(isQuotient ? signedA / signedB : signedA % signedB);
  }
  if (text == "<<" || text == ">>") {
    isUnsigned = left.isUnsigned;
    if (text == "<<")
      return set(b < 64 ? a << b : 0);
    return set(isUnsigned ? (b < 64 ? a >> b : 0) : static_cast<uint64_t>(signedA >> std::min<uint64_t>(b, 63)));
  }
  if (text == "&")
    return set(a & b);
  if (text == "|")
    return set(a | b);
  if (text == "^")
    return set(a ^ b);
  if (text == "&&")
    return setFlag(a && b);
  if (text == "||")
    return setFlag(a || b);
  if (text == "==")
    return setFlag(a == b);
  if (text == "!=")
    return setFlag(a != b);
  if (text == "<")
    return setFlag(isBelow(false));
  if (text == "<=")
    return setFlag(isBelow(true));
  if (text == ">")
    return setFlag(!isBelow(true));
  return setFlag(!isBelow(false));
}
