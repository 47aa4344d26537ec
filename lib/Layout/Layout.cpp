//===- Layout.cpp - Functions from coordinates to offsets -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Layout.h"

#include "CheckedMath.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

static Error unbounded(const Profile &profile, const std::vector<Mode> &leaves, const char *what) {
  std::string shape = printTree(profile, [&](size_t i) { return std::to_string(leaves[i].size); });
  std::string stride = printTree(profile, [&](size_t i) { return print(leaves[i].stride); });
  return Error{std::string(what) + " of " + shape + ":" + stride + " exceeds 2^62"};
}

Result<Layout> Layout::make(Profile profile, std::vector<Mode> leaves) {
  int64_t elements = 1, extent = 0, reach;
  for (const Mode &leaf : leaves) {
    if (leaf.size < 1)
      return Error{"sizes are positive, but the shape has " + std::to_string(leaf.size)};
    if (!multiply(elements, leaf.size, elements) || elements > maxSize)
      return unbounded(profile, leaves, "the size");
    // The extents of all parts in one sum: no part can then leave the range on its own.
    auto extend = [&](int64_t step) {
      return step >= -maxSize && multiply(leaf.size - 1, std::abs(step), reach) && add(extent, reach, extent) &&
             extent <= maxSize;
    };
    bool fits = extend(leaf.stride.integer());
    for (const BasisTerm &term : leaf.stride.terms())
      fits = fits && extend(term.coefficient);
    if (leaf.stride.mask())
      fits = fits && bitWidth(leaf.stride.mask()) + std::max(bitsOf(leaf.size), 1) - 1 <= 62;
    if (!fits)
      return unbounded(profile, leaves, "a value");
  }
  Layout result;
  result.nesting = std::move(profile);
  result.modeList = std::move(leaves);
  result.elements = elements;
  return result;
}

Result<Layout> Layout::make(const IntTuple &shape, const StrideTuple &stride) {
  if (!congruent(shape, stride))
    return Error{"shape and stride differ in their nesting: " + print(shape) + " and " +
                 printTree(stride.profile(), [&](size_t i) { return print(stride.leaves()[i]); })};
  std::vector<Mode> leaves;
  leaves.reserve(shape.leaves().size());
  for (size_t i = 0, e = shape.leaves().size(); i < e; ++i)
    leaves.push_back({shape.leaves()[i], stride.leaves()[i]});
  return make(shape.profile(), std::move(leaves));
}

Result<Layout> Layout::make(const std::vector<Layout> &modes) {
  std::vector<int32_t> nodes{static_cast<int32_t>(modes.size())};
  std::vector<Mode> leaves;
  for (const Layout &mode : modes) {
    nodes.insert(nodes.end(), mode.nesting.nodes.begin(), mode.nesting.nodes.end());
    leaves.insert(leaves.end(), mode.modeList.begin(), mode.modeList.end());
  }
  return make(Profile(std::move(nodes)), std::move(leaves));
}

IntTuple Layout::shape() const {
  std::vector<int64_t> sizes;
  for (const Mode &leaf : modeList)
    sizes.push_back(leaf.size);
  return IntTuple(nesting, std::move(sizes));
}

StrideTuple Layout::stride() const {
  std::vector<Offset> strides;
  for (const Mode &leaf : modeList)
    strides.push_back(leaf.stride);
  return StrideTuple(nesting, std::move(strides));
}

Layout Layout::mode(size_t i) const {
  Profile::Span span = nesting.mode(i);
  Layout result;
  result.nesting = nesting.slice(span);
  result.modeList.assign(modeList.begin() + span.firstLeaf, modeList.begin() + span.lastLeaf);
  for (const Mode &leaf : result.modeList)
    result.elements *= leaf.size;
  return result;
}

std::vector<Layout> Layout::modes() const {
  std::vector<Layout> result;
  for (size_t i = 0, e = rank(); i < e; ++i)
    result.push_back(mode(i));
  return result;
}

Offset Layout::operator()(int64_t index) const {
  assert(index >= 0 && index < size() && "outside of the domain");
  Result<Offset> value = at(index);
  assert(value && "values of a layout are bounded");
  return *std::move(value);
}

Result<Offset> Layout::at(int64_t index) const {
  Offset value;
  if (index < 0)
    return Error{"an index is not negative, but " + std::to_string(index) + " is"};
  int64_t rest = index;
  for (size_t i = 0, e = modeList.size(); i < e; ++i) {
    const Mode &leaf = modeList[i];
    int64_t coordinate = i + 1 < e ? rest % leaf.size : rest;
    rest /= leaf.size;
    if (coordinate && !value.addMultiple(leaf.stride, coordinate))
      return Error{"the value of " + print(*this) + " at " + std::to_string(index) + " exceeds 2^62"};
  }
  return value;
}

Result<Offset> Layout::at(const IntTuple &coordinate) const {
  if (coordinate.isLeaf())
    return at(coordinate.leaf());
  if (isLeaf() || coordinate.rank() != rank())
    return Error{"the coordinate " + layout::print(coordinate) + " does not fit " + layout::print(*this)};
  Offset sum;
  for (size_t i = 0, e = rank(); i < e; ++i) {
    Result<Offset> part = mode(i).at(coordinate.mode(i));
    if (!part)
      return part;
    if (!sum.addMultiple(*part, 1))
      return Error{"the value of " + layout::print(*this) + " at " + layout::print(coordinate) + " exceeds 2^62"};
  }
  return sum;
}

/// The largest element of the span of these masks.
static uint64_t largestOfSpan(std::vector<uint64_t> masks) {
  uint64_t largest = 0;
  for (int bit = 62; bit >= 0; --bit) {
    auto pivot = std::find_if(masks.begin(), masks.end(), [&](uint64_t mask) { return bitWidth(mask) == bit + 1; });
    if (pivot == masks.end())
      continue;
    uint64_t mask = *pivot;
    largest = std::max(largest, largest ^ mask);
    for (uint64_t &other : masks)
      if (bitWidth(other) == bit + 1)
        other ^= mask;
  }
  return largest;
}

Result<int64_t> tilec::layout::cosize(const Layout &layout) {
  int64_t integer = 0;
  std::vector<uint64_t> masks;
  std::vector<BasisTerm> extents;
  for (const Mode &leaf : layout.leaves()) {
    integer += (leaf.size - 1) * std::abs(leaf.stride.integer());
    for (int bit = 0; leaf.stride.mask() && bit < bitsOf(leaf.size); ++bit)
      masks.push_back(leaf.stride.mask() << bit);
    for (const BasisTerm &term : leaf.stride.terms()) {
      auto place =
          std::find_if(extents.begin(), extents.end(), [&](const BasisTerm &e) { return e.path == term.path; });
      if (place == extents.end())
        place = extents.insert(extents.end(), {term.path, 0});
      place->coefficient += (leaf.size - 1) * std::abs(term.coefficient);
    }
  }
  int64_t result = 1, mask = static_cast<int64_t>(largestOfSpan(std::move(masks)));
  bool fits = add(integer, mask, result) && add(result, 1, result);
  for (const BasisTerm &extent : extents)
    fits = fits && multiply(result, extent.coefficient + 1, result);
  if (!fits || result - 1 > maxSize)
    return Error{"the codomain of " + print(layout) + " exceeds 2^62"};
  return result;
}

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

Result<IntTuple> tilec::layout::idx2crd(int64_t index, const IntTuple &shape) {
  if (index < 0)
    return Error{"an index is not negative, but " + std::to_string(index) + " is"};
  std::vector<int64_t> leaves = shape.leaves();
  int64_t rest = index;
  for (size_t i = 0, e = leaves.size(); i < e; ++i) {
    if (leaves[i] < 1)
      return Error{"sizes are positive, but " + print(shape) + " has " + std::to_string(leaves[i])};
    int64_t size = leaves[i];
    leaves[i] = i + 1 < e ? rest % size : rest;
    rest /= size;
  }
  return IntTuple(shape.profile(), std::move(leaves));
}

Result<int64_t> tilec::layout::crd2idx(const IntTuple &coordinate, const IntTuple &shape) {
  if (coordinate.isLeaf()) {
    if (coordinate.leaf() < 0)
      return Error{"a coordinate is not negative, but " + print(coordinate) + " is"};
    return coordinate.leaf();
  }
  if (shape.isLeaf() || coordinate.rank() != shape.rank())
    return Error{"the coordinate " + print(coordinate) + " does not fit the shape " + print(shape)};
  int64_t index = 0, stride = 1;
  for (size_t i = 0, e = shape.rank(); i < e; ++i) {
    Result<int64_t> part = crd2idx(coordinate.mode(i), shape.mode(i));
    if (!part)
      return part;
    int64_t step;
    Result<int64_t> extent = size(shape.mode(i));
    if (!extent)
      return extent;
    if (!multiply(*part, stride, step) || !add(index, step, index) || (i + 1 < e && !multiply(stride, *extent, stride)))
      return Error{"the index of the coordinate " + print(coordinate) + " in " + print(shape) + " exceeds 64 bits"};
  }
  return index;
}

Result<IntTuple> tilec::layout::crd2crd(const IntTuple &coordinate, const IntTuple &source, const IntTuple &target) {
  Result<int64_t> index = crd2idx(coordinate, source);
  if (!index)
    return index.error();
  return idx2crd(*index, target);
}

//===----------------------------------------------------------------------===//
// Making layouts
//===----------------------------------------------------------------------===//

/// The compact layout of `shape` whose leaves are contiguous in the order of these places.
static Result<Layout> compact(const IntTuple &shape, const std::vector<size_t> &places) {
  std::vector<Mode> leaves(shape.leaves().size());
  int64_t stride = 1;
  for (size_t place : places) {
    int64_t size = shape.leaves()[place];
    leaves[place] = {size, size == 1 ? 0 : stride};
    if (size < 1 || !multiply(stride, size, stride) || stride > maxSize)
      return Error{"a compact layout needs positive sizes with a product of at most 2^62, not " + print(shape)};
  }
  return Layout::make(shape.profile(), std::move(leaves));
}

static std::vector<size_t> upTo(size_t count) {
  std::vector<size_t> places(count);
  std::iota(places.begin(), places.end(), 0);
  return places;
}

Result<Layout> tilec::layout::columnMajor(const IntTuple &shape) { return compact(shape, upTo(shape.leaves().size())); }

Result<Layout> tilec::layout::rowMajor(const IntTuple &shape) {
  std::vector<size_t> places = upTo(shape.leaves().size());
  std::reverse(places.begin(), places.end());
  return compact(shape, places);
}

Result<Layout> tilec::layout::orderedLayout(const IntTuple &shape, const IntTuple &order) {
  // An order may end above the shape's leaves: a mode is then in column-major order in itself.
  std::vector<int64_t> ranks;
  if (!weaklyCongruent(order, shape))
    return Error{"the order " + print(order) + " does not fit the shape " + print(shape)};
  auto spread = [&](auto &self, const IntTuple &part, const IntTuple &modes) -> void {
    if (part.isLeaf())
      ranks.insert(ranks.end(), modes.leaves().size(), part.leaf());
    else
      for (size_t i = 0, e = part.rank(); i < e; ++i)
        self(self, part.mode(i), modes.mode(i));
  };
  spread(spread, order, shape);
  std::vector<size_t> places = upTo(shape.leaves().size());
  std::sort(places.begin(), places.end(),
            [&](size_t a, size_t b) { return ranks[a] != ranks[b] ? ranks[a] < ranks[b] : a < b; });
  return compact(shape, places);
}

Result<Layout> tilec::layout::layoutLike(const Layout &layout) {
  std::vector<size_t> places = upTo(layout.leaves().size());
  std::sort(places.begin(), places.end(), [&](size_t a, size_t b) {
    const Offset &x = layout.leaves()[a].stride, &y = layout.leaves()[b].stride;
    return x == y ? a < b : colexLess(x, y);
  });
  std::vector<Mode> leaves = layout.leaves();
  int64_t stride = 1;
  for (size_t place : places) {
    if (leaves[place].stride.isZero())
      continue;
    leaves[place].stride = leaves[place].size == 1 ? 0 : stride;
    stride *= leaves[place].size;
  }
  return Layout::make(layout.profile(), std::move(leaves));
}

Result<Layout> tilec::layout::identityLayout(const IntTuple &shape) {
  if (shape.isLeaf())
    return Layout::make(shape, StrideTuple(Offset(1)));
  std::vector<Offset> strides;
  std::vector<int32_t> path;
  auto walk = [&](auto &self, const IntTuple &part) -> void {
    if (part.isLeaf()) {
      strides.push_back(Offset::basis(path));
      return;
    }
    for (size_t i = 0, e = part.rank(); i < e; ++i) {
      path.push_back(static_cast<int32_t>(i));
      self(self, part.mode(i));
      path.pop_back();
    }
  };
  walk(walk, shape);
  return Layout::make(shape, StrideTuple(shape.profile(), std::move(strides)));
}
