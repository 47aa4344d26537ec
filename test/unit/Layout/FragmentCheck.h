//===- FragmentCheck.h - Compares fragments with enumerations ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A fragment, compared element by element with what a manual says in a form of
/// its own.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_LAYOUT_FRAGMENTCHECK_H
#define TILEC_TEST_UNIT_LAYOUT_FRAGMENTCHECK_H

#include "tilec/Layout/Distributed.h"

#include "gtest/gtest.h"

#include <array>
#include <functional>

namespace tilec::layout::test {

/// Row, column, and block (0 if there is one).
using Place = std::array<int64_t, 3>;

/// The place of (register, thread) in a layout that holds a whole tile.
inline Place placeOf(const DistributedLayout &fragment, int64_t reg, int64_t thread) {
  std::vector<int64_t> leaves = fragment.coordinate(fragment.element(reg, thread)).leaves();
  leaves.resize(3);
  return {leaves[0], leaves[1], leaves[2]};
}

/// Expects that a fragment has this shape, and that each register of each thread has the place that `manual` says. The
/// fragment holds every element of the tile: DistributedLayout::make() has seen to it.
inline void expectFragment(const Layout &layout, std::vector<int64_t> shape, int64_t numThreads,
                           const std::function<Place(int64_t thread, int64_t reg)> &manual) {
  Result<DistributedLayout> fragment = DistributedLayout::make(layout);
  ASSERT_TRUE(fragment) << fragment.message();
  EXPECT_EQ(fragment->shape(), shape) << print(layout);
  EXPECT_EQ(fragment->numThreads(), numThreads) << print(layout);
  for (int64_t thread = 0; thread < fragment->numThreads(); ++thread)
    for (int64_t reg = 0; reg < fragment->numRegisters(); ++reg)
      ASSERT_EQ(placeOf(*fragment, reg, thread), manual(thread, reg))
          << print(layout) << ", thread " << thread << ", register " << reg;
}

/// Who holds an element: the other direction.
struct Holder {
  int64_t thread, reg;
  bool operator==(const Holder &) const = default;
};

/// Expects that the elements of a tile of this shape are held, each once, by whom `manual` says.
inline void expectHolders(const Layout &layout, std::vector<int64_t> shape, int64_t numThreads, int64_t numRegisters,
                          const std::function<Holder(const Place &)> &manual) {
  Result<DistributedLayout> fragment = DistributedLayout::make(layout);
  ASSERT_TRUE(fragment) << fragment.message();
  EXPECT_EQ(fragment->shape(), shape) << print(layout);
  EXPECT_EQ(fragment->numThreads(), numThreads) << print(layout);
  EXPECT_EQ(fragment->numRegisters(), numRegisters) << print(layout);
  EXPECT_EQ(fragment->numElements(), numThreads * numRegisters) << print(layout);
  for (int64_t thread = 0; thread < fragment->numThreads(); ++thread)
    for (int64_t reg = 0; reg < fragment->numRegisters(); ++reg)
      ASSERT_EQ(manual(placeOf(*fragment, reg, thread)), (Holder{thread, reg}))
          << print(layout) << ", thread " << thread << ", register " << reg;
}

inline void PrintTo(const Holder &holder, std::ostream *stream) {
  *stream << "thread " << holder.thread << ", register " << holder.reg;
}

} // namespace tilec::layout::test

#endif // TILEC_TEST_UNIT_LAYOUT_FRAGMENTCHECK_H
