//===- AccessOracle.cpp - Costs of accesses, by the definitions -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AccessOracle.h"

#include <algorithm>
#include <map>
#include <set>

using namespace tilec::layout;
using namespace tilec::layout::test;

int64_t tilec::layout::test::countWavefronts(const WarpAccess &access, const BankModel &banks) {
  int64_t total = 0;
  for (const std::vector<int32_t> &phase : banks.phases(access.bytes, access.kind)) {
    std::map<int64_t, std::set<int64_t>> wordsOfBank;
    for (int32_t lane : phase)
      if (access.addresses[size_t(lane)])
        for (int64_t byte = 0; byte < access.bytes; byte += std::min(access.bytes, banks.bankBytes)) {
          int64_t word = (*access.addresses[size_t(lane)] + byte) / banks.bankBytes;
          wordsOfBank[word % banks.numBanks].insert(word);
        }
    size_t busiest = 0;
    for (const auto &[bank, words] : wordsOfBank)
      busiest = std::max(busiest, words.size());
    total += int64_t(busiest);
  }
  return total;
}

int64_t tilec::layout::test::swizzledByDefinition(int64_t offset, int moved, int base, int shift) {
  int64_t result = offset;
  for (int bit = 0; bit < moved; ++bit) {
    int source = shift >= 0 ? base + shift + bit : base + bit, target = shift >= 0 ? base + bit : base - shift + bit;
    if (offset >> source & 1)
      result ^= int64_t(1) << target;
  }
  return result;
}

std::optional<int64_t> tilec::layout::test::wavefrontsOfTile(const DistributedLayout &threads, const Layout &memory,
                                                             const std::function<int64_t(int64_t)> &swizzle,
                                                             int64_t elementBytes, const BankModel &banks,
                                                             AccessKind kind, int64_t requiredBytes) {
  int64_t numRegisters = threads.numRegisters(), numThreads = threads.numThreads();
  std::vector<int64_t> ofElement;
  for (int64_t element = 0; element < threads.numElements(); ++element)
    ofElement.push_back(swizzle(*memory.at(threads.coordinate(element))->asNumber()));
  auto offset = [&](int64_t reg, int64_t thread) { return ofElement[size_t(threads.element(reg, thread))]; };

  // Registers that repeat another one everywhere take no part.
  std::map<std::vector<int64_t>, int64_t> fresh;
  for (int64_t reg = 0; reg < numRegisters; ++reg) {
    std::vector<int64_t> everywhere;
    for (int64_t thread = 0; thread < numThreads; ++thread)
      everywhere.push_back(offset(reg, thread));
    fresh.emplace(std::move(everywhere), reg);
  }

  // The widest vectors: the registers, sorted into aligned pieces of memory in one thread, are whole pieces, and in
  // every other thread they are the same pieces in the same order.
  int64_t limit = requiredBytes ? requiredBytes : 16;
  for (int64_t width = limit / elementBytes; width >= 1; width /= 2) {
    std::map<int64_t, std::vector<std::pair<int64_t, int64_t>>> pieces;
    for (const auto &[everywhere, reg] : fresh)
      pieces[everywhere[0] / width].emplace_back(everywhere[0] % width, reg);
    bool whole = true;
    for (auto &[start, list] : pieces) {
      std::sort(list.begin(), list.end());
      whole &= int64_t(list.size()) == width;
      for (int64_t thread = 0; thread < numThreads && whole; ++thread)
        for (int64_t i = 0; i < width; ++i) {
          int64_t first = offset(list[0].second, thread);
          whole &= first % width == 0 && offset(list[size_t(i)].second, thread) == first + i;
        }
    }
    if (!whole)
      continue;
    if (requiredBytes && width * elementBytes != requiredBytes)
      return std::nullopt;
    int64_t total = 0;
    for (int64_t warp = 0; warp < threads.numWarps(); ++warp)
      for (const auto &[start, list] : pieces) {
        WarpAccess access{{}, width * elementBytes, kind};
        for (int64_t lane = 0; lane < threads.numLanes(); ++lane)
          access.addresses.emplace_back(elementBytes * offset(list[0].second, lane + warp * threads.numLanes()));
        total += countWavefronts(access, banks);
      }
    return total;
  }
  return std::nullopt;
}
