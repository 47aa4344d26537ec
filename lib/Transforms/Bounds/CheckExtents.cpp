//===- CheckExtents.cpp - do tile indices stay inside the arrays? ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the CheckExtents pass. A tile index over [0, N) that subscripts a dim of M elements is right
// only where N <= M, which a call decides. What every run of a grid accesses is checked before the grid, once, so that
// a call with other dims is an error and not an access outside of the array.

#include "tilec/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

namespace tilec {
#define GEN_PASS_DEF_CHECKEXTENTS
#include "tilec/Transforms/Passes.h.inc"
} // namespace tilec

using namespace mlir;
using namespace tilec;
using namespace tilec::tile;

//===----------------------------------------------------------------------===//
// values as expressions over the kernel's dim symbols
//===----------------------------------------------------------------------===//

namespace {
/// Kernel-level integers as affine expressions: symbols are the kernel's dim symbols, dims are values of unknown
/// origin.
class Extents {
public:
  explicit Extents(KernelOp kernel) : kernel(kernel) {}

  /// The expression that `value` is.
  AffineExpr expressionOf(Value value);
  /// The expression of dim `d` of `array`, a parameter or a temporary.
  AffineExpr dimOf(Value array, unsigned d);
  /// Whether `low <= high` follows from the expressions alone.
  static bool isAtMost(AffineExpr low, AffineExpr high);
  /// The expression in the source's terms; empty where it depends on a value without a name.
  std::string text(AffineExpr expr);

private:
  KernelOp kernel;
  SmallVector<Value> unknown;
};
} // namespace

AffineExpr Extents::dimOf(Value array, unsigned d) {
  MLIRContext *context = kernel.getContext();
  auto type = cast<MemRefType>(array.getType());
  if (!type.isDynamicDim(d))
    return getAffineConstantExpr(type.getDimSize(d), context);
  if (auto temporary = array.getDefiningOp<ArrayOp>())
    return expressionOf(temporary.getExtents()[type.getDynamicDimIndex(d)]);
  return kernel.getParam(cast<BlockArgument>(array).getArgNumber()).getDims().getResult(d);
}

AffineExpr Extents::expressionOf(Value value) {
  MLIRContext *context = kernel.getContext();
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return getAffineConstantExpr(constant.getSExtValue(), context);
  Operation *op = value.getDefiningOp();
  // Dims are i32 in the language and a call with larger ones is refused, so conversions keep them.
  if (auto cast = dyn_cast_or_null<arith::IndexCastOp>(op))
    return expressionOf(cast.getIn());
  if (auto dim = dyn_cast_or_null<memref::DimOp>(op))
    if (matchPattern(dim.getIndex(), m_ConstantInt(&constant)))
      return dimOf(dim.getSource(), constant.getZExtValue());
  // Arithmetic on index is exact; on i32 it may wrap, and then two expressions that look equal are still equal.
  if (isa_and_nonnull<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op) && value.getType().isIndex()) {
    AffineExpr lhs = expressionOf(op->getOperand(0)), rhs = expressionOf(op->getOperand(1));
    if (isa<arith::AddIOp>(op))
      return lhs + rhs;
    if (isa<arith::SubIOp>(op))
      return lhs - rhs;
    if (lhs.isSymbolicOrConstant() || rhs.isSymbolicOrConstant())
      return lhs * rhs;
  }
  auto *found = llvm::find(unknown, value);
  unsigned number = found - unknown.begin();
  if (found == unknown.end())
    unknown.push_back(value);
  return getAffineDimExpr(number, context);
}

/// Whether an expression is made of what is not negative; dim symbols are not.
static bool isNotNegative(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue() >= 0;
  if (auto both = dyn_cast<AffineBinaryOpExpr>(expr))
    return (expr.getKind() == AffineExprKind::Add || expr.getKind() == AffineExprKind::Mul) &&
           isNotNegative(both.getLHS()) && isNotNegative(both.getRHS());
  return isa<AffineSymbolExpr>(expr);
}

bool Extents::isAtMost(AffineExpr low, AffineExpr high) {
  return isNotNegative(simplifyAffineExpr(high - low, 64, 64));
}

std::string Extents::text(AffineExpr expr) {
  // The printer calls dim n `dn` and symbol n `sn`.
  std::string printed, named;
  llvm::raw_string_ostream(printed) << expr;
  for (StringRef rest = printed; !rest.empty();) {
    StringRef after = rest.drop_front();
    unsigned number;
    bool isVariable = (rest.front() == 's' || rest.front() == 'd') && !after.consumeInteger(10, number);
    if (!isVariable) {
      named += rest.front();
      rest = rest.drop_front();
      continue;
    }
    if (rest.front() == 's') {
      named += cast<StringAttr>(kernel.getSymbols()[number]).getValue();
    } else {
      auto scalar = dyn_cast<BlockArgument>(unknown[number]);
      if (!scalar || scalar.getOwner()->getParentOp() != kernel)
        return "";
      named += kernel.getParam(scalar.getArgNumber()).getName();
    }
    rest = after;
  }
  return named;
}

//===----------------------------------------------------------------------===//
// checks
//===----------------------------------------------------------------------===//

namespace {
/// [lower, upper), which a loop runs over, or the elements that an index stands for; both are known before the grid.
struct Bounds {
  Value lower, upper;
};

/// The checks of one grid, put before it.
class GridChecker {
public:
  GridChecker(GridOp grid, Extents &extents) : grid(grid), extents(extents), builder(grid) {}
  void run();

private:
  Value beforeGrid(Value value);
  bool isKnownBefore(Value value) { return !grid.getBody().isAncestor(value.getParentRegion()); }
  void checkBlock(Block &block);
  std::optional<Bounds> boundsOf(Value subscript);
  StringRef nameOf(Value subscript);
  template <typename Access> void checkAccess(Access op);
  void check(Operation *access, Value array, unsigned d, Value subscript, Bounds bounds);
  /// Whether no loop around the access is empty, as a run of the kernel will tell.
  Value accessHappens(Location loc);

  GridOp grid;
  Extents &extents;
  OpBuilder builder;
  /// The loops around the current block: the grid's dims, then sequential ones.
  SmallVector<Bounds> loops;
  /// Values of the grid that could be computed before it.
  IRMapping moved;
  llvm::DenseSet<std::tuple<Value, unsigned, Value, Value>> done;
};
} // namespace

/// `value`, computed before the grid from what is known there; null where it depends on the iteration.
Value GridChecker::beforeGrid(Value value) {
  if (isKnownBefore(value))
    return value;
  if (Value known = moved.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<arith::ConstantOp, arith::IndexCastOp, arith::AddIOp, arith::SubIOp, arith::MulIOp,
                       memref::DimOp>(op))
    return Value();
  for (Value operand : op->getOperands()) {
    Value known = beforeGrid(operand);
    if (!known)
      return Value();
    moved.map(operand, known);
  }
  return builder.clone(*op, moved)->getResult(0);
}

/// The elements that a subscript stands for, where all of them are accessed if the loops around are not empty.
std::optional<Bounds> GridChecker::boundsOf(Value subscript) {
  if (auto argument = dyn_cast<BlockArgument>(subscript); argument && argument.getOwner() == &grid.getBody().front()) {
    unsigned d = argument.getArgNumber();
    // The last of several integers depends on the step, unless that is 1; tiles fill the bounds.
    if (!isa<RangeType>(subscript.getType()) && !matchPattern(grid.getStep()[d], m_One()))
      return std::nullopt;
    return Bounds{grid.getLower()[d], grid.getUpper()[d]};
  }
  auto range = subscript.getDefiningOp<RangeOp>();
  auto iteration = range ? dyn_cast<BlockArgument>(range.getBegin()) : BlockArgument();
  auto loop = iteration ? dyn_cast<scf::ForOp>(iteration.getOwner()->getParentOp()) : scf::ForOp();
  if (!loop || iteration != loop.getInductionVar() || range.getEnd() != loop.getUpperBound())
    return std::nullopt;
  Bounds bounds{beforeGrid(loop.getLowerBound()), beforeGrid(loop.getUpperBound())};
  return bounds.lower && bounds.upper ? std::optional(bounds) : std::nullopt;
}

StringRef GridChecker::nameOf(Value subscript) {
  if (auto argument = dyn_cast<BlockArgument>(subscript))
    return cast<StringAttr>(grid.getNames()[argument.getArgNumber()]).getValue();
  return subscript.getDefiningOp<RangeOp>().getName().value_or("");
}

Value GridChecker::accessHappens(Location loc) {
  Value happens;
  for (const Bounds &loop : loops) {
    if (Extents::isAtMost(extents.expressionOf(loop.lower) + 1, extents.expressionOf(loop.upper)))
      continue;
    Value runs = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, loop.lower, loop.upper);
    happens = happens ? arith::AndIOp::create(builder, loc, happens, runs).getResult() : runs;
  }
  return happens ? happens : arith::ConstantIntOp::create(builder, loc, 1, 1).getResult();
}

void GridChecker::check(Operation *access, Value array, unsigned d, Value subscript, Bounds bounds) {
  AffineExpr upper = extents.expressionOf(bounds.upper), size = extents.dimOf(array, d);
  AffineExpr zero = getAffineConstantExpr(0, grid.getContext());
  bool startsInside = Extents::isAtMost(zero, extents.expressionOf(bounds.lower)),
       endsInside = Extents::isAtMost(upper, size);
  if ((startsInside && endsInside) || !done.insert({array, d, bounds.lower, bounds.upper}).second)
    return;
  Location loc = access->getLoc();
  Value dim = memref::DimOp::create(builder, loc, array, d);
  Value isInside = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, bounds.upper, dim);
  if (!startsInside) {
    Value first = arith::ConstantIndexOp::create(builder, loc, 0);
    Value isBehind = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, bounds.lower, first);
    isInside = arith::AndIOp::create(builder, loc, isInside, isBehind);
  }
  Value isTrue = arith::ConstantIntOp::create(builder, loc, 1, 1);
  Value isIdle = arith::XOrIOp::create(builder, loc, accessHappens(loc), isTrue);
  Value holds = arith::OrIOp::create(builder, loc, isIdle, isInside);

  std::string end = extents.text(upper), elements = extents.text(size);
  auto temporary = array.getDefiningOp<ArrayOp>();
  KernelOp kernel = grid->getParentOfType<KernelOp>();
  std::string name = temporary ? temporary.getName().value_or("an array").str()
                               : kernel.getParam(cast<BlockArgument>(array).getArgNumber()).getName().str();
  std::string start = startsInside ? "" : extents.text(extents.expressionOf(bounds.lower));
  std::string message = "index '" + nameOf(subscript).str() + "' runs" + (start.empty() ? "" : " from " + start) +
                        (end.empty() ? " further" : " to " + end) + ", out of dim " + std::to_string(d) + " of '" +
                        name + "'" + (elements.empty() ? "" : ", which has " + elements + " elements");
  AssertOp::create(builder, loc, holds, builder.getStringAttr(message), ValueRange());
}

template <typename Access> void GridChecker::checkAccess(Access op) {
  // A masked access touches what its mask says.
  if (op.getMask() || !isKnownBefore(op.getArray()))
    return;
  for (auto [d, subscript] : llvm::enumerate(op.getSubscripts()))
    if (std::optional<Bounds> bounds = boundsOf(subscript))
      check(op, op.getArray(), d, subscript, *bounds);
}

/// Visits what every iteration of the loops around `block` executes.
void GridChecker::checkBlock(Block &block) {
  for (Operation &op : block) {
    llvm::TypeSwitch<Operation *>(&op)
        .Case<LoadOp, StoreOp, AtomicRMWOp, AtomicCASOp>([&](auto access) { checkAccess(access); })
        .Case([&](scf::ForOp loop) {
          Bounds bounds{beforeGrid(loop.getLowerBound()), beforeGrid(loop.getUpperBound())};
          if (!bounds.lower || !bounds.upper)
            return;
          loops.push_back(bounds);
          checkBlock(*loop.getBody());
          loops.pop_back();
        });
  }
}

void GridChecker::run() {
  for (unsigned d = 0, e = grid.getRank(); d != e; ++d) {
    // A grid over integers that may count down has other bounds.
    if (!isa<RangeType>(grid.getIndex(d).getType()) && !matchPattern(grid.getStep()[d], m_One()))
      return;
    loops.push_back({grid.getLower()[d], grid.getUpper()[d]});
  }
  checkBlock(grid.getBody().front());
}

namespace {
struct CheckExtents : tilec::impl::CheckExtentsBase<CheckExtents> {
  void runOnOperation() override {
    Extents extents(getOperation());
    SmallVector<GridOp> grids;
    getOperation().walk([&](GridOp grid) { grids.push_back(grid); });
    for (GridOp grid : grids)
      GridChecker(grid, extents).run();
  }
};
} // namespace
