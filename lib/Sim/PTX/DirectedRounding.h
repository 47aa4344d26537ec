//===- DirectedRounding.h - arithmetic in .rz, .rm and .rp ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_DIRECTEDROUNDING_H
#define TILEC_LIB_SIM_PTX_DIRECTEDROUNDING_H

#include "Decoder.h"

namespace tilec::sim::ptx {

enum class DirectedOperation : uint8_t { Add, Sub, Mul, Div, Fma, Sqrt, Rcp };

/// The instruction in rounding 1 (to zero), 2 (down) or 3 (up) on f32 or f64; null for other types. Op::flags
/// has 1 for `.ftz` and 2 for `.sat`.
Execute directed(DirectedOperation operation, Type type, int rounding);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_DIRECTEDROUNDING_H
