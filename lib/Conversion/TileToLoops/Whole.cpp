//===- Whole.cpp - ops that make or consume tiles whole ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sorts, reshapes that move elements, concatenation, and what a kernel tells its caller: prints and assertions. Sorting
// and printing are functions of the kernel ABI (tilec/Runtime/KernelABI.h).

#include "EmitterImpl.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// An element type as the kernel ABI numbers it: DLPack's code and the bits.
static int64_t abiType(Type element, bool isUnsigned) {
  int64_t code = 0, bits = element.getIntOrFloatBitWidth();
  if (element.isInteger(1))
    return 6 * 256 + 8;
  if (isa<IntegerType>(element))
    code = isUnsigned ? 1 : 0;
  else if (element.isBF16())
    code = 4;
  else if (isa<Float8E5M2Type>(element))
    code = 12;
  else if (isa<Float8E4M3FNType>(element))
    code = 10;
  else
    code = 2;
  return code * 256 + bits;
}

/// The same of a source type's name.
static int64_t abiType(StringRef name, Type element) {
  if (name == "bool")
    return 6 * 256 + 8;
  return abiType(element, name.starts_with("u"));
}

void Emitter::emitSort(Operation *op) {
  auto sort = dyn_cast<tile::SortOp>(op);
  auto topk = dyn_cast<tile::TopKOp>(op);
  Value source = op->getOperand(0);
  RankedTensorType type = tileType(source);
  int64_t axis = sort ? sort.getAxis() : topk.getAxis();
  Value length = extentOf(sort ? sort.getOver() : topk.getOver());
  bool isUnsigned = sort ? sort.getIsUnsigned() : topk.getIsUnsigned();
  Type element = type.getElementType(), storage = storageType(element);
  Buffer values = allocate(tileType(op->getResult(0))), positions = allocate(tileType(op->getResult(1)));
  frame.buffers[op->getResult(0)] = values;
  frame.buffers[op->getResult(1)] = positions;
  int64_t size = type.getDimSize(axis);
  if (ShapedType::isDynamic(size)) {
    (void)plan.reportUnknownDim(source);
    failed = true;
    return;
  }
  // One row at a time, in the form that memory has.
  int64_t bytes = byteSize(storage);
  int64_t most = tileType(op->getResult(0)).getDimSize(axis);
  Value keys = allocateBytes(size * bytes), chosen = allocateBytes(most * bytes), indices = allocateBytes(size * 4);
  Value scratch = sort ? allocateBytes(size * 16) : Value();
  Value count = sort ? length : c.minS(length, c.index(most));
  Value dtype = c.intLike(c.i32(), abiType(element, isUnsigned));
  Root root(*this);
  SmallVector<Value> counts = extents(source);
  counts[axis] = c.index(1);
  forEach(counts, -1, 0, [&](ArrayRef<Index> outer) {
    SmallVector<Index> at(outer);
    auto put = [&](Value iv, int64_t lanes) {
      at[axis] = {iv, lanes};
      Value stored = narrow(c, this->element(source, at), element);
      c.store(c.splat(stored, lanes), c.gep(keys, storage, iv)); // One value for all elements stays one until here.
    };
    Value whole = c.index(0);
    if (int64_t lanes = vectorDim(type.getShape()) == axis ? chooseLanes(source, size) : 0) {
      whole = c.roundDown(length, lanes);
      loop(c.index(0), whole, lanes, [&](Value iv) { put(iv, lanes); });
    }
    loop(whole, length, 1, [&](Value iv) { put(iv, 0); });
    if (sort)
      c.call("tilec_sort", {}, {keys, chosen, indices, scratch, length, dtype});
    else
      c.call("tilec_topk", {}, {keys, chosen, indices, length, count, dtype});
    loop(c.index(0), count, 1, [&](Value iv) {
      at[axis] = {iv, 0};
      Value key = c.load(storage, c.gep(chosen, storage, iv));
      storeBuffer(widen(c, key, element), values, at);
      storeBuffer(c.load(c.i32(), c.gep(indices, c.i32(), iv)), positions, at);
    });
  });
}

void Emitter::emitReshape(tile::ReshapeOp op) {
  RankedTensorType from = tileType(op.getSource());
  Buffer result = allocate(tileType(op.getResult()), /*padRows=*/false);
  // The result's buffer under the source's dims: both are row-major.
  Buffer view = result;
  view.strides.assign(from.getRank(), 1);
  for (int64_t dim = from.getRank() - 2; dim >= 0; --dim)
    view.strides[dim] = view.strides[dim + 1] * from.getDimSize(dim + 1);
  if (!from.hasStaticShape()) {
    (void)plan.reportUnknownDim(op.getSource());
    failed = true;
    return;
  }
  materialise(op.getSource(), view);
  frame.buffers[op.getResult()] = result;
}

void Emitter::emitCat(tile::CatOp op) {
  Buffer result = allocate(tileType(op.getResult()));
  materialise(op.getLhs(), result);
  Buffer rest = result;
  int64_t first = tileType(op.getLhs()).getDimSize(op.getAxis());
  rest.base = c.gep(result.base, scratchType(result.element), c.index(first * result.strides[op.getAxis()]));
  materialise(op.getRhs(), rest);
  frame.buffers[op.getResult()] = result;
}

void Emitter::emitAssert(tile::AssertOp op) {
  Value holds;
  if (tileType(op.getCondition())) {
    Root root(*this);
    SmallVector<Value> counts;
    for (Value range : op.getOver())
      counts.push_back(extentOf(range));
    SmallVector<Index> at(counts.size());
    std::function<Value(unsigned, Value)> descend = [&](unsigned dim, Value before) -> Value {
      if (dim == counts.size())
        return c.bitAnd(before, element(op.getCondition(), at));
      return carriedLoop(c.index(0), counts[dim], 1, before,
                         [&](Value iv, ValueRange carried) {
                           at[dim] = {iv, 0};
                           return SmallVector<Value>{descend(dim + 1, carried.front())};
                         })
          .front();
    };
    holds = descend(0, c.intLike(c.i1(), 1));
  } else {
    holds = scalar(op.getCondition());
  }
  Value fails = c.bitXor(holds, c.intLike(c.i1(), 1));
  guarded(isRun ? c.bitAnd(fails, isRun) : fails, {}, [&] {
    StringRef file;
    int64_t line = 0, column = 0;
    if (auto where = op.getLoc()->findInstanceOf<FileLineColLoc>()) {
      file = where.getFilename().getValue();
      line = where.getLine();
      column = where.getColumn();
    }
    c.call("tilec_assert_fail", {},
           {frame.state, c.string(op.getMessage()), c.string(file), c.intLike(c.i32(), line),
            c.intLike(c.i32(), column)});
    return Value();
  });
}

void Emitter::emitPrint(tile::PrintOp op) {
  auto structType = LLVM::LLVMStructType::getLiteral(c.b.getContext(), {c.ptr(), c.ptr(), c.i32(), c.i32()});
  int64_t mark = scratchUsed;
  auto emit = [&] {
    unsigned number = op.getValues().size(), nextRange = 0;
    Value records = allocateBytes(24 * std::max(number, 1u));
    for (auto [position, value] : llvm::enumerate(op.getValues())) {
      Type element = getElementTypeOrSelf(value), storage = storageType(carrierType(element) == c.i64() ? c.i64() : element);
      RankedTensorType type = tileType(value);
      int64_t rank = type ? type.getRank() : 0;
      StringRef name = cast<StringAttr>(op.getTypes()[position]).getValue();
      Value sizes = allocateBytes(8 * std::max<int64_t>(rank, 1)), data;
      Root root(*this);
      if (!type) {
        data = allocateBytes(8);
        c.store(narrow(c, scalar(value), element), data);
      } else {
        if (!type.hasStaticShape()) {
          (void)plan.reportUnknownDim(value);
          failed = true;
          continue;
        }
        SmallVector<Value> counts, steps(rank);
        for (int64_t dim = 0; dim < rank; ++dim) {
          counts.push_back(extentOf(op.getOver()[nextRange++]));
          c.store(counts.back(), c.gep(sizes, c.i64(), c.index(dim)));
        }
        Value step = c.index(1);
        for (int64_t dim = rank - 1; dim >= 0; --dim) {
          steps[dim] = step;
          step = c.mul(step, counts[dim]);
        }
        data = allocateBytes(type.getNumElements() * byteSize(storage));
        forEach(counts, -1, 0, [&](ArrayRef<Index> at) {
          Value offset = c.index(0);
          for (auto [index, stride] : llvm::zip_equal(at, steps))
            offset = c.add(offset, c.mul(index.base, stride));
          c.store(narrow(c, this->element(value, at), element), c.gep(data, storage, offset));
        });
      }
      Value record = c.gep(records, c.i8(), c.index(24 * static_cast<int64_t>(position)));
      Value all = LLVM::UndefOp::create(c.b, c.loc, structType);
      auto put = [&](Value field, int64_t at) {
        all = LLVM::InsertValueOp::create(c.b, c.loc, all, field, ArrayRef<int64_t>{at});
      };
      put(data, 0);
      put(sizes, 1);
      put(c.intLike(c.i32(), abiType(name, carrierType(element) == c.i64() ? c.i64() : element)), 2);
      put(c.intLike(c.i32(), rank), 3);
      LLVM::StoreOp::create(c.b, c.loc, all, record, 8);
    }
    c.call("tilec_print", {}, {c.string(op.getFormat()), c.intLike(c.i32(), number), records});
    return Value();
  };
  if (isRun)
    guarded(isRun, {}, emit);
  else
    emit();
  scratchUsed = mark;
}
