//===- Reduce.cpp - reductions ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A reduction over the last dim keeps vectors of partial results, if its order is free, and combines them and their
// lanes at the end. A reduction over other dims combines whole vectors along the last one. Both read each element once.

#include "EmitterImpl.h"
#include "Extremes.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

/// Vectors of partial results such that the next one need not wait for the one before: as many as the slowest combining
/// function takes instructions.
static constexpr int64_t manyPartials = 4;
/// As many where elements are computed and kept, which is longer code and takes longer than combining.
static constexpr int64_t fewPartials = 2;
/// What computing an element costs at least where that takes longer than combining.
static constexpr int64_t hidesCombining = 16;

SmallVector<Value> Emitter::combine(Region &region, ValueRange left, ValueRange right) {
  Block &block = region.front();
  llvm::DenseMap<Value, Value> local;
  for (auto [argument, value] :
       llvm::zip(block.getArguments(), llvm::concat<const Value>(SmallVector<Value>(left), SmallVector<Value>(right))))
    local[argument] = value;
  auto lookup = [&](Value value) {
    auto it = local.find(value);
    return it != local.end() ? it->second : scalar(value);
  };
  int64_t lanes = 0;
  for (Value value : left)
    lanes = std::max(lanes, Code::lanes(value));
  for (Operation &op : block.without_terminator()) {
    if (isa<arith::ConstantOp>(op))
      continue;
    SmallVector<Value> operands;
    for (Value operand : op.getOperands())
      operands.push_back(lookup(operand));
    Value result = isElementwise(&op) ? emitElementwise(c, &op, operands) : Value();
    if (!result) {
      error(&op) << "the CPU target does not know '" << op.getName() << "' in a combining function";
      result = c.zeroLike(carrierType(op.getResult(0).getType()));
    }
    local[op.getResult(0)] = result;
  }
  SmallVector<Value> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(c.splat(lookup(value), lanes));
  return results;
}

/// Combines the lanes of some rows' vectors, those of one row behind those of the row before: to one vector with a lane
/// for each row. Each row's lanes are combined as foldLanes does it.
SmallVector<Value> Emitter::foldRows(Region &region, SmallVector<SmallVector<Value>> rows) {
  int64_t width = Code::lanes(rows.front().front());
  for (; width > 1; width /= 2) {
    bool joins = rows.size() > 1;
    SmallVector<SmallVector<Value>> next;
    for (size_t row = 0; row < rows.size(); row += 2) {
      SmallVector<Value> left, right;
      for (auto [number, value] : llvm::enumerate(rows[row])) {
        Value other = joins ? rows[row + 1][number] : value;
        int64_t lanes = Code::lanes(value);
        SmallVector<int64_t> low, high;
        for (int64_t first = 0; first < (joins ? 2 : 1) * lanes; first += width)
          for (int64_t lane = first; lane < first + width / 2; ++lane) {
            low.push_back(lane);
            high.push_back(lane + width / 2);
          }
        left.push_back(c.shuffle(value, other, low));
        right.push_back(c.shuffle(value, other, high));
      }
      next.push_back(combine(region, left, right));
    }
    rows = std::move(next);
  }
  return rows.front();
}

SmallVector<Value> Emitter::foldLanes(Region &region, SmallVector<Value> values) {
  int64_t lanes = Code::lanes(values.front());
  for (; lanes > 1; lanes /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < lanes / 2; ++lane) {
      low.push_back(lane);
      high.push_back(lane + lanes / 2);
    }
    SmallVector<Value> left, right;
    for (Value value : values) {
      left.push_back(c.shuffle(value, value, low));
      right.push_back(c.shuffle(value, value, high));
    }
    values = combine(region, left, right);
  }
  for (Value &value : values)
    value = c.extract(value, 0);
  return values;
}

int64_t Emitter::partialVectors(tile::ReduceOp op, int64_t lanes) {
  int64_t cost = 0;
  for (Value tile : op.getTiles())
    cost += plan.cost(tile);
  RankedTensorType type = tileType(op.getTiles().front());
  int64_t size = type.getDimSize(vectorDim(type.getShape()));
  bool isShort = !ShapedType::isDynamic(size) && size < 2 * manyPartials * lanes;
  if (isShort || cost >= hidesCombining)
    return 1;
  return llvm::any_of(op.getTiles(), [&](Value tile) { return frame.pending.contains(tile); }) ? fewPartials
                                                                                               : manyPartials;
}

bool Emitter::computesRestByLanes(tile::ReduceOp op) {
  bool isComputed = llvm::any_of(
      op.getTiles(), [&](Value tile) { return plan.cost(tile) >= hidesCombining || frame.pending.contains(tile); });
  return isComputed && restOfRow() == Rest::Lanes &&
         llvm::none_of(op.getTiles(), [](Value tile) { return tileType(tile).getElementType().isInteger(1); });
}

SmallVector<Value> Emitter::reduceRest(tile::ReduceOp op, SmallVector<Index> at, int64_t axis, RangeOfRest rest,
                                       int64_t lanes, ValueRange values) {
  return carriedLoop(rest.lower, rest.upper, lanes, values, [&](Value iv, ValueRange before) {
    at[axis] = {iv, lanes, lanesBelow(iv, rest.upper, lanes)};
    SmallVector<Value> rooms;
    for (Value tile : op.getTiles()) {
      Type carrier = carrierType(tileType(tile).getElementType());
      rooms.push_back(c.stackRoom(carrier, lanes, lanes * byteSize(carrier)));
      c.store(c.splat(element(tile, at), lanes), rooms.back());
    }
    return carriedLoop(c.index(0), c.sub(rest.upper, iv), 1, before, [&](Value lane, ValueRange inner) {
      SmallVector<Value> next(inner), loaded;
      for (auto [tile, room] : llvm::zip_equal(op.getTiles(), rooms)) {
        Type carrier = carrierType(tileType(tile).getElementType());
        loaded.push_back(c.load(carrier, c.gep(room, carrier, lane)));
      }
      ArrayRef<Value> left = ArrayRef<Value>(next).take_back(loaded.size());
      llvm::copy(combine(op.getCombine(), SmallVector<Value>(left), loaded), next.end() - loaded.size());
      return next;
    });
  });
}

/// The reduced values at some indices of the kept dims. `lanes` is for the source's vector dim: where that is kept, the
/// kept index has the lanes already; where it is reduced, partial results are carried in vectors, which stand in the
/// result before what was combined one by one.
SmallVector<Value> Emitter::reduceAlong(tile::ReduceOp op, ArrayRef<Index> kept, ArrayRef<int64_t> keptDims,
                                        int64_t lanes) {
  ArrayRef<int64_t> axes = op.getAxes();
  ArrayRef<int64_t> shape = tileType(op.getTiles().front()).getShape();
  int vectorAxis = lanes ? vectorDim(shape) : -1;
  SmallVector<Index> at(shape.size());
  for (auto [index, dim] : llvm::zip_equal(kept, keptDims))
    at[dim] = index;
  int64_t keptLanes = lanesAt(kept);
  unsigned count = op.getTiles().size();
  // Vectors that a step takes, and those with partial results of their own: extremes do not wait for the one before.
  int64_t stepVectors = vectorAxis >= 0 ? partialVectors(op, lanes) : 0;
  std::optional<Extreme> extreme = stepVectors ? Extreme::of(op) : std::nullopt;
  int64_t partials = extreme ? 1 : stepVectors;
  SmallVector<Value> scalars, carried;
  for (Value init : op.getInit())
    scalars.push_back(c.splat(scalar(init), keptLanes));
  if (extreme)
    carried = Extreme::of(c, c.splat(scalars.front(), lanes));
  else
    for (int64_t partial = 0; partial < partials; ++partial)
      for (Value init : scalars)
        carried.push_back(c.splat(init, lanes));
  llvm::append_range(carried, scalars);
  // The last `count` values are combined one by one; before them, with lanes, stand the partial ones.
  auto step = [&](SmallVector<Value> &values, unsigned first) {
    SmallVector<Value> loaded, left(ArrayRef<Value>(values).slice(first, count));
    for (auto [tile, value] : llvm::zip(op.getTiles(), left))
      loaded.push_back(c.splat(element(tile, at), Code::lanes(value)));
    llvm::copy(combine(op.getCombine(), left, loaded), values.begin() + first);
  };
  auto stepExtreme = [&](SmallVector<Value> &values) {
    Value loaded = c.splat(element(op.getTiles().front(), at), lanes);
    if (Value mask = maskAt(at)) // What a lane began with changes no extreme.
      loaded = c.select(mask, loaded, c.splat(scalars.front(), lanes));
    llvm::copy(Extreme::merge(c, values, Extreme::of(c, loaded)), values.begin());
  };
  std::function<SmallVector<Value>(unsigned, ValueRange)> descend = [&](unsigned depth, ValueRange values) {
    SmallVector<Value> current(values);
    if (depth == axes.size()) {
      step(current, current.size() - count);
      return current;
    }
    int64_t axis = axes[depth];
    Value extent = extentOf(op.getOver()[depth]);
    Value done = c.index(0);
    if (axis == vectorAxis) {
      // The vector axis is the last of more than one element, so that nothing is left to descend into but dims of 1.
      for (int64_t rest : axes.drop_front(depth + 1))
        at[rest] = {c.index(0), 0};
      for (int64_t width = stepVectors; width >= 1; width = width == 1 ? 0 : 1) {
        Value upper = c.roundDown(extent, width * lanes);
        current = carriedLoop(done, upper, width * lanes, current, [&](Value iv, ValueRange inner) {
          SmallVector<Value> next(inner);
          for (int64_t partial = 0; partial < width; ++partial) {
            at[axis] = {c.addConst(iv, partial * lanes), lanes};
            extreme ? stepExtreme(next) : step(next, partial * count);
          }
          return next;
        });
        done = upper;
      }
      if (extreme && restOfRow() == Rest::Lanes)
        return carriedLoop(done, extent, lanes, current, [&](Value iv, ValueRange inner) {
          SmallVector<Value> next(inner);
          at[axis] = {iv, lanes, lanesBelow(iv, extent, lanes)};
          stepExtreme(next);
          return next;
        });
      if (computesRestByLanes(op))
        return reduceRest(op, at, axis, {done, extent}, lanes, current);
    }
    return carriedLoop(done, extent, 1, current, [&](Value iv, ValueRange inner) {
      at[axis] = {iv, 0};
      return descend(depth + 1, inner);
    });
  };
  SmallVector<Value> result = descend(0, carried);
  if (vectorAxis < 0)
    return result;
  if (extreme) {
    result[0] = extreme->finish(c, ArrayRef<Value>(result).take_front(Extreme::count));
    result.erase(result.begin() + 1, result.begin() + Extreme::count);
    return result;
  }
  for (int64_t half = partials / 2; half >= 1; half /= 2)
    for (int64_t partial = 0; partial < half; ++partial) {
      ArrayRef<Value> all(result);
      SmallVector<Value> combined = combine(op.getCombine(), SmallVector<Value>(all.slice(partial * count, count)),
                                            SmallVector<Value>(all.slice((partial + half) * count, count)));
      llvm::copy(combined, result.begin() + partial * count);
    }
  result.erase(result.begin() + count, result.end() - count);
  return result;
}

SmallVector<Value> Emitter::reduceRow(tile::ReduceOp op, ArrayRef<Index> kept, ArrayRef<int64_t> keptDims,
                                      int64_t lanes) {
  SmallVector<Value> values = reduceAlong(op, kept, keptDims, lanes);
  unsigned count = op.getTiles().size();
  if (values.size() == count)
    return values;
  SmallVector<Value> vectors(ArrayRef<Value>(values).take_front(count));
  return combine(op.getCombine(), foldLanes(op.getCombine(), vectors), ArrayRef<Value>(values).take_back(count));
}

/// How many rows are folded together: as many as make a whole vector of each result. 0 if rows are folded one by one.
int64_t Emitter::rowsToFold(ArrayRef<Buffer> results, int64_t lanes) {
  for (const Buffer &result : results)
    // What is behind the last row is padding.
    if (result.strides.back() != 1 || (result.strides.size() > 1 && byteSize(scratchType(result.element)) < 4))
      return 0;
  return lanes;
}

/// Reduces along the vector dim: the rows of a block leave their vectors of partial results in scratch, which are then
/// folded together.
void Emitter::reduceByBlocks(tile::ReduceOp op, ArrayRef<Buffer> results, ArrayRef<Value> counts,
                             ArrayRef<int64_t> keptDims, int64_t lanes) {
  unsigned count = results.size(), last = counts.size() - 1;
  int64_t mark = scratchUsed;
  SmallVector<Buffer> vectors, singles;
  for (const Buffer &result : results) {
    Type element = scratchType(result.element);
    vectors.push_back(allocate(RankedTensorType::get({lanes, lanes}, result.element), /*padRows=*/false));
    singles.push_back(allocate(RankedTensorType::get({lanes}, result.element)));
    // Rows that a block does not have are folded, too, and must be numbers of the type.
    Value zero = c.zeroLike(VectorType::get({lanes}, element));
    for (int64_t row = 0; row < lanes; ++row)
      c.store(zero, c.gep(vectors.back().base, element, c.index(row * lanes)));
    c.store(zero, c.gep(singles.back().base, element, c.index(0)));
  }
  SmallVector<Index> at(counts.size());
  auto block = [&](Value first) {
    loop(c.index(0), c.minS(c.sub(counts[last], first), c.index(lanes)), 1, [&](Value row) {
      at[last] = {c.add(first, row), 0};
      SmallVector<Value> values = reduceAlong(op, at, keptDims, lanes);
      for (unsigned number = 0; number < count; ++number) {
        storeBuffer(values[number], vectors[number], {{row, 0}, {c.index(0), lanes}});
        storeBuffer(values[count + number], singles[number], Index{row, 0});
      }
    });
    SmallVector<SmallVector<Value>> rows(lanes);
    SmallVector<Value> rest;
    for (unsigned number = 0; number < count; ++number) {
      for (int64_t row = 0; row < lanes; ++row)
        rows[row].push_back(loadBuffer(vectors[number], {{c.index(row), 0}, {c.index(0), lanes}}));
      rest.push_back(loadBuffer(singles[number], Index{c.index(0), lanes}));
    }
    at[last] = {first, lanes};
    SmallVector<Value> folded = combine(op.getCombine(), foldRows(op.getCombine(), rows), rest);
    for (auto [buffer, value] : llvm::zip_equal(results, folded))
      storeBuffer(value, buffer, at);
  };
  std::function<void(unsigned)> descend = [&](unsigned dim) {
    loop(c.index(0), counts[dim], dim == last ? lanes : 1, [&](Value iv) {
      if (dim == last)
        return block(iv);
      at[dim] = {iv, 0};
      descend(dim + 1);
    });
  };
  descend(0);
  scratchUsed = mark;
}

/// The range whose indices a tile repeats along other dims; null if it is no such tile.
static Value indexedRange(Value tile) {
  while (Operation *op = tile.getDefiningOp()) {
    if (auto iota = dyn_cast<tile::IotaOp>(op))
      return iota.getRange();
    if (!isa<tile::ExpandDimsOp, tile::BroadcastOp>(op))
      return {};
    tile = op->getOperand(0);
  }
  return {};
}

/// A comparison of the indices of two ranges by order that chooses elements of the lazy tile; null if there is none.
static arith::CmpIOp findIndexMask(Value tile, const Plan &plan, unsigned depth = 16) {
  if (!tileType(tile) || plan.isKept(tile) || !depth)
    return {};
  Operation *op = tile.getDefiningOp();
  if (!isElementwise(op))
    return {};
  if (auto select = dyn_cast<arith::SelectOp>(op))
    if (auto mask = select.getCondition().getDefiningOp<arith::CmpIOp>();
        mask && tileType(mask.getResult()) && !plan.isKept(mask.getResult()) && indexedRange(mask.getLhs()) &&
        indexedRange(mask.getRhs()) && mask.getPredicate() >= CmpIPredicate::slt &&
        mask.getPredicate() <= CmpIPredicate::sge)
      return mask;
  for (Value operand : op->getOperands())
    if (arith::CmpIOp mask = findIndexMask(operand, plan, depth - 1))
      return mask;
  return {};
}

void Emitter::emitReduce(tile::ReduceOp op) {
  ArrayRef<int64_t> axes = op.getAxes();
  Value source = op.getTiles().front();
  RankedTensorType type = tileType(source);
  SmallVector<int64_t> keptDims;
  SmallVector<Value> counts, all = extents(source);
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (!llvm::is_contained(axes, dim)) {
      keptDims.push_back(dim);
      counts.push_back(all[dim]);
    }
  Root root(*this);
  int dim = vectorDim(type.getShape());
  bool reducesLast = dim >= 0 && llvm::is_contained(axes, dim);
  Rest rest = reducesLast ? Rest::Elements : restOfRow();
  int64_t lanes = dim < 0 ? 0 : chooseLanes(op.getTiles(), type.getDimSize(dim), rest);
  if (reducesLast && !op.getCommutative())
    lanes = 0;
  // Whoever asks for the source from now on finds it in its buffer.
  auto finish = [&] {
    if (auto it = frame.pending.find(source); it != frame.pending.end()) {
      frame.buffers[source] = it->second;
      frame.pending.erase(source);
    }
  };
  if (keptDims.empty()) {
    for (auto [result, value] : llvm::zip_equal(op.getValues(), reduceRow(op, {}, {}, lanes)))
      frame.scalars[result] = value;
    return finish();
  }
  SmallVector<Buffer> results;
  for (Value result : op.getValues())
    results.push_back(frame.buffers[result] = allocate(tileType(result)));
  int64_t size = type.getDimSize(keptDims.back());
  auto reduceAll = [&] {
    if (reducesLast && lanes && size >= lanes && rowsToFold(results, lanes))
      return reduceByBlocks(op, results, counts, keptDims, lanes);
    int keptVector = -1;
    if (!reducesLast && lanes)
      keptVector = static_cast<int>(llvm::find(keptDims, dim) - keptDims.begin());
    if (keptVector >= 0 && readsRowsInTurn(op))
      return reduceRowsInTurn(op, results, counts, keptDims, keptVector, lanes);
    forEach(
        counts, keptVector, keptVector < 0 ? 0 : lanes,
        [&](ArrayRef<Index> at) {
          SmallVector<Value> values = reduceRow(op, at, keptDims, reducesLast ? lanes : 0);
          for (auto [buffer, value] : llvm::zip_equal(results, values))
            storeBuffer(value, buffer, at);
        },
        rest);
  };
  arith::CmpIOp mask = findIndexMask(source, plan);
  if (!mask || frame.scalars.contains(mask)) {
    reduceAll();
    return finish();
  }
  // Where the ranges do not overlap, the comparison holds for all elements, and none is masked.
  bool isGreater = mask.getPredicate() == CmpIPredicate::sgt || mask.getPredicate() == CmpIPredicate::sge;
  auto extreme = [&](Value tile, bool isLast) {
    RangeCode range = frame.ranges.lookup(indexedRange(tile));
    return isLast ? c.addConst(c.add(range.begin, range.extent), -1) : range.begin;
  };
  Value holds = c.cmp(mask.getPredicate(), extreme(mask.getLhs(), !isGreater), extreme(mask.getRhs(), isGreater));
  auto branch = scf::IfOp::create(c.b, c.loc, TypeRange(), holds, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  for (bool isMasked : {false, true}) {
    c.b.setInsertionPointToStart(isMasked ? branch.elseBlock() : branch.thenBlock());
    if (!isMasked)
      frame.scalars[mask] = c.intLike(c.i1(), 1);
    auto before = nest.back().computed; // Neither branch finds what the other computed.
    reduceAll();
    nest.back().computed = std::move(before);
    frame.scalars.erase(mask);
  }
  finish();
}
