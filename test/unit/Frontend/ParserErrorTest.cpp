//===- ParserErrorTest.cpp - one error for one mistake ---------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/Parser.h"

#include "gtest/gtest.h"

using namespace tilec;
using Lines = std::vector<std::string>;

/// Every error of `text` as "line:column: sentence", and its notes as
/// "note line:column: sentence" or "note: sentence".
static Lines errorsOf(const std::string &text) {
  SourceManager sources;
  DiagnosticEngine diags(sources);
  ast::Context context;
  parseFile(sources.addFile("test.tile", text), context, diags);
  Lines lines;
  auto place = [&](SourceRange range) {
    LineColumn at = sources.lineColumn(range.start());
    return std::to_string(at.line) + ":" + std::to_string(at.column);
  };
  for (const Diagnostic &diagnostic : diags.diagnostics()) {
    lines.push_back(place(diagnostic.range) + ": " + diagnostic.sentence);
    for (const DiagnosticNote &note : diagnostic.notes)
      lines.push_back("note" +
                      (note.range.isValid() ? " " + place(note.range) : "") +
                      ": " + note.sentence);
  }
  return lines;
}

/// The errors of the statements of a body; they start on line 2.
static Lines errorsIn(const std::string &body) {
  return errorsOf("fn f() {\n" + body + "\n}\n");
}

TEST(ParserErrors, MissingOperand) {
  EXPECT_EQ(errorsIn("let x = a + "),
            (Lines{"3:1: expected an expression after '+'"}));
  EXPECT_EQ(errorsIn("let x = f(a,, b)"),
            (Lines{"2:13: expected an expression after ','"}));
  EXPECT_EQ(errorsIn("let x = ()"),
            (Lines{"2:10: expected an expression after '('"}));
  EXPECT_EQ(errorsIn("let x = let"),
            (Lines{"2:9: expected an expression after '=', but 'let' is a "
                   "keyword"}));
}

TEST(ParserErrors, ABracketThatIsNeverClosedEndsWithItsLine) {
  EXPECT_EQ(errorsIn("let x = (a + b\ny = c\nlet z = )"),
            (Lines{"3:1: expected ')' before 'y'",
                   "note 2:9: this '(' is never closed",
                   "4:9: expected an expression after '='"}));
  EXPECT_EQ(errorsIn("C[i = 1\nlet x = 2"),
            (Lines{"2:5: expected ']' before '='",
                   "note 2:2: this '[' is never closed"}));
  EXPECT_EQ(errorsIn("let x = f(a"),
            (Lines{"3:1: expected ')' before '}'",
                   "note 2:10: this '(' is never closed"}));
}

TEST(ParserErrors, AMissingCommaIsNoMissingBracket) {
  EXPECT_EQ(errorsIn("let x = f(a\n  b,\n  c)\nlet y = 1"),
            (Lines{"3:3: expected ',' or ')' before 'b'"}));
}

TEST(ParserErrors, AHeaderThatFailsDoesNotHideItsBody) {
  EXPECT_EQ(errorsIn("for i in tiles(M {\n let x = +\n}\nlet y = 1 2"),
            (Lines{"2:18: expected ')' before '{'",
                   "note 2:15: this '(' is never closed",
                   "3:10: expected an expression after '='",
                   "note: there is no unary '+'",
                   "5:11: expected an operator, a new line or ';' before "
                   "'2'"}));
  EXPECT_EQ(errorsOf("kernel f(A: f32[M] B: f32[M],\n  const n: i32) {\n"
                     "  let x = \n}\n"),
            (Lines{"1:20: expected ',' or ')' before 'B'",
                   "4:1: expected an expression after '='"}));
}

TEST(ParserErrors, BlocksThatAreNotClosedEndBeforeTheNextItem) {
  EXPECT_EQ(errorsOf("kernel f() {\n  for i in tiles(M) {\n    let x = 1\n}\n"
                     "kernel g() {\n  let y = \n}\n"),
            (Lines{"5:1: expected '}' before 'kernel'",
                   "note 1:12: this '{' is never closed",
                   "7:1: expected an expression after '='"}));
  EXPECT_EQ(errorsOf("kernel f() {\n"),
            (Lines{"2:1: expected '}' before the end of the file",
                   "note 1:12: this '{' is never closed"}));
  EXPECT_EQ(errorsOf("kernel f() {\n}\n}\nconst A = 1"),
            (Lines{"3:1: this '}' closes nothing"}));
}

TEST(ParserErrors, ABraceOnALineOfItsOwn) {
  EXPECT_EQ(errorsIn("if a\n{\n  let x = 1\n}\nelse {\n}"),
            (Lines{"2:5: expected '{' after the condition of 'if'",
                   "note: the '{' stands on the line where the header ends"}));
}

TEST(ParserErrors, ComparisonsDoNotChain) {
  EXPECT_EQ(errorsIn("let x = a < b <= c"),
            (Lines{"2:15: comparisons do not chain",
                   "note: write 'a < b and b <= ...'"}));
}

TEST(ParserErrors, NotBindsLoosely) {
  EXPECT_EQ(errorsIn("let x = a == not b"),
            (Lines{"2:14: expected an operand after '=='",
                   "note: 'not' binds loosely: write '(not ...)'"}));
}

TEST(ParserErrors, WordsOfOtherLanguages) {
  EXPECT_EQ(errorsIn("let x = a && b"),
            (Lines{"2:11: there is no operator '&&'", "note: write 'and'"}));
  EXPECT_EQ(errorsIn("if a { } elif b { }"),
            (Lines{"2:10: there is no 'elif'", "note: write 'else if'"}));
  EXPECT_EQ(errorsIn("while a = b { }"),
            (Lines{"2:9: '=' assigns", "note: write '==' to compare"}));
  EXPECT_EQ(errorsIn("for i in 0..n { }"),
            (Lines{"2:10: a loop runs over 'tiles(...)' or 'range(...)'"}));
  EXPECT_EQ(errorsIn("x++\nlet y = 1 2"),
            (Lines{"2:3: expected an expression after '+'",
                   "note: there is no unary '+'",
                   "3:11: expected an operator, a new line or ';' before "
                   "'2'"}));
  EXPECT_EQ(errorsIn("A[1:2] = 3"),
            (Lines{"2:4: ':' in a subscript stands alone, for the whole dim",
                   "note: a part of a dim is a tile index: 'for i in "
                   "tiles(lo..hi)'"}));
  EXPECT_EQ(errorsOf("def f(a): return a"),
            (Lines{"1:1: expected an item: 'import', 'const', 'fn', 'kernel' "
                   "or 'graph', not 'def'",
                   "note: write 'fn'"}));
}

TEST(ParserErrors, Statements) {
  EXPECT_EQ(errorsIn("a == b"),
            (Lines{"2:1: only a call may stand as a statement",
                   "note 2:3: write '=' to assign"}));
  EXPECT_EQ(errorsIn("(a, b) = f()"),
            (Lines{"2:1: only a variable or elements of an array can be "
                   "assigned to",
                   "note: a tuple is taken apart by 'let (a, b) = ...'"}));
  EXPECT_EQ(errorsIn("let a, b = f()"),
            (Lines{"2:6: several names are bound in parentheses",
                   "note: write 'let (a, ...) = ...'"}));
  EXPECT_EQ(errorsIn("let x: f32 = 1.0"),
            (Lines{"2:6: 'let' takes the type of its value",
                   "note: write '... as f32' to convert it"}));
  EXPECT_EQ(errorsIn("lett x = 1"),
            (Lines{"2:1: expected '=' or a call, but 'x' follows 'lett'"}));
  EXPECT_EQ(errorsIn("let while = 1"),
            (Lines{"2:5: expected a name after 'let', but 'while' is a "
                   "keyword"}));
  EXPECT_EQ(errorsIn("tune n in 3"),
            (Lines{"2:11: the values of a tunable are a list such as '[1, 2, "
                   "4]', or 'pow2(lo, hi)'"}));
  EXPECT_EQ(errorsIn("let x = _"),
            (Lines{"2:9: '_' discards a value, it has none"}));
  EXPECT_EQ(errorsIn("  fn g(a) {\n return a\n }\nlet x = 1"),
            (Lines{"2:3: 'fn' stands at the top of the file, not in a body"}));
}

TEST(ParserErrors, Lambdas) {
  EXPECT_EQ(errorsIn("let f = (a, b) => a"),
            (Lines{"2:9: a lambda may only be an argument of a call"}));
  EXPECT_EQ(errorsIn("f(x => x)"),
            (Lines{"2:5: the parameters of a lambda stand in parentheses",
                   "note: write '(x) => ...'"}));
}

TEST(ParserErrors, ArgumentsAndAttributes) {
  EXPECT_EQ(errorsIn("f(a=1, b=2, a=3)"),
            (Lines{"2:13: the argument 'a' is given twice",
                   "note 2:3: it is given here, too"}));
  EXPECT_EQ(errorsOf("@conf(a=1)\nkernel f() { }"),
            (Lines{"1:2: there is no attribute '@conf'",
                   "note: the only attribute is '@config(...)'"}));
  EXPECT_EQ(errorsOf("@config(i=1)\nfn f() { }"),
            (Lines{"1:1: '@config' stands before a kernel or a graph, not "
                   "before 'fn'"}));
}

TEST(ParserErrors, Parameters) {
  EXPECT_EQ(errorsOf("kernel f(A) { }"),
            (Lines{"1:11: expected ':' and a type after 'A'"}));
  EXPECT_EQ(errorsOf("kernel f(a: f32 = 1) { }"),
            (Lines{"1:17: only a 'const' parameter has a default"}));
  EXPECT_EQ(errorsOf("kernel f(inout a: f32) { }"),
            (Lines{"1:10: only an array can be 'inout'"}));
  EXPECT_EQ(errorsOf("kernel f(inout inout A: f32[M]) { }"),
            (Lines{"1:16: 'inout' is written twice",
                   "note 1:10: it is written here, too"}));
  EXPECT_EQ(errorsOf("kernel f() -> C: f32 { }"),
            (Lines{"1:18: a result is an array",
                   "note: write its dims: 'C: f32[M]'"}));
  EXPECT_EQ(errorsOf("kernel f<T: real>(A: T[N]) { }"),
            (Lines{"1:13: a type parameter is bound by 'float', 'int' or "
                   "'number', not 'real'"}));
  EXPECT_EQ(errorsOf("fn f(a: f32) { return a }"),
            (Lines{"1:7: the parameters of a 'fn' have no types",
                   "note: a 'fn' is checked anew at each use"}));
}

TEST(ParserErrors, LexicalErrorsInSourceOrder) {
  EXPECT_EQ(errorsIn("let x = 1 2\nlet y = $\nlet z = 1_0\nlet s = \"abc\n"
                     "let t = 3 4"),
            (Lines{"2:11: expected an operator, a new line or ';' before '2'",
                   "3:9: unexpected character '$'",
                   "4:9: a number has no '_' between its digits",
                   "5:9: this string is never closed",
                   "note: a string ends with '\"' on the line it starts on",
                   "6:11: expected an operator, a new line or ';' before "
                   "'4'"}));
}

TEST(ParserErrors, WhatAStringOrCommentSwallowsIsNotMissed) {
  EXPECT_EQ(errorsOf("kernel f() { for i in tiles(M) { print(\"a) }\n}\n"),
            (Lines{"1:40: this string is never closed",
                   "note: a string ends with '\"' on the line it starts on"}));
  EXPECT_EQ(errorsOf("kernel f() { /* }\n"),
            (Lines{"1:14: this comment is never closed",
                   "note: comments nest: every '/*' needs its own '*/'"}));
}

TEST(ParserErrors, BytesThatAreNoText) {
  EXPECT_EQ(errorsOf(std::string("kernel\0 f( $ $ $", 16)),
            (Lines{"1:7: a NUL byte stands in the text; is this a .tile "
                   "file?"}));
  EXPECT_EQ(errorsOf("\x7F"
                     "ELF\x02\x01\x01\xFF"),
            (Lines{"1:8: byte 0xFF is not valid UTF-8; is this a .tile "
                   "file?"}));
}

TEST(ParserErrors, TwentyAtMost) {
  std::string body;
  for (unsigned i = 0; i < 100; ++i)
    body += "let x = 1 2\n";
  EXPECT_EQ(errorsIn(body).size(), 20u);
}

TEST(ParserErrors, NestingIsLimited) {
  const Lines tooDeep = {"blocks, brackets and operators nest more than 256 "
                         "deep here"};
  for (const char *open : {"(", "[", "f(", "A[", "-", "not ", "f((a) => "}) {
    std::string text;
    for (unsigned i = 0; i < 20000; ++i)
      text += open;
    Lines errors = errorsIn("let x = " + text);
    ASSERT_EQ(errors.size(), 1u) << open;
    EXPECT_EQ(errors[0].substr(errors[0].find(' ') + 1), tooDeep[0]) << open;
  }
  for (const char *open : {"if a {\n", "for i in range(n) { ", "if a { } else ",
                           "let (", "x **"}) {
    std::string text;
    for (unsigned i = 0; i < 20000; ++i)
      text += open;
    EXPECT_EQ(errorsIn(text).size(), 1u) << open;
  }
}

TEST(ParserErrors, NestingBelowTheLimitIsFine) {
  std::string text =
      "x = " + std::string(200, '(') + "a" + std::string(200, ')') + "\n";
  EXPECT_EQ(errorsIn(text), Lines{});
  std::string sum = "x = a";
  for (unsigned i = 0; i < 1000; ++i)
    sum += " + a";
  EXPECT_EQ(errorsIn(sum), Lines{});
}

TEST(ParserErrors, LongChainsAreLimited) {
  for (const char *link : {" + a", ".T", "[0]", " as f32"}) {
    std::string text = "x = a";
    for (unsigned i = 0; i < 20000; ++i)
      text += link;
    EXPECT_EQ(errorsIn(text),
              (Lines{"2:5: this expression is more than 1024 operators deep",
                     "note: bind a part of it with 'let'"}))
        << link;
  }
}
