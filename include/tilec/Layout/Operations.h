//===- Operations.h - The algebra over text ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Every operation by its name, from text to text: what tile-layout's
/// subcommands, the tests' vectors and the comparison with other libraries call.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_OPERATIONS_H
#define TILEC_LAYOUT_OPERATIONS_H

#include "tilec/Layout/SymbolicInt.h"

namespace tilec::layout {

using Operands = std::vector<std::string>;

/// An operation over text.
struct Operation {
  std::string_view name;
  /// The operands, for people: "A B", "A [EXTENT]".
  std::string_view operands;
  size_t minOperands, maxOperands;
  /// One phrase.
  std::string_view summary;
  /// The result's text; the number of operands has been checked.
  Result<std::string> (*run)(const Operands &operands);
};

/// All operations, in the order of the documentation.
const std::vector<Operation> &operations();

/// The operation of this name, or nothing.
const Operation *findOperation(std::string_view name);

/// Whether the operation of this name takes operands with symbols (SymbolicLayout.h).
bool permitsSymbols(std::string_view name);

/// Runs the operation of this name; fails for an unknown name, a wrong number of operands, and as the operation does.
/// Operands may hold symbols where the operation permits them, of which `assumptions` says what is known.
Result<std::string> runOperation(std::string_view name, const Operands &operands, const Assumptions &assumptions = {});

} // namespace tilec::layout

#endif // TILEC_LAYOUT_OPERATIONS_H
