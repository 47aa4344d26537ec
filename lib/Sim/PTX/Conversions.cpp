//===- Conversions.cpp - cvt and cvta ---------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section 9.7.9.21 of the manual (cvt) and 9.7.9.20 (cvta). Common conversions are machine instructions; the rest takes
// numbers apart and rounds them (FloatFormats.h).

#include "Conversions.h"
#include "Execute.h"
#include "FloatingPoint.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

static bool isSigned(Type type) {
  return type == Type::S8 || type == Type::S16 || type == Type::S32 || type == Type::S64;
}
static bool isInteger(Type type) {
  return isSigned(type) || type == Type::U8 || type == Type::U16 || type == Type::U32 || type == Type::U64;
}

const FloatFormat &tilec::sim::ptx::formatOf(Type type) {
  switch (type) {
  case Type::F16:
  case Type::F16x2:
    return kF16;
  case Type::BF16:
  case Type::BF16x2:
    return kBF16;
  case Type::F64:
    return kF64;
  case Type::TF32:
    return kTF32;
  case Type::E4M3x2:
    return kE4M3;
  case Type::E5M2x2:
    return kE5M2;
  case Type::E2M3x2:
    return kE2M3;
  case Type::E3M2x2:
    return kE3M2;
  case Type::E2M1x2:
    return kE2M1;
  default:
    return kF32;
  }
}

/// A subnormal f32 as `.ftz` sees it.
static uint64_t flushed(uint64_t bits) { return bits & 0x7f800000 ? bits : bits & 0x80000000; }

static uint64_t extended(Type type, uint64_t bits) {
  unsigned width = bitWidth(type);
  if (width == 64)
    return bits;
  uint64_t low = bits & ((uint64_t(1) << width) - 1);
  return isSigned(type) && low >> (width - 1) ? low | ~uint64_t(0) << width : low;
}

uint64_t tilec::sim::ptx::convertTo(const FloatFormat &format, const ExactNumber &number, Rounding rounding,
                                    uint8_t flags) {
  if (flags & Convert::Saturate && number.isNaN())
    return 0;
  bool clampsBelow = flags & (Convert::Saturate | Convert::Relu);
  if (clampsBelow && number.isNegative && !number.isNaN())
    return 0;
  uint64_t bits = encodeFloat(format, number, rounding, flags & Convert::SatFinite);
  uint64_t one = static_cast<uint64_t>(format.bias()) << format.mantissaBits;
  return flags & Convert::Saturate ? std::min(bits, one) : bits;
}

//===----------------------------------------------------------------------===//
// one value
//===----------------------------------------------------------------------===//

static uint64_t integerToInteger(Type to, Type from, uint64_t bits, bool saturates) {
  uint64_t value = extended(from, bits);
  if (!saturates)
    return extended(to, value);
  __int128 wide = isSigned(from) ? __int128(static_cast<int64_t>(value)) : __int128(value);
  unsigned width = bitWidth(to);
  __int128 least = isSigned(to) ? -(__int128(1) << (width - 1)) : 0,
           most = (__int128(1) << (isSigned(to) ? width - 1 : width)) - 1;
  return static_cast<uint64_t>(std::clamp(wide, least, most));
}

static uint64_t floatToInteger(Type to, Type from, const ExactNumber &number, Rounding rounding) {
  unsigned width = bitWidth(to);
  if (number.isNaN())
    return from != Type::F64 && width != 64 ? 0 : extended(to, uint64_t(1) << (width - 1));
  return encodeInteger(number, rounding, width, isSigned(to));
}

/// A NaN of `from` in a type, where the manual says only that it is one: between f64 and others the sign and the upper
/// bits of the mantissa stay, and what nothing is done to stays as it is. Otherwise it is the one that operations give.
static uint64_t convertNaN(Type to, Type from, uint64_t bits, bool isFlushed, bool isIntegral) {
  const FloatFormat &into = formatOf(to), &format = formatOf(from);
  if (isFlushed && from == Type::F32)
    bits = format.nan;
  bool isUnchanged =
      !isFlushed && !isIntegral &&
      ((to == Type::F32 && (from == Type::F32 || from == Type::BF16)) || (to == Type::F64 && from == Type::F64));
  if (!isUnchanged && to != Type::F64 && from != Type::F64)
    return into.nan;
  uint64_t payload = bits & ((uint64_t(1) << format.mantissaBits) - 1);
  int wider = static_cast<int>(into.mantissaBits) - static_cast<int>(format.mantissaBits);
  payload = wider > 0 ? payload << wider : payload >> -wider;
  uint64_t quiet = isUnchanged ? 0 : uint64_t(1) << (into.mantissaBits - 1);
  return (bits & format.sign() ? into.sign() : 0) | into.infinity() | quiet | payload;
}

/// A conversion of one value; Op has the rounding in `mode` and the modifiers in `flags`.
static uint64_t convert(Type to, Type from, uint64_t bits, const Op &op) {
  auto rounding = static_cast<Rounding>(op.mode);
  if (isInteger(from) && isInteger(to))
    return integerToInteger(to, from, bits, op.flags & Convert::Saturate);
  bool isFlushed = op.flags & Convert::Flush;
  ExactNumber number = isInteger(from)
                           ? decodeInteger(extended(from, bits), isSigned(from))
                           : decodeFloat(formatOf(from), isFlushed && from == Type::F32 ? flushed(bits) : bits);
  if (isInteger(to))
    return floatToInteger(to, from, number, rounding);
  bool isIntegral = op.flags & Convert::Integral;
  if (number.isNaN() && !(op.flags & (Convert::Saturate | Convert::Relu)))
    return convertNaN(to, from, bits, isFlushed, isIntegral);
  if (isIntegral)
    number = roundToIntegral(number, rounding);
  uint64_t result = convertTo(formatOf(to), number, rounding, op.flags);
  if (!isFlushed || to != Type::F32 || (result & 0x7fffffff) > 0x00800000)
    return result;
  // Whether it is below the least normal number is decided as if there were smaller exponents.
  number.exponent += 64;
  uint64_t scaled = convertTo(formatOf(to), number, rounding, op.flags) & 0x7fffffff;
  return scaled < uint64_t(65) << 23 ? result & 0x80000000 : result;
}

//===----------------------------------------------------------------------===//
// all lanes
//===----------------------------------------------------------------------===//

/// Types are in `size` (to) and `count` (from); `immediate` is the mask of the result's register.
static Step convertSlowly(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  Type to = static_cast<Type>(op.size), from = static_cast<Type>(op.count);
  uint64_t low = bitWidth(from) == 64 ? ~uint64_t(0) : (uint64_t(1) << bitWidth(from)) - 1;
  Lanes d;
  forEachLane(mask, [&](unsigned lane) {
    d.v[lane] = convert(to, from, a.v[lane] & low, op) & op.immediate;
    return true;
  });
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// Machine instructions for the common ones; null for the others.
static Execute fastConversion(Type to, Type from, unsigned rounding, uint8_t flags) {
  if (flags)
    return nullptr;
  if (isInteger(to) && isInteger(from)) {
    if (to == Type::S64 && from == Type::S32)
      return unary<int64_t, int32_t, [](int32_t a) { return int64_t(a); }>;
    if (bitWidth(to) == 64 && from == Type::U32)
      return unary<uint64_t, uint32_t, [](uint32_t a) { return uint64_t(a); }>;
    if (bitWidth(to) == 32 && bitWidth(from) >= 32)
      return unary<uint32_t, uint64_t, [](uint64_t a) { return uint32_t(a); }>;
    return nullptr;
  }
  if (to == Type::F32 && rounding == 0) {
    if (from == Type::S32)
      return unary<float, int32_t, [](int32_t a) { return float(a); }>;
    if (from == Type::U32)
      return unary<float, uint32_t, [](uint32_t a) { return float(a); }>;
  }
  if (to == Type::F64 && from == Type::S32)
    return unary<double, int32_t, [](int32_t a) { return double(a); }>;
  if (to == Type::F64 && from == Type::U32)
    return unary<double, uint32_t, [](uint32_t a) { return double(a); }>;
  if (to == Type::S32 && from == Type::F32 && rounding == 1)
    return unary<int32_t, float, [](float a) {
      return a != a ? 0 : a >= 0x1p31f ? INT32_MAX : a < -0x1p31f ? INT32_MIN : int32_t(a);
    }>;
  if (to == Type::U32 && from == Type::F32 && rounding == 1)
    return unary<uint32_t, float, [](float a) {
      return a != a || a <= 0 ? 0u : a >= 0x1p32f ? UINT32_MAX : uint32_t(a);
    }>;
  return nullptr;
}

/// What the manual's tables allow, beyond what types there are.
static bool checkModifiers(Decoder &d, Type to, Type from, bool hasRounding, bool hasIntegralRounding) {
  uint8_t flags = d.op.flags;
  bool isToInteger = isInteger(to), isFromInteger = isInteger(from);
  if (isToInteger && !isFromInteger && !hasIntegralRounding)
    return d.fail("a conversion to an integer needs '.rni', '.rzi', '.rmi' or '.rpi'");
  if (hasIntegralRounding && (isFromInteger || (!isToInteger && bitWidth(to) != bitWidth(from))))
    return d.fail("'" + d.syntax().spelling() + "' rounds to an integer, which only floats are, in their own width");
  bool maybeInexact = !isToInteger && (isFromInteger || bitWidth(to) < bitWidth(from) ||
                                       (bitWidth(to) == bitWidth(from) && to != from));
  if (maybeInexact && !hasRounding && !hasIntegralRounding)
    return d.fail("a conversion that may lose digits needs '.rn', '.rz', '.rm' or '.rp'");
  bool isNarrow = from == Type::F32 && (to == Type::F16 || to == Type::BF16);
  if (flags & (Convert::Relu | Convert::SatFinite) && !isNarrow)
    return d.fail("'.relu' and '.satfinite' are not defined for '" + d.syntax().spelling() + "'");
  if (flags & Convert::Flush && to != Type::F32 && from != Type::F32)
    return d.fail("'.ftz' is for conversions to and from .f32");
  return true;
}

static bool decodeCvt(Decoder &d) {
  if (d.take("pack"))
    return decodeConvertAndPack(d);
  if (d.take("rs"))
    return d.fail("stochastic rounding ('" + d.syntax().spelling() + "') is not supported");
  // The mode is a rounding of the value, or to an integer.
  int rounding = d.takeOneOf({"rn", "rz", "rm", "rp", "rna"}), toIntegral = d.takeOneOf({"rni", "rzi", "rmi", "rpi"});
  d.op.flags = (d.take("ftz") ? Convert::Flush : 0) | (d.take("sat") ? Convert::Saturate : 0) |
               (d.take("relu") ? Convert::Relu : 0) | (d.take("satfinite") ? Convert::SatFinite : 0);
  Type to, from;
  if (!d.needType(to) || !d.needType(from))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  d.op.mode = std::max({rounding, toIntegral, 0});
  auto isPlain = [](Type type) {
    return isInteger(type) || type == Type::F16 || type == Type::BF16 || type == Type::F32 || type == Type::F64;
  };
  if (!isPlain(to) || !isPlain(from))
    return toIntegral < 0 ? decodePackedConversion(d, to, from, rounding >= 0)
                          : d.fail("'" + d.syntax().spelling() + "' is not supported");
  if (rounding == static_cast<int>(Rounding::NearestAway))
    return d.fail("'.rna' is for conversions to .tf32");
  if (!checkModifiers(d, to, from, rounding >= 0, toIntegral >= 0))
    return false;
  // Floats of one width are rounded to integers in place.
  if (!isInteger(to) && !isInteger(from) && toIntegral >= 0)
    d.op.flags |= Convert::Integral;
  d.op.size = static_cast<uint8_t>(to);
  d.op.count = static_cast<uint8_t>(from);
  if (!d.expectOperands(2) || !d.result(d.syntax().operands[0], to, d.op.d, /*mayBeWider=*/true) ||
      !d.source(1, from, d.op.a))
    return false;
  const Operand &into = d.syntax().operands[0];
  unsigned width =
      into.kind == Operand::Kind::Register ? bitWidth(d.code.syntax->registers[into.index].type) : bitWidth(to);
  d.op.immediate = width >= 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  d.op.execute = width == bitWidth(to) ? fastConversion(to, from, d.op.mode, d.op.flags) : nullptr;
  if (!d.op.execute)
    d.op.execute = convertSlowly;
  return true;
}

//===----------------------------------------------------------------------===//
// cvta
//===----------------------------------------------------------------------===//

/// To and from generic addresses: the window of the space is added, or taken away.
static bool decodeCvta(Decoder &d) {
  bool fromGeneric = d.take("to");
  int space = d.takeOneOf({"shared", "shared::cta", "local", "param", "param::entry", "global", "const"});
  Type type;
  if (space < 0 || !d.needType(type) || type != Type::U64 || !d.expectOperands(2))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  uint64_t window = space < 2 ? Window::shared : space == 2 ? Window::local : space < 5 ? Window::param : 0;
  static constexpr auto add = [](uint64_t a, uint64_t b) { return a + b; };
  d.op.execute = binary<uint64_t, uint64_t, uint64_t, add>;
  d.op.b = d.constant(fromGeneric ? -window : window);
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a);
}

void tilec::sim::ptx::addConversions(DecodeTable &table) {
  table["cvt"] = decodeCvt;
  table["cvta"] = decodeCvta;
}
