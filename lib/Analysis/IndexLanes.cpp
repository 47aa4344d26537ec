//===- IndexLanes.cpp - the elements that the lanes of a store touch -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file evaluates integer tiles whose lanes are numbers, or one scalar that is not known and a number.

#include "IndexLanes.h"

#include "tilec/Analysis/DimRanges.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

#include <set>

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

/// Tiles with more lanes are not looked into.
static constexpr int64_t kMostLanes = 4096;

namespace {
/// `base + number`, where the base is a scalar that is not known, or null.
struct Lane {
  Value base;
  int64_t number;
};
} // namespace

using Lanes = SmallVector<Lane>;

static std::optional<Lane> scalarLane(Value scalar) {
  IntegerAttr constant;
  if (matchPattern(scalar, m_Constant(&constant)))
    return Lane{Value(), constant.getValue().getSExtValue()};
  return Lane{scalar, 0};
}

static std::optional<Lanes> lanesOf(Value tile) {
  auto type = cast<RankedTensorType>(tile.getType());
  Operation *op = tile.getDefiningOp();
  if (!op || !type.hasStaticShape() || type.getNumElements() > kMostLanes)
    return std::nullopt;
  DenseIntElementsAttr elements;
  if (matchPattern(tile, m_Constant(&elements))) {
    Lanes lanes;
    for (const APInt &value : elements.getValues<APInt>())
      lanes.push_back({Value(), value.getSExtValue()});
    return lanes;
  }
  if (auto full = dyn_cast<FullOp>(op))
    return Lanes(type.getNumElements(), *scalarLane(full.getScalar()));
  if (auto iota = dyn_cast<IotaOp>(op)) {
    auto range = iota.getRange().getDefiningOp<RangeOp>();
    std::optional<int64_t> begin = range ? getConstantIntValue(range.getBegin()) : std::nullopt;
    Lanes lanes;
    for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
      lanes.push_back(begin ? Lane{Value(), *begin + lane} : Lane{iota.getRange(), lane});
    return lanes;
  }
  if (op->getNumOperands() != 2 || op->getOperand(0).getType() != type || op->getOperand(1).getType() != type)
    return std::nullopt;
  std::optional<Lanes> lhs = lanesOf(op->getOperand(0)), rhs = lhs ? lanesOf(op->getOperand(1)) : std::nullopt;
  if (!lhs || !rhs)
    return std::nullopt;
  for (auto [a, b] : llvm::zip_equal(*lhs, *rhs)) {
    bool areNumbers = !a.base && !b.base;
    // 32 bits do not wrap for numbers of this size, and shifts and divisions are what they seem.
    auto isSmall = [](int64_t number) { return number >= 0 && number < (1 << 15); };
    if (!isSmall(a.number) || !isSmall(b.number))
      return std::nullopt;
    if (isa<arith::AddIOp>(op) && (!a.base || !b.base))
      a = {a.base ? a.base : b.base, a.number + b.number};
    else if (isa<arith::SubIOp>(op) && !b.base)
      a.number -= b.number;
    else if (isa<arith::MulIOp>(op) && areNumbers)
      a.number *= b.number;
    else if (isa<FloorDivOp>(op) && areNumbers && b.number > 0)
      a.number /= b.number;
    else if (isa<FloorModOp>(op) && areNumbers && b.number > 0)
      a.number %= b.number;
    else if (isa<ShrOp>(op) && areNumbers && b.number < 32)
      a.number >>= b.number;
    else
      return std::nullopt;
  }
  return lhs;
}

/// Whether all lanes of a tile exist: its ranges are not clipped.
static bool haveAllLanes(Value tile, DimRanges &ranges) {
  auto type = cast<RankedTensorType>(tile.getType());
  for (auto [dim, size] : llvm::enumerate(type.getShape())) {
    Value value = ranges.lookup(tile, dim);
    if (!value && size == 1)
      continue;
    auto range = value ? value.getDefiningOp<RangeOp>() : RangeOp();
    std::optional<int64_t> begin = range ? getConstantIntValue(range.getBegin()) : std::nullopt,
                           end = range ? getConstantIntValue(range.getEnd()) : std::nullopt;
    if (!begin || !end || *end - *begin < size)
      return false;
  }
  return true;
}

std::optional<bool> analysis::doLanesRepeat(Access access) {
  DimRanges ranges;
  SmallVector<Lanes> tiles;
  bool areAllThere = true;
  for (Value subscript : access.getSubscripts()) {
    if (!isa<RankedTensorType>(subscript.getType()))
      continue;
    std::optional<Lanes> lanes = lanesOf(subscript);
    if (!lanes)
      return std::nullopt;
    areAllThere &= haveAllLanes(subscript, ranges);
    tiles.push_back(std::move(*lanes));
  }
  if (tiles.empty())
    return false;
  // Lanes with different bases may be equal or not; a repetition of a whole element is certain all the same.
  std::set<std::vector<std::pair<void *, int64_t>>> seen;
  bool haveOneBase = true;
  for (size_t lane = 0; lane < tiles.front().size(); ++lane) {
    std::vector<std::pair<void *, int64_t>> element;
    for (const Lanes &lanes : tiles) {
      element.emplace_back(lanes[lane].base.getAsOpaquePointer(), lanes[lane].number);
      haveOneBase &= lanes[lane].base == lanes.front().base;
    }
    if (!seen.insert(element).second)
      return areAllThere ? std::optional(true) : std::nullopt;
  }
  return haveOneBase ? std::optional(false) : std::nullopt;
}
