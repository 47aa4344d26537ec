//===- BuiltinsReduce.cpp - reductions, scans and sorts ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Builtin and custom reductions and scans, argmax and its like, sort and topk. Narrow floats are combined in f32.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;
using llvm::dyn_cast;

//===----------------------------------------------------------------------===//
// The ops
//===----------------------------------------------------------------------===//

/// The dims that a reduction over `axes` leaves.
static Dims without(const Dims &dims, ArrayRef<int64_t> axes) {
  Dims rest;
  for (auto [d, dim] : llvm::enumerate(dims))
    if (!llvm::is_contained(axes, static_cast<int64_t>(d)))
      rest.push_back(dim);
  return rest;
}

/// Fills the combining region of a reduce or scan.
template <typename Combine>
static void emitRegion(OpBuilder &builder, Region &region, ArrayRef<Value> tiles, Location where, Combine combine) {
  OpBuilder::InsertionGuard guard(builder);
  mlir::Block &block = region.emplaceBlock();
  for (int side = 0; side != 2; ++side)
    for (Value tile : tiles)
      block.addArgument(getElementTypeOrSelf(tile.getType()), where);
  builder.setInsertionPointToEnd(&block);
  ValueRange arguments = block.getArguments();
  tile::YieldOp::create(builder, where,
                        combine(where, arguments.take_front(tiles.size()), arguments.drop_front(tiles.size())));
}

SmallVector<Value> Elaborator::reduceOp(ArrayRef<Value> tiles, const Dims &dims, ArrayRef<int64_t> axes,
                                        ArrayRef<Value> init, bool commutative, Location where, EmitCombine combine) {
  SmallVector<Value> over;
  for (int64_t axis : axes)
    over.push_back(rangeOf(dims[axis]));
  Dims rest = without(dims, axes);
  SmallVector<Type> types;
  for (Value tile : tiles)
    types.push_back(tileType(rest, getElementTypeOrSelf(tile.getType())));
  auto reduce = tile::ReduceOp::create(builder, where, types, tiles, init, over, axes, commutative);
  emitRegion(builder, reduce.getCombine(), tiles, where, combine);
  return reduce.getResults();
}

SmallVector<Value> Elaborator::scanOp(ArrayRef<Value> tiles, const Dims &dims, unsigned axis, Location where,
                                      EmitCombine combine) {
  SmallVector<Type> types = llvm::map_to_vector(tiles, [](Value tile) { return tile.getType(); });
  auto scan = tile::ScanOp::create(builder, where, types, tiles, rangeOf(dims[axis]), axis);
  emitRegion(builder, scan.getCombine(), tiles, where, combine);
  return scan.getResults();
}

Val Elaborator::reduced(Value value, ElementType type, bool isWide, const Dims &dims, ArrayRef<int64_t> axes, bool keep,
                        SourceRange where) {
  Dims rest = without(dims, axes);
  if (keep) {
    Location place = loc(where);
    for (int64_t axis : axes) {
      bool wasScalar = rest.empty();
      rest.insert(rest.begin() + axis, Dim());
      Type tile = tileType(rest, getElementTypeOrSelf(value.getType()));
      if (wasScalar)
        value = tile::FullOp::create(builder, place, tile, value, rangesOf(rest));
      else
        value = tile::ExpandDimsOp::create(builder, place, tile, value, axis);
    }
  }
  return Val::ofRuntime(type, value, rest, isWide);
}

//===----------------------------------------------------------------------===//
// sum, max and their like
//===----------------------------------------------------------------------===//

Constant Elaborator::identityOf(StringRef reduction, ElementType type) {
  bool isMax = reduction == "max" || reduction == "cummax" || reduction == "argmax";
  bool isMin = reduction == "min" || reduction == "argmin";
  if (type == ElementType::Bool)
    return Constant::ofBool(reduction == "all" || isMin);
  if (isFloat(type)) {
    if (isMax || isMin)
      return Constant::ofFloat(llvm::APFloat::getInf(floatSemantics(type), /*Negative=*/isMax));
    return convert(Constant::ofInt(reduction == "prod" || reduction == "cumprod"), ElementType::I32, type);
  }
  unsigned bits = bitWidth(type);
  Constant result = Constant::ofInt(reduction == "prod" || reduction == "cumprod");
  if (isMax)
    result.integer = isSigned(type) ? llvm::APInt::getSignedMinValue(bits).sext(128) : llvm::APInt(128, 0);
  if (isMin)
    result.integer =
        isSigned(type) ? llvm::APInt::getSignedMaxValue(bits).sext(128) : llvm::APInt::getMaxValue(bits).zext(128);
  return result;
}

Value Elaborator::combineBuiltin(StringRef reduction, ElementType type, Location where, Value lhs, Value rhs) {
  if (reduction == "max" || reduction == "cummax" || reduction == "any")
    return emitMinMax(/*isMax=*/true, type, where, lhs, rhs);
  if (reduction == "min" || reduction == "all")
    return emitMinMax(/*isMax=*/false, type, where, lhs, rhs);
  bool isProduct = reduction == "prod" || reduction == "cumprod";
  return emitArith(isProduct ? BinaryOp::Mul : BinaryOp::Add, type, where, lhs, rhs);
}

Val Elaborator::reducedTile(const Builtin &builtin, const CallArgs &args) {
  SourceRange range = args.positional[0].range();
  Val tile = requireValue(args.positional[0].val, range);
  if (tile.isPoison())
    return tile;
  if (!tile.isTile())
    return error(range, "'" + builtin.name + "' of one value works on a tile, and this is " + describe(tile));
  return tile;
}

Val Elaborator::emitReduction(const Builtin &builtin, const CallArgs &args) {
  StringRef name = builtin.name;
  SourceRange where = args.range();
  Val tile = reducedTile(builtin, args);
  if (tile.isPoison())
    return tile;
  std::optional<SmallVector<int64_t>> axes = axesOption(args, tile.dims.size());
  std::optional<bool> keep = boolOption(args.option("keep"), false);
  if (!axes || !keep)
    return Val::poison();
  if (name == "any" || name == "all")
    tile = convertVal(tile, ElementType::Bool, where);
  bool isSum = name == "sum" || name == "prod" || name == "mean";
  if (name == "mean" && !isFloat(tile.type)) {
    report(args.positional[0].range(), "'mean' works on floats, and this is '" + spelling(tile.type) + "'")
        .note("convert it, as in 'mean(x as f32)'");
    return Val::poison();
  }
  ElementType type = isSum ? sumType(tile.type) : tile.type, compute = computeType(type);
  Location place = loc(where);
  Value value = computeValue(tile, type, place);
  Value init = constantOf(identityOf(name, compute), compute);
  SmallVector<Value> results = reduceOp(value, tile.dims, *axes, init, /*commutative=*/true, place,
                                        [&](Location at, ValueRange lhs, ValueRange rhs) {
                                          return SmallVector<Value>{combineBuiltin(name, compute, at, lhs[0], rhs[0])};
                                        });
  Value result = results[0];
  if (name == "mean") {
    Value count;
    for (int64_t axis : *axes) {
      const Dim &dim = tile.dims[axis];
      Value extent = dim.isNumber && !ShapedType::isDynamic(dim.size)
                         ? indexConstant(dim.size)
                         : tile::ExtentOp::create(builder, place, rangeOf(dim)).getResult();
      count = count ? arith::MulIOp::create(builder, place, count, extent) : extent;
    }
    Value integer = arith::IndexCastOp::create(builder, place, builder.getI64Type(), count);
    Value divisor = castValue(integer, ElementType::I64, compute, place);
    divisor = broadcastValue(divisor, {}, without(tile.dims, *axes), place);
    result = arith::DivFOp::create(builder, place, result, divisor);
  }
  Val val = reduced(result, type, isNarrowFloat(type), tile.dims, *axes, *keep, where);
  return compilation.options.excessPrecision ? val : bound(std::move(val), where);
}

Val Elaborator::emitScan(const Builtin &builtin, const CallArgs &args) {
  StringRef name = builtin.name;
  SourceRange where = args.range();
  Val tile = reducedTile(builtin, args);
  if (tile.isPoison())
    return tile;
  std::optional<unsigned> axis = axisOption(args, tile, tile.dims.size() == 1 ? std::optional(0u) : std::nullopt);
  if (!axis)
    return Val::poison();
  ElementType type = name == "cummax" ? tile.type : sumType(tile.type), compute = computeType(type);
  Location place = loc(where);
  Value value = computeValue(tile, type, place);
  SmallVector<Value> results = scanOp(value, tile.dims, *axis, place, [&](Location at, ValueRange lhs, ValueRange rhs) {
    return SmallVector<Value>{combineBuiltin(name, compute, at, lhs[0], rhs[0])};
  });
  Val val = Val::ofRuntime(type, results[0], tile.dims, isNarrowFloat(type));
  return compilation.options.excessPrecision ? val : bound(std::move(val), where);
}

//===----------------------------------------------------------------------===//
// argmax and argmin
//===----------------------------------------------------------------------===//

Value Elaborator::positionsOf(const Dims &dims, ArrayRef<int64_t> axes, Location where) {
  // Row-major over the reduced dims, each counted from the tile's start.
  Value flat;
  for (int64_t axis : axes) {
    const Dim &dim = dims[axis];
    Value range = rangeOf(dim);
    Dims own{dim};
    Value position = tile::IotaOp::create(builder, where, tileType(own, builder.getI32Type()), range);
    if (indexOfRange.contains(dim.range)) {
      Value begin = tile::BeginOp::create(builder, where, range);
      begin = arith::IndexCastOp::create(builder, where, builder.getI32Type(), begin);
      position = arith::SubIOp::create(builder, where, position, broadcastValue(begin, {}, own, where));
    }
    // Dims of 1 behind it line the positions up with their dim.
    Dims aligned = own;
    for (size_t d = axis + 1; d != dims.size(); ++d) {
      aligned.push_back(Dim());
      position = tile::ExpandDimsOp::create(builder, where, tileType(aligned, builder.getI32Type()), position,
                                            aligned.size() - 1);
    }
    position = broadcastValue(position, aligned, dims, where);
    if (flat) {
      Value extent = tile::ExtentOp::create(builder, where, range);
      extent = arith::IndexCastOp::create(builder, where, builder.getI32Type(), extent);
      flat = arith::MulIOp::create(builder, where, flat, broadcastValue(extent, {}, dims, where));
      flat = arith::AddIOp::create(builder, where, flat, position);
    } else {
      flat = position;
    }
  }
  return flat;
}

Val Elaborator::emitArgReduction(const Builtin &builtin, const CallArgs &args) {
  SourceRange where = args.range();
  Val tile = reducedTile(builtin, args);
  if (tile.isPoison())
    return tile;
  std::optional<SmallVector<int64_t>> axes = axesOption(args, tile.dims.size());
  std::optional<bool> keep = boolOption(args.option("keep"), false);
  if (!axes || !keep)
    return Val::poison();
  bool isMax = builtin.name == "argmax";
  Location place = loc(where);
  ElementType type = tile.type == ElementType::Bool ? ElementType::U8 : tile.type, compute = computeType(type);
  Value value =
      tile.type == type ? computeValue(tile, type, place) : castValue(valueOf(tile, place), tile.type, type, place);
  Value init[] = {constantOf(identityOf(builtin.name, compute), compute),
                  intConstant(std::numeric_limits<int32_t>::max(), builder.getI32Type())};
  Value tiles[] = {value, positionsOf(tile.dims, *axes, place)};
  auto combine = [&](Location at, ValueRange lhs, ValueRange rhs) {
    // The right one wins if it is better, or as good and earlier; NaN is better than anything else.
    Value better = emitArith(isMax ? BinaryOp::Gt : BinaryOp::Lt, compute, at, rhs[0], lhs[0]);
    Value equal = emitArith(BinaryOp::Eq, compute, at, rhs[0], lhs[0]);
    if (isFloat(compute)) {
      Value lhsNaN = arith::CmpFOp::create(builder, at, arith::CmpFPredicate::UNO, lhs[0], lhs[0]);
      Value rhsNaN = arith::CmpFOp::create(builder, at, arith::CmpFPredicate::UNO, rhs[0], rhs[0]);
      Value lhsNumber = arith::XOrIOp::create(builder, at, lhsNaN, flagValue(true));
      better = arith::OrIOp::create(builder, at, better, arith::AndIOp::create(builder, at, rhsNaN, lhsNumber));
      equal = arith::OrIOp::create(builder, at, equal, arith::AndIOp::create(builder, at, lhsNaN, rhsNaN));
    }
    Value earlier = arith::CmpIOp::create(builder, at, arith::CmpIPredicate::slt, rhs[1], lhs[1]);
    Value wins = arith::OrIOp::create(builder, at, better, arith::AndIOp::create(builder, at, equal, earlier));
    return SmallVector<Value>{arith::SelectOp::create(builder, at, wins, rhs[0], lhs[0]),
                              arith::SelectOp::create(builder, at, wins, rhs[1], lhs[1])};
  };
  SmallVector<Value> results = reduceOp(tiles, tile.dims, *axes, init, /*commutative=*/true, place, combine);
  return reduced(results[1], ElementType::I32, /*isWide=*/false, tile.dims, *axes, *keep, where);
}

//===----------------------------------------------------------------------===//
// reduce and scan with a function
//===----------------------------------------------------------------------===//

bool Elaborator::tupleOfTiles(const CallArg &arg, SmallVectorImpl<Val> &tiles, bool &isTuple, Dims &dims) {
  isTuple = arg.val.isTuple();
  Vals vals;
  if (isTuple)
    vals.append(arg.val.elements->begin(), arg.val.elements->end());
  else
    vals.push_back(arg.val);
  SmallVector<SourceRange> ranges(vals.size(), arg.range());
  for (Val &val : vals) {
    val = bound(requireValue(std::move(val), arg.range()), arg.range());
    if (val.isPoison())
      return false;
  }
  std::optional<Dims> met = meet(vals, ranges, "this tuple of tiles", arg.range());
  if (!met)
    return false;
  if (met->empty()) {
    report(arg.range(), "a tile is combined, and this is " + describe(arg.val));
    return false;
  }
  dims = *met;
  Location where = loc(arg.range());
  for (const Val &val : vals)
    tiles.push_back(Val::ofRuntime(val.type, broadcastValue(valueOf(val, where), val.dims, dims, where), dims));
  return true;
}

bool Elaborator::combineWith(const LambdaExpr &lambda, bool isTuple, ArrayRef<ElementType> types, ValueRange lhs,
                             ValueRange rhs, SmallVectorImpl<Value> &results) {
  auto side = [&](ValueRange values) {
    std::vector<Val> elements;
    for (auto [value, type] : llvm::zip(values, types))
      elements.push_back(Val::ofRuntime(type, value));
    return isTuple ? Val::ofTuple(std::move(elements)) : elements.front();
  };
  Level outer = std::exchange(level, Level::Combine);
  Val val = evalLambda(lambda, {side(lhs), side(rhs)});
  bool isGood = !val.isPoison();
  if (isGood && isTuple && (!val.isTuple() || val.elements->size() != types.size())) {
    report(lambda.body->range(),
           "the function gives " + describe(val) + ", and a tuple of " + Twine(types.size()) + " values is needed");
    isGood = false;
  }
  for (size_t position = 0; isGood && position != types.size(); ++position) {
    Val element = requireValue(isTuple ? (*val.elements)[position] : val, lambda.body->range());
    Value value = coerce(element, types[position], {}, lambda.body->range(),
                         "the result of this function, which combines elements", SourceRange());
    isGood = static_cast<bool>(value);
    results.push_back(value);
  }
  level = outer;
  if (!isGood)
    results.assign(lhs.begin(), lhs.end());
  return isGood;
}

/// The function among the positional arguments, checked; null after an error.
static const LambdaExpr *lambdaArgument(const CallArgs &args,
                                        llvm::function_ref<void(SourceRange, const Twine &)> report) {
  const CallArg &arg = args.positional[1];
  const auto *lambda = dyn_cast<LambdaExpr>(arg.expr);
  if (!lambda)
    report(arg.range(), "the function that combines is written as '(a, b) => ...'");
  else if (lambda->params.size() != 2)
    report(lambda->range(),
           "the function that combines takes 2 values, this one takes " + Twine(lambda->params.size()));
  else
    return lambda;
  return nullptr;
}

Val Elaborator::emitCustomReduce(const Builtin &, const CallArgs &args) {
  SourceRange where = args.range();
  Vals tiles;
  Dims dims;
  bool isTuple;
  const LambdaExpr *lambda = lambdaArgument(args, [&](SourceRange range, const Twine &text) { report(range, text); });
  if (!lambda || !tupleOfTiles(args.positional[0], tiles, isTuple, dims))
    return Val::poison();
  std::optional<SmallVector<int64_t>> axes = axesOption(args, dims.size());
  std::optional<bool> keep = boolOption(args.option("keep"), false);
  const CallArg *initOption = args.option("init");
  if (!axes || !keep)
    return Val::poison();
  if (!initOption)
    return error(where, "'reduce' needs 'init=', the value that changes nothing when it is combined");
  Vals inits;
  if (isTuple && initOption->val.isTuple())
    inits.append(initOption->val.elements->begin(), initOption->val.elements->end());
  else
    inits.push_back(initOption->val);
  if (inits.size() != tiles.size())
    return initOption->val.isPoison()
               ? Val::poison()
               : error(initOption->range(),
                       "there are " + Twine(inits.size()) + " values in 'init' for " + Twine(tiles.size()) + " tiles");
  SmallVector<Value> init, values;
  SmallVector<ElementType> types;
  Location place = loc(where);
  for (auto [val, tile] : llvm::zip(inits, tiles)) {
    // Inside a tuple a literal has its own type already; it is one that fits, or it is an error.
    Val initial = requireValue(val, initOption->range());
    if (initial.isConstant() && isTuple && !initial.isUntyped && initial.type == defaultType(*initial.constant))
      initial = Val::ofUntyped(*initial.constant);
    Value value = coerce(initial, tile.type, {}, initOption->range(), "the 'init' of this tile", SourceRange());
    if (!value)
      return Val::poison();
    init.push_back(value);
    values.push_back(tile.ssa);
    types.push_back(tile.type);
  }
  bool isGood = true;
  SmallVector<Value> results =
      reduceOp(values, dims, *axes, init, /*commutative=*/false, place, [&](Location, ValueRange lhs, ValueRange rhs) {
        SmallVector<Value> combined;
        isGood = combineWith(*lambda, isTuple, types, lhs, rhs, combined);
        return combined;
      });
  if (!isGood)
    return Val::poison();
  std::vector<Val> vals;
  for (auto [result, type] : llvm::zip(results, types))
    vals.push_back(reduced(result, type, false, dims, *axes, *keep, where));
  return isTuple ? Val::ofTuple(std::move(vals)) : vals.front();
}

Val Elaborator::emitCustomScan(const Builtin &, const CallArgs &args) {
  Vals tiles;
  Dims dims;
  bool isTuple;
  const LambdaExpr *lambda = lambdaArgument(args, [&](SourceRange range, const Twine &text) { report(range, text); });
  if (!lambda || !tupleOfTiles(args.positional[0], tiles, isTuple, dims))
    return Val::poison();
  std::optional<unsigned> axis = axisOption(args, tiles[0], dims.size() == 1 ? std::optional(0u) : std::nullopt);
  if (!axis)
    return Val::poison();
  SmallVector<Value> values = llvm::map_to_vector(tiles, [](const Val &tile) { return tile.ssa; });
  SmallVector<ElementType> types = llvm::map_to_vector(tiles, [](const Val &tile) { return tile.type; });
  bool isGood = true;
  SmallVector<Value> results =
      scanOp(values, dims, *axis, loc(args.range()), [&](Location, ValueRange lhs, ValueRange rhs) {
        SmallVector<Value> combined;
        isGood = combineWith(*lambda, isTuple, types, lhs, rhs, combined);
        return combined;
      });
  if (!isGood)
    return Val::poison();
  std::vector<Val> vals;
  for (auto [result, type] : llvm::zip(results, types))
    vals.push_back(Val::ofRuntime(type, result, dims));
  return isTuple ? Val::ofTuple(std::move(vals)) : vals.front();
}

//===----------------------------------------------------------------------===//
// sort and topk
//===----------------------------------------------------------------------===//

Val Elaborator::emitSort(const Builtin &builtin, const CallArgs &args) {
  SourceRange where = args.range();
  Val tile = bound(reducedTile(builtin, args), where);
  if (tile.isPoison())
    return tile;
  std::optional<unsigned> axis = axisOption(args, tile, tile.dims.size() - 1);
  if (!axis)
    return Val::poison();
  Location place = loc(where);
  ElementType type = tile.type == ElementType::Bool ? ElementType::U8 : tile.type;
  Value value = castValue(valueOf(tile, place), tile.type, type, place);
  auto sort = tile::SortOp::create(builder, place, value.getType(), tileType(tile.dims, builder.getI32Type()), value,
                                   *axis, rangeOf(tile.dims[*axis]), isUnsigned(type));
  Value sorted = castValue(sort.getSorted(), type, tile.type, place);
  return Val::ofTuple(
      {Val::ofRuntime(tile.type, sorted, tile.dims), Val::ofRuntime(ElementType::I32, sort.getIndices(), tile.dims)});
}

Val Elaborator::emitTopK(const Builtin &builtin, const CallArgs &args) {
  SourceRange where = args.range();
  Val tile = bound(reducedTile(builtin, args), where);
  if (tile.isPoison())
    return tile;
  const CallArg &count = args.positional[1];
  if (count.val.isPoison())
    return count.val;
  std::optional<unsigned> axis = axisOption(args, tile, tile.dims.size() - 1);
  Dims kept;
  if (!axis || !addDim(count.val, count.range(), kept))
    return Val::poison();
  if (kept.size() != 1 || !kept[0].isNumber)
    return error(count.range(), "the number of elements that 'topk' gives must be known at compile time");
  const Dim &from = tile.dims[*axis];
  if (from.isNumber && !ShapedType::isDynamic(from.size) && !ShapedType::isDynamic(kept[0].size) &&
      kept[0].size > from.size)
    return error(count.range(),
                 "'topk' cannot give " + Twine(kept[0].size) + " elements of a dim of " + Twine(from.size));
  Location place = loc(where);
  Dims dims = tile.dims;
  Value over = rangeOf(dims[*axis]);
  dims[*axis] = kept[0];
  ElementType type = tile.type == ElementType::Bool ? ElementType::U8 : tile.type;
  Value value = castValue(valueOf(tile, place), tile.type, type, place);
  auto topk = tile::TopKOp::create(builder, place, tileType(dims, irTypeOf(type)), tileType(dims, builder.getI32Type()),
                                   value, *axis, over, rangeOf(dims[*axis]), isUnsigned(type));
  Value largest = castValue(topk.getLargest(), type, tile.type, place);
  return Val::ofTuple(
      {Val::ofRuntime(tile.type, largest, dims), Val::ofRuntime(ElementType::I32, topk.getIndices(), dims)});
}
