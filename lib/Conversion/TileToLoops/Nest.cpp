//===- Nest.cpp - loop nests and where values in them belong ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops over the elements of tiles. The nest remembers what was computed at each of its levels, so that every element
// is computed once, in the outermost loop whose indices determine it.

#include "EmitterImpl.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

Emitter::Root::Root(Emitter &emitter) : emitter(emitter), saved(std::move(emitter.nest)) {
  emitter.nest.clear();
  emitter.nest.emplace_back(); // What no loop of the nest determines.
}
Emitter::Root::~Root() { emitter.nest = std::move(saved); }

SmallVector<Value> Emitter::carriedLoop(Value lower, Value upper, int64_t step, ValueRange init, Carried body) {
  std::optional<int64_t> low = getConstantIntValue(lower), high = getConstantIntValue(upper);
  if (low && high && *low >= *high)
    return SmallVector<Value>(init);
  if (low && high && *low + step >= *high)
    return body(lower, init);
  auto loop = scf::ForOp::create(c.b, c.loc, lower, upper, c.index(step), init);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(loop.getBody());
  nest.push_back({loop, loop.getBody(), {}});
  SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  nest.pop_back();
  if (!init.empty())
    scf::YieldOp::create(c.b, c.loc, next);
  else if (loop.getBody()->empty() || !loop.getBody()->back().hasTrait<OpTrait::IsTerminator>())
    scf::YieldOp::create(c.b, c.loc);
  return SmallVector<Value>(loop.getResults());
}

void Emitter::loop(Value lower, Value upper, int64_t step, llvm::function_ref<void(Value)> body) {
  carriedLoop(lower, upper, step, {}, [&](Value iv, ValueRange) {
    body(iv);
    return SmallVector<Value>();
  });
}

Value Emitter::lanesBelow(Value first, Value end, int64_t lanes) {
  // No vector has more lanes than a byte counts.
  Type type = VectorType::get({lanes}, c.i1());
  std::optional<int64_t> low = getConstantIntValue(first), high = getConstantIntValue(end);
  if (!low || !high) {
    Value count = c.resize(c.sub(end, first), c.i8());
    return LLVM::GetActiveLaneMaskOp::create(c.b, c.loc, type, c.intLike(c.i8(), 0), count);
  }
  // What is computed at constant indices may stand anywhere in the function.
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(c.function.entry);
  SmallVector<bool> isThere;
  for (int64_t lane = 0; lane < lanes; ++lane)
    isThere.push_back(lane < *high - *low);
  return arith::ConstantOp::create(c.b, c.loc, DenseElementsAttr::get(cast<VectorType>(type), isThere));
}

void Emitter::forRest(Value lower, Value upper, int64_t lanes, Rest rest, llvm::function_ref<void(Index)> body) {
  std::optional<int64_t> low = getConstantIntValue(lower), high = getConstantIntValue(upper);
  bool byLanes = rest == Rest::Lanes && !(low && high && *high - *low == 1);
  loop(lower, upper, byLanes ? lanes : 1,
       [&](Value iv) { body(byLanes ? Index{iv, lanes, lanesBelow(iv, upper, lanes)} : Index{iv}); });
}

void Emitter::forEach(ArrayRef<Value> extents, int vectorDim, int64_t lanes, Elements body, Rest rest) {
  SmallVector<unsigned> order;
  for (unsigned dim = 0; dim < extents.size(); ++dim)
    if (static_cast<int>(dim) != vectorDim || !lanes)
      order.push_back(dim);
  SmallVector<Index> at(extents.size());
  std::function<void(unsigned)> descend = [&](unsigned depth) {
    if (depth < order.size()) {
      unsigned dim = order[depth];
      loop(c.index(0), extents[dim], 1, [&](Value iv) {
        at[dim] = {iv, 0};
        descend(depth + 1);
      });
      return;
    }
    if (!lanes || vectorDim < 0)
      return body(at);
    Value whole = c.roundDown(extents[vectorDim], lanes);
    loop(c.index(0), whole, lanes, [&](Value iv) {
      at[vectorDim] = {iv, lanes};
      body(at);
    });
    forRest(whole, extents[vectorDim], lanes, rest, [&](Index last) {
      at[vectorDim] = last;
      body(at);
    });
  };
  descend(0);
}

int loops::vectorDim(ArrayRef<int64_t> shape) {
  for (int dim = static_cast<int>(shape.size()) - 1; dim >= 0; --dim)
    if (shape[dim] != 1)
      return dim;
  return -1;
}

int64_t Emitter::widestElement(Value tile, llvm::DenseSet<Value> &seen) {
  if (!tileType(tile) || !seen.insert(tile).second)
    return 1;
  int64_t widest = byteSize(scratchType(getElementTypeOrSelf(tile)));
  if (plan.isKept(tile))
    return widest;
  for (Value operand : tile.getDefiningOp()->getOperands())
    widest = std::max(widest, widestElement(operand, seen));
  return widest;
}

int64_t Emitter::chooseLanes(ValueRange tiles, int64_t size, Rest rest) {
  llvm::DenseSet<Value> seen;
  int64_t widest = 1;
  for (Value tile : tiles)
    widest = std::max(widest, widestElement(tile, seen));
  int64_t lanes = c.spec.lanes(widest);
  if (!ShapedType::isDynamic(size))
    while (lanes > 1 && (rest == Rest::Lanes ? lanes / 2 >= size : lanes > size))
      lanes /= 2;
  return lanes < 2 ? 0 : lanes;
}

Value Emitter::extentOf(Value range) { return frame.ranges.lookup(range).extent; }

SmallVector<Value> Emitter::extents(Value tile) {
  SmallVector<Value> result;
  ArrayRef<int64_t> shape = tileType(tile).getShape();
  for (unsigned dim = 0; dim < shape.size(); ++dim) {
    Value range = dimRanges.lookup(tile, dim);
    Value extent = range ? extentOf(range) : Value();
    if (!extent && ShapedType::isDynamic(shape[dim])) {
      mlir::emitError(tile.getLoc()) << "the extent of dim " << dim << " of this tile is not known";
      failed = true;
    }
    result.push_back(extent ? extent : c.index(std::max<int64_t>(shape[dim], 0)));
  }
  return result;
}

int Emitter::levelOf(ArrayRef<Index> at) {
  int level = 0;
  for (Index index : at)
    for (int candidate = static_cast<int>(nest.size()) - 1; candidate > level; --candidate)
      if (index.base.getParentBlock() == nest[candidate].body)
        level = candidate;
  return level;
}
