//===- InterpretContract.cpp - matrix products ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Dots. The products of an element are added to its accumulator one by one, in ascending order, and each sum is
/// rounded to the accumulator's type; the language leaves the order free. Products of f16, bf16 and f8 are exact in f32.
//
//===----------------------------------------------------------------------===//
#include "Machine.h"

using namespace mlir;
using namespace tilec;
using namespace tilec::interpreter;

/// Extents of one matrix product, and where its matrices start in their tiles.
struct DotShape {
  int64_t batches = 1, m = 0, n = 0, k = 0;
  /// How many of the `k` elements exist.
  int64_t extent = 0;
};

static FailureOr<DotShape> dotShape(Machine &machine, Operation *op, const Datum &lhs, const Datum &rhs, const Datum &acc,
                                    const RangeValue &over) {
  DotShape shape;
  size_t rank = lhs.dims().size();
  for (size_t d = 0; d + 2 < rank; ++d)
    shape.batches *= lhs.dims()[d];
  shape.m = lhs.dims()[rank - 2];
  shape.k = lhs.dims()[rank - 1];
  shape.n = rhs.dims()[rank - 1];
  shape.extent = over.extent;
  bool fits = rhs.dims()[rank - 2] == shape.k && over.size == shape.k && acc.dims()[rank - 2] == shape.m &&
              acc.dims()[rank - 1] == shape.n && lhs.dims().drop_back(2) == rhs.dims().drop_back(2) &&
              lhs.dims().drop_back(2) == acc.dims().drop_back(2);
  if (fits)
    return shape;
  return machine.failInternally(op, "a dot of tiles that do not fit");
}

/// `acc += lhs * rhs`, where `Number` is what products are summed in: a float, or an unsigned integer, which wraps.
template <typename Number>
static void multiply(const DotShape &shape, ArrayRef<Number> lhs, ArrayRef<Number> rhs, MutableArrayRef<Number> acc) {
  for (int64_t row = 0, rows = shape.batches * shape.m; row != rows; ++row) {
    int64_t batch = row / shape.m;
    Number *sums = acc.data() + row * shape.n;
    for (int64_t k = 0; k != shape.extent; ++k) {
      Number factor = lhs[row * shape.k + k];
      const Number *others = rhs.data() + (batch * shape.k + k) * shape.n;
      for (int64_t n = 0; n != shape.n; ++n)
        sums[n] += factor * others[n];
    }
  }
}

/// The states of the result: an element has no value where one that it is made of has none.
static void joinStates(const DotShape &shape, const Tile &lhs, const Tile &rhs, Tile &result) {
  if (lhs.states.empty() && rhs.states.empty())
    return;
  for (int64_t row = 0, rows = shape.batches * shape.m; row != rows; ++row) {
    LaneState rowState = LaneState::Defined;
    for (int64_t k = 0; k != shape.extent; ++k)
      rowState = std::max(rowState, lhs.state(row * shape.k + k));
    for (int64_t n = 0; n != shape.n; ++n)
      if (rowState != LaneState::Defined)
        result.setState(row * shape.n + n, rowState);
  }
  for (int64_t batch = 0; batch != shape.batches; ++batch)
    for (int64_t n = 0; n != shape.n; ++n) {
      LaneState columnState = LaneState::Defined;
      for (int64_t k = 0; k != shape.extent; ++k)
        columnState = std::max(columnState, rhs.state((batch * shape.k + k) * shape.n + n));
      for (int64_t m = 0; m != shape.m; ++m)
        if (columnState != LaneState::Defined)
          result.setState((batch * shape.m + m) * shape.n + n, columnState);
    }
}

/// Every lane of a tile as a number.
template <typename Number, typename Function>
static std::vector<Number> numbersOf(const Tile &tile, Function number) {
  std::vector<Number> numbers(tile.size());
  for (size_t i = 0; i != tile.size(); ++i)
    numbers[i] = number(tile.bits[i], i);
  return numbers;
}

/// Binds `value` to `acc + lhs * rhs`, computed in `Number`; the three functions turn bits (and lane) to numbers and back.
template <typename Number, typename Lhs, typename Rhs, typename Load, typename Store>
static LogicalResult contract(Machine &machine, Operation *op, Value value, const Datum &lhs, const Datum &rhs, const Datum &acc,
                              const RangeValue &over, Lhs lhsNumber, Rhs rhsNumber, Load load, Store store) {
  FailureOr<DotShape> shape = dotShape(machine, op, lhs, rhs, acc, over);
  if (failed(shape))
    return failure();
  std::vector<Number> sums = numbersOf<Number>(*acc.tile, [&](uint64_t bits, size_t) { return load(bits); });
  multiply<Number>(*shape, numbersOf<Number>(*lhs.tile, lhsNumber), numbersOf<Number>(*rhs.tile, rhsNumber), sums);
  TilePtr result = machine.makeTile(op, acc.dims());
  if (!result)
    return failure();
  for (size_t i = 0; i != sums.size(); ++i)
    result->bits[i] = store(sums[i]);
  result->states = acc.tile->states;
  joinStates(*shape, *lhs.tile, *rhs.tile, *result);
  machine.set(value, Datum(std::move(result)));
  return success();
}

static LogicalResult dotIntegers(Machine &machine, tile::DotOp op) {
  auto number = [](bool isUnsigned) {
    return [=](uint64_t bits, size_t) { return static_cast<uint32_t>(isUnsigned ? bits : signExtend(bits, 8)); };
  };
  return contract<uint32_t>(
      machine, op, op.getValue(), machine.get(op.getLhs()), machine.get(op.getRhs()), machine.get(op.getAcc()),
      machine.getRange(op.getOver()), number(op.getLhsUnsigned()), number(op.getRhsUnsigned()),
      [](uint64_t bits) { return static_cast<uint32_t>(bits); }, [](uint32_t sum) -> uint64_t { return sum; });
}

static LogicalResult evalDot(Machine &machine, tile::DotOp op) {
  Type type = elementType(op.getLhs());
  if (isa<IntegerType>(type))
    return dotIntegers(machine, op);
  LogicalResult status = failure();
  bool known = withFormat(type, [&]<typename Format>(Format) {
    using Sum = std::conditional_t<std::is_same_v<Format, F64Format>, F64Format, F32Format>;
    using Number = typename Sum::Exact;
    auto number = [](uint64_t bits, size_t) { return static_cast<Number>(Format::load(bits)); };
    status = contract<Number>(machine, op, op.getValue(), machine.get(op.getLhs()), machine.get(op.getRhs()),
                              machine.get(op.getAcc()), machine.getRange(op.getOver()), number, number, Sum::load, Sum::store);
  });
  return known ? status : machine.failInternally(op, "the interpreter has no format for the elements of this dot");
}

/// 2^(scale - 127); NaN for 255.
static double scaleOf(uint64_t scale) { return scale == 255 ? std::nan("") : std::ldexp(1.0, static_cast<int>(scale) - 127); }

static LogicalResult evalDotScaled(Machine &machine, tile::DotScaledOp op) {
  const Datum &lhs = machine.get(op.getLhs()), &rhs = machine.get(op.getRhs());
  const Tile &lhsScale = *machine.get(op.getLhsScale()).tile, &rhsScale = *machine.get(op.getRhsScale()).tile;
  int64_t k = lhs.dims().back(), n = rhs.dims().back();
  LogicalResult status = failure();
  bool known = withFormat(elementType(op.getLhs()), [&]<typename Format>(Format) {
    // An element times its scale is exact in double, and rounded to f32 once.
    auto lhsNumber = [&](uint64_t bits, size_t lane) {
      size_t row = lane / k, scale = row * (k / 32) + lane % k / 32;
      return static_cast<float>(Format::load(bits) * scaleOf(lhsScale.bits[scale]));
    };
    auto rhsNumber = [&](uint64_t bits, size_t lane) {
      size_t row = lane / n, scale = row / 32 * n + lane % n;
      return static_cast<float>(Format::load(bits) * scaleOf(rhsScale.bits[scale]));
    };
    status = contract<float>(machine, op, op.getValue(), lhs, rhs, machine.get(op.getAcc()), machine.getRange(op.getOver()),
                             lhsNumber, rhsNumber, F32Format::load, F32Format::store);
  });
  return known ? status : machine.failInternally(op, "the interpreter has no format for the elements of this dot");
}

void tilec::interpreter::addContractOps(HandlerTable &table) {
  table.add<evalDot>();
  table.add<evalDotScaled>();
}
