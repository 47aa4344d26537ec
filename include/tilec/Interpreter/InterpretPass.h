//===- InterpretPass.h - the pass that runs kernels ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_INTERPRETER_INTERPRETPASS_H
#define TILEC_INTERPRETER_INTERPRETPASS_H

namespace tilec {

/// Makes `--tile-interpret` known: it runs every kernel without parameters of a module, in order, and changes nothing.
/// What they print goes to stdout, and the error that ends a run is a diagnostic.
void registerInterpretPass();

} // namespace tilec

#endif // TILEC_INTERPRETER_INTERPRETPASS_H
