//===- MachineCheck.cpp - whether code runs here ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Archs and their instructions, by the list that Support/Machine.c asks the
// processor for.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/MachineCheck.h"

#include "tilec/Runtime/KernelABI.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

using namespace tilec;

std::optional<int32_t> tilec::machineLevelOf(llvm::StringRef arch) {
  if (arch == "x86-64-v3")
    return TILEC_MACHINE_X86_64_V3;
  if (arch == "x86-64-v4")
    return TILEC_MACHINE_X86_64_V4;
  if (arch == "znver4")
    return TILEC_MACHINE_ZNVER4;
  if (arch == "sapphirerapids")
    return TILEC_MACHINE_SAPPHIRERAPIDS;
  return std::nullopt;
}

namespace {
/// A row of MachineFeatures.def.
struct Feature {
  enum Use { kAlways, kF16, kMatrices };
  int32_t level;
  llvm::StringLiteral name;
  Use use = kAlways;
};
} // namespace

static constexpr Feature kFeatures[] = {
#define TILEC_FEATURE(ARCH, NAME, WORD, BIT) {TILEC_MACHINE_##ARCH, NAME},
#define TILEC_F16_FEATURE(ARCH, NAME, WORD, BIT) {TILEC_MACHINE_##ARCH, NAME, Feature::kF16},
#define TILEC_MATRIX_FEATURE(ARCH, NAME, WORD, BIT) {TILEC_MACHINE_##ARCH, NAME, Feature::kMatrices},
#include "tilec/Runtime/MachineFeatures.def"
};

llvm::SmallVector<llvm::StringRef> tilec::featuresOf(int32_t level, bool usesF16, bool withMatrices) {
  llvm::SmallVector<llvm::StringRef> names;
  for (const Feature &feature : kFeatures)
    if (feature.level <= level && (feature.use != Feature::kF16 || usesF16) &&
        (feature.use != Feature::kMatrices || withMatrices))
      names.push_back(feature.name);
  return names;
}

llvm::Error tilec::checkMachineRuns(llvm::StringRef arch, bool usesF16) {
  std::optional<int32_t> level = machineLevelOf(arch);
  if (!level)
    return llvm::Error::success();
  llvm::SmallVector<llvm::StringRef> needed = featuresOf(*level, usesF16, /*withMatrices=*/false);
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  llvm::erase_if(needed, [&](llvm::StringRef name) { return features.lookup(name); });
  if (needed.empty())
    return llvm::Error::success();
  return llvm::createStringError("this machine cannot execute code for '" + arch + "': it has no " +
                                 llvm::join(needed, ", ") + "; without --arch kernels are compiled for it");
}
