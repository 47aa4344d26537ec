//===- Halves.cpp - concatenations that are stored by halves ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Halves.h"

#include "EmitterImpl.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Whether the op takes elements one by one from one tile: where it had several operands, the other ones would have to know
/// of halves.
static bool goesByElements(Operation *op) { return isElementwise(op) && op->getNumOperands() == 1; }

tile::StoreOp loops::storeOfHalves(tile::CatOp cat) {
  RankedTensorType left = tileType(cat.getLhs()), right = tileType(cat.getRhs());
  if (left.getDimSize(cat.getAxis()) != right.getDimSize(cat.getAxis()))
    return {};
  Value value = cat.getValue();
  while (value.hasOneUse()) {
    Operation *user = *value.getUsers().begin();
    if (auto store = dyn_cast<tile::StoreOp>(user)) {
      bool isPlain = store.getValue() == value && !store.getMask() && store.getOrdering() == tile::MemoryOrder::weak &&
                     store->getBlock() == cat->getBlock();
      for (Value subscript : store.getSubscripts())
        isPlain &= !tileType(subscript) && !isa<tile::WindowType>(subscript.getType());
      return isPlain ? store : tile::StoreOp();
    }
    if (!goesByElements(user) || tileType(user->getResult(0)).getShape() != cat.getType().getShape())
      return {};
    value = user->getResult(0);
  }
  return {};
}

tile::CatOp loops::storedHalves(tile::StoreOp store) {
  Value value = store.getValue();
  while (Operation *op = value.getDefiningOp()) {
    if (auto cat = dyn_cast<tile::CatOp>(op))
      return storeOfHalves(cat) == store ? cat : tile::CatOp();
    if (!goesByElements(op))
      return {};
    value = op->getOperand(0);
  }
  return {};
}
