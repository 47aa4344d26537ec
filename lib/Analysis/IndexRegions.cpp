//===- IndexRegions.cpp - what a subscript can touch ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A range, a window, an index and the integer tiles that are the indices of a range, moved, stretched or repeated, give
// an interval; any other integer tile is data.
//
//===----------------------------------------------------------------------===//

#include "IndexRegions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

static IndexRegion pointAt(const LinearForm &form) {
  IndexRegion region;
  region.isKnown = region.isFull = true;
  region.begin = form;
  region.size = LinearForm::ofConstant(1);
  return region;
}

static IndexRegion ofRange(Value range, IndexForms &forms) {
  IndexRegion region;
  region.isKnown = region.isFull = true;
  region.begin = forms.beginOf(range);
  region.size = forms.sizeOf(range);
  if (std::optional<LinearForm> end = forms.endOf(range); end && region.begin.isExact)
    region.ends.push_back(*end);
  return region;
}

/// The region of `lhs + sign * rhs`, where one of them is a point. `type` is the integer tile's.
static IndexRegion ofSum(const IndexRegion &lhs, const IndexRegion &rhs, int64_t sign, Type type, IndexForms &forms) {
  LinearForm one = LinearForm::ofConstant(1);
  bool isRightPoint = rhs.isKnown && rhs.size == one, isLeftPoint = lhs.isKnown && lhs.size == one;
  if (!lhs.isKnown || !rhs.isKnown || (!isRightPoint && !(isLeftPoint && sign > 0)))
    return {};
  const IndexRegion &moved = isRightPoint ? lhs : rhs;
  std::optional<LinearForm> begin = sum(lhs.begin, rhs.begin, sign);
  if (!begin)
    return {};
  IndexRegion region = moved;
  region.begin = *begin;
  region.ends.clear();
  // Each lane may have wrapped.
  std::optional<LinearForm> last = sum(region.begin, region.size);
  unsigned width = cast<IntegerType>(getElementTypeOrSelf(type)).getWidth();
  Bounds first = forms.boundsOf(region.begin), behind = last ? forms.boundsOf(*last) : Bounds();
  int64_t half = width == 32 ? int64_t(1) << 31 : INT64_MAX;
  if (width < 32 || !last)
    return {};
  region.begin.isExact &= first.min > -half && behind.max < half;
  return region;
}

static IndexRegion ofTile(Value tile, IndexForms &forms, unsigned depth = 0);

/// The region of a splat of `factor` times another tile.
static IndexRegion ofProduct(IndexRegion region, const IndexRegion &factor, Type type, IndexForms &forms) {
  if (!region.isKnown || !factor.isKnown || !factor.begin.isConstant() || !factor.begin.isExact ||
      !(factor.size == LinearForm::ofConstant(1)) || factor.begin.constant < 1)
    return {};
  int64_t by = factor.begin.constant;
  // The last index is begin + size - 1.
  std::optional<LinearForm> begin = scaled(region.begin, by), size = scaled(region.size, by);
  if (!begin || !size)
    return {};
  size->constant += 1 - by;
  region.begin = *begin;
  region.size = *size;
  region.ends.clear();
  region.isFull &= by == 1 || region.size == LinearForm::ofConstant(1);
  IndexRegion moved = ofSum(region, pointAt(LinearForm::ofConstant(0)), 1, type, forms);
  // A large multiple of different indices may be the same index after it wrapped.
  if (moved.isKnown && !moved.begin.isExact)
    return {};
  return moved;
}

static IndexRegion ofConstantTile(DenseIntElementsAttr elements) {
  if (elements.empty() || elements.getElementType().getIntOrFloatBitWidth() > 64)
    return {};
  int64_t least = INT64_MAX, greatest = INT64_MIN;
  for (const APInt &element : elements) {
    least = std::min(least, element.getSExtValue());
    greatest = std::max(greatest, element.getSExtValue());
    if (elements.isSplat())
      break;
  }
  if (least < INT32_MIN || greatest > INT32_MAX)
    return {};
  IndexRegion region = pointAt(LinearForm::ofConstant(least));
  region.size.constant = greatest - least + 1;
  region.isFull = least == greatest;
  return region;
}

static IndexRegion ofIota(IotaOp iota, IndexForms &forms) {
  // An i32: begin and lane are added without a trap, and no lane that exists is behind 2^31.
  IndexRegion region =
      ofSum(ofRange(iota.getRange(), forms), pointAt(LinearForm::ofConstant(0)), 1, iota.getValue().getType(), forms);
  region.axis = 0;
  return region;
}

/// Repeats a tile along new dims and dims of 1.
static IndexRegion ofBroadcast(BroadcastOp broadcast, IndexForms &forms, unsigned depth) {
  IndexRegion region = ofTile(broadcast.getSource(), forms, depth);
  auto from = dyn_cast<RankedTensorType>(broadcast.getSource().getType());
  if (!region.axis || !from)
    return region;
  unsigned added = broadcast.getRanges().size() - from.getRank();
  bool isRepeated = from.getDimSize(*region.axis) == 1;
  region.axis = isRepeated ? std::nullopt : std::optional(*region.axis + added);
  return region;
}

static IndexRegion ofTile(Value tile, IndexForms &forms, unsigned depth) {
  Operation *op = tile.getDefiningOp();
  // Long chains are data: what a subscript is made of is short.
  if (!op || depth > 16)
    return {};
  auto recurse = [&](Value operand) { return ofTile(operand, forms, depth + 1); };
  DenseIntElementsAttr elements;
  if (matchPattern(tile, m_Constant(&elements)))
    return ofConstantTile(elements);
  if (auto iota = dyn_cast<IotaOp>(op))
    return ofIota(iota, forms);
  if (auto full = dyn_cast<FullOp>(op))
    return full.getScalar().getType().isInteger() ? pointAt(forms.get(full.getScalar())) : IndexRegion();
  if (auto broadcast = dyn_cast<BroadcastOp>(op))
    return isa<RankedTensorType>(broadcast.getSource().getType()) ? ofBroadcast(broadcast, forms, depth + 1)
                                                                  : IndexRegion();
  if (auto expand = dyn_cast<ExpandDimsOp>(op)) {
    IndexRegion region = recurse(expand.getSource());
    if (region.axis && *region.axis >= expand.getAxis())
      ++*region.axis;
    return region;
  }
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    return ofSum(recurse(op->getOperand(0)), recurse(op->getOperand(1)), isa<arith::AddIOp>(op) ? 1 : -1,
                 tile.getType(), forms);
  if (isa<arith::MulIOp>(op)) {
    IndexRegion lhs = recurse(op->getOperand(0)), rhs = recurse(op->getOperand(1));
    IndexRegion product = ofProduct(lhs, rhs, tile.getType(), forms);
    return product.isKnown ? product : ofProduct(rhs, lhs, tile.getType(), forms);
  }
  // A wider type holds the values that are below 2^31; a region that wrapped stays congruent.
  if (isa<arith::ExtSIOp>(op) && cast<IntegerType>(getElementTypeOrSelf(op->getOperand(0).getType())).getWidth() >= 32)
    return recurse(op->getOperand(0));
  return {};
}

static IndexRegion ofSubscript(Value subscript, Value array, unsigned dim, IndexForms &forms) {
  if (isa<RankedTensorType>(subscript.getType()))
    return ofTile(subscript, forms);
  if (isa<RangeType>(subscript.getType())) {
    IndexRegion region = ofRange(subscript, forms);
    LinearForm extent = forms.extentOf(array, dim);
    bool fromStart = region.begin == LinearForm::ofConstant(0);
    region.isWhole = fromStart && region.size == extent && region.ends.size() == 1 && region.ends.front() == extent;
    return region;
  }
  if (isa<WindowType>(subscript.getType())) {
    auto shift = subscript.getDefiningOp<ShiftOp>();
    if (!shift)
      return {};
    IndexRegion region = ofRange(shift.getRange(), forms);
    LinearForm by = forms.get(shift.getBy());
    std::optional<LinearForm> begin = sum(region.begin, by);
    if (!begin)
      return {};
    region.begin = *begin;
    SmallVector<LinearForm, 1> ends;
    for (const LinearForm &end : region.ends)
      if (std::optional<LinearForm> moved = sum(end, by); moved && region.begin.isExact)
        ends.push_back(*moved);
    region.ends = ends;
    return region;
  }
  return pointAt(forms.get(subscript));
}

IndexRegion analysis::regionOf(Value subscript, IndexForms &forms) {
  return isa<RankedTensorType>(subscript.getType()) ? ofTile(subscript, forms) : pointAt(forms.get(subscript));
}

SmallVector<IndexRegion, 2> analysis::regionsOf(Access access, IndexForms &forms) {
  SmallVector<IndexRegion, 2> regions;
  for (auto [dim, subscript] : llvm::enumerate(access.getSubscripts()))
    regions.push_back(ofSubscript(subscript, access.getArray(), dim, forms));
  return regions;
}
