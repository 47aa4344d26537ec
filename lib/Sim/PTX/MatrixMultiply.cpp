//===- MatrixMultiply.cpp - mma.sync ----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section 9.7.14.5 of the manual, dense matrices up to sm_89. The figures of the fragments follow one rule. With `group
// = lane / 4`, `part = lane % 4` and e elements in a register:
//   a, register r, element j: row group + 8 * (r % (m / 8)), column part * e + j + 4 * e * (r / (m / 8))
//   b, register r, element j: row part * e + j + 4 * e * r, column group
//   c and d, element i:       row group + 8 * (i / 2), column part * 2 + i % 2

#include "Execute.h"
#include "Fragments.h"
#include "MatrixHalves.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

namespace {
/// What an instruction multiplies, packed into Op::immediate. The shapes that exist are in
/// kRows.
struct Product {
  Shape shape;
  Element a, b, c, d;
  BitProduct bits = BitProduct::None;
  bool saturates = false;
  unsigned aRegisters() const { return shape.m * shape.k / kLanes / perRegister(a); }
  unsigned bRegisters() const { return shape.k * shape.n / kLanes / perRegister(b); }
  unsigned registersOf(Element type) const { return shape.m * shape.n / kLanes / perRegister(type); }
};

struct Row {
  Shape shape;
  /// The first of the types that a and b may have; see familyOf.
  Element type;
};
} // namespace

static constexpr Row kRows[] = {
    {{16, 8, 8}, Element::F16},   {{16, 8, 16}, Element::F16},  {{16, 8, 8}, Element::BF16},
    {{16, 8, 16}, Element::BF16}, {{16, 8, 4}, Element::TF32},  {{16, 8, 8}, Element::TF32},
    {{16, 8, 16}, Element::E4M3}, {{16, 8, 32}, Element::E4M3}, {{8, 8, 4}, Element::F64},
    {{16, 8, 4}, Element::F64},   {{16, 8, 8}, Element::F64},   {{16, 8, 16}, Element::F64},
    {{8, 8, 16}, Element::S8},    {{16, 8, 16}, Element::S8},   {{16, 8, 32}, Element::S8},
    {{8, 8, 32}, Element::S4},    {{16, 8, 32}, Element::S4},   {{16, 8, 64}, Element::S4},
    {{8, 8, 128}, Element::B1},   {{16, 8, 128}, Element::B1},  {{16, 8, 256}, Element::B1}};

/// A product packed into Op::immediate, and back.
static uint64_t pack(const Product &p) {
  return p.shape.m | p.shape.n << 8 | uint64_t(p.shape.k) << 16 | uint64_t(p.a) << 32 | uint64_t(p.b) << 36 |
         uint64_t(p.c) << 40 | uint64_t(p.d) << 44 | uint64_t(p.bits) << 48 | uint64_t(p.saturates) << 52;
}
static Product unpack(uint64_t bits) {
  auto element = [&](unsigned at) { return static_cast<Element>(bits >> at & 15); };
  return {{unsigned(bits & 255), unsigned(bits >> 8 & 255), unsigned(bits >> 16 & 0xffff)},
          element(32),
          element(36),
          element(40),
          element(44),
          static_cast<BitProduct>(bits >> 48 & 15),
          bool(bits >> 52 & 1)};
}

static Step multiplyAdd(Warp &warp, const Op &op, Mask mask) {
  Step step;
  if (!isWhole(warp, op, mask, step))
    return step;
  const Product p = unpack(op.immediate);
  const std::vector<Slot> &slots = warp.getCode().lists[op.list];
  const Slot *d = slots.data(), *a = d + p.registersOf(p.d), *b = a + p.aRegisters(), *c = b + p.bRegisters();
  double left[16 * 256], right[256 * 8], sum[16 * 8];
  unsigned blocks = p.shape.m / 8;
  auto part = [](Element type, uint64_t bits, unsigned j) {
    return decodeElement(type, bits >> (j * elementBits(type)));
  };
  for (unsigned r = 0, e = perRegister(p.a), count = p.aRegisters(); r != count; ++r) {
    const Lanes &lanes = warp.source(a[r]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      for (unsigned j = 0; j != e; ++j)
        left[(lane / 4 + 8 * (r % blocks)) * p.shape.k + lane % 4 * e + j + 4 * e * (r / blocks)] =
            part(p.a, lanes.v[lane], j);
  }
  for (unsigned r = 0, e = perRegister(p.b), count = p.bRegisters(); r != count; ++r) {
    const Lanes &lanes = warp.source(b[r]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      for (unsigned j = 0; j != e; ++j)
        right[(lane % 4 * e + j + 4 * e * r) * p.shape.n + lane / 4] = part(p.b, lanes.v[lane], j);
  }
  auto place = [&](unsigned lane, unsigned i) { return (lane / 4 + 8 * (i / 2)) * p.shape.n + lane % 4 * 2 + i % 2; };
  unsigned elements = p.shape.m * p.shape.n / kLanes;
  for (unsigned i = 0, e = perRegister(p.c); i != elements; ++i) {
    const Lanes &lanes = warp.source(c[i / e]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      sum[place(lane, i)] = part(p.c, lanes.v[lane], i % e);
  }
  multiply(p.shape, left, right, sum, p.bits);
  for (unsigned i = 0, e = perRegister(p.d); i != elements; ++i) {
    Lanes &lanes = warp.reg(d[i / e]);
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      uint64_t bits = encodeElement(p.d, sum[place(lane, i)], p.saturates) << (i % e * elementBits(p.d));
      lanes.v[lane] = i % e ? lanes.v[lane] | bits : bits;
    }
  }
  return Step::Next;
}

static bool decodeMma(Decoder &d) {
  Product p;
  if (!d.take("sync") || !d.take("aligned") || !takeShape(d, p.shape))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  bool isRowCol = d.take("row") && d.take("col");
  p.saturates = d.take("satfinite");
  p.bits = d.take("xor") ? BitProduct::Xor : d.take("and") ? BitProduct::And : BitProduct::None;
  bool isCount = d.take("popc");
  Element *types[] = {&p.d, &p.a, &p.b, &p.c};
  llvm::SmallVector<llvm::StringRef, 8> words(d.wordsLeft());
  bool isKnown = isRowCol && words.size() == 4;
  for (unsigned i = 0; isKnown && i != 4; ++i) {
    std::optional<Element> type = parseElement(words[i]);
    isKnown = type.has_value();
    if (isKnown)
      *types[i] = *type;
    d.take(words[i]);
  }
  isKnown = isKnown && familyOf(p.a) == familyOf(p.b) && mayAccumulate(p.a, p.c) && mayAccumulate(p.a, p.d) &&
            isCount == (p.a == Element::B1) && isCount == (p.bits != BitProduct::None) &&
            llvm::any_of(kRows, [&](const Row &row) { return row.shape == p.shape && row.type == familyOf(p.a); });
  if (!isKnown)
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  std::vector<Slot> slots;
  auto add = [&](size_t index, unsigned count, Element type) {
    return d.registers(d.syntax().operands[index], registerType(type), count, index == 0, slots);
  };
  if (!d.expectOperands(4) || !add(0, p.registersOf(p.d), p.d) || !add(1, p.aRegisters(), p.a) ||
      !add(2, p.bRegisters(), p.b) || !add(3, p.registersOf(p.c), p.c))
    return false;
  d.setList(std::move(slots));
  d.op.execute = multiplyOfHalves(p.shape, p.a, p.b, p.c, p.d);
  if (!d.op.execute)
    d.op.execute = multiplyAdd;
  d.op.immediate = pack(p);
  d.op.isConvergent = true;
  return true;
}

void tilec::sim::ptx::addMatrixMultiply(DecodeTable &table) { table["mma"] = decodeMma; }
