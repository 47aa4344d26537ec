//===- WarpInstructions.cpp - what the lanes of a warp do together -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shuffles, votes, matches and reductions of a warp: sections 9.7.9.6, 9.7.13.7 to 9.7.13.11 of the manual. The lanes
// of the member mask execute together, each where it is; a lane outside of the mask that it gives is an error.

#include "Decoder.h"
#include "Execute.h"
#include "Races.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

/// What lanes bring along for those who come elsewhere.
static void offerEach(Mask mask, const Lanes &source, Lanes &offered) {
  for (unsigned lane = 0; lane != kLanes; ++lane)
    offered.v[lane] = mask >> lane & 1 ? source.v[lane] : offered.v[lane];
}

//===----------------------------------------------------------------------===//
// shfl
//===----------------------------------------------------------------------===//

/// In Op: the kind (up, down, bfly, idx) in `mode`, the slot of `c` in `c`, that of the member mask in `immediate`, and
/// in `size` the slot of the predicate plus 1.
static Step shuffle(Warp &warp, const Op &op, Mask mask) {
  Step step;
  auto offer = [&](Lanes &offered) { offerEach(mask, warp.source(op.a), offered); };
  std::optional<Meeting> met = warp.gather(op, mask, warp.source(static_cast<Slot>(op.immediate)), step, offer);
  if (!met)
    return step;
  Mask here = met->here;
  const Lanes a = met->join(warp.source(op.a)), b = warp.source(op.b), c = warp.source(op.c);
  Lanes d = {};
  Mask inRange = 0;
  forEachLane(here, [&](unsigned lane) {
    unsigned value = b.v[lane] & 31, clamp = c.v[lane] & 31, segment = c.v[lane] >> 8 & 31;
    unsigned most = (lane & segment) | (clamp & ~segment), least = lane & segment;
    int from;
    bool isIn;
    switch (op.mode) {
    case 0:
      from = static_cast<int>(lane) - static_cast<int>(value);
      isIn = from >= static_cast<int>(most);
      break;
    case 1:
      from = lane + value;
      isIn = from <= static_cast<int>(most);
      break;
    case 2:
      from = lane ^ value;
      isIn = from <= static_cast<int>(most);
      break;
    default:
      from = least | (value & ~segment);
      isIn = from <= static_cast<int>(most);
    }
    if (!isIn)
      from = lane;
    d.v[lane] = a.v[from] & UINT32_MAX;
    inRange |= Mask(isIn) << lane;
    return true;
  });
  warp.set(op.d, d, here);
  if (Slot predicate = warp.getCode().lists[op.list].front(); predicate >= 0)
    warp.setPred(predicate, inRange, here);
  return Step::Next;
}

static bool decodeShuffle(Decoder &d) {
  if (!d.take("sync"))
    return d.fail("'shfl' without '.sync' is not in PTX ISA 6.0 and later for sm_70 and later");
  int mode = d.takeOneOf({"up", "down", "bfly", "idx"});
  if (mode < 0 || !d.take("b32") || !d.expectOperands(5))
    return d.fail("'shfl.sync' is '.up', '.down', '.bfly' or '.idx', of .b32");
  d.op.execute = shuffle;
  d.op.mode = mode;
  d.op.isConvergent = true;
  Slot predicate, members;
  if (!d.resultAndPredicate(d.syntax().operands[0], d.op.d, predicate) || !d.source(1, Type::B32, d.op.a) ||
      !d.source(2, Type::B32, d.op.b) || !d.source(3, Type::B32, d.op.c) || !d.source(4, Type::B32, members))
    return false;
  d.op.immediate = static_cast<uint64_t>(static_cast<int64_t>(members));
  d.setList({predicate});
  return true;
}

//===----------------------------------------------------------------------===//
// vote, match, redux, activemask
//===----------------------------------------------------------------------===//

/// The predicate in `a`, negated by flag 1; members in `b`; the kind in `mode`: all, any, uni, ballot.
static Step vote(Warp &warp, const Op &op, Mask mask) {
  Step step;
  Mask holds = op.flags & 1 ? ~warp.pred(op.a) : warp.pred(op.a);
  auto offer = [&](Lanes &offered) {
    forEachLane(mask, [&](unsigned lane) { return offered.v[lane] = holds >> lane & 1, true; });
  };
  std::optional<Meeting> met = warp.gather(op, mask, warp.source(op.b), step, offer);
  if (!met)
    return step;
  forEachLane(met->all & ~met->here, [&](unsigned lane) {
    holds = (holds & ~(Mask(1) << lane)) | Mask(met->offered->v[lane]) << lane;
    return true;
  });
  holds &= met->all;
  bool result = op.mode == 0 ? holds == met->all : op.mode == 1 ? holds != 0 : holds == 0 || holds == met->all;
  if (op.mode != 3) {
    warp.setPred(op.d, result ? kAllLanes : 0, met->here);
    return Step::Next;
  }
  Lanes d;
  llvm::fill(d.v, holds);
  warp.set(op.d, d, met->here);
  return Step::Next;
}

static bool decodeVote(Decoder &d) {
  if (!d.take("sync"))
    return d.fail("'vote' without '.sync' is not in PTX ISA 6.0 and later for sm_70 and later");
  int mode = d.takeOneOf({"all", "any", "uni", "ballot"});
  if (mode < 0 || !(mode == 3 ? d.take("b32") : d.take("pred")) || !d.expectOperands(3))
    return d.fail("'vote.sync' is '.all', '.any', '.uni' of predicates or '.ballot.b32'");
  d.op.execute = vote;
  d.op.mode = mode;
  d.op.isConvergent = true;
  bool isNegated;
  if (mode == 3 ? !d.result(0, Type::B32, d.op.d) : !d.predicateResult(d.syntax().operands[0], d.op.d))
    return false;
  if (!d.predicate(d.syntax().operands[1], d.op.a, isNegated) || !d.source(2, Type::B32, d.op.b))
    return false;
  d.op.flags = isNegated;
  return true;
}

/// Lanes with the same value: their mask (mode 0), or all members where all agree (mode 1).
static Step match(Warp &warp, const Op &op, Mask mask) {
  Step step;
  auto offer = [&](Lanes &offered) { offerEach(mask, warp.source(op.a), offered); };
  std::optional<Meeting> met = warp.gather(op, mask, warp.source(op.b), step, offer);
  if (!met)
    return step;
  const Lanes a = met->join(warp.source(op.a));
  uint64_t width = op.size == 8 ? ~uint64_t(0) : UINT32_MAX;
  Lanes d = {};
  bool allAgree = true;
  forEachLane(met->here, [&](unsigned lane) {
    Mask same = 0;
    forEachLane(met->all, [&](unsigned other) {
      same |= Mask(!((a.v[lane] ^ a.v[other]) & width)) << other;
      return true;
    });
    d.v[lane] = same;
    allAgree &= same == met->all;
    return true;
  });
  if (op.mode == 1) {
    llvm::fill(d.v, allAgree ? met->all : 0);
    if (Slot predicate = warp.getCode().lists[op.list].front(); predicate >= 0)
      warp.setPred(predicate, allAgree ? kAllLanes : 0, met->here);
  }
  warp.set(op.d, d, met->here);
  return Step::Next;
}

static bool decodeMatch(Decoder &d) {
  int mode = d.takeOneOf({"any", "all"});
  Type type;
  if (mode < 0 || !d.take("sync") || !d.needType(type) || (type != Type::B32 && type != Type::B64) ||
      !d.expectOperands(3))
    return d.fail("'match' is 'match.any.sync' or 'match.all.sync', of .b32 or .b64");
  d.op.execute = match;
  d.op.mode = mode;
  d.op.size = bitWidth(type) / 8;
  d.op.isConvergent = true;
  Slot predicate;
  if (!d.resultAndPredicate(d.syntax().operands[0], d.op.d, predicate))
    return false;
  d.setList({predicate});
  return d.source(1, type, d.op.a) && d.source(2, Type::B32, d.op.b);
}

static Step reduce(Warp &warp, const Op &op, Mask mask) {
  Step step;
  auto offer = [&](Lanes &offered) { offerEach(mask, warp.source(op.a), offered); };
  std::optional<Meeting> met = warp.gather(op, mask, warp.source(op.b), step, offer);
  if (!met)
    return step;
  const Lanes a = met->join(warp.source(op.a));
  uint32_t total = a.v[llvm::countr_zero(met->all)];
  forEachLane(met->all & (met->all - 1), [&](unsigned lane) {
    uint32_t value = a.v[lane];
    bool isSigned = op.flags;
    switch (op.mode) {
    case 0:
      total += value;
      break;
    case 1:
      total = isSigned ? std::min<int32_t>(total, value) : std::min(total, value);
      break;
    case 2:
      total = isSigned ? std::max<int32_t>(total, value) : std::max(total, value);
      break;
    case 3:
      total &= value;
      break;
    case 4:
      total |= value;
      break;
    default:
      total ^= value;
    }
    return true;
  });
  Lanes d;
  llvm::fill(d.v, total);
  warp.set(op.d, d, met->here);
  return Step::Next;
}

static bool decodeRedux(Decoder &d) {
  int mode;
  Type type;
  if (!d.take("sync") || (mode = d.takeOneOf({"add", "min", "max", "and", "or", "xor"})) < 0 || !d.needType(type) ||
      bitWidth(type) != 32 || type == Type::F32 || !d.expectOperands(3))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  d.op.execute = reduce;
  d.op.mode = mode;
  d.op.flags = type == Type::S32;
  d.op.isConvergent = true;
  return d.result(0, type, d.op.d) && d.source(1, type, d.op.a) && d.source(2, Type::B32, d.op.b);
}

static Step activeMask(Warp &warp, const Op &op, Mask mask) {
  Lanes d;
  llvm::fill(d.v, mask);
  warp.set(op.d, d, mask);
  return Step::Next;
}

static bool decodeActivemask(Decoder &d) {
  d.op.execute = activeMask;
  return d.take("b32") && d.expectOperands(1) && d.result(0, Type::B32, d.op.d);
}

/// One of the members is elected: the lowest.
static Step elect(Warp &warp, const Op &op, Mask mask) {
  Step step;
  std::optional<Meeting> met = warp.gather(op, mask, warp.source(op.a), step, [](Lanes &) {});
  if (!met)
    return step;
  unsigned leader = llvm::countr_zero(met->all);
  Lanes d;
  llvm::fill(d.v, leader);
  warp.set(op.d, d, met->here);
  warp.setPred(op.b, Mask(1) << leader, met->here);
  return Step::Next;
}

static bool decodeElect(Decoder &d) {
  const auto &operands = d.syntax().operands;
  if (!d.take("sync") || operands.size() != 2 || operands[0].kind != Operand::Kind::Pair ||
      operands[0].parts.size() != 2)
    return d.fail("'elect' is 'elect.sync d|p, membermask'");
  d.op.execute = elect;
  d.op.isConvergent = true;
  return d.result(operands[0].parts[0], Type::B32, d.op.d) && d.predicateResult(operands[0].parts[1], d.op.b) &&
         d.source(1, Type::B32, d.op.a);
}

/// `bar.warp.sync`: also orders memory.
static Step syncWarp(Warp &warp, const Op &op, Mask mask) {
  Step step;
  std::optional<Meeting> met = warp.gather(op, mask, warp.source(op.a), step, [](Lanes &) {});
  if (!met)
    return step;
  if (Races *races = warp.getLaunch().races; races && met->isNew)
    races->syncWarp(warp, met->all);
  return Step::Next;
}

bool tilec::sim::ptx::decodeWarpBarrier(Decoder &d) {
  d.op.execute = syncWarp;
  d.op.isConvergent = true;
  return d.take("sync") && d.expectOperands(1) && d.source(0, Type::B32, d.op.a);
}

void tilec::sim::ptx::addWarp(DecodeTable &table) {
  table["shfl"] = decodeShuffle;
  table["vote"] = decodeVote;
  table["match"] = decodeMatch;
  table["redux"] = decodeRedux;
  table["activemask"] = decodeActivemask;
  table["elect"] = decodeElect;
}
