//===- FloatingPoint.h - floating-point instructions ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Decoders of opcodes that integers and floats share, for the types of the latter.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_FLOATINGPOINT_H
#define TILEC_LIB_SIM_PTX_FLOATINGPOINT_H

#include "Decoder.h"

namespace tilec::sim::ptx {

inline bool isFloatType(Type type) {
  return type == Type::F16 || type == Type::F16x2 || type == Type::BF16 || type == Type::BF16x2 || type == Type::F32 ||
         type == Type::F64;
}
inline bool isHalf(Type type) { return type == Type::F16 || type == Type::F16x2; }
inline bool isBFloat(Type type) { return type == Type::BF16 || type == Type::BF16x2; }

/// `.rn`, `.rz`, `.rm`, `.rp`: 0 to 3; -1 without one.
int takeRounding(Decoder &d);
/// Takes `.ftz` and `.sat` into Op::flags, as 1 and 2, for the types that have them: f64 and bf16 keep subnormals and
/// do not saturate.
void takeFloatFlags(Decoder &d, Type type, bool maySaturate);

bool decodeFloatSum(Decoder &d, Type type, bool isSum);
bool decodeFloatMul(Decoder &d, Type type);
bool decodeFma(Decoder &d, Type type);
bool decodeFloatDiv(Decoder &d, Type type);
bool decodeFloatMinMax(Decoder &d, Type type, bool isMax);
bool decodeFloatSign(Decoder &d, Type type, bool isAbs);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_FLOATINGPOINT_H
