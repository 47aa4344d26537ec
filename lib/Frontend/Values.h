//===- Values.h - what expressions stand for while IR is generated ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The values of the elaboration walk: tiles and scalars with their source types and dims, and the things that have no
/// IR value of their own (arrays, tile indices, windows, tuples, types).
//
//===----------------------------------------------------------------------===//

#ifndef TILEC_LIB_FRONTEND_VALUES_H
#define TILEC_LIB_FRONTEND_VALUES_H

#include "Constants.h"
#include "Types.h"

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"

#include <memory>
#include <string>
#include <vector>

namespace tilec {

/// A dim of a tile. `range` is its identity: two dims of an index, or two whole dims of unknown size, are the same if
/// their ranges are.
struct Dim {
  /// The `!tile.range` behind the dim; null for a dim of 1 that nobody asked about yet.
  mlir::Value range;
  /// The size in the tensor type; dynamic until the config is bound or a dim is known.
  int64_t size = 1;
  /// Whether the dim is a compile-time number, and not an index's or an unknown whole dim.
  bool isNumber = true;
  /// What messages call it: `i`, `N`, `64`.
  std::string name = "1";
  /// A whole dim of unknown size over the kernel's dim symbols; null for every other dim.
  mlir::AffineExpr expr = {};

  bool isOne() const { return isNumber && size == 1; }
  /// Whether elements of the two dims stand for each other without repetition.
  bool isSame(const Dim &other) const {
    if (isNumber != other.isNumber)
      return false;
    if (isNumber && !mlir::ShapedType::isDynamic(size))
      return size == other.size;
    return range == other.range;
  }
};

using Dims = llvm::SmallVector<Dim, 3>;

/// A tile index: the loop variable of `tiles`, or the result of `tile(...)`.
struct TileIndex {
  std::string name;
  mlir::Value range;
  /// Bounds and size of the range that it cuts, as `index` values.
  mlir::Value lower, upper, size;
  /// The dim of a tile subscripted by it.
  Dim dim;
};

/// The extent of an array's dim.
struct Extent {
  /// The extent over the kernel's dim symbols, a constant where it is known; null for a scalar of the kernel level.
  mlir::AffineExpr expr = {};
  /// The extent as an `index` value where `expr` is null.
  mlir::Value value;
  /// How the source spells it.
  std::string text;
};

/// An array: a parameter, a result or a temporary.
struct Array {
  enum class Kind { In, Inout, Result, Temporary };

  std::string name;
  Kind kind = Kind::In;
  ElementType type = ElementType::F32;
  mlir::Value memref;
  llvm::SmallVector<Extent, 4> extents;
  /// Where it is declared.
  SourceRange declared;
  /// Position in the kernel's list of written arrays; -1 for one that is only read.
  int tokenSlot = -1;

  bool isWritable() const { return kind != Kind::In; }
};

/// What an expression stands for.
struct Val {
  enum class Kind {
    Poison,  // After an error that was reported.
    Runtime, // A scalar or tile; a scalar may be a constant.
    Array,
    TileIndex,
    Window, // A tile index shifted by a scalar.
    Tuple,
    Type,
    Token, // Stands for accesses; `ssa` is a `!tile.token`.
    Void,  // What a call for its effect gives.
  };

  Kind kind = Kind::Poison;

  // Runtime.
  ElementType type = ElementType::I32;
  Dims dims;
  /// The IR value, a token's too; of `type`, or of f32 if `isWide`. Null for a constant, and where `index` stands for
  /// it.
  mlir::Value ssa;
  /// Whether a narrow float is carried in f32.
  bool isWide = false;
  /// The value of a constant.
  std::optional<Constant> constant;
  /// Whether the constant has no type of its own yet.
  bool isUntyped = false;
  /// An i32 scalar as an `index` value, where there is one.
  mlir::Value index;
  /// An i32 scalar as an expression over the dim symbols.
  mlir::AffineExpr dimExpr;
  /// Whether the value will be a constant once the config is bound (`i.size`, a tunable).
  bool isConfig = false;

  // The others.
  const Array *array = nullptr;
  const TileIndex *tileIndex = nullptr;
  /// A window's shift, as an `index` value.
  mlir::Value shift;
  std::shared_ptr<const std::vector<Val>> elements;

  bool isPoison() const { return kind == Kind::Poison; }
  bool isRuntime() const { return kind == Kind::Runtime; }
  bool isScalar() const { return isRuntime() && dims.empty(); }
  bool isTile() const { return isRuntime() && !dims.empty(); }
  bool isConstant() const { return isRuntime() && constant.has_value(); }
  bool isTuple() const { return kind == Kind::Tuple; }
  bool isToken() const { return kind == Kind::Token; }
  /// Whether a `var` may hold it.
  bool isAssignable() const { return isRuntime() || isToken(); }
  /// The value of a constant integer.
  std::optional<int64_t> asInt64() const { return isConstant() ? constant->asInt64() : std::nullopt; }

  static Val poison() { return {}; }
  static Val ofVoid() { return ofKind(Kind::Void); }
  static Val ofType(ElementType type) {
    Val val = ofKind(Kind::Type);
    val.type = type;
    return val;
  }
  static Val ofToken(mlir::Value token) {
    Val val = ofKind(Kind::Token);
    val.ssa = token;
    return val;
  }
  static Val ofArray(const Array *array) {
    Val val = ofKind(Kind::Array);
    val.array = array;
    return val;
  }
  static Val ofTileIndex(const TileIndex *index) {
    Val val = ofKind(Kind::TileIndex);
    val.tileIndex = index;
    return val;
  }
  static Val ofTuple(std::vector<Val> elements) {
    Val val = ofKind(Kind::Tuple);
    val.elements = std::make_shared<const std::vector<Val>>(std::move(elements));
    return val;
  }
  static Val ofUntyped(Constant constant) {
    Val val = ofKind(Kind::Runtime);
    val.type = defaultType(constant);
    val.constant = std::move(constant);
    val.isUntyped = true;
    return val;
  }
  static Val ofConstant(ElementType type, Constant constant) {
    Val val = ofUntyped(std::move(constant));
    val.type = type;
    val.isUntyped = false;
    return val;
  }
  static Val ofRuntime(ElementType type, mlir::Value ssa, Dims dims = {}, bool isWide = false) {
    Val val = ofKind(Kind::Runtime);
    val.type = type;
    val.ssa = ssa;
    val.dims = std::move(dims);
    val.isWide = isWide;
    return val;
  }
  /// An i32 scalar that the IR holds as an index.
  static Val ofIndex(mlir::Value index, bool isConfig = false) {
    Val val = ofKind(Kind::Runtime);
    val.index = index;
    val.isConfig = isConfig;
    return val;
  }

private:
  static Val ofKind(Kind kind) {
    Val val;
    val.kind = kind;
    return val;
  }
};

/// A few values.
using Vals = llvm::SmallVector<Val, 2>;

} // namespace tilec

#endif // TILEC_LIB_FRONTEND_VALUES_H
