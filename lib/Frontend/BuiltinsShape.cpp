//===- BuiltinsShape.cpp - creation and change of shape ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dims and axes given as arguments; zeros, full, arange; reshape, permute, broadcast, cat and split.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;
using llvm::dyn_cast;

//===----------------------------------------------------------------------===//
// Dims and axes
//===----------------------------------------------------------------------===//

bool Elaborator::addDim(const Val &val, SourceRange range, Dims &dims) {
  if (val.isPoison())
    return false;
  if (val.kind == Val::Kind::TileIndex) {
    dims.push_back(val.tileIndex->dim);
    return true;
  }
  if (val.isTuple()) {
    for (const Val &element : *val.elements)
      if (!addDim(element, range, dims))
        return false;
    return true;
  }
  if (val.isScalar() && (isInteger(val.type) || val.isUntyped)) {
    if (std::optional<int64_t> number = val.asInt64()) {
      if (*number >= 0 && *number <= std::numeric_limits<int32_t>::max()) {
        dims.push_back(numberDim(*number));
        return true;
      }
      report(range, "a dim cannot be " + Twine(*number));
      return false;
    }
    if (val.dimExpr) {
      dims.push_back(wholeDim({val.dimExpr, {}, compilation.sources.text(range).str()}));
      return true;
    }
    if (val.isConfig) {
      dims.push_back(
          {configRange(indexOf(val, loc(range))), ShapedType::kDynamic, true, compilation.sources.text(range).str()});
      return true;
    }
  }
  report(range, "a dim is a tile index, an integer known at compile time, or an array's dim, and this is " +
                    (val.isScalar() ? "a scalar known at run time" : describe(val)));
  return false;
}

std::optional<Dims> Elaborator::dimsOf(ArrayRef<CallArg> args) {
  Dims dims;
  bool isGood = true;
  for (const CallArg &arg : args)
    isGood &= addDim(arg.val, arg.range(), dims);
  return isGood ? std::optional(dims) : std::nullopt;
}

/// An axis counted from the front; nothing, after an error, if there is no such dim.
static std::optional<int64_t> checkAxis(int64_t axis, size_t rank, SourceRange range,
                                        llvm::function_ref<void(SourceRange, const Twine &)> report) {
  int64_t position = axis < 0 ? axis + static_cast<int64_t>(rank) : axis;
  if (position >= 0 && position < static_cast<int64_t>(rank))
    return position;
  report(range, "there is no axis " + Twine(axis) + " in a tile of " + Twine(rank) + (rank == 1 ? " dim" : " dims"));
  return std::nullopt;
}

std::optional<unsigned> Elaborator::axisOption(const CallArgs &args, const Val &tile,
                                               std::optional<unsigned> otherwise) {
  const CallArg *option = args.option("axis");
  if (!option) {
    if (!otherwise)
      report(args.range(),
             "'" + args.call->calleeName() + "' of a tile of " + Twine(tile.dims.size()) + " dims needs 'axis='");
    return otherwise;
  }
  std::optional<int64_t> axis = option->val.asInt64();
  if (!axis) {
    if (!option->val.isPoison())
      report(option->range(), "an axis is an integer known at compile time");
    return std::nullopt;
  }
  auto place = [&](SourceRange range, const Twine &text) { report(range, text); };
  return checkAxis(*axis, tile.dims.size(), option->range(), place);
}

std::optional<SmallVector<int64_t>> Elaborator::axesOption(const CallArgs &args, size_t rank) {
  const CallArg *option = args.option("axis");
  if (!option)
    return llvm::to_vector(llvm::seq<int64_t>(rank));
  Vals vals;
  if (const auto *list = dyn_cast<ListExpr>(option->expr))
    for (const Expr *element : list->elements)
      vals.push_back(eval(element));
  else if (option->val.isTuple())
    vals.append(option->val.elements->begin(), option->val.elements->end());
  else
    vals.push_back(option->val);
  SmallVector<int64_t> axes;
  auto place = [&](SourceRange range, const Twine &text) { report(range, text); };
  for (const Val &val : vals) {
    if (val.isPoison())
      return std::nullopt;
    std::optional<int64_t> number = val.asInt64();
    if (!number) {
      report(option->range(), "an axis is an integer known at compile time");
      return std::nullopt;
    }
    std::optional<int64_t> axis = checkAxis(*number, rank, option->range(), place);
    if (!axis)
      return std::nullopt;
    if (llvm::is_contained(axes, *axis)) {
      report(option->range(), "the axis " + Twine(*number) + " is named twice");
      return std::nullopt;
    }
    axes.push_back(*axis);
  }
  if (axes.empty()) {
    report(option->range(), "there is no axis to work along");
    return std::nullopt;
  }
  llvm::sort(axes);
  return axes;
}

std::optional<int64_t> Elaborator::knownSize(const Dim &dim, SourceRange where, const Twine &what) {
  if (dim.isNumber && !ShapedType::isDynamic(dim.size))
    return dim.size;
  if (dim.expr && compilation.options.draft) {
    dim.expr.walk([&](AffineExpr expr) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
        compilation.missingDims.insert((symbols.begin() + symbol.getPosition())->first);
    });
  } else if (dim.expr) {
    report(where, what + " needs the value of the dim '" + dim.name + "' when the kernel is compiled")
        .note("give it, as in '--dim " + dim.name + "=64', or use arrays whose types say it");
  } else if (dim.isNumber) {
    report(where, what + " needs a number that is known before the config is bound, and '" + dim.name + "' is not");
  } else {
    report(where, what + " cannot merge or cut the dim '" + dim.name + "', which is a tile index's");
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

Val Elaborator::fill(const Val &scalar, ElementType type, const Dims &dims, SourceRange where) {
  if (dims.empty())
    return scalar;
  Location place = loc(where);
  return Val::ofRuntime(type, broadcastValue(valueOf(scalar, place), {}, dims, place), dims);
}

Val Elaborator::emitFill(const Builtin &builtin, const CallArgs &args) {
  const CallArg &typeArg = args.positional[0];
  if (typeArg.val.kind != Val::Kind::Type) {
    if (!typeArg.val.isPoison())
      report(typeArg.range(),
             "'" + builtin.name + "' takes the element type first, and this is " + describe(typeArg.val))
          .note("it is called as '" + builtin.usage + "'");
    return Val::poison();
  }
  ElementType type = typeArg.val.type;
  bool isFull = builtin.name == "full";
  std::optional<Dims> dims = dimsOf(ArrayRef<CallArg>(args.positional).drop_front(isFull ? 2 : 1));
  if (!dims)
    return Val::poison();
  if (!isFull) {
    Constant value = convert(Constant::ofInt(builtin.name == "ones"), ElementType::I32, type);
    return fill(Val::ofConstant(type, value), type, *dims, args.range());
  }
  const CallArg &valueArg = args.positional[1];
  Val val = requireValue(valueArg.val, valueArg.range());
  if (val.isPoison())
    return val;
  if (val.isTile())
    return error(valueArg.range(),
                 "'full' repeats a scalar, and this is a tile " + describe(val) + "; use 'broadcast'");
  Value value = coerce(val, type, {}, valueArg.range(), "the value of 'full'", SourceRange());
  return value ? fill(Val::ofRuntime(type, value), type, *dims, args.range()) : Val::poison();
}

Val Elaborator::emitArange(const Builtin &, const CallArgs &args) {
  bool fromZero = args.positional.size() == 1;
  Val lower = Val::ofConstant(ElementType::I32, Constant::ofInt(0)), upper;
  auto bound = [&](const CallArg &arg) {
    Val val = settleType(requireValue(arg.val, arg.range()), arg.range());
    if (!val.isPoison() && (!val.isScalar() || val.type != ElementType::I32))
      return error(arg.range(), "a bound of 'arange' is an 'i32' scalar, and this is " + describe(val));
    return val;
  };
  if (!fromZero)
    lower = bound(args.positional[0]);
  upper = bound(args.positional.back());
  if (lower.isPoison() || upper.isPoison())
    return Val::poison();
  SourceRange where = args.range();
  Val count = binary(BinaryOp::Sub, upper, lower, where, where, where);
  if (std::optional<int64_t> number = count.asInt64(); number && *number < 0)
    count = Val::ofConstant(ElementType::I32, Constant::ofInt(0));
  if (!count.isConstant() && !count.dimExpr && !count.isConfig)
    return error(where, "the bounds of 'arange' must be known at compile time");
  Dims dims;
  if (!addDim(count, args.positional.back().range(), dims))
    return Val::poison();
  Location place = loc(where);
  Value iota = tile::IotaOp::create(builder, place, tileType(dims, builder.getI32Type()), rangeOf(dims[0]));
  Val tile = Val::ofRuntime(ElementType::I32, iota, dims);
  if (lower.asInt64() == 0)
    return tile;
  return binary(BinaryOp::Add, tile, lower, where, where, where);
}

//===----------------------------------------------------------------------===//
// Change of shape
//===----------------------------------------------------------------------===//

/// Names the dims that do not take part in a reshape.
static std::string reshapeReason(ArrayRef<Dim> fixed) {
  std::string reason;
  for (const Dim &dim : fixed)
    reason += (reason.empty() ? "; it keeps '" : ", '") + dim.name + "'";
  return reason;
}

Val Elaborator::emitReshape(const Builtin &, const CallArgs &args) {
  SourceRange range = args.positional[0].range(), where = args.range();
  Val val = bound(requireValue(args.positional[0].val, range), range);
  std::optional<Dims> dims = dimsOf(ArrayRef<CallArg>(args.positional).drop_front());
  if (val.isPoison() || !dims)
    return Val::poison();
  // Between the dims that cannot be merged there are as many elements before as after.
  auto isFixed = [](const Dim &dim) { return !dim.isNumber || ShapedType::isDynamic(dim.size); };
  auto groups = [&](const Dims &all) {
    SmallVector<int64_t> products{1};
    SmallVector<Dim> fixed;
    for (const Dim &dim : all) {
      if (isFixed(dim)) {
        fixed.push_back(dim);
        products.push_back(1);
      } else if (llvm::MulOverflow(products.back(), dim.size, products.back())) {
        products.back() = -1;
      }
    }
    return std::pair(products, fixed);
  };
  auto [before, beforeFixed] = groups(val.dims);
  auto [after, afterFixed] = groups(*dims);
  bool sameFixed = beforeFixed.size() == afterFixed.size() &&
                   llvm::all_of(llvm::zip(beforeFixed, afterFixed),
                                [](auto pair) { return std::get<0>(pair).isSame(std::get<1>(pair)); });
  if (!sameFixed) {
    // A whole dim may be merged or cut where its value is known.
    for (const Dims *side : std::initializer_list<const Dims *>{&val.dims, &*dims})
      for (const Dim &dim : *side)
        if (isFixed(dim) && dim.expr && !knownSize(dim, where, "'reshape'"))
          return Val::poison();
  }
  if (!sameFixed || before != after) {
    tilec::Diagnostic &diagnostic =
        report(where, "'reshape' cannot give a tile of dims " + describe(ArrayRef<Dim>(val.dims)) + " the dims " +
                          describe(ArrayRef<Dim>(*dims)) + reshapeReason(beforeFixed));
    if (!sameFixed)
      diagnostic.note("'reshape' may not merge or cut the dim of a tile index, or a dim whose value is not known; "
                      "those stay in their order");
    return Val::poison();
  }
  Location place = loc(where);
  Value value = valueOf(val, place);
  if (dims->empty())
    return val;
  return Val::ofRuntime(
      val.type, tile::ReshapeOp::create(builder, place, tileType(*dims, irTypeOf(val.type)), value, rangesOf(*dims)),
      *dims);
}

Val Elaborator::emitPermute(const Builtin &, const CallArgs &args) {
  SourceRange range = args.positional[0].range(), where = args.range();
  Val val = bound(requireValue(args.positional[0].val, range), range);
  if (val.isPoison())
    return val;
  SmallVector<int64_t> order;
  Dims dims;
  for (const CallArg &arg : ArrayRef<CallArg>(args.positional).drop_front()) {
    if (arg.val.isPoison())
      return arg.val;
    std::optional<int64_t> number = arg.val.asInt64();
    if (!number)
      return error(arg.range(), "'permute' takes the numbers of dims");
    std::optional<int64_t> axis =
        checkAxis(*number, val.dims.size(), arg.range(), [&](SourceRange at, const Twine &text) { report(at, text); });
    if (!axis)
      return Val::poison();
    if (llvm::is_contained(order, *axis))
      return error(where, "'permute' names the dim " + Twine(*number) + " twice");
    order.push_back(*axis);
    dims.push_back(val.dims[*axis]);
  }
  if (order.size() != val.dims.size())
    return error(where, "'permute' names every dim once: this tile has " + Twine(val.dims.size()) + ", and there are " +
                            Twine(order.size()));
  Location place = loc(where);
  return Val::ofRuntime(
      val.type, tile::PermuteOp::create(builder, place, tileType(dims, irTypeOf(val.type)), valueOf(val, place), order),
      dims);
}

Val Elaborator::emitBroadcast(const Builtin &, const CallArgs &args) {
  SourceRange range = args.positional[0].range();
  Val val = bound(requireValue(args.positional[0].val, range), range);
  std::optional<Dims> dims = dimsOf(ArrayRef<CallArg>(args.positional).drop_front());
  if (val.isPoison() || !dims)
    return Val::poison();
  Value value = coerce(val, val.type, *dims, range, "broadcast", SourceRange());
  return value ? Val::ofRuntime(val.type, value, *dims) : Val::poison();
}

Val Elaborator::emitCat(const Builtin &, const CallArgs &args) {
  SourceRange where = args.range();
  Vals vals;
  SmallVector<SourceRange> ranges;
  for (const CallArg &arg : args.positional) {
    vals.push_back(bound(requireValue(arg.val, arg.range()), arg.range()));
    ranges.push_back(arg.range());
  }
  std::optional<ElementType> type = unify(vals, ranges, "'cat'", where);
  if (!type)
    return Val::poison();
  if (vals[0].dims.empty())
    return error(ranges[0], "'cat' joins tiles, and this is " + describe(vals[0]));
  std::optional<unsigned> axis = axisOption(args, vals[0], vals[0].dims.size() == 1 ? std::optional(0u) : std::nullopt);
  if (!axis)
    return Val::poison();
  Location place = loc(where);
  Value value;
  Dims dims;
  for (auto [position, val] : llvm::enumerate(vals)) {
    bool fits = val.dims.size() == vals[0].dims.size();
    for (size_t d = 0; fits && d != val.dims.size(); ++d)
      fits = d == *axis || val.dims[d].isSame(vals[0].dims[d]);
    if (!fits)
      return error(where, "'cat' joins tiles that differ along the axis only, and these are " +
                              describe(ArrayRef<Dim>(vals[0].dims)) + " and " + describe(ArrayRef<Dim>(val.dims)));
    std::optional<int64_t> size = knownSize(val.dims[*axis], ranges[position], "'cat'");
    if (!size)
      return Val::poison();
    Value next = castValue(valueOf(val, place), val.type, *type, place);
    if (position == 0) {
      value = next;
      dims = val.dims;
      continue;
    }
    dims[*axis] = numberDim(dims[*axis].size + *size);
    value =
        tile::CatOp::create(builder, place, tileType(dims, irTypeOf(*type)), value, next, *axis, rangeOf(dims[*axis]));
  }
  return Val::ofRuntime(*type, value, dims);
}

Val Elaborator::emitSplit(const Builtin &, const CallArgs &args) {
  SourceRange range = args.positional[0].range(), where = args.range();
  const CallArg &countArg = args.positional[1];
  Val val = bound(requireValue(args.positional[0].val, range), range);
  if (val.isPoison() || countArg.val.isPoison())
    return Val::poison();
  if (!val.isTile())
    return error(range, "'split' cuts a tile, and this is " + describe(val));
  std::optional<unsigned> axis = axisOption(args, val, val.dims.size() == 1 ? std::optional(0u) : std::nullopt);
  std::optional<int64_t> count = countArg.val.asInt64();
  if (!axis)
    return Val::poison();
  if (!count || *count < 1)
    return error(countArg.range(), "the number of parts is a positive integer known at compile time");
  std::optional<int64_t> size = knownSize(val.dims[*axis], where, "'split'");
  if (!size)
    return Val::poison();
  if (*size % *count != 0)
    return error(where, "a dim of " + Twine(*size) + " cannot be split into " + Twine(*count) + " equal parts");
  if (*count > 1024)
    return error(countArg.range(), "'split' gives at most 1024 parts");
  Location place = loc(where);
  Dims dims = val.dims;
  int64_t part = *size / *count;
  dims[*axis] = numberDim(part);
  Value value = valueOf(val, place), partRange = rangeOf(dims[*axis]);
  std::vector<Val> parts;
  for (int64_t position = 0; position != *count; ++position)
    parts.push_back(Val::ofRuntime(val.type,
                                   tile::SliceOp::create(builder, place, tileType(dims, irTypeOf(val.type)), value,
                                                         *axis, position * part, partRange),
                                   dims));
  return Val::ofTuple(std::move(parts));
}
