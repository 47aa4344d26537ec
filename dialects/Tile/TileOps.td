//===- TileOps.td - all ops of the tile dialect -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_TILE_TILEOPS_TD
#define TILEC_DIALECTS_TILE_TILEOPS_TD

include "dialects/Tile/ControlOps.td"
include "dialects/Tile/MemoryOps.td"
include "dialects/Tile/ShapeOps.td"
include "dialects/Tile/ArithOps.td"
include "dialects/Tile/ContractOps.td"

#endif // TILEC_DIALECTS_TILE_TILEOPS_TD
