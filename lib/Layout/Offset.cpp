//===- Offset.cpp - What strides are and layouts map to ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Offset.h"

#include "CheckedMath.h"

#include <algorithm>

using namespace tilec::layout;

Offset Offset::basis(std::vector<int32_t> path, int64_t coefficient) {
  assert(!path.empty() && "a basis vector belongs to a mode");
  Offset result;
  if (coefficient)
    result.basisTerms.push_back({std::move(path), coefficient});
  return result;
}

/// Whether a distance keeps within the range that sums of two of them cannot leave.
static bool inRange(int64_t value) { return value <= maxSize && value >= -maxSize; }

bool Offset::addMultiple(const Offset &step, int64_t factor) {
  int64_t product;
  if (!multiply(step.integerPart, factor, product) || !add(integerPart, product, integerPart) || !inRange(integerPart))
    return false;
  if (step.maskPart) {
    uint64_t mask;
    if (!multiplyCarryless(step.maskPart, factor, mask))
      return false;
    maskPart ^= mask;
  }
  for (const BasisTerm &term : step.basisTerms) {
    if (!multiply(term.coefficient, factor, product) || !inRange(product))
      return false;
    auto place = std::lower_bound(basisTerms.begin(), basisTerms.end(), term.path,
                                  [](const BasisTerm &a, const std::vector<int32_t> &path) { return a.path < path; });
    if (place == basisTerms.end() || place->path != term.path)
      place = basisTerms.insert(place, {term.path, 0});
    if (!add(place->coefficient, product, place->coefficient) || !inRange(place->coefficient))
      return false;
    if (!place->coefficient)
      basisTerms.erase(place);
  }
  return true;
}

std::optional<Offset> Offset::everyNth(int64_t factor, int64_t extent) const {
  if (maskPart && extent > 2 && !isPowerOfTwo(factor))
    return std::nullopt;
  Offset result;
  if (!result.addMultiple(*this, factor))
    return std::nullopt;
  return result;
}

std::string tilec::layout::print(const Offset &offset) {
  std::string text;
  if (offset.integer() || offset.isZero())
    text = std::to_string(offset.integer());
  for (const BasisTerm &term : offset.terms()) {
    if (!text.empty())
      text += '+';
    text += std::to_string(term.coefficient);
    for (auto mode = term.path.rbegin(); mode != term.path.rend(); ++mode)
      text += '@' + std::to_string(*mode);
  }
  if (offset.mask()) {
    if (!text.empty())
      text += '+';
    text += '^' + std::to_string(offset.mask());
  }
  return text;
}

bool tilec::layout::colexLess(const Offset &a, const Offset &b) {
  if (a.terms() != b.terms()) {
    // From the last mode on: the first place where the coefficients differ decides.
    auto i = a.terms().rbegin(), j = b.terms().rbegin();
    while (i != a.terms().rend() && j != b.terms().rend() && *i == *j)
      ++i, ++j;
    if (j == b.terms().rend() || (i != a.terms().rend() && i->path > j->path))
      return i->coefficient < 0;
    if (i == a.terms().rend() || i->path < j->path)
      return j->coefficient > 0;
    return i->coefficient < j->coefficient;
  }
  if (a.integer() != b.integer())
    return a.integer() < b.integer();
  return a.mask() < b.mask();
}
