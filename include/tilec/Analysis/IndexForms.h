//===- IndexForms.h - index arithmetic as linear forms ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_ANALYSIS_INDEXFORMS_H
#define TILEC_ANALYSIS_INDEXFORMS_H

#include "dialects/Tile/Tile.h"
#include "llvm/ADT/DenseMap.h"

#include <optional>

namespace tilec::analysis {

/// A closed interval of integers. The ends of int64_t stand for "no bound".
struct Bounds {
  int64_t min = INT64_MIN, max = INT64_MAX;
  bool contains(Bounds other) const { return min <= other.min && other.max <= max; }
};

/// A name in a linear form: a symbol of IndexForms, and whose it is. An instance of an access has its own value of what
/// varies between it and the other instance; side 0 is what both share.
struct Name {
  unsigned symbol = 0;
  unsigned side = 0;
  bool operator==(Name other) const { return symbol == other.symbol && side == other.side; }
  bool operator<(Name other) const { return std::tie(symbol, side) < std::tie(other.symbol, other.side); }
};

/// `constant + sum of coefficient * name`.
///
/// Arithmetic on 32 bits wraps, so a form that stands for a value may only be congruent to it modulo 2^32: `isExact` is
/// false then. Sums, differences and multiples keep the congruence, whatever their width from 32 bits on, and so do the
/// casts between those widths.
struct LinearForm {
  llvm::SmallVector<std::pair<Name, int64_t>, 2> terms; // Sorted by name, no coefficient is 0.
  int64_t constant = 0;
  bool isExact = true;

  static LinearForm ofConstant(int64_t value) { return {{}, value, true}; }
  static LinearForm ofSymbol(unsigned symbol) { return {{{Name{symbol, 0}, 1}}, 0, true}; }

  bool isConstant() const { return terms.empty(); }
  bool operator==(const LinearForm &other) const {
    return terms == other.terms && constant == other.constant && isExact == other.isExact;
  }
};

/// `scale * form`, or nothing if a number gets large (2^40), which no index does.
std::optional<LinearForm> scaled(const LinearForm &form, int64_t scale);

/// `lhs + scale * rhs`, or nothing as above.
std::optional<LinearForm> sum(const LinearForm &lhs, const LinearForm &rhs, int64_t scale = 1);

/// A value that forms do not look into.
struct Symbol {
  /// A value that it varies with, the innermost one; null if it is the same in the whole call.
  mlir::Value anchor;
  Bounds bounds;
  /// `lower <= symbol`, where known; over symbols that are defined before it.
  std::optional<LinearForm> lower;
  /// `scale * symbol <= upper`, where known.
  std::optional<LinearForm> upper;
  int64_t scale = 1;
  /// How many regions it is nested in.
  unsigned depth = 0;
};

/// What one loop or one dim of a grid counts. The value of iteration n is `lower + n * step`; if the step is a number,
/// `form` says just that, over the symbol `count` (n). Otherwise the value has a symbol of its own, `begin`.
struct Induction {
  LinearForm form;
  std::optional<unsigned> count, begin;
  /// The step, where it is known to be positive and has an exact form.
  std::optional<LinearForm> step;
};

/// The linear forms of the index values of one kernel, remembered per value. Valid until the IR changes.
///
/// Facts that it relies on: extents of arrays are from 0 to 2^31 - 1 (the call checks it), sizes of tiles and steps of
/// sequential loops are positive (anything else is undefined), an iteration exists only for values below the upper
/// bound.
class IndexForms {
public:
  /// The form of a scalar of type index or of an integer type. A value that is not linear is a symbol itself.
  LinearForm get(mlir::Value value);

  /// Where a `!tile.range` begins; how many lanes it has; where it is clipped, if that is known exactly.
  LinearForm beginOf(mlir::Value range);
  LinearForm sizeOf(mlir::Value range);
  std::optional<LinearForm> endOf(mlir::Value range);

  /// The extent of dim `dim` of an array. Equal dims of parameters have equal forms, as their `tile.param`s say.
  LinearForm extentOf(mlir::Value array, unsigned dim);

  /// What an scf.for counts, or dim `dim` of a grid.
  const Induction &getInduction(mlir::Operation *loop, unsigned dim = 0);

  /// The least and greatest value of a form, from the bounds of its symbols.
  Bounds boundsOf(const LinearForm &form) const;

  const Symbol &getSymbol(unsigned symbol) const { return symbols[symbol]; }

  /// A new symbol for a count from 0 on, `scale * count <= upper`, which varies with nothing.
  unsigned newSlack(const std::optional<LinearForm> &upper, int64_t scale);

  /// The innermost value that a pure computation of `value` starts from; null if it is the same in the whole call. The
  /// value can vary between two iterations of a loop only if its anchor is defined inside the loop.
  mlir::Value anchorOf(mlir::Value value);

private:
  LinearForm compute(mlir::Value value);
  LinearForm ofArith(mlir::Operation *op, mlir::Value value);
  LinearForm ofDivision(mlir::Operation *op, mlir::Value value);
  std::optional<LinearForm> ofAffine(mlir::AffineExpr expr);
  LinearForm opaque(mlir::Value value);
  LinearForm wrapped(std::optional<LinearForm> result, mlir::Value value);
  Induction computeInduction(mlir::Operation *loop, unsigned dim);
  unsigned newSymbol(mlir::Value anchor, Bounds bounds);

  std::vector<Symbol> symbols;
  llvm::DenseMap<mlir::Value, LinearForm> forms;
  llvm::DenseMap<mlir::Value, mlir::Value> anchors;
  llvm::DenseMap<std::pair<mlir::Value, unsigned>, LinearForm> extents;
  /// By the number of the dim symbol, and by loop and index of a tile size.
  llvm::DenseMap<unsigned, unsigned> dimSymbols;
  llvm::DenseMap<std::pair<mlir::Attribute, mlir::Attribute>, unsigned> sizeSymbols;
  llvm::DenseMap<std::pair<mlir::Operation *, unsigned>, std::unique_ptr<Induction>> inductions;
};

} // namespace tilec::analysis

#endif // TILEC_ANALYSIS_INDEXFORMS_H
