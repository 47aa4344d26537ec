//===- Compare.h - how far two results are apart ----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_COMPARE_H
#define TILEC_LIB_DRIVER_COMPARE_H

#include "tilec/Runtime/Tensor.h"

#include <string>

namespace tilec {

/// How far an array is from the expected one.
struct Difference {
  /// The largest |a - b|, and that relative to the largest |b|.
  double absolute = 0;
  double relative = 0;
  /// Elements that are NaN or infinite in one array only, or unequal infinities.
  int64_t numMismatched = 0;
  /// The position of the worst element.
  int64_t worst = -1;
};

Difference compareTensors(const Tensor &actual, const Tensor &expected);

/// The indices of an element, "[3, 17]".
std::string printIndices(int64_t element, const std::vector<int64_t> &shape);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_COMPARE_H
