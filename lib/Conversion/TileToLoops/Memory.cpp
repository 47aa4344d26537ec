//===- Memory.cpp - accesses to arrays ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An access at some indices is one element, a vector of consecutive ones, or a gather or scatter. Where a mask is false
// or a window leaves the array, nothing is touched.

#include "EmitterImpl.h"
#include "Halves.h"
#include "SharedCode.h"
#include "Strided.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;
using arith::CmpIPredicate;

Value Emitter::guarded(Value condition, Value otherwise, llvm::function_ref<Value()> then) {
  SmallVector<Type, 1> types;
  if (otherwise)
    types.push_back(otherwise.getType());
  auto branch = scf::IfOp::create(c.b, c.loc, types, condition, /*withElseRegion=*/static_cast<bool>(otherwise));
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  Value value = then();
  if (!otherwise)
    return {};
  scf::YieldOp::create(c.b, c.loc, value);
  c.b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(c.b, c.loc, otherwise);
  return branch.getResult(0);
}

void Emitter::either(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise) {
  auto branch = scf::IfOp::create(c.b, c.loc, condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(c.b);
  c.b.setInsertionPointToStart(branch.thenBlock());
  then();
  c.b.setInsertionPointToStart(branch.elseBlock());
  otherwise();
}

Value Emitter::shareable(Type result, llvm::function_ref<Value()> code) {
  auto region = Shareable::create(c.b, c.loc, result ? TypeRange(result) : TypeRange());
  OpBuilder::InsertionGuard guard(c.b);
  llvm::SaveAndRestore rooms(c.function.rooms, c.b.createBlock(&region.getRegion()));
  Root root(*this);
  Value value = code();
  scf::YieldOp::create(c.b, c.loc, result ? ValueRange(value) : ValueRange());
  return result ? region.getResult(0) : Value();
}

Emitter::Address Emitter::address(Value array, ValueRange subscripts, Value mask, ArrayRef<Index> at, bool writes) {
  const ArrayCode &code = frame.arrays.find(array)->second;
  Value uniform = c.index(0), varying;
  Address result;
  int64_t lanes = lanesAt(at);
  auto require = [&](Value condition) {
    if (result.mask)
      condition = c.bitAnd(c.splat(result.mask, Code::lanes(condition)), c.splat(condition, Code::lanes(result.mask)));
    result.mask = condition;
  };
  auto vary = [&](Value offsets) { varying = varying ? c.add(varying, offsets) : offsets; };
  if (mask)
    require(element(mask, at));
  unsigned dim = 0;
  bool sawTile = false;
  SmallVector<Index> tileIndices;
  auto *withLanes = llvm::find_if(at, [](const Index &index) { return index.lanes != 0; });
  std::optional<int64_t> step;
  if (lanes)
    step = accessedStep(code, subscripts, withLanes - at.begin(), mask || maskAt(at), writes);
  if (step) {
    result.lanes = lanes;
    result.step = *step;
  }
  for (auto [position, subscript] : llvm::enumerate(subscripts)) {
    Value stride = code.strides[position];
    if (subscript.getType().isIndex()) {
      uniform = c.add(uniform, c.mul(scalar(subscript), stride));
      continue;
    }
    if (RankedTensorType type = tileType(subscript)) {
      // All integer tiles share their dims, which stand where the first of them stands.
      if (!sawTile) {
        llvm::append_range(tileIndices, at.slice(dim, type.getRank()));
        // The lanes' distance is known: the first of them says where all are.
        for (Index &index : tileIndices)
          index = step ? Index{index.base} : index;
        dim += type.getRank();
        sawTile = true;
      }
      Value index = element(subscript, tileIndices);
      if (step && *step < 0 && position + 1 == subscripts.size())
        index = c.addConst(index, *step * (lanes - 1)); // As narrow as the tile: the first lane's may have wrapped.
      index = c.resize(index, c.i64());
      if (Code::lanes(index))
        vary(c.mul(index, c.splat(stride, lanes)));
      else
        uniform = c.add(uniform, c.mul(index, stride));
      continue;
    }
    Index index = at[dim++];
    bool isWindow = isa<tile::WindowType>(subscript.getType());
    Value first = c.add(frame.ranges.lookup(subscript).begin, index.base);
    if (isWindow) {
      Value where = index.lanes ? c.add(c.splat(first, lanes), c.iota(c.i64(), lanes)) : first;
      // As unsigned numbers, negative ones are too large as well.
      require(c.cmp(CmpIPredicate::ult, where, c.splat(code.extents[position], index.lanes)));
    }
    uniform = c.add(uniform, c.mul(first, stride));
    if (!index.lanes)
      continue;
    APInt constant;
    if (matchPattern(stride, m_ConstantInt(&constant)) && constant.isOne())
      result.lanes = lanes;
    else
      vary(c.mul(c.iota(c.i64(), lanes), c.splat(stride, lanes)));
  }
  Type storage = storageType(code.element);
  if (varying) {
    if (result.lanes) {
      varying = c.add(varying, c.iota(c.i64(), lanes));
      result.lanes = 0;
    }
    result.pointers = c.gep(c.gep(code.base, storage, uniform), storage, varying);
  } else {
    result.pointer = c.gep(code.base, storage, uniform);
  }
  // One element for all lanes is there whichever lanes are.
  Value lanesThere = maskAt(at);
  if (lanesThere && (varying || result.lanes || (result.mask && Code::lanes(result.mask))))
    require(lanesThere);
  return result;
}

Value Emitter::emitLoad(tile::LoadOp op, ArrayRef<Index> at) {
  return widen(c, loadStored(op, at), getElementTypeOrSelf(op.getValue()));
}

Value Emitter::loadStored(tile::LoadOp op, ArrayRef<Index> at) {
  Type element = getElementTypeOrSelf(op.getValue()), storage = storageType(element);
  Address where = address(op.getArray(), op.getSubscripts(), op.getMask(), at);
  Value pad;
  if (where.mask)
    pad = op.getPad() ? narrow(c, scalar(op.getPad()), element) : c.zeroLike(storage);
  int64_t alignment = byteSize(element);
  Value stored;
  int64_t lanes = std::max(where.lanes, where.mask ? Code::lanes(where.mask) : 0);
  if (where.step != 1) {
    stored = loadStrided(where, storage, pad);
  } else if (where.pointers) {
    lanes = Code::lanes(where.pointers);
    Type type = Code::withLanes(storage, lanes);
    Value mask = where.mask ? c.splat(where.mask, lanes) : c.intLike(Code::withLanes(c.i1(), lanes), 1);
    SmallVector<Value> passThrough;
    if (pad)
      passThrough.push_back(c.splat(pad, lanes));
    stored = LLVM::masked_gather::create(c.b, c.loc, type, where.pointers, mask, passThrough,
                                         c.b.getI32IntegerAttr(alignment));
  } else if (where.lanes && where.mask) {
    stored =
        LLVM::MaskedLoadOp::create(c.b, c.loc, Code::withLanes(storage, lanes), where.pointer,
                                   c.splat(where.mask, lanes), c.splat(pad, lanes), c.b.getI32IntegerAttr(alignment));
  } else if (where.mask && lanes) {
    // One element that some lanes see.
    Value any = vector::ReductionOp::create(c.b, c.loc, vector::CombiningKind::OR, where.mask);
    Value one = guarded(any, pad, [&] { return c.load(storage, where.pointer); });
    stored = c.select(where.mask, one, pad);
  } else if (where.mask) {
    stored = guarded(where.mask, pad, [&] { return c.load(storage, where.pointer); });
  } else {
    stored = c.load(Code::withLanes(storage, where.lanes), where.pointer);
  }
  return stored;
}

/// A load or store of one element that other threads may access at the same time.
static LLVM::AtomicOrdering ordering(tile::MemoryOrder order) {
  switch (order) {
  case tile::MemoryOrder::weak:
    return LLVM::AtomicOrdering::not_atomic;
  case tile::MemoryOrder::relaxed:
    return LLVM::AtomicOrdering::monotonic;
  case tile::MemoryOrder::acquire:
    return LLVM::AtomicOrdering::acquire;
  case tile::MemoryOrder::release:
    return LLVM::AtomicOrdering::release;
  case tile::MemoryOrder::acq_rel:
    return LLVM::AtomicOrdering::acq_rel;
  }
  llvm_unreachable("all orders have a meaning");
}

void Emitter::storeAt(tile::StoreOp op, ArrayRef<Index> at, Value stored) {
  Type element = getElementTypeOrSelf(op.getValue());
  int64_t alignment = byteSize(element);
  Value value = stored ? stored : narrow(c, this->element(op.getValue(), at), element);
  Address where = address(op.getArray(), op.getSubscripts(), op.getMask(), at, /*writes=*/true);
  if (where.step != 1)
    return storeStrided(where, value);
  if (where.pointers) {
    int64_t lanes = Code::lanes(where.pointers);
    Value mask = where.mask ? c.splat(where.mask, lanes) : c.intLike(Code::withLanes(c.i1(), lanes), 1);
    LLVM::masked_scatter::create(c.b, c.loc, c.splat(value, lanes), where.pointers, mask,
                                 c.b.getI32IntegerAttr(alignment));
    return;
  }
  if (where.lanes && where.mask) {
    LLVM::MaskedStoreOp::create(c.b, c.loc, c.splat(value, where.lanes), where.pointer,
                                c.splat(where.mask, where.lanes), c.b.getI32IntegerAttr(alignment));
    return;
  }
  if (where.lanes)
    return c.store(c.splat(value, where.lanes), where.pointer);
  auto write = [&] {
    if (op.getOrdering() == tile::MemoryOrder::weak)
      c.store(value, where.pointer);
    else
      LLVM::StoreOp::create(c.b, c.loc, value, where.pointer, alignment, /*isVolatile=*/false,
                            /*isNonTemporal=*/false, /*isInvariantGroup=*/false, ordering(op.getOrdering()));
    return Value();
  };
  if (where.mask)
    guarded(where.mask, {}, write);
  else
    write();
}

/// Whether integer tiles say where the elements along `dim` of an accessed tile are.
static bool isScattered(ValueRange subscripts, int dim) {
  int next = 0;
  bool sawTile = false;
  for (Value subscript : subscripts) {
    if (subscript.getType().isIndex())
      continue;
    RankedTensorType type = tileType(subscript);
    int end = next + (type ? static_cast<int>(type.getRank()) * !sawTile : 1);
    if (type && next <= dim && dim < end)
      return true;
    sawTile |= type != nullptr;
    next = end;
  }
  return false;
}

void Emitter::emitStore(tile::StoreOp op) {
  if (writtenWith(op))
    return;
  Value isStored = isStoredInLoop(op);
  if (!isStored)
    return storeTile(op);
  guarded(c.bitXor(isStored, c.intLike(c.i1(), 1)), {}, [&] {
    storeTile(op);
    return Value();
  });
}

void Emitter::storeTile(tile::StoreOp op) {
  Root root(*this);
  RankedTensorType type = tileType(op.getValue());
  if (!type)
    return storeAt(op, {}, {});
  SmallVector<Value> counts;
  SmallVector<Value> behind = analysis::accessedRanges(op.getSubscripts(), dimRanges);
  for (auto [index, extent] : llvm::enumerate(extents(op.getValue())))
    counts.push_back(index < behind.size() && behind[index] ? extentOf(behind[index]) : extent);
  int dim = vectorDim(type.getShape());
  if (tile::StoreOp other = otherHalf(op)) {
    int64_t lanes =
        chooseLanes({other.getValue(), op.getValue(), op.getSubscripts().back()}, type.getDimSize(dim), restOfRow());
    return forEach(counts, dim, lanes, [&](ArrayRef<Index> at) { storeAlternating(other, op, at); }, restOfRow());
  }
  if (std::optional<Transposition> blocks = transposition(op))
    return forEachBlock(*blocks, counts, [&](ArrayRef<Index> at, Value stored) { storeAt(op, at, stored); });
  SmallVector<Value> inputs{op.getValue()};
  if (op.getMask())
    inputs.push_back(op.getMask());
  llvm::append_range(inputs, op.getSubscripts());
  bool isWeak = op.getOrdering() == tile::MemoryOrder::weak;
  int64_t lanes = dim < 0 || !isWeak ? 0 : chooseLanes(inputs, type.getDimSize(dim), restOfRow());
  // Lanes that scatter may write one element, which must be in order: leave that to single elements.
  bool scatters =
      dim >= 0 && isScattered(op.getSubscripts(), dim) &&
      !accessedStep(frame.arrays[op.getArray()], op.getSubscripts(), dim, /*isMasked=*/true, /*writes=*/true);
  tile::CatOp halves = storedHalves(op);
  bool byHalves = halves && !plan.isKept(halves.getValue());
  if (Value isLarge = lanes && !scatters && !byHalves ? isStreamed(op, lanes) : Value())
    return forEachStreamed(op, counts, dim, lanes, isLarge);
  if (!byHalves)
    return forEach(counts, dim, scatters ? 0 : lanes, [&](ArrayRef<Index> at) { storeAt(op, at, {}); }, restOfRow());
  // An element of each half at a time: both are computed at the same place.
  int64_t axis = halves.getAxis(), half = tileType(halves.getLhs()).getDimSize(axis);
  counts[axis] = c.index(half);
  auto storeBoth = [&](ArrayRef<Index> at) {
    SmallVector<Index> second(at);
    second[axis].base = c.addConst(at[axis].base, half);
    remember(halves.getValue(), at, element(halves.getLhs(), at));
    remember(halves.getValue(), second, element(halves.getRhs(), at));
    storeAt(op, at, {});
    storeAt(op, second, {});
  };
  forEach(counts, dim, lanes, storeBoth, restOfRow());
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

static LLVM::AtomicBinOp atomicOperation(tile::AtomicKind kind, bool isFloat) {
  switch (kind) {
  case tile::AtomicKind::addi:
    return LLVM::AtomicBinOp::add;
  case tile::AtomicKind::addf:
    return LLVM::AtomicBinOp::fadd;
  case tile::AtomicKind::maxs:
    return LLVM::AtomicBinOp::max;
  case tile::AtomicKind::maxu:
    return LLVM::AtomicBinOp::umax;
  case tile::AtomicKind::maxf:
    return LLVM::AtomicBinOp::fmaximum;
  case tile::AtomicKind::mins:
    return LLVM::AtomicBinOp::min;
  case tile::AtomicKind::minu:
    return LLVM::AtomicBinOp::umin;
  case tile::AtomicKind::minf:
    return LLVM::AtomicBinOp::fminimum;
  case tile::AtomicKind::andi:
    return LLVM::AtomicBinOp::_and;
  case tile::AtomicKind::ori:
    return LLVM::AtomicBinOp::_or;
  case tile::AtomicKind::xori:
    return LLVM::AtomicBinOp::_xor;
  case tile::AtomicKind::xchg:
    return LLVM::AtomicBinOp::xchg;
  }
  llvm_unreachable("all kinds have an operation");
}

/// Combines into an element of 16 bits by compare and exchange: the processor adds no such floats.
static Value atomicNarrowAdd(Code &c, Value pointer, Value value, Type element, LLVM::AtomicOrdering order) {
  Type bits = c.b.getI16Type();
  Value first =
      LLVM::LoadOp::create(c.b, c.loc, bits, pointer, 2, false, false, false, false, LLVM::AtomicOrdering::monotonic);
  auto loop = scf::WhileOp::create(c.b, c.loc, TypeRange{bits}, ValueRange{first});
  OpBuilder::InsertionGuard guard(c.b);
  Block *before = c.b.createBlock(&loop.getBefore(), {}, {bits}, {c.loc});
  Value old = before->getArgument(0);
  auto asFloat = [&](Value x) { return widen(c, element.isF16() ? c.bitcast(x, element) : x, element); };
  Value sum = narrow(c, c.addF(asFloat(old), value), element);
  auto swap = LLVM::AtomicCmpXchgOp::create(c.b, c.loc, pointer, old, c.bitcast(sum, bits), order,
                                            LLVM::AtomicOrdering::monotonic);
  Value seen = LLVM::ExtractValueOp::create(c.b, c.loc, swap, ArrayRef<int64_t>{0});
  Value done = LLVM::ExtractValueOp::create(c.b, c.loc, swap, ArrayRef<int64_t>{1});
  Value again = c.bitXor(done, c.intLike(c.i1(), 1));
  scf::ConditionOp::create(c.b, c.loc, again, ValueRange{seen});
  Block *after = c.b.createBlock(&loop.getAfter(), {}, {bits}, {c.loc});
  scf::YieldOp::create(c.b, c.loc, after->getArguments());
  c.b.setInsertionPointAfter(loop);
  return asFloat(loop.getResult(0));
}

Value Emitter::atomicElement(Operation *op, Value pointer, Value value, Value expected) {
  if (auto rmw = dyn_cast<tile::AtomicRMWOp>(op)) {
    Type element = getElementTypeOrSelf(rmw.getValue());
    LLVM::AtomicOrdering order = ordering(rmw.getOrdering());
    if (rmw.getKind() == tile::AtomicKind::addf && isNarrowFloat(element))
      return atomicNarrowAdd(c, pointer, value, element, order);
    return LLVM::AtomicRMWOp::create(c.b, c.loc, atomicOperation(rmw.getKind(), isa<FloatType>(element)), pointer,
                                     value, order);
  }
  auto cas = cast<tile::AtomicCASOp>(op);
  Type element = getElementTypeOrSelf(cas.getValue());
  Type bits = c.b.getIntegerType(element.getIntOrFloatBitWidth());
  LLVM::AtomicOrdering order = ordering(cas.getOrdering());
  LLVM::AtomicOrdering failure = order == LLVM::AtomicOrdering::acq_rel || order == LLVM::AtomicOrdering::acquire
                                     ? LLVM::AtomicOrdering::acquire
                                     : LLVM::AtomicOrdering::monotonic;
  auto swap = LLVM::AtomicCmpXchgOp::create(c.b, c.loc, pointer, c.bitcast(narrow(c, expected, element), bits),
                                            c.bitcast(narrow(c, value, element), bits), order, failure);
  Value seen = LLVM::ExtractValueOp::create(c.b, c.loc, swap, ArrayRef<int64_t>{0});
  return widen(c, c.bitcast(seen, storageType(element)), element);
}

void Emitter::emitAtomic(Operation *op) {
  auto rmw = dyn_cast<tile::AtomicRMWOp>(op);
  auto cas = dyn_cast<tile::AtomicCASOp>(op);
  Value array = rmw ? rmw.getArray() : cas.getArray(), value = rmw ? rmw.getValue() : cas.getValue();
  Value mask = rmw ? rmw.getMask() : cas.getMask(), old = op->getResult(0);
  ValueRange subscripts = rmw ? rmw.getSubscripts() : cas.getSubscripts();
  Type element = getElementTypeOrSelf(value);
  if (rmw && isNarrowFloat(element) && rmw.getKind() != tile::AtomicKind::addf) {
    error(op) << "the CPU target has no such atomic operation on " << element;
    return;
  }
  Root root(*this);
  auto once = [&](ArrayRef<Index> at) -> Value {
    Value operand = this->element(value, at);
    Value expected = cas ? this->element(cas.getExpected(), at) : Value();
    Address where = address(array, subscripts, mask, at);
    auto access = [&] { return atomicElement(op, where.pointer, operand, expected); };
    if (!where.mask)
      return access();
    return guarded(where.mask, cas ? expected : c.zeroLike(carrierType(element)), access);
  };
  RankedTensorType type = tileType(old);
  if (!type) {
    frame.scalars[old] = once({});
    return;
  }
  std::optional<Buffer> result;
  if (!old.use_empty())
    result = frame.buffers[old] = allocate(type);
  forEach(extents(value), -1, 0, [&](ArrayRef<Index> at) {
    Value seen = once(at);
    if (result)
      storeBuffer(seen, *result, at);
  });
}
