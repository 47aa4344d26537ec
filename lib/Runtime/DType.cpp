//===- DType.cpp - Element types of arrays ----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One table of the element types, and the conversions of single elements that
// scalar arguments, random arrays and comparisons need.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/DType.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

using namespace tilec;

namespace {
/// What is known of one element type. Float formats have their field widths.
struct DTypeInfo {
  std::string_view name;
  uint8_t code;
  uint8_t bits;
  std::string_view cType;
  uint8_t exponentBits = 0;
  uint8_t mantissaBits = 0;
};
} // namespace

/// In the order of the enum.
static constexpr DTypeInfo kInfos[] = {
    {"bool", TILEC_DL_BOOL, 8, "uint8_t"},
    {"i8", TILEC_DL_INT, 8, "int8_t"},
    {"i16", TILEC_DL_INT, 16, "int16_t"},
    {"i32", TILEC_DL_INT, 32, "int32_t"},
    {"i64", TILEC_DL_INT, 64, "int64_t"},
    {"u8", TILEC_DL_UINT, 8, "uint8_t"},
    {"u16", TILEC_DL_UINT, 16, "uint16_t"},
    {"u32", TILEC_DL_UINT, 32, "uint32_t"},
    {"u64", TILEC_DL_UINT, 64, "uint64_t"},
    {"f16", TILEC_DL_FLOAT, 16, "uint16_t", 5, 10},
    {"bf16", TILEC_DL_BFLOAT, 16, "uint16_t", 8, 7},
    {"f32", TILEC_DL_FLOAT, 32, "float", 8, 23},
    {"f64", TILEC_DL_FLOAT, 64, "double", 11, 52},
    {"f8e4m3", TILEC_DL_FLOAT8_E4M3FN, 8, "uint8_t", 4, 3},
    {"f8e5m2", TILEC_DL_FLOAT8_E5M2, 8, "uint8_t", 5, 2},
};

static const DTypeInfo &info(DType dtype) {
  return kInfos[static_cast<size_t>(dtype)];
}

std::string_view tilec::getName(DType dtype) { return info(dtype).name; }

std::optional<DType> tilec::parseDType(std::string_view name) {
  for (size_t i = 0; i < std::size(kInfos); ++i)
    if (kInfos[i].name == name)
      return static_cast<DType>(i);
  return std::nullopt;
}

unsigned tilec::getBits(DType dtype) { return info(dtype).bits; }

bool tilec::isFloat(DType dtype) { return info(dtype).exponentBits != 0; }

bool tilec::isSignedInt(DType dtype) {
  return info(dtype).code == TILEC_DL_INT;
}

bool tilec::isUnsignedInt(DType dtype) {
  return info(dtype).code == TILEC_DL_UINT;
}

DLDataType tilec::toDLPack(DType dtype) {
  return {info(dtype).code, info(dtype).bits, 1};
}

std::optional<DType> tilec::fromDLPack(uint8_t code, uint8_t bits) {
  for (size_t i = 0; i < std::size(kInfos); ++i)
    if (kInfos[i].code == code && kInfos[i].bits == bits)
      return static_cast<DType>(i);
  return std::nullopt;
}

std::string_view tilec::getCType(DType dtype) { return info(dtype).cType; }

//===----------------------------------------------------------------------===//
// Conversion of elements
//===----------------------------------------------------------------------===//

template <typename T> static T loadAs(const void *element) {
  T value;
  std::memcpy(&value, element, sizeof value);
  return value;
}

static uint64_t loadBits(const void *element, unsigned bits) {
  switch (bits) {
  case 8:
    return loadAs<uint8_t>(element);
  case 16:
    return loadAs<uint16_t>(element);
  case 32:
    return loadAs<uint32_t>(element);
  default:
    return loadAs<uint64_t>(element);
  }
}

static void storeBits(void *element, unsigned bits, uint64_t value) {
  // Little-endian, as every target of ours is.
  std::memcpy(element, &value, bits / 8);
}

/// Decodes a float format of at most 16 bits.
static double decodeFloat(uint64_t bits, DType dtype) {
  const DTypeInfo &format = info(dtype);
  uint64_t mantissa = bits & ((1u << format.mantissaBits) - 1);
  unsigned maxExponent = (1u << format.exponentBits) - 1;
  unsigned exponent = (bits >> format.mantissaBits) & maxExponent;
  int bias = static_cast<int>(maxExponent / 2);
  double sign = bits >> (format.bits - 1) & 1 ? -1.0 : 1.0;
  if (exponent == maxExponent) {
    if (dtype != DType::F8E4M3)
      return mantissa ? std::numeric_limits<double>::quiet_NaN()
                      : sign * std::numeric_limits<double>::infinity();
    if (mantissa == 7)
      return std::numeric_limits<double>::quiet_NaN();
  }
  if (exponent == 0)
    return sign * std::ldexp(static_cast<double>(mantissa),
                             1 - bias - format.mantissaBits);
  return sign *
         std::ldexp(static_cast<double>(mantissa | 1u << format.mantissaBits),
                    static_cast<int>(exponent) - bias - format.mantissaBits);
}

/// Encodes `value` in a float format of at most 16 bits: to nearest even; f8
/// saturates, f16 and bf16 overflow to infinity.
static uint64_t encodeFloat(double value, DType dtype) {
  const DTypeInfo &format = info(dtype);
  unsigned maxExponent = (1u << format.exponentBits) - 1;
  int bias = static_cast<int>(maxExponent / 2);
  uint64_t sign = std::signbit(value) ? uint64_t{1} << (format.bits - 1) : 0;
  uint64_t infinity = static_cast<uint64_t>(maxExponent) << format.mantissaBits;
  if (std::isnan(value))
    return dtype == DType::F8E4M3 ? 0x7f
                                  : infinity | 1u << (format.mantissaBits - 1);
  // The largest bits that an overflow gives.
  uint64_t overflow = dtype == DType::F8E4M3   ? 0x7e
                      : dtype == DType::F8E5M2 ? 0x7b
                                               : infinity;
  if (std::isinf(value))
    return sign | overflow;
  double magnitude = std::fabs(value);
  if (magnitude == 0)
    return sign;
  int exponent = std::max(std::ilogb(magnitude), 1 - bias);
  // A whole number of units in the last place; nearbyint rounds half to even.
  double units =
      std::nearbyint(std::ldexp(magnitude, format.mantissaBits - exponent));
  // Carries out of the mantissa into the exponent by themselves.
  uint64_t hidden = uint64_t{1} << format.mantissaBits;
  uint64_t bits = static_cast<uint64_t>(units) +
                  static_cast<uint64_t>(exponent + bias - 1) * hidden;
  return sign | std::min(bits, overflow);
}

double tilec::loadAsDouble(const void *element, DType dtype) {
  switch (dtype) {
  case DType::F32:
    return loadAs<float>(element);
  case DType::F64:
    return loadAs<double>(element);
  case DType::Bool:
    return loadAs<uint8_t>(element) != 0;
  default:
    break;
  }
  uint64_t bits = loadBits(element, getBits(dtype));
  if (isFloat(dtype))
    return decodeFloat(bits, dtype);
  if (isUnsignedInt(dtype))
    return static_cast<double>(bits);
  uint64_t sign = uint64_t{1} << (getBits(dtype) - 1);
  return static_cast<double>(static_cast<int64_t>((bits ^ sign) - sign));
}

/// The bits of `value` truncated and saturated to an integer type.
static uint64_t saturateToInteger(double value, DType dtype) {
  if (std::isnan(value))
    return 0;
  unsigned bits = getBits(dtype);
  bool isSigned = isSignedInt(dtype);
  double limit = std::ldexp(1.0, static_cast<int>(bits) - isSigned);
  uint64_t largest = isSigned    ? (uint64_t{1} << (bits - 1)) - 1
                     : bits < 64 ? (uint64_t{1} << bits) - 1
                                 : ~uint64_t{0};
  if (value >= limit)
    return largest;
  if (isSigned)
    return value <= -limit ? largest + 1
                           : static_cast<uint64_t>(static_cast<int64_t>(value));
  return value <= 0 ? 0 : static_cast<uint64_t>(value);
}

void tilec::storeFromDouble(void *element, DType dtype, double value) {
  switch (dtype) {
  case DType::F32:
    storeBits(element, 32, std::bit_cast<uint32_t>(static_cast<float>(value)));
    return;
  case DType::F64:
    storeBits(element, 64, std::bit_cast<uint64_t>(value));
    return;
  case DType::Bool:
    storeBits(element, 8, value != 0);
    return;
  default:
    break;
  }
  storeBits(element, getBits(dtype),
            isFloat(dtype) ? encodeFloat(value, dtype)
                           : saturateToInteger(value, dtype));
}

/// Parses an integer of the type exactly (a double would lose i64 digits).
static bool parseInteger(const std::string &text, DType dtype, void *element) {
  errno = 0;
  char *end = nullptr;
  unsigned bits = getBits(dtype);
  if (isSignedInt(dtype)) {
    long long value = std::strtoll(text.c_str(), &end, 0);
    long long limit = bits == 64 ? std::numeric_limits<long long>::max()
                                 : (1ll << (bits - 1)) - 1;
    if (*end || errno || value > limit || value < -limit - 1)
      return false;
    storeBits(element, bits, static_cast<uint64_t>(value));
    return true;
  }
  unsigned long long value = std::strtoull(text.c_str(), &end, 0);
  if (*end || errno || text[0] == '-' || (bits < 64 && value >> bits))
    return false;
  storeBits(element, bits, value);
  return true;
}

bool tilec::parseScalar(std::string_view text, DType dtype, void *element,
                        std::string &error) {
  std::string buffer(text);
  auto fail = [&](std::string_view what) {
    error = "'" + buffer + "' is not " + std::string(what) + " of type " +
            std::string(getName(dtype));
    return false;
  };
  // strtod would skip leading space, which is a typo in an argument.
  if (buffer.empty() || std::isspace(static_cast<unsigned char>(buffer[0])))
    return fail("a number");
  if (dtype == DType::Bool) {
    if (buffer != "true" && buffer != "false" && buffer != "0" && buffer != "1")
      return fail("a value");
    storeBits(element, 8, buffer == "true" || buffer == "1");
    return true;
  }
  if (!isFloat(dtype))
    return parseInteger(buffer, dtype, element) || fail("an integer");
  char *end = nullptr;
  if (dtype == DType::F32) {
    float value = std::strtof(buffer.c_str(), &end); // one rounding, not two
    if (*end)
      return fail("a number");
    storeBits(element, 32, std::bit_cast<uint32_t>(value));
    return true;
  }
  double value = std::strtod(buffer.c_str(), &end);
  if (*end)
    return fail("a number");
  storeFromDouble(element, dtype, value);
  return true;
}
