//===- ArithOps.cpp - elementwise ops that arith does not have in our meaning ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Tile/OpVerifiers.h"
#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace tilec::tile;

LogicalResult CastOp::verify() {
  // cast_c1
  if (isa<RankedTensorType>(getSource().getType()) != isa<RankedTensorType>(getValue().getType()))
    return emitOpError("converts between a scalar and a tile");
  // cast_c2
  if (getFromUnsigned() && !isa<IntegerType>(getElementTypeOrSelf(getSource().getType())))
    return emitOpError("has an unsigned source that is not an integer");
  if (getToUnsigned() && !isa<IntegerType>(getElementTypeOrSelf(getValue().getType())))
    return emitOpError("has an unsigned result that is not an integer");
  return success();
}

/// floordiv_c1, floormod_c1, shl_c1, shr_c1
static LogicalResult verifyIntegers(Operation *op) {
  if (!isa<IntegerType>(getElementTypeOrSelf(op->getResult(0).getType())))
    return op->emitOpError() << "needs integers, got " << op->getResult(0).getType();
  return success();
}

LogicalResult FloorDivOp::verify() { return verifyIntegers(*this); }
LogicalResult FloorModOp::verify() { return verifyIntegers(*this); }
LogicalResult ShlOp::verify() { return verifyIntegers(*this); }
LogicalResult ShrOp::verify() { return verifyIntegers(*this); }

LogicalResult RandOp::verify() {
  // rand_c1
  Type counter = getCounter().getType(), value = getValue().getType();
  if (!isa<IntegerType>(getElementTypeOrSelf(counter)) || !getElementTypeOrSelf(value).isF32() ||
      tileShape(counter) != tileShape(value) || isa<RankedTensorType>(counter) != isa<RankedTensorType>(value))
    return emitOpError() << "gives f32 in the counter's dims, not " << value << " from " << counter;
  return success();
}
