//===- Swizzle.h - Swizzles and composed layouts ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A swizzle is a permutation of the integers that XORs some of their bits with
/// others, so that a column of a tile in shared memory does not fall into one
/// bank. It is linear over F2, and so a layout with masks as strides; the
/// functor form is what hardware manuals and CuTe name:
///
///   Sw<B,M,S>: the B bits from bit M on are XORed with the B bits that lie S
///   places above them (below, if S is negative).
///
/// Sw<3,0,3> maps bits yyyxxx to yyy(xxx^yyy), as does (8,8):(^1,^9).
///
/// A composed layout is f(offset + L(c)), f a swizzle or a layout. It is needed
/// where f o L is no layout, or when the offset is not known to be aligned.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_SWIZZLE_H
#define TILEC_LAYOUT_SWIZZLE_H

#include "tilec/Layout/Tiling.h"

namespace tilec::layout {

/// x -> x ^ ((x & source) shifted onto the target bits).
class Swizzle {
public:
  /// Fails unless 0 <= bits <= |shift|, 0 <= base, and all bits lie below bit 62.
  static Result<Swizzle> make(int64_t bits, int64_t base, int64_t shift);

  int bits() const { return numBits; }
  int base() const { return firstBit; }
  int shift() const { return distance; }
  /// The value at a non-negative integer.
  int64_t operator()(int64_t index) const;
  /// The same function on [0, 2^count), as a layout with masks.
  Layout asLayout(int count) const;
  bool operator==(const Swizzle &) const = default;

private:
  int numBits = 0, firstBit = 0, distance = 0;
};

/// Sw<3,4,3>
std::string print(const Swizzle &swizzle);
/// Reads Sw<3,4,3>, or S<3,4,3>.
Result<Swizzle> parseSwizzle(std::string_view text);

/// The swizzle of the same bytes, addressed in elements that are 2^k times as large (k > 0) or as small (k < 0). Fails
/// where it moves bits within a large element.
///   Sw<3,4,3> by 2 is Sw<3,2,3>.
Result<Swizzle> shiftBase(const Swizzle &swizzle, int k);

/// c -> outer(offset + inner(c)). Without an outer function it is offset + inner(c).
struct ComposedLayout {
  std::variant<std::monostate, Swizzle, Layout> outer;
  int64_t offset = 0;
  Layout inner;

  /// A plain layout, written without offset.
  bool isLayout() const { return std::holds_alternative<std::monostate>(outer) && !offset; }
  /// The value at an index or a coordinate of the inner layout; fails where the outer function is given a coordinate or
  /// a negative index.
  Result<Offset> at(int64_t index) const { return apply(inner.at(index)); }
  Result<Offset> at(const IntTuple &coordinate) const { return apply(inner.at(coordinate)); }
  bool operator==(const ComposedLayout &) const = default;

private:
  /// The offset and the outer function at a value of the inner layout.
  Result<Offset> apply(Result<Offset> value) const;
};

/// Sw<3,4,3> o 0 o (8,64):(64,1); a plain layout as itself.
std::string print(const ComposedLayout &composed);
/// Reads (function 'o' offset 'o' layout), where the function is a swizzle or a layout; or a plain layout.
Result<ComposedLayout> parseComposed(std::string_view text);

/// The layout that is the same function, if there is one: without offset, the outer function's masks or strides at the
/// inner layout's strides.
Result<Layout> asLayout(const ComposedLayout &composed);

/// (f o k o L) o B = f o k o (L o B): what acts on the domain acts on the inner layout.
template <class Operation> Result<ComposedLayout> onInner(const ComposedLayout &composed, Operation operation) {
  Result<Layout> inner = operation(composed.inner);
  if (!inner)
    return inner.error();
  return ComposedLayout{composed.outer, composed.offset, std::move(*inner)};
}

/// The composed layout of elements that are `factor` times as large, or as small: the inner layout and the offset are
/// recast, and the swizzle with them (for which the factor must be a power of two). Fails for other outer functions.
Result<ComposedLayout> upcast(const ComposedLayout &composed, int64_t factor);
Result<ComposedLayout> downcast(const ComposedLayout &composed, int64_t factor);
Result<ComposedLayout> recast(const ComposedLayout &composed, int64_t from, int64_t to);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_SWIZZLE_H
