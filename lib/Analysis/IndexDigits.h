//===- IndexDigits.h - subscripts that are digits of one index --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_ANALYSIS_INDEXDIGITS_H
#define TILEC_LIB_ANALYSIS_INDEXDIGITS_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace tilec::analysis {

/// An integer tile or scalar that subscripts are computed from.
struct IndexSource {
  mlir::Value value;
  /// Of a tile: the dim of the subscripts that each of its dims is; -1 for one that is repeated.
  llvm::SmallVector<int64_t> dims;
};

/// The sources that the subscripts determine: two elements of the subscripts' tiles, or two instances of scalars, that
/// agree in all of `subscripts` agree in the source. `isFixed` says whether a scalar is the same for both.
///
/// This is the arithmetic of mixed radices: p // (m * n), p % (m * n) // n and p % n determine p. Let e and e' be the
/// values of one expression in two elements, and call it known if they are the same. With a divisor d that is the same
/// for both and not 0 (a division by zero is undefined):
///
/// * If e // d is known, |e - e'| < |d|, and e % d differs by as much as e does: e % d - e' % d = e - e'.
/// * If e % d is known, d divides e - e'.
/// * So let expressions that differ by as much stand in one class. If of one e // d is known, and of one (the same or
///   another) f % d, then d divides a number of a smaller magnitude: it is 0, and all of the class are known.
///
/// Nothing is asked of the divisors, neither their signs nor that one divides the other, and nothing of products that
/// wrap. A sum with a fixed scalar, which may wrap, is known if and only if its other operand is.
llvm::SmallVector<IndexSource> sourcesDeterminedBy(llvm::ArrayRef<mlir::Value> subscripts,
                                                   llvm::function_ref<bool(mlir::Value scalar)> isFixed);

} // namespace tilec::analysis

#endif // TILEC_LIB_ANALYSIS_INDEXDIGITS_H
