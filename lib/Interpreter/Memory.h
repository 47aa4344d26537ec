//===- Memory.h - the arrays of a run ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Arrays and their elements in memory. Whether an element has a value is checked here.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_MEMORY_H
#define TILEC_LIB_INTERPRETER_MEMORY_H

#include "Access.h"

#include "llvm/ADT/SmallVector.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tilec::interpreter {

class Shadow;

/// An array: the caller's, or a temporary whose elements it holds itself.
class Array {
public:
  /// A view of the caller's elements; `initialised` says whether they have values already.
  Array(std::string name, void *data, llvm::ArrayRef<int64_t> extents, llvm::ArrayRef<int64_t> strides, unsigned bytes,
        bool initialised);

  /// A compact temporary without values.
  Array(std::string name, llvm::ArrayRef<int64_t> extents, unsigned bytes);

  llvm::StringRef name() const { return arrayName; }
  llvm::ArrayRef<int64_t> extents() const { return arrayExtents; }
  /// Bytes of an element.
  unsigned elementBytes() const { return bytes; }

  /// Where the element at `index`, which is inside the extents, stands in row-major order.
  int64_t element(llvm::ArrayRef<int64_t> index) const;
  /// Where it stands in memory, in elements from the one at index 0.
  int64_t offset(llvm::ArrayRef<int64_t> index) const;
  /// The index of an element by its row-major position, such as "A[3, 4]".
  std::string elementName(int64_t element) const;

  /// The first byte of the element at `offset`.
  char *address(int64_t offset) const { return data + offset * bytes; }
  /// The bytes that elements may occupy: the first, and one past the last. Empty for an array without elements.
  std::pair<const char *, const char *> span() const;
  /// True if two elements may be at one place, such as those of a dim with stride 0.
  bool overlapsItself() const { return selfOverlap; }
  /// From now on elements of other arrays may be at the places of this one's. Who wrote which is not followed then: all
  /// count as written.
  void shareMemory() {
    isShared = true;
    written.clear();
  }
  /// True if another element, of this array or another, may be at the place of one.
  bool sharesMemory() const { return isShared || overlapsItself(); }

  /// The bits of the element where a lane stands; nothing where it was never written.
  std::optional<uint64_t> read(const Access::Lane &lane) const;
  /// Writes the low bits of `bits` there; whether the element had other ones, or none.
  bool write(const Access::Lane &lane, uint64_t bits);

  /// What is known about earlier accesses; null where none can be part of a race.
  Shadow *shadow = nullptr;
  /// The first of the shadow's cells that stand for an element: its own one, or those of its bytes.
  int64_t shadowCell(const Access::Lane &lane) const {
    return sharesMemory() ? static_cast<int64_t>(reinterpret_cast<uintptr_t>(address(lane.offset))) : lane.element;
  }
  int64_t shadowCellCount() const { return sharesMemory() ? bytes : 1; }

private:
  std::string arrayName;
  llvm::SmallVector<int64_t, 4> arrayExtents, arrayStrides;
  unsigned bytes;
  std::vector<char> own;
  char *data;
  /// By row-major position, whether an element was written; empty where all are initialised.
  std::vector<bool> written;
  bool isShared = false, selfOverlap = false;
};

/// Sorts arrays into groups: those whose memory may overlap are in one. Tells the arrays of larger groups.
std::vector<llvm::SmallVector<Array *>> groupByMemory(llvm::ArrayRef<Array *> arrays);

/// The arrays of a run.
class Memory {
public:
  Array *add(std::unique_ptr<Array> array) { return arrays.emplace_back(std::move(array)).get(); }

private:
  std::vector<std::unique_ptr<Array>> arrays;
};

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_MEMORY_H
