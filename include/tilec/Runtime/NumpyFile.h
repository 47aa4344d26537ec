//===- NumpyFile.h - Arrays in .npy files -----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Reads .npy files of versions 1 to 3 and writes version 1. NumPy has neither
/// bf16 nor f8: such elements travel as any type of their size. Standard C++
/// only.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_RUNTIME_NUMPYFILE_H
#define TILEC_RUNTIME_NUMPYFILE_H

#include "tilec/Runtime/Tensor.h"

#include <optional>
#include <string>
#include <string_view>

namespace tilec {

/// An array and how its file spelled the element type, such as "<f4".
struct NumpyArray {
  Tensor tensor;
  std::string descr;
};

/// Reads the file at `path`; `as` reinterprets the elements as another type of
/// their size. Arrays in Fortran order are transposed into row-major order. On
/// failure returns nothing and says in `error` what is wrong with the file;
/// nothing is allocated beyond what a regular file really holds.
std::optional<NumpyArray> readNumpy(const std::string &path,
                                    std::optional<DType> as,
                                    std::string &error);

/// Writes `tensor` to `path`, whole or not at all: into a temporary file beside
/// it, which then takes its place. `descr` overrides the spelling of the type.
bool writeNumpy(const std::string &path, const Tensor &tensor,
                std::string_view descr, std::string &error);

/// NumPy's spelling of a type: "<f4", "|b1"; "<u2" for bf16 and "|u1" for f8.
std::string getNumpyDescr(DType dtype);

} // namespace tilec

#endif // TILEC_RUNTIME_NUMPYFILE_H
