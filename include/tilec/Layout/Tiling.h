//===- Tiling.h - Dividing layouts into tiles, and repeating them -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A layout is divided by a tile, or repeated over a grid of tiles. Both are
/// compositions with a layout and its complement:
///
///   A / B = A o (B, B*)     the elements of A that B names, and the rest:
///                           mode 0 is the tile, mode 1 the tiles;
///   A x B = (A, A* o B)     A at each element of B: mode 0 is A, mode 1 says
///                           where its copies lie.
///
/// A Tiler applies an operation mode by mode. The variants differ only in how
/// the modes of the result are arranged. Dividing a layout (M,N) by <TM,TN>,
/// with TM/TN the tiles and RM/RN what is left:
///
///   logical   ((TM,RM),(TN,RN))       zipped   ((TM,TN),(RM,RN))
///   tiled     ((TM,TN),RM,RN)         flat     (TM,TN,RM,RN)
///
/// The first mode of a zipped division is a tile; (_,k) of it is tile k.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_TILING_H
#define TILEC_LAYOUT_TILING_H

#include "tilec/Layout/Algebra.h"

#include <variant>

namespace tilec::layout {

/// What to apply to a layout: one layout to all of it, or a tiler to each of its modes, or nothing.
template <class L> class TilerOf {
public:
  /// Leaves a mode as it is; '_' in text.
  TilerOf() = default;
  TilerOf(L layout) : value(std::move(layout)) {}
  TilerOf(std::vector<TilerOf> modes) : value(std::move(modes)) {}

  bool isNothing() const { return std::holds_alternative<std::monostate>(value); }
  const L *layout() const { return std::get_if<L>(&value); }
  const std::vector<TilerOf> *modes() const { return std::get_if<std::vector<TilerOf>>(&value); }

private:
  std::variant<std::monostate, L, std::vector<TilerOf>> value;
};

/// <4:1,_,(2,4):(1,8)>
template <class L> std::string print(const TilerOf<L> &tiler) {
  if (tiler.isNothing())
    return "_";
  if (const L *layout = tiler.layout())
    return print(*layout);
  std::string text = "<";
  for (const TilerOf<L> &mode : *tiler.modes())
    text += (text.size() > 1 ? "," : "") + print(mode);
  return text + '>';
}

using Tiler = TilerOf<Layout>;
/// The tiler of contiguous tiles of this shape: (4,(2,3)) is <4:1,<2:1,3:1>>.
Tiler tilerOfShape(const IntTuple &shape);

/// Reads a tiler: '<' tiler {',' tiler} '>', '_', or a layout. A shape alone, (4,8), stands for <4:1,8:1>.
Result<Tiler> parseTiler(std::string_view text);

/// Composition mode by mode; modes of A beyond the tiler's stay as they are.
Result<Layout> composition(const Layout &a, const Tiler &tiler);

/// A o (B, B*), where B* complements B up to the size of A (for tiles of coordinates, up to its shape). The tiles cover
/// A at least once; where they do not divide it, they reach beyond it.
///   24:1 by 4:2 is (4,(2,3)):(2,(1,8)).
Result<Layout> logicalDivide(const Layout &a, const Tiler &tiler);
Result<Layout> zippedDivide(const Layout &a, const Tiler &tiler);
Result<Layout> tiledDivide(const Layout &a, const Tiler &tiler);
Result<Layout> flatDivide(const Layout &a, const Tiler &tiler);

/// (A, A* o B), where A* reaches as far as |A| times the cosize of B, and further if that does not hold that many
/// copies.
///   (2,2):(4,1) by 6:1 is ((2,2),(2,3)):((4,1),(2,8)).
Result<Layout> logicalProduct(const Layout &a, const Tiler &tiler);
Result<Layout> zippedProduct(const Layout &a, const Tiler &tiler);
Result<Layout> tiledProduct(const Layout &a, const Tiler &tiler);
Result<Layout> flatProduct(const Layout &a, const Tiler &tiler);

/// The product with the modes of A and B paired: ((A0,B0),(A1,B1),...): blocks of A, laid out as B. A mode that only
/// one of the two has stays alone.
Result<Layout> blockedProduct(const Layout &a, const Layout &b);
/// The same with the pairs turned: ((B0,A0),(B1,A1),...): elements of A, interleaved as B.
Result<Layout> rakedProduct(const Layout &a, const Layout &b);

/// A block repeated until it covers `shape`, whose modes it fills in ascending `order` (column-major if that is not
/// given): blockedProduct with the compact layout of the numbers of blocks. Blocks that stick out are whole.
Result<Layout> tileToShape(const Layout &block, const IntTuple &shape, const IntTuple *order = nullptr);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_TILING_H
