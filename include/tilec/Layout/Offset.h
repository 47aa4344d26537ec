//===- Offset.h - What strides are and layouts map to -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A stride says how far one step along a mode leads, and a layout's value how
/// far all steps together lead. Both are of one kind, here called an offset.
/// All that a layout needs of offsets is that they can be added, and that one
/// can be taken a number of times: an integer semimodule. There are three kinds
/// that matter to a compiler, and an offset is a sum of one of each:
///
///   integer   6          a distance in memory. c times 6 is 6c; sums carry.
///   basis     2@1        a distance along a mode of a coordinate: two steps
///                        along mode 1 (E<1> in CuTe's terms, times 2). 1@0@1 is
///                        a step along mode 0 of mode 1: modes are read outwards.
///                        c times 2@1 is 2c@1; different modes do not mix. What
///                        describes coordinates, as tensor copies want them.
///   mask      ^5         a set of bits. Sums are XOR, and c times ^5 is the XOR
///                        of 5 << k over the bits k of c (a product without
///                        carries). Swizzles, and what is linear over F2.
///
/// So 3 times (1+2@1+^5) is 3+6@1+^15, and ^5 + ^5 is 0.
///
/// The three parts do not interact: a layout may have modes of all kinds. Where
/// a number is wanted (an address), asNumber() adds the integer and the mask.
///
/// A multiple of a mask is not additive in the factor: (1+1) times ^1 is ^2,
/// while ^1 + ^1 is 0. It is additive where no two summands share a bit. This is
/// why operations that split or merge modes with masks ask for powers of two.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_OFFSET_H
#define TILEC_LAYOUT_OFFSET_H

#include "tilec/Layout/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tilec::layout {

/// A multiple of a basis vector.
struct BasisTerm {
  /// The mode, from the outside: {1, 0} is mode 0 of mode 1, printed @0@1.
  std::vector<int32_t> path;
  int64_t coefficient = 0;
  bool operator==(const BasisTerm &) const = default;
};

/// An element of the integer semimodule: a distance, a coordinate, a set of bits, or a sum of these.
class Offset {
public:
  Offset(int64_t integer = 0) : integerPart(integer) {}
  /// coefficient times E<path...>; the path is not empty.
  static Offset basis(std::vector<int32_t> path, int64_t coefficient = 1);
  /// The mask of these bits.
  static Offset bits(uint64_t mask) {
    Offset result;
    result.maskPart = mask;
    return result;
  }

  int64_t integer() const { return integerPart; }
  uint64_t mask() const { return maskPart; }
  /// The multiples of basis vectors: sorted by path, no coefficient 0.
  const std::vector<BasisTerm> &terms() const { return basisTerms; }

  bool isZero() const { return !integerPart && !maskPart && basisTerms.empty(); }
  bool isInteger() const { return !maskPart && basisTerms.empty(); }
  /// No part but a mask (0 counts).
  bool isMask() const { return !integerPart && basisTerms.empty(); }
  /// No part but coordinates (0 counts).
  bool isCoordinate() const { return !integerPart && !maskPart; }

  /// The integer and the mask added; nothing for coordinates.
  std::optional<int64_t> asNumber() const {
    if (!basisTerms.empty())
      return std::nullopt;
    return integerPart + static_cast<int64_t>(maskPart);
  }

  /// Adds `factor` times `step` to this. False, and this is unspecified, where a part would not fit into 62 bits or a
  /// mask would be taken a negative number of times.
  [[nodiscard]] bool addMultiple(const Offset &step, int64_t factor);

  /// The stride of every factor-th step of a mode with this stride: the offset s with c times s = (c factor) times this
  /// for each c in [0, extent). For masks it exists where the factor is a power of two or extent is at most 2.
  std::optional<Offset> everyNth(int64_t factor, int64_t extent) const;

  bool operator==(const Offset &) const = default;

private:
  int64_t integerPart = 0;
  uint64_t maskPart = 0;
  std::vector<BasisTerm> basisTerms;
};

/// 6, 2@1, ^5, 6+2@1+^5
std::string print(const Offset &offset);

/// Orders as coordinates are ordered: by the outermost, last mode first; integers by value, before all coordinates of
/// larger modes; masks last. Any total order would do for sorting; this one makes complements ordered.
bool colexLess(const Offset &a, const Offset &b);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_OFFSET_H
