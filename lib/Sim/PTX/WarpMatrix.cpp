//===- WarpMatrix.cpp - wmma ------------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section 9.7.14.4 of the manual. Which lane holds which element of a fragment is left to the machine: here element e
// of a matrix, row by row, is in lane e / n, at n elements a lane; registers that are left over hold the same elements
// again.

#include "Execute.h"
#include "Fragments.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

namespace {
/// A matrix of an operation: its size, its elements, and how many registers the manual gives its fragment.
struct Fragment {
  unsigned rows = 0, columns = 0;
  Element type = Element::F32;
  unsigned registers = 0;
  unsigned perLane() const { return rows * columns / kLanes; }
};

/// Which operand of the product a matrix is.
enum class Which : uint8_t { A, B, C };
} // namespace

/// The shapes of a type of a and b.
static bool hasShape(Element type, const Shape &shape) {
  static constexpr Shape large[] = {{16, 16, 16}, {8, 32, 16}, {32, 8, 16}};
  switch (type) {
  case Element::F16:
  case Element::BF16:
  case Element::U8:
  case Element::S8:
    return llvm::is_contained(large, shape);
  case Element::TF32:
    return shape == Shape{16, 16, 8};
  case Element::F64:
    return shape == Shape{8, 8, 4};
  case Element::U4:
  case Element::S4:
    return shape == Shape{8, 8, 32};
  case Element::B1:
    return shape == Shape{8, 8, 128};
  default:
    return false;
  }
}

static Fragment fragmentOf(const Shape &shape, Which which, Element type) {
  Fragment f;
  f.type = type;
  f.rows = which == Which::B ? shape.k : shape.m;
  f.columns = which == Which::A ? shape.k : shape.n;
  f.registers = std::max(1u, f.rows * f.columns / kLanes / perRegister(type));
  // Fragments of f16 factors are 8 registers in every shape (table of section 9.7.14.4.1).
  if (type == Element::F16 && which != Which::C)
    f.registers = 8;
  return f;
}

static void readFragment(Warp &warp, const Fragment &f, const Slot *slots, double *into) {
  unsigned perLane = f.perLane(), e = perRegister(f.type);
  for (unsigned i = 0; i != perLane; ++i) {
    const Lanes &lanes = warp.source(slots[i / e]);
    for (unsigned lane = 0; lane != kLanes; ++lane)
      into[lane * perLane + i] = decodeElement(f.type, lanes.v[lane] >> (i % e * elementBits(f.type)));
  }
}

/// Bits of elements, row by row, into registers.
static void writeFragment(Warp &warp, const Fragment &f, const Slot *slots, const uint64_t *bits) {
  unsigned perLane = f.perLane(), e = perRegister(f.type);
  for (unsigned r = 0; r != f.registers; ++r) {
    Lanes d;
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      d.v[lane] = 0;
      for (unsigned j = 0; j != e; ++j)
        d.v[lane] |= bits[lane * perLane + (r * e + j) % perLane] << (j * elementBits(f.type));
    }
    warp.set(slots[r], d, kAllLanes);
  }
}

//===----------------------------------------------------------------------===//
// load and store
//===----------------------------------------------------------------------===//

/// In Op: rows in `size`, columns in `b`, the type in `mode`, the slot of the stride in `c` (flag 1: there is one),
/// flag 2 for column by column, flag 4 for generic, flag 8 for shared memory, registers in `count`.
static Fragment fragmentOf(const Op &op) { return {op.size, unsigned(op.b), static_cast<Element>(op.mode), op.count}; }

/// The bits of an element in memory, of which some share a byte.
static bool accessElement(Warp &warp, const Op &op, const Fragment &f, uint64_t base, uint64_t stride, unsigned row,
                          unsigned column, uint64_t &bits, bool isStore) {
  unsigned width = elementBits(f.type);
  uint64_t element = op.flags & 2 ? column * stride + row : row * stride + column, address = base + element * width / 8;
  Access access{isStore ? Access::Kind::Write : Access::Kind::Read};
  access.isCollective = true;
  char *at = warp.access(op, (row * f.columns + column) / f.perLane(), access,
                         op.flags & 8 ? Space::Shared : Space::Global, op.flags & 4, address, std::max(1u, width / 8));
  if (!at)
    return false;
  if (isStore)
    std::memcpy(at, &bits, width / 8);
  else if (width >= 8)
    bits = 0, std::memcpy(&bits, at, width / 8);
  else
    bits = static_cast<uint8_t>(*at) >> (element * width % 8) & ((1u << width) - 1);
  return true;
}

template <bool isStore> static Step moveFragment(Warp &warp, const Op &op, Mask mask) {
  Step step;
  if (!isWhole(warp, op, mask, step))
    return step;
  Fragment f = fragmentOf(op);
  const Slot *slots = warp.getCode().lists[op.list].data();
  // All lanes give one address and one stride.
  uint64_t base = warp.source(op.a).v[0] + op.immediate, stride = op.flags & 1   ? warp.source(op.c).v[0] & UINT32_MAX
                                                                  : op.flags & 2 ? f.rows
                                                                                 : f.columns;
  if (op.flags & 8)
    base &= UINT32_MAX;
  std::vector<uint64_t> bits(f.rows * f.columns);
  if (isStore) {
    unsigned perLane = f.perLane(), e = perRegister(f.type);
    for (unsigned i = 0; i != bits.size(); ++i)
      bits[i] = warp.source(slots[i % perLane / e]).v[i / perLane] >> (i % perLane % e * elementBits(f.type));
  }
  for (unsigned row = 0; row != f.rows; ++row)
    for (unsigned column = 0; column != f.columns; ++column)
      if (!accessElement(warp, op, f, base, stride, row, column, bits[row * f.columns + column], isStore))
        return Step::Failed;
  if (!isStore)
    writeFragment(warp, f, slots, bits.data());
  return Step::Next;
}

static bool decodeMove(Decoder &d, bool isLoad) {
  int which = d.takeOneOf({"a", "b", "c", "d"});
  int layout = d.takeOneOf({"row", "col"});
  Shape shape;
  bool isGood = which >= 0 && layout >= 0 && d.take("sync") && d.take("aligned") && takeShape(d, shape);
  int space = d.takeOneOf({"global", "shared", "shared::cta"});
  std::optional<Element> type = d.wordsLeft().size() == 1 ? parseElement(d.wordsLeft().front()) : std::nullopt;
  if (!isGood || !type)
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  d.take(d.wordsLeft().front());
  bool isFactor = which < 2;
  static constexpr Element factors[] = {Element::F16, Element::BF16, Element::TF32, Element::F64,
                                        Element::S8,  Element::S4,   Element::B1};
  if (isFactor ? !hasShape(*type, shape)
               : llvm::none_of(factors, [&](Element factor) { return hasShape(factor, shape); }))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  Fragment f = fragmentOf(shape, isFactor ? static_cast<Which>(which) : Which::C, *type);
  d.op.execute = isLoad ? moveFragment<false> : moveFragment<true>;
  d.op.isConvergent = true;
  d.op.size = f.rows;
  d.op.b = f.columns;
  d.op.mode = static_cast<uint8_t>(f.type);
  d.op.count = f.registers;
  d.op.flags = (layout == 1 ? 2 : 0) | (space < 0 ? 4 : 0) | (space > 0 ? 8 : 0);
  if (!d.expectOperands(2, 3))
    return false;
  if (d.operandCount() == 3) {
    d.op.flags |= 1;
    if (!d.source(2, Type::U32, d.op.c))
      return false;
  }
  std::vector<Slot> slots;
  if (!d.registers(d.syntax().operands[isLoad ? 0 : 1], registerType(f.type), f.registers, isLoad, slots))
    return false;
  d.setList(std::move(slots));
  std::optional<Space> ofVariable;
  return d.address(d.syntax().operands[isLoad ? 1 : 0], d.op.a, d.op.immediate, ofVariable);
}

//===----------------------------------------------------------------------===//
// mma
//===----------------------------------------------------------------------===//

/// Shape in `size`, `count` and `b`; types of d, a, b and c in the bytes of `immediate`, with the bit product, the
/// saturation and the rounding above.
static Step multiplyFragments(Warp &warp, const Op &op, Mask mask) {
  Step step;
  if (!isWhole(warp, op, mask, step))
    return step;
  Shape shape{op.size, op.count, unsigned(op.b)};
  auto type = [&](unsigned i) { return static_cast<Element>(op.immediate >> (8 * i) & 255); };
  Fragment d = fragmentOf(shape, Which::C, type(0)), a = fragmentOf(shape, Which::A, type(1)),
           b = fragmentOf(shape, Which::B, type(2)), c = fragmentOf(shape, Which::C, type(3));
  const Slot *slots = warp.getCode().lists[op.list].data();
  std::vector<double> left(a.rows * a.columns), right(b.rows * b.columns), sum(c.rows * c.columns);
  readFragment(warp, a, slots + d.registers, left.data());
  readFragment(warp, b, slots + d.registers + a.registers, right.data());
  readFragment(warp, c, slots + d.registers + a.registers + b.registers, sum.data());
  if (a.type == Element::F64)
    multiplyF64(shape, left.data(), right.data(), sum.data(), op.immediate >> 48 & 3);
  else
    multiply(shape, left.data(), right.data(), sum.data(), static_cast<BitProduct>(op.immediate >> 32 & 255));
  std::vector<uint64_t> bits(sum.size());
  for (size_t i = 0; i != sum.size(); ++i)
    bits[i] = encodeElement(d.type, sum[i], op.immediate >> 40 & 1);
  writeFragment(warp, d, slots, bits.data());
  return Step::Next;
}

static bool decodeMultiply(Decoder &d) {
  Shape shape;
  bool isGood = d.take("sync") && d.take("aligned") && d.takeOneOf({"row", "col"}) >= 0 &&
                d.takeOneOf({"row", "col"}) >= 0 && takeShape(d, shape);
  bool saturates = d.take("satfinite");
  BitProduct product = d.take("xor") ? BitProduct::Xor : d.take("and") ? BitProduct::And : BitProduct::None;
  isGood &= d.take("popc") == (product != BitProduct::None);
  int rounding = d.takeOneOf({"rn", "rz", "rm", "rp"});
  llvm::SmallVector<Element, 4> types;
  for (llvm::StringRef word : llvm::SmallVector<llvm::StringRef, 8>(d.wordsLeft()))
    if (std::optional<Element> type = parseElement(word)) {
      types.push_back(*type);
      d.take(word);
    }
  // Factors of f16 are not named: `.f32.f16` are the types of d and c.
  if (types.size() == 2)
    types = {types[0], Element::F16, Element::F16, types[1]};
  if (!isGood || types.size() != 4 || types[1] != types[2] || !hasShape(types[1], shape) ||
      !mayAccumulate(types[1], types[0]) || !mayAccumulate(types[1], types[3]) ||
      (types[1] == Element::B1) != (product != BitProduct::None))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  Fragment result = fragmentOf(shape, Which::C, types[0]), a = fragmentOf(shape, Which::A, types[1]),
           b = fragmentOf(shape, Which::B, types[2]), c = fragmentOf(shape, Which::C, types[3]);
  std::vector<Slot> slots;
  auto add = [&](size_t index, const Fragment &f) {
    return d.registers(d.syntax().operands[index], registerType(f.type), f.registers, index == 0, slots);
  };
  if (!d.expectOperands(4) || !add(0, result) || !add(1, a) || !add(2, b) || !add(3, c))
    return false;
  d.setList(std::move(slots));
  d.op.execute = multiplyFragments;
  d.op.isConvergent = true;
  d.op.size = shape.m;
  d.op.count = shape.n;
  d.op.b = shape.k;
  for (unsigned i = 0; i != 4; ++i)
    d.op.immediate |= uint64_t(types[i]) << (8 * i);
  d.op.immediate |= uint64_t(product) << 32 | uint64_t(saturates) << 40 | uint64_t(std::max(rounding, 0)) << 48;
  return true;
}

void tilec::sim::ptx::addWarpMatrix(DecodeTable &table) {
  table["wmma"] = [](Decoder &d) {
    if (d.take("load"))
      return decodeMove(d, true);
    if (d.take("store"))
      return decodeMove(d, false);
    if (d.take("mma"))
      return decodeMultiply(d);
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  };
}
