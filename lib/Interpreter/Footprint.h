//===- Footprint.h - the elements of an access ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the subscripts and the mask of an access mean, written once for loads, stores and atomics.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_FOOTPRINT_H
#define TILEC_LIB_INTERPRETER_FOOTPRINT_H

#include "Machine.h"

namespace tilec::interpreter {

/// What becomes of a lane of an access.
enum class Fate {
  /// It accesses an element.
  Element,
  /// It lies outside the extent of a range: it does not exist.
  Outside,
  /// Its mask is false.
  Masked,
  /// A window takes it out of the array.
  BeyondArray,
};

/// The lanes of an access and the elements that they stand for.
class Footprint {
public:
  /// Reads the subscripts of `op`; `mask` may be null.
  static mlir::FailureOr<Footprint> get(Machine &machine, mlir::Operation *op, mlir::Value array,
                                        mlir::ValueRange subscripts, mlir::Value mask);

  Array &getArray() const { return *array; }
  /// The dims of the value; none for a scalar.
  llvm::ArrayRef<int64_t> getDims() const { return dims; }
  /// True if lanes exist by the values of integer tiles, not by ranges alone.
  bool isGather() const { return !gathered.empty(); }

  /// Calls `function(lane, fate)` for every lane, in row-major order, until it fails. Only a lane whose fate is to
  /// access an element has one.
  template <typename Function> mlir::LogicalResult forEachLane(Function function) {
    Access::Lane lane{0, 0, 0};
    for (Odometer index(dims); index; ++index, ++lane.lane) {
      mlir::FailureOr<Fate> fate = locate(*index, lane);
      if (failed(fate) || failed(function(lane, *fate)))
        return mlir::failure();
    }
    return mlir::success();
  }

private:
  struct Subscript {
    /// Where lane 0 stands; the index itself where the dim is dropped.
    int64_t begin = 0;
    /// Lanes at and beyond it do not exist.
    int64_t extent = 0;
    /// The value's dim, or the first of an integer tile's; -1 where the dim is dropped.
    int dim = -1;
    bool isWindow = false;
    /// The integer tile that the subscript is, and the width of its elements.
    TilePtr tile;
    unsigned width = 0;
  };

  Footprint(Machine &machine, mlir::Operation *op, Array *array) : machine(&machine), op(op), array(array) {}

  /// The position of a lane in the integer tiles.
  int64_t gatheredLane(llvm::ArrayRef<int64_t> index) const {
    return linearIndex(index.slice(gatheredDim, gatheredStrides.size()), gatheredStrides);
  }
  /// Finds the element of the lane at `index`.
  mlir::FailureOr<Fate> locate(llvm::ArrayRef<int64_t> index, Access::Lane &lane);
  mlir::LogicalResult failOutOfRange(size_t d, int64_t index);

  Machine *machine;
  mlir::Operation *op;
  Array *array;
  std::optional<Datum> mask;
  llvm::SmallVector<int64_t, 4> dims, gatheredStrides, element;
  llvm::SmallVector<Subscript, 4> subscripts;
  llvm::SmallVector<TilePtr, 2> gathered;
  int gatheredDim = 0;
};

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_FOOTPRINT_H
