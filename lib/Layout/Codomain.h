//===- Codomain.h - The axes that a layout maps to --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Complements and inverses are found axis by axis of the codomain: a layout of
/// integers has one axis, the integers; a layout of coordinates has one for each
/// basis vector, nested as the coordinates are.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_CODOMAIN_H
#define TILEC_LIB_LAYOUT_CODOMAIN_H

#include "tilec/Layout/Layout.h"

#include <functional>

namespace tilec::layout {

/// A leaf that moves along an axis.
struct AxisMode {
  int64_t size;
  /// The distance of a step along the axis.
  int64_t step;
  /// The distance of a step in the domain, as an index.
  int64_t index;
};

/// What a layout's values are.
enum class ValueKind { Integers, Coordinates, Masks };

/// The kind of a layout's non-zero strides (a layout of zeros maps to integers). Fails for sums of several kinds in one
/// layout, which have no common axes.
Result<ValueKind> valueKind(const Layout &layout);

/// An axis of the codomain, or several nested ones.
struct Axis {
  std::vector<Axis> children;
  /// The leaves along this axis, by ascending step; only where there are no children.
  std::vector<AxisMode> modes;
};

/// The axes of a layout of integers or coordinates. Modes of size 1 and stride 0 do not count. Fails for negative
/// steps, for strides that are sums, and for basis vectors of which one is a part of the other.
Result<Axis> codomain(const Layout &layout);

/// Nests what `find` returns for each axis as the codomain is nested: a leaf for an axis with one mode. The second
/// argument of `find` is the path of the axis.
using AxisFunction =
    std::function<Result<std::vector<Mode>>(const std::vector<AxisMode> &, const std::vector<int32_t> &)>;
Result<Layout> perAxis(const Axis &axis, const AxisFunction &find);

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_CODOMAIN_H
