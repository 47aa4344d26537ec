//===- Barriers.cpp - barriers of a block, and fences -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.13.1 to 9.7.13.4 of the manual: bar, barrier, membar, fence.

#include "Decoder.h"
#include "Execute.h"
#include "Races.h"

using namespace tilec::sim::ptx;

/// What a reduction gives, once the barrier has let its threads go on.
static Step fetchResult(Warp &warp, const Op &op, Mask mask) {
  const Block::Barrier &state = warp.getBlock().barriers[warp.source(op.a).v[llvm::countr_zero(mask)] & 15];
  if (op.mode > 2)
    warp.setPred(op.d, (op.mode == 3 ? state.resultAll : state.resultAny) ? kAllLanes : 0, mask);
  if (op.mode == 2) {
    Lanes d;
    for (uint64_t &lane : d.v)
      lane = state.result;
    warp.set(op.d, d, mask);
  }
  return Step::Next;
}

/// In Op: what is done in `mode` (sync, arrive, and the reductions popc, and, or), the barrier's slot in `a`, the
/// count's in `b` where flag 1 is set, the predicate's in `c`, negated by flag 4; flag 2: the whole warp together.
static Step barrier(Warp &warp, const Op &op, Mask mask) {
  Block &block = warp.getBlock();
  unsigned first = llvm::countr_zero(mask);
  bool isAligned = op.flags & 2, hasCount = op.flags & 1;
  if (warp.current().isReleased) {
    warp.current().isReleased = false;
    return fetchResult(warp, op, mask);
  }
  if (isAligned && !warp.converge(kAllLanes))
    return Step::Blocked;
  uint32_t number = warp.source(op.a).v[first];
  uint64_t count = hasCount ? warp.source(op.b).v[first] & UINT32_MAX : 0;
  if (number >= block.barriers.size())
    return warp.fail(op, first, "sync: there are barriers 0 to 15, and this is " + llvm::Twine(number));
  if (hasCount && (count == 0 || count % kLanes || count > 1024))
    return warp.fail(op, first,
                     "sync: a barrier is for a multiple of 32 threads, and this is for " + llvm::Twine(count));
  Block::Barrier &state = block.barriers[number];
  if (state.arrived && state.expected != count)
    return warp.fail(op, first,
                     "sync: barrier " + llvm::Twine(number) + " is awaited by " + llvm::Twine(count) +
                         " threads here and by " + llvm::Twine(state.expected) + " elsewhere");
  // A warp counts as a whole where a number of threads is given.
  unsigned threads = hasCount && isAligned ? kLanes : llvm::popcount(mask);
  if (op.mode >= 2) {
    Mask holds = (op.flags & 4 ? ~warp.pred(op.c) : warp.pred(op.c)) & mask;
    state.count += llvm::popcount(holds);
    state.all &= holds == mask;
    state.any |= holds != 0;
  }
  uint64_t phase = state.phase;
  if (Races *races = warp.getLaunch().races)
    races->arriveAtBarrier(warp, mask, number, /*waits=*/op.mode != 1);
  if (op.mode == 1) {
    block.arrive(state, threads, count);
    return Step::Next;
  }
  // The split waits first: the last one to arrive wakes itself.
  Step step = warp.awaitBarrier(number, phase);
  block.arrive(state, threads, count);
  return step;
}

static bool decodeBarrier(Decoder &d) {
  if (d.take("warp"))
    return decodeWarpBarrier(d);
  d.take("cta");
  int kind = d.takeOneOf({"sync", "arrive", "red"});
  if (kind < 0 || d.take("cluster"))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  // `bar` is `barrier.aligned`.
  bool isAligned = d.take("aligned") || d.syntax().opcode == "bar";
  d.op.execute = barrier;
  d.op.isConvergent = isAligned;
  d.op.flags = isAligned ? 2 : 0;
  const auto &operands = d.syntax().operands;
  size_t at = 0;
  if (kind == 2) {
    int operation = d.takeOneOf({"popc", "and", "or"});
    Type type;
    bool isNegated;
    if (operation < 0 || !d.needType(type) || !d.expectOperands(3, 4))
      return d.fail("'bar.red' is '.popc.u32', '.and.pred' or '.or.pred'");
    d.op.mode = 2 + operation;
    if (operation == 0 ? !d.result(0, Type::U32, d.op.d) : !d.predicateResult(operands[0], d.op.d))
      return false;
    if (!d.predicate(operands.back(), d.op.c, isNegated))
      return false;
    d.op.flags |= isNegated << 2;
    at = 1;
  } else {
    d.op.mode = kind;
    if (!d.expectOperands(kind == 1 ? 2 : 1, 2))
      return false;
  }
  if (!d.source(at, Type::U32, d.op.a))
    return false;
  if (operands.size() - at - (kind == 2) == 2) {
    d.op.flags |= 1;
    if (!d.source(at + 1, Type::U32, d.op.b))
      return false;
  }
  return true;
}

/// The blocks of one host thread see memory in order, so that fences matter only to those who look for races; for other
/// threads the host has a fence, which orders more than any of the manual's.
static Step fence(Warp &warp, const Op &op, Mask mask) {
  if (Races *races = warp.getLaunch().races)
    races->fence(warp, op, mask);
  if (warp.getLaunch().isParallel())
    std::atomic_thread_fence(std::memory_order_seq_cst);
  return Step::Next;
}

static bool decodeFence(Decoder &d) {
  d.op.mode = d.take("sc") || d.syntax().opcode == "membar";
  // Addresses of one place that differ: there are none, and nothing else is ordered.
  bool isProxy = d.take("proxy");
  if (isProxy && !d.take("alias"))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  d.takeOrder(isProxy ? Order::Weak : Order::AcquireRelease, Scope::System);
  if (d.take("gl"))
    d.op.scope = Scope::Device;
  d.op.execute = fence;
  return d.expectOperands(0);
}

void tilec::sim::ptx::addBarriers(DecodeTable &table) {
  table["bar"] = table["barrier"] = decodeBarrier;
  table["membar"] = table["fence"] = decodeFence;
}
