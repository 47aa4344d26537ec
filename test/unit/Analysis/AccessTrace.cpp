//===- AccessTrace.cpp - which elements each access touches -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AccessTrace.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::test;
using namespace tilec::tile;

ParsedKernel::ParsedKernel(llvm::StringRef text) {
  DialectRegistry registry;
  registry.insert<TileDialect, arith::ArithDialect, memref::MemRefDialect, scf::SCFDialect>();
  context.appendDialectRegistry(registry);
  module = parseSourceString<ModuleOp>(text, &context);
  EXPECT_TRUE(module) << text.str();
  if (module)
    kernel = *module->getOps<KernelOp>().begin();
}

namespace {
/// A scalar, a range or window, the lanes of an integer tile (of one dim), or the instances of a token.
struct Datum {
  int64_t begin = 0, extent = 0, size = 0;
  std::vector<int64_t> lanes;
  std::vector<bool> exists;
  std::set<unsigned> tokens;
};

class Tracer {
public:
  explicit Tracer(const Numbers &numbers) : numbers(numbers) {}

  bool run(Block &block) {
    for (Operation &op : block)
      if (!run(op))
        return false;
    return true;
  }

  std::vector<Instance> instances;
  DenseMap<Value, Datum> values;

private:
  bool run(Operation &op);
  bool runGrid(GridOp grid);
  bool runFor(scf::ForOp loop);
  bool runWhile(scf::WhileOp loop);
  bool runRegion(Operation &op, unsigned region);
  bool runAccess(analysis::Access access);
  Datum join(ValueRange tokens);
  void assign(ValueRange targets, ValueRange sources);
  bool runArith(Operation &op);
  int64_t get(Value value) { return values[value].begin; }
  static Datum range(int64_t begin, int64_t end, int64_t size) {
    return {begin, std::max<int64_t>(0, std::min(size, end - begin)), size, {}, {}, {}};
  }

  const Numbers &numbers;
  std::vector<std::pair<Operation *, std::vector<int64_t>>> iterations;
};
} // namespace

/// What is left of a number in a type.
static int64_t wrap(int64_t value, Type type) {
  return getElementTypeOrSelf(type).isInteger(32) ? static_cast<int32_t>(value) : value;
}

bool Tracer::runArith(Operation &op) {
  auto apply = [&](int64_t lhs, int64_t rhs) -> int64_t {
    if (isa<arith::AddIOp>(op))
      return wrap(lhs + rhs, op.getResult(0).getType());
    if (isa<arith::SubIOp>(op))
      return wrap(lhs - rhs, op.getResult(0).getType());
    if (isa<FloorDivOp, FloorModOp>(op)) {
      if (rhs == 0)
        return 0; // Of lanes that do not exist.
      int64_t quotient = lhs / rhs - (lhs % rhs != 0 && (lhs < 0) != (rhs < 0));
      return wrap(isa<FloorDivOp>(op) ? quotient : lhs - quotient * rhs, op.getResult(0).getType());
    }
    return wrap(lhs * rhs, op.getResult(0).getType());
  };
  Datum lhs = values[op.getOperand(0)], rhs = values[op.getOperand(1)], result;
  // Division by zero is undefined.
  bool divides = isa<FloorDivOp, FloorModOp>(op), hasZero = rhs.lanes.empty() && rhs.begin == 0;
  for (auto [number, exists] : llvm::zip(rhs.lanes, rhs.exists))
    hasZero |= exists && number == 0;
  if (divides && hasZero)
    return false;
  result.begin = apply(lhs.begin, rhs.begin);
  for (size_t lane = 0; lane != lhs.lanes.size(); ++lane) {
    result.lanes.push_back(apply(lhs.lanes[lane], rhs.lanes[lane]));
    result.exists.push_back(lhs.exists[lane] && rhs.exists[lane]);
  }
  values[op.getResult(0)] = result;
  return true;
}

Datum Tracer::join(ValueRange tokens) {
  Datum all;
  for (Value token : tokens)
    all.tokens.insert(values[token].tokens.begin(), values[token].tokens.end());
  return all;
}

/// All at once: a source may be a target.
void Tracer::assign(ValueRange targets, ValueRange sources) {
  std::vector<Datum> held;
  for (Value source : sources)
    held.push_back(values[source]);
  for (auto [i, target] : llvm::enumerate(targets))
    values[target] = held[i];
}

bool Tracer::runGrid(GridOp grid) {
  values[grid.getEntry()] = join(grid.getAfter());
  Datum yielded;
  std::vector<int64_t> index;
  std::function<bool(unsigned)> runDim = [&](unsigned dim) {
    if (dim == grid.getRank()) {
      iterations.push_back({grid, index});
      bool isGood = run(grid.getBody().front());
      iterations.pop_back();
      Datum own = join(grid.getBody().front().getTerminator()->getOperands());
      yielded.tokens.insert(own.tokens.begin(), own.tokens.end());
      return isGood;
    }
    int64_t lower = get(grid.getLower()[dim]), upper = get(grid.getUpper()[dim]), step = get(grid.getStep()[dim]);
    bool isTile = isa<RangeType>(grid.getIndex(dim).getType());
    if (step == 0 || (isTile && step < 0))
      return false;
    int64_t n = 0;
    for (int64_t i = lower; step > 0 ? i < upper : i > upper; i += step, ++n) {
      values[grid.getIndex(dim)] = isTile ? range(i, upper, step) : Datum{i, 0, 0, {}, {}, {}};
      index.push_back(n);
      bool isGood = runDim(dim + 1);
      index.pop_back();
      if (!isGood)
        return false;
    }
    return true;
  };
  bool isGood = runDim(0);
  values[grid.getToken()] = yielded;
  return isGood;
}

bool Tracer::runFor(scf::ForOp loop) {
  int64_t lower = get(loop.getLowerBound()), upper = get(loop.getUpperBound()), step = get(loop.getStep());
  if (step <= 0)
    return false;
  int64_t n = 0;
  assign(loop.getRegionIterArgs(), loop.getInitArgs());
  for (int64_t i = lower; i < upper; i += step, ++n) {
    values[loop.getInductionVar()].begin = i;
    iterations.push_back({loop, {n}});
    bool isGood = run(*loop.getBody());
    iterations.pop_back();
    if (!isGood)
      return false;
    assign(loop.getRegionIterArgs(), loop.getBody()->getTerminator()->getOperands());
  }
  assign(loop.getResults(), loop.getRegionIterArgs());
  return true;
}

bool Tracer::runWhile(scf::WhileOp loop) {
  assign(loop.getBeforeArguments(), loop.getInits());
  for (int64_t n = 0;; ++n) {
    iterations.push_back({loop, {n}});
    bool isGood = run(*loop.getBeforeBody());
    scf::ConditionOp test = loop.getConditionOp();
    bool goesOn = isGood && get(test.getCondition());
    if (goesOn) {
      assign(loop.getAfterArguments(), test.getArgs());
      isGood = run(*loop.getAfterBody());
      assign(loop.getBeforeArguments(), loop.getYieldOp().getOperands());
    }
    iterations.pop_back();
    if (!goesOn || !isGood) {
      assign(loop.getResults(), test.getArgs());
      return isGood;
    }
  }
}

/// Runs one region of a branch.
bool Tracer::runRegion(Operation &op, unsigned region) {
  if (op.getRegion(region).empty())
    return true;
  Block &block = op.getRegion(region).front();
  bool isGood = run(block);
  assign(op.getResults(), block.getTerminator()->getOperands());
  return isGood;
}

bool Tracer::runAccess(analysis::Access access) {
  const std::vector<int64_t> &extents = numbers.extents.at(cast<BlockArgument>(access.getArray()).getArgNumber());
  // Lane by lane: a counter per subscript; all integer tiles share one.
  SmallVector<Value> subscripts(access.getSubscripts());
  std::vector<std::vector<int64_t>> partial = {{}};
  std::optional<size_t> shared;
  for (Value subscript : subscripts)
    if (isa<RankedTensorType>(subscript.getType()))
      shared = values[subscript].lanes.size();
  Instance instance{access.getOperation(), iterations, {}, join(access.getAfter()).tokens};
  for (size_t lane = 0, lanes = shared.value_or(1); lane != lanes; ++lane) {
    std::vector<std::vector<int64_t>> partial = {{}};
    bool exists = true;
    for (auto [dim, subscript] : llvm::enumerate(subscripts)) {
      const Datum &datum = values[subscript];
      std::vector<int64_t> indices;
      bool isWindow = isa<WindowType>(subscript.getType());
      if (isa<RankedTensorType>(subscript.getType())) {
        exists = exists && datum.exists[lane];
        indices.push_back(datum.lanes[lane]);
      } else if (isWindow || isa<RangeType>(subscript.getType())) {
        for (int64_t i = 0; i != datum.extent; ++i)
          indices.push_back(datum.begin + i);
      } else {
        indices.push_back(datum.begin);
      }
      std::vector<std::vector<int64_t>> next;
      for (int64_t index : indices) {
        bool isInside = index >= 0 && index < extents[dim];
        if (!isInside && !isWindow && exists)
          return false;
        for (std::vector<int64_t> element : partial)
          if (isInside) {
            element.push_back(index);
            next.push_back(element);
          }
      }
      partial = next;
    }
    if (exists)
      instance.elements.insert(instance.elements.end(), partial.begin(), partial.end());
  }
  values[access.getToken()].tokens = {static_cast<unsigned>(instances.size())};
  instances.push_back(instance);
  return true;
}

bool Tracer::run(Operation &op) {
  if (op.hasTrait<OpTrait::ConstantLike>()) {
    DenseIntElementsAttr elements;
    APInt scalar;
    Datum &datum = values[op.getResult(0)];
    if (matchPattern(&op, m_ConstantInt(&scalar)))
      datum.begin = scalar.getSExtValue();
    if (isa<RankedTensorType>(op.getResult(0).getType()) && matchPattern(&op, m_Constant(&elements)))
      for (const APInt &element : elements) {
        datum.lanes.push_back(element.getSExtValue());
        datum.exists.push_back(true);
      }
    return true;
  }
  if (analysis::Access access = analysis::Access(&op))
    return runAccess(access);
  if (auto grid = dyn_cast<GridOp>(op))
    return runGrid(grid);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return runFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return runWhile(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return runRegion(op, get(branch.getCondition()) ? 0 : 1);
  if (isa<scf::ExecuteRegionOp>(op))
    return runRegion(op, 0);
  if (auto branch = dyn_cast<scf::IndexSwitchOp>(op)) {
    const auto *found = llvm::find(branch.getCases(), get(branch.getArg()));
    return runRegion(op, found == branch.getCases().end() ? 0 : 1 + (found - branch.getCases().begin()));
  }
  if (isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, FloorDivOp, FloorModOp>(op))
    return runArith(op);
  if (isa<TokenOp, JoinOp>(op)) {
    values[op.getResult(0)] = join(op.getOperands());
  } else if (auto select = dyn_cast<arith::SelectOp>(op)) {
    // A copy: the map may move its entries.
    Datum chosen = values[get(select.getCondition()) ? select.getTrueValue() : select.getFalseValue()];
    values[op.getResult(0)] = chosen;
  } else if (auto compare = dyn_cast<arith::CmpIOp>(op)) {
    APInt lhs(64, get(compare.getLhs()), true), rhs(64, get(compare.getRhs()), true);
    values[compare.getResult()].begin = arith::applyCmpPredicate(compare.getPredicate(), lhs, rhs);
  } else if (isa<arith::IndexCastOp>(op)) {
    values[op.getResult(0)].begin = wrap(get(op.getOperand(0)), op.getResult(0).getType());
  } else if (isa<arith::DivSIOp>(op)) {
    values[op.getResult(0)].begin = get(op.getOperand(0)) / get(op.getOperand(1));
  } else if (auto dim = dyn_cast<memref::DimOp>(op)) {
    unsigned argument = cast<BlockArgument>(dim.getSource()).getArgNumber();
    values[dim.getResult()].begin = numbers.extents.at(argument)[get(dim.getIndex())];
  } else if (auto size = dyn_cast<SizeOp>(op)) {
    values[size.getSize()].begin = numbers.sizes.at(size.getIndex().str());
  } else if (auto rangeOp = dyn_cast<RangeOp>(op)) {
    if (get(rangeOp.getSize()) < 0)
      return false;
    values[rangeOp.getRange()] = range(get(rangeOp.getBegin()), get(rangeOp.getEnd()), get(rangeOp.getSize()));
  } else if (auto begin = dyn_cast<BeginOp>(op)) {
    values[begin.getBegin()].begin = get(begin.getRange());
  } else if (auto extent = dyn_cast<ExtentOp>(op)) {
    values[extent.getExtent()].begin = values[extent.getRange()].extent;
  } else if (auto shift = dyn_cast<ShiftOp>(op)) {
    Datum window = values[shift.getRange()];
    window.begin += get(shift.getBy());
    values[shift.getWindow()] = window;
  } else if (auto iota = dyn_cast<IotaOp>(op)) {
    Datum source = values[iota.getRange()], tile;
    for (int64_t lane = 0; lane != source.size; ++lane) {
      tile.lanes.push_back(static_cast<int32_t>(source.begin + lane));
      tile.exists.push_back(lane < source.extent);
    }
    values[iota.getValue()] = tile;
  } else if (auto full = dyn_cast<FullOp>(op)) {
    Datum source = values[full.getRanges().front()], tile;
    tile.lanes.assign(source.size, get(full.getScalar()));
    for (int64_t lane = 0; lane != source.size; ++lane)
      tile.exists.push_back(lane < source.extent);
    values[full.getValue()] = tile;
  } else if (op.getNumResults() != 0 && !isa<ReturnOp, YieldOp>(op)) {
    ADD_FAILURE() << "the oracle does not know " << op.getName().getStringRef().str();
  }
  return true;
}

std::optional<std::vector<Instance>> test::traceAccesses(KernelOp kernel, const Numbers &numbers) {
  Tracer tracer(numbers);
  for (auto [argument, value] : numbers.scalars)
    tracer.values[kernel.getBody().getArgument(argument)].begin = value;
  if (!tracer.run(kernel.getBody().front()))
    return std::nullopt;
  return tracer.instances;
}
