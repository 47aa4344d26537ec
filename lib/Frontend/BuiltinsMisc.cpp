//===- BuiltinsMisc.cpp - products, arrays, random numbers, output ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// dot and dot_scaled, rand and bitcast, tile and array, print and assert.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;
using llvm::dyn_cast;

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

Val Elaborator::emitDot(const Builtin &, const CallArgs &args) {
  SourceRange lhs = args.positional[0].range(), rhs = args.positional[1].range();
  Val lhsVal = requireValue(args.positional[0].val, lhs), rhsVal = requireValue(args.positional[1].val, rhs);
  auto precision = tile::DotPrecision::ieee;
  if (const CallArg *option = args.option("precision")) {
    StringRef word = wordOption(*option, {"ieee", "tf32", "tf32x3"});
    if (word.empty())
      return Val::poison();
    precision = *tile::symbolizeDotPrecision(word);
  }
  const CallArg *accArg = args.positional.size() == 3 ? &args.positional[2] : args.option("acc");
  Val acc;
  if (accArg) {
    acc = requireValue(accArg->val, accArg->range());
    if (acc.isPoison())
      return acc;
  }
  if (lhsVal.isPoison() || rhsVal.isPoison())
    return Val::poison();
  return matMul(lhsVal, rhsVal, accArg ? &acc : nullptr, accArg ? accArg->range() : SourceRange(), precision,
                args.call->callee->range(), lhs, rhs);
}

Val Elaborator::emitDotScaled(const Builtin &, const CallArgs &args) {
  Vals vals;
  for (size_t position = 0; position != 4; ++position) {
    const CallArg &arg = args.positional[position];
    Val val = bound(requireValue(arg.val, arg.range()), arg.range());
    if (val.isPoison())
      return val;
    if (val.dims.size() < 2)
      return error(arg.range(), "'dot_scaled' takes tiles of at least two dims, and this is " + describe(val));
    vals.push_back(val);
  }
  SourceRange where = args.range();
  const Val &lhs = vals[0], &lhsScale = vals[1], &rhs = vals[2], &rhsScale = vals[3];
  if (lhs.type != rhs.type || !isNarrowFloat(lhs.type))
    return error(where,
                 "'dot_scaled' multiplies tiles of one type out of f16, bf16, f8e4m3 and f8e5m2, and these are '" +
                     spelling(lhs.type) + "' and '" + spelling(rhs.type) + "'");
  for (size_t position : {1, 3})
    if (vals[position].type != ElementType::U8)
      return error(args.positional[position].range(),
                   "a scale is an exponent stored as 'u8', and this is '" + spelling(vals[position].type) + "'");
  size_t rank = lhs.dims.size();
  bool sameRank = llvm::all_of(vals, [&](const Val &val) { return val.dims.size() == rank; });
  if (!sameRank || !lhs.dims[rank - 1].isSame(rhs.dims[rank - 2]))
    return error(where, "'dot_scaled' sums over the last dim of " + describe(lhs) + " and the last but one of " +
                            describe(rhs) + ", and these do not meet");
  std::optional<int64_t> contraction = knownSize(lhs.dims[rank - 1], where, "'dot_scaled'");
  if (!contraction)
    return Val::poison();
  if (*contraction % 32 != 0)
    return error(where, "'dot_scaled' has one scale per 32 elements, and the contraction has " + Twine(*contraction));
  auto matches = [&](const Val &scale, const Val &operand, size_t axis) {
    for (size_t d = 0; d != rank; ++d)
      if (d == axis ? (!scale.dims[d].isNumber || scale.dims[d].size != *contraction / 32)
                    : !scale.dims[d].isSame(operand.dims[d]))
        return false;
    return true;
  };
  if (!matches(lhsScale, lhs, rank - 1) || !matches(rhsScale, rhs, rank - 2))
    return error(where, "the scales need the dims of their operands, with " + Twine(*contraction / 32) +
                            " in the place of the contraction");
  Dims dims(lhs.dims.begin(), lhs.dims.end());
  dims[rank - 1] = rhs.dims[rank - 1];
  for (size_t d = 0; d + 2 < rank; ++d)
    if (!lhs.dims[d].isSame(rhs.dims[d]))
      return error(where, "the batch dims of 'dot_scaled' do not meet: " + describe(lhs) + " and " + describe(rhs));
  Location place = loc(where);
  const CallArg *accArg = args.positional.size() == 5 ? &args.positional[4] : args.option("acc");
  Value acc;
  if (accArg) {
    Val val = bound(requireValue(accArg->val, accArg->range()), accArg->range());
    acc = coerce(val, ElementType::F32, dims, accArg->range(), "the 'acc' of this product", SourceRange());
    if (!acc)
      return Val::poison();
  } else {
    acc = broadcastValue(constantOf(convert(Constant::ofInt(0), ElementType::I32, ElementType::F32), ElementType::F32),
                         {}, dims, place);
  }
  Value value = tile::DotScaledOp::create(builder, place, acc.getType(), lhs.ssa, lhsScale.ssa, rhs.ssa, rhsScale.ssa,
                                          acc, rangeOf(lhs.dims[rank - 1]));
  return Val::ofRuntime(ElementType::F32, value, dims);
}

//===----------------------------------------------------------------------===//
// rand and bitcast
//===----------------------------------------------------------------------===//

Val Elaborator::emitRand(const Builtin &, const CallArgs &args) {
  const CallArg &seedArg = args.positional[0], &counterArg = args.positional[1];
  Val seed = settleType(requireValue(seedArg.val, seedArg.range()), seedArg.range());
  Val counter = settleType(requireValue(counterArg.val, counterArg.range()), counterArg.range());
  if (seed.isPoison() || counter.isPoison())
    return Val::poison();
  if (!seed.isScalar() || !isInteger(seed.type))
    return error(seedArg.range(), "the seed of 'rand' is a scalar integer, and this is " + describe(seed));
  if (!isInteger(counter.type))
    return error(counterArg.range(), "the counter of 'rand' is made of integers, and this is " + describe(counter));
  Location place = loc(args.range());
  Value seedValue = castValue(valueOf(seed, place), seed.type, ElementType::I64, place);
  Value value = tile::RandOp::create(builder, place, tileType(counter.dims, builder.getF32Type()), seedValue,
                                     valueOf(counter, place), isUnsigned(counter.type));
  return Val::ofRuntime(ElementType::F32, value, counter.dims);
}

Val Elaborator::emitBitcast(const Builtin &, const CallArgs &args) {
  SourceRange range = args.positional[0].range();
  Val val = bound(requireValue(args.positional[0].val, range), range);
  const CallArg &typeArg = args.positional[1];
  if (val.isPoison() || typeArg.val.isPoison())
    return Val::poison();
  if (typeArg.val.kind != Val::Kind::Type)
    return error(typeArg.range(), "'bitcast' takes an element type, and this is " + describe(typeArg.val));
  ElementType type = typeArg.val.type;
  if (val.type == ElementType::Bool || type == ElementType::Bool)
    return error(args.range(), "'bitcast' does not work on 'bool'; use 'as'");
  if (bitWidth(val.type) != bitWidth(type))
    return error(args.range(), "'bitcast' needs types of equal width, and '" + spelling(val.type) + "' has " +
                                   Twine(bitWidth(val.type)) + " bits, '" + spelling(type) + "' " +
                                   Twine(bitWidth(type)));
  Location place = loc(args.range());
  Value value = valueOf(val, place);
  Type target = tileType(val.dims, irTypeOf(type));
  if (value.getType() != target)
    value = arith::BitcastOp::create(builder, place, target, value);
  return Val::ofRuntime(type, value, val.dims);
}

//===----------------------------------------------------------------------===//
// tile and array
//===----------------------------------------------------------------------===//

Val Elaborator::emitTile(const Builtin &, const CallArgs &args) {
  const auto *range = dyn_cast<RangeExpr>(args.positional[0].expr);
  if (!range) {
    report(args.positional[0].range(), "'tile' takes a range, as in 'tile(lo..hi, size=64)'");
    return Val::poison();
  }
  if (level != Level::Grid)
    return error(args.range(), "a tile index is made inside a grid");
  const CallArg *sizeOption = args.option("size");
  if (!sizeOption) {
    report(args.range(), "'tile' needs the size of the tile").note("it is called as 'tile(lo..hi, size=64)'");
    return Val::poison();
  }
  Name name{bindingName.empty() ? StringRef("tile") : bindingName, args.range()};
  Value lower, upper;
  int64_t size;
  if (!tileBounds(range, lower, upper))
    return Val::poison();
  Value sizeValue = tileSize(sizeOption->expr, name, "loop#" + std::to_string(numLoops), size);
  if (!sizeValue)
    return Val::poison();
  Value value = tile::RangeOp::create(builder, loc(args.range()), tile::RangeType::get(context, size), lower, upper,
                                      sizeValue, builder.getStringAttr(name.text));
  return Val::ofTileIndex(addTileIndex(name.text, value, lower, upper, sizeValue, /*exact=*/false));
}

Val Elaborator::emitArray(const Builtin &, const CallArgs &args) {
  if (level != Level::Kernel)
    return error(args.range(), "an array is made at the top of a kernel, outside of grids");
  const CallArg &typeArg = args.positional[0];
  if (typeArg.val.kind != Val::Kind::Type) {
    if (!typeArg.val.isPoison())
      report(typeArg.range(), "'array' takes the element type first, and this is " + describe(typeArg.val));
    return Val::poison();
  }
  Array array;
  array.name = bindingName.empty() ? "array" : bindingName.str();
  array.kind = Array::Kind::Temporary;
  array.type = typeArg.val.type;
  array.declared = args.range();
  SmallVector<int64_t> shape;
  SmallVector<Value> extents;
  for (const CallArg &arg : ArrayRef<CallArg>(args.positional).drop_front()) {
    Val val = settleType(requireValue(arg.val, arg.range()), arg.range());
    if (val.isPoison())
      return val;
    if (!val.isScalar() || !isInteger(val.type))
      return error(arg.range(), "a dim of an array is a scalar integer, and this is " + describe(val));
    Extent &extent = array.extents.emplace_back();
    extent.text = compilation.sources.text(arg.range()).str();
    if (std::optional<int64_t> number = val.asInt64()) {
      if (*number < 0 || *number > std::numeric_limits<int32_t>::max())
        return error(arg.range(), "a dim cannot be " + Twine(*number));
      extent.expr = getAffineConstantExpr(*number, context);
      shape.push_back(*number);
      continue;
    }
    if (val.dimExpr)
      extent.expr = val.dimExpr;
    else
      extent.value = indexOf(val, loc(arg.range()));
    shape.push_back(ShapedType::kDynamic);
    extents.push_back(extentValue(extent));
  }
  auto type = MemRefType::get(shape, storageType(context, array.type));
  array.memref = tile::ArrayOp::create(builder, loc(args.range()), type, extents, builder.getStringAttr(array.name));
  array.tokenSlot = tokens.size();
  tokens.emplace_back();
  arrays.push_back(std::move(array));
  return Val::ofArray(&arrays.back());
}

//===----------------------------------------------------------------------===//
// print and assert
//===----------------------------------------------------------------------===//

Val Elaborator::emitPrint(const Builtin &, const CallArgs &args) {
  const auto *format = dyn_cast<StringExpr>(args.positional[0].expr);
  if (!format)
    return error(args.positional[0].range(), "'print' takes a text first, as in 'print(\"x {}\", x)'");
  if (level == Level::Combine)
    return error(args.range(), "a combining function cannot print");
  size_t holes = format->value.count("{}");
  if (holes != args.positional.size() - 1)
    return error(format->range(), "the text has " + Twine(holes) + " '{}' for " + Twine(args.positional.size() - 1) +
                                      (args.positional.size() == 2 ? " value" : " values"));
  SmallVector<Value> values, over;
  SmallVector<mlir::Attribute> types;
  Location place = loc(args.range());
  for (const CallArg &arg : ArrayRef<CallArg>(args.positional).drop_front()) {
    Val val = bound(requireValue(arg.val, arg.range()), arg.range());
    if (val.isPoison())
      return val;
    values.push_back(valueOf(val, place));
    llvm::append_range(over, rangesOf(val.dims));
    types.push_back(builder.getStringAttr(spelling(val.type)));
  }
  tile::PrintOp::create(builder, place, builder.getStringAttr(format->value), values, over,
                        builder.getArrayAttr(types));
  return Val::ofVoid();
}

Val Elaborator::emitAssert(const Builtin &, const CallArgs &args) {
  const CallArg &conditionArg = args.positional[0];
  const auto *text = dyn_cast<StringExpr>(args.positional[1].expr);
  Val condition = requireValue(conditionArg.val, conditionArg.range());
  if (condition.isPoison())
    return condition;
  if (!text)
    return error(args.positional[1].range(), "'assert' takes a text as its second argument");
  if (condition.type != ElementType::Bool)
    return error(conditionArg.range(), "'assert' takes a bool or a tile of bools, and this is " + describe(condition));
  if (level == Level::Combine)
    return error(args.range(), "a combining function cannot assert");
  Location place = loc(args.range());
  tile::AssertOp::create(builder, place, valueOf(condition, place), builder.getStringAttr(text->value),
                         rangesOf(condition.dims));
  return Val::ofVoid();
}
