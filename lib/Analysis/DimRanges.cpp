//===- DimRanges.cpp - the range behind every dim of every tile ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the walk from a tile to the ranges of its dims. Loop-carried values are followed to what the
// loop starts from: a variable keeps its dims, so the first value has them all.

#include "tilec/Analysis/DimRanges.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

SmallVector<Value> analysis::accessedRanges(ValueRange subscripts, DimRanges &ranges) {
  SmallVector<Value> dims;
  bool gathered = false;
  for (Value subscript : subscripts) {
    if (isa<RangeType>(subscript.getType())) {
      dims.push_back(subscript);
    } else if (isa<WindowType>(subscript.getType())) {
      auto shift = subscript.getDefiningOp<ShiftOp>();
      dims.push_back(shift ? shift.getRange() : Value());
    } else if (isa<RankedTensorType>(subscript.getType()) && !gathered) {
      llvm::append_range(dims, ranges.lookup(subscript));
      gathered = true;
    }
  }
  return dims;
}

Value DimRanges::lookup(Value tile, unsigned dim) {
  ArrayRef<Value> dims = lookup(tile);
  return dim < dims.size() ? dims[dim] : Value();
}

ArrayRef<Value> DimRanges::lookup(Value tile) {
  auto it = known.find(tile);
  if (it == known.end()) {
    // Computed first: the recursion may grow the map.
    auto dims = std::make_unique<SmallVector<Value>>(compute(tile));
    it = known.try_emplace(tile, std::move(dims)).first;
  }
  return *it->second;
}

SmallVector<Value> DimRanges::compute(Value tile) {
  auto type = dyn_cast<RankedTensorType>(tile.getType());
  if (!type)
    return {};
  SmallVector<Value> dims =
      isa<OpResult>(tile) ? fromResult(cast<OpResult>(tile)) : fromArgument(cast<BlockArgument>(tile));
  // Ops outside of our dialects may leave the walk with nothing to go by.
  dims.resize(type.getRank());
  return dims;
}

/// Removes the entries at `axes`, which ascend.
static SmallVector<Value> dropAxes(ArrayRef<Value> dims, ArrayRef<int64_t> axes) {
  SmallVector<Value> kept;
  for (auto [d, range] : llvm::enumerate(dims))
    if (!llvm::is_contained(axes, static_cast<int64_t>(d)))
      kept.push_back(range);
  return kept;
}

static SmallVector<Value> replaceAxis(ArrayRef<Value> dims, int64_t axis, Value range) {
  SmallVector<Value> replaced(dims);
  if (axis < static_cast<int64_t>(replaced.size()))
    replaced[axis] = range;
  return replaced;
}

/// [.., M, K] x [.., K, N] -> [.., M, N].
static SmallVector<Value> dotDims(Value lhs, Value rhs, DimRanges &ranges) {
  SmallVector<Value> dims(ranges.lookup(lhs));
  if (!dims.empty())
    dims.back() = ranges.lookup(rhs, dims.size() - 1);
  return dims;
}

SmallVector<Value> DimRanges::fromResult(OpResult result) {
  Operation *op = result.getOwner();
  unsigned index = result.getResultNumber();
  auto toVector = [](auto &&range) { return llvm::to_vector_of<Value>(range); };
  return TypeSwitch<Operation *, SmallVector<Value>>(op)
      .Case<LoadOp, AtomicRMWOp, AtomicCASOp>([&](auto access) { return accessedRanges(access.getSubscripts(), *this); })
      .Case<FullOp, BroadcastOp, ReshapeOp>([&](auto create) { return toVector(create.getRanges()); })
      .Case([&](IotaOp iota) { return SmallVector<Value>{iota.getRange()}; })
      .Case([&](ExpandDimsOp expand) {
        SmallVector<Value> dims(lookup(expand.getSource()));
        dims.insert(dims.begin() + expand.getAxis(), Value());
        return dims;
      })
      .Case([&](PermuteOp permute) {
        SmallVector<Value> source(lookup(permute.getSource())), dims;
        for (int64_t d : permute.getOrder())
          dims.push_back(source[d]);
        return dims;
      })
      .Case([&](CatOp cat) { return replaceAxis(lookup(cat.getLhs()), cat.getAxis(), cat.getRange()); })
      .Case([&](SliceOp slice) { return replaceAxis(lookup(slice.getSource()), slice.getAxis(), slice.getRange()); })
      .Case([&](ElementOp element) { return dropAxes(lookup(element.getSource()), {static_cast<int64_t>(element.getAxis())}); })
      .Case<DotOp, DotScaledOp>([&](auto dot) { return dotDims(dot.getLhs(), dot.getRhs(), *this); })
      .Case([&](ReduceOp reduce) { return dropAxes(lookup(reduce.getTiles().front()), reduce.getAxes()); })
      .Case([&](ScanOp scan) { return SmallVector<Value>(lookup(scan.getTiles()[index])); })
      .Case([&](SortOp sort) { return SmallVector<Value>(lookup(sort.getSource())); })
      .Case([&](TopKOp topk) { return replaceAxis(lookup(topk.getSource()), topk.getAxis(), topk.getRange()); })
      .Case([&](scf::ForOp loop) { return SmallVector<Value>(lookup(loop.getInitArgs()[index])); })
      .Case([&](scf::IfOp branch) { return SmallVector<Value>(lookup(branch.thenYield().getOperand(index))); })
      .Case([&](scf::WhileOp loop) { return SmallVector<Value>(lookup(loop.getConditionOp().getArgs()[index])); })
      .Default([&](Operation *elementwise) {
        // An elementwise op: each dim is that of any operand with the result's rank that knows it.
        int64_t rank = cast<RankedTensorType>(result.getType()).getRank();
        SmallVector<Value> dims(rank);
        for (Value operand : elementwise->getOperands()) {
          auto type = dyn_cast<RankedTensorType>(operand.getType());
          if (!type || type.getRank() != rank)
            continue;
          SmallVector<Value> known(lookup(operand));
          for (auto [dim, range] : llvm::zip(dims, known))
            if (!dim)
              dim = range;
          if (llvm::all_of(dims, [](Value dim) { return static_cast<bool>(dim); }))
            break;
        }
        return dims;
      });
}

SmallVector<Value> DimRanges::fromArgument(BlockArgument argument) {
  Operation *parent = argument.getOwner()->getParentOp();
  if (auto loop = dyn_cast_or_null<scf::ForOp>(parent))
    return SmallVector<Value>(lookup(loop.getTiedLoopInit(argument)->get()));
  if (auto loop = dyn_cast_or_null<scf::WhileOp>(parent)) {
    unsigned index = argument.getArgNumber();
    bool before = argument.getOwner() == loop.getBeforeBody();
    return SmallVector<Value>(lookup(before ? loop.getInits()[index] : loop.getConditionOp().getArgs()[index]));
  }
  return {};
}
