//===- Passes.td - passes from tile to tile -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_TRANSFORMS_PASSES_TD
#define TILEC_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

// File organization: one group per folder of lib/Transforms, alphabetical within it.

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

def CheckExtents : Pass<"tile-check-extents", "::tilec::tile::KernelOp"> {
  let summary = "Check before a grid that its tile indices stay inside the arrays";
  let description = [{
    An access without a mask, in a grid or in loops whose bounds are known before the grid, happens if none of them is empty.
    For each dim that such an access subscripts by the index of one of these loops, a `tile.assert` before the grid says that
    the loop ends inside the dim, unless that follows from the dims' expressions. Windows, integer tiles and scalars are not
    checked, and what stands under a condition is not: it may never happen.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

//===----------------------------------------------------------------------===//
// Cleanup
//===----------------------------------------------------------------------===//

def Cleanup : Pass<"tile-cleanup", "::mlir::ModuleOp"> {
  let summary = "Fold constants and drop what is not used";
  let description = [{
    MLIR's canonicalizer and CSE, which fold `x ^ x` and `x == x` to constants. A constant says nothing of a dim that is `?`: on
    tiles with unknown dims this pass makes a `tile.full` of them, which names the dims' ranges.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

//===----------------------------------------------------------------------===//
// Config
//===----------------------------------------------------------------------===//

def BindConfig : Pass<"tile-bind-config", "::mlir::ModuleOp"> {
  let summary = "Give every tile size and tunable the value that the config says";
  let description = [{
    Replaces `tile.size` and `tile.tunable` by constants and makes the dims of ranges and tiles static. A size is looked up
    in the kernel's `config` as `loop.index`, then `kernel.index`, then `index`; a size without a value is an error. Afterwards
    only whole dims that are not known are `?`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def CheckConfig : Pass<"tile-check-config", "::mlir::ModuleOp"> {
  let summary = "Check that each key of a config names a tile index or a tunable";
  let description = [{
    A key that names nothing in any kernel of the module is an error, unless it is in `target-keys`. With `drop` it is left
    out instead: for use after a cleanup, which may have removed the loop.
  }];
  let options = [
    ListOption<"targetKeys", "target-keys", "std::string", "Config keys that the target reads itself">,
    Option<"drop", "drop", "bool", "false", "Leave such keys out instead">];
}

def DefaultConfig : Pass<"tile-default-config", "::tilec::tile::KernelOp"> {
  let summary = "Fill the config in with sizes by what each index is used for";
  let description = [{
    Every `tile.size` that the kernel's `config` says nothing about gets an entry `loop.index`. The size follows from the
    use of the index: as a row, column or contraction of a dot (of bytes, of bf16, or of others), as a row that reductions go
    along, as the innermost dim of all or some of its accesses (beside rows only, as if it were the only dim), or as any other
    dim; dims with more than three behind them get 1. The sizes are options, so that each target can give its own.
  }];
  let options = [
    Option<"dotRows", "dot-rows", "int64_t", "64", "Size of an index that is a row of a dot">,
    Option<"dotColumns", "dot-columns", "int64_t", "128", "Size of an index that is a column of a dot">,
    Option<"dotDepth", "dot-depth", "int64_t", "128", "Size of an index that a dot contracts">,
    Option<"bytesDepth", "bytes-depth", "int64_t", "128", "Size of an index that a dot of bytes contracts">,
    Option<"bf16Depth", "bf16-depth", "int64_t", "128", "Size of an index that a dot of bf16 contracts">,
    Option<"narrowRows", "narrow-rows", "int64_t", "0", "Size of an index that is a row of a dot of bytes or of bf16; 0: as other rows">,
    Option<"linkedRows", "linked-rows", "int64_t", "0", "Size of an index that is a row of a dot whose columns another one of a type below contracts; 0: as other rows">,
    Option<"linkedBF16Columns", "linked-bf16-columns", "int64_t", "0", "Size of an index that is a column which another dot of bf16 contracts; 0: the smaller one of the sizes above">,
    Option<"linkedF32Columns", "linked-f32-columns", "int64_t", "0", "The same of f32 or f16">,
    Option<"innermost", "innermost", "int64_t", "256", "Size of an index of the innermost dim of some accesses">,
    Option<"sequential", "sequential", "int64_t", "256", "Size of an index of the innermost dim of all its accesses">,
    Option<"only", "only", "int64_t", "4096", "Size of an index that is all the dims of a kernel's tiles">,
    Option<"rows", "rows", "int64_t", "1024", "Elements of the rows of an iteration, where reductions go along them">,
    Option<"outer", "outer", "int64_t", "8", "Size of any other index">];
}

def VersionFewRows : Pass<"tile-version-few-rows", "::tilec::tile::KernelOp"> {
  let summary = "Compute products of few rows by tiles of their own";
  let description = [{
    A product of few rows is bound by reading its right operand, which goes best along long pieces of rows. Where a kernel has
    one dot, whose rows and columns are indices of a grid that serve for nothing but loads and stores, and whose right operand
    is read along rows, the grid becomes an `scf.if` of two grids. One is for at most `rows` rows, and at least `least-columns`
    columns: its tiles have as many rows, and columns of `column-bytes` bytes in a row of the right operand. The other one is
    as the grid was. The attribute `tile.rows` says which one is for `"few"` and for `"many"`. Where the number of rows
    is known, there is but the one grid, to which the config gives such sizes if they are few. Of bytes and bf16, machines that
    multiply matrices may have more rows that are few, over `one-register` if the contraction has `long-bytes` bytes.

    A grid stays as it is if the config gives one of the two sizes.
  }];
  let options = [
    Option<"rows", "rows", "int64_t", "0", "How many rows are few; 0: none">,
    Option<"matrixRows", "matrix-rows", "int64_t", "0", "How many are few in products of bytes and of bf16; 0: as in others">,
    Option<"oneRegister", "one-register", "int64_t", "16", "How many of those are few whatever the contraction">,
    Option<"longBytes", "long-bytes", "int64_t", "1024", "Bytes along the contraction from which more of them are">,
    Option<"columnBytes", "column-bytes", "int64_t", "8192", "Bytes of a row of the right operand that a tile has">,
    Option<"leastColumns", "least-columns", "int64_t", "16", "Columns that a product has at least which is computed so">,
    Option<"mostColumns", "most-columns", "int64_t", "8192", "Columns that such a tile has at most">,
    Option<"narrowColumns", "narrow-columns", "int64_t", "256", "As many known columns have no long pieces of rows">,
    Option<"explain", "explain", "bool", "false", "Say why a product has no such version, as a remark">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

def AssignAccessIds : Pass<"tile-assign-access-ids", "::mlir::ModuleOp"> {
  let summary = "Give each access an id by which it is known after later passes";
  let description = [{
    Each access without the attribute `tile.access = array<i64: ids>` gets it, with one id that no access of the module has. A
    pass that clones an access keeps the ids, one that merges accesses gives the result the ids of all.
  }];
}

def RelaxTokens : Pass<"tile-relax-tokens", "::tilec::tile::KernelOp"> {
  let summary = "Drop the order between accesses that nothing needs";
  let description = [{
    Of the pairs of accesses that tokens order, these stay ordered: pairs that may touch one element, as the conflict
    analysis says, unless both only read and one is weak; pairs whose second access is a release, and pairs whose first one
    is an acquire. Everything else becomes unordered: loops carry only tokens of accesses that their later iterations
    conflict with, and a grid waits only for grids that it conflicts with. No access is moved, and no pair becomes ordered
    that was not.
  }];
  let options = [
    Option<"explain", "explain", "bool", "false", "Say for each edge that stays why it is needed, as a remark">,
    Option<"maxAccesses", "max-accesses", "unsigned", "250", "Leave kernels of more accesses as they are: in many loops and branches 500 take ten seconds">];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def SimplifyTokens : Pass<"tile-simplify-tokens", "::tilec::tile::KernelOp"> {
  let summary = "Drop tokens that order nothing which other tokens do not order";
  let description = [{
    Leaves out what a join or an access is after twice: a token that is named again, one that another token in the list
    stands for already, and `tile.token`. Joins of joins become one. A token that a loop carries unchanged, or that all
    branches of an op pass on, is used directly, and what loops and branches pass on for no access is removed. The order
    between accesses is the same before and after.
  }];
}

def VerifyOrder : Pass<"tile-verify-order", "::tilec::tile::KernelOp"> {
  let summary = "Report accesses that may race, since no order connects them";
  let description = [{
    For each two accesses of which one writes, and for each two of their instances that can exist (in one iteration, in two
    iterations of a loop, of a grid, in two grids): they touch no common element, or tokens order them, or they are atomic to
    each other, or they are reported. A race that is certain is an error, and the pass fails. One that is certain as soon as
    both instances exist (a grid has a second iteration, both branches are taken) is a warning; one that is possible as far
    as the analyses can tell is a remark, if asked for. What a release and an acquire may order is a remark.
  }];
  let options = [
    Option<"warnings", "warnings", "bool", "true", "Report races that are certain where both accesses run">,
    Option<"remarks", "remarks", "bool", "false", "Report possible races">];
}

//===----------------------------------------------------------------------===//
// Verify: the contract at the end of a phase
//===----------------------------------------------------------------------===//

def VerifyConfigured : Pass<"tile-verify-configured", "::tilec::tile::KernelOp"> {
  let summary = "Check that a kernel keeps the contract of phase configured";
  let description = [{
    No `tile.size` and no `tile.tunable` is left, and a dim that is `?` belongs to a whole dim of an array: its range begins at 0
    and holds all that there is.
  }];
}

def VerifyLowered : Pass<"tile-verify-lowered", "::mlir::ModuleOp"> {
  let summary = "Check that a module keeps the contract of phase target";
  let description = "No op of tilec's own dialects is left.";
}

#endif // TILEC_TRANSFORMS_PASSES_TD
