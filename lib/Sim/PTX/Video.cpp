//===- Video.cpp - video instructions ---------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.18.1 (on bytes, halves and words) and 9.7.18.2 (on all halves or bytes at once) of the manual. Machines
// since sm_70 do them with many instructions; compilers emit them for the intrinsics of that time.

#include "Decoder.h"
#include "Execute.h"

#include "llvm/ADT/STLExtras.h"

#include <bit>

using namespace tilec::sim::ptx;

namespace {
/// What a video instruction does; kept in Op::immediate.
struct Video {
  enum Kind : uint8_t { Add, Sub, Average, AbsDiff, Min, Max, ShiftLeft, ShiftRight, Set, Mad };
  enum Second : uint8_t { None, SecondAdd, SecondMin, SecondMax };
  /// Of `vset`, Kind Set.
  enum Relation : uint8_t { Eq, Ne, Lt, Le, Gt, Ge };

  uint64_t kind : 4 = 0, isSignedD : 1 = 0, isSignedA : 1 = 0, isSignedB : 1 = 0, saturates : 1 = 0;
  uint64_t second : 2 = 0, relation : 3 = 0;
  /// Of shifts: whether the distance is clamped.
  uint64_t isClamped : 1 = 0;
  /// Parts that are computed: 1, 2 or 4.
  uint64_t parts : 3 = 1;
  /// For each part, three bits: which part of the operands it comes from. Alone, which part of the one operand: bytes,
  /// then halves, then all (kWhole).
  uint64_t selectA : 12 = 0, selectB : 12 = 0;
  /// Parts of the result that are written; alone, one part as above.
  uint64_t selectD : 4 = 0;
  /// Of `vmad`: the product or `c` is negated, 1 is added, bits that the sum is shifted by.
  uint64_t negatesProduct : 1 = 0, negatesC : 1 = 0, plusOne : 1 = 0, shift : 4 = 0;
};
} // namespace
static_assert(sizeof(Video) == sizeof(uint64_t));

static constexpr unsigned kWhole = 6;

/// Bits `[from, from + width)` of a value, extended.
static int64_t part(uint64_t bits, unsigned from, unsigned width, bool isSigned) {
  uint64_t low = bits >> from & ((uint64_t(1) << width) - 1);
  return isSigned ? static_cast<int64_t>(low << (64 - width)) >> (64 - width) : static_cast<int64_t>(low);
}

/// Where a selected part of one register is: its first bit, and its width.
static std::pair<unsigned, unsigned> placeOf(unsigned select) {
  if (select < 4)
    return {8 * select, 8};
  return select < kWhole ? std::pair{16 * (select - 4), 16u} : std::pair{0u, 32u};
}

static int64_t clampTo(__int128 value, unsigned width, bool isSigned) {
  __int128 least = isSigned ? -(__int128(1) << (width - 1)) : 0,
           most = (__int128(1) << (isSigned ? width - 1 : width)) - 1;
  return static_cast<int64_t>(std::clamp(value, least, most));
}

/// The primary operation on extended operands; it is exact.
static __int128 compute(const Video &v, int64_t a, int64_t b) {
  switch (v.kind) {
  case Video::Add:
    return a + b;
  case Video::Sub:
    return a - b;
  case Video::Average:
    return a + b >= 0 ? (a + b + 1) >> 1 : (a + b) >> 1;
  case Video::AbsDiff:
    return a < b ? b - a : a - b;
  case Video::Min:
    return std::min(a, b);
  case Video::Max:
    return std::max(a, b);
  case Video::ShiftLeft:
    return static_cast<__int128>(static_cast<unsigned __int128>(static_cast<__int128>(a))
                                 << (v.isClamped ? std::min<int64_t>(b, 32) : b & 31));
  case Video::ShiftRight:
    return a >> (v.isClamped ? std::min<int64_t>(b, 32) : b & 31);
  case Video::Set: {
    const bool holds[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
    return holds[v.relation];
  }
  default:
    llvm_unreachable("`vmad` is computed elsewhere");
  }
}

/// `a * b + c`, with negations, scaled.
static int64_t multiplyAdd(const Video &v, int64_t a, int64_t b, uint32_t c) {
  bool isSigned = v.isSignedA || v.isSignedB || v.negatesProduct || v.negatesC;
  __int128 product = static_cast<__int128>(a) * b;
  // A negated `c` is its complement, which is then extended, and 1.
  uint32_t bits = v.negatesC ? ~c : c;
  __int128 addend = isSigned ? __int128(static_cast<int32_t>(bits)) : __int128(bits);
  __int128 sum = ((v.negatesProduct ? -product : product) + addend + v.negatesC + v.plusOne) >> v.shift;
  return v.saturates ? clampTo(sum, 32, isSigned) : static_cast<int64_t>(sum);
}

/// The second operation. The sign of both operands is that of d: a value below 0 is a large one where d is unsigned.
static uint32_t combine(const Video &v, int64_t value, uint32_t third) {
  if (!v.isSignedD && value < 0)
    value = static_cast<uint32_t>(value);
  int64_t c = part(third, 0, 32, v.isSignedD);
  switch (v.second) {
  case Video::SecondAdd:
    return static_cast<uint32_t>(value + c);
  case Video::SecondMin:
    return static_cast<uint32_t>(std::min(value, c));
  case Video::SecondMax:
    return static_cast<uint32_t>(std::max(value, c));
  default:
    return static_cast<uint32_t>(value);
  }
}

static Step scalarVideo(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &c = warp.source(op.c);
  const Video v = std::bit_cast<Video>(op.immediate);
  auto [fromA, widthA] = placeOf(v.selectA);
  auto [fromB, widthB] = placeOf(v.selectB);
  auto [fromD, widthD] = placeOf(v.selectD);
  Lanes d;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    int64_t x = part(a.v[lane], fromA, widthA, v.isSignedA), y = part(b.v[lane], fromB, widthB, v.isSignedB);
    if (v.kind == Video::Mad) {
      d.v[lane] = static_cast<uint32_t>(multiplyAdd(v, x, y, c.v[lane]));
      continue;
    }
    __int128 exact = compute(v, x, y);
    // Only a shift to the left is longer than 34 bits, and what it loses is no part of the result.
    int64_t value = v.saturates ? clampTo(exact, widthD, v.isSignedD) : static_cast<int64_t>(exact);
    uint32_t result = combine(v, value, static_cast<uint32_t>(c.v[lane]));
    uint64_t low = (uint64_t(1) << widthD) - 1;
    d.v[lane] = widthD == 32 ? result : (c.v[lane] & UINT32_MAX & ~(low << fromD)) | (result & low) << fromD;
  }
  warp.set(op.d, d, mask);
  return Step::Next;
}

static Step simdVideo(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a), &b = warp.source(op.b), &c = warp.source(op.c);
  const Video v = std::bit_cast<Video>(op.immediate);
  unsigned width = 32 / v.parts;
  Lanes d;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    uint64_t both = (b.v[lane] & UINT32_MAX) << 32 | (a.v[lane] & UINT32_MAX);
    uint32_t result = v.second ? c.v[lane] : 0;
    for (unsigned i = 0; i != v.parts; ++i) {
      int64_t x = part(both, width * (v.selectA >> (3 * i) & 7), width, v.isSignedA),
              y = part(both, width * (v.selectB >> (3 * i) & 7), width, v.isSignedB);
      int64_t value = static_cast<int64_t>(compute(v, x, y));
      if (v.saturates)
        value = clampTo(value, width, v.isSignedD);
      bool isWritten = v.selectD >> i & 1;
      if (v.second)
        result += isWritten ? static_cast<uint32_t>(value) : 0;
      else
        result |= (isWritten ? static_cast<uint32_t>(value) & ((uint64_t(1) << width) - 1)
                             : part(c.v[lane], width * i, width, false))
                  << (width * i);
    }
    d.v[lane] = result;
  }
  warp.set(op.d, d, mask);
  return Step::Next;
}

//===----------------------------------------------------------------------===//
// decoders
//===----------------------------------------------------------------------===//

static constexpr std::pair<llvm::StringLiteral, Video::Kind> kKinds[] = {
    {"vadd", Video::Add}, {"vsub", Video::Sub}, {"vavrg", Video::Average},  {"vabsdiff", Video::AbsDiff},
    {"vmin", Video::Min}, {"vmax", Video::Max}, {"vshl", Video::ShiftLeft}, {"vshr", Video::ShiftRight},
    {"vset", Video::Set}, {"vmad", Video::Mad}};

/// One part of one register; without a selector all of it.
static bool scalarSelect(Decoder &d, const Operand &operand, uint64_t whole, unsigned &select) {
  static constexpr llvm::StringLiteral names[] = {"b0", "b1", "b2", "b3", "h0", "h1"};
  const auto *found = llvm::find(names, operand.selector);
  select = operand.selector.empty() ? whole : found - names;
  return operand.selector.empty() || found != std::end(names) ||
         d.fail(operand.place, "'." + operand.selector + "' selects no single byte or half");
}

/// `b3210`: for each part, the highest first, which one of two registers it is.
static bool simdSelect(Decoder &d, const Operand &operand, unsigned parts, unsigned first, uint64_t &select) {
  if (operand.selector.empty()) {
    for (unsigned i = 0; i != parts; ++i)
      select |= uint64_t(first + i) << (3 * i);
    return true;
  }
  llvm::StringRef digits = operand.selector.drop_front();
  bool isGood = operand.selector.front() == (parts == 2 ? 'h' : 'b') && digits.size() == parts;
  for (unsigned i = 0; isGood && i != parts; ++i) {
    unsigned digit = digits[parts - 1 - i] - '0';
    isGood = digit < 2 * parts;
    select |= uint64_t(digit & 7) << (3 * i);
  }
  return isGood || d.fail(operand.place, "'." + operand.selector + "' selects no " + llvm::Twine(parts) + " parts");
}

/// `b310`: the parts of the result that are written, the highest first; without it all.
static bool simdMask(Decoder &d, const Operand &operand, unsigned parts, unsigned &mask) {
  mask = (1u << parts) - 1;
  if (operand.selector.empty())
    return true;
  mask = 0;
  bool isGood = operand.selector.front() == (parts == 2 ? 'h' : 'b');
  int last = parts;
  for (char c : operand.selector.drop_front()) {
    int digit = c - '0';
    isGood &= digit < last;
    last = digit;
    mask |= 1u << (digit & 3);
  }
  return isGood || d.fail(operand.place, "'." + operand.selector + "' is no mask of parts");
}

/// An operand without its selector, and perhaps its sign, which the caller has read.
static Operand plain(const Operand &operand, bool isSignRead = false) {
  Operand copy = operand;
  copy.selector = "";
  copy.isNegated &= !isSignRead;
  return copy;
}

static bool takeTypes(Decoder &d, Video &v) {
  Type types[3];
  unsigned first = v.kind == Video::Set;
  for (unsigned i = first; i != 3; ++i)
    if (!d.needType(types[i]) || (types[i] != Type::U32 && types[i] != Type::S32))
      return d.fail("the types of video instructions are .u32 and .s32");
  v.isSignedD = !first && types[0] == Type::S32;
  v.isSignedA = types[1] == Type::S32;
  v.isSignedB = types[2] == Type::S32;
  bool isShift = v.kind == Video::ShiftLeft || v.kind == Video::ShiftRight;
  return !isShift || !v.isSignedB || d.fail("a shift is by a distance of .u32");
}

/// Words behind the opcode, for all of them.
static bool takeWords(Decoder &d, Video &v, bool isSimd) {
  if (!takeTypes(d, v))
    return false;
  v.saturates = v.kind != Video::Set && d.take("sat");
  if (v.kind == Video::Set) {
    int relation = d.takeOneOf({"eq", "ne", "lt", "le", "gt", "ge"});
    if (relation < 0)
      return d.fail("'" + d.syntax().spelling() + "' needs a comparison");
    v.relation = relation;
  }
  if (v.kind == Video::ShiftLeft || v.kind == Video::ShiftRight) {
    int mode = d.takeOneOf({"clamp", "wrap"});
    if (mode < 0)
      return d.fail("'" + d.syntax().spelling() + "' needs '.clamp' or '.wrap'");
    v.isClamped = mode == 0;
  }
  if (v.kind == Video::Mad) {
    v.plusOne = d.take("po");
    v.shift = d.take("shr7") ? 7 : d.take("shr15") ? 15 : 0;
    return true;
  }
  v.second = isSimd ? d.take("add") : d.takeOneOf({"add", "min", "max"}) + 1;
  return !isSimd || !v.second || !v.saturates || d.fail("'.sat' and '.add' exclude each other");
}

static bool decodeScalar(Decoder &d, Video &v) {
  if (!takeWords(d, v, /*isSimd=*/false) || !d.expectOperands(3, 4))
    return false;
  const auto &operands = d.syntax().operands;
  unsigned selects[3];
  for (unsigned i = 0; i != 3; ++i)
    if (!scalarSelect(d, operands[i], kWhole, selects[i]))
      return false;
  v.selectD = selects[0];
  v.selectA = selects[1];
  v.selectB = selects[2];
  bool isMad = v.kind == Video::Mad, merges = selects[0] != kWhole;
  if (merges && (v.second || isMad))
    return d.fail("a part of the result is merged, or there is a second operation, not both");
  if (!d.expectOperands(isMad || merges || v.second ? 4 : 3))
    return false;
  if (isMad) {
    v.negatesProduct = operands[1].isNegated != operands[2].isNegated;
    v.negatesC = operands[3].isNegated;
    if ((v.plusOne && (v.negatesProduct || v.negatesC)) || (v.negatesProduct && v.negatesC))
      return d.fail("'vmad' negates the product or the third operand or adds one, not two of these");
  }
  d.op.c = d.constant(0);
  d.op.execute = scalarVideo;
  auto source = [&](size_t i, Slot &slot) { return d.source(plain(operands[i], isMad), Type::U32, slot); };
  return d.result(plain(operands[0]), Type::U32, d.op.d) && source(1, d.op.a) && source(2, d.op.b) &&
         (operands.size() == 3 || source(3, d.op.c));
}

static bool decodeSimd(Decoder &d, Video &v) {
  if (!takeWords(d, v, /*isSimd=*/true) || !d.expectOperands(4))
    return false;
  const auto &operands = d.syntax().operands;
  uint64_t selectA = 0, selectB = 0;
  unsigned mask = 0;
  if (!simdMask(d, operands[0], v.parts, mask) || !simdSelect(d, operands[1], v.parts, 0, selectA) ||
      !simdSelect(d, operands[2], v.parts, v.parts, selectB))
    return false;
  v.selectA = selectA;
  v.selectB = selectB;
  v.selectD = mask;
  d.op.execute = simdVideo;
  return d.result(plain(operands[0]), Type::U32, d.op.d) && d.source(plain(operands[1]), Type::U32, d.op.a) &&
         d.source(plain(operands[2]), Type::U32, d.op.b) && d.source(3, Type::U32, d.op.c);
}

static bool decodeVideo(Decoder &d) {
  llvm::StringRef name = d.syntax().opcode;
  Video v;
  v.parts = name.consume_back("2") ? 2 : name.consume_back("4") ? 4 : 1;
  v.kind = llvm::find_if(kKinds, [&](const auto &entry) { return entry.first == name; })->second;
  if (!(v.parts == 1 ? decodeScalar(d, v) : decodeSimd(d, v)))
    return false;
  d.op.immediate = std::bit_cast<uint64_t>(v);
  return true;
}

void tilec::sim::ptx::addVideo(DecodeTable &table) {
  for (auto [name, kind] : kKinds) {
    bool isShift = kind == Video::ShiftLeft || kind == Video::ShiftRight;
    if (kind != Video::Average)
      table[name] = decodeVideo;
    if (isShift || kind == Video::Mad)
      continue;
    table[(name + "2").str()] = decodeVideo;
    table[(name + "4").str()] = decodeVideo;
  }
}
