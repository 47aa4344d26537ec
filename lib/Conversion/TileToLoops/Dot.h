//===- Dot.h - contractions -------------------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A contraction runs in two steps for each batch. First the right operand is packed into panels: converted to the
// accumulator's type, as many columns side by side as a micro-kernel takes, with zeros in the lanes outside. So is the
// left one, row by row, unless its elements can be read where they are: rows at a distance, or rows that integer tiles
// gather, by a table of where each of them starts. Then micro-kernels, whose accumulators stay in
// registers, walk along the contraction. The accumulator tile lies in scratch, in place where the loop around carries
// it.
//
// Where the machine adds several products to a lane at once, a step of a micro-kernel takes a group of as many elements
// of the contraction, and both operands are packed by groups, in the type that the instruction multiplies. A group
// takes as many bytes as an accumulator. Without such an instruction, a group is one element of the accumulator's type.
//
// Where the machine multiplies matrices in registers of their own, blocks of the product are multiplied by these, from
// the same packed operands (MatrixProduct.cpp).
//
// Products of few rows, which are bound by reading the right operand, go another way (FewRows.cpp): in matrix
// registers, too, by a transposed matrix (FewRowsMatrices.cpp) and by one in rows (FewRowsPanels.cpp).

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_DOT_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_DOT_H

#include "EmitterImpl.h"
#include "MicroKernel.h"

#include "tilec/Analysis/RowVersions.h"

namespace tilec::loops {

/// The indices of element (row, column) of a matrix in a batch.
SmallVector<Index> batchIndices(ArrayRef<Value> batch, Index row, Index column);

/// The intrinsic by which matrix registers multiply the operands of a dot; empty if there is none.
StringRef matrixProductOf(const Code &c, tile::DotOp dot);

/// Transposes as many vectors as each has lanes, which are a power of two and at least four. If `swapsHalves` is set,
/// the halves of each lane change their places, of eight lanes at least.
SmallVector<Value> transposeSquare(Code &c, ArrayRef<Value> rows, bool swapsHalves);

/// Groups of as many rows, which have the elements of as many vectors of columns, in the order of the columns.
SmallVector<Value> interleaveInOrder(Code &c, ArrayRef<Value> rows);

/// How many products an instruction adds to a lane, for a dot or dot_scaled.
int64_t termsPerInstruction(const Code &c, Operation *op);

/// The lowering of one dot or dot_scaled.
class DotLowering {
public:
  DotLowering(Emitter &emitter, Operation *op);
  void emit();

  /// How many rows are few; none if there is no code for products of few rows.
  FewRowsLimit fewRowsLimit() const;
  /// Steps of the contraction in which a micro-kernel fetches a line, a power of two.
  static constexpr int64_t stepsOfLine = 4;
  /// How many bytes of a row of a transposed matrix ahead others are fetched.
  static constexpr int64_t fetchedAhead = 2048;

  /// The bytes that an operand's packed tile takes; 0 if it is not packed, or in a way that does not pay to keep.
  int64_t packedBytes(bool isLeft);

private:
  /// An operand's element (row, column) is at base + row * rowStride + column * columnStride, or at
  /// base + rowOffsets[row] + column * columnStride. In blocks of several rows, the block of row r starts at
  /// base + r * rowStride, and rows of it are one element apart.
  struct Matrix {
    Value base;
    Value rowStride, columnStride;
    Value rowOffsets = {};
    int64_t blockRows = 1;
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

  /// A part of the contraction.
  struct Groups {
    Value begin, end;
  };
  /// Rows of the product, in one half of registers or two, and vectors of its columns; of which products they are.
  struct MatrixBlock {
    Value row, rowCount, column;
    int64_t halves, vectors;
    Groups groups;
  };

  /// What micro-kernels must know of the columns that they take: in each of the panel's vectors, what is to be added to
  /// the sums of all rows since the left operand is packed with an offset; and whether the instruction may be used on
  /// these elements. Empty and null where no such thing is needed.
  struct PanelFacts {
    SmallVector<Value, 2> correction;
    Value isInRange;
  };

  /// Where a worker keeps the packed tile that it probably multiplies next, and whether it is there; null if it never
  /// is.
  struct NextPacked {
    Value base, isPacked;
  };

  /// Lines in memory: 2^shift of them in each row, and rows `step` bytes apart. Without a base it is not known where.
  struct Region {
    Value base, step, shift, lines;
  };
  /// Lines of a region that one micro-kernel fetches, from one of them on.
  struct Walk {
    Region region;
    Value first;
  };

  /// What is fetched into the caches while this tile is multiplied: the next tiles of the contraction, which a loop
  /// around the dot multiplies next, or behind the last of them the elements that the result is stored to.
  struct Ahead {
    Value isMore;
    /// The next tiles of the operands in their arrays; without a base where their rows are not contiguous.
    Matrix left, right;
    /// How many of the right operand's rows each block of rows of the product fetches, or how many lines of a panel.
    Value rowsPerBlock, linesPerBlock;
    /// Where the result goes; null if that is not known.
    Matrix result;
    Type resultType;
    /// The same as regions, where micro-kernels fetch a line every few steps.
    SmallVector<Region, 2> regions = {};
  };

  /// An array that the right operand's elements come from, and its elements' type; how many steps of micro-kernels fetch
  /// a row of it, and the inverse of that: null where the tile's type tells.
  struct Source {
    Matrix matrix;
    Type element;
    Value stepsOfRow = {}, partOfStep = {};
  };
  /// A product of few rows: the left operand in the accumulator's type or by groups, where the right one comes from,
  /// and the sums; how many rows of the right operand a step takes, and in which form: by groups, or bf16 by even and
  /// odd columns.
  struct FewRows {
    ArrayRef<Value> batch;
    Matrix left;
    SmallVector<Source, 2> sources;
    Value sums;
    int64_t rowsPerStep = 1;
    bool byGroups = false, byColumnPairs = false;
    /// Whether the instruction can be used for the left operand; null unless groups are of bf16.
    Value leftInRange;
    /// Whether they are multiplied in f32.
    bool byHalves = false;
    /// How many micro-kernels take rows of the product one after the other, and the first row of one of them; null for
    /// the product's first one. The first micro-kernel writes its groups to a buffer, the others read them there.
    int64_t passes = 1;
    Value firstRow;
    /// How many rows the code that takes all of them in a loop takes at once; 0 where there is code for each number.
    int64_t rowsOfLoop = 0;
    std::optional<Buffer> kept;
    bool isKept = false;
    /// How many rows of the right operand are walked through before the next columns; as many are fetched ahead.
    int64_t blockRows = 0;
    /// The right operand in memory, if its columns are contiguous.
    Matrix transposed;
  };
  /// Where the sums begin and end, if the loop around the dot carries them for it alone, or if they begin as one value
  /// whenever the dot is executed: there is no loop then (DotEnds.cpp).
  struct Ends {
    scf::ForOp loop;
    /// What they begin as, a `full`, and whether this is the loop's first iteration.
    Value initial, isFirst;
    /// Whether it is the last one, and the elements that they are stored to then: null if they stay in scratch.
    Value isLast;
    Matrix result;
    /// Whether those pass by the caches; null if they never do.
    Value isStreamed;
  };

  /// Emits code that another product of the kernel may share (LowerDot.cpp). Its value is of type `result`, null for
  /// none.
  Value shareable(Type result, llvm::function_ref<Value()> code);
  void shareable(llvm::function_ref<void()> code);

  // The accumulators (LowerDot.cpp).
  Buffer chooseAccumulator();
  bool mayReuse(const Buffer &buffer);

  // Packed operands that workers use again (ReusedOperands.cpp).
  /// A packed operand, and whether it is in the range that the instruction can be used for.
  struct Packed {
    Value base, isInRange;
    NextPacked next = {};
  };
  /// Packs an operand to a place; the result is null if its range does not matter.
  using Pack = llvm::function_ref<Value(Value base)>;
  /// Packs an operand to `own`, or to where the worker keeps it, if it has not done so already.
  Packed packOnce(bool isLeft, Value own, Pack pack);

  // The operands (DotOperands.cpp).
  int64_t leftColumns() const;
  RankedTensorType leftType() const;
  int64_t placeBytes(bool isLeft);
  int64_t rightElements() const;
  bool isDirect(Value tile) const;
  bool isInMemory(Value tile) const;
  Matrix direct(Value tile, ArrayRef<Value> batch);
  Matrix loadedFrom(Value tile, ArrayRef<Value> batch);
  bool gathersRows(Value tile) const;
  Matrix gathered(Value tile, Value rowOffsets);
  Value rowAddress(const Matrix &matrix, Value row);
  Value rowRegister(const Matrix &matrix, Value row);
  Value operandElement(bool isLeft, ArrayRef<Index> at);
  Matrix rightRows(ArrayRef<Value> batch);
  Value maskOf(Value column);
  Value partOfRow(const Matrix &source, Value k, Value column, Value mask);
  Matrix packLeftElements(ArrayRef<Value> batch, const Buffer &buffer);
  Matrix placeLeft(ArrayRef<Value> batch, Buffer buffer);
  Right placeRight(ArrayRef<Value> batch, Value panels);
  void packRight(ArrayRef<Value> batch, Value panels, Value from);
  void packTransposed(Value panels, int64_t width, llvm::function_ref<Value(Index, Value)> groupsAt,
                      llvm::function_ref<void(Value, Value)> storeElement);
  Value panelAddress(Value panels, Value k, Value column);

  // The left operand in blocks of rows (DotLeft.cpp).
  bool packsLeftBlocks() const;
  Matrix placeLeftBlocks(ArrayRef<Value> batch, Value own);

  // Operands that are packed by groups (DotGroups.cpp).
  void chooseInstruction();
  bool swapsPairs() const;
  int64_t packedLanes(Value tile, int64_t size);
  Value groupElement(bool isLeft, ArrayRef<Index> at);
  Value inGroups(bool isLeft, Value carried) const;
  Value upperHalves(Value value, int64_t count) const;
  int64_t rowsAhead() const;
  void storeGroups(SmallVector<Value> rows, Value panels, Value group, Value column);
  void packRightEdge(const Matrix &source, Value panels, Value from);
  Value interleave(ArrayRef<Value> rows);
  void fetchRow(const Matrix &source, Value row, Index column);
  Matrix packLeftGroups(ArrayRef<Value> batch, const Buffer &buffer);
  void packRightGroups(ArrayRef<Value> batch, Value panels);
  void packTransposedGroups(ArrayRef<Value> batch, Value panels, int64_t width);

  // Products of groups (GroupProduct.cpp).
  Value multiplyAddGroups(Value x, Value y, Value sum);
  Value multiplyAddInOrder(Value first, Value second, Value sum);
  Value multiplyAddHalves(Value x, Value y, Value sum);
  SmallVector<Value> followMagnitudes(Value elements, ValueRange extremes);
  SmallVector<Value> initialExtremes();
  SmallVector<Value> followPairs(Value groups, ValueRange extremes);
  Value isInRange(ValueRange extremes);
  Value surveyed(llvm::function_ref<void()> pack);
  void followPacked(Value elements);
  Value arePanelSumsInRange(Value accumulators, Value column, int64_t vectors);
  PanelFacts surveyPanel(const Panel &panel, Value accumulators, Value column, int64_t vectors);
  Value followSum(Value least, Value sum);
  Value followStoredSums(Value least, const Matrix &sums, const MatrixBlock &block);
  Value isLeastInRange(Value least);
  Value areSumsInRange(ValueRange sums);

  // Products by matrix registers (MatrixProduct.cpp).
  void chooseMatrices();
  /// Whether sums have the order of matrix registers.
  bool isInMatrixOrder() const { return matrices && isa<FloatType>(sumType); }
  void callMatrices(StringRef intrinsic, ValueRange operands);
  Value matrixRegister(int64_t number);
  void configureMatrices(Value table, Value firstRows, Value secondRows);
  void padRightGroups(Value panels);
  Value mayLoadRows(const Matrix &array);
  void surveyRows(ArrayRef<Value> batch);
  void multiplyByMatrices(const Matrix &left, const Right &right, const Matrix &accumulators);
  void eachPass(llvm::function_ref<void(Groups)> body);
  Value configurationTable();
  bool passesRows() const;
  int64_t groupsOfPass() const;
  void matrixRows(const Matrix &left, const Panel &panel, const MatrixBlock &block, const Matrix &from,
                  const Matrix &to);
  void matrixPanel(const Matrix &left, const Panel &panel, const Matrix &accumulators, const MatrixBlock &block,
                   Value table);
  void matrixBlocks(const Matrix &left, const Panel &panel, const Matrix &from, const Matrix &to,
                    const MatrixBlock &all, Value table);
  Value areStoredSumsInRange(const Matrix &sums, const MatrixBlock &block);
  void groupsInMatrixOrder(const Matrix &left, const Panel &panel, const MatrixBlock &block,
                           const Matrix &accumulators);
  Value sumAddress(const Matrix &sums, Value row, Value column);

  // Where these begin and end (MatrixEnds.cpp).
  Value areSumsZero() const;
  void followSumsInRange();
  void eachVector(const MatrixBlock &block, llvm::function_ref<void(Value row, Value column)> body);
  void zeroBlock(const Matrix &accumulators, const MatrixBlock &block);
  Value isWhole(const MatrixBlock &block);
  Value storesBlock(const MatrixBlock &block);
  void storeBlock(const Matrix &accumulators, const MatrixBlock &block, Value isStored);

  // Products of few rows (FewRows.cpp).
  /// How many rows are few for vectors.
  static constexpr int64_t mostFewRowsOfVectors = 8;
  bool hasVectorRows(Value tile) const;
  bool takesFewRows() const;
  analysis::RowVersion rowVersion() const;
  bool hasFewRowsOnly() const;
  bool isOneOfSeveral() const;
  void findSources(Value tile, ArrayRef<Value> batch, SmallVectorImpl<Source> &sources);
  SmallVector<Value> pairsOfColumns(Value k, Value column, int64_t vectors);
  int64_t linesOfStep(const Source &source, int64_t vectors) const;
  void countStepsOfRows(int64_t vectors);
  void fetchFewRows(Value step, Value column, Value from, Value to, int64_t rows, int64_t vectors);
  Value fewRow(int64_t r);
  SmallVector<Value> fewRowsRight(Value step, ArrayRef<Value> groupRows, Value column, int64_t vectors,
                                  bool byColumnPairs);
  Value fewRowsKernel(Value column, Value keep, Value from, Value to, int64_t rows, int64_t vectors);
  void storeFewRows(ArrayRef<Value> sums, ArrayRef<Value> addresses, Value keep, bool adds);
  void forFewRows(llvm::function_ref<void()> kernel);
  void fewRowsColumns(Value from, Value to, int64_t rows, int64_t vectors, int64_t rowsAtOnce);
  void prepareFewRows(const Buffer &leftBuffer, bool byGroups);
  void multiplyFewRows(ArrayRef<Value> batch, const Buffer &leftBuffer, Value sums);
  void multiplyByVectors(const Buffer &leftBuffer);
  void multiplyElements(ArrayRef<Value> batch, Value sums);

  // The same by groups (FewRowsGroups.cpp).
  bool takesPairs() const;
  bool isInPieces(int64_t vectors) const;
  void reorderSums(MutableArrayRef<Value> sums, int64_t vectors, bool back);
  SmallVector<Value> loadSums(ArrayRef<Value> addresses, int64_t vectors);
  SmallVector<Value> groupRows(Value group);
  SmallVector<Value> groupsOfColumns(Value group, ArrayRef<Value> rows, Value column, int64_t vectors);
  Value multiplyAddFew(Value left, Value right, Value sum);
  Value padPairs(Value group, Value pairs);
  /// Whether groups are pairs of bf16 that the instruction is to multiply.
  bool triesPairs() const { return few->leftInRange && !few->byHalves; }
  void rowByRow(Value from, Value to, llvm::function_ref<void()> multiplyRow);
  Value tryPairs(ArrayRef<Value> addresses, int64_t vectors, Value keep,
                 llvm::function_ref<SmallVector<Value>(ValueRange sums)> walk);
  void pairsOfFewRows(Value from, Value to, int64_t vectors, int64_t rowsAtOnce);
  void correctFewRows();

  // The same by a transposed matrix (FewRowsTransposed.cpp).
  bool isTransposedInMemory() const;
  int64_t tilesAtOnce();
  void takeTiles(int64_t tiles, llvm::function_ref<void()> multiply);
  void transposedKernel(Value column, Value keep, Value end, int64_t rows);
  void transposedColumn(Value column, Value keep, int64_t rows);
  void transposedColumns(int64_t rows);

  // The same by matrix registers (FewRowsMatrices.cpp).
  bool takesMatrixRows() const;
  int64_t mostRowRegisters() const;
  int64_t wordsOfRegister() const;
  Value columnOfRegisters(Value base, Value row);
  void storeTransposed(ArrayRef<Value> rows, Value to, int64_t distance);
  SmallVector<Value> loadTransposed(Value from);
  SmallVector<Value> rowsFrom(Value row, llvm::function_ref<Value(Value)> of);
  void packRowsOfRegisters(Value registers, Value target);
  void copyEdge(Value column, Value target);
  void configureMatrixRows(Value table, Value registers);
  SmallVector<Value> walkMatrixRows(Value column, Value rows, Value edge, int64_t registers);
  Value multiplyByRegisters(Value column, Value rows, Value edge, Value passed, int64_t registers);
  void multiplyRowsInOrder(Value column, Value keep, Value rows, Value registers, const Matrix &widened,
                           Value isWidened);
  void multiplyByMatrixRows();

  // The same by panels of a matrix in rows (FewRowsPanels.cpp).
  bool takesPanels() const;
  Value mayTakePanels();
  int64_t leastPanelRows() const;
  int64_t registersOfPiece() const;
  void configurePanels(Value table);
  Matrix pieceAt(Value k, Value column, Value edge);
  SmallVector<Value> interleavePiece(const Matrix &piece, Value panel, Value number, ValueRange extremes);
  void multiplyPanel(Value panel, Value column, Value group, Value mayUse);
  Value areFewSumsInRange();
  void multiplyByPanels();

  // The same with less code (FewRowsSquares.cpp).
  /// A square of the matrix: its elements' type, how many of the contraction it has, and room for words of its columns,
  /// as vectors; for both operands where the contraction ends within it; and for a row of the left one in f32.
  struct Square {
    Type element;
    int64_t depth;
    Value words, rightEdge, leftEdge, leftHalves = {};
  };
  void transposeInto(const Square &square, Value from, Value stride, Value column, Value k);
  Value takesPairsOf(const Square &square);
  void multiplySquare(const Square &square, const Matrix &left, Value sums, Value row, int64_t rows);
  void multiplyRowsBySquare(const Square &square, const Matrix &left, Value sums, Value isInRange);
  void copyRest(Value source, Value stride, Value begin, Value end, Type element, Value target, int64_t width,
                int64_t padding);
  void fillEdges(const Square &square, Value column, Value from);
  void multiplySquares();

  // Where sums begin and end (DotEnds.cpp).
  bool isFull() const;
  void findEnds();
  SmallVector<Value> beginSums(ArrayRef<Value> addresses);
  void endSums(ArrayRef<Value> sums, ArrayRef<Value> addresses, Value row, Value column, int64_t vectors);

  // The product (DotKernel.cpp).
  void lookAhead(ArrayRef<Value> batch);
  void findDestination();
  void fetch(Value address, bool isWritten);
  void forFew(int64_t count, int64_t most, llvm::function_ref<void(Value)> body);
  void forRowsOfBlock(int64_t lines, llvm::function_ref<void(Value)> body);
  void fetchResult(Value row, Value column);
  void fetchAhead(Value row, Value column);
  void fetchNextTiles(Value row, Value column);
  void fetchNextRight(Value row, Value column);
  void fetchNextLeft(Value row, Value column);
  void fetchWhere(const NextPacked &packed, const Matrix &array, llvm::function_ref<void()> fromPacked,
                  llvm::function_ref<void()> fromArray);
  Panel panelAt(const Right &right, Value column);

  // What micro-kernels fetch as they go (DotWalks.cpp).
  Region regionOf(const Matrix &array, Type element, Value rows, int64_t columns);
  Region onlyIf(Value condition, Region region);
  Region nextRegion(const NextPacked &packed, int64_t bytes, const Region &array);
  void findRegions();
  Walk walkOf(Value row, Value column, Value sums);
  void fetchOnWalk(const Walk &walk, Value step);

  void multiply(const Matrix &left, const Right &right, Value accumulators);
  void rowBlocks(const Matrix &left, const Panel &panel, const PanelFacts &facts, Value accumulators, Value column,
                 int64_t vectors);
  void microKernel(const Matrix &left, const Panel &panel, const PanelFacts &facts, Value accumulators, Value row,
                   Value column, int64_t rows, int64_t vectors, bool byHalves);
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
  /// What multiplies groups, if anything does: the elements of a group, their type, the type that holds a group, how
  /// many groups a tile has at most, and how many it has.
  const DotInstruction *instruction = nullptr;
  int64_t depth = 1, groups = 0;
  Type packedType, groupType;
  Value groupCount;
  /// What multiplies matrices of groups, if anything does, and its intrinsic.
  const MatrixInstructions *matrices = nullptr;
  StringRef matrixProduct;
  /// Whether all of both operands is in the range that the instruction can be used for; null if that does not matter.
  Value operandsInRange;
  /// Whether the sums are without a look at them, and where iterations tell that to the next ones; null if that is
  /// never known.
  Value sumsInRange, sumsInRangeAt;
  /// Where the extremes of what is packed are, while they are followed.
  SmallVector<Value, 2> extremesAt;
  MicroKernel kernel;
  int64_t sumStride = 0;
  std::optional<Ahead> ahead;
  NextPacked nextLeft, nextRight;
  Ends ends;
  /// While a product of few rows is written.
  std::optional<FewRows> few;
};

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_DOT_H
