//===- MatrixQuads.cpp - mma.m8n8k4 of f16 ----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section 9.7.14.5.1 of the manual: four products in a warp, product q in the lanes 4 * q to 4 * q + 3 and 16 above.
// With `part = lane % 4` and `upper` 4 in the upper lanes and else 0, element i of a lane is:
//   a by rows (part + upper, i), by columns (i + upper, part)
//   b by rows (part, i + upper), by columns (i, part + upper)
//   c and d of f16 (part + upper, i), of f32 (part % 2 + (i & 2) + upper, (i & 4) + (part & 2) + i % 2)

#include "Execute.h"
#include "MatrixMultiply.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

static constexpr Shape kShape = {8, 8, 4};

/// Bits of Op::flags.
static constexpr uint8_t kRowsA = 1, kRowsB = 2, kSingleC = 4, kSingleD = 8;

static unsigned upper(unsigned lane) { return lane < 16 ? 0 : 4; }

/// Where element i of a lane's c or d is, row by row.
static unsigned placeOfSum(unsigned lane, unsigned i, bool isSingle) {
  unsigned part = lane % 4;
  return isSingle ? (part % 2 + (i & 2) + upper(lane)) * 8 + (i & 4) + (part & 2) + i % 2
                  : (part + upper(lane)) * 8 + i;
}

static Step multiplyQuads(Warp &warp, const Op &op, Mask mask) {
  Step step;
  if (!isWhole(warp, op, mask, step))
    return step;
  bool isSingleC = op.flags & kSingleC, isSingleD = op.flags & kSingleD;
  Element typeC = isSingleC ? Element::F32 : Element::F16, typeD = isSingleD ? Element::F32 : Element::F16;
  const Slot *d = warp.getCode().lists[op.list].data(), *a = d + (isSingleD ? 8 : 4), *b = a + 2, *c = b + 2;
  auto half = [&](const Slot *slots, unsigned lane, unsigned i) {
    return decodeElement(Element::F16, warp.source(slots[i / 2]).v[lane] >> (i % 2 * 16));
  };
  double sums[4][64];
  for (unsigned quad = 0; quad != 4; ++quad) {
    double left[32], right[32];
    for (unsigned member = 0; member != 8; ++member) {
      unsigned lane = 4 * quad + member % 4 + (member < 4 ? 0 : 16), part = lane % 4;
      for (unsigned i = 0; i != 4; ++i) {
        left[op.flags & kRowsA ? (part + upper(lane)) * 4 + i : (i + upper(lane)) * 4 + part] = half(a, lane, i);
        right[op.flags & kRowsB ? part * 8 + i + upper(lane) : i * 8 + part + upper(lane)] = half(b, lane, i);
      }
      for (unsigned i = 0; i != 8; ++i)
        sums[quad][placeOfSum(lane, i, isSingleC)] =
            isSingleC ? decodeElement(typeC, warp.source(c[i]).v[lane]) : half(c, lane, i);
    }
    multiply(kShape, left, right, sums[quad], BitProduct::None);
  }
  for (unsigned lane = 0; lane != kLanes; ++lane)
    for (unsigned i = 0; i != 8; ++i) {
      uint64_t bits = encodeElement(typeD, sums[lane % 16 / 4][placeOfSum(lane, i, isSingleD)], false);
      uint64_t &into = warp.reg(d[isSingleD ? i : i / 2]).v[lane];
      into = isSingleD ? bits : i % 2 ? into | bits << 16 : bits;
    }
  return Step::Next;
}

bool tilec::sim::ptx::isQuads(const Decoder &d, const Shape &shape) {
  return shape == kShape && llvm::is_contained(d.wordsLeft(), "f16");
}

bool tilec::sim::ptx::decodeQuads(Decoder &d) {
  llvm::SmallVector<llvm::StringRef, 8> words(d.wordsLeft());
  auto isOneOf = [&](size_t i, llvm::StringRef first, llvm::StringRef second) {
    return words[i] == first || words[i] == second;
  };
  // The layouts of a and b, and the types of d, a, b and c.
  bool isGood = words.size() == 6 && isOneOf(0, "row", "col") && isOneOf(1, "row", "col") && isOneOf(2, "f16", "f32") &&
                words[3] == "f16" && words[4] == "f16" && isOneOf(5, "f16", "f32") &&
                !(words[5] == "f32" && words[2] == "f16");
  if (!isGood)
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  for (llvm::StringRef word : words)
    d.take(word);
  bool isSingleC = words[5] == "f32", isSingleD = words[2] == "f32";
  d.op.flags = (words[0] == "row" ? kRowsA : 0) | (words[1] == "row" ? kRowsB : 0) | (isSingleC ? kSingleC : 0) |
               (isSingleD ? kSingleD : 0);
  std::vector<Slot> slots;
  auto add = [&](size_t index, unsigned count) {
    return d.registers(d.syntax().operands[index], Type::B32, count, index == 0, slots);
  };
  if (!d.expectOperands(4) || !add(0, isSingleD ? 8 : 4) || !add(1, 2) || !add(2, 2) || !add(3, isSingleC ? 8 : 4))
    return false;
  d.setList(std::move(slots));
  d.op.execute = multiplyQuads;
  d.op.isConvergent = true;
  return true;
}
