//===- ElaborateExpr.cpp - expressions --------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names, members, subscripts of tiles, and what operators are applied to. What operators do is in
// ElaborateOperators.cpp.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;
using llvm::cast;
using llvm::dyn_cast;

/// Expressions, through the calls of helpers, nest at most this deep.
static constexpr unsigned maxDepth = 1200;

Val Elaborator::eval(const Expr *expr) {
  if (exprDepth >= maxDepth)
    return tooDeep(expr->range(), "expressions nest too deeply here, through the helpers that they call");
  ++exprDepth;
  auto leave = llvm::scope_exit([&] { --exprDepth; });
  switch (expr->kind()) {
  case Expr::Kind::Int:
    return Val::ofUntyped(Constant::ofUInt(cast<IntExpr>(expr)->value));
  case Expr::Kind::Float:
    return Val::ofUntyped(Constant::ofSpelling(cast<FloatExpr>(expr)->spelling));
  case Expr::Kind::Bool:
    return Val::ofConstant(ElementType::Bool, Constant::ofBool(cast<BoolExpr>(expr)->value));
  case Expr::Kind::Type:
    return Val::ofType(cast<TypeExpr>(expr)->type);
  case Expr::Kind::Name:
    return evalName(*cast<NameExpr>(expr));
  case Expr::Kind::Unary:
    return evalUnary(*cast<UnaryExpr>(expr));
  case Expr::Kind::Binary:
    return evalBinary(*cast<BinaryExpr>(expr));
  case Expr::Kind::Cast: {
    const auto *castExpr = cast<CastExpr>(expr);
    Val val = evalValue(castExpr->value);
    std::optional<ElementType> type = evalType(castExpr->type);
    return val.isPoison() || !type ? Val::poison() : convertVal(val, *type, expr->range());
  }
  case Expr::Kind::Call:
    return evalCall(*cast<CallExpr>(expr));
  case Expr::Kind::Subscript:
    return evalSubscript(*cast<SubscriptExpr>(expr));
  case Expr::Kind::Member:
    return evalMember(*cast<MemberExpr>(expr));
  case Expr::Kind::Tuple: {
    std::vector<Val> elements;
    for (const Expr *element : cast<TupleExpr>(expr)->elements)
      elements.push_back(bound(eval(element), element->range()));
    return Val::ofTuple(std::move(elements));
  }
  case Expr::Kind::String:
    return error(expr->range(), "a string stands only in 'print', 'assert' and options");
  case Expr::Kind::List:
    return error(expr->range(), "a list stands only where an option or 'tune' takes one");
  case Expr::Kind::None:
  case Expr::Kind::Whole:
    return error(expr->range(), "':' and 'None' stand only in subscripts");
  case Expr::Kind::Range:
    return error(expr->range(), "'lo..hi' stands only in 'tiles' and 'tile'");
  case Expr::Kind::Lambda:
    return error(expr->range(), "a lambda stands only as an argument of 'reduce' and 'scan'");
  }
  return Val::poison();
}

Val Elaborator::requireValue(Val val, SourceRange range) {
  switch (val.kind) {
  case Val::Kind::Poison:
  case Val::Kind::Runtime:
    return val;
  case Val::Kind::Array:
    report(range, "'" + val.array->name + "' is an array, and a scalar or tile is needed here")
        .note("read its elements with subscripts, as in '" + val.array->name + "[...]'");
    return Val::poison();
  case Val::Kind::TileIndex:
  case Val::Kind::Window:
    report(range, "'" + val.tileIndex->name + "' is a tile index, and a scalar or tile is needed here")
        .note("its numbers are '" + val.tileIndex->name +
              ".begin', '.end', '.size', '.id', '.count' and the tile '.index'");
    return Val::poison();
  case Val::Kind::Token:
    report(range, "this is a token, and a scalar or tile is needed here")
        .note("a token only orders accesses: it goes to 'after=' and 'join', and variables and helpers pass it on");
    return Val::poison();
  case Val::Kind::Void:
    return error(range, noValue(range));
  default:
    return error(range, "this is " + describe(val) + ", and a scalar or tile is needed here");
  }
}

Val Elaborator::evalValue(const Expr *expr) { return requireValue(eval(expr), expr->range()); }

Val Elaborator::evalScalar(const Expr *expr, StringRef what) {
  Val val = settleType(evalValue(expr), expr->range());
  if (val.isPoison())
    return val;
  if (val.isTile())
    return error(expr->range(), what + " is a scalar, and this is a tile " + describe(val));
  if (!isInteger(val.type))
    return error(expr->range(), what + " is an integer, and this is '" + spelling(val.type) + "'");
  return val;
}

std::optional<int64_t> Elaborator::evalInt(const Expr *expr, StringRef what) {
  Val val = evalValue(expr);
  if (val.isPoison())
    return std::nullopt;
  if (std::optional<int64_t> value = val.asInt64())
    return value;
  report(expr->range(),
         what + (val.isConstant() && !val.constant->isInt() ? " is an integer" : " must be known at compile time"));
  return std::nullopt;
}

std::optional<ElementType> Elaborator::evalType(const Expr *expr) {
  if (const auto *type = dyn_cast<TypeExpr>(expr))
    return type->type;
  Val val = eval(expr);
  if (val.kind == Val::Kind::Type)
    return val.type;
  if (!val.isPoison())
    report(expr->range(), "expected an element type such as 'f32', and this is " + describe(val));
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

Val Elaborator::evalName(const NameExpr &expr) {
  StringRef name = expr.name.text;
  if (Binding *binding = scope->lookup(name))
    return binding->val;
  if (const ast::Item *found = file->items.lookup(name))
    return evalItem(*found, expr);
  if (isBuiltin(name))
    return error(expr.range(), "'" + name + "' is a function; call it, as in '" + findBuiltin(name)->usage + "'");
  SmallVector<StringRef> candidates;
  scope->collectNames(candidates);
  for (const auto &[itemName, other] : file->items)
    candidates.push_back(itemName);
  tilec::Diagnostic &diagnostic = report(expr.range(), "cannot find '" + name + "'");
  if (StringRef close = closestName(name, candidates); !close.empty())
    diagnostic.note("did you mean '" + close + "'?");
  return Val::poison();
}

Val Elaborator::evalItem(const ast::Item &found, const NameExpr &expr) {
  if (const auto *constItem = dyn_cast<ConstItem>(&found)) {
    auto value = compilation.consts.find(constItem);
    if (value == compilation.consts.end()) {
      // Its own error was reported.
      failedBefore = true;
      return Val::poison();
    }
    if (value->second.type)
      return Val::ofConstant(*value->second.type, value->second.value);
    return Val::ofUntyped(value->second.value);
  }
  if (llvm::isa<FnItem>(found))
    return error(expr.range(), "'" + expr.name.text + "' is a function; call it, as in '" + expr.name.text + "(...)'");
  return error(expr.range(), "'" + expr.name.text + "' is a kernel, not a value");
}

//===----------------------------------------------------------------------===//
// Members
//===----------------------------------------------------------------------===//

Val Elaborator::evalTileIndexMember(const TileIndex &index, const MemberExpr &expr) {
  StringRef name = expr.name.text;
  Location where = loc(expr.range());
  if (name == "begin")
    return Val::ofIndex(tile::BeginOp::create(builder, where, index.range));
  if (name == "end") {
    Value begin = tile::BeginOp::create(builder, where, index.range);
    return Val::ofIndex(
        arith::AddIOp::create(builder, where, begin, tile::ExtentOp::create(builder, where, index.range)));
  }
  if (name == "size") {
    int64_t size = cast<tile::RangeType>(index.range.getType()).getSize();
    if (!ShapedType::isDynamic(size))
      return Val::ofConstant(ElementType::I32, Constant::ofInt(size));
    return Val::ofIndex(index.size, /*isConfig=*/true);
  }
  if (name == "id") {
    Value begin = tile::BeginOp::create(builder, where, index.range);
    Value offset = arith::SubIOp::create(builder, where, begin, index.lower);
    return Val::ofIndex(arith::DivSIOp::create(builder, where, offset, index.size));
  }
  if (name == "count") {
    Value length = arith::SubIOp::create(builder, where, index.upper, index.lower);
    Value zero = indexConstant(0);
    length = arith::MaxSIOp::create(builder, where, length, zero);
    return Val::ofIndex(arith::CeilDivSIOp::create(builder, where, length, index.size));
  }
  if (name == "index") {
    Dims dims{index.dim};
    Type type = tileType(dims, builder.getI32Type());
    return Val::ofRuntime(ElementType::I32, tile::IotaOp::create(builder, where, type, index.range), dims);
  }
  report(expr.name.range, "a tile index has no member '" + name + "'")
      .note("its members are begin, end, size, id, count and index");
  return Val::poison();
}

Val Elaborator::evalShape(const Val &base) {
  std::vector<Val> elements;
  if (base.kind == Val::Kind::Array) {
    for (const Extent &extent : base.array->extents) {
      auto number = dyn_cast_or_null<AffineConstantExpr>(extent.expr);
      Val val = number ? Val::ofConstant(ElementType::I32, Constant::ofInt(number.getValue()))
                       : Val::ofRuntime(ElementType::I32, {});
      val.dimExpr = extent.expr;
      val.index = extent.value;
      elements.push_back(val);
    }
    return Val::ofTuple(std::move(elements));
  }
  for (const Dim &dim : base.dims) {
    if (const TileIndex *index = indexOfRange.lookup(dim.range); index && !dim.isNumber) {
      elements.push_back(Val::ofTileIndex(index));
    } else if (dim.isNumber && !ShapedType::isDynamic(dim.size)) {
      elements.push_back(Val::ofConstant(ElementType::I32, Constant::ofInt(dim.size)));
    } else {
      auto range = dim.range.getDefiningOp<tile::RangeOp>();
      Val val = Val::ofIndex(range.getSize(), /*isConfig=*/true);
      val.dimExpr = dim.expr;
      elements.push_back(val);
    }
  }
  return Val::ofTuple(std::move(elements));
}

Val Elaborator::evalMember(const MemberExpr &expr) {
  Val base = eval(expr.base);
  if (base.isPoison())
    return base;
  if (expr.index) {
    if (!base.isTuple())
      return error(expr.range(), "'." + expr.name.text + "' takes a member of a tuple, and this is " + describe(base));
    if (*expr.index >= base.elements->size())
      return error(expr.name.range,
                   "a tuple of " + Twine(base.elements->size()) + " values has no member " + expr.name.text);
    return (*base.elements)[*expr.index];
  }
  StringRef name = expr.name.text;
  if (base.kind == Val::Kind::TileIndex)
    return evalTileIndexMember(*base.tileIndex, expr);
  if (name == "shape" && (base.kind == Val::Kind::Array || base.isTile()))
    return evalShape(base);
  if (name == "T" && base.isTile()) {
    if (base.dims.size() < 2)
      return error(expr.name.range,
                   "'.T' swaps the last two dims of a tile of rank 2 or more, and this is " + describe(base));
    SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(base.dims.size()));
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    base = bound(std::move(base), expr.base->range());
    Dims dims = base.dims;
    std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
    Location where = loc(expr.range());
    Value value =
        tile::PermuteOp::create(builder, where, tileType(dims, irTypeOf(base.type)), valueOf(base, where), order);
    return Val::ofRuntime(base.type, value, dims);
  }
  tilec::Diagnostic &diagnostic = report(expr.name.range, describe(base) + " has no member '" + name + "'");
  if (base.isTile())
    diagnostic.note("the members of a tile are 'T' and 'shape'");
  return Val::poison();
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

Val Elaborator::evalUnary(const UnaryExpr &expr) {
  return unary(expr.op, evalValue(expr.operand), expr.opRange, expr.operand->range());
}

const Expr *Elaborator::asMatMul(const Expr *expr) {
  if (const auto *binary = dyn_cast<BinaryExpr>(expr); binary && binary->op == BinaryOp::MatMul)
    return expr;
  const auto *call = dyn_cast<CallExpr>(expr);
  bool isDot = call && call->calleeName() == "dot" && call->args.size() == 2 && !scope->lookup("dot") &&
               !file->items.contains("dot");
  return isDot && llvm::none_of(call->args, [](const Argument &arg) { return arg.isNamed(); }) ? expr : nullptr;
}

Val Elaborator::evalMatMul(const Expr *expr, const Val *acc, SourceRange where) {
  const Expr *lhsExpr, *rhsExpr;
  if (const auto *binaryExpr = dyn_cast<BinaryExpr>(expr)) {
    lhsExpr = binaryExpr->lhs;
    rhsExpr = binaryExpr->rhs;
  } else {
    lhsExpr = cast<CallExpr>(expr)->args[0].value;
    rhsExpr = cast<CallExpr>(expr)->args[1].value;
  }
  Val lhs = evalValue(lhsExpr), rhs = evalValue(rhsExpr);
  if (lhs.isPoison() || rhs.isPoison())
    return Val::poison();
  const auto *product = dyn_cast<BinaryExpr>(expr);
  return matMul(lhs, rhs, acc, SourceRange(), tile::DotPrecision::ieee, product ? product->opRange : where,
                lhsExpr->range(), rhsExpr->range());
}

std::optional<Val> Elaborator::fuseDot(const BinaryExpr &expr) {
  if (expr.op != BinaryOp::Add)
    return std::nullopt;
  const Expr *product = asMatMul(expr.rhs), *other = expr.lhs;
  if (!product) {
    product = asMatMul(expr.lhs);
    other = expr.rhs;
  }
  if (!product)
    return std::nullopt;
  Val acc = evalValue(other);
  if (!acc.isTile()) {
    Val value = evalMatMul(product, nullptr, product->range());
    return binary(BinaryOp::Add, value, acc, expr.opRange, product->range(), other->range());
  }
  return evalMatMul(product, &acc, expr.range());
}

Val Elaborator::evalBinary(const BinaryExpr &expr) {
  if (expr.op == BinaryOp::And || expr.op == BinaryOp::Or)
    return evalLogical(expr);
  if (std::optional<Val> fused = fuseDot(expr))
    return *fused;
  if (expr.op == BinaryOp::MatMul)
    return evalMatMul(&expr, nullptr, expr.range());
  Val lhs = eval(expr.lhs), rhs = eval(expr.rhs);
  if (lhs.kind == Val::Kind::TileIndex || lhs.kind == Val::Kind::Window || rhs.kind == Val::Kind::TileIndex)
    return shiftIndex(expr, lhs, rhs);
  lhs = requireValue(std::move(lhs), expr.lhs->range());
  rhs = requireValue(std::move(rhs), expr.rhs->range());
  return binary(expr.op, lhs, rhs, expr.opRange, expr.lhs->range(), expr.rhs->range());
}

Val Elaborator::shiftIndex(const BinaryExpr &expr, Val lhs, Val rhs) {
  if (lhs.isPoison() || rhs.isPoison())
    return Val::poison();
  bool isShift = expr.op == BinaryOp::Add || (expr.op == BinaryOp::Sub && rhs.isRuntime());
  if (expr.op == BinaryOp::Add && !rhs.isRuntime())
    std::swap(lhs, rhs);
  const TileIndex &index = lhs.tileIndex ? *lhs.tileIndex : *rhs.tileIndex;
  rhs = settleType(std::move(rhs), expr.rhs->range());
  if (rhs.isPoison())
    return rhs;
  if (isShift && rhs.isRuntime() && (!rhs.isScalar() || !isInteger(rhs.type)))
    return error(expr.rhs->range(),
                 "the window '" + index.name + " + s' is shifted by a scalar integer, and this is " + describe(rhs));
  if (!isShift || !rhs.isScalar()) {
    report(expr.range(), "'" + index.name + "' is a tile index; '" + spelling(expr.op) + "' does not apply to it here")
        .note("'" + index.name + " + s' with a scalar integer s is a window in a subscript; the index as numbers is '" +
              index.name + ".index', its start '" + index.name + ".begin'");
    return Val::poison();
  }
  Location where = loc(expr.range());
  Value by = indexOf(rhs, where);
  if (expr.op == BinaryOp::Sub)
    by = arith::SubIOp::create(builder, where, indexConstant(0), by);
  if (lhs.kind == Val::Kind::Window)
    by = arith::AddIOp::create(builder, where, lhs.shift, by);
  Val val = Val::ofTileIndex(&index);
  val.kind = Val::Kind::Window;
  val.shift = by;
  return val;
}

Val Elaborator::evalLogical(const BinaryExpr &expr) {
  bool isAnd = expr.op == BinaryOp::And;
  Val lhs = evalValue(expr.lhs);
  auto checkBool = [&](const Val &val, SourceRange range) {
    if (val.isPoison() || val.type == ElementType::Bool)
      return !val.isPoison();
    report(range, "'" + spelling(expr.op) + "' takes bools, and this is '" + spelling(val.type) + "'")
        .note("compare it, as in '!= 0', or use '&' and '|' on the bits of integers");
    return false;
  };
  if (!checkBool(lhs, expr.lhs->range())) {
    evalValue(expr.rhs);
    return Val::poison();
  }
  // On scalars the right side is evaluated only if it is needed.
  if (lhs.isConstant()) {
    if (lhs.constant->boolean != isAnd)
      return lhs;
    Val rhs = evalValue(expr.rhs);
    return checkBool(rhs, expr.rhs->range()) ? rhs : Val::poison();
  }
  if (lhs.isScalar() && level != Level::Combine && !isHarmless(expr.rhs)) {
    Location where = loc(expr.range());
    Value condition = valueOf(lhs, where);
    if (!isAnd)
      condition = arith::XOrIOp::create(builder, where, condition, flagValue(true));
    BodyUse use = newUse();
    use.addExpr(expr.rhs);
    Carried carried = carriedBy(use, /*withFlags=*/false);
    Binding result;
    result.val = Val::ofRuntime(ElementType::Bool, flagValue(!isAnd));
    carried.vars.push_back(&result);
    bool isGood = true, isTile = false;
    emitScfIf(
        where, condition, carried,
        [&] {
          Val rhs = evalValue(expr.rhs);
          isGood = checkBool(rhs, expr.rhs->range());
          isTile = isGood && rhs.isTile();
          if (isGood && !isTile)
            result.val = Val::ofRuntime(ElementType::Bool, valueOf(rhs, where));
        },
        [] {});
    if (isTile)
      return error(expr.opRange,
                   "'" + spelling(expr.op) +
                       "' has a scalar on its left and a tile on its right; bind the tile to a name first");
    return isGood ? result.val : Val::poison();
  }
  Val rhs = evalValue(expr.rhs);
  if (!checkBool(rhs, expr.rhs->range()))
    return Val::poison();
  return binary(isAnd ? BinaryOp::BitAnd : BinaryOp::BitOr, lhs, rhs, expr.opRange, expr.lhs->range(),
                expr.rhs->range());
}

//===----------------------------------------------------------------------===//
// Subscripts
//===----------------------------------------------------------------------===//

Val Elaborator::evalSubscript(const SubscriptExpr &expr) {
  Val base = eval(expr.base);
  switch (base.kind) {
  case Val::Kind::Poison:
    return base;
  case Val::Kind::Array: {
    std::optional<Access> access = emitAccess(base, expr, /*writes=*/false);
    return access ? emitLoadOp(*access, {}, {}, {}, expr.range()) : Val::poison();
  }
  case Val::Kind::Runtime:
    return subscriptTile(bound(std::move(base), expr.base->range()), expr);
  case Val::Kind::Tuple: {
    std::optional<int64_t> member =
        expr.indices.size() == 1 ? evalInt(expr.indices[0], "a member of a tuple") : std::nullopt;
    if (!member)
      return expr.indices.size() == 1 ? Val::poison() : error(expr.range(), "a tuple takes one subscript");
    if (*member < 0 || *member >= static_cast<int64_t>(base.elements->size()))
      return error(expr.indices[0]->range(),
                   "a tuple of " + Twine(base.elements->size()) + " values has no member " + Twine(*member));
    return (*base.elements)[*member];
  }
  default:
    return error(expr.range(), describe(base) + " takes no subscripts");
  }
}

Val Elaborator::subscriptTile(Val base, const SubscriptExpr &expr) {
  if (base.isPoison())
    return base;
  Location where = loc(expr.range());
  Value value = valueOf(base, where);
  Dims dims = base.dims;
  size_t taken = llvm::count_if(expr.indices, [](const Expr *index) { return !llvm::isa<NoneExpr>(index); });
  if (taken > dims.size()) {
    if (dims.empty())
      return error(expr.range(), "a scalar has rank 0 and no dims to subscript; only 'None' can be added to it");
    return error(expr.range(), "there are " + Twine(taken) + " subscripts for the " + Twine(dims.size()) +
                                   " dims of this tile " + describe(base));
  }
  // The position among the dims that the result has.
  size_t at = 0;
  for (const Expr *index : expr.indices) {
    if (llvm::isa<WholeExpr>(index)) {
      ++at;
      continue;
    }
    if (llvm::isa<NoneExpr>(index)) {
      Dims before = dims;
      dims.insert(dims.begin() + at, Dim());
      Type type = tileType(dims, irTypeOf(base.type));
      if (before.empty())
        value = tile::FullOp::create(builder, where, type, value, rangesOf(dims));
      else
        value = tile::ExpandDimsOp::create(builder, where, type, value, at);
      ++at;
      continue;
    }
    Val sub = eval(index);
    if (sub.kind == Val::Kind::TileIndex || sub.kind == Val::Kind::Window)
      return error(index->range(), "a tile is not subscripted by a tile index such as '" + sub.tileIndex->name +
                                       "': it has the dims " + describe(ArrayRef<Dim>(base.dims)) +
                                       " already; write ':' to keep a dim");
    sub = settleType(requireValue(std::move(sub), index->range()), index->range());
    if (sub.isPoison())
      return sub;
    if (!sub.isScalar() || !isInteger(sub.type))
      return error(index->range(),
                   "a subscript of a tile is ':', 'None' or a scalar integer, and this is " + describe(sub));
    const Dim &dim = dims[at];
    if (std::optional<int64_t> known = sub.asInt64())
      if (*known < 0 || (!ShapedType::isDynamic(dim.size) && *known >= dim.size))
        return error(index->range(),
                     "the subscript " + Twine(*known) + " is out of range for a dim of " +
                         (ShapedType::isDynamic(dim.size) ? "'" + dim.name + "'" : std::to_string(dim.size)));
    Value range = rangeOf(dim);
    Value position = indexOf(sub, where);
    dims.erase(dims.begin() + at);
    value = tile::ElementOp::create(builder, where, tileType(dims, irTypeOf(base.type)), value, at, position, range);
  }
  return Val::ofRuntime(base.type, value, dims);
}
