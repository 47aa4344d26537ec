//===- Codomain.cpp - The axes that a layout maps to ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Codomain.h"

#include "FlatModes.h"

#include <algorithm>

using namespace tilec::layout;

Result<ValueKind> tilec::layout::valueKind(const Layout &layout) {
  bool integers = false, coordinates = false, masks = false;
  for (const Mode &leaf : layout.leaves()) {
    if (leaf.size == 1)
      continue;
    integers = integers || leaf.stride.integer();
    coordinates = coordinates || !leaf.stride.terms().empty();
    masks = masks || leaf.stride.mask();
  }
  if (coordinates && (integers || masks))
    return Error{"the values of " + print(layout) + " are coordinates and numbers at once"};
  if (coordinates)
    return ValueKind::Coordinates;
  return masks ? ValueKind::Masks : ValueKind::Integers;
}

Result<Axis> tilec::layout::codomain(const Layout &layout) {
  Axis root;
  int64_t index = 1;
  for (const Mode &leaf : layout.leaves()) {
    AxisMode mode{leaf.size, leaf.stride.integer(), index};
    index *= leaf.size;
    if (leaf.size == 1 || leaf.stride.isZero())
      continue;
    Axis *axis = &root;
    if (!leaf.stride.terms().empty()) {
      if (leaf.stride.terms().size() > 1)
        return Error{"the stride " + print(leaf.stride) + " of " + print(layout) + " is a sum of several coordinates"};
      mode.step = leaf.stride.terms().front().coefficient;
      for (int32_t i : leaf.stride.terms().front().path) {
        if (axis->children.size() <= static_cast<size_t>(i))
          axis->children.resize(static_cast<size_t>(i) + 1);
        axis = &axis->children[static_cast<size_t>(i)];
      }
    }
    if (mode.step < 0)
      return Error{"the stride " + print(leaf.stride) + " of " + print(layout) + " is negative"};
    axis->modes.push_back(mode);
  }
  auto check = [&](auto &self, Axis &axis) -> bool {
    std::sort(axis.modes.begin(), axis.modes.end(), [](const AxisMode &a, const AxisMode &b) {
      return a.step != b.step ? a.step < b.step : a.index < b.index;
    });
    return (axis.children.empty() || axis.modes.empty()) &&
           std::all_of(axis.children.begin(), axis.children.end(), [&](Axis &child) { return self(self, child); });
  };
  if (!check(check, root))
    return Error{"the strides of " + print(layout) + " name a mode of the coordinates and a part of it"};
  return root;
}

static Result<Layout> perAxis(const Axis &axis, std::vector<int32_t> &path, const AxisFunction &find) {
  if (axis.children.empty()) {
    Result<std::vector<Mode>> modes = find(axis.modes, path);
    if (!modes)
      return modes.error();
    return layoutOf(std::move(*modes));
  }
  std::vector<Layout> parts;
  for (size_t i = 0, e = axis.children.size(); i < e; ++i) {
    path.push_back(static_cast<int32_t>(i));
    Result<Layout> part = perAxis(axis.children[i], path, find);
    path.pop_back();
    if (!part)
      return part;
    parts.push_back(std::move(*part));
  }
  return Layout::make(parts);
}

Result<Layout> tilec::layout::perAxis(const Axis &axis, const AxisFunction &find) {
  std::vector<int32_t> path;
  return ::perAxis(axis, path, find);
}
