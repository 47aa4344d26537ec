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

    Constraints:
    * (C1) The tile has the ranges' sizes.
    * (C2) Its element type is the scalar's.

    Example:
    ```mlir
    %half = arith.constant 0.5 : f32
    %x = tile.full %half(%i) : f32, (!tile.range<4>) -> tensor<4xf32>
    tile.print "{}" (%x : tensor<4xf32>) over (%i : !tile.range<4>) types ["f32"]
    // prints [0.5 0.5 0.5]
    ```
  }];
  let arguments = (ins Tile_Element:$scalar, Variadic<Tile_RangeType>:$ranges);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$scalar `(` $ranges `)` attr-dict `:` type($scalar) `,` `(` type($ranges) `)` `->` type($value)";
  let hasVerifier = 1;
}

def Tile_IotaOp : Tile_Op<"iota", [Pure]> {
  let summary = "The indices of a range";
  let description = [{
    `value[l] = begin + l`, as i32.

    Constraints:
    * (C1) The tile has the range's size.

    Example:
    ```mlir
    %k = tile.range %c5 to %c8 size %c4 : !tile.range<4>
    %n = tile.iota %k : !tile.range<4> -> tensor<4xi32>
    tile.print "{}" (%n : tensor<4xi32>) over (%k : !tile.range<4>) types ["i32"]
    // prints [5 6 7]
    ```
  }];
  let arguments = (ins Tile_RangeType:$range);
  let results = (outs TensorOf<[I32]>:$value);
  let assemblyFormat = "$range attr-dict `:` type($range) `->` type($value)";
  let hasVerifier = 1;
}

def Tile_ExpandDimsOp : Tile_Op<"expand_dims", [Pure]> {
  let summary = "Insert a dim of 1";
  let description = [{
    `value[.., 0, ..] = source[..]`, with the 0 at `axis`. The new dim needs no range until an op observes it.

    Constraints:
    * (C1) `axis` lies in `[0, rank]`.
    * (C2) The result has the source's dims with a 1 inserted at `axis`.

    Example:
    ```mlir
    %one = tile.range %c0 to %c1 size %c1 : !tile.range<1>
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %y = tile.expand_dims %x at 1 : tensor<4xi32> -> tensor<4x1xi32>
    tile.print "{}" (%y : tensor<4x1xi32>) over (%i, %one : !tile.range<4>, !tile.range<1>) types ["i32"]
    // prints [[0]
    // prints  [1]
    // prints  [2]]
    ```
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

    Constraints:
    * (C1) The tile has the ranges' sizes.
    * (C2) Each source dim is the result's or 1.
    * (C3) The element types are equal.

    Example:
    ```mlir
    %x = tile.iota %j : !tile.range<2> -> tensor<2xi32>
    %y = tile.broadcast %x to (%i, %j) : tensor<2xi32>, (!tile.range<4>, !tile.range<2>) -> tensor<4x2xi32>
    tile.print "{}" (%y : tensor<4x2xi32>) over (%i, %j : !tile.range<4>, !tile.range<2>) types ["i32"]
    // prints [[0 1]
    // prints  [0 1]
    // prints  [0 1]]
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source, Variadic<Tile_RangeType>:$ranges);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$source `to` `(` $ranges `)` attr-dict `:` type($source) `,` `(` type($ranges) `)` `->` type($value)";
  let hasVerifier = 1;
}

def Tile_ReshapeOp : Tile_Op<"reshape", [Pure]> {
  let summary = "The same elements in row-major order under other dims";
  let description = [{
    The element at row-major position `p` of the source stands at position `p` of the result. Dims of an index are never
    merged or cut: the dims between them are. `ranges` are the result's dims. A scalar is a source, or a result, of one
    element.

    Constraints:
    * (C1) The tile has the ranges' sizes.
    * (C2) Source and result have the same dynamic dims in the same order, and between two of them, before the first and
      after the last, the same number of elements, of one type.

    Example:
    ```mlir
    %six = tile.range %c0 to %c6 size %c6 : !tile.range<6>
    %three = tile.range %c0 to %c3 size %c3 : !tile.range<3>
    %x = tile.iota %six : !tile.range<6> -> tensor<6xi32>
    %y = tile.reshape %x to (%j, %three) : tensor<6xi32>, (!tile.range<2>, !tile.range<3>) -> tensor<2x3xi32>
    tile.print "{}" (%y : tensor<2x3xi32>) over (%j, %three : !tile.range<2>, !tile.range<3>) types ["i32"]
    // prints [[0 1 2]
    // prints  [3 4 5]]
    ```
  }];
  let arguments = (ins Tile_Value:$source, Variadic<Tile_RangeType>:$ranges);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$source `to` `(` $ranges `)` attr-dict `:` type($source) `,` `(` type($ranges) `)` `->` type($value)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_PermuteOp : Tile_Op<"permute", [Pure]> {
  let summary = "Reorder the dims of a tile";
  let description = [{
    Result dim `d` is source dim `order[d]`, with its range.

    Constraints:
    * (C1) `order` is a permutation of the dims.
    * (C2) The result has the permuted dims.

    Example:
    ```mlir
    %x, %t = tile.load %A[%i, %j] after (%e) : memref<3x2xi32>[!tile.range<4>, !tile.range<2>] -> tensor<4x2xi32>
    %y = tile.permute %x [1, 0] : tensor<4x2xi32> -> tensor<2x4xi32>
    tile.print "{}" (%y : tensor<2x4xi32>) over (%j, %i : !tile.range<2>, !tile.range<4>) types ["i32"]
    // prints [[ 0 10 20]
    // prints  [ 1 11 21]]
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source, DenseI64ArrayAttr:$order);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$source $order attr-dict `:` type($source) `->` type($value)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_CatOp : Tile_Op<"cat", [Pure]> {
  let summary = "Join two tiles along a dim";
  let description = [{
    The elements of `rhs` follow those of `lhs` along `axis`, whose range in the result is `range`.

    Constraints:
    * (C1) `axis` is a dim, static in both.
    * (C2) The result's dim is the sum and the range's size, the other dims are equal.

    Example:
    ```mlir
    %four = tile.range %c0 to %c4 size %c4 : !tile.range<4>
    %x = tile.iota %j : !tile.range<2> -> tensor<2xi32>
    %7 = arith.constant dense<7> : tensor<2xi32>
    %y = tile.cat %x, %7 axis 0 (%four) : tensor<2xi32>, tensor<2xi32>, !tile.range<4> -> tensor<4xi32>
    tile.print "{}" (%y : tensor<4xi32>) over (%four : !tile.range<4>) types ["i32"]
    // prints [0 1 7 7]
    ```
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

    Constraints:
    * (C1) `axis` is a static dim of the source.
    * (C2) The part lies inside it and has the range's size, the other dims are equal.

    Example:
    ```mlir
    %six = tile.range %c0 to %c6 size %c6 : !tile.range<6>
    %x = tile.iota %six : !tile.range<6> -> tensor<6xi32>
    %y = tile.slice %x axis 0 at 3 (%j) : tensor<6xi32>, !tile.range<2> -> tensor<2xi32>
    tile.print "{}" (%y : tensor<2xi32>) over (%j : !tile.range<2>) types ["i32"]
    // prints [3 4]
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source, I64Attr:$axis, I64Attr:$offset, Tile_RangeType:$range);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$source `axis` $axis `at` $offset `(` $range `)` attr-dict `:` type($source) `,` type($range) `->` type($value)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_ElementOp : Tile_Op<"element", [Pure]> {
  let summary = "One element along a dim, which is dropped";
  let description = [{
    `value[..] = source[.., at, ..]`; a negative `at` is out of range. An `at` outside the extent of `over` is undefined, and reported by
    checked executors; the op never reads outside the tile.

    Constraints:
    * (C1) `axis` is a dim, and `over` has its size.
    * (C2) The result has the other dims; without any, it is a scalar.

    Example:
    ```mlir
    %x, %t = tile.load %A[%i, %j] after (%e) : memref<3x2xi32>[!tile.range<4>, !tile.range<2>] -> tensor<4x2xi32>
    %row = tile.element %x axis 0 at %c2 over %i : tensor<4x2xi32>, !tile.range<4> -> tensor<2xi32>
    %last = tile.element %row axis 0 at %c1 over %j : tensor<2xi32>, !tile.range<2> -> i32
    tile.print "{} {}" (%row, %last : tensor<2xi32>, i32) over (%j : !tile.range<2>) types ["i32", "i32"]
    // prints [20 21] 21
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source, I64Attr:$axis, Index:$at, Tile_RangeType:$over);
  let results = (outs Tile_Value:$value);
  let assemblyFormat = "$source `axis` $axis `at` $at `over` $over attr-dict `:` type($source) `,` type($over) `->` type($value)";
  let hasVerifier = 1;
}

#endif // TILEC_DIALECTS_TILE_SHAPEOPS_TD
