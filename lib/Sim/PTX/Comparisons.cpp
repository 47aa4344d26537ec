//===- Comparisons.cpp - comparisons and selections -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.6 and 9.7.7 of the manual: setp, set, selp, slct, testp.

#include "Decoder.h"
#include "Execute.h"
#include "FloatingPoint.h"
#include "SmallFloats.h"

#include <cmath>

using namespace tilec::sim::ptx;

namespace {
/// Section 9.3.1.1: on integers, on ordered floats, and the forms that hold for NaN.
enum class Relation : uint8_t { Eq, Ne, Lt, Le, Gt, Ge, Lo, Ls, Hi, Hs, Equ, Neu, Ltu, Leu, Gtu, Geu, Num, Nan };
} // namespace
static constexpr llvm::StringLiteral kRelations[] = {"eq", "ne",  "lt",  "le",  "gt",  "ge",  "lo",  "ls",  "hi",
                                                     "hs", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"};

/// The lanes for which a relation holds. For floats Lt to Ge are false on NaN and so is Eq, as in C; Ne is, too.
template <typename T>
[[gnu::always_inline]] static inline Mask relate(Relation relation, const Lanes &a, const Lanes &b) {
  constexpr bool isFloat = std::is_floating_point_v<T>;
  auto unordered = [&]() __attribute__((always_inline)) -> Mask {
    if constexpr (isFloat)
      return compare<T, [](T x, T y) { return x != x || y != y; }>(a, b);
    return 0;
  };
  switch (relation) {
  case Relation::Eq:
    return compare<T, [](T x, T y) { return x == y; }>(a, b);
  case Relation::Ne:
    return compare<T, [](T x, T y) { return x != y; }>(a, b) & ~unordered();
  case Relation::Lt:
  case Relation::Lo:
    return compare<T, [](T x, T y) { return x < y; }>(a, b);
  case Relation::Le:
  case Relation::Ls:
    return compare<T, [](T x, T y) { return x <= y; }>(a, b);
  case Relation::Gt:
  case Relation::Hi:
    return compare<T, [](T x, T y) { return x > y; }>(a, b);
  case Relation::Ge:
  case Relation::Hs:
    return compare<T, [](T x, T y) { return x >= y; }>(a, b);
  case Relation::Equ:
    return compare<T, [](T x, T y) { return x == y; }>(a, b) | unordered();
  case Relation::Neu:
    return compare<T, [](T x, T y) { return x != y; }>(a, b) | unordered();
  case Relation::Ltu:
    return compare<T, [](T x, T y) { return x < y; }>(a, b) | unordered();
  case Relation::Leu:
    return compare<T, [](T x, T y) { return x <= y; }>(a, b) | unordered();
  case Relation::Gtu:
    return compare<T, [](T x, T y) { return x > y; }>(a, b) | unordered();
  case Relation::Geu:
    return compare<T, [](T x, T y) { return x >= y; }>(a, b) | unordered();
  case Relation::Num:
    return ~unordered();
  case Relation::Nan:
    return unordered();
  }
  llvm_unreachable("all relations are there");
}

/// A half of 16-bit floats as f64; perhaps with 0 in place of subnormals.
template <typename Format> static Lanes widened(const Lanes &lanes, unsigned half, bool isFlushed = false) {
  Lanes wide;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    double value = Format{static_cast<uint16_t>(lanes.v[lane] >> (16 * half))}.toDouble();
    if (isFlushed && std::fabs(value) < std::ldexp(1.0, 1 - Format::bias))
      value = 0;
    wide.v[lane] = llvm::bit_cast<uint64_t>(value);
  }
  return wide;
}

[[gnu::always_inline]] static inline Lanes flushed(const Lanes &lanes) {
  Lanes result;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    uint64_t bits = lanes.v[lane];
    result.v[lane] = bits & 0x7f800000 ? bits : bits & 0x80000000;
  }
  return result;
}

/// The relation on the operands' type; of packed types, on a half.
[[gnu::always_inline]] static inline Mask relateAs(Type type, Relation relation, const Lanes &a, const Lanes &b,
                                                   bool isFlushed, unsigned half) {
  switch (type) {
  case Type::B16:
  case Type::U16:
    return relate<uint16_t>(relation, a, b);
  case Type::S16:
    return relate<int16_t>(relation, a, b);
  case Type::B32:
  case Type::U32:
    return relate<uint32_t>(relation, a, b);
  case Type::S32:
    return relate<int32_t>(relation, a, b);
  case Type::B64:
  case Type::U64:
    return relate<uint64_t>(relation, a, b);
  case Type::S64:
    return relate<int64_t>(relation, a, b);
  case Type::F32:
    return isFlushed ? relate<float>(relation, flushed(a), flushed(b)) : relate<float>(relation, a, b);
  case Type::F64:
    return relate<double>(relation, a, b);
  case Type::F16:
  case Type::F16x2:
    return relate<double>(relation, widened<Half>(a, half, isFlushed), widened<Half>(b, half, isFlushed));
  default:
    return relate<double>(relation, widened<BFloat>(a, half), widened<BFloat>(b, half));
  }
}

/// What a comparison keeps in Op: the relation in `mode`, the operand type in `size`, in `count` how the result is
/// combined with a predicate (0 not, then and, or, xor), in `flags` bit 0 for `.ftz`, bit 1 for a negated predicate.
static Mask combined(Warp &warp, const Op &op, Mask holds, bool isComplement) {
  if (isComplement)
    holds = ~holds;
  if (!op.count)
    return holds;
  Mask other = warp.pred(op.c);
  if (op.flags & 2)
    other = ~other;
  return op.count == 1 ? holds & other : op.count == 2 ? holds | other : holds ^ other;
}

static bool isPacked(Type type) { return type == Type::F16x2 || type == Type::BF16x2; }

[[gnu::always_inline]] static inline Step setPredicate(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b);
  Type type = static_cast<Type>(op.size);
  Mask holds = relateAs(type, static_cast<Relation>(op.mode), a, b, op.flags & 1, 0);
  // The second result is that of the complement, or for packed types of the upper half.
  Mask first = combined(warp, op, holds, false);
  Mask second = isPacked(type)
                    ? combined(warp, op, relateAs(type, static_cast<Relation>(op.mode), a, b, op.flags & 1, 1), false)
                    : combined(warp, op, holds, true);
  warp.setPred(op.d, first, mask);
  if (op.immediate)
    warp.setPred(static_cast<Slot>(op.immediate - 1), second, mask);
  return Step::Next;
}

/// `set` gives ones or zeros, or 1.0 or 0.0, in the result's type, which is in `immediate`.
static Step setValue(Warp &warp, const Op &op, Mask mask) {
  Type type = static_cast<Type>(op.size), into = static_cast<Type>(op.immediate);
  Lanes d = {};
  for (unsigned half = 0; half != (isPacked(type) ? 2 : 1); ++half) {
    Mask holds = combined(
        warp, op,
        relateAs(type, static_cast<Relation>(op.mode), warp.source(op.a), warp.source(op.b), op.flags & 1, half),
        false);
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      if (!(holds >> lane & 1))
        continue;
      switch (into) {
      case Type::F32:
        d.v[lane] = 0x3f800000;
        break;
      case Type::F16:
      case Type::F16x2:
        d.v[lane] |= uint64_t(0x3c00) << (16 * half);
        break;
      case Type::BF16:
      case Type::BF16x2:
        d.v[lane] |= uint64_t(0x3f80) << (16 * half);
        break;
      case Type::U16:
      case Type::S16:
        d.v[lane] = 0xffff;
        break;
      default:
        d.v[lane] |= isPacked(type) ? uint64_t(0xffff) << (16 * half) : 0xffffffff;
      }
    }
  }
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// Relation, combination and operand type of both.
static bool decodeRelation(Decoder &d, Type &type) {
  llvm::SmallVector<llvm::StringRef, 18> names(std::begin(kRelations), std::end(kRelations));
  int relation = d.takeOneOf(names);
  if (relation < 0)
    return d.fail("'" + d.syntax().spelling() + "' needs a comparison");
  d.op.mode = relation;
  d.op.count = d.takeOneOf({"and", "or", "xor"}) + 1;
  d.op.flags = d.take("ftz") ? 1 : 0;
  if (!d.needType(type))
    return false;
  d.op.size = static_cast<uint8_t>(type);
  auto known = static_cast<Relation>(relation);
  bool isUnsignedForm = known >= Relation::Lo && known <= Relation::Hs, isFloatForm = known >= Relation::Equ;
  bool isBits = type == Type::B16 || type == Type::B32 || type == Type::B64;
  bool isUnsigned = type == Type::U16 || type == Type::U32 || type == Type::U64;
  if (bitWidth(type) < 16 || (isFloatForm && !isFloatType(type)) || (isUnsignedForm && !isUnsigned) ||
      (isBits && relation > 1))
    return d.fail("comparison '." + kRelations[relation] + "' is not defined for ." + typeName(type));
  return true;
}

static bool decodeCombined(Decoder &d, size_t index) {
  bool isNegated = false;
  if (!d.op.count)
    return d.expectOperands(index);
  if (!d.expectOperands(index + 1) || !d.predicate(d.syntax().operands[index], d.op.c, isNegated))
    return false;
  d.op.flags |= isNegated << 1;
  return true;
}

static bool decodeSetp(Decoder &d) {
  Type type;
  if (!decodeRelation(d, type) || !d.expectOperands(3, 4))
    return false;
  d.op.execute = vectorised<setPredicate>;
  const Operand &into = d.syntax().operands[0];
  if (into.kind == Operand::Kind::Pair) {
    Slot second;
    if (type == Type::F16 || type == Type::BF16)
      return d.fail("'" + d.syntax().spelling() + "' gives one predicate");
    if (into.parts.size() != 2 || !d.predicateResult(into.parts[0], d.op.d) ||
        !d.predicateResult(into.parts[1], second))
      return d.fail(into.place, "expected two predicates");
    d.op.immediate = second + 1;
  } else if (!d.predicateResult(into, d.op.d)) {
    return false;
  }
  return d.source(1, type, d.op.a) && d.source(2, type, d.op.b) && decodeCombined(d, 3);
}

static bool decodeSet(Decoder &d) {
  // The result's type comes first.
  Type into, type;
  if (!d.needType(into) || !decodeRelation(d, type) || !d.expectOperands(3, 4))
    return false;
  d.op.execute = setValue;
  d.op.immediate = static_cast<uint8_t>(into);
  return d.result(0, into, d.op.d) && d.source(1, type, d.op.a) && d.source(2, type, d.op.b) && decodeCombined(d, 3);
}

//===----------------------------------------------------------------------===//
// selections
//===----------------------------------------------------------------------===//

[[gnu::always_inline]] static inline Step selectByPredicate(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b);
  Mask choice = op.flags ? ~warp.pred(op.c) : warp.pred(op.c);
  setEachLane(warp, op.d, mask, [&](unsigned lane) { return choice >> lane & 1 ? a.v[lane] : b.v[lane]; });
  return Step::Next;
}

static bool decodeSelp(Decoder &d) {
  Type type;
  bool isNegated;
  d.op.execute = vectorised<selectByPredicate>;
  if (!d.needType(type) || !d.expectOperands(4) || !d.result(0, type, d.op.d) || !d.source(1, type, d.op.a) ||
      !d.source(2, type, d.op.b) || !d.predicate(d.syntax().operands[3], d.op.c, isNegated))
    return false;
  d.op.flags = isNegated;
  return true;
}

/// `a` where `c >= 0`; a NaN is not, and -0 is.
template <typename C, bool isFlushed> static Step selectBySign(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &c = warp.source(op.c);
  Lanes d;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    C value = fromBits<C>(c.v[lane]);
    bool isFirst = value >= 0 || (isFlushed && value > -C(0x1p-126f));
    d.v[lane] = isFirst ? a.v[lane] : b.v[lane];
  }
  warp.set(op.d, d, mask);
  return Step::Next;
}

static bool decodeSlct(Decoder &d) {
  bool isFlushed = d.take("ftz");
  Type type, by;
  if (!d.needType(type) || !d.needType(by) || !d.expectOperands(4))
    return false;
  if (by != Type::S32 && by != Type::F32)
    return d.fail("'slct' selects by .s32 or .f32");
  d.op.execute = by == Type::S32 ? selectBySign<int32_t, false>
                 : isFlushed     ? selectBySign<float, true>
                                 : selectBySign<float, false>;
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a) && d.source(2, type, d.op.b) && d.source(3, by, d.op.c);
}

//===----------------------------------------------------------------------===//
// testp
//===----------------------------------------------------------------------===//

template <typename T> static Step testNumber(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  Mask holds = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    int kind = std::fpclassify(fromBits<T>(a.v[lane]));
    bool isTrue = false;
    switch (op.mode) {
    case 0:
      isTrue = kind != FP_NAN && kind != FP_INFINITE;
      break;
    case 1:
      isTrue = kind == FP_INFINITE;
      break;
    case 2:
      isTrue = kind != FP_NAN;
      break;
    case 3:
      isTrue = kind == FP_NAN;
      break;
    case 4:
      isTrue = kind == FP_NORMAL || kind == FP_ZERO;
      break;
    case 5:
      isTrue = kind == FP_SUBNORMAL;
      break;
    }
    holds |= Mask(isTrue) << lane;
  }
  warp.setPred(op.d, holds, mask);
  return Step::Next;
}

static bool decodeTestp(Decoder &d) {
  int test = d.takeOneOf({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
  Type type;
  if (test < 0 || !d.needType(type) || (type != Type::F32 && type != Type::F64))
    return d.fail("'testp' needs a test, and .f32 or .f64");
  d.op.mode = test;
  d.op.execute = type == Type::F32 ? testNumber<float> : testNumber<double>;
  return d.expectOperands(2) && d.predicateResult(d.syntax().operands[0], d.op.d) && d.source(1, type, d.op.a);
}

void tilec::sim::ptx::addComparisons(DecodeTable &table) {
  table["setp"] = decodeSetp;
  table["set"] = decodeSet;
  table["selp"] = decodeSelp;
  table["slct"] = decodeSlct;
  table["testp"] = decodeTestp;
}
