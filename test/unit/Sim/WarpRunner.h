//===- WarpRunner.h - one instruction of a warp, many times -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Executes statements once for each of many trials, by a warp of its own, from the outside: what the registers of its
/// lanes and its shared memory hold before and after is up to each test.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_SIM_WARPRUNNER_H
#define TILEC_TEST_UNIT_SIM_WARPRUNNER_H

#include <cstdint>
#include <string>
#include <vector>

namespace tilec::sim::ptx {

/// Registers `%NAME0`, `%NAME1`, ... of a type such as `b32` or `f64`.
struct WarpRegisters {
  std::string name;
  std::string type;
  unsigned count = 0;
};

/// `{%a0,%a1}`: the operand of all these registers.
std::string operandOf(const WarpRegisters &registers);

/// What the registers of a warp's lanes hold: the value of register r of lane l at r * 32 + l, the registers of all
/// operands in order.
using WarpValues = std::vector<uint64_t>;

/// Runs the statements, a warp for each trial, and returns what the results hold afterwards. `sharedBytes` of shared
/// memory begin at the variable `memory`. On an error nothing comes back; its text is in `error`, or the test fails
/// where there is none.
std::vector<WarpValues> runWarps(const std::string &statements, const std::vector<WarpRegisters> &sources,
                                 const std::vector<WarpRegisters> &results, const std::vector<WarpValues> &trials,
                                 unsigned sharedBytes = 0, std::string *error = nullptr);

} // namespace tilec::sim::ptx

#endif // TILEC_TEST_UNIT_SIM_WARPRUNNER_H
