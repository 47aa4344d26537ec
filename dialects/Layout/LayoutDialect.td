//===- LayoutDialect.td - the layout dialect -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_LAYOUT_LAYOUTDIALECT_TD
#define TILEC_DIALECTS_LAYOUT_LAYOUTDIALECT_TD

include "mlir/IR/OpBase.td"

def Layout_Dialect : Dialect {
  let name = "layout";
  let cppNamespace = "::tilec::layout";
  let summary = "Layouts as attributes";
  let description = [{
    A layout is a function from coordinates to offsets, written `shape:stride`; the library tilec/Layout defines and
    calculates with them. The attributes of this dialect hold the library's values and print its text. They are tensor
    encodings: a tile's layout says which register of which thread holds which element.

    The text stands in quotes, as the library prints it: its `1@0` and `^4` are no symbols of MLIR's lexer. An error in
    it is the library's own sentence, at the place inside the quotes.

    The dialect has no operations.
  }];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

#endif // TILEC_DIALECTS_LAYOUT_LAYOUTDIALECT_TD
