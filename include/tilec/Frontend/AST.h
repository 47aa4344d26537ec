//===- AST.h - syntax tree of the .tile language ---------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The tree that the parser builds: what was written, with no meaning attached.
/// Nodes live in an ast::Context, are immutable, have trivial destructors and
/// are compared by address, so that later stages keep what they learn in
/// tables keyed by node. Names and literals are StringRefs into the source.
///
/// Every node has a range; every name has a range of its own. Parentheses leave
/// no node: a node's range is without the parentheses around it, and with those
/// around its operands.
///
/// The height of an expression is at most maxExprHeight and blocks nest at most
/// maxNesting deep, so recursion over the tree is safe. There are no null
/// children except where a comment says "or null".
///
//===----------------------------------------------------------------------===//

#ifndef TILEC_FRONTEND_AST_H
#define TILEC_FRONTEND_AST_H

#include "tilec/Frontend/Source.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/Casting.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

namespace tilec::ast {

/// Brackets, blocks and prefix operators nest at most this deep.
inline constexpr unsigned maxNesting = 256;
/// Longest path from an expression to a leaf.
inline constexpr unsigned maxExprHeight = 1024;

/// Owns the nodes of any number of modules.
class Context {
public:
  template <typename Node, typename... Args> Node *create(Args &&...args) {
    static_assert(std::is_trivially_destructible_v<Node>);
    return new (arena.Allocate<Node>()) Node(std::forward<Args>(args)...);
  }

  template <typename T> llvm::ArrayRef<T> copy(llvm::ArrayRef<T> items) {
    static_assert(std::is_trivially_destructible_v<T>);
    return items.copy(arena);
  }

  llvm::StringRef copy(llvm::StringRef text) { return text.copy(arena); }

private:
  llvm::BumpPtrAllocator arena;
};

/// A name where it is introduced or used.
struct Name {
  llvm::StringRef text;
  SourceRange range;

  /// `_`, which binds nothing.
  bool isDiscard() const { return text == "_"; }
};

/// Element types that have a name of their own.
enum class ElementType {
  Bool,
  I8,
  I16,
  I32,
  I64,
  U8,
  U16,
  U32,
  U64,
  F16,
  BF16,
  F32,
  F64,
  F8E4M3,
  F8E5M2,
};

/// The spelling of a type, such as `bf16`.
llvm::StringRef spelling(ElementType type);
/// The type of that spelling, if there is one.
std::optional<ElementType> elementTypeOf(llvm::StringRef name);

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

class Expr {
public:
  enum class Kind {
    Int,       // 42, 0x1F
    Float,     // 1.5, inf, nan
    Bool,      // true, false
    String,    // "text"
    None,      // None
    Whole,     // : (in subscripts only)
    Name,      // x
    Type,      // f32
    Unary,     // -x, ~x, not x
    Binary,    // a + b, a and b, a < b
    Cast,      // x as f16
    Range,     // lo..hi
    Call,      // f(x, axis=1)
    Subscript, // A[i, :]
    Member,    // x.T, l.0
    Tuple,     // (a, b)
    List,      // [a, b]
    Lambda,    // (a, b) => a + b (an argument only)
  };

  Kind kind() const { return theKind; }
  SourceRange range() const { return theRange; }
  /// Nodes on the longest path down to a leaf, this one included.
  unsigned height() const { return theHeight; }

protected:
  Expr(Kind kind, SourceRange range, unsigned childHeight = 0)
      : theKind(kind), theHeight(childHeight + 1), theRange(range) {}

  static unsigned tallest(llvm::ArrayRef<const Expr *> exprs);

private:
  Kind theKind;
  unsigned theHeight;
  SourceRange theRange;
};

/// Defines the constructor-independent part of a node: its kind for isa<>.
#define TILEC_AST_KIND(Base, K)                                                \
  static bool classof(const Base *node) { return node->kind() == Kind::K; }

/// A decimal or hexadecimal integer. Whether it fits depends on its type.
class IntExpr : public Expr {
public:
  IntExpr(SourceRange range, llvm::StringRef spelling, uint64_t value)
      : Expr(Kind::Int, range), spelling(spelling), value(value) {}

  llvm::StringRef spelling;
  uint64_t value;
  TILEC_AST_KIND(Expr, Int)
};

/// A number with a point or an exponent, or `inf` or `nan`. The spelling is
/// exact, so that each type can round it once; APFloat reads it as it is.
class FloatExpr : public Expr {
public:
  FloatExpr(SourceRange range, llvm::StringRef spelling)
      : Expr(Kind::Float, range), spelling(spelling) {}

  llvm::StringRef spelling;
  bool isInf() const { return spelling == "inf"; }
  bool isNaN() const { return spelling == "nan"; }
  TILEC_AST_KIND(Expr, Float)
};

class BoolExpr : public Expr {
public:
  BoolExpr(SourceRange range, bool value)
      : Expr(Kind::Bool, range), value(value) {}

  bool value;
  TILEC_AST_KIND(Expr, Bool)
};

/// A string; `value` has its escapes resolved.
class StringExpr : public Expr {
public:
  StringExpr(SourceRange range, llvm::StringRef value)
      : Expr(Kind::String, range), value(value) {}

  llvm::StringRef value;
  TILEC_AST_KIND(Expr, String)
};

/// `None`, the subscript that inserts a dim.
class NoneExpr : public Expr {
public:
  explicit NoneExpr(SourceRange range) : Expr(Kind::None, range) {}
  TILEC_AST_KIND(Expr, None)
};

/// `:`, the subscript that keeps a whole dim. Stands in subscripts only.
class WholeExpr : public Expr {
public:
  explicit WholeExpr(SourceRange range) : Expr(Kind::Whole, range) {}
  TILEC_AST_KIND(Expr, Whole)
};

/// A use of a name: a variable, dim, parameter, type parameter, function,
/// builtin, or a word of an option such as `relaxed` or `auto`. Never `_`.
class NameExpr : public Expr {
public:
  explicit NameExpr(Name name) : Expr(Kind::Name, name.range), name(name) {}

  Name name;
  TILEC_AST_KIND(Expr, Name)
};

/// An element type as a value: the argument of `zeros(f32, i)`.
class TypeExpr : public Expr {
public:
  TypeExpr(SourceRange range, ElementType type)
      : Expr(Kind::Type, range), type(type) {}

  ElementType type;
  TILEC_AST_KIND(Expr, Type)
};

enum class UnaryOp { Neg, BitNot, Not };
llvm::StringRef spelling(UnaryOp op);

class UnaryExpr : public Expr {
public:
  UnaryExpr(SourceRange range, UnaryOp op, SourceRange opRange,
            const Expr *operand)
      : Expr(Kind::Unary, range, operand->height()), op(op), opRange(opRange),
        operand(operand) {}

  UnaryOp op;
  SourceRange opRange;
  const Expr *operand;
  TILEC_AST_KIND(Expr, Unary)
};

enum class BinaryOp {
  Add,
  Sub,
  Mul,
  Div,      // /
  FloorDiv, // //
  Mod,
  Pow,
  MatMul, // @
  Shl,
  Shr,
  BitAnd,
  BitOr,
  BitXor,
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  And, // and
  Or,  // or
};
llvm::StringRef spelling(BinaryOp op);
/// Whether the operator is one of == != < <= > >=.
bool isComparison(BinaryOp op);

class BinaryExpr : public Expr {
public:
  BinaryExpr(SourceRange range, BinaryOp op, SourceRange opRange,
             const Expr *lhs, const Expr *rhs)
      : Expr(Kind::Binary, range, std::max(lhs->height(), rhs->height())),
        op(op), opRange(opRange), lhs(lhs), rhs(rhs) {}

  BinaryOp op;
  SourceRange opRange;
  const Expr *lhs;
  const Expr *rhs;
  TILEC_AST_KIND(Expr, Binary)
};

/// `value as type`.
class CastExpr : public Expr {
public:
  CastExpr(SourceRange range, const Expr *value, const Expr *type)
      : Expr(Kind::Cast, range, value->height()), value(value), type(type) {}

  const Expr *value;
  /// A TypeExpr, or a NameExpr for a type parameter or a fn's parameter.
  const Expr *type;
  TILEC_AST_KIND(Expr, Cast)
};

/// `lo..hi`: bounds of tiles.
class RangeExpr : public Expr {
public:
  RangeExpr(SourceRange range, const Expr *lo, const Expr *hi)
      : Expr(Kind::Range, range, std::max(lo->height(), hi->height())), lo(lo),
        hi(hi) {}

  const Expr *lo;
  const Expr *hi;
  TILEC_AST_KIND(Expr, Range)
};

/// An argument of a call, of a loop's iterator or of an attribute. Named ones
/// may stand before positional ones; no name is given twice.
struct Argument {
  /// Empty text for a positional argument.
  Name name;
  const Expr *value = nullptr;

  bool isNamed() const { return !name.text.empty(); }
  SourceRange range() const {
    return isNamed() ? name.range.to(value->range()) : value->range();
  }
};

/// The argument of that name, or null.
const Argument *findNamed(llvm::ArrayRef<Argument> args, llvm::StringRef name);

/// `callee(args)`. The callee is nearly always a NameExpr, or a TypeExpr where
/// someone wrote `f32(x)`.
class CallExpr : public Expr {
public:
  CallExpr(SourceRange range, const Expr *callee,
           llvm::ArrayRef<Argument> args);

  const Expr *callee;
  llvm::ArrayRef<Argument> args;

  /// The name that is called, or an empty string for any other callee.
  llvm::StringRef calleeName() const {
    const auto *name = llvm::dyn_cast<NameExpr>(callee);
    return name ? name->name.text : llvm::StringRef();
  }
  TILEC_AST_KIND(Expr, Call)
};

/// `base[indices]`. An index is any expression, a WholeExpr or a NoneExpr;
/// there is at least one.
class SubscriptExpr : public Expr {
public:
  SubscriptExpr(SourceRange range, const Expr *base,
                llvm::ArrayRef<const Expr *> indices)
      : Expr(Kind::Subscript, range,
             std::max(base->height(), tallest(indices))),
        base(base), indices(indices) {}

  const Expr *base;
  llvm::ArrayRef<const Expr *> indices;
  TILEC_AST_KIND(Expr, Subscript)
};

/// `base.name`, or `base.0` for the member of a tuple.
class MemberExpr : public Expr {
public:
  MemberExpr(SourceRange range, const Expr *base, Name name,
             std::optional<unsigned> index)
      : Expr(Kind::Member, range, base->height()), base(base), name(name),
        index(index) {}

  const Expr *base;
  /// The name after the point, or its digits.
  Name name;
  /// The number after the point, if it is one.
  std::optional<unsigned> index;
  TILEC_AST_KIND(Expr, Member)
};

/// `(a, b)`; `(a,)` is a tuple of one.
class TupleExpr : public Expr {
public:
  TupleExpr(SourceRange range, llvm::ArrayRef<const Expr *> elements)
      : Expr(Kind::Tuple, range, tallest(elements)), elements(elements) {}

  llvm::ArrayRef<const Expr *> elements;
  TILEC_AST_KIND(Expr, Tuple)
};

/// `[a, b]`: sizes of tiles, values of a tunable, tokens. May be empty.
class ListExpr : public Expr {
public:
  ListExpr(SourceRange range, llvm::ArrayRef<const Expr *> elements)
      : Expr(Kind::List, range, tallest(elements)), elements(elements) {}

  llvm::ArrayRef<const Expr *> elements;
  TILEC_AST_KIND(Expr, List)
};

/// `(a, b) => body`; the value of an Argument only.
class LambdaExpr : public Expr {
public:
  LambdaExpr(SourceRange range, llvm::ArrayRef<Name> params, const Expr *body)
      : Expr(Kind::Lambda, range, body->height()), params(params), body(body) {}

  llvm::ArrayRef<Name> params;
  const Expr *body;
  TILEC_AST_KIND(Expr, Lambda)
};

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

class Stmt {
public:
  enum class Kind {
    Bind,
    Assign,
    Call,
    For,
    While,
    If,
    Break,
    Continue,
    Return,
    Tune,
  };

  Kind kind() const { return theKind; }
  /// The whole statement, its blocks included.
  SourceRange range() const { return theRange; }

protected:
  Stmt(Kind kind, SourceRange range) : theKind(kind), theRange(range) {}

private:
  Kind theKind;
  SourceRange theRange;
};

/// `{ statements }`; the range includes the braces.
struct Block {
  SourceRange range;
  llvm::ArrayRef<const Stmt *> statements;
};

/// What a binding takes apart: a name, `_`, or a tuple of patterns.
struct Pattern {
  SourceRange range;
  /// The name (or `_`); empty text for a tuple.
  Name name;
  llvm::ArrayRef<const Pattern *> elements;

  bool isTuple() const { return name.text.empty(); }
  bool isDiscard() const { return name.isDiscard(); }
};

/// `let pattern = value` or `var pattern = value`. `_ = value` is parsed as
/// `let _ = value`. The keyword's range is range()'s first three bytes.
class BindStmt : public Stmt {
public:
  BindStmt(SourceRange range, bool isVar, const Pattern *pattern,
           const Expr *value)
      : Stmt(Kind::Bind, range), isVar(isVar), pattern(pattern), value(value) {}

  bool isVar;
  const Pattern *pattern;
  const Expr *value;
  TILEC_AST_KIND(Stmt, Bind)
};

/// `target = value` or `target += value`.
class AssignStmt : public Stmt {
public:
  AssignStmt(SourceRange range, const Expr *target, std::optional<BinaryOp> op,
             SourceRange opRange, const Expr *value)
      : Stmt(Kind::Assign, range), target(target), op(op), opRange(opRange),
        value(value) {}

  /// A NameExpr or a SubscriptExpr.
  const Expr *target;
  /// The operator of `+=` and its like, never a comparison, `and` or `or`.
  std::optional<BinaryOp> op;
  SourceRange opRange;
  const Expr *value;
  TILEC_AST_KIND(Stmt, Assign)
};

/// A call for its effect.
class CallStmt : public Stmt {
public:
  explicit CallStmt(const CallExpr *call)
      : Stmt(Kind::Call, call->range()), call(call) {}

  const CallExpr *call;
  TILEC_AST_KIND(Stmt, Call)
};

/// `for i, j in tiles(M, N, size=64) { }` or `for k in range(n) { }`.
class ForStmt : public Stmt {
public:
  enum class Over { Tiles, Range };

  ForStmt(SourceRange range, llvm::ArrayRef<Name> indices, Over over,
          SourceRange iteratorRange, llvm::ArrayRef<Argument> args,
          const Block *body)
      : Stmt(Kind::For, range), indices(indices), over(over),
        iteratorRange(iteratorRange), args(args), body(body) {}

  /// At least one; `_` is allowed.
  llvm::ArrayRef<Name> indices;
  Over over;
  /// From `tiles` or `range` to its `)`.
  SourceRange iteratorRange;
  /// Bounds (RangeExpr for `lo..hi`) and the options `size=` and `exact=`; the
  /// parser checks neither their number nor the names of options.
  llvm::ArrayRef<Argument> args;
  const Block *body;
  TILEC_AST_KIND(Stmt, For)
};

class WhileStmt : public Stmt {
public:
  WhileStmt(SourceRange range, const Expr *condition, const Block *body)
      : Stmt(Kind::While, range), condition(condition), body(body) {}

  const Expr *condition;
  const Block *body;
  TILEC_AST_KIND(Stmt, While)
};

/// `if cond { } else { }`. For `else if`, the else block holds the second
/// IfStmt alone, has its range, and `isElseIf` is set.
class IfStmt : public Stmt {
public:
  IfStmt(SourceRange range, const Expr *condition, const Block *thenBlock,
         const Block *elseBlock, bool isElseIf)
      : Stmt(Kind::If, range), condition(condition), thenBlock(thenBlock),
        elseBlock(elseBlock), isElseIf(isElseIf) {}

  const Expr *condition;
  const Block *thenBlock;
  /// Or null.
  const Block *elseBlock;
  bool isElseIf;
  TILEC_AST_KIND(Stmt, If)
};

class BreakStmt : public Stmt {
public:
  explicit BreakStmt(SourceRange range) : Stmt(Kind::Break, range) {}
  TILEC_AST_KIND(Stmt, Break)
};

class ContinueStmt : public Stmt {
public:
  explicit ContinueStmt(SourceRange range) : Stmt(Kind::Continue, range) {}
  TILEC_AST_KIND(Stmt, Continue)
};

/// `return value`.
class ReturnStmt : public Stmt {
public:
  ReturnStmt(SourceRange range, const Expr *value)
      : Stmt(Kind::Return, range), value(value) {}

  /// A TupleExpr for several values.
  const Expr *value;
  TILEC_AST_KIND(Stmt, Return)
};

/// `tune name in [values]` or `tune name in pow2(lo, hi)`.
class TuneStmt : public Stmt {
public:
  TuneStmt(SourceRange range, Name name, const Expr *values)
      : Stmt(Kind::Tune, range), name(name), values(values) {}

  Name name;
  /// A ListExpr, or a CallExpr of a NameExpr.
  const Expr *values;
  TILEC_AST_KIND(Stmt, Tune)
};

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

class Item {
public:
  enum class Kind { Import, Const, Fn, Kernel };

  Kind kind() const { return theKind; }
  /// The whole item, its attributes and its body included.
  SourceRange range() const { return theRange; }

protected:
  Item(Kind kind, SourceRange range) : theKind(kind), theRange(range) {}

private:
  Kind theKind;
  SourceRange theRange;
};

/// `import "path.tile"` or `import std`.
class ImportItem : public Item {
public:
  ImportItem(SourceRange range, llvm::StringRef path, SourceRange pathRange)
      : Item(Kind::Import, range), path(path), pathRange(pathRange) {}

  /// The path with escapes resolved; empty for `std`.
  llvm::StringRef path;
  SourceRange pathRange;
  bool isStd() const { return path.empty(); }
  TILEC_AST_KIND(Item, Import)
};

/// `const NAME = value`.
class ConstItem : public Item {
public:
  ConstItem(SourceRange range, Name name, const Expr *value)
      : Item(Kind::Const, range), name(name), value(value) {}

  Name name;
  const Expr *value;
  TILEC_AST_KIND(Item, Const)
};

/// `fn name(a, b) { }`.
class FnItem : public Item {
public:
  FnItem(SourceRange range, Name name, llvm::ArrayRef<Name> params,
         const Block *body)
      : Item(Kind::Fn, range), name(name), params(params), body(body) {}

  Name name;
  /// `_` is allowed.
  llvm::ArrayRef<Name> params;
  const Block *body;
  TILEC_AST_KIND(Item, Fn)
};

/// `T: float` between `<` and `>`.
struct TypeParam {
  enum class Bound { Float, Int, Number };

  Name name;
  Bound bound = Bound::Number;
  SourceRange boundRange;
};

/// A parameter or a result of a kernel.
struct Param {
  /// From the first modifier to the end of type or default.
  SourceRange range;
  Name name;
  bool isConst = false;
  bool isInout = false;
  bool isStrided = false;
  /// Where `const`, `inout`, `strided` are written; invalid where they are not.
  SourceRange constRange, inoutRange, stridedRange;
  /// A TypeExpr, or a NameExpr for a type parameter.
  const Expr *elementType = nullptr;
  /// Whether `[dims]` is written, so that this is an array. A const is none.
  bool isArray = false;
  /// Integer expressions; not restricted further by the parser.
  llvm::ArrayRef<const Expr *> dims;
  /// Of `elementType[dims]`.
  SourceRange typeRange;
  /// The default of a `const` parameter, or null.
  const Expr *defaultValue = nullptr;
};

/// `@name(args)` before a kernel or graph. All values are named.
struct Attribute {
  SourceRange range;
  Name name;
  llvm::ArrayRef<Argument> args;
};

/// `kernel name<T: float>(params) -> results { }`, or a graph of that form.
class KernelItem : public Item {
public:
  KernelItem(SourceRange range, bool isGraph, SourceRange keywordRange,
             llvm::ArrayRef<Attribute> attributes, Name name,
             llvm::ArrayRef<TypeParam> typeParams, llvm::ArrayRef<Param> params,
             llvm::ArrayRef<Param> results, const Block *body)
      : Item(Kind::Kernel, range), isGraph(isGraph), keywordRange(keywordRange),
        attributes(attributes), name(name), typeParams(typeParams),
        params(params), results(results), body(body) {}

  bool isGraph;
  /// Of `kernel` or `graph`.
  SourceRange keywordRange;
  llvm::ArrayRef<Attribute> attributes;
  Name name;
  llvm::ArrayRef<TypeParam> typeParams;
  llvm::ArrayRef<Param> params;
  /// Arrays, neither const nor inout, in the order written.
  llvm::ArrayRef<Param> results;
  const Block *body;
  TILEC_AST_KIND(Item, Kernel)
};

#undef TILEC_AST_KIND

/// One parsed file.
struct Module {
  FileId file = SourceLoc::noFile;
  llvm::ArrayRef<const Item *> items;
};

} // namespace tilec::ast

#endif // TILEC_FRONTEND_AST_H
