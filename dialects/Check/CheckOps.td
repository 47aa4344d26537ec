//===- CheckOps.td - all ops of the check dialect -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_CHECK_CHECKOPS_TD
#define TILEC_DIALECTS_CHECK_CHECKOPS_TD

include "dialects/Check/CheckDialect.td"
include "dialects/Tile/TileTypes.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Check_Value : AnyTypeOf<[AnySignlessInteger, Index, AnyFloat, AnyRankedTensor], "scalar or tile">;

def Check_FloatValue : AnyTypeOf<[AnyFloat, TensorOf<[AnyFloat]>], "float or tile of floats">;

/// An expectation: like an assertion, it may end the call.
class Check_ExpectOp<string mnemonic, list<Trait> traits = []>
    : Check_Op<mnemonic, !listconcat([MemoryEffects<[MemWrite]>], traits)> {
  let hasVerifier = 1;
}

def Check_ExpectTrueOp : Check_ExpectOp<"expect_true"> {
  let summary = "Expect that a condition holds";
  let description = [{
    Every element of the condition inside `over` is true. Without any the expectation is met.

    Constraints:
    * (C1) `over` has one range per dim of the condition.

    Example:
    ```mlir
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %limit = arith.constant dense<3> : tensor<4xi32>
    %small = arith.cmpi slt, %x, %limit : tensor<4xi32>
    check.expect_true %small over (%i : !tile.range<4>) : tensor<4xi1>
    ```
  }];
  let arguments = (ins AnyTypeOf<[I1, TensorOf<[I1]>]>:$condition, Variadic<Tile_RangeType>:$over);
  let assemblyFormat = "$condition (`over` `(` $over^ `:` type($over) `)`)? attr-dict `:` type($condition)";
}

def Check_ExpectEqOp : Check_ExpectOp<"expect_eq", [
    AllTypesMatch<["actual", "expected"]> /*expect_eq_c1*/]> {
  let summary = "Expect that two values are the same";
  let description = [{
    Each element of `actual` inside `over` is the element of `expected` at its place: the same bits, so that -0 is not +0;
    but any NaN is the same as any other.

    Constraints:
    * (C1) Both values have one type.
    * (C2) `over` has one range per dim of the values.

    Example:
    ```mlir
    %x, %t = tile.load %A[%c2, %j] after (%e) : memref<3x2xi32>[index, !tile.range<2>] -> tensor<2xi32>
    %n = tile.iota %j : !tile.range<2> -> tensor<2xi32>
    %20 = arith.constant dense<20> : tensor<2xi32>
    %y = arith.addi %n, %20 : tensor<2xi32>
    check.expect_eq %x, %y over (%j : !tile.range<2>) : tensor<2xi32>
    ```
  }];
  let arguments = (ins Check_Value:$actual, Check_Value:$expected, Variadic<Tile_RangeType>:$over);
  let assemblyFormat = "$actual `,` $expected (`over` `(` $over^ `:` type($over) `)`)? attr-dict `:` type($actual)";
}

def Check_ExpectEqConstOp : Check_ExpectOp<"expect_eq_const"> {
  let summary = "Expect the elements of a constant";
  let description = [{
    The elements of `actual` inside `over` are those of `expected`, as many in each dim and each the same as `expect_eq`
    understands it. Lanes outside the extents do not appear in the constant.

    Constraints:
    * (C1) `expected` is a number or a dense constant of the value's element type and rank.
    * (C2) No dim of `expected` is larger than the value's.
    * (C3) `over` has one range per dim of the value.

    Example, the three elements of `%i` in four lanes:
    ```mlir
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    check.expect_eq_const %x, dense<[0, 1, 2]> : tensor<3xi32> over (%i : !tile.range<4>) : tensor<4xi32>
    %nan = arith.constant 0x7FC00000 : f32
    %sum = arith.addf %nan, %nan : f32
    check.expect_eq_const %sum, 0x7FC00001 : f32 : f32
    ```
  }];
  let arguments = (ins Check_Value:$actual, TypedAttrInterface:$expected, Variadic<Tile_RangeType>:$over);
  let assemblyFormat = "$actual `,` $expected (`over` `(` $over^ `:` type($over) `)`)? attr-dict `:` type($actual)";
}

def Check_ExpectAlmostEqOp : Check_ExpectOp<"expect_almost_eq", [
    AllTypesMatch<["actual", "expected"]> /*expect_almost_eq_c1*/]> {
  let summary = "Expect that two floats are near each other";
  let description = [{
    Each element `a` of `actual` inside `over` is near the element `e` of `expected` at its place: equal to it, or both NaN,
    or both are finite and

    * at most `ulp` steps from one number of the type to the next lie between them; or
    * `|a - e| <= abs + rel * |e|`, computed in f64.

    What is not given is 0. An infinity is near itself only.

    Constraints:
    * (C1) Both values have one type.
    * (C2) `over` has one range per dim of the values.
    * (C3) At least one of `ulp`, `abs` and `rel` is given, and none is negative or NaN.

    Example, 0.1 + 0.2 and 0.3 are neighbours in f64:
    ```mlir
    %a = arith.constant 0.1 : f64
    %b = arith.constant 0.2 : f64
    %c = arith.constant 0.3 : f64
    %sum = arith.addf %a, %b : f64
    check.expect_almost_eq %sum, %c ulp 1 : f64
    check.expect_almost_eq %sum, %c abs 0.000001 rel 0.01 : f64
    ```
  }];
  let arguments = (ins Check_FloatValue:$actual, Check_FloatValue:$expected, OptionalAttr<I64Attr>:$ulp,
      OptionalAttr<F64Attr>:$abs, OptionalAttr<F64Attr>:$rel, Variadic<Tile_RangeType>:$over);
  let assemblyFormat = [{
    $actual `,` $expected (`ulp` $ulp^)? (`abs` $abs^)? (`rel` $rel^)? (`over` `(` $over^ `:` type($over) `)`)? attr-dict
    `:` type($actual)
  }];
}

def Check_ExpectAlmostEqConstOp : Check_ExpectOp<"expect_almost_eq_const"> {
  let summary = "Expect floats near those of a constant";
  let description = [{
    The elements of `actual` inside `over` are as many in each dim as those of `expected`, and near them as
    `expect_almost_eq` understands it.

    Constraints:
    * (C1) `expected` is a number or a dense constant of the value's element type and rank.
    * (C2) No dim of `expected` is larger than the value's.
    * (C3) `over` has one range per dim of the value.
    * (C4) At least one of `ulp`, `abs` and `rel` is given, and none is negative or NaN.

    Example:
    ```mlir
    %x = arith.constant dense<[1.0, 4.0, 9.0, -1.0]> : tensor<4xf32>
    %y = math.sqrt %x : tensor<4xf32>
    check.expect_almost_eq_const %y, dense<[1.0, 2.0, 3.0]> : tensor<3xf32> ulp 3 over (%i : !tile.range<4>) : tensor<4xf32>
    ```
  }];
  let arguments = (ins Check_FloatValue:$actual, TypedAttrInterface:$expected, OptionalAttr<I64Attr>:$ulp,
      OptionalAttr<F64Attr>:$abs, OptionalAttr<F64Attr>:$rel, Variadic<Tile_RangeType>:$over);
  let assemblyFormat = [{
    $actual `,` $expected (`ulp` $ulp^)? (`abs` $abs^)? (`rel` $rel^)? (`over` `(` $over^ `:` type($over) `)`)? attr-dict
    `:` type($actual)
  }];
}

#endif // TILEC_DIALECTS_CHECK_CHECKOPS_TD
