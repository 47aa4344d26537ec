//===- MatrixRunner.h - matrix instructions on registers --------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Executes one instruction of a whole warp whose registers a test fills.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_SIM_MATRIXRUNNER_H
#define TILEC_TEST_UNIT_SIM_MATRIXRUNNER_H

#include "tilec/Sim/PTX/Simulator.h"

namespace tilec::sim::ptx {

/// Registers of an operand, of 32 or 64 bits, for each lane: `values[register][lane]`.
struct Registers {
  unsigned bits = 32;
  std::vector<std::array<uint64_t, 32>> values;
};

/// Runs `instruction {d...}, {operand 0...}, ...` and what follows, such as the metadata of a sparse product. The
/// error, if there is one, is in `error`.
Registers runMatrix(const std::string &instruction, unsigned results, unsigned resultBits,
                    const std::vector<Registers> &operands, const std::string &tail, std::string &error);

} // namespace tilec::sim::ptx

#endif // TILEC_TEST_UNIT_SIM_MATRIXRUNNER_H
