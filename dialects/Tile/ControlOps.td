//===- ControlOps.td - kernels, grids, ranges and tunables -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_TILE_CONTROLOPS_TD
#define TILEC_DIALECTS_TILE_CONTROLOPS_TD

include "dialects/Tile/TileTypes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/CallInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_KernelOp : Tile_Op<"kernel", [
    FunctionOpInterface, IsolatedFromAbove, AffineScope,
    SingleBlock /*kernel_c1*/,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "A kernel: a sequence of grids over arrays and scalars";
  let description = [{
    The unit that is compiled and called. Arguments are arrays (`memref`) and scalars, in the order parameters, then
    results; each carries a `#tile.param` as the argument attribute `tile.param`. `symbols` names the dim symbols that the
    `dims` maps of the parameters refer to, `s0` being the first; `bound` gives the symbols for which this kernel is
    specialised (their memref dims are static). `config` maps tile indices and tunables to values; `baked` holds the
    configs of the source by target.

    The body runs once per call, in program order at this level; only grids touch array elements.

    Constraints:
    * (C1) One block, ended by `tile.return`.
    * (C2) Every argument has a `tile.param`; an array kind goes with a `memref`, `scalar` with an int, float or index.
    * (C3) A param's `dims` map has as many results as its memref has dims, and only symbols that `symbols` names.
    * (C4) Results of the function type are empty: results are arrays that the caller provides.

    Example, a kernel with a parameter and a result of one symbolic dim, and one that can be run as it stands:
    ```mlir
    tile.kernel @copy(%x: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                      %y: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "Y", kind = result, type = "f32", dims = affine_map<()[s0] -> (s0)>>})
        attributes {symbols = ["N"]} {
      tile.return
    }
    tile.kernel @greet() {
      tile.print "hello" types []
      // prints hello
      tile.return
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
      DefaultValuedAttr<StrArrayAttr, "{}">:$symbols, OptionalAttr<DictionaryAttr>:$bound,
      OptionalAttr<DictionaryAttr>:$config, OptionalAttr<DictionaryAttr>:$baked,
      OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::mlir::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    /// What the caller sees of argument `index`.
    ParamAttr getParam(unsigned index) { return getArgAttrOfType<ParamAttr>(index, "tile.param"); }
  }];
}

def Tile_ReturnOp : Tile_Op<"return", [Pure, HasParent<"KernelOp">, Terminator]> {
  let summary = "The end of a kernel";
  let description = [{
    Ends the kernel's body; it has no operands, since results are arrays.

    Example:
    ```mlir
    tile.kernel @nothing() {
      tile.return
    }
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_YieldOp : Tile_Op<"yield", [Pure, ReturnLike, Terminator,
    ParentOneOf<["GridOp", "ReduceOp", "ScanOp"]>]> {
  let summary = "The end of a grid iteration or of a combining region";
  let description = [{
    In a grid: the tokens of the iteration's accesses, which the grid's own token then stands for. In a reduce or scan:
    the combined elements.

    Example:
    ```mlir
    %g = tile.grid "grid#0" () entry %e after (%setup) {
      %v, %t = tile.load %A[%c2, %c1] after (%e) : memref<3x2xi32>[index, index] -> i32
      tile.print "{}" (%v : i32) types ["i32"]
      // prints 21
      tile.yield %t : !tile.token
    }
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let builders = [OpBuilder<(ins), [{ /* An empty yield; parsers and region builders need it. */ }]>];
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

def Tile_GridOp : Tile_Op<"grid", [
    AttrSizedOperandSegments, SingleBlockImplicitTerminator<"YieldOp"> /*grid_c1*/,
    RecursiveMemoryEffects, DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "Run a body once for every tile of some ranges, in any order";
  let description = [{
    Iterations may run at once and in any order; an iteration may wait only for iterations before it in row-major order,
    which are certain to progress. Dim `d` runs over `[lower[d], upper[d])`. Where the block argument is a `!tile.range`,
    the dim is cut into tiles: iteration `n` has begin `lower + n * step`, size `step`, and an extent that is clipped at `upper`.
    Where it is an `index`, iteration `n` has the value `lower + n * step`, and the step may be negative.

    The last block argument, the entry token, stands for everything that `after` stands for. The result token stands for what
    the tokens that iterations yield stand for; of a grid without iterations, for what `after` stands for. Accesses of two iterations have no order, unless an atomic gives one.

    A grid whose range is empty runs no iteration; one without dims runs one. A step of 0, or a tile of no lanes, is
    undefined and reported by checked executors.

    Constraints:
    * (C1) One block, ended by `tile.yield` of tokens only.
    * (C2) `lower`, `upper`, `step` and `names` have one entry per dim, and the block has one argument per dim, a
      `!tile.range` or an `index`, and then the entry token.
    * (C3) It stands in the body of a kernel or in an `scf` op there, never in another grid.
    * (C4) A `!tile.range` argument of static size has a step that, if constant, is that size.

    Example:
    ```mlir
    %g = tile.grid "grid#0" (%t "t" : !tile.range<4> = %c0 to %c6 step %c4, %n "n" : index = %c1 to %c3 step %c1) entry %e after (%setup) {
      %begin = tile.begin %t : !tile.range<4>
      %extent = tile.extent %t : !tile.range<4>
      %b = arith.index_cast %begin : index to i32
      %x = arith.index_cast %extent : index to i32
      %m = arith.index_cast %n : index to i32
      tile.print "{} {} {}" (%b, %x, %m : i32, i32, i32) types ["i32", "i32", "i32"]
      // prints 0 4 1
      // prints 0 4 2
      // prints 4 2 1
      // prints 4 2 2
      tile.yield %e : !tile.token
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, StrArrayAttr:$names, Variadic<Index>:$lower, Variadic<Index>:$upper,
      Variadic<Index>:$step, Variadic<Tile_TokenType>:$after);
  let results = (outs Tile_TokenType:$token);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Number of dims of the grid.
    unsigned getRank() { return getNames().size(); }
    /// The block argument of dim `d`: a `!tile.range` or an `index`.
    ::mlir::BlockArgument getIndex(unsigned d) { return getBody().getArgument(d); }
    /// The token that every iteration starts with.
    ::mlir::BlockArgument getEntry() { return getBody().getArgument(getRank()); }
  }];
}

def Tile_SizeOp : Tile_Op<"size", [Pure, DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "The size of the tiles of a named index, which the config gives";
  let description = [{
    `index` is the index's name in the source, `loop` the label of its loop (`grid#0`, `loop#2`). `tile-bind-config`
    replaces the op by a constant: the config's value for `loop.index`, else for `kernel.index`, else for `index`. Until
    then the tiles of that index have `?` lanes. Sizes are positive. An interpreted kernel needs no config: the executor
    is told a default.

    Example:
    ```mlir
    tile.kernel @sized() attributes {config = {i = 8 : i64, "loop#0.i" = 2 : i64}} {
      %a = tile.size "i" in "grid#0"
      %b = tile.size "i" in "loop#0"
      %m = arith.index_cast %a : index to i32
      %n = arith.index_cast %b : index to i32
      tile.print "{} {}" (%m, %n : i32, i32) types ["i32", "i32"]
      // prints 8 2
      tile.return
    }
    ```
  }];
  let arguments = (ins StrAttr:$index, StrAttr:$loop);
  let results = (outs Index:$size);
  let assemblyFormat = "$index `in` $loop attr-dict";
}

def Tile_TunableOp : Tile_Op<"tunable", [Pure]> {
  let summary = "A named tunable of the kernel, one of some values";
  let description = [{
    The config gives the value, by `kernel.name` or `name`; without one it is the first. `tile-bind-config` replaces the op
    by a constant.

    Constraints:
    * (C1) `values` is not empty.

    Example:
    ```mlir
    %stages = tile.tunable "stages" of [3, 4, 5]
    tile.print "{}" (%stages : i32) types ["i32"]
    // prints 3
    ```
  }];
  let arguments = (ins StrAttr:$name, DenseI64ArrayAttr:$values);
  let results = (outs I32:$value);
  let assemblyFormat = "$name `of` $values attr-dict";
  let hasVerifier = 1;
}

def Tile_RangeOp : Tile_Op<"range", [Pure, DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "The range of one tile";
  let description = [{
    `begin` is where the tile starts, its extent is `max(0, min(size, end - begin))`: the tile is clipped at `end`, and
    empty where it starts at or behind it. Whole dims and compile-time numbers are ranges too:
    `tile.range %c0 to %n size %n`. `name` is the index's name in the source.

    Constraints:
    * (C1) If `size` is a constant and the type's size is static, they are equal.

    Example:
    ```mlir
    %last = tile.range %c4 to %c6 size %c4 "k" : !tile.range<4>
    %n = tile.iota %last : !tile.range<4> -> tensor<4xi32>
    tile.print "{}" (%n : tensor<4xi32>) over (%last : !tile.range<4>) types ["i32"]
    // prints [4 5]
    ```
  }];
  let arguments = (ins Index:$begin, Index:$end, Index:$size, OptionalAttr<StrAttr>:$name);
  let results = (outs Tile_RangeType:$range);
  let assemblyFormat = "$begin `to` $end `size` $size ($name^)? attr-dict `:` type($range)";
  let hasVerifier = 1;
}

def Tile_BeginOp : Tile_Op<"begin", [Pure]> {
  let summary = "Where a range starts";
  let description = [{
    The array index of lane 0, also of an empty range.

    Example:
    ```mlir
    %k = tile.range %c4 to %c6 size %c4 : !tile.range<4>
    %b = tile.begin %k : !tile.range<4>
    %n = arith.index_cast %b : index to i32
    tile.print "{}" (%n : i32) types ["i32"]
    // prints 4
    ```
  }];
  let arguments = (ins Tile_RangeType:$range);
  let results = (outs Index:$begin);
  let assemblyFormat = "$range attr-dict `:` type($range)";
  let hasFolder = 1;
}

def Tile_ExtentOp : Tile_Op<"extent", [Pure]> {
  let summary = "How many elements of a range exist: its clipped extent";
  let description = [{
    Between 0 and the range's size; the lanes from it on are outside.

    Example:
    ```mlir
    %k = tile.range %c4 to %c6 size %c4 : !tile.range<4>
    %x = tile.extent %k : !tile.range<4>
    %n = arith.index_cast %x : index to i32
    tile.print "{}" (%n : i32) types ["i32"]
    // prints 2
    ```
  }];
  let arguments = (ins Tile_RangeType:$range);
  let results = (outs Index:$extent);
  let assemblyFormat = "$range attr-dict `:` type($range)";
  let hasFolder = 1;
}

def Tile_ShiftOp : Tile_Op<"shift", [Pure]> {
  let summary = "A range shifted by a scalar";
  let description = [{
    Lane `l` of the window stands for array index `begin + l + by`, for the lanes inside the range's extent. `by` may take
    it out of the array at either end: a load reads `pad` or 0 there, a store drops the lane.

    Constraints:
    * (C1) The window has the range's size.

    Example, row 2 seen from one column to the left, and from one to the right:
    ```mlir
    %minus = arith.constant -1 : index
    %left = tile.shift %j by %minus : !tile.range<2> -> !tile.window<2>
    %right = tile.shift %j by %c1 : !tile.range<2> -> !tile.window<2>
    %x, %t = tile.load %A[%c2, %left] after (%e) : memref<3x2xi32>[index, !tile.window<2>] -> tensor<2xi32>
    %y, %u = tile.load %A[%c2, %right] after (%e) : memref<3x2xi32>[index, !tile.window<2>] -> tensor<2xi32>
    tile.print "{} {}" (%x, %y : tensor<2xi32>, tensor<2xi32>) over (%j, %j : !tile.range<2>, !tile.range<2>) types ["i32", "i32"]
    // prints [ 0 20] [21  0]
    ```
  }];
  let arguments = (ins Tile_RangeType:$range, Index:$by);
  let results = (outs Tile_WindowType:$window);
  let assemblyFormat = "$range `by` $by attr-dict `:` type($range) `->` type($window)";
  let hasVerifier = 1;
}

def Tile_PrintOp : Tile_Op<"print", [AttrSizedOperandSegments, MemoryEffects<[MemWrite]>]> {
  let summary = "Print scalars and tiles";
  let description = [{
    Each `{}` of the format stands for the next value, printed as NumPy prints it, clipped to its ranges; `{{` and `}}`
    stand for braces, and a newline follows. `types` has the source element type of each value (`u8`, `bool`, ...). Prints
    of one iteration keep their order; those of different iterations may come in any.

    Constraints:
    * (C1) As many `{}` as values and types.
    * (C2) `over` has one range per dim of every tile, in order.

    Example:
    ```mlir
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %pi = arith.constant 3.14 : f32
    tile.print "x = {}, pi = {}" (%x, %pi : tensor<4xi32>, f32) over (%i : !tile.range<4>) types ["i32", "f32"]
    // prints x = [0 1 2], pi = 3.14
    ```
  }];
  let arguments = (ins StrAttr:$format, Variadic<AnyType>:$values, Variadic<Tile_RangeType>:$over, StrArrayAttr:$types);
  let assemblyFormat = [{
    $format (`(` $values^ `:` type($values) `)`)? (`over` `(` $over^ `:` type($over) `)`)? `types` $types attr-dict
  }];
  let hasVerifier = 1;
}

def Tile_AssertOp : Tile_Op<"assert", [MemoryEffects<[MemWrite]>]> {
  let summary = "Fail the call with a message unless a condition holds";
  let description = [{
    The condition is an `i1` or a tile of them, of which only the elements inside `over` count; without any it holds. The
    call goes on to some point and then returns a status that carries the text and this op's location: what the kernel
    wrote until then is unspecified.

    Constraints:
    * (C1) `over` has one range per dim of the condition.

    Example:
    ```mlir
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %limit = arith.constant dense<3> : tensor<4xi32>
    %small = arith.cmpi slt, %x, %limit : tensor<4xi32>
    tile.assert %small, "indices are below 3" over (%i : !tile.range<4>) : tensor<4xi1>
    ```
  }];
  let arguments = (ins AnyTypeOf<[I1, TensorOf<[I1]>]>:$condition, StrAttr:$message, Variadic<Tile_RangeType>:$over);
  let assemblyFormat = "$condition `,` $message (`over` `(` $over^ `:` type($over) `)`)? attr-dict `:` type($condition)";
  let hasVerifier = 1;
}

def Tile_AssumeOp : Tile_Op<"assume", [MemoryEffects<[MemWrite]>]> {
  let summary = "Promise that a condition holds; checked executors check it";
  let description = [{
    The compiler may rely on the condition. Where it is false the behaviour is undefined, and checked executors report it.

    Example:
    ```mlir
    %holds = arith.cmpi slt, %c2, %c3 : index
    tile.assume %holds
    ```
  }];
  let arguments = (ins I1:$condition);
  let assemblyFormat = "$condition attr-dict";
}

#endif // TILEC_DIALECTS_TILE_CONTROLOPS_TD
