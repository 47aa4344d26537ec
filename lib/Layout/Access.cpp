//===- Access.cpp - What an access to memory costs --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/Access.h"

#include "CheckedMath.h"
#include "TileAccessCheck.h"

#include <algorithm>
#include <map>

using namespace tilec::layout;

//===----------------------------------------------------------------------===//
// One instruction
//===----------------------------------------------------------------------===//

/// The index of a number of bytes in a bank model, or -1.
static int sizeIndex(int64_t bytes) { return isPowerOfTwo(bytes) && bytes <= 16 ? bitsOf(bytes) : -1; }

const BankModel::Phases &BankModel::phases(int64_t bytes, AccessKind kind) const {
  int index = sizeIndex(bytes);
  assert(index >= 0 && "accesses have 1, 2, 4, 8 or 16 bytes");
  return kind == AccessKind::Read ? reads[index] : writes[index];
}

BankModel::Phases tilec::layout::consecutivePhases(int64_t numLanes, int64_t size) {
  BankModel::Phases phases;
  for (int64_t lane = 0; lane < numLanes; ++lane) {
    if (lane % size == 0)
      phases.emplace_back();
    phases.back().push_back(static_cast<int32_t>(lane));
  }
  return phases;
}

/// Fails unless all addresses are multiples of a valid number of bytes.
static Status checkAccess(const WarpAccess &access) {
  if (sizeIndex(access.bytes) < 0)
    return Error{"an access has 1, 2, 4, 8 or 16 bytes a lane, not " + std::to_string(access.bytes)};
  for (size_t lane = 0; lane < access.addresses.size(); ++lane) {
    const std::optional<int64_t> &address = access.addresses[lane];
    if (address && (*address < 0 || *address > maxSize || *address % access.bytes))
      return Error{"the address " + std::to_string(*address) + " of lane " + std::to_string(lane) +
                   " is no multiple of the access's " + std::to_string(access.bytes) + " bytes"};
  }
  return success();
}

Result<BankUse> tilec::layout::countBankUse(const WarpAccess &access, const BankModel &banks) {
  if (Status valid = checkAccess(access); !valid)
    return valid.error();
  if (static_cast<int64_t>(access.addresses.size()) != banks.numLanes)
    return Error{"an access of " + std::to_string(access.addresses.size()) + " lanes to a memory that serves " +
                 std::to_string(banks.numLanes)};
  BankUse use;
  std::vector<int64_t> words, load(static_cast<size_t>(banks.numBanks));
  for (const std::vector<int32_t> &phase : banks.phases(access.bytes, access.kind)) {
    words.clear();
    for (int32_t lane : phase)
      if (const std::optional<int64_t> &address = access.addresses[static_cast<size_t>(lane)])
        for (int64_t word = *address / banks.bankBytes; word <= (*address + access.bytes - 1) / banks.bankBytes; ++word)
          words.push_back(word);
    if (words.empty())
      continue;
    int64_t asked = static_cast<int64_t>(words.size());
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    std::fill(load.begin(), load.end(), 0);
    int64_t busiest = 0;
    for (int64_t word : words)
      busiest = std::max(busiest, ++load[static_cast<size_t>(word % banks.numBanks)]);
    use.wavefronts += busiest;
    use.phases += 1;
    use.words += static_cast<int64_t>(words.size());
    use.shared += asked - static_cast<int64_t>(words.size());
  }
  return use;
}

Result<SectorUse> tilec::layout::countSectors(const WarpAccess &access, int64_t sectorBytes) {
  if (Status valid = checkAccess(access); !valid)
    return valid.error();
  constexpr int64_t lineBytes = 128;
  if (!isPowerOfTwo(sectorBytes) || sectorBytes > lineBytes)
    return Error{"sectors have a power of two of at most 128 bytes, not " + std::to_string(sectorBytes)};
  std::vector<int64_t> sectors;
  for (const std::optional<int64_t> &address : access.addresses)
    if (address)
      for (int64_t sector = *address / sectorBytes; sector <= (*address + access.bytes - 1) / sectorBytes; ++sector)
        sectors.push_back(sector);
  std::sort(sectors.begin(), sectors.end());
  sectors.erase(std::unique(sectors.begin(), sectors.end()), sectors.end());
  SectorUse use;
  use.sectors = static_cast<int64_t>(sectors.size());
  for (size_t i = 0; i < sectors.size(); ++i)
    use.lines += !i || sectors[i] * sectorBytes / lineBytes != sectors[i - 1] * sectorBytes / lineBytes;
  return use;
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Result<std::vector<int64_t>> tilec::layout::offsetsInMemory(const DistributedLayout &threads,
                                                            const ComposedLayout &memory) {
  const std::vector<int64_t> &tile = threads.shape();
  std::vector<Layout> modes = tile.size() == 1 ? std::vector<Layout>{memory.inner} : memory.inner.modes();
  if (modes.size() != tile.size())
    return Error{"a tile of shape " + print(IntTuple::flat(tile)) + " in a memory of " + std::to_string(modes.size()) +
                 " modes"};
  std::vector<int64_t> strides;
  int64_t stride = 1;
  for (size_t dim = 0; dim < tile.size(); ++dim) {
    if (modes[dim].size() < tile[dim])
      return Error{"mode " + std::to_string(dim) + " of " + print(memory.inner) +
                   " is smaller than the tile of shape " + print(IntTuple::flat(tile))};
    strides.push_back(stride);
    stride *= modes[dim].size();
  }
  // The offset of each element once, in row-major order of the tile.
  std::vector<int64_t> ofElement(static_cast<size_t>(threads.numElements()));
  for (size_t element = 0; element < ofElement.size(); ++element) {
    int64_t index = 0, rest = static_cast<int64_t>(element);
    for (size_t dim = tile.size(); dim-- > 0; rest /= tile[dim])
      index += rest % tile[dim] * strides[dim];
    Result<Offset> offset = memory.at(index);
    if (!offset)
      return offset.error();
    std::optional<int64_t> number = offset->asNumber();
    // Elements of up to 16 bytes have addresses of up to 62 bits.
    if (!number || *number < 0 || *number > maxSize / 16)
      return Error{"the value " + print(*offset) + " of " + print(memory) + " is no offset in memory"};
    ofElement[element] = *number;
  }
  std::vector<int64_t> offsets;
  offsets.reserve(static_cast<size_t>(threads.numThreads() * threads.numRegisters()));
  for (int64_t thread = 0; thread < threads.numThreads(); ++thread)
    for (int64_t reg = 0; reg < threads.numRegisters(); ++reg)
      offsets.push_back(ofElement[static_cast<size_t>(threads.element(reg, thread))]);
  return offsets;
}

Vectors tilec::layout::findVectors(const std::vector<int64_t> &offsets, int64_t numRegisters, int64_t limit) {
  size_t numThreads = offsets.size() / static_cast<size_t>(numRegisters);
  auto offset = [&](int64_t reg, size_t thread) {
    return offsets[static_cast<size_t>(reg) + thread * static_cast<size_t>(numRegisters)];
  };
  auto inAllThreads = [&](auto holds) {
    for (size_t thread = 0; thread < numThreads; ++thread)
      if (!holds(thread))
        return false;
    return true;
  };

  Vectors result;
  for (int64_t reg = 0; reg < numRegisters; ++reg) {
    auto repeats = [&](const std::vector<int64_t> &other) {
      return inAllThreads([&](size_t thread) { return offset(other.front(), thread) == offset(reg, thread); });
    };
    if (std::none_of(result.registers.begin(), result.registers.end(), repeats))
      result.registers.push_back({reg});
  }

  // Two vectors of a width become one of twice the width where the second goes on after the first in all threads, and
  // the first is aligned for it.
  for (int64_t width = 1; 2 * width <= limit; width *= 2) {
    std::map<int64_t, size_t> starts;
    for (size_t i = 0; i < result.registers.size(); ++i)
      starts.emplace(offset(result.registers[i].front(), 0), i);
    std::vector<std::vector<int64_t>> wider;
    for (const std::vector<int64_t> &first : result.registers) {
      auto next = starts.find(offset(first.front(), 0) + width);
      if (next == starts.end())
        continue;
      const std::vector<int64_t> &second = result.registers[next->second];
      if (!inAllThreads([&](size_t thread) {
            int64_t start = offset(first.front(), thread);
            return start % (2 * width) == 0 && offset(second.front(), thread) == start + width;
          }))
        continue;
      wider.push_back(first);
      wider.back().insert(wider.back().end(), second.begin(), second.end());
    }
    if (2 * wider.size() != result.registers.size())
      break;
    result.registers = std::move(wider);
    result.width = 2 * width;
  }
  return result;
}

Result<int64_t> tilec::layout::vectorWidth(const DistributedLayout &threads, const ComposedLayout &memory,
                                           int64_t elementBytes, int64_t maxBytes) {
  if (!isPowerOfTwo(elementBytes) || elementBytes > maxBytes)
    return Error{"elements of " + std::to_string(elementBytes) + " bytes in accesses of at most " +
                 std::to_string(maxBytes)};
  Result<std::vector<int64_t>> offsets = offsetsInMemory(threads, memory);
  if (!offsets)
    return offsets.error();
  return findVectors(*offsets, threads.numRegisters(), maxBytes / elementBytes).width;
}

Status tilec::layout::checkTileAccess(const DistributedLayout &threads, int64_t elementBytes, const BankModel &banks,
                                      int64_t requiredBytes) {
  if (sizeIndex(elementBytes) < 0)
    return Error{"elements have 1, 2, 4, 8 or 16 bytes, not " + std::to_string(elementBytes)};
  if (threads.numLanes() != banks.numLanes)
    return Error{"a warp of " + std::to_string(threads.numLanes()) + " lanes at a memory that serves " +
                 std::to_string(banks.numLanes)};
  if (requiredBytes && (sizeIndex(requiredBytes) < 0 || requiredBytes < elementBytes))
    return Error{"a lane cannot access " + std::to_string(requiredBytes) + " bytes at once in elements of " +
                 std::to_string(elementBytes)};
  return success();
}

Result<TileCost> tilec::layout::tileCost(const DistributedLayout &threads, const ComposedLayout &memory,
                                         int64_t elementBytes, const BankModel &banks, AccessKind kind,
                                         int64_t requiredBytes) {
  if (Status valid = checkTileAccess(threads, elementBytes, banks, requiredBytes); !valid)
    return valid.error();
  Result<std::vector<int64_t>> offsets = offsetsInMemory(threads, memory);
  if (!offsets)
    return offsets.error();
  Vectors vectors = findVectors(*offsets, threads.numRegisters(), (requiredBytes ? requiredBytes : 16) / elementBytes);
  TileCost cost;
  cost.vectorBytes = vectors.width * elementBytes;
  if (requiredBytes && cost.vectorBytes != requiredBytes)
    return Error{"the threads access " + std::to_string(cost.vectorBytes) + " bytes at once in " + print(memory) +
                 ", where " + std::to_string(requiredBytes) + " are required"};
  WarpAccess access{std::vector<std::optional<int64_t>>(static_cast<size_t>(banks.numLanes)), cost.vectorBytes, kind};
  // Blocks have memories of their own; what counts is the first one.
  for (int64_t warp = 0; warp < threads.numWarps(); ++warp)
    for (const std::vector<int64_t> &registers : vectors.registers) {
      for (int64_t lane = 0; lane < banks.numLanes; ++lane)
        access.addresses[static_cast<size_t>(lane)] =
            elementBytes * (*offsets)[static_cast<size_t>(registers.front() +
                                                          (warp * threads.numLanes() + lane) * threads.numRegisters())];
      Result<BankUse> use = countBankUse(access, banks);
      if (!use)
        return use.error();
      cost.instructions += 1;
      cost.wavefronts += use->wavefronts;
      cost.ideal += use->phases;
    }
  return cost;
}
