//===- CheckDialect.td - the check dialect -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_CHECK_CHECKDIALECT_TD
#define TILEC_DIALECTS_CHECK_CHECKDIALECT_TD

include "mlir/IR/OpBase.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "::tilec::check";
  let summary = "Expectations of programs that test themselves";
  let description = [{
    A program of tile IR that tests an operation says what it expects with the ops of this dialect, on every executor
    alike. Where an expectation is not met, the call fails at the op's location, and the first differing element, in
    row-major order, is reported with both values and its indices.

    An op observes the elements inside `over`, as `tile.assert` does: one range for each dim of a tile, none for a
    scalar. Indices that are reported are those of the ranges, `begin` and on.

    The interpreter executes these ops; `check-to-tile` rewrites them for the targets. The language does not have them: its
    kernels use `assert`.

    The examples of the ops are run by a test, with the values that the tile dialect's examples may use.
  }];
  let dependentDialects = ["::tilec::tile::TileDialect"];
}

class Check_Op<string mnemonic, list<Trait> traits = []> : Op<Check_Dialect, mnemonic, traits>;

#endif // TILEC_DIALECTS_CHECK_CHECKDIALECT_TD
