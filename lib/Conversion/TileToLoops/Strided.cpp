//===- Strided.cpp - integer tiles that count in steps ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Strided.h"

#include "Elements.h"
#include "EmitterImpl.h"
#include "Plan.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <cstdlib>

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Elements that are further apart do not share vectors often enough: a gather of f64 takes less time than three loads
/// and two permutations (Granite Rapids: 0.85; with two loads 1.3).
static constexpr int64_t mostElementsApart = 4, mostBytesApart = 16;

/// No step that matters is as large.
static constexpr int64_t largestStep = 1 << 20;

/// How many ops say at most what a step is.
static constexpr unsigned mostOps = 64;

/// The number that all elements of a tile are; nothing if they are not one constant.
static std::optional<int64_t> constantOf(Value tile) {
  if (auto full = tile.getDefiningOp<tile::FullOp>())
    tile = full.getScalar();
  return getConstantIntValue(tile);
}

namespace {

/// Finds by how much the elements of integer tiles grow along a dim. Tiles of 32 bits wrap: their elements are right
/// wherever an access is in range, since no dim is as large.
class Steps {
public:
  std::optional<int64_t> along(Value tile, int64_t dim);

private:
  std::optional<int64_t> ofElementwise(Operation *op, int64_t dim);

  unsigned left = mostOps;
};

} // namespace

std::optional<int64_t> Steps::along(Value tile, int64_t dim) {
  RankedTensorType type = tileType(tile);
  if (!type || type.getDimSize(dim) == 1)
    return 0;
  Operation *op = tile.getDefiningOp();
  if (!op || left == 0)
    return std::nullopt;
  --left;
  return TypeSwitch<Operation *, std::optional<int64_t>>(op)
      .Case([&](tile::IotaOp) { return 1; })
      .Case([&](tile::FullOp) { return 0; })
      .Case([&](arith::ConstantOp constant) -> std::optional<int64_t> {
        auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
        return dense && dense.isSplat() ? std::optional<int64_t>(0) : std::nullopt;
      })
      .Case([&](tile::ExpandDimsOp expand) {
        int64_t axis = expand.getAxis();
        return along(expand.getSource(), dim - (dim > axis));
      })
      .Case([&](tile::BroadcastOp broadcast) -> std::optional<int64_t> {
        RankedTensorType source = tileType(broadcast.getSource());
        int64_t added = type.getRank() - (source ? source.getRank() : 0);
        return dim < added ? 0 : along(broadcast.getSource(), dim - added);
      })
      .Case([&](tile::PermuteOp permute) { return along(permute.getSource(), permute.getOrder()[dim]); })
      .Case([&](tile::SliceOp slice) { return along(slice.getSource(), dim); })
      .Default([&](Operation *) { return isElementwise(op) ? ofElementwise(op, dim) : std::nullopt; });
}

std::optional<int64_t> Steps::ofElementwise(Operation *op, int64_t dim) {
  SmallVector<int64_t> steps;
  for (Value operand : op->getOperands()) {
    std::optional<int64_t> step = along(operand, dim);
    if (!step)
      return std::nullopt;
    steps.push_back(*step);
  }
  if (llvm::all_of(steps, [](int64_t step) { return step == 0; }))
    return 0;
  auto element = dyn_cast<IntegerType>(getElementTypeOrSelf(op->getResult(0)));
  if (!element || element.getWidth() < 32)
    return std::nullopt;
  std::optional<int64_t> step;
  if (isa<arith::AddIOp>(op))
    step = steps[0] + steps[1];
  else if (isa<arith::SubIOp>(op))
    step = steps[0] - steps[1];
  else if (isa<arith::MulIOp>(op))
    for (unsigned side : {0, 1})
      if (std::optional<int64_t> by = constantOf(op->getOperand(side)); by && std::abs(*by) <= largestStep)
        step = *by * steps[1 - side];
  // Indices are no negative numbers, and do not wrap.
  if (isa<tile::CastOp, arith::ExtSIOp, arith::ExtUIOp>(op) && op->getOperand(0).getDefiningOp<tile::IotaOp>())
    step = steps[0];
  return step && std::abs(*step) <= largestStep ? step : std::nullopt;
}

std::optional<int64_t> loops::stepAlong(ValueRange subscripts, unsigned dim, int64_t elementBytes) {
  // All integer tiles share their dims, which stand where the first of them stands.
  std::optional<unsigned> begin;
  unsigned next = 0;
  std::optional<int64_t> step;
  for (Value subscript : subscripts) {
    RankedTensorType type = tileType(subscript);
    step = std::nullopt;
    if (!type) {
      next += !subscript.getType().isIndex();
      continue;
    }
    if (!begin) {
      begin = next;
      next += type.getRank();
    }
    if (dim < *begin || dim >= *begin + type.getRank())
      return std::nullopt;
    step = Steps().along(subscript, dim - *begin);
    if (!step || (subscript != subscripts.back() && *step != 0))
      return std::nullopt;
  }
  int64_t most = std::min(mostElementsApart, mostBytesApart / elementBytes);
  return step && *step != 0 && std::abs(*step) <= most ? step : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Stores of every other element
//===----------------------------------------------------------------------===//

/// A tile as the sum of another one and a constant.
static std::pair<Value, int64_t> splitConstant(Value tile) {
  if (auto sum = tile.getDefiningOp<arith::AddIOp>()) {
    if (std::optional<int64_t> number = constantOf(sum.getRhs()))
      return {sum.getLhs(), *number};
    if (std::optional<int64_t> number = constantOf(sum.getLhs()))
      return {sum.getRhs(), *number};
  }
  return {tile, 0};
}

/// Whether a store writes every other element along the vectors of its tile, all of them and in any order.
static bool writesEveryOther(tile::StoreOp store) {
  RankedTensorType type = tileType(store.getValue());
  if (!type || store.getMask() || store.getOrdering() != tile::MemoryOrder::weak)
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(store.getArray().getType().getStridesAndOffset(strides, offset)) || strides.empty() || strides.back() != 1)
    return false;
  int dim = vectorDim(type.getShape());
  return dim >= 0 && stepAlong(store.getSubscripts(), dim, byteSize(storageType(type.getElementType()))) == 2;
}

/// Whether both stores, one behind the other, may be written at once.
static bool arePair(tile::StoreOp first, tile::StoreOp second) {
  if (first.getArray() != second.getArray() || first.getValue().getType() != second.getValue().getType() ||
      !llvm::equal(first.getSubscripts().drop_back(), second.getSubscripts().drop_back()))
    return false;
  auto [left, leftConstant] = splitConstant(first.getSubscripts().back());
  auto [right, rightConstant] = splitConstant(second.getSubscripts().back());
  return left == right && std::abs(leftConstant - rightConstant) == 1 && writesEveryOther(first) &&
         writesEveryOther(second) && isOnlyAccess(first, second);
}

bool loops::isLower(tile::StoreOp first, tile::StoreOp second) {
  return splitConstant(first.getSubscripts().back()).second < splitConstant(second.getSubscripts().back()).second;
}

/// Whether a store may be written before or after this op: it computes elements, or loads what nobody waits for. What
/// makes whole tiles may do so where another one was.
static bool isPassed(Operation *op) {
  if (makesWholeTiles(op))
    return false;
  return isa<tile::LoadOp>(op) || (op->getNumRegions() == 0 && isPure(op));
}

/// The other store of a pair, if none stands between them in this direction.
static tile::StoreOp partnerOf(tile::StoreOp store, llvm::function_ref<Operation *(Operation *)> next) {
  for (Operation *op = next(store); op; op = next(op)) {
    if (auto other = dyn_cast<tile::StoreOp>(op))
      return arePair(store, other) ? other : tile::StoreOp();
    if (!isPassed(op))
      return {};
  }
  return {};
}

tile::StoreOp loops::writtenWith(tile::StoreOp first) {
  return partnerOf(first, [](Operation *op) { return op->getNextNode(); });
}

tile::StoreOp loops::otherHalf(tile::StoreOp second) {
  return partnerOf(second, [](Operation *op) { return op->getPrevNode(); });
}
