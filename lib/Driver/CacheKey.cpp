//===- CacheKey.cpp - what compiled kernels are kept by ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CacheKey.h"

#include "CompileCache.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace tilec;
using llvm::Twine;

std::optional<std::string> tilec::cacheKey(const CompileOptions &options, const MachineOptions &machineOptions,
                                           const TargetSpec &spec, llvm::StringRef phase, llvm::StringRef module) {
  std::optional<std::string> identity = compilerIdentity();
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine = createTargetMachine(machineOptions);
  if (!machine)
    llvm::consumeError(machine.takeError()); // Compiling says why.
  if (!identity || !machine)
    return std::nullopt;
  llvm::SmallString<128> folder; // Stands in the code's debug information.
  if (options.debugInfo && llvm::sys::fs::current_path(folder))
    return std::nullopt;
  std::string flags =
      (phase + " " + options.target + " " + options.arch + " " + Twine(options.optLevel) + " " +
       Twine(options.debugInfo) + Twine(options.fuse) + Twine(options.excessPrecision) + Twine(options.deterministic) +
       " " + Twine(spec.l1Bytes) + " " + Twine(spec.l2Bytes) + " " + Twine(spec.farLastCache))
          .str();
  return CompileCache::keyOf({*identity, (*machine)->getTargetTriple().str(), (*machine)->getTargetCPU(),
                              (*machine)->getTargetFeatureString(), flags, folder, module});
}
