//===- Signature.h - signatures of kernels ----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the attributes of a kernel to what its callers are told and checked by.

#ifndef TILEC_TARGET_CPU_SIGNATURE_H
#define TILEC_TARGET_CPU_SIGNATURE_H

#include "dialects/Tile/Tile.h"
#include "tilec/Runtime/KernelSignature.h"

namespace tilec {

/// The signature of a kernel of this name, with these parameters, dim symbols
/// and values of the symbols for which it is specialised (null for none). Each
/// symbol is bound by the first dim that it is alone in, else by the first of
/// the form `c*R + d`; all other dims are checked. `emitError` reports a symbol
/// that no dim can bind, or an element type that has no counterpart.
mlir::FailureOr<KernelSignature>
buildSignature(llvm::StringRef name, llvm::ArrayRef<tile::ParamAttr> params,
               mlir::ArrayAttr symbols, mlir::DictionaryAttr bound,
               llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

/// The same for a kernel op.
mlir::FailureOr<KernelSignature> buildSignature(tile::KernelOp kernel);

} // namespace tilec

#endif // TILEC_TARGET_CPU_SIGNATURE_H
