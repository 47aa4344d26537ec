//===- MachineCheckTest.cpp - archs and their instructions ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The list of features, beside what LLVM says of its CPUs and of this machine.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/MachineCheck.h"

#include "tilec/Runtime/KernelABI.h"
#include "tilec/Runtime/ObjectEmitter.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "gtest/gtest.h"

#include <cpuid.h>
#include <set>

using namespace tilec;

namespace {

using Names = std::set<std::string>;

constexpr const char *kArchs[] = {"x86-64-v3", "x86-64-v4", "znver4", "sapphirerapids"};

/// The features of processors that a target machine has, under LLVM's names: those that programs can ask for.
Names featuresOfMachine(const MachineOptions &options) {
  Names names;
  llvm::StringMap<bool> askable = llvm::sys::getHostCPUFeatures();
  auto machine = llvm::cantFail(createTargetMachine(options));
  for (const auto &feature : machine->getMCSubtargetInfo()->getEnabledProcessorFeatures())
    if (askable.contains(feature.Key))
      names.insert(feature.Key);
  return names;
}

TEST(MachineCheck, CodeHasTheListedInstructionsAndNoOthers) {
  for (const char *arch : kArchs)
    for (bool usesF16 : {false, true}) {
      // Those of every x86-64 machine: the first of the ABI's levels.
      Names expected = featuresOfMachine({"x86-64"});
      for (llvm::StringRef name : featuresOf(*machineLevelOf(arch), usesF16, /*withMatrices=*/true))
        expected.insert(name.str());
      EXPECT_EQ(featuresOfMachine({arch, 2, usesF16}), expected) << arch;
    }
}

TEST(MachineCheck, WhatChecksCannotSeeOfF16IsNotUsed) {
  EXPECT_TRUE(featuresOfMachine({"sapphirerapids", 2, true}).contains("avx512fp16"));
  EXPECT_FALSE(featuresOfMachine({"sapphirerapids", 2, false}).contains("avx512fp16"));
  EXPECT_TRUE(featuresOfMachine({"sapphirerapids", 2, false}).contains("amx-tile"));
}

/// A bit of CPUID.
struct Bit {
  const char *name;
  uint32_t leaf, subleaf;
  enum { EAX, EBX, ECX, EDX } word;
  int bit;
};

constexpr uint32_t LEAF_1 = 1, LEAF_7 = 7, LEAF_EXTENDED_1 = 0x80000001;

TEST(MachineCheck, BitsAreWhatLLVMFinds) {
#define LEAF_1_ECX LEAF_1, 0, Bit::ECX
#define LEAF_7_EBX LEAF_7, 0, Bit::EBX
#define LEAF_7_ECX LEAF_7, 0, Bit::ECX
#define LEAF_7_EDX LEAF_7, 0, Bit::EDX
#define LEAF_7_1_EAX LEAF_7, 1, Bit::EAX
#define LEAF_EXTENDED_1_ECX LEAF_EXTENDED_1, 0, Bit::ECX
#define TILEC_FEATURE(ARCH, NAME, WORD, BIT) {NAME, WORD, BIT},
  constexpr Bit bits[] = {
#include "tilec/Runtime/MachineFeatures.def"
  };
  llvm::StringMap<bool> found = llvm::sys::getHostCPUFeatures();
  for (const Bit &bit : bits) {
    uint32_t words[4] = {};
    __get_cpuid_count(bit.leaf, bit.subleaf, &words[0], &words[1], &words[2], &words[3]);
    ASSERT_TRUE(found.contains(bit.name)) << bit.name;
    bool has = words[bit.word] >> bit.bit & 1;
    // LLVM also asks whether the system keeps the registers, which it may not do for AMX.
    if (llvm::StringRef(bit.name).starts_with("amx"))
      EXPECT_TRUE(has || !found.lookup(bit.name)) << bit.name;
    else
      EXPECT_EQ(has, found.lookup(bit.name)) << bit.name;
  }
}

TEST(MachineCheck, TheRuntimeAndTheCompilerSayTheSame) {
  for (llvm::StringRef arch : {"x86-64-v3", "x86-64-v4", "znver4"}) {
    bool runs = !llvm::errorToBool(checkMachineRuns(arch, /*usesF16=*/true));
    EXPECT_EQ(tilec_machine_level() >= *machineLevelOf(arch), runs) << arch.str();
  }
}

TEST(MachineCheck, ErrorsNameWhatIsMissing) {
  llvm::StringMap<bool> found = llvm::sys::getHostCPUFeatures();
  for (const char *arch : kArchs) {
    std::string text = llvm::toString(checkMachineRuns(arch, /*usesF16=*/true)), missing;
    for (llvm::StringRef name : featuresOf(*machineLevelOf(arch), /*usesF16=*/true, /*withMatrices=*/false))
      if (!found.lookup(name))
        missing += (missing.empty() ? "" : ", ") + name.str();
    EXPECT_EQ(text.empty(), missing.empty()) << text;
    EXPECT_NE(text.find(missing.empty() ? "" : "it has no " + missing + ";"), std::string::npos)
        << arch << ": " << text;
  }
  EXPECT_FALSE(llvm::errorToBool(checkMachineRuns("native", true)));
}

} // namespace
