//===- HardwarePTX.h - Layouts of NVIDIA's instruction set ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What PTX fixes about the places of elements, as layouts.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_HARDWAREPTX_H
#define TILEC_LAYOUT_HARDWAREPTX_H

#include "tilec/Layout/Access.h"

namespace tilec::layout::ptx {

/// Shared memory: 32 banks of 4 bytes, of which each delivers one word a clock to any number of lanes (CUDA C++
/// Programming Guide, "Compute Capability 5.x, Shared Memory", which later ones refer to). At most 128 bytes are moved
/// at once, so that 8 bytes a lane are served half a warp at a time and 16 bytes a quarter at a time; the manuals do
/// not say so, but NVIDIA's engineers do ("How to understand the bank conflict of shared memory", NVIDIA developer
/// forums, topic 260900).
const BankModel &sharedMemoryBanks();

} // namespace tilec::layout::ptx

#endif // TILEC_LAYOUT_HARDWAREPTX_H
