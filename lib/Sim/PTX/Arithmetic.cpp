//===- Arithmetic.cpp - integer arithmetic and logic ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.1 (integers), 9.7.2 (extended precision) and 9.7.8 (logic and shifts) of the manual. Sums and products
// are computed modulo 2^64, of which the type keeps the low bits.

#include "Decoder.h"
#include "Execute.h"
#include "FloatingPoint.h"
#include "PackedIntegers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace tilec::sim::ptx;

//===----------------------------------------------------------------------===//
// choosing by type
//===----------------------------------------------------------------------===//

/// The binary operation on the integers of a type; null for other types.
template <auto f> static Execute binaryOn(Type type) {
  switch (type) {
  case Type::U16:
  case Type::B16:
    return binary<uint16_t, uint16_t, uint16_t, f>;
  case Type::S16:
    return binary<int16_t, int16_t, int16_t, f>;
  case Type::U32:
  case Type::B32:
    return binary<uint32_t, uint32_t, uint32_t, f>;
  case Type::S32:
    return binary<int32_t, int32_t, int32_t, f>;
  case Type::U64:
  case Type::B64:
    return binary<uint64_t, uint64_t, uint64_t, f>;
  case Type::S64:
    return binary<int64_t, int64_t, int64_t, f>;
  default:
    return nullptr;
  }
}

template <auto f> static Execute unaryOn(Type type) {
  switch (type) {
  case Type::U16:
  case Type::B16:
    return unary<uint16_t, uint16_t, f>;
  case Type::S16:
    return unary<int16_t, int16_t, f>;
  case Type::U32:
  case Type::B32:
    return unary<uint32_t, uint32_t, f>;
  case Type::S32:
    return unary<int32_t, int32_t, f>;
  case Type::U64:
  case Type::B64:
    return unary<uint64_t, uint64_t, f>;
  case Type::S64:
    return unary<int64_t, int64_t, f>;
  default:
    return nullptr;
  }
}

template <auto f> static Execute ternaryOn(Type type) {
  switch (type) {
  case Type::U16:
    return ternary<uint16_t, uint16_t, uint16_t, uint16_t, f>;
  case Type::S16:
    return ternary<int16_t, int16_t, int16_t, int16_t, f>;
  case Type::U32:
    return ternary<uint32_t, uint32_t, uint32_t, uint32_t, f>;
  case Type::S32:
    return ternary<int32_t, int32_t, int32_t, int32_t, f>;
  case Type::U64:
    return ternary<uint64_t, uint64_t, uint64_t, uint64_t, f>;
  case Type::S64:
    return ternary<int64_t, int64_t, int64_t, int64_t, f>;
  default:
    return nullptr;
  }
}

static bool isSigned(Type type) {
  return type == Type::S8 || type == Type::S16 || type == Type::S32 || type == Type::S64;
}
static bool isBits(Type type) { return type == Type::B16 || type == Type::B32 || type == Type::B64; }

//===----------------------------------------------------------------------===//
// sums, and their carries
//===----------------------------------------------------------------------===//

static constexpr auto kAdd = [](auto a, auto b) { return static_cast<decltype(a)>(uint64_t(a) + uint64_t(b)); };
static constexpr auto kSub = [](auto a, auto b) { return static_cast<decltype(a)>(uint64_t(a) - uint64_t(b)); };
static constexpr auto kAddSaturated = [](int32_t a, int32_t b) {
  return static_cast<int32_t>(std::clamp<int64_t>(int64_t(a) + b, INT32_MIN, INT32_MAX));
};
static constexpr auto kSubSaturated = [](int32_t a, int32_t b) {
  return static_cast<int32_t>(std::clamp<int64_t>(int64_t(a) - b, INT32_MIN, INT32_MAX));
};

/// `a + b + carry` or `a - b - borrow`; the flag goes in where `mode` has bit 0, and out where it has bit 1. The
/// product of `madc` was computed before.
template <typename T, bool isSum> static Step withCarry(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b);
  Mask &flag = warp.carry();
  Lanes d;
  Mask out = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    T x = a.v[lane], y = b.v[lane], in = op.mode & 1 ? flag >> lane & 1 : 0, sum, total;
    bool first = isSum ? __builtin_add_overflow(x, y, &sum) : __builtin_sub_overflow(x, y, &sum);
    bool second = isSum ? __builtin_add_overflow(sum, in, &total) : __builtin_sub_overflow(sum, in, &total);
    d.v[lane] = total;
    out |= Mask(first || second) << lane;
  }
  warp.set(op.d, d, mask);
  if (op.mode & 2)
    flag = (flag & ~mask) | (out & mask);
  return Step::Next;
}

template <bool isSum> static bool decodeSum(Decoder &d) {
  bool readsCarry = d.syntax().opcode.ends_with("c"), writesCarry = d.take("cc");
  bool isSaturated = llvm::is_contained(d.wordsLeft(), "s32") && d.take("sat");
  Type type;
  if (!d.needType(type))
    return false;
  if (isFloatType(type))
    return decodeFloatSum(d, type, isSum);
  if (isSum && isPackedInteger(type) && !readsCarry && !writesCarry)
    return decodePackedSum(d, type);
  if (isBits(type))
    return d.operands(type, nullptr, 2);
  if (readsCarry || writesCarry) {
    d.op.mode = readsCarry | writesCarry << 1;
    bool is64 = bitWidth(type) == 64;
    return d.operands(type,
                      bitWidth(type) == 16 ? nullptr
                      : is64               ? withCarry<uint64_t, isSum>
                                           : withCarry<uint32_t, isSum>,
                      2);
  }
  if (isSaturated)
    return d.operands(
        type,
        isSum ? binary<int32_t, int32_t, int32_t, kAddSaturated> : binary<int32_t, int32_t, int32_t, kSubSaturated>, 2);
  return d.operands(type, isSum ? binaryOn<kAdd>(type) : binaryOn<kSub>(type), 2);
}

//===----------------------------------------------------------------------===//
// products
//===----------------------------------------------------------------------===//

static constexpr auto kMulLow = [](auto a, auto b) { return static_cast<decltype(a)>(uint64_t(a) * uint64_t(b)); };
static constexpr auto kMadLow = [](auto a, auto b, auto c) {
  return static_cast<decltype(a)>(uint64_t(a) * uint64_t(b) + uint64_t(c));
};
static constexpr auto kMulHigh = [](auto a, auto b) {
  using T = decltype(a);
  if constexpr (std::is_signed_v<T>)
    return static_cast<T>((__int128(a) * b) >> (8 * sizeof(T)));
  else
    return static_cast<T>((static_cast<unsigned __int128>(a) * b) >> (8 * sizeof(T)));
};
static constexpr auto kMadHigh = [](auto a, auto b, auto c) {
  return static_cast<decltype(a)>(uint64_t(kMulHigh(a, b)) + uint64_t(c));
};
// Modulo 2^64, which holds every product of 32 bits as the type is signed or not.
static constexpr auto kMulWide = [](auto a, auto b) {
  return static_cast<int64_t>(uint64_t(int64_t(a)) * uint64_t(int64_t(b)));
};
static constexpr auto kMadWide = [](auto a, auto b, auto c) {
  return static_cast<decltype(c)>(uint64_t(kMulWide(a, b)) + uint64_t(c));
};
static constexpr auto kMadHighSaturated = [](int32_t a, int32_t b, int32_t c) {
  return static_cast<int32_t>(std::clamp<int64_t>(int64_t(kMulHigh(a, b)) + c, INT32_MIN, INT32_MAX));
};

/// `mul.wide` and `mad.wide`: a result of twice the width.
static bool decodeWide(Decoder &d, Type type, bool isMad) {
  Type wide;
  switch (type) {
  case Type::U16:
    d.op.execute = isMad ? ternary<uint32_t, uint16_t, uint16_t, uint32_t, kMadWide>
                         : binary<uint32_t, uint16_t, uint16_t, kMulWide>;
    wide = Type::U32;
    break;
  case Type::S16:
    d.op.execute =
        isMad ? ternary<int32_t, int16_t, int16_t, int32_t, kMadWide> : binary<int32_t, int16_t, int16_t, kMulWide>;
    wide = Type::S32;
    break;
  case Type::U32:
    d.op.execute = isMad ? ternary<uint64_t, uint32_t, uint32_t, uint64_t, kMadWide>
                         : binary<uint64_t, uint32_t, uint32_t, kMulWide>;
    wide = Type::U64;
    break;
  case Type::S32:
    d.op.execute =
        isMad ? ternary<int64_t, int32_t, int32_t, int64_t, kMadWide> : binary<int64_t, int32_t, int32_t, kMulWide>;
    wide = Type::S64;
    break;
  default:
    return d.fail("'.wide' is not defined for ." + typeName(type));
  }
  return d.expectOperands(isMad ? 4 : 3) && d.result(0, wide, d.op.d) && d.source(1, type, d.op.a) &&
         d.source(2, type, d.op.b) && (!isMad || d.source(3, wide, d.op.c));
}

static bool decodeMul(Decoder &d) {
  int part = d.takeOneOf({"lo", "hi", "wide"});
  Type type;
  if (!d.needType(type))
    return false;
  if (isFloatType(type))
    return decodeFloatMul(d, type);
  if (part < 0)
    return d.fail("'mul' of integers needs '.lo', '.hi' or '.wide'");
  if (part == 2)
    return decodeWide(d, type, /*isMad=*/false);
  return d.operands(type, isBits(type) ? nullptr : part ? binaryOn<kMulHigh>(type) : binaryOn<kMulLow>(type), 2);
}

/// `mad.cc` and `madc`: the product goes to a register of its own first.
template <typename T, bool isHigh> static Step madWithCarry(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &c = warp.source(op.c);
  Mask &flag = warp.carry();
  Lanes d;
  Mask out = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    T x = fromBits<T>(a.v[lane]), y = fromBits<T>(b.v[lane]);
    using U = std::make_unsigned_t<T>;
    U product = isHigh ? static_cast<U>(kMulHigh(x, y)) : static_cast<U>(kMulLow(x, y)), addend = c.v[lane],
      in = op.mode & 1 ? flag >> lane & 1 : 0, sum, total;
    bool first = __builtin_add_overflow(product, addend, &sum), second = __builtin_add_overflow(sum, in, &total);
    d.v[lane] = total;
    out |= Mask(first || second) << lane;
  }
  warp.set(op.d, d, mask);
  if (op.mode & 2)
    flag = (flag & ~mask) | (out & mask);
  return Step::Next;
}

template <bool isHigh> static Execute madWithCarryOn(Type type) {
  switch (type) {
  case Type::U32:
    return madWithCarry<uint32_t, isHigh>;
  case Type::S32:
    return madWithCarry<int32_t, isHigh>;
  case Type::U64:
    return madWithCarry<uint64_t, isHigh>;
  case Type::S64:
    return madWithCarry<int64_t, isHigh>;
  default:
    return nullptr;
  }
}

static bool decodeMad(Decoder &d) {
  bool readsCarry = d.syntax().opcode == "madc", writesCarry = d.take("cc");
  int part = d.takeOneOf({"lo", "hi", "wide"});
  bool isSaturated = part >= 0 && d.take("sat");
  Type type;
  if (!d.needType(type))
    return false;
  if (isFloatType(type))
    return decodeFma(d, type);
  if (part < 0)
    return d.fail("'mad' of integers needs '.lo', '.hi' or '.wide'");
  if (readsCarry || writesCarry) {
    d.op.mode = readsCarry | writesCarry << 1;
    return d.operands(type,
                      part == 1   ? madWithCarryOn<true>(type)
                      : part == 0 ? madWithCarryOn<false>(type)
                                  : nullptr,
                      3);
  }
  if (part == 2)
    return decodeWide(d, type, /*isMad=*/true);
  if (isSaturated)
    return d.operands(
        type, part == 1 && type == Type::S32 ? ternary<int32_t, int32_t, int32_t, int32_t, kMadHighSaturated> : nullptr,
        3);
  return d.operands(type, part ? ternaryOn<kMadHigh>(type) : ternaryOn<kMadLow>(type), 3);
}

/// The low 24 bits of `a`, extended as the type is.
template <typename T> static int64_t low24(T a) {
  return std::is_signed_v<T> ? int64_t(static_cast<int32_t>(uint32_t(a) << 8) >> 8) : int64_t(uint32_t(a) & 0xffffff);
}
static constexpr auto kMul24Low = [](auto a, auto b) { return static_cast<decltype(a)>(low24(a) * low24(b)); };
static constexpr auto kMul24High = [](auto a, auto b) { return static_cast<decltype(a)>((low24(a) * low24(b)) >> 16); };
static constexpr auto kMad24Low = [](auto a, auto b, auto c) {
  return static_cast<decltype(a)>(uint64_t(kMul24Low(a, b)) + uint64_t(c));
};
static constexpr auto kMad24High = [](auto a, auto b, auto c) {
  return static_cast<decltype(a)>(uint64_t(kMul24High(a, b)) + uint64_t(c));
};

static constexpr auto kMad24HighSaturated = [](int32_t a, int32_t b, int32_t c) {
  return static_cast<int32_t>(std::clamp<int64_t>(int64_t(kMul24High(a, b)) + c, INT32_MIN, INT32_MAX));
};

static bool decodeMul24(Decoder &d) {
  bool isMad = d.syntax().opcode == "mad24";
  int part = d.takeOneOf({"lo", "hi"});
  Type type;
  if (!d.needType(type))
    return false;
  if (isMad && part == 1 && type == Type::S32 && d.take("sat"))
    return d.operands(type, ternary<int32_t, int32_t, int32_t, int32_t, kMad24HighSaturated>, 3);
  if (part < 0 || (type != Type::U32 && type != Type::S32))
    return d.operands(type, nullptr, isMad ? 3 : 2);
  if (isMad)
    return d.operands(type, part ? ternaryOn<kMad24High>(type) : ternaryOn<kMad24Low>(type), 3);
  return d.operands(type, part ? binaryOn<kMul24High>(type) : binaryOn<kMul24Low>(type), 2);
}

//===----------------------------------------------------------------------===//
// quotients, extremes, counts
//===----------------------------------------------------------------------===//

// A division by 0 has an unspecified result (sections 9.7.1.8 and 9.7.1.9): all ones here, as machines do.
static constexpr auto kDiv = [](auto a, auto b) {
  using T = decltype(a);
  if (b == 0)
    return static_cast<T>(-1);
  if constexpr (std::is_signed_v<T>)
    if (b == static_cast<T>(-1))
      return static_cast<T>(-uint64_t(a));
  return static_cast<T>(a / b);
};
static constexpr auto kRem = [](auto a, auto b) {
  using T = decltype(a);
  if (b == 0)
    return static_cast<T>(-1);
  if constexpr (std::is_signed_v<T>)
    if (b == static_cast<T>(-1))
      return static_cast<T>(0);
  return static_cast<T>(a % b);
};
static constexpr auto kMin = [](auto a, auto b) { return a < b ? a : b; };
static constexpr auto kMax = [](auto a, auto b) { return a < b ? b : a; };
static constexpr auto kAbs = [](auto a) { return static_cast<decltype(a)>(a < 0 ? -uint64_t(a) : uint64_t(a)); };
static constexpr auto kNeg = [](auto a) { return static_cast<decltype(a)>(-uint64_t(a)); };
static constexpr auto kSad = [](auto a, auto b, auto c) {
  return static_cast<decltype(a)>(uint64_t(c) + (a < b ? uint64_t(b) - uint64_t(a) : uint64_t(a) - uint64_t(b)));
};

static bool decodeDiv(Decoder &d) {
  Type type;
  if (!d.needType(type))
    return false;
  if (isFloatType(type))
    return decodeFloatDiv(d, type);
  return d.operands(type, isBits(type) ? nullptr : binaryOn<kDiv>(type), 2);
}

static bool decodeRem(Decoder &d) {
  Type type;
  return d.needType(type) && d.operands(type, isBits(type) ? nullptr : binaryOn<kRem>(type), 2);
}

template <bool isMax> static bool decodeMinMax(Decoder &d) {
  Type type;
  if (!d.needType(type))
    return false;
  if (isFloatType(type))
    return decodeFloatMinMax(d, type, isMax);
  if (isPackedInteger(type))
    return decodePackedMinMax(d, type, isMax);
  bool clampsToZero = type == Type::S32 && d.take("relu");
  if (clampsToZero)
    return d.operands(
        type,
        isMax ? binary<int32_t, int32_t, int32_t, [](int32_t a, int32_t b) { return std::max(std::max(a, b), 0); }>
              : binary<int32_t, int32_t, int32_t, [](int32_t a, int32_t b) { return std::max(std::min(a, b), 0); }>,
        2);
  return d.operands(type, isBits(type) ? nullptr : isMax ? binaryOn<kMax>(type) : binaryOn<kMin>(type), 2);
}

template <bool isAbs> static bool decodeAbsNeg(Decoder &d) {
  Type type;
  if (!d.needType(type))
    return false;
  if (isFloatType(type))
    return decodeFloatSign(d, type, isAbs);
  return d.operands(type, !isSigned(type) ? nullptr : isAbs ? unaryOn<kAbs>(type) : unaryOn<kNeg>(type), 1);
}

static bool decodeSad(Decoder &d) {
  Type type;
  return d.needType(type) && d.operands(type, ternaryOn<kSad>(type), 3);
}

/// Counts of bits, whose result is 32 bits wide.
template <auto f> static bool decodeCount(Decoder &d) {
  Type type;
  if (!d.needType(type))
    return false;
  if (type != Type::B32 && type != Type::B64)
    return d.fail("'" + d.syntax().opcode + "' is not defined for ." + typeName(type));
  d.op.execute = type == Type::B64 ? unary<uint32_t, uint64_t, f> : unary<uint32_t, uint32_t, f>;
  return d.expectOperands(2) && d.result(0, Type::U32, d.op.d) && d.source(1, type, d.op.a);
}

/// The position of the highest bit that is not the sign, or of how far it has to be shifted.
template <bool isShift>
static constexpr auto kFind = [](auto a) -> uint32_t {
  using T = decltype(a);
  using U = std::make_unsigned_t<T>;
  U bits = std::is_signed_v<T> && a < 0 ? static_cast<U>(~a) : static_cast<U>(a);
  if (!bits)
    return UINT32_MAX;
  uint32_t position = 8 * sizeof(T) - 1 - llvm::countl_zero(bits);
  return isShift ? 8 * sizeof(T) - 1 - position : position;
};

static bool decodeFind(Decoder &d) {
  bool isShift = d.take("shiftamt");
  Type type;
  if (!d.needType(type))
    return false;
  switch (type) {
  case Type::U32:
    d.op.execute = isShift ? unary<uint32_t, uint32_t, kFind<true>> : unary<uint32_t, uint32_t, kFind<false>>;
    break;
  case Type::S32:
    d.op.execute = isShift ? unary<uint32_t, int32_t, kFind<true>> : unary<uint32_t, int32_t, kFind<false>>;
    break;
  case Type::U64:
    d.op.execute = isShift ? unary<uint32_t, uint64_t, kFind<true>> : unary<uint32_t, uint64_t, kFind<false>>;
    break;
  case Type::S64:
    d.op.execute = isShift ? unary<uint32_t, int64_t, kFind<true>> : unary<uint32_t, int64_t, kFind<false>>;
    break;
  default:
    return d.fail("'bfind' is not defined for ." + typeName(type));
  }
  return d.expectOperands(2) && d.result(0, Type::U32, d.op.d) && d.source(1, type, d.op.a);
}

static bool decodeReverse(Decoder &d) {
  Type type;
  if (!d.needType(type))
    return false;
  return d.operands(
      type,
      isBits(type) && type != Type::B16
          ? unaryOn<[](auto a) { return llvm::reverseBits(static_cast<std::make_unsigned_t<decltype(a)>>(a)); }>(type)
          : nullptr,
      1);
}

void tilec::sim::ptx::addArithmetic(DecodeTable &table) {
  table["add"] = table["addc"] = decodeSum<true>;
  table["sub"] = table["subc"] = decodeSum<false>;
  table["mul"] = decodeMul;
  table["mad"] = table["madc"] = decodeMad;
  table["mul24"] = table["mad24"] = decodeMul24;
  table["div"] = decodeDiv;
  table["rem"] = decodeRem;
  table["min"] = decodeMinMax<false>;
  table["max"] = decodeMinMax<true>;
  table["abs"] = decodeAbsNeg<true>;
  table["neg"] = decodeAbsNeg<false>;
  table["sad"] = decodeSad;
  table["popc"] = decodeCount<[](auto a) { return static_cast<uint32_t>(llvm::popcount(a)); }>;
  table["clz"] = decodeCount<[](auto a) { return static_cast<uint32_t>(llvm::countl_zero(a)); }>;
  table["bfind"] = decodeFind;
  table["brev"] = decodeReverse;
}
