//===- Types.h - element types and how they meet ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The language's rules about element types, with no IR in them but the map to MLIR's types.
//
//===----------------------------------------------------------------------===//

#ifndef TILEC_LIB_FRONTEND_TYPES_H
#define TILEC_LIB_FRONTEND_TYPES_H

#include "tilec/Frontend/AST.h"

#include "mlir/IR/BuiltinTypes.h"

#include <optional>

namespace tilec {

using ElementType = ast::ElementType;

/// All element types, in the order in which messages list them.
llvm::ArrayRef<ElementType> allElementTypes();

bool isFloat(ElementType type);
/// Whether it is one of the integers (`bool` is none).
bool isInteger(ElementType type);
bool isSigned(ElementType type);
bool isUnsigned(ElementType type);
/// Whether it is a float that is computed in f32: f16, bf16 and the f8s.
bool isNarrowFloat(ElementType type);
/// Bits of one element in memory.
unsigned bitWidth(ElementType type);

/// Whether `type` lies in the bound of a type parameter.
bool isInBound(ElementType type, ast::TypeParam::Bound bound);
llvm::StringRef spelling(ast::TypeParam::Bound bound);

/// The type in which two operands of unequal types meet; nothing if that needs `as`. Equal types meet in themselves.
std::optional<ElementType> promote(ElementType lhs, ElementType rhs);

/// Whether every value of `from` is one of `to`, and the language converts it by itself: from a type to itself or a
/// wider one.
bool widensTo(ElementType from, ElementType to);

/// The type in which sums and products of `type` are given: 32 bits for narrower integers and bool.
ElementType sumType(ElementType type);
/// The type in which arithmetic on `type` is done: f32 for the narrow floats.
ElementType computeType(ElementType type);
/// The type in which `@` accumulates; nothing if it does not multiply `type`.
std::optional<ElementType> dotType(ElementType type);

/// The IR's type of a scalar or of a tile's elements; `bool` is i1.
mlir::Type irType(mlir::MLIRContext *context, ElementType type);
/// The IR's type of an array's elements; `bool` is i8.
mlir::Type storageType(mlir::MLIRContext *context, ElementType type);
/// The float format of a float type.
const llvm::fltSemantics &floatSemantics(ElementType type);

} // namespace tilec

#endif // TILEC_LIB_FRONTEND_TYPES_H
