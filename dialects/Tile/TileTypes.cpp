//===- TileTypes.cpp - types and attributes of the tile dialect ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Tile/Tile.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tilec::tile;

/// A tile size: a non-negative integer, or `?`.
static ParseResult parseTileSize(AsmParser &parser, int64_t &size) {
  if (succeeded(parser.parseOptionalQuestion())) {
    size = ShapedType::kDynamic;
    return success();
  }
  return parser.parseInteger(size);
}

static void printTileSize(AsmPrinter &printer, int64_t size) {
  if (ShapedType::isDynamic(size))
    printer << '?';
  else
    printer << size;
}

static ParseResult parseKind(AsmParser &parser, ParamKind &kind) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<ParamKind> parsed = symbolizeParamKind(keyword);
  if (!parsed)
    return parser.emitError(loc) << "'" << keyword << "' is not a parameter kind; expected array, inout, result or scalar";
  kind = *parsed;
  return success();
}

static void printKind(AsmPrinter &printer, ParamKind kind) { printer << stringifyParamKind(kind); }

static ParseResult parseDims(AsmParser &parser, AffineMap &dims) {
  AffineMapAttr attr;
  if (parser.parseAttribute(attr))
    return failure();
  dims = attr.getValue();
  return success();
}

static void printDims(AsmPrinter &printer, AffineMap dims) { printer << AffineMapAttr::get(dims); }

#define GET_TYPEDEF_CLASSES
#include "dialects/Tile/TileTypes.cpp.inc"

#include "dialects/Tile/TileEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Tile/TileAttrs.cpp.inc"

/// A size is dynamic or not negative.
static LogicalResult verifySize(function_ref<InFlightDiagnostic()> emitError, int64_t size) {
  if (!ShapedType::isDynamic(size) && size < 0)
    return emitError() << "a tile size is not negative, got " << size;
  return success();
}

LogicalResult RangeType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t size) {
  return verifySize(emitError, size);
}

LogicalResult WindowType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t size) {
  return verifySize(emitError, size);
}

void TileDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Tile/TileTypes.cpp.inc"
      >();
}

void TileDialect::registerAttrs() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Tile/TileAttrs.cpp.inc"
      >();
}
