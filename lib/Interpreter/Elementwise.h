//===- Elementwise.h - ops that act on each lane alone ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Lifts a function of elements to scalars and tiles. Operands are tiles of one shape, or scalars, which count for every
/// lane: a region that combines elements is run on many of them at once, with tiles in place of its arguments. A lane of
/// the result has no value where one of the operands' lanes has none.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_ELEMENTWISE_H
#define TILEC_LIB_INTERPRETER_ELEMENTWISE_H

#include "Machine.h"

namespace tilec::interpreter {

/// The result of an elementwise op, shaped as the operand that is a tile; its lanes' states are set already. `bits`
/// points to its lanes, which the caller fills in.
struct LaneResult {
  Datum datum;
  uint64_t *bits = nullptr;
  size_t count = 0;
};

/// Makes the result; fails where two operands have different numbers of lanes.
mlir::FailureOr<LaneResult> makeLaneResult(Machine &machine, mlir::Operation *op, llvm::ArrayRef<const Datum *> operands);

/// Binds `value` to what was computed.
inline mlir::LogicalResult bindLanes(Machine &machine, mlir::Value value, LaneResult &result) {
  if (!result.datum.tile)
    result.datum.bits = *result.bits;
  machine.set(value, std::move(result.datum));
  return mlir::success();
}

/// Binds each lane of `value` to `function(x)`, on bits.
template <typename Function>
mlir::LogicalResult mapLanes(Machine &machine, mlir::Operation *op, mlir::Value value, const Datum &x, Function function) {
  mlir::FailureOr<LaneResult> result = makeLaneResult(machine, op, {&x});
  if (failed(result))
    return mlir::failure();
  const uint64_t *xs = x.lanes();
  uint64_t scalar, *out = result->bits = result->datum.tile ? result->bits : &scalar;
  for (size_t i = 0, e = result->count; i != e; ++i)
    out[i] = function(xs[i]);
  return bindLanes(machine, value, *result);
}

/// Binds each lane of `value` to `function(x, y)`, on bits.
template <typename Function>
mlir::LogicalResult mapLanes(Machine &machine, mlir::Operation *op, mlir::Value value, const Datum &x, const Datum &y,
                             Function function) {
  mlir::FailureOr<LaneResult> result = makeLaneResult(machine, op, {&x, &y});
  if (failed(result))
    return mlir::failure();
  const uint64_t *xs = x.lanes(), *ys = y.lanes();
  uint64_t scalar, *out = result->bits = result->datum.tile ? result->bits : &scalar;
  if (x.tile && y.tile) {
    for (size_t i = 0, e = result->count; i != e; ++i)
      out[i] = function(xs[i], ys[i]);
  } else {
    size_t xStep = x.tile ? 1 : 0, yStep = y.tile ? 1 : 0;
    for (size_t i = 0, e = result->count; i != e; ++i)
      out[i] = function(xs[i * xStep], ys[i * yStep]);
  }
  return bindLanes(machine, value, *result);
}

/// Binds each lane of `value` to `function(x, y, z)`, on bits.
template <typename Function>
mlir::LogicalResult mapLanes(Machine &machine, mlir::Operation *op, mlir::Value value, const Datum &x, const Datum &y,
                             const Datum &z, Function function) {
  mlir::FailureOr<LaneResult> result = makeLaneResult(machine, op, {&x, &y, &z});
  if (failed(result))
    return mlir::failure();
  const uint64_t *xs = x.lanes(), *ys = y.lanes(), *zs = z.lanes();
  size_t xStep = x.tile ? 1 : 0, yStep = y.tile ? 1 : 0, zStep = z.tile ? 1 : 0;
  uint64_t scalar, *out = result->bits = result->datum.tile ? result->bits : &scalar;
  for (size_t i = 0, e = result->count; i != e; ++i)
    out[i] = function(xs[i * xStep], ys[i * yStep], zs[i * zStep]);
  return bindLanes(machine, value, *result);
}

/// The internal error for an element type that the interpreter has no format for.
mlir::LogicalResult failFormat(Machine &machine, mlir::Operation *op, mlir::Type type);

/// `function(x)` on floats, correctly rounded if the function is in the format's `Exact` type.
template <typename OpTy, typename Function>
mlir::LogicalResult mapFloat(Machine &machine, OpTy op, Function function) {
  mlir::LogicalResult status = mlir::failure();
  mlir::Type type = elementType(op->getOperand(0));
  bool known = withFormat(type, [&]<typename Format>(Format) {
    auto lane = [&](uint64_t x) { return Format::store(function(Format::load(x))); };
    status = mapLanes(machine, op, op->getResult(0), machine.get(op->getOperand(0)), lane);
  });
  return known ? status : failFormat(machine, op, type);
}

/// `function(x, y)` on floats, as above.
template <typename OpTy, typename Function>
mlir::LogicalResult mapFloat2(Machine &machine, OpTy op, Function function) {
  mlir::LogicalResult status = mlir::failure();
  mlir::Type type = elementType(op->getOperand(0));
  bool known = withFormat(type, [&]<typename Format>(Format) {
    auto lane = [&](uint64_t x, uint64_t y) { return Format::store(function(Format::load(x), Format::load(y))); };
    status = mapLanes(machine, op, op->getResult(0), machine.get(op->getOperand(0)), machine.get(op->getOperand(1)), lane);
  });
  return known ? status : failFormat(machine, op, type);
}

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_ELEMENTWISE_H
