//===- Moves.cpp - moves, bits and bytes ------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.8 (logic and shifts), 9.7.9.1 to 9.7.9.7 (moves, permutations) and 9.7.1's bit fields of the manual.

#include "Decoder.h"
#include "Execute.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

//===----------------------------------------------------------------------===//
// logic and shifts
//===----------------------------------------------------------------------===//

static constexpr auto kAnd = [](uint64_t a, uint64_t b) { return a & b; };
static constexpr auto kOr = [](uint64_t a, uint64_t b) { return a | b; };
static constexpr auto kXor = [](uint64_t a, uint64_t b) { return a ^ b; };

/// On predicates: bit 0 and 1 of `flags` negate the operands.
template <auto f> static Step predicateLogic(Warp &warp, const Op &op, Mask mask) {
  Mask a = warp.pred(op.a), b = warp.pred(op.b);
  warp.setPred(op.d, static_cast<Mask>(f(op.flags & 1 ? ~a : a, op.flags & 2 ? ~b : b)), mask);
  return Step::Next;
}

static bool isBits(Type type) { return type == Type::B16 || type == Type::B32 || type == Type::B64; }

template <auto f> static bool decodeLogic(Decoder &d) {
  Type type;
  if (!d.needType(type) || !d.expectOperands(3))
    return false;
  if (type == Type::Pred) {
    bool first, second;
    d.op.execute = predicateLogic<f>;
    if (!d.predicateResult(d.syntax().operands[0], d.op.d) || !d.predicate(d.syntax().operands[1], d.op.a, first) ||
        !d.predicate(d.syntax().operands[2], d.op.b, second))
      return false;
    d.op.flags = first | second << 1;
    return true;
  }
  if (!isBits(type))
    return d.fail("'" + d.syntax().opcode + "' is not defined for ." + typeName(type));
  d.op.execute = binary<uint64_t, uint64_t, uint64_t, f>;
  // Registers may be wider than the type: the result must not be.
  if (type == Type::B16)
    d.op.execute = binary<uint16_t, uint16_t, uint16_t, f>;
  if (type == Type::B32)
    d.op.execute = binary<uint32_t, uint32_t, uint32_t, f>;
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a) && d.source(2, type, d.op.b);
}

static Step predicateNot(Warp &warp, const Op &op, Mask mask) {
  warp.setPred(op.d, op.flags ? warp.pred(op.a) : ~warp.pred(op.a), mask);
  return Step::Next;
}

static bool decodeNot(Decoder &d) {
  Type type;
  if (!d.needType(type) || !d.expectOperands(2))
    return false;
  if (type == Type::Pred) {
    bool isNegated;
    d.op.execute = predicateNot;
    if (!d.predicateResult(d.syntax().operands[0], d.op.d) || !d.predicate(d.syntax().operands[1], d.op.a, isNegated))
      return false;
    d.op.flags = isNegated;
    return true;
  }
  static constexpr auto invert = [](auto a) { return static_cast<decltype(a)>(~a); };
  d.op.execute = type == Type::B16   ? unary<uint16_t, uint16_t, invert>
                 : type == Type::B32 ? unary<uint32_t, uint32_t, invert>
                 : type == Type::B64 ? unary<uint64_t, uint64_t, invert>
                                     : nullptr;
  if (!d.op.execute)
    return d.fail("'not' is not defined for ." + typeName(type));
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a);
}

static bool decodeCnot(Decoder &d) {
  Type type;
  if (!d.needType(type) || !d.expectOperands(2))
    return false;
  if (!isBits(type))
    return d.fail("'cnot' is not defined for ." + typeName(type));
  d.op.execute = unary<uint64_t, uint64_t, [](uint64_t a) { return uint64_t(a == 0); }>;
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a);
}

/// Distances beyond the width shift everything out.
template <typename T>
static constexpr auto kShl =
    [](T a, uint32_t by) { return by < 8 * sizeof(T) ? static_cast<T>(uint64_t(a) << by) : T(0); };
template <typename T>
static constexpr auto kShr = [](T a, uint32_t by) {
  constexpr uint32_t bits = 8 * sizeof(T);
  if constexpr (std::is_signed_v<T>)
    return static_cast<T>(a >> std::min(by, bits - 1));
  else
    return by < bits ? static_cast<T>(a >> by) : T(0);
};

template <typename T, bool isLeft> static Execute shift() {
  if constexpr (isLeft)
    return binary<T, T, uint32_t, kShl<T>>;
  else
    return binary<T, T, uint32_t, kShr<T>>;
}

template <bool isLeft> static bool decodeShift(Decoder &d) {
  Type type;
  if (!d.needType(type) || !d.expectOperands(3))
    return false;
  switch (type) {
  case Type::B16:
  case Type::U16:
    d.op.execute = shift<uint16_t, isLeft>();
    break;
  case Type::B32:
  case Type::U32:
    d.op.execute = shift<uint32_t, isLeft>();
    break;
  case Type::B64:
  case Type::U64:
    d.op.execute = shift<uint64_t, isLeft>();
    break;
  case Type::S16:
    d.op.execute = shift<int16_t, isLeft>();
    break;
  case Type::S32:
    d.op.execute = shift<int32_t, isLeft>();
    break;
  case Type::S64:
    d.op.execute = shift<int64_t, isLeft>();
    break;
  default:
    return d.fail("'" + d.syntax().opcode + "' is not defined for ." + typeName(type));
  }
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a) && d.source(2, Type::U32, d.op.b);
}

/// Funnel shifts of `b:a`, by the low five bits or by at most 32.
template <bool isLeft, bool isClamped>
static constexpr auto kFunnel = [](uint32_t a, uint32_t b, uint32_t by) {
  uint32_t n = isClamped ? std::min(by, 32u) : by & 31;
  uint64_t both = uint64_t(b) << 32 | a;
  return static_cast<uint32_t>(isLeft ? (both << n) >> 32 : both >> n);
};

static bool decodeFunnel(Decoder &d) {
  int side = d.takeOneOf({"l", "r"}), mode = d.takeOneOf({"clamp", "wrap"});
  if (side < 0 || mode < 0 || !d.take("b32"))
    return d.fail("'shf' is 'shf.l' or 'shf.r', '.clamp' or '.wrap', of .b32");
  using U = uint32_t;
  d.op.execute =
      side == 0 ? (mode == 0 ? ternary<U, U, U, U, kFunnel<true, true>> : ternary<U, U, U, U, kFunnel<true, false>>)
                : (mode == 0 ? ternary<U, U, U, U, kFunnel<false, true>> : ternary<U, U, U, U, kFunnel<false, false>>);
  return d.expectOperands(4) && d.result(0, Type::B32, d.op.d) && d.source(1, Type::B32, d.op.a) &&
         d.source(2, Type::B32, d.op.b) && d.source(3, Type::U32, d.op.c);
}

/// Any function of three bits, by its table.
[[gnu::always_inline]] static inline Step lookup3(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &c = warp.source(op.c);
  // All ones for the entries that are.
  uint32_t entries[8];
  for (unsigned i = 0; i != 8; ++i)
    entries[i] = op.immediate >> i & 1 ? ~0u : 0;
  setEachLane(warp, op.d, mask, [&](unsigned lane) {
    uint32_t x = a.v[lane], y = b.v[lane], z = c.v[lane];
    auto choose = [&](unsigned entry) { return (~z & entries[entry]) | (z & entries[entry + 1]); };
    return uint64_t((~x & ((~y & choose(0)) | (y & choose(2)))) | (x & ((~y & choose(4)) | (y & choose(6)))));
  });
  return Step::Next;
}

/// `lop3.or.b32 d|p, ...`: `p` says whether the result is not 0, combined with another predicate; the list has `p`, the
/// other one, and 1 where that is negated.
static Step lookup3AndTest(Warp &warp, const Op &op, Mask mask) {
  lookup3(warp, op, mask);
  const std::vector<Slot> &list = warp.getCode().lists[op.list];
  const Lanes &d = warp.source(op.d);
  Mask holds = lanesWhere([&](unsigned lane) { return d.v[lane] != 0; });
  Mask other = list[2] ? ~warp.pred(list[1]) : warp.pred(list[1]);
  warp.setPred(list[0], op.mode == 0 ? holds | other : holds & other, mask);
  return Step::Next;
}

static bool decodeLop3(Decoder &d) {
  int combination = d.takeOneOf({"or", "and"});
  if (!d.take("b32") || !d.expectOperands(combination < 0 ? 5 : 6))
    return d.fail("'lop3' is 'lop3.b32' of three operands and a table");
  const Operand &table = d.syntax().operands[4];
  if (table.kind != Operand::Kind::Integer || table.value > 255)
    return d.fail(table.place, "the table of 'lop3' is a number from 0 to 255");
  d.op.execute = vectorised<lookup3>;
  d.op.immediate = table.value;
  if (combination >= 0) {
    Slot predicate, other;
    bool isNegated;
    d.op.execute = lookup3AndTest;
    d.op.mode = combination;
    if (!d.resultAndPredicate(d.syntax().operands[0], d.op.d, predicate) ||
        !d.predicate(d.syntax().operands[5], other, isNegated))
      return false;
    if (predicate < 0)
      return d.fail("'" + d.syntax().spelling() + "' gives a register and a predicate");
    d.setList({predicate, other, isNegated});
  }
  return (combination >= 0 || d.result(0, Type::B32, d.op.d)) && d.source(1, Type::B32, d.op.a) &&
         d.source(2, Type::B32, d.op.b) && d.source(3, Type::B32, d.op.c);
}

//===----------------------------------------------------------------------===//
// bit fields and bytes
//===----------------------------------------------------------------------===//

/// `len` bits of `a` from `pos` on; both are bytes. Signed ones are extended by the last bit there is.
template <typename T>
static constexpr auto kExtract = [](T a, uint32_t pos, uint32_t len) {
  constexpr uint32_t bits = 8 * sizeof(T);
  using U = std::make_unsigned_t<T>;
  pos &= 255;
  len &= 255;
  U field = pos < bits ? static_cast<U>(a) >> pos : 0;
  uint32_t last = std::min(pos + len - 1, bits - 1);
  bool sign = std::is_signed_v<T> && len && (static_cast<U>(a) >> last & 1);
  uint32_t count = pos < bits ? std::min(len, bits - pos) : 0;
  U mask = count >= bits ? ~U(0) : (U(1) << count) - 1;
  return static_cast<T>((field & mask) | (sign ? ~mask : U(0)));
};

static bool decodeBfe(Decoder &d) {
  Type type;
  if (!d.needType(type) || !d.expectOperands(4))
    return false;
  switch (type) {
  case Type::U32:
    d.op.execute = ternary<uint32_t, uint32_t, uint32_t, uint32_t, kExtract<uint32_t>>;
    break;
  case Type::S32:
    d.op.execute = ternary<int32_t, int32_t, uint32_t, uint32_t, kExtract<int32_t>>;
    break;
  case Type::U64:
    d.op.execute = ternary<uint64_t, uint64_t, uint32_t, uint32_t, kExtract<uint64_t>>;
    break;
  case Type::S64:
    d.op.execute = ternary<int64_t, int64_t, uint32_t, uint32_t, kExtract<int64_t>>;
    break;
  default:
    return d.fail("'bfe' is not defined for ." + typeName(type));
  }
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a) && d.source(2, Type::U32, d.op.b) &&
         d.source(3, Type::U32, d.op.c);
}

/// `a` put into `b` at `pos`, `len` bits of it; the slot of `len` is in `immediate`.
template <typename T> [[gnu::always_inline]] static inline Step insertBits(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &pos = warp.source(op.c),
              &len = warp.source(static_cast<Slot>(op.immediate));
  constexpr uint32_t bits = 8 * sizeof(T);
  setEachLane(warp, op.d, mask, [&](unsigned lane) -> uint64_t {
    uint32_t from = pos.v[lane] & 255, count = len.v[lane] & 255;
    count = from < bits ? std::min(count, bits - from) : 0;
    T field = count >= bits ? ~T(0) : (T(1) << count) - 1;
    T into = b.v[lane];
    return count ? static_cast<T>((into & ~(field << from)) | ((T(a.v[lane]) & field) << from)) : into;
  });
  return Step::Next;
}

static bool decodeBfi(Decoder &d) {
  Type type;
  Slot len;
  if (!d.needType(type) || !d.expectOperands(5))
    return false;
  if (type != Type::B32 && type != Type::B64)
    return d.fail("'bfi' is not defined for ." + typeName(type));
  d.op.execute = type == Type::B32 ? vectorised<insertBits<uint32_t>> : vectorised<insertBits<uint64_t>>;
  if (!d.result(0, type, d.op.d) || !d.source(1, type, d.op.a) || !d.source(2, type, d.op.b) ||
      !d.source(3, Type::U32, d.op.c) || !d.source(4, Type::U32, len))
    return false;
  d.op.immediate = static_cast<uint64_t>(static_cast<int64_t>(len));
  return true;
}

/// A mask of `b` bits from bit `a` on.
template <bool isClamped>
static constexpr auto kFieldMask = [](uint32_t a, uint32_t b) {
  uint32_t from = isClamped ? std::min(a, 32u) : a & 31, count = isClamped ? std::min(b, 32u) : b & 31;
  uint64_t ones = (uint64_t(1) << count) - 1;
  return static_cast<uint32_t>(ones << from);
};

static bool decodeBmsk(Decoder &d) {
  int mode = d.takeOneOf({"clamp", "wrap"});
  if (mode < 0 || !d.take("b32"))
    return d.fail("'bmsk' is '.clamp' or '.wrap', of .b32");
  d.op.execute = mode == 0 ? binary<uint32_t, uint32_t, uint32_t, kFieldMask<true>>
                           : binary<uint32_t, uint32_t, uint32_t, kFieldMask<false>>;
  return d.expectOperands(3) && d.result(0, Type::B32, d.op.d) && d.source(1, Type::U32, d.op.a) &&
         d.source(2, Type::U32, d.op.b);
}

/// Bytes of `b:a` chosen by four nibbles, whose top bit replicates the byte's sign; or by a mode (section 9.7.9.7).
template <int mode>
static constexpr auto kPermute = [](uint32_t a, uint32_t b, uint32_t control) {
  uint64_t bytes = uint64_t(b) << 32 | a;
  uint32_t result = 0, select = control & 3;
  for (uint32_t i = 0; i != 4; ++i) {
    uint32_t nibble;
    switch (mode) {
    case 1: // f4e
      nibble = select + i;
      break;
    case 2: // b4e
      nibble = (select - i) & 7;
      break;
    case 3: // rc8
      nibble = select;
      break;
    case 4: // ecl
      nibble = std::max(select, i);
      break;
    case 5: // ecr
      nibble = std::min(select, i);
      break;
    case 6: // rc16
      nibble = (select & 1) * 2 + (i & 1);
      break;
    default:
      nibble = control >> (4 * i) & 15;
    }
    uint32_t byte = bytes >> (8 * (nibble & 7)) & 255;
    if (mode == 0 && (nibble & 8))
      byte = byte & 128 ? 255 : 0;
    result |= byte << (8 * i);
  }
  return result;
};

static bool decodePrmt(Decoder &d) {
  if (!d.take("b32"))
    return d.fail("'prmt' is 'prmt.b32'");
  using U = uint32_t;
  static constexpr Execute modes[] = {ternary<U, U, U, U, kPermute<0>>, ternary<U, U, U, U, kPermute<1>>,
                                      ternary<U, U, U, U, kPermute<2>>, ternary<U, U, U, U, kPermute<3>>,
                                      ternary<U, U, U, U, kPermute<4>>, ternary<U, U, U, U, kPermute<5>>,
                                      ternary<U, U, U, U, kPermute<6>>};
  d.op.execute = modes[d.takeOneOf({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"}) + 1];
  return d.expectOperands(4) && d.result(0, Type::B32, d.op.d) && d.source(1, Type::B32, d.op.a) &&
         d.source(2, Type::B32, d.op.b) && d.source(3, Type::B32, d.op.c);
}

//===----------------------------------------------------------------------===//
// mov
//===----------------------------------------------------------------------===//

[[gnu::always_inline]] static inline Step move(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  setEachLane(warp, op.d, mask, [&](unsigned lane) { return a.v[lane]; });
  return Step::Next;
}

static Step movePredicate(Warp &warp, const Op &op, Mask mask) {
  warp.setPred(op.d, op.flags ? ~warp.pred(op.a) : warp.pred(op.a), mask);
  return Step::Next;
}

/// `mov.pred p, 1`: the constant is in `flags`.
static Step setPredicate(Warp &warp, const Op &op, Mask mask) {
  warp.setPred(op.d, op.flags ? kAllLanes : 0, mask);
  return Step::Next;
}

/// The address of a thread's own variable: its place in the frame, and where the frame is.
static Step moveLocalAddress(Warp &warp, const Op &op, Mask mask) {
  Lanes d;
  llvm::fill(d.v, warp.top().local + op.immediate);
  warp.set(op.d, d, mask);
  return Step::Next;
}

/// `mov.b64 %rd, {%r1, %r2}`: parts of `size` bits, the first lowest.
static Step pack(Warp &warp, const Op &op, Mask mask) {
  Lanes d = {};
  const std::vector<Slot> &parts = warp.getCode().lists[op.list];
  for (auto [i, part] : llvm::enumerate(parts)) {
    const Lanes &lanes = warp.source(part);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      d.v[lane] |= (lanes.v[lane] & ((uint64_t(1) << op.size) - 1)) << (i * op.size);
  }
  warp.set(op.d, d, mask);
  return Step::Next;
}

static Step unpack(Warp &warp, const Op &op, Mask mask) {
  const Lanes a = warp.source(op.a);
  for (auto [i, part] : llvm::enumerate(warp.getCode().lists[op.list])) {
    Lanes d;
    for (unsigned lane = 0; lane != kLanes; ++lane)
      d.v[lane] = a.v[lane] >> (i * op.size) & ((uint64_t(1) << op.size) - 1);
    warp.set(part, d, mask);
  }
  return Step::Next;
}

/// A vector on one side, of registers that together are as wide as the type.
static bool decodePacked(Decoder &d, Type type, bool isPack) {
  const Operand &vector = d.syntax().operands[isPack ? 1 : 0];
  size_t count = vector.parts.size();
  unsigned bits = count ? bitWidth(type) / count : 0;
  if ((count != 2 && count != 4) || bitWidth(type) > 64 || bits < 8)
    return d.fail("this takes two or four parts of a register");
  static constexpr std::pair<unsigned, Type> types[] = {{8, Type::B8}, {16, Type::B16}, {32, Type::B32}};
  Type part = llvm::find_if(types, [&](auto entry) { return entry.first == bits; })->second;
  d.op.size = bits;
  d.op.list = d.code.lists.size();
  std::vector<Slot> slots;
  for (const Operand &operand : vector.parts) {
    Slot slot;
    if (isPack ? !d.source(operand, part, slot) : !d.result(operand, part, slot, /*mayBeWider=*/bits == 8))
      return false;
    slots.push_back(slot);
  }
  d.code.lists.push_back(std::move(slots));
  d.op.execute = isPack ? pack : unpack;
  return isPack ? d.result(0, type, d.op.d) : d.source(1, type, d.op.a);
}

/// `mov.b128`, also from and to two registers of 64 bits: the list has the halves that are written, then those read.
static Step moveWide(Warp &warp, const Op &op, Mask mask) {
  const std::vector<Slot> &slots = warp.getCode().lists[op.list];
  const Lanes low = warp.source(slots[2]), high = warp.source(slots[3]);
  warp.set(slots[0], low, mask);
  warp.set(slots[1], high, mask);
  return Step::Next;
}

static bool decodeWideMove(Decoder &d) {
  std::vector<Slot> slots;
  for (bool isResult : {true, false}) {
    const Operand &operand = d.syntax().operands[isResult ? 0 : 1];
    if (operand.kind == Operand::Kind::Vector ? !d.registers(operand, Type::B64, 2, isResult, slots)
                                              : !d.halves(operand, isResult, slots))
      return false;
  }
  d.setList(std::move(slots));
  d.op.execute = moveWide;
  return true;
}

/// `mov.v2` and `mov.v4`: the list has the parts that are written, then those that are read, all of them first.
static Step moveVector(Warp &warp, const Op &op, Mask mask) {
  const std::vector<Slot> &slots = warp.getCode().lists[op.list];
  Lanes parts[4];
  for (unsigned i = 0; i != op.count; ++i)
    parts[i] = warp.source(slots[op.count + i]);
  for (unsigned i = 0; i != op.count; ++i)
    warp.set(slots[i], parts[i], mask);
  return Step::Next;
}

static bool decodeVectorMove(Decoder &d, Type type, unsigned width) {
  const Operand &into = d.syntax().operands[0], &from = d.syntax().operands[1];
  if (type == Type::Pred || bitWidth(type) > 64)
    return d.fail("moves of vectors of ." + typeName(type) + " are not supported");
  if (from.kind == Operand::Kind::Special)
    return decodeSpecial(d, from, type, width);
  std::vector<Slot> slots;
  if (!d.registers(into, type, width, /*isResult=*/true, slots) ||
      !d.registers(from, type, width, /*isResult=*/false, slots))
    return false;
  d.setList(std::move(slots));
  d.op.count = width;
  d.op.execute = moveVector;
  return true;
}

static bool decodeMov(Decoder &d) {
  Type type;
  const int vector = d.takeOneOf({"v2", "v4"});
  if (!d.needType(type) || !d.expectOperands(2))
    return false;
  if (vector >= 0)
    return decodeVectorMove(d, type, vector == 0 ? 2 : 4);
  if (type == Type::B128)
    return decodeWideMove(d);
  const Operand &into = d.syntax().operands[0], &from = d.syntax().operands[1];
  if (type == Type::Pred) {
    if (from.kind == Operand::Kind::Integer) {
      d.op.execute = setPredicate;
      d.op.flags = from.value != 0;
      return d.predicateResult(into, d.op.d);
    }
    bool isNegated;
    d.op.execute = movePredicate;
    if (!d.predicateResult(into, d.op.d) || !d.predicate(from, d.op.a, isNegated))
      return false;
    d.op.flags = isNegated;
    return true;
  }
  if (bitWidth(type) > 64)
    return d.fail("moves of ." + typeName(type) + " are not supported");
  if (from.kind == Operand::Kind::Vector || into.kind == Operand::Kind::Vector)
    return decodePacked(d, type, from.kind == Operand::Kind::Vector);
  if (from.kind == Operand::Kind::Special)
    return decodeSpecial(d, from, type);
  if (from.kind == Operand::Kind::Variable) {
    uint64_t address;
    Space space;
    if (!d.variableAddress(from, address, space))
      return false;
    bool isKernelParam = d.code.syntax->isEntry && from.isOfFunction && from.index >= Function::kParamBase;
    if (space == Space::Local || (space == Space::Param && !isKernelParam)) {
      d.op.execute = moveLocalAddress;
      d.op.immediate = address;
      return d.result(0, type, d.op.d);
    }
  }
  d.op.execute = vectorised<move>;
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a);
}

void tilec::sim::ptx::addMoves(DecodeTable &table) {
  table["and"] = decodeLogic<kAnd>;
  table["or"] = decodeLogic<kOr>;
  table["xor"] = decodeLogic<kXor>;
  table["not"] = decodeNot;
  table["cnot"] = decodeCnot;
  table["shl"] = decodeShift<true>;
  table["shr"] = decodeShift<false>;
  table["shf"] = decodeFunnel;
  table["lop3"] = decodeLop3;
  table["bfe"] = decodeBfe;
  table["bfi"] = decodeBfi;
  table["bmsk"] = decodeBmsk;
  table["prmt"] = decodePrmt;
  table["mov"] = decodeMov;
}
