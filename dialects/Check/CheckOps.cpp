//===- CheckOps.cpp - verifiers of the check dialect ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Check/Check.h"

#include "dialects/Tile/OpVerifiers.h"

#include <cmath>

using namespace mlir;
using namespace tilec::check;
using tilec::tile::tileShape;
using tilec::tile::verifyRanges;

/// Checks that a constant may be compared with a value: its kind, element type and rank, then its dims.
template <typename OpTy> static LogicalResult verifyConstant(OpTy op) {
  Type actual = op.getActual().getType();
  TypedAttr expected = op.getExpected();
  // expect_eq_const_c1, expect_almost_eq_const_c1
  if (!isa<FloatAttr, IntegerAttr, DenseElementsAttr>(expected))
    return op.emitOpError() << "expects " << expected << ", which is no number and no dense constant";
  if (isa<ShapedType>(expected.getType()) && !isa<RankedTensorType>(expected.getType()))
    return op.emitOpError() << "expects a constant of type " << expected.getType() << ", which is no tensor";
  ArrayRef<int64_t> shape = tileShape(actual), dims = tileShape(expected.getType());
  if (getElementTypeOrSelf(actual) != getElementTypeOrSelf(expected.getType()) || shape.size() != dims.size() ||
      isa<RankedTensorType>(actual) != isa<RankedTensorType>(expected.getType()))
    return op.emitOpError() << "has a value of type " << actual << " but expects a constant of type "
                            << expected.getType();
  // expect_eq_const_c2, expect_almost_eq_const_c2
  for (auto [size, dim] : llvm::zip_equal(shape, dims))
    if (!ShapedType::isDynamic(size) && dim > size)
      return op.emitOpError() << "expects " << dim << " elements in a dim of " << size;
  return success();
}

/// Checks that a distance is given, and sensible.
template <typename OpTy> static LogicalResult verifyDistance(OpTy op) {
  // expect_almost_eq_c3, expect_almost_eq_const_c4
  if (!op.getUlp() && !op.getAbs() && !op.getRel())
    return op.emitOpError("needs one of 'ulp', 'abs' and 'rel'");
  if (IntegerAttr ulp = op.getUlpAttr(); ulp && ulp.getInt() < 0)
    return op.emitOpError() << "has a distance of " << ulp.getInt() << " ulp";
  for (std::optional<APFloat> distance : {op.getAbs(), op.getRel()})
    if (distance && (distance->isNaN() || (distance->isNegative() && !distance->isZero())))
      return op.emitOpError() << "has a distance of " << distance->convertToDouble();
  return success();
}

template <typename OpTy> static LogicalResult verifyOver(OpTy op, StringRef what, Value value) {
  return verifyRanges(op, what, tileShape(value.getType()), op.getOver());
}

LogicalResult ExpectTrueOp::verify() {
  // expect_true_c1
  return verifyOver(*this, "the condition", getCondition());
}

LogicalResult ExpectEqOp::verify() {
  // expect_eq_c2
  return verifyOver(*this, "the values", getActual());
}

LogicalResult ExpectEqConstOp::verify() {
  if (failed(verifyConstant(*this)))
    return failure();
  // expect_eq_const_c3
  return verifyOver(*this, "the value", getActual());
}

LogicalResult ExpectAlmostEqOp::verify() {
  if (failed(verifyDistance(*this)))
    return failure();
  // expect_almost_eq_c2
  return verifyOver(*this, "the values", getActual());
}

LogicalResult ExpectAlmostEqConstOp::verify() {
  if (failed(verifyConstant(*this)) || failed(verifyDistance(*this)))
    return failure();
  // expect_almost_eq_const_c3
  return verifyOver(*this, "the value", getActual());
}

#define GET_OP_CLASSES
#include "dialects/Check/CheckOps.cpp.inc"
