//===- SeveralArchs.h - one object for several machines ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Joins the code of the same kernels for several archs. Which one runs is
/// decided by the first call.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_SEVERALARCHS_H
#define TILEC_RUNTIME_SEVERALARCHS_H

#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace llvm {
class Module;
} // namespace llvm

namespace tilec {

/// Sorts archs by what they need: each runs where a later one does. It is an
/// error, in a sentence, if one is there twice or is none that a machine can be
/// asked for (x86-64-v3, x86-64-v4, znver4, sapphirerapids).
llvm::Error sortArchs(std::vector<std::string> &archs);

/// Joins modules, which share a context: `modules[i]` has the kernels' code for
/// `archs[i]`, as sortArchs() left them. In the result the entry points of each
/// kernel (KernelABI.h) call those of the last arch that the machine has all
/// instructions of; where it has none, they return TILEC_ERR_MACHINE. Functions
/// name their CPU, so that the target machine of the first arch generates code.
/// An error if the modules differ in their kernels.
llvm::Expected<std::unique_ptr<llvm::Module>> joinArchs(std::vector<std::unique_ptr<llvm::Module>> modules,
                                                        const std::vector<std::string> &archs, unsigned optLevel);

} // namespace tilec

#endif // TILEC_RUNTIME_SEVERALARCHS_H
