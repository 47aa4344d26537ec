//===- RaceReports.cpp - races in words -------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Races.h"
#include "Reports.h"
#include "Warp.h"

using namespace tilec::sim::ptx;

static llvm::StringRef past(Touch touch) {
  return touch == Touch::WeakRead || touch == Touch::StrongRead ? "read" : "written";
}

static bool isStrong(Touch touch) { return touch == Touch::StrongRead || touch == Touch::StrongWrite; }

void Races::report(Warp &warp, const Op &op, unsigned lane, const Access &access, const Target &target, unsigned offset,
                   const Record &other, unsigned culprit) {
  if (reports.size() >= kMostReports || !reported.insert(std::minmax<uint64_t>(op.number, other.op)).second)
    return;
  Block &block = warp.getBlock();
  const Op *otherOp = other.op < facts.size() ? facts[other.op].op : nullptr;
  const Instruction *otherSyntax = otherOp ? otherOp->syntax : nullptr;
  std::string otherPlace = otherOp ? placeOf(launch.program, otherSyntax) : "an earlier instruction";
  bool isSameBlock = other.block == block.number, isEngine = access.isAsync, wasEngine = other.isEngine;
  bool isSelf = isSameBlock && culprit == warp.getIndex() * kLanes + lane;
  llvm::StringRef action = access.kind == Access::Kind::Read ? "read" : "written";
  std::string text = placeOf(launch.program, op.syntax) +
                     ": error: race: " + addressName(launch, target.space, target.allocation, target.offset + offset) +
                     " is " + action.str() + (isEngine ? " by the copy that begins here" : " here") + ", and was " +
                     past(other.getTouch()).str();
  if (wasEngine)
    text += std::string(" by a copy that ") + (isSelf ? "this thread" : "another thread") + " began at " + otherPlace +
            " and that may still be on its way";
  else
    text += std::string(" by ") + (isSelf ? "the same thread" : "another thread") + " at " + otherPlace +
            ", with nothing between that orders the two";
  if (op.syntax)
    text += "\n  by '" + op.syntax->spelling() + "'";
  text += " in kernel '" + launch.kernel.syntax->name.str() + "', " + warp.threadName(lane);
  text += "\n  " + otherPlace + ": note: the other is '" + (otherSyntax ? otherSyntax->spelling() : "?") + "' of " +
          threadName(launch, other.block, culprit);
  bool areStrong = isStrong(other.getTouch()) && access.order != Order::Weak;
  text += "\n  ";
  if (areStrong && facts[op.number].scalar != facts[other.op].scalar)
    text += "both are strong, but of " + std::to_string(facts[op.number].scalar) + " and " +
            std::to_string(facts[other.op].scalar) + " bytes: strong accesses of different sizes order nothing";
  else if (areStrong)
    text += "both are strong, but the scope of one is its block, and they are in two";
  else if (wasEngine || isEngine)
    text += std::string("in order they are after 'cp.async.wait_group' or 'wait_all' by the thread that copies") +
            (isSelf ? "" : ", and then a barrier for other threads") +
            ", or after a wait for the mbarrier of "
            "'cp.async.mbarrier.arrive'";
  else if (!isSameBlock)
    text += "blocks run in any order: a fence and an atomic on each side, or two launches, would order them";
  else if (culprit / kLanes == warp.getIndex())
    text +=
        "a bar.warp.sync (__syncwarp) of both threads, or a barrier of the block, would order them; that they are in "
        "one warp does not";
  else
    text +=
        "a barrier of the block (bar.sync, __syncthreads) between them, or a release and an acquire, would order them";
  reports.push_back(std::move(text));
}
