//===- Differential.h - the CPU against the interpreter ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels of one form that both execute: each input array of extents [M, N] is loaded tile by tile over the indices %i
// and %j as %a0, %a1, ..; the body computes tiles %r0, %r1, .. that go to the results.

#ifndef TILEC_TEST_UNIT_TARGET_CPU_DIFFERENTIAL_H
#define TILEC_TEST_UNIT_TARGET_CPU_DIFFERENTIAL_H

#include "KernelRun.h"

#include <random>

namespace tilec::test {

/// The IR's name of an element type.
std::string irType(DType type);

/// A kernel over inputs and results of these types. In the body, `$i`, `$j` stand for the ranges' types, `T<x>` for a tile
/// of x over both.
std::string elementwiseKernel(const std::vector<DType> &inputs, const std::vector<DType> &results,
                              const std::string &body);

/// Fills an array with a mix of ordinary numbers and the type's special ones.
void fillWild(Tensor &tensor, std::mt19937_64 &random);

/// Runs the kernel on both and compares every element: equal bits, or both NaN, or for floats at most `ulps` numbers
/// apart. Zeros of both signs are equal if `ulps` is not 0.
void compareWithInterpreter(const std::string &text, const std::vector<DType> &inputs,
                            const std::vector<DType> &results, std::vector<int64_t> shape, int64_t ulps,
                            std::function<void(std::vector<Tensor> &)> prepare = {}, bool contract = false);

} // namespace tilec::test

#endif // TILEC_TEST_UNIT_TARGET_CPU_DIFFERENTIAL_H
