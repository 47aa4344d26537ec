//===- ElaborateOperators.cpp - what operators do to scalars and tiles -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Types meet, dims meet, and then one op per operator on operands of one type and shape. Narrow floats are computed in
// f32, and carried there to the end of the expression unless every operation has to round.
//
//===----------------------------------------------------------------------===//

#include "Elaborator.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::ast;

//===----------------------------------------------------------------------===//
// Types and dims meet
//===----------------------------------------------------------------------===//

std::optional<ElementType> Elaborator::unify(MutableArrayRef<Val> operands, ArrayRef<SourceRange> ranges,
                                             const Twine &what, SourceRange where) {
  if (llvm::any_of(operands, [](const Val &val) { return !val.isRuntime(); }))
    return std::nullopt;
  std::optional<ElementType> type;
  size_t typedBy = 0;
  for (auto [position, operand] : llvm::enumerate(operands)) {
    if (operand.isUntyped)
      continue;
    if (!type) {
      type = operand.type;
      typedBy = position;
      continue;
    }
    std::optional<ElementType> wider = promote(*type, operand.type);
    if (!wider) {
      report(where, what + " has operands of type '" + spelling(*type) + "' and '" + spelling(operand.type) +
                        "', which do not meet without a conversion")
          .note(ranges[position], "convert one of them, as in '... as " + spelling(*type) + "'");
      return std::nullopt;
    }
    if (*wider != *type)
      typedBy = position;
    type = wider;
  }
  if (!type) {
    // Literals only: they get the type that they would have alone.
    bool anyFloat = llvm::any_of(operands, [](const Val &val) { return val.constant->isFloat(); });
    bool anyBool = llvm::any_of(operands, [](const Val &val) { return val.constant->isBool(); });
    type = anyFloat ? ElementType::F32 : anyBool ? ElementType::Bool : ElementType::I32;
  }
  for (auto [position, operand] : llvm::enumerate(operands)) {
    if (!operand.isUntyped)
      continue;
    std::optional<Constant> fitting = fit(*operand.constant, *type);
    if (!fitting) {
      tilec::Diagnostic &diagnostic =
          report(ranges[position], operand.constant->text() + " does not fit into '" + spelling(*type) + "'");
      if (!operands[typedBy].isUntyped)
        diagnostic.note(ranges[typedBy], "the other operand has the type '" + spelling(*type) + "'");
      return std::nullopt;
    }
    operand = Val::ofConstant(*type, *fitting);
  }
  return type;
}

std::optional<Dims> Elaborator::meet(ArrayRef<Val> operands, ArrayRef<SourceRange> ranges, const Twine &what,
                                     SourceRange where) {
  Dims dims;
  for (auto [position, operand] : llvm::enumerate(operands)) {
    if (operand.dims.size() > dims.size())
      dims.insert(dims.begin(), operand.dims.size() - dims.size(), Dim());
    for (size_t d = 0; d != operand.dims.size(); ++d) {
      const Dim &dim = operand.dims[operand.dims.size() - 1 - d];
      Dim &met = dims[dims.size() - 1 - d];
      if (met.isOne()) {
        met = dim;
      } else if (!dim.isOne() && !dim.isSame(met)) {
        report(where, what + " has tiles of dims " + describe(ArrayRef<Dim>(operands.front().dims)) + " and " +
                          describe(ArrayRef<Dim>(operand.dims)) + ", and the dims " + quoted(met) + " and " +
                          quoted(dim) + " do not meet")
            .note(ranges[position], "two dims meet if they are the same index's, equal numbers, or one of them is 1");
        return std::nullopt;
      }
    }
  }
  return dims;
}

Val Elaborator::elementwise(ArrayRef<Val> operands, ArrayRef<SourceRange> ranges, ElementType type, ElementType result,
                            const Twine &what, SourceRange where, EmitElementwise emit) {
  std::optional<Dims> dims = meet(operands, ranges, what, where);
  if (!dims)
    return Val::poison();
  Location place = loc(where);
  SmallVector<Value> values;
  for (const Val &operand : operands) {
    Value value = computeValue(operand, type, place);
    values.push_back(broadcastValue(value, operand.dims, *dims, place));
  }
  Value value = emit(place, values);
  Val val = Val::ofRuntime(result, value, *dims, /*isWide=*/isNarrowFloat(result) && result == type);
  return compilation.options.excessPrecision ? val : bound(std::move(val), where);
}

//===----------------------------------------------------------------------===//
// One op each
//===----------------------------------------------------------------------===//

Value Elaborator::emitMinMax(bool isMax, ElementType type, Location where, Value lhs, Value rhs) {
  if (isFloat(type))
    return isMax ? Value(arith::MaximumFOp::create(builder, where, lhs, rhs))
                 : arith::MinimumFOp::create(builder, where, lhs, rhs);
  if (type == ElementType::Bool)
    return isMax ? Value(arith::OrIOp::create(builder, where, lhs, rhs))
                 : arith::AndIOp::create(builder, where, lhs, rhs);
  if (isUnsigned(type))
    return isMax ? Value(arith::MaxUIOp::create(builder, where, lhs, rhs))
                 : arith::MinUIOp::create(builder, where, lhs, rhs);
  return isMax ? Value(arith::MaxSIOp::create(builder, where, lhs, rhs))
               : arith::MinSIOp::create(builder, where, lhs, rhs);
}

static Value emitComparison(OpBuilder &builder, BinaryOp op, ElementType type, Location where, Value lhs, Value rhs) {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  bool isU = !isSigned(type);
  F f;
  I i;
  switch (op) {
  case BinaryOp::Eq:
    f = F::OEQ, i = I::eq;
    break;
  case BinaryOp::Ne:
    f = F::UNE, i = I::ne;
    break;
  case BinaryOp::Lt:
    f = F::OLT, i = isU ? I::ult : I::slt;
    break;
  case BinaryOp::Le:
    f = F::OLE, i = isU ? I::ule : I::sle;
    break;
  case BinaryOp::Gt:
    f = F::OGT, i = isU ? I::ugt : I::sgt;
    break;
  default:
    f = F::OGE, i = isU ? I::uge : I::sge;
    break;
  }
  if (isFloat(type))
    return arith::CmpFOp::create(builder, where, f, lhs, rhs);
  return arith::CmpIOp::create(builder, where, i, lhs, rhs);
}

Value Elaborator::remainderMoves(Location where, Value rest, Value divisor) {
  // `rest - rest` is 0 in the tile's dims.
  Value zero = arith::SubFOp::create(builder, where, rest, rest);
  Value isOff = arith::CmpFOp::create(builder, where, arith::CmpFPredicate::ONE, rest, zero);
  Value restSign = arith::CmpFOp::create(builder, where, arith::CmpFPredicate::OLT, rest, zero);
  Value divisorSign = arith::CmpFOp::create(builder, where, arith::CmpFPredicate::OLT, divisor, zero);
  Value differ = arith::XOrIOp::create(builder, where, restSign, divisorSign);
  return arith::AndIOp::create(builder, where, isOff, differ);
}

Value Elaborator::unsignedPower(ElementType type, Location where, Value base, Value exponent) {
  // ipowi reads its exponent with a sign, which half of the exponent does not have.
  Value isSame = arith::CmpIOp::create(builder, where, arith::CmpIPredicate::eq, exponent, exponent);
  Value one = castValue(isSame, ElementType::Bool, type, where);
  Value half = tile::ShrOp::create(builder, where, exponent, one, /*isUnsigned=*/true);
  Value root = math::IPowIOp::create(builder, where, base, half);
  Value square = arith::MulIOp::create(builder, where, root, root);
  Value rest = arith::AndIOp::create(builder, where, exponent, one);
  Value isOdd = arith::CmpIOp::create(builder, where, arith::CmpIPredicate::eq, rest, one);
  Value more = arith::MulIOp::create(builder, where, square, base);
  return arith::SelectOp::create(builder, where, isOdd, more, square);
}

Value Elaborator::emitArith(BinaryOp op, ElementType type, Location where, Value lhs, Value rhs) {
  bool isF = isFloat(type), isU = isUnsigned(type);
  switch (op) {
  case BinaryOp::Add:
    return isF ? Value(arith::AddFOp::create(builder, where, lhs, rhs))
               : arith::AddIOp::create(builder, where, lhs, rhs);
  case BinaryOp::Sub:
    return isF ? Value(arith::SubFOp::create(builder, where, lhs, rhs))
               : arith::SubIOp::create(builder, where, lhs, rhs);
  case BinaryOp::Mul:
    return isF ? Value(arith::MulFOp::create(builder, where, lhs, rhs))
               : arith::MulIOp::create(builder, where, lhs, rhs);
  case BinaryOp::Div:
    return arith::DivFOp::create(builder, where, lhs, rhs);
  case BinaryOp::FloorDiv: {
    if (!isF)
      return tile::FloorDivOp::create(builder, where, lhs, rhs, isU);
    // As in Python: the quotient that goes with the remainder, which floor(lhs / rhs) is not where the division rounds
    // up. By zero, and for the sign of a zero, the quotient itself.
    Value rest = arith::RemFOp::create(builder, where, lhs, rhs);
    Value divisible = arith::SubFOp::create(builder, where, lhs, rest);
    Value whole = arith::DivFOp::create(builder, where, divisible, rhs);
    Value one = castValue(remainderMoves(where, rest, rhs), ElementType::Bool, computeType(type), where);
    whole = arith::SubFOp::create(builder, where, whole, one);
    whole = math::RoundEvenOp::create(builder, where, whole);
    Value quotient = arith::DivFOp::create(builder, where, lhs, rhs);
    Value zero = arith::SubFOp::create(builder, where, rhs, rhs);
    Value isByZero = arith::CmpFOp::create(builder, where, arith::CmpFPredicate::OEQ, rhs, zero);
    whole = arith::SelectOp::create(builder, where, isByZero, quotient, whole);
    return math::CopySignOp::create(builder, where, whole, quotient);
  }
  case BinaryOp::Mod: {
    if (!isF)
      return tile::FloorModOp::create(builder, where, lhs, rhs, isU);
    // The remainder has the divisor's sign, as in Python, a zero too; remf gives the dividend's.
    Value rest = arith::RemFOp::create(builder, where, lhs, rhs);
    Value moved = arith::AddFOp::create(builder, where, rest, rhs);
    moved = arith::SelectOp::create(builder, where, remainderMoves(where, rest, rhs), moved, rest);
    Value isZero = arith::CmpFOp::create(builder, where, arith::CmpFPredicate::OEQ, rest,
                                         arith::SubFOp::create(builder, where, rest, rest));
    Value zero = math::CopySignOp::create(builder, where, rest, rhs);
    return arith::SelectOp::create(builder, where, isZero, zero, moved);
  }
  case BinaryOp::Pow:
    if (isU)
      return unsignedPower(type, where, lhs, rhs);
    return isF ? Value(math::PowFOp::create(builder, where, lhs, rhs))
               : math::IPowIOp::create(builder, where, lhs, rhs);
  case BinaryOp::Shl:
    return tile::ShlOp::create(builder, where, lhs, rhs, isU);
  case BinaryOp::Shr:
    return tile::ShrOp::create(builder, where, lhs, rhs, isU);
  case BinaryOp::BitAnd:
    return arith::AndIOp::create(builder, where, lhs, rhs);
  case BinaryOp::BitOr:
    return arith::OrIOp::create(builder, where, lhs, rhs);
  case BinaryOp::BitXor:
    return arith::XOrIOp::create(builder, where, lhs, rhs);
  default:
    return emitComparison(builder, op, type, where, lhs, rhs);
  }
}

/// Why an operator does not apply to operands of a type; empty if it does.
static std::string objection(BinaryOp op, ElementType type) {
  switch (op) {
  case BinaryOp::Add:
  case BinaryOp::Sub:
  case BinaryOp::Mul:
  case BinaryOp::FloorDiv:
  case BinaryOp::Mod:
  case BinaryOp::Pow:
    return type == ElementType::Bool ? "'bool' is not a number; convert it with 'as i32'" : "";
  case BinaryOp::Div:
    if (isInteger(type))
      return "'/' does not divide integers; write '//' to round down, or convert with 'as f32'";
    return type == ElementType::Bool ? "'bool' is not a number; convert it with 'as f32'" : "";
  case BinaryOp::Shl:
  case BinaryOp::Shr:
    return isInteger(type) ? ""
                           : ("'" + spelling(op) + "' shifts integers, and this is '" + spelling(type) + "'").str();
  case BinaryOp::BitAnd:
  case BinaryOp::BitOr:
  case BinaryOp::BitXor:
    return isFloat(type)
               ? ("'" + spelling(op) + "' works on integers and bools, and this is '" + spelling(type) + "'").str()
               : "";
  default:
    return "";
  }
}

bool Elaborator::foldDimExpr(BinaryOp op, const Val &lhs, const Val &rhs, Val &result) {
  auto exprOf = [&](const Val &val) -> AffineExpr {
    if (val.dimExpr)
      return val.dimExpr;
    std::optional<int64_t> value = val.asInt64();
    bool isI32 = value && val.type == ElementType::I32;
    return isI32 ? getAffineConstantExpr(*value, context) : AffineExpr();
  };
  AffineExpr l = exprOf(lhs), r = exprOf(rhs), expr;
  if (!l || !r)
    return false;
  auto divisor = dyn_cast<AffineConstantExpr>(r);
  bool isDivisible = divisor && divisor.getValue() > 0;
  if (op == BinaryOp::Add)
    expr = l + r;
  else if (op == BinaryOp::Sub)
    expr = l - r;
  else if (op == BinaryOp::Mul && (divisor || isa<AffineConstantExpr>(l)))
    expr = l * r;
  else if (op == BinaryOp::FloorDiv && isDivisible)
    expr = l.floorDiv(r);
  else if (op == BinaryOp::Mod && isDivisible)
    expr = l % r;
  else
    return false;
  result = Val::ofRuntime(ElementType::I32, {});
  result.dimExpr = simplifyAffineExpr(expr, 0, symbols.size());
  // A dim that turned out to be a number would have been folded before.
  if (auto number = dyn_cast<AffineConstantExpr>(result.dimExpr))
    result = Val::ofConstant(ElementType::I32, Constant::ofInt(number.getValue()));
  return true;
}

Val Elaborator::binary(BinaryOp op, Val lhs, Val rhs, SourceRange where, SourceRange lhsRange, SourceRange rhsRange) {
  if (lhs.isPoison() || rhs.isPoison())
    return Val::poison();
  std::string what = ("'" + spelling(op) + "'").str();
  if (lhs.isConstant() && rhs.isConstant()) {
    TypedConstant l{*lhs.constant, lhs.isUntyped ? std::nullopt : std::optional(lhs.type)};
    TypedConstant r{*rhs.constant, rhs.isUntyped ? std::nullopt : std::optional(rhs.type)};
    ElementType type = l.type ? *l.type : defaultType(l.value);
    if (unifyConstants(l, r)) {
      type = l.type ? *l.type : defaultType(l.value);
      FoldFailure failure = FoldFailure::None;
      if (std::string reason = objection(op, type); !reason.empty())
        return error(where, reason);
      if (std::optional<Constant> value = fold(op, l.value, r.value, l.type, failure)) {
        if (isComparison(op))
          return Val::ofConstant(ElementType::Bool, *value);
        return l.type ? Val::ofConstant(*l.type, *value) : Val::ofUntyped(*value);
      }
      if (failure != FoldFailure::NotFoldable)
        return error(where, explain(failure, op));
    }
  }
  // `x ** 2` is a product; a literal exponent keeps the base's type.
  if (op == BinaryOp::Pow && rhs.isUntyped && rhs.asInt64() == 2 && !lhs.isUntyped) {
    return binary(BinaryOp::Mul, lhs, lhs, where, lhsRange, lhsRange);
  }
  Val operands[] = {lhs, rhs};
  SourceRange ranges[] = {lhsRange, rhsRange};
  std::optional<ElementType> type = unify(operands, ranges, what, where);
  if (!type)
    return Val::poison();
  if (std::string reason = objection(op, *type); !reason.empty())
    return error(where, reason);
  Val folded;
  if (foldDimExpr(op, operands[0], operands[1], folded))
    return folded;
  if ((op == BinaryOp::FloorDiv || op == BinaryOp::Mod) && operands[1].isConstant() && operands[1].constant->isInt() &&
      operands[1].constant->integer.isZero())
    return error(rhsRange, "division by zero");
  bool isConfig = (lhs.isConfig || lhs.isConstant()) && (rhs.isConfig || rhs.isConstant());
  ElementType result = isComparison(op) ? ElementType::Bool : *type;
  Val val = elementwise(operands, ranges, *type, result, what, where, [&](Location place, ArrayRef<Value> values) {
    return emitArith(op, *type, place, values[0], values[1]);
  });
  val.isConfig = isConfig && val.isScalar();
  return val;
}

Val Elaborator::unary(UnaryOp op, Val operand, SourceRange where, SourceRange operandRange) {
  if (operand.isPoison())
    return operand;
  ElementType type = operand.type;
  bool applies = op == UnaryOp::Neg   ? type != ElementType::Bool
                 : op == UnaryOp::Not ? type == ElementType::Bool
                                      : !isFloat(type);
  if (!applies) {
    StringRef needs = op == UnaryOp::Neg ? "a number" : op == UnaryOp::Not ? "a bool" : "integers or bools";
    return error(operandRange, "'" + spelling(op) + "' needs " + needs + ", and this is '" + spelling(type) + "'");
  }
  if (operand.isConstant()) {
    std::optional<Constant> value = fold(op, *operand.constant, operand.isUntyped ? std::nullopt : std::optional(type));
    if (value)
      return operand.isUntyped ? Val::ofUntyped(*value) : Val::ofConstant(type, *value);
  }
  return elementwise(operand, operandRange, type, type, "'" + spelling(op) + "'", where,
                     [&](Location place, ArrayRef<Value> values) -> Value {
                       if (isFloat(type))
                         return arith::NegFOp::create(builder, place, values[0]);
                       Type scalar = getElementTypeOrSelf(values[0].getType());
                       Value constant = intConstant(op == UnaryOp::Neg ? 0 : -1, scalar);
                       Value other = broadcastValue(constant, {}, operand.dims, place);
                       if (op == UnaryOp::Neg)
                         return arith::SubIOp::create(builder, place, other, values[0]);
                       return arith::XOrIOp::create(builder, place, values[0], other);
                     });
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

Val Elaborator::matMul(const Val &lhs, const Val &rhs, const Val *acc, SourceRange accRange,
                       tile::DotPrecision precision, SourceRange where, SourceRange lhsRange, SourceRange rhsRange) {
  if (lhs.dims.size() < 2 || rhs.dims.size() < 2) {
    bool isLeft = lhs.dims.size() < 2;
    report(where, "'@' multiplies tiles of rank 2 or more, and the " + Twine(isLeft ? "left" : "right") + " one is " +
                      describe(isLeft ? lhs : rhs))
        .note(isLeft ? lhsRange : rhsRange, "'[:, None]' and '[None, :]' add a dim");
    return Val::poison();
  }
  bool bytes = (lhs.type == ElementType::I8 || lhs.type == ElementType::U8) &&
               (rhs.type == ElementType::I8 || rhs.type == ElementType::U8);
  if (lhs.type != rhs.type && !bytes) {
    report(where, "'@' multiplies tiles of one type, and these are '" + spelling(lhs.type) + "' and '" +
                      spelling(rhs.type) + "'")
        .note(rhsRange, "convert one of them, as in '... as " + spelling(lhs.type) + "'");
    return Val::poison();
  }
  std::optional<ElementType> type = dotType(lhs.type);
  if (!type)
    return error(where, "'@' multiplies floats, 'i8' and 'u8', and these are '" + spelling(lhs.type) + "'");
  if (precision != tile::DotPrecision::ieee && lhs.type != ElementType::F32)
    return error(where, "'precision' goes with f32 operands, and these are '" + spelling(lhs.type) + "'");
  const Dim &lhsK = lhs.dims.back(), &rhsK = rhs.dims[rhs.dims.size() - 2];
  if (!lhsK.isSame(rhsK)) {
    report(where, "'@' sums over the last dim of " + describe(lhs) + " and the last but one of " + describe(rhs) +
                      ", and " + quoted(lhsK) + " and " + quoted(rhsK) + " do not meet")
        .note(lhsRange, "this is " + describe(lhs))
        .note(rhsRange, "this is " + describe(rhs));
    return Val::poison();
  }
  // Batch dims broadcast; the last two are the matrices'.
  Val batches[] = {Val::ofRuntime(lhs.type, {}, Dims(lhs.dims.begin(), lhs.dims.end() - 2)),
                   Val::ofRuntime(rhs.type, {}, Dims(rhs.dims.begin(), rhs.dims.end() - 2))};
  SourceRange ranges[] = {lhsRange, rhsRange};
  std::optional<Dims> batch = meet(batches, ranges, "'@'", where);
  if (!batch)
    return Val::poison();
  Location place = loc(where);
  auto operand = [&](const Val &val) {
    Dims dims = *batch;
    dims.append(val.dims.end() - 2, val.dims.end());
    return broadcastValue(valueOf(val, place), val.dims, dims, place);
  };
  Value lhsValue = operand(lhs), rhsValue = operand(rhs);
  Dims dims = *batch;
  dims.push_back(lhs.dims[lhs.dims.size() - 2]);
  dims.push_back(rhs.dims.back());

  // Add into `acc` where that is the product's type and dims; otherwise the sum is a step of its own.
  auto isExact = [&](const Val &val) {
    bool same = val.type == *type && !val.isWide && val.dims.size() == dims.size();
    for (size_t d = 0; same && d != dims.size(); ++d)
      same = val.dims[d].isSame(dims[d]);
    return same;
  };
  bool addsInto = acc && acc->isRuntime() && isExact(*acc);
  if (acc && acc->isPoison())
    return Val::poison();
  if (acc && !addsInto && accRange.isValid())
    return error(accRange, "'acc' must be " + spelling(*type) + describe(ArrayRef<Dim>(dims)) +
                               " as the product is, and it is " + describe(*acc));
  Value accValue;
  if (addsInto) {
    accValue = valueOf(*acc, place);
  } else {
    Constant zero = isFloat(*type) ? convert(Constant::ofInt(0), ElementType::I32, *type) : Constant::ofInt(0);
    accValue = broadcastValue(constantOf(zero, *type), {}, dims, place);
  }
  bool lhsUnsigned = lhs.type == ElementType::U8, rhsUnsigned = rhs.type == ElementType::U8;
  Value product = tile::DotOp::create(builder, place, accValue.getType(), lhsValue, rhsValue, accValue, rangeOf(lhsK),
                                      lhsUnsigned, rhsUnsigned, precision);
  Val result = Val::ofRuntime(*type, product, dims);
  if (acc && !addsInto)
    return binary(BinaryOp::Add, *acc, result, where, where, where);
  return result;
}
