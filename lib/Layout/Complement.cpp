//===- Complement.cpp - What a layout leaves out ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Along one axis: let the steps be d_0 <= d_1 <= ..., with sizes s_0, s_1, .... Below d_0 there is room for d_0
// elements; between the end of mode k, at d_k s_k, and the beginning of mode k + 1, at d_{k+1}, there is room for
// d_{k+1} / (d_k s_k) copies of all that is below (rounded down); beyond the last mode, for as many as reach the extent
// (rounded up).

#include "Codomain.h"
#include "F2Elimination.h"
#include "FlatModes.h"
#include "tilec/Layout/Algebra.h"

#include "CheckedMath.h"

using namespace tilec::layout;

/// A step along the axis at `path`; along the integers if that is empty.
static Offset along(const std::vector<int32_t> &path, int64_t step) {
  return path.empty() ? Offset(step) : Offset::basis(path, step);
}

static Result<std::vector<Mode>> complementAxis(const std::vector<AxisMode> &modes, const std::vector<int32_t> &path,
                                                int64_t extent) {
  std::vector<Mode> result;
  int64_t end = 1;
  for (const AxisMode &mode : modes) {
    if (mode.step < end)
      return Error{"a mode with the step " + std::to_string(mode.step) + " begins before the modes below it end, at " +
                   std::to_string(end) + ", so that two coordinates may share a value"};
    appendCoalesced(result, {mode.step / end, along(path, end)});
    if (!multiply(mode.step, mode.size, end) || end > maxSize)
      return Error{"the extent of a mode exceeds 2^62"};
  }
  appendCoalesced(result, {ceilDiv(extent, end), along(path, end)});
  return result;
}

/// The complement under XOR: the bits that lead no vector of a reduced basis of the image.
static Result<Layout> complementMasks(const Layout &layout, int64_t extent) {
  std::vector<Mode> modes = coalesceModes(layout.leaves());
  Result<std::vector<uint64_t>> columns = linearColumns(modes, bitsOf(layout.size()));
  if (!columns)
    return columns.error();
  F2Elimination image;
  int bits = bitsOf(extent);
  for (uint64_t column : *columns) {
    image.add(column, 0);
    bits = std::max(bits, bitWidth(column));
  }
  std::vector<Mode> result;
  for (int bit = 0; bit < bits; ++bit)
    if (!image.hasPivot(bit))
      appendCoalesced(result, {2, Offset::bits(uint64_t(1) << bit)});
  if (result.empty())
    result.push_back({1, Offset::bits(uint64_t(1) << std::min(bits, 61))});
  return layoutOf(std::move(result));
}

/// Gives each mode of the extent an axis, for what the layout does not use.
static void extend(Axis &axis, const IntTuple &extent) {
  if (extent.isLeaf() || !axis.modes.empty())
    return;
  if (axis.children.size() < extent.rank())
    axis.children.resize(extent.rank());
  for (size_t i = 0, e = extent.rank(); i < e; ++i)
    extend(axis.children[i], extent.mode(i));
}

Result<Layout> tilec::layout::complement(const Layout &layout, const IntTuple &extent) {
  auto fail = [&](const std::string &why) { return Error{"complement of " + print(layout) + " is undefined: " + why}; };
  for (int64_t leaf : extent.leaves())
    if (leaf < 1)
      return fail("the extent is positive, not " + print(extent));
  Result<int64_t> total = size(extent);
  if (!total)
    return fail(total.message());
  Result<ValueKind> kind = valueKind(layout);
  if (!kind)
    return fail(kind.message());
  Result<Layout> result = Layout();
  if (*kind == ValueKind::Masks) {
    result = complementMasks(layout, *total);
  } else {
    Result<Axis> axes = codomain(layout);
    if (!axes)
      return fail(axes.message());
    if (*kind == ValueKind::Coordinates)
      extend(*axes, extent);
    result = perAxis(*axes, [&](const std::vector<AxisMode> &modes, const std::vector<int32_t> &path) {
      // The part of the extent along this axis: nothing where it has no such mode.
      IntTuple part = extent;
      for (int32_t i : path)
        part = !part.isLeaf() && static_cast<size_t>(i) < part.rank() ? part.mode(static_cast<size_t>(i))
               : part.isLeaf() && i == 0                              ? part
                                                                      : IntTuple(1);
      return complementAxis(modes, path, *size(part));
    });
  }
  if (!result)
    return fail(result.message());
  return result;
}
