//===- MemoryOps.td - accesses to arrays, and tokens -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_TILE_MEMORYOPS_TD
#define TILEC_DIALECTS_TILE_MEMORYOPS_TD

include "dialects/Tile/TileTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_Subscript : AnyTypeOf<[Tile_RangeType, Tile_WindowType, Index, TensorOf<[I32, I64]>],
    "range, window, index, or integer tile">;
def Tile_Element : AnyTypeOf<[AnySignlessInteger, AnyFloat], "element">;
def Tile_Value : AnyTypeOf<[Tile_Element, AnyRankedTensor], "scalar or tile">;
def Tile_Mask : AnyTypeOf<[I1, TensorOf<[I1]>], "mask">;

class Tile_AccessOp<string mnemonic, list<Trait> traits = []>
    : Tile_Op<mnemonic, !listconcat(traits, [AttrSizedOperandSegments, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>])> {
  let hasVerifier = 1;
  /// One paragraph that every access shares; the constraints are checked by verifyAccess in MemoryOps.cpp.
  code accessDoc = [{

    Subscripts, one per array dim: a `!tile.range` keeps the dim (it must lie inside the array's dim); an `index` drops it; a
    `!tile.window` keeps the dim of the range it was shifted from, and elements outside the array read as `pad` or 0 and are
    dropped by stores; integer tiles gather or scatter along their dims, all of one access have the same shape, and their
    dims stand where the first of them stood. An access with no dims has a scalar value. Where `mask` is false nothing is
    accessed and no subscript is checked. Elements outside a range's extent are not accessed. A subscript out of range is
    undefined, and reported by checked executors.

    The access comes after every token in `after`, and after nothing else; its own token stands for it.

    Constraints:
    * (C1) As many subscripts as the array has dims.
    * (C2) The value has the array's element type and the dims that the subscripts keep.
    * (C3) Integer tile subscripts have one shape.
    * (C4) A mask has the value's dims.
    * (C5) A weak access has no scope, any other has one; a load is weak, relaxed or acquire, a store weak, relaxed or release,
      an atomic is not weak.
  }];
  let extraClassDeclaration = [{
    /// The ordering of the access; weak where none was given.
    MemoryOrder getOrdering() { return getOrder().value_or(MemoryOrder::weak); }
  }];
}

def Tile_LoadOp : Tile_AccessOp<"load"> {
  let summary = "Load a tile, or gather one, from an array";
  let description = !strconcat([{
    `value[l...] = array[s(l)...]`, where `s` is what the subscripts say. `pad` is read where a window leaves the array and where
    the mask is false; without it, 0.
  }], accessDoc, [{
    * (C6) `pad` has the element type.

    Example, a part of the array, clipped by a mask, and a gather of rows:
    ```mlir
    %pad = arith.constant -1 : i32
    %mask = arith.constant dense<[[true, false], [true, true], [true, true], [true, true]]> : tensor<4x2xi1>
    %x, %t = tile.load %A[%i, %j] mask %mask : tensor<4x2xi1> pad %pad : i32 after (%e) : memref<3x2xi32>[!tile.range<4>, !tile.range<2>] -> tensor<4x2xi32>
    tile.print "{}" (%x : tensor<4x2xi32>) over (%i, %j : !tile.range<4>, !tile.range<2>) types ["i32"]
    // prints [[ 0 -1]
    // prints  [10 11]
    // prints  [20 21]]
    %rows = arith.constant dense<[2, 0]> : tensor<2xi32>
    %y, %u = tile.load %A[%rows, %c1] after (%e) : memref<3x2xi32>[tensor<2xi32>, index] -> tensor<2xi32>
    tile.print "{}" (%y : tensor<2xi32>) over (%j : !tile.range<2>) types ["i32"]
    // prints [21  1]
    ```
  }]);
  let arguments = (ins AnyMemRef:$array, Variadic<Tile_Subscript>:$subscripts, Optional<Tile_Mask>:$mask,
      Optional<Tile_Element>:$pad, Variadic<Tile_TokenType>:$after,
      OptionalAttr<Tile_OrderAttr>:$order, OptionalAttr<Tile_ScopeAttr>:$scope);
  let results = (outs Tile_Value:$value, Tile_TokenType:$token);
  let assemblyFormat = [{
    $array `[` $subscripts `]` (`mask` $mask^ `:` type($mask))? (`pad` $pad^ `:` type($pad))? (`after` `(` $after^ `)`)?
    (custom<Ordering>($order, $scope)^)? attr-dict `:` type($array) `[` type($subscripts) `]` `->` type($value)
  }];
}

def Tile_StoreOp : Tile_AccessOp<"store"> {
  let summary = "Store a tile, or scatter one, to an array";
  let description = !strconcat([{
    `array[s(l)...] = value[l...]`, where `s` is what the subscripts say. Two lanes of one store on one element are a race.
  }], accessDoc, [{

    Example, the second column is overwritten:
    ```mlir
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %t = tile.store %x, %A[%i, %c1] after (%e) : tensor<4xi32>, memref<3x2xi32>[!tile.range<4>, index]
    %y, %u = tile.load %A[%i, %j] after (%t) : memref<3x2xi32>[!tile.range<4>, !tile.range<2>] -> tensor<4x2xi32>
    tile.print "{}" (%y : tensor<4x2xi32>) over (%i, %j : !tile.range<4>, !tile.range<2>) types ["i32"]
    // prints [[ 0  0]
    // prints  [10  1]
    // prints  [20  2]]
    ```
  }]);
  let arguments = (ins Tile_Value:$value, AnyMemRef:$array, Variadic<Tile_Subscript>:$subscripts,
      Optional<Tile_Mask>:$mask, Variadic<Tile_TokenType>:$after,
      OptionalAttr<Tile_OrderAttr>:$order, OptionalAttr<Tile_ScopeAttr>:$scope);
  let results = (outs Tile_TokenType:$token);
  let assemblyFormat = [{
    $value `,` $array `[` $subscripts `]` (`mask` $mask^ `:` type($mask))? (`after` `(` $after^ `)`)?
    (custom<Ordering>($order, $scope)^)? attr-dict `:` type($value) `,` type($array) `[` type($subscripts) `]`
  }];
}

def Tile_AtomicRMWOp : Tile_AccessOp<"atomic_rmw"> {
  let summary = "Atomically combine a tile's elements into an array, returning the old ones";
  let description = !strconcat([{
    For each lane, atomically: `old[l] = array[s(l)]; array[s(l)] = kind(old[l], value[l])`. Lanes are unordered among each other.
    The old value of a masked-off lane, and of one that a window takes out of the array, is 0. Integers wrap; `maxf` and
    `minf` are NaN if either is; `addf` on f16 and bf16 rounds once.
  }], accessDoc, [{
    * (C6) The kind suits the element type: `addf maxf minf` floats, `xchg` any, the others integers.

    Example, two lanes that meet in one element both count:
    ```mlir
    %rows = arith.constant dense<[1, 1, 2]> : tensor<3xi32>
    %ones = arith.constant dense<1> : tensor<3xi32>
    %old, %t = tile.atomic_rmw addi %ones, %A[%rows, %c0] after (%e) relaxed device : tensor<3xi32>, memref<3x2xi32>[tensor<3xi32>, index] -> tensor<3xi32>
    %y, %u = tile.load %A[%i, %c0] after (%t) : memref<3x2xi32>[!tile.range<4>, index] -> tensor<4xi32>
    tile.print "{}" (%y : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
    // prints [ 0 12 21]
    ```
  }]);
  let arguments = (ins Tile_AtomicKindAttr:$kind, Tile_Value:$value, AnyMemRef:$array,
      Variadic<Tile_Subscript>:$subscripts, Optional<Tile_Mask>:$mask, Variadic<Tile_TokenType>:$after,
      OptionalAttr<Tile_OrderAttr>:$order, OptionalAttr<Tile_ScopeAttr>:$scope);
  let results = (outs Tile_Value:$old, Tile_TokenType:$token);
  let assemblyFormat = [{
    $kind $value `,` $array `[` $subscripts `]` (`mask` $mask^ `:` type($mask))? (`after` `(` $after^ `)`)?
    (custom<Ordering>($order, $scope)^)? attr-dict `:` type($value) `,` type($array) `[` type($subscripts) `]` `->` type($old)
  }];
}

def Tile_AtomicCASOp : Tile_AccessOp<"atomic_cas"> {
  let summary = "Atomically replace elements that have an expected value, returning the old ones";
  let description = !strconcat([{
    For each lane, atomically and by bits: `old[l] = array[s(l)]; if (old[l] == expected[l]) array[s(l)] = value[l]`.
    The old value of a masked-off lane is `expected`, that of one which a window takes out of the array is 0.
  }], accessDoc, [{
    * (C6) `expected` has the type of `value`.

    Example, the first exchange finds another value:
    ```mlir
    %ten = arith.constant 10 : i32
    %7 = arith.constant 7 : i32
    %a, %t = tile.atomic_cas %7, %ten, %A[%c1, %c0] after (%e) acq_rel device : i32, i32, memref<3x2xi32>[index, index] -> i32
    %b, %u = tile.atomic_cas %ten, %7, %A[%c1, %c0] after (%t) acq_rel device : i32, i32, memref<3x2xi32>[index, index] -> i32
    %c, %v = tile.load %A[%c1, %c0] after (%u) : memref<3x2xi32>[index, index] -> i32
    tile.print "{} {} {}" (%a, %b, %c : i32, i32, i32) types ["i32", "i32", "i32"]
    // prints 10 10 7
    ```
  }]);
  let arguments = (ins Tile_Value:$expected, Tile_Value:$value, AnyMemRef:$array,
      Variadic<Tile_Subscript>:$subscripts, Optional<Tile_Mask>:$mask, Variadic<Tile_TokenType>:$after,
      OptionalAttr<Tile_OrderAttr>:$order, OptionalAttr<Tile_ScopeAttr>:$scope);
  let results = (outs Tile_Value:$old, Tile_TokenType:$token);
  let assemblyFormat = [{
    $expected `,` $value `,` $array `[` $subscripts `]` (`mask` $mask^ `:` type($mask))? (`after` `(` $after^ `)`)?
    (custom<Ordering>($order, $scope)^)? attr-dict `:` type($expected) `,` type($value) `,` type($array) `[` type($subscripts) `]` `->` type($old)
  }];
}

def Tile_TokenOp : Tile_Op<"token", [Pure]> {
  let summary = "A token that stands for no access";
  let description = [{
    An access after it alone has no order to any other.

    Example:
    ```mlir
    %none = tile.token
    %x, %t = tile.load %A[%c2, %c0] after (%none, %e) : memref<3x2xi32>[index, index] -> i32
    tile.print "{}" (%x : i32) types ["i32"]
    // prints 20
    ```
  }];
  let results = (outs Tile_TokenType:$token);
  let assemblyFormat = "attr-dict";
}

def Tile_JoinOp : Tile_Op<"join", [Pure]> {
  let summary = "A token that stands for everything that some tokens stand for";
  let description = [{
    An access after the joined token comes after every access that one of `tokens` stands for. Without operands it is
    `tile.token`.

    Example:
    ```mlir
    %x, %t = tile.load %A[%c2, %c0] after (%e) : memref<3x2xi32>[index, index] -> i32
    %y, %u = tile.load %A[%c2, %c1] after (%e) : memref<3x2xi32>[index, index] -> i32
    %read = tile.join %t, %u
    %sum = arith.addi %x, %y : i32
    %v = tile.store %sum, %A[%c2, %c0] after (%read) : i32, memref<3x2xi32>[index, index]
    %z, %w = tile.load %A[%c2, %c0] after (%v) : memref<3x2xi32>[index, index] -> i32
    tile.print "{}" (%z : i32) types ["i32"]
    // prints 41
    ```
  }];
  let arguments = (ins Variadic<Tile_TokenType>:$tokens);
  let results = (outs Tile_TokenType:$token);
  let assemblyFormat = "$tokens attr-dict";
  let hasFolder = 1;
}

def Tile_ArrayOp : Tile_Op<"array", [MemoryEffects<[MemAlloc]>]> {
  let summary = "A temporary array of the kernel";
  let description = [{
    Its elements are undefined until they are stored, and reading one before is reported by checked executors. It lives for
    one call, in the workspace. `name` is its name in the source.

    Constraints:
    * (C1) One extent per dynamic dim.
    * (C2) It stands in a kernel's body, outside grids.
    * (C3) The memref is compact (identity layout).

    Example:
    ```mlir
    %t = tile.array(%c3) "t" : memref<?x2xf32>
    %first = memref.dim %t, %c0 : memref<?x2xf32>
    %n = arith.index_cast %first : index to i32
    tile.print "{}" (%n : i32) types ["i32"]
    // prints 3
    ```
  }];
  let arguments = (ins Variadic<Index>:$extents, OptionalAttr<StrAttr>:$name);
  let results = (outs AnyMemRef:$array);
  let assemblyFormat = "`(` $extents `)` ($name^)? attr-dict `:` type($array)";
  let hasVerifier = 1;
}

#endif // TILEC_DIALECTS_TILE_MEMORYOPS_TD
