//===- RunArrays.h - the arguments of a run ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_RUNARRAYS_H
#define TILEC_LIB_DRIVER_RUNARRAYS_H

#include "RunOptions.h"

#include "tilec/Frontend/Frontend.h"
#include "tilec/Runtime/KernelSignature.h"
#include "tilec/Runtime/Tensor.h"

namespace tilec {

/// The arrays that a user gave, by parameter name.
struct GivenArrays {
  std::map<std::string, Tensor> tensors;
  /// How the file of an array spelled its element type.
  std::map<std::string, std::string> descrs;
};

/// Checks the names that the options use against the kernel's parameters, and
/// reads or makes the arrays.
llvm::Expected<GivenArrays> loadArrays(const RunOptions &options,
                                       const KernelInfo &kernel);

/// Binds the kernel's type parameters from the arrays, below --type.
llvm::Error bindTypes(const KernelInfo &kernel, const GivenArrays &arrays,
                      CompileOptions &options);

/// One set of arguments: tensors in the order of the signature and what a call
/// takes.
class RunArguments {
public:
  /// Copies the given arrays, allocates results, and parses scalars.
  static llvm::Expected<RunArguments> create(const KernelSignature &signature,
                                             const RunOptions &options,
                                             const GivenArrays &arrays);

  llvm::ArrayRef<void *> getPointers() const { return pointers; }
  /// The array of parameter `param`; scalars have none.
  const Tensor &getTensor(unsigned param) const { return *tensors[param]; }

  /// Gives the arrays that a run writes the values they had before it.
  void restoreInouts(const KernelSignature &signature,
                     const GivenArrays &arrays);

private:
  std::vector<std::optional<Tensor>> tensors;
  std::vector<std::unique_ptr<DLTensor>> views;
  std::vector<std::unique_ptr<uint64_t>> scalars;
  std::vector<void *> pointers;
};

/// Writes results and inouts to the files that the options name.
llvm::Error writeArrays(const RunOptions &options,
                        const KernelSignature &signature,
                        const GivenArrays &arrays,
                        const RunArguments &arguments);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_RUNARRAYS_H
