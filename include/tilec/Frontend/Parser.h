//===- Parser.h - from text to syntax tree ---------------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The parser's one entry.
///
//===----------------------------------------------------------------------===//

#ifndef TILEC_FRONTEND_PARSER_H
#define TILEC_FRONTEND_PARSER_H

#include "tilec/Frontend/AST.h"
#include "tilec/Frontend/Diagnostics.h"

namespace tilec {

/// Parses one file of `diags`' source manager; its nodes live in `context`.
/// Never null. Each syntax error is reported once, and what it made unreadable
/// is left out of the tree: after an error, use the tree only for tools that
/// can live with missing statements and items, and do not report their absence.
/// Imports are not followed.
const ast::Module *parseFile(FileId file, ast::Context &context,
                             DiagnosticEngine &diags);

} // namespace tilec

#endif // TILEC_FRONTEND_PARSER_H
