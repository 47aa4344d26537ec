//===- Emitter.h - one kernel as loops over vectors and elements -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The lowering of a kernel is demand driven. Ops that need whole tiles (stores, reductions, contractions, ...) emit a
// loop nest over the clipped extents, and ask for the elements of their operands there; a tile that is not kept in
// scratch is computed where it is asked for, as far out in the nest as its indices allow.

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_EMITTER_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_EMITTER_H

#include "Code.h"
#include "Elements.h"
#include "Plan.h"

#include "dialects/Tile/Tile.h"
#include "tilec/Analysis/DimRanges.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

#include <map>

namespace tilec::loops {

/// An index along one dim: one number, or the lanes `base, base + 1, ...` of a vector.
struct Index {
  Value base;
  /// 0 for one number.
  int64_t lanes = 0;
  /// Which of the lanes there are, at least the first; null for all.
  Value mask = {};
};

/// The lanes of an element at these indices: those of the one that has lanes, 0 if none has.
inline int64_t lanesAt(ArrayRef<Index> at) {
  int64_t lanes = 0;
  for (const Index &index : at)
    lanes = std::max(lanes, index.lanes);
  return lanes;
}

/// Which of these lanes there are; null for all.
inline Value maskAt(ArrayRef<Index> at) {
  for (const Index &index : at)
    if (index.mask)
      return index.mask;
  return {};
}

/// A tile in scratch, as carriers.
struct Buffer {
  Value base;
  /// The tile's element type.
  Type element;
  /// In elements.
  SmallVector<int64_t> strides;
};

/// A `!tile.range` at run time; for a window, begin is shifted.
struct RangeCode {
  Value begin, extent;
};

/// An array at run time; extents and strides count elements.
struct ArrayCode {
  Value base;
  Type element;
  SmallVector<Value> extents, strides;
};

/// Packed tiles of a contraction's operand that a worker uses again (ReusedOperands.cpp).
struct ReusedTiles {
  /// A loop in the grid that steps along the tiles, the ranges that it walks along, and a value known outside of the grid
  /// that they end at, or before it; where it begins, its step and how many tiles there are along it, at run time.
  struct Steps {
    scf::ForOp loop;
    tile::RangeOp range;
    Value end;
    Value lower, step, count;
    /// Iterations may end the last range elsewhere: tiles of ranges that are not whole are not kept.
    bool endVaries() { return range.getEnd() != end; }
  };

  Operation *op = nullptr;
  bool isLeft = false;
  int64_t tileBytes = 0;
  /// What a tile depends on: dims of the grid, and loops.
  llvm::SmallSetVector<unsigned, 4> dims;
  SmallVector<Steps, 1> loops;
  /// The innermost dim along which iterations need the same tiles.
  unsigned along = 0;
  /// The workers' places, and the bytes of those of one worker; how many tiles these are, 0 where keeping tiles does
  /// not pay; the grid's counts.
  Value places, workerBytes, count;
  SmallVector<Value> counts;
};

/// How many rows of a product are few, and how many where the contraction has less than so many terms.
struct FewRowsLimit {
  int64_t rows = 0, rowsOfFewTerms = 0, terms = 0;
};

/// The run-time values behind the IR's values, in the function that is being written.
struct Frame {
  llvm::DenseMap<Value, Value> scalars;
  llvm::DenseMap<Value, RangeCode> ranges;
  llvm::DenseMap<Value, ArrayCode> arrays;
  llvm::DenseMap<Value, Buffer> buffers;
  /// Buffers that the reduction fills that is emitted next: whoever computes an element leaves it there.
  llvm::DenseMap<Value, Buffer> pending;
  /// Start of this worker's scratch, and of the call's TilecCallState.
  Value scratch, state;
  /// Of a grid's body: the worker, which iteration it is along each dim, and the operands that others need, too.
  Value worker;
  SmallVector<Value> positions;
  SmallVector<ReusedTiles> reused;
};

using Elements = llvm::function_ref<void(ArrayRef<Index>)>;
using Carried = llvm::function_ref<SmallVector<Value>(Value iv, ValueRange carried)>;

class Emitter {
public:
  Emitter(tile::KernelOp kernel, const TargetSpec &spec, bool contract, bool deterministic);

  /// Writes the kernel's functions beside it. Diagnostics have been emitted on failure.
  LogicalResult run();

private:
  // The kernel and its grids (Kernel.cpp).
  void loadArguments(LLVM::LLVMFuncOp function);
  void emitGrid(tile::GridOp grid);
  void emitArray(tile::ArrayOp op);
  /// A grid's bounds at run time, by dim.
  struct GridBounds {
    SmallVector<Value> lower, upper, step, count;
  };
  void emitGridBody(tile::GridOp grid, Value number, const GridBounds &bounds);
  // Packed operands that workers use again (ReusedOperands.cpp).
  void reuseOperands(tile::GridOp grid, const GridBounds &bounds, Frame &inner);
  void allocateReused(ReusedTiles &tiles, const GridBounds &bounds);
  /// How the step of a grid's dim is chosen at run time (Balance.cpp).
  struct StepChoice {
    /// What the step is a multiple of; 0 for a step that stays.
    int64_t multiple = 0;
    /// What an iteration costs along this dim as if its step were so much larger.
    int64_t overhead = 0;
    /// How many elements the last iteration should have at least; the multiple is one of it.
    int64_t least = 0;
  };
  SmallVector<StepChoice> stepChoices(tile::GridOp grid);
  /// Chooses the steps, and how many iterations share a contraction, if some may.
  void balance(ArrayRef<StepChoice> choices, ArrayRef<Value> lower, ArrayRef<Value> upper, SmallVector<Value> &steps);
  Value scratchBytes();

  // Contractions that several iterations share (Split.cpp).
  /// How an iteration takes a part of a tile's contraction.
  struct Split {
    scf::ForOp loop;
    /// The loop's bounds and step, how many steps it has, and what tilec_split_grid is told.
    Value lower, upper, step, count, contraction;
    /// In how many parts it is cut, and how many tiles there are.
    Value parts, tiles;
    /// A counter of the parts of each tile that are done, and the sums of each part of each tile.
    Value counters, slots;
    /// Bytes of the sums of a part, and how many of them have a place.
    int64_t slotBytes = 0, slotUsed = 0;
    /// What this iteration takes: a tile, and the loop's bounds in a part of its contraction, or in all of it.
    Value tile, partLower, partUpper, isWhole;
    /// Where the sums of the tile's first part are, and those of this one.
    Value slot, partSlot;
  };
  std::optional<Split> split;
  /// Decides whether the contractions of a grid may be cut.
  void planSplit(tile::GridOp grid);
  /// Finds room for counters and sums in the workspace.
  void placeSplit();
  void zeroCounters();
  /// Finds out what an iteration takes, and changes its number to the tile's.
  void beginPart(Value &number);
  bool isCut(scf::ForOp loop) const { return split && split->loop == loop; }
  /// Where the loop carries its sums, which are in `whole` if the contraction is, and where the sums of all parts are.
  std::pair<Buffer, Buffer> placeSums(const Buffer &whole, RankedTensorType type);
  void addParts();
  Value endPart();
  void emitSplitBlock(Block &block);

  // Ops in program order (Control.cpp).
  void emitBlock(Block &block);
  void emitOp(Operation *op);
  void emitFor(scf::ForOp op);
  /// Where a loop begins and ends in this iteration of the grid.
  std::pair<Value, Value> loopBounds(scf::ForOp op);
  void emitIf(scf::IfOp op);
  void emitWhile(scf::WhileOp op);
  void emitYield(Operation *yield, ArrayRef<Buffer> targets, SmallVectorImpl<Value> &scalars);
  void emitRange(tile::RangeOp op);
  void emitDim(memref::DimOp op);

  // Scratch (Scratch.cpp).
  Buffer allocate(RankedTensorType type, bool padRows = true);
  /// How a tile lies in scratch, without a base, and how many bytes it takes there.
  std::pair<Buffer, int64_t> layOut(RankedTensorType type, bool padRows = true);
  Value allocateBytes(int64_t bytes);
  Buffer constantBuffer(DenseElementsAttr constant);
  Value loadBuffer(const Buffer &buffer, ArrayRef<Index> at);
  void storeBuffer(Value value, const Buffer &buffer, ArrayRef<Index> at);
  /// Computes a tile into scratch.
  void materialise(Value tile, const Buffer &target);
  /// Whether the next code that is emitted after the tile's op is a reduction of all of its elements.
  bool isReducedNext(Value tile);
  void copy(const Buffer &source, const Buffer &target, ArrayRef<Value> extents, RankedTensorType type);
  /// Gives every target its source's value at once.
  struct Assignment {
    Value source;
    Buffer target;
  };
  void assign(ArrayRef<Assignment> assignments);
  /// How a lazy tile reads a buffer.
  enum class Reads { Nothing, Pointwise, Anywhere };
  Reads reads(Value tile, const Buffer &buffer, bool aligned = true);

  // Loops (Nest.cpp).
  void loop(Value lower, Value upper, int64_t step, llvm::function_ref<void(Value)> body);
  SmallVector<Value> carriedLoop(Value lower, Value upper, int64_t step, ValueRange init, Carried body);
  /// What is left behind whole vectors: single elements, or the first lanes of one more vector.
  enum class Rest { Elements, Lanes };
  /// Calls `body` for all indices below `extents`, along `vectorDim` by vectors of `lanes` and then for the rest.
  void forEach(ArrayRef<Value> extents, int vectorDim, int64_t lanes, Elements body, Rest rest = Rest::Elements);
  /// Calls `body` for the indices from `lower` up to `upper`, which are fewer than `lanes`.
  void forRest(Value lower, Value upper, int64_t lanes, Rest rest, llvm::function_ref<void(Index)> body);
  /// How the rest of a row is best taken on this machine.
  Rest restOfRow() const { return c.spec.leastMaskedBytes == 1 ? Rest::Lanes : Rest::Elements; }
  /// The lanes of a vector that begins at `first` whose indices are less than `end`.
  Value lanesBelow(Value first, Value end, int64_t lanes);
  /// Lanes such that the widest element that is computed for `tiles` fills a register; 0 for no vectors. A row of
  /// `size` that is shorter has `rest` behind its vectors.
  int64_t chooseLanes(ValueRange tiles, int64_t size, Rest rest = Rest::Elements);
  int64_t widestElement(Value tile, llvm::DenseSet<Value> &seen);
  SmallVector<Value> extents(Value tile);
  Value extentOf(Value range);
  int levelOf(ArrayRef<Index> at);
  /// While it lives, loops belong to a nest of their own.
  class Root;

  // Elements (Lazy.cpp).
  Value element(Value tile, ArrayRef<Index> at);
  Value computeElement(Value tile, ArrayRef<Index> at);
  /// What element() gives for these indices from now on, as long as they are known.
  void remember(Value tile, ArrayRef<Index> at, Value element);
  Value scalar(Value value);
  Value emitScalarOp(Operation *op);

  // Memory (Memory.cpp).
  struct Address {
    /// One address, or with `lanes` the first of consecutive ones; null if every lane has its own.
    Value pointer;
    Value pointers;
    int64_t lanes = 0;
    /// How far the lanes are apart, in elements; the address is the lowest lane's, which is the last one if the number
    /// is negative.
    int64_t step = 1;
    /// Where to access; null for everywhere.
    Value mask;
  };
  Address address(Value array, ValueRange subscripts, Value mask, ArrayRef<Index> at, bool writes = false);
  Value emitLoad(tile::LoadOp op, ArrayRef<Index> at);
  /// The elements as memory holds them.
  Value loadStored(tile::LoadOp op, ArrayRef<Index> at);
  void emitStore(tile::StoreOp op);
  void storeTile(tile::StoreOp op);
  /// Writes one element or vector; `stored` is it as memory holds it, or null to compute it.
  void storeAt(tile::StoreOp op, ArrayRef<Index> at, Value stored);
  void emitAtomic(Operation *op);
  Value atomicElement(Operation *op, Value pointer, Value value, Value expected);
  /// Emits `then` where `condition` holds; the values are `otherwise` elsewhere.
  Value guarded(Value condition, Value otherwise, llvm::function_ref<Value()> then);
  /// Emits `then` where `condition` holds, and `otherwise` elsewhere.
  void either(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise);
  /// Emits code that is a function of its own if the kernel has equal code elsewhere (SharedCode.h). Its value is of
  /// type `result`, null for none.
  Value shareable(Type result, llvm::function_ref<Value()> code);

  // Elements at a constant distance (StridedAccess.cpp).
  /// The lanes' distance where integer tiles say it, and whole vectors are the way to access them; nothing elsewhere.
  std::optional<int64_t> accessedStep(const ArrayCode &code, ValueRange subscripts, unsigned dim, bool isMasked,
                                      bool writes);
  Value loadStrided(const Address &where, Type storage, Value pad);
  void storeStrided(const Address &where, Value stored);
  /// Writes the elements of two stores that alternate in memory.
  void storeAlternating(tile::StoreOp first, tile::StoreOp second, ArrayRef<Index> at);

  // Blocks that change rows and columns (Transpose.cpp).
  /// How a store of permuted tiles goes by square blocks.
  struct Transposition {
    /// The stored tile's dims that the rows and the columns of a block lie along: the last of the tiles' sources, and
    /// the last of the stored tile.
    int from = -1, to = -1;
    int64_t lanes = 0;
    SmallVector<tile::PermuteOp> permutes;
    /// The load, if the store only moves what was loaded.
    tile::LoadOp moves;
  };
  std::optional<Transposition> transposition(tile::StoreOp op);
  /// Calls `body` for all indices below `extents`, with the element as memory holds it if the store only moves it.
  void forEachBlock(const Transposition &transposition, ArrayRef<Value> extents,
                    llvm::function_ref<void(ArrayRef<Index>, Value)> body);

  // Stores that pass by the caches (Stream.cpp).
  /// Whether a store's array is larger than the caches and only written, known at run time; null where
  /// it never is.
  Value isStreamed(tile::StoreOp op, int64_t lanes);
  Value lastCacheBytes();
  /// Whether an array is larger than the caches, known at run time; null where it never is.
  Value isLargerThanCaches(const ArrayCode &code);
  /// Stores the elements below `extents` along `dim`, by vectors that pass by the caches where `isLarge` holds.
  void forEachStreamed(tile::StoreOp op, ArrayRef<Value> extents, int dim, int64_t lanes, Value isLarge);

  // Whole-tile ops (Reduce.cpp, Whole.cpp, LowerDot.cpp).
  SmallVector<Value> combine(Region &region, ValueRange left, ValueRange right);
  void emitReduce(tile::ReduceOp op);
  /// How many vectors of partial results a reduction along its source's vector dim keeps; a power of two.
  int64_t partialVectors(tile::ReduceOp op, int64_t lanes);
  SmallVector<Value> reduceAlong(tile::ReduceOp op, ArrayRef<Index> kept, ArrayRef<int64_t> keptDims, int64_t lanes);
  /// Whether what is left behind vectors is computed as one vector before it is combined one by one.
  bool computesRestByLanes(tile::ReduceOp op);
  /// The end of a row along `axis`, which is shorter than a vector.
  struct RangeOfRest {
    Value lower, upper;
  };
  /// Combines the last of `values` with the elements of that end, in order.
  SmallVector<Value> reduceRest(tile::ReduceOp op, SmallVector<Index> at, int64_t axis, RangeOfRest rest, int64_t lanes,
                                ValueRange values);
  /// The same with vectors and single elements combined.
  SmallVector<Value> reduceRow(tile::ReduceOp op, ArrayRef<Index> kept, ArrayRef<int64_t> keptDims, int64_t lanes);
  /// Whether a reduction that keeps its source's vector dim reads a few rows at a time from end to end.
  static bool readsRowsInTurn(tile::ReduceOp op);
  /// Reduces so; `vectorDim` is the kept dim that has lanes.
  void reduceRowsInTurn(tile::ReduceOp op, ArrayRef<Buffer> results, ArrayRef<Value> counts, ArrayRef<int64_t> keptDims,
                        int vectorDim, int64_t lanes);
  static int64_t rowsToFold(ArrayRef<Buffer> results, int64_t lanes);
  void reduceByBlocks(tile::ReduceOp op, ArrayRef<Buffer> results, ArrayRef<Value> counts, ArrayRef<int64_t> keptDims,
                      int64_t lanes);
  SmallVector<Value> foldRows(Region &region, SmallVector<SmallVector<Value>> rows);
  SmallVector<Value> foldLanes(Region &region, SmallVector<Value> values);
  SmallVector<Value> scanLanes(Region &combining, SmallVector<Value> values);
  void emitScan(tile::ScanOp op);
  void emitSort(Operation *op);
  void emitReshape(tile::ReshapeOp op);
  void emitCat(tile::CatOp op);
  void emitPrint(tile::PrintOp op);
  void emitAssert(tile::AssertOp op);
  void emitDot(Operation *op);
  friend class DotLowering;

  // Where the sums of contractions begin and end (DotEnds.cpp).
  /// The dot that a loop carries a value for, the one with this number, if it is for nothing else and begins as a
  /// `full`: the dot fills it.
  tile::DotOp dotThatBegins(scf::ForOp loop, unsigned number);
  /// How many rows at most are few in a contraction along a loop, or without one of so many terms.
  Value mostFewRows(const FewRowsLimit &limit, scf::ForOp loop, Value terms);
  /// A store whose elements the last iteration of a loop stores; not those of few rows, if a dot takes them another
  /// way.
  struct StoredInLoop {
    scf::ForOp loop;
    FewRowsLimit fewRows;
    /// Columns less than these are no few rows.
    int64_t lanes;
  };
  llvm::DenseMap<Operation *, StoredInLoop> storedInLoop;
  /// Whether the elements of a store have been stored; null if they have not.
  Value isStoredInLoop(tile::StoreOp store);

  /// Reports a failure of the lowering; code goes on to be written, and is thrown away.
  InFlightDiagnostic error(Operation *op);

  Code c;
  tile::KernelOp kernel;
  /// Whether grids that add floats atomically run one iteration after the other.
  const bool deterministic;
  analysis::DimRanges dimRanges;
  Plan plan;
  Frame frame;
  bool failed = false;

  /// The loops of the nest that is being written, the outermost first, and what was computed at each level.
  struct Level {
    Operation *loop = nullptr;
    Block *body = nullptr;
    std::map<std::vector<const void *>, Value> computed;
  };
  SmallVector<Level> nest;

  /// Scratch that is in use, and the most that ever was, of one worker.
  int64_t scratchUsed = 0, scratchNeeded = 0;
  /// Constants that become scratchNeeded at the end.
  SmallVector<arith::ConstantOp> scratchConstants;
  /// How many workers the host function's call has at most, its workspace and how far it is used; whether this call
  /// runs the grids.
  Value workers, workspace, workspaceUsed, isRun;
  /// How far it was used for a while.
  Value workspacePeak;
  unsigned grids = 0;
  /// Whether the grid that is being written has stores that pass by the caches.
  bool streams = false;
};

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_EMITTER_H
