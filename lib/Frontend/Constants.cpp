//===- Constants.cpp - values that are known when a kernel is compiled -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exact arithmetic on untyped constants, wrapping or rounding arithmetic on typed ones, and conversions.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"

#include "llvm/ADT/APSInt.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Error.h"

using namespace tilec;
using ast::BinaryOp;
using llvm::APFloat;
using llvm::APInt;

static constexpr auto nearestEven = APFloat::rmNearestTiesToEven;

Constant Constant::ofBool(bool value) {
  Constant result;
  result.kind = Kind::Bool;
  result.boolean = value;
  return result;
}

Constant Constant::ofInt(int64_t value) {
  Constant result;
  result.integer = APInt(128, static_cast<uint64_t>(value), /*isSigned=*/true);
  return result;
}

Constant Constant::ofUInt(uint64_t value) {
  Constant result;
  result.integer = APInt(128, value);
  return result;
}

Constant Constant::ofFloat(APFloat value) {
  Constant result;
  result.kind = Kind::Float;
  result.number = std::move(value);
  return result;
}

Constant Constant::ofSpelling(llvm::StringRef spelling) {
  const llvm::fltSemantics &quad = APFloat::IEEEquad();
  if (spelling == "inf")
    return ofFloat(APFloat::getInf(quad));
  if (spelling == "nan")
    return ofFloat(APFloat::getQNaN(quad));
  APFloat value(quad);
  llvm::consumeError(value.convertFromString(spelling, nearestEven).takeError());
  return ofFloat(value);
}

std::optional<int64_t> Constant::asInt64() const {
  if (!isInt() || !integer.isSignedIntN(64))
    return std::nullopt;
  return integer.getSExtValue();
}

std::string Constant::text() const {
  if (isBool())
    return boolean ? "true" : "false";
  llvm::SmallString<40> text;
  if (isInt()) {
    integer.toString(text, 10, /*Signed=*/true);
    return std::string(text);
  }
  if (number.isNaN())
    return "nan";
  if (number.isInfinity())
    return number.isNegative() ? "-inf" : "inf";
  APFloat shorter = number;
  bool losesInfo;
  shorter.convert(APFloat::IEEEdouble(), nearestEven, &losesInfo);
  shorter.toString(text, /*FormatPrecision=*/6);
  return std::string(text);
}

ElementType tilec::defaultType(const Constant &value) {
  return value.isBool() ? ElementType::Bool : value.isInt() ? ElementType::I32 : ElementType::F32;
}

/// Whether a 128-bit integer is a value of an integer type.
static bool inRange(const APInt &value, ElementType type) {
  if (isSigned(type))
    return value.isSignedIntN(bitWidth(type));
  return !value.isNegative() && value.isIntN(bitWidth(type));
}

/// The integer modulo the type's size.
static APInt wrap(const APInt &value, ElementType type) {
  APInt cut = value.trunc(bitWidth(type));
  return isSigned(type) ? cut.sext(128) : cut.zext(128);
}

std::optional<Constant> tilec::fit(const Constant &value, ElementType type) {
  if (value.isBool())
    return type == ElementType::Bool ? std::optional(value) : std::nullopt;
  if (value.isInt() && isInteger(type))
    return inRange(value.integer, type) ? std::optional(value) : std::nullopt;
  if (!isFloat(type))
    return std::nullopt;
  bool losesInfo;
  if (value.isInt()) {
    APFloat number(floatSemantics(type));
    // An integer has to be one of the type's values: 0.1 asks for rounding, 16777217 does not.
    if (number.convertFromAPInt(value.integer, /*IsSigned=*/true, nearestEven) != APFloat::opOK)
      return std::nullopt;
    return Constant::ofFloat(number);
  }
  APFloat number = value.number;
  APFloat::opStatus status = number.convert(floatSemantics(type), nearestEven, &losesInfo);
  bool special = value.number.isInfinity() || value.number.isNaN();
  // f8e4m3 has no infinity to take.
  if (value.number.isInfinity() && !number.isInfinity())
    return std::nullopt;
  if (!special && ((status & APFloat::opOverflow) || number.isInfinity() || number.isNaN()))
    return std::nullopt;
  return Constant::ofFloat(number);
}

/// Float to integer: toward zero, saturating, NaN is 0.
static APInt truncateToInt(const APFloat &value, ElementType to) {
  llvm::APSInt result(bitWidth(to), /*isUnsigned=*/!isSigned(to));
  bool exact;
  if (value.isNaN())
    return APInt(128, 0);
  value.convertToInteger(result, APFloat::rmTowardZero, &exact);
  return isSigned(to) ? result.sext(128) : result.zext(128);
}

/// Float to float: f8 saturates, infinities too.
static APFloat roundTo(const APFloat &value, ElementType to) {
  APFloat result = value;
  bool losesInfo;
  result.convert(floatSemantics(to), nearestEven, &losesInfo);
  bool isF8 = to == ElementType::F8E4M3 || to == ElementType::F8E5M2;
  if (isF8 && !value.isNaN() && !result.isFinite())
    return APFloat::getLargest(floatSemantics(to), value.isNegative());
  return result;
}

Constant tilec::convert(const Constant &value, ElementType from, ElementType to) {
  if (to == ElementType::Bool) {
    if (value.isFloat())
      return Constant::ofBool(!value.number.isZero());
    return Constant::ofBool(value.isBool() ? value.boolean : !value.integer.isZero());
  }
  if (isFloat(to)) {
    if (value.isFloat())
      return Constant::ofFloat(roundTo(value.number, to));
    APInt integer = value.isBool() ? APInt(128, value.boolean) : value.integer;
    APFloat number(APFloat::IEEEquad());
    number.convertFromAPInt(integer, /*IsSigned=*/true, nearestEven);
    return Constant::ofFloat(roundTo(number, to));
  }
  Constant result;
  if (value.isFloat())
    result.integer = truncateToInt(value.number, to);
  else
    result.integer = wrap(value.isBool() ? APInt(128, value.boolean) : value.integer, to);
  return result;
}

std::optional<Constant> tilec::fold(ast::UnaryOp op, const Constant &value, std::optional<ElementType> type) {
  Constant result = value;
  switch (op) {
  case ast::UnaryOp::Neg:
    if (value.isBool())
      return std::nullopt;
    if (value.isFloat())
      result.number.changeSign();
    else
      result.integer = type ? wrap(-value.integer, *type) : -value.integer;
    return result;
  case ast::UnaryOp::BitNot:
    if (value.isFloat())
      return std::nullopt;
    if (value.isBool())
      return Constant::ofBool(!value.boolean);
    result.integer = type ? wrap(~value.integer, *type) : ~value.integer;
    return result;
  case ast::UnaryOp::Not:
    if (!value.isBool())
      return std::nullopt;
    return Constant::ofBool(!value.boolean);
  }
  return std::nullopt;
}

/// -1, 0, 1, or nothing where a NaN is involved.
static std::optional<int> compare(const Constant &lhs, const Constant &rhs) {
  if (lhs.isBool())
    return static_cast<int>(lhs.boolean) - static_cast<int>(rhs.boolean);
  if (lhs.isInt())
    return lhs.integer == rhs.integer ? 0 : lhs.integer.slt(rhs.integer) ? -1 : 1;
  switch (lhs.number.compare(rhs.number)) {
  case APFloat::cmpLessThan:
    return -1;
  case APFloat::cmpEqual:
    return 0;
  case APFloat::cmpGreaterThan:
    return 1;
  case APFloat::cmpUnordered:
    return std::nullopt;
  }
  return std::nullopt;
}

static std::optional<Constant> foldComparison(BinaryOp op, const Constant &lhs, const Constant &rhs) {
  std::optional<int> order = compare(lhs, rhs);
  if (!order)
    return Constant::ofBool(op == BinaryOp::Ne);
  switch (op) {
  case BinaryOp::Eq:
    return Constant::ofBool(*order == 0);
  case BinaryOp::Ne:
    return Constant::ofBool(*order != 0);
  case BinaryOp::Lt:
    return Constant::ofBool(*order < 0);
  case BinaryOp::Le:
    return Constant::ofBool(*order <= 0);
  case BinaryOp::Gt:
    return Constant::ofBool(*order > 0);
  default:
    return Constant::ofBool(*order >= 0);
  }
}

static std::optional<Constant> foldFloat(BinaryOp op, const Constant &lhs, const Constant &rhs, FoldFailure &failure) {
  APFloat number = lhs.number;
  switch (op) {
  case BinaryOp::Add:
    number.add(rhs.number, nearestEven);
    break;
  case BinaryOp::Sub:
    number.subtract(rhs.number, nearestEven);
    break;
  case BinaryOp::Mul:
    number.multiply(rhs.number, nearestEven);
    break;
  case BinaryOp::Div:
    number.divide(rhs.number, nearestEven);
    break;
  default:
    failure = FoldFailure::NotFoldable;
    return std::nullopt;
  }
  return Constant::ofFloat(number);
}

/// Integer power; gives up (too large) where 127 bits do not hold an untyped result.
static std::optional<APInt> power(APInt base, const APInt &exponent, std::optional<ElementType> type) {
  if (exponent.isNegative() || !exponent.isIntN(32))
    return std::nullopt;
  APInt result(128, 1);
  uint64_t bits = exponent.getZExtValue();
  bool overflow = false;
  while (bits) {
    if (bits & 1)
      result = type ? wrap(result * base, *type) : result.smul_ov(base, overflow);
    bits >>= 1;
    if (overflow)
      return std::nullopt;
    if (bits)
      base = type ? wrap(base * base, *type) : base.smul_ov(base, overflow);
    if (overflow)
      return std::nullopt;
  }
  return result;
}

static std::optional<Constant> foldInt(BinaryOp op, const Constant &lhs, const Constant &rhs,
                                       std::optional<ElementType> type, FoldFailure &failure) {
  const APInt &l = lhs.integer, &r = rhs.integer;
  unsigned width = type ? bitWidth(*type) : 127;
  Constant result;
  bool overflow = false;
  switch (op) {
  case BinaryOp::Add:
    result.integer = l.sadd_ov(r, overflow);
    break;
  case BinaryOp::Sub:
    result.integer = l.ssub_ov(r, overflow);
    break;
  case BinaryOp::Mul:
    result.integer = type ? l * r : l.smul_ov(r, overflow);
    break;
  case BinaryOp::FloorDiv:
  case BinaryOp::Mod: {
    if (r.isZero()) {
      failure = FoldFailure::DivisionByZero;
      return std::nullopt;
    }
    APInt quotient = llvm::APIntOps::RoundingSDiv(l, r, APInt::Rounding::DOWN);
    result.integer = op == BinaryOp::FloorDiv ? quotient : l - quotient * r;
    break;
  }
  case BinaryOp::Pow: {
    std::optional<APInt> value = power(l, r, type);
    if (!value) {
      failure = r.isNegative() ? FoldFailure::NotFoldable : FoldFailure::TooLarge;
      return std::nullopt;
    }
    result.integer = *value;
    break;
  }
  case BinaryOp::Shl:
    if (r.isNegative() || r.uge(width)) {
      result.integer = APInt(128, 0);
      overflow = !type && !l.isZero();
    } else {
      result.integer = type ? l << r : l.sshl_ov(r, overflow);
    }
    break;
  case BinaryOp::Shr:
    // Shift counts are unsigned, so that a negative one shifts everything out.
    result.integer = r.isNegative() || r.uge(width) ? APInt(128, l.isNegative() ? -1 : 0, true) : l.ashr(r);
    break;
  case BinaryOp::BitAnd:
    result.integer = l & r;
    break;
  case BinaryOp::BitOr:
    result.integer = l | r;
    break;
  case BinaryOp::BitXor:
    result.integer = l ^ r;
    break;
  default:
    failure = FoldFailure::NotFoldable;
    return std::nullopt;
  }
  if (type)
    result.integer = wrap(result.integer, *type);
  else if (overflow) {
    failure = FoldFailure::TooLarge;
    return std::nullopt;
  }
  return result;
}

std::optional<Constant> tilec::fold(BinaryOp op, const Constant &lhs, const Constant &rhs,
                                    std::optional<ElementType> type, FoldFailure &failure) {
  failure = FoldFailure::None;
  if (lhs.kind != rhs.kind) {
    failure = FoldFailure::NotFoldable;
    return std::nullopt;
  }
  if (isComparison(op))
    return foldComparison(op, lhs, rhs);
  if (lhs.isFloat()) {
    // A narrow type's operands are computed in f32 and rounded once.
    if (!type || !isNarrowFloat(*type))
      return foldFloat(op, lhs, rhs, failure);
    Constant l = convert(lhs, *type, ElementType::F32), r = convert(rhs, *type, ElementType::F32);
    std::optional<Constant> wide = foldFloat(op, l, r, failure);
    return wide ? std::optional(convert(*wide, ElementType::F32, *type)) : std::nullopt;
  }
  if (lhs.isBool()) {
    switch (op) {
    case BinaryOp::BitAnd:
    case BinaryOp::And:
      return Constant::ofBool(lhs.boolean && rhs.boolean);
    case BinaryOp::BitOr:
    case BinaryOp::Or:
      return Constant::ofBool(lhs.boolean || rhs.boolean);
    case BinaryOp::BitXor:
      return Constant::ofBool(lhs.boolean != rhs.boolean);
    default:
      failure = FoldFailure::NotFoldable;
      return std::nullopt;
    }
  }
  return foldInt(op, lhs, rhs, type, failure);
}
