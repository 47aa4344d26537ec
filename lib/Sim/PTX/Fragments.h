//===- Fragments.h - matrices spread over the lanes of a warp ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Element types of matrix instructions, and products of small matrices. Elements are computed in f64, which holds
/// every product of two elements, and every sum of integers, exactly; a result is rounded once. The manual leaves the
/// order and the rounding of sums open (section 9.7.14.5.14); decision 0023 says which ones are taken here.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LIB_SIM_PTX_FRAGMENTS_H
#define TILEC_LIB_SIM_PTX_FRAGMENTS_H

#include "Decoder.h"

namespace tilec::sim::ptx {

/// Types of elements, by the words that instructions use.
enum class Element : uint8_t { B1, U4, S4, U8, S8, E4M3, E5M2, F16, BF16, TF32, F32, F64, S32 };

unsigned elementBits(Element type);
std::optional<Element> parseElement(llvm::StringRef word);
/// The number that the low bits of a register are.
double decodeElement(Element type, uint64_t bits);
/// The bits of a number: rounded to nearest even, or for integers wrapped or, with `saturates`, clamped.
uint64_t encodeElement(Element type, double value, bool saturates);
/// Whether elements fill registers of 64 bits.
inline unsigned registerBits(Element type) { return type == Element::F64 ? 64 : 32; }
/// Elements in a register.
inline unsigned perRegister(Element type) { return registerBits(type) / elementBits(type); }

/// The type of the registers.
inline Type registerType(Element type) { return registerBits(type) == 64 ? Type::B64 : Type::B32; }
/// The type that stands for all that may be multiplied with `type`.
Element familyOf(Element type);
/// Whether products of `factor` may be added to elements of `type`.
bool mayAccumulate(Element factor, Element type);

/// `m16n8k16`.
struct Shape {
  unsigned m = 0, n = 0, k = 0;
  bool operator==(const Shape &) const = default;
};
/// Takes the word that is a shape.
bool takeShape(Decoder &d, Shape &shape);

/// How single bits are multiplied.
enum class BitProduct : uint8_t { None, Xor, And };

/// `d = a * b + c`, row by row: a is m x k, b is k x n, c is m x n and becomes d. Products are exact, and are added to
/// c in the order of k, in f64.
void multiply(const Shape &shape, const double *a, const double *b, double *c, BitProduct bits);
/// The same of f64: each product is fused with its sum, in the rounding of index 0 to 3, `.rn`, `.rz`, `.rm` or `.rp`.
void multiplyF64(const Shape &shape, const double *a, const double *b, double *c, unsigned rounding);

} // namespace tilec::sim::ptx

#endif // TILEC_LIB_SIM_PTX_FRAGMENTS_H
