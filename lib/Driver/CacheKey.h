//===- CacheKey.h - what compiled kernels are kept by -----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_CACHEKEY_H
#define TILEC_LIB_DRIVER_CACHEKEY_H

#include "tilec/Driver/Compiler.h"
#include "tilec/Runtime/ObjectEmitter.h"
#include "tilec/Target/TargetSpec.h"

#include <optional>
#include <string>

namespace tilec {

/// The key of the kernels' code in a cache: whatever the code is made from. The module has all that the source and its
/// imports say, with their lines, which messages at run time name. The machine is known by its processor and the sizes
/// of its caches, from which default tile sizes follow. No key without a build to name.
std::optional<std::string> cacheKey(const CompileOptions &options, const MachineOptions &machineOptions,
                                    const TargetSpec &spec, llvm::StringRef phase, llvm::StringRef module);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_CACHEKEY_H
