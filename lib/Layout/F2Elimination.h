//===- F2Elimination.h - Gaussian elimination over bits ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A basis of a space of bit vectors that grows vector by vector, each with a
/// record of which vectors it was made of. Rank, kernel, image and solutions of
/// linear equations over F2 are all read from it.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_F2ELIMINATION_H
#define TILEC_LIB_LAYOUT_F2ELIMINATION_H

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

namespace tilec::layout {

class F2Elimination {
public:
  /// Adds a vector, whose record is `combination` (a bit for each vector of the caller's). If it is independent of
  /// those before, it becomes part of the basis and nothing is returned; otherwise returns the combination that gives
  /// 0.
  std::optional<uint64_t> add(uint64_t vector, uint64_t combination) {
    reduce(vector, combination);
    if (!vector)
      return combination;
    int pivot = std::bit_width(vector) - 1;
    vectors[static_cast<size_t>(pivot)] = vector;
    combinations[static_cast<size_t>(pivot)] = combination;
    ++count;
    return std::nullopt;
  }

  /// The combination that gives `vector`, if there is one.
  std::optional<uint64_t> solve(uint64_t vector) const {
    uint64_t combination = 0;
    reduce(vector, combination);
    if (vector)
      return std::nullopt;
    return combination;
  }

  int rank() const { return count; }
  /// Whether a basis vector's highest bit is `bit`.
  bool hasPivot(int bit) const { return vectors[static_cast<size_t>(bit)] != 0; }

private:
  void reduce(uint64_t &vector, uint64_t &combination) const {
    for (uint64_t rest = vector; rest;) {
      size_t bit = static_cast<size_t>(std::bit_width(rest) - 1);
      if (vectors[bit] && (vector >> bit & 1)) {
        vector ^= vectors[bit];
        combination ^= combinations[bit];
      }
      rest = vector & ((uint64_t(1) << bit) - 1);
      // A bit that leads nothing stays; all below it are reduced.
    }
  }

  std::array<uint64_t, 64> vectors{}, combinations{};
  int count = 0;
};

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_F2ELIMINATION_H
