//===- Lexer.cpp - tokens of the .tile language ----------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Cuts source text into tokens.
///
/// `//` both starts a comment and divides. It divides where a reader would see
/// a division: it stands after an operand on the same line, with one blank or
/// none on both sides, and what follows on the line reads on as an expression.
/// Everywhere else it starts a comment: at the start of a line, after `{` or
/// `,`, after two blanks, and before anything that is prose.
///
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/Lexer.h"

#include "tilec/Frontend/AST.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ConvertUTF.h"

#include <utility>

using namespace tilec;
using llvm::StringRef;

StringRef tilec::spelling(TokenKind kind) {
  switch (kind) {
#define TILEC_KEYWORD(Kind, Spelling)                                          \
  case TokenKind::Kind:                                                        \
    return Spelling;
#define TILEC_PUNCTUATION(Kind, Spelling)                                      \
  case TokenKind::Kind:                                                        \
    return Spelling;
#include "tilec/Frontend/Tokens.def"
  default:
    return {};
  }
}

bool tilec::isKeyword(TokenKind kind) {
  switch (kind) {
#define TILEC_KEYWORD(Kind, Spelling) case TokenKind::Kind:
#include "tilec/Frontend/Tokens.def"
    return true;
  default:
    return false;
  }
}

bool tilec::isAssignment(TokenKind kind) {
  switch (kind) {
  case TokenKind::Equal:
  case TokenKind::PlusEqual:
  case TokenKind::MinusEqual:
  case TokenKind::StarEqual:
  case TokenKind::StarStarEqual:
  case TokenKind::SlashEqual:
  case TokenKind::SlashSlashEqual:
  case TokenKind::PercentEqual:
  case TokenKind::AtEqual:
  case TokenKind::AmpEqual:
  case TokenKind::PipeEqual:
  case TokenKind::CaretEqual:
  case TokenKind::LessLessEqual:
  case TokenKind::GreaterGreaterEqual:
    return true;
  default:
    return false;
  }
}

std::pair<unsigned, char> tilec::readEscape(StringRef text) {
  if (text.size() < 2)
    return {0, 0};
  switch (text[1]) {
  case 'n':
    return {2, '\n'};
  case 't':
    return {2, '\t'};
  case 'r':
    return {2, '\r'};
  case '\\':
  case '"':
    return {2, text[1]};
  default:
    return {0, 0};
  }
}

static bool startsName(char c) { return llvm::isAlpha(c) || c == '_'; }
static bool continuesName(char c) { return llvm::isAlnum(c) || c == '_'; }

static TokenKind kindOfWord(StringRef word) {
  if (word == "inf" || word == "nan")
    return TokenKind::Float;
  if (ast::elementTypeOf(word))
    return TokenKind::TypeName;
  return llvm::StringSwitch<TokenKind>(word)
#define TILEC_KEYWORD(Kind, Spelling) .Case(Spelling, TokenKind::Kind)
#include "tilec/Frontend/Tokens.def"
      .Default(TokenKind::Identifier);
}

namespace {

/// Reads tokens one after the other from text[at, ...).
class Lexer {
public:
  Lexer(StringRef text, size_t at) : text(text), at(at) {}

  Token next();

private:
  char peek(size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\0';
  }
  void skipBlanks();
  bool skipBlockComment();
  bool dividesHere() const;
  bool readsOnAsExpression(size_t from) const;

  Token make(TokenKind kind, size_t end, LexError error = LexError::None);
  Token lexNumber();
  Token lexString();
  Token lexPunctuation();

  StringRef text;
  size_t at;
  bool newline = false;
  TokenKind previous = TokenKind::Newline;
  /// Open ( and [.
  unsigned brackets = 0;
  /// Where a comment that never ends starts.
  size_t unclosedComment = StringRef::npos;
};

} // namespace

/// Whether a value may end with a token of this kind.
static bool endsOperand(TokenKind kind) {
  switch (kind) {
  case TokenKind::Identifier:
  case TokenKind::TypeName:
  case TokenKind::Int:
  case TokenKind::Float:
  case TokenKind::RParen:
  case TokenKind::RSquare:
    return true;
  default:
    return false;
  }
}

static bool isBlank(char c) { return c == ' ' || c == '\t'; }

/// Whether the `//` at `at` is the operator.
bool Lexer::dividesHere() const {
  if (newline || !endsOperand(previous))
    return false;
  size_t blanksBefore = 0;
  while (blanksBefore < at && isBlank(text[at - 1 - blanksBefore]))
    ++blanksBefore;
  size_t from = at + (peek(2) == '=' && peek(3) != '=' ? 3 : 2);
  size_t blanksBehind = 0;
  while (from + blanksBehind < text.size() &&
         isBlank(text[from + blanksBehind]))
    ++blanksBehind;
  return blanksBefore <= 1 && blanksBefore == blanksBehind &&
         readsOnAsExpression(from);
}

/// Whether the rest of the line, up to another `//`, can be an operand and what
/// may follow it. Prose fails this: two words without an operator between them,
/// a full stop, `and` without a comparison, a list.
bool Lexer::readsOnAsExpression(size_t from) const {
  // Not further, or a line of many divisions would take quadratic time.
  size_t end = from;
  while (end < text.size() && text[end] != '\n' &&
         !text.substr(end).starts_with("//") &&
         !text.substr(end).starts_with("/*"))
    ++end;
  Lexer rest(text.take_front(end), from);
  bool wantsOperand = true, sawOperand = false, sawComparison = false;
  // Brackets that are open around the operator count, too; own ones are opened
  // behind it.
  unsigned depth = brackets, own = 0;
  // Whether the last token closed a subscript in which the operator stands.
  bool closedSubscript = false;
  while (true) {
    Token token = rest.next();
    // `A[i // 2] = x`: the statement goes on, whatever is assigned.
    if (std::exchange(closedSubscript, false) && isAssignment(token.kind))
      return true;
    size_t behind = token.begin;
    bool adjacent = behind > from && !isBlank(text[behind - 1]);
    switch (token.kind) {
    case TokenKind::EndOfFile:
      return sawOperand;
    case TokenKind::Identifier:
    case TokenKind::TypeName:
    case TokenKind::Int:
    case TokenKind::Float:
      if (!wantsOperand)
        return false;
      wantsOperand = false;
      sawOperand = true;
      continue;
    case TokenKind::String:
    case TokenKind::KwTrue:
    case TokenKind::KwFalse:
      // Nothing to divide by, but an argument.
      if (!wantsOperand || own == 0)
        return false;
      wantsOperand = false;
      continue;
    case TokenKind::LParen:
      // A call's parenthesis stands close to its function.
      if (!wantsOperand && !adjacent)
        return false;
      wantsOperand = true;
      ++depth;
      ++own;
      continue;
    case TokenKind::LSquare:
      if (wantsOperand ? own == 0 : !adjacent)
        return false;
      wantsOperand = true;
      ++depth;
      ++own;
      continue;
    case TokenKind::RParen:
    case TokenKind::RSquare:
      if (depth == 0 || !sawOperand)
        return false;
      --depth;
      closedSubscript = token.kind == TokenKind::RSquare && own == 0;
      own -= own != 0;
      wantsOperand = false;
      continue;
    case TokenKind::Comma:
    case TokenKind::Equal:
    case TokenKind::FatArrow:
      if (wantsOperand || depth == 0)
        return false;
      wantsOperand = true;
      continue;
    case TokenKind::Colon:
    case TokenKind::KwNone:
      if (!wantsOperand || !sawOperand || depth == 0)
        return false;
      wantsOperand = false;
      continue;
    case TokenKind::Minus:
      wantsOperand = true;
      continue;
    case TokenKind::Tilde:
    case TokenKind::KwNot:
      if (!wantsOperand || (token.kind == TokenKind::KwNot && own == 0))
        return false;
      continue;
    case TokenKind::Dot:
      if (wantsOperand || !adjacent || !continuesName(rest.peek()))
        return false;
      wantsOperand = true;
      continue;
    case TokenKind::KwAs:
      if (wantsOperand)
        return false;
      token = rest.next();
      if (token.kind != TokenKind::TypeName &&
          !(token.kind == TokenKind::Identifier &&
            llvm::isUpper(text[token.begin])))
        return false;
      continue;
    case TokenKind::KwAnd:
    case TokenKind::KwOr:
      if (wantsOperand || !sawComparison)
        return false;
      wantsOperand = true;
      continue;
    case TokenKind::LBrace:
    case TokenKind::RBrace:
    case TokenKind::Semicolon:
      return !wantsOperand;
    case TokenKind::EqualEqual:
    case TokenKind::NotEqual:
    case TokenKind::Less:
    case TokenKind::LessEqual:
    case TokenKind::Greater:
    case TokenKind::GreaterEqual:
      sawComparison = true;
      [[fallthrough]];
    case TokenKind::Plus:
    case TokenKind::Star:
    case TokenKind::StarStar:
    case TokenKind::Slash:
    case TokenKind::Percent:
    case TokenKind::At:
    case TokenKind::Amp:
    case TokenKind::Pipe:
    case TokenKind::Caret:
    case TokenKind::LessLess:
    case TokenKind::GreaterGreater:
    case TokenKind::DotDot:
      if (wantsOperand)
        return false;
      wantsOperand = true;
      continue;
    default:
      return false;
    }
  }
}

/// Skips a comment that nests; false if the text ends in it.
bool Lexer::skipBlockComment() {
  size_t start = at;
  unsigned depth = 0;
  while (at < text.size()) {
    if (peek() == '/' && peek(1) == '*') {
      ++depth;
      at += 2;
    } else if (peek() == '*' && peek(1) == '/') {
      at += 2;
      if (--depth == 0)
        return true;
    } else {
      newline |= peek() == '\n';
      ++at;
    }
  }
  unclosedComment = start;
  return false;
}

/// Skips white space and comments, and notes whether a line ended.
void Lexer::skipBlanks() {
  while (at < text.size()) {
    char c = text[at];
    if (c == '\n' || isBlank(c) || c == '\r') {
      newline |= c == '\n';
      ++at;
    } else if (c == '/' && peek(1) == '*') {
      if (!skipBlockComment())
        return;
    } else if (c == '/' && peek(1) == '/' && !dividesHere()) {
      at = std::min(text.find('\n', at), text.size());
    } else {
      return;
    }
  }
}

Token Lexer::make(TokenKind kind, size_t end, LexError error) {
  Token token{kind, error, newline, uint32_t(at), uint32_t(end)};
  at = end;
  newline = false;
  previous = kind;
  return token;
}

Token Lexer::lexNumber() {
  size_t end = at;
  auto skipDigits = [&](auto isOne) {
    size_t start = end;
    while (end < text.size() && isOne(text[end]))
      ++end;
    return end - start;
  };
  TokenKind kind = TokenKind::Int;
  LexError error = LexError::None;
  uint64_t value;
  if (previous == TokenKind::Dot) {
    // A tuple's member: digits only, so that `l.0.1` has two members.
    skipDigits(llvm::isDigit);
    if (text.slice(at, end).getAsInteger(10, value))
      error = LexError::IntTooLarge;
  } else if (peek() == '0' && peek(1) == 'x') {
    end += 2;
    if (skipDigits([](char c) { return llvm::isHexDigit(c); }) == 0)
      error = LexError::NoHexDigits;
    else if (text.slice(at + 2, end).getAsInteger(16, value))
      error = LexError::IntTooLarge;
  } else {
    skipDigits(llvm::isDigit);
    auto isDigitAt = [&](size_t i) {
      return i < text.size() && llvm::isDigit(text[i]);
    };
    if (end < text.size() && text[end] == '.' && isDigitAt(end + 1)) {
      kind = TokenKind::Float;
      ++end;
      skipDigits(llvm::isDigit);
    }
    if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
      size_t sign = end + 1 < text.size() &&
                    (text[end + 1] == '-' || text[end + 1] == '+');
      if (isDigitAt(end + 1 + sign)) {
        kind = TokenKind::Float;
        end += 1 + sign;
        skipDigits(llvm::isDigit);
      } else if (sign) {
        kind = TokenKind::Float;
        end += 2;
        error = LexError::NoExponentDigits;
      }
    }
    StringRef digits = text.slice(at, end);
    if (kind == TokenKind::Int) {
      if (digits.size() > 1 && digits[0] == '0')
        error = LexError::LeadingZero;
      else if (digits.getAsInteger(10, value))
        error = LexError::IntTooLarge;
    }
  }
  if (end < text.size() && startsName(text[end])) {
    if (error != LexError::NoHexDigits && error != LexError::NoExponentDigits)
      error = LexError::NumberRunsIntoName;
    skipDigits(continuesName);
  }
  return make(kind, end, error);
}

Token Lexer::lexString() {
  size_t end = at + 1;
  LexError error = LexError::None;
  while (end < text.size() && text[end] != '\n' && text[end] != '"') {
    if (text[end] != '\\') {
      ++end;
      continue;
    }
    unsigned length = readEscape(text.drop_front(end)).first;
    if (length == 0) {
      error = LexError::BadEscape;
      length = 1;
    }
    end += length;
  }
  if (end >= text.size() || text[end] == '\n')
    return make(TokenKind::Error, std::min(end, text.size()),
                LexError::UnclosedString);
  return make(TokenKind::String, end + 1, error);
}

Token Lexer::lexPunctuation() {
  StringRef rest = text.drop_front(at);
#define TILEC_PUNCTUATION(Kind, Spelling)                                      \
  if (rest.starts_with(Spelling)) {                                            \
    constexpr TokenKind kind = TokenKind::Kind;                                \
    if (kind == TokenKind::LParen || kind == TokenKind::LSquare)               \
      ++brackets;                                                              \
    if (kind == TokenKind::RParen || kind == TokenKind::RSquare)               \
      brackets -= brackets != 0;                                               \
    if (kind == TokenKind::LBrace || kind == TokenKind::RBrace)                \
      brackets = 0;                                                            \
    if (!(kind == TokenKind::Amp && rest.starts_with("&&")) &&                 \
        !(kind == TokenKind::Pipe && rest.starts_with("||")))                  \
      return make(kind, at + StringRef(Spelling).size());                      \
  }
#include "tilec/Frontend/Tokens.def"
  if (rest.starts_with("&&"))
    return make(TokenKind::Error, at + 2, LexError::AndAnd);
  if (rest.starts_with("||"))
    return make(TokenKind::Error, at + 2, LexError::OrOr);
  if (rest.starts_with("!"))
    return make(TokenKind::Error, at + 1, LexError::Bang);
  if (rest.starts_with("#"))
    return make(TokenKind::Error, std::min(text.find('\n', at), text.size()),
                LexError::HashComment);
  if (rest.starts_with("'")) {
    size_t close = text.find_first_of("'\n", at + 1);
    bool closes = close != StringRef::npos && text[close] == '\'';
    return make(TokenKind::Error, closes ? close + 1 : at + 1,
                LexError::SingleQuote);
  }
  // A whole run of characters that are not ASCII is one mistake.
  size_t length = 1;
  if (static_cast<unsigned char>(rest[0]) >= 0x80)
    while (length < rest.size() &&
           static_cast<unsigned char>(rest[length]) >= 0x80)
      ++length;
  return make(TokenKind::Error, at + length, LexError::BadCharacter);
}

Token Lexer::next() {
  skipBlanks();
  if (at >= text.size() || unclosedComment != StringRef::npos) {
    if (unclosedComment == StringRef::npos)
      return make(TokenKind::EndOfFile, text.size());
    at = unclosedComment;
    Token token = make(TokenKind::EndOfFile, at + 2, LexError::UnclosedComment);
    at = text.size();
    return token;
  }
  char c = peek();
  if (startsName(c)) {
    size_t end = at;
    while (end < text.size() && continuesName(text[end]))
      ++end;
    return make(kindOfWord(text.slice(at, end)), end);
  }
  if (llvm::isDigit(c))
    return lexNumber();
  if (c == '"')
    return lexString();
  return lexPunctuation();
}

/// The first byte that no text file has, as a token that ends the file, or a
/// token without an error.
static Token findBadByte(StringRef text) {
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.data());
  for (size_t i = 0; i < text.size();) {
    unsigned length = 1;
    LexError error = LexError::None;
    if (text[i] == '\0') {
      error = LexError::NulByte;
    } else if (static_cast<unsigned char>(text[i]) >= 0x80) {
      length = llvm::getNumBytesForUTF8(begin[i]);
      if (length > text.size() - i ||
          !llvm::isLegalUTF8Sequence(begin + i, begin + i + length))
        error = LexError::NotUtf8;
    }
    if (error != LexError::None)
      return {TokenKind::EndOfFile, error, false, uint32_t(i), uint32_t(i + 1)};
    i += length;
  }
  return {};
}

std::vector<Token> tilec::lex(FileId file, const SourceManager &sources) {
  // Offsets have 32 bits; no program is a tenth as long as this.
  constexpr size_t maxSize = 256u << 20;
  StringRef text = sources.text(file);
  if (text.size() > maxSize)
    return {{TokenKind::EndOfFile, LexError::FileTooLarge, false, 0, 1}};
  Token bad = findBadByte(text);
  if (bad.error != LexError::None)
    return {bad};
  Lexer lexer(text, text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  std::vector<Token> tokens;
  do
    tokens.push_back(lexer.next());
  while (tokens.back().kind != TokenKind::EndOfFile);
  return tokens;
}

/// Where the first unknown escape of a string literal is.
static SourceRange badEscape(SourceRange literal, StringRef text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\')
      continue;
    if (readEscape(text.drop_front(i)).first == 0)
      return {literal.file, uint32_t(literal.begin + i),
              uint32_t(literal.begin + i + 2)};
    ++i;
  }
  return literal;
}

LexErrorText tilec::describe(const Token &token, FileId file,
                             const SourceManager &sources) {
  SourceRange range(file, token.begin, token.end);
  StringRef text = sources.text(range);
  std::string quoted = ("'" + text.take_front(40) + "'").str();
  switch (token.error) {
  case LexError::None:
    break;
  case LexError::BadCharacter:
    if (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7F)
      return {range,
              "unexpected control character 0x" +
                  llvm::utohexstr(static_cast<unsigned char>(text[0]),
                                  /*LowerCase=*/false, /*Width=*/2),
              ""};
    if (static_cast<unsigned char>(text[0]) >= 0x80) {
      if (text.size() > 32)
        return {range, "unexpected characters that are not ASCII", ""};
      return {range, "unexpected character '" + text.str() + "'",
              "names and operators are ASCII; other characters stand in "
              "comments and strings"};
    }
    return {range, "unexpected character " + quoted, ""};
  case LexError::NumberRunsIntoName:
    if (text.contains('_') && text.find_if_not([](char c) {
          return llvm::isDigit(c) || c == '_';
        }) == StringRef::npos)
      return {range, "a number has no '_' between its digits", ""};
    return {range, "the number " + quoted + " runs into letters",
            "a number has no suffix; 'as' converts it"};
  case LexError::LeadingZero:
    return {range, "the integer " + quoted + " starts with '0'",
            "integers are decimal, or hexadecimal after '0x'"};
  case LexError::NoHexDigits:
    return {range, "the hexadecimal number " + quoted + " has no digits", ""};
  case LexError::NoExponentDigits:
    return {range, "the number " + quoted + " has no digits in its exponent",
            ""};
  case LexError::IntTooLarge:
    return {range, "this integer does not fit in 64 bits", ""};
  case LexError::UnclosedString:
    return {{file, token.begin, token.begin + 1},
            "this string is never closed",
            "a string ends with '\"' on the line it starts on"};
  case LexError::BadEscape:
    return {badEscape(range, text), "unknown escape in a string",
            "the escapes are \\n, \\t, \\r, \\\\ and \\\""};
  case LexError::SingleQuote:
    return {range, "strings are written in double quotes", ""};
  case LexError::HashComment:
    return {{file, token.begin, token.begin + 1},
            "unexpected '#'",
            "a comment starts with '//'"};
  case LexError::AndAnd:
    return {range, "there is no operator '&&'", "write 'and'"};
  case LexError::OrOr:
    return {range, "there is no operator '||'", "write 'or'"};
  case LexError::Bang:
    return {range, "there is no operator '!'", "write 'not'"};
  case LexError::UnclosedComment:
    return {range, "this comment is never closed",
            "comments nest: every '/*' needs its own '*/'"};
  case LexError::NotUtf8:
    return {range,
            "byte 0x" +
                llvm::utohexstr(static_cast<unsigned char>(text[0]),
                                /*LowerCase=*/false, /*Width=*/2) +
                " is not valid UTF-8; is this a .tile file?",
            ""};
  case LexError::NulByte:
    return {range, "a NUL byte stands in the text; is this a .tile file?", ""};
  case LexError::FileTooLarge:
    return {range, "the file is larger than 256 MiB", ""};
  }
  return {range, "unexpected " + quoted, ""};
}
