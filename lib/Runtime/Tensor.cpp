//===- Tensor.cpp - Arrays that own their memory ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Allocation, views and reproducible random values of arrays.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/Tensor.h"

#include <cmath>
#include <cstdlib>
#include <cstring>

using namespace tilec;

/// Cache lines, and what vector loads like best.
static constexpr size_t kAlignment = 64;

void Tensor::Free::operator()(void *memory) const { std::free(memory); }

std::optional<Tensor> Tensor::create(DType dtype, std::vector<int64_t> shape,
                                     std::string &error) {
  int64_t count = 1;
  bool overflow = false, empty = false;
  for (int64_t extent : shape) {
    if (extent < 0) {
      error = "an array of type " + printType(dtype, shape) +
              " has a negative extent";
      return std::nullopt;
    }
    empty |= extent == 0;
    overflow |= __builtin_mul_overflow(count, extent, &count);
  }
  if (empty)
    count = 0;
  int64_t bytes = 0;
  if (!empty)
    overflow |= __builtin_mul_overflow(
        count, static_cast<int64_t>(getSize(dtype)), &bytes);
  Tensor tensor;
  // calloc: pages of large arrays are zeroed when they are first touched.
  if (!overflow || empty)
    tensor.memory.reset(
        std::calloc(static_cast<size_t>(bytes) + kAlignment, 1));
  if (!tensor.memory) {
    error = "no memory for an array of type " + printType(dtype, shape);
    return std::nullopt;
  }
  auto address = reinterpret_cast<uintptr_t>(tensor.memory.get());
  tensor.data = reinterpret_cast<void *>((address + kAlignment - 1) &
                                         ~uintptr_t{kAlignment - 1});
  tensor.dtype = dtype;
  tensor.shape = std::move(shape);
  tensor.numElements = count;
  return tensor;
}

DLTensor Tensor::getView() {
  DLTensor view{};
  view.data = data;
  view.device = {TILEC_DL_CPU, 0};
  view.ndim = static_cast<int32_t>(shape.size());
  view.dtype = toDLPack(dtype);
  view.shape = shape.data();
  return view;
}

std::optional<Tensor> Tensor::clone(std::string &error) const {
  std::optional<Tensor> copy = create(dtype, shape, error);
  if (copy && getNumBytes() > 0)
    std::memcpy(copy->getData(), data, getNumBytes());
  return copy;
}

/// Mixes a counter into 64 random bits (the finaliser of SplitMix64).
static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

void Tensor::fillRandom(uint64_t seed, double low, double high) {
  size_t size = getSize(dtype);
  char *element = static_cast<char *>(data);
  uint64_t key = mix(seed);
  for (int64_t i = 0; i < numElements; ++i, element += size) {
    double unit = std::ldexp(
        static_cast<double>(mix(key ^ static_cast<uint64_t>(i)) >> 11), -53);
    double value = low + (high - low) * unit;
    storeFromDouble(element, dtype, isFloat(dtype) ? value : std::floor(value));
  }
}

std::string tilec::printType(DType dtype, const std::vector<int64_t> &shape) {
  std::string text(getName(dtype));
  text += "[";
  for (size_t d = 0; d < shape.size(); ++d)
    text += (d ? ", " : "") + std::to_string(shape[d]);
  return text + "]";
}
