//===- Constants.h - values that are known when a kernel is compiled -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Compile-time numbers and bools, their arithmetic, and the rule by which a literal takes another type.
///
/// A constant without a type (a literal, a file-level const, or arithmetic on those) is an exact number; it gets a
/// type from the other operand or, alone, i32, f32 or bool.
//
//===----------------------------------------------------------------------===//

#ifndef TILEC_LIB_FRONTEND_CONSTANTS_H
#define TILEC_LIB_FRONTEND_CONSTANTS_H

#include "Types.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"

#include <string>

namespace tilec {

/// A number or bool that is known at compile time.
struct Constant {
  enum class Kind { Bool, Int, Float };

  Kind kind = Kind::Int;
  bool boolean = false;
  /// The value of an Int: exact where untyped, in its type's range where typed. 128 bits, signed.
  llvm::APInt integer = llvm::APInt(128, 0);
  /// The value of a Float: in quadruple precision where untyped, of its type's precision where typed.
  llvm::APFloat number = llvm::APFloat(0.0);

  static Constant ofBool(bool value);
  static Constant ofInt(int64_t value);
  static Constant ofUInt(uint64_t value);
  static Constant ofFloat(llvm::APFloat value);
  /// The number that a float literal spells, in quadruple precision.
  static Constant ofSpelling(llvm::StringRef spelling);

  bool isInt() const { return kind == Kind::Int; }
  bool isFloat() const { return kind == Kind::Float; }
  bool isBool() const { return kind == Kind::Bool; }
  /// The integer, if it fits 64 signed bits.
  std::optional<int64_t> asInt64() const;
  /// How a message writes the value.
  std::string text() const;
};

/// The type of a constant that stands alone: i32, f32 or bool.
ElementType defaultType(const Constant &value);

/// The untyped constant as a value of `type`, rounded once; nothing if it does not fit.
std::optional<Constant> fit(const Constant &value, ElementType type);

/// A typed constant converted as `as` does.
Constant convert(const Constant &value, ElementType from, ElementType to);

/// Why a constant could not be computed.
enum class FoldFailure { None, DivisionByZero, TooLarge, NotFoldable };

/// `op lhs`, in `type` or exactly without one.
std::optional<Constant> fold(ast::UnaryOp op, const Constant &value, std::optional<ElementType> type);
/// `lhs op rhs`, both of `type`, or exact without one. On failure says why in `failure`.
std::optional<Constant> fold(ast::BinaryOp op, const Constant &lhs, const Constant &rhs,
                             std::optional<ElementType> type, FoldFailure &failure);

} // namespace tilec

#endif // TILEC_LIB_FRONTEND_CONSTANTS_H
