//===- Lexer.cpp - words of PTX text ----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cuts PTX text into tokens, after sections 4.2 to 4.5 of the manual.

#include "Lexer.h"

#include "llvm/ADT/StringExtras.h"

using namespace tilec::sim::ptx;
using llvm::StringRef;

static bool isNameStart(char c) { return llvm::isAlpha(c) || c == '_' || c == '$' || c == '%'; }
static bool isNamePart(char c) { return llvm::isAlnum(c) || c == '_' || c == '$'; }

void Lexer::advance(size_t count) {
  for (; count && position < text.size(); --count, ++position) {
    ++place.column;
    if (text[position] == '\n')
      place = {place.line + 1, 1};
  }
}

bool Lexer::skipBlanks() {
  while (position < text.size()) {
    if (llvm::isSpace(peek())) {
      advance(1);
    } else if (peek() == '/' && peek(1) == '/') {
      advance(std::min(text.find('\n', position), text.size()) - position);
    } else if (peek() == '/' && peek(1) == '*') {
      size_t end = text.find("*/", position + 2);
      if (end == StringRef::npos)
        return false;
      advance(end + 2 - position);
    } else {
      break;
    }
  }
  return true;
}

Token Lexer::token(Token::Kind kind, size_t length) {
  Token token;
  token.kind = kind;
  token.text = text.substr(position, length);
  token.place = place;
  advance(length);
  return token;
}

/// Integers in C's bases with an optional `U`, floats in decimal, and `0f` or `0d` with the bits in hexadecimal.
Token Lexer::number() {
  StringRef rest = text.substr(position);
  auto isHex = [](char c) { return llvm::isHexDigit(c); };
  if (rest.size() > 1 && rest[0] == '0' && StringRef("fFdD").contains(rest[1])) {
    bool isDouble = llvm::toLower(rest[1]) == 'd';
    size_t length = rest.substr(2).take_while(isHex).size();
    Token result = token(isDouble ? Token::Kind::Float64 : Token::Kind::Float32, 2 + length);
    if (length != (isDouble ? 16 : 8) || result.text.drop_front(2).getAsInteger(16, result.bits))
      result.kind = Token::Kind::Wrong;
    return result;
  }
  auto isDigit = [](char c) { return llvm::isDigit(c); };
  size_t whole = rest.take_while(isDigit).size();
  bool hasPrefix = whole == 1 && rest[0] == '0' && rest.size() > 1 && StringRef("xXbB").contains(rest[1]);
  // `1.5`, `1.`, `1.e5`, `1e5`.
  size_t end = whole;
  bool isFloat = false;
  if (!hasPrefix && end < rest.size() && rest[end] == '.') {
    isFloat = true;
    end += 1 + rest.substr(end + 1).take_while(isDigit).size();
  }
  if (!hasPrefix && end < rest.size() && (rest[end] == 'e' || rest[end] == 'E')) {
    size_t sign = end + 1 < rest.size() && (rest[end + 1] == '+' || rest[end + 1] == '-');
    size_t digits = rest.substr(end + 1 + sign).take_while(isDigit).size();
    if (digits) {
      isFloat = true;
      end += 1 + sign + digits;
    }
  }
  if (isFloat) {
    Token result = token(Token::Kind::Float64, end);
    double value = 0;
    if (result.text.getAsDouble(value))
      result.kind = Token::Kind::Wrong;
    result.bits = llvm::bit_cast<uint64_t>(value);
    return result;
  }
  size_t length = hasPrefix ? 2 + rest.substr(2).take_while(isHex).size() : whole;
  StringRef digits = rest.take_front(length);
  bool isUnsigned = length < rest.size() && rest[length] == 'U';
  Token result = token(Token::Kind::Integer, length + isUnsigned);
  // Base 0: by prefix, a leading 0 being octal.
  if (digits.getAsInteger(0, result.bits))
    result.kind = Token::Kind::Wrong;
  result.isUnsigned = isUnsigned || result.bits > static_cast<uint64_t>(INT64_MAX);
  return result;
}

Token Lexer::next() {
  if (!skipBlanks())
    return token(Token::Kind::Wrong, text.size() - position);
  if (position >= text.size())
    return token(Token::Kind::End, 0);
  char c = peek();
  if (isNameStart(c))
    return token(Token::Kind::Name, 1 + text.substr(position + 1).take_while(isNamePart).size());
  if (llvm::isDigit(c))
    return number();
  if (c == '.' && (llvm::isAlnum(peek(1)) || peek(1) == '_')) {
    advance(1);
    size_t length = 0;
    // `::` belongs to the word, as in `.shared::cta`.
    while (isNamePart(peek(length)) || (peek(length) == ':' && peek(length + 1) == ':' && isNamePart(peek(length + 2))))
      length += peek(length) == ':' ? 2 : 1;
    Token result = token(Token::Kind::Dotted, length);
    --result.place.column;
    return result;
  }
  if (c == '"') {
    size_t end = text.find_first_of("\"\n", position + 1);
    if (end == StringRef::npos || text[end] == '\n')
      return token(Token::Kind::Wrong, std::min(end, text.size()) - position);
    Token result = token(Token::Kind::String, end + 1 - position);
    result.text = result.text.drop_front().drop_back();
    return result;
  }
  for (StringRef sign : {"<<", ">>", "<=", ">=", "==", "!=", "&&", "||"})
    if (text.substr(position).starts_with(sign))
      return token(Token::Kind::Sign, 2);
  if (StringRef(";,:{}[]()<>+-*/%&|^~!?=@.").contains(c))
    return token(Token::Kind::Sign, 1);
  return token(Token::Kind::Wrong, 1);
}
