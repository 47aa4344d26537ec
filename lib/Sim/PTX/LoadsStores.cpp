//===- LoadsStores.cpp - ld, st and what goes with them ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.9.8 to 9.7.9.19 of the manual. Caches are not modelled, so words about them change nothing.

#include "Decoder.h"
#include "Execute.h"
#include "HostAtomics.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

/// What accesses keep in Op: bytes of an element in `size`, elements in `count`, the space in `mode`, and in `flags`:
static constexpr uint8_t kGeneric = 1, kSigned = 2, kOfFrame = 4;

/// Where a lane accesses memory.
static uint64_t addressOf(Warp &warp, const Op &op, const Lanes &base, unsigned lane) {
  uint64_t address = base.v[lane] + op.immediate;
  // Parameters of calls and local variables are named by their place in the frame.
  if (op.flags & kOfFrame)
    return address + warp.top().local;
  // Addresses of shared memory may be in registers of 32 bits.
  return op.flags & kGeneric || static_cast<Space>(op.mode) != Space::Shared ? address : address & UINT32_MAX;
}

/// The bytes that the lanes of the mask access; false after an error.
static bool accessAll(Warp &warp, const Op &op, Mask mask, const Access &access, Target (&targets)[kLanes]) {
  const Lanes &base = warp.source(op.a);
  uint64_t addresses[kLanes];
  for (unsigned lane = 0; lane != kLanes; ++lane)
    addresses[lane] = addressOf(warp, op, base, lane);
  return warp.access(op, mask, access, static_cast<Space>(op.mode), op.flags & kGeneric, addresses, op.size * op.count,
                     targets);
}

static Step load(Warp &warp, const Op &op, Mask mask) {
  const std::vector<Slot> &slots = warp.getCode().lists[op.list];
  Target targets[kLanes];
  if (!accessAll(warp, op, mask, {Access::Kind::Read, op.order, op.scope, /*isAsync=*/false, op.size}, targets))
    return Step::Failed;
  bool isAtomic = op.order != Order::Weak && warp.getLaunch().isParallel();
  forEachLane(mask, [&](unsigned lane) {
    const char *from = targets[lane].data;
    for (Slot slot : slots) {
      uint64_t bits = 0;
      if (isAtomic)
        bits = loadAtomic(from, op.size, op.order);
      else
        std::memcpy(&bits, from, op.size);
      if (op.flags & kSigned && op.size < 8)
        bits = static_cast<uint64_t>(static_cast<int64_t>(bits << (64 - 8 * op.size)) >> (64 - 8 * op.size)) &
               (~uint64_t(0) >> (64 - op.b));
      warp.reg(slot).v[lane] = bits;
      from += op.size;
    }
    return true;
  });
  return Step::Next;
}

static Step store(Warp &warp, const Op &op, Mask mask) {
  const std::vector<Slot> &slots = warp.getCode().lists[op.list];
  auto value = [&](unsigned lane, char *into) {
    for (Slot slot : slots) {
      std::memcpy(into, &warp.source(slot).v[lane], op.size);
      into += op.size;
    }
  };
  Target targets[kLanes];
  if (!accessAll(warp, op, mask, {Access::Kind::Write, op.order, op.scope, /*isAsync=*/false, op.size, value}, targets))
    return Step::Failed;
  bool isAtomic = op.order != Order::Weak && warp.getLaunch().isParallel();
  forEachLane(mask, [&](unsigned lane) {
    char *into = targets[lane].data;
    if (!isAtomic)
      return value(lane, into), true;
    for (Slot slot : slots) {
      storeAtomic(into, op.size, op.order, warp.source(slot).v[lane]);
      into += op.size;
    }
    return true;
  });
  return Step::Next;
}

static Step nothing(Warp &, const Op &, Mask) { return Step::Next; }

/// `isspacep.shared p, a`: whether a generic address is in a space's window.
static Step isInSpace(Warp &warp, const Op &op, Mask mask) {
  const Lanes &a = warp.source(op.a);
  Mask holds = 0;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    uint64_t address = a.v[lane];
    Space space = address >= Window::global     ? Space::Global
                  : address >= Window::constant ? Space::Const
                  : address >= Window::param    ? Space::Param
                  : address >= Window::local    ? Space::Local
                  : address >= Window::shared   ? Space::Shared
                                                : Space::Global;
    holds |= Mask(space == static_cast<Space>(op.mode)) << lane;
  }
  warp.setPred(op.d, holds, mask);
  return Step::Next;
}

//===----------------------------------------------------------------------===//
// decoders
//===----------------------------------------------------------------------===//

/// The space of an access; generic without one.
static bool takeSpace(Decoder &d) {
  int space =
      d.takeOneOf({"global", "shared", "shared::cta", "local", "param", "param::entry", "param::func", "const"});
  static constexpr Space spaces[] = {Space::Global, Space::Shared, Space::Shared, Space::Local,
                                     Space::Param,  Space::Param,  Space::Param,  Space::Const};
  d.op.mode = static_cast<uint8_t>(space < 0 ? Space::Global : spaces[space]);
  d.op.flags = space < 0 ? kGeneric : 0;
  return true;
}

/// Words about order and scope, and those about caches, which change nothing. What is volatile is relaxed in the scope
/// of the system (section 9.7.9.8).
static void takeOrder(Decoder &d) {
  bool isVolatile = d.take("volatile") || d.take("mmio");
  d.take("weak");
  d.takeOrder(isVolatile ? Order::Relaxed : Order::Weak, Scope::System);
  d.takeOneOf({"ca", "cg", "cs", "lu", "cv", "wb", "wt"});
  d.take("nc");
  llvm::SmallVector<llvm::StringRef, 4> hints;
  for (llvm::StringRef word : d.wordsLeft())
    if (word.starts_with("L1::") || word.starts_with("L2::") || word.starts_with("level::"))
      hints.push_back(word);
  for (llvm::StringRef word : hints)
    d.take(word);
}

static bool decodeAccess(Decoder &d, bool isLoad) {
  takeSpace(d);
  takeOrder(d);
  int vector = d.takeOneOf({"v2", "v4", "v8"});
  Type type;
  if (!d.needType(type))
    return false;
  d.op.count = vector < 0 ? 1 : 2 << vector;
  d.op.size = bitWidth(type) / 8;
  if (type == Type::Pred || d.op.size > 8)
    return d.fail("accesses of ." + typeName(type) + " are not supported");
  // A cache policy may come last.
  if (!d.expectOperands(2, 3))
    return false;
  const Operand &value = d.syntax().operands[isLoad ? 0 : 1], &address = d.syntax().operands[isLoad ? 1 : 0];
  std::optional<Space> ofVariable;
  if (!d.address(address, d.op.a, d.op.immediate, ofVariable))
    return false;
  if (ofVariable) {
    const Operand &base = address.parts.front();
    bool isKernelParam = d.code.syntax->isEntry && base.isOfFunction && base.index >= Function::kParamBase &&
                         base.index < Function::kResultBase;
    if (d.op.flags & kGeneric) {
      if (*ofVariable != Space::Global && *ofVariable != Space::Const)
        return d.fail(base.place, "a generic access to a ." +
                                      std::string(*ofVariable == Space::Shared ? "shared" : "local") +
                                      " variable by its name");
    } else if (static_cast<Space>(d.op.mode) != *ofVariable) {
      return d.fail(base.place, "the variable is in another space");
    }
    if (*ofVariable == Space::Local || (*ofVariable == Space::Param && !isKernelParam))
      d.op.flags |= kOfFrame;
    // Frames are in local memory.
    if (d.op.flags & kOfFrame)
      d.op.mode = static_cast<uint8_t>(Space::Local);
  } else if (static_cast<Space>(d.op.mode) == Space::Param && !d.code.syntax->isEntry) {
    d.op.mode = static_cast<uint8_t>(Space::Local);
  }
  std::vector<Slot> slots;
  if (!d.registers(value, type, d.op.count, isLoad, slots, /*mayBeWider=*/true))
    return false;
  if (type == Type::S8 || type == Type::S16 || type == Type::S32) {
    // Extended to what the register has.
    const Operand &first = value.kind == Operand::Kind::Vector ? value.parts.front() : value;
    d.op.flags |= kSigned;
    d.op.b =
        first.kind == Operand::Kind::Register ? bitWidth(d.code.syntax->registers[first.index].type) : bitWidth(type);
  }
  d.setList(std::move(slots));
  d.op.execute = isLoad ? load : store;
  return true;
}

/// Requests to caches.
static bool decodeHint(Decoder &d) {
  while (!d.wordsLeft().empty())
    d.take(d.wordsLeft().front());
  d.op.execute = nothing;
  return true;
}

static bool decodeIsspacep(Decoder &d) {
  int space =
      d.takeOneOf({"global", "shared", "shared::cta", "local", "const", "param", "param::entry", "shared::cluster"});
  static constexpr Space spaces[] = {Space::Global, Space::Shared, Space::Shared, Space::Local,
                                     Space::Const,  Space::Param,  Space::Param,  Space::Shared};
  if (space < 0 || !d.expectOperands(2))
    return d.fail("'isspacep' needs a space");
  d.op.mode = static_cast<uint8_t>(spaces[space]);
  d.op.execute = isInSpace;
  return d.predicateResult(d.syntax().operands[0], d.op.d) && d.source(1, Type::U64, d.op.a);
}

void tilec::sim::ptx::addMemory(DecodeTable &table) {
  table["ld"] = table["ldu"] = [](Decoder &d) { return decodeAccess(d, true); };
  table["st"] = [](Decoder &d) { return decodeAccess(d, false); };
  table["prefetch"] = table["prefetchu"] = table["applypriority"] = table["discard"] = decodeHint;
  table["isspacep"] = decodeIsspacep;
}
