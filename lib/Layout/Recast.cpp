//===- Recast.cpp - Other element sizes -------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Swizzle.h"

#include "CheckedMath.h"

#include <algorithm>
#include <cstdlib>

using namespace tilec::layout;

/// A leaf in elements that are `factor` times as large. A step of less than one such element becomes one, and the mode
/// shrinks by as much as the step grew.
static Result<Mode> upcastLeaf(const Mode &leaf, int64_t factor) {
  bool isMask = leaf.stride.mask() != 0;
  int64_t step = isMask ? static_cast<int64_t>(leaf.stride.mask()) : leaf.stride.integer();
  int64_t distance = std::abs(step);
  auto withStep = [&](int64_t size, int64_t newStep) {
    return Mode{size, isMask ? Offset::bits(static_cast<uint64_t>(newStep)) : Offset(newStep)};
  };
  if (distance % factor == 0)
    return withStep(leaf.size, step / factor);
  // A mode of one element takes no step.
  if (leaf.size == 1)
    return withStep(1, step < 0 ? -ceilDiv(distance, factor) : ceilDiv(distance, factor));
  if (isMask && !isPowerOfTwo(distance))
    return Error{"the mask " + print(leaf.stride) + " does not consist of whole elements"};
  if (factor % distance)
    return Error{"neither the stride " + print(leaf.stride) + " nor the factor " + std::to_string(factor) +
                 " divides the other"};
  // All of the mode may lie in one element, which other modes fill.
  int64_t shrink = factor / distance;
  if (leaf.size % shrink && shrink % leaf.size)
    return Error{std::to_string(leaf.size) + " steps of the stride " + print(leaf.stride) +
                 " do not make whole elements of " + std::to_string(factor)};
  return withStep(std::max(leaf.size / shrink, int64_t(1)), step < 0 ? -1 : 1);
}

/// A leaf in elements that are `factor` times as small: a contiguous mode has more of them, any other goes further.
static Result<Mode> downcastLeaf(const Mode &leaf, int64_t factor) {
  std::optional<int64_t> step = leaf.stride.asNumber();
  int64_t size;
  if (step && std::abs(*step) == 1) {
    if (!multiply(leaf.size, factor, size))
      return Error{"the size exceeds 64 bits"};
    return Mode{size, leaf.stride};
  }
  Offset stride;
  if (!stride.addMultiple(leaf.stride, factor))
    return Error{"a stride exceeds 2^62"};
  return Mode{leaf.size, stride};
}

template <class LeafCast>
static Result<Layout> cast(const Layout &layout, int64_t factor, const char *name, LeafCast castLeaf) {
  auto fail = [&](const std::string &why) {
    return Error{std::string(name) + " of " + print(layout) + " by " + std::to_string(factor) +
                 " is undefined: " + why};
  };
  if (factor < 1)
    return fail("the factor is positive");
  std::vector<Mode> leaves;
  for (const Mode &leaf : layout.leaves()) {
    if (!leaf.stride.terms().empty() || (leaf.stride.integer() && leaf.stride.mask()))
      return fail("the stride " + print(leaf.stride) + " is not a distance in memory");
    if (leaf.stride.mask() && !isPowerOfTwo(factor))
      return fail("masks need a power of two");
    Result<Mode> result = factor == 1 || leaf.stride.isZero() ? leaf : castLeaf(leaf, factor);
    if (!result)
      return fail(result.message());
    leaves.push_back(std::move(*result));
  }
  return Layout::make(layout.profile(), std::move(leaves));
}

Result<Layout> tilec::layout::upcast(const Layout &layout, int64_t factor) {
  return cast(layout, factor, "upcast", upcastLeaf);
}

Result<Layout> tilec::layout::downcast(const Layout &layout, int64_t factor) {
  return cast(layout, factor, "downcast", downcastLeaf);
}

/// Whether one element size is a multiple of the other.
static Status checkSizes(int64_t from, int64_t to) {
  if (from < 1 || to < 1 || (from % to && to % from))
    return Error{"of the element sizes " + std::to_string(from) + " and " + std::to_string(to) +
                 " neither is a multiple of the other"};
  return success();
}

Result<Layout> tilec::layout::recast(const Layout &layout, int64_t from, int64_t to) {
  if (Status valid = checkSizes(from, to); !valid)
    return valid.error();
  return from < to ? upcast(layout, to / from) : downcast(layout, from / to);
}

//===----------------------------------------------------------------------===//
// Composed layouts
//===----------------------------------------------------------------------===//

/// The outer function by 2^shift, and the inner layout and the offset as they were recast.
static Result<ComposedLayout> recompose(const ComposedLayout &composed, int64_t factor, int shift, int64_t offset,
                                        const Result<Layout> &inner) {
  if (!inner)
    return inner.error();
  ComposedLayout result{composed.outer, offset, *inner};
  if (const Swizzle *swizzle = std::get_if<Swizzle>(&composed.outer)) {
    if (!isPowerOfTwo(factor))
      return Error{print(*swizzle) + " is recast by powers of two, not by " + std::to_string(factor)};
    Result<Swizzle> moved = shiftBase(*swizzle, shift);
    if (!moved)
      return moved.error();
    result.outer = *moved;
  } else if (!std::holds_alternative<std::monostate>(composed.outer)) {
    return Error{print(composed) + " is not recast: its outer function is a layout"};
  }
  return result;
}

/// The exponent of a power of two.
static int exponent(int64_t factor) { return factor < 1 ? 0 : bitsOf(factor); }

Result<ComposedLayout> tilec::layout::upcast(const ComposedLayout &composed, int64_t factor) {
  if (factor > 0 && composed.offset % factor)
    return Error{"the offset " + std::to_string(composed.offset) + " is not a multiple of " + std::to_string(factor)};
  return recompose(composed, factor, exponent(factor), factor > 0 ? composed.offset / factor : 0,
                   upcast(composed.inner, factor));
}

Result<ComposedLayout> tilec::layout::downcast(const ComposedLayout &composed, int64_t factor) {
  int64_t offset;
  if (!multiply(composed.offset, factor, offset))
    return Error{"the offset exceeds 64 bits"};
  return recompose(composed, factor, -exponent(factor), offset, downcast(composed.inner, factor));
}

Result<ComposedLayout> tilec::layout::recast(const ComposedLayout &composed, int64_t from, int64_t to) {
  if (Status valid = checkSizes(from, to); !valid)
    return valid.error();
  return from < to ? upcast(composed, to / from) : downcast(composed, from / to);
}
