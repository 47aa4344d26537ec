//===- MachineCheck.cpp - whether code runs here ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The instructions of each arch that code generation makes vectors with, under
// LLVM's names.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/ObjectEmitter.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

using namespace tilec;

static constexpr llvm::StringLiteral kV3[] = {"avx2", "fma", "f16c", "bmi", "bmi2", "lzcnt", "movbe"};
static constexpr llvm::StringLiteral kV4[] = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"};
static constexpr llvm::StringLiteral kSapphireRapids[] = {"avx512ifma",   "avx512vbmi", "avx512vbmi2",     "avx512vnni",
                                                          "avx512bitalg", "gfni",       "avx512vpopcntdq", "vaes",
                                                          "vpclmulqdq",   "avx512bf16"};
static constexpr llvm::StringLiteral kSapphireRapidsF16[] = {"avx512fp16"};

llvm::Error tilec::checkMachineRuns(llvm::StringRef arch, bool usesF16) {
  llvm::SmallVector<llvm::StringRef> needed;
  bool isSapphireRapids = arch == "sapphirerapids";
  if (arch == "x86-64-v3" || arch == "x86-64-v4" || isSapphireRapids)
    llvm::append_range(needed, kV3);
  if (arch == "x86-64-v4" || isSapphireRapids)
    llvm::append_range(needed, kV4);
  if (isSapphireRapids)
    llvm::append_range(needed, kSapphireRapids);
  if (isSapphireRapids && usesF16)
    llvm::append_range(needed, kSapphireRapidsF16);
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  llvm::erase_if(needed, [&](llvm::StringRef name) { return features.lookup(name); });
  if (needed.empty())
    return llvm::Error::success();
  return llvm::createStringError("this machine cannot execute code for '" + arch + "': it has no " +
                                 llvm::join(needed, ", ") + "; without --arch kernels are compiled for it");
}
