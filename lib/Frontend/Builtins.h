//===- Builtins.h - names of the language's own functions -------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The table of builtin functions: their names and what arguments they take. What they mean is in Elaborator.h.
//
//===----------------------------------------------------------------------===//

#ifndef TILEC_LIB_FRONTEND_BUILTINS_H
#define TILEC_LIB_FRONTEND_BUILTINS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace tilec {

class Elaborator;
struct CallArgs;
struct Val;

/// One builtin function.
struct Builtin {
  llvm::StringRef name;
  /// How it is called, as messages show it: `zeros(T, dims)`.
  llvm::StringRef usage;
  /// Positional arguments: at least, at most (-1: any number).
  int minArgs;
  int maxArgs;
  /// The named arguments that it takes, separated by blanks.
  llvm::StringRef options;
  /// Emits the call.
  Val (Elaborator::*emit)(const Builtin &, const CallArgs &);
};

/// All builtins, sorted by name.
llvm::ArrayRef<Builtin> allBuiltins();
/// The builtin of that name, or null.
const Builtin *findBuiltin(llvm::StringRef name);
inline bool isBuiltin(llvm::StringRef name) { return findBuiltin(name) != nullptr; }

} // namespace tilec

#endif // TILEC_LIB_FRONTEND_BUILTINS_H
