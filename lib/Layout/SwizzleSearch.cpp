//===- SwizzleSearch.cpp - The best swizzle of a tile in shared memory -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/SwizzleSearch.h"

#include "CheckedMath.h"
#include "TileAccessCheck.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

using namespace tilec::layout;

std::vector<Swizzle> tilec::layout::allSwizzles(int bits) {
  std::vector<Swizzle> swizzles{*Swizzle::make(0, 0, 0)};
  for (int moved = 1; 2 * moved <= bits; ++moved)
    for (int distance = moved; moved + distance <= bits; ++distance)
      for (int sign : {1, -1})
        for (int base = 0; base + moved + distance <= bits; ++base)
          swizzles.push_back(*Swizzle::make(moved, base, sign * distance));
  return swizzles;
}

//===----------------------------------------------------------------------===//
// Accesses that are linear over F2
//===----------------------------------------------------------------------===//

namespace {
/// The offsets of the registers, lanes and warps that are powers of two; all others are XORs of these.
struct LinearAccess {
  std::vector<uint64_t> registers, lanes, warps;
};
} // namespace

/// The columns of a table of offsets over (register, thread), if it is linear.
static std::optional<LinearAccess> linearAccess(const std::vector<int64_t> &offsets, const DistributedLayout &threads) {
  if (!isPowerOfTwo(threads.numRegisters()) || !isPowerOfTwo(threads.numLanes()) || !isPowerOfTwo(threads.numWarps()))
    return std::nullopt;
  size_t count = static_cast<size_t>(threads.numRegisters() * threads.numLanes() * threads.numWarps());
  if (offsets[0])
    return std::nullopt;
  for (size_t i = 1; i < count; ++i) {
    size_t low = i & (~i + 1);
    if (offsets[i] != (offsets[low] ^ offsets[i ^ low]))
      return std::nullopt;
  }
  LinearAccess access;
  for (size_t bit = 1; bit < count; bit *= 2) {
    size_t lane = static_cast<size_t>(threads.numRegisters()), warp = lane * static_cast<size_t>(threads.numLanes());
    std::vector<uint64_t> &columns = bit < lane ? access.registers : bit < warp ? access.lanes : access.warps;
    columns.push_back(static_cast<uint64_t>(offsets[bit]));
  }
  return access;
}

/// What the span of some vectors looks like in its lowest bits.
namespace {
struct Span {
  /// The vectors are reduced from the highest bit down: each leading bit occurs in one only.
  std::array<uint64_t, 64> byLeadingBit{};
  int rank = 0;

  explicit Span(const std::vector<uint64_t> &vectors) {
    for (uint64_t vector : vectors) {
      vector = reduce(vector);
      if (vector) {
        byLeadingBit[static_cast<size_t>(bitWidth(vector)) - 1] = vector;
        ++rank;
      }
    }
  }
  uint64_t reduce(uint64_t vector) const {
    for (uint64_t rest = vector; rest;) {
      int leading = bitWidth(rest) - 1;
      if (uint64_t basis = byLeadingBit[static_cast<size_t>(leading)]) {
        vector ^= basis;
        rest = (rest ^ basis) & ((uint64_t(1) << leading) - 1);
      } else {
        rest &= (uint64_t(1) << leading) - 1;
      }
    }
    return vector;
  }
  bool contains(uint64_t vector) const { return !reduce(vector); }
};
} // namespace

/// The vectors of a linear access, as findVectors() finds them in the table: 2^k consecutive elements are in the same
/// registers of all threads where the registers span the lowest k bits and no thread changes these.
static int vectorBits(const LinearAccess &access, const Span &registers, int limit) {
  int bits = 0;
  auto threadsKeep = [&](int bit) {
    auto has = [&](uint64_t column) { return column >> bit & 1; };
    return std::none_of(access.lanes.begin(), access.lanes.end(), has) &&
           std::none_of(access.warps.begin(), access.warps.end(), has);
  };
  while (bits < limit && registers.contains(uint64_t(1) << bits) && threadsKeep(bits))
    ++bits;
  return bits;
}

/// The columns after a linear function of offsets.
static LinearAccess apply(const Swizzle &swizzle, const LinearAccess &access) {
  LinearAccess result = access;
  for (std::vector<uint64_t> *columns : {&result.registers, &result.lanes, &result.warps})
    for (uint64_t &column : *columns)
      column = static_cast<uint64_t>(swizzle(static_cast<int64_t>(column)));
  return result;
}

/// Whether the lanes of each phase are those of the first, XORed with a number. So are all that are known.
static bool phasesAreTranslates(const BankModel::Phases &phases) {
  const std::vector<int32_t> &first = phases.front();
  return std::all_of(phases.begin(), phases.end(), [&](const std::vector<int32_t> &phase) {
    for (size_t i = 0; i < phase.size(); ++i)
      if (phase.size() != first.size() || (phase[i] ^ phase[0]) != (first[i] ^ first[0]))
        return false;
    return true;
  });
}

/// The cost of a linear access. The offsets of two instructions differ by an XOR with a constant, which exchanges banks
/// and words in them one for one: all instructions cost the same, and so do phases that are translates.
static Result<TileCost> linearCost(const LinearAccess &access, int64_t elementBytes, const BankModel &banks,
                                   AccessKind kind, int64_t requiredBytes) {
  Span registers(access.registers);
  int bits = vectorBits(access, registers, bitsOf((requiredBytes ? requiredBytes : 16) / elementBytes));
  TileCost cost;
  cost.vectorBytes = elementBytes << bits;
  if (requiredBytes && cost.vectorBytes != requiredBytes)
    return Error{"the threads access " + std::to_string(cost.vectorBytes) + " bytes at once, where " +
                 std::to_string(requiredBytes) + " are required"};
  size_t numLanes = size_t(1) << access.lanes.size();
  WarpAccess warp{std::vector<std::optional<int64_t>>(numLanes), cost.vectorBytes, kind};
  const BankModel::Phases &phases = banks.phases(cost.vectorBytes, kind);
  bool oneIsEnough = phasesAreTranslates(phases);
  for (const std::vector<int32_t> &phase : phases) {
    for (int32_t lane : phase) {
      uint64_t offset = 0;
      for (uint32_t rest = static_cast<uint32_t>(lane); rest; rest &= rest - 1)
        offset ^= access.lanes[static_cast<size_t>(std::countr_zero(rest))];
      warp.addresses[static_cast<size_t>(lane)] = elementBytes * static_cast<int64_t>(offset);
    }
    if (oneIsEnough)
      break;
  }
  Result<BankUse> use = countBankUse(warp, banks);
  if (!use)
    return use.error();
  cost.instructions = int64_t(1) << (registers.rank - bits + static_cast<int>(access.warps.size()));
  cost.ideal = cost.instructions * static_cast<int64_t>(phases.size());
  cost.wavefronts = cost.instructions * use->wavefronts * (oneIsEnough ? static_cast<int64_t>(phases.size()) : 1);
  return cost;
}

//===----------------------------------------------------------------------===//
// The search
//===----------------------------------------------------------------------===//

Result<SwizzleChoice> tilec::layout::findSwizzle(const Layout &memory, int64_t elementBytes,
                                                 const std::vector<TileAccess> &accesses, const BankModel &banks) {
  Result<int64_t> extent = cosize(memory);
  if (!extent)
    return extent.error();
  std::vector<std::optional<LinearAccess>> linear;
  for (const TileAccess &access : accesses) {
    // What fails without a swizzle for another reason than its vectors fails with each.
    if (Status valid = checkTileAccess(access.threads, elementBytes, banks, access.requiredBytes); !valid)
      return valid.error();
    Result<std::vector<int64_t>> offsets = offsetsInMemory(access.threads, {{}, 0, memory});
    if (!offsets)
      return offsets.error();
    linear.push_back(linearAccess(*offsets, access.threads));
  }

  std::optional<SwizzleChoice> best;
  std::string refusal;
  int64_t candidates = 0;
  for (const Swizzle &swizzle : allSwizzles(bitsOf(*extent))) {
    ++candidates;
    SwizzleChoice choice{swizzle, {}, 0, 0, 0};
    for (size_t i = 0; i < accesses.size(); ++i) {
      const TileAccess &access = accesses[i];
      Result<TileCost> cost =
          linear[i]
              ? linearCost(apply(swizzle, *linear[i]), elementBytes, banks, access.kind, access.requiredBytes)
              : tileCost(access.threads, {swizzle, 0, memory}, elementBytes, banks, access.kind, access.requiredBytes);
      if (!cost) {
        refusal = cost.message();
        break;
      }
      choice.costs.push_back(*cost);
      choice.wavefronts += cost->wavefronts;
      choice.ideal += cost->ideal;
    }
    if (choice.costs.size() == accesses.size() && (!best || choice.wavefronts < best->wavefronts))
      best = std::move(choice);
  }
  if (!best)
    return Error{"no swizzle of " + print(memory) + " allows these accesses: " + refusal};
  best->candidates = candidates;
  return std::move(*best);
}
