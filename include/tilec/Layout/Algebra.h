//===- Algebra.h - Calculating with layouts ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The operations of the layout algebra. Each is a statement about functions;
/// the shape:stride that it returns is one way to write the result down. The
/// meaning is that of CuTe (C. Cecka, "CuTe layout representation and algebra",
/// arXiv 2603.02298), for all three kinds of strides; where this library says
/// more or less than CuTe, docs/layouts.md lists it with the reason.
///
/// L(i) is the value of L at the integer i, |L| is its size.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_ALGEBRA_H
#define TILEC_LAYOUT_ALGEBRA_H

#include "tilec/Layout/Layout.h"

namespace tilec::layout {

//===----------------------------------------------------------------------===//
// The same function, written differently
//===----------------------------------------------------------------------===//

/// L as a function of one integer, with neighbouring modes merged where they can be: R(i) = L(i) for all i, and
/// depth(R) <= 1. Modes of size 1 disappear, and a mode that goes on where the one before it ends is merged into it:
///   (2,(1,6)):(1,(6,2)) becomes 12:1.
Layout coalesce(const Layout &layout);

/// Coalesces mode by mode, so that coordinates of the modes stay valid: a tuple `profile` names modes from the left,
/// each leaf in it a mode to coalesce. Modes beyond the profile stay as they are. Fails where the profile has more
/// modes.
///   (2,(1,6)):(1,(6,2)) by (1,1) becomes (2,6):(1,2).
Result<Layout> coalesce(const Layout &layout, const IntTuple &profile);

/// The stride-0 modes with their sizes set to 1: what a layout reads, without repetition.
Layout filterZeros(const Layout &layout);
/// The same, coalesced: the layout of the distinct values, if all non-zero strides lead to distinct values.
Layout filter(const Layout &layout);

/// Whether A and B are the same function of one integer: |A| = |B| and A(i) = B(i) for all i. Values without
/// coordinates count as numbers (^4 is 4). Decided by canonical forms where there are any, and by enumeration
/// otherwise; fails where that would take more than 2^20 steps.
Result<bool> equivalent(const Layout &a, const Layout &b);

//===----------------------------------------------------------------------===//
// Composition, complement, inverses
//===----------------------------------------------------------------------===//

/// R = A o B, first B then A: R(c) = A(B(c)) for every coordinate c of B, and shape(B) is compatible with shape(R) (the
/// coordinates of B are coordinates of R).
///
/// Strides of B are indices into A: integers and masks walk through A as a function of one integer, basis strides m@i
/// through mode i of A. A's last mode is unbounded.
///
/// Fails where no layout is that function, or none is found: when a step of B and the sizes of A's modes do not divide
/// each other, when B's modes add up to more than a mode of A holds, when B's masks meet an A that is not linear
/// over F2. The error says which, and where.
///   (6,2):(8,2) o (4,3):(3,1) is ((2,2),3):((24,2),8).
Result<Layout> composition(const Layout &a, const Layout &b);

/// A + B: |A| = |B| = |R| and R(i) = A(i) + B(i), for any strides. Fails where the modes have no common refinement.
Result<Layout> sum(const Layout &a, const Layout &b);

/// What L leaves out: a layout R with
///   R is ordered: R(i - 1) < R(i);
///   L and R are disjoint: the values L(i) + R(j) are distinct for distinct (L(i), j);
///   R has as many elements as fit between L's modes, and beyond them as many as reach `extent`.
/// If L's strides divide each other in order (each stride times its size divides the next stride) the two complete each
/// other: their sums are all of [0, m), each once (for an L without stride 0).
///
/// For an L of coordinates, mode i of R complements L along mode i of the codomain, up to mode i of `extent`; a mode
/// that L does not use is there as a whole. For an L of masks, linear over F2, R is a complement under XOR.
///
/// Fails where L is not injective (apart from stride 0) or has negative strides.
///   complement of 4:2 to 24 is (2,3):(1,8); of 3:1@0 to (6,5) it is (2,5):(3@0,1@1).
Result<Layout> complement(const Layout &layout, const IntTuple &extent = IntTuple(1));

/// The largest layout R with L(R(i)) = i for all i in [0, |R|): where in L's domain the values 0, 1, 2, ... lie. For
/// coordinates, R's modes are those of the codomain, and L(R(c)) = c. Fails for negative strides, for strides that are
/// sums, and for masks in a layout that is not linear over F2.
///   of (8,4):(4,1) it is (4,8):(8,1); of 4:2 it is 1:0.
Result<Layout> rightInverse(const Layout &layout);

/// A layout R with R(L(i)) = i for all i in [0, |L|), if no stride is 0; with broadcasts, L(R(L(i))) = L(i). Defined
/// where the non-zero strides, in order, divide each other and leave room for each other's sizes, or L is a mask layout
/// that is linear and injective.
///   of (4,2):(1,16) it is (16,2):(1,4).
Result<Layout> leftInverse(const Layout &layout);

/// The layout of the indices that L maps to 0: L(R(i)) = 0. The stride-0 modes; for masks the kernel of the matrix.
Result<Layout> nullspace(const Layout &layout);

/// The largest layout R of contiguous values that A and B have in common: A(R(i)) = B(R(i)) = i.
Result<Layout> maxCommonLayout(const Layout &a, const Layout &b);
/// Its size: how many elements can be copied from A to B (or back) as one vector.
Result<int64_t> maxCommonVector(const Layout &a, const Layout &b);

//===----------------------------------------------------------------------===//
// Parts and nesting
//===----------------------------------------------------------------------===//

/// All leaves as modes: depth 1, or the leaf itself.
Layout flatten(const Layout &layout);
/// The flat layout nested as `profile`; fails where the numbers of leaves differ.
Result<Layout> unflatten(const Layout &layout, const IntTuple &profile);
/// The modes [first, last) as one mode.
Result<Layout> group(const Layout &layout, size_t first, size_t last);
/// The modes with these numbers.
Result<Layout> select(const Layout &layout, const std::vector<size_t> &modes);
/// The modes [first, last).
Result<Layout> take(const Layout &layout, size_t first, size_t last);
/// The modes of A, then those of B.
Result<Layout> concatenate(const Layout &a, const Layout &b);
/// The modes in reverse, at every level.
Layout reverse(const Layout &layout);

/// A coordinate in which leaves may be free ('_' in text): nothing at a free place.
using Slicer = Tuple<std::optional<int64_t>>;
/// Reads a slicer: (_,(1,_)).
Result<Slicer> parseSlicer(std::string_view text);
/// What remains when the fixed coordinates are taken: the free modes as a layout, and the offset of the fixed ones.
struct Slice {
  Layout layout;
  Offset offset;
};
/// The free modes (CuTe's slice_and_offset). The slicer is weakly congruent to the layout; a free leaf keeps its mode.
///   ((2,4),8):((1,16),2) at ((1,_),_) is (4,8):(16,2) and the offset 1.
Result<Slice> slice(const Layout &layout, const Slicer &slicer);
/// The fixed modes: the opposite of slice.
Result<Layout> dice(const Layout &layout, const Slicer &slicer);

/// Distributes `count` elements over the shape from the left, each leaf taking the greatest common divisor of its size
/// and what is left: a layout into the shape's indices, ordered and injective.
///   128 over ((64,3),(8,8)) is (64,2):(1,192).
Result<Layout> domainDistribute(const IntTuple &shape, int64_t count);

//===----------------------------------------------------------------------===//
// Other element sizes
//===----------------------------------------------------------------------===//

/// The layout of elements that are `factor` times as large: strides are divided by the factor, and contiguous modes
/// shrink. Fails where a size or a stride does not divide.
///   (32,32):(32,1) by 16 is (32,2):(2,1).
Result<Layout> upcast(const Layout &layout, int64_t factor);
/// The layout of elements that are `factor` times as small; the inverse of upcast where that loses nothing.
Result<Layout> downcast(const Layout &layout, int64_t factor);
/// From elements of `from` bits to elements of `to` bits, of which one is a multiple of the other.
Result<Layout> recast(const Layout &layout, int64_t from, int64_t to);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_ALGEBRA_H
