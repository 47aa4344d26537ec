//===- MBarrier.h - the mbarrier object -------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_MBARRIER_H
#define TILEC_LIB_SIM_PTX_MBARRIER_H

#include "Clocks.h"

namespace tilec::sim::ptx {

/// The opaque 64 bits of section 9.7.13.15.1: what the current phase waits for. Their layout is ours.
struct MBarrier {
  /// Arrivals still to come in this phase, and in the next ones.
  unsigned pending = 0, expected = 0;
  /// Bytes of asynchronous copies still to come.
  int transactions = 0;
  unsigned phase = 0;

  static constexpr unsigned kMostArrivals = (1u << 20) - 1;
  static MBarrier decode(uint64_t bits);
  uint64_t encode() const;
  /// What an arrival returns: the same, but for the place of the mbarrier instead of what later phases wait for.
  uint64_t stateAt(uint64_t offset) const;
  /// The place in shared memory of the mbarrier whose state this is; that of none for what is no state.
  static uint64_t placeOfState(uint64_t bits) { return uint64_t(decode(bits).expected) * 8 - 8; }
  /// Goes to the next phase where nothing is awaited any more.
  void settle();
};

/// Arrives at the mbarrier at an address of shared memory, for an instruction of a lane; false after an error. `count`
/// is how many arrivals; `drop` takes them from the phases to come, too. `view` is what a late arrival hands over; null
/// where the instruction itself does. `isNoComplete`: the phase must not end by it.
bool arriveAt(Warp &warp, const Op &op, unsigned lane, uint64_t address, unsigned count, bool drop, uint64_t *state,
              const ViewRef *view = nullptr, bool isNoComplete = false);
/// Expects one more arrival in this phase.
bool expectOneMore(Warp &warp, const Op &op, unsigned lane, uint64_t address);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_MBARRIER_H
