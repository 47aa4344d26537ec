//===- TileTypes.td - types and attributes of the tile dialect -*- tablegen -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_DIALECTS_TILE_TILETYPES_TD
#define TILEC_DIALECTS_TILE_TILETYPES_TD

include "dialects/Tile/TileDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Tile_Type<string name, string typeMnemonic> : TypeDef<Tile_Dialect, name> {
  let mnemonic = typeMnemonic;
}

class Tile_SizedType<string name, string typeMnemonic> : Tile_Type<name, typeMnemonic> {
  let parameters = (ins "int64_t":$size);
  let assemblyFormat = "`<` custom<TileSize>($size) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// True if the config has not fixed the size yet (printed `?`).
    bool isDynamic() const { return getSize() == ::mlir::ShapedType::kDynamic; }
  }];
}

def Tile_RangeType : Tile_SizedType<"Range", "range"> {
  let summary = "The value behind a tile index: begin, clipped extent and size";
  let description = [{
    A half-open range of array indices `[begin, begin + extent)` that is held in a tile dim of `size` lanes,
    `0 <= extent <= size`. The size is in the type, `?` until the config is bound; begin and extent are run-time values.
    Lanes `extent .. size-1` are outside: they do not exist for an op that observes the range.
  }];
}

def Tile_WindowType : Tile_SizedType<"Window", "window"> {
  let summary = "A range shifted by a scalar: a subscript that may leave the array";
  let description = [{
    The result of `tile.shift`. As a subscript it keeps the dim of the range it came from; elements outside the array read
    as the pad value and are dropped by stores.
  }];
}

def Tile_TokenType : Tile_Type<"Token", "token"> {
  let summary = "Evidence that some memory accesses have happened";
  let description = "Has no run-time content. Two accesses are ordered only by a chain of tokens.";
}

def Tile_Order : I32EnumAttr<"MemoryOrder", "memory ordering of an access", [
    I32EnumAttrCase<"weak", 0>, I32EnumAttrCase<"relaxed", 1>, I32EnumAttrCase<"acquire", 2>,
    I32EnumAttrCase<"release", 3>, I32EnumAttrCase<"acq_rel", 4>]> {
  let cppNamespace = "::tilec::tile";
  let genSpecializedAttr = 0;
}
def Tile_OrderAttr : EnumAttr<Tile_Dialect, Tile_Order, "order"> { let assemblyFormat = "$value"; }

def Tile_Scope : I32EnumAttr<"MemoryScope", "who an access is ordered for", [
    I32EnumAttrCase<"block", 0>, I32EnumAttrCase<"device", 1>, I32EnumAttrCase<"system", 2>]> {
  let cppNamespace = "::tilec::tile";
  let genSpecializedAttr = 0;
}
def Tile_ScopeAttr : EnumAttr<Tile_Dialect, Tile_Scope, "scope"> { let assemblyFormat = "$value"; }

def Tile_AtomicKind : I32EnumAttr<"AtomicKind", "read-modify-write operation", [
    I32EnumAttrCase<"addi", 0>, I32EnumAttrCase<"addf", 1>, I32EnumAttrCase<"maxs", 2>, I32EnumAttrCase<"maxu", 3>,
    I32EnumAttrCase<"maxf", 4>, I32EnumAttrCase<"mins", 5>, I32EnumAttrCase<"minu", 6>, I32EnumAttrCase<"minf", 7>,
    I32EnumAttrCase<"andi", 8>, I32EnumAttrCase<"ori", 9>, I32EnumAttrCase<"xori", 10>, I32EnumAttrCase<"xchg", 11>]> {
  let cppNamespace = "::tilec::tile";
  let genSpecializedAttr = 0;
}
def Tile_AtomicKindAttr : EnumAttr<Tile_Dialect, Tile_AtomicKind, "atomic_kind"> { let assemblyFormat = "$value"; }

def Tile_Precision : I32EnumAttr<"DotPrecision", "how an f32 dot may be computed", [
    I32EnumAttrCase<"ieee", 0>, I32EnumAttrCase<"tf32", 1>, I32EnumAttrCase<"tf32x3", 2>]> {
  let cppNamespace = "::tilec::tile";
  let genSpecializedAttr = 0;
}
def Tile_PrecisionAttr : EnumAttr<Tile_Dialect, Tile_Precision, "precision"> { let assemblyFormat = "$value"; }

def Tile_ParamKind : I32EnumAttr<"ParamKind", "role of a kernel parameter", [
    I32EnumAttrCase<"array", 0>, I32EnumAttrCase<"inout", 1>, I32EnumAttrCase<"result", 2>,
    I32EnumAttrCase<"scalar", 3>]> {
  let cppNamespace = "::tilec::tile";
  let genSpecializedAttr = 0;
}
def Tile_ParamKindAttr : EnumAttr<Tile_Dialect, Tile_ParamKind, "param_kind"> { let assemblyFormat = "$value"; }

def Tile_ParamAttr : AttrDef<Tile_Dialect, "Param"> {
  let mnemonic = "param";
  let summary = "What a caller sees of one kernel parameter";
  let description = [{
    `name` and `type` are the source's (`u8` and `bool` are both `i8` in the IR); `dims` gives each extent of an array as an
    expression over the kernel's dim symbols (a semi-affine map without dims, one result per array dim; empty for a
    scalar); `strided` says that the last dim may have a stride other than 1.
  }];
  let parameters = (ins StringRefParameter<"source name">:$name, "::tilec::tile::ParamKind":$kind,
                        StringRefParameter<"source element type">:$type, "::mlir::AffineMap":$dims,
                        DefaultValuedParameter<"bool", "false">:$strided);
  let assemblyFormat = "`<` struct($name, custom<Kind>($kind), $type, custom<Dims>($dims), $strided) `>`";
}

#endif // TILEC_DIALECTS_TILE_TILETYPES_TD
