//===- embed.cpp - the compiler in a C++ program ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiles a kernel from a string for given options and calls it on arrays.
//
//===----------------------------------------------------------------------===//
#include "tilec/Driver/Compiler.h"
#include "tilec/Runtime/Tensor.h"

#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

static const char *const source = R"(
kernel matmul<T: float>(A: T[M, K], B: T[K, N]) -> C: T[M, N] {
  for i, j in tiles(M, N) {
    var acc = zeros(f32, i, j)
    for k in tiles(K) {
      acc += (A[i, k] @ B[k, j]) as f32
    }
    C[i, j] = acc as T
  }
}
)";

/// An array of f32 with small whole numbers, so that products are exact.
static tilec::Tensor makeArray(int64_t rows, int64_t columns, uint64_t seed) {
  std::string error;
  std::optional<tilec::Tensor> array =
      tilec::Tensor::create(tilec::DType::F32, {rows, columns}, error);
  if (!array) {
    llvm::errs() << error << "\n";
    std::exit(1);
  }
  auto *elements = static_cast<float *>(array->getData());
  for (int64_t i = 0; i < rows * columns; ++i)
    elements[i] = static_cast<float>((static_cast<uint64_t>(i) * seed) % 7);
  return std::move(*array);
}

int main() {
  tilec::CompileOptions options;
  options.types["T"] = "f32";
  options.config = {{"i", 16}, {"j", 32}, {"k", 8}};
  auto kernels = tilec::compile("matmul.tile", source, options);
  if (failed(kernels))
    return 1; // the diagnostics have been printed
  tilec::CallableKernel &matmul = *kernels->front();

  constexpr int64_t M = 33, K = 21, N = 50;
  tilec::Tensor a = makeArray(M, K, 3), b = makeArray(K, N, 5),
                c = makeArray(M, N, 0);
  DLTensor va = a.getView(), vb = b.getView(), vc = c.getView();
  void *args[] = {&va, &vb, &vc};
  if (llvm::Error error = matmul.call(args, {/*numThreads=*/2})) {
    llvm::errs() << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  for (int64_t i = 0; i < M; ++i)
    for (int64_t j = 0; j < N; ++j) {
      double expected = 0;
      for (int64_t k = 0; k < K; ++k)
        expected += a.getAsDouble(i * K + k) * b.getAsDouble(k * N + j);
      if (c.getAsDouble(i * N + j) != expected) {
        llvm::errs() << "C[" << i << ", " << j << "] is wrong\n";
        return 1;
      }
    }

  // Arguments that do not fit are errors, found before memory is touched.
  std::swap(args[0], args[1]);
  llvm::Error error = matmul.call(args, {});
  llvm::outs() << llvm::toString(std::move(error)) << "\n";
  return 0;
}
