//===- StackMemory.cpp - alloca, stacksave, stackrestore --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section 9.7.17 of the manual. Frames grow upwards in a thread's local memory; what a function asks for when it runs
// grows downwards from the end, and is gone when the function returns.

#include "Decoder.h"
#include "Execute.h"

using namespace tilec::sim::ptx;

/// `alloca d, size, alignment`: the alignment in `immediate`.
static Step allocate(Warp &warp, const Op &op, Mask mask) {
  const Lanes size = warp.source(op.a);
  Lanes d;
  bool isGood = forEachLane(mask, [&](unsigned lane) {
    uint64_t &top = warp.stackTop(lane), end = warp.top().local + warp.getCode().localBytes;
    if (size.v[lane] > top || ((top - size.v[lane]) & ~(op.immediate - 1)) < end)
      return warp.fail(op, lane,
                       "local memory is used up: " + llvm::Twine(size.v[lane]) + " more bytes are asked for, and " +
                           llvm::Twine(top > end ? top - end : 0) + " are left"),
             false;
    top = (top - size.v[lane]) & ~(op.immediate - 1);
    d.v[lane] = top;
    return true;
  });
  if (!isGood)
    return Step::Failed;
  warp.set(op.d, d, mask);
  return Step::Next;
}

static Step save(Warp &warp, const Op &op, Mask mask) {
  Lanes d;
  forEachLane(mask, [&](unsigned lane) {
    d.v[lane] = warp.stackTop(lane);
    return true;
  });
  warp.set(op.d, d, mask);
  return Step::Next;
}

static Step restore(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  bool isGood = forEachLane(mask, [&](unsigned lane) {
    uint64_t &top = warp.stackTop(lane);
    // Only what is saved is restored, and nothing is saved that is below what is there now.
    if (a.v[lane] < top || a.v[lane] > kLocalBytes)
      return warp.fail(op, lane, "0x" + llvm::Twine::utohexstr(a.v[lane]) + " is no place that 'stacksave' gave"),
             false;
    top = a.v[lane];
    return true;
  });
  return nextIf(isGood);
}

static bool takeAddressType(Decoder &d, Type &type) {
  return d.needType(type) &&
         (type == Type::U32 || type == Type::U64 || d.fail("'" + d.syntax().opcode + "' is for .u32 and .u64"));
}

static bool decodeAlloca(Decoder &d) {
  Type type;
  if (!takeAddressType(d, type) || !d.expectOperands(2, 3))
    return false;
  d.op.execute = allocate;
  d.op.immediate = 8;
  if (d.operandCount() == 3) {
    const Operand &alignment = d.syntax().operands[2];
    if (alignment.kind != Operand::Kind::Integer || alignment.value > (1u << 23) ||
        !llvm::has_single_bit(alignment.value))
      return d.fail(alignment.place, "an alignment is a power of two up to 8388608");
    d.op.immediate = std::max<uint64_t>(alignment.value, 8);
  }
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a);
}

void tilec::sim::ptx::addStackMemory(DecodeTable &table) {
  table["alloca"] = decodeAlloca;
  table["stacksave"] = [](Decoder &d) {
    Type type;
    d.op.execute = save;
    return takeAddressType(d, type) && d.expectOperands(1) && d.result(0, type, d.op.d);
  };
  table["stackrestore"] = [](Decoder &d) {
    Type type;
    d.op.execute = restore;
    return takeAddressType(d, type) && d.expectOperands(1) && d.source(0, type, d.op.a);
  };
}
