//===- MicroKernel.cpp - the table of micro-kernels ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MicroKernel.h"

#include <algorithm>
#include <cassert>

using namespace tilec::loops;

namespace {
/// A row of the table: what a machine with so many registers runs.
struct Entry {
  int64_t registers;
  MicroKernel kernel;
};
} // namespace

/// The best first. Eight rows of two vectors leave registers free on AVX-512, and no more rows are wanted: their
/// addresses fill the general registers, since rows of the left operand are read where they are. One vector takes twice
/// the rows.
static constexpr Entry table[] = {{32, {8, 2}}, {32, {16, 1}}, {16, {6, 2}}, {16, {8, 1}}};

static constexpr bool fitTheirRegisters() {
  for (const Entry &entry : table)
    if (entry.kernel.registers() > entry.registers)
      return false;
  return true;
}
static_assert(fitTheirRegisters(), "a micro-kernel spills");

MicroKernel tilec::loops::chooseMicroKernel(int64_t registers, int64_t rows, int64_t vectors) {
  for (const Entry &entry : table)
    if (entry.registers <= registers && entry.kernel.vectors <= vectors)
      return {std::min(entry.kernel.rows, std::max<int64_t>(rows, 1)), entry.kernel.vectors};
  assert(false && "every machine has 16 registers, and every tile a vector");
  return {1, 1};
}
