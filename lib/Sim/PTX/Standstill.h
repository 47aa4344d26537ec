//===- Standstill.h - threads that wait in loops, for nothing ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Threads wait at barriers, where a deadlock shows by itself, and in loops that look at memory until another thread
/// changes it. As long as nobody changes anything, what such a loop reads is what it has read before: threads that come
/// to a place of the program again, with the same values in all their registers, go around forever. Where all threads
/// of the resident blocks do so, or wait at a barrier, the launch stands still. A loop that counts its rounds, or looks
/// at the clock, never has the same values: there it is enough that nothing changes for very long, while each thread
/// asks memory for news again and again.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_STANDSTILL_H
#define TILEC_LIB_SIM_PTX_STANDSTILL_H

#include "Program.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseSet.h"

#include <map>

namespace tilec::sim::ptx {

class Block;
class Warp;
struct Split;

/// Looks for a standstill between the turns of the resident blocks.
class Standstill {
public:
  /// Whether no thread will do anything else ever again. `changes` grows with each write, arrival, and end of a thread.
  bool observe(llvm::ArrayRef<std::unique_ptr<Block>> blocks, uint64_t changes);
  /// Whether nothing has changed for so long that it is worth a look.
  bool isQuiet() const { return quiet >= kPatience; }

private:
  static constexpr uint64_t kPatience = 32;
  /// What is known of some lanes of a warp since the last change.
  struct Group {
    llvm::DenseSet<uint64_t> states;
    uint64_t last = 0, progress = 0;
    unsigned sightings = 0;
    /// It has been in one state twice, and in another in between, or has not left one.
    bool goesAround = false;
  };
  void restart(uint64_t changes);
  /// Counts how often all threads that run have asked for news; whether it is enough.
  bool haveAskedForLong(llvm::ArrayRef<std::unique_ptr<Block>> blocks);
  /// Takes a look at a split; whether it goes around.
  bool look(const Warp &warp, const Split &split);

  std::map<std::pair<const Warp *, Mask>, Group> groups;
  uint64_t seenChanges = 0;
  /// Turns since the last change, and after how many it is worth a look.
  uint64_t quiet = 0, patience = kPatience;
  /// How often all have asked.
  unsigned askedTimes = 0;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_STANDSTILL_H
