//===- SharedCode.cpp - one function for equal code ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a kernel has several products, large parts of their code are often the same but for the addresses and extents
// that they work on. The lowering puts such parts into regions. Those that turn out to be equal become calls of one
// function, whose arguments are what the code around gives them: numbers and addresses, never sums in registers. The
// largest ones come first, so that two equal products are one function and not several.

#include "SharedCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace tilec::loops;

namespace {
/// Compares two regions op by op.
class Comparison {
public:
  Comparison(Region &one, Region &other) : other(other) { equal = areEqual(one, other); }

  bool equal;
  /// What stands in the other region, or around it, for a value of the first one.
  llvm::DenseMap<Value, Value> counterparts;

private:
  bool areEqual(Region &x, Region &y);
  bool areEqual(Operation &x, Operation &y);
  bool isSame(Value x, Value y);
  void match(ValueRange xs, ValueRange ys) {
    for (auto [x, y] : llvm::zip_equal(xs, ys))
      counterparts[x] = y;
  }

  Region &other;
};
} // namespace

/// Whether `y` is used as `x` is. A value from around the regions stands for one value of the other side.
bool Comparison::isSame(Value x, Value y) {
  auto [known, isNew] = counterparts.try_emplace(x, y);
  if (!isNew)
    return known->second == y;
  if (x.getType() != y.getType() || other.isAncestor(y.getParentRegion()))
    return false;
  Attribute number, otherNumber;
  bool isConstant = matchPattern(x, m_Constant(&number)), otherIs = matchPattern(y, m_Constant(&otherNumber));
  return isConstant == otherIs && number == otherNumber;
}

bool Comparison::areEqual(Operation &x, Operation &y) {
  if (x.getName() != y.getName() || x.getRawDictionaryAttrs() != y.getRawDictionaryAttrs() ||
      !x.getName().compareOpProperties(x.getPropertiesStorage(), y.getPropertiesStorage()) ||
      x.getResultTypes() != y.getResultTypes() || x.getNumOperands() != y.getNumOperands() ||
      x.getNumRegions() != y.getNumRegions() || x.getNumSuccessors() || y.getNumSuccessors())
    return false;
  for (auto [one, another] : llvm::zip_equal(x.getOperands(), y.getOperands()))
    if (!isSame(one, another))
      return false;
  for (auto [one, another] : llvm::zip_equal(x.getRegions(), y.getRegions()))
    if (!areEqual(one, another))
      return false;
  match(x.getResults(), y.getResults());
  return true;
}

bool Comparison::areEqual(Region &x, Region &y) {
  if (x.getBlocks().size() != y.getBlocks().size())
    return false;
  for (auto [one, another] : llvm::zip_equal(x, y)) {
    if (one.getArgumentTypes() != another.getArgumentTypes() ||
        one.getOperations().size() != another.getOperations().size())
      return false;
    match(one.getArguments(), another.getArguments());
    for (auto [first, second] : llvm::zip_equal(one, another))
      if (!areEqual(first, second))
        return false;
  }
  return true;
}

/// The values from around the region that a function is given, constants apart.
static SmallVector<Value> argumentsOf(Region &region) {
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(region, used);
  SmallVector<Value> arguments;
  llvm::copy_if(used, std::back_inserter(arguments), [](Value value) { return !matchPattern(value, m_Constant()); });
  return arguments;
}

static void callInstead(Shareable shareable, LLVM::LLVMFuncOp function, ValueRange arguments) {
  OpBuilder builder(shareable);
  auto call = LLVM::CallOp::create(builder, shareable.getLoc(), function, arguments);
  shareable.replaceAllUsesWith(call.getResults());
  shareable.erase();
}

/// Moves the code to a function, and calls it.
static LLVM::LLVMFuncOp moveToFunction(Shareable shareable, ArrayRef<Value> arguments, Operation *anchor,
                                       const Twine &name) {
  OpBuilder builder(anchor);
  Location loc = shareable.getLoc();
  Type result =
      shareable.getNumResults() ? shareable.getResult(0).getType() : LLVM::LLVMVoidType::get(builder.getContext());
  SmallVector<Type> types(ValueRange(arguments).getTypes());
  auto function = LLVM::LLVMFuncOp::create(builder, loc, name.str(), LLVM::LLVMFunctionType::get(result, types),
                                           LLVM::Linkage::Internal);
  Region &body = function.getBody(), &region = shareable.getRegion();
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(region, used);
  body.takeBody(region);
  Block &entry = body.front();
  for (Value argument : arguments)
    replaceAllUsesInRegionWith(argument, entry.addArgument(argument.getType(), loc), body);
  builder.setInsertionPointToStart(&entry);
  for (Value value : used)
    if (matchPattern(value, m_Constant()))
      replaceAllUsesInRegionWith(value, builder.clone(*value.getDefiningOp())->getResult(0), body);
  Operation *yield = entry.getTerminator();
  builder.setInsertionPoint(yield);
  LLVM::ReturnOp::create(builder, loc, yield->getOperands());
  yield->erase();
  callInstead(shareable, function, arguments);
  return function;
}

/// Puts the code back where it stands. Room on the stack is the function's.
static void dissolve(Shareable shareable) {
  Block &code = shareable.getRegion().front(),
        &entry = shareable->getParentOfType<LLVM::LLVMFuncOp>().getBody().front();
  for (Operation &op : llvm::make_early_inc_range(code))
    if (isa<LLVM::AllocaOp>(op)) {
      op.moveBefore(&entry, entry.begin());
      op.getOperand(0).getDefiningOp()->moveBefore(&op);
    }
  Operation *yield = code.getTerminator();
  shareable.replaceAllUsesWith(yield->getOperands());
  yield->erase();
  shareable->getBlock()->getOperations().splice(shareable->getIterator(), code.getOperations());
  shareable.erase();
}

void tilec::loops::shareEqualCode(ModuleOp module, Operation *anchor, StringRef prefix) {
  struct Candidate {
    Shareable code;
    int64_t ops;
    size_t number;
  };
  SmallVector<Candidate> candidates;
  module.walk<WalkOrder::PreOrder>([&](Shareable code) {
    int64_t ops = 0;
    code.walk([&](Operation *) { ++ops; });
    candidates.push_back({code, ops, candidates.size()});
  });
  llvm::sort(candidates, [](const Candidate &x, const Candidate &y) {
    return x.ops != y.ops ? x.ops > y.ops : x.number < y.number;
  });
  // What is inside of erased code.
  auto forget = [&](Shareable code) {
    code.walk([&](Shareable inner) {
      llvm::find_if(candidates, [&](const Candidate &one) { return one.code == inner; })->code = {};
    });
  };
  int64_t functions = 0;
  for (size_t at = 0; at < candidates.size(); ++at) {
    auto [code, ops, number] = candidates[at];
    if (!code)
      continue;
    // Equal code is of the same length. None of it has been changed, since what is inside of it is shorter.
    SmallVector<std::pair<Shareable, SmallVector<Value>>, 2> equals;
    SmallVector<Value> arguments = argumentsOf(code.getRegion());
    for (size_t next = at + 1; next < candidates.size() && candidates[next].ops == ops; ++next) {
      Shareable another = candidates[next].code;
      if (!another)
        continue;
      if (Comparison comparison(code.getRegion(), another.getRegion()); comparison.equal)
        equals.push_back({another, llvm::map_to_vector(
                                       arguments, [&](Value value) { return comparison.counterparts.lookup(value); })});
    }
    if (equals.empty()) {
      dissolve(code);
      continue;
    }
    LLVM::LLVMFuncOp function = moveToFunction(code, arguments, anchor, prefix + Twine(functions++));
    for (auto &[another, itsArguments] : equals) {
      forget(another);
      callInstead(another, function, itsArguments);
    }
  }
}
