//===- MachineCheck.h - whether code runs here ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the archs of MachineFeatures.def consist of, and whether this machine
/// has it.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_MACHINECHECK_H
#define TILEC_RUNTIME_MACHINECHECK_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>

namespace tilec {

/// What tilec_machine_level() returns at least where an arch runs; nothing for
/// other archs than those of MachineFeatures.def.
std::optional<int32_t> machineLevelOf(llvm::StringRef arch);

/// The features, under LLVM's names, that code for a level may use beside those
/// of every x86-64 machine. `usesF16`: kernels have elements of f16.
/// `withMatrices`: also AMX, which kernels ask for when they are called.
llvm::SmallVector<llvm::StringRef> featuresOf(int32_t level, bool usesF16, bool withMatrices);

/// An error that names what is missing if this machine cannot execute kernels
/// compiled for `arch`: an instruction that it lacks ends the process. `usesF16`
/// is that of MachineOptions. AMX is not looked at.
llvm::Error checkMachineRuns(llvm::StringRef arch, bool usesF16);

} // namespace tilec

#endif // TILEC_RUNTIME_MACHINECHECK_H
