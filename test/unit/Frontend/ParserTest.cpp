//===- ParserTest.cpp - from text to syntax tree ---------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/Parser.h"
#include "tilec/Frontend/ASTPrinter.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace tilec;
using namespace tilec::ast;

namespace {

/// A file and its tree.
struct Parsed {
  explicit Parsed(llvm::StringRef text)
      : module(parseFile(sources.addFile("test.tile", text), context, diags)) {}

  /// The errors as they are printed.
  std::string errors() const {
    std::string all;
    llvm::raw_string_ostream os(all);
    diags.print(os);
    return all;
  }

  std::string text(SourceRange range) const {
    return sources.text(range).str();
  }

  SourceManager sources;
  DiagnosticEngine diags{sources};
  Context context;
  const Module *module;
};

} // namespace

/// The tree with all its parentheses, written without the printer under test.
static std::string shape(const Expr *expr) {
  auto list = [](llvm::ArrayRef<const Expr *> exprs) {
    std::string all;
    for (const Expr *e : exprs)
      all += " " + shape(e);
    return all;
  };
  return llvm::TypeSwitch<const Expr *, std::string>(expr)
      .Case<IntExpr, FloatExpr>([](const auto *e) { return e->spelling.str(); })
      .Case([](const NameExpr *e) { return e->name.text.str(); })
      .Case([](const TypeExpr *e) { return spelling(e->type).str(); })
      .Case([](const BoolExpr *e) { return e->value ? "true" : "false"; })
      .Case([](const NoneExpr *) { return "None"; })
      .Case([](const WholeExpr *) { return ":"; })
      .Case([](const StringExpr *e) { return '"' + e->value.str() + '"'; })
      .Case([](const UnaryExpr *e) {
        return "(" + spelling(e->op).str() + " " + shape(e->operand) + ")";
      })
      .Case([](const BinaryExpr *e) {
        return "(" + shape(e->lhs) + " " + spelling(e->op).str() + " " +
               shape(e->rhs) + ")";
      })
      .Case([](const CastExpr *e) {
        return "(" + shape(e->value) + " as " + shape(e->type) + ")";
      })
      .Case([](const RangeExpr *e) {
        return "(" + shape(e->lo) + " .. " + shape(e->hi) + ")";
      })
      .Case([](const CallExpr *e) {
        std::string all = "(call " + shape(e->callee);
        for (const Argument &arg : e->args)
          all += " " + (arg.isNamed() ? arg.name.text.str() + "=" : "") +
                 shape(arg.value);
        return all + ")";
      })
      .Case([&](const SubscriptExpr *e) {
        return "(sub " + shape(e->base) + list(e->indices) + ")";
      })
      .Case([](const MemberExpr *e) {
        return "(" + shape(e->base) + " . " + e->name.text.str() + ")";
      })
      .Case([&](const TupleExpr *e) {
        return "(tuple" + list(e->elements) + ")";
      })
      .Case(
          [&](const ListExpr *e) { return "(list" + list(e->elements) + ")"; })
      .Case([](const LambdaExpr *e) {
        std::string all = "(lambda";
        for (const Name &name : e->params)
          all += " " + name.text.str();
        return all + " " + shape(e->body) + ")";
      });
}

/// The body of the only item, which is a kernel or fn.
static const Block *bodyOf(const Parsed &parsed) {
  if (parsed.module->items.size() != 1)
    return nullptr;
  if (const auto *fn = llvm::dyn_cast<FnItem>(parsed.module->items[0]))
    return fn->body;
  return llvm::cast<KernelItem>(parsed.module->items[0])->body;
}

/// The shape of an expression.
static std::string shapeOf(llvm::StringRef text) {
  Parsed parsed(("fn f() { let x = " + text + "\n}").str());
  EXPECT_EQ(parsed.errors(), "");
  const Block *body = bodyOf(parsed);
  if (!body || body->statements.size() != 1)
    return "not one statement";
  return shape(llvm::cast<BindStmt>(body->statements[0])->value);
}

/// The statements of a body, printed, with `;` between them.
static std::string statementsOf(llvm::StringRef text) {
  Parsed parsed(("fn f() {\n" + text + "\n}").str());
  EXPECT_EQ(parsed.errors(), "");
  std::string printed;
  llvm::raw_string_ostream os(printed);
  print(os, *parsed.module);
  llvm::StringRef rest = printed;
  EXPECT_TRUE(rest.consume_front("fn f() {\n  "));
  EXPECT_TRUE(rest.consume_back("\n}\n"));
  std::string all = rest.str();
  for (size_t at; (at = all.find("\n  ")) != std::string::npos;)
    all.replace(at, 3, "; ");
  return all;
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

TEST(Parser, EachPrecedenceBindsTighterThanTheOneBefore) {
  EXPECT_EQ(shapeOf("a .. b or c"), "(a .. (b or c))");
  EXPECT_EQ(shapeOf("a or b and c"), "(a or (b and c))");
  EXPECT_EQ(shapeOf("not a and b"), "((not a) and b)");
  EXPECT_EQ(shapeOf("not a == b"), "(not (a == b))");
  EXPECT_EQ(shapeOf("a == b | c"), "(a == (b | c))");
  EXPECT_EQ(shapeOf("a | b ^ c"), "(a | (b ^ c))");
  EXPECT_EQ(shapeOf("a ^ b & c"), "(a ^ (b & c))");
  EXPECT_EQ(shapeOf("a & b << c"), "(a & (b << c))");
  EXPECT_EQ(shapeOf("a << b + c"), "(a << (b + c))");
  EXPECT_EQ(shapeOf("a + b * c"), "(a + (b * c))");
  EXPECT_EQ(shapeOf("a @ b as f16"), "(a @ (b as f16))");
  EXPECT_EQ(shapeOf("-a as f16"), "((- a) as f16)");
  EXPECT_EQ(shapeOf("-a ** b"), "(- (a ** b))");
  EXPECT_EQ(shapeOf("~a ** b"), "(~ (a ** b))");
  EXPECT_EQ(shapeOf("a ** b.T"), "(a ** (b . T))");
}

TEST(Parser, BinaryOperatorsAssociateToTheLeft) {
  for (const char *op :
       {"or", "and", "|", "^", "&", "<<", ">>", "+", "-", "*", "/", "%", "@"}) {
    std::string o = op;
    EXPECT_EQ(shapeOf("a " + o + " b " + o + " c"),
              "((a " + o + " b) " + o + " c)");
  }
  EXPECT_EQ(shapeOf("a // b // c"), "((a // b) // c)");
  EXPECT_EQ(shapeOf("a as f32 as f16"), "((a as f32) as f16)");
}

TEST(Parser, PowerAssociatesToTheRight) {
  EXPECT_EQ(shapeOf("a ** b ** c"), "(a ** (b ** c))");
  EXPECT_EQ(shapeOf("2 ** -x ** y"), "(2 ** (- (x ** y)))");
  EXPECT_EQ(shapeOf("a ** b * c"), "((a ** b) * c)");
}

TEST(Parser, ParenthesesOverrule) {
  EXPECT_EQ(shapeOf("(a + b) * c"), "((a + b) * c)");
  EXPECT_EQ(shapeOf("(a < b) < c"), "((a < b) < c)");
  EXPECT_EQ(shapeOf("a == (not b)"), "(a == (not b))");
}

TEST(Parser, Postfix) {
  EXPECT_EQ(shapeOf("A[i, :, None, k + 1, l..h].T"),
            "((sub A i : None (k + 1) (l .. h)) . T)");
  EXPECT_EQ(shapeOf("t.index[:, None]"), "(sub (t . index) : None)");
  EXPECT_EQ(shapeOf("l.0.1"), "((l . 0) . 1)");
  EXPECT_EQ(shapeOf("f(x)[0].begin"), "((sub (call f x) 0) . begin)");
}

TEST(Parser, Arguments) {
  EXPECT_EQ(shapeOf("max(x, axis=1, keep=true,)"),
            "(call max x axis=1 keep=true)");
  EXPECT_EQ(shapeOf("tiles(size=[64, auto], M)"),
            "(call tiles size=(list 64 auto) M)");
  EXPECT_EQ(shapeOf("reduce(x, init=0.0, (a, b) => a + b)"),
            "(call reduce x init=0.0 (lambda a b (a + b)))");
  EXPECT_EQ(shapeOf("scan((x, y), fn2=(l, _,) => (l.0, l.1))"),
            "(call scan (tuple x y) fn2=(lambda l _ (tuple (l . 0) (l . 1))))");
  EXPECT_EQ(shapeOf("f()"), "(call f)");
  EXPECT_EQ(shapeOf("zeros(f32, i)"), "(call zeros f32 i)");
  EXPECT_EQ(shapeOf("load(A[i], after=[t0, t1])"),
            "(call load (sub A i) after=(list t0 t1))");
}

TEST(Parser, TuplesAndLists) {
  EXPECT_EQ(shapeOf("(a)"), "a");
  EXPECT_EQ(shapeOf("(a,)"), "(tuple a)");
  EXPECT_EQ(shapeOf("(a, b,)"), "(tuple a b)");
  EXPECT_EQ(shapeOf("[]"), "(list)");
  EXPECT_EQ(shapeOf("[1, 2,]"), "(list 1 2)");
}

TEST(Parser, LiteralsKeepTheirSpelling) {
  EXPECT_EQ(shapeOf("0x1F"), "0x1F");
  EXPECT_EQ(shapeOf("-inf"), "(- inf)");
  EXPECT_EQ(shapeOf("1.50e-05"), "1.50e-05");
  EXPECT_EQ(shapeOf(R"("a\t\"b\"")"), "\"a\t\"b\"\"");
  Parsed parsed("const A = 0x1F");
  const auto *item = llvm::cast<ConstItem>(parsed.module->items[0]);
  EXPECT_EQ(llvm::cast<IntExpr>(item->value)->value, 31u);
}

//===----------------------------------------------------------------------===//
// Ends of lines
//===----------------------------------------------------------------------===//

TEST(Parser, AStatementEndsAtANewlineOrSemicolonOrBrace) {
  EXPECT_EQ(statementsOf("x = 1\ny = 2; z = 3;; if a { b = 1 }"),
            "x = 1; y = 2; z = 3; if a {;   b = 1; }");
}

TEST(Parser, ALineGoesOnInBrackets) {
  EXPECT_EQ(statementsOf("x = f(a\n,\nb\n)\ny = A[\ni\n]\nz = (a\n+ b)"),
            "x = f(a, b); y = A[i]; z = a + b");
}

TEST(Parser, ALineGoesOnAfterAnOperator) {
  for (const char *op :
       {"+", "-", "*",  "/",  "%", "@",  "**", "<<", ">>",  "&",
        "|", "^", "==", "!=", "<", "<=", ">",  ">=", "and", "or"}) {
    std::string o = op;
    EXPECT_EQ(statementsOf("x = a " + o + "\n\n// comment\n  b"),
              "x = a " + o + " b");
  }
  EXPECT_EQ(statementsOf("x =\n1"), "x = 1");
  EXPECT_EQ(statementsOf("x +=\n1"), "x += 1");
  EXPECT_EQ(statementsOf("f((a) =>\na)"), "f((a) => a)");
  EXPECT_EQ(statementsOf("for i,\nj in tiles(M, N) { }"),
            "for i, j in tiles(M, N) {; }");
}

TEST(Parser, ALineGoesOnBeforeArrowAndElse) {
  EXPECT_EQ(statementsOf("if a {\n}\n// comment\nelse {\n}"),
            "if a {; } else {; }");
  Parsed parsed("kernel f(A: f32[M])\n    -> C: f32[M] {\n}");
  EXPECT_EQ(parsed.errors(), "");
}

TEST(Parser, AnOperatorOnTheNextLineStartsAnotherStatement) {
  Parsed parsed("fn f() {\nlet x = a\n- b\n}");
  EXPECT_EQ(parsed.errors(), "test.tile:3:1: error: only a call may stand as a "
                             "statement\n- b\n^~~\n"
                             "note: bind the value with 'let', or leave it "
                             "out\n");
}

//===----------------------------------------------------------------------===//
// Statements and items
//===----------------------------------------------------------------------===//

TEST(Parser, Statements) {
  for (const char *text :
       {"let x = 1",
        "var x = 1",
        "let (v, _) = sort(x, axis=0)",
        "let ((v, i), t) = f(x)",
        "x = 1",
        "A[i, j] = v",
        "x //= 2",
        "x **= 2",
        "x @= y",
        "x <<= 1",
        "x >>= 1",
        "x &= 1",
        "x |= 1",
        "x ^= 1",
        "x %= 2",
        "x /= 2",
        "x *= 2",
        "x -= 2",
        "print(\"a {}\", a)",
        "break",
        "continue",
        "return x",
        "return (x, y)",
        "tune n in [1, 2, 4]",
        "tune n in pow2(1, 64)",
        "let t = array(f32, M, N)",
        "store(A[i], v, mask=m)",
        "let (x, t) = load(A[i, k], after=t0)",
        "for _ in range(0, n, -1) {;   f(x); }",
        "for i, j in tiles(M, 0..N, size=[64, auto], exact=true) {;   f(x); }",
        "while i < n and not done {;   i += 1; }",
        "if a {;   f(x); } else if b {;   g(x); } else {;   h(x); }"}) {
    std::string source = text;
    for (size_t at; (at = source.find(";   ")) != std::string::npos;)
      source.replace(at, 4, "\n");
    EXPECT_EQ(statementsOf(source), text);
  }
}

TEST(Parser, DiscardingAssignmentIsALet) {
  EXPECT_EQ(statementsOf("_ = f(x)"), "let _ = f(x)");
}

TEST(Parser, ElseIfIsMarked) {
  Parsed parsed(
      "fn f() { if a { } else if b { }\nif a { } else { if b { } } }");
  const Block *body = bodyOf(parsed);
  ASSERT_TRUE(body);
  const auto *chained = llvm::cast<IfStmt>(body->statements[0]);
  const auto *nested = llvm::cast<IfStmt>(body->statements[1]);
  EXPECT_TRUE(chained->isElseIf);
  EXPECT_FALSE(nested->isElseIf);
  EXPECT_TRUE(llvm::isa<IfStmt>(chained->elseBlock->statements[0]));
  EXPECT_TRUE(llvm::isa<IfStmt>(nested->elseBlock->statements[0]));
}

TEST(Parser, KernelHeader) {
  Parsed parsed("@config(target=\"cpu\", i=64)\n"
                "@config(target=\"nvptx\",\n  i=128)\n\n"
                "kernel f<T: float, U: int>(A: T[M, 2*N+1,], inout B: U[M],\n"
                "    strided inout inout: f32[K/64], s: f64,\n"
                "    const causal: bool = false, const n: i32,)\n"
                "    -> (C: T[M], strided: f16[3],) { }");
  EXPECT_EQ(parsed.errors(), "");
  ASSERT_EQ(parsed.module->items.size(), 1u);
  const auto *kernel = llvm::cast<KernelItem>(parsed.module->items[0]);
  EXPECT_FALSE(kernel->isGraph);
  ASSERT_EQ(kernel->attributes.size(), 2u);
  const Argument *i = findNamed(kernel->attributes[1].args, "i");
  ASSERT_TRUE(i);
  EXPECT_EQ(shape(i->value), "128");
  ASSERT_EQ(kernel->typeParams.size(), 2u);
  EXPECT_EQ(kernel->typeParams[1].bound, TypeParam::Bound::Int);
  ASSERT_EQ(kernel->params.size(), 6u);
  EXPECT_EQ(shape(kernel->params[0].dims[1]), "((2 * N) + 1)");
  EXPECT_EQ(parsed.text(kernel->params[0].typeRange), "T[M, 2*N+1,]");
  EXPECT_TRUE(kernel->params[1].isInout && !kernel->params[1].isStrided);
  EXPECT_TRUE(kernel->params[2].isInout && kernel->params[2].isStrided);
  EXPECT_EQ(kernel->params[2].name.text, "inout");
  EXPECT_FALSE(kernel->params[3].isArray);
  EXPECT_EQ(parsed.text(kernel->params[4].range), "const causal: bool = false");
  EXPECT_FALSE(kernel->params[5].defaultValue);
  ASSERT_EQ(kernel->results.size(), 2u);
  EXPECT_EQ(kernel->results[1].name.text, "strided");
}

TEST(Parser, OtherItems) {
  Parsed parsed("import \"a/b.tile\"\nimport std; const N = 64\n"
                "fn f(a, _,) { return a }\n"
                "graph g(A: f32[M]) -> B: f32[M] { B = A }");
  EXPECT_EQ(parsed.errors(), "");
  auto items = parsed.module->items;
  ASSERT_EQ(items.size(), 5u);
  EXPECT_EQ(llvm::cast<ImportItem>(items[0])->path, "a/b.tile");
  EXPECT_TRUE(llvm::cast<ImportItem>(items[1])->isStd());
  EXPECT_EQ(llvm::cast<ConstItem>(items[2])->name.text, "N");
  EXPECT_EQ(llvm::cast<FnItem>(items[3])->params.size(), 2u);
  EXPECT_TRUE(llvm::cast<KernelItem>(items[4])->isGraph);
}

TEST(Parser, RangesCoverWhatWasWritten) {
  Parsed parsed("fn f() { (x)[i] = (a + b) * -(c); }");
  const Block *body = bodyOf(parsed);
  ASSERT_TRUE(body);
  EXPECT_EQ(parsed.text(body->range), "{ (x)[i] = (a + b) * -(c); }");
  const auto *assign = llvm::cast<AssignStmt>(body->statements[0]);
  EXPECT_EQ(parsed.text(assign->range()), "(x)[i] = (a + b) * -(c)");
  EXPECT_EQ(parsed.text(assign->value->range()), "(a + b) * -(c)");
  const auto *product = llvm::cast<BinaryExpr>(assign->value);
  EXPECT_EQ(parsed.text(product->lhs->range()), "a + b");
  EXPECT_EQ(parsed.text(product->opRange), "*");
}

//===----------------------------------------------------------------------===//
// The printer
//===----------------------------------------------------------------------===//

TEST(ASTPrinter, KeepsTheTreeWithTheFewestParentheses) {
  for (const char *text : {"a - (b - c)",
                           "(a ** b) ** c",
                           "a ** b ** c",
                           "(-a) ** b",
                           "a ** -b",
                           "-(a + b)",
                           "(a as f32) ** 2",
                           "-a as f32",
                           "(a < b) == (c < d)",
                           "not (a and b)",
                           "(not a) == b",
                           "(a @ b).T",
                           "(1).T",
                           "(1)[i]",
                           "(-a).T",
                           "(a..b)",
                           "a + (b..c)",
                           "(a,)",
                           "((a, b), c)",
                           "f((a, b) => (a, b))",
                           "(a or b) and c",
                           "a - b - c",
                           "--a",
                           "~-a",
                           "not not a"}) {
    llvm::StringRef source = text;
    std::string expected = shapeOf(source);
    Parsed parsed(("const x = " + source).str());
    std::string printed;
    llvm::raw_string_ostream os(printed);
    const auto *item = llvm::cast<ConstItem>(parsed.module->items[0]);
    print(os, *item->value);
    EXPECT_EQ(shapeOf(printed), expected);
    EXPECT_LE(printed.size(), source.size());
  }
}
