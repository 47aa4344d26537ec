//===- TileOps.cpp - the generated op classes ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "dialects/Tile/Tile.h"

using namespace mlir;
using namespace tilec::tile;

/// ordering ::= order scope?
/// The words of an access's ordering, of which the first says whether there is one.
static OptionalParseResult parseOrdering(OpAsmParser &parser, MemoryOrderAttr &order, MemoryScopeAttr &scope) {
  StringRef word;
  if (failed(parser.parseOptionalKeyword(&word, {"weak", "relaxed", "acquire", "release", "acq_rel"})))
    return std::nullopt;
  order = MemoryOrderAttr::get(parser.getContext(), *symbolizeMemoryOrder(word));
  if (succeeded(parser.parseOptionalKeyword(&word, {"block", "device", "system"})))
    scope = MemoryScopeAttr::get(parser.getContext(), *symbolizeMemoryScope(word));
  return ParseResult(success());
}

static void printOrdering(OpAsmPrinter &printer, Operation *, MemoryOrderAttr order, MemoryScopeAttr scope) {
  if (order)
    printer << stringifyMemoryOrder(order.getValue());
  if (order && scope)
    printer << ' ' << stringifyMemoryScope(scope.getValue());
}

#define GET_OP_CLASSES
#include "dialects/Tile/TileOps.cpp.inc"
