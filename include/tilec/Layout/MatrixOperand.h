//===- MatrixOperand.h - The operands of matrix instructions ----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// D = A B + C.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_MATRIXOPERAND_H
#define TILEC_LAYOUT_MATRIXOPERAND_H

namespace tilec::layout {

/// An operand of D = A B + C. A is m by k, B is k by n; the accumulators C and D are m by n, in the same places.
enum class MatrixOperand { A, B, Accumulator };

} // namespace tilec::layout

#endif // TILEC_LAYOUT_MATRIXOPERAND_H
