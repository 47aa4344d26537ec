//===- Balance.cpp - the steps of a grid ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile size is the most that an iteration of a grid may take. How much it does take is chosen when the kernel runs,
// where the kernel cannot tell: for rows and columns of a product, whose elements do not depend on each other. A small
// product thus occupies all threads, and a large one ends on all of them together.

#include "Dot.h"

#include "tilec/Analysis/RowVersions.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Packing the right operand costs each iteration as much as so many rows more, for each product that an instruction
/// adds to a lane.
static constexpr int64_t rowOverhead = 8;
/// Reading the left operand from farther away costs as much as so many columns more; where it is packed by groups, as
/// many for each product that an instruction adds to a lane.
static constexpr int64_t columnOverhead = 2, groupColumnOverhead = 4;

/// Columns that are reduced over rows: those of a few lines of a row at least, and what starting on such parts of rows
/// costs.
static constexpr int64_t reducedBytes = 256;

SmallVector<Emitter::StepChoice> Emitter::stepChoices(tile::GridOp grid) {
  SmallVector<StepChoice> choices(grid.getRank());
  auto choose = [&](Value range, int64_t multiple, int64_t overhead) -> StepChoice * {
    auto index = dyn_cast_or_null<BlockArgument>(range);
    if (!index || index.getOwner() != &grid.getBody().front() || !analysis::mayCutAnywhere(range))
      return nullptr;
    unsigned dim = index.getArgNumber();
    APInt size;
    if (!matchPattern(grid.getStep()[dim], m_ConstantInt(&size)) || size.getSExtValue() <= multiple)
      return nullptr;
    choices[dim].multiple = std::max(choices[dim].multiple, multiple), choices[dim].overhead = overhead;
    return &choices[dim];
  };
  grid.walk([&](tile::DotOp dot) {
    RankedTensorType type = tileType(dot.getResult());
    int64_t rank = type.getRank(), rows = type.getDimSize(rank - 2), columns = type.getDimSize(rank - 1);
    int64_t lanes = c.spec.lanes(byteSize(type.getElementType()));
    if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(columns) || columns < lanes)
      return;
    MicroKernel kernel = chooseMicroKernel(c.spec.vectorRegisters, rows, llvm::divideCeil(columns, lanes));
    int64_t terms = termsPerInstruction(c, dot), columnCost = terms > 1 ? groupColumnOverhead * terms : columnOverhead;
    int64_t multiple = matrixProductOf(c, dot).empty() ? kernel.rows : 2 * c.spec.matrices->rows;
    choose(dimRanges.lookup(dot.getLhs(), rank - 2), multiple, rowOverhead * terms);
    StepChoice *columnChoice = choose(dimRanges.lookup(dot.getRhs(), rank - 1), kernel.vectors * lanes, columnCost);
    // There is hardly any code for columns of less than a vector.
    if (columnChoice && analysis::rowVersion(grid) == analysis::RowVersion::few)
      columnChoice->least = lanes;
  });
  grid.walk([&](tile::ReduceOp reduce) {
    Value source = reduce.getTiles().front();
    int64_t last = tileType(source).getRank() - 1, width = byteSize(tileType(source).getElementType());
    if (last > 0 && !llvm::is_contained(reduce.getAxes(), last))
      choose(dimRanges.lookup(source, last), reducedBytes / width, reducedBytes / width);
  });
  return choices;
}

void Emitter::balance(ArrayRef<StepChoice> choices, ArrayRef<Value> lower, ArrayRef<Value> upper,
                      SmallVector<Value> &steps) {
  if (!split && llvm::none_of(choices, [](const StepChoice &choice) { return choice.multiple != 0; }))
    return;
  unsigned rank = choices.size();
  // Extents, multiples, overheads and steps, one behind the other.
  Value table = c.stackRoom(c.i64(), 4 * rank, 8);
  auto slot = [&](unsigned list, unsigned dim) { return c.gep(table, c.i64(), c.index(list * rank + dim)); };
  for (unsigned dim = 0; dim < rank; ++dim) {
    c.store(c.sub(upper[dim], lower[dim]), slot(0, dim));
    c.store(c.index(choices[dim].multiple), slot(1, dim));
    c.store(c.index(choices[dim].overhead), slot(2, dim));
    c.store(steps[dim], slot(3, dim));
  }
  Value count = arith::ConstantOp::create(c.b, c.loc, c.b.getI32IntegerAttr(rank));
  SmallVector<Value> arguments{count, workers, slot(0, 0), slot(1, 0), slot(2, 0), slot(3, 0)};
  if (split) {
    arguments.push_back(split->contraction);
    split->parts = c.call("tilec_split_grid", c.i64(), arguments);
  } else {
    c.call("tilec_balance_grid", {}, arguments);
  }
  for (unsigned dim = 0; dim < rank; ++dim) {
    if (!choices[dim].multiple)
      continue;
    steps[dim] = c.load(c.i64(), slot(3, dim));
    if (int64_t least = choices[dim].least) {
      // Steps that are smaller by a few elements leave more for the last one.
      Value last = c.op<arith::RemSIOp>(c.sub(upper[dim], lower[dim]), steps[dim]);
      Value isSmall = c.bitAnd(c.cmpConst(arith::CmpIPredicate::sgt, last, 0),
                               c.cmpConst(arith::CmpIPredicate::slt, last, least));
      steps[dim] = c.select(isSmall, c.maxS(c.addConst(steps[dim], -least), c.index(least)), steps[dim]);
    }
  }
}
