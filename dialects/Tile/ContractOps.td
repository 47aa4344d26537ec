//===- ContractOps.td - contractions, reductions, scans and sorts -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_TILE_CONTRACTOPS_TD
#define TILEC_DIALECTS_TILE_CONTRACTOPS_TD

include "dialects/Tile/TileTypes.td"
include "dialects/Tile/MemoryOps.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_DotOp : Tile_Op<"dot", [Pure, AllTypesMatch<["acc", "value"]>]> {
  let summary = "Matrix product of the last two dims, added to an accumulator";
  let description = [{
    `value[.., m, n] = acc[.., m, n] + sum over k in over of lhs[.., m, k] * rhs[.., k, n]`. Leading dims are batch dims. f16, bf16 and f8 are
    multiplied and summed in f32, i8 in i32 (wrapping), f32 in f32, f64 in f64; the order of the sum is free. `over` is the
    range of the contraction: lanes of `k` outside its extent are not multiplied, and over none the value is `acc`.
    `precision` lets an f32 dot round its operands to tf32, or to sums of two of them (`tf32x3`).

    Constraints:
    * (C1) All ranks are equal and at least 2; batch dims are equal.
    * (C2) `lhs` is [.., M, K], `rhs` [.., K, N], `acc` and the value [.., M, N]; K is the range's size.
    * (C3) `lhs` and `rhs` have one element type; the accumulator's is the one the description gives.
    * (C4) `lhs_unsigned` and `rhs_unsigned` go with i8; a precision other than ieee with f32.

    Example, `[[1 2] [3 4]] @ [[5 6] [7 8]]`:
    ```mlir
    %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf16>
    %y = arith.constant dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf16>
    %zero = arith.constant dense<0.0> : tensor<2x2xf32>
    %z = tile.dot %x, %y, %zero over %j : tensor<2x2xf16>, tensor<2x2xf16>, !tile.range<2> -> tensor<2x2xf32>
    tile.print "{}" (%z : tensor<2x2xf32>) over (%j, %j : !tile.range<2>, !tile.range<2>) types ["f32"]
    // prints [[19. 22.]
    // prints  [43. 50.]]
    ```
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs, AnyRankedTensor:$acc, Tile_RangeType:$over,
      UnitAttr:$lhs_unsigned, UnitAttr:$rhs_unsigned,
      DefaultValuedAttr<Tile_PrecisionAttr, "::tilec::tile::DotPrecision::ieee">:$precision);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = [{
    $lhs `,` $rhs `,` $acc `over` $over (`lhs_unsigned` $lhs_unsigned^)? (`rhs_unsigned` $rhs_unsigned^)? (`precision` $precision^)?
    attr-dict `:` type($lhs) `,` type($rhs) `,` type($over) `->` type($value)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = "";
}

def Tile_DotScaledOp : Tile_Op<"dot_scaled", [Pure, AllTypesMatch<["acc", "value"]>]> {
  let summary = "Matrix product of operands with a power-of-two scale per 32 elements";
  let description = [{
    As `dot` on `lhs[.., m, k] * 2^(lhs_scale[.., m, k/32] - 127)` and `rhs[.., k, n] * 2^(rhs_scale[.., k/32, n] - 127)`, each
    rounded to f32. Scales are unsigned; 255 makes NaN.

    Constraints:
    * (C1) All ranks are equal and at least 2; batch dims, M, N and K fit as in `dot`.
    * (C2) The operands are f8, f16 or bf16, the accumulator f32.
    * (C3) K is static and a multiple of 32; the scales are i8 with K/32 in K's place.

    Example, 32 products of 1 * 2^1 and 1 * 2^2:
    ```mlir
    %c32 = arith.constant 32 : index
    %k = tile.range %c0 to %c32 size %c32 : !tile.range<32>
    %one = tile.range %c0 to %c1 size %c1 : !tile.range<1>
    %x = arith.constant dense<1.0> : tensor<1x32xf8E4M3FN>
    %sx = arith.constant dense<-128> : tensor<1x1xi8>
    %y = arith.constant dense<1.0> : tensor<32x1xf8E4M3FN>
    %sy = arith.constant dense<-127> : tensor<1x1xi8>
    %zero = arith.constant dense<0.0> : tensor<1x1xf32>
    %z = tile.dot_scaled %x scale %sx, %y scale %sy, %zero over %k : tensor<1x32xf8E4M3FN>, tensor<1x1xi8>, tensor<32x1xf8E4M3FN>, tensor<1x1xi8>, !tile.range<32> -> tensor<1x1xf32>
    tile.print "{}" (%z : tensor<1x1xf32>) over (%one, %one : !tile.range<1>, !tile.range<1>) types ["f32"]
    // prints [[256.]]
    ```
  }];
  let arguments = (ins AnyRankedTensor:$lhs, TensorOf<[I8]>:$lhs_scale, AnyRankedTensor:$rhs, TensorOf<[I8]>:$rhs_scale,
      AnyRankedTensor:$acc, Tile_RangeType:$over);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = [{
    $lhs `scale` $lhs_scale `,` $rhs `scale` $rhs_scale `,` $acc `over` $over attr-dict
    `:` type($lhs) `,` type($lhs_scale) `,` type($rhs) `,` type($rhs_scale) `,` type($over) `->` type($value)
  }];
  let hasVerifier = 1;
}

def Tile_ReduceOp : Tile_Op<"reduce", [AttrSizedOperandSegments, RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "Combine the elements along some dims";
  let description = [{
    For each element of the result: start from `init` (one scalar per tile) and combine, in row-major order of the reduced dims, every element inside
    `over`. The region gets the left elements, one per tile, then the right ones, and yields the combined ones; the earlier element stands on the left. It is
    associative, `init` is its identity, and it is pure. `commutative` says that the order is free too. Over no elements the result is `init`.

    Constraints:
    * (C1) The tiles have one shape; as many inits, results as tiles, with their element types.
    * (C2) `axes` are distinct, ascending dims; `over` has one range for each, of the dim's size.
    * (C3) A result has the remaining dims; without any, it is a scalar.
    * (C4) The region takes two elements per tile and yields one per tile.

    Example, the sum of each row, and the largest element of all:
    ```mlir
    %x, %t = tile.load %A[%i, %j] after (%e) : memref<3x2xi32>[!tile.range<4>, !tile.range<2>] -> tensor<4x2xi32>
    %0 = arith.constant 0 : i32
    %sums = tile.reduce commutative (%x) axes [1] over (%j) init (%0) : (tensor<4x2xi32>), (!tile.range<2>), (i32) -> tensor<4xi32> {
    ^bb0(%l: i32, %r: i32):
      %sum = arith.addi %l, %r : i32
      tile.yield %sum : i32
    }
    %least = arith.constant -2147483648 : i32
    %max = tile.reduce commutative (%x) axes [0, 1] over (%i, %j) init (%least) : (tensor<4x2xi32>), (!tile.range<4>, !tile.range<2>), (i32) -> i32 {
    ^bb0(%l: i32, %r: i32):
      %m = arith.maxsi %l, %r : i32
      tile.yield %m : i32
    }
    tile.print "{} {}" (%sums, %max : tensor<4xi32>, i32) over (%i : !tile.range<4>) types ["i32", "i32"]
    // prints [ 1 21 41] 21
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$tiles, Variadic<Tile_Element>:$init, Variadic<Tile_RangeType>:$over,
      DenseI64ArrayAttr:$axes, UnitAttr:$commutative);
  let results = (outs Variadic<Tile_Value>:$values);
  let regions = (region SizedRegion<1>:$combine);
  let assemblyFormat = [{
    (`commutative` $commutative^)? `(` $tiles `)` `axes` $axes `over` `(` $over `)` `init` `(` $init `)` attr-dict
    `:` `(` type($tiles) `)` `,` `(` type($over) `)` `,` `(` type($init) `)` `->` type($values) $combine
  }];
  let hasVerifier = 1;
}

def Tile_ScanOp : Tile_Op<"scan", [AttrSizedOperandSegments, RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "All prefixes of combining the elements along a dim";
  let description = [{
    `value[.., l, ..]` combines elements `0 .. l` along `axis`, inclusive, the earlier on the left. The region is associative
    and pure, as in `reduce`; there is no init.

    Constraints:
    * (C1) The tiles have one shape, the results have the tiles' types.
    * (C2) `axis` is a dim and `over` has its size.
    * (C3) The region takes two elements per tile and yields one per tile.

    Example:
    ```mlir
    %x = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
    %y = tile.scan (%x) axis 0 over (%i) : (tensor<4xi32>), (!tile.range<4>) -> tensor<4xi32> {
    ^bb0(%l: i32, %r: i32):
      %sum = arith.addi %l, %r : i32
      tile.yield %sum : i32
    }
    tile.print "{}" (%y : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
    // prints [1 3 6]
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$tiles, Variadic<Tile_RangeType>:$over, I64Attr:$axis);
  let results = (outs Variadic<AnyRankedTensor>:$values);
  let regions = (region SizedRegion<1>:$combine);
  let assemblyFormat = [{
    `(` $tiles `)` `axis` $axis `over` `(` $over `)` attr-dict `:` `(` type($tiles) `)` `,` `(` type($over) `)` `->` type($values) $combine
  }];
  let hasVerifier = 1;
}

def Tile_SortOp : Tile_Op<"sort", [Pure]> {
  let summary = "Sort along a dim, ascending and stable";
  let description = [{
    `sorted[.., l, ..] = source[.., indices[.., l, ..], ..]`, ascending along `axis` for the lanes inside `over`. NaN sorts as
    largest, -0 equals 0, and equal elements keep their order. `indices` are i32, counted from the tile's start.
    `unsigned` compares integers as unsigned.

    Constraints:
    * (C1) `axis` is a dim and `over` has its size.
    * (C2) `sorted` has the source's type, `indices` its dims.

    Example, the fourth lane is outside:
    ```mlir
    %x = arith.constant dense<[3, 1, 3, 0]> : tensor<4xi32>
    %s, %n = tile.sort %x axis 0 over %i : tensor<4xi32>, !tile.range<4> -> tensor<4xi32>, tensor<4xi32>
    tile.print "{} {}" (%s, %n : tensor<4xi32>, tensor<4xi32>) over (%i, %i : !tile.range<4>, !tile.range<4>) types ["i32", "i32"]
    // prints [1 3 3] [1 0 2]
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source, I64Attr:$axis, Tile_RangeType:$over, UnitAttr:$is_unsigned);
  let results = (outs AnyRankedTensor:$sorted, TensorOf<[I32]>:$indices);
  let assemblyFormat = "$source `axis` $axis `over` $over (`unsigned` $is_unsigned^)? attr-dict `:` type($source) `,` type($over) `->` type($sorted) `,` type($indices)";
  let hasVerifier = 1;
}

def Tile_TopKOp : Tile_Op<"topk", [Pure]> {
  let summary = "The largest elements along a dim, largest first";
  let description = [{
    As many as `range` has lanes, descending along `axis`, of those inside `over`. NaN counts as largest; ties take the
    lowest index. Of fewer elements than that the rest is undefined: checked executors report its use. `unsigned` compares
    integers as unsigned.

    Constraints:
    * (C1) `axis` is a dim and `over` has its size.
    * (C2) The results have the source's dims with the range's size at `axis`.

    Example:
    ```mlir
    %x = arith.constant dense<[3, 1, 3, 9]> : tensor<4xi32>
    %s, %n = tile.topk %x axis 0 over %i into %j : tensor<4xi32>, !tile.range<4>, !tile.range<2> -> tensor<2xi32>, tensor<2xi32>
    tile.print "{} {}" (%s, %n : tensor<2xi32>, tensor<2xi32>) over (%j, %j : !tile.range<2>, !tile.range<2>) types ["i32", "i32"]
    // prints [3 3] [0 2]
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source, I64Attr:$axis, Tile_RangeType:$over, Tile_RangeType:$range, UnitAttr:$is_unsigned);
  let results = (outs AnyRankedTensor:$largest, TensorOf<[I32]>:$indices);
  let assemblyFormat = "$source `axis` $axis `over` $over `into` $range (`unsigned` $is_unsigned^)? attr-dict `:` type($source) `,` type($over) `,` type($range) `->` type($largest) `,` type($indices)";
  let hasVerifier = 1;
}

#endif // TILEC_DIALECTS_TILE_CONTRACTOPS_TD
