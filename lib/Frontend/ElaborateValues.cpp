//===- ElaborateValues.cpp - values of the language as values of the IR ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants, dims and ranges at the top of the kernel, and the conversions between what a value is called and how the
// IR holds it: literals without a type, narrow floats carried in f32, dims that are an index.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;

Location Elaborator::loc(SourceRange range) {
  if (!range.isValid())
    return UnknownLoc::get(context);
  LineColumn place = compilation.sources.lineColumn(range.start());
  return FileLineColLoc::get(context, compilation.sources.name(range.file), place.line, place.column);
}

Type Elaborator::tileType(const Dims &dims, Type element) {
  if (dims.empty())
    return element;
  SmallVector<int64_t> shape;
  for (const Dim &dim : dims)
    shape.push_back(dim.size);
  return RankedTensorType::get(shape, element);
}

//===----------------------------------------------------------------------===//
// The prologue: constants, dims, ranges
//===----------------------------------------------------------------------===//

Value Elaborator::indexConstant(int64_t value) {
  if (Value known = indexConstants.lookup(value))
    return known;
  return indexConstants[value] = createInPrologue<arith::ConstantIndexOp>(value);
}

Value Elaborator::constantOf(TypedAttr attr) {
  if (Value known = constants.lookup(attr))
    return known;
  return constants[attr] = createInPrologue<arith::ConstantOp>(attr);
}

Value Elaborator::intConstant(int64_t value, Type type) {
  // The value is cut to the type's bits.
  auto integer = cast<IntegerType>(type);
  return constantOf(IntegerAttr::get(type, llvm::APInt(64, value, /*isSigned=*/true).sextOrTrunc(integer.getWidth())));
}

Value Elaborator::constantOf(const Constant &value, ElementType type) {
  Type ir = irTypeOf(type);
  if (value.isFloat()) {
    llvm::APFloat number = value.number;
    bool losesInfo;
    number.convert(cast<FloatType>(ir).getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    return constantOf(FloatAttr::get(ir, number));
  }
  if (value.isBool())
    return constantOf(builder.getBoolAttr(value.boolean));
  return constantOf(IntegerAttr::get(ir, value.integer.trunc(cast<IntegerType>(ir).getWidth())));
}

Value Elaborator::dimValue(AffineExpr expr) {
  if (auto number = dyn_cast<AffineConstantExpr>(expr))
    return indexConstant(number.getValue());
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbolValue(symbol.getPosition());
  if (Value known = dimValues.lookup(expr))
    return known;
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Value lhs = dimValue(binary.getLHS()), rhs = dimValue(binary.getRHS()), value;
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    value = createInPrologue<arith::AddIOp>(lhs, rhs);
    break;
  case AffineExprKind::Mul:
    value = createInPrologue<arith::MulIOp>(lhs, rhs);
    break;
  case AffineExprKind::FloorDiv:
    value = createInPrologue<arith::FloorDivSIOp>(lhs, rhs);
    break;
  case AffineExprKind::CeilDiv:
    value = createInPrologue<arith::CeilDivSIOp>(lhs, rhs);
    break;
  default: {
    Value quotient = createInPrologue<arith::FloorDivSIOp>(lhs, rhs);
    value = createInPrologue<arith::SubIOp>(lhs, createInPrologue<arith::MulIOp>(quotient, rhs).getResult());
    break;
  }
  }
  return dimValues[expr] = value;
}

Value Elaborator::extentValue(const Extent &extent) { return extent.expr ? dimValue(extent.expr) : extent.value; }

Value Elaborator::numberRange(int64_t size) {
  if (Value known = numberRanges.lookup(size))
    return known;
  Value zero = indexConstant(0), end = indexConstant(size);
  return numberRanges[size] =
             createInPrologue<tile::RangeOp>(tile::RangeType::get(context, size), zero, end, end, StringAttr());
}

Value Elaborator::configRange(Value size) {
  if (Value known = configRanges.lookup(size))
    return known;
  OpBuilder::InsertionGuard guard(builder);
  Value zero = indexConstant(0);
  builder.setInsertionPointAfterValue(size);
  return configRanges[size] =
             tile::RangeOp::create(builder, size.getLoc(), tile::RangeType::get(context, ShapedType::kDynamic), zero,
                                   size, size, StringAttr());
}

Dim Elaborator::numberDim(int64_t size) {
  return {size == 1 ? Value() : numberRange(size), size, true, std::to_string(size)};
}

Dim Elaborator::wholeDim(const Extent &extent) {
  if (extent.expr) {
    if (auto number = dyn_cast<AffineConstantExpr>(extent.expr))
      return numberDim(number.getValue());
    Value &range = wholeRanges[extent.expr];
    if (!range) {
      Value zero = indexConstant(0), end = dimValue(extent.expr);
      range = createInPrologue<tile::RangeOp>(tile::RangeType::get(context, ShapedType::kDynamic), zero, end, end,
                                              StringAttr());
    }
    return {range, ShapedType::kDynamic, false, extent.text, extent.expr};
  }
  return {configRange(extent.value), ShapedType::kDynamic, false, extent.text};
}

Value Elaborator::rangeOf(const Dim &dim) { return dim.range ? dim.range : numberRange(dim.size); }

SmallVector<Value> Elaborator::rangesOf(ArrayRef<Dim> dims) {
  return llvm::map_to_vector(dims, [&](const Dim &dim) { return rangeOf(dim); });
}

const TileIndex *Elaborator::addTileIndex(StringRef name, Value range, Value lower, Value upper, Value size,
                                          bool exact) {
  TileIndex &index = tileIndices.emplace_back();
  index.name = name.str();
  index.range = range;
  index.lower = lower;
  index.upper = upper;
  index.size = size;
  int64_t known = cast<tile::RangeType>(range.getType()).getSize();
  if (!exact)
    index.dim = {range, known, false, name.str()};
  else if (ShapedType::isDynamic(known))
    index.dim = {configRange(size), known, true, name.str() + ".size"};
  else
    index.dim = numberDim(known);
  indexOfRange[range] = &index;
  return &index;
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

Value Elaborator::castValue(Value value, ElementType from, ElementType to, Location where) {
  Type element = irTypeOf(to);
  if (getElementTypeOrSelf(value.getType()) == element)
    return value;
  Type type = element;
  if (auto tensor = dyn_cast<RankedTensorType>(value.getType()))
    type = tensor.clone(element);
  return tile::CastOp::create(builder, where, type, value, isUnsigned(from), isUnsigned(to));
}

Val Elaborator::settleType(Val val, SourceRange where) {
  if (!val.isRuntime() || !val.isUntyped)
    return val;
  ElementType type = defaultType(*val.constant);
  std::optional<Constant> fitting = fit(*val.constant, type);
  if (!fitting)
    return error(where, val.constant->text() + " does not fit into '" + spelling(type) +
                            "', the type of a number that stands alone");
  return Val::ofConstant(type, *fitting);
}

Val Elaborator::bound(Val val, SourceRange where) {
  val = settleType(std::move(val), where);
  if (!val.isRuntime() || !val.isWide)
    return val;
  Value rounded = castValue(val.ssa, computeType(val.type), val.type, loc(where));
  return Val::ofRuntime(val.type, rounded, val.dims);
}

Value Elaborator::valueOf(const Val &val, Location where) {
  if (val.isConstant())
    return constantOf(*val.constant, val.type);
  if (val.ssa)
    return val.isWide ? castValue(val.ssa, computeType(val.type), val.type, where) : val.ssa;
  Value index = val.index ? val.index : dimValue(val.dimExpr);
  return arith::IndexCastOp::create(builder, where, builder.getI32Type(), index);
}

Value Elaborator::computeValue(const Val &val, ElementType type, Location where) {
  ElementType target = computeType(type);
  if (val.isConstant())
    return constantOf(convert(convert(*val.constant, val.type, type), type, target), target);
  // A value that is carried is not rounded on the way to where it is carried on.
  if (val.isWide && val.type == type)
    return val.ssa;
  return castValue(valueOf(val, where), val.type, target, where);
}

Value Elaborator::broadcastValue(Value value, ArrayRef<Dim> from, const Dims &to, Location where) {
  if (to.empty())
    return value;
  Type type = tileType(to, getElementTypeOrSelf(value.getType()));
  if (from.empty())
    return tile::FullOp::create(builder, where, type, value, rangesOf(to));
  bool isSame = from.size() == to.size();
  for (size_t d = 0; isSame && d != to.size(); ++d)
    isSame = from[d].isSame(to[d]);
  if (isSame)
    return value;
  return tile::BroadcastOp::create(builder, where, type, value, rangesOf(to));
}

Value Elaborator::indexOf(const Val &val, Location where) {
  if (val.isConstant())
    return indexConstant(val.constant->integer.getSExtValue());
  if (val.dimExpr)
    return dimValue(val.dimExpr);
  if (val.index)
    return val.index;
  if (val.isConfig) {
    // One index for each tunable, so that dims made of it are the same.
    Value &index = configIndices[val.ssa];
    if (!index) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointAfterValue(val.ssa);
      index = arith::IndexCastOp::create(builder, where, builder.getIndexType(), val.ssa);
    }
    return index;
  }
  if (isUnsigned(val.type))
    return arith::IndexCastUIOp::create(builder, where, builder.getIndexType(), valueOf(val, where));
  return arith::IndexCastOp::create(builder, where, builder.getIndexType(), valueOf(val, where));
}

Val Elaborator::convertVal(const Val &val, ElementType type, SourceRange where) {
  if (val.isConstant()) {
    // A literal is exact until it is converted.
    ElementType from = val.isUntyped ? (val.constant->isFloat() ? ElementType::F64 : ElementType::I64) : val.type;
    return Val::ofConstant(type, convert(*val.constant, from, type));
  }
  if (val.type == type)
    return bound(val, where);
  Location place = loc(where);
  return Val::ofRuntime(type, castValue(valueOf(val, place), val.type, type, place), val.dims);
}

Value Elaborator::coerce(const Val &val, ElementType type, const Dims &dims, SourceRange where, const Twine &what,
                         SourceRange declared) {
  if (val.isPoison())
    return {};
  Val converted = val;
  if (val.isUntyped) {
    std::optional<Constant> fitting = fit(*val.constant, type);
    if (!fitting) {
      report(where, val.constant->text() + " does not fit into '" + spelling(type) + "'");
      return {};
    }
    converted = Val::ofConstant(type, *fitting);
  } else if (!widensTo(val.type, type)) {
    tilec::Diagnostic &diagnostic =
        report(where, "'" + spelling(val.type) + "' cannot be " + what + ", which takes '" + spelling(type) +
                          "'; convert it with 'as " + spelling(type) + "'");
    if (declared.isValid())
      diagnostic.note(declared, "declared here");
    return {};
  }
  // Every dim is the target's, or repeated along it.
  std::string mismatch;
  if (converted.dims.size() > dims.size())
    mismatch = "rank " + std::to_string(converted.dims.size()) + " is more than rank " + std::to_string(dims.size());
  for (size_t d = 0; mismatch.empty() && d != converted.dims.size(); ++d) {
    const Dim &from = converted.dims[converted.dims.size() - 1 - d], &to = dims[dims.size() - 1 - d];
    if (!from.isOne() && !from.isSame(to))
      mismatch = "the dims " + quoted(from) + " and " + quoted(to) + " do not meet";
  }
  if (!mismatch.empty()) {
    tilec::Diagnostic &diagnostic = report(
        where, "a tile of dims " + describe(ArrayRef<Dim>(converted.dims)) + " cannot be " + what + ", which takes " +
                   (dims.empty() ? "a scalar" : "dims " + describe(ArrayRef<Dim>(dims))) + ": " + mismatch);
    if (declared.isValid())
      diagnostic.note(declared, "declared here");
    return {};
  }
  Location place = loc(where);
  Value value = valueOf(converted, place);
  value = castValue(value, converted.type, type, place);
  return broadcastValue(value, converted.dims, dims, place);
}
