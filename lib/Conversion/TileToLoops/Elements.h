//===- Elements.h - what ops do to one element or vector --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Three forms of an element: in an array (its storage type), in registers and scratch (its carrier), and in the tile
// IR. The carrier of f16, bf16 and f8 is an f32 that such a number represents exactly; of index it is i64; of all
// others the type itself.

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_ELEMENTS_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_ELEMENTS_H

#include "Code.h"

namespace tilec::loops {

/// The type that carries elements of `element` in registers.
Type carrierType(Type element);
/// The type that holds a carrier in scratch: i1 takes a byte.
Type scratchType(Type element);
/// The type by which array elements are loaded and stored.
Type storageType(Type element);
/// Whether `element` is a float that f32 carries.
bool isNarrowFloat(Type element);

// Float formats (FloatFormats.cpp).
/// From what memory holds to the carrier.
Value widen(Code &c, Value stored, Type element);
/// From the carrier to what memory holds; f16 and bf16 round to nearest even if the value is not exact, and an infinity
/// of f8e5m2 stays one.
Value narrow(Code &c, Value carried, Type element);
/// Any f32 rounded to nearest even as a carrier of `element`; f8 saturates, infinities too.
Value roundTo(Code &c, Value carried, Type element);
/// f64 to f32 so that rounding the result again is as rounding once.
Value truncToOdd(Code &c, Value x);

// Elementwise ops (Elementwise.cpp).
/// Converts as `tile.cast` does.
Value convert(Code &c, Value carried, Type from, Type to, bool fromUnsigned, bool toUnsigned);
/// The result of an elementwise op of arith, math or tile on carriers, or null with a diagnostic if the op is unknown.
/// `operands` are scalars or vectors of one width.
Value emitElementwise(Code &c, Operation *op, ArrayRef<Value> operands);
/// Whether emitElementwise knows the op.
bool isElementwise(Operation *op);

// Functions of floats (VectorMath.cpp).
/// The value of the math op `name` (`exp`, `log`, ...) at f32 or f64 elements; null if there is none of that name.
Value emitMathFunction(Code &c, StringRef name, ArrayRef<Value> operands);

// Random numbers (Philox.cpp).
/// Philox4x32-10 as `tile.rand` documents it.
Value emitRandom(Code &c, Value seed, Value counter, bool isUnsigned);

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_ELEMENTS_H
