//===- AccessQueue.cpp - when accesses are performed ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Issues accesses and performs their lanes.
//
//===----------------------------------------------------------------------===//
#include "AccessQueue.h"

#include "Machine.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

/// So many accesses may wait; more only cost time.
static constexpr size_t kMaxPending = 128;

AccessQueue::AccessQueue(Machine &machine, Dice *dice) : machine(machine), dice(dice) {
  if (dice)
    splitChance = dice->oneOf({0, 30, 80});
}

Datum tilec::interpreter::readValue(const Access &access) {
  // A scalar's tile has no dims, and one lane.
  if (access.result->dims.empty())
    return Datum(access.result->bits[0], access.result->state(0));
  return Datum(access.result);
}

/// The box of element indices that the lanes are in.
static void findBounds(Access &access) {
  ArrayRef<int64_t> extents = access.array->extents();
  access.least.assign(extents.begin(), extents.end());
  access.greatest.assign(extents.size(), -1);
  for (const Access::Lane &lane : access.lanes) {
    int64_t rest = lane.element;
    for (size_t d = extents.size(); d-- > 0;) {
      int64_t index = rest % extents[d];
      rest /= extents[d];
      access.least[d] = std::min(access.least[d], index);
      access.greatest[d] = std::max(access.greatest[d], index);
    }
  }
}

/// Whether two accesses may touch one element.
static bool mayOverlap(const Access &x, const Access &y) {
  if (x.array != y.array)
    return x.array->span().first < y.array->span().second && y.array->span().first < x.array->span().second;
  if (x.array->overlapsItself())
    return true;
  for (size_t d = 0; d != x.least.size(); ++d)
    if (x.greatest[d] < y.least[d] || y.greatest[d] < x.least[d])
      return false;
  return true;
}

/// Whether `earlier`, which comes before `later` by tokens, is performed first.
static bool mustPrecede(const Access &earlier, const Access &later) {
  if (earlier.acquires() || later.releases())
    return true;
  bool bothRead = earlier.kind == Access::Kind::Load && later.kind == Access::Kind::Load;
  return !(bothRead && (earlier.isWeak() || later.isWeak())) && mayOverlap(earlier, later);
}

LogicalResult AccessQueue::issue(AccessPtr access, Value value, Value token, ValueRange tokens) {
  if (!access->op->getParentOfType<tile::GridOp>())
    return machine.failInternally(access->op, "an access outside a grid");
  access->iteration = machine.getAgent().iteration;
  TokenPtr after = access->after = machine.getToken(tokens);
  if (access->array->shadow)
    machine.getRaces()->issue(*access);
  if (!dice) {
    if (failed(perform(*access, access->lanes.size())))
      return failure();
  } else if (!access->isPerformed()) {
    // Lanes have no order.
    for (size_t i = access->lanes.size(); i > 1; --i)
      std::swap(access->lanes[i - 1], access->lanes[dice->below(i)]);
    findBounds(*access);
    access->place = pending.size();
    pending.push_back(access);
  }
  machine.set(token, Datum(makeToken(access, after)));
  if (value) {
    Datum result;
    result.awaited = access;
    machine.set(value, access->isPerformed() ? readValue(*access) : result);
  }
  while (pending.size() > kMaxPending)
    if (failed(performSome()))
      return failure();
  return success();
}

TokenPtr AccessQueue::makeToken(const AccessPtr &access, const TokenPtr &after) const {
  // Without races and schedules nobody asks what a token stands for, nor what comes after a read of what nobody writes.
  bool isKnown = !access->stamps.empty();
  if (!isKnown && !dice)
    return after;
  llvm::IntrusiveRefCntPtr<Token> token(new Token);
  if (after) {
    token->clock = clockOf(after);
    llvm::copy_if(after->pending, std::back_inserter(token->pending),
                  [](const AccessPtr &earlier) { return !earlier->isPerformed(); });
  }
  for (Stamp stamp : access->stamps)
    token->clock.add(stamp);
  token->clock.join(access->acquired);
  if (!access->isPerformed())
    token->pending.push_back(access);
  return token;
}

LogicalResult AccessQueue::perform(Access &access, size_t count) {
  if (access.isPerformed())
    return success();
  if (access.after)
    for (const AccessPtr &earlier : access.after->pending)
      if (!earlier->isPerformed() && mustPrecede(*earlier, access) && failed(perform(*earlier, earlier->lanes.size())))
        return failure();
  if (AccessPtr source = std::move(access.source)) {
    if (failed(force(*source)))
      return failure();
    for (Access::Lane &lane : access.lanes)
      lane.value = source->result->bits[lane.lane];
  }
  if (access.performed == 0 && access.array->shadow)
    machine.getRaces()->begin(access);
  size_t end = std::min(access.lanes.size(), access.performed + count);
  for (; access.performed != end; ++access.performed)
    if (failed(performLane(access, access.performed)))
      return failure();
  if (!access.isPerformed())
    return success();
  access.lanes.clear();
  access.performed = 0;
  access.after = nullptr;
  if (dice) {
    pending[access.place] = pending.back();
    pending[access.place]->place = access.place;
    pending.pop_back();
  }
  return success();
}

LogicalResult AccessQueue::performLane(Access &access, size_t position) {
  const Access::Lane &lane = access.lanes[position];
  Array &array = *access.array;
  bool reads = access.kind != Access::Kind::Store;
  std::optional<uint64_t> old = reads ? array.read(lane) : 0;
  bool writes = access.kind != Access::Kind::Load && (access.kind != Access::Kind::CAS || old == lane.expected);
  if (array.shadow)
    if (std::optional<Race> race = machine.getRaces()->perform(access, position, reads, writes))
      if (failed(machine.failRace(*race)))
        return failure();
  if (!old)
    return machine.fail(access.op, "reads " + array.elementName(lane.element) + ", which was never written");
  if (access.magnitude && machine.getRecord())
    machine.getRecord()->additions[{array.name().str(), lane.element}].add(access.magnitude(*old),
                                                                           access.magnitude(lane.value));
  bool isNews = writes && array.write(lane, access.kind == Access::Kind::RMW ? access.combine(*old, lane.value) : lane.value);
  if (isNews)
    readsWithoutNews = 0;
  // Only atomic reads can wait for somebody.
  else if (reads && position == 0 && !access.isWeak() && ++readsWithoutNews > machine.getOptions().maxIdleReads)
    return machine.report(InterpreterError::Kind::Limit, access.op,
                          "the kernel has not ended after " + Twine(readsWithoutNews) +
                              " atomic reads during which nothing was written; this waits for something that never happens");
  if (reads)
    access.result->bits[lane.lane] = *old;
  return success();
}

LogicalResult AccessQueue::performSome() {
  AccessPtr access = pending[dice->below(pending.size())];
  size_t left = access->lanes.size() - access->performed;
  return perform(*access, dice->chance(splitChance) ? 1 + dice->below(left) : left);
}
