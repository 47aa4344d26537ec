//===- LocalMemory.cpp - the frames of a thread's functions -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Frames grow upwards from the start of a thread's local memory, what `alloca` gives grows downwards from its end. Only
// variables of functions that are running are there to be accessed.

#include "Warp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace tilec::sim::ptx;

uint64_t &Warp::stackTop(unsigned lane) {
  size_t depth = splits[running].frames.size();
  if (stackTops.size() <= depth) {
    std::array<uint64_t, kLanes> all;
    all.fill(kLocalBytes);
    stackTops.resize(depth + 1, all);
  }
  return stackTops[depth][lane];
}

/// A call begins with what its caller has left. False, after an error, where its frame does not fit.
bool Warp::enterStack(const Frame &inner, Mask mask) {
  size_t depth = splits[running].frames.size();
  if (stackTops.size() <= depth + 1) {
    std::array<uint64_t, kLanes> all;
    all.fill(kLocalBytes);
    stackTops.resize(depth + 2, all);
  }
  for (Mask left = mask; left; left &= left - 1) {
    unsigned lane = llvm::countr_zero(left);
    stackTops[depth + 1][lane] = stackTops[depth][lane];
    if (inner.local + inner.code->localBytes > stackTops[depth][lane])
      return local(lane, kLocalBytes, 1) != nullptr;
  }
  return true;
}

char *Warp::local(unsigned lane, uint64_t offset, uint64_t bytes) {
  if (!localMemory)
    localMemory.reset(new char[kLanes * kLocalBytes]);
  if (offset <= kLocalBytes && bytes <= kLocalBytes - offset)
    return localMemory.get() + lane * kLocalBytes + offset;
  const Frame &last = top();
  (void)fail(last.code->ops[last.pc], lane,
             "local memory of " + llvm::Twine(kLocalBytes) + " bytes a thread is used up; does the recursion end?");
  return nullptr;
}

/// The function among those that are running in whose frame an address is, or which is the last one before it.
static const Frame &frameAt(const std::vector<Frame> &frames, uint64_t address) {
  auto inner = llvm::upper_bound(frames, address, [](uint64_t at, const Frame &frame) { return at < frame.local; });
  return *std::prev(inner);
}

bool Warp::isLocal(unsigned lane, uint64_t address, uint64_t bytes) const {
  const std::vector<Frame> &frames = splits[running].frames;
  const Frame &frame = address >= frames.back().local ? frames.back() : frameAt(frames, address);
  if (frame.code->isLocal(address - frame.local, bytes))
    return true;
  size_t depth = frames.size();
  return depth < stackTops.size() && address >= stackTops[depth][lane] && address <= kLocalBytes &&
         bytes <= kLocalBytes - address;
}

bool Warp::areLocal(Mask mask, const uint64_t (&addresses)[kLanes], uint64_t first, unsigned bytes) const {
  for (Mask left = mask; left; left &= left - 1) {
    unsigned lane = llvm::countr_zero(left);
    if (!isLocal(lane, addresses[lane] - first, bytes))
      return false;
  }
  return true;
}

std::string Warp::describeNoLocal(uint64_t address) const {
  const Frame &frame = frameAt(splits[running].frames, address);
  const Function &function = *frame.code->syntax;
  uint64_t offset = address - frame.local;
  if (offset >= frame.code->localBytes)
    return ", which is beyond the variables of the functions that are running; those of a function are gone when it "
           "has returned";
  const Variable *before = nullptr;
  uint64_t distance = 0;
  for (auto [variable, begin] : llvm::zip_equal(function.variables, frame.code->variables))
    if (variable.space == Space::Local && begin <= offset && (!before || offset - begin < distance)) {
      before = &variable;
      distance = offset - begin;
    }
  if (!before)
    return ", where function '" + function.name.str() + "' has no variable";
  return (", " + llvm::Twine(distance) + " bytes after the start of '" + before->name + "' of " +
          llvm::Twine(before->size) + " bytes")
      .str();
}
