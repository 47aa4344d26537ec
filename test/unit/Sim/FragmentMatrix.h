//===- FragmentMatrix.h - matrices in the registers of a warp ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Operands of matrix instructions as the manual distributes them, and small numbers in their types.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_TEST_UNIT_SIM_FRAGMENTMATRIX_H
#define TILEC_TEST_UNIT_SIM_FRAGMENTMATRIX_H

#include "FragmentTables.h"
#include "WarpRunner.h"

#include <bit>

namespace tilec::sim::ptx {

/// How the manual distributes a matrix over the lanes.
struct Matrix {
  WarpRegisters registers;
  /// The element's bits, its number 1, and whether numbers are floats.
  unsigned bits;
  uint64_t one;
  FragmentRule row, column;
  unsigned perRegister() const { return registers.type == "f64" ? 1 : 32 / bits; }
  unsigned elements() const { return registers.count * perRegister(); }
  unsigned rowOf(unsigned lane, unsigned i) const { return row(lane / 4, lane % 4, i); }
  unsigned columnOf(unsigned lane, unsigned i) const { return column(lane / 4, lane % 4, i); }
};

/// The bits of 1.
inline uint64_t oneOf(const std::string &type) {
  return type == "f64"    ? std::bit_cast<uint64_t>(1.0)
         : type == "f32"  ? 0x3f800000
         : type == "tf32" ? 0x3f800000
         : type == "f16"  ? 0x3c00
         : type == "bf16" ? 0x3f80
         : type == "e4m3" ? 0x38
         : type == "e5m2" ? 0x3c
                          : 1;
}

/// The bits of a small integer in an accumulator.
inline uint64_t sumBits(const std::string &type, unsigned value) {
  if (type == "f64")
    return std::bit_cast<uint64_t>(double(value));
  if (type == "f32")
    return std::bit_cast<uint32_t>(float(value));
  if (type == "f16" && value) {
    // A power of two and what is above it.
    unsigned exponent = std::bit_width(value) - 1;
    return (exponent + 15) << 10 | (value << (10 - exponent) & 0x3ff);
  }
  return value;
}

inline Matrix matrixOf(const std::string &name, const std::string &type, unsigned bits, unsigned elements,
                       FragmentRule row, FragmentRule column) {
  std::string registerType = type == "f64" ? "f64" : type == "f32" ? "f32" : "b32";
  unsigned count = type == "f64" ? elements / 32 : elements * bits / 32 / 32;
  return {{name, registerType, count}, bits, oneOf(type), row, column};
}

/// Puts an element into a warp's registers, of which this matrix's begin at `first`.
inline void put(WarpValues &values, unsigned first, const Matrix &matrix, unsigned lane, unsigned i, uint64_t bits) {
  unsigned e = matrix.perRegister();
  values[(first + i / e) * 32 + lane] |= bits << (e == 1 ? 0 : i % e * matrix.bits);
}

inline uint64_t get(const WarpValues &values, const Matrix &matrix, unsigned lane, unsigned i) {
  unsigned e = matrix.perRegister();
  uint64_t bits = values[i / e * 32 + lane];
  return e == 1 ? bits : bits >> (i % e * matrix.bits) & ((uint64_t(1) << matrix.bits) - 1);
}

} // namespace tilec::sim::ptx

#endif // TILEC_TEST_UNIT_SIM_FRAGMENTMATRIX_H
