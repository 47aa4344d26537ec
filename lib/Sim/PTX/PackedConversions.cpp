//===- PackedConversions.cpp - cvt of packed formats and of tf32 -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.9.21 and 9.7.9.22 of the manual: two elements at a time, of 16 bits down to 4; and integers that are
// clamped and packed.

#include "Conversions.h"
#include "Execute.h"

using namespace tilec::sim::ptx;

/// Bits from one element of a packed type to the next: elements of 6 bits are in 8.
static unsigned stride(Type type) { return bitWidth(type) / 2; }

//===----------------------------------------------------------------------===//
// ue8m0
//===----------------------------------------------------------------------===//

/// A power of two, 2^(bits - 127), or a NaN where all bits are set. There is no sign and no zero: the sign is dropped,
/// and what is below the least power becomes that.
static uint64_t encodeScale(const ExactNumber &number, bool isUp, bool saturates) {
  constexpr uint64_t nan = 255, largest = 254;
  if (number.isNaN())
    return nan;
  if (number.kind == ExactNumber::Kind::Infinity)
    return saturates ? largest : nan;
  if (number.isZero())
    return 0;
  int width = 64 - llvm::countl_zero(number.significand);
  bool isPower = llvm::has_single_bit(number.significand);
  int biased = std::max(number.exponent + width - 1 + (isUp && !isPower) + 127, 0);
  return biased < 255 ? biased : saturates ? largest : nan;
}

static ExactNumber decodeScale(uint64_t bits) {
  ExactNumber number;
  if (bits == 255)
    number.kind = ExactNumber::Kind::NaN;
  number.significand = 1;
  number.exponent = static_cast<int>(bits) - 127;
  return number;
}

//===----------------------------------------------------------------------===//
// pairs
//===----------------------------------------------------------------------===//

static uint64_t convertElement(Type to, Type from, uint64_t bits, const Op &op) {
  ExactNumber number = from == Type::UE8M0x2 ? decodeScale(bits & 255) : decodeFloat(formatOf(from), bits);
  auto rounding = static_cast<Rounding>(op.mode);
  if (to == Type::UE8M0x2)
    return encodeScale(number, rounding == Rounding::Up, op.flags & Convert::SatFinite);
  return convertTo(formatOf(to), number, rounding, op.flags);
}

/// Types are in `size` (to) and `count` (from). The first of two f32 operands is the upper element.
static Step convertPair(Warp &warp, const Op &op, Mask mask) {
  Type to = static_cast<Type>(op.size), from = static_cast<Type>(op.count);
  const Lanes &a = warp.source(op.a), &b = from == Type::F32 ? warp.source(op.b) : a;
  unsigned shift = from == Type::F32 ? 0 : stride(from);
  Lanes d;
  forEachLane(mask, [&](unsigned lane) {
    d.v[lane] =
        convertElement(to, from, a.v[lane] >> shift, op) << stride(to) | convertElement(to, from, b.v[lane], op);
    return true;
  });
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// The pairs of types that there are, and the roundings of each; a 1 in `roundings` at the number of each.
static bool isDefined(Type to, Type from, unsigned &roundings) {
  bool isFromF32 = from == Type::F32, isFrom16 = from == Type::F16x2 || from == Type::BF16x2;
  constexpr unsigned rn = 1 << unsigned(Rounding::NearestEven), rz = 1 << unsigned(Rounding::TowardZero),
                     rp = 1 << unsigned(Rounding::Up);
  switch (to) {
  case Type::F16x2:
    roundings = isFromF32 ? rn | rz : rn;
    return isFromF32 || from == Type::E4M3x2 || from == Type::E5M2x2 || from == Type::E2M3x2 || from == Type::E3M2x2 ||
           from == Type::E2M1x2;
  case Type::BF16x2:
    roundings = isFromF32 ? rn | rz : rn;
    return isFromF32 || from == Type::UE8M0x2;
  case Type::E4M3x2:
  case Type::E5M2x2:
  case Type::E2M3x2:
  case Type::E3M2x2:
  case Type::E2M1x2:
    roundings = rn;
    return isFromF32 || isFrom16;
  case Type::UE8M0x2:
    roundings = rz | rp;
    return isFromF32 || from == Type::BF16x2;
  default:
    return false;
  }
}

//===----------------------------------------------------------------------===//
// tf32
//===----------------------------------------------------------------------===//

/// 10 bits of mantissa in the upper bits of an f32.
static Step convertToTF32(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  Lanes d;
  forEachLane(mask, [&](unsigned lane) {
    ExactNumber number = decodeFloat(kF32, a.v[lane]);
    d.v[lane] = convertTo(kTF32, number, static_cast<Rounding>(op.mode), op.flags) << 13;
    return true;
  });
  warp.set(op.d, d, mask);
  return Step::Next;
}

bool tilec::sim::ptx::decodePackedConversion(Decoder &d, Type to, Type from, bool hasRounding) {
  auto rounding = static_cast<Rounding>(d.op.mode);
  bool isPlain = !(d.op.flags & (Convert::Flush | Convert::Saturate));
  if (to == Type::TF32) {
    bool isNearest = rounding == Rounding::NearestAway;
    bool isGood = from == Type::F32 && isPlain && hasRounding &&
                  (isNearest ? !(d.op.flags & Convert::Relu)
                             : rounding == Rounding::NearestEven || rounding == Rounding::TowardZero);
    if (!isGood)
      return d.fail("'" + d.syntax().spelling() + "' is not supported");
    d.op.execute = convertToTF32;
    return d.expectOperands(2) && d.result(0, Type::B32, d.op.d) && d.source(1, Type::F32, d.op.a);
  }
  unsigned roundings = 0;
  if (!isPlain || !isDefined(to, from, roundings))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  if (!hasRounding || !(roundings >> d.op.mode & 1))
    return d.fail("'" + d.syntax().spelling() + "' needs another rounding");
  // Widening is exact and to or from scales there is no sign.
  bool isToNarrow = to != Type::F16x2 && to != Type::BF16x2, isScale = to == Type::UE8M0x2 || from == Type::UE8M0x2;
  if ((isToNarrow && !isScale && !(d.op.flags & Convert::SatFinite)) ||
      (!isToNarrow && from != Type::F32 && d.op.flags & Convert::SatFinite) || (isScale && d.op.flags & Convert::Relu))
    return d.fail("'.relu' and '.satfinite' cannot be left out or given so in '" + d.syntax().spelling() + "'");
  d.op.size = static_cast<uint8_t>(to);
  d.op.count = static_cast<uint8_t>(from);
  d.op.execute = convertPair;
  auto container = [](Type type) {
    return bitWidth(type) == 32 ? Type::B32 : bitWidth(type) == 16 ? Type::B16 : Type::B8;
  };
  if (from != Type::F32)
    return d.expectOperands(2) && d.result(0, container(to), d.op.d) && d.source(1, container(from), d.op.a);
  return d.expectOperands(3) && d.result(0, container(to), d.op.d) && d.source(1, from, d.op.a) &&
         d.source(2, from, d.op.b);
}

//===----------------------------------------------------------------------===//
// cvt.pack
//===----------------------------------------------------------------------===//

/// The bits of an element in `size`, flag 1 for signed ones. `a` is above `b`, and `c` above both.
static Step packIntegers(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &c = warp.source(op.c);
  bool isSigned = op.flags & 1;
  int64_t least = isSigned ? -(int64_t(1) << (op.size - 1)) : 0,
          most = (int64_t(1) << (isSigned ? op.size - 1 : op.size)) - 1;
  uint64_t low = (uint64_t(1) << op.size) - 1;
  Lanes d;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    auto clamped = [&](uint64_t bits) {
      return static_cast<uint64_t>(std::clamp<int64_t>(static_cast<int32_t>(bits), least, most)) & low;
    };
    d.v[lane] =
        (clamped(a.v[lane]) << op.size | clamped(b.v[lane]) | c.v[lane] << (2 * op.size)) & uint64_t(UINT32_MAX);
  }
  warp.set(op.d, d, mask);
  return Step::Next;
}

bool tilec::sim::ptx::decodeConvertAndPack(Decoder &d) {
  // The names of 2 and 4 bits are no types elsewhere.
  static constexpr unsigned sizes[] = {16, 16, 8, 8, 4, 4, 2, 2};
  int type = d.takeOneOf({"u16", "s16", "u8", "s8", "u4", "s4", "u2", "s2"});
  bool isWide = type == 0 || type == 1;
  if (type < 0 || !d.take("sat") || !d.take("s32") || isWide == d.take("b32"))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  d.op.size = sizes[type];
  d.op.flags = type & 1;
  d.op.execute = packIntegers;
  if (!d.expectOperands(isWide ? 3 : 4) || !d.result(0, Type::U32, d.op.d) || !d.source(1, Type::S32, d.op.a) ||
      !d.source(2, Type::S32, d.op.b))
    return false;
  d.op.c = d.constant(0);
  return isWide || d.source(3, Type::B32, d.op.c);
}
