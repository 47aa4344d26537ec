//===- Dice.h - chance that a seed replays ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Random choices. One seed gives the same ones on every machine: the engine's numbers are fixed by the C++ standard,
/// which its distributions are not.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_DICE_H
#define TILEC_LIB_INTERPRETER_DICE_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <random>

namespace tilec::interpreter {

class Dice {
public:
  explicit Dice(uint64_t seed) : engine(seed) {}

  /// One of 0 .. count - 1, each as likely as the others but for 1 in 2^64 / count.
  uint64_t below(uint64_t count) { return engine() % count; }
  bool chance(unsigned percent) { return below(100) < percent; }
  unsigned oneOf(llvm::ArrayRef<unsigned> values) { return values[below(values.size())]; }

private:
  std::mt19937_64 engine;
};

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_DICE_H
