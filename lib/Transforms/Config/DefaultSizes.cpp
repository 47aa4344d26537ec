//===- DefaultSizes.cpp - default tile sizes of a machine ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Transforms/DefaultSizes.h"

#include "llvm/ADT/bit.h"

#include <algorithm>

using namespace tilec;

/// Sizes are counted for elements of this many bytes.
static constexpr int64_t elementBytes = 4;

/// Prefetchers follow what is read in sequence to the end of a page, and lines at the same place of their pages share the
/// lines of the first cache that can hold either.
static constexpr int64_t pageBytes = 4096;

/// Products of as many rows are bound by reading the right operand.
static constexpr int64_t fewRows = 8;

static int64_t powerOfTwo(int64_t value, int64_t least, int64_t most) {
  return std::clamp<int64_t>(llvm::bit_floor(static_cast<uint64_t>(std::max<int64_t>(value, 1))), least, most);
}

DefaultConfigOptions tilec::defaultSizes(const TargetSpec &spec) {
  DefaultConfigOptions sizes;
  int64_t panelDepth = powerOfTwo(spec.l1Bytes / 2 / (2 * spec.vectorBytes), 64, 256);
  sizes.dotDepth = panelDepth;
  auto depthOf = [&](std::initializer_list<DotInstruction::Operands> best) {
    for (DotInstruction::Operands operands : best)
      if (const DotInstruction *instruction = spec.findDot(operands))
        // A panel of the right operand, of two vectors of columns, fills the first cache: the faster products are, the
        // longer loading and storing their sums takes beside them.
        return panelDepth * instruction->depth * 2;
    return panelDepth;
  };
  using Operands = DotInstruction::Operands;
  sizes.bytesDepth = depthOf({Operands::U8AndS8, Operands::S16});
  sizes.bf16Depth = depthOf({Operands::BF16});
  int64_t accumulators = spec.l2Bytes / 4 / elementBytes;
  sizes.dotColumns = 256;
  sizes.dotRows = powerOfTwo(accumulators / sizes.dotColumns, 64, 256);
  // Where products take little time, what an iteration does once for all its columns takes much of it.
  sizes.linkedRows = powerOfTwo(accumulators / 2 / (pageBytes / elementBytes), 32, 256);
  if (spec.matrices)
    sizes.linkedBF16Columns = pageBytes / elementBytes;
  // The second cache also has the next tiles, which are fetched long before they are multiplied. Both operands are packed
  // in the order of reading: a panel may fill more of the first cache.
  if (spec.farLastCache) {
    sizes.narrowRows = +sizes.dotRows;
    sizes.dotRows = std::max<int64_t>(sizes.dotRows / 2, 64);
    sizes.dotDepth = 2 * panelDepth;
    sizes.linkedF32Columns = pageBytes / elementBytes / 2;
  }
  // The passes over a row find it, and what they keep of it, in half of the first cache.
  sizes.rows = powerOfTwo(spec.l1Bytes / 8 / elementBytes, 256, 65536);
  // As many rows as find a place for what is read and what is written, where they lie whole pages apart.
  sizes.outer = powerOfTwo(spec.l1Bytes / pageBytes / 2, 1, 8);
  sizes.sequential = pageBytes / elementBytes;
  return sizes;
}

VersionFewRowsOptions tilec::fewRowsSizes(const TargetSpec &spec) {
  VersionFewRowsOptions sizes;
  sizes.rows = fewRows;
  // Those that two registers of rows hold (FewRowsPanels.cpp).
  if (spec.matrices)
    sizes.matrixRows = 2 * spec.matrices->rows, sizes.oneRegister = spec.matrices->rows;
  int64_t mostRows = std::max<int64_t>(sizes.rows, sizes.matrixRows);
  sizes.columnBytes = 2 * pageBytes;
  sizes.leastColumns = spec.vectorBytes / elementBytes;
  sizes.mostColumns = powerOfTwo(spec.l2Bytes / 4 / elementBytes / mostRows, 1024, 2 * pageBytes);
  return sizes;
}
