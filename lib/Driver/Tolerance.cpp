//===- Tolerance.cpp - how far two right results may be apart ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tolerance of tile-run --verify, from the roundings of the kernel at hand.
// The derivation is in docs/numerics.md.

#include "Tolerance.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tilec;

/// The distance from 1 to the next number of a float type; 0 for other types.
static double unitOf(Type type) {
  auto floating = dyn_cast<FloatType>(getElementTypeOrSelf(type));
  if (!floating)
    return 0;
  unsigned precision = llvm::APFloat::semanticsPrecision(floating.getFloatSemantics());
  return std::ldexp(1.0, 1 - static_cast<int>(precision));
}

/// The coarsest unit among some types.
static double coarsestUnitOf(TypeRange types) {
  double unit = 0;
  for (Type type : types)
    unit = std::max(unit, unitOf(type));
  return unit;
}

/// Whether the operation adds up in an order, or with roundings, of its own.
static bool isSum(Operation *op) { return isa<tile::DotOp, tile::ReduceOp, tile::ScanOp, LoopLikeOpInterface>(op); }

Roundings tilec::countRoundings(tile::KernelOp kernel) {
  Roundings roundings;
  kernel.walk([&](Operation *op) {
    double unit = coarsestUnitOf(op->getResultTypes());
    if (isSum(op))
      roundings.carried = std::max(roundings.carried, unit);
    else if (isa<tile::AtomicRMWOp>(op))
      // What is added to memory, whether or not the old value is asked for.
      roundings.carried = std::max(roundings.carried, coarsestUnitOf(op->getOperandTypes()));
    else if (auto cast = dyn_cast<tile::CastOp>(op))
      roundings.single += unit > unitOf(cast->getOperand(0).getType()) ? unit : 0;
    else if (isa<math::MathDialect>(op->getDialect()))
      roundings.single += 6.5 * unit;
    else if (isa<arith::ArithDialect>(op->getDialect()) && !isa<arith::ConstantOp>(op))
      roundings.single += unit;
  });
  return roundings;
}

double tilec::deriveTolerance(const Roundings &roundings, DType result, double terms, int64_t numElements) {
  if (!isFloat(result))
    return 0;
  // One run in a thousand million has an element beyond this many deviations.
  constexpr double oneIn = 1e9;
  double elements = static_cast<double>(std::max<int64_t>(numElements, 1));
  double deviations = std::sqrt(2 * std::log(2 * elements * oneIn));
  return roundings.single + deviations * std::sqrt(std::max(terms, 1.0)) * roundings.carried;
}
