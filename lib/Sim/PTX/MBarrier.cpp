//===- MBarrier.cpp - mbarrier instructions ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section 9.7.13.15 of the manual, for barriers in the block's own shared memory.

#include "MBarrier.h"
#include "Decoder.h"
#include "Execute.h"
#include "MBarrierCheck.h"
#include "Races.h"

using namespace tilec::sim::ptx;

// 20 bits each for the counts and 21 for the transactions, whose range is that of section 9.7.13.15.1, and 3 of the
// phase.
MBarrier MBarrier::decode(uint64_t bits) {
  MBarrier barrier;
  barrier.pending = bits & kMostArrivals;
  barrier.expected = bits >> 20 & kMostArrivals;
  barrier.transactions = static_cast<int>(static_cast<int64_t>(bits << 3) >> 43);
  barrier.phase = bits >> 61;
  return barrier;
}

uint64_t MBarrier::encode() const {
  return uint64_t(pending) | uint64_t(expected) << 20 | (static_cast<uint64_t>(transactions) & ((1u << 21) - 1)) << 40 |
         uint64_t(phase & 7) << 61;
}

uint64_t MBarrier::stateAt(uint64_t offset) const {
  MBarrier state = *this;
  state.expected = offset / 8 + 1;
  return state.encode();
}

void MBarrier::settle() {
  if (pending || transactions)
    return;
  pending = expected;
  phase = (phase + 1) & 7;
}

static MBarrier load(const char *at) {
  uint64_t bits;
  std::memcpy(&bits, at, sizeof bits);
  return MBarrier::decode(bits);
}

static void store(Warp &warp, char *at, const MBarrier &barrier) {
  warp.getLaunch().recordChange();
  uint64_t bits = barrier.encode();
  std::memcpy(at, &bits, sizeof bits);
}

/// Finds the barrier at an address; false after an error. Whatever an arrival or a test orders, it is strong.
static bool find(Warp &warp, const Op &op, unsigned lane, uint64_t address, Access::Kind kind, Target &target,
                 Order order = Order::Relaxed) {
  uint64_t addresses[kLanes];
  Target targets[kLanes];
  addresses[lane] = address;
  Access access{kind, order, Scope::Block};
  access.isMBarrier = true;
  if (!warp.access(op, Mask(1) << lane, access, Space::Shared, /*isGeneric=*/op.flags & 128, addresses, 8, targets))
    return false;
  target = targets[lane];
  return target.space == Space::Shared || (warp.fail(op, lane, "sync: an mbarrier is in shared memory"), false);
}

/// Goes to the next phase where nothing is awaited any more, and keeps the barrier.
static void settle(Warp &warp, MBarrier &barrier, const Target &target) {
  unsigned phase = barrier.phase;
  barrier.settle();
  store(warp, target.data, barrier);
  if (phase == barrier.phase)
    return;
  if (Races *races = warp.getLaunch().races)
    races->completeMBarrier(warp.getBlock(), target.offset);
  if (MBarrierCheck *check = warp.getBlock().mbarriers.get())
    check->complete(target.offset);
}

/// Finds the barrier at an address, and sees to it that it is one; false after an error.
static bool findValid(Warp &warp, const Op &op, unsigned lane, uint64_t address, Access::Kind kind, Target &target,
                      Order order = Order::Relaxed) {
  if (!find(warp, op, lane, address, kind, target, order))
    return false;
  MBarrierCheck *check = warp.getBlock().mbarriers.get();
  return !check || check->use(warp, op, lane, target.offset);
}

/// What a report calls it.
static std::string barrierName(Warp &warp, const Target &target) {
  MBarrierCheck *check = warp.getBlock().mbarriers.get();
  return check ? check->nameOf(target.offset) : std::string("an mbarrier");
}

/// Adds bytes of asynchronous copies to what is awaited, or takes them from it; false after an error.
static bool addBytes(Warp &warp, const Op &op, unsigned lane, const Target &target, MBarrier &barrier, int64_t bytes) {
  // Section 9.7.13.15.2.
  int64_t sum = barrier.transactions + bytes, most = MBarrier::kMostArrivals;
  if (sum > most || sum < -most)
    return warp.fail(op, lane,
                     "sync: " + barrierName(warp, target) + " would await " + llvm::Twine(sum) +
                         " bytes; there are from -1048575 to 1048575"),
           false;
  barrier.transactions = static_cast<int>(sum);
  return true;
}

bool tilec::sim::ptx::arriveAt(Warp &warp, const Op &op, unsigned lane, uint64_t address, unsigned count, bool drop,
                               uint64_t *state, const ViewRef *view, bool isNoComplete) {
  Target target;
  if (!findValid(warp, op, lane, address, Access::Kind::Atomic, target))
    return false;
  MBarrierCheck *check = warp.getBlock().mbarriers.get();
  if (check && !check->arrive(warp, op, lane, target.offset))
    return false;
  MBarrier barrier = load(target.data);
  if (state)
    *state = barrier.stateAt(target.offset);
  if (count == 0)
    return warp.fail(op, lane, "sync: an arrival counts for 1 to 1048575 arrivals, and this for 0"), false;
  if (count > barrier.pending || (drop && count > barrier.expected))
    return warp.fail(op, lane,
                     "sync: " + llvm::Twine(count) + (count == 1 ? " arrival" : " arrivals") + " at " +
                         barrierName(warp, target) + ", whose phase awaits " + llvm::Twine(barrier.pending) +
                         " more of " + llvm::Twine(barrier.expected),
                     "\n  it is initialised with the number of arrivals of a phase, those of copies without '.noinc' "
                     "not among them"),
           false;
  if (isNoComplete && count == barrier.pending && !barrier.transactions)
    return warp.fail(op, lane,
                     "sync: the arrival ends the phase of " + barrierName(warp, target) + ", and is '.noComplete'",
                     "\n  the last arrival of a phase is one without it"),
           false;
  barrier.pending -= count;
  if (drop)
    barrier.expected -= count;
  if (Races *races = warp.getLaunch().races)
    races->arriveAtMBarrier(warp.getBlock(), target.offset, view ? *view : races->release(warp, op, lane, target.offset));
  settle(warp, barrier, target);
  return true;
}

bool tilec::sim::ptx::expectOneMore(Warp &warp, const Op &op, unsigned lane, uint64_t address) {
  Target target;
  if (!findValid(warp, op, lane, address, Access::Kind::Atomic, target))
    return false;
  MBarrier barrier = load(target.data);
  if (barrier.pending == MBarrier::kMostArrivals)
    return warp.fail(op, lane, "sync: too many arrivals at an mbarrier"), false;
  ++barrier.pending;
  store(warp, target.data, barrier);
  return true;
}

//===----------------------------------------------------------------------===//
// instructions
//===----------------------------------------------------------------------===//

namespace {
enum Kind : uint8_t {
  Init,
  Inval,
  Arrive,
  ArriveDrop,
  ExpectTx,
  CompleteTx,
  ArriveExpectTx,
  TestState,
  TestParity,
  PendingCount
};
} // namespace

/// What an instruction does with the bytes of the barrier.
static Access::Kind kindOf(const Op &op) {
  if (op.mode == Init || op.mode == Inval)
    return Access::Kind::Write;
  return op.mode == TestState || op.mode == TestParity ? Access::Kind::Read : Access::Kind::Atomic;
}
static Order orderOf(const Op &op) { return op.mode == Init || op.mode == Inval ? Order::Weak : Order::Relaxed; }

/// In Op: the kind in `mode`; the address in `a` and `immediate`; a count, a state or a parity in `b`; flags: 1 there
/// is a `b`, 2 there is a result, 128 the address is generic.
static Step execute(Warp &warp, const Op &op, Mask mask) {
  const Lanes base = warp.source(op.a), b = warp.source(op.b);
  Mask done = 0;
  bool isGood = forEachLane(mask, [&](unsigned lane) {
    uint64_t address = base.v[lane] + op.immediate, value = op.flags & 1 ? b.v[lane] : 1, state = 0;
    if (!(op.flags & 128))
      address &= UINT32_MAX;
    Target target;
    bool isThere = op.mode != PendingCount && op.mode != Arrive && op.mode != ArriveDrop;
    auto *findIt = op.mode == Init || op.mode == Inval ? find : findValid;
    if (isThere && !findIt(warp, op, lane, address, kindOf(op), target, orderOf(op)))
      return false;
    MBarrierCheck *check = warp.getBlock().mbarriers.get();
    MBarrier barrier = isThere ? load(target.data) : MBarrier();
    auto see = [&](bool isOver, unsigned parity) {
      done |= Mask(isOver) << lane;
      if (check)
        check->test(warp, op, lane, target.offset, parity, isOver);
      if (Races *races = warp.getLaunch().races; races && isOver)
        races->seeMBarrier(warp, op, lane, target.offset);
      return true;
    };
    uint32_t count = value;
    switch (op.mode) {
    case Init:
      if (count == 0 || count > MBarrier::kMostArrivals)
        return warp.fail(op, lane,
                         "sync: an mbarrier is for 1 to 1048575 arrivals, and this is for " + llvm::Twine(count)),
               false;
      if (check && !check->init(warp, op, lane, target.offset))
        return false;
      store(warp, target.data, MBarrier{count, count, 0, 0});
      if (Races *races = warp.getLaunch().races)
        races->initMBarrier(warp.getBlock(), target.offset);
      return true;
    case Inval:
      if (check && !check->invalidate(warp, op, lane, target.offset))
        return false;
      std::memset(target.data, 0xA5, 8);
      return true;
    case Arrive:
    case ArriveDrop:
      if (!arriveAt(warp, op, lane, address, count, op.mode == ArriveDrop, &state, nullptr,
                    /*isNoComplete=*/op.flags & 4))
        return false;
      break;
    case ExpectTx:
    case ArriveExpectTx:
      if (!addBytes(warp, op, lane, target, barrier, count))
        return false;
      store(warp, target.data, barrier);
      if (op.mode == ArriveExpectTx && !arriveAt(warp, op, lane, address, 1, false, &state))
        return false;
      break;
    case CompleteTx:
      if (!addBytes(warp, op, lane, target, barrier, -int64_t(count)))
        return false;
      settle(warp, barrier, target);
      break;
    case TestState: {
      // The test is for the current phase and the one before it.
      unsigned phase = MBarrier::decode(value).phase;
      if (check && !check->ownsState(warp, op, lane, target.offset, value))
        return false;
      if (check && ((barrier.phase - phase) & 7) > 1)
        return warp.fail(op, lane,
                         "sync: the state that is waited for is not of the current phase of " +
                             barrierName(warp, target) + ", nor of the one before",
                         "\n  it is what an arrival at the same mbarrier returned in one of these phases"),
               false;
      return see(phase != barrier.phase, phase & 1);
    }
    case TestParity:
      if (check && count > 1)
        return warp.fail(op, lane, "sync: the parity of a phase is 0 or 1, and this is " + llvm::Twine(count),
                         "\n  it is the lowest bit of the number of the phase"),
               false;
      // True where the phase of that parity is over, which then is the one before the current.
      return see((barrier.phase & 1) != (value & 1), value & 1);
    case PendingCount:
      state = MBarrier::decode(base.v[lane]).pending;
      break;
    }
    if (op.flags & 2)
      warp.reg(op.d).v[lane] = state;
    return true;
  });
  if (!isGood)
    return Step::Failed;
  if (op.mode == TestState || op.mode == TestParity)
    warp.setPred(op.d, done, mask);
  return Step::Next;
}

static bool decodeMbarrier(Decoder &d) {
  int kind = d.takeOneOf(
      {"init", "inval", "arrive", "arrive_drop", "expect_tx", "complete_tx", "test_wait", "try_wait", "pending_count"});
  static constexpr Kind kinds[] = {Init,       Inval,     Arrive,    ArriveDrop,  ExpectTx,
                                   CompleteTx, TestState, TestState, PendingCount};
  if (kind < 0)
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  d.op.mode = kinds[kind];
  if (d.op.mode == TestState && d.take("parity"))
    d.op.mode = TestParity;
  if (d.op.mode == Arrive && d.take("expect_tx"))
    d.op.mode = ArriveExpectTx;
  if (d.take("noComplete"))
    d.op.flags |= 4;
  bool isTested = d.op.mode == TestState || d.op.mode == TestParity;
  d.takeOrder(isTested ? Order::Acquire : Order::Release, Scope::Block);
  if (d.takeOneOf({"shared", "shared::cta"}) < 0)
    d.op.flags |= 128;
  if (!d.take("b64"))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  d.op.execute = execute;
  const auto &operands = d.syntax().operands;
  size_t at = 0;
  bool hasResult = isTested || d.op.mode == Arrive || d.op.mode == ArriveDrop || d.op.mode == ArriveExpectTx ||
                   d.op.mode == PendingCount;
  if (operands.empty())
    return d.expectOperands(1);
  if (isTested) {
    if (!d.predicateResult(operands[at++], d.op.d))
      return false;
  } else if (hasResult && operands[0].kind != Operand::Kind::Address) {
    d.op.flags |= 2;
    if (!d.result(operands[at++], d.op.mode == PendingCount ? Type::U32 : Type::B64, d.op.d))
      return false;
  }
  if (at == operands.size())
    return d.expectOperands(at + 1);
  if (d.op.mode == PendingCount)
    return d.expectOperands(2) && d.source(operands[at], Type::B64, d.op.a);
  std::optional<Space> ofVariable;
  if (!d.address(operands[at++], d.op.a, d.op.immediate, ofVariable))
    return false;
  if (at != operands.size()) {
    d.op.flags |= 1;
    if (!d.source(operands[at++], d.op.mode == TestState ? Type::B64 : Type::U32, d.op.b))
      return false;
  } else {
    d.op.b = d.constant(1);
    bool needsValue = isTested || d.op.mode == Init || d.op.mode == ExpectTx || d.op.mode == CompleteTx ||
                      d.op.mode == ArriveExpectTx;
    if (needsValue)
      return d.expectOperands(at + 1);
  }
  // How long `try_wait` may sleep.
  return d.expectOperands(at, at + isTested);
}

void tilec::sim::ptx::addMBarriers(DecodeTable &table) { table["mbarrier"] = decodeMbarrier; }
