//===- Datum.h - what an SSA value holds in a run ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The values of a run: scalars and tiles, ranges and windows, arrays, tokens.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_DATUM_H
#define TILEC_LIB_INTERPRETER_DATUM_H

#include "Access.h"
#include "Tile.h"

#include <algorithm>

namespace tilec::interpreter {

class Array;

/// A `!tile.range`; as a `!tile.window`, `begin` is where its lane 0 stands after the shift.
struct RangeValue {
  int64_t begin = 0, extent = 0, size = 0;
};

/// The range of `size` lanes at `begin`, clipped at `end`.
inline RangeValue clippedRange(int64_t begin, int64_t end, int64_t size) {
  return RangeValue{begin, std::max<int64_t>(0, std::min(size, end - begin)), size};
}

/// What an SSA value holds. Which member counts follows from its type.
struct Datum {
  Datum() = default;
  explicit Datum(uint64_t bits, LaneState state = LaneState::Defined) : bits(bits), state(state) {}
  explicit Datum(TilePtr tile) : tile(std::move(tile)) {}
  explicit Datum(RangeValue range) : range(range) {}
  explicit Datum(Array *array) : array(array) {}
  explicit Datum(TokenPtr token) : token(std::move(token)) {}

  /// A scalar is one lane.
  size_t laneCount() const { return tile ? tile->size() : 1; }
  const uint64_t *lanes() const { return tile ? tile->bits.data() : &bits; }
  /// Null where every lane is defined.
  const LaneState *laneStates() const {
    if (tile)
      return tile->states.empty() ? nullptr : tile->states.data();
    return state == LaneState::Defined ? nullptr : &state;
  }
  llvm::ArrayRef<int64_t> dims() const {
    return tile ? llvm::ArrayRef<int64_t>(tile->dims) : llvm::ArrayRef<int64_t>();
  }

  uint64_t bits = 0;
  LaneState state = LaneState::Defined;
  TilePtr tile;
  RangeValue range;
  Array *array = nullptr;
  /// Null for a token that stands for nothing.
  TokenPtr token;
  /// The access whose result this will be; null for what has a value. Only what moves values sees it.
  AccessPtr awaited;
};

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_DATUM_H
