//===- Tiling.cpp - Dividing layouts into tiles, and repeating them -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Tiling.h"

#include "CheckedMath.h"
#include "TextReader.h"

#include <algorithm>

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Tilers
//===----------------------------------------------------------------------===//

Tiler Tiler::ofShape(const IntTuple &shape) {
  if (shape.isLeaf()) {
    Result<Layout> tile = Layout::make(shape, StrideTuple(Offset(1)));
    return tile ? Tiler(*tile) : Tiler();
  }
  std::vector<Tiler> modes;
  for (size_t i = 0, e = shape.rank(); i < e; ++i)
    modes.push_back(ofShape(shape.mode(i)));
  return modes;
}

std::string tilec::layout::print(const Tiler &tiler) {
  if (tiler.isNothing())
    return "_";
  if (const Layout *layout = tiler.layout())
    return print(*layout);
  std::string text = "<";
  for (const Tiler &mode : *tiler.modes()) {
    if (text.size() > 1)
      text += ',';
    text += print(mode);
  }
  return text + '>';
}

static Result<Tiler> readTiler(TextReader &reader, int depth = 0) {
  if (reader.accept("_"))
    return Tiler();
  if (reader.accept("<")) {
    if (depth == 64)
      return Error{"tilers are nested deeper than 64"};
    std::vector<Tiler> modes;
    if (reader.accept(">"))
      return Tiler(modes);
    do {
      Result<Tiler> mode = readTiler(reader, depth + 1);
      if (!mode)
        return mode;
      modes.push_back(std::move(*mode));
    } while (reader.accept(","));
    if (Status closed = reader.expect(">"); !closed)
      return closed.error();
    return Tiler(std::move(modes));
  }
  size_t start = reader.position();
  Result<IntTuple> shape = reader.tuple();
  if (!shape)
    return shape.error();
  if (!reader.accept(":")) {
    for (int64_t leaf : shape->leaves())
      if (leaf < 1)
        return Error{"sizes are positive, but the shape has " + std::to_string(leaf)};
    return Tiler::ofShape(*shape);
  }
  reader.reset(start);
  Result<Layout> layout = reader.layout();
  if (!layout)
    return layout.error();
  return Tiler(std::move(*layout));
}

Result<Tiler> tilec::layout::parseTiler(std::string_view text) {
  TextReader reader(text);
  Result<Tiler> tiler = readTiler(reader);
  if (tiler && !reader.atEnd())
    return reader.expected("the end of the tiler");
  return tiler;
}

static Status checkRank(const Layout &a, const std::vector<Tiler> &modes) {
  if (modes.size() > a.rank() || (a.isLeaf() && !modes.empty()))
    return Error{"the tiler " + print(Tiler(modes)) + " has more modes than " + print(a)};
  return success();
}

/// Applies `combine` to A and the tiler's layouts mode by mode, where both are tuples.
template <class Combine> static Result<Layout> byMode(const Layout &a, const Tiler &tiler, Combine combine) {
  if (tiler.isNothing())
    return a;
  if (const Layout *b = tiler.layout())
    return combine(a, *b);
  if (Status fits = checkRank(a, *tiler.modes()); !fits)
    return fits.error();
  std::vector<Layout> modes = a.modes();
  for (size_t i = 0, e = tiler.modes()->size(); i < e; ++i) {
    Result<Layout> mode = byMode(modes[i], (*tiler.modes())[i], combine);
    if (!mode)
      return mode;
    modes[i] = std::move(*mode);
  }
  return Layout::make(modes);
}

/// The same, with the first modes of all results gathered in one mode, and the second ones, with the modes that the
/// tiler does not name, in another.
template <class Combine> static Result<Layout> zipped(const Layout &a, const Tiler &tiler, Combine combine) {
  if (tiler.isNothing())
    return Layout::make({Layout(), a});
  if (const Layout *b = tiler.layout())
    return combine(a, *b);
  if (Status fits = checkRank(a, *tiler.modes()); !fits)
    return fits.error();
  std::vector<Layout> firsts, seconds;
  for (size_t i = 0, e = a.rank(); i < e; ++i) {
    if (i >= tiler.modes()->size()) {
      seconds.push_back(a.mode(i));
      continue;
    }
    Result<Layout> pair = zipped(a.mode(i), (*tiler.modes())[i], combine);
    if (!pair)
      return pair;
    firsts.push_back(pair->mode(0));
    seconds.push_back(pair->mode(1));
  }
  Result<Layout> first = Layout::make(firsts), second = Layout::make(seconds);
  if (!first || !second)
    return first ? second : first;
  return Layout::make({*first, *second});
}

/// The second mode of a zipped result unpacked, and the first one, too, if asked for.
static Result<Layout> unpack(const Result<Layout> &pair, bool first) {
  if (!pair)
    return pair;
  std::vector<Layout> modes;
  if (first)
    modes = pair->mode(0).modes();
  else
    modes.push_back(pair->mode(0));
  for (Layout &mode : pair->mode(1).modes())
    modes.push_back(std::move(mode));
  return Layout::make(modes);
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

/// The modes of A and of the grid of its copies, paired.
static Result<Layout> pairModes(const Layout &a, const Layout &b, bool blockFirst) {
  Result<Layout> grid = copies(a, b);
  if (!grid)
    return grid;
  std::vector<Layout> modes;
  for (size_t i = 0, e = std::max(a.rank(), b.rank()); i < e; ++i) {
    // A leaf b may have been taken apart: its parts are one mode.
    Layout copy = b.isLeaf() ? *grid : i < b.rank() ? grid->mode(i) : Layout();
    if (i >= b.rank()) {
      modes.push_back(a.mode(i));
    } else if (i >= a.rank()) {
      modes.push_back(copy);
    } else {
      Layout block = a.isLeaf() ? a : a.mode(i);
      Result<Layout> mode = blockFirst ? Layout::make({block, copy}) : Layout::make({copy, block});
      if (!mode)
        return mode;
      modes.push_back(std::move(*mode));
    }
  }
  return modes.size() == 1 && a.isLeaf() && b.isLeaf() ? modes.front() : Layout::make(modes);
}

Result<Layout> tilec::layout::blockedProduct(const Layout &a, const Layout &b) {
  return pairModes(a, b, /*blockFirst=*/true);
}

Result<Layout> tilec::layout::rakedProduct(const Layout &a, const Layout &b) {
  return pairModes(a, b, /*blockFirst=*/false);
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
