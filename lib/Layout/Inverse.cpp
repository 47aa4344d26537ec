//===- Inverse.cpp - Inverses, null space, common vectors -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Codomain.h"
#include "F2Elimination.h"
#include "FlatModes.h"
#include "tilec/Layout/Algebra.h"

#include "CheckedMath.h"

#include <algorithm>

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Along one axis
//===----------------------------------------------------------------------===//

/// Follows the modes as long as each begins where those before it end: 1, s_0, s_0 s_1, ....
static Result<std::vector<Mode>> rightInverseAxis(const std::vector<AxisMode> &modes) {
  std::vector<Mode> result;
  int64_t end = 1;
  for (const AxisMode &mode : modes) {
    if (mode.step < end)
      continue;
    if (mode.step > end)
      break;
    appendCoalesced(result, {mode.size, mode.index});
    end = mode.step * mode.size;
  }
  return result;
}

/// Mode k is read from the digit at d_k, up to d_{k+1}; what lies between is a digit that is ignored, or that the modes
/// of the domain give a meaning outside of the image.
static Result<std::vector<Mode>> leftInverseAxis(const std::vector<AxisMode> &modes) {
  std::vector<Mode> result;
  int64_t below = 1, end = 1, index = 0;
  for (const AxisMode &mode : modes) {
    if (mode.step < end)
      return Error{"a mode with the step " + std::to_string(mode.step) + " begins before the modes below it end, at " +
                   std::to_string(end)};
    if (mode.step % below)
      return Error{"the step " + std::to_string(mode.step) + " is no multiple of the next smaller step, " +
                   std::to_string(below)};
    appendCoalesced(result, {mode.step / below, index});
    below = mode.step;
    index = mode.index;
    if (!multiply(mode.step, mode.size, end))
      return Error{"the extent of a mode exceeds 64 bits"};
  }
  if (!modes.empty())
    appendCoalesced(result, {modes.back().size, index});
  return result;
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

/// The columns of a layout that is linear over F2, eliminated: combination bit k stands for bit k of the index.
static Result<std::vector<uint64_t>> eliminate(const Layout &layout, F2Elimination &image,
                                               std::vector<uint64_t> &kernel) {
  Result<std::vector<uint64_t>> columns = linearColumns(coalesceModes(layout.leaves()), bitsOf(layout.size()));
  if (columns)
    for (size_t k = 0, e = columns->size(); k < e; ++k)
      if (std::optional<uint64_t> zero = image.add((*columns)[k], uint64_t(1) << k))
        kernel.push_back(*zero);
  return columns;
}

/// An index for each unit vector, up to the first that is no value.
static Result<Layout> rightInverseMasks(const Layout &layout) {
  F2Elimination image;
  std::vector<uint64_t> kernel, preimages;
  if (Result<std::vector<uint64_t>> columns = eliminate(layout, image, kernel); !columns)
    return columns.error();
  for (int bit = 0; bit < 62; ++bit) {
    std::optional<uint64_t> index = image.solve(uint64_t(1) << bit);
    if (!index)
      break;
    preimages.push_back(*index);
  }
  return layoutOf(modesOfColumns(preimages, /*asMasks=*/true));
}

/// R on the values of L's bits as they ask, and 0 on the unit vectors that lead no value.
static Result<Layout> leftInverseMasks(const Layout &layout) {
  F2Elimination image, extended;
  std::vector<uint64_t> kernel;
  Result<std::vector<uint64_t>> columns = eliminate(layout, image, kernel);
  if (!columns)
    return columns.error();
  if (!kernel.empty())
    return Error{"the indices 0 and " + std::to_string(kernel.front()) + " have the same value"};
  int bits = 0;
  for (size_t k = 0, e = columns->size(); k < e; ++k) {
    extended.add((*columns)[k], uint64_t(1) << k);
    bits = std::max(bits, bitWidth((*columns)[k]));
  }
  std::vector<uint64_t> indices;
  for (int bit = 0; bit < bits; ++bit)
    if (!image.hasPivot(bit))
      extended.add(uint64_t(1) << bit, 0);
  for (int bit = 0; bit < bits; ++bit)
    indices.push_back(*extended.solve(uint64_t(1) << bit));
  return layoutOf(modesOfColumns(indices, /*asMasks=*/true));
}

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

/// Inverts axis by axis, or by elimination.
template <class AxisInverse, class MaskInverse>
static Result<Layout> invert(const Layout &layout, const char *name, AxisInverse axisInverse, MaskInverse maskInverse) {
  auto fail = [&](const std::string &why) {
    return Error{std::string(name) + " of " + print(layout) + " is undefined: " + why};
  };
  Result<ValueKind> kind = valueKind(layout);
  if (!kind)
    return fail(kind.message());
  Result<Layout> result = Layout();
  if (*kind == ValueKind::Masks) {
    result = maskInverse(layout);
  } else {
    // Coalesced, a chain of modes counts as one, as in what is returned.
    Result<Axis> axes = codomain(coalesce(layout));
    if (!axes)
      return fail(axes.message());
    result = perAxis(
        *axes, [&](const std::vector<AxisMode> &modes, const std::vector<int32_t> &) { return axisInverse(modes); });
  }
  if (!result)
    return fail(result.message());
  return result;
}

Result<Layout> tilec::layout::rightInverse(const Layout &layout) {
  return invert(layout, "right inverse", rightInverseAxis, rightInverseMasks);
}

Result<Layout> tilec::layout::leftInverse(const Layout &layout) {
  return invert(layout, "left inverse", leftInverseAxis, leftInverseMasks);
}

Result<Layout> tilec::layout::nullspace(const Layout &layout) {
  Result<ValueKind> kind = valueKind(layout);
  if (kind && *kind == ValueKind::Masks) {
    F2Elimination image;
    std::vector<uint64_t> kernel;
    if (eliminate(layout, image, kernel))
      return layoutOf(modesOfColumns(kernel, /*asMasks=*/false));
  }
  std::vector<Mode> modes;
  int64_t index = 1;
  for (const Mode &leaf : layout.leaves()) {
    if (leaf.stride.isZero() && leaf.size > 1)
      appendCoalesced(modes, {leaf.size, index});
    index *= leaf.size;
  }
  return layoutOf(std::move(modes));
}

Result<Layout> tilec::layout::maxCommonLayout(const Layout &a, const Layout &b) {
  Result<Layout> inverse = rightInverse(b);
  if (!inverse)
    return inverse;
  // The longest prefix of the inverse that stays in A's domain, and along which A counts as B does.
  std::vector<Mode> common;
  int64_t total = 1;
  for (const Mode &mode : coalesceModes(inverse->leaves())) {
    if (mode.size == 1)
      break;
    std::vector<Mode> candidate = common;
    candidate.push_back(mode);
    int64_t reach = *cosize(*layoutOf(common)) - 1;
    if (mode.stride.integer())
      candidate.back().size = std::min(mode.size, (a.size() - 1 - reach) / mode.stride.integer() + 1);
    Result<Layout> indices = layoutOf(candidate);
    Result<Layout> values =
        indices && *cosize(*indices) <= a.size() ? composition(a, *indices) : Error{"no index of A"};
    if (!values)
      break;
    int64_t contiguous = 1;
    for (const Mode &part : coalesceModes(values->leaves())) {
      if (part.stride.asNumber() != contiguous || (part.stride.mask() && !isPowerOfTwo(part.size)))
        break;
      contiguous *= part.size;
    }
    int64_t taken = contiguous / total;
    if (taken > 1)
      appendCoalesced(common, {taken, mode.stride});
    if (taken < mode.size)
      break;
    total *= taken;
  }
  return layoutOf(std::move(common));
}

Result<int64_t> tilec::layout::maxCommonVector(const Layout &a, const Layout &b) {
  Result<Layout> common = maxCommonLayout(a, b);
  if (!common)
    return common.error();
  return common->size();
}
