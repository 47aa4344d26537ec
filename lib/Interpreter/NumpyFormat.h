//===- NumpyFormat.h - arrays as text ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Arrays and scalars as NumPy's str() writes them with its default options.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_NUMPYFORMAT_H
#define TILEC_LIB_INTERPRETER_NUMPYFORMAT_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/ArrayRef.h"

#include <string>

namespace tilec::interpreter {

/// What the elements to print are.
struct PrintedType {
  enum Kind { Bool, Signed, Unsigned, Float } kind;
  mlir::Type type;
};

/// An element of `type` whose type in the source has this name, such as "u8".
PrintedType printedType(llvm::StringRef name, mlir::Type type);

/// The text of compact row-major `elements` (their bits) of an array of these extents; of a scalar without any.
std::string formatLikeNumpy(PrintedType type, llvm::ArrayRef<uint64_t> elements, llvm::ArrayRef<int64_t> extents);

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_NUMPYFORMAT_H
