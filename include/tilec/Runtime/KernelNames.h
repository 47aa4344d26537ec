//===- KernelNames.h - the symbols of a kernel ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// How the symbols that a kernel exports (KernelABI.h) are called: its name, and its name with these endings.
/// Standard C++ only.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_KERNELNAMES_H
#define TILEC_RUNTIME_KERNELNAMES_H

namespace tilec {

inline constexpr char kDescriptorSuffix[] = "_descriptor";
inline constexpr char kWorkspaceSizeSuffix[] = "_workspace_size";
inline constexpr char kWithWorkspaceSuffix[] = "_with_workspace";

} // namespace tilec

#endif // TILEC_RUNTIME_KERNELNAMES_H
