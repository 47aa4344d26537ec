//===- SymbolicOperations.h - The algebra over text with symbols -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The operations of Operations.h that layouts with symbols permit.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_SYMBOLICOPERATIONS_H
#define TILEC_LIB_LAYOUT_SYMBOLICOPERATIONS_H

#include "tilec/Layout/Operations.h"

namespace tilec::layout {

/// An operation of the same name and operands as that over numbers.
struct SymbolicOperation {
  std::string_view name;
  Result<std::string> (*run)(const Operands &operands, const Assumptions &assumptions);
};

/// All of them.
const std::vector<SymbolicOperation> &symbolicOperations();

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_SYMBOLICOPERATIONS_H
