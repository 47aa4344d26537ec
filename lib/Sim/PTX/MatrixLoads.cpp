//===- MatrixLoads.cpp - ldmatrix, stmatrix, movmatrix ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections 9.7.14.5.15 to 9.7.14.5.17 of the manual, for 8 x 8 matrices of 16-bit elements. Lane 8 * i + r has the
// address of row r of matrix i; lane l holds the elements 2 * (l % 4) and the next of row l / 4, transposed of column l
// / 4.

#include "Decoder.h"
#include "Execute.h"
#include "LaneAccess.h"

#include "llvm/ADT/STLExtras.h"

using namespace tilec::sim::ptx;

/// In Op: the number of matrices in `count`, flag 1 for transposed, flag 2 for a generic address.
static constexpr uint8_t kTransposed = 1, kGeneric = 2;

/// The eight rows of a matrix, of 16 bytes each, from the lanes that have their addresses; false after an error.
static bool findRows(Warp &warp, const Op &op, const Lanes &base, unsigned matrix, Target (&rows)[8]) {
  for (unsigned row = 0; row != 8; ++row) {
    unsigned lane = 8 * matrix + row;
    uint64_t address = base.v[lane] + op.immediate;
    if (!(op.flags & kGeneric))
      address &= UINT32_MAX;
    if (!warp.translate(op, lane, Space::Shared, op.flags & kGeneric, address, 16, rows[row]))
      return false;
  }
  return true;
}

/// Each lane accesses the elements that it holds, whoever has their row's address; who of the warp accesses which part
/// of a row is not said, so that for races it is all.
static void tellElements(Warp &warp, const Op &op, Access::Kind kind, const Target (&rows)[8]) {
  if (LLVM_LIKELY(!warp.getLaunch().isMonitored))
    return;
  Access access{kind};
  access.audience = Access::Audience::Races;
  access.isCollective = true;
  bool isTransposed = op.flags & kTransposed;
  Target targets[kLanes];
  llvm::copy(rows, targets);
  warp.tell(op, 0xff, access, 16, targets);
  access.audience = Access::Audience::Others;
  for (unsigned i = 0; i != (isTransposed ? 2 : 1); ++i) {
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      unsigned row = isTransposed ? lane % 4 * 2 + i : lane / 4, byte = isTransposed ? lane / 4 * 2 : lane % 4 * 4;
      targets[lane] = rows[row];
      targets[lane].data += byte;
      targets[lane].offset += byte;
    }
    warp.tell(op, kAllLanes, access, isTransposed ? 2 : 4, targets);
  }
}

/// Loads, telling who reads what.
static Step loadWatched(Warp &warp, const Op &op) {
  const Lanes base = warp.source(op.a);
  for (unsigned matrix = 0; matrix != op.count; ++matrix) {
    uint16_t elements[8][8];
    Target rows[8];
    if (!findRows(warp, op, base, matrix, rows))
      return Step::Failed;
    tellElements(warp, op, Access::Kind::Read, rows);
    for (unsigned row = 0; row != 8; ++row)
      std::memcpy(elements[row], rows[row].data, 16);
    Lanes d;
    for (unsigned lane = 0; lane != kLanes; ++lane) {
      auto element = [&](unsigned i) -> uint64_t {
        unsigned row = lane / 4, column = lane % 4 * 2 + i;
        return op.flags & kTransposed ? elements[column][row] : elements[row][column];
      };
      d.v[lane] = element(0) | element(1) << 16;
    }
    warp.set(warp.getCode().lists[op.list][matrix], d, kAllLanes);
  }
  return Step::Next;
}

[[gnu::always_inline]] static inline Step loadMatrices(Warp &warp, const Op &op, Mask mask) {
  Step step;
  if (!isWhole(warp, op, mask, step))
    return step;
  if (LLVM_UNLIKELY(warp.getLaunch().isMonitored))
    return loadWatched(warp, op);
  const Lanes &base = warp.source(op.a);
  uint64_t keep = op.flags & kGeneric ? ~uint64_t(0) : UINT32_MAX;
  alignas(64) uint64_t addresses[kLanes];
  for (unsigned lane = 0; lane != kLanes; ++lane)
    addresses[lane] = (base.v[lane] + op.immediate) & keep;
  alignas(16) char unused[16];
  char *rows[kLanes];
  if (!accessLanes(warp, op, kAllLanes >> (kLanes - 8 * op.count), Access(), Space::Shared, op.flags & kGeneric,
                   addresses, 16, unused, rows))
    return Step::Failed;
  for (unsigned matrix = 0; matrix != op.count; ++matrix) {
    Lanes &d = warp.reg(warp.getCode().lists[op.list][matrix]);
    char *const *from = rows + 8 * matrix;
    if (op.flags & kTransposed)
      for (unsigned lane = 0; lane != kLanes; ++lane) {
        uint16_t low, high;
        std::memcpy(&low, from[lane % 4 * 2] + lane / 4 * 2, 2);
        std::memcpy(&high, from[lane % 4 * 2 + 1] + lane / 4 * 2, 2);
        d.v[lane] = low | uint32_t(high) << 16;
      }
    else
      for (unsigned lane = 0; lane != kLanes; ++lane) {
        uint32_t pair;
        std::memcpy(&pair, from[lane / 4] + lane % 4 * 4, 4);
        d.v[lane] = pair;
      }
  }
  return Step::Next;
}

static Step storeMatrices(Warp &warp, const Op &op, Mask mask) {
  Step step;
  if (!isWhole(warp, op, mask, step))
    return step;
  const Lanes &base = warp.source(op.a);
  for (unsigned matrix = 0; matrix != op.count; ++matrix) {
    const Lanes &a = warp.source(warp.getCode().lists[op.list][matrix]);
    uint16_t elements[8][8];
    for (unsigned lane = 0; lane != kLanes; ++lane)
      for (unsigned i = 0; i != 2; ++i) {
        unsigned row = lane / 4, column = lane % 4 * 2 + i;
        (op.flags & kTransposed ? elements[column][row] : elements[row][column]) = a.v[lane] >> (16 * i);
      }
    Target rows[8];
    if (!findRows(warp, op, base, matrix, rows))
      return Step::Failed;
    tellElements(warp, op, Access::Kind::Write, rows);
    for (unsigned row = 0; row != 8; ++row)
      std::memcpy(rows[row].data, elements[row], 16);
  }
  return Step::Next;
}

/// An 8 x 8 matrix in registers, transposed.
static Step transposeMatrix(Warp &warp, const Op &op, Mask mask) {
  Step step;
  if (!isWhole(warp, op, mask, step))
    return step;
  const Lanes a = warp.source(op.a);
  Lanes d;
  for (unsigned lane = 0; lane != kLanes; ++lane) {
    d.v[lane] = 0;
    for (unsigned i = 0; i != 2; ++i) {
      unsigned row = lane % 4 * 2 + i, column = lane / 4;
      d.v[lane] |= (a.v[row * 4 + column / 2] >> (16 * (column % 2)) & 0xffff) << (16 * i);
    }
  }
  warp.set(op.d, d, kAllLanes);
  return Step::Next;
}

static bool decodeMatrices(Decoder &d, bool isLoad) {
  bool isPlain = d.take("sync") && d.take("aligned") && d.take("m8n8");
  int count = d.takeOneOf({"x1", "x2", "x4"});
  d.op.flags = d.take("trans") ? kTransposed : 0;
  if (d.takeOneOf({"shared", "shared::cta"}) < 0)
    d.op.flags |= kGeneric;
  if (!isPlain || count < 0 || !d.take("b16"))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  d.op.count = 1 << count;
  d.op.isConvergent = true;
  d.op.execute = isLoad ? vectorised<loadMatrices> : storeMatrices;
  if (!d.expectOperands(2))
    return false;
  std::vector<Slot> slots;
  if (!d.registers(d.syntax().operands[isLoad ? 0 : 1], Type::B32, d.op.count, isLoad, slots))
    return false;
  d.setList(std::move(slots));
  std::optional<Space> ofVariable;
  return d.address(d.syntax().operands[isLoad ? 1 : 0], d.op.a, d.op.immediate, ofVariable);
}

static bool decodeMovmatrix(Decoder &d) {
  if (!d.take("sync") || !d.take("aligned") || !d.take("m8n8") || !d.take("trans") || !d.take("b16"))
    return d.fail("'" + d.syntax().spelling() + "' is not supported");
  d.op.isConvergent = true;
  d.op.execute = transposeMatrix;
  return d.expectOperands(2) && d.result(0, Type::B32, d.op.d) && d.source(1, Type::B32, d.op.a);
}

void tilec::sim::ptx::addMatrixLoads(DecodeTable &table) {
  table["ldmatrix"] = [](Decoder &d) { return decodeMatrices(d, true); };
  table["stmatrix"] = [](Decoder &d) { return decodeMatrices(d, false); };
  table["movmatrix"] = decodeMovmatrix;
}
