//===- Conversion.cpp - From one distribution of a tile to another -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Conversion.h"

#include "Shuffles.h"

#include <algorithm>

using namespace tilec::layout;

std::string_view tilec::layout::print(ConversionKind kind) {
  switch (kind) {
  case ConversionKind::Free:
    return "free";
  case ConversionKind::WithinThread:
    return "within a thread";
  case ConversionKind::WithinWarp:
    return "within a warp";
  case ConversionKind::ThroughSharedMemory:
    return "through shared memory";
  }
  return "";
}

/// Fails unless both distribute the same tile over the same threads.
static Status checkSame(const DistributedLayout &from, const DistributedLayout &to) {
  if (from.shape() != to.shape())
    return Error{"the layouts distribute tiles of different shapes, " + print(IntTuple::flat(from.shape())) + " and " +
                 print(IntTuple::flat(to.shape()))};
  if (from.numLanes() != to.numLanes() || from.numWarps() != to.numWarps() || from.numBlocks() != to.numBlocks())
    return Error{"the layouts " + print(from.layout()) + " and " + print(to.layout()) +
                 " have different numbers of lanes, warps or blocks"};
  return success();
}

/// For each register of `to` the register of `from` with the same elements in all threads; nothing if one has none.
static std::optional<std::vector<int32_t>> findRenaming(const DistributedLayout &from, const DistributedLayout &to) {
  std::vector<int32_t> renaming;
  for (int64_t target = 0; target < to.numRegisters(); ++target) {
    int64_t source = 0;
    for (; source < from.numRegisters(); ++source) {
      int64_t thread = 0;
      while (thread < to.numThreads() && from.element(source, thread) == to.element(target, thread))
        ++thread;
      if (thread == to.numThreads())
        break;
    }
    if (source == from.numRegisters())
      return std::nullopt;
    renaming.push_back(static_cast<int32_t>(source));
  }
  return renaming;
}

/// What the threads of a group (a thread, a warp, a block) hold: for each element whether one of them does.
static void markHeld(const DistributedLayout &from, int64_t first, int64_t last, std::vector<bool> &held) {
  for (int64_t thread = first; thread < last; ++thread)
    for (int64_t reg = 0; reg < from.numRegisters(); ++reg)
      held[static_cast<size_t>(from.element(reg, thread))] = true;
}

/// The first element that a group of `size` threads wants and does not hold, or nothing.
static std::optional<int64_t> firstMissing(const DistributedLayout &from, const DistributedLayout &to, int64_t size) {
  std::vector<bool> held(static_cast<size_t>(from.numElements()));
  for (int64_t first = 0; first < to.numThreads(); first += size) {
    std::fill(held.begin(), held.end(), false);
    markHeld(from, first, first + size, held);
    for (int64_t thread = first; thread < first + size; ++thread)
      for (int64_t reg = 0; reg < to.numRegisters(); ++reg)
        if (!held[static_cast<size_t>(to.element(reg, thread))])
          return to.element(reg, thread);
  }
  return std::nullopt;
}

/// Whether every thread holds what it wants.
static bool staysInThreads(const DistributedLayout &from, const DistributedLayout &to) {
  std::vector<int64_t> holder(static_cast<size_t>(from.numElements()), -1);
  for (int64_t thread = 0; thread < to.numThreads(); ++thread) {
    for (int64_t reg = 0; reg < from.numRegisters(); ++reg)
      holder[static_cast<size_t>(from.element(reg, thread))] = thread;
    for (int64_t reg = 0; reg < to.numRegisters(); ++reg)
      if (holder[static_cast<size_t>(to.element(reg, thread))] != thread)
        return false;
  }
  return true;
}

Result<Conversion> tilec::layout::convert(const DistributedLayout &from, const DistributedLayout &to) {
  if (Status same = checkSame(from, to); !same)
    return same.error();
  Conversion result;
  if (std::optional<std::vector<int32_t>> renaming = findRenaming(from, to)) {
    result.renaming = std::move(*renaming);
    return result;
  }
  if (staysInThreads(from, to)) {
    result.kind = ConversionKind::WithinThread;
    findShuffles(from, to, result);
    return result;
  }
  if (!firstMissing(from, to, to.numLanes())) {
    result.kind = ConversionKind::WithinWarp;
    findShuffles(from, to, result);
    return result;
  }
  if (std::optional<int64_t> missing = firstMissing(from, to, to.numLanes() * to.numWarps()))
    return Error{"a block lacks the element " + print(from.coordinate(*missing)) +
                 " that it wants, and no shared memory reaches across blocks"};
  result.kind = ConversionKind::ThroughSharedMemory;
  return result;
}

Result<SharedMemoryPlan> tilec::layout::planThroughSharedMemory(const DistributedLayout &from,
                                                                const DistributedLayout &to, int64_t elementBytes,
                                                                const BankModel &banks) {
  if (Status same = checkSame(from, to); !same)
    return same.error();
  IntTuple shape = from.shape().size() == 1 ? IntTuple(from.shape()[0]) : IntTuple::flat(from.shape());
  std::optional<SharedMemoryPlan> best;
  int64_t fewest = 0;
  int movedBits = 0;
  for (const Result<Layout> &order : {rowMajor(shape), columnMajor(shape)}) {
    if (!order)
      return order.error();
    Result<SwizzleChoice> choice =
        findSwizzle(*order, elementBytes, {{from, AccessKind::Write, 0}, {to, AccessKind::Read, 0}}, banks);
    if (!choice)
      return choice.error();
    if (best && std::pair(fewest, movedBits) <= std::pair(choice->wavefronts, choice->swizzle.bits()))
      continue;
    fewest = choice->wavefronts;
    movedBits = choice->swizzle.bits();
    best = SharedMemoryPlan{{choice->swizzle, 0, *order}, choice->costs[0], choice->costs[1]};
    if (!movedBits)
      best->memory.outer = std::monostate();
  }
  return std::move(*best);
}
