//===- Types.cpp - element types and how they meet --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The language's rules about element types: bounds, promotion, widening, and the types of sums and products.
//
//===----------------------------------------------------------------------===//

#include "Types.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/ErrorHandling.h"

using namespace tilec;
using Bound = ast::TypeParam::Bound;

llvm::ArrayRef<ElementType> tilec::allElementTypes() {
  static constexpr ElementType all[] = {ElementType::Bool, ElementType::I8,     ElementType::I16,   ElementType::I32,
                                        ElementType::I64,  ElementType::U8,     ElementType::U16,   ElementType::U32,
                                        ElementType::U64,  ElementType::F16,    ElementType::BF16,  ElementType::F32,
                                        ElementType::F64,  ElementType::F8E4M3, ElementType::F8E5M2};
  return all;
}

bool tilec::isFloat(ElementType type) { return type >= ElementType::F16; }
bool tilec::isInteger(ElementType type) { return type >= ElementType::I8 && type <= ElementType::U64; }
bool tilec::isSigned(ElementType type) { return type >= ElementType::I8 && type <= ElementType::I64; }
bool tilec::isUnsigned(ElementType type) { return type >= ElementType::U8 && type <= ElementType::U64; }
bool tilec::isNarrowFloat(ElementType type) {
  return isFloat(type) && type != ElementType::F32 && type != ElementType::F64;
}

unsigned tilec::bitWidth(ElementType type) {
  switch (type) {
  case ElementType::Bool:
  case ElementType::I8:
  case ElementType::U8:
  case ElementType::F8E4M3:
  case ElementType::F8E5M2:
    return 8;
  case ElementType::I16:
  case ElementType::U16:
  case ElementType::F16:
  case ElementType::BF16:
    return 16;
  case ElementType::I32:
  case ElementType::U32:
  case ElementType::F32:
    return 32;
  case ElementType::I64:
  case ElementType::U64:
  case ElementType::F64:
    return 64;
  }
  llvm_unreachable("an element type without a width");
}

bool tilec::isInBound(ElementType type, Bound bound) {
  switch (bound) {
  case Bound::Float:
    return isFloat(type);
  case Bound::Int:
    return isInteger(type);
  case Bound::Number:
    return isFloat(type) || isInteger(type);
  }
  llvm_unreachable("an unknown bound");
}

llvm::StringRef tilec::spelling(Bound bound) {
  return bound == Bound::Float ? "float" : bound == Bound::Int ? "int" : "number";
}

std::optional<ElementType> tilec::promote(ElementType lhs, ElementType rhs) {
  if (lhs == rhs)
    return lhs;
  if (isFloat(lhs) && isFloat(rhs)) {
    if (bitWidth(lhs) == bitWidth(rhs))
      return ElementType::F32;
    return bitWidth(lhs) > bitWidth(rhs) ? lhs : rhs;
  }
  if ((isSigned(lhs) && isSigned(rhs)) || (isUnsigned(lhs) && isUnsigned(rhs)))
    return bitWidth(lhs) > bitWidth(rhs) ? lhs : rhs;
  return std::nullopt;
}

bool tilec::widensTo(ElementType from, ElementType to) { return promote(from, to) == to; }

ElementType tilec::sumType(ElementType type) {
  if (type == ElementType::Bool || (isSigned(type) && bitWidth(type) < 32))
    return ElementType::I32;
  if (isUnsigned(type) && bitWidth(type) < 32)
    return ElementType::U32;
  return type;
}

ElementType tilec::computeType(ElementType type) { return isNarrowFloat(type) ? ElementType::F32 : type; }

std::optional<ElementType> tilec::dotType(ElementType type) {
  if (type == ElementType::I8 || type == ElementType::U8)
    return ElementType::I32;
  if (isFloat(type))
    return computeType(type);
  return std::nullopt;
}

mlir::Type tilec::irType(mlir::MLIRContext *context, ElementType type) {
  switch (type) {
  case ElementType::Bool:
    return mlir::IntegerType::get(context, 1);
  case ElementType::F16:
    return mlir::Float16Type::get(context);
  case ElementType::BF16:
    return mlir::BFloat16Type::get(context);
  case ElementType::F32:
    return mlir::Float32Type::get(context);
  case ElementType::F64:
    return mlir::Float64Type::get(context);
  case ElementType::F8E4M3:
    return mlir::Float8E4M3FNType::get(context);
  case ElementType::F8E5M2:
    return mlir::Float8E5M2Type::get(context);
  default:
    return mlir::IntegerType::get(context, bitWidth(type));
  }
}

mlir::Type tilec::storageType(mlir::MLIRContext *context, ElementType type) {
  return type == ElementType::Bool ? mlir::IntegerType::get(context, 8) : irType(context, type);
}

const llvm::fltSemantics &tilec::floatSemantics(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return llvm::APFloat::IEEEhalf();
  case ElementType::BF16:
    return llvm::APFloat::BFloat();
  case ElementType::F64:
    return llvm::APFloat::IEEEdouble();
  case ElementType::F8E4M3:
    return llvm::APFloat::Float8E4M3FN();
  case ElementType::F8E5M2:
    return llvm::APFloat::Float8E5M2();
  default:
    return llvm::APFloat::IEEEsingle();
  }
}
