//===- TileDialect.td - the tile dialect -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_TILE_TILEDIALECT_TD
#define TILEC_DIALECTS_TILE_TILEDIALECT_TD

include "mlir/IR/OpBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::tilec::tile";
  let summary = "Kernels over arrays, written in terms of tiles and ordered by tokens";
  let description = [{
    A kernel is a sequence of grids over strided arrays; a tile is a value, a builtin `tensor`. `arith` and `math` carry the
    elementwise work where their meaning is the language's; this dialect owns the rest: extents as SSA ranges, memory accesses
    that take and return tokens, contractions, reductions, shape changes and conversions.

    A tensor dim may be `?` until the config is bound. Each `?` is tied to a `!tile.range`; `analysis::DimRanges` recovers the
    tie. Lanes outside a range's extent are unspecified but never poison.

    The examples of the ops are run by a test. They may use the index constants `%c0` to `%c8`; the range `%i` of three
    elements in four lanes; the range `%j` of two elements; the array `%A`, of 3 rows and 2 columns, with
    `A[r, c] = 10 * r + c`; `%setup`, the token of its stores; and the entry token `%e` of the grid that they stand in.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerTypes();
    void registerAttrs();
  }];
}

class Tile_Op<string mnemonic, list<Trait> traits = []> : Op<Tile_Dialect, mnemonic, traits>;

#endif // TILEC_DIALECTS_TILE_TILEDIALECT_TD
