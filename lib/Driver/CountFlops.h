//===- CountFlops.h - the arithmetic of a kernel's dots ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_DRIVER_COUNTFLOPS_H
#define TILEC_LIB_DRIVER_COUNTFLOPS_H

#include "dialects/Tile/Tile.h"

#include <optional>
#include <vector>

namespace tilec {

/// The additions and multiplications of all matrix products of a kernel at phase
/// tile, for arrays of these extents (by parameter; empty where unknown). Nothing
/// if the kernel has no products, or if their number depends on more than
/// extents. Products under an `if` count as taken.
std::optional<double>
countDotFlops(tile::KernelOp kernel,
              const std::vector<std::optional<std::vector<int64_t>>> &extents);

} // namespace tilec

#endif // TILEC_LIB_DRIVER_COUNTFLOPS_H
