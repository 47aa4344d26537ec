//===- Lazy.cpp - elements of tiles, computed where they are asked for ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "EmitterImpl.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

Value Emitter::scalar(Value value) {
  if (Value known = frame.scalars.lookup(value))
    return known;
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant))) {
    Type carrier = carrierType(value.getType());
    if (auto number = dyn_cast<IntegerAttr>(constant))
      return carrier.isInteger(64) ? c.index(number.getValue().getSExtValue())
                                   : c.intLike(carrier, number.getValue().getSExtValue());
    if (auto number = dyn_cast<FloatAttr>(constant)) {
      APFloat converted = number.getValue();
      bool losesInfo = false;
      converted.convert(cast<FloatType>(carrier).getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
      return arith::ConstantOp::create(c.b, c.loc, FloatAttr::get(carrier, converted));
    }
  }
  // Only a fault of ours leads here.
  mlir::emitError(value.getLoc()) << "the lowering to loops has no code for this scalar";
  failed = true;
  Type carrier = carrierType(value.getType());
  return carrier.isIntOrFloat() ? c.zeroLike(carrier) : c.index(0);
}

Value Emitter::emitScalarOp(Operation *op) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(scalar(operand));
  if (Value result = emitElementwise(c, op, operands))
    return result;
  failed = true;
  return c.zeroLike(carrierType(op->getResult(0).getType()));
}

/// What an element is remembered by.
static std::vector<const void *> keyOf(Value tile, ArrayRef<Index> at) {
  std::vector<const void *> key{tile.getAsOpaquePointer()};
  for (const Index &index : at) {
    key.push_back(index.base.getAsOpaquePointer());
    key.push_back(reinterpret_cast<const void *>(index.lanes));
    key.push_back(index.mask.getAsOpaquePointer());
  }
  return key;
}

void Emitter::remember(Value tile, ArrayRef<Index> at, Value element) {
  nest[levelOf(at)].computed[keyOf(tile, at)] = element;
}

Value Emitter::element(Value tile, ArrayRef<Index> at) {
  if (!tileType(tile))
    return scalar(tile);
  std::vector<const void *> key = keyOf(tile, at);
  int level = levelOf(at);
  if (auto it = nest[level].computed.find(key); it != nest[level].computed.end())
    return it->second;
  OpBuilder::InsertionGuard guard(c.b);
  if (level + 1 < static_cast<int>(nest.size()))
    c.b.setInsertionPoint(nest[level + 1].loop);
  Value result = computeElement(tile, at);
  if (auto it = frame.pending.find(tile); it != frame.pending.end())
    storeBuffer(result, it->second, at);
  nest[level].computed[key] = result;
  return result;
}

/// Indices of the source of a broadcast.
static SmallVector<Index> broadcastIndices(tile::BroadcastOp op, ArrayRef<Index> at, Value zero) {
  ArrayRef<int64_t> source = tileType(op.getSource()).getShape();
  ArrayRef<int64_t> result = op.getType().getShape().take_back(source.size());
  SmallVector<Index> inner(at.take_back(source.size()));
  for (auto [index, from, to] : llvm::zip_equal(inner, source, result))
    if (from == 1 && to != 1)
      index = {zero, 0};
  return inner;
}

/// Indices of the source of a reshape that only adds and drops dims of 1.
static SmallVector<Index> reshapeIndices(tile::ReshapeOp op, ArrayRef<Index> at, Value zero) {
  SmallVector<Index> longDims;
  for (auto [index, size] : llvm::zip_equal(at, op.getType().getShape()))
    if (size != 1)
      longDims.push_back(index);
  SmallVector<Index> inner;
  unsigned next = 0;
  for (int64_t size : tileType(op.getSource()).getShape())
    inner.push_back(size == 1 ? Index{zero, 0} : longDims[next++]);
  return inner;
}

Value Emitter::computeElement(Value tile, ArrayRef<Index> at) {
  if (auto it = frame.buffers.find(tile); it != frame.buffers.end())
    return loadBuffer(it->second, at);
  if (Value all = frame.scalars.lookup(tile))
    return all; // One value for all elements, in the code that is being written.
  Operation *op = tile.getDefiningOp();
  Location outer = c.loc;
  if (op)
    c.loc = op->getLoc();
  Value result =
      TypeSwitch<Operation *, Value>(op)
          .Case([&](tile::LoadOp load) { return emitLoad(load, at); })
          .Case([&](tile::FullOp full) { return scalar(full.getScalar()); })
          .Case([&](tile::IotaOp iota) {
            Value first = c.resize(c.add(frame.ranges.lookup(iota.getRange()).begin, at[0].base), c.i32());
            int64_t lanes = at[0].lanes;
            return lanes ? c.add(c.splat(first, lanes), c.iota(c.i32(), lanes)) : first;
          })
          .Case([&](tile::ExpandDimsOp expand) {
            SmallVector<Index> inner(at);
            inner.erase(inner.begin() + expand.getAxis());
            return element(expand.getSource(), inner);
          })
          .Case([&](tile::BroadcastOp broadcast) {
            return element(broadcast.getSource(), broadcastIndices(broadcast, at, c.index(0)));
          })
          .Case([&](tile::ReshapeOp reshape) {
            return element(reshape.getSource(), reshapeIndices(reshape, at, c.index(0)));
          })
          .Case([&](tile::PermuteOp permute) {
            SmallVector<Index> inner(at.size());
            for (auto [dim, source] : llvm::enumerate(permute.getOrder()))
              inner[source] = at[dim];
            return element(permute.getSource(), inner);
          })
          .Case([&](tile::SliceOp slice) {
            SmallVector<Index> inner(at);
            Index &index = inner[slice.getAxis()];
            index.base = c.addConst(index.base, slice.getOffset());
            return element(slice.getSource(), inner);
          })
          .Case([&](tile::ElementOp one) {
            // Never outside the tile, whatever the index.
            Value last = c.addConst(extentOf(one.getOver()), -1);
            Value index = c.maxS(c.minS(scalar(one.getAt()), last), c.index(0));
            SmallVector<Index> inner(at);
            inner.insert(inner.begin() + one.getAxis(), Index{index, 0});
            return element(one.getSource(), inner);
          })
          .Case([&](arith::ConstantOp constant) -> Value {
            auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
            if (!dense)
              return {};
            if (!dense.isSplat())
              return loadBuffer(constantBuffer(dense), at);
            if (auto number = dyn_cast<FloatAttr>(dense.getSplatValue<Attribute>()))
              return c.floatLike(carrierType(number.getType()), number.getValueAsDouble());
            return c.intLike(carrierType(dense.getElementType()), dense.getSplatValue<APInt>().getSExtValue());
          })
          .Default([&](Operation *op) -> Value {
            if (!op || !isElementwise(op))
              return {};
            SmallVector<Value> operands;
            for (Value operand : op->getOperands())
              operands.push_back(element(operand, at));
            return emitElementwise(c, op, operands);
          });
  if (!result) {
    if (!failed)
      mlir::emitError(tile.getLoc()) << "the CPU target cannot compute the elements of this tile";
    failed = true;
    result = c.zeroLike(carrierType(getElementTypeOrSelf(tile)));
  }
  c.loc = outer;
  return result;
}
