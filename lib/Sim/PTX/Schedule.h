//===- Schedule.h - the legal order that a seed stands for ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Three of four seeds keep warps together and give all of them their turns, long or short. The fourth is an adversary,
/// which does what the manual allows and machines hardly do: it cuts warps wherever they are, lets a few threads run
/// far ahead or stay behind, holds up a warp or a block, and ends copies at once or as late as it can. Nobody is held
/// up for ever: a thread that others wait for gets its turn in the end.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_SCHEDULE_H
#define TILEC_LIB_SIM_PTX_SCHEDULE_H

#include <cstdint>

namespace tilec::sim::ptx {

/// Random numbers of a block: a Weyl sequence whose members are mixed, of 8 bytes of state, since there are many blocks
/// (Steele, Lea, Flood: Fast splittable pseudorandom number generators; the constants are theirs).
class Random {
public:
  /// The sequence of a block in the launch of a seed.
  Random(uint64_t seed, uint64_t block) : state(seed) {
    state = (*this)() + block;
    state = (*this)();
  }
  uint64_t operator()() {
    uint64_t bits = state += 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return bits ^ bits >> 31;
  }

private:
  uint64_t state;
};

/// What a seed decides for the whole launch. Single decisions are random numbers of each block.
struct Schedule {
  explicit Schedule(uint64_t seed);

  /// Most instructions of a warp before another one gets its turn.
  unsigned budget;
  /// Whether the rest counts.
  bool isAdverse;
  /// Whom of a warp that is cut the schedule prefers, and so where it cuts.
  enum class Lanes : uint8_t { Low, High, Few, Many, Any } lanes = Lanes::Any;
  /// In which order warps, and resident blocks, take turns.
  enum class Order : uint8_t { Ascending, Descending, Shuffled } order = Order::Ascending;
  /// Whether one of them waits as long as others can go on: the first or the last one.
  enum class Starved : uint8_t { Nobody, First, Last } warp = Starved::Nobody, block = Starved::Nobody;
  /// When asynchronous copies take place.
  enum class Copies : uint8_t { Late, Last, First } copies = Copies::Late;

  /// Which of `count` is held up; `count` for none.
  static unsigned starvedOf(Starved starved, unsigned count) {
    return starved == Starved::Nobody || count < 2 ? count : starved == Starved::First ? 0 : count - 1;
  }
};

/// How long somebody is held up, in rounds, where others do go on.
class Hold {
public:
  /// Whether it may run now: the others cannot, or it has waited long enough.
  bool isOver(bool haveOthersRun, Random &random) {
    if (haveOthersRun && left) {
      --left;
      return false;
    }
    left = 16 << random() % 6;
    return true;
  }

private:
  unsigned left = 64;
};

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_SCHEDULE_H
