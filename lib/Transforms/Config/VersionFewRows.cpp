//===- VersionFewRows.cpp - tiles of their own for products of few rows ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the VersionFewRows pass. A product of few rows takes as long as reading its right operand, which
// goes best along long pieces of rows: tiles of many columns, which would be too large for many rows. How many rows
// there are is known when the kernel runs at the latest.

#include "tilec/Transforms/Passes.h"

#include "ConfigKeys.h"

#include "tilec/Analysis/DimRanges.h"
#include "tilec/Analysis/RowVersions.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/bit.h"

namespace tilec {
#define GEN_PASS_DEF_VERSIONFEWROWS
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::tile;

namespace {
/// A dim of a grid, which has so many elements if that is known.
struct Dim {
  unsigned number = 0;
  SizeOp size;
  std::optional<int64_t> elements;
};

struct VersionFewRows : tilec::impl::VersionFewRowsBase<VersionFewRows> {
  using tilec::impl::VersionFewRowsBase<VersionFewRows>::VersionFewRowsBase;

  void runOnOperation() override {
    KernelOp kernel = getOperation();
    SmallVector<Operation *> products;
    kernel.walk([&](Operation *op) {
      if (isa<DotOp, DotScaledOp>(op))
        products.push_back(op);
    });
    if (rows <= 0 || products.empty())
      return;
    // What each of several products reads, tiles of the others need not suit.
    auto dot = dyn_cast<DotOp>(products.front());
    if (products.size() > 1 || !dot)
      return explainNone(products.front(), products.size() > 1 ? "the kernel has several products" : "it has scales");
    version(dot);
  }

private:
  void explainNone(Operation *op, const Twine &reason) {
    if (explain)
      op->emitRemark() << "the product has no version for few rows: " << reason;
  }

  /// The grid's dim of a range whose size is free: tiles of any size compute the same. Says why it is not.
  std::optional<Dim> freeDim(DotOp dot, GridOp grid, Value range, StringRef name);
  bool isReadByRows(Value tile, Value column);
  void version(DotOp dot);
  void setSize(SizeOp size, int64_t value);
  void split(DotOp dot, GridOp grid, Dim row, Dim column);
  int64_t columnsOf(DotOp dot);
  int64_t rowsOf(DotOp dot);
};
} // namespace

std::optional<Dim> VersionFewRows::freeDim(DotOp dot, GridOp grid, Value range, StringRef name) {
  auto refuse = [&](StringRef reason) -> std::optional<Dim> {
    explainNone(dot, name + " " + reason);
    return std::nullopt;
  };
  auto index = dyn_cast_or_null<BlockArgument>(range);
  if (!index || index.getOwner() != &grid.getBody().front())
    return refuse("are no index of the grid");
  Dim dim;
  dim.number = index.getArgNumber();
  dim.size = grid.getStep()[dim.number].getDefiningOp<SizeOp>();
  if (!dim.size)
    return refuse("have a size already");
  DictionaryAttr config = getOperation().getConfigAttr();
  for (const std::string &key : sizeKeys(getOperation(), dim.size))
    if (config && config.contains(key))
      return refuse("have a size in the config");
  if (llvm::any_of(dim.size->getUsers(), [&](Operation *user) { return user != grid; }))
    return refuse("have a size that the kernel computes with");
  if (!analysis::mayCutAnywhere(index))
    return refuse("are not only loaded, multiplied and stored");
  std::optional<int64_t> lower = getConstantIntValue(grid.getLower()[dim.number]),
                         upper = getConstantIntValue(grid.getUpper()[dim.number]);
  if (lower && upper)
    dim.elements = *upper - *lower;
  return dim;
}

/// Whether a tile is computed element by element from arrays that have its rows as contiguous elements.
bool VersionFewRows::isReadByRows(Value tile, Value column) {
  if (!isa<RankedTensorType>(tile.getType()))
    return true;
  Operation *op = tile.getDefiningOp();
  if (auto load = dyn_cast_or_null<LoadOp>(op)) {
    SmallVector<int64_t> strides;
    int64_t offset;
    return load.getSubscripts().back() == column && !load.getMask() && load.getOrdering() == MemoryOrder::weak &&
           succeeded(load.getArray().getType().getStridesAndOffset(strides, offset)) && strides.back() == 1;
  }
  return op && (isa<CastOp>(op) || op->hasTrait<OpTrait::Elementwise>()) &&
         llvm::all_of(op->getOperands(), [&](Value operand) { return isReadByRows(operand, column); });
}

/// As many columns as have the bytes of `columnBytes` in a row of the right operand.
int64_t VersionFewRows::columnsOf(DotOp dot) {
  int64_t bits = getElementTypeOrSelf(dot.getRhs()).getIntOrFloatBitWidth();
  return std::clamp<int64_t>(columnBytes * 8 / bits, leastColumns, mostColumns);
}

/// How many rows of the product are few at most.
int64_t VersionFewRows::rowsOf(DotOp dot) {
  Type type = getElementTypeOrSelf(dot.getRhs());
  bool mayBeMatrix = (type.isInteger(8) || type.isBF16()) && dot.getRhs().getDefiningOp<LoadOp>() &&
                     getElementTypeOrSelf(dot.getResult()).getIntOrFloatBitWidth() == 32;
  if (!matrixRows || !mayBeMatrix)
    return rows;
  // What the contraction ends at is known before the grid.
  auto grid = dot->getParentOfType<GridOp>();
  auto over = dot.getOver().getDefiningOp<RangeOp>();
  return over && !grid.getBody().isAncestor(over.getEnd().getParentRegion()) ? matrixRows : oneRegister;
}

void VersionFewRows::setSize(SizeOp size, int64_t value) {
  KernelOp kernel = getOperation();
  NamedAttrList config(kernel.getConfigAttr());
  config.append((size.getLoop() + "." + size.getIndex()).str(), Builder(&getContext()).getI64IntegerAttr(value));
  kernel.setConfigAttr(config.getDictionary(&getContext()));
}

void VersionFewRows::version(DotOp dot) {
  auto grid = dot->getParentOfType<GridOp>();
  if (!grid || !isa<KernelOp>(grid->getParentOp()))
    return explainNone(dot, "it is in no grid that the kernel runs once");
  analysis::DimRanges ranges;
  unsigned rank = cast<RankedTensorType>(dot.getLhs().getType()).getRank();
  Value rowRange = ranges.lookup(dot.getLhs(), rank - 2), columnRange = ranges.lookup(dot.getRhs(), rank - 1);
  std::optional<Dim> row = freeDim(dot, grid, rowRange, "its rows");
  std::optional<Dim> column = row ? freeDim(dot, grid, columnRange, "its columns") : std::nullopt;
  if (!row || !column)
    return;
  if (row->number == column->number)
    return explainNone(dot, "its rows are its columns");
  if (!isReadByRows(dot.getRhs(), columnRange))
    return explainNone(dot, "its right operand is not read along rows");
  if (row->elements.value_or(0) > rowsOf(dot))
    return explainNone(dot, "it has more rows");
  if (column->elements.value_or(narrowColumns + 1) <= narrowColumns)
    return explainNone(dot, "it has few columns");
  if (row->elements) {
    setSize(row->size, llvm::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(*row->elements, 1))));
    setSize(column->size, columnsOf(dot));
    return;
  }
  split(dot, grid, *row, *column);
}

/// Leaves the grid for many rows, and clones it for few.
void VersionFewRows::split(DotOp dot, GridOp grid, Dim row, Dim column) {
  OpBuilder builder(grid);
  Location loc = grid.getLoc();
  auto extent = [&](const Dim &dim) -> Value {
    Value lower = grid.getLower()[dim.number], upper = grid.getUpper()[dim.number];
    return matchPattern(lower, m_Zero()) ? upper : arith::SubIOp::create(builder, loc, upper, lower).getResult();
  };
  auto compare = [&](arith::CmpIPredicate predicate, const Dim &dim, int64_t number) -> Value {
    Value constant = arith::ConstantIndexOp::create(builder, loc, number);
    return arith::CmpIOp::create(builder, loc, predicate, extent(dim), constant);
  };
  int64_t most = rowsOf(dot);
  Value isFew = compare(arith::CmpIPredicate::sle, row, most);
  if (most > rows && most > oneRegister) {
    int64_t bits = getElementTypeOrSelf(dot.getRhs()).getIntOrFloatBitWidth();
    Value terms = arith::ConstantIndexOp::create(builder, loc, longBytes * 8 / bits);
    Value end = dot.getOver().getDefiningOp<RangeOp>().getEnd();
    Value isLong = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, end, terms);
    Value fitOne = compare(arith::CmpIPredicate::sle, row, oneRegister);
    isFew = arith::AndIOp::create(builder, loc, isFew, arith::OrIOp::create(builder, loc, fitOne, isLong));
  }
  if (!column.elements)
    isFew = arith::AndIOp::create(builder, loc, isFew, compare(arith::CmpIPredicate::sge, column, leastColumns));
  auto branch = scf::IfOp::create(builder, loc, grid->getResultTypes(), isFew, /*withElseRegion=*/true);
  grid->replaceAllUsesWith(branch);
  IRMapping mapping;
  builder.setInsertionPointToStart(branch.thenBlock());
  mapping.map(row.size.getResult(), arith::ConstantIndexOp::create(builder, loc, most).getResult());
  mapping.map(column.size.getResult(), arith::ConstantIndexOp::create(builder, loc, columnsOf(dot)).getResult());
  auto few = cast<GridOp>(builder.clone(*grid, mapping));
  scf::YieldOp::create(builder, loc, few->getResults());
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, loc, grid->getResults());
  grid->moveBefore(branch.elseBlock()->getTerminator());
  analysis::setRowVersion(few, analysis::RowVersion::few);
  analysis::setRowVersion(grid, analysis::RowVersion::many);
}
