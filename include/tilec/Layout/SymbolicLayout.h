//===- SymbolicLayout.h - Layouts whose sizes have names --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A layout with integer strides whose sizes and strides may hold symbols:
///
///   (M,64):(64,1)        M rows of 64 elements
///   (M/64,64):(64*N,N)   where M is a multiple of 64
///
/// It stands for the layouts that binding its symbols gives, one for all values
/// that the assumptions admit. An operation has a result if one form is right
/// for all of them, and otherwise says which fact is missing ("needs M to be a
/// multiple of 64"). Every operation commutes with binding: the result, bound, is
/// the same function as the result of the bound operands. Binding may drop modes
/// (M may be 1), so the two may be written differently.
///
/// Inverses, masks, coordinates and swizzles take numbers: bind first.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_SYMBOLICLAYOUT_H
#define TILEC_LAYOUT_SYMBOLICLAYOUT_H

#include "tilec/Layout/SymbolicInt.h"
#include "tilec/Layout/Tiling.h"

namespace tilec::layout {

using SymbolicTuple = Tuple<SymbolicInt>;

/// A leaf: `size` steps of `stride`.
struct SymbolicMode {
  SymbolicInt size = 1;
  SymbolicInt stride = 0;
  bool operator==(const SymbolicMode &) const = default;
};

/// A layout for all admitted values of its symbols.
class SymbolicLayout {
public:
  /// 1:0.
  SymbolicLayout() : nesting(Profile::leaf()), modeList(1) {}

  /// Of leaves that follow from those of other layouts: sizes are positive products, strides products.
  SymbolicLayout(Profile profile, std::vector<SymbolicMode> leaves)
      : nesting(std::move(profile)), modeList(std::move(leaves)) {}

  /// Fails where a size is not a positive product, a stride not a product, or either no integer for some admitted
  /// value.
  static Result<SymbolicLayout> make(Profile profile, std::vector<SymbolicMode> leaves, const Assumptions &assumptions);
  /// The layout whose modes are these layouts.
  static Result<SymbolicLayout> make(const std::vector<SymbolicLayout> &modes);

  const Profile &profile() const { return nesting; }
  const std::vector<SymbolicMode> &leaves() const { return modeList; }
  SymbolicTuple shape() const;
  bool isLeaf() const { return nesting.isLeaf(); }
  size_t rank() const { return nesting.rank(); }
  size_t depth() const { return nesting.depth(); }
  SymbolicLayout mode(size_t i) const;
  std::vector<SymbolicLayout> modes() const;
  /// The number of elements; not valid where it exceeds the bounds of SymbolicInt.
  SymbolicInt size() const;
  bool operator==(const SymbolicLayout &) const = default;

private:
  Profile nesting;
  std::vector<SymbolicMode> modeList;
};

/// (M,64):(64,1)
std::string print(const SymbolicTuple &tuple);
std::string print(const SymbolicLayout &layout);

/// Reads a tuple of sums of products: (M,4*N-1).
Result<SymbolicTuple> parseSymbolicTuple(std::string_view text);
/// Reads a layout; a shape alone is its column-major layout. Fails as make().
Result<SymbolicLayout> parseSymbolicLayout(std::string_view text, const Assumptions &assumptions);

/// The layout for these values; fails where a symbol has none, a size or a stride is no integer, or Layout::make()
/// refuses it.
Result<Layout> bind(const SymbolicLayout &layout, const Bindings &bindings);

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// As the functions of Layout.h and Algebra.h, whose preconditions must hold for all admitted values.
Result<SymbolicInt> cosize(const SymbolicLayout &layout);
Result<SymbolicInt> at(const SymbolicLayout &layout, const SymbolicTuple &coordinate, const Assumptions &assumptions);
Result<SymbolicInt> crd2idx(const SymbolicTuple &coordinate, const SymbolicTuple &shape,
                            const Assumptions &assumptions);
Result<SymbolicTuple> idx2crd(const SymbolicInt &index, const SymbolicTuple &shape, const Assumptions &assumptions);
Result<SymbolicLayout> columnMajor(const SymbolicTuple &shape, const Assumptions &assumptions);
Result<SymbolicLayout> rowMajor(const SymbolicTuple &shape, const Assumptions &assumptions);

/// Whether A and B are the same function for all admitted values; fails where their forms do not tell.
Result<bool> equivalent(const SymbolicLayout &a, const SymbolicLayout &b);

//===----------------------------------------------------------------------===//
// Algebra
//===----------------------------------------------------------------------===//

SymbolicLayout coalesce(const SymbolicLayout &layout);
Result<SymbolicLayout> coalesce(const SymbolicLayout &layout, const IntTuple &profile);
SymbolicLayout filterZeros(const SymbolicLayout &layout);

/// Checks that no sum of B's indices carries from one mode of A into the next, as composition() of Algebra.h does.
Result<SymbolicLayout> composition(const SymbolicLayout &a, const SymbolicLayout &b, const Assumptions &assumptions);

/// What the layout leaves out, up to `extent`, which must be a multiple of where the layout ends (unless both are
/// numbers, or the extent is 1).
Result<SymbolicLayout> complement(const SymbolicLayout &layout, const SymbolicInt &extent,
                                  const Assumptions &assumptions);

using SymbolicTiler = TilerOf<SymbolicLayout>;
/// Reads a tiler; a shape alone, (4,M), stands for <4:1,M:1>.
Result<SymbolicTiler> parseSymbolicTiler(std::string_view text, const Assumptions &assumptions);

Result<SymbolicLayout> composition(const SymbolicLayout &a, const SymbolicTiler &tiler, const Assumptions &assumptions);
/// The size of A must be a multiple of what the tile spans.
Result<SymbolicLayout> logicalDivide(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                     const Assumptions &assumptions);
Result<SymbolicLayout> zippedDivide(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                    const Assumptions &assumptions);
Result<SymbolicLayout> tiledDivide(const SymbolicLayout &a, const SymbolicTiler &tiler, const Assumptions &assumptions);
Result<SymbolicLayout> flatDivide(const SymbolicLayout &a, const SymbolicTiler &tiler, const Assumptions &assumptions);
Result<SymbolicLayout> logicalProduct(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                      const Assumptions &assumptions);
Result<SymbolicLayout> zippedProduct(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                     const Assumptions &assumptions);
Result<SymbolicLayout> tiledProduct(const SymbolicLayout &a, const SymbolicTiler &tiler,
                                    const Assumptions &assumptions);
Result<SymbolicLayout> flatProduct(const SymbolicLayout &a, const SymbolicTiler &tiler, const Assumptions &assumptions);
Result<SymbolicLayout> blockedProduct(const SymbolicLayout &a, const SymbolicLayout &b, const Assumptions &assumptions);
Result<SymbolicLayout> rakedProduct(const SymbolicLayout &a, const SymbolicLayout &b, const Assumptions &assumptions);

//===----------------------------------------------------------------------===//
// Parts and nesting
//===----------------------------------------------------------------------===//

SymbolicLayout flatten(const SymbolicLayout &layout);
SymbolicLayout reverse(const SymbolicLayout &layout);
Result<SymbolicLayout> unflatten(const SymbolicLayout &layout, const IntTuple &profile);
Result<SymbolicLayout> group(const SymbolicLayout &layout, size_t first, size_t last);
Result<SymbolicLayout> select(const SymbolicLayout &layout, const std::vector<size_t> &modes);
Result<SymbolicLayout> take(const SymbolicLayout &layout, size_t first, size_t last);
Result<SymbolicLayout> concatenate(const SymbolicLayout &a, const SymbolicLayout &b);

/// A coordinate in which leaves may be free.
using SymbolicSlicer = Tuple<std::optional<SymbolicInt>>;
Result<SymbolicSlicer> parseSymbolicSlicer(std::string_view text);
struct SymbolicSlice {
  SymbolicLayout layout;
  SymbolicInt offset;
};
/// The free modes and the offset of the fixed coordinates, which must lie within their modes.
Result<SymbolicSlice> slice(const SymbolicLayout &layout, const SymbolicSlicer &slicer, const Assumptions &assumptions);
/// The fixed modes.
Result<SymbolicLayout> dice(const SymbolicLayout &layout, const SymbolicSlicer &slicer);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_SYMBOLICLAYOUT_H
