//===- ASTPrinter.cpp - syntax tree to canonical source --------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Prints syntax trees as source. Each expression is printed for the precedence
/// its place asks for, and takes parentheses if its own is looser.
///
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/ASTPrinter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec;
using namespace tilec::ast;
using llvm::ArrayRef;
using llvm::raw_ostream;
using llvm::StringRef;

namespace {

/// Loosest to tightest; a place asks for one of these at least.
enum Precedence {
  PrecLambda,
  PrecRange,
  PrecOr,
  PrecAnd,
  PrecNot,
  PrecComparison,
  PrecBitOr,
  PrecBitXor,
  PrecBitAnd,
  PrecShift,
  PrecAdd,
  PrecMul,
  PrecAs,
  PrecUnary,
  PrecPower,
  PrecPostfix,
};

class Printer {
public:
  explicit Printer(raw_ostream &os) : os(os) {}

  void print(const Item &item);
  void print(const Expr &expr, int place);

private:
  void print(const Param &param);
  void printParams(ArrayRef<Param> params);
  void print(const Block &block);
  void print(const Stmt &stmt);
  void printIf(const IfStmt &stmt);
  void print(const Pattern &pattern);
  void printBinary(const BinaryExpr &expr);
  void printBare(const Expr &expr);
  void printArgs(ArrayRef<Argument> args);
  void printList(ArrayRef<const Expr *> exprs);
  void printNames(ArrayRef<Name> names);
  void printString(StringRef value);

  raw_ostream &os;
  unsigned indentation = 0;
};

} // namespace

static int precedenceOf(BinaryOp op) {
  switch (op) {
  case BinaryOp::Or:
    return PrecOr;
  case BinaryOp::And:
    return PrecAnd;
  case BinaryOp::Eq:
  case BinaryOp::Ne:
  case BinaryOp::Lt:
  case BinaryOp::Le:
  case BinaryOp::Gt:
  case BinaryOp::Ge:
    return PrecComparison;
  case BinaryOp::BitOr:
    return PrecBitOr;
  case BinaryOp::BitXor:
    return PrecBitXor;
  case BinaryOp::BitAnd:
    return PrecBitAnd;
  case BinaryOp::Shl:
  case BinaryOp::Shr:
    return PrecShift;
  case BinaryOp::Add:
  case BinaryOp::Sub:
    return PrecAdd;
  case BinaryOp::Mul:
  case BinaryOp::Div:
  case BinaryOp::FloorDiv:
  case BinaryOp::Mod:
  case BinaryOp::MatMul:
    return PrecMul;
  case BinaryOp::Pow:
    return PrecPower;
  }
  llvm_unreachable("every binary operator has a precedence");
}

static int precedenceOf(const Expr &expr) {
  switch (expr.kind()) {
  case Expr::Kind::Lambda:
    return PrecLambda;
  case Expr::Kind::Range:
    return PrecRange;
  case Expr::Kind::Binary:
    return precedenceOf(llvm::cast<BinaryExpr>(expr).op);
  case Expr::Kind::Unary:
    return llvm::cast<UnaryExpr>(expr).op == UnaryOp::Not ? PrecNot : PrecUnary;
  case Expr::Kind::Cast:
    return PrecAs;
  default:
    return PrecPostfix;
  }
}

void Printer::print(const Expr &expr, int place) {
  bool parens = precedenceOf(expr) < place;
  if (parens)
    os << '(';
  printBare(expr);
  if (parens)
    os << ')';
}

void Printer::printBinary(const BinaryExpr &expr) {
  int own = precedenceOf(expr.op);
  bool isPower = expr.op == BinaryOp::Pow;
  bool chains = !isPower && own != PrecComparison;
  print(*expr.lhs, chains ? own : own + 1);
  os << ' ' << spelling(expr.op) << ' ';
  // `**` is to the right, and takes a signed exponent.
  print(*expr.rhs, isPower ? PrecUnary : own + 1);
}

void Printer::printList(ArrayRef<const Expr *> exprs) {
  llvm::interleaveComma(exprs, os,
                        [&](const Expr *expr) { print(*expr, PrecRange); });
}

void Printer::printArgs(ArrayRef<Argument> args) {
  os << '(';
  llvm::interleaveComma(args, os, [&](const Argument &arg) {
    if (arg.isNamed())
      os << arg.name.text << '=';
    print(*arg.value, PrecLambda);
  });
  os << ')';
}

void Printer::printNames(ArrayRef<Name> names) {
  llvm::interleaveComma(names, os, [&](const Name &name) { os << name.text; });
}

void Printer::printString(StringRef value) {
  os << '"';
  for (char c : value) {
    switch (c) {
    case '\n':
      os << "\\n";
      break;
    case '\t':
      os << "\\t";
      break;
    case '\r':
      os << "\\r";
      break;
    case '\\':
    case '"':
      os << '\\' << c;
      break;
    default:
      os << c;
    }
  }
  os << '"';
}

/// Prints an expression without parentheses around it.
void Printer::printBare(const Expr &expr) {
  llvm::TypeSwitch<const Expr *>(&expr)
      .Case<IntExpr, FloatExpr>([&](const auto *e) { os << e->spelling; })
      .Case([&](const BoolExpr *e) { os << (e->value ? "true" : "false"); })
      .Case([&](const StringExpr *e) { printString(e->value); })
      .Case([&](const NoneExpr *) { os << "None"; })
      .Case([&](const WholeExpr *) { os << ':'; })
      .Case([&](const NameExpr *e) { os << e->name.text; })
      .Case([&](const TypeExpr *e) { os << spelling(e->type); })
      .Case([&](const UnaryExpr *e) {
        os << spelling(e->op) << (e->op == UnaryOp::Not ? " " : "");
        print(*e->operand, precedenceOf(*e));
      })
      .Case([&](const BinaryExpr *e) { printBinary(*e); })
      .Case([&](const CastExpr *e) {
        print(*e->value, PrecAs);
        os << " as ";
        print(*e->type, PrecPostfix);
      })
      .Case([&](const RangeExpr *e) {
        print(*e->lo, PrecOr);
        os << "..";
        print(*e->hi, PrecOr);
      })
      .Case([&](const CallExpr *e) {
        print(*e->callee, PrecPostfix);
        printArgs(e->args);
      })
      .Case([&](const SubscriptExpr *e) {
        print(*e->base, PrecPostfix);
        os << '[';
        printList(e->indices);
        os << ']';
      })
      .Case([&](const MemberExpr *e) {
        // `1.0` would be a number.
        bool isInt = llvm::isa<IntExpr>(e->base);
        print(*e->base, isInt ? PrecPostfix + 1 : int(PrecPostfix));
        os << '.' << e->name.text;
      })
      .Case([&](const TupleExpr *e) {
        os << '(';
        printList(e->elements);
        os << (e->elements.size() == 1 ? ",)" : ")");
      })
      .Case([&](const ListExpr *e) {
        os << '[';
        printList(e->elements);
        os << ']';
      })
      .Case([&](const LambdaExpr *e) {
        os << '(';
        printNames(e->params);
        os << ") => ";
        print(*e->body, PrecRange);
      });
}

void Printer::print(const Pattern &pattern) {
  if (!pattern.isTuple()) {
    os << pattern.name.text;
    return;
  }
  os << '(';
  llvm::interleaveComma(pattern.elements, os,
                        [&](const Pattern *element) { print(*element); });
  os << (pattern.elements.size() == 1 ? ",)" : ")");
}

void Printer::print(const Block &block) {
  os << "{\n";
  indentation += 2;
  for (const Stmt *stmt : block.statements) {
    os.indent(indentation);
    print(*stmt);
    os << '\n';
  }
  indentation -= 2;
  os.indent(indentation) << '}';
}

void Printer::printIf(const IfStmt &stmt) {
  os << "if ";
  print(*stmt.condition, PrecRange);
  os << ' ';
  print(*stmt.thenBlock);
  if (!stmt.elseBlock)
    return;
  os << " else ";
  if (stmt.isElseIf)
    print(*stmt.elseBlock->statements.front());
  else
    print(*stmt.elseBlock);
}

void Printer::print(const Stmt &stmt) {
  llvm::TypeSwitch<const Stmt *>(&stmt)
      .Case([&](const BindStmt *s) {
        os << (s->isVar ? "var " : "let ");
        print(*s->pattern);
        os << " = ";
        print(*s->value, PrecRange);
      })
      .Case([&](const AssignStmt *s) {
        print(*s->target, PrecPostfix);
        os << ' ' << (s->op ? spelling(*s->op) : "") << "= ";
        print(*s->value, PrecRange);
      })
      .Case([&](const CallStmt *s) { print(*s->call, PrecRange); })
      .Case([&](const ForStmt *s) {
        os << "for ";
        printNames(s->indices);
        os << " in " << (s->over == ForStmt::Over::Tiles ? "tiles" : "range");
        printArgs(s->args);
        os << ' ';
        print(*s->body);
      })
      .Case([&](const WhileStmt *s) {
        os << "while ";
        print(*s->condition, PrecRange);
        os << ' ';
        print(*s->body);
      })
      .Case([&](const IfStmt *s) { printIf(*s); })
      .Case([&](const BreakStmt *) { os << "break"; })
      .Case([&](const ContinueStmt *) { os << "continue"; })
      .Case([&](const ReturnStmt *s) {
        os << "return ";
        print(*s->value, PrecRange);
      })
      .Case([&](const TuneStmt *s) {
        os << "tune " << s->name.text << " in ";
        print(*s->values, PrecRange);
      });
}

void Printer::print(const Param &param) {
  os << (param.isConst ? "const " : "") << (param.isInout ? "inout " : "")
     << (param.isStrided ? "strided " : "") << param.name.text << ": ";
  print(*param.elementType, PrecPostfix);
  if (param.isArray) {
    os << '[';
    printList(param.dims);
    os << ']';
  }
  if (param.defaultValue) {
    os << " = ";
    print(*param.defaultValue, PrecRange);
  }
}

void Printer::printParams(ArrayRef<Param> params) {
  os << '(';
  llvm::interleaveComma(params, os, [&](const Param &param) { print(param); });
  os << ')';
}

/// The spelling of a bound.
static StringRef spellingOf(TypeParam::Bound bound) {
  switch (bound) {
  case TypeParam::Bound::Float:
    return "float";
  case TypeParam::Bound::Int:
    return "int";
  case TypeParam::Bound::Number:
    return "number";
  }
  llvm_unreachable("every bound has a spelling");
}

void Printer::print(const Item &item) {
  llvm::TypeSwitch<const Item *>(&item)
      .Case([&](const ImportItem *i) {
        os << "import ";
        if (i->isStd())
          os << "std";
        else
          printString(i->path);
      })
      .Case([&](const ConstItem *i) {
        os << "const " << i->name.text << " = ";
        print(*i->value, PrecRange);
      })
      .Case([&](const FnItem *i) {
        os << "fn " << i->name.text << '(';
        printNames(i->params);
        os << ") ";
        print(*i->body);
      })
      .Case([&](const KernelItem *i) {
        for (const Attribute &attribute : i->attributes) {
          os << '@' << attribute.name.text;
          printArgs(attribute.args);
          os << '\n';
        }
        os << (i->isGraph ? "graph " : "kernel ") << i->name.text;
        if (!i->typeParams.empty()) {
          os << '<';
          llvm::interleaveComma(i->typeParams, os, [&](const TypeParam &param) {
            os << param.name.text << ": " << spellingOf(param.bound);
          });
          os << '>';
        }
        printParams(i->params);
        if (i->results.size() == 1) {
          os << " -> ";
          print(i->results.front());
        } else if (!i->results.empty()) {
          os << " -> ";
          printParams(i->results);
        }
        os << ' ';
        print(*i->body);
      });
  os << '\n';
}

void tilec::ast::print(raw_ostream &os, const Module &module) {
  Printer printer(os);
  llvm::interleave(
      module.items, os, [&](const Item *item) { printer.print(*item); }, "\n");
}

void tilec::ast::print(raw_ostream &os, const Expr &expr) {
  Printer(os).print(expr, PrecLambda);
}
