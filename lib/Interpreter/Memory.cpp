//===- Memory.cpp - the arrays of a run ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Elements in memory. The host is little-endian: the first bytes of a lane are its low ones.
//
//===----------------------------------------------------------------------===//
#include "Memory.h"

#include "llvm/Support/raw_ostream.h"

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

int64_t Array::offset(llvm::ArrayRef<int64_t> index) const { return linearIndex(index, arrayStrides); }

std::string Array::elementName(int64_t element) const {
  llvm::SmallVector<int64_t, 4> index(arrayExtents.size());
  for (size_t d = index.size(); d-- > 0;) {
    index[d] = element % arrayExtents[d];
    element /= arrayExtents[d];
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << arrayName << '[';
  llvm::interleaveComma(index, stream);
  stream << ']';
  return text;
}

std::pair<const char *, const char *> Array::span() const {
  if (elementCount(arrayExtents) == 0)
    return {data, data};
  int64_t first = 0, last = 0;
  for (size_t d = 0; d != arrayExtents.size(); ++d) {
    int64_t reach = (arrayExtents[d] - 1) * arrayStrides[d];
    (reach < 0 ? first : last) += reach;
  }
  return {address(first), address(last + 1)};
}

bool Array::isCompact() const {
  llvm::SmallVector<int64_t, 4> compact = rowMajorStrides(arrayExtents);
  for (size_t d = 0; d != arrayExtents.size(); ++d)
    if (arrayExtents[d] > 1 && arrayStrides[d] != compact[d])
      return false;
  return true;
}

std::optional<uint64_t> Array::read(const Access::Lane &lane) const {
  if (!written.empty() && !written[lane.element])
    return std::nullopt;
  uint64_t bits = 0;
  std::memcpy(&bits, address(lane.offset), bytes);
  return bits;
}

void Array::write(const Access::Lane &lane, uint64_t bits) {
  if (!written.empty())
    written[lane.element] = true;
  std::memcpy(address(lane.offset), &bits, bytes);
}
