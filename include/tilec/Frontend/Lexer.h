//===- Lexer.h - tokens of the .tile language ------------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Cuts source text into tokens. A token remembers whether a line ended before
/// it; whether that ends a statement is the parser's to say. Lexical errors
/// travel in their token, so that the parser reports all errors in source
/// order.
///
//===----------------------------------------------------------------------===//

#ifndef TILEC_FRONTEND_LEXER_H
#define TILEC_FRONTEND_LEXER_H

#include "tilec/Frontend/Source.h"

#include <vector>

namespace tilec {

enum class TokenKind : uint8_t {
  EndOfFile,
  Error,   // Text that is no token; Token::error says why.
  Newline, // Never in a list of tokens: the parser's name for an ended line.
  Identifier,
  TypeName,
  Int,
  Float, // Also inf and nan.
  String,
#define TILEC_KEYWORD(Kind, Spelling) Kind,
#define TILEC_PUNCTUATION(Kind, Spelling) Kind,
#include "tilec/Frontend/Tokens.def"
};

enum class LexError : uint8_t {
  None,
  BadCharacter,
  NumberRunsIntoName,
  LeadingZero,
  NoHexDigits,
  NoExponentDigits,
  IntTooLarge,
  UnclosedString,
  BadEscape,
  SingleQuote,
  HashComment,
  AndAnd,
  OrOr,
  Bang,
  UnclosedComment,
  NotUtf8,
  NulByte,
  FileTooLarge,
};

/// The bytes [begin, end) of a file. A token with an error that is not of kind
/// Error can be used as if it were well-formed once the error is reported. An
/// error of EndOfFile has the token's range, which is then not at the end.
struct Token {
  TokenKind kind = TokenKind::EndOfFile;
  LexError error = LexError::None;
  /// Whether a line ended between the previous token and this one.
  bool newlineBefore = false;
  uint32_t begin = 0;
  uint32_t end = 0;
};

/// The tokens of a file, the last of kind EndOfFile. Takes time linear in the
/// text, whatever the text is.
std::vector<Token> lex(FileId file, const SourceManager &sources);

/// What a keyword or punctuation looks like; empty for other kinds.
llvm::StringRef spelling(TokenKind kind);
bool isKeyword(TokenKind kind);
/// `=`, `+=` and the like.
bool isAssignment(TokenKind kind);

/// What is wrong with a token, as a sentence, and the likely fix (or nothing).
struct LexErrorText {
  SourceRange range;
  std::string sentence;
  std::string fix;
};
LexErrorText describe(const Token &token, FileId file,
                      const SourceManager &sources);

/// Bytes of the escape sequence at the start of `text` (a backslash), and the
/// character it stands for; {0, 0} for one that is unknown.
std::pair<unsigned, char> readEscape(llvm::StringRef text);

} // namespace tilec

#endif // TILEC_FRONTEND_LEXER_H
