//===- DefaultConfig.cpp - sizes by what each index is used for ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the DefaultConfig pass. It is a heuristic that gives every kernel a config to start from; a
// config that the user or the tuner wrote always wins.

#include "tilec/Transforms/Passes.h"

#include "tilec/Analysis/DimRanges.h"

#include "llvm/Support/MathExtras.h"

namespace tilec {
#define GEN_PASS_DEF_DEFAULTCONFIG
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::tile;

namespace {
/// What the ranges of one `tile.size` are used for.
struct Use {
  bool dotRow = false, dotColumn = false;
  /// It counts the matrices of a batch that a product multiplies.
  bool dotBatch = false;
  /// The element type of the operands whose contraction it is.
  Type contracted;
  /// It is a row of a product of such operands.
  Type multiplied;
  /// It is a row of a product whose columns another one of such operands contracts.
  Type linked;
  bool innermost = false;
  /// It is one of several dims of some tile, others than rows.
  bool amongOthers = false;
  /// It is a row: reductions go along what is behind it, over so many elements at most.
  int64_t rowElements = 0;
  /// The most dims that some tile has behind it.
  unsigned dimsBehind = 0;
};

/// Finds out what every `tile.size` of a kernel is used for.
class Uses {
public:
  explicit Uses(KernelOp kernel) {
    findRanges(kernel);
    kernel.walk([&](ReduceOp op) { recordRows(op); });
    kernel.walk([&](Operation *op) { recordUses(op); });
    kernel.walk([&](DotOp op) { recordLinks(op); });
  }

  const Use &of(SizeOp size) { return uses[size.getOperation()]; }

private:
  /// Maps every range to the `tile.size` that gives its size.
  void findRanges(KernelOp kernel) {
    auto tie = [&](Value range, Value size) {
      if (auto op = size.getDefiningOp<SizeOp>())
        sizeOf[range] = op;
    };
    kernel.walk([&](Operation *op) {
      if (auto range = dyn_cast<RangeOp>(op))
        tie(range.getRange(), range.getSize());
      if (auto grid = dyn_cast<GridOp>(op))
        for (unsigned d = 0, e = grid.getRank(); d != e; ++d)
          tie(grid.getIndex(d), grid.getStep()[d]);
    });
  }

  Use *useOf(Value range) {
    auto it = range ? sizeOf.find(range) : sizeOf.end();
    return it == sizeOf.end() ? nullptr : &uses[it->second.getOperation()];
  }

  void recordRows(ReduceOp op) {
    Value source = op.getTiles().front();
    ArrayRef<int64_t> shape = cast<RankedTensorType>(source.getType()).getShape(), axes = op.getAxes();
    int64_t rank = shape.size(), elements = 1;
    if (!llvm::is_contained(axes, rank - 1))
      return;
    for (int64_t axis : axes)
      if (ShapedType::isDynamic(shape[axis]) || llvm::MulOverflow(elements, shape[axis], elements))
        elements = std::numeric_limits<int64_t>::max();
    for (auto [d, range] : llvm::enumerate(ranges.lookup(source)))
      if (Use *use = llvm::is_contained(axes, static_cast<int64_t>(d)) ? nullptr : useOf(range))
        use->rowElements = std::max({use->rowElements, elements, int64_t(1)});
  }

  void recordLinks(DotOp dot) {
    int64_t rank = cast<RankedTensorType>(dot.getLhs().getType()).getRank();
    Use *row = useOf(ranges.lookup(dot.getLhs(), rank - 2)), *column = useOf(ranges.lookup(dot.getRhs(), rank - 1));
    if (row && column && column->contracted)
      row->linked = column->contracted;
  }

  void recordUses(Operation *op) {
    if (auto dot = dyn_cast<DotOp>(op)) {
      unsigned rank = cast<RankedTensorType>(dot.getLhs().getType()).getRank();
      if (Use *use = useOf(ranges.lookup(dot.getLhs(), rank - 2)))
        use->dotRow = true, use->multiplied = getElementTypeOrSelf(dot.getLhs());
      if (Use *use = useOf(ranges.lookup(dot.getRhs(), rank - 1)))
        use->dotColumn = true;
      for (unsigned d = 0; d + 2 < rank; ++d)
        if (Use *use = useOf(ranges.lookup(dot.getResult(), d)))
          use->dotBatch = true;
      if (Use *use = useOf(dot.getOver()))
        use->contracted = getElementTypeOrSelf(dot.getLhs());
    }
    if (!isa<LoadOp, StoreOp, AtomicRMWOp, AtomicCASOp>(op))
      return;
    Value accessed = isa<StoreOp>(op) ? cast<StoreOp>(op).getValue() : op->getResult(0);
    ArrayRef<Value> dims = ranges.lookup(accessed);
    unsigned others = llvm::count_if(dims, [&](Value range) {
      Use *use = useOf(range);
      return !use || !use->rowElements;
    });
    for (auto [d, range] : llvm::enumerate(dims)) {
      if (Use *use = useOf(range)) {
        use->innermost |= d + 1 == dims.size();
        use->amongOthers |= others > 1;
        use->dimsBehind = std::max<unsigned>(use->dimsBehind, dims.size() - d - 1);
      }
    }
  }

  analysis::DimRanges ranges;
  llvm::DenseMap<Value, SizeOp> sizeOf;
  llvm::DenseMap<Operation *, Use> uses;
};

struct DefaultConfig : tilec::impl::DefaultConfigBase<DefaultConfig> {
  using tilec::impl::DefaultConfigBase<DefaultConfig>::DefaultConfigBase;

  void runOnOperation() override {
    KernelOp kernel = getOperation();
    Uses uses(kernel);
    NamedAttrList config(kernel.getConfigAttr());
    Builder builder(kernel.getContext());
    kernel.walk([&](SizeOp size) {
      std::string key = (size.getLoop() + "." + size.getIndex()).str();
      std::string kernelKey = (kernel.getSymName() + "." + size.getIndex()).str();
      if (!config.get(key) && !config.get(kernelKey) && !config.get(size.getIndex()))
        config.append(key, builder.getI64IntegerAttr(choose(uses.of(size))));
    });
    kernel.setConfigAttr(config.getDictionary(kernel.getContext()));
  }

private:
  int64_t linkedColumnsOf(Type contracted) {
    return contracted.isBF16() ? linkedBF16Columns : contracted.isF32() || contracted.isF16() ? linkedF32Columns : 0;
  }

  int64_t choose(const Use &use) {
    if (use.contracted) {
      int64_t depth = use.contracted.isInteger(8) ? bytesDepth : use.contracted.isBF16() ? bf16Depth : dotDepth;
      if (int64_t columns = use.dotColumn ? linkedColumnsOf(use.contracted) : 0)
        return columns;
      // Columns of one product that another one contracts are accumulators, too.
      return use.dotColumn ? std::min<int64_t>(depth, dotColumns) : depth;
    }
    if (use.dotColumn)
      return dotColumns;
    if (use.linked && linkedColumnsOf(use.linked) && linkedRows)
      return linkedRows;
    if (use.dotRow)
      return narrowRows && (use.multiplied.isInteger(8) || use.multiplied.isBF16()) ? narrowRows : dotRows;
    // Several products would share nothing but the second cache, even where they have an operand in common.
    if (use.dotBatch)
      return 1;
    // Tiles of many dims would become huge.
    if (use.dimsBehind > 3)
      return 1;
    // Passes over a row find it in the first cache.
    if (use.rowElements)
      return std::clamp<int64_t>(rows / use.rowElements, 1, outer);
    if (!use.innermost)
      return outer;
    if (!use.amongOthers)
      return only;
    return use.dimsBehind ? innermost : sequential;
  }
};
} // namespace
