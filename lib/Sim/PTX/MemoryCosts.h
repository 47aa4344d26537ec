//===- MemoryCosts.h - what memory does for an instruction ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_MEMORYCOSTS_H
#define TILEC_LIB_SIM_PTX_MEMORYCOSTS_H

#include "Observer.h"

#include "tilec/Sim/PTX/Counters.h"

#include "llvm/ADT/SmallVector.h"

namespace tilec::sim::ptx {

/// Bytes of a sector of global memory, and of a line of the caches (CUDA C++ Best Practices Guide, "Coalesced Access to
/// Global Memory").
inline constexpr uint64_t kSectorBytes = 32, kLineBytes = 128;

/// What the accesses of one instruction to global memory cost; others among them do not count. The sectors are appended
/// to `sectors`, by their number.
Counters::Global globalCost(llvm::ArrayRef<ObservedAccess> accesses, llvm::SmallVectorImpl<uint64_t> &sectors);

/// What those to shared memory cost. `perPhase` accesses of the list are served together where it is not 0; otherwise
/// as many lanes as ask for 128 bytes: all, or halves or quarters of the warp (CUDA C++ Programming Guide, "Shared
/// Memory" of compute capability 5.x and later, for banks and words).
Counters::Shared sharedCost(llvm::ArrayRef<ObservedAccess> accesses, size_t perPhase);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_MEMORYCOSTS_H
