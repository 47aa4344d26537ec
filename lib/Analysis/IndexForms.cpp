//===- IndexForms.cpp - index arithmetic as linear forms --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Walks from a value to the loop counts, dims and sizes that it is made of. The front end computes with dims, loop
// values and the begins of tiles as `index`, and with everything else as i32 (or i64), which wraps: a sum that may
// leave its type gives a form that is only congruent modulo 2^32, and whoever compares forms has to prove more.
//
//===----------------------------------------------------------------------===//

#include "tilec/Analysis/IndexForms.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

/// No index, and no coefficient that is worth following, is as large.
static constexpr int64_t kLarge = int64_t(1) << 40;
static constexpr Bounds kExtent = {0, INT32_MAX};

static bool isLarge(__int128 value) { return value > kLarge || value < -kLarge; }

/// `value` as an end of an interval.
static int64_t clamp(__int128 value) {
  return value >= INT64_MAX ? INT64_MAX : value <= INT64_MIN ? INT64_MIN : static_cast<int64_t>(value);
}

std::optional<LinearForm> analysis::sum(const LinearForm &lhs, const LinearForm &rhs, int64_t scale) {
  LinearForm result;
  result.isExact = lhs.isExact && rhs.isExact;
  bool fits = true;
  auto add = [&](int64_t to, int64_t from) -> int64_t {
    __int128 value = to + static_cast<__int128>(from) * scale;
    fits &= !isLarge(value);
    return fits ? static_cast<int64_t>(value) : 0;
  };
  result.constant = add(lhs.constant, rhs.constant);
  const auto *left = lhs.terms.begin(), *right = rhs.terms.begin();
  while (left != lhs.terms.end() || right != rhs.terms.end()) {
    bool takeLeft = right == rhs.terms.end() || (left != lhs.terms.end() && !(right->first < left->first));
    bool takeRight = left == lhs.terms.end() || (right != rhs.terms.end() && !(left->first < right->first));
    Name name = takeLeft ? left->first : right->first;
    int64_t coefficient = add(takeLeft ? left->second : 0, takeRight ? right->second : 0);
    if (coefficient != 0)
      result.terms.push_back({name, coefficient});
    left += takeLeft;
    right += takeRight;
  }
  if (!fits)
    return std::nullopt;
  return result;
}

std::optional<LinearForm> analysis::scaled(const LinearForm &form, int64_t scale) {
  return sum(LinearForm::ofConstant(0), form, scale);
}

//===----------------------------------------------------------------------===//
// symbols
//===----------------------------------------------------------------------===//

unsigned IndexForms::newSymbol(Value anchor, Bounds bounds) {
  Symbol &symbol = symbols.emplace_back();
  symbol.anchor = anchor;
  symbol.bounds = bounds;
  for (Region *region = anchor ? anchor.getParentRegion() : nullptr; region; region = region->getParentRegion())
    ++symbol.depth;
  return symbols.size() - 1;
}

unsigned IndexForms::newSlack(const std::optional<LinearForm> &upper, int64_t scale) {
  unsigned slack = newSymbol(Value(), {0, INT64_MAX});
  symbols[slack].upper = upper;
  symbols[slack].scale = scale;
  return slack;
}

/// True if `first` is defined in a region inside the one of `second`.
static bool isInside(Value first, Value second) {
  return second.getParentRegion()->isProperAncestor(first.getParentRegion());
}

Value IndexForms::anchorOf(Value value) {
  auto it = anchors.find(value);
  if (it != anchors.end())
    return it->second;
  Value anchor = value;
  Operation *op = value.getDefiningOp();
  auto argument = dyn_cast<BlockArgument>(value);
  if (argument && isa<KernelOp>(argument.getOwner()->getParentOp())) {
    anchor = Value();
  } else if (op && op->getNumRegions() == 0 && isPure(op)) {
    anchor = Value();
    for (Value operand : op->getOperands())
      if (Value other = anchorOf(operand); other && (!anchor || isInside(other, anchor)))
        anchor = other;
  }
  anchors[value] = anchor;
  return anchor;
}

/// What the type of a value lets it be.
static Bounds boundsOfType(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer || integer.getWidth() >= 64)
    return {};
  int64_t half = int64_t(1) << (integer.getWidth() - 1);
  return {-half, half - 1};
}

LinearForm IndexForms::opaque(Value value) {
  Bounds bounds = boundsOfType(value.getType());
  if (auto tunable = value.getDefiningOp<TunableOp>())
    bounds = {*llvm::min_element(tunable.getValues()), *llvm::max_element(tunable.getValues())};
  // A remainder has the divisor's sign; a dim of another memref (a subview, say) is an extent.
  if (auto rest = value.getDefiningOp<FloorModOp>())
    if (std::optional<int64_t> by = getConstantIntValue(rest.getRhs()); by && *by > 0 && !rest.getIsUnsigned())
      bounds = {0, *by - 1};
  if (value.getDefiningOp<memref::DimOp>())
    bounds = kExtent;
  return LinearForm::ofSymbol(newSymbol(anchorOf(value), bounds));
}

Bounds IndexForms::boundsOf(const LinearForm &form) const {
  __int128 min = form.constant, max = form.constant;
  bool hasMin = true, hasMax = true;
  for (auto [name, coefficient] : form.terms) {
    Bounds bounds = symbols[name.symbol].bounds;
    auto add = [&](int64_t low, int64_t high) {
      hasMin &= low != INT64_MIN && low != INT64_MAX;
      hasMax &= high != INT64_MIN && high != INT64_MAX;
      min += static_cast<__int128>(coefficient) * low;
      max += static_cast<__int128>(coefficient) * high;
    };
    coefficient > 0 ? add(bounds.min, bounds.max) : add(bounds.max, bounds.min);
  }
  return {hasMin ? clamp(min) : INT64_MIN, hasMax ? clamp(max) : INT64_MAX};
}

//===----------------------------------------------------------------------===//
// values
//===----------------------------------------------------------------------===//

LinearForm IndexForms::get(Value value) {
  auto it = forms.find(value);
  if (it != forms.end())
    return it->second;
  LinearForm form = compute(value);
  forms[value] = form;
  return form;
}

/// The form of an operation's result: marked if the operation may have wrapped, a symbol if it cannot be used.
LinearForm IndexForms::wrapped(std::optional<LinearForm> result, Value value) {
  if (!result)
    return opaque(value);
  auto integer = dyn_cast<IntegerType>(value.getType());
  unsigned width = integer ? integer.getWidth() : 64;
  Bounds bounds = boundsOf(*result), type = boundsOfType(value.getType());
  bool fits = type.contains(bounds) && (width < 64 || (bounds.min != INT64_MIN && bounds.max != INT64_MAX));
  if (!fits && width < 32)
    return opaque(value);
  result->isExact &= fits;
  return *result;
}

LinearForm IndexForms::compute(Value value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return isLarge(*constant) ? opaque(value) : LinearForm::ofConstant(*constant);
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    // An unsigned loop's values are beyond what the forms speak of.
    if (auto loop = dyn_cast<scf::ForOp>(parent);
        loop && argument == loop.getInductionVar() && !loop.getUnsignedCmp())
      return getInduction(loop).form;
    if (auto grid = dyn_cast<GridOp>(parent); grid && argument.getArgNumber() < grid.getRank())
      return getInduction(grid, argument.getArgNumber()).form;
    return opaque(value);
  }
  Operation *op = value.getDefiningOp();
  if (auto begin = dyn_cast<BeginOp>(op))
    return beginOf(begin.getRange());
  if (auto size = dyn_cast<SizeOp>(op)) {
    auto [it, isNew] = sizeSymbols.try_emplace({size.getIndexAttr(), size.getLoopAttr()}, 0);
    if (isNew)
      it->second = newSymbol(Value(), {1, INT32_MAX});
    return LinearForm::ofSymbol(it->second);
  }
  if (auto extent = dyn_cast<ExtentOp>(op)) {
    LinearForm size = sizeOf(extent.getRange());
    unsigned symbol = newSymbol(anchorOf(value), {0, boundsOf(size).max});
    symbols[symbol].upper = size;
    return LinearForm::ofSymbol(symbol);
  }
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    std::optional<int64_t> index = getConstantIntValue(dim.getIndex());
    auto type = dyn_cast<MemRefType>(dim.getSource().getType());
    if (index && type && *index >= 0 && *index < type.getRank())
      return extentOf(dim.getSource(), *index);
    return opaque(value);
  }
  return ofArith(op, value);
}

LinearForm IndexForms::ofArith(Operation *op, Value value) {
  // Vectors and tiles do not come here, but narrow integers do.
  if (!value.getType().isIntOrIndex())
    return opaque(value);
  if (isa<arith::AddIOp>(op))
    return wrapped(sum(get(op->getOperand(0)), get(op->getOperand(1))), value);
  if (isa<arith::SubIOp>(op))
    return wrapped(sum(get(op->getOperand(0)), get(op->getOperand(1)), -1), value);
  if (isa<arith::MulIOp>(op)) {
    LinearForm lhs = get(op->getOperand(0)), rhs = get(op->getOperand(1));
    if (lhs.isConstant() && lhs.isExact)
      return wrapped(scaled(rhs, lhs.constant), value);
    if (rhs.isConstant() && rhs.isExact)
      return wrapped(scaled(lhs, rhs.constant), value);
    return opaque(value);
  }
  if (isa<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(op)) {
    // What narrower types than 32 bits hold are values of their own: a congruence modulo 2^32 is lost.
    LinearForm source = get(op->getOperand(0));
    auto from = dyn_cast<IntegerType>(op->getOperand(0).getType());
    if (from && from.getWidth() < 32 && !source.isExact)
      return opaque(value);
    return wrapped(source, value);
  }
  if (isa<arith::DivSIOp, arith::FloorDivSIOp, arith::DivUIOp, arith::CeilDivSIOp, FloorDivOp>(op))
    return ofDivision(op, value);
  if (isa<arith::MinSIOp, arith::MaxSIOp, arith::SelectOp>(op)) {
    unsigned first = isa<arith::SelectOp>(op) ? 1 : 0;
    LinearForm lhs = get(op->getOperand(first)), rhs = get(op->getOperand(first + 1));
    if (!lhs.isExact || !rhs.isExact)
      return opaque(value);
    Bounds left = boundsOf(lhs), right = boundsOf(rhs);
    Bounds both = {std::min(left.min, right.min), std::max(left.max, right.max)};
    if (isa<arith::MinSIOp>(op))
      both.max = std::min(left.max, right.max);
    if (isa<arith::MaxSIOp>(op))
      both.min = std::max(left.min, right.min);
    return LinearForm::ofSymbol(newSymbol(anchorOf(value), both));
  }
  return opaque(value);
}

/// Divisions without a rest: the number of a tile, `(begin - lower) / size`, is a loop's count.
LinearForm IndexForms::ofDivision(Operation *op, Value value) {
  LinearForm lhs = get(op->getOperand(0)), rhs = get(op->getOperand(1));
  Bounds bounds = boundsOf(lhs), by = boundsOf(rhs);
  // All kinds of division agree where nothing is negative, or nothing is left.
  bool isUnsigned = isa<arith::DivUIOp>(op) || (isa<FloorDivOp>(op) && cast<FloorDivOp>(op).getIsUnsigned());
  if (!lhs.isExact || !rhs.isExact || by.min < 1 || (isUnsigned && bounds.min < 0))
    return opaque(value);
  if (rhs.isConstant()) {
    int64_t divisor = rhs.constant;
    auto divides = [&](const auto &term) { return term.second % divisor == 0; };
    if (lhs.constant % divisor == 0 && llvm::all_of(lhs.terms, divides)) {
      lhs.constant /= divisor;
      for (auto &term : lhs.terms)
        term.second /= divisor;
      return lhs;
    }
  }
  for (auto [name, coefficient] : lhs.terms) {
    // Is it `begin - lower` of a loop with this step?
    for (auto &[key, induction] : inductions) {
      if (!induction->begin || *induction->begin != name.symbol || coefficient != 1 || !induction->step)
        continue;
      std::optional<LinearForm> offset = sum(induction->form, *symbols[name.symbol].lower, -1);
      if (offset && *offset == lhs && *induction->step == rhs)
        return LinearForm::ofSymbol(*induction->count);
    }
  }
  // Rounding may go either way.
  Bounds result = {bounds.min < 0 ? bounds.min : 0, bounds.max < 0 ? 0 : bounds.max};
  if (rhs.isConstant() && bounds.min >= 0 && bounds.max != INT64_MAX)
    result = {0, bounds.max / rhs.constant + 1};
  return LinearForm::ofSymbol(newSymbol(anchorOf(value), result));
}

std::optional<LinearForm> IndexForms::ofAffine(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return isLarge(constant.getValue()) ? std::nullopt : std::optional(LinearForm::ofConstant(constant.getValue()));
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    auto [it, isNew] = dimSymbols.try_emplace(symbol.getPosition(), 0);
    if (isNew)
      // A symbol binds to an extent, or through one of the form R+c or c*R.
      it->second = newSymbol(Value(), {-kLarge, INT32_MAX});
    return LinearForm::ofSymbol(it->second);
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  std::optional<LinearForm> lhs = ofAffine(binary.getLHS()), rhs = ofAffine(binary.getRHS());
  if (!lhs || !rhs)
    return std::nullopt;
  if (binary.getKind() == AffineExprKind::Add)
    return sum(*lhs, *rhs);
  if (binary.getKind() == AffineExprKind::Mul && (lhs->isConstant() || rhs->isConstant()))
    return lhs->isConstant() ? scaled(*rhs, lhs->constant) : scaled(*lhs, rhs->constant);
  return std::nullopt;
}

LinearForm IndexForms::extentOf(Value array, unsigned dim) {
  auto it = extents.find({array, dim});
  if (it != extents.end())
    return it->second;
  auto type = cast<MemRefType>(array.getType());
  LinearForm form = LinearForm::ofConstant(0);
  auto argument = dyn_cast<BlockArgument>(array);
  auto kernel = argument ? dyn_cast<KernelOp>(argument.getOwner()->getParentOp()) : KernelOp();
  auto temporary = array.getDefiningOp<ArrayOp>();
  std::optional<LinearForm> declared;
  if (ParamAttr param = kernel ? kernel.getParam(argument.getArgNumber()) : ParamAttr())
    declared = ofAffine(param.getDims().getResult(dim));
  if (!type.isDynamicDim(dim)) {
    form = LinearForm::ofConstant(type.getDimSize(dim));
  } else if (temporary) {
    form = get(temporary.getExtents()[type.getDynamicDimIndex(dim)]);
  } else if (declared) {
    form = *declared;
    if (form.terms.size() == 1 && form.terms.front().second == 1 && form.constant == 0)
      symbols[form.terms.front().first.symbol].bounds = kExtent;
  } else {
    form = LinearForm::ofSymbol(newSymbol(kernel ? Value() : anchorOf(array), kExtent));
  }
  extents[{array, dim}] = form;
  return form;
}

//===----------------------------------------------------------------------===//
// ranges and loops
//===----------------------------------------------------------------------===//

LinearForm IndexForms::beginOf(Value range) {
  if (auto op = range.getDefiningOp<RangeOp>())
    return get(op.getBegin());
  auto argument = dyn_cast<BlockArgument>(range);
  if (auto grid = argument ? dyn_cast<GridOp>(argument.getOwner()->getParentOp()) : GridOp())
    return getInduction(grid, argument.getArgNumber()).form;
  // A range that comes from elsewhere: any begin.
  return get(range);
}

LinearForm IndexForms::sizeOf(Value range) {
  if (auto type = cast<RangeType>(range.getType()); !type.isDynamic())
    return LinearForm::ofConstant(type.getSize());
  LinearForm size;
  size.isExact = false;
  auto argument = dyn_cast<BlockArgument>(range);
  auto grid = argument ? dyn_cast<GridOp>(argument.getOwner()->getParentOp()) : GridOp();
  if (auto op = range.getDefiningOp<RangeOp>())
    size = get(op.getSize());
  else if (grid)
    size = get(grid.getStep()[argument.getArgNumber()]);
  return size.isExact ? size : LinearForm::ofSymbol(newSymbol(anchorOf(range), kExtent));
}

std::optional<LinearForm> IndexForms::endOf(Value range) {
  auto argument = dyn_cast<BlockArgument>(range);
  auto grid = argument ? dyn_cast<GridOp>(argument.getOwner()->getParentOp()) : GridOp();
  std::optional<LinearForm> end;
  if (auto op = range.getDefiningOp<RangeOp>())
    end = get(op.getEnd());
  else if (grid)
    end = get(grid.getUpper()[argument.getArgNumber()]);
  return end && end->isExact ? end : std::nullopt;
}

const Induction &IndexForms::getInduction(Operation *loop, unsigned dim) {
  auto it = inductions.find({loop, dim});
  if (it == inductions.end()) {
    auto induction = std::make_unique<Induction>(computeInduction(loop, dim));
    it = inductions.try_emplace({loop, dim}, std::move(induction)).first;
  }
  return *it->second;
}

Induction IndexForms::computeInduction(Operation *loop, unsigned dim) {
  auto grid = dyn_cast<GridOp>(loop);
  auto sequential = dyn_cast<scf::ForOp>(loop);
  Value value = grid ? Value(grid.getIndex(dim)) : sequential.getInductionVar();
  LinearForm lower = get(grid ? grid.getLower()[dim] : sequential.getLowerBound());
  LinearForm upper = get(grid ? grid.getUpper()[dim] : sequential.getUpperBound());
  LinearForm step = get(grid ? grid.getStep()[dim] : sequential.getStep());
  Bounds from = boundsOf(lower), to = boundsOf(upper);
  bool isBounded = lower.isExact && upper.isExact;

  Induction induction;
  bool isTile = isa<RangeType>(value.getType());
  if (step.isConstant() && step.isExact && step.constant != 0 && (step.constant > 0 || !sequential)) {
    // lower + n * step, before upper: |step| * n <= |upper - lower| - 1.
    int64_t stride = std::abs(step.constant), sign = step.constant > 0 ? 1 : -1;
    unsigned count = newSymbol(value, {0, INT64_MAX});
    Symbol &symbol = symbols[count];
    symbol.scale = stride;
    if (isBounded)
      if (std::optional<LinearForm> length = sum(sign > 0 ? upper : lower, sign > 0 ? lower : upper, -1)) {
        --length->constant;
        int64_t last = boundsOf(*length).max;
        symbol.upper = length;
        symbol.bounds.max = last == INT64_MAX ? last : std::max<int64_t>(last, 0) / stride;
      }
    std::optional<LinearForm> form = sum(lower, LinearForm::ofSymbol(count), step.constant);
    induction.count = count;
    if (sign > 0)
      induction.step = step;
    // The value lies between the bounds, so it does not wrap.
    induction.form = form ? *form : opaque(value);
    return induction;
  }
  // An unknown step: positive in a sequential loop and over tiles, else of unknown sign.
  bool isPositive = sequential || isTile;
  Bounds bounds =
      isPositive ? Bounds{from.min, to.max} : Bounds{std::min(from.min, to.min), std::max(from.max, to.max)};
  if (!isBounded)
    bounds = {};
  else if (isPositive && bounds.max != INT64_MAX)
    bounds.max = std::max(bounds.max - 1, bounds.min);
  unsigned begin = newSymbol(value, bounds);
  induction.begin = begin;
  induction.form = LinearForm::ofSymbol(begin);
  if (!isPositive)
    return induction;
  if (step.isExact)
    induction.step = step;
  induction.count = newSymbol(value, kExtent);
  symbols[begin].lower = lower.isExact ? std::optional(lower) : std::nullopt;
  if (isBounded) {
    --upper.constant;
    symbols[begin].upper = upper;
  }
  if (!symbols[begin].lower)
    induction.step.reset();
  return induction;
}
