//===- Tiling.cpp - Dividing layouts into tiles, and repeating them -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Tiling.h"

#include "CheckedMath.h"
#include "TextReader.h"
#include "TileModes.h"

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Tilers
//===----------------------------------------------------------------------===//

Tiler tilec::layout::tilerOfShape(const IntTuple &shape) {
  if (shape.isLeaf()) {
    Result<Layout> tile = Layout::make(shape, StrideTuple(Offset(1)));
    return tile ? Tiler(*tile) : Tiler();
  }
  std::vector<Tiler> modes;
  for (size_t i = 0, e = shape.rank(); i < e; ++i)
    modes.push_back(tilerOfShape(shape.mode(i)));
  return modes;
}

Result<Tiler> tilec::layout::parseTiler(std::string_view text) {
  TextReader reader(text);
  return readWholeTiler<Layout>(reader, [](TextReader &reader) -> Result<Tiler> {
    size_t start = reader.position();
    Result<IntTuple> shape = reader.tuple();
    if (!shape)
      return shape.error();
    if (!reader.accept(":")) {
      for (int64_t leaf : shape->leaves())
        if (leaf < 1)
          return Error{"sizes are positive, but the shape has " + std::to_string(leaf)};
      return tilerOfShape(*shape);
    }
    reader.reset(start);
    Result<Layout> layout = reader.layout();
    if (!layout)
      return layout.error();
    return Tiler(std::move(*layout));
  });
}

//===----------------------------------------------------------------------===//
// Composition and division
//===----------------------------------------------------------------------===//

Result<Layout> tilec::layout::composition(const Layout &a, const Tiler &tiler) {
  return byMode(a, tiler, [](const Layout &x, const Layout &y) { return composition(x, y); });
}

static Result<Layout> divide(const Layout &a, const Layout &b) {
  auto fail = [&](const std::string &why) {
    return Error{"division of " + print(a) + " by " + print(b) + " is undefined: " + why};
  };
  Result<Layout> rest = complement(b, a.shape());
  if (!rest)
    return fail(rest.message());
  Result<Layout> both = Layout::make({b, *rest});
  if (!both)
    return fail(both.message());
  Result<Layout> result = composition(a, *both);
  if (!result)
    return fail(result.message());
  return result;
}

Result<Layout> tilec::layout::logicalDivide(const Layout &a, const Tiler &tiler) { return byMode(a, tiler, divide); }
Result<Layout> tilec::layout::zippedDivide(const Layout &a, const Tiler &tiler) { return zipped(a, tiler, divide); }
Result<Layout> tilec::layout::tiledDivide(const Layout &a, const Tiler &tiler) {
  return unpack(zippedDivide(a, tiler), /*first=*/false);
}
Result<Layout> tilec::layout::flatDivide(const Layout &a, const Tiler &tiler) {
  return unpack(zippedDivide(a, tiler), /*first=*/true);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// Where the copies of A lie.
static Result<Layout> copies(const Layout &a, const Layout &b) {
  auto fail = [&](const std::string &why) {
    return Error{"product of " + print(a) + " with " + print(b) + " is undefined: " + why};
  };
  Result<int64_t> reach = cosize(b);
  if (!reach)
    return fail(reach.message());
  int64_t extent;
  if (!multiply(a.size(), *reach, extent) || extent > maxSize)
    return fail("it reaches beyond 2^62");
  Result<Layout> rest = complement(a, IntTuple(extent));
  // Where A leaves gaps that no copy fits into, that far does not hold enough copies.
  while (rest && rest->size() < *reach) {
    if (!multiply(extent, ceilDiv(*reach, rest->size()), extent) || extent > maxSize)
      return fail("it reaches beyond 2^62");
    rest = complement(a, IntTuple(extent));
  }
  if (!rest)
    return fail(rest.message());
  Result<Layout> result = composition(*rest, b);
  if (!result)
    return fail(result.message());
  return result;
}

static Result<Layout> multiply(const Layout &a, const Layout &b) {
  Result<Layout> grid = copies(a, b);
  if (!grid)
    return grid;
  return Layout::make({a, *grid});
}

Result<Layout> tilec::layout::logicalProduct(const Layout &a, const Tiler &tiler) {
  return byMode(a, tiler, ::multiply);
}
Result<Layout> tilec::layout::zippedProduct(const Layout &a, const Tiler &tiler) {
  return zipped(a, tiler, ::multiply);
}
Result<Layout> tilec::layout::tiledProduct(const Layout &a, const Tiler &tiler) {
  return unpack(zippedProduct(a, tiler), /*first=*/false);
}
Result<Layout> tilec::layout::flatProduct(const Layout &a, const Tiler &tiler) {
  return unpack(zippedProduct(a, tiler), /*first=*/true);
}

Result<Layout> tilec::layout::blockedProduct(const Layout &a, const Layout &b) {
  return pairModes(a, b, copies(a, b), /*blockFirst=*/true);
}

Result<Layout> tilec::layout::rakedProduct(const Layout &a, const Layout &b) {
  return pairModes(a, b, copies(a, b), /*blockFirst=*/false);
}

Result<Layout> tilec::layout::tileToShape(const Layout &block, const IntTuple &shape, const IntTuple *order) {
  auto fail = [&](const std::string &why) {
    return Error{"tiling " + print(shape) + " with " + print(block) + " is undefined: " + why};
  };
  if (block.rank() > shape.rank())
    return fail("the block has more modes than the shape");
  std::vector<Layout> padded = block.modes();
  padded.resize(shape.rank());
  std::vector<int64_t> counts;
  for (size_t i = 0, e = shape.rank(); i < e; ++i) {
    Result<int64_t> extent = size(shape.mode(i));
    if (!extent || *extent < 1)
      return fail("the shape is not positive, or exceeds 2^62");
    counts.push_back(ceilDiv(*extent, padded[i].size()));
  }
  IntTuple grid = IntTuple::flat(counts);
  Result<Layout> tiles = order ? orderedLayout(grid, *order) : columnMajor(grid);
  if (!tiles)
    return fail(tiles.message());
  Result<Layout> blocks = Layout::make(padded);
  if (!blocks)
    return fail(blocks.message());
  Result<Layout> result = blockedProduct(*blocks, *tiles);
  if (!result)
    return fail(result.message());
  return result;
}
