//===- PTXLexerTest.cpp - words of PTX text ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Lexer.h"

#include "gtest/gtest.h"

using namespace tilec::sim::ptx;

namespace {

std::vector<Token> lex(llvm::StringRef text) {
  std::vector<Token> tokens;
  for (Lexer lexer(text);;) {
    tokens.push_back(lexer.next());
    if (tokens.back().kind == Token::Kind::End || tokens.back().kind == Token::Kind::Wrong)
      return tokens;
  }
}

TEST(PTXLexer, wordsOfAnInstruction) {
  auto tokens = lex("ld.shared::cta.v4.b32 {%r1, _}, [%rd2+-16];");
  ASSERT_EQ(tokens.size(), 18u);
  EXPECT_EQ(tokens[0].text, "ld");
  EXPECT_EQ(tokens[1].text, "shared::cta");
  EXPECT_EQ(tokens[2].text, "v4");
  EXPECT_EQ(tokens[3].kind, Token::Kind::Dotted);
  EXPECT_EQ(tokens[3].text, "b32");
  EXPECT_TRUE(tokens[4].isSign("{"));
  EXPECT_EQ(tokens[5].text, "%r1");
  EXPECT_EQ(tokens[7].text, "_");
  EXPECT_EQ(tokens[7].kind, Token::Kind::Name);
  EXPECT_TRUE(tokens[12].isSign("+"));
  EXPECT_TRUE(tokens[13].isSign("-"));
  EXPECT_EQ(tokens[14].bits, 16u);
}

TEST(PTXLexer, namesWithDollarsAndPercents) {
  auto tokens = lex("$L__BB0_2: %tid.x _Z3fibi $str$1");
  EXPECT_EQ(tokens[0].text, "$L__BB0_2");
  EXPECT_EQ(tokens[2].text, "%tid");
  EXPECT_EQ(tokens[3].text, "x");
  EXPECT_EQ(tokens[5].text, "$str$1");
}

TEST(PTXLexer, numbers) {
  auto tokens = lex("10 0x1F 017 0b101 7U 18446744073709551615 0f3F800000 0d3FF0000000000000 1.5 2.e3 1e-2");
  uint64_t integers[] = {10, 31, 15, 5, 7, UINT64_MAX};
  for (unsigned i = 0; i != 6; ++i) {
    EXPECT_EQ(tokens[i].kind, Token::Kind::Integer);
    EXPECT_EQ(tokens[i].bits, integers[i]);
    EXPECT_EQ(tokens[i].isUnsigned, i >= 4);
  }
  EXPECT_EQ(tokens[6].kind, Token::Kind::Float32);
  EXPECT_EQ(tokens[6].bits, 0x3F800000u);
  EXPECT_EQ(tokens[7].kind, Token::Kind::Float64);
  EXPECT_EQ(tokens[7].bits, 0x3FF0000000000000u);
  double doubles[] = {1.5, 2000, 0.01};
  for (unsigned i = 0; i != 3; ++i) {
    EXPECT_EQ(tokens[8 + i].kind, Token::Kind::Float64);
    EXPECT_EQ(llvm::bit_cast<double>(tokens[8 + i].bits), doubles[i]);
  }
}

TEST(PTXLexer, placesCountFromOneAndCommentsAreSkipped) {
  auto tokens = lex("// a\n/* b\n */ x\n  .reg");
  EXPECT_EQ(tokens[0].place.line, 3u);
  EXPECT_EQ(tokens[0].place.column, 5u);
  EXPECT_EQ(tokens[1].place.line, 4u);
  EXPECT_EQ(tokens[1].place.column, 3u);
}

TEST(PTXLexer, whatIsNoToken) {
  for (llvm::StringRef text : {"0f3F80", "0d1", "99999999999999999999", "\"open", "\"open\n\"", "/* open", "#", "\x80"})
    EXPECT_EQ(lex(text).back().kind, Token::Kind::Wrong) << text.str();
}

} // namespace
