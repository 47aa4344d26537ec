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

/// Whether two indices inside `extents` may have one offset: if a dim's stride is less than what the dims with smaller
/// strides reach.
static bool mayOverlap(llvm::ArrayRef<int64_t> extents, llvm::ArrayRef<int64_t> strides) {
  llvm::SmallVector<std::pair<int64_t, int64_t>, 4> dims;
  for (auto [extent, stride] : llvm::zip_equal(extents, strides))
    if (extent > 1)
      dims.push_back({std::abs(stride), extent});
  llvm::sort(dims);
  int64_t reach = 0;
  for (auto [stride, extent] : dims) {
    if (stride <= reach)
      return true;
    reach += stride * (extent - 1);
  }
  return false;
}

Array::Array(std::string name, void *data, llvm::ArrayRef<int64_t> extents, llvm::ArrayRef<int64_t> strides,
             unsigned bytes, bool initialised)
    : arrayName(std::move(name)), arrayExtents(extents), arrayStrides(strides), bytes(bytes),
      data(static_cast<char *>(data)), written(initialised ? 0 : elementCount(extents)),
      selfOverlap(mayOverlap(extents, strides)) {}

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

std::vector<llvm::SmallVector<Array *>> tilec::interpreter::groupByMemory(llvm::ArrayRef<Array *> arrays) {
  llvm::SmallVector<Array *> sorted(arrays);
  llvm::sort(sorted, [](Array *x, Array *y) { return x->span() < y->span(); });
  std::vector<llvm::SmallVector<Array *>> groups;
  const char *end = nullptr;
  for (Array *array : sorted) {
    auto [first, last] = array->span();
    if (groups.empty() || first >= end)
      groups.emplace_back();
    end = groups.back().empty() ? last : std::max(end, last);
    groups.back().push_back(array);
  }
  for (llvm::ArrayRef<Array *> group : groups)
    if (group.size() > 1)
      llvm::for_each(group, [](Array *array) { array->shareMemory(); });
  return groups;
}

std::optional<uint64_t> Array::read(const Access::Lane &lane) const {
  if (!written.empty() && !written[lane.element])
    return std::nullopt;
  uint64_t bits = 0;
  std::memcpy(&bits, address(lane.offset), bytes);
  return bits;
}

bool Array::write(const Access::Lane &lane, uint64_t bits) {
  bool isNew = !written.empty() && !written[lane.element];
  if (isNew)
    written[lane.element] = true;
  char *at = address(lane.offset);
  isNew |= std::memcmp(at, &bits, bytes) != 0;
  std::memcpy(at, &bits, bytes);
  return isNew;
}
