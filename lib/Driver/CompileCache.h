//===- CompileCache.h - compiled kernels on disk ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A folder of machine code, shared by any number of processes. An entry is a
/// file that appears whole or not at all, under the hash of everything that its
/// code depends on; what is damaged counts as absent. Old entries go.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_DRIVER_COMPILECACHE_H
#define TILEC_LIB_DRIVER_COMPILECACHE_H

#include "tilec/Runtime/JIT.h"

#include "llvm/ADT/ArrayRef.h"

#include <optional>
#include <string>

namespace tilec {

/// What identifies the build of this compiler and of the LLVM that it uses: a
/// version, and the build ids of the files that their code is in. None if one
/// of them has no build id, so that builds could be taken for each other.
std::optional<std::string> compilerIdentity();

class CompileCache {
public:
  explicit CompileCache(llvm::StringRef folder) : folder(folder) {}

  /// The key of code that depends on these texts.
  static std::string keyOf(llvm::ArrayRef<llvm::StringRef> parts);

  /// The entry of a key, if there is one that is whole.
  std::optional<JITObject> find(llvm::StringRef key) const;

  /// Puts an entry into the folder, which is made if need be, and drops what
  /// has not been used for a month or exceeds a gigabyte.
  llvm::Error store(llvm::StringRef key, const JITObject &object) const;

private:
  std::string pathOf(llvm::StringRef key) const;
  std::string folder;
};

} // namespace tilec

#endif // TILEC_LIB_DRIVER_COMPILECACHE_H
