//===- CountFlops.cpp - the arithmetic of a kernel's dots -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A product over tiles does 2 * m * n * k operations on the clipped extents of
// its dims. The extents of an index add up to its whole range over the loop that
// cuts it, so the tile sizes, which are open at phase tile, do not matter: the
// loop and the dim together count the range. Loops around a product that cut none
// of its dims count their iterations.

#include "CountFlops.h"

#include "tilec/Analysis/DimRanges.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace tilec;

namespace {
class FlopCounter {
public:
  using Extents = std::vector<std::optional<std::vector<int64_t>>>;

  FlopCounter(tile::KernelOp kernel, const Extents &extents)
      : kernel(kernel), extents(extents) {}

  /// The operations of one product in all its executions.
  std::optional<double> count(tile::DotOp dot);

private:
  std::optional<int64_t> evaluate(Value value, unsigned depth = 0);
  std::optional<int64_t> evaluateBinary(Operation *op, unsigned depth);
  /// How many indices `range` has in total over the loop that cuts it, which is
  /// added to `cut`.
  std::optional<double> countRange(Value range);
  std::optional<double> countIterations(Value lower, Value upper, Value step);
  std::optional<double> countLoopsAround(Operation *op);

  tile::KernelOp kernel;
  const Extents &extents;
  analysis::DimRanges dims;
  /// The loops that dims of the current product account for: a loop's induction
  /// variable, or a grid's block argument.
  SmallVector<Value> cut;
};
} // namespace

std::optional<int64_t> FlopCounter::evaluateBinary(Operation *op,
                                                   unsigned depth) {
  std::optional<int64_t> left = evaluate(op->getOperand(0), depth + 1);
  std::optional<int64_t> right = evaluate(op->getOperand(1), depth + 1);
  if (!left || !right)
    return std::nullopt;
  int64_t result;
  if (isa<arith::AddIOp>(op))
    return llvm::AddOverflow(*left, *right, result) ? std::nullopt
                                                    : std::optional(result);
  if (isa<arith::SubIOp>(op))
    return llvm::SubOverflow(*left, *right, result) ? std::nullopt
                                                    : std::optional(result);
  if (isa<arith::MulIOp>(op))
    return llvm::MulOverflow(*left, *right, result) ? std::nullopt
                                                    : std::optional(result);
  if (isa<arith::MinSIOp>(op))
    return std::min(*left, *right);
  if (isa<arith::MaxSIOp>(op))
    return std::max(*left, *right);
  if (*right <= 0)
    return std::nullopt;
  if (isa<arith::DivSIOp>(op))
    return *left / *right;
  if (isa<arith::FloorDivSIOp>(op))
    return llvm::divideFloorSigned(*left, *right);
  if (isa<arith::CeilDivSIOp>(op))
    return llvm::divideCeilSigned(*left, *right);
  return std::nullopt;
}

std::optional<int64_t> FlopCounter::evaluate(Value value, unsigned depth) {
  // Sizes are short chains of arithmetic.
  constexpr unsigned maxDepth = 32;
  Operation *op = value.getDefiningOp();
  if (!op || depth > maxDepth)
    return std::nullopt;
  IntegerAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return constant.getValue().getSExtValue();
  if (isa<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(op))
    return evaluate(op->getOperand(0), depth + 1);
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    auto argument = dyn_cast<BlockArgument>(dim.getSource());
    std::optional<int64_t> index = dim.getConstantIndex();
    if (!argument || argument.getOwner()->getParentOp() != kernel || !index)
      return std::nullopt;
    const std::optional<std::vector<int64_t>> &shape =
        extents[argument.getArgNumber()];
    if (!shape || *index < 0 || *index >= static_cast<int64_t>(shape->size()))
      return std::nullopt;
    return (*shape)[*index];
  }
  return op->getNumOperands() == 2 ? evaluateBinary(op, depth) : std::nullopt;
}

std::optional<double> FlopCounter::countIterations(Value lower, Value upper,
                                                   Value step) {
  std::optional<int64_t> from = evaluate(lower), to = evaluate(upper),
                         by = evaluate(step);
  if (!from || !to || !by || *by == 0)
    return std::nullopt;
  double count = std::ceil(static_cast<double>(*to - *from) /
                           static_cast<double>(*by));
  return std::max(count, 0.0);
}

std::optional<double> FlopCounter::countRange(Value range) {
  Value lower, upper;
  if (auto argument = dyn_cast<BlockArgument>(range)) {
    auto grid = dyn_cast<tile::GridOp>(argument.getOwner()->getParentOp());
    if (!grid)
      return std::nullopt;
    lower = grid.getLower()[argument.getArgNumber()];
    upper = grid.getUpper()[argument.getArgNumber()];
    cut.push_back(argument);
  } else {
    auto op = range.getDefiningOp<tile::RangeOp>();
    if (!op)
      return std::nullopt;
    lower = op.getBegin();
    upper = op.getEnd();
    auto induction = dyn_cast<BlockArgument>(lower);
    auto loop = induction ? dyn_cast<scf::ForOp>(
                                induction.getOwner()->getParentOp())
                          : scf::ForOp();
    if (loop && loop.getInductionVar() == lower) {
      cut.push_back(lower);
      lower = loop.getLowerBound();
    }
  }
  // Two dims of one index multiply the extents of each tile, not of the loop.
  if (!cut.empty() && llvm::is_contained(ArrayRef(cut).drop_back(), cut.back()))
    return std::nullopt;
  std::optional<int64_t> from = evaluate(lower), to = evaluate(upper);
  if (!from || !to)
    return std::nullopt;
  return std::max<double>(static_cast<double>(*to - *from), 0);
}

std::optional<double> FlopCounter::countLoopsAround(Operation *op) {
  double product = 1;
  for (; op != kernel; op = op->getParentOp()) {
    std::optional<double> count = 1;
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      if (!llvm::is_contained(cut, loop.getInductionVar()))
        count = countIterations(loop.getLowerBound(), loop.getUpperBound(),
                                loop.getStep());
    } else if (auto grid = dyn_cast<tile::GridOp>(op)) {
      for (unsigned d = 0; d < grid.getRank() && count; ++d) {
        if (llvm::is_contained(cut, grid.getIndex(d)))
          continue;
        std::optional<double> iterations = countIterations(
            grid.getLower()[d], grid.getUpper()[d], grid.getStep()[d]);
        count = iterations ? std::optional(*count * *iterations) : std::nullopt;
      }
    } else if (isa<scf::WhileOp>(op)) {
      return std::nullopt;
    }
    if (!count)
      return std::nullopt;
    product *= *count;
  }
  return product;
}

std::optional<double> FlopCounter::count(tile::DotOp dot) {
  cut.clear();
  double operations = 2;
  SmallVector<Value> ranges(dims.lookup(dot.getValue()));
  ranges.push_back(dot.getOver());
  for (Value range : ranges) {
    std::optional<double> count = range ? countRange(range) : 1.0;
    if (!count)
      return std::nullopt;
    operations *= *count;
  }
  std::optional<double> times = countLoopsAround(dot);
  if (!times)
    return std::nullopt;
  return operations * *times;
}

std::optional<double>
tilec::countDotFlops(tile::KernelOp kernel,
                     const FlopCounter::Extents &extents) {
  FlopCounter counter(kernel, extents);
  double sum = 0;
  bool any = false, known = true;
  kernel.walk([&](tile::DotOp dot) {
    std::optional<double> operations = counter.count(dot);
    any = true;
    known &= operations.has_value();
    sum += operations.value_or(0);
  });
  if (!any || !known)
    return std::nullopt;
  return sum;
}
