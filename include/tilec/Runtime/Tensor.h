//===- Tensor.h - Arrays that own their memory ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// A compact row-major array on the CPU, viewed by kernels as a DLTensor.
/// Standard C++ only.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_TENSOR_H
#define TILEC_RUNTIME_TENSOR_H

#include "tilec/Runtime/DLPack.h"
#include "tilec/Runtime/DType.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tilec {

/// An array: compact, row-major, zero-initialised, aligned to 64 bytes. Moves
/// but does not copy; clone() copies.
class Tensor {
public:
  /// An array of zeros, or nothing, with a sentence in `error`, where an extent
  /// is negative or the memory does not suffice.
  static std::optional<Tensor> create(DType dtype, std::vector<int64_t> shape,
                                      std::string &error);

  DType getDType() const { return dtype; }
  const std::vector<int64_t> &getShape() const { return shape; }
  int64_t getNumElements() const { return numElements; }
  size_t getNumBytes() const {
    return static_cast<size_t>(numElements) * getSize(dtype);
  }

  void *getData() { return data; }
  const void *getData() const { return data; }
  const void *getElement(int64_t index) const {
    return static_cast<const char *>(data) +
           static_cast<size_t>(index) * getSize(dtype);
  }
  double getAsDouble(int64_t index) const {
    return loadAsDouble(getElement(index), dtype);
  }

  /// A view for kernels; valid while this tensor lives and does not move.
  DLTensor getView();

  std::optional<Tensor> clone(std::string &error) const;

  /// Sees the elements as another type of the same size.
  void reinterpretAs(DType other) { dtype = other; }

  /// Fills the array from a counter-based generator: the same for one seed on
  /// every machine. Uniform in [low, high), integers rounded down.
  void fillRandom(uint64_t seed, double low, double high);

private:
  struct Free {
    void operator()(void *memory) const;
  };
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  int64_t numElements = 0;
  std::unique_ptr<void, Free> memory;
  void *data = nullptr;
};

/// "f16[512, 256]".
std::string printType(DType dtype, const std::vector<int64_t> &shape);

} // namespace tilec

#endif // TILEC_RUNTIME_TENSOR_H
