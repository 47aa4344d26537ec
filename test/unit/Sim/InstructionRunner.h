//===- InstructionRunner.h - PTX instructions on many operands --*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Executes a few instructions once for each of many operand values, a thread for each, from the outside: a module is
/// loaded and launched. What is compared with the results is up to each test.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_SIM_INSTRUCTIONRUNNER_H
#define TILEC_TEST_UNIT_SIM_INSTRUCTIONRUNNER_H

#include "tilec/Sim/PTX/Simulator.h"

#include <array>

namespace tilec::sim::ptx {

/// The values of one operand, of the register type `b16` and so on.
struct Source {
  std::string type;
  std::vector<uint64_t> values;
};

/// The error of loading a kernel with these statements, whose registers are `%d`, `%a`, `%b`, `%c`, `%e` of the types
/// that `registers` declares; empty where it loads.
std::string loadErrorOf(const std::string &statements, const std::string &registers);

/// The results of `statements`, which write `%d` from `%a`, `%b`, `%c` and `%e`: the sources, as many as there are, all
/// with as many values. On an error the test fails and nothing comes back.
std::vector<uint64_t> runOnAll(const std::string &statements, const std::string &resultType,
                               const std::vector<Source> &sources);

/// Three operands of 32 bits.
struct Words {
  std::vector<uint64_t> a, b, c;
};

/// Words of random bytes, half of which are `ends`.
Words randomWords(size_t count, uint64_t seed, const std::array<uint8_t, 6> &ends);

/// All pairs of values, as two operands.
std::pair<std::vector<uint64_t>, std::vector<uint64_t>> allPairs(const std::vector<uint64_t> &values);

/// Every value of so many bits.
std::vector<uint64_t> allOf(unsigned bits);

/// Values of IEEE formats that are special: zeros, subnormals, the ends of the range, infinities, NaN, ones and what is
/// next to them, ties of smaller formats, both signs; and as many random ones.
std::vector<uint64_t> specialF32(size_t random);
std::vector<uint64_t> specialF64(size_t random);
/// The same of a 16-bit format with so many bits of mantissa, without random ones.
std::vector<uint64_t> special16(unsigned mantissaBits);
/// Integers of so many bits: the ends of all ranges, powers of two and their neighbours, and random ones.
std::vector<uint64_t> specialIntegers(unsigned bits, size_t random);

} // namespace tilec::sim::ptx

#endif // TILEC_TEST_UNIT_SIM_INSTRUCTIONRUNNER_H
