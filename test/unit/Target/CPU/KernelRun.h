//===- KernelRun.h - compile tile IR and call it ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_TEST_UNIT_TARGET_CPU_KERNELRUN_H
#define TILEC_TEST_UNIT_TARGET_CPU_KERNELRUN_H

#include "tilec/Runtime/JIT.h"
#include "tilec/Runtime/Tensor.h"

#include "gtest/gtest.h"

#include <functional>
#include <map>
#include <string>

namespace tilec::test {

/// Machines that this one can run code for, the widest last.
std::vector<std::string> archs();

/// A kernel of tile IR, compiled for a machine. Errors of the compiler are in `diagnostics`.
class Compiled {
public:
  /// `config` maps tile indices to sizes.
  Compiled(const std::string &text, const std::map<std::string, int64_t> &config = {},
           const std::string &arch = "native", bool contract = true);

  bool ok() const { return kernel != nullptr; }
  /// Calls the kernel and gives the error's text, empty for none.
  std::string call(std::vector<void *> arguments, unsigned threads = 1);
  /// The same on whole tensors.
  std::string operator()(std::initializer_list<Tensor *> tensors);

  std::string diagnostics;

private:
  std::shared_ptr<CallableKernel> kernel;
};

Tensor tensor(DType type, std::vector<int64_t> shape);
/// Elements by a function of their linear index.
Tensor filled(DType type, std::vector<int64_t> shape, std::function<double(int64_t)> value);

template <typename T> T *data(Tensor &tensor) { return static_cast<T *>(tensor.getData()); }

} // namespace tilec::test

#endif // TILEC_TEST_UNIT_TARGET_CPU_KERNELRUN_H
