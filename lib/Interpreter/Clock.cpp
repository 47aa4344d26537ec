//===- Clock.cpp - what happened before what ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Joins of clocks. Bases that come from one another share most pages, which are compared by address.
//
//===----------------------------------------------------------------------===//
#include "Clock.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::interpreter;

ClockBase::PagePtr ClockBase::join(const PagePtr &x, const PagePtr &y) {
  if (x == y || !y)
    return x;
  if (!x)
    return y;
  auto covers = [](const Page &more, const Page &less) {
    return llvm::all_of(llvm::zip(more.positions, less.positions),
                        [](auto pair) { return std::get<0>(pair) >= std::get<1>(pair); });
  };
  if (covers(*x, *y))
    return x;
  if (covers(*y, *x))
    return y;
  llvm::IntrusiveRefCntPtr<Page> page(new Page);
  for (size_t i = 0; i != kPageSize; ++i)
    page->positions[i] = std::max(x->positions[i], y->positions[i]);
  return page;
}

ClockBasePtr ClockBase::join(ClockBasePtr x, ClockBasePtr y) {
  if (x == y || !y)
    return x;
  if (!x)
    return y;
  if (x->pages.size() < y->pages.size())
    std::swap(x, y);
  llvm::IntrusiveRefCntPtr<ClockBase> joined(new ClockBase(*x));
  bool isX = true, isY = x->pages.size() == y->pages.size();
  for (auto [i, page] : llvm::enumerate(y->pages)) {
    joined->pages[i] = join(joined->pages[i], page);
    isX &= joined->pages[i] == x->pages[i];
    isY &= joined->pages[i] == page;
  }
  return isX ? x : isY ? y : ClockBasePtr(joined);
}

ClockBasePtr ClockBase::extend(ClockBasePtr base, llvm::ArrayRef<Stamp> beyond) {
  if (beyond.empty())
    return base;
  llvm::IntrusiveRefCntPtr<ClockBase> extended(base ? new ClockBase(*base) : new ClockBase);
  extended->pages.resize(std::max(extended->pages.size(), beyond.back().chain / kPageSize + 1));
  for (size_t i = 0; i != beyond.size();) {
    size_t number = beyond[i].chain / kPageSize;
    PagePtr &page = extended->pages[number];
    llvm::IntrusiveRefCntPtr<Page> copy(page ? new Page(*page) : new Page);
    for (; i != beyond.size() && beyond[i].chain / kPageSize == number; ++i)
      copy->positions[beyond[i].chain % kPageSize] = beyond[i].position;
    page = copy;
  }
  return extended;
}

static bool isBefore(const Stamp &stamp, uint32_t chain) { return stamp.chain < chain; }

uint32_t Clock::position(uint32_t chain) const {
  const Stamp *found = std::lower_bound(beyond.begin(), beyond.end(), chain, isBefore);
  if (found != beyond.end() && found->chain == chain)
    return found->position;
  return base ? (*base)[chain] : 0;
}

void Clock::add(Stamp stamp) {
  if (covers(stamp))
    return;
  Stamp *place = std::lower_bound(beyond.begin(), beyond.end(), stamp.chain, isBefore);
  if (place != beyond.end() && place->chain == stamp.chain)
    place->position = stamp.position;
  else
    beyond.insert(place, stamp);
  if (beyond.size() > kMaxBeyond)
    freeze();
}

void Clock::join(const Clock &other) {
  if (base != other.base) {
    base = ClockBase::join(base, other.base);
    llvm::erase_if(beyond, [&](const Stamp &stamp) { return stamp.position <= (*base)[stamp.chain]; });
  }
  for (const Stamp &stamp : other.beyond)
    add(stamp);
}

void Clock::freeze() {
  base = ClockBase::extend(std::move(base), beyond);
  beyond.clear();
}
