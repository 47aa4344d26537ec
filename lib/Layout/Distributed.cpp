//===- Distributed.cpp - Tiles in the registers of threads ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Distributed.h"

#include <algorithm>
#include <span>

using namespace tilec::layout;

/// What make() enumerates at most.
static constexpr int64_t maxValues = int64_t(1) << 24;

/// The coordinate as integers, one a dim, with room for later dims; fails where it is none.
static Status readCoordinate(const Layout &layout, const Offset &value, std::span<int64_t> coordinate) {
  if (value.mask())
    return Error{"the value " + print(value) + " of " + print(layout) + " is no coordinate of a tile"};
  if (value.integer()) {
    if (!value.terms().empty())
      return Error{"the value " + print(value) + " of " + print(layout) + " is an integer and a coordinate at once"};
    coordinate[0] = value.integer();
  }
  for (const BasisTerm &term : value.terms()) {
    if (term.path.size() != 1)
      return Error{"the value " + print(value) + " of " + print(layout) +
                   " is nested, and a tile's coordinates are not"};
    coordinate[static_cast<size_t>(term.path[0])] = term.coefficient;
  }
  for (int64_t part : coordinate)
    if (part < 0)
      return Error{"the value " + print(value) + " of " + print(layout) + " lies outside of the tile"};
  return success();
}

/// The number of dims that the strides name; fails where integers and coordinates of several dims are mixed.
static Result<size_t> countDims(const Layout &layout) {
  int32_t last = 0;
  bool integers = false;
  for (const Mode &mode : layout.leaves()) {
    integers |= mode.stride.integer() != 0;
    for (const BasisTerm &term : mode.stride.terms())
      last = std::max(last, term.path[0]);
  }
  if (integers && last > 0)
    return Error{print(layout) + " maps to integers and to coordinates of several dims"};
  if (last >= 64)
    return Error{print(layout) + " maps to tiles of more than 64 dims"};
  return static_cast<size_t>(last) + 1;
}

Result<DistributedLayout> DistributedLayout::make(const Layout &layout) {
  if (layout.isLeaf() || layout.rank() < 2 || layout.rank() > 4)
    return Error{"a distributed layout has the modes (register, lane, warp, block), of which the last two may be left "
                 "out; " +
                 print(layout) + " has " + std::to_string(layout.rank())};
  if (layout.size() > maxValues)
    return Error{print(layout) + " has more than 2^24 values"};
  Result<size_t> dims = countDims(layout);
  if (!dims)
    return dims.error();
  DistributedLayout result;
  result.map = layout;
  for (size_t i = 0; i < layout.rank(); ++i)
    result.sizes[i] = layout.mode(i).size();

  // The coordinates one after the other.
  std::vector<int64_t> coordinates(*dims * static_cast<size_t>(layout.size()));
  result.tile.assign(*dims, 1);
  for (int64_t i = 0; i < layout.size(); ++i) {
    std::span<int64_t> coordinate(&coordinates[*dims * static_cast<size_t>(i)], *dims);
    if (Status read = readCoordinate(layout, layout(i), coordinate); !read)
      return read.error();
    for (size_t dim = 0; dim < *dims; ++dim)
      result.tile[dim] = std::max(result.tile[dim], coordinate[dim] + 1);
  }
  for (int64_t size : result.tile) {
    if (size > maxValues || result.elementCount * size > maxValues)
      return Error{print(layout) + " spans a tile of more than 2^24 elements"};
    result.elementCount *= size;
  }
  std::vector<bool> held(static_cast<size_t>(result.elementCount));
  result.table.reserve(static_cast<size_t>(layout.size()));
  for (size_t first = 0; first < coordinates.size(); first += *dims) {
    int64_t element = 0;
    for (size_t dim = 0; dim < *dims; ++dim)
      element = element * result.tile[dim] + coordinates[first + dim];
    result.table.push_back(element);
    held[static_cast<size_t>(element)] = true;
  }
  for (int64_t element = 0; element < result.elementCount; ++element)
    if (!held[static_cast<size_t>(element)])
      return Error{print(layout) + " spans a tile of shape " + print(IntTuple::flat(result.tile)) +
                   ", of which no register holds the element " + print(result.coordinate(element))};
  return result;
}

IntTuple DistributedLayout::coordinate(int64_t element) const {
  std::vector<int64_t> parts(tile.size());
  for (size_t dim = tile.size(); dim-- > 0;) {
    parts[dim] = element % tile[dim];
    element /= tile[dim];
  }
  return IntTuple::flat(std::move(parts));
}

Replication DistributedLayout::replication() const {
  // For each level the units that hold an element, without repetition.
  Replication result;
  std::vector<int64_t> lastThread(static_cast<size_t>(elementCount), -1), lastWarp = lastThread, lastBlock = lastThread;
  std::vector<int64_t> registers(lastThread.size()), lanes = registers, warps = registers, blocks = registers;
  int64_t lanesOfWarp = numLanes(), lanesOfBlock = numLanes() * numWarps();
  for (int64_t thread = 0; thread < numThreads(); ++thread)
    for (int64_t reg = 0; reg < numRegisters(); ++reg) {
      size_t e = static_cast<size_t>(element(reg, thread));
      int64_t warp = thread / lanesOfWarp, block = thread / lanesOfBlock;
      if (lastBlock[e] != block) {
        ++blocks[e];
        warps[e] = 0;
      }
      if (lastWarp[e] != warp) {
        ++warps[e];
        lanes[e] = 0;
      }
      if (lastThread[e] != thread) {
        ++lanes[e];
        registers[e] = 0;
      }
      ++registers[e];
      lastThread[e] = thread;
      lastWarp[e] = warp;
      lastBlock[e] = block;
      result.registers = std::max(result.registers, registers[e]);
      result.lanes = std::max(result.lanes, lanes[e]);
      result.warps = std::max(result.warps, warps[e]);
      result.blocks = std::max(result.blocks, blocks[e]);
    }
  return result;
}
