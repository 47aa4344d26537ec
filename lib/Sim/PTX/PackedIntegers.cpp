//===- PackedIntegers.cpp - dot products, halves, odd bit counts -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From section 9.7.1 of the manual: dp4a, dp2a, fns, szext, and add, min and max of two 16-bit integers in a register.

#include "PackedIntegers.h"
#include "Execute.h"

using namespace tilec::sim::ptx;

//===----------------------------------------------------------------------===//
// dot products
//===----------------------------------------------------------------------===//

/// The products of four bytes, or of two halves of `a` with the lower or the upper two bytes of `b`, added to `c`, all
/// modulo 2^32.
template <typename A, typename B, unsigned first>
static constexpr auto kDot = [](uint32_t a, uint32_t b, uint32_t c) {
  constexpr unsigned count = 4 / sizeof(A), width = 8 * sizeof(A);
  for (unsigned i = 0; i != count; ++i)
    c += static_cast<uint32_t>(static_cast<A>(a >> (width * i))) *
         static_cast<uint32_t>(static_cast<B>(b >> (8 * (first + i))));
  return c;
};

template <typename A, typename B, unsigned first> static Execute dot() {
  return ternary<uint32_t, uint32_t, uint32_t, uint32_t, kDot<A, B, first>>;
}

/// Bits of the index: 1 for a signed `a`, 2 for a signed `b`.
static constexpr Execute (*kDots4[])() = {dot<uint8_t, uint8_t, 0>, dot<int8_t, uint8_t, 0>, dot<uint8_t, int8_t, 0>,
                                          dot<int8_t, int8_t, 0>};
static constexpr Execute (*kDots2Low[])() = {dot<uint16_t, uint8_t, 0>, dot<int16_t, uint8_t, 0>,
                                             dot<uint16_t, int8_t, 0>, dot<int16_t, int8_t, 0>};
static constexpr Execute (*kDots2High[])() = {dot<uint16_t, uint8_t, 2>, dot<int16_t, uint8_t, 2>,
                                              dot<uint16_t, int8_t, 2>, dot<int16_t, int8_t, 2>};

static bool decodeDot(Decoder &d) {
  bool isOfBytes = d.syntax().opcode == "dp4a";
  int part = isOfBytes ? 0 : d.takeOneOf({"lo", "hi"});
  Type a, b;
  if (part < 0)
    return d.fail("'dp2a' needs '.lo' or '.hi'");
  if (!d.needType(a) || !d.needType(b))
    return false;
  if ((a != Type::U32 && a != Type::S32) || (b != Type::U32 && b != Type::S32))
    return d.fail("'" + d.syntax().opcode + "' is for .u32 and .s32");
  unsigned index = (a == Type::S32) | (b == Type::S32) << 1;
  return d.operands(Type::B32, isOfBytes ? kDots4[index]() : part ? kDots2High[index]() : kDots2Low[index](), 3);
}

//===----------------------------------------------------------------------===//
// halves
//===----------------------------------------------------------------------===//

template <typename T, auto f>
static constexpr auto kHalves = [](uint32_t a, uint32_t b) {
  uint32_t low = static_cast<uint16_t>(f(static_cast<T>(a), static_cast<T>(b)));
  return low | static_cast<uint32_t>(static_cast<uint16_t>(f(static_cast<T>(a >> 16), static_cast<T>(b >> 16)))) << 16;
};

template <auto f> static Execute onHalves(Type type) {
  return type == Type::U16x2 ? binary<uint32_t, uint32_t, uint32_t, kHalves<uint16_t, f>>
                             : binary<uint32_t, uint32_t, uint32_t, kHalves<int16_t, f>>;
}

bool tilec::sim::ptx::decodePackedSum(Decoder &d, Type type) {
  return d.operands(type, onHalves<[](auto a, auto b) { return a + b; }>(type), 2);
}

bool tilec::sim::ptx::decodePackedMinMax(Decoder &d, Type type, bool isMax) {
  if (type == Type::S16x2 && d.take("relu")) {
    constexpr auto most = [](int a, int b) { return std::max({a, b, 0}); };
    constexpr auto least = [](int a, int b) { return std::max(std::min(a, b), 0); };
    return d.operands(type, isMax ? onHalves<most>(type) : onHalves<least>(type), 2);
  }
  constexpr auto most = [](auto a, auto b) { return std::max(a, b); };
  constexpr auto least = [](auto a, auto b) { return std::min(a, b); };
  return d.operands(type, isMax ? onHalves<most>(type) : onHalves<least>(type), 2);
}

//===----------------------------------------------------------------------===//
// bits
//===----------------------------------------------------------------------===//

/// The position of the |offset|-th bit that is set in `mask`, counted from `base` on, upwards or downwards; of offset 0
/// whether `base` is one. A base beyond 31 is undefined, and finds nothing here.
static uint32_t findSet(uint32_t mask, uint32_t base, int32_t offset) {
  if (base > 31)
    return UINT32_MAX;
  if (offset == 0)
    return mask >> base & 1 ? base : UINT32_MAX;
  int64_t left = offset < 0 ? -int64_t(offset) : offset;
  for (int position = static_cast<int>(base); position >= 0 && position < 32; position += offset > 0 ? 1 : -1)
    if (mask >> position & 1 && --left == 0)
      return position;
  return UINT32_MAX;
}

/// A search, lane by lane.
static Step findSets(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &c = warp.source(op.c);
  Lanes d;
  forEachLane(mask, [&](unsigned lane) {
    d.v[lane] = findSet(a.v[lane], b.v[lane], static_cast<int32_t>(c.v[lane]));
    return true;
  });
  warp.set(op.d, d, mask);
  return Step::Next;
}

static bool decodeFns(Decoder &d) {
  if (!d.take("b32"))
    return d.fail("'fns' is 'fns.b32'");
  return d.operands(Type::B32, findSets, 3);
}

/// The low `b` bits of `a`, extended; of 32 and more all of them, or by the low five bits of `b`.
template <bool isSigned, bool isClamped>
static constexpr auto kExtend = [](uint32_t a, uint32_t b) -> uint32_t {
  if (isClamped && b >= 32)
    return a;
  uint32_t bits = b & 31, above = ~uint32_t(0) << bits;
  bool isNegative = isSigned && bits && (a >> (bits - 1) & 1);
  return (a & ~above) | (isNegative ? above : 0);
};

static bool decodeSzext(Decoder &d) {
  int mode = d.takeOneOf({"clamp", "wrap"});
  Type type;
  if (mode < 0)
    return d.fail("'szext' needs '.clamp' or '.wrap'");
  if (!d.needType(type))
    return false;
  using U = uint32_t;
  static constexpr Execute extensions[] = {binary<U, U, U, kExtend<false, true>>,
                                           binary<U, U, U, kExtend<false, false>>, binary<U, U, U, kExtend<true, true>>,
                                           binary<U, U, U, kExtend<true, false>>};
  bool isDefined = type == Type::U32 || type == Type::S32;
  return d.operands(type, isDefined ? extensions[mode + 2 * (type == Type::S32)] : nullptr, 2);
}

void tilec::sim::ptx::addPackedIntegers(DecodeTable &table) {
  table["dp4a"] = table["dp2a"] = decodeDot;
  table["fns"] = decodeFns;
  table["szext"] = decodeSzext;
}
