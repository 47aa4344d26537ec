//===- ObjectEmitter.h - LLVM modules to objects ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// From an optimised llvm::Module to assembly, an object or a shared library
/// that needs libc and libm only.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_OBJECTEMITTER_H
#define TILEC_RUNTIME_OBJECTEMITTER_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace tilec {

/// Which machine code is made for. The default is this machine.
struct MachineOptions {
  /// A CPU that LLVM knows, such as "x86-64-v3"; "native" detects this one.
  std::string arch = "native";
  /// Effort of code generation, 0 to 3.
  unsigned optLevel = 2;
  /// Whether kernels have elements of f16, for which alone the instructions of
  /// some archs are used.
  bool usesF16 = true;
};

/// The target machine for the host's triple, position-independent. It has the
/// features of MachineFeatures.def, no others, if the arch is listed there. An
/// unknown arch is an error that says so.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const MachineOptions &options);

/// Sets triple and data layout of a module, and the CPU of its functions.
void applyTargetMachine(llvm::Module &module, llvm::TargetMachine &machine);

/// Adds what `module` uses of the support functions of KernelABI.h, and
/// tilec_status_text, as weak definitions: several objects link together.
llvm::Error linkSupport(llvm::Module &module);

/// Code generation; changes the module, as LLVM's code generators do. The same
/// module gives the same bytes.
llvm::Expected<llvm::SmallVector<char, 0>>
emitObject(llvm::Module &module, llvm::TargetMachine &machine);
llvm::Expected<llvm::SmallVector<char, 0>>
emitAssembly(llvm::Module &module, llvm::TargetMachine &machine);

/// Links an object into a shared library with the first linker found (ld.lld,
/// ld, cc) and returns its bytes. `name` becomes its soname.
llvm::Expected<llvm::SmallVector<char, 0>>
linkSharedLibrary(llvm::ArrayRef<char> object, llvm::StringRef name);

/// Writes a file whole or not at all: a temporary one takes its place. "-" is
/// standard output.
llvm::Error writeFileAtomically(llvm::StringRef path, llvm::StringRef bytes);

} // namespace tilec

#endif // TILEC_RUNTIME_OBJECTEMITTER_H
