//===- IndexOrder.cpp - comparing linear forms of two instances -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two intervals are disjoint if one ends before the other begins, which is a lower bound of a linear form: names are
// replaced by what bounds them, the innermost first, until a number is left. Where a begin is only known modulo 2^32,
// the intervals are arcs of a circle of that length, and have to be apart both ways around. Coefficients with a common
// divisor make another circle.
//
//===----------------------------------------------------------------------===//

#include "IndexOrder.h"

#include <numeric>

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;

/// True if `value` is defined inside `scope`, as a result or as a block argument.
static bool isDefinedIn(Value value, Operation *scope) {
  return value && scope && scope->isAncestor(value.getParentRegion()->getParentOp());
}

bool IndexOrder::varies(Value value) const { return isDefinedIn(forms->anchorOf(value), scope); }

void IndexOrder::setEqual(Operation *loop, unsigned dim) {
  const Induction &induction = forms->getInduction(loop, dim);
  for (std::optional<unsigned> symbol : {induction.count, induction.begin})
    if (symbol)
      replaced.push_back({Name{*symbol, 2}, LinearForm{{{Name{*symbol, 1}, 1}}, 0, true}});
}

void IndexOrder::setLater(Operation *loop, unsigned dim, unsigned later) {
  const Induction induction = forms->getInduction(loop, dim);
  unsigned earlier = 3 - later;
  auto replace = [&](unsigned symbol, LinearForm distance) {
    std::optional<LinearForm> result = sum(LinearForm{{{Name{symbol, earlier}, 1}}, 0, true}, distance);
    if (!result)
      return;
    // What is known of the later value bounds how much later it is.
    const Symbol &known = forms->getSymbol(symbol);
    int64_t scale = known.scale;
    std::optional<LinearForm> upper = known.upper ? rename(*known.upper, later) : std::nullopt;
    upper = upper ? sum(*upper, *result, -scale) : upper;
    result = sum(*result, LinearForm::ofSymbol(forms->newSlack(upper, scale)));
    if (result)
      replaced.push_back({Name{symbol, later}, *result});
  };
  if (induction.count)
    replace(*induction.count, LinearForm::ofConstant(1));
  // The begin of a later tile is at least one step further; a step is positive.
  if (induction.begin && induction.count) {
    bool hasStep = induction.step && forms->boundsOf(*induction.step).min >= 1;
    replace(*induction.begin, hasStep ? *induction.step : LinearForm::ofConstant(1));
  }
}

std::optional<LinearForm> IndexOrder::rename(const LinearForm &form, unsigned side) const {
  LinearForm result = LinearForm::ofConstant(form.constant);
  result.isExact = form.isExact;
  for (auto [name, coefficient] : form.terms) {
    Name renamed = name;
    if (name.side == 0 && isDefinedIn(forms->getSymbol(name.symbol).anchor, scope))
      renamed.side = side;
    LinearForm term{{{renamed, 1}}, 0, true};
    for (const auto &[from, to] : replaced)
      if (from == renamed)
        term = to;
    std::optional<LinearForm> next = sum(result, term, coefficient);
    if (!next)
      return std::nullopt;
    result = *next;
  }
  return result;
}

/// A form that is not greater, with the name of term `term` replaced by what bounds it.
std::optional<LinearForm> IndexOrder::boundBy(const LinearForm &form, unsigned term) const {
  auto [name, coefficient] = form.terms[term];
  const Symbol &symbol = forms->getSymbol(name.symbol);
  const std::optional<LinearForm> &bound = coefficient > 0 ? symbol.lower : symbol.upper;
  int64_t scale = coefficient > 0 ? 1 : symbol.scale;
  if (!bound || coefficient % scale != 0)
    return std::nullopt;
  std::optional<LinearForm> renamed = rename(*bound, name.side);
  LinearForm rest = form;
  rest.terms.erase(rest.terms.begin() + term);
  return renamed ? sum(rest, *renamed, coefficient / scale) : std::nullopt;
}

int64_t IndexOrder::leastOf(const LinearForm &form, unsigned depth) const {
  int64_t best = forms->boundsOf(form).min;
  // Chains of bounds are as long as loops are nested.
  if (form.isConstant() || depth > 16)
    return best;
  // The innermost name that has a bound first: it is bounded by outer ones, not the other way around.
  std::optional<LinearForm> bounded;
  unsigned depthOfBest = 0;
  for (unsigned i = 0, e = form.terms.size(); i != e; ++i) {
    unsigned nesting = forms->getSymbol(form.terms[i].first.symbol).depth;
    if (bounded && nesting < depthOfBest)
      continue;
    if (std::optional<LinearForm> candidate = boundBy(form, i)) {
      bounded = candidate;
      depthOfBest = nesting;
    }
  }
  return bounded ? std::max(best, leastOf(*bounded, depth + 1)) : best;
}

int64_t IndexOrder::greatestOf(const LinearForm &form) const {
  std::optional<LinearForm> negative = scaled(form, -1);
  int64_t least = negative ? leastOf(*negative) : INT64_MIN;
  return least == INT64_MIN ? INT64_MAX : -least;
}

/// True if `first`, of the instance on side `side`, ends where `second` begins, or before.
bool IndexOrder::isBefore(const IndexRegion &first, unsigned side, const IndexRegion &second) const {
  std::optional<LinearForm> begin = rename(second.begin, 3 - side), from = rename(first.begin, side);
  std::optional<LinearForm> size = rename(first.size, side), otherSize = rename(second.size, 3 - side);
  if (!begin || !from || !size || !otherSize)
    return false;
  std::optional<LinearForm> distance = sum(*begin, *from, -1);
  std::optional<LinearForm> gap = distance ? sum(*distance, *size, -1) : distance;
  bool isExact = first.begin.isExact && second.begin.isExact;
  if (gap && size->isExact && leastOf(*gap) >= 0) {
    if (isExact)
      return true;
    // Also the other way around the circle.
    std::optional<LinearForm> reach = sum(*distance, *otherSize);
    if (reach && otherSize->isExact && greatestOf(*reach) <= int64_t(1) << 32)
      return true;
  }
  if (!isExact)
    return false;
  for (const LinearForm &end : first.ends) {
    std::optional<LinearForm> renamed = rename(end, side);
    std::optional<LinearForm> rest = renamed ? sum(*begin, *renamed, -1) : renamed;
    if (rest && leastOf(*rest) >= 0)
      return true;
  }
  return false;
}

/// True if the distance of the begins leaves a rest by a common divisor of all that varies in it, which keeps the
/// regions apart: rows 2r and 2r + 1.
bool IndexOrder::areApart(const IndexRegion &first, unsigned side, const IndexRegion &second) const {
  std::optional<LinearForm> from = rename(first.begin, side), to = rename(second.begin, 3 - side);
  std::optional<LinearForm> distance = from && to ? sum(*to, *from, -1) : std::nullopt;
  if (!distance)
    return false;
  // Modulo 2^32 only divisors of 2^32 count.
  int64_t divisor = distance->isExact ? 0 : int64_t(1) << 32;
  for (auto [name, coefficient] : distance->terms)
    divisor = std::gcd(divisor, coefficient);
  if (divisor < 2)
    return false;
  int64_t rest = ((distance->constant % divisor) + divisor) % divisor;
  int64_t size = forms->boundsOf(first.size).max, otherSize = forms->boundsOf(second.size).max;
  return size <= rest && otherSize <= divisor - rest;
}

bool IndexOrder::areDisjoint(const IndexRegion &first, const IndexRegion &second) const {
  if (!first.isKnown || !second.isKnown)
    return false;
  return isBefore(first, 1, second) || isBefore(second, 2, first) || areApart(first, 1, second);
}

bool IndexOrder::areEqual(const IndexRegion &first, const IndexRegion &second) const {
  if (!first.isKnown || !second.isKnown || first.ends.size() != second.ends.size())
    return false;
  auto areSame = [&](const LinearForm &one, const LinearForm &other) {
    std::optional<LinearForm> lhs = rename(one, 1), rhs = rename(other, 2);
    return lhs && rhs && *lhs == *rhs;
  };
  if (!areSame(first.begin, second.begin) || !areSame(first.size, second.size))
    return false;
  for (auto [end, otherEnd] : llvm::zip(first.ends, second.ends))
    if (!areSame(end, otherEnd))
      return false;
  return true;
}
