//===- ShapeOps.cpp - creation and change of shape ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Tile/OpVerifiers.h"
#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace tilec::tile;

//===----------------------------------------------------------------------===//
// shared checks
//===----------------------------------------------------------------------===//

LogicalResult tilec::tile::verifyRanges(Operation *op, StringRef what, ArrayRef<int64_t> shape, ValueRange ranges) {
  if (shape.size() != ranges.size())
    return op->emitOpError() << "has " << ranges.size() << " ranges for " << shape.size() << " dims of " << what;
  for (auto [d, size, type] : llvm::enumerate(shape, ranges.getTypes())) {
    int64_t rangeSize = cast<RangeType>(type).getSize();
    if (size != rangeSize)
      return op->emitOpError() << "has a range " << type << " for dim " << d << " of " << what << ", which has "
                               << (ShapedType::isDynamic(size) ? std::string("a dynamic size") : "size " + std::to_string(size));
  }
  return success();
}

LogicalResult tilec::tile::verifyAxis(Operation *op, ArrayRef<int64_t> shape, int64_t axis, RangeType over) {
  if (axis < 0 || axis >= static_cast<int64_t>(shape.size()))
    return op->emitOpError() << "has axis " << axis << " for a tile of " << shape.size() << " dims";
  if (shape[axis] != over.getSize())
    return op->emitOpError() << "observes " << over << " along axis " << axis << ", which has another size";
  return success();
}

LogicalResult tilec::tile::verifySameOutside(Operation *op, ArrayRef<int64_t> lhs, ArrayRef<int64_t> rhs, int64_t axis) {
  if (lhs.size() != rhs.size())
    return op->emitOpError() << "changes the number of dims from " << lhs.size() << " to " << rhs.size();
  for (auto [d, l, r] : llvm::enumerate(lhs, rhs))
    if (static_cast<int64_t>(d) != axis && l != r)
      return op->emitOpError() << "has different sizes in dim " << d;
  return success();
}

//===----------------------------------------------------------------------===//
// creation
//===----------------------------------------------------------------------===//

LogicalResult FullOp::verify() {
  // full_c2
  if (getElementTypeOrSelf(getValue().getType()) != getScalar().getType())
    return emitOpError() << "fills " << getValue().getType() << " with " << getScalar().getType();
  // full_c1
  return verifyRanges(*this, "the tile", tileShape(getValue().getType()), getRanges());
}

LogicalResult IotaOp::verify() {
  // iota_c1
  return verifyRanges(*this, "the tile", tileShape(getValue().getType()), getOperation()->getOperands());
}

//===----------------------------------------------------------------------===//
// change of shape
//===----------------------------------------------------------------------===//

LogicalResult ExpandDimsOp::verify() {
  ArrayRef<int64_t> source = tileShape(getSource().getType());
  int64_t axis = getAxis();
  // expand_dims_c1
  if (axis < 0 || axis > static_cast<int64_t>(source.size()))
    return emitOpError() << "inserts a dim at " << axis << " of " << source.size();
  // expand_dims_c2
  SmallVector<int64_t> expected(source);
  expected.insert(expected.begin() + axis, 1);
  if (ArrayRef<int64_t>(expected) != tileShape(getValue().getType()))
    return emitOpError() << "must give dims [" << expected << "], gives " << getValue().getType();
  return success();
}

LogicalResult BroadcastOp::verify() {
  ArrayRef<int64_t> source = tileShape(getSource().getType()), result = tileShape(getValue().getType());
  // broadcast_c3
  if (getElementTypeOrSelf(getSource().getType()) != getElementTypeOrSelf(getValue().getType()))
    return emitOpError("changes the element type");
  // broadcast_c2
  if (source.size() > result.size())
    return emitOpError("drops dims");
  for (auto [s, r] : llvm::zip(llvm::reverse(source), llvm::reverse(result)))
    if (s != r && s != 1)
      return emitOpError() << "cannot repeat a dim of size " << s << " to " << r;
  // broadcast_c1
  return verifyRanges(*this, "the tile", result, getRanges());
}

/// Splits a shape at its dynamic dims: the element counts between them.
static SmallVector<int64_t> staticProducts(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> products{1};
  for (int64_t size : shape) {
    if (ShapedType::isDynamic(size))
      products.push_back(1);
    else
      products.back() *= size;
  }
  return products;
}

LogicalResult ReshapeOp::verify() {
  // reshape_c2
  if (staticProducts(tileShape(getSource().getType())) != staticProducts(tileShape(getValue().getType())) ||
      getElementTypeOrSelf(getSource().getType()) != getElementTypeOrSelf(getValue().getType()))
    return emitOpError() << "cannot give " << getSource().getType() << " the shape of " << getValue().getType();
  // reshape_c1
  return verifyRanges(*this, "the tile", tileShape(getValue().getType()), getRanges());
}

LogicalResult PermuteOp::verify() {
  ArrayRef<int64_t> source = tileShape(getSource().getType()), result = tileShape(getValue().getType());
  // permute_c1
  if (getOrder().size() != source.size() || !isPermutationVector(getOrder()))
    return emitOpError() << "has an order that is not a permutation of " << source.size() << " dims";
  // permute_c2
  if (getElementTypeOrSelf(getSource().getType()) != getElementTypeOrSelf(getValue().getType()) ||
      ArrayRef<int64_t>(applyPermutation(source, getOrder())) != result)
    return emitOpError() << "cannot give " << getValue().getType() << " from " << getSource().getType();
  return success();
}

LogicalResult CatOp::verify() {
  ArrayRef<int64_t> lhs = tileShape(getLhs().getType()), rhs = tileShape(getRhs().getType());
  ArrayRef<int64_t> result = tileShape(getValue().getType());
  int64_t axis = getAxis();
  // cat_c1
  if (axis < 0 || axis >= static_cast<int64_t>(lhs.size()) || lhs.size() != rhs.size() ||
      ShapedType::isDynamic(lhs[axis]) || ShapedType::isDynamic(rhs[axis]))
    return emitOpError() << "needs a static dim " << axis << " in both tiles";
  // cat_c2
  if (failed(verifySameOutside(*this, lhs, rhs, axis)) || failed(verifySameOutside(*this, lhs, result, axis)) ||
      failed(verifyAxis(*this, result, axis, getRange().getType())))
    return failure();
  if (result[axis] != lhs[axis] + rhs[axis])
    return emitOpError() << "must give " << lhs[axis] + rhs[axis] << " elements along axis " << axis;
  return success();
}

LogicalResult SliceOp::verify() {
  ArrayRef<int64_t> source = tileShape(getSource().getType()), result = tileShape(getValue().getType());
  int64_t axis = getAxis(), offset = getOffset();
  // slice_c1
  if (axis < 0 || axis >= static_cast<int64_t>(source.size()) || ShapedType::isDynamic(source[axis]))
    return emitOpError() << "needs a static dim " << axis;
  // slice_c2
  if (failed(verifySameOutside(*this, source, result, axis)) ||
      failed(verifyAxis(*this, result, axis, getRange().getType())))
    return failure();
  if (ShapedType::isDynamic(result[axis]) || offset < 0 || offset + result[axis] > source[axis])
    return emitOpError() << "takes elements from " << offset << " on that lie outside dim " << axis;
  return success();
}

LogicalResult ElementOp::verify() {
  ArrayRef<int64_t> source = tileShape(getSource().getType());
  // element_c1
  if (failed(verifyAxis(*this, source, getAxis(), getOver().getType())))
    return failure();
  // element_c2
  SmallVector<int64_t> expected(source);
  expected.erase(expected.begin() + getAxis());
  if (ArrayRef<int64_t>(expected) != tileShape(getValue().getType()) ||
      getElementTypeOrSelf(getSource().getType()) != getElementTypeOrSelf(getValue().getType()) ||
      (expected.empty() && isa<RankedTensorType>(getValue().getType())))
    return emitOpError() << "cannot give " << getValue().getType() << " from " << getSource().getType();
  return success();
}
