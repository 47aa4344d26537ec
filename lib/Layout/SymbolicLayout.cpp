//===- SymbolicLayout.cpp - Layouts whose sizes have names ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SymbolicModes.h"

#include "CheckedMath.h"

#include <algorithm>
#include <numeric>

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// Making and binding
//===----------------------------------------------------------------------===//

Result<SymbolicLayout> SymbolicLayout::make(Profile profile, std::vector<SymbolicMode> leaves,
                                            const Assumptions &assumptions) {
  for (const SymbolicMode &leaf : leaves) {
    for (const SymbolicInt *part : {&leaf.size, &leaf.stride}) {
      std::string what = part == &leaf.size ? "a size" : "a stride";
      if (!part->isValid())
        return Error{what + " exceeds 2^62 or eight symbols"};
      if (!part->isMonomial())
        return Error{what + " is a product of numbers and symbols, not " + print(*part)};
      if (!isIntegral(*part, assumptions)) {
        const Monomial &term = part->monomials().front();
        SymbolicInt above = *part * SymbolicInt(term.denominator);
        return Error{what + " of " + print(*part) + " needs " +
                     (term.symbols.empty() ? "an integer" : missingFact(above, term.denominator, assumptions))};
      }
    }
    if (leaf.size.sign() <= 0)
      return Error{"sizes are positive, but the shape has " + print(leaf.size)};
  }
  return SymbolicLayout(std::move(profile), std::move(leaves));
}

Result<SymbolicLayout> SymbolicLayout::make(const std::vector<SymbolicLayout> &modes) {
  SymbolicLayout result;
  result.nesting.nodes = {static_cast<int32_t>(modes.size())};
  result.modeList.clear();
  for (const SymbolicLayout &mode : modes) {
    result.nesting.nodes.insert(result.nesting.nodes.end(), mode.nesting.nodes.begin(), mode.nesting.nodes.end());
    result.modeList.insert(result.modeList.end(), mode.modeList.begin(), mode.modeList.end());
  }
  return result;
}

SymbolicTuple SymbolicLayout::shape() const {
  std::vector<SymbolicInt> sizes;
  for (const SymbolicMode &leaf : modeList)
    sizes.push_back(leaf.size);
  return SymbolicTuple(nesting, std::move(sizes));
}

SymbolicLayout SymbolicLayout::mode(size_t i) const {
  Profile::Span span = nesting.mode(i);
  return SymbolicLayout(nesting.slice(span), {modeList.begin() + static_cast<long>(span.firstLeaf),
                                              modeList.begin() + static_cast<long>(span.lastLeaf)});
}

std::vector<SymbolicLayout> SymbolicLayout::modes() const {
  std::vector<SymbolicLayout> result;
  for (size_t i = 0, e = rank(); i < e; ++i)
    result.push_back(mode(i));
  return result;
}

SymbolicInt SymbolicLayout::size() const {
  SymbolicInt product = 1;
  for (const SymbolicMode &leaf : modeList)
    product = product * leaf.size;
  return product;
}

Result<Layout> tilec::layout::bind(const SymbolicLayout &layout, const Bindings &bindings) {
  std::vector<Mode> leaves;
  for (const SymbolicMode &leaf : layout.leaves()) {
    Result<int64_t> size = leaf.size.bind(bindings), stride = leaf.stride.bind(bindings);
    if (!size || !stride)
      return size ? stride.error() : size.error();
    leaves.push_back({*size, Offset(*stride)});
  }
  return Layout::make(layout.profile(), std::move(leaves));
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static Error tooLarge(const std::string &what) { return Error{what + " exceeds 2^62, eight symbols or 64 terms"}; }

static Result<SymbolicInt> checked(SymbolicInt value, const std::string &what) {
  if (!value.isValid())
    return tooLarge(what);
  return value;
}

Result<SymbolicInt> tilec::layout::cosize(const SymbolicLayout &layout) {
  SymbolicInt sum = 1;
  for (const SymbolicMode &leaf : layout.leaves())
    sum = sum + (leaf.size - SymbolicInt(1)) * (leaf.stride * SymbolicInt(leaf.stride.sign()));
  return checked(sum, "the cosize of " + print(layout));
}

/// The digits of an index in these sizes, of which the last is not bounded.
static Result<std::vector<SymbolicInt>> digits(SymbolicInt index, const std::vector<SymbolicInt> &sizes,
                                               const Assumptions &assumptions) {
  std::vector<SymbolicInt> result;
  for (size_t i = 0, e = sizes.size(); i < e; ++i) {
    std::optional<int64_t> number = index.asNumber(), size = sizes[i].asNumber();
    if (i + 1 == e || isNonNegative(sizes[i] - SymbolicInt(1) - index, assumptions)) {
      result.push_back(index);
      index = 0;
    } else if (number && size) {
      result.push_back(*number % *size);
      index = *number / *size;
    } else if (std::optional<SymbolicInt> quotient = exactQuotient(index, sizes[i], assumptions)) {
      result.push_back(0);
      index = *quotient;
    } else {
      return Error{"the index " + print(index) + " in a mode of " + print(sizes[i]) + " needs " + print(sizes[i]) +
                   " > " + print(index)};
    }
  }
  return result;
}

static std::vector<SymbolicInt> sizesOf(const SymbolicLayout &layout) { return layout.shape().leaves(); }

Result<SymbolicInt> tilec::layout::at(const SymbolicLayout &layout, const SymbolicTuple &coordinate,
                                      const Assumptions &assumptions) {
  SymbolicInt sum = 0;
  if (coordinate.isLeaf()) {
    if (!isNonNegative(coordinate.leaf(), assumptions))
      return Error{"an index is not negative, and " + print(coordinate) + " may be"};
    Result<std::vector<SymbolicInt>> parts = digits(coordinate.leaf(), sizesOf(layout), assumptions);
    if (!parts)
      return parts.error();
    for (size_t i = 0, e = parts->size(); i < e; ++i)
      sum = sum + (*parts)[i] * layout.leaves()[i].stride;
    return checked(sum, "the value of " + print(layout));
  }
  if (layout.isLeaf() || coordinate.rank() != layout.rank())
    return Error{"the coordinate " + print(coordinate) + " does not fit " + print(layout)};
  for (size_t i = 0, e = layout.rank(); i < e; ++i) {
    Result<SymbolicInt> part = at(layout.mode(i), coordinate.mode(i), assumptions);
    if (!part)
      return part;
    sum = sum + *part;
  }
  return checked(sum, "the value of " + print(layout));
}

static SymbolicInt productOf(const SymbolicTuple &tuple) {
  return std::accumulate(tuple.leaves().begin(), tuple.leaves().end(), SymbolicInt(1), std::multiplies<>());
}

Result<SymbolicInt> tilec::layout::crd2idx(const SymbolicTuple &coordinate, const SymbolicTuple &shape,
                                           const Assumptions &assumptions) {
  if (coordinate.isLeaf()) {
    if (!isNonNegative(coordinate.leaf(), assumptions))
      return Error{"a coordinate is not negative, and " + print(coordinate) + " may be"};
    return coordinate.leaf();
  }
  if (shape.isLeaf() || coordinate.rank() != shape.rank())
    return Error{"the coordinate " + print(coordinate) + " does not fit the shape " + print(shape)};
  SymbolicInt index = 0, stride = 1;
  for (size_t i = 0, e = shape.rank(); i < e; ++i) {
    Result<SymbolicInt> part = crd2idx(coordinate.mode(i), shape.mode(i), assumptions);
    if (!part)
      return part;
    index = index + *part * stride;
    stride = stride * productOf(shape.mode(i));
  }
  return checked(index, "the index of " + print(coordinate));
}

Result<SymbolicTuple> tilec::layout::idx2crd(const SymbolicInt &index, const SymbolicTuple &shape,
                                             const Assumptions &assumptions) {
  if (!isNonNegative(index, assumptions))
    return Error{"an index is not negative, and " + print(index) + " may be"};
  Result<std::vector<SymbolicInt>> parts = digits(index, shape.leaves(), assumptions);
  if (!parts)
    return parts.error();
  return SymbolicTuple(shape.profile(), std::move(*parts));
}

/// The compact layout whose leaves are contiguous in the order of these places.
static Result<SymbolicLayout> compact(const SymbolicTuple &shape, const std::vector<size_t> &places,
                                      const Assumptions &assumptions) {
  std::vector<SymbolicMode> leaves(shape.leaves().size());
  SymbolicInt stride = 1;
  for (size_t place : places) {
    SymbolicInt size = shape.leaves()[place];
    leaves[place] = {size, size.is(1) ? SymbolicInt(0) : stride};
    stride = stride * size;
  }
  return SymbolicLayout::make(shape.profile(), std::move(leaves), assumptions);
}

static std::vector<size_t> upTo(size_t count) {
  std::vector<size_t> places(count);
  std::iota(places.begin(), places.end(), 0);
  return places;
}

Result<SymbolicLayout> tilec::layout::columnMajor(const SymbolicTuple &shape, const Assumptions &assumptions) {
  return compact(shape, upTo(shape.leaves().size()), assumptions);
}

Result<SymbolicLayout> tilec::layout::rowMajor(const SymbolicTuple &shape, const Assumptions &assumptions) {
  std::vector<size_t> places = upTo(shape.leaves().size());
  std::reverse(places.begin(), places.end());
  return compact(shape, places, assumptions);
}

//===----------------------------------------------------------------------===//
// The same function, written differently
//===----------------------------------------------------------------------===//

void tilec::layout::appendCoalesced(std::vector<SymbolicMode> &modes, const SymbolicMode &next) {
  if (modes.empty())
    modes.push_back(next);
  else if (modes.back().size.is(1))
    modes.back() = next;
  else if (next.size.is(1))
    return;
  else if (SymbolicInt size = modes.back().size * next.size;
           size.isValid() && modes.back().stride * modes.back().size == next.stride)
    modes.back().size = size;
  else
    modes.push_back(next);
}

SymbolicLayout tilec::layout::layoutOf(std::vector<SymbolicMode> modes) {
  if (modes.empty())
    return SymbolicLayout();
  Profile profile = modes.size() == 1 ? Profile::leaf() : Profile::flat(modes.size());
  return SymbolicLayout(std::move(profile), std::move(modes));
}

SymbolicLayout tilec::layout::coalesce(const SymbolicLayout &layout) {
  if (layout.leaves().empty())
    return layout;
  std::vector<SymbolicMode> modes;
  for (const SymbolicMode &leaf : layout.leaves())
    appendCoalesced(modes, leaf);
  return layoutOf(std::move(modes));
}

Result<SymbolicLayout> tilec::layout::coalesce(const SymbolicLayout &layout, const IntTuple &profile) {
  if (profile.isLeaf())
    return coalesce(layout);
  if (profile.rank() > layout.rank())
    return Error{"the profile " + print(profile) + " has more modes than " + print(layout)};
  std::vector<SymbolicLayout> modes = layout.modes();
  for (size_t i = 0, e = profile.rank(); i < e; ++i) {
    Result<SymbolicLayout> mode = coalesce(modes[i], profile.mode(i));
    if (!mode)
      return mode;
    modes[i] = std::move(*mode);
  }
  return SymbolicLayout::make(modes);
}

SymbolicLayout tilec::layout::filterZeros(const SymbolicLayout &layout) {
  std::vector<SymbolicMode> leaves = layout.leaves();
  for (SymbolicMode &leaf : leaves)
    if (leaf.stride.is(0))
      leaf.size = 1;
  return SymbolicLayout(layout.profile(), std::move(leaves));
}

Result<bool> tilec::layout::equivalent(const SymbolicLayout &a, const SymbolicLayout &b) {
  if (coalesce(a) == coalesce(b))
    return true;
  // Polynomials that differ have different values somewhere.
  SymbolicInt x = a.size(), y = b.size();
  if (x.isValid() && y.isValid() && !(x == y))
    return false;
  return Error{"whether " + print(a) + " and " + print(b) + " are the same function depends on the symbols: bind them"};
}
