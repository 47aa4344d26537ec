//===- Clocks.cpp - what a thread knows of others ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Clocks.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

Time View::find(const ViewRef &view, uint64_t key) {
  if (!view)
    return 0;
  const Entry *found = llvm::lower_bound(view->entries, Entry(key, 0));
  return found != view->entries.end() && found->first == key ? found->second : 0;
}

Time View::ofBlock(const ViewRef &view, uint64_t block) { return find(view, ClockKey::block(block)); }

Time View::ofWarp(const ViewRef &view, uint64_t block, unsigned warp) {
  return std::max(find(view, ClockKey::block(block)), find(view, ClockKey::warp(block, warp)));
}

Time View::of(const ViewRef &view, uint64_t block, unsigned warp, unsigned lane) {
  if (!view)
    return 0;
  return std::max(ofWarp(view, block, warp), find(view, ClockKey::thread(block, warp, lane)));
}

Time View::ofEngine(const ViewRef &view, uint64_t block, unsigned warp, unsigned lane) {
  return find(view, ClockKey::engine(block, warp, lane));
}

ViewRef View::join(const ViewRef &a, const ViewRef &b) {
  if (!b || a == b)
    return a;
  if (!a)
    return b;
  ViewRef joined = join(a, llvm::ArrayRef<Entry>(b->entries));
  // What many know is one object.
  if (joined->entries == a->entries)
    return a;
  return joined->entries == b->entries ? b : joined;
}

ViewRef View::join(const ViewRef &a, llvm::ArrayRef<Entry> b) {
  llvm::ArrayRef<Entry> left;
  if (a)
    left = a->entries;
  auto joined = llvm::makeIntrusiveRefCnt<View>();
  joined->entries.reserve(left.size() + b.size());
  // The widest entries of a block come first.
  Time block = 0, warp = 0;
  uint64_t blockKey = ~uint64_t(0), warpKey = ~uint64_t(0);
  auto add = [&](uint64_t key, Time time) {
    bool isThread = key & 63, isBlock = !(key & 4095);
    if (isBlock)
      blockKey = key, block = time;
    else if (!isThread) {
      if ((key & ~uint64_t(4095)) == blockKey && time <= block)
        return;
      warpKey = key, warp = time;
    } else if (((key & ~uint64_t(4095)) == blockKey && time <= block) ||
               ((key & ~uint64_t(63)) == warpKey && time <= warp)) {
      return;
    }
    joined->entries.emplace_back(key, time);
  };
  const Entry *i = left.begin(), *j = b.begin();
  while (i != left.end() || j != b.end()) {
    if (j == b.end() || (i != left.end() && i->first < j->first)) {
      add(i->first, i->second);
      ++i;
    } else if (i == left.end() || j->first < i->first) {
      add(j->first, j->second);
      ++j;
    } else {
      add(i->first, std::max(i->second, j->second));
      ++i, ++j;
    }
  }
  return ViewRef(joined.get());
}

ViewRef View::without(const ViewRef &view, uint64_t block) {
  auto isOf = [&](const Entry &entry) { return entry.first >> 12 == block; };
  if (!view || llvm::none_of(view->entries, isOf))
    return view;
  auto rest = llvm::makeIntrusiveRefCnt<View>();
  llvm::copy_if(view->entries, std::back_inserter(rest->entries), std::not_fn(isOf));
  return rest->entries.empty() ? nullptr : ViewRef(rest.get());
}
