//===- Dot.h - contractions -------------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A contraction runs in two steps for each batch. First the right operand is packed into panels: converted to the
// accumulator's type, as many columns side by side as a micro-kernel takes, with zeros in the lanes outside. So is the
// left one, row by row, unless its elements can be read where they are. Then micro-kernels, whose accumulators stay in
// registers, walk along the contraction. The accumulator tile lies in scratch, in place where the loop around carries
// it.

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_DOT_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_DOT_H

#include "EmitterImpl.h"
#include "MicroKernel.h"

namespace tilec::loops {

/// The lowering of one dot or dot_scaled.
class DotLowering {
public:
  DotLowering(Emitter &emitter, Operation *op);
  void emit();

private:
  /// An operand's element (row, column) is at base + row * rowStride + column * columnStride.
  struct Matrix {
    Value base;
    Value rowStride, columnStride;
  };
  /// The right operand: columns from `packFrom` on are in `panels`, those before are read in `array`. Without
  /// `packFrom` all are packed.
  struct Right {
    Value panels;
    Matrix array;
    Value packFrom;
  };
  /// Columns of the right operand that one micro-kernel takes: those of row k start at base + k * rowStride.
  struct Panel {
    Value base, rowStride;
  };

  /// What is fetched into the caches while this tile is multiplied: the next tiles of the contraction, which a loop
  /// around the dot multiplies next, or behind the last of them the elements that the result is stored to.
  struct Ahead {
    Value isMore;
    /// Row 0 of the right operand's next tile, the distance of its rows, and how many of them each block of rows of the
    /// product fetches. Null where it is not read in an array.
    Value right, rowStride, rowsPerBlock;
    /// Whether the left operand is read in an array whose rows are contiguous.
    bool fetchLeft = false;
    /// Where the result goes; null if that is not known.
    Matrix result;
    Type resultType;
  };

  // The accumulators (LowerDot.cpp).
  Buffer chooseAccumulator();
  bool mayReuse(const Buffer &buffer);

  // The operands (DotOperands.cpp).
  bool isDirect(Value tile) const;
  Matrix direct(Value tile, ArrayRef<Value> batch);
  Value operandElement(bool isLeft, ArrayRef<Index> at);
  Matrix packLeft(ArrayRef<Value> batch, const Buffer &buffer);
  Right placeRight(ArrayRef<Value> batch, Value panels);
  void packRight(ArrayRef<Value> batch, Value panels, Value from);
  Value panelAddress(Value panels, Value k, Value column);

  // The product (DotKernel.cpp).
  void lookAhead(const Matrix &left, bool leftInPlace, const Right &right);
  void findDestination();
  void fetch(Value address, bool isWritten);
  void fetchAhead(ArrayRef<Value> leftRows, Value row, Value column);
  void fetchNextTiles(ArrayRef<Value> leftRows, Value row, Value column);
  Panel panelAt(const Right &right, Value column);
  void multiply(const Matrix &left, const Right &right, Value accumulators);
  void rowBlocks(const Matrix &left, const Panel &panel, Value accumulators, Value column, int64_t vectors);
  void microKernel(const Matrix &left, const Panel &panel, Value accumulators, Value row, Value column, int64_t rows,
                   int64_t vectors);
  Value multiplyAdd(Value x, Value y, Value sum);

  Emitter &e;
  Code &c;
  Operation *op;
  Value lhs, rhs, acc, result, over;
  Value lhsScale, rhsScale;
  bool lhsUnsigned = false, rhsUnsigned = false;
  Type sumType;
  int64_t rank, lanes, sizeM, sizeN, sizeK;
  Value extentM, extentN, extentK;
  MicroKernel kernel;
  int64_t sumStride = 0;
  std::optional<Ahead> ahead;
};

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_DOT_H
