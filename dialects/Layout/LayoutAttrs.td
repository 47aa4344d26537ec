//===- LayoutAttrs.td - attributes of the layout dialect -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_LAYOUT_LAYOUTATTRS_TD
#define TILEC_DIALECTS_LAYOUT_LAYOUTATTRS_TD

include "dialects/Layout/LayoutDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/TensorEncoding.td"

class Layout_Attr<string name, string attrMnemonic, list<Trait> traits = []> : AttrDef<Layout_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
  let genVerifyDecl = 1;
}

def Layout_LayoutAttr : Layout_Attr<"Layout", "layout"> {
  let summary = "A layout, or a function of an offset and a layout";
  let description = [{
    Where each element lies in a memory: a layout, or `f o offset o layout` with a swizzle or a layout as `f`.

    Constraints:
    * (C1) Under an outer function the inner layout's values are numbers, not coordinates.

    ```mlir
    #row_major = #layout.layout<"(128,64):(64,1)">
    #swizzled = #layout.layout<"Sw<3,3,3> o 0 o (128,64):(64,1)">
    ```
  }];
  let parameters = (ins AttrParameter<"::tilec::layout::ComposedLayout", "the layout">:$layout);
  let assemblyFormat = "`<` custom<LayoutText>($layout) `>`";
}

def Layout_DistributedAttr : Layout_Attr<"Distributed", "distributed",
    [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "Which register of which thread holds which element of a tile";
  let description = [{
    A layout with the modes (register, lane, warp, block), of which the last two may be left out, whose values are the
    coordinates of a tile. As the encoding of a tensor it says how the tile is distributed over threads.

    Constraints:
    * (C1) The layout has two to four modes, and its values are coordinates of one level, none negative.
    * (C2) Each element of the tile that the values span is held by some register.
    * (C3) As an encoding: the tensor's shape is the tile's.

    ```mlir
    #accumulator = #layout.distributed<"((2,2),(4,8)):((1@1,8@0),(2@1,1@0))">
    %0 = ... : tensor<16x8xf32, #accumulator>
    ```
  }];
  let parameters = (ins AttrParameter<"::tilec::layout::Layout", "the map from threads to elements">:$layout);
  let assemblyFormat = "`<` custom<DistributedText>($layout) `>`";
}

#endif // TILEC_DIALECTS_LAYOUT_LAYOUTATTRS_TD
