//===- Lexer.h - words of PTX text ------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_LEXER_H
#define TILEC_LIB_SIM_PTX_LEXER_H

#include "tilec/Sim/PTX/Syntax.h"

namespace tilec::sim::ptx {

struct Token {
  enum class Kind : uint8_t {
    End,
    /// `mad`, `%r1`, `$L__BB0_2`, `_`.
    Name,
    /// `.lo`, `.shared::cta`: the text is without the first dot.
    Dotted,
    /// The value is in `bits`.
    Integer,
    Float32,
    Float64,
    /// The text is without quotes.
    String,
    /// One or two characters: `;`, `[`, `<<`, `!=`.
    Sign,
    /// What is none of these; the text says what.
    Wrong,
  };
  Kind kind = Kind::End;
  llvm::StringRef text;
  uint64_t bits = 0;
  /// Whether an integer was written with `U`, or is too large for a signed one.
  bool isUnsigned = false;
  Place place;

  bool isSign(llvm::StringRef sign) const { return kind == Kind::Sign && text == sign; }
  bool isDotted(llvm::StringRef word) const { return kind == Kind::Dotted && text == word; }
};

/// Cuts a text into tokens (section 4). Comments are skipped.
class Lexer {
public:
  explicit Lexer(llvm::StringRef text) : text(text) {}
  Token next();

private:
  char peek(size_t ahead = 0) const { return position + ahead < text.size() ? text[position + ahead] : '\0'; }
  void advance(size_t count);
  /// Skips blanks and comments; false at a comment without end.
  bool skipBlanks();
  Token number();
  Token token(Token::Kind kind, size_t length);

  llvm::StringRef text;
  size_t position = 0;
  Place place{1, 1};
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_LEXER_H
