//===- Fragments.cpp - matrices spread over the lanes of a warp -*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Fragments.h"
#include "FloatSteps.h"

#include "llvm/ADT/APFloat.h"

#include <algorithm>
#include <array>

using namespace tilec::sim::ptx;
using llvm::StringRef;

static constexpr struct {
  llvm::StringLiteral name;
  unsigned bits;
} kElements[] = {{"b1", 1},   {"u4", 4},    {"s4", 4},    {"u8", 8},   {"s8", 8},   {"e4m3", 8}, {"e5m2", 8},
                 {"f16", 16}, {"bf16", 16}, {"tf32", 32}, {"f32", 32}, {"f64", 64}, {"s32", 32}};

unsigned tilec::sim::ptx::elementBits(Element type) { return kElements[static_cast<unsigned>(type)].bits; }

std::optional<Element> tilec::sim::ptx::parseElement(StringRef word) {
  for (unsigned i = 0; i != std::size(kElements); ++i)
    if (kElements[i].name == word)
      return static_cast<Element>(i);
  return std::nullopt;
}

/// f8: 4 bits of exponent without infinities and with one NaN, or 5 as f16 has them (section 5.2.3).
static double decodeF8(uint8_t bits, bool isE4M3) {
  if (!isE4M3)
    return Half{static_cast<uint16_t>(bits << 8)}.toDouble();
  int exponent = bits >> 3 & 15;
  unsigned mantissa = bits & 7;
  double magnitude = exponent == 15 && mantissa == 7 ? NAN
                     : exponent                      ? std::ldexp(8.0 + mantissa, exponent - 10)
                                                     : std::ldexp(mantissa, -9);
  return bits >> 7 ? -magnitude : magnitude;
}

/// All values of the 16-bit formats, since matrices read millions of them.
template <typename Format> static double lookUp(uint16_t bits) {
  static const auto table = [] {
    auto made = std::make_unique<std::array<double, 65536>>();
    for (unsigned i = 0; i != 65536; ++i)
      (*made)[i] = Format{static_cast<uint16_t>(i)}.toDouble();
    return made;
  }();
  return (*table)[bits];
}

double tilec::sim::ptx::decodeElement(Element type, uint64_t bits) {
  switch (type) {
  case Element::B1:
    return bits & 1;
  case Element::U4:
    return bits & 15;
  case Element::S4:
    return static_cast<double>(static_cast<int64_t>(bits << 60) >> 60);
  case Element::U8:
    return static_cast<uint8_t>(bits);
  case Element::S8:
    return static_cast<int8_t>(bits);
  case Element::E4M3:
    return decodeF8(bits, true);
  case Element::E5M2:
    return decodeF8(bits, false);
  case Element::F16:
    return lookUp<Half>(bits);
  case Element::BF16:
    return lookUp<BFloat>(bits);
  case Element::TF32:
    // Tensor cores do not look at the lower 13 bits.
    return llvm::bit_cast<float>(static_cast<uint32_t>(bits) & ~0x1fffu);
  case Element::F32:
    return llvm::bit_cast<float>(static_cast<uint32_t>(bits));
  case Element::F64:
    return llvm::bit_cast<double>(bits);
  case Element::S32:
    return static_cast<int32_t>(bits);
  }
  llvm_unreachable("all types are there");
}

uint64_t tilec::sim::ptx::encodeElement(Element type, double value, bool saturates) {
  switch (type) {
  case Element::F16:
    return Half::fromDouble(value).bits;
  case Element::BF16:
    return BFloat::fromDouble(value).bits;
  case Element::F64:
    return llvm::bit_cast<uint64_t>(value);
  case Element::S32: {
    // Sums of k products and an accumulator are far below 2^63.
    int64_t exact = static_cast<int64_t>(value);
    return static_cast<uint32_t>(saturates ? std::clamp<int64_t>(exact, INT32_MIN, INT32_MAX) : exact);
  }
  default:
    return value == value ? llvm::bit_cast<uint32_t>(static_cast<float>(value)) : 0x7fffffff;
  }
}

bool tilec::sim::ptx::takeShape(Decoder &d, Shape &shape) {
  for (StringRef word : d.wordsLeft()) {
    StringRef rest = word;
    if (rest.consume_front("m") && !rest.consumeInteger(10, shape.m) && rest.consume_front("n") &&
        !rest.consumeInteger(10, shape.n) && rest.consume_front("k") && !rest.consumeInteger(10, shape.k) &&
        rest.empty())
      return d.take(word);
  }
  return d.fail("'" + d.syntax().spelling() + "' needs a shape");
}

void tilec::sim::ptx::multiply(const Shape &shape, const double *a, const double *b, double *c, BitProduct bits) {
  for (unsigned row = 0; row != shape.m; ++row)
    for (unsigned k = 0; k != shape.k; ++k) {
      double left = a[row * shape.k + k];
      const double *right = b + k * shape.n;
      double *into = c + row * shape.n;
      if (bits == BitProduct::Xor)
        for (unsigned column = 0; column != shape.n; ++column)
          into[column] += left != right[column];
      else
        for (unsigned column = 0; column != shape.n; ++column)
          into[column] += left * right[column];
    }
}

void tilec::sim::ptx::multiplyF64(const Shape &shape, const double *a, const double *b, double *c, unsigned rounding) {
  static constexpr llvm::APFloat::roundingMode modes[] = {llvm::APFloat::rmNearestTiesToEven,
                                                          llvm::APFloat::rmTowardZero, llvm::APFloat::rmTowardNegative,
                                                          llvm::APFloat::rmTowardPositive};
  auto fused = [&](double x, double y, double z) {
    double result = std::fma(x, y, z);
    if (result != result)
      return nanOf(y, x, z);
    if (rounding == 0)
      return result;
    llvm::APFloat directed(x);
    directed.fusedMultiplyAdd(llvm::APFloat(y), llvm::APFloat(z), modes[rounding]);
    return directed.convertToDouble();
  };
  for (unsigned row = 0; row != shape.m; ++row)
    for (unsigned column = 0; column != shape.n; ++column) {
      double &sum = c[row * shape.n + column];
      for (unsigned k = 0; k != shape.k; ++k)
        sum = fused(a[row * shape.k + k], b[k * shape.n + column], sum);
    }
}

Element tilec::sim::ptx::familyOf(Element type) {
  switch (type) {
  case Element::U8:
    return Element::S8;
  case Element::U4:
    return Element::S4;
  case Element::E5M2:
    return Element::E4M3;
  default:
    return type;
  }
}

bool tilec::sim::ptx::mayAccumulate(Element factor, Element type) {
  switch (familyOf(factor)) {
  case Element::F16:
  case Element::E4M3:
    return type == Element::F16 || type == Element::F32;
  case Element::BF16:
  case Element::TF32:
    return type == Element::F32;
  case Element::F64:
    return type == Element::F64;
  default:
    return type == Element::S32;
  }
}
