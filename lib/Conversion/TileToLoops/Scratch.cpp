//===- Scratch.cpp - tiles that are kept ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Buffers live in a worker's part of the workspace, at offsets fixed here. They are freed when the block that made them
// ends: what outlives a block is written to buffers of the block around it.

#include "EmitterImpl.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// More than any machine has: a call that asks for it fails for want of memory.
static constexpr int64_t mostBytes = int64_t(1) << 50;

/// Bytes after which addresses come to the same set of the first cache again.
static constexpr int64_t pageBytes = 4096;

Value Emitter::allocateBytes(int64_t bytes) {
  if (!frame.scratch) {
    // Outside of grids there are scalars only: what a print needs of them fits on the stack.
    OpBuilder::InsertionGuard guard(c.b);
    Value size = c.index(bytes);
    c.b.setInsertionPointAfterValue(size);
    return LLVM::AllocaOp::create(c.b, c.loc, c.ptr(), c.i8(), size, lineBytes);
  }
  Value address = c.gep(frame.scratch, c.i8(), c.index(scratchUsed));
  scratchUsed += llvm::alignTo(bytes, lineBytes);
  scratchNeeded = std::max(scratchNeeded, scratchUsed);
  return address;
}

Buffer Emitter::allocate(RankedTensorType type, bool padRows) {
  auto [buffer, bytes] = layOut(type, padRows);
  buffer.base = allocateBytes(bytes);
  return buffer;
}

std::pair<Buffer, int64_t> Emitter::layOut(RankedTensorType type, bool padRows) {
  Buffer buffer;
  buffer.element = type.getElementType();
  buffer.strides.resize(type.getRank());
  int64_t bytes = byteSize(scratchType(buffer.element)), size = 1;
  for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
    buffer.strides[dim] = size;
    int64_t extent = type.getDimSize(dim);
    if (ShapedType::isDynamic(extent)) {
      // The plan has reported it.
      failed = true;
      extent = 1;
    }
    if (padRows && dim == type.getRank() - 1 && extent > 1 && type.getRank() > 1) {
      // Whole vectors to a row, which contractions rely on.
      if (bytes >= 4)
        extent = llvm::alignTo(extent, c.spec.lanes(bytes));
      // Rows whole pages apart would share a few sets of the first cache.
      if (extent % (pageBytes / bytes) == 0)
        extent += lineBytes / bytes;
    }
    if (llvm::MulOverflow(size, extent, size) || size > mostBytes / 8)
      size = mostBytes / 8;
  }
  return {buffer, size * bytes};
}

/// The carriers of a constant's elements, in the module's constant data.
Buffer Emitter::constantBuffer(DenseElementsAttr constant) {
  auto type = cast<RankedTensorType>(constant.getType());
  Type element = type.getElementType(), scratch = scratchType(element);
  SmallVector<Attribute> carriers;
  for (Attribute number : constant.getValues<Attribute>()) {
    if (auto integer = dyn_cast<IntegerAttr>(number)) {
      // A true i1 is 1.
      bool isBool = element.isInteger(1);
      unsigned width = scratch.getIntOrFloatBitWidth();
      const APInt &value = integer.getValue();
      carriers.push_back(IntegerAttr::get(scratch, isBool ? value.zext(width) : value.sextOrTrunc(width)));
      continue;
    }
    APFloat converted = cast<FloatAttr>(number).getValue();
    bool losesInfo = false;
    converted.convert(cast<FloatType>(scratch).getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
    carriers.push_back(FloatAttr::get(scratch, converted));
  }
  Buffer buffer;
  buffer.element = element;
  buffer.strides.assign(type.getRank(), 1);
  for (int64_t dim = type.getRank() - 2; dim >= 0; --dim)
    buffer.strides[dim] = buffer.strides[dim + 1] * type.getDimSize(dim + 1);
  buffer.base = c.array(DenseElementsAttr::get(RankedTensorType::get(carriers.size(), scratch), carriers));
  return buffer;
}

/// The offset of an element, and the dim that lanes run along.
static std::pair<Value, int> bufferOffset(Code &c, const Buffer &buffer, ArrayRef<Index> at) {
  Value offset = c.index(0);
  int along = -1;
  for (auto [dim, index] : llvm::enumerate(at)) {
    offset = c.add(offset, c.mulConst(index.base, buffer.strides[dim]));
    if (index.lanes)
      along = static_cast<int>(dim);
  }
  return {offset, along};
}

/// Where each lane's element is.
static Value lanePointers(Code &c, const Buffer &buffer, ArrayRef<Index> at, int along) {
  Type type = scratchType(buffer.element);
  int64_t lanes = at[along].lanes;
  Value first = c.gep(buffer.base, type, bufferOffset(c, buffer, at).first);
  return c.gep(first, type, c.mulConst(c.iota(c.i64(), lanes), buffer.strides[along]));
}

Value Emitter::loadBuffer(const Buffer &buffer, ArrayRef<Index> at) {
  Type type = scratchType(buffer.element);
  auto [offset, along] = bufferOffset(c, buffer, at);
  Value stored, mask = along < 0 ? Value() : at[along].mask;
  IntegerAttr alignment = c.b.getI32IntegerAttr(byteSize(type));
  if (mask) {
    Type lanes = Code::withLanes(type, at[along].lanes);
    Value none = c.zeroLike(lanes);
    if (buffer.strides[along] == 1)
      stored = LLVM::MaskedLoadOp::create(c.b, c.loc, lanes, c.gep(buffer.base, type, offset), mask, none, alignment);
    else
      stored = LLVM::masked_gather::create(c.b, c.loc, lanes, lanePointers(c, buffer, at, along), mask,
                                           ValueRange(none), alignment);
  } else if (along < 0 || buffer.strides[along] == 1) {
    int64_t lanes = along < 0 ? 0 : at[along].lanes;
    stored = c.load(Code::withLanes(type, lanes), c.gep(buffer.base, type, offset));
  } else {
    int64_t lanes = at[along].lanes;
    stored = c.zeroLike(Code::withLanes(type, lanes));
    for (int64_t lane = 0; lane < lanes; ++lane) {
      Value address = c.gep(buffer.base, type, c.addConst(offset, lane * buffer.strides[along]));
      stored = c.insert(c.load(type, address), stored, lane);
    }
  }
  return buffer.element.isInteger(1) ? widen(c, stored, buffer.element) : stored;
}

void Emitter::storeBuffer(Value value, const Buffer &buffer, ArrayRef<Index> at) {
  Type type = scratchType(buffer.element);
  auto [offset, along] = bufferOffset(c, buffer, at);
  if (buffer.element.isInteger(1))
    value = narrow(c, value, buffer.element);
  if (along < 0)
    return c.store(value, c.gep(buffer.base, type, offset));
  int64_t lanes = at[along].lanes;
  value = c.splat(value, lanes);
  if (Value mask = at[along].mask) {
    IntegerAttr alignment = c.b.getI32IntegerAttr(byteSize(type));
    if (buffer.strides[along] == 1)
      LLVM::MaskedStoreOp::create(c.b, c.loc, value, c.gep(buffer.base, type, offset), mask, alignment);
    else
      LLVM::masked_scatter::create(c.b, c.loc, value, lanePointers(c, buffer, at, along), mask, alignment);
    return;
  }
  if (buffer.strides[along] == 1)
    return c.store(value, c.gep(buffer.base, type, offset));
  for (int64_t lane = 0; lane < lanes; ++lane)
    c.store(c.extract(value, lane), c.gep(buffer.base, type, c.addConst(offset, lane * buffer.strides[along])));
}

void Emitter::materialise(Value tile, const Buffer &target) {
  RankedTensorType type = tileType(tile);
  Root root(*this);
  int dim = vectorDim(type.getShape());
  int64_t lanes = dim < 0 ? 0 : chooseLanes(tile, type.getDimSize(dim), restOfRow());
  forEach(
      extents(tile), dim, lanes, [&](ArrayRef<Index> at) { storeBuffer(element(tile, at), target, at); }, restOfRow());
}

/// Whether computing the lazy `value` computes `tile`.
static bool needs(Value value, Value tile, const Plan &plan, unsigned depth = 16) {
  if (value == tile || !depth)
    return true;
  Operation *op = value.getDefiningOp();
  if (!op || !tileType(value) || plan.isKept(value))
    return false;
  return llvm::any_of(op->getOperands(), [&](Value operand) { return needs(operand, tile, plan, depth - 1); });
}

bool Emitter::isReducedNext(Value tile) {
  // Ops between that emit nothing where they stand, or tiles that do not need this one.
  auto isBetween = [&](Operation *op) {
    if (isa<arith::ConstantOp>(op))
      return true;
    if (op->getNumResults() != 1 || !tileType(op->getResult(0)))
      return false;
    bool isOther = isElementwise(op) &&
                   llvm::none_of(op->getOperands(), [&](Value operand) { return needs(operand, tile, plan); });
    return !plan.isKept(op->getResult(0)) || isOther;
  };
  Operation *op = tile.getDefiningOp()->getNextNode();
  while (op && isBetween(op))
    op = op->getNextNode();
  auto reduce = dyn_cast_or_null<tile::ReduceOp>(op);
  return reduce && reduce.getTiles().size() == 1 && reduce.getTiles().front() == tile;
}

void Emitter::copy(const Buffer &source, const Buffer &target, ArrayRef<Value> extents, RankedTensorType type) {
  Root root(*this);
  int dim = vectorDim(type.getShape());
  int64_t bytes = byteSize(scratchType(source.element));
  int64_t lanes = dim < 0 ? 0 : c.spec.lanes(bytes);
  while (lanes > 1 && lanes > type.getDimSize(dim))
    lanes /= 2;
  forEach(extents, dim, lanes < 2 ? 0 : lanes,
          [&](ArrayRef<Index> at) { storeBuffer(loadBuffer(source, at), target, at); });
}

Emitter::Reads Emitter::reads(Value tile, const Buffer &buffer, bool aligned) {
  if (!tileType(tile))
    return Reads::Nothing;
  if (auto it = frame.buffers.find(tile); it != frame.buffers.end()) {
    if (it->second.base != buffer.base)
      return Reads::Nothing;
    return aligned ? Reads::Pointwise : Reads::Anywhere;
  }
  Operation *op = tile.getDefiningOp();
  if (!op || plan.isKept(tile))
    return Reads::Nothing; // Not computed yet: its own op reads what it reads.
  Reads result = Reads::Nothing;
  for (Value operand : op->getOperands())
    result = std::max(result, reads(operand, buffer, aligned && isElementwise(op)));
  return result;
}

void Emitter::assign(ArrayRef<Assignment> assignments) {
  struct Pending {
    Value source;
    Buffer target;
    std::optional<Buffer> saved;
  };
  SmallVector<Pending> pending;
  for (const Assignment &assignment : assignments) {
    auto it = frame.buffers.find(assignment.source);
    if (it == frame.buffers.end() || it->second.base != assignment.target.base)
      pending.push_back({assignment.source, assignment.target, std::nullopt});
  }
  auto readsOf = [&](const Pending &from, const Buffer &buffer) {
    return from.saved ? Reads::Nothing : reads(from.source, buffer);
  };
  auto write = [&](const Pending &one, const Buffer &target) {
    if (one.saved)
      copy(*one.saved, target, extents(one.source), tileType(one.source));
    else
      materialise(one.source, target);
  };
  while (!pending.empty()) {
    // One whose target nobody else reads any more.
    auto free = llvm::find_if(pending, [&](Pending &one) {
      return readsOf(one, one.target) != Reads::Anywhere && llvm::all_of(pending, [&](Pending &other) {
               return &other == &one || readsOf(other, one.target) == Reads::Nothing;
             });
    });
    if (free != pending.end()) {
      write(*free, free->target);
      pending.erase(free);
      continue;
    }
    // A cycle: compute one value aside.
    auto victim = llvm::find_if(pending, [](Pending &one) { return !one.saved; });
    Buffer aside = allocate(tileType(victim->source));
    write(*victim, aside);
    victim->saved = aside;
  }
}
