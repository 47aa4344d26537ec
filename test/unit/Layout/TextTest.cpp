//===- TextTest.cpp - Layouts as text ---------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Oracle.h"

#include "tilec/Layout/Swizzle.h"

#include "gtest/gtest.h"

using namespace tilec::layout;
using namespace tilec::layout::test;

TEST(Text, WhatIsPrintedIsReadBack) {
  Generator random(40);
  for (int64_t n = 0; n < numCases(); ++n) {
    Layout a = random.layout(1000);
    Result<Layout> b = parseLayout(print(a));
    ASSERT_TRUE(b) << print(a) << ": " << b.message();
    ASSERT_EQ(*b, a) << print(a);
  }
}

TEST(Text, SpellingsOfOneLayout) {
  auto same = [](const char *a, const char *b) {
    Result<Layout> x = parseLayout(a), y = parseLayout(b);
    ASSERT_TRUE(x && y) << a << ", " << b;
    EXPECT_EQ(*x, *y);
  };
  same(" ( ( 2 , 4 ) , 8 ) : ( ( 1 , 16 ) , 2 ) ", "((2,4),8):((1,16),2)");
  same("(4,8)", "(4,8):(1,4)");
  same("(4,1,8)", "(4,1,8):(1,0,4)");
  same("4:E<1,0>", "4:1@0@1");
  same("4:3*E<2>", "4:3@2");
  same("4:1@0+2@1+1@0", "4:2@0+2@1");
  same("4:^0x1f", "4:^31");
  same("4:^5+^4+2", "4:2+^1");
  same("4:0@3", "4:0");
}

TEST(Text, ErrorsSayWhatIsExpectedAndWhere) {
  auto fails = [](const char *text, const char *message) {
    Result<Layout> layout = parseLayout(text);
    ASSERT_FALSE(layout) << text;
    EXPECT_NE(layout.message().find(message), std::string::npos) << layout.message();
  };
  fails("", "expected a number at column 1");
  fails("(4,8", "expected ',' or ')' at column 5");
  fails("(4,8):(1,4", "found the end");
  fails("(4,8):(1,4))", "expected the end of the layout at column 12");
  fails("4:1@", "expected a number");
  fails("4:1@-1", "between 0 and 1023");
  fails("4:^-1", "a mask is not negative");
  fails("4:9223372036854775807", "exceeds 2^62");
  fails("4:3*4", "expected a basis vector");
  fails("(4,8):4", "differ in their nesting");
  fails("(4,0):(1,1)", "sizes are positive");
  fails((std::string(100, '(') + "1").c_str(), "nested deeper than");
}

TEST(Text, ComposedLayoutsAndTilers) {
  for (const char *text : {"Sw<3,4,3> o 0 o (8,64):(64,1)", "(2,3):(3,1) o 2 o (3,4):(4,1)", "5 o 3:1", "(4,8):(1,4)",
                           "Sw<2,0,-3> o 16 o 4:1"}) {
    Result<ComposedLayout> composed = parseComposed(text);
    ASSERT_TRUE(composed) << composed.message();
    EXPECT_EQ(print(*composed), text);
  }
  EXPECT_EQ(print(*parseComposed("S<3,4,3> o (8,64):(64,1)")), "Sw<3,4,3> o 0 o (8,64):(64,1)");
  for (const char *text : {"<4:1,_,(2,4):(1,8)>", "_", "4:2", "<<2:1>,3:3>"}) {
    Result<Tiler> tiler = parseTiler(text);
    ASSERT_TRUE(tiler) << tiler.message();
    EXPECT_EQ(print(*tiler), text);
  }
  EXPECT_EQ(print(*parseTiler("(4,(2,3))")), "<4:1,<2:1,3:1>>");
}
