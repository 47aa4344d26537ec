//===- ContractOps.cpp - contractions, reductions, scans and sorts ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Tile/OpVerifiers.h"
#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace tilec::tile;

//===----------------------------------------------------------------------===//
// dot
//===----------------------------------------------------------------------===//

/// dot_c1 and dot_c2.
static LogicalResult verifyDotShapes(Operation *op, Type lhsType, Type rhsType, Type accType, Type valueType, RangeType over) {
  ArrayRef<int64_t> lhs = tileShape(lhsType), rhs = tileShape(rhsType), acc = tileShape(accType);
  size_t rank = lhs.size();
  if (rank < 2 || rhs.size() != rank || acc.size() != rank)
    return op->emitOpError("needs operands of one rank, at least 2");
  if (lhs.drop_back(2) != rhs.drop_back(2) || lhs.drop_back(2) != acc.drop_back(2))
    return op->emitOpError("has different batch dims");
  if (accType != valueType)
    return op->emitOpError() << "adds to " << accType << " but gives " << valueType;
  if (lhs[rank - 1] != rhs[rank - 2] || lhs[rank - 1] != over.getSize())
    return op->emitOpError() << "contracts " << lhsType << " with " << rhsType << " over " << over;
  if (lhs[rank - 2] != acc[rank - 2] || rhs[rank - 1] != acc[rank - 1])
    return op->emitOpError() << "gives " << accType << " from " << lhsType << " and " << rhsType;
  return success();
}

/// The element type in which a dot of `element`s accumulates; null where there is none.
static Type accumulatorType(Type element) {
  MLIRContext *context = element.getContext();
  if (element.isInteger(8))
    return IntegerType::get(context, 32);
  if (element.isF64())
    return element;
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() <= 32)
    return Float32Type::get(context);
  return {};
}

LogicalResult DotOp::verify() {
  // dot_c3
  Type element = getElementTypeOrSelf(getLhs().getType());
  if (element != getElementTypeOrSelf(getRhs().getType()) ||
      getElementTypeOrSelf(getAcc().getType()) != accumulatorType(element))
    return emitOpError() << "cannot multiply " << element << " with " << getElementTypeOrSelf(getRhs().getType())
                         << " into " << getElementTypeOrSelf(getAcc().getType());
  // dot_c4
  if ((getLhsUnsigned() || getRhsUnsigned()) && !element.isInteger(8))
    return emitOpError("has unsigned operands that are not i8");
  if (getPrecision() != DotPrecision::ieee && !element.isF32())
    return emitOpError() << "has precision " << stringifyDotPrecision(getPrecision()) << " on " << element;
  return verifyDotShapes(*this, getLhs().getType(), getRhs().getType(), getAcc().getType(), getValue().getType(), getOver().getType());
}

LogicalResult DotScaledOp::verify() {
  // dot_scaled_c2
  Type element = getElementTypeOrSelf(getLhs().getType());
  if (element != getElementTypeOrSelf(getRhs().getType()) || !isa<FloatType>(element) ||
      element.getIntOrFloatBitWidth() > 16 || !getElementTypeOrSelf(getAcc().getType()).isF32())
    return emitOpError("needs f8, f16 or bf16 operands and an f32 accumulator");
  // dot_scaled_c1
  if (failed(verifyDotShapes(*this, getLhs().getType(), getRhs().getType(), getAcc().getType(), getValue().getType(), getOver().getType())))
    return failure();
  // dot_scaled_c3
  SmallVector<int64_t> lhs(tileShape(getLhs().getType())), rhs(tileShape(getRhs().getType()));
  int64_t &lhsK = lhs.back(), &rhsK = rhs[rhs.size() - 2];
  if (ShapedType::isDynamic(lhsK) || lhsK % 32 != 0)
    return emitOpError("needs a static contraction dim that is a multiple of 32");
  lhsK /= 32;
  rhsK /= 32;
  if (ArrayRef<int64_t>(lhs) != tileShape(getLhsScale().getType()) || ArrayRef<int64_t>(rhs) != tileShape(getRhsScale().getType()))
    return emitOpError("needs one scale per 32 elements along the contraction");
  return success();
}

//===----------------------------------------------------------------------===//
// reduce and scan
//===----------------------------------------------------------------------===//

/// reduce_c4, scan_c3: two elements per tile in, one per tile out.
static LogicalResult verifyCombine(Operation *op, ValueRange tiles, Block &block) {
  SmallVector<Type> elements;
  for (Type type : tiles.getTypes())
    elements.push_back(getElementTypeOrSelf(type));
  SmallVector<Type> expected(elements);
  llvm::append_range(expected, elements);
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!llvm::equal(block.getArgumentTypes(), expected) || !yield || !llvm::equal(yield.getOperandTypes(), elements))
    return op->emitOpError("has a region that does not combine two elements per tile into one per tile");
  return success();
}

/// reduce_c1, scan_c1: the tiles have one shape.
static LogicalResult verifyOneShape(Operation *op, ValueRange tiles) {
  if (tiles.empty())
    return op->emitOpError("needs at least one tile");
  for (Type type : tiles.getTypes())
    if (tileShape(type) != tileShape(tiles.front().getType()))
      return op->emitOpError("has tiles of different shapes");
  return success();
}

LogicalResult ReduceOp::verify() {
  // reduce_c1
  if (failed(verifyOneShape(*this, getTiles())))
    return failure();
  if (getInit().size() != getTiles().size() || getValues().size() != getTiles().size())
    return emitOpError("needs one init and one result per tile");
  // reduce_c2
  ArrayRef<int64_t> shape = tileShape(getTiles().front().getType()), axes = getAxes();
  if (axes.size() != getOver().size() || !llvm::is_sorted(axes) || std::adjacent_find(axes.begin(), axes.end()) != axes.end())
    return emitOpError("needs ascending axes and one range for each");
  for (auto [axis, range] : llvm::zip(axes, getOver()))
    if (failed(verifyAxis(*this, shape, axis, cast<RangeType>(range.getType()))))
      return failure();
  // reduce_c3
  SmallVector<int64_t> remaining;
  for (auto [d, size] : llvm::enumerate(shape))
    if (!llvm::is_contained(axes, static_cast<int64_t>(d)))
      remaining.push_back(size);
  for (auto [tile, init, value] : llvm::zip(getTiles(), getInit(), getValues())) {
    Type element = getElementTypeOrSelf(tile.getType());
    Type expected = remaining.empty() ? element : RankedTensorType::get(remaining, element);
    if (init.getType() != element || value.getType() != expected)
      return emitOpError() << "must give " << expected << " from an init of type " << element;
  }
  // reduce_c4
  return verifyCombine(*this, getTiles(), getCombine().front());
}

LogicalResult ScanOp::verify() {
  // scan_c1
  if (failed(verifyOneShape(*this, getTiles())))
    return failure();
  if (!llvm::equal(getTiles().getTypes(), getValues().getTypes()))
    return emitOpError("must give the types of its tiles");
  // scan_c2
  if (getOver().size() != 1)
    return emitOpError("needs one range for its axis");
  if (failed(verifyAxis(*this, tileShape(getTiles().front().getType()), getAxis(), cast<RangeType>(getOver().front().getType()))))
    return failure();
  // scan_c3
  return verifyCombine(*this, getTiles(), getCombine().front());
}

//===----------------------------------------------------------------------===//
// sort and topk
//===----------------------------------------------------------------------===//

LogicalResult SortOp::verify() {
  // sort_c1
  if (failed(verifyAxis(*this, tileShape(getSource().getType()), getAxis(), getOver().getType())))
    return failure();
  // sort_c2
  if (getSorted().getType() != getSource().getType() || tileShape(getIndices().getType()) != tileShape(getSource().getType()))
    return emitOpError("must give the source's type and its dims");
  return success();
}

LogicalResult TopKOp::verify() {
  ArrayRef<int64_t> source = tileShape(getSource().getType()), largest = tileShape(getLargest().getType());
  // topk_c1
  if (failed(verifyAxis(*this, source, getAxis(), getOver().getType())))
    return failure();
  // topk_c2
  if (failed(verifySameOutside(*this, source, largest, getAxis())) ||
      failed(verifyAxis(*this, largest, getAxis(), getRange().getType())))
    return failure();
  if (tileShape(getIndices().getType()) != largest ||
      getElementTypeOrSelf(getLargest().getType()) != getElementTypeOrSelf(getSource().getType()))
    return emitOpError("must give the source's elements and indices of the same dims");
  return success();
}
