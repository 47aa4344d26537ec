//===- Reports.h - what reports call things ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TILEC_LIB_SIM_PTX_REPORTS_H
#define TILEC_LIB_SIM_PTX_REPORTS_H

#include "Program.h"

namespace tilec::sim::ptx {

class Launch;

/// `k.ptx:40 (k.cu:12)` of an instruction, and `k.ptx:40 (k.h:3, inlined at k.cu:12)`; null is the end of a function.
std::string placeOf(const Program &program, const Instruction *syntax);
/// The same with the words of the instruction: `k.ptx:40 (k.cu:12): ld.shared.u32`.
std::string placeWithWords(const Program &program, const Op &op);
/// `block (0, 0, 0), thread (3, 0, 0)`, from the number of a block in its grid and of a thread in its block.
std::string threadName(const Launch &launch, uint64_t block, unsigned thread);
/// `'tile' + 64 (shared + 0x40)`, `argument 2 + 0x40`: where an address of shared or global memory is.
std::string addressName(const Launch &launch, Space space, const Allocation *allocation, uint64_t offset);
/// `argument 2`: which of the kernel's arguments is the address of an array of the host; empty where none is.
std::string argumentName(const Launch &launch, const Allocation &allocation);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_REPORTS_H
