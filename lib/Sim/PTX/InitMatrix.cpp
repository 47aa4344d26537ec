//===- InitMatrix.cpp - bits without a value in matrix products -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which elements of a product depend on an element without a value, the instruction itself says: with 1 in the places
// of lost elements, 0 in the others and 1 everywhere in the other factor, the elements that come out as something else
// than without the ones are those.

#include "Fragments.h"
#include "InitCheck.h"
#include "Warp.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

static uint64_t lowBits(unsigned count) { return count >= 64 ? ~uint64_t(0) : (uint64_t(1) << count) - 1; }

/// The bits of 1.
static uint64_t oneOf(Element type) {
  switch (type) {
  case Element::E4M3:
    return 0x38;
  case Element::E5M2:
    return 0x3c;
  case Element::F16:
    return 0x3c00;
  case Element::BF16:
    return 0x3f80;
  case Element::TF32:
  case Element::F32:
    return 0x3f800000;
  case Element::F64:
    return 0x3ff0000000000000;
  default:
    return 1;
  }
}

/// A register whose elements are 1 where `bits` has something in their place.
static uint64_t onesWhere(Element type, uint64_t bits) {
  uint64_t ones = 0;
  unsigned width = elementBits(type);
  for (unsigned at = 0; at < registerBits(type); at += width)
    if (bits >> at & lowBits(width))
      ones |= oneOf(type) << at;
  return ones;
}

InitCheck::Losses InitCheck::followMatrix(const Op &op, const Dataflow &flow, Mask mask) {
  // Of d, a, b and c.
  llvm::SmallVector<Element, 4> types;
  for (llvm::StringRef word : op.syntax->modifiers)
    if (std::optional<Element> type = parseElement(word))
      types.push_back(*type);
  if (types.size() == 2)
    types = {types[0], Element::F16, Element::F16, types[1]};
  llvm::SmallVector<const Use *, 8> operandUses[4], results;
  for (const Use &use : flow.uses) {
    if (use.isWrite())
      results.push_back(&use);
    else if (use.operand < 4)
      operandUses[use.operand].push_back(&use);
  }
  // A register that is in two operands would have to be two things at once.
  bool isShared = false;
  for (unsigned k : {1, 2, 3})
    for (const Use *use : operandUses[k])
      for (unsigned other = k + 1; other < 4; ++other)
        isShared |=
            use->slot >= 0 && llvm::any_of(operandUses[other], [&](const Use *o) { return o->slot == use->slot; });
  if (types.size() != 4 || isShared)
    return followAllLanes(flow, mask);

  Losses losses(results.size());
  auto loseElement = [&](unsigned lane, unsigned index, uint32_t origin) {
    unsigned width = elementBits(types[0]), inRegister = perRegister(types[0]);
    Loss &loss = losses[index / inRegister];
    loss.bits.v[lane] |= lowBits(width) << (index % inRegister * width);
    loss.origin[lane] = origin;
  };
  // Not added to, elements of bits count those that differ: the other factor is then 0.
  bool isXor = llvm::is_contained(op.syntax->modifiers, "xor");
  for (unsigned factor : {1, 2}) {
    std::optional<uint32_t> origin;
    for (const Use *use : operandUses[factor])
      for (unsigned lane = 0; lane != kLanes && !origin; ++lane)
        if (lostBits(*use, lane))
          origin = originOf(*use, lane);
    if (!origin)
      continue;
    auto product = [&](bool hasOnes) {
      return again(
          op, flow, mask,
          [&](const Use &use, Lanes &value) {
            if (use.operand > 3)
              return;
            for (unsigned lane = 0; lane != kLanes; ++lane)
              value.v[lane] = use.operand == factor ? (hasOnes ? onesWhere(types[factor], lostBits(use, lane)) : 0)
                              : use.operand == 3 || isXor ? 0
                                                          : onesWhere(types[use.operand], ~uint64_t(0));
          },
          /*invertsMemory=*/false);
    };
    std::vector<Lanes> without = product(false), with = product(true);
    unsigned width = elementBits(types[0]), inRegister = perRegister(types[0]);
    for (unsigned i = 0; i != results.size() * inRegister; ++i)
      for (unsigned lane = 0; lane != kLanes; ++lane)
        if ((without[i / inRegister].v[lane] ^ with[i / inRegister].v[lane]) >> (i % inRegister * width) &
            lowBits(width))
          loseElement(lane, i, *origin);
  }
  // Sums are added to element by element.
  unsigned width = elementBits(types[3]), inRegister = perRegister(types[3]);
  for (unsigned i = 0; i < operandUses[3].size() * inRegister && i < results.size() * perRegister(types[0]); ++i)
    for (unsigned lane = 0; lane != kLanes; ++lane)
      if (lostBits(*operandUses[3][i / inRegister], lane) >> (i % inRegister * width) & lowBits(width))
        loseElement(lane, i, originOf(*operandUses[3][i / inRegister], lane));
  return losses;
}
