//===- Barriers.cpp - barriers of a block, and fences -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.13.1 to 9.7.13.4 of the manual: bar, barrier, membar, fence.

#include "Decoder.h"
#include "Execute.h"
#include "Races.h"
#include "Reports.h"

using namespace tilec::sim::ptx;

/// What a reduction gives, once the barrier has let its threads go on.
static Step fetchResult(Warp &warp, const Op &op, Mask mask) {
  const Split &split = warp.current();
  if (op.mode > 2)
    warp.setPred(op.d, (op.mode == 3 ? split.all : split.any) ? kAllLanes : 0, mask);
  if (op.mode == 2) {
    Lanes d;
    for (uint64_t &lane : d.v)
      lane = split.count;
    warp.set(op.d, d, mask);
  }
  return Step::Next;
}

/// Whether an instruction of a phase and one before it in the same phase, of other threads, go together.
static bool checkPhase(Warp &warp, const Op &op, unsigned first, const Block::Barrier &state, unsigned number) {
  Block &block = warp.getBlock();
  const Op &other = *state.first;
  std::string name = "barrier " + std::to_string(number);
  auto fail = [&](const llvm::Twine &message, const char *advice) {
    std::string more = "\n  " + placeOf(block.launch.program, other.syntax) + ": note: the other is '" +
                       other.syntax->spelling() + "' of " + threadName(block.launch, block.number, state.firstThread) +
                       "\n  " + advice;
    warp.fail(op, first, "sync: " + message, more);
    return false;
  };
  if (op.mode != other.mode && (op.mode >= 2 || other.mode >= 2))
    return fail(name + " is used by '" + op.syntax->spelling() + "' and by '" + other.syntax->spelling() +
                    "' in one phase",
                "where one thread reduces, all threads of the barrier do, by the same instruction");
  bool isForAll = (op.flags & 3) == 2 && (other.flags & 3) == 2;
  if (isForAll && &op != &other)
    return fail(name + " is for all threads of the block, which come to it at different instructions",
                "'bar', which is .aligned, and __syncthreads are executed by all threads of a block at one place: move "
                "it out of the branch, or give each way a barrier with a number and a count of threads");
  return true;
}

/// Whether so many threads may arrive now. What is wrong here would only show as a deadlock, if at all.
static bool checkArrival(Warp &warp, const Op &op, Mask mask, const Block::Barrier &state, unsigned number,
                         unsigned threads, unsigned count) {
  Block &block = warp.getBlock();
  unsigned first = llvm::countr_zero(mask);
  std::string name = "barrier " + std::to_string(number);
  auto fail = [&](const llvm::Twine &message, const llvm::Twine &more) {
    warp.fail(op, first, "sync: " + message, "\n  " + more);
    return false;
  };
  if (count > block.warps.size() * kLanes)
    return fail(name + " is for " + llvm::Twine(count) + " threads, and the block has " +
                    llvm::Twine(block.warps.size() * kLanes),
                "it can never be complete: the count is that of the threads that come, in whole warps");
  if (state.first && !checkPhase(warp, op, first, state, number))
    return false;
  if (state.first && state.lanes[warp.getIndex()] & mask)
    return fail("the thread comes to " + name + " again, before the phase is over that it has arrived for: " +
                    llvm::Twine(state.arrived) + " of " + llvm::Twine(count) + " threads are there",
                "behind 'arrive', a barrier of another number says when all others have come, too");
  if (count && state.arrived + threads > count)
    return fail(name + " is for " + llvm::Twine(count) + " threads, " + llvm::Twine(state.arrived) +
                    " of which are there, and " + llvm::Twine(threads) + " more come at once",
                "the count is that of all threads that come, in whole warps");
  if (op.mode == 1 && !state.waiting && state.arrived + threads == count)
    return fail(name + " is complete, and no thread waits at it: all " + llvm::Twine(count) + " have only arrived",
                "those who need what the others have done wait by 'sync' with the same number and count");
  return true;
}

/// The lanes of the mask that use the barrier of the first one, for as many threads.
static Mask sameBarrier(Warp &warp, const Op &op, Mask mask) {
  unsigned first = llvm::countr_zero(mask);
  const Lanes &numbers = warp.source(op.a), &counts = warp.source(op.flags & 1 ? op.b : op.a);
  Mask same = 0;
  for (Mask left = mask; left; left &= left - 1) {
    unsigned lane = llvm::countr_zero(left);
    bool isSame = uint32_t(numbers.v[lane]) == uint32_t(numbers.v[first]) &&
                  uint32_t(counts.v[lane]) == uint32_t(counts.v[first]);
    same |= Mask(isSame) << lane;
  }
  return same;
}

/// In Op: what is done in `mode` (sync, arrive, and the reductions popc, and, or), the barrier's slot in `a`, the
/// count's in `b` where flag 1 is set, the predicate's in `c`, negated by flag 4; flag 2: the whole warp together.
static Step barrier(Warp &warp, const Op &op, Mask mask) {
  Block &block = warp.getBlock();
  bool isAligned = op.flags & 2, hasCount = op.flags & 1, isChecked = block.launch.options.checks.sync;
  if (warp.current().isReleased) {
    warp.current().isReleased = false;
    return fetchResult(warp, op, mask);
  }
  if (isAligned && !warp.converge(kAllLanes))
    return Step::Blocked;
  if (Mask same = sameBarrier(warp, op, mask); same != mask) {
    if (isAligned && isChecked)
      return warp.fail(op, llvm::countr_zero(mask & ~same),
                       "sync: threads of one warp give this .aligned barrier different numbers or counts",
                       "\n  the operands are the same in all threads of a warp; without .aligned they need not be");
    if (!isAligned) {
      warp.separate(mask & ~same);
      mask = same;
    }
  }
  unsigned first = llvm::countr_zero(mask);
  uint32_t number = warp.source(op.a).v[first];
  uint64_t count = hasCount ? warp.source(op.b).v[first] & UINT32_MAX : 0;
  if (number >= block.barriers.size())
    return warp.fail(op, first, "sync: there are barriers 0 to 15, and this is " + llvm::Twine(number));
  if (hasCount && (count == 0 || count % kLanes || count > 1024))
    return warp.fail(op, first,
                     "sync: a barrier is for a multiple of 32 threads, and this is for " + llvm::Twine(count));
  Block::Barrier &state = block.barriers[number];
  if (state.arrived && state.expected != count) {
    auto numberOf = [](uint64_t threads) { return threads ? std::to_string(threads) : "all"; };
    std::string more = "\n  the number of threads is the same in all that use a barrier";
    if (state.first)
      more = "\n  " + placeOf(block.launch.program, state.first->syntax) + ": note: the other is '" +
             state.first->syntax->spelling() + "' of " + threadName(block.launch, block.number, state.firstThread) +
             more;
    return warp.fail(op, first,
                     "sync: barrier " + llvm::Twine(number) + " is awaited by " + numberOf(count) +
                         " threads here and by " + numberOf(state.expected) + " elsewhere",
                     more);
  }
  // A warp counts as a whole where a number of threads is given.
  unsigned threads = hasCount && isAligned ? kLanes : llvm::popcount(mask);
  if (isChecked) {
    if (!checkArrival(warp, op, mask, state, number, threads, count))
      return Step::Failed;
    state.note(op, warp.getIndex() * kLanes + first, mask, block.warps.size());
  }
  if (op.mode >= 2) {
    Mask holds = (op.flags & 4 ? ~warp.pred(op.c) : warp.pred(op.c)) & mask;
    state.count += llvm::popcount(holds);
    state.all &= holds == mask;
    state.any |= holds != 0;
  }
  if (Races *races = warp.getLaunch().races)
    races->arriveAtBarrier(warp, mask, number, /*waits=*/op.mode != 1);
  if (op.mode == 1) {
    block.arrive(state, threads, count);
    return Step::Next;
  }
  // The split waits first: the last one to arrive wakes itself.
  Step step = warp.awaitBarrier(number);
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
  // Lanes that the guard leaves out do not wait with the others.
  d.op.isConvergent = true;
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
