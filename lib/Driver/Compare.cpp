//===- Compare.cpp - how far two results are apart --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The comparison behind tile-run --verify.

#include "Compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace tilec;

Difference tilec::compareTensors(const Tensor &actual, const Tensor &expected) {
  Difference result;
  double scale = 0;
  bool exact = !isFloat(expected.getDType());
  for (int64_t i = 0; i < expected.getNumElements(); ++i) {
    double a = actual.getAsDouble(i), b = expected.getAsDouble(i);
    if (std::isfinite(a) != std::isfinite(b) || std::isnan(a) != std::isnan(b) ||
        (std::isinf(a) && a != b)) {
      if (result.numMismatched++ == 0)
        result.worst = i;
      continue;
    }
    if (!std::isfinite(b))
      continue;
    scale = std::max(scale, std::fabs(b));
    double distance = std::fabs(a - b);
    // Large 64-bit integers may differ and round to one double.
    if (exact && distance == 0 &&
        std::memcmp(actual.getElement(i), expected.getElement(i),
                    getSize(expected.getDType())) != 0)
      distance = 1;
    if (distance > result.absolute) {
      result.absolute = distance;
      if (result.numMismatched == 0)
        result.worst = i;
    }
  }
  result.relative = result.absolute == 0 ? 0
                    : scale == 0 ? std::numeric_limits<double>::infinity()
                                 : result.absolute / scale;
  return result;
}

std::string tilec::printIndices(int64_t element,
                                const std::vector<int64_t> &shape) {
  std::string text;
  for (size_t d = shape.size(); d-- > 0;) {
    text = std::to_string(element % shape[d]) + (text.empty() ? "" : ", ") +
           text;
    element /= shape[d];
  }
  return "[" + text + "]";
}
