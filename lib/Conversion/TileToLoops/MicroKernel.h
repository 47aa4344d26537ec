//===- MicroKernel.h - blocks of accumulators in registers ------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_CONVERSION_TILETOLOOPS_MICROKERNEL_H
#define TILEC_LIB_CONVERSION_TILETOLOOPS_MICROKERNEL_H

#include <cstdint>

namespace tilec::loops {

/// A block of a product whose accumulators stay in vector registers while it walks along the contraction: `rows` rows
/// of `vectors` vectors each. A step of the contraction loads the vectors of one row of the right operand, and one
/// element of the left operand after the other, which it broadcasts.
struct MicroKernel {
  int64_t rows, vectors;

  /// Registers that a step occupies: the accumulators, the right operand's row, and a broadcast element.
  constexpr int64_t registers() const { return rows * vectors + vectors + 1; }
};

/// The micro-kernel for a machine of `registers` vector registers and a tile of `rows` rows of `vectors` vectors, of
/// which the last may be partly filled.
MicroKernel chooseMicroKernel(int64_t registers, int64_t rows, int64_t vectors);

} // namespace tilec::loops

#endif // TILEC_LIB_CONVERSION_TILETOLOOPS_MICROKERNEL_H
