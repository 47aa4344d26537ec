//===- Memory.cpp - the arrays of a run ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Elements in memory. The host is little-endian: the first bytes of a lane are its low ones.
//
//===----------------------------------------------------------------------===//
#include "Memory.h"

#include "Datum.h"

#include <cstring>

using namespace tilec::interpreter;

static_assert(llvm::endianness::native == llvm::endianness::little, "elements are copied from the low end of a lane");

static int64_t elementCount(llvm::ArrayRef<int64_t> extents) {
  int64_t count = 1;
  for (int64_t extent : extents)
    count *= extent;
  return count;
}

Array::Array(std::string name, void *data, llvm::ArrayRef<int64_t> extents, llvm::ArrayRef<int64_t> strides,
             unsigned bytes, bool initialised)
    : arrayName(std::move(name)), arrayExtents(extents), arrayStrides(strides), bytes(bytes),
      data(static_cast<char *>(data)), written(initialised ? 0 : elementCount(extents)) {}

Array::Array(std::string name, llvm::ArrayRef<int64_t> extents, unsigned bytes)
    : arrayName(std::move(name)), arrayExtents(extents), arrayStrides(rowMajorStrides(extents)), bytes(bytes),
      own(elementCount(extents) * bytes), data(own.data()), written(elementCount(extents)) {}

int64_t Array::element(llvm::ArrayRef<int64_t> index) const {
  int64_t position = 0;
  for (size_t d = 0; d != index.size(); ++d)
    position = position * arrayExtents[d] + index[d];
  return position;
}

char *Array::address(llvm::ArrayRef<int64_t> index) const { return data + linearIndex(index, arrayStrides) * bytes; }

std::optional<uint64_t> Memory::read(mlir::Operation *op, const Array &array, llvm::ArrayRef<int64_t> index) {
  if (!array.written.empty() && !array.written[array.element(index)])
    return std::nullopt;
  uint64_t bits = 0;
  std::memcpy(&bits, array.address(index), array.bytes);
  return bits;
}

void Memory::write(mlir::Operation *op, Array &array, llvm::ArrayRef<int64_t> index, uint64_t bits) {
  if (!array.written.empty())
    array.written[array.element(index)] = true;
  std::memcpy(array.address(index), &bits, array.bytes);
}
