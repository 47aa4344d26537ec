//===- PackedIntegers.h - two 16-bit integers in a register -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_PACKEDINTEGERS_H
#define TILEC_LIB_SIM_PTX_PACKEDINTEGERS_H

#include "Decoder.h"

namespace tilec::sim::ptx {

/// Whether a type is `.u16x2` or `.s16x2`.
inline bool isPackedInteger(Type type) { return type == Type::U16x2 || type == Type::S16x2; }

/// `add`, and `min` and `max`, of such a type.
bool decodePackedSum(Decoder &d, Type type);
bool decodePackedMinMax(Decoder &d, Type type, bool isMax);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_PACKEDINTEGERS_H
