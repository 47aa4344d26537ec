//===- Conversions.h - what conversions share -------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_CONVERSIONS_H
#define TILEC_LIB_SIM_PTX_CONVERSIONS_H

#include "Decoder.h"
#include "FloatFormats.h"

namespace tilec::sim::ptx {

/// Modifiers of `cvt` as bits of Op::flags; `Integral` is a rounding to an integer in place.
struct Convert {
  static constexpr uint8_t Flush = 1, Saturate = 2, Relu = 4, SatFinite = 8, Integral = 16;
};

/// The format of a float, or of the elements of a packed type.
const FloatFormat &formatOf(Type type);

/// The bits of a number in a format, with `.sat`, `.relu` and `.satfinite` as in Convert.
uint64_t convertTo(const FloatFormat &format, const ExactNumber &number, Rounding rounding, uint8_t flags);

/// `cvt` to and from the packed formats and tf32, once the words are taken: the rounding in Op::mode, modifiers in
/// Op::flags. `hasRounding` is whether there was one.
bool decodePackedConversion(Decoder &d, Type to, Type from, bool hasRounding);

/// `cvt.pack`.
bool decodeConvertAndPack(Decoder &d);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_CONVERSIONS_H
