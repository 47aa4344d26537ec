//===- InterpretControl.cpp - grids, loops, ranges and checks ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The ops that say what runs, how often and on which range.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

//===----------------------------------------------------------------------===//
// tunables
//===----------------------------------------------------------------------===//

/// What the kernel's config, or else the options', says about one of `names`, the first name first.
static std::optional<int64_t> configured(Machine &machine, ArrayRef<std::string> names) {
  DictionaryAttr config = machine.getKernel().getConfigAttr();
  for (const std::string &name : names)
    if (auto value = config ? config.getAs<IntegerAttr>(name) : IntegerAttr())
      return value.getInt();
  for (const std::string &name : names)
    if (auto found = machine.getOptions().config.find(name); found != machine.getOptions().config.end())
      return found->second;
  return std::nullopt;
}

/// The size of an index that nothing configures. Loops of many indices get small tiles: the size is to the power of
/// their number what a tile takes.
static int64_t defaultSize(Machine &machine, tile::SizeOp op) {
  int64_t size = machine.getOptions().defaultSize;
  unsigned indices = 0;
  for (auto other : op->getBlock()->getOps<tile::SizeOp>())
    indices += other.getLoop() == op.getLoop();
  return indices > 4 ? std::min<int64_t>(size, 2) : size;
}

static LogicalResult evalSize(Machine &machine, tile::SizeOp op) {
  std::string index = op.getIndex().str(), kernel = machine.getKernel().getSymName().str();
  std::string inLoop = op.getLoop().str() + "." + index, inKernel = kernel + "." + index;
  int64_t size = configured(machine, {inLoop, inKernel, index}).value_or(defaultSize(machine, op));
  if (size < 1)
    return machine.report(InterpreterError::Kind::Call, op,
                          "the size of tile index '" + index + "' must be positive, not " + Twine(size));
  machine.set(op.getSize(), Datum(static_cast<uint64_t>(size)));
  return success();
}

static LogicalResult evalTunable(Machine &machine, tile::TunableOp op) {
  std::string name = op.getName().str(), kernel = machine.getKernel().getSymName().str();
  int64_t value = configured(machine, {kernel + "." + name, name}).value_or(op.getValues().front());
  machine.set(op.getValue(), Datum(lowBits(value, 32)));
  return success();
}

//===----------------------------------------------------------------------===//
// ranges
//===----------------------------------------------------------------------===//

/// Fails unless a run-time size is what the type says.
static LogicalResult checkSize(Machine &machine, Operation *op, tile::RangeType type, int64_t size) {
  if (size < 0)
    return machine.fail(op, "a tile of size " + Twine(size));
  if (!type.isDynamic() && type.getSize() != size)
    return machine.failInternally(op,
                                  "a range of size " + Twine(size) + " has a type of size " + Twine(type.getSize()));
  return success();
}

static LogicalResult evalRange(Machine &machine, tile::RangeOp op) {
  FailureOr<int64_t> begin = machine.getScalar(op, op.getBegin());
  FailureOr<int64_t> end = machine.getScalar(op, op.getEnd());
  FailureOr<int64_t> size = machine.getScalar(op, op.getSize());
  if (failed(begin) || failed(end) || failed(size) || failed(checkSize(machine, op, op.getRange().getType(), *size)))
    return failure();
  machine.set(op.getRange(), Datum(clippedRange(*begin, *end, *size)));
  return success();
}

static LogicalResult evalBegin(Machine &machine, tile::BeginOp op) {
  machine.set(op.getBegin(), Datum(static_cast<uint64_t>(machine.getRange(op.getRange()).begin)));
  return success();
}

static LogicalResult evalExtent(Machine &machine, tile::ExtentOp op) {
  machine.set(op.getExtent(), Datum(static_cast<uint64_t>(machine.getRange(op.getRange()).extent)));
  return success();
}

static LogicalResult evalShift(Machine &machine, tile::ShiftOp op) {
  FailureOr<int64_t> by = machine.getScalar(op, op.getBy());
  if (failed(by))
    return failure();
  RangeValue window = machine.getRange(op.getRange());
  window.begin += *by;
  machine.set(op.getWindow(), Datum(window));
  return success();
}

static LogicalResult evalDim(Machine &machine, memref::DimOp op) {
  FailureOr<int64_t> dim = machine.getScalar(op, op.getIndex());
  if (failed(dim))
    return failure();
  Array *array = machine.get(op.getSource()).array;
  if (!array || *dim < 0 || *dim >= static_cast<int64_t>(array->extents().size()))
    return machine.failInternally(op, "a dim that the array does not have");
  machine.set(op.getResult(), Datum(static_cast<uint64_t>(array->extents()[*dim])));
  return success();
}

//===----------------------------------------------------------------------===//
// grids
//===----------------------------------------------------------------------===//

/// How many iterations run from `lower` by `step`, which is not 0, before `upper`.
static int64_t iterationCount(int64_t lower, int64_t upper, int64_t step) {
  if (step > 0 ? upper <= lower : upper >= lower)
    return 0;
  // Differences of 64-bit integers fit without a sign.
  uint64_t from = lower, to = upper, by = step;
  uint64_t count = step > 0 ? (to - from - 1) / by + 1 : (from - to - 1) / -by + 1;
  return static_cast<int64_t>(std::min<uint64_t>(count, INT64_MAX));
}

static LogicalResult evalGrid(Machine &machine, tile::GridOp op) {
  GridBounds bounds;
  for (unsigned d = 0, e = op.getRank(); d != e; ++d) {
    FailureOr<int64_t> from = machine.getScalar(op, op.getLower()[d]), to = machine.getScalar(op, op.getUpper()[d]);
    FailureOr<int64_t> by = machine.getScalar(op, op.getStep()[d]);
    if (failed(from) || failed(to) || failed(by))
      return failure();
    auto range = dyn_cast<tile::RangeType>(op.getIndex(d).getType());
    if (range && (*by < 1 || failed(checkSize(machine, op, range, *by))))
      return *by < 1 ? machine.fail(op, "tiles of size " + Twine(*by)) : failure();
    if (*by == 0)
      return machine.fail(op, "a range with a step of 0");
    bounds.lower.push_back(*from);
    bounds.upper.push_back(*to);
    bounds.step.push_back(*by);
    bounds.counts.push_back(iterationCount(*from, *to, *by));
  }
  FailureOr<TokenPtr> token = machine.getScheduler().reach(op, std::move(bounds), machine.getToken(op.getAfter()));
  if (failed(token))
    return failure();
  machine.set(op.getToken(), Datum(std::move(*token)));
  return success();
}

//===----------------------------------------------------------------------===//
// sequential control
//===----------------------------------------------------------------------===//

/// Binds `targets` to what `sources` hold, all at once: a source may be a target.
static void assign(Machine &machine, ValueRange targets, ValueRange sources) {
  SmallVector<Datum> held;
  for (Value source : sources)
    held.push_back(machine.get(source));
  for (auto [target, datum] : llvm::zip_equal(targets, held))
    machine.set(target, std::move(datum));
}

/// Starts iteration `loop.done`, or ends the loop.
static Block *iterate(Machine &machine, scf::ForOp op, const Loop &loop) {
  if (loop.done >= loop.count) {
    assign(machine, op.getResults(), op.getRegionIterArgs());
    return nullptr;
  }
  unsigned width = elementWidth(op.getInductionVar().getType());
  machine.set(op.getInductionVar(), Datum(lowBits(loop.lower + loop.done * loop.step, width)));
  return op.getBody();
}

static FailureOr<Block *> enterFor(Machine &machine, scf::ForOp op, Loop &loop) {
  FailureOr<int64_t> lower = machine.getScalar(op, op.getLowerBound());
  FailureOr<int64_t> upper = machine.getScalar(op, op.getUpperBound());
  FailureOr<int64_t> step = machine.getScalar(op, op.getStep());
  if (failed(lower) || failed(upper) || failed(step))
    return failure();
  if (*step <= 0)
    return machine.fail(op, "a loop with a step of " + Twine(*step));
  loop = {*lower, *step, iterationCount(*lower, *upper, *step), 0};
  assign(machine, op.getRegionIterArgs(), op.getInitArgs());
  return iterate(machine, op, loop);
}

static FailureOr<Block *> nextFor(Machine &machine, scf::ForOp op, Loop &loop) {
  assign(machine, op.getRegionIterArgs(), op.getBody()->getTerminator()->getOperands());
  ++loop.done;
  return iterate(machine, op, loop);
}

/// Binds the results of an op that runs one block to what that yields.
template <typename OpTy> static FailureOr<Block *> yieldResults(Machine &machine, OpTy op, Loop &) {
  assign(machine, op->getResults(), machine.getBlock()->getTerminator()->getOperands());
  return nullptr;
}

static FailureOr<Block *> enterIf(Machine &machine, scf::IfOp op, Loop &) {
  FailureOr<int64_t> condition = machine.getScalar(op, op.getCondition());
  if (failed(condition))
    return failure();
  return *condition ? op.thenBlock() : op.elseBlock();
}

static FailureOr<Block *> enterWhile(Machine &machine, scf::WhileOp op, Loop &) {
  assign(machine, op.getBeforeArguments(), op.getInits());
  return op.getBeforeBody();
}

static FailureOr<Block *> nextWhile(Machine &machine, scf::WhileOp op, Loop &) {
  if (machine.getBlock() == op.getAfterBody()) {
    assign(machine, op.getBeforeArguments(), op.getYieldOp().getOperands());
    return op.getBeforeBody();
  }
  scf::ConditionOp test = op.getConditionOp();
  FailureOr<int64_t> goesOn = machine.getScalar(test, test.getCondition());
  if (failed(goesOn))
    return failure();
  assign(machine, *goesOn ? ValueRange(op.getAfterArguments()) : ValueRange(op.getResults()), test.getArgs());
  return *goesOn ? op.getAfterBody() : nullptr;
}

static FailureOr<Block *> enterExecuteRegion(Machine &machine, scf::ExecuteRegionOp op, Loop &) {
  if (!op.getRegion().hasOneBlock())
    return machine.failInternally(op, "a region of several blocks");
  return &op.getRegion().front();
}

static FailureOr<Block *> enterIndexSwitch(Machine &machine, scf::IndexSwitchOp op, Loop &) {
  FailureOr<int64_t> selector = machine.getScalar(op, op.getArg());
  if (failed(selector))
    return failure();
  for (auto [i, value] : llvm::enumerate(op.getCases()))
    if (value == *selector)
      return &op.getCaseBlock(i);
  return &op.getDefaultBlock();
}

//===----------------------------------------------------------------------===//
// checks, and values that do not matter
//===----------------------------------------------------------------------===//

static LogicalResult evalAssert(Machine &machine, tile::AssertOp op) {
  const Datum &condition = machine.get(op.getCondition());
  SmallVector<int64_t> extents;
  for (Value range : op.getOver())
    extents.push_back(machine.getRange(range).extent);
  SmallVector<int64_t, 4> strides = rowMajorStrides(condition.dims());
  for (Odometer index(extents); index; ++index) {
    int64_t lane = linearIndex(*index, strides);
    if (const LaneState *states = condition.laneStates(); states && states[lane] != LaneState::Defined)
      return machine.failUndefined(op, states[lane], "a condition");
    if (!condition.lanes()[lane])
      return machine.fail(op, "assertion failed: " + op.getMessage());
  }
  return success();
}

static LogicalResult evalAssume(Machine &machine, tile::AssumeOp op) {
  FailureOr<int64_t> condition = machine.getScalar(op, op.getCondition());
  if (failed(condition))
    return failure();
  return *condition ? success() : machine.fail(op, "an assumption is false");
}

static LogicalResult evalPoison(Machine &machine, ub::PoisonOp op) {
  auto tensor = dyn_cast<RankedTensorType>(op.getType());
  if (!tensor) {
    machine.set(op.getResult(), Datum(uint64_t(0), LaneState::Poison));
    return success();
  }
  if (!tensor.hasStaticShape())
    return machine.failInternally(op, "a tile without value, of unknown dims");
  TilePtr tile = machine.makeTile(op, tensor.getShape());
  if (!tile)
    return failure();
  tile->states.assign(tile->size(), LaneState::Poison);
  machine.set(op.getResult(), Datum(std::move(tile)));
  return success();
}

void tilec::interpreter::addControlOps(HandlerTable &table) {
  table.add<evalSize>();
  table.add<evalTunable>();
  table.add<evalRange>();
  table.add<evalBegin>();
  table.add<evalExtent>();
  table.add<evalShift>();
  table.add<evalDim>();
  table.add<evalGrid>();
  table.addControl<enterFor, nextFor>();
  table.addControl<enterIf, yieldResults<scf::IfOp>>();
  table.addControl<enterWhile, nextWhile>();
  table.addControl<enterExecuteRegion, yieldResults<scf::ExecuteRegionOp>>();
  table.addControl<enterIndexSwitch, yieldResults<scf::IndexSwitchOp>>();
  table.add<evalAssert>();
  table.add<evalAssume>();
  table.add<evalPoison>();
}
