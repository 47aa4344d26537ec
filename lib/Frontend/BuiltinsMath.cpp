//===- BuiltinsMath.cpp - elementwise builtins ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions that work element by element: those of `math`, and those that are a few operations long.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;
using ast::BinaryOp;

namespace {
/// Emits one unary function on a float value.
struct FloatFunction {
  StringRef name;
  Value (*emit)(OpBuilder &, Location, Value);
};
} // namespace

template <typename OpTy> static Value emitOp(OpBuilder &builder, Location where, Value value) {
  return OpTy::create(builder, where, value);
}

static const FloatFunction floatFunctions[] = {
    {"abs", emitOp<math::AbsFOp>},    {"ceil", emitOp<math::CeilOp>},       {"cos", emitOp<math::CosOp>},
    {"erf", emitOp<math::ErfOp>},     {"exp", emitOp<math::ExpOp>},         {"exp2", emitOp<math::Exp2Op>},
    {"expm1", emitOp<math::ExpM1Op>}, {"floor", emitOp<math::FloorOp>},     {"isinf", emitOp<math::IsInfOp>},
    {"isnan", emitOp<math::IsNaNOp>}, {"log", emitOp<math::LogOp>},         {"log1p", emitOp<math::Log1pOp>},
    {"log2", emitOp<math::Log2Op>},   {"round", emitOp<math::RoundEvenOp>}, {"rsqrt", emitOp<math::RsqrtOp>},
    {"sin", emitOp<math::SinOp>},     {"sqrt", emitOp<math::SqrtOp>},       {"tan", emitOp<math::TanOp>},
    {"tanh", emitOp<math::TanhOp>},   {"trunc", emitOp<math::TruncOp>},
};

/// The functions that are a few operations long, on floats. `constant` gives a number in the value's dims.
static Value emitComposite(OpBuilder &builder, StringRef name, Location where, Value x,
                           llvm::function_ref<Value(double)> constant) {
  if (name == "relu")
    return arith::MaximumFOp::create(builder, where, x, constant(0.0));
  if (name == "gelu") {
    // The erf form, x/2 * (1 + erf(x / sqrt 2)), where the sum does not cancel: x/2 * erfc(-x / sqrt 2).
    Value scaled = arith::MulFOp::create(builder, where, x, constant(-0.70710678118654752440));
    Value half = arith::MulFOp::create(builder, where, x, constant(0.5));
    return arith::MulFOp::create(builder, where, half, math::ErfcOp::create(builder, where, scaled));
  }
  if (name == "sign") {
    Value zero = constant(0.0);
    Value isPositive = arith::CmpFOp::create(builder, where, arith::CmpFPredicate::OGT, x, zero);
    Value isNegative = arith::CmpFOp::create(builder, where, arith::CmpFPredicate::OLT, x, zero);
    Value isZero = arith::CmpFOp::create(builder, where, arith::CmpFPredicate::OEQ, x, zero);
    // What is left is NaN.
    Value rest = arith::SelectOp::create(builder, where, isZero, zero, x);
    rest = arith::SelectOp::create(builder, where, isNegative, constant(-1.0), rest);
    return arith::SelectOp::create(builder, where, isPositive, constant(1.0), rest);
  }
  // sigmoid and silu: 1 or x over 1 + exp(-x). Of negative numbers the fraction is expanded by exp(x), which vanishes
  // where exp(-x) would overflow.
  Value power = math::ExpOp::create(builder, where,
                                    arith::NegFOp::create(builder, where, math::AbsFOp::create(builder, where, x)));
  Value one = constant(1.0);
  Value isNegative = arith::CmpFOp::create(builder, where, arith::CmpFPredicate::OLT, x, constant(0.0));
  Value numerator = arith::SelectOp::create(builder, where, isNegative, power, one);
  if (name == "silu")
    numerator = arith::MulFOp::create(builder, where, x, numerator);
  return arith::DivFOp::create(builder, where, numerator, arith::AddFOp::create(builder, where, power, one));
}

/// Functions that integers have, too; null for the others.
static Value emitOnIntegers(OpBuilder &builder, StringRef name, ElementType type, Location where, Value x,
                            llvm::function_ref<Value(int64_t)> constant) {
  bool isU = isUnsigned(type);
  if (name == "abs")
    return isU ? x : Value(math::AbsIOp::create(builder, where, x));
  if (name == "relu")
    return isU ? x : Value(arith::MaxSIOp::create(builder, where, x, constant(0)));
  if (name == "ceil" || name == "floor" || name == "round" || name == "trunc")
    return x;
  if (name == "sign") {
    Value limited = isU ? Value(arith::MinUIOp::create(builder, where, x, constant(1)))
                        : Value(arith::MinSIOp::create(builder, where, x, constant(1)));
    return isU ? limited : Value(arith::MaxSIOp::create(builder, where, limited, constant(-1)));
  }
  return {};
}

Val Elaborator::emitUnaryMath(const Builtin &builtin, const CallArgs &args) {
  StringRef name = builtin.name;
  SourceRange range = args.positional[0].range(), where = args.range();
  Val operand = settleType(requireValue(args.positional[0].val, range), range);
  if (operand.isPoison())
    return operand;
  ElementType type = operand.type;
  std::string what = "'" + name.str() + "'";
  if (name == "abs" && operand.isConstant() && !operand.constant->isBool()) {
    FoldFailure failure;
    Constant zero =
        operand.constant->isInt() ? Constant::ofInt(0) : convert(Constant::ofInt(0), ElementType::I32, type);
    std::optional<Constant> negative = fold(BinaryOp::Lt, *operand.constant, zero, type, failure);
    return negative && negative->boolean ? unary(ast::UnaryOp::Neg, operand, where, range) : operand;
  }
  if (!isFloat(type)) {
    bool applies = isInteger(type);
    Val result = Val::poison();
    if (applies)
      result = elementwise(operand, range, type, type, what, where, [&](Location place, ArrayRef<Value> values) {
        auto constant = [&](int64_t number) {
          return broadcastValue(intConstant(number, irTypeOf(type)), {}, operand.dims, place);
        };
        Value value = emitOnIntegers(builder, name, type, place, values[0], constant);
        applies = static_cast<bool>(value);
        return applies ? value : values[0];
      });
    if (applies)
      return result;
    report(range, what + " works on floats, and this is '" + spelling(type) + "'")
        .note("convert it, as in '" + name + "(x as f32)'");
    return Val::poison();
  }
  bool isQuestion = name == "isnan" || name == "isinf";
  return elementwise(operand, range, type, isQuestion ? ElementType::Bool : type, what, where,
                     [&](Location place, ArrayRef<Value> values) {
                       for (const FloatFunction &function : floatFunctions)
                         if (function.name == name)
                           return function.emit(builder, place, values[0]);
                       auto constant = [&](double number) {
                         ElementType compute = computeType(type);
                         Constant value = convert(Constant::ofFloat(llvm::APFloat(number)), ElementType::F64, compute);
                         return broadcastValue(constantOf(value, compute), {}, operand.dims, place);
                       };
                       return emitComposite(builder, name, place, values[0], constant);
                     });
}

Val Elaborator::emitBinaryMath(const Builtin &, const CallArgs &args) {
  SourceRange lhs = args.positional[0].range(), rhs = args.positional[1].range();
  return binary(BinaryOp::Pow, requireValue(args.positional[0].val, lhs), requireValue(args.positional[1].val, rhs),
                args.range(), lhs, rhs);
}

Val Elaborator::minMax(bool isMax, Val lhs, Val rhs, SourceRange where, SourceRange lhsRange, SourceRange rhsRange) {
  Val operands[] = {std::move(lhs), std::move(rhs)};
  SourceRange ranges[] = {lhsRange, rhsRange};
  StringRef what = isMax ? "'max'" : "'min'";
  bool untyped = operands[0].isUntyped && operands[1].isUntyped;
  if (untyped && operands[0].constant->isInt() && operands[1].constant->isInt()) {
    FoldFailure failure;
    std::optional<Constant> less =
        fold(BinaryOp::Lt, *operands[0].constant, *operands[1].constant, std::nullopt, failure);
    return operands[less->boolean == isMax ? 1 : 0];
  }
  std::optional<ElementType> type = unify(operands, ranges, what, where);
  if (!type)
    return Val::poison();
  if (operands[0].isConstant() && operands[1].isConstant() && isInteger(*type) &&
      operands[0].type == operands[1].type) {
    FoldFailure failure;
    std::optional<Constant> less = fold(BinaryOp::Lt, *operands[0].constant, *operands[1].constant, *type, failure);
    return operands[less->boolean == isMax ? 1 : 0];
  }
  return elementwise(operands, ranges, *type, *type, what, where, [&](Location place, ArrayRef<Value> values) {
    return emitMinMax(isMax, *type, place, values[0], values[1]);
  });
}

Val Elaborator::emitMinMax(const Builtin &builtin, const CallArgs &args) {
  if (args.positional.size() == 1)
    return emitReduction(builtin, args);
  for (const CallArg &option : args.named)
    return error(option.range(),
                 "'" + builtin.name + "' of two values works element by element and takes no '" + option.name + "'");
  SourceRange lhs = args.positional[0].range(), rhs = args.positional[1].range();
  return minMax(builtin.name == "max", requireValue(args.positional[0].val, lhs),
                requireValue(args.positional[1].val, rhs), args.range(), lhs, rhs);
}

Val Elaborator::emitClamp(const Builtin &, const CallArgs &args) {
  SourceRange x = args.positional[0].range(), lo = args.positional[1].range(), hi = args.positional[2].range();
  Val limited = minMax(true, requireValue(args.positional[0].val, x), requireValue(args.positional[1].val, lo),
                       args.range(), x, lo);
  return minMax(false, limited, requireValue(args.positional[2].val, hi), args.range(), x, hi);
}

Val Elaborator::emitWhere(const Builtin &, const CallArgs &args) {
  Vals vals;
  SmallVector<SourceRange> ranges;
  for (const CallArg &arg : args.positional) {
    ranges.push_back(arg.range());
    vals.push_back(requireValue(arg.val, arg.range()));
  }
  SourceRange where = args.range();
  if (llvm::any_of(vals, [](const Val &val) { return val.isPoison(); }))
    return Val::poison();
  if (vals[0].type != ElementType::Bool)
    return error(ranges[0], "'where' chooses by bools, and this is " + describe(vals[0]));
  std::optional<ElementType> type =
      unify(MutableArrayRef<Val>(vals).drop_front(), ArrayRef<SourceRange>(ranges).drop_front(), "'where'", where);
  std::optional<Dims> dims = type ? meet(vals, ranges, "'where'", where) : std::nullopt;
  if (!dims)
    return Val::poison();
  // A choice rounds nothing: narrow floats go up only if one of them is carried already.
  bool isWide = isNarrowFloat(*type) && (vals[1].isWide || vals[2].isWide);
  Location place = loc(where);
  auto operand = [&](const Val &val) {
    Value value = isWide             ? computeValue(val, *type, place)
                  : val.isConstant() ? constantOf(convert(*val.constant, val.type, *type), *type)
                                     : castValue(valueOf(val, place), val.type, *type, place);
    return broadcastValue(value, val.dims, *dims, place);
  };
  Value condition = broadcastValue(valueOf(vals[0], place), vals[0].dims, *dims, place);
  Value lhs = operand(vals[1]), rhs = operand(vals[2]);
  return Val::ofRuntime(*type, arith::SelectOp::create(builder, place, condition, lhs, rhs), *dims, isWide);
}

Val Elaborator::narrowFma(ArrayRef<Val> operands, ArrayRef<SourceRange> ranges, ElementType type, SourceRange where) {
  std::optional<Dims> dims = meet(operands, ranges, "'fma'", where);
  if (!dims)
    return Val::poison();
  // f32 would round what is rounded again to the type. Of f8, f64 holds every product and sum exactly.
  ElementType compute = bitWidth(type) == 8 ? ElementType::F64 : type;
  Location place = loc(where);
  SmallVector<Value> values;
  for (const Val &operand : operands) {
    Value value = operand.isConstant() ? constantOf(convert(*operand.constant, operand.type, type), type)
                                       : castValue(valueOf(operand, place), operand.type, type, place);
    values.push_back(broadcastValue(castValue(value, type, compute, place), operand.dims, *dims, place));
  }
  Value value = math::FmaOp::create(builder, place, values[0], values[1], values[2]);
  return Val::ofRuntime(type, castValue(value, compute, type, place), *dims);
}

Val Elaborator::emitFma(const Builtin &, const CallArgs &args) {
  Vals vals;
  SmallVector<SourceRange> ranges;
  for (const CallArg &arg : args.positional) {
    ranges.push_back(arg.range());
    vals.push_back(requireValue(arg.val, arg.range()));
  }
  std::optional<ElementType> type = unify(vals, ranges, "'fma'", args.range());
  if (!type)
    return Val::poison();
  if (!isFloat(*type))
    return error(args.range(), "'fma' works on floats, and these are '" + spelling(*type) + "'");
  if (isNarrowFloat(*type) && !compilation.options.excessPrecision)
    return narrowFma(vals, ranges, *type, args.range());
  return elementwise(vals, ranges, *type, *type, "'fma'", args.range(), [&](Location place, ArrayRef<Value> values) {
    return math::FmaOp::create(builder, place, values[0], values[1], values[2]);
  });
}
