//===- LoadsStores.cpp - ld, st and what goes with them ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.9.8 to 9.7.9.19 of the manual. Caches are not modelled, so words about them change nothing.

#include "Decoder.h"
#include "Execute.h"
#include "HostAtomics.h"
#include "LaneAccess.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

/// What accesses keep in Op: bytes of an element in `size`, elements in `count`, the space in `mode`, and in `flags`:
static constexpr uint8_t kGeneric = 1, kSigned = 2, kOfFrame = 4;

/// Room for what lanes that do not access memory read and write instead: the largest vector.
struct alignas(16) Unused {
  char bytes[64] = {};
};

/// Finds the bytes that the lanes access.
[[gnu::always_inline]] static inline bool findBytes(Warp &warp, const Op &op, Mask mask, const Access &access,
                                                    Unused &unused, char *(&data)[kLanes]) {
  const Lanes &base = warp.source(op.a);
  Space space = static_cast<Space>(op.mode);
  bool isGeneric = op.flags & kGeneric;
  // Parameters of calls and local variables are named by their place in the frame. Addresses of shared memory may be in
  // registers of 32 bits.
  uint64_t offset = op.immediate + (op.flags & kOfFrame ? warp.top().local : 0),
           keep = isGeneric || space != Space::Shared ? ~uint64_t(0) : UINT32_MAX;
  alignas(64) uint64_t addresses[kLanes];
  for (unsigned lane = 0; lane != kLanes; ++lane)
    addresses[lane] = (base.v[lane] + offset) & keep;
  return accessLanes(warp, op, mask, access, space, isGeneric, addresses, op.size * op.count, unused.bytes, data);
}

static Access accessOf(const Op &op, Access::Kind kind) {
  Access access{kind, op.order, op.scope};
  access.scalar = op.size;
  return access;
}

/// Whether the access must be one of the host's atomics.
static bool isAtomic(Warp &warp, const Op &op) { return op.order != Order::Weak && warp.getLaunch().isParallel(); }

template <typename T> [[gnu::always_inline]] static inline Step loadLanes(Warp &warp, const Op &op, Mask mask) {
  const std::vector<Slot> &slots = warp.getCode().lists[op.list];
  Unused unused;
  char *data[kLanes];
  if (!findBytes(warp, op, mask, accessOf(op, Access::Kind::Read), unused, data))
    return Step::Failed;
  // Signed integers are extended to the width of the register.
  uint64_t keep = std::is_signed_v<T> ? ~uint64_t(0) >> (64 - op.b) : ~uint64_t(0);
  for (size_t i = 0; i != slots.size(); ++i) {
    Lanes loaded;
    Lanes &into = mask == kAllLanes ? warp.reg(slots[i]) : loaded;
    if (LLVM_UNLIKELY(isAtomic(warp, op))) {
      for (unsigned lane = 0; lane != kLanes; ++lane)
        into.v[lane] =
            static_cast<uint64_t>(static_cast<T>(loadAtomic(data[lane] + i * sizeof(T), sizeof(T), op.order))) & keep;
    } else {
      for (unsigned lane = 0; lane != kLanes; ++lane) {
        T value;
        std::memcpy(&value, data[lane] + i * sizeof(T), sizeof(T));
        into.v[lane] = static_cast<uint64_t>(value) & keep;
      }
    }
    if (mask != kAllLanes)
      warp.set(slots[i], loaded, mask);
  }
  return Step::Next;
}

template <typename T> [[gnu::always_inline]] static inline Step storeLanes(Warp &warp, const Op &op, Mask mask) {
  const std::vector<Slot> &slots = warp.getCode().lists[op.list];
  auto value = [&](unsigned lane, char *into) {
    for (Slot slot : slots) {
      std::memcpy(into, &warp.source(slot).v[lane], sizeof(T));
      into += sizeof(T);
    }
  };
  Access access = accessOf(op, Access::Kind::Write);
  access.value = value;
  Unused unused;
  char *data[kLanes];
  if (!findBytes(warp, op, mask, access, unused, data))
    return Step::Failed;
  for (size_t i = 0; i != slots.size(); ++i) {
    const Lanes &from = warp.source(slots[i]);
    if (LLVM_UNLIKELY(isAtomic(warp, op)))
      for (unsigned lane = 0; lane != kLanes; ++lane)
        storeAtomic(data[lane] + i * sizeof(T), sizeof(T), op.order, from.v[lane]);
    else
      for (unsigned lane = 0; lane != kLanes; ++lane)
        std::memcpy(data[lane] + i * sizeof(T), &from.v[lane], sizeof(T));
  }
  return Step::Next;
}

/// The load or store of elements of so many bytes; only loads ask whether they are signed.
static Execute executeOf(bool isLoad, unsigned bytes, bool isSigned) {
  switch (bytes) {
  case 1:
    return !isLoad    ? vectorised<storeLanes<uint8_t>>
           : isSigned ? vectorised<loadLanes<int8_t>>
                      : vectorised<loadLanes<uint8_t>>;
  case 2:
    return !isLoad    ? vectorised<storeLanes<uint16_t>>
           : isSigned ? vectorised<loadLanes<int16_t>>
                      : vectorised<loadLanes<uint16_t>>;
  case 4:
    return !isLoad    ? vectorised<storeLanes<uint32_t>>
           : isSigned ? vectorised<loadLanes<int32_t>>
                      : vectorised<loadLanes<uint32_t>>;
  default:
    return isLoad ? vectorised<loadLanes<uint64_t>> : vectorised<storeLanes<uint64_t>>;
  }
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
  // 128 bits are two halves that are accessed together.
  bool isWide = type == Type::B128 && vector < 0;
  if (isWide) {
    d.op.size = 8;
    d.op.count = 2;
  }
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
  if (isWide ? !d.halves(value, isLoad, slots)
             : !d.registers(value, type, d.op.count, isLoad, slots, /*mayBeWider=*/true))
    return false;
  if (type == Type::S8 || type == Type::S16 || type == Type::S32) {
    // Extended to what the register has.
    const Operand &first = value.kind == Operand::Kind::Vector ? value.parts.front() : value;
    d.op.flags |= kSigned;
    d.op.b =
        first.kind == Operand::Kind::Register ? bitWidth(d.code.syntax->registers[first.index].type) : bitWidth(type);
  }
  d.setList(std::move(slots));
  d.op.execute = executeOf(isLoad, d.op.size, d.op.flags & kSigned);
  return true;
}

/// Requests to caches.
static bool decodeHint(Decoder &d) {
  while (!d.wordsLeft().empty())
    d.take(d.wordsLeft().front());
  d.op.execute = nothing;
  return true;
}

/// `createpolicy`: a number that accesses give to caches, which are not modelled.
static bool decodeCreatePolicy(Decoder &d) {
  static constexpr auto none = [](uint64_t) { return uint64_t(0); };
  bool isKnown = d.takeOneOf({"fractional", "range", "cvt"}) >= 0 && d.take("b64");
  if (!isKnown || !d.expectOperands(1, 4))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  while (!d.wordsLeft().empty())
    d.take(d.wordsLeft().front());
  d.op.execute = unary<uint64_t, uint64_t, none>;
  d.op.a = d.constant(0);
  return d.result(0, Type::B64, d.op.d);
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
  table["createpolicy"] = decodeCreatePolicy;
  table["isspacep"] = decodeIsspacep;
}
