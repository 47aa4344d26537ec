//===- Conflicts.cpp - which accesses may touch one element -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A relation of two instances is split into cases that say, loop by loop, which one is at a later iteration; the
// accesses never overlap if in every case some dim keeps their regions apart. Elements of an array that is written are
// taken to be distinct storage, whatever the strides.
//
//===----------------------------------------------------------------------===//

#include "tilec/Analysis/Conflicts.h"

#include "IndexDigits.h"
#include "IndexOrder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::analysis;
using namespace tilec::tile;

bool analysis::isSequentialLoop(Operation *op) { return isa<scf::ForOp, scf::WhileOp>(op); }

struct Conflicts::Implementation {
  using Regions = SmallVector<IndexRegion, 2>;
  using Key = std::tuple<Operation *, Operation *, unsigned, Operation *>;

  SmallVector<Access> accesses;
  IndexForms forms;
  DenseMap<Operation *, std::unique_ptr<Regions>> regions;
  DenseMap<Key, Overlap> answers;

  const Regions &regionsOf(Access access) {
    std::unique_ptr<Regions> &known = regions[access.getOperation()];
    if (!known)
      known = std::make_unique<Regions>(analysis::regionsOf(access, forms));
    return *known;
  }

  SmallVector<IndexOrder, 4> casesOf(Relation relation);
  bool areDisjoint(Access a, Access b, const IndexOrder &order);
  bool mustMeet(Access a, Access b, const IndexOrder &order);
  Overlap compute(Access a, Access b, Relation relation);
  bool haveDistinctLanes(Access access);
};

Conflicts::Conflicts(KernelOp kernel) : implementation(std::make_unique<Implementation>()) {
  implementation->accesses = accessesIn(kernel);
}

Conflicts::~Conflicts() = default;

ArrayRef<Access> Conflicts::accesses() const { return implementation->accesses; }

//===----------------------------------------------------------------------===//
// arrays
//===----------------------------------------------------------------------===//

/// The alias sets of a parameter.
static ArrayRef<Attribute> aliasSets(Value array) {
  auto argument = dyn_cast<BlockArgument>(array);
  auto kernel = argument ? dyn_cast<KernelOp>(argument.getOwner()->getParentOp()) : KernelOp();
  auto sets = kernel ? kernel.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "tile.alias") : ArrayAttr();
  return sets ? sets.getValue() : ArrayRef<Attribute>();
}

/// True if a value is a parameter or a temporary: everything else (a view) may be any array.
static bool isKnownArray(Value array) {
  auto argument = dyn_cast<BlockArgument>(array);
  return argument ? isa<KernelOp>(argument.getOwner()->getParentOp()) : array.getDefiningOp<ArrayOp>() != nullptr;
}

bool Conflicts::mayAlias(Value first, Value second) {
  if (first == second || !isKnownArray(first) || !isKnownArray(second))
    return true;
  return llvm::any_of(aliasSets(first), [&](Attribute set) { return llvm::is_contained(aliasSets(second), set); });
}

//===----------------------------------------------------------------------===//
// relations
//===----------------------------------------------------------------------===//

SmallVector<Relation> Conflicts::relationsOf(Access a, Access b) {
  SmallVector<Relation> relations;
  for (Operation *op = a.getOperation()->getParentOp(); op; op = op->getParentOp()) {
    if (!op->isProperAncestor(b.getOperation()))
      continue;
    if (isSequentialLoop(op))
      relations.push_back(Relation::carriedBy(op));
    else if (auto grid = dyn_cast<GridOp>(op))
      relations.push_back(Relation::across(grid));
  }
  if (!(a == b))
    relations.push_back(Relation::same());
  std::reverse(relations.begin(), relations.end());
  return relations;
}

/// True if `loop` has the counts that IndexForms knows of.
static bool isCounted(Operation *loop) {
  auto counted = dyn_cast<scf::ForOp>(loop);
  return counted && !counted.getUnsignedCmp();
}

/// How the iterations of two instances in `relation` can stand to each other: all the possibilities.
SmallVector<IndexOrder, 4> Conflicts::Implementation::casesOf(Relation relation) {
  SmallVector<IndexOrder, 4> cases;
  if (relation.kind == Relation::Kind::Same) {
    cases.emplace_back(forms);
  } else if (relation.kind == Relation::Kind::Carried) {
    cases.emplace_back(forms, relation.loop);
    if (isCounted(relation.loop))
      cases.back().setLater(relation.loop, 0, 2);
  } else {
    // By the first dim in which the iterations differ.
    auto grid = cast<GridOp>(relation.loop);
    for (unsigned dim = 0, e = grid.getRank(); dim != e; ++dim)
      for (unsigned later : {1, 2}) {
        IndexOrder &order = cases.emplace_back(forms, relation.loop);
        for (unsigned outer = 0; outer != dim; ++outer)
          order.setEqual(grid, outer);
        order.setLater(grid, dim, later);
      }
  }
  return cases;
}

/// True if a and b stand in two regions of one op of which only one is executed.
static bool areExclusive(Access a, Access b) {
  for (Operation *op = a.getOperation(); Operation *parent = op->getParentOp(); op = parent)
    if (Operation *other = parent->isProperAncestor(b.getOperation()) ? b.getOperation() : nullptr) {
      while (other->getParentOp() != parent)
        other = other->getParentOp();
      return op->getParentRegion() != other->getParentRegion() && isa<scf::IfOp, scf::IndexSwitchOp>(parent);
    }
  return false;
}

/// The operand of `not`, or null.
static Value negated(Value value) {
  auto op = value.getDefiningOp<arith::XOrIOp>();
  return op && matchPattern(op.getRhs(), m_One()) ? op.getLhs() : Value();
}

/// True if of two masks each lane is off in one.
static bool areComplements(Value mask, Value other) {
  if (!mask || !other)
    return false;
  // A splat of ones is -1 to m_One's eyes, for i1.
  if (negated(mask) == other || negated(other) == mask)
    return true;
  auto first = mask.getDefiningOp<arith::CmpIOp>(), second = other.getDefiningOp<arith::CmpIOp>();
  return first && second && first.getLhs() == second.getLhs() && first.getRhs() == second.getRhs() &&
         first.getPredicate() == arith::invertPredicate(second.getPredicate());
}

/// True if each lane touches an element that no other lane does.
bool Conflicts::Implementation::haveDistinctLanes(Access access) {
  // Subscripts that are not integer tiles have a dim of their own. Integer tiles share dims: each has to tell lanes
  // apart, or be one of the digits that do so together.
  std::optional<int64_t> rank;
  SmallVector<bool> isTold;
  SmallVector<Value> tiles;
  for (auto [subscript, region] : llvm::zip(access.getSubscripts(), regionsOf(access))) {
    auto type = dyn_cast<RankedTensorType>(subscript.getType());
    if (!type)
      continue;
    tiles.push_back(subscript);
    if (!rank) {
      rank = type.getRank();
      for (int64_t size : type.getShape())
        isTold.push_back(size == 1);
    }
    if (region.isKnown && region.axis)
      isTold[*region.axis] = true;
  }
  for (const IndexSource &source : sourcesDeterminedBy(tiles, [](Value) { return true; }))
    if (IndexRegion region = regionOf(source.value, forms); region.isKnown && region.axis)
      if (int64_t dim = source.dims[*region.axis]; dim >= 0)
        isTold[dim] = true;
  return llvm::all_of(isTold, [](bool told) { return told; });
}

bool Conflicts::Implementation::areDisjoint(Access a, Access b, const IndexOrder &order) {
  for (const auto &[first, second] : llvm::zip(regionsOf(a), regionsOf(b)))
    if (order.areDisjoint(first, second))
      return true;
  // Where both have the same digits of an index, and the index differs, the elements do.
  SmallVector<Value> common;
  for (auto [subscript, other] : llvm::zip(a.getSubscripts(), b.getSubscripts()))
    if (subscript == other && (isa<RankedTensorType>(subscript.getType()) || subscript.getType().isIntOrIndex()))
      common.push_back(subscript);
  for (const IndexSource &source : sourcesDeterminedBy(common, [&](Value scalar) { return !order.varies(scalar); })) {
    IndexRegion region = regionOf(source.value, forms);
    if (order.areDisjoint(region, region))
      return true;
  }
  return false;
}

/// True if two instances that both touch an element touch a common one.
bool Conflicts::Implementation::mustMeet(Access a, Access b, const IndexOrder &order) {
  auto isSameValue = [&](Value first, Value second) { return first == second && (!first || !order.varies(first)); };
  // Equal masks on equal subscripts let the same lanes through; other masks may let none of the common ones.
  bool isMasked = a.getMask() || b.getMask();
  if (isMasked && !isSameValue(a.getMask(), b.getMask()))
    return false;
  bool isProduct = true, areAllEqual = true, doDimsMeet = true;
  auto dims = llvm::zip(a.getSubscripts(), b.getSubscripts(), regionsOf(a), regionsOf(b));
  for (const auto &[subscript, other, first, second] : dims) {
    isProduct &= !isa<RankedTensorType>(subscript.getType()) && !isa<RankedTensorType>(other.getType());
    bool isEqual = isSameValue(subscript, other) || (order.areEqual(first, second) && first.isFull && second.isFull);
    areAllEqual &= subscript == other && isEqual;
    doDimsMeet &= isEqual || first.isWhole || second.isWhole;
  }
  // The dims of gathers depend on each other; without them, each dim has a common index on its own.
  return isMasked || !isProduct ? areAllEqual : doDimsMeet;
}

Overlap Conflicts::Implementation::compute(Access a, Access b, Relation relation) {
  bool isSame = relation.kind == Relation::Kind::Same;
  if (!mayAlias(a.getArray(), b.getArray()))
    return Overlap::Never;
  if (isSame && a == b)
    return haveDistinctLanes(a) ? Overlap::Never : Overlap::May;
  if (isSame && areExclusive(a, b))
    return Overlap::Never;
  // Different arrays in one alias set: nothing relates their subscripts.
  if (a.getArray() != b.getArray())
    return Overlap::May;
  SmallVector<IndexOrder, 4> cases = casesOf(relation);
  if (llvm::all_of(cases, [&](const IndexOrder &order) { return areDisjoint(a, b, order); }))
    return Overlap::Never;
  if (isSame && areComplements(a.getMask(), b.getMask()) && llvm::equal(a.getSubscripts(), b.getSubscripts()) &&
      haveDistinctLanes(a))
    return Overlap::Never;

  if (relation.kind != Relation::Kind::Across)
    return mustMeet(a, b, cases.front()) ? Overlap::Must : Overlap::May;
  auto grid = cast<GridOp>(relation.loop);
  for (unsigned dim = 0, e = grid.getRank(); dim != e; ++dim) {
    // All dims but this one are at the same iteration, and this one at any.
    IndexOrder order(forms, relation.loop);
    for (unsigned other = 0; other != e; ++other)
      if (other != dim)
        order.setEqual(grid, other);
    if (mustMeet(a, b, order))
      return Overlap::Must;
  }
  return Overlap::May;
}

Overlap Conflicts::overlap(Access a, Access b, Relation relation) {
  Implementation::Key key{a.getOperation(), b.getOperation(), static_cast<unsigned>(relation.kind), relation.loop};
  auto it = implementation->answers.find(key);
  if (it != implementation->answers.end())
    return it->second;
  Overlap answer = implementation->compute(a, b, relation);
  implementation->answers[key] = answer;
  return answer;
}

bool Conflicts::mayConflict(Access a, Access b, Relation relation) {
  return (a.writes() || b.writes()) && mayAlias(a.getArray(), b.getArray()) &&
         overlap(a, b, relation) != Overlap::Never;
}

bool Conflicts::isOrderNeeded(Access first, Access second, Relation relation) {
  if (second.releases() || first.acquires())
    return true;
  // The second of two atomic reads must not see something older than the first.
  bool matters = first.writes() || second.writes() || (first.isAtomic() && second.isAtomic());
  return matters && mayAlias(first.getArray(), second.getArray()) && overlap(first, second, relation) != Overlap::Never;
}

bool Conflicts::mustConflict(Access a, Access b, Relation relation) {
  return (a.writes() || b.writes()) && overlap(a, b, relation) == Overlap::Must;
}

bool Conflicts::hasTwoIterations(Operation *loop) {
  IndexForms &forms = implementation->forms;
  auto grid = dyn_cast<GridOp>(loop);
  auto sequential = dyn_cast<scf::ForOp>(loop);
  if (!grid && !isCounted(loop))
    return false;
  bool hasTwo = false;
  for (unsigned dim = 0, e = grid ? grid.getRank() : 1; dim != e; ++dim) {
    LinearForm lower = forms.get(grid ? grid.getLower()[dim] : sequential.getLowerBound());
    LinearForm upper = forms.get(grid ? grid.getUpper()[dim] : sequential.getUpperBound());
    LinearForm step = forms.get(grid ? grid.getStep()[dim] : sequential.getStep());
    if (!lower.isExact || !upper.isExact || !step.isExact || !step.isConstant() || step.constant == 0)
      return false;
    bool isUp = step.constant > 0;
    std::optional<LinearForm> length = sum(isUp ? upper : lower, isUp ? lower : upper, -1);
    int64_t least = length ? forms.boundsOf(*length).min : INT64_MIN;
    if (least < 1)
      return false;
    hasTwo |= least > std::abs(step.constant);
  }
  return hasTwo;
}

//===----------------------------------------------------------------------===//
// texts
//===----------------------------------------------------------------------===//

std::string Conflicts::explain(Access a, Access b, Relation relation) {
  std::string array = arrayName(a.getArray());
  if (a.getArray() != b.getArray())
    return "'" + array + "' and '" + arrayName(b.getArray()) + "' may overlap in memory";
  if (relation.kind == Relation::Kind::Same && a == b)
    return "an index of '" + array + "' may occur twice in one tile";
  SmallVector<unsigned> data;
  const auto &first = implementation->regionsOf(a), &second = implementation->regionsOf(b);
  for (unsigned dim = 0, e = first.size(); dim != e; ++dim)
    if (!first[dim].isKnown || !second[dim].isKnown)
      data.push_back(dim);
  if (overlap(a, b, relation) == Overlap::Must)
    return "both touch the same elements of '" + array + "'";
  if (!data.empty())
    return "the subscript of dim " + std::to_string(data.front()) + " of '" + array + "' is data";
  return "nothing keeps their elements of '" + array + "' apart";
}
