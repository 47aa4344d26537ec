//===- Memory.h - the arrays of a run ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Arrays, and the one place through which every element is read and written. It knows the op, the array and the
/// element, and is where initialisation is checked.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_INTERPRETER_MEMORY_H
#define TILEC_LIB_INTERPRETER_MEMORY_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallVector.h"

#include <memory>
#include <string>
#include <vector>

namespace tilec::interpreter {

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
  /// Where the element at `index`, which is inside the extents, stands in row-major order.
  int64_t element(llvm::ArrayRef<int64_t> index) const;

private:
  friend class Memory;
  char *address(llvm::ArrayRef<int64_t> index) const;

  std::string arrayName;
  llvm::SmallVector<int64_t, 4> arrayExtents, arrayStrides;
  unsigned bytes;
  std::vector<char> own;
  char *data;
  /// By row-major position, whether an element was written; empty where all are initialised.
  std::vector<bool> written;
};

/// All accesses of a run, which come here one element at a time, in the order in which they happen. `op` is the access.
class Memory {
public:
  Array *add(std::unique_ptr<Array> array) { return arrays.emplace_back(std::move(array)).get(); }

  /// The bits of an element inside the extents; nothing where it was never written.
  std::optional<uint64_t> read(mlir::Operation *op, const Array &array, llvm::ArrayRef<int64_t> index);

  /// Writes the low bits of `bits` to an element inside the extents.
  void write(mlir::Operation *op, Array &array, llvm::ArrayRef<int64_t> index, uint64_t bits);

private:
  std::vector<std::unique_ptr<Array>> arrays;
};

} // namespace tilec::interpreter

#endif // TILEC_LIB_INTERPRETER_MEMORY_H
