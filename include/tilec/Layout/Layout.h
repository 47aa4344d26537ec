//===- Layout.h - Functions from coordinates to offsets ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A layout is a function from a finite coordinate space to offsets, written
/// shape:stride. This header defines layouts, their evaluation and their text;
/// Algebra.h and Tiling.h calculate with them.
///
/// **An example.** (4,8):(8,1) maps the coordinate (i,j), 0 <= i < 4, 0 <= j < 8,
/// to 8i + j: a matrix of 4 rows and 8 columns that lies in memory row by row.
/// (4,8):(1,4) is the same matrix, column by column. ((2,4),8):((1,16),2) takes
/// coordinates ((i,k),j) to i + 16k + 2j: its first mode is split in two.
///
/// **Coordinates.** Every layout of size n also takes one integer in [0, n): it
/// stands for the coordinate that is reached when all coordinates are counted
/// with the *leftmost* leaf running fastest (colexicographic order). For
/// (4,8), the integer 13 is (1,3), as 13 = 1 + 4*3. The same holds for each mode
/// alone, so (3,5), ((1,1),5) and 43 are one coordinate of ((2,4),8). Which of these
/// forms is used never changes the value. A layout is thus at once a function of
/// one integer and of coordinates of several shapes, and that is what makes
/// layouts composable: the values of one are the indices of another.
///
/// **Strides** are offsets (Offset.h): integers, coordinates, masks under XOR, or
/// sums of these. With d the strides and c the coordinate's leaves, the value is
/// the sum of c_i times d_i. Some layouts of 4 by 8:
///
///   (4,8):(1,4)        a matrix in memory, column by column
///   (4,8):(1,0)        one column, read eight times (broadcast)
///   (4,8):(1@0,1@1)    the coordinates themselves (the identity)
///   (4,8):(^1,^5)      column by column with a swizzle: i XOR (j XOR 4j)
///   (4,8):(0,^4+1@0)   the mode j counts along a coordinate and a mask at once
///
/// **Bounds.** All sizes are positive; a layout has at most 2^62 elements and its
/// values' parts keep within 62 bits. make() refuses anything else, so that a
/// value of an existing layout never overflows.
///
/// **Outside.** An integer index at or above the size is a coordinate whose last
/// leaf is too large: (4,8):(8,1) maps 33 = 1 + 4*8 to (1,8), and that to 16.
/// Composition relies on this, as CuTe does: the last mode is unbounded.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_LAYOUT_H
#define TILEC_LAYOUT_LAYOUT_H

#include "tilec/Layout/Offset.h"
#include "tilec/Layout/Tuple.h"

#include <string_view>

namespace tilec::layout {

/// A stride for each leaf of a shape.
using StrideTuple = Tuple<Offset>;

/// A leaf of a layout: `size` steps of `stride`.
struct Mode {
  int64_t size = 1;
  Offset stride;
  bool operator==(const Mode &) const = default;
};

/// A function from the coordinates of a shape to offsets.
class Layout {
public:
  /// 1:0.
  Layout() : nesting(Profile::leaf()), modeList(1) {}

  /// shape:stride. Fails where the two are not congruent, a size is not positive, or the bounds are exceeded.
  static Result<Layout> make(const IntTuple &shape, const StrideTuple &stride);
  /// The same from a profile and its leaves.
  static Result<Layout> make(Profile profile, std::vector<Mode> leaves);
  /// The layout whose modes are these layouts.
  static Result<Layout> make(const std::vector<Layout> &modes);

  const Profile &profile() const { return nesting; }
  /// The leaves from left to right.
  const std::vector<Mode> &leaves() const { return modeList; }
  IntTuple shape() const;
  StrideTuple stride() const;
  bool isLeaf() const { return nesting.isLeaf(); }
  size_t rank() const { return nesting.rank(); }
  size_t depth() const { return nesting.depth(); }
  /// Mode `i` as a layout of its own; `i` must be below the rank.
  Layout mode(size_t i) const;
  std::vector<Layout> modes() const;

  /// The number of elements of the domain.
  int64_t size() const { return elements; }
  /// The value at an integer in [0, size()).
  Offset operator()(int64_t index) const;
  /// The value at any non-negative integer; fails where the value exceeds the bounds.
  Result<Offset> at(int64_t index) const;
  /// The value at a coordinate, which is weakly congruent to the shape: a leaf of it may stand for a whole mode, and
  /// may exceed that mode's size, as an index may exceed the layout's.
  Result<Offset> at(const IntTuple &coordinate) const;

  /// Whether shape and stride are the same (see equivalent() for functions).
  bool operator==(const Layout &) const = default;

private:
  Profile nesting;
  std::vector<Mode> modeList;
  int64_t elements = 1;
};

/// One more than the largest distance between two values along the integers: for non-negative integer strides one more
/// than the largest value, as CuTe's cosize; with masks the size of the smallest range [0, n) that holds all values as
/// far as the bits can tell. For coordinates the product over the modes of the codomain.
Result<int64_t> cosize(const Layout &layout);

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

/// The coordinate of `shape` with this integer index; the last leaf is not bounded.
Result<IntTuple> idx2crd(int64_t index, const IntTuple &shape);
/// The integer index of a coordinate of `shape` (whole modes may be given by one integer).
Result<int64_t> crd2idx(const IntTuple &coordinate, const IntTuple &shape);
/// The coordinate of `target` with the index that `coordinate` has in `source`.
Result<IntTuple> crd2crd(const IntTuple &coordinate, const IntTuple &source, const IntTuple &target);

//===----------------------------------------------------------------------===//
// Making layouts
//===----------------------------------------------------------------------===//

/// The compact layout of a shape whose first mode is contiguous: (4,8):(1,4). Modes of size 1 get the stride 0.
Result<Layout> columnMajor(const IntTuple &shape);
/// The compact layout whose last mode is contiguous: (4,8):(8,1).
Result<Layout> rowMajor(const IntTuple &shape);
/// The compact layout whose leaves are contiguous in ascending order of `order`, which is congruent to the shape:
/// (2,3,4) in order (2,0,1) is (2,3,4):(12,1,3). Equal orders count from left to right.
Result<Layout> orderedLayout(const IntTuple &shape, const IntTuple &order);
/// A compact layout of the same shape whose leaves are in the order of this one's strides; broadcasts (stride 0)
/// remain.
Result<Layout> layoutLike(const Layout &layout);
/// The layout that maps each coordinate to itself: (4,(2,3)):(1@0,(1@0@1,1@1@1)); 4:1 for a leaf.
Result<Layout> identityLayout(const IntTuple &shape);

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// ((2,4),8):((1,16),2); parse() reads it back.
std::string print(const Layout &layout);

/// Reads a nested tuple: 4, (2,(3,4)), ().
Result<IntTuple> parseTuple(std::string_view text);

/// Reads a layout. The grammar, blanks anywhere between symbols:
///
///   layout  := tuple ':' strides | tuple          a shape alone is columnMajor(shape)
///   tuple   := size | '(' [tuple {',' tuple}] ')'
///   strides := stride | '(' [strides {',' strides}] ')'
///   stride  := term {'+' term}
///   term    := ['-'] number {'@' mode}            6, 2@1, 1@0@1
///            | 'E' '<' mode {',' mode} '>'        E<1,0>, the same as 1@0@1
///            | '^' number                         a mask
///   number  := decimal, or hexadecimal with 0x
Result<Layout> parseLayout(std::string_view text);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_LAYOUT_H
