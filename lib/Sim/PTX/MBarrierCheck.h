//===- MBarrierCheck.h - how mbarriers are used -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What section 9.7.13.15 of the manual leaves undefined and the 64 bits of an mbarrier do not show: whether there is
/// one, who initialised it, whether its phases are waited for, and which threads wait in vain.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_MBARRIERCHECK_H
#define TILEC_LIB_SIM_PTX_MBARRIERCHECK_H

#include "Program.h"

#include <map>
#include <vector>

namespace tilec::sim::ptx {

class Block;
class Warp;
struct MBarrier;
struct Split;

/// Of one block. What returns false has reported an error. An mbarrier is known by its offset in shared memory.
class MBarrierCheck {
public:
  explicit MBarrierCheck(Block &block) : block(block) {}

  bool init(Warp &warp, const Op &op, unsigned lane, uint64_t offset);
  bool invalidate(Warp &warp, const Op &op, unsigned lane, uint64_t offset);
  /// Before any other instruction on one.
  bool use(Warp &warp, const Op &op, unsigned lane, uint64_t offset);
  /// Before an arrival.
  bool arrive(Warp &warp, const Op &op, unsigned lane, uint64_t offset);
  /// Before a test: whether an arrival at this mbarrier returned the state.
  bool ownsState(Warp &warp, const Op &op, unsigned lane, uint64_t offset, uint64_t state) const;
  /// A phase is over.
  void complete(uint64_t offset);
  /// A lane has tested whether the phase of a parity is over.
  void test(Warp &warp, const Op &op, unsigned lane, uint64_t offset, unsigned parity, bool isOver);
  /// An access by any other instruction.
  bool access(Warp &warp, const Op &op, Mask mask, unsigned bytes, const Target (&targets)[kLanes]);

  /// `mbarrier 'full' + 0 (shared + 0x400)`.
  std::string nameOf(uint64_t offset) const;
  /// What the lanes of a split wait for, that tests an mbarrier again and again; empty where it does not.
  std::string describeWait(const Warp &warp, const Split &split) const;

private:
  struct Barrier {
    /// The last `init` or `inval`, and its thread.
    const Op *op = nullptr;
    unsigned thread = 0;
    bool isValid = false;
    uint64_t phase = 0;
    /// Whether a thread has seen that the last phase is over.
    bool isWaitedFor = true;
    /// Threads that have arrived in this phase.
    std::vector<unsigned> arrived;
  };
  struct Test {
    const Op *op = nullptr;
    uint64_t offset = 0, changes = 0;
    unsigned parity = 0;
  };
  std::string origin(const Barrier &barrier) const;
  std::string threadsOf(std::vector<unsigned> threads) const;
  void bound();

  Block &block;
  std::map<uint64_t, Barrier> barriers;
  /// Around those that are valid.
  uint64_t begin = 0, end = 0;
  /// The last test of each thread that was not true.
  std::vector<Test> tests;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_MBARRIERCHECK_H
