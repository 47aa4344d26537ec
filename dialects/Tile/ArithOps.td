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
    Float to float rounds to nearest even; to f8 it saturates, infinities too, NaN stays NaN. Float to integer truncates
    toward zero and saturates, NaN becomes 0. Integer to integer wraps (extends by the source's signedness). Integer to float
    rounds to nearest even. To `i1` it is `!= 0` (NaN is true); from `i1` it gives 0 or 1. `from_unsigned` and `to_unsigned` say
    that the source's or result's integers are unsigned.

    Constraints: (C1) Source and result have the same dims, or both are scalars. (C2) `from_unsigned` goes with an integer source, `to_unsigned` with an integer result.
  }];
  let arguments = (ins Tile_Value:$source, UnitAttr:$from_unsigned, UnitAttr:$to_unsigned);
  let results = (outs Tile_Value:$value);
  let assemblyFormat = "$source (`from_unsigned` $from_unsigned^)? (`to_unsigned` $to_unsigned^)? attr-dict `:` type($source) `to` type($value)";
  let hasVerifier = 1;
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
    `floor(lhs / rhs)`; the most negative integer by -1 wraps. Division by zero is undefined, never traps on lanes outside, and is reported by
    checked executors. Constraints: (C1) The elements are integers.
  }];
}
def Tile_FloorModOp : Tile_IntBinaryOp<"floormod", "The remainder of floordiv: it has the divisor's sign"> {
  let description = [{
    `lhs - floordiv(lhs, rhs) * rhs`. By zero as in floordiv. Constraints: (C1) The elements are integers.
  }];
}
def Tile_ShlOp : Tile_IntBinaryOp<"shl", "Shift left; an over-wide shift gives 0"> {
  let description = "The shift count is taken as unsigned. Constraints: (C1) The elements are integers.";
}
def Tile_ShrOp : Tile_IntBinaryOp<"shr", "Shift right; an over-wide shift gives 0, or -1 for a negative signed integer"> {
  let description = "The shift count is taken as unsigned; signed integers shift in their sign. Constraints: (C1) The elements are integers.";
}

def Tile_RandOp : Tile_Op<"rand", [Pure]> {
  let summary = "Uniform random f32 in [0, 1), a function of seed and counter";
  let description = [{
    Philox4x32-10 (Salmon et al., SC 2011) with key `(seed mod 2^32, seed div 2^32)` and counter `(c mod 2^32, c div 2^32, 0, 0)`, where `c` is the
    counter element sign-extended to 64 bits (zero-extended if `unsigned`); the value is the first output word shifted right by 8, times 2^-24.

    Constraints: (C1) The result has the counter's dims.
  }];
  let arguments = (ins I64:$seed, Tile_Value:$counter, UnitAttr:$is_unsigned);
  let results = (outs Tile_Value:$value);
  let assemblyFormat = "$seed `,` $counter (`unsigned` $is_unsigned^)? attr-dict `:` type($counter) `->` type($value)";
  let hasVerifier = 1;
}

#endif // TILEC_DIALECTS_TILE_ARITHOPS_TD
