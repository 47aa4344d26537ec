//===- Atomics.cpp - atom and red -------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.13.5 and 9.7.13.6 of the manual. Lanes go one after another, in an order that the seed chooses.

#include "Decoder.h"
#include "Execute.h"
#include "FloatSteps.h"
#include "HostAtomics.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace tilec::sim::ptx;

namespace {
enum class Operation : uint8_t { And, Or, Xor, Exch, Cas, Add, Inc, Dec, Min, Max };
} // namespace
static constexpr llvm::StringLiteral kOperations[] = {"and", "or",  "xor", "exch", "cas",
                                                      "add", "inc", "dec", "min",  "max"};

template <typename T> static T combineIntegers(Operation operation, T old, T b, T c) {
  switch (operation) {
  case Operation::And:
    return old & b;
  case Operation::Or:
    return old | b;
  case Operation::Xor:
    return old ^ b;
  case Operation::Exch:
    return b;
  case Operation::Cas:
    return old == b ? c : old;
  case Operation::Add:
    return static_cast<T>(uint64_t(old) + uint64_t(b));
  case Operation::Inc:
    return old >= b ? 0 : old + 1;
  case Operation::Dec:
    return old == 0 || old > b ? b : old - 1;
  case Operation::Min:
    return std::min(old, b);
  case Operation::Max:
    return std::max(old, b);
  }
  llvm_unreachable("all operations are there");
}

template <typename Format> static uint16_t combineSmall(Operation operation, uint16_t old, uint16_t b) {
  double x = Format{old}.toDouble(), y = Format{b}.toDouble();
  if (operation == Operation::Add)
    return Format::fromDouble(x + y).bits;
  if (x != x || y != y)
    return x != x ? (y != y ? Format::canonicalNaN : b) : old;
  return (operation == Operation::Min ? y < x : y > x) ? b : old;
}

/// A sum of f32, whose subnormals are 0 on global memory (section 9.7.13.5), operands as well.
static uint64_t addF32(uint64_t old, uint64_t b, bool isFlushed) {
  auto read = [&](uint64_t bits) {
    float value = fromBits<float>(bits);
    return isFlushed ? flush(value) : value;
  };
  float sum = canonical(read(old) + read(b));
  return toBits(isFlushed ? flush(sum) : sum);
}

/// What a location holds after the operation of one lane; `isGlobal` is whether it is in global memory.
static uint64_t combine(Type type, Operation operation, uint64_t old, uint64_t b, uint64_t c, bool isGlobal) {
  switch (type) {
  case Type::S32:
    return toBits(combineIntegers<int32_t>(operation, old, b, c));
  case Type::S64:
    return toBits(combineIntegers<int64_t>(operation, old, b, c));
  case Type::B16:
    return combineIntegers<uint16_t>(operation, old, b, c);
  case Type::B64:
  case Type::U64:
    return combineIntegers<uint64_t>(operation, old, b, c);
  case Type::F32:
    return addF32(old, b, isGlobal);
  case Type::F64: {
    double x = fromBits<double>(old), y = fromBits<double>(b), sum = x + y;
    // Global memory has another unit to add than shared memory has; the manual leaves it open.
    return toBits(sum == sum ? sum : !isGlobal ? nanOf(x, y) : y != y ? y : x == x ? nanOf() : x);
  }
  case Type::F16:
    return combineSmall<Half>(operation, old, b);
  case Type::BF16:
    return combineSmall<BFloat>(operation, old, b);
  case Type::F16x2:
    return combineSmall<Half>(operation, old, b) | uint64_t(combineSmall<Half>(operation, old >> 16, b >> 16)) << 16;
  case Type::BF16x2:
    return combineSmall<BFloat>(operation, old, b) | uint64_t(combineSmall<BFloat>(operation, old >> 16, b >> 16))
                                                         << 16;
  default:
    return combineIntegers<uint32_t>(operation, old, b, c);
  }
}

/// `exch` and `cas` of 128 bits. In the list the halves of d, b and c.
static Step atomicWide(Warp &warp, const Op &op, Mask mask) {
  const std::vector<Slot> &slots = warp.getCode().lists[op.list];
  const Lanes base = warp.source(op.a);
  Lanes operands[4];
  for (unsigned i = 0; i != 4; ++i)
    operands[i] = warp.source(slots[2 + i]);
  bool isExchange = static_cast<Operation>(op.count) == Operation::Exch;
  bool isGood = forEachLane(mask, [&](unsigned lane) {
    uint64_t address = base.v[lane] + op.immediate;
    if (!(op.flags & 1) && static_cast<Space>(op.mode) == Space::Shared)
      address &= UINT32_MAX;
    Access access{Access::Kind::Atomic, op.order, op.scope};
    const uint64_t expected[2] = {operands[0].v[lane], operands[1].v[lane]};
    access.expected = isExchange ? nullptr : expected;
    char *at = warp.access(op, lane, access, static_cast<Space>(op.mode), op.flags & 1, address, 16);
    if (!at)
      return false;
    // Blocks on other threads of the host wait their turn: not every host has such an instruction.
    std::lock_guard<std::mutex> lock(warp.getLaunch().wideAtomics);
    uint64_t old[2];
    std::memcpy(old, at, 16);
    uint64_t next[2] = {operands[isExchange ? 0 : 2].v[lane], operands[isExchange ? 1 : 3].v[lane]};
    if (isExchange || (old[0] == operands[0].v[lane] && old[1] == operands[1].v[lane]))
      std::memcpy(at, next, 16);
    warp.reg(slots[0]).v[lane] = old[0];
    warp.reg(slots[1]).v[lane] = old[1];
    return true;
  });
  return nextIf(isGood);
}

/// In Op: the type in `size`, the space in `mode`, the operation in `count`; flags: 1 generic, 2 without a result.
static Step atomic(Warp &warp, const Op &op, Mask mask) {
  const Lanes base = warp.source(op.a), b = warp.source(op.b), c = warp.source(op.c);
  Type type = static_cast<Type>(op.size);
  Operation operation = static_cast<Operation>(op.count);
  Access access{Access::Kind::Atomic, op.order, op.scope};
  access.isReduction = op.flags & 2;
  access.scalar = type == Type::F16x2 || type == Type::BF16x2 ? 2 : 0;
  unsigned bytes = bitWidth(type) / 8, first = warp.getBlock().random() % kLanes;
  for (unsigned i = 0; i != kLanes; ++i) {
    unsigned lane = (first + i) % kLanes;
    if (!(mask >> lane & 1))
      continue;
    uint64_t address = base.v[lane] + op.immediate;
    if (!(op.flags & 1) && static_cast<Space>(op.mode) == Space::Shared)
      address &= UINT32_MAX;
    if (operation == Operation::Cas)
      access.expected = &b.v[lane];
    char *at = warp.access(op, lane, access, static_cast<Space>(op.mode), op.flags & 1, address, bytes);
    if (!at)
      return Step::Failed;
    bool isGlobal = op.flags & 1 ? address >= Window::global : static_cast<Space>(op.mode) == Space::Global;
    auto next = [&](uint64_t old) { return combine(type, operation, old, b.v[lane], c.v[lane], isGlobal); };
    uint64_t old = 0;
    if (warp.getLaunch().isParallel()) {
      old = updateAtomic(at, bytes, next);
    } else {
      std::memcpy(&old, at, bytes);
      uint64_t bits = next(old);
      if (std::memcmp(&bits, &old, bytes) != 0)
        warp.getLaunch().recordChange();
      std::memcpy(at, &bits, bytes);
    }
    if (!(op.flags & 2))
      warp.reg(op.d).v[lane] = old;
  }
  return Step::Next;
}

static bool isDefined(Operation operation, Type type) {
  bool isBits32 = type == Type::B32 || type == Type::B64;
  switch (operation) {
  case Operation::And:
  case Operation::Or:
  case Operation::Xor:
    return isBits32;
  case Operation::Exch:
  case Operation::Cas:
    return isBits32 || type == Type::B128 || (type == Type::B16 && operation == Operation::Cas);
  case Operation::Add:
    return isFloatType(type) || type == Type::U32 || type == Type::S32 || type == Type::U64 || type == Type::S64;
  case Operation::Inc:
  case Operation::Dec:
    return type == Type::U32;
  case Operation::Min:
  case Operation::Max:
    return type == Type::U32 || type == Type::S32 || type == Type::U64 || type == Type::S64 || type == Type::F16 ||
           type == Type::BF16 || type == Type::F16x2 || type == Type::BF16x2;
  }
  llvm_unreachable("all operations are there");
}

static bool decodeWide(Decoder &d, bool hasResult, size_t operands) {
  std::vector<Slot> slots;
  const auto &all = d.syntax().operands;
  std::optional<Space> ofVariable;
  if (!hasResult)
    return d.fail("'red' has no operation on .b128");
  if (!d.expectOperands(2 + operands, 3 + operands) || !d.halves(all[0], /*isResult=*/true, slots) ||
      !d.address(all[1], d.op.a, d.op.immediate, ofVariable) || !d.halves(all[2], /*isResult=*/false, slots) ||
      !d.halves(all[operands == 2 ? 3 : 2], /*isResult=*/false, slots))
    return false;
  d.setList(std::move(slots));
  d.op.execute = atomicWide;
  return true;
}

static bool decodeAtomic(Decoder &d, bool hasResult) {
  d.takeOrder(Order::Relaxed, Scope::Device);
  int space = d.takeOneOf({"global", "shared", "shared::cta"});
  llvm::SmallVector<llvm::StringRef, 10> names(std::begin(kOperations), std::end(kOperations));
  int operation = d.takeOneOf(names);
  d.take("noftz");
  d.take("L2::cache_hint");
  Type type;
  if (operation < 0 || d.takeOneOf({"v2", "v4", "v8"}) >= 0 || !d.needType(type))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  if (!isDefined(static_cast<Operation>(operation), type))
    return d.fail("atomic '." + kOperations[operation] + "' is not defined for ." + typeName(type));
  d.op.execute = atomic;
  d.op.size = static_cast<uint8_t>(type);
  d.op.mode = static_cast<uint8_t>(space > 0 ? Space::Shared : Space::Global);
  d.op.count = operation;
  d.op.flags = (space < 0 ? 1 : 0) | (hasResult ? 0 : 2);
  size_t at = hasResult, operands = operation == static_cast<int>(Operation::Cas) ? 2 : 1;
  if (type == Type::B128)
    return decodeWide(d, hasResult, operands);
  if (!d.expectOperands(at + 1 + operands, at + 2 + operands) || (hasResult && !d.result(0, type, d.op.d)))
    return false;
  std::optional<Space> ofVariable;
  return d.address(d.syntax().operands[at], d.op.a, d.op.immediate, ofVariable) && d.source(at + 1, type, d.op.b) &&
         (operands == 1 ? (d.op.c = d.op.b, true) : d.source(at + 2, type, d.op.c));
}

void tilec::sim::ptx::addAtomics(DecodeTable &table) {
  table["atom"] = [](Decoder &d) { return decodeAtomic(d, true); };
  table["red"] = [](Decoder &d) { return decodeAtomic(d, false); };
}
