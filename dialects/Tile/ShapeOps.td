//===- ShapeOps.td - creation and change of shape -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_TILE_SHAPEOPS_TD
#define TILEC_DIALECTS_TILE_SHAPEOPS_TD

include "dialects/Tile/TileTypes.td"
include "dialects/Tile/MemoryOps.td"

def Tile_FullOp : Tile_Op<"full", [Pure]> {
  let summary = "A tile with the same value in every lane";
  let description = [{
    `value[l...] = scalar`, with one dim per range.

    Constraints: (C1) The tile has the ranges' sizes. (C2) Its element type is the scalar's.
  }];
  let arguments = (ins Tile_Element:$scalar, Variadic<Tile_RangeType>:$ranges);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$scalar `(` $ranges `)` attr-dict `:` type($scalar) `,` `(` type($ranges) `)` `->` type($value)";
  let hasVerifier = 1;
}

def Tile_IotaOp : Tile_Op<"iota", [Pure]> {
  let summary = "The indices of a range";
  let description = [{
    `value[l] = begin + l`, as i32. Constraints: (C1) The tile has the range's size.
  }];
  let arguments = (ins Tile_RangeType:$range);
  let results = (outs TensorOf<[I32]>:$value);
  let assemblyFormat = "$range attr-dict `:` type($range) `->` type($value)";
  let hasVerifier = 1;
}

def Tile_ExpandDimsOp : Tile_Op<"expand_dims", [Pure]> {
  let summary = "Insert a dim of 1";
  let description = [{
    Constraints: (C1) `axis` lies in `[0, rank]`. (C2) The result has the source's dims with a 1 inserted at `axis`.
  }];
  let arguments = (ins AnyRankedTensor:$source, I64Attr:$axis);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$source `at` $axis attr-dict `:` type($source) `->` type($value)";
  let hasVerifier = 1;
}

def Tile_BroadcastOp : Tile_Op<"broadcast", [Pure]> {
  let summary = "Repeat a tile along new dims and dims of 1";
  let description = [{
    The source's dims stand for the result's trailing dims, as in NumPy: `value[.., l] = source[.., l]`, or `source[.., 0]` where
    the source's dim is 1 and the result's is not. `ranges` are the result's dims.

    Constraints: (C1) The tile has the ranges' sizes. (C2) Each source dim is the result's or 1. (C3) The element types are equal.
  }];
  let arguments = (ins AnyRankedTensor:$source, Variadic<Tile_RangeType>:$ranges);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$source `to` `(` $ranges `)` attr-dict `:` type($source) `,` `(` type($ranges) `)` `->` type($value)";
  let hasVerifier = 1;
}

def Tile_ReshapeOp : Tile_Op<"reshape", [Pure]> {
  let summary = "The same elements in row-major order under other dims";
  let description = [{
    Dims of an index are never merged or cut: the dims between them are. `ranges` are the result's dims.

    Constraints: (C1) The tile has the ranges' sizes. (C2) Source and result have the same dynamic dims in the same order, and between two of
    them, before the first and after the last, the same number of elements.
  }];
  let arguments = (ins Tile_Value:$source, Variadic<Tile_RangeType>:$ranges);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$source `to` `(` $ranges `)` attr-dict `:` type($source) `,` `(` type($ranges) `)` `->` type($value)";
  let hasVerifier = 1;
}

def Tile_PermuteOp : Tile_Op<"permute", [Pure]> {
  let summary = "Reorder the dims of a tile";
  let description = [{
    Result dim `d` is source dim `order[d]`. Constraints: (C1) `order` is a permutation of the dims. (C2) The result has the permuted dims.
  }];
  let arguments = (ins AnyRankedTensor:$source, DenseI64ArrayAttr:$order);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$source $order attr-dict `:` type($source) `->` type($value)";
  let hasVerifier = 1;
}

def Tile_CatOp : Tile_Op<"cat", [Pure]> {
  let summary = "Join two tiles along a dim";
  let description = [{
    The elements of `rhs` follow those of `lhs` along `axis`, whose range in the result is `range`.

    Constraints: (C1) `axis` is a dim, static in both. (C2) The result's dim is the sum and the range's size, the other dims are equal.
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs, I64Attr:$axis, Tile_RangeType:$range);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$lhs `,` $rhs `axis` $axis `(` $range `)` attr-dict `:` type($lhs) `,` type($rhs) `,` type($range) `->` type($value)";
  let hasVerifier = 1;
}

def Tile_SliceOp : Tile_Op<"slice", [Pure]> {
  let summary = "A static part of a tile along a dim";
  let description = [{
    `value[.., l, ..] = source[.., offset + l, ..]`; the dim's range in the result is `range`.

    Constraints: (C1) `axis` is a static dim of the source. (C2) The part lies inside it and has the range's size, the other dims are equal.
  }];
  let arguments = (ins AnyRankedTensor:$source, I64Attr:$axis, I64Attr:$offset, Tile_RangeType:$range);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$source `axis` $axis `at` $offset `(` $range `)` attr-dict `:` type($source) `,` type($range) `->` type($value)";
  let hasVerifier = 1;
}

def Tile_ElementOp : Tile_Op<"element", [Pure]> {
  let summary = "One element along a dim, which is dropped";
  let description = [{
    `value[..] = source[.., at, ..]`; a negative `at` is out of range. An `at` outside the extent of `over` is undefined, and reported by
    checked executors; the op never reads outside the tile.

    Constraints: (C1) `axis` is a dim. (C2) The result has the other dims; without any, it is a scalar.
  }];
  let arguments = (ins AnyRankedTensor:$source, I64Attr:$axis, Index:$at, Tile_RangeType:$over);
  let results = (outs Tile_Value:$value);
  let assemblyFormat = "$source `axis` $axis `at` $at `over` $over attr-dict `:` type($source) `,` type($over) `->` type($value)";
  let hasVerifier = 1;
}

#endif // TILEC_DIALECTS_TILE_SHAPEOPS_TD
