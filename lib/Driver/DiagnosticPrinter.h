//===- DiagnosticPrinter.h - MLIR's diagnostics as the front end's -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_DIAGNOSTICPRINTER_H
#define TILEC_LIB_DRIVER_DIAGNOSTICPRINTER_H

#include "tilec/Frontend/Source.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"

#include <string>

namespace tilec {

/// Prints "file:line:col: error: sentence", the line and a caret, in the form
/// of the front end's diagnostics; notes follow in the same form. Lines come
/// from the files of `sources`.
std::string printDiagnostic(mlir::Diagnostic &diagnostic,
                            const SourceManager &sources);

/// The same for a sentence of ours about a place.
std::string printMessage(mlir::Location location, llvm::StringRef severity,
                         llvm::StringRef sentence,
                         const SourceManager &sources);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_DIAGNOSTICPRINTER_H
