//===- Transpose.cpp - blocks whose rows become columns ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A store of a permuted tile writes consecutive elements that its source holds in different rows. It goes by square
// blocks: as many vectors as a vector has lanes are read along the source's last dim, transposed in registers, and
// written along the result's last dim. The last block of a dim ends where the extent ends and overlaps the one before;
// what is smaller than a block goes element by element.

#include "EmitterImpl.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Bytes within which a machine interleaves two vectors in one instruction.
static constexpr int64_t groupBytes = 16;

//===----------------------------------------------------------------------===//
// In registers
//===----------------------------------------------------------------------===//

/// Interleaves units of `unit` lanes of two vectors, in each group of `group` lanes: those of the lower half of each
/// group, or of the upper one.
static Value interleave(Code &c, Value x, Value y, int64_t unit, int64_t group, bool upper) {
  int64_t lanes = Code::lanes(x);
  SmallVector<int64_t> mask;
  for (int64_t first = upper ? group / 2 : 0; first < lanes; first += group)
    for (int64_t at = first; at < first + group / 2; at += unit)
      for (int64_t from : {at, lanes + at})
        for (int64_t lane = 0; lane < unit; ++lane)
          mask.push_back(from + lane);
  return c.shuffle(x, y, mask);
}

SmallVector<Value> loops::transposeGroups(Code &c, ArrayRef<Value> rows, int64_t unit, int64_t group) {
  if (rows.size() == 1)
    return {rows.front()};
  SmallVector<Value> lower, upper;
  for (size_t row = 0; row < rows.size(); row += 2) {
    lower.push_back(interleave(c, rows[row], rows[row + 1], unit, group, false));
    upper.push_back(interleave(c, rows[row], rows[row + 1], unit, group, true));
  }
  SmallVector<Value> result = transposeGroups(c, lower, 2 * unit, group);
  llvm::append_range(result, transposeGroups(c, upper, 2 * unit, group));
  return result;
}

/// Transposes a square of groups: each step takes half of the groups of one vector, and then of another.
static SmallVector<Value> transposeSquare(Code &c, ArrayRef<Value> rows, int64_t group) {
  int64_t count = rows.size();
  SmallVector<Value> current(rows);
  // The groups `first`, `first + step`, .. of x, then of y.
  auto take = [&](Value x, Value y, ArrayRef<int64_t> groups) {
    SmallVector<int64_t> mask;
    for (int64_t from : {int64_t(0), Code::lanes(x)})
      for (int64_t one : groups)
        for (int64_t lane = 0; lane < group; ++lane)
          mask.push_back(from + one * group + lane);
    return c.shuffle(x, y, mask);
  };
  if (count == 2)
    return {take(current[0], current[1], {0}), take(current[0], current[1], {1})};
  if (count == 4) {
    Value a = take(current[0], current[1], {0, 1}), b = take(current[0], current[1], {2, 3});
    Value d = take(current[2], current[3], {0, 1}), e = take(current[2], current[3], {2, 3});
    return {take(a, d, {0, 2}), take(a, d, {1, 3}), take(b, e, {0, 2}), take(b, e, {1, 3})};
  }
  return current;
}

SmallVector<Value> loops::transposeLanes(Code &c, ArrayRef<Value> rows) {
  int64_t lanes = rows.size();
  int64_t group = std::min(lanes, groupBytes / byteSize(getElementTypeOrSelf(rows.front()))), groups = lanes / group;
  SmallVector<SmallVector<Value>> mixed;
  for (int64_t at = 0; at < groups; ++at)
    mixed.push_back(transposeGroups(c, rows.slice(at * group, group), 1, group));
  SmallVector<Value> result(lanes);
  for (int64_t within = 0; within < group; ++within) {
    SmallVector<Value> square;
    for (int64_t at = 0; at < groups; ++at)
      square.push_back(mixed[at][within]);
    for (auto [at, column] : llvm::enumerate(transposeSquare(c, square, group)))
      result[at * group + within] = column;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

/// Adds what an element of `tile` is computed from at the same place, and loads at any place.
static void findLeaves(Value tile, const Plan &plan, bool aligned, llvm::SetVector<tile::PermuteOp> &permutes,
                       llvm::SetVector<Value> &loaded, llvm::DenseSet<std::pair<Value, unsigned>> &seen) {
  if (!tileType(tile) || plan.isKept(tile) || !seen.insert({tile, aligned ? 1u : 0u}).second)
    return;
  Operation *op = tile.getDefiningOp();
  if (auto load = dyn_cast<tile::LoadOp>(op))
    loaded.insert(load.getArray());
  auto permute = dyn_cast<tile::PermuteOp>(op);
  if (permute && aligned)
    permutes.insert(permute);
  for (Value operand : op->getOperands())
    findLeaves(operand, plan, aligned && isElementwise(op), permutes, loaded, seen);
}

std::optional<Emitter::Transposition> Emitter::transposition(tile::StoreOp op) {
  RankedTensorType type = tileType(op.getValue());
  if (!type || op.getMask() || op.getOrdering() != tile::MemoryOrder::weak)
    return std::nullopt;
  for (Value subscript : op.getSubscripts())
    if (tileType(subscript) || isa<tile::WindowType>(subscript.getType()))
      return std::nullopt;
  Transposition result;
  llvm::SetVector<tile::PermuteOp> permutes;
  llvm::SetVector<Value> loaded;
  llvm::DenseSet<std::pair<Value, unsigned>> seen;
  findLeaves(op.getValue(), plan, true, permutes, loaded, seen);
  // Overlapping blocks store some elements twice, which must not change what the second time finds.
  if (loaded.contains(op.getArray()))
    return std::nullopt;
  result.to = vectorDim(type.getShape());
  int64_t size = ShapedType::kDynamic;
  for (tile::PermuteOp permute : permutes) {
    ArrayRef<int64_t> source = tileType(permute.getSource()).getShape(), order = permute.getOrder();
    int last = vectorDim(source);
    if (last < 0 || order[result.to] == last)
      continue;
    int from = static_cast<int>(llvm::find(order, last) - order.begin());
    if (result.from >= 0 && result.from != from)
      return std::nullopt;
    result.from = from;
    result.permutes.push_back(permute);
    size = source[last];
  }
  if (result.permutes.empty())
    return std::nullopt;
  // What is only moved keeps the form that memory has.
  auto only = op.getValue().getDefiningOp<tile::PermuteOp>();
  auto load = only ? only.getSource().getDefiningOp<tile::LoadOp>() : nullptr;
  result.moves = load && !plan.isKept(load.getValue()) && !load.getMask() ? load : tile::LoadOp();
  int64_t most = c.spec.vectorRegisters / 2;
  if (result.moves)
    result.lanes = c.spec.lanes(byteSize(storageType(type.getElementType())));
  else
    result.lanes = chooseLanes(op.getValue(), type.getDimSize(result.to));
  result.lanes = std::min(result.lanes, most);
  for (int64_t extent : {type.getDimSize(result.to), size})
    while (!ShapedType::isDynamic(extent) && result.lanes > extent)
      result.lanes /= 2;
  return result.lanes < 2 ? std::nullopt : std::optional(result);
}

void Emitter::forEachBlock(const Transposition &transposition, ArrayRef<Value> extents,
                           llvm::function_ref<void(ArrayRef<Index>, Value)> body) {
  int64_t lanes = transposition.lanes;
  unsigned to = transposition.to, from = transposition.from;
  SmallVector<Index> at(extents.size());
  SmallVector<unsigned> order;
  for (unsigned dim = 0; dim < extents.size(); ++dim)
    if (dim != to && dim != from)
      order.push_back(dim);
  order.append({from, to});
  auto block = [&] {
    Index first = at[from], along = {at[to].base, lanes};
    SmallVector<SmallVector<Value>> columns;
    for (tile::PermuteOp permute : transposition.permutes) {
      SmallVector<Value> rows;
      for (int64_t row = 0; row < lanes; ++row) {
        at[from] = {first.base, lanes};
        at[to] = {c.addConst(along.base, row), 0};
        SmallVector<Index> source(at.size());
        for (auto [dim, place] : llvm::enumerate(permute.getOrder()))
          source[place] = at[dim];
        Value line =
            transposition.moves ? loadStored(transposition.moves, source) : element(permute.getSource(), source);
        rows.push_back(c.splat(line, lanes)); // One value for all elements stays one until here.
      }
      columns.push_back(transposeLanes(c, rows));
    }
    at[to] = along;
    for (int64_t column = 0; column < lanes; ++column) {
      at[from] = {c.addConst(first.base, column), 0};
      if (transposition.moves) {
        body(at, columns.front()[column]);
        continue;
      }
      for (auto [number, values] : llvm::enumerate(columns)) {
        tile::PermuteOp permute = transposition.permutes[number];
        remember(permute.getResult(), at, values[column]);
      }
      body(at, {});
    }
  };
  std::function<void(unsigned)> descend = [&](unsigned depth) {
    if (depth == order.size())
      return block();
    unsigned dim = order[depth];
    bool inBlocks = dim == to || dim == from;
    loop(c.index(0), extents[dim], inBlocks ? lanes : 1, [&](Value iv) {
      at[dim] = {inBlocks ? c.minS(iv, c.addConst(extents[dim], -lanes)) : iv, 0};
      descend(depth + 1);
    });
  };
  Value fits = c.bitAnd(c.cmpConst(arith::CmpIPredicate::sge, extents[to], lanes),
                        c.cmpConst(arith::CmpIPredicate::sge, extents[from], lanes));
  auto branch = scf::IfOp::create(c.b, c.loc, TypeRange(), fits, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  // Neither branch finds what the other computed.
  auto before = nest.back().computed;
  c.b.setInsertionPointToStart(branch.thenBlock());
  descend(0);
  nest.back().computed = before;
  c.b.setInsertionPointToStart(branch.elseBlock());
  forEach(extents, static_cast<int>(to), 0, [&](ArrayRef<Index> one) { body(one, {}); });
  nest.back().computed = std::move(before);
}
