//===- Tile.h - the lanes of a tile ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Tiles, and steps through the indices of a box. Tiles are shared and never changed once they are bound, so that
/// copying is cheap.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_TILE_H
#define TILEC_LIB_INTERPRETER_TILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/IntrusiveRefCntPtr.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <vector>

namespace tilec::interpreter {

/// Whether a lane has a value, and if not, why. Ops pass the reason on; what needs the value reports it.
enum class LaneState : uint8_t {
  Defined,
  /// Outside the extent of a range.
  Outside,
  /// A top-k of fewer than k elements.
  Missing,
  /// The compiler said that the value does not matter (`ub.poison`).
  Poison,
};

/// The lanes of a tile in row-major order.
struct Tile : llvm::RefCountedBase<Tile> {
  explicit Tile(llvm::ArrayRef<int64_t> shape) : dims(shape.begin(), shape.end()) {
    int64_t count = 1;
    for (int64_t size : dims)
      count *= size;
    bits.resize(count);
  }

  size_t size() const { return bits.size(); }
  LaneState state(size_t lane) const { return states.empty() ? LaneState::Defined : states[lane]; }
  void setState(size_t lane, LaneState state) {
    if (states.empty() && state == LaneState::Defined)
      return;
    if (states.empty())
      states.resize(bits.size(), LaneState::Defined);
    states[lane] = state;
  }

  llvm::SmallVector<int64_t, 4> dims;
  /// Each lane's bits, zero-extended.
  std::vector<uint64_t> bits;
  /// Empty where every lane is defined.
  std::vector<LaneState> states;
};

using TilePtr = llvm::IntrusiveRefCntPtr<Tile>;

/// Steps through the indices of a box in row-major order.
class Odometer {
public:
  explicit Odometer(llvm::ArrayRef<int64_t> extents)
      : extents(extents.begin(), extents.end()), index(extents.size(), 0),
        more(llvm::all_of(extents, [](int64_t extent) { return extent > 0; })) {}

  /// False behind the last index, and at once for an empty box.
  explicit operator bool() const { return more; }
  llvm::ArrayRef<int64_t> operator*() const { return index; }
  void operator++() {
    for (size_t d = index.size(); d-- > 0;) {
      if (++index[d] < extents[d])
        return;
      index[d] = 0;
    }
    more = false;
  }

private:
  llvm::SmallVector<int64_t, 6> extents, index;
  bool more;
};

/// The row-major strides of a tile.
inline llvm::SmallVector<int64_t, 4> rowMajorStrides(llvm::ArrayRef<int64_t> dims) {
  llvm::SmallVector<int64_t, 4> strides(dims.size(), 1);
  for (size_t d = dims.size(); d-- > 1;)
    strides[d - 1] = strides[d] * dims[d];
  return strides;
}

/// The position of an index under `strides`.
inline int64_t linearIndex(llvm::ArrayRef<int64_t> index, llvm::ArrayRef<int64_t> strides) {
  int64_t position = 0;
  for (size_t d = 0; d != index.size(); ++d)
    position += index[d] * strides[d];
  return position;
}

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_TILE_H
