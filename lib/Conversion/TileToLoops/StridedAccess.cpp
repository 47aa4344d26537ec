//===- StridedAccess.cpp - vectors of elements in steps ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lanes that are a few elements apart lie in as many vectors. All of what is read is between two elements of the
// access, so that nothing outside of the array is: the last vector ends at the last element. Only elements of the
// access are written. With a mask, other elements are not read either, since those at the ends may not be there.

#include "EmitterImpl.h"
#include "Strided.h"

#include "mlir/IR/Matchers.h"

#include <cstdlib>

using namespace mlir;
using namespace tilec;
using namespace tilec::loops;

/// Elements that are further apart are stored one by one in the same time as by vectors some lanes of which are stored
/// (Granite Rapids: two f64 or four f32 apart 0.85 to 1.05, three f32 1.2, two 1.5).
static constexpr int64_t mostBytesBetweenStores = 12;

std::optional<int64_t> Emitter::accessedStep(const ArrayCode &code, ValueRange subscripts, unsigned dim, bool isMasked,
                                             bool writes) {
  if (subscripts.empty() || !tileType(subscripts.back()) || !matchPattern(code.strides.back(), m_One()))
    return std::nullopt;
  int64_t bytes = byteSize(storageType(code.element));
  std::optional<int64_t> step = stepAlong(subscripts, dim, bytes);
  if (!step || std::abs(*step) == 1 || !(isMasked || writes))
    return step;
  bool isDense = !writes || std::abs(*step) * bytes <= mostBytesBetweenStores;
  return isDense && bytes >= c.spec.leastMaskedBytes ? step : std::nullopt;
}

namespace {

/// Where the lanes of an access are among the elements from the lowest one on.
struct Lanes {
  int64_t count, step;

  int64_t apart() const { return std::abs(step); }
  int64_t elementOf(int64_t lane) const { return apart() * (step < 0 ? count - 1 - lane : lane); }
  /// The lane of an element; -1 if it is none's.
  int64_t laneOf(int64_t element) const {
    int64_t number = element / apart();
    if (element % apart() != 0 || number >= count)
      return -1;
    return step < 0 ? count - 1 - number : number;
  }
};

} // namespace

/// The lanes of `x` at the elements from `first` on; of `otherwise` where there is no lane, or nothing in particular.
static Value spread(Code &c, const Lanes &lanes, int64_t first, Value x, Value otherwise = {}) {
  SmallVector<int64_t> from;
  for (int64_t element = first; element < first + lanes.count; ++element) {
    int64_t lane = lanes.laneOf(element);
    from.push_back(lane < 0 && otherwise ? lanes.count : lane);
  }
  return c.shuffle(x, otherwise ? otherwise : x, from);
}

/// Which elements from `first` on are accessed.
static Value spreadMask(Code &c, const Lanes &lanes, int64_t first, Value mask) {
  Type type = Code::withLanes(c.i1(), lanes.count);
  if (mask)
    return spread(c, lanes, first, c.splat(mask, lanes.count), c.intLike(type, 0));
  SmallVector<bool> isThere;
  for (int64_t element = first; element < first + lanes.count; ++element)
    isThere.push_back(lanes.laneOf(element) >= 0);
  return arith::ConstantOp::create(c.b, c.loc, DenseElementsAttr::get(cast<VectorType>(type), isThere));
}

Value Emitter::loadStrided(const Address &where, Type storage, Value pad) {
  Lanes lanes{where.lanes, where.step};
  Type type = Code::withLanes(storage, lanes.count);
  int64_t vectors = lanes.apart(), last = vectors * (lanes.count - 1) + 1 - lanes.count;
  auto beginOf = [&](int64_t vector) { return vector + 1 == vectors && !where.mask ? last : vector * lanes.count; };
  Value result;
  for (int64_t vector = 0; vector < vectors; ++vector) {
    int64_t begin = beginOf(vector);
    Value address = begin == 0 ? where.pointer : c.gep(where.pointer, storage, c.index(begin)), loaded;
    if (where.mask)
      loaded = LLVM::MaskedLoadOp::create(c.b, c.loc, type, address, spreadMask(c, lanes, begin, where.mask),
                                          c.splat(pad, lanes.count), c.b.getI32IntegerAttr(byteSize(storage)));
    else
      loaded = c.load(type, address);
    if (vector == 0) {
      result = loaded;
      if (vectors != 1)
        continue;
    }
    // What this vector has comes to what was found before: of the first two, as they lie in memory.
    SmallVector<int64_t> from;
    for (int64_t lane = 0; lane < lanes.count; ++lane) {
      int64_t element = lanes.elementOf(lane), found = element / lanes.count;
      int64_t before = vector == 1 ? element : lane;
      from.push_back(found < vector ? before : found == vector ? lanes.count + element - begin : -1);
    }
    result = c.shuffle(result, loaded, from);
  }
  return result;
}

void Emitter::storeStrided(const Address &where, Value stored) {
  Lanes lanes{where.lanes, where.step};
  stored = c.splat(stored, lanes.count);
  Type storage = getElementTypeOrSelf(stored);
  for (int64_t vector = 0; vector < lanes.apart(); ++vector) {
    int64_t begin = vector * lanes.count;
    Value address = begin == 0 ? where.pointer : c.gep(where.pointer, storage, c.index(begin));
    Value value = spread(c, lanes, begin, stored);
    if (lanes.apart() == 1 && !where.mask)
      c.store(value, address);
    else
      LLVM::MaskedStoreOp::create(c.b, c.loc, value, address, spreadMask(c, lanes, begin, where.mask),
                                  c.b.getI32IntegerAttr(byteSize(storage)));
  }
}

void Emitter::storeAlternating(tile::StoreOp first, tile::StoreOp second, ArrayRef<Index> at) {
  Type element = getElementTypeOrSelf(first.getValue());
  Value stored[] = {narrow(c, this->element(first.getValue(), at), element),
                    narrow(c, this->element(second.getValue(), at), element)};
  int64_t lanes = lanesAt(at);
  if (!lanes) {
    storeAt(first, at, stored[0]);
    storeAt(second, at, stored[1]);
    return;
  }
  bool isFirstLower = isLower(first, second);
  tile::StoreOp lower = isFirstLower ? first : second;
  Value even = c.splat(stored[!isFirstLower], lanes), odd = c.splat(stored[isFirstLower], lanes);
  // A row may be outside of the array, by a window.
  Address where = address(lower.getArray(), lower.getSubscripts(), {}, at);
  Type storage = getElementTypeOrSelf(even);
  Value mask = where.mask ? c.splat(where.mask, lanes) : Value();
  for (int64_t half : {0, 1}) {
    SmallVector<int64_t> from, maskFrom;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      int64_t place = half * lanes + lane;
      from.push_back(place / 2 + (place % 2 != 0 ? lanes : 0));
      maskFrom.push_back(place / 2);
    }
    Value value = c.shuffle(even, odd, from);
    Value pointer = half == 0 ? where.pointer : c.gep(where.pointer, storage, c.index(lanes));
    if (mask)
      LLVM::MaskedStoreOp::create(c.b, c.loc, value, pointer, c.shuffle(mask, mask, maskFrom),
                                  c.b.getI32IntegerAttr(byteSize(storage)));
    else
      c.store(value, pointer);
  }
}
