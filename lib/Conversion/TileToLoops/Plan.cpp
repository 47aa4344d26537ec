//===- Plan.cpp - which tiles are kept in scratch ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The decisions are made from the last op to the first: when a tile's turn comes, it is known where each of its users
// is computed.

#include "Plan.h"

#include "Elements.h"
#include "Halves.h"
#include "Strided.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// What computing an element again may cost before keeping it is better.
static constexpr int64_t cheap = 4;

RankedTensorType loops::tileType(Value value) { return dyn_cast<RankedTensorType>(value.getType()); }

bool loops::isTrivialReshape(tile::ReshapeOp op) {
  auto source = tileType(op.getSource());
  if (!source)
    return true;
  auto isNotOne = [](int64_t size) { return size != 1; };
  return llvm::equal(llvm::make_filter_range(source.getShape(), isNotOne),
                     llvm::make_filter_range(op.getType().getShape(), isNotOne));
}

bool loops::makesWholeTiles(Operation *op) {
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return load.getOrdering() != tile::MemoryOrder::weak;
  if (auto reshape = dyn_cast<tile::ReshapeOp>(op))
    return !isTrivialReshape(reshape);
  if (auto cat = dyn_cast<tile::CatOp>(op))
    return !storeOfHalves(cat);
  return isa<tile::DotOp, tile::DotScaledOp, tile::ReduceOp, tile::ScanOp, tile::SortOp, tile::TopKOp,
             tile::AtomicRMWOp, tile::AtomicCASOp>(op);
}

/// Whether the op's tiles can be computed element by element.
static bool isLazyOp(Operation *op) {
  return isa<tile::LoadOp, tile::FullOp, tile::IotaOp, tile::ExpandDimsOp, tile::BroadcastOp, tile::ReshapeOp,
             tile::PermuteOp, tile::SliceOp, tile::ElementOp, tile::CatOp, arith::ConstantOp>(op) ||
         isElementwise(op);
}

bool Plan::isKept(Value tile) const {
  Operation *op = tile.getDefiningOp();
  return !op || kept.contains(tile) || makesWholeTiles(op) || !isLazyOp(op);
}

/// Whether a broadcast repeats elements in a way that hoisting out of the inner loops does not undo: a dim that is
/// repeated stands before one that is not.
static bool repeatsElements(tile::BroadcastOp op) {
  ArrayRef<int64_t> source = tileType(op.getSource()).getShape(), result = op.getType().getShape();
  size_t added = result.size() - source.size();
  bool repeats = false;
  for (auto [dim, size] : llvm::enumerate(result)) {
    bool isRepeated = dim < added || (source[dim - added] == 1 && size != 1);
    if (isRepeated)
      repeats |= size != 1;
    else if (repeats && size != 1)
      return true;
  }
  return false;
}

void Plan::addDemand(Value tile, OpOperand &use, Demand &demand) {
  Operation *user = use.getOwner();
  bool passesOn = user->getNumResults() == 1 && tileType(user->getResult(0)) && !isKept(user->getResult(0));
  if (!passesOn) {
    demand.roots.insert(user);
    return;
  }
  const Demand &next = demands[user->getResult(0)];
  demand.roots.insert(next.roots.begin(), next.roots.end());
  demand.repeated |= next.repeated;
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(user))
    demand.repeated |= repeatsElements(broadcast);
}

/// Whether vectors of elements are loaded that are at a small distance from each other.
static bool isInSteps(tile::LoadOp load) {
  RankedTensorType type = tileType(load.getValue());
  int dim = vectorDim(type.getShape());
  return dim >= 0 && stepAlong(load.getSubscripts(), dim, byteSize(storageType(type.getElementType())));
}

int64_t Plan::cost(Value tile) {
  if (!tileType(tile))
    return 0;
  if (isKept(tile))
    return 1;
  auto [it, isNew] = costs.try_emplace(tile, 0);
  if (!isNew)
    return it->second;
  Operation *op = tile.getDefiningOp();
  Type element = getElementTypeOrSelf(tile);
  int64_t own = 1;
  if (isa<tile::FullOp, tile::IotaOp, tile::ExpandDimsOp, tile::BroadcastOp, tile::ReshapeOp, tile::PermuteOp,
          tile::SliceOp, tile::ElementOp, tile::CatOp, arith::ConstantOp>(op))
    own = 0;
  else if (isa<arith::DivFOp, math::SqrtOp, math::RsqrtOp, tile::FloorDivOp, tile::FloorModOp>(op))
    own = 5;
  else if (isa<math::AbsFOp, math::FloorOp, math::CeilOp, math::TruncOp, math::RoundEvenOp, math::FmaOp>(op))
    own = 1;
  else if (op->getName().getDialectNamespace() == "math" || isa<tile::RandOp>(op))
    own = 20;
  if (isNarrowFloat(element))
    own += element.getIntOrFloatBitWidth() == 8 ? 8 : 1;
  int64_t sum = own;
  // A vector of elements in steps is two loads and a permutation; others are gathered one by one.
  auto load = dyn_cast<tile::LoadOp>(op);
  int64_t subscript = load && isInSteps(load) ? 1 : 4;
  for (Value operand : op->getOperands())
    sum += cost(operand) + (load && tileType(operand) ? subscript : 0);
  return costs[tile] = std::min<int64_t>(sum, 1 << 20);
}

//===----------------------------------------------------------------------===//
// Loads of what is overwritten
//===----------------------------------------------------------------------===//

/// Whether `store` reads what it overwrites only at the element it writes: `load` has its subscripts, and reaches it
/// through elementwise ops alone.
static bool isPointwise(tile::StoreOp store, tile::LoadOp load, const Plan &plan) {
  if (store.getSubscripts() != load.getSubscripts())
    return false;
  for (Value subscript : store.getSubscripts())
    if (tileType(subscript) || isa<tile::WindowType>(subscript.getType()))
      return false;
  // Whether a lazy value depends on the load, other than element by element.
  std::function<bool(Value, bool)> mixes = [&](Value value, bool aligned) -> bool {
    if (value == load.getValue())
      return !aligned;
    if (!tileType(value) || plan.isKept(value))
      return false;
    Operation *op = value.getDefiningOp();
    bool keepsPlace = isElementwise(op);
    return llvm::any_of(op->getOperands(), [&](Value operand) { return mixes(operand, aligned && keepsPlace); });
  };
  return !mixes(store.getValue(), true) && (!store.getMask() || !mixes(store.getMask(), true));
}

bool Plan::isOverwritten(tile::LoadOp load, const Demand &demand) {
  Block *block = load->getBlock();
  Value array = load.getArray();
  for (Operation *write : writes) {
    bool isSame = llvm::is_contained(write->getOperands(), array);
    if (!isSame && isa<tile::StoreOp>(write) && cast<tile::StoreOp>(write).getOrdering() == tile::MemoryOrder::weak)
      continue;
    Operation *writeHere = block->findAncestorOpInBlock(*write);
    if (!writeHere || !load->isBeforeInBlock(writeHere))
      continue;
    for (Operation *root : demand.roots) {
      Operation *rootHere = block->findAncestorOpInBlock(*root);
      if (!rootHere || writeHere->isBeforeInBlock(rootHere))
        return true;
      if (writeHere != rootHere)
        continue;
      if (write == root) {
        auto store = dyn_cast<tile::StoreOp>(write);
        if (!store || (isSame && !isPointwise(store, load, *this)))
          return true;
      } else if (root != rootHere) {
        return true; // Both inside one loop or branch.
      }
    }
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

/// Whether `root` runs several times for one run of `block`.
static bool isInInnerLoop(Operation *root, Block *block) {
  while (root && root->getBlock() != block) {
    root = root->getParentOp();
    if (isa_and_nonnull<scf::ForOp, scf::WhileOp>(root))
      return true;
  }
  return false;
}

LogicalResult Plan::compute(Operation *root) {
  SmallVector<Value> tiles;
  LogicalResult result = success();
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<tile::StoreOp, tile::AtomicRMWOp, tile::AtomicCASOp>(op))
      writes.push_back(op);
    if (auto load = dyn_cast<tile::LoadOp>(op); load && load.getOrdering() != tile::MemoryOrder::weak)
      writes.push_back(op);
    for (Value value : op->getResults())
      if (tileType(value))
        tiles.push_back(value);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments())
          if (tileType(argument))
            tiles.push_back(argument);
  });
  auto isConstantInput = [](Value array) {
    auto argument = dyn_cast<BlockArgument>(array);
    auto kernel = argument ? dyn_cast<tile::KernelOp>(argument.getOwner()->getParentOp()) : nullptr;
    return kernel && kernel.getParam(argument.getArgNumber()).getKind() == tile::ParamKind::array;
  };
  for (Value tile : llvm::reverse(tiles)) {
    bool isStatic = tileType(tile).hasStaticShape();
    if (isKept(tile)) {
      if (!isStatic)
        result = reportUnknownDim(tile);
      continue;
    }
    for (OpOperand &use : tile.getUses()) {
      Demand more;
      addDemand(tile, use, more);
      demands[tile].roots.insert(more.roots.begin(), more.roots.end());
      demands[tile].repeated |= more.repeated;
    }
    const Demand &all = demands[tile];
    auto load = tile.getDefiningOp<tile::LoadOp>();
    if (load && !isConstantInput(load.getArray()) && isOverwritten(load, all)) {
      if (!isStatic)
        result = reportUnknownDim(tile);
      kept.insert(tile);
      continue;
    }
    bool inLoop = false, convertsForDot = false;
    for (Operation *user : all.roots) {
      inLoop |= isInInnerLoop(user, tile.getParentBlock());
      convertsForDot |= isa<tile::DotOp>(user) && isNarrowFloat(getElementTypeOrSelf(tile));
    }
    bool isAgain = all.roots.size() > 1 || all.repeated || inLoop;
    int64_t limit = inLoop && convertsForDot ? 0 : cheap;
    if (isAgain && isStatic && cost(tile) > limit)
      kept.insert(tile);
  }
  return result;
}

/// The dim's expression over the kernel's symbols, if it is a dim of a parameter.
static std::string describeExtent(Value end) {
  auto dim = end.getDefiningOp<memref::DimOp>();
  auto argument = dim ? dyn_cast<BlockArgument>(dim.getSource()) : nullptr;
  auto kernel = argument ? dyn_cast<tile::KernelOp>(argument.getOwner()->getParentOp()) : nullptr;
  if (!kernel || !dim.getConstantIndex())
    return {};
  AffineExpr expr = kernel.getParam(argument.getArgNumber()).getDims().getResult(*dim.getConstantIndex());
  std::string name;
  // The first symbol of the expression is the one to give.
  expr.walk([&](AffineExpr part) {
    if (auto symbol = dyn_cast<AffineSymbolExpr>(part); symbol && name.empty())
      name = cast<StringAttr>(kernel.getSymbols()[symbol.getPosition()]).str();
  });
  return name;
}

LogicalResult Plan::reportUnknownDim(Value tile) {
  RankedTensorType type = tileType(tile);
  std::string name;
  for (unsigned dim = 0; dim < type.getRank() && name.empty(); ++dim)
    if (type.isDynamicDim(dim))
      if (Value range = ranges->lookup(tile, dim))
        if (auto op = range.getDefiningOp<tile::RangeOp>())
          name = describeExtent(op.getEnd());
  if (!reported.insert(name).second)
    return failure();
  InFlightDiagnostic error = mlir::emitError(tile.getLoc());
  if (name.empty())
    return error << "this tile must be kept whole, and the size of one of its dims is not known when the kernel is "
                    "compiled";
  return error << "needs --dim " << name << "=<value>: this tile must be kept whole, and its dim " << name
               << " is not known when the kernel is compiled";
}
