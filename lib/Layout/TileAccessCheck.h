//===- TileAccessCheck.h - What every access to a tile needs ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The preconditions that do not depend on a swizzle.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_LAYOUT_TILEACCESSCHECK_H
#define TILEC_LIB_LAYOUT_TILEACCESSCHECK_H

#include "tilec/Layout/Access.h"

namespace tilec::layout {

/// Fails unless elements have 1, 2, 4, 8 or 16 bytes, the memory serves as many lanes as a warp has, and the required
/// bytes are 0, or a power of two from one element to 16 bytes.
Status checkTileAccess(const DistributedLayout &threads, int64_t elementBytes, const BankModel &banks,
                       int64_t requiredBytes);

} // namespace tilec::layout

#endif // TILEC_LIB_LAYOUT_TILEACCESSCHECK_H
