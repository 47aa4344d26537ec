//===- ASTPrinter.h - syntax tree to canonical source ----------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Prints a tree in one canonical form: two blanks of indentation, one
/// statement a line, no parentheses but those that the tree needs. Parsing the
/// output and printing it again gives the same text.
///
//===----------------------------------------------------------------------===//

#ifndef TILEC_FRONTEND_ASTPRINTER_H
#define TILEC_FRONTEND_ASTPRINTER_H

#include "tilec/Frontend/AST.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace tilec::ast {

void print(llvm::raw_ostream &os, const Module &module);
void print(llvm::raw_ostream &os, const Expr &expr);

} // namespace tilec::ast

#endif // TILEC_FRONTEND_ASTPRINTER_H
