//===- Conversions.cpp - cvt and cvta ---------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section 9.7.9.21 of the manual (cvt) and 9.7.9.20 (cvta). Common conversions are machine instructions; the rest goes
// through LLVM's APFloat, which rounds in every direction.

#include "Decoder.h"
#include "Execute.h"
#include "FloatingPoint.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APSInt.h"
#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace tilec::sim::ptx;
using llvm::APFloat;

/// Bits of Op::flags.
static constexpr uint8_t kFlush = 1, kSaturate = 2, kRelu = 4;

static bool isSigned(Type type) {
  return type == Type::S8 || type == Type::S16 || type == Type::S32 || type == Type::S64;
}
static bool isInteger(Type type) {
  return isSigned(type) || type == Type::U8 || type == Type::U16 || type == Type::U32 || type == Type::U64;
}

static const llvm::fltSemantics &semantics(Type type) {
  switch (type) {
  case Type::F16:
  case Type::F16x2:
    return APFloat::IEEEhalf();
  case Type::BF16:
  case Type::BF16x2:
    return APFloat::BFloat();
  case Type::F64:
    return APFloat::IEEEdouble();
  default:
    return APFloat::IEEEsingle();
  }
}

/// By index into the roundings of takeRounding.
static APFloat::roundingMode modeOf(unsigned rounding) {
  static constexpr APFloat::roundingMode modes[] = {APFloat::rmNearestTiesToEven, APFloat::rmTowardZero,
                                                    APFloat::rmTowardNegative, APFloat::rmTowardPositive};
  return modes[rounding & 3];
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

static uint64_t integerToFloat(Type to, Type from, uint64_t bits, unsigned rounding) {
  APFloat result(semantics(to));
  result.convertFromAPInt(llvm::APInt(64, extended(from, bits)), isSigned(from), modeOf(rounding));
  return result.bitcastToAPInt().getZExtValue();
}

static uint64_t floatToInteger(Type to, Type from, uint64_t bits, unsigned rounding) {
  unsigned width = bitWidth(to);
  APFloat value(semantics(from), llvm::APInt(bitWidth(from), bits));
  if (value.isNaN())
    return from != Type::F64 && width != 64 ? 0 : uint64_t(1) << (width - 1);
  llvm::APSInt result(width, !isSigned(to));
  bool isExact;
  // Beyond the range the result is the nearest integer that there is.
  value.convertToInteger(result, modeOf(rounding), &isExact);
  return extended(to, result.getZExtValue());
}

static uint64_t floatToFloat(Type to, Type from, uint64_t bits, const Op &op, bool toIntegral) {
  if (op.flags & kFlush && from == Type::F32)
    bits = flushed(bits);
  APFloat value(semantics(from), llvm::APInt(bitWidth(from), bits));
  bool losesInfo;
  if (toIntegral)
    value.roundToIntegral(modeOf(op.mode));
  value.convert(semantics(to), modeOf(op.mode), &losesInfo);
  if (op.flags & kSaturate) {
    APFloat one(semantics(to), 1);
    if (value.isNaN() || value.isNegative())
      value = APFloat::getZero(semantics(to));
    else if (value > one)
      value = one;
  }
  if (op.flags & kRelu && value.isNegative() && !value.isNaN())
    value = APFloat::getZero(semantics(to));
  if (value.isNaN())
    return to == Type::F64 ? 0x7ff8000000000000 : to == Type::F32 ? 0x7fffffff : 0x7fff;
  uint64_t result = value.bitcastToAPInt().getZExtValue();
  return op.flags & kFlush && to == Type::F32 ? flushed(result) : result;
}

//===----------------------------------------------------------------------===//
// all lanes
//===----------------------------------------------------------------------===//

/// Types are in `size` (to) and `count` (from), the rounding in `mode`; `immediate` is the mask of the result's
/// register.
static Step convertSlowly(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  Type to = static_cast<Type>(op.size), from = static_cast<Type>(op.count);
  uint64_t low = bitWidth(from) == 64 ? ~uint64_t(0) : (uint64_t(1) << bitWidth(from)) - 1;
  Lanes d;
  forEachLane(mask, [&](unsigned lane) {
    uint64_t bits = a.v[lane] & low;
    if (isInteger(from))
      d.v[lane] = isInteger(to) ? integerToInteger(to, from, bits, op.flags & kSaturate)
                                : integerToFloat(to, from, bits, op.mode);
    else if (isInteger(to))
      d.v[lane] = floatToInteger(to, from, op.flags & kFlush && from == Type::F32 ? flushed(bits) : bits, op.mode);
    else
      d.v[lane] = floatToFloat(to, from, bits, op, op.b);
    d.v[lane] &= op.immediate;
    return true;
  });
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// `cvt.rn.f16x2.f32 d, a, b`: `a` in the upper half, `b` in the lower.
static Step convertPair(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b);
  Type to = static_cast<Type>(op.size);
  Lanes d;
  forEachLane(mask, [&](unsigned lane) {
    d.v[lane] = floatToFloat(to, Type::F32, a.v[lane] & UINT32_MAX, op, false) << 16 |
                floatToFloat(to, Type::F32, b.v[lane] & UINT32_MAX, op, false);
    return true;
  });
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// To tf32: 10 bits of mantissa, halves away from zero (`.rna`) or to even.
static Step convertToTF32(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  Lanes d;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    uint32_t bits = a.v[lane], magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      d.v[lane] = 0x7fffffff;
      continue;
    }
    uint32_t half = op.mode ? 0x1000 : 0xfff + (magnitude >> 13 & 1);
    uint32_t rounded = magnitude == 0x7f800000 ? magnitude : (magnitude + half) & ~0x1fffu;
    bool isNegative = bits >> 31;
    d.v[lane] = op.flags & kRelu && isNegative ? 0 : rounded | (bits & 0x80000000);
  }
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

static bool decodeCvt(Decoder &d) {
  // The mode is a rounding of the value, or to an integer.
  int rounding = d.takeOneOf({"rn", "rz", "rm", "rp"}), toIntegral = d.takeOneOf({"rni", "rzi", "rmi", "rpi"});
  bool awayFromZero = d.take("rna");
  d.op.flags = (d.take("ftz") ? kFlush : 0) | (d.take("sat") ? kSaturate : 0) | (d.take("relu") ? kRelu : 0);
  d.take("satfinite");
  Type to, from;
  if (!d.needType(to) || !d.needType(from))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  if (to == Type::TF32 && from == Type::F32) {
    d.op.execute = convertToTF32;
    d.op.mode = awayFromZero;
    return d.expectOperands(2) && d.result(0, Type::B32, d.op.d) && d.source(1, Type::F32, d.op.a);
  }
  auto isPlain = [](Type type) {
    return isInteger(type) || type == Type::F16 || type == Type::BF16 || type == Type::F32 || type == Type::F64;
  };
  bool isPair = (to == Type::F16x2 || to == Type::BF16x2) && from == Type::F32;
  if (awayFromZero || !(isPair || (isPlain(to) && isPlain(from))))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  if (isInteger(to) && !isInteger(from) && toIntegral < 0)
    return d.fail("a conversion to an integer needs '.rni', '.rzi', '.rmi' or '.rpi'");
  d.op.mode = std::max({rounding, toIntegral, 0});
  d.op.size = static_cast<uint8_t>(to);
  d.op.count = static_cast<uint8_t>(from);
  if (isPair) {
    d.op.execute = convertPair;
    return d.expectOperands(3) && d.result(0, Type::B32, d.op.d) && d.source(1, Type::F32, d.op.a) &&
           d.source(2, Type::F32, d.op.b);
  }
  if (!d.expectOperands(2) || !d.result(d.syntax().operands[0], to, d.op.d, /*mayBeWider=*/true) ||
      !d.source(1, from, d.op.a))
    return false;
  const Operand &into = d.syntax().operands[0];
  unsigned width =
      into.kind == Operand::Kind::Register ? bitWidth(d.code.syntax->registers[into.index].type) : bitWidth(to);
  d.op.immediate = width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  // Floats of one type are rounded to integers in place.
  bool roundsInPlace = !isInteger(to) && !isInteger(from) && toIntegral >= 0;
  d.op.execute = width == bitWidth(to) && !roundsInPlace ? fastConversion(to, from, d.op.mode, d.op.flags) : nullptr;
  if (!d.op.execute)
    d.op.execute = convertSlowly;
  d.op.b = roundsInPlace;
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
  const Operand &from = d.syntax().operands[1];
  if (from.kind == Operand::Kind::Variable && space == 2)
    return d.fail(from.place, "take the address with 'mov' first");
  static constexpr auto add = [](uint64_t a, uint64_t b) { return a + b; };
  d.op.execute = binary<uint64_t, uint64_t, uint64_t, add>;
  d.op.b = d.constant(fromGeneric ? -window : window);
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a);
}

void tilec::sim::ptx::addConversions(DecodeTable &table) {
  table["cvt"] = decodeCvt;
  table["cvta"] = decodeCvta;
}
