//===- Kernel.cpp - a kernel and its grids as functions ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel K becomes
//
//   int64_t K.run(int64_t *words, scalars.., char *workspace, TilecCallState *state, bool run)
//
// where `words` is what tilec_check_args filled. It returns the bytes of workspace that the call needs, and executes
// the grids only if `run` says so: the extents of temporaries may depend on anything that a kernel's scalars can
// express. Each grid is a function that tilec_parallel_for calls; what it uses of the kernel stands in an array of
// 8-byte slots. The workspace has a part for each worker's scratch, then the temporaries, and behind those that there
// are while a grid runs the sums of parts of its contractions (Split.cpp).
//
// The kernel op stays behind without a body, as the description of its parameters for the target's entry points.

#include "EmitterImpl.h"
#include "SharedCode.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

Emitter::Emitter(tile::KernelOp kernel, const TargetSpec &spec, bool contract, bool deterministic)
    : c(kernel->getParentOfType<ModuleOp>(), spec, contract), kernel(kernel), deterministic(deterministic),
      plan(dimRanges) {}

void Emitter::loadArguments(LLVM::LLVMFuncOp function) {
  Value words = function.getArgument(0);
  unsigned nextScalar = 1;
  int64_t word = 0;
  auto nextWord = [&](Type type) { return c.load(type, c.gep(words, c.i64(), c.index(word++))); };
  for (BlockArgument argument : kernel.getBody().getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    if (!type) {
      frame.scalars[argument] = widen(c, function.getArgument(nextScalar++), argument.getType());
      continue;
    }
    ArrayCode array{nextWord(c.ptr()), type.getElementType(), {}, {}};
    auto [strides, offset] = type.getStridesAndOffset();
    for (int64_t size : type.getShape()) {
      Value loaded = nextWord(c.i64());
      array.extents.push_back(ShapedType::isDynamic(size) ? loaded : c.index(size));
    }
    for (int64_t stride : strides) {
      Value loaded = nextWord(c.i64());
      array.strides.push_back(ShapedType::isDynamic(stride) ? loaded : c.index(stride));
    }
    frame.arrays[argument] = array;
  }
}

void Emitter::emitArray(tile::ArrayOp op) {
  auto type = cast<MemRefType>(op.getArray().getType());
  Value used = c.load(c.i64(), workspaceUsed);
  ArrayCode array{c.gep(workspace, c.i8(), used), type.getElementType(), {}, {}};
  unsigned next = 0;
  for (int64_t size : type.getShape())
    array.extents.push_back(ShapedType::isDynamic(size) ? scalar(op.getExtents()[next++]) : c.index(size));
  Value stride = c.index(1);
  // The number of elements once more, in floating point: it does not wrap.
  Type f64 = c.b.getF64Type();
  Value elements = arith::ConstantOp::create(c.b, c.loc, c.b.getF64FloatAttr(1));
  array.strides.resize(array.extents.size());
  for (size_t dim = array.extents.size(); dim-- > 0;) {
    array.strides[dim] = stride;
    Value extent = c.maxS(array.extents[dim], c.index(0));
    stride = c.mul(stride, extent);
    elements = arith::MulFOp::create(c.b, c.loc, elements, arith::SIToFPOp::create(c.b, c.loc, f64, extent));
  }
  Value bytes = c.roundUp(c.mulConst(stride, byteSize(storageType(array.element))), lineBytes);
  Value most = arith::ConstantOp::create(c.b, c.loc, c.b.getF64FloatAttr(0x1p50));
  Value fits = arith::CmpFOp::create(c.b, c.loc, arith::CmpFPredicate::OLT, elements, most);
  // No machine has so much: the call fails for want of memory.
  bytes = arith::SelectOp::create(c.b, c.loc, fits, bytes, c.index(int64_t(1) << 56));
  c.store(c.add(used, bytes), workspaceUsed);
  frame.arrays[op.getArray()] = array;
}

/// The bytes of one worker's scratch: a constant that is known when all grids have been written.
Value Emitter::scratchBytes() {
  // Until then a number that does not fold away.
  auto constant = arith::ConstantOp::create(c.b, c.loc, c.b.getI64IntegerAttr(3));
  scratchConstants.push_back(constant);
  return constant;
}

//===----------------------------------------------------------------------===//
// Grids
//===----------------------------------------------------------------------===//

/// All values of a frame that a grid uses, in a fixed order.
static SmallVector<Value *> piecesOf(Frame &frame, ArrayRef<Value> captured) {
  SmallVector<Value *> pieces;
  for (ReusedTiles &tiles : frame.reused) {
    pieces.append({&tiles.places, &tiles.workerBytes, &tiles.count});
    for (Value &count : tiles.counts)
      pieces.push_back(&count);
    for (ReusedTiles::Steps &steps : tiles.loops)
      pieces.append({&steps.lower, &steps.step, &steps.count});
  }
  for (Value value : captured) {
    if (auto it = frame.scalars.find(value); it != frame.scalars.end())
      pieces.push_back(&it->second);
    if (auto it = frame.ranges.find(value); it != frame.ranges.end())
      pieces.append({&it->second.begin, &it->second.extent});
    if (auto it = frame.arrays.find(value); it != frame.arrays.end()) {
      pieces.push_back(&it->second.base);
      for (Value &extent : it->second.extents)
        pieces.push_back(&extent);
      for (Value &stride : it->second.strides)
        pieces.push_back(&stride);
    }
  }
  return pieces;
}

/// Whether iterations add floats to elements that others may add to: their sums depend on who comes first.
static bool addsFloats(tile::GridOp grid) {
  return grid
      .walk([](tile::AtomicRMWOp op) {
        return op.getKind() == tile::AtomicKind::addf ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

bool loops::mayWait(tile::GridOp grid) {
  return grid
      .walk([](Operation *op) {
        auto load = dyn_cast<tile::LoadOp>(op);
        bool looks = load ? load.getOrdering() != tile::MemoryOrder::weak
                          : isa<tile::AtomicRMWOp, tile::AtomicCASOp>(op) && !op->getResult(0).use_empty();
        return looks ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

void Emitter::emitGrid(tile::GridOp grid) {
  plan = Plan(dimRanges);
  if (failed || mlir::failed(plan.compute(grid))) {
    failed = true;
    return;
  }
  GridBounds bounds;
  for (unsigned dim = 0; dim < grid.getRank(); ++dim) {
    bounds.lower.push_back(scalar(grid.getLower()[dim]));
    bounds.upper.push_back(scalar(grid.getUpper()[dim]));
    bounds.step.push_back(scalar(grid.getStep()[dim]));
  }
  SmallVector<StepChoice> choices = stepChoices(grid);
  planSplit(grid);
  balance(choices, bounds.lower, bounds.upper, bounds.step);
  Value total = c.index(1);
  for (unsigned dim = 0; dim < grid.getRank(); ++dim) {
    Value lower = bounds.lower[dim], upper = bounds.upper[dim], step = bounds.step[dim];
    Value count;
    APInt known;
    if (choices[dim].multiple || (matchPattern(step, m_ConstantInt(&known)) && !known.isZero())) {
      count = c.ceilDiv(c.sub(upper, lower), step);
    } else {
      // No iterations where the step is 0, which is undefined: division by it would end the process.
      Value isZero = c.cmpConst(arith::CmpIPredicate::eq, step, 0);
      Value divisor = c.select(isZero, c.index(1), step);
      count = c.select(isZero, c.index(0), c.ceilDiv(c.sub(upper, lower), divisor));
    }
    count = c.maxS(count, c.index(0));
    bounds.count.push_back(count);
    total = c.mul(total, count);
  }
  if (split) {
    split->tiles = total;
    total = c.mul(total, split->parts);
  }
  // What the body uses, as values of its own function.
  llvm::SetVector<Value> used;
  getUsedValuesDefinedAbove(grid.getBody(), used);
  SmallVector<Value> captured(used.begin(), used.end());
  Frame outer = frame, inner;
  for (Value value : captured) {
    if (outer.scalars.contains(value))
      inner.scalars[value] = outer.scalars[value];
    if (outer.ranges.contains(value))
      inner.ranges[value] = outer.ranges[value];
    if (outer.arrays.contains(value))
      inner.arrays[value] = outer.arrays[value];
  }
  Value workspaceHere = workspace;
  inner.state = outer.state;
  reuseOperands(grid, bounds, inner);
  if (split)
    placeSplit();
  SmallVector<Value *> pieces = piecesOf(inner, captured);
  pieces.append({&workspaceHere, &inner.state});
  for (SmallVector<Value> *list : {&bounds.lower, &bounds.upper, &bounds.step, &bounds.count})
    for (Value &value : *list)
      pieces.push_back(&value);
  if (split)
    pieces.append({&split->lower, &split->upper, &split->step, &split->count, &split->parts, &split->tiles,
                   &split->counters, &split->slots});

  auto emitCall = [&] {
    // Slots for what is not constant.
    SmallVector<std::pair<Value *, Attribute>> constants;
    SmallVector<Value *> slots;
    for (Value *piece : pieces) {
      Attribute constant;
      if (matchPattern(*piece, m_Constant(&constant)))
        constants.push_back({piece, constant});
      else
        slots.push_back(piece);
    }
    Value context = c.stackRoom(c.i64(), std::max<size_t>(slots.size(), 1), 8);
    for (auto [number, slot] : llvm::enumerate(slots))
      c.store(*slot, c.gep(context, c.i64(), c.index(number)));
    std::string name = (kernel.getSymName() + ".grid" + Twine(grids++)).str();
    Location callLoc = c.loc;
    auto type =
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(c.b.getContext()), {c.ptr(), c.i64(), c.i64(), c.i32()});
    LLVM::LLVMFuncOp function;
    {
      OpBuilder::InsertionGuard guard(c.b);
      c.b.setInsertionPoint(kernel);
      function = LLVM::LLVMFuncOp::create(c.b, grid.getLoc(), name, type, LLVM::Linkage::Internal);
    }
    Value address = LLVM::AddressOfOp::create(c.b, c.loc, c.ptr(), name);
    if (split)
      zeroCounters();
    if (deterministic && addsFloats(grid)) {
      Value worker = arith::ConstantOp::create(c.b, c.loc, c.b.getI32IntegerAttr(0));
      LLVM::CallOp::create(c.b, c.loc, function, ValueRange{context, c.index(0), total, worker});
    } else {
      Value inOrder = arith::ConstantOp::create(c.b, c.loc, c.b.getI32IntegerAttr(mayWait(grid)));
      c.call("tilec_parallel_for", {}, {total, address, context, inOrder});
    }

    // The body.
    OpBuilder::InsertionGuard guard(c.b);
    Code::Function host = c.function;
    Value hostRun = isRun;
    isRun = {};
    Block *entry = function.addEntryBlock(c.b);
    c.enterFunction(entry);
    for (auto [piece, constant] : constants)
      *piece = piece->getType().isInteger(64)
                   ? c.index(cast<IntegerAttr>(constant).getInt())
                   : arith::ConstantOp::create(c.b, c.loc, cast<TypedAttr>(constant)).getResult();
    for (auto [number, slot] : llvm::enumerate(slots))
      *slot = c.load(slot->getType(), c.gep(entry->getArgument(0), c.i64(), c.index(number)));
    Value worker = c.resize(entry->getArgument(3), c.i64(), true);
    inner.worker = worker;
    inner.scratch = c.gep(workspaceHere, c.i8(), c.mul(worker, scratchBytes()));
    frame = inner;
    auto loop = scf::ForOp::create(c.b, c.loc, entry->getArgument(1), entry->getArgument(2), c.index(1));
    if (!loop.getBody()->empty())
      loop.getBody()->back().erase();
    c.b.setInsertionPointToStart(loop.getBody());
    streams = false;
    emitGridBody(grid, loop.getInductionVar(), bounds);
    c.loc = grid.getLoc();
    scf::YieldOp::create(c.b, c.loc);
    c.b.setInsertionPointToEnd(entry);
    if (streams)
      LLVM::FenceOp::create(c.b, c.loc, LLVM::AtomicOrdering::seq_cst, StringRef());
    LLVM::ReturnOp::create(c.b, c.loc, ValueRange{});
    frame = outer;
    isRun = hostRun;
    c.function = host;
    c.loc = callLoc;
    return Value();
  };
  guarded(isRun, {}, emitCall);
  split.reset();
}

void Emitter::emitGridBody(tile::GridOp grid, Value number, const GridBounds &bounds) {
  if (split)
    beginPart(number);
  // Row-major: the last dim runs fastest.
  Value rest = number;
  frame.positions.resize(grid.getRank());
  for (unsigned dim = grid.getRank(); dim-- > 0;) {
    Value position = rest;
    if (dim > 0) {
      position = c.op<arith::RemUIOp>(rest, bounds.count[dim]);
      rest = c.op<arith::DivUIOp>(rest, bounds.count[dim]);
    }
    frame.positions[dim] = position;
    Value begin = c.add(bounds.lower[dim], c.mul(position, bounds.step[dim]));
    BlockArgument index = grid.getIndex(dim);
    if (isa<tile::RangeType>(index.getType()))
      frame.ranges[index] = {begin, c.minS(bounds.step[dim], c.sub(bounds.upper[dim], begin))};
    else
      frame.scalars[index] = begin;
  }
  scratchUsed = 0;
  if (split)
    emitSplitBlock(grid.getBody().front());
  else
    emitBlock(grid.getBody().front());
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

LogicalResult Emitter::run() {
  SmallVector<Type> types{c.ptr()};
  for (BlockArgument argument : kernel.getBody().getArguments())
    if (!isa<MemRefType>(argument.getType()))
      types.push_back(argument.getType().isIndex() ? c.i64() : storageType(argument.getType()));
  types.append({c.ptr(), c.ptr(), c.i1()});
  c.loc = kernel.getLoc();
  c.b.setInsertionPoint(kernel);
  auto function = LLVM::LLVMFuncOp::create(c.b, c.loc, (kernel.getSymName() + ".run").str(),
                                           LLVM::LLVMFunctionType::get(c.i64(), types), LLVM::Linkage::Internal);
  Block *entry = function.addEntryBlock(c.b);
  c.enterFunction(entry);
  unsigned count = entry->getNumArguments();
  workspace = entry->getArgument(count - 3);
  frame.state = entry->getArgument(count - 2);
  isRun = entry->getArgument(count - 1);
  workspaceUsed = LLVM::AllocaOp::create(c.b, c.loc, c.ptr(), c.i64(), c.index(1), 8);
  workspacePeak = LLVM::AllocaOp::create(c.b, c.loc, c.ptr(), c.i64(), c.index(1), 8);
  c.store(c.index(0), workspacePeak);
  loadArguments(function);
  workers = c.resize(c.call("tilec_max_workers", c.i32(), {}), c.i64(), true);
  c.store(c.mul(workers, scratchBytes()), workspaceUsed);
  emitBlock(kernel.getBody().front());
  c.loc = kernel.getLoc();
  LLVM::ReturnOp::create(c.b, c.loc,
                         ValueRange{c.maxS(c.load(c.i64(), workspaceUsed), c.load(c.i64(), workspacePeak))});
  for (arith::ConstantOp constant : scratchConstants)
    constant.setValueAttr(c.b.getI64IntegerAttr(scratchNeeded));
  if (failed)
    return failure();
  shareEqualCode(c.module, kernel, (kernel.getSymName() + ".shared").str());
  // Only the description of the parameters stays.
  Block &body = kernel.getBody().front();
  while (!body.empty())
    body.back().erase();
  c.b.setInsertionPointToEnd(&body);
  tile::ReturnOp::create(c.b, kernel.getLoc());
  return success();
}
