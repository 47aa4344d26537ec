//===- MatrixMultiply.cpp - mma.sync ----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.14.5 (dense) and 9.7.14.6 (sparse a) of the manual, up to sm_89. The figures of the fragments follow one
// rule. With `group = lane / 4`, `part = lane % 4` and e elements in a register:
//   a, register r, element j: row group + 8 * (r % (m / 8)), column part * e + j + 4 * e * (r / (m / 8))
//   b, register r, element j: row part * e + j + 4 * e * r, column group
//   c and d, element i:       row group + 8 * (i / 2), column part * 2 + i % 2
// A sparse a holds the k / 2 elements of each row that are not zero, as a dense one of that width.

#include "MatrixMultiply.h"
#include "Execute.h"
#include "MatrixHalves.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

namespace {
/// What an instruction multiplies, packed into Op::immediate. The shapes that exist are in kDense and kSparse.
struct Product {
  Shape shape;
  Element a, b, c, d;
  BitProduct bits = BitProduct::None;
  bool saturates = false;
  /// Of f64: the index of `.rn`, `.rz`, `.rm` or `.rp`.
  uint8_t rounding = 0;
  /// Whether half of a is zero; whether the places of what is not must come in order; who has them.
  bool isSparse = false, isOrdered = false;
  uint8_t selector = 0;
  unsigned aColumns() const { return isSparse ? shape.k / 2 : shape.k; }
  unsigned aRegisters() const { return shape.m * aColumns() / kLanes / perRegister(a); }
  unsigned bRegisters() const { return shape.k * shape.n / kLanes / perRegister(b); }
  unsigned registersOf(Element type) const { return shape.m * shape.n / kLanes / perRegister(type); }
};

struct Row {
  Shape shape;
  /// The first of the types that a and b may have; see familyOf.
  Element type;
};
} // namespace

static constexpr Row kDense[] = {
    {{16, 8, 8}, Element::F16},   {{16, 8, 16}, Element::F16},  {{16, 8, 8}, Element::BF16},
    {{16, 8, 16}, Element::BF16}, {{16, 8, 4}, Element::TF32},  {{16, 8, 8}, Element::TF32},
    {{16, 8, 16}, Element::E4M3}, {{16, 8, 32}, Element::E4M3}, {{8, 8, 4}, Element::F64},
    {{16, 8, 4}, Element::F64},   {{16, 8, 8}, Element::F64},   {{16, 8, 16}, Element::F64},
    {{8, 8, 16}, Element::S8},    {{16, 8, 16}, Element::S8},   {{16, 8, 32}, Element::S8},
    {{8, 8, 32}, Element::S4},    {{16, 8, 32}, Element::S4},   {{16, 8, 64}, Element::S4},
    {{8, 8, 128}, Element::B1},   {{16, 8, 128}, Element::B1},  {{16, 8, 256}, Element::B1}};

static constexpr Row kSparse[] = {
    {{16, 8, 16}, Element::F16},  {{16, 8, 32}, Element::F16}, {{16, 8, 16}, Element::BF16},
    {{16, 8, 32}, Element::BF16}, {{16, 8, 8}, Element::TF32}, {{16, 8, 16}, Element::TF32},
    {{16, 8, 32}, Element::S8},   {{16, 8, 64}, Element::S8},  {{16, 8, 64}, Element::S4},
    {{16, 8, 128}, Element::S4},  {{16, 8, 64}, Element::E4M3}};

/// A product packed into Op::immediate, and back.
static uint64_t pack(const Product &p) {
  return p.shape.m | p.shape.n << 8 | uint64_t(p.shape.k) << 16 | uint64_t(p.a) << 32 | uint64_t(p.b) << 36 |
         uint64_t(p.c) << 40 | uint64_t(p.d) << 44 | uint64_t(p.bits) << 48 | uint64_t(p.saturates) << 52 |
         uint64_t(p.isSparse) << 53 | uint64_t(p.isOrdered) << 54 | uint64_t(p.selector) << 55 |
         uint64_t(p.rounding) << 57;
}
static Product unpack(uint64_t bits) {
  auto element = [&](unsigned at) { return static_cast<Element>(bits >> at & 15); };
  Product p;
  p.shape = {unsigned(bits & 255), unsigned(bits >> 8 & 255), unsigned(bits >> 16 & 0xffff)};
  p.a = element(32);
  p.b = element(36);
  p.c = element(40);
  p.d = element(44);
  p.bits = static_cast<BitProduct>(bits >> 48 & 15);
  p.saturates = bits >> 52 & 1;
  p.isSparse = bits >> 53 & 1;
  p.isOrdered = bits >> 54 & 1;
  p.selector = bits >> 55 & 3;
  p.rounding = bits >> 57 & 3;
  return p;
}

//===----------------------------------------------------------------------===//
// sparse a
//===----------------------------------------------------------------------===//

/// The four bits that say what is where in a chunk of a row, and the lane that has them (figures 119 to 147). A chunk
/// is four elements, two of them stored; of tf32 it is two elements, of 4-bit integers four pairs. Rows of 16 and 32
/// bits have four chunks in a lane, those 8 below in its upper half; rows of 8 and 4 bits have eight, and a lane of
/// their own.
static std::pair<uint32_t, unsigned> placesOf(const Product &p, const Lanes &metadata, unsigned row, unsigned chunk) {
  bool isWide = elementBits(p.a) >= 16;
  unsigned chunks = isWide ? p.shape.k * elementBits(p.a) / 64 : p.shape.k * elementBits(p.a) / 32;
  unsigned inLane = isWide ? 4 : 8, lane = row % 8 * 4, bit = chunk % inLane * 4 + (isWide ? row / 8 * 16 : 0);
  if (isWide)
    lane += chunks == 4 ? p.selector : 2 * p.selector + chunk / 4;
  else
    lane += row / 8 + (chunks == 8 ? 2 * p.selector : chunk / 8 * 2);
  return {metadata.v[lane] >> bit & 15, lane};
}

/// The columns of the stored elements, row by row. False, after an error, where the metadata says nothing the manual
/// allows (section 9.7.14.6.1).
static bool findColumns(Warp &warp, const Op &op, const Product &p, const Lanes &metadata, uint8_t *columns) {
  // Elements of a chunk that stay together: pairs of 4-bit integers; a tf32 is two places of 16 bits.
  bool isTF32 = p.a == Element::TF32;
  unsigned together = p.a == Element::S4 || p.a == Element::U4 ? 2 : 1, chunk = isTF32 ? 2 : 4 * together;
  for (unsigned row = 0; row != p.shape.m; ++row)
    for (unsigned i = 0; i != p.shape.k / chunk; ++i) {
      auto [places, lane] = placesOf(p, metadata, row, i);
      unsigned first = places & 3, second = places >> 2;
      bool isGood = isTF32 ? places == 4 || places == 14 : first < second || (!p.isOrdered && first != second);
      if (!isGood)
        return warp.fail(op, lane,
                         "metadata 0x" + llvm::Twine::utohexstr(places) + " for row " + llvm::Twine(row) +
                             ", columns " + llvm::Twine(i * chunk) + " to " + llvm::Twine(i * chunk + chunk - 1) +
                             ": no places of elements that are not zero"),
               false;
      uint8_t *into = columns + row * p.aColumns() + i * chunk / 2;
      if (isTF32)
        into[0] = i * chunk + first / 2;
      for (unsigned j = 0; !isTF32 && j != together; ++j) {
        into[j] = i * chunk + first * together + j;
        into[together + j] = i * chunk + second * together + j;
      }
    }
  return true;
}

/// The stored elements, times the rows of b that they meet. What is not stored is no factor, not even of an infinity.
static void multiplySparse(const Product &p, const double *stored, const uint8_t *columns, const double *right,
                           double *sum) {
  for (unsigned row = 0; row != p.shape.m; ++row)
    for (unsigned i = row * p.aColumns(), end = i + p.aColumns(); i != end; ++i)
      for (unsigned column = 0; column != p.shape.n; ++column)
        sum[row * p.shape.n + column] += stored[i] * right[columns[i] * p.shape.n + column];
}

//===----------------------------------------------------------------------===//
// the product
//===----------------------------------------------------------------------===//

static Step multiplyAdd(Warp &warp, const Op &op, Mask mask) {
  Step step;
  if (!isWhole(warp, op, mask, step))
    return step;
  const Product p = unpack(op.immediate);
  const std::vector<Slot> &slots = warp.getCode().lists[op.list];
  const Slot *d = slots.data(), *a = d + p.registersOf(p.d), *b = a + p.aRegisters(), *c = b + p.bRegisters();
  double left[16 * 256], right[256 * 8], sum[16 * 8];
  uint8_t columns[16 * 64];
  unsigned blocks = p.shape.m / 8;
  auto part = [](Element type, uint64_t bits, unsigned j) {
    return decodeElement(type, bits >> (j * elementBits(type)));
  };
  for (unsigned r = 0, e = perRegister(p.a), count = p.aRegisters(); r != count; ++r) {
    const Lanes &lanes = warp.source(a[r]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      for (unsigned j = 0; j != e; ++j)
        left[(lane / 4 + 8 * (r % blocks)) * p.aColumns() + lane % 4 * e + j + 4 * e * (r / blocks)] =
            part(p.a, lanes.v[lane], j);
  }
  if (p.isSparse && !findColumns(warp, op, p, warp.source(op.a), columns))
    return Step::Failed;
  for (unsigned r = 0, e = perRegister(p.b), count = p.bRegisters(); r != count; ++r) {
    const Lanes &lanes = warp.source(b[r]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      for (unsigned j = 0; j != e; ++j)
        right[(lane % 4 * e + j + 4 * e * r) * p.shape.n + lane / 4] = part(p.b, lanes.v[lane], j);
  }
  auto place = [&](unsigned lane, unsigned i) { return (lane / 4 + 8 * (i / 2)) * p.shape.n + lane % 4 * 2 + i % 2; };
  unsigned count = p.shape.m * p.shape.n / kLanes;
  for (unsigned i = 0, e = perRegister(p.c); i != count; ++i) {
    const Lanes &lanes = warp.source(c[i / e]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      sum[place(lane, i)] = part(p.c, lanes.v[lane], i % e);
  }
  if (p.a == Element::F64)
    multiplyF64(p.shape, left, right, sum, p.rounding);
  else if (p.isSparse)
    multiplySparse(p, left, columns, right, sum);
  else
    multiply(p.shape, left, right, sum, p.bits);
  for (unsigned i = 0, e = perRegister(p.d); i != count; ++i) {
    Lanes &lanes = warp.reg(d[i / e]);
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      uint64_t bits = encodeElement(p.d, sum[place(lane, i)], p.saturates) << (i % e * elementBits(p.d));
      lanes.v[lane] = i % e ? lanes.v[lane] | bits : bits;
    }
  }
  return Step::Next;
}

/// The types of d, a, b and c, which are the last four words.
static bool takeElements(Decoder &d, Product &p) {
  Element *types[] = {&p.d, &p.a, &p.b, &p.c};
  llvm::SmallVector<llvm::StringRef, 8> words(d.wordsLeft());
  if (words.size() != 4)
    return false;
  for (unsigned i = 0; i != 4; ++i) {
    std::optional<Element> type = parseElement(words[i]);
    if (!type)
      return false;
    *types[i] = *type;
    d.take(words[i]);
  }
  return true;
}

/// The lanes with metadata are chosen by a number; what it may be depends on how many there are.
static bool takeSelector(Decoder &d, Product &p) {
  const Operand &operand = d.syntax().operands[5];
  // Bits of places in all rows, of which a lane has 32.
  unsigned stored = p.a == Element::TF32 ? 4 : p.a == Element::S4 || p.a == Element::U4 ? 1 : 2;
  unsigned lanes = p.shape.k / 2 * stored * 2 / 32;
  uint64_t least = 0, choices = 4 / std::max(1u, lanes);
  if (operand.kind != Operand::Kind::Integer || operand.value < least || operand.value >= choices)
    return d.fail(operand.place,
                  "the selector of the threads with metadata is a number below " + llvm::Twine(choices) + " here");
  p.selector = operand.value;
  return true;
}

static bool decodeMma(Decoder &d) {
  Product p;
  p.isOrdered = d.take("sp::ordered_metadata");
  p.isSparse = p.isOrdered || d.take("sp");
  if (!d.take("sync") || !d.take("aligned") || !takeShape(d, p.shape))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  if (isQuads(d, p.shape))
    return decodeQuads(d);
  bool isRowCol = d.take("row") && d.take("col");
  p.saturates = d.take("satfinite");
  p.bits = d.take("xor") ? BitProduct::Xor : d.take("and") ? BitProduct::And : BitProduct::None;
  bool isCount = d.take("popc");
  int rounding = d.takeOneOf({"rn", "rz", "rm", "rp"});
  p.rounding = std::max(rounding, 0);
  bool isKnown = isRowCol && takeElements(d, p) && familyOf(p.a) == familyOf(p.b) && mayAccumulate(p.a, p.c) &&
                 mayAccumulate(p.a, p.d) && isCount == (p.a == Element::B1) &&
                 isCount == (p.bits != BitProduct::None) && (rounding < 0 || p.a == Element::F64) &&
                 (!p.saturates || familyOf(p.a) == Element::S8 || familyOf(p.a) == Element::S4) && p.c == p.d &&
                 llvm::any_of(p.isSparse ? llvm::ArrayRef(kSparse) : llvm::ArrayRef(kDense),
                              [&](const Row &row) { return row.shape == p.shape && row.type == familyOf(p.a); });
  if (!isKnown)
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  std::vector<Slot> slots;
  auto add = [&](size_t index, unsigned count, Element type) {
    return d.registers(d.syntax().operands[index], registerType(type), count, index == 0, slots);
  };
  if (!d.expectOperands(p.isSparse ? 6 : 4) || !add(0, p.registersOf(p.d), p.d) || !add(1, p.aRegisters(), p.a) ||
      !add(2, p.bRegisters(), p.b) || !add(3, p.registersOf(p.c), p.c))
    return false;
  if (p.isSparse && (!d.source(4, Type::B32, d.op.a) || !takeSelector(d, p)))
    return false;
  d.setList(std::move(slots));
  d.op.execute = p.isSparse ? nullptr : multiplyOfHalves(p.shape, p.a, p.b, p.c, p.d);
  if (!d.op.execute)
    d.op.execute = multiplyAdd;
  d.op.immediate = pack(p);
  d.op.isConvergent = true;
  return true;
}

void tilec::sim::ptx::addMatrixMultiply(DecodeTable &table) { table["mma"] = decodeMma; }
