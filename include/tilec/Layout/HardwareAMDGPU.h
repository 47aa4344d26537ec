//===- HardwareAMDGPU.h - Layouts of AMD's instruction sets -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What the CDNA and RDNA instruction sets fix about the places of elements, as
/// layouts.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_HARDWAREAMDGPU_H
#define TILEC_LAYOUT_HARDWAREAMDGPU_H

#include "tilec/Layout/Access.h"

namespace tilec::layout::amdgpu {

/// The local data share of CDNA 3 for waves of 64 lanes: 32 banks of 4 bytes. The lanes that ds_write_b128 and
/// ds_read_b128 serve together are documented ("Understanding AMD GPU LDS and Bank Conflicts", ROCm's documentation of
/// Composable Kernel): eight neighbours for writes; for reads 0 to 3 with 20 to 23, 4 to 7 with 16 to 19, 8 to 11 with
/// 28 to 31, 12 to 15 with 24 to 27, and the same from lane 32 on. For narrower accesses, of which no document speaks,
/// this takes as many neighbours as fill the banks' 128 bytes, and at most 32.
const BankModel &localDataShareBanks();

} // namespace tilec::layout::amdgpu

#endif // TILEC_LAYOUT_HARDWAREAMDGPU_H
