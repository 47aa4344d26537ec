//===- LexerTest.cpp - tokens of the .tile language ------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/Lexer.h"

#include "gtest/gtest.h"

using namespace tilec;

/// Lexes `text`; every token as its text, `|` before those on a new line, and
/// `!` before those with an error.
static std::string tokensOf(llvm::StringRef text) {
  SourceManager sources;
  FileId file = sources.addFile("test.tile", text);
  std::string all;
  for (const Token &token : lex(file, sources)) {
    if (token.kind == TokenKind::EndOfFile && token.error == LexError::None)
      break;
    all += all.empty() ? "" : " ";
    all += token.newlineBefore ? "|" : "";
    all += token.error != LexError::None ? "!" : "";
    all += sources.text({file, token.begin, token.end});
  }
  return all;
}

/// The kinds of the tokens of `text`, without the end of the file.
static std::vector<TokenKind> kindsOf(llvm::StringRef text) {
  SourceManager sources;
  std::vector<TokenKind> kinds;
  for (const Token &token : lex(sources.addFile("test.tile", text), sources))
    kinds.push_back(token.kind);
  EXPECT_EQ(kinds.back(), TokenKind::EndOfFile);
  kinds.pop_back();
  return kinds;
}

/// What the first token with an error says.
static std::string errorOf(llvm::StringRef text) {
  SourceManager sources;
  FileId file = sources.addFile("test.tile", text);
  for (const Token &token : lex(file, sources))
    if (token.error != LexError::None)
      return describe(token, file, sources).sentence;
  return "";
}

TEST(Lexer, NamesKeywordsAndTypes) {
  using enum TokenKind;
  EXPECT_EQ(kindsOf("let lets _ _a1 f32 f33 bool inf nan None auto tiles"),
            (std::vector{KwLet, Identifier, Identifier, Identifier, TypeName,
                         Identifier, TypeName, Float, Float, KwNone, Identifier,
                         Identifier}));
}

TEST(Lexer, LongestPunctuationFirst) {
  EXPECT_EQ(tokensOf("a<<=b<<c<=d<e**=f**g*h->=>==="),
            "a <<= b << c <= d < e **= f ** g * h -> => == =");
}

TEST(Lexer, Numbers) {
  using enum TokenKind;
  EXPECT_EQ(kindsOf("1 0x1F 1.5 1e-5 1E5 2.5e+3 0"),
            (std::vector{Int, Int, Float, Float, Float, Float, Int}));
}

TEST(Lexer, PointOfANumberIsFollowedByADigit) {
  EXPECT_EQ(tokensOf("0..n"), "0 .. n");
  EXPECT_EQ(tokensOf("0..1.5"), "0 .. 1.5");
  EXPECT_EQ(tokensOf("1.T"), "1 . T");
  EXPECT_EQ(tokensOf("l.0.1"), "l . 0 . 1");
  EXPECT_EQ(tokensOf("l.0..n"), "l . 0 .. n");
}

TEST(Lexer, BadNumbersAreOneToken) {
  EXPECT_EQ(tokensOf("1_000 + 12ab + 0x + 007 + 1e+ 2"),
            "!1_000 + !12ab + !0x + !007 + !1e+ 2");
  EXPECT_EQ(errorOf("18446744073709551615"), "");
  EXPECT_EQ(errorOf("18446744073709551616"),
            "this integer does not fit in 64 bits");
  EXPECT_EQ(errorOf("0x10000000000000000"),
            "this integer does not fit in 64 bits");
}

TEST(Lexer, CommentsNestAndKeepLines) {
  EXPECT_EQ(tokensOf("a /* b /* c */ d */ e"), "a e");
  EXPECT_EQ(tokensOf("a /* b\n */ e"), "a |e");
  EXPECT_EQ(tokensOf("a {// b\n// c\ne"), "a { |e");
  EXPECT_EQ(errorOf("a /* b /* c */ d"), "this comment is never closed");
}

TEST(Lexer, TwoSlashesDivideWhereAnExpressionGoesOn) {
  for (llvm::StringRef text :
       {"n // 64", "n//64", "(n + 63) // 64", "A[i] // 2", "n // (a + b) * c",
        "n // f(x, 3)", "n // x.size", "n // -2", "n // 2 as f32", "n //= 2",
        "n // 2 {", "f(n // 2, axis=1)", "A[n // 2, :]",
        "A[n // 2] = 1", "A[n//2] += 1", "A[B[n // 2], 0] -= x and y",
        "n // reduce(x, [1], (a, b) => a + b, keep=true)",
        "n // f(\"s\", not b)", "n // (a\n + b)", "n // 2 == 3 and b {"})
    EXPECT_NE(tokensOf(text).find("//"), std::string::npos) << text.str();
}

TEST(Lexer, TwoSlashesStartACommentElsewhere) {
  for (llvm::StringRef text : {"// 64",
                               "n  // 64",
                               "n\t // 64",
                               "n //64",
                               "n // the rest",
                               "n // 64 of it",
                               "n // [M, N]",
                               "n // rows and columns",
                               "n // one.",
                               "n // a, b",
                               "n // row-major order",
                               "n // same as above",
                               "n // don't",
                               "n //",
                               "n // note: that",
                               "n // -> f32",
                               "{ // 64",
                               "f(a, // b",
                               "n // x (y)",
                               "\"s\" // 64",
                               "true // 64",
                               "n //==== a"})
    EXPECT_EQ(tokensOf(text).find("//"), std::string::npos) << text.str();
}

TEST(Lexer, ASecondCommentOnTheLine) {
  EXPECT_EQ(tokensOf("n // 64 // all of it\nb"), "n // 64 |b");
}

TEST(Lexer, LineEnds) {
  EXPECT_EQ(tokensOf("a\nb\r\nc\n\n\td"), "a |b |c |d");
  EXPECT_EQ(tokensOf("\xEF\xBB\xBF"
                     "a b"),
            "a b");
}

TEST(Lexer, Strings) {
  using enum TokenKind;
  EXPECT_EQ(kindsOf(R"("a" "" "\"\\\n" "é")"),
            (std::vector{String, String, String, String}));
  EXPECT_EQ(errorOf("\"abc\n\""), "this string is never closed");
  EXPECT_EQ(errorOf("\"abc"), "this string is never closed");
  EXPECT_EQ(errorOf(R"("a\qb")"), "unknown escape in a string");
  EXPECT_EQ(errorOf("\"abc\\"), "this string is never closed");
}

TEST(Lexer, WhatIsNoToken) {
  EXPECT_EQ(tokensOf("a $ b"), "a !$ b");
  EXPECT_EQ(tokensOf("a && b || !c"), "a !&& b !|| !! c");
  EXPECT_EQ(tokensOf("'it' a"), "!'it' a");
  EXPECT_EQ(tokensOf("# a\nb"), "!# a |b");
  EXPECT_EQ(errorOf("a \x01"), "unexpected control character 0x01");
  EXPECT_EQ(errorOf("a é"), "unexpected character 'é'");
}

TEST(Lexer, TextThatIsNoText) {
  EXPECT_EQ(errorOf(llvm::StringRef("a\0b", 3)),
            "a NUL byte stands in the text; is this a .tile file?");
  EXPECT_EQ(errorOf("// caf\xE9\n"),
            "byte 0xE9 is not valid UTF-8; is this a .tile file?");
  EXPECT_EQ(errorOf("a \xE2\x82"),
            "byte 0xE2 is not valid UTF-8; is this a .tile file?");
}
