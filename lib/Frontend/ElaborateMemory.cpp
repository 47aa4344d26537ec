//===- ElaborateMemory.cpp - subscripts of arrays, loads, stores, atomics ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `A[...]` stands for, and the accesses that go through it. Every access takes and leaves tokens
// (ElaborateTokens.cpp).
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;
using llvm::cast;
using llvm::dyn_cast;

//===----------------------------------------------------------------------===//
// Subscripts
//===----------------------------------------------------------------------===//

bool Elaborator::addSubscript(Access &access, const Extent &extent, const Expr *expr,
                              SmallVectorImpl<std::pair<unsigned, Val>> &tiles, std::optional<size_t> &gatheredAt) {
  Location where = loc(expr->range());
  if (llvm::isa<WholeExpr>(expr)) {
    Dim dim = wholeDim(extent);
    access.subscripts.push_back(rangeOf(dim));
    access.dims.push_back(dim);
    return true;
  }
  if (llvm::isa<NoneExpr>(expr)) {
    report(expr->range(), "'None' does not subscript an array; add the dim to the tile, as in '" + access.array->name +
                              "[...][:, None]'");
    return false;
  }
  if (llvm::isa<RangeExpr>(expr)) {
    report(expr->range(),
           "'lo..hi' does not subscript an array; 'let i = tile(lo..hi, size=...)' makes an index of it");
    return false;
  }
  Val val = eval(expr);
  switch (val.kind) {
  case Val::Kind::Poison:
    return false;
  case Val::Kind::TileIndex:
    access.subscripts.push_back(val.tileIndex->range);
    access.dims.push_back(val.tileIndex->dim);
    return true;
  case Val::Kind::Window: {
    auto type = tile::WindowType::get(context, cast<tile::RangeType>(val.tileIndex->range.getType()).getSize());
    access.subscripts.push_back(tile::ShiftOp::create(builder, where, type, val.tileIndex->range, val.shift));
    access.dims.push_back(val.tileIndex->dim);
    return true;
  }
  case Val::Kind::Runtime:
    break;
  default:
    report(expr->range(),
           "a subscript is a tile index, a scalar integer, ':', an integer tile or a window, and this is " +
               describe(val));
    return false;
  }
  val = settleType(std::move(val), expr->range());
  if (val.isPoison())
    return false;
  if (!isInteger(val.type)) {
    report(expr->range(), "a subscript is an integer, and this is " + describe(val));
    return false;
  }
  if (val.isTile()) {
    if (!gatheredAt)
      gatheredAt = access.dims.size();
    tiles.push_back({static_cast<unsigned>(access.subscripts.size()), val});
    access.subscripts.push_back({});
    return true;
  }
  if (std::optional<int64_t> known = val.asInt64()) {
    auto size = dyn_cast_or_null<AffineConstantExpr>(extent.expr);
    if (*known < 0 || (size && *known >= size.getValue())) {
      report(expr->range(), "the subscript " + Twine(*known) + " is out of range for the dim '" + extent.text +
                                "' of '" + access.array->name + "'")
          .note(access.array->declared, "declared here");
      return false;
    }
  }
  access.subscripts.push_back(indexOf(val, where));
  return true;
}

std::optional<Access> Elaborator::emitAccess(const Val &base, const SubscriptExpr &expr, bool writes) {
  if (base.isPoison())
    return std::nullopt;
  if (base.kind != Val::Kind::Array) {
    if (base.isTile() && writes)
      report(expr.range(), "the elements of a tile cannot be assigned; only arrays are stored to");
    else
      report(expr.base->range(), "this is " + describe(base) + ", not an array");
    return std::nullopt;
  }
  const Array &array = *base.array;
  if (level == Level::Kernel) {
    report(expr.range(), "array elements are read and written only inside a grid, not at kernel level")
        .note("a grid is a 'for' over 'tiles' or 'range' at the top of a kernel");
    return std::nullopt;
  }
  if (level == Level::Combine) {
    report(expr.range(), "a combining function works on the elements that it gets; it cannot access arrays");
    return std::nullopt;
  }
  if (writes && !array.isWritable()) {
    report(expr.range(), "'" + array.name + "' is read only").note(array.declared, "declare it 'inout' to write to it");
    return std::nullopt;
  }
  if (expr.indices.size() != array.extents.size()) {
    report(expr.range(), "'" + array.name + "' has " + Twine(array.extents.size()) +
                             (array.extents.size() == 1 ? " dim" : " dims") + ", and there " +
                             (expr.indices.size() == 1 ? "is 1 subscript"
                                                       : "are " + std::to_string(expr.indices.size()) + " subscripts"))
        .note(array.declared, "declared here");
    return std::nullopt;
  }
  Access access;
  access.array = &array;
  SmallVector<std::pair<unsigned, Val>, 2> tiles;
  std::optional<size_t> gatheredAt;
  bool isGood = true;
  for (auto [extent, index] : llvm::zip(array.extents, expr.indices))
    isGood &= addSubscript(access, extent, index, tiles, gatheredAt);
  if (!isGood)
    return std::nullopt;
  if (tiles.empty())
    return access;
  // All integer tiles broadcast together.
  Vals vals = llvm::map_to_vector<2>(tiles, [](const auto &tile) { return tile.second; });
  SmallVector<SourceRange> ranges;
  for (const auto &[position, val] : tiles)
    ranges.push_back(expr.indices[position]->range());
  std::optional<Dims> dims = meet(vals, ranges, "this access", expr.range());
  if (!dims)
    return std::nullopt;
  for (const auto &[position, val] : tiles) {
    Location where = loc(expr.indices[position]->range());
    // An unsigned 32-bit index may be beyond i32.
    ElementType type = bitWidth(val.type) == 64 || val.type == ElementType::U32 ? ElementType::I64 : ElementType::I32;
    Value value = castValue(valueOf(val, where), val.type, type, where);
    access.subscripts[position] = broadcastValue(value, val.dims, *dims, where);
  }
  access.dims.insert(access.dims.begin() + *gatheredAt, dims->begin(), dims->end());
  return access;
}

std::optional<Access> Elaborator::accessArgument(const CallArg &arg, bool writes, StringRef callee) {
  const auto *subscript = dyn_cast<SubscriptExpr>(arg.expr);
  if (!subscript) {
    report(arg.range(), "'" + callee + "' takes the subscripted array first, as in '" + callee + "(A[i], ...)'");
    return std::nullopt;
  }
  return emitAccess(eval(subscript->base), *subscript, writes);
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

static tile::MemoryOrderAttr orderAttr(MLIRContext *context, const AccessOrder &order) {
  return order.order == tile::MemoryOrder::weak ? tile::MemoryOrderAttr()
                                                : tile::MemoryOrderAttr::get(context, order.order);
}

static tile::MemoryScopeAttr scopeAttr(MLIRContext *context, const AccessOrder &order) {
  return order.order == tile::MemoryOrder::weak ? tile::MemoryScopeAttr()
                                                : tile::MemoryScopeAttr::get(context, order.scope);
}

/// What an access gives: its value, and its token beside it if the source names tokens.
static Val withToken(Val value, const AccessOrder &order, Value token) {
  return order.after ? Val::ofTuple({std::move(value), Val::ofToken(token)}) : value;
}

Val Elaborator::emitLoadOp(const Access &access, Value mask, Value pad, const AccessOrder &order, SourceRange where) {
  Location place = loc(where);
  const Array &array = *access.array;
  Type type = tileType(access.dims, storageType(context, array.type));
  auto load = tile::LoadOp::create(builder, place, type, tile::TokenType::get(context), array.memref, access.subscripts,
                                   mask, pad, accessAfter(array, /*writes=*/false, order), orderAttr(context, order),
                                   scopeAttr(context, order));
  recordAccess(array, /*writes=*/false, order, load.getToken(), place);
  Value value = load.getValue();
  if (array.type == ElementType::Bool)
    value = castValue(value, ElementType::U8, ElementType::Bool, place);
  return withToken(Val::ofRuntime(array.type, value, access.dims), order, load.getToken());
}

Val Elaborator::emitStoreOp(const Access &access, const Val &val, Value mask, const AccessOrder &order,
                            SourceRange where, SourceRange valueRange) {
  const Array &array = *access.array;
  Value value = coerce(val, array.type, access.dims, valueRange, "stored to '" + array.name + "'", array.declared);
  if (!value)
    return Val::poison();
  Location place = loc(where);
  if (array.type == ElementType::Bool)
    value = castValue(value, ElementType::Bool, ElementType::U8, place);
  auto store = tile::StoreOp::create(builder, place, tile::TokenType::get(context), value, array.memref,
                                     access.subscripts, mask, accessAfter(array, /*writes=*/true, order),
                                     orderAttr(context, order), scopeAttr(context, order));
  recordAccess(array, /*writes=*/true, order, store.getToken(), place);
  return order.after ? Val::ofToken(store.getToken()) : Val::ofVoid();
}

bool Elaborator::emitMask(const CallArgs &args, const Dims &dims, Value &mask) {
  const CallArg *option = args.option("mask");
  if (!option)
    return true;
  Val val = requireValue(option->val, option->range());
  if (val.isPoison())
    return false;
  if (val.type != ElementType::Bool) {
    report(option->range(), "a mask is made of bools, and this is " + describe(val));
    return false;
  }
  mask = coerce(val, ElementType::Bool, dims, option->range(), "the mask of this access", SourceRange());
  return static_cast<bool>(mask);
}

bool Elaborator::orderOptions(const CallArgs &args, AccessOrder &order, ArrayRef<StringRef> allowed) {
  if (const CallArg *option = args.option("after"))
    if (!tokensOf(*option, order.after.emplace()))
      return false;
  if (const CallArg *option = args.option("order")) {
    StringRef word = wordOption(*option, allowed);
    if (word.empty())
      return false;
    order.order = *tile::symbolizeMemoryOrder(word);
  }
  if (const CallArg *option = args.option("scope")) {
    StringRef word = wordOption(*option, {"block", "device", "system"});
    if (word.empty())
      return false;
    order.scope = *tile::symbolizeMemoryScope(word);
    if (order.order == tile::MemoryOrder::weak) {
      report(option->range(), "'scope' goes with an 'order'");
      return false;
    }
  }
  return true;
}

Val Elaborator::emitLoad(const Builtin &, const CallArgs &args) {
  std::optional<Access> access = accessArgument(args.positional[0], /*writes=*/false, "load");
  AccessOrder order;
  Value mask, pad;
  if (!orderOptions(args, order, {"relaxed", "acquire"}) || !access || !emitMask(args, access->dims, mask))
    return Val::poison();
  if (const CallArg *option = args.option("pad")) {
    Val val = requireValue(option->val, option->range());
    pad = coerce(val, access->array->type, {}, option->range(), "the pad value of this load", access->array->declared);
    if (!pad)
      return Val::poison();
    if (access->array->type == ElementType::Bool)
      pad = castValue(pad, ElementType::Bool, ElementType::U8, loc(option->range()));
  }
  return emitLoadOp(*access, mask, pad, order, args.range());
}

Val Elaborator::emitStore(const Builtin &, const CallArgs &args) {
  std::optional<Access> access = accessArgument(args.positional[0], /*writes=*/true, "store");
  AccessOrder order;
  Value mask;
  Val val = requireValue(args.positional[1].val, args.positional[1].range());
  if (!orderOptions(args, order, {"relaxed", "release"}) || !access || !emitMask(args, access->dims, mask) ||
      val.isPoison())
    return Val::poison();
  return emitStoreOp(*access, val, mask, order, args.range(), args.positional[1].range());
}

/// The kind of an atomic on elements of `type`; nothing if there is none.
static std::optional<tile::AtomicKind> atomicKind(StringRef name, ElementType type) {
  using K = tile::AtomicKind;
  bool isF = isFloat(type), isU = isUnsigned(type);
  bool isWideEnough = bitWidth(type) >= 32;
  if (name == "atomic_add" && (type == ElementType::F16 || type == ElementType::BF16))
    return K::addf;
  if (!isWideEnough)
    return std::nullopt;
  if (name == "atomic_xchg")
    return K::xchg;
  if (name == "atomic_add")
    return isF ? K::addf : K::addi;
  if (name == "atomic_max")
    return isF ? K::maxf : isU ? K::maxu : K::maxs;
  if (name == "atomic_min")
    return isF ? K::minf : isU ? K::minu : K::mins;
  if (isF)
    return std::nullopt;
  return name == "atomic_and" ? K::andi : name == "atomic_or" ? K::ori : K::xori;
}

Val Elaborator::emitAtomic(const Builtin &builtin, const CallArgs &args) {
  StringRef name = builtin.name;
  bool isCas = name == "atomic_cas";
  std::optional<Access> access = accessArgument(args.positional[0], /*writes=*/true, name);
  AccessOrder order;
  order.order = isCas || name == "atomic_xchg" ? tile::MemoryOrder::acq_rel : tile::MemoryOrder::relaxed;
  Value mask;
  if (!orderOptions(args, order, {"relaxed", "acquire", "release", "acq_rel"}) || !access ||
      !emitMask(args, access->dims, mask))
    return Val::poison();
  const Array &array = *access->array;
  std::optional<tile::AtomicKind> kind;
  bool isSupported = bitWidth(array.type) >= 32;
  if (!isCas) {
    kind = atomicKind(name, array.type);
    isSupported = kind.has_value();
  }
  if (!isSupported) {
    report(args.positional[0].range(), "'" + name + "' does not work on '" + spelling(array.type) + "' elements")
        .note("atomics work on 32- and 64-bit integers, f32 and f64; atomic_add on f16 and bf16, too; and, or and xor "
              "on integers only");
    return Val::poison();
  }
  SmallVector<Value> values;
  for (const CallArg &arg : ArrayRef<CallArg>(args.positional).drop_front()) {
    Val val = requireValue(arg.val, arg.range());
    Value value = coerce(val, array.type, access->dims, arg.range(), "an operand of an atomic on '" + array.name + "'",
                         array.declared);
    if (!value)
      return Val::poison();
    values.push_back(value);
  }
  Location place = loc(args.range());
  Type type = values[0].getType(), token = tile::TokenType::get(context);
  SmallVector<Value> after = accessAfter(array, /*writes=*/true, order);
  auto orderValue = orderAttr(context, order);
  auto scopeValue = scopeAttr(context, order);
  Operation *op;
  if (isCas)
    op = tile::AtomicCASOp::create(builder, place, type, token, values[0], values[1], array.memref, access->subscripts,
                                   mask, after, orderValue, scopeValue);
  else
    op = tile::AtomicRMWOp::create(builder, place, type, token, *kind, values[0], array.memref, access->subscripts,
                                   mask, after, orderValue, scopeValue);
  recordAccess(array, /*writes=*/true, order, op->getResult(1), place);
  return withToken(Val::ofRuntime(array.type, op->getResult(0), access->dims), order, op->getResult(1));
}
