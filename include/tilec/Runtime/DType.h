//===- DType.h - Element types of arrays ------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The element types of .tile as the runtime sees them: names, sizes, DLPack
/// and NumPy codes, and conversion of single elements to and from double.
/// Standard C++ only.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_DTYPE_H
#define TILEC_RUNTIME_DTYPE_H

#include "tilec/Runtime/DLPack.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tilec {

/// An element type; F8E4M3 is OCP's fn form, Bool a byte in memory.
enum class DType : uint8_t {
  Bool, I8, I16, I32, I64, U8, U16, U32, U64, F16, BF16, F32, F64, F8E4M3,
  F8E5M2
};

/// The name in .tile source, such as "f16".
std::string_view getName(DType dtype);
/// The type of that name.
std::optional<DType> parseDType(std::string_view name);

/// Bits of an element in memory.
unsigned getBits(DType dtype);
inline size_t getSize(DType dtype) { return getBits(dtype) / 8; }

bool isFloat(DType dtype);
bool isSignedInt(DType dtype);
bool isUnsignedInt(DType dtype);

/// The DLPack type of one lane, and back.
DLDataType toDLPack(DType dtype);
std::optional<DType> fromDLPack(uint8_t code, uint8_t bits);

/// The C type in which a scalar of this type is passed to a kernel.
std::string_view getCType(DType dtype);

/// The value of the element at `element` as double: exact but for 64-bit
/// integers beyond 2^53.
double loadAsDouble(const void *element, DType dtype);

/// Stores `value` rounded to nearest even (floats; f8 saturates, as conversions
/// in .tile do), or truncated and saturated (integers; NaN gives 0).
void storeFromDouble(void *element, DType dtype, double value);

/// Parses a scalar argument such as "0.125", "-3", "inf" or "true" and stores
/// it. Fails, with a sentence in `error`, where the text is no number of the
/// type.
bool parseScalar(std::string_view text, DType dtype, void *element,
                 std::string &error);

} // namespace tilec

#endif // TILEC_RUNTIME_DTYPE_H
