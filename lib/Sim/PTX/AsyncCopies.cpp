//===- AsyncCopies.cpp - copies that end some time later --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `cp.async` and its groups: sections 9.7.9.25.2 and 9.7.9.25.3 of the manual, and `cp.async.mbarrier.arrive`
// of 9.7.13.15.

#include "AsyncCopies.h"
#include "Decoder.h"
#include "Execute.h"
#include "InitCheck.h"
#include "MBarrier.h"
#include "Races.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

/// Turns for which an adversary holds copies back that nobody waits for by their group: they end by themselves.
static constexpr unsigned kHeld = 256;

//===----------------------------------------------------------------------===//
// the copies of a warp
//===----------------------------------------------------------------------===//

bool AsyncCopies::isBlocked(size_t index) const {
  return items[index].isArrival && llvm::any_of(llvm::ArrayRef<Item>(items).take_front(index),
                                                [&](const Item &item) { return item.lane == items[index].lane; });
}

static bool findTarget(Warp &warp, const AsyncCopies::Item &item, Target &target) {
  return warp.translate(*item.op, item.lane, Space::Shared, /*isGeneric=*/false, item.target, item.bytes, target);
}

/// The bytes that are read; those of the source behind them need not be there, but its alignment is that of all.
static bool findSource(Warp &warp, const AsyncCopies::Item &item, Target &source) {
  if (item.valid == item.bytes || item.source % item.bytes)
    return warp.translate(*item.op, item.lane, Space::Global, /*isGeneric=*/false, item.source, item.bytes, source);
  Target last;
  return warp.translate(*item.op, item.lane, Space::Global, /*isGeneric=*/false, item.source, 1, source) &&
         warp.translate(*item.op, item.lane, Space::Global, /*isGeneric=*/false, item.source + item.valid - 1, 1, last);
}

bool AsyncCopies::perform(Warp &warp, size_t index) {
  const Item item = items[index];
  items.erase(items.begin() + index);
  if (item.isArrival)
    return arriveAt(warp, *item.op, item.lane, item.target, 1, /*drop=*/false, nullptr, &item.view);
  // Monitors know of the copy since its instruction; meanwhile memory may have been freed.
  Target target, source;
  if (!findTarget(warp, item, target) || (item.valid && !findSource(warp, item, source)))
    return false;
  char bytes[16] = {};
  if (item.valid)
    std::memcpy(bytes, source.data, item.valid);
  std::memcpy(target.data, bytes, item.bytes);
  warp.getLaunch().recordChange();
  if (InitCheck *init = warp.getInit())
    init->copy(source, item.valid, target, item.bytes);
  return true;
}

bool AsyncCopies::finish(Warp &warp, Mask lanes, uint32_t left, bool isAll) {
  for (size_t i = 0; i != items.size();) {
    const Item &item = items[i];
    bool isAwaited = lanes >> item.lane & 1 && (isAll || (!item.isArrival && item.group + left < committed[item.lane]));
    if (!isAwaited) {
      ++i;
      continue;
    }
    if (!perform(warp, i))
      return false;
  }
  return true;
}

bool AsyncCopies::begin(Warp &warp) {
  return warp.getLaunch().schedule.copies != Schedule::Copies::First || finish(warp, kAllLanes, 0, /*isAll=*/true);
}

bool AsyncCopies::progress(Warp &warp) {
  if (items.empty())
    return true;
  if (warp.getLaunch().schedule.copies == Schedule::Copies::Last) {
    if (++held < kHeld && warp.getLaunch().isAdverseNow())
      return true;
    held = 0;
    return finish(warp, kAllLanes, 0, /*isAll=*/true);
  }
  for (size_t i = 0; i != items.size();) {
    // Most of the time nothing ends: late copies are what programs forget to wait for.
    if (isBlocked(i) || warp.getBlock().random() % 8) {
      ++i;
      continue;
    }
    if (!perform(warp, i))
      return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// instructions
//===----------------------------------------------------------------------===//

/// In Op: the target's address in `a` and `immediate`, the source's in `b`, and what is added to it, with the slot of
/// the size that is read, in Code::lists; flag 1: there is one; flag 2: a predicate says that nothing is read.
static Step copy(Warp &warp, const Op &op, Mask mask) {
  const Lanes &target = warp.source(op.a), &source = warp.source(op.b);
  const std::vector<Slot> &more = warp.getCode().lists[op.list];
  Target targets[kLanes], sources[kLanes];
  bool isGood = forEachLane(mask, [&](unsigned lane) {
    AsyncCopies::Item item;
    item.lane = lane;
    item.bytes = item.valid = op.size;
    item.target = (target.v[lane] + op.immediate) & UINT32_MAX;
    item.source = source.v[lane] + static_cast<uint64_t>(static_cast<int64_t>(more[0]));
    item.op = &op;
    if (op.flags & 1) {
      uint32_t valid = warp.source(more[1]).v[lane];
      if (valid > op.size)
        return warp.fail(op, lane,
                         "the size to read, " + llvm::Twine(valid) + ", is above the size of the copy, " +
                             llvm::Twine(unsigned(op.size))),
               false;
      item.valid = valid;
    }
    if (op.flags & 2 && warp.pred(more[1]) >> lane & 1)
      item.valid = 0;
    if (!findTarget(warp, item, targets[lane]) || (item.valid && !findSource(warp, item, sources[lane])))
      return false;
    if (LLVM_UNLIKELY(warp.getLaunch().isMonitored)) {
      // What is read may be a part, of another size for each lane.
      if (item.valid)
        warp.tell(op, Mask(1) << lane, {Access::Kind::Read, Order::Weak, Scope::System, /*isAsync=*/true}, item.valid,
                  sources);
      warp.tell(op, Mask(1) << lane, {Access::Kind::Write, Order::Weak, Scope::System, /*isAsync=*/true}, item.bytes,
                targets);
    }
    warp.getCopies().add(item);
    return true;
  });
  return nextIf(isGood && warp.getCopies().begin(warp));
}

static Step commit(Warp &warp, const Op &, Mask mask) {
  return nextIf(forEachLane(mask, [&](unsigned lane) { return warp.getCopies().commit(lane), true; }));
}

static Step wait(Warp &warp, const Op &op, Mask mask) {
  if (Races *races = warp.getLaunch().races)
    races->awaitCopies(warp, mask, op.immediate, op.flags);
  return nextIf(warp.getCopies().finish(warp, mask, op.immediate, op.flags));
}

/// In Op: the mbarrier's address in `a` and `immediate`; flags: 1 `.noinc`, 128 the address is generic, as for other
/// instructions on mbarriers.
static Step arriveLater(Warp &warp, const Op &op, Mask mask) {
  const Lanes &address = warp.source(op.a);
  bool isGood = forEachLane(mask, [&](unsigned lane) {
    AsyncCopies::Item item;
    item.isArrival = true;
    item.lane = lane;
    item.target = address.v[lane] + op.immediate;
    if (!(op.flags & 128))
      item.target &= UINT32_MAX;
    item.op = &op;
    if (!(op.flags & 1) && !expectOneMore(warp, op, lane, item.target))
      return false;
    if (Races *races = warp.getLaunch().races)
      item.view = races->releaseCopies(warp, lane);
    warp.getCopies().add(item);
    return true;
  });
  return nextIf(isGood && warp.getCopies().begin(warp));
}

static bool decodeCopy(Decoder &d) {
  int cache = d.takeOneOf({"ca", "cg"});
  bool isPlain = d.takeOneOf({"shared", "shared::cta"}) >= 0 && d.take("global");
  for (llvm::StringRef word : llvm::SmallVector<llvm::StringRef, 4>(d.wordsLeft()))
    if (word.starts_with("L2::"))
      d.take(word);
  const auto &operands = d.syntax().operands;
  if (cache < 0 || !isPlain || !d.wordsLeft().empty())
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  if (!d.expectOperands(3, 5))
    return false;
  std::optional<Space> ofTarget, ofSource;
  uint64_t offset;
  uint64_t size = operands[2].kind == Operand::Kind::Integer ? operands[2].value : 0;
  if ((size != 4 && size != 8 && size != 16) || (cache == 1 && size != 16))
    return d.fail(operands[2].place, "a copy is of 4, 8 or 16 bytes, with '.cg' of 16");
  if (!d.address(operands[0], d.op.a, d.op.immediate, ofTarget) || !d.address(operands[1], d.op.b, offset, ofSource))
    return false;
  if (static_cast<int64_t>(offset) != static_cast<int32_t>(offset))
    return d.fail(operands[1].place, "offsets of more than 31 bits are not supported");
  d.op.size = size;
  d.op.execute = copy;
  std::vector<Slot> more = {static_cast<Slot>(offset), 0};
  // A size to read, or a predicate; a cache policy may stand at the end.
  if (operands.size() > 3) {
    const Operand &extra = operands[3];
    bool isPredicate =
             extra.kind == Operand::Kind::Register && d.code.syntax->registers[extra.index].type == Type::Pred,
         isNegated = false;
    d.op.flags = isPredicate ? 2 : 1;
    if (isPredicate ? !d.predicate(extra, more[1], isNegated) || isNegated : !d.source(extra, Type::U32, more[1]))
      return false;
  }
  d.setList(std::move(more));
  return true;
}

static bool decodeCopyAsync(Decoder &d) {
  if (!d.take("async"))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  if (d.take("commit_group")) {
    d.op.execute = commit;
    return d.expectOperands(0);
  }
  if (d.take("wait_all")) {
    d.op.execute = wait;
    d.op.flags = 1;
    return d.expectOperands(0);
  }
  if (d.take("wait_group")) {
    d.op.execute = wait;
    if (!d.expectOperands(1) || d.syntax().operands[0].kind != Operand::Kind::Integer)
      return d.fail("'cp.async.wait_group' takes a number");
    d.op.immediate = d.syntax().operands[0].value;
    return true;
  }
  if (d.take("mbarrier")) {
    std::optional<Space> ofVariable;
    bool isPlain = d.take("arrive");
    d.op.flags = d.take("noinc");
    d.op.execute = arriveLater;
    if (d.takeOneOf({"shared", "shared::cta"}) < 0)
      d.op.flags |= 128;
    isPlain &= d.take("b64");
    return isPlain ? d.expectOperands(1) && d.address(d.syntax().operands[0], d.op.a, d.op.immediate, ofVariable)
                   : d.fail("'" + d.syntax().spelling() + "' is not supported");
  }
  return decodeCopy(d);
}

void tilec::sim::ptx::addAsyncCopies(DecodeTable &table) { table["cp"] = decodeCopyAsync; }
