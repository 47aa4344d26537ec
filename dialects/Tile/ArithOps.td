//===- ArithOps.td - elementwise ops that arith does not have in our meaning -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_TILE_ARITHOPS_TD
#define TILEC_DIALECTS_TILE_ARITHOPS_TD

include "dialects/Tile/TileTypes.td"
include "dialects/Tile/MemoryOps.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

def Tile_CastOp : Tile_Op<"cast", [Pure, SameOperandsAndResultShape /*cast_c1*/]> {
  let summary = "Convert the element type, as the language's `as` does";
  let description = [{
    `value[l...] = as(source[l...])`, where the two element types say what `as` is:

    * Float to float rounds to nearest even. To f8 it saturates: what lies beyond the largest finite number becomes that
      number, infinities too. NaN stays NaN.
    * Float to integer truncates toward zero and saturates; NaN becomes 0.
    * Integer to integer wraps, and extends by the source's signedness.
    * Integer to float rounds to nearest even, once, and saturates at f8.
    * To `i1` it is `!= 0`, so NaN is true; from `i1` it gives 0 or 1.

    `from_unsigned` and `to_unsigned` say that the source's or the result's integers are unsigned. No source value is
    undefined, so lanes outside an extent need no care.

    Constraints:
    * (C1) Source and result have the same dims, or both are scalars.
    * (C2) `from_unsigned` goes with an integer source, `to_unsigned` with an integer result.

    Example:
    ```mlir
    %x = arith.constant -2.75 : f32
    %n = tile.cast %x : f32 to i32
    %u = tile.cast %x to_unsigned : f32 to i8
    tile.print "{} {}" (%n, %u : i32, i8) types ["i32", "u8"]
    // prints -2 0
    ```
  }];
  let arguments = (ins Tile_Value:$source, UnitAttr:$from_unsigned, UnitAttr:$to_unsigned);
  let results = (outs Tile_Value:$value);
  let assemblyFormat = "$source (`from_unsigned` $from_unsigned^)? (`to_unsigned` $to_unsigned^)? attr-dict `:` type($source) `to` type($value)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

class Tile_IntBinaryOp<string mnemonic, string does> : Tile_Op<mnemonic, [Pure, SameOperandsAndResultType]> {
  let summary = does;
  let arguments = (ins Tile_Value:$lhs, Tile_Value:$rhs, UnitAttr:$is_unsigned);
  let results = (outs Tile_Value:$value);
  let assemblyFormat = "$lhs `,` $rhs (`unsigned` $is_unsigned^)? attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Tile_FloorDivOp : Tile_IntBinaryOp<"floordiv", "Integer division that rounds down"> {
  let description = [{
    `value[l...] = floor(lhs[l...] / rhs[l...])`. The most negative integer by -1 wraps to itself. Division by zero is
    undefined but never traps, so lanes outside an extent may hold any divisor; checked executors report it on lanes that
    have a value.

    Constraints:
    * (C1) The elements are integers.

    Example:
    ```mlir
    %x = arith.constant -7 : i32
    %y = arith.constant 2 : i32
    %q = tile.floordiv %x, %y : i32
    tile.print "{}" (%q : i32) types ["i32"]
    // prints -4
    ```
  }];
}

def Tile_FloorModOp : Tile_IntBinaryOp<"floormod", "The remainder of floordiv: it has the divisor's sign"> {
  let description = [{
    `value[l...] = lhs[l...] - floordiv(lhs[l...], rhs[l...]) * rhs[l...]`. A divisor of zero is as in `floordiv`.

    Constraints:
    * (C1) The elements are integers.

    Example:
    ```mlir
    %x = arith.constant -7 : i32
    %y = arith.constant 2 : i32
    %r = tile.floormod %x, %y : i32
    tile.print "{}" (%r : i32) types ["i32"]
    // prints 1
    ```
  }];
}

def Tile_ShlOp : Tile_IntBinaryOp<"shl", "Shift left; an over-wide shift gives 0"> {
  let description = [{
    `value[l...] = lhs[l...] * 2^rhs[l...]`, modulo 2^width. The shift count is taken as unsigned, whatever its size.

    Constraints:
    * (C1) The elements are integers.

    Example:
    ```mlir
    %x = arith.constant 3 : i8
    %y = arith.constant 6 : i8
    %z = arith.constant 8 : i8
    %a = tile.shl %x, %y : i8
    %b = tile.shl %x, %z : i8
    tile.print "{} {}" (%a, %b : i8, i8) types ["i8", "i8"]
    // prints -64 0
    ```
  }];
}

def Tile_ShrOp : Tile_IntBinaryOp<"shr", "Shift right; an over-wide shift gives 0, or -1 for a negative signed integer"> {
  let description = [{
    `value[l...] = floor(lhs[l...] / 2^rhs[l...])`: signed integers shift in their sign, `unsigned` ones zeros. The shift
    count is taken as unsigned, whatever its size.

    Constraints:
    * (C1) The elements are integers.

    Example:
    ```mlir
    %x = arith.constant -64 : i8
    %y = arith.constant 6 : i8
    %a = tile.shr %x, %y : i8
    %b = tile.shr %x, %y unsigned : i8
    tile.print "{} {}" (%a, %b : i8, i8) types ["i8", "u8"]
    // prints -1 3
    ```
  }];
}

def Tile_RandOp : Tile_Op<"rand", [Pure]> {
  let summary = "Uniform random f32 in [0, 1), a function of seed and counter";
  let description = [{
    Philox4x32-10 (Salmon et al., SC 2011) with key `(seed mod 2^32, seed div 2^32)` and counter
    `(c mod 2^32, c div 2^32, 0, 0)`, where `c` is the counter element sign-extended to 64 bits (zero-extended if
    `unsigned`). The value is the first output word shifted right by 8, times 2^-24. Equal seeds and counters give equal
    values on every executor.

    Constraints:
    * (C1) The result has the counter's dims and f32 elements, the counter has integers.

    Example:
    ```mlir
    %seed = arith.constant 0 : i64
    %counter = arith.constant 0 : i32
    %u = tile.rand %seed, %counter : i32 -> f32
    tile.print "{}" (%u : f32) types ["f32"]
    // prints 0.39904642
    ```
  }];
  let arguments = (ins I64:$seed, Tile_Value:$counter, UnitAttr:$is_unsigned);
  let results = (outs Tile_Value:$value);
  let assemblyFormat = "$seed `,` $counter (`unsigned` $is_unsigned^)? attr-dict `:` type($counter) `->` type($value)";
  let hasVerifier = 1;
}

#endif // TILEC_DIALECTS_TILE_ARITHOPS_TD
