//===- ElementFormatsTest.cpp - exactness of the elements ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The formats against llvm::APFloat: every bit pattern of the small ones, and sums, products, quotients, square roots
/// and fused products of pairs, bit for bit. TILEC_SEED chooses the pairs, TILEC_FULL takes more of them.
//
//===----------------------------------------------------------------------===//
#include "lib/Interpreter/ElementFormats.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <random>

using namespace tilec::interpreter;
using llvm::APFloat;
using llvm::APInt;

template <typename Format>
static const llvm::fltSemantics &semantics() {
  if constexpr (std::is_same_v<Format, F16Format>)
    return APFloat::IEEEhalf();
  else if constexpr (std::is_same_v<Format, BF16Format>)
    return APFloat::BFloat();
  else if constexpr (std::is_same_v<Format, F32Format>)
    return APFloat::IEEEsingle();
  else if constexpr (std::is_same_v<Format, F64Format>)
    return APFloat::IEEEdouble();
  else if constexpr (std::is_same_v<Format, F8E4M3FNFormat>)
    return APFloat::Float8E4M3FN();
  else
    return APFloat::Float8E5M2();
}

template <typename Format>
static APFloat reference(uint64_t bits) {
  return APFloat(semantics<Format>(), APInt(Format::width, bits));
}

static uint64_t bitsOf(const APFloat &number) { return number.bitcastToAPInt().getZExtValue(); }

static const APFloat::roundingMode kNearest = APFloat::rmNearestTiesToEven;

/// Equal bits, or both NaN.
template <typename Format>
static ::testing::AssertionResult isSame(uint64_t actual, const APFloat &expected) {
  if (actual == bitsOf(expected) || (expected.isNaN() && std::isnan(Format::load(actual))))
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << std::hex << actual << " instead of " << bitsOf(expected);
}

static unsigned seed() {
  const char *text = std::getenv("TILEC_SEED");
  return text ? std::atoi(text) : 1;
}

static int sampleCount() { return std::getenv("TILEC_FULL") ? 5'000'000 : 200'000; }

/// Bit patterns, half of them with exponents close to each other so that sums cancel and fused products meet.
template <typename Format>
class Patterns {
public:
  Patterns() : random(seed()) { std::cout << "TILEC_SEED=" << seed() << "\n"; }
  uint64_t next() {
    uint64_t bits = lowBits(random(), Format::width);
    return random() & 1 ? bits : near(bits);
  }

private:
  uint64_t near(uint64_t bits) {
    uint64_t one = Format::store(1.0), noise = lowBits(random(), Format::width / 2 + 2);
    return (bits >> (Format::width - 1) << (Format::width - 1)) | (one ^ noise);
  }
  std::mt19937_64 random;
};

template <typename Format>
class FormatTest : public ::testing::Test {};
using Formats = ::testing::Types<F16Format, BF16Format, F8E4M3FNFormat, F8E5M2Format, F32Format, F64Format>;
TYPED_TEST_SUITE(FormatTest, Formats);

template <typename Format>
class SmallFormatTest : public ::testing::Test {};
using SmallFormats = ::testing::Types<F16Format, BF16Format, F8E4M3FNFormat, F8E5M2Format>;
TYPED_TEST_SUITE(SmallFormatTest, SmallFormats);

TYPED_TEST(SmallFormatTest, everyPatternIsTheNumberThatItMeans) {
  for (uint64_t bits = 0; bits >> TypeParam::width == 0; ++bits) {
    APFloat expected = reference<TypeParam>(bits);
    bool losesInfo;
    expected.convert(APFloat::IEEEdouble(), kNearest, &losesInfo);
    double number = TypeParam::load(bits);
    ASSERT_TRUE(std::isnan(number) ? expected.isNaN() : number == expected.convertToDouble()) << bits;
    ASSERT_EQ(std::signbit(number), expected.isNegative()) << bits;
    if (!std::isnan(number))
      ASSERT_EQ(TypeParam::store(number), bits);
  }
}

/// Doubles around each value, around each midpoint of neighbours, and anywhere.
TYPED_TEST(SmallFormatTest, doublesRoundToNearestEven) {
  auto check = [](double value) {
    APFloat expected(value);
    bool losesInfo;
    expected.convert(semantics<TypeParam>(), kNearest, &losesInfo);
    ASSERT_TRUE(isSame<TypeParam>(TypeParam::store(value), expected)) << value;
  };
  for (uint64_t bits = 0; bits >> TypeParam::width == 0; ++bits) {
    double number = TypeParam::load(bits), next = TypeParam::load(lowBits(bits + 1, TypeParam::width));
    for (double value : {number, (number + next) / 2}) {
      check(value);
      check(std::nextafter(value, HUGE_VAL));
      check(std::nextafter(value, -HUGE_VAL));
    }
  }
  std::mt19937_64 random(seed());
  for (int i = 0; i != sampleCount(); ++i)
    check(llvm::bit_cast<double>(random()));
}

/// Beyond the finite numbers lies the largest of them; everything else rounds as usual.
TYPED_TEST(SmallFormatTest, saturation) {
  double largest = TypeParam::load(TypeParam::largestFinite);
  EXPECT_EQ(TypeParam::storeSaturated(2 * largest), TypeParam::largestFinite);
  EXPECT_EQ(TypeParam::storeSaturated(HUGE_VAL), TypeParam::largestFinite);
  EXPECT_EQ(TypeParam::storeSaturated(-HUGE_VAL), TypeParam::signBit | TypeParam::largestFinite);
  EXPECT_TRUE(std::isnan(TypeParam::load(TypeParam::storeSaturated(std::nan("")))));
  for (uint64_t bits = 0; bits <= TypeParam::largestFinite; ++bits)
    ASSERT_EQ(TypeParam::storeSaturated(TypeParam::load(bits)), bits);
}

TYPED_TEST(FormatTest, sumsProductsAndQuotientsRoundOnce) {
  Patterns<TypeParam> patterns;
  for (int i = 0; i != sampleCount(); ++i) {
    uint64_t x = patterns.next(), y = patterns.next();
    auto a = TypeParam::load(x), b = TypeParam::load(y);
    APFloat sum = reference<TypeParam>(x), product = sum, quotient = sum;
    sum.add(reference<TypeParam>(y), kNearest);
    product.multiply(reference<TypeParam>(y), kNearest);
    quotient.divide(reference<TypeParam>(y), kNearest);
    ASSERT_TRUE(isSame<TypeParam>(TypeParam::store(a + b), sum)) << x << " + " << y;
    ASSERT_TRUE(isSame<TypeParam>(TypeParam::store(a * b), product)) << x << " * " << y;
    if (y & ~(uint64_t(1) << (TypeParam::width - 1)) || TypeParam::width > 8)
      ASSERT_TRUE(isSame<TypeParam>(TypeParam::store(a / b), quotient)) << x << " / " << y;
  }
}

TYPED_TEST(FormatTest, fusedProductsRoundOnce) {
  Patterns<TypeParam> patterns;
  for (int i = 0; i != sampleCount(); ++i) {
    uint64_t x = patterns.next(), y = patterns.next(), z = patterns.next();
    APFloat expected = reference<TypeParam>(x);
    expected.fusedMultiplyAdd(reference<TypeParam>(y), reference<TypeParam>(z), kNearest);
    auto a = TypeParam::load(x), b = TypeParam::load(y), c = TypeParam::load(z);
    uint64_t actual;
    if constexpr (TypeParam::width <= 16)
      actual = TypeParam::store(multiplyAddToOdd(a, b, c));
    else
      actual = TypeParam::store(multiplyAdd(a, b, c));
    ASSERT_TRUE(isSame<TypeParam>(actual, expected)) << x << " * " << y << " + " << z;
  }
}

/// A correctly rounded root lies between the roots of the midpoints to its neighbours, whose squares are exact in double.
TYPED_TEST(SmallFormatTest, squareRootsRoundOnce) {
  for (uint64_t bits = 1; bits <= TypeParam::largestFinite; ++bits) {
    double x = TypeParam::load(bits);
    uint64_t root = TypeParam::store(std::sqrt(x));
    double below = (TypeParam::load(root - 1) + TypeParam::load(root)) / 2, above = (TypeParam::load(root) + TypeParam::load(root + 1)) / 2;
    ASSERT_LE(below * below, x) << bits;
    ASSERT_GE(above * above, x) << bits;
  }
}

TYPED_TEST(FormatTest, integersRoundOnce) {
  std::mt19937_64 random(seed());
  for (int i = 0; i != sampleCount(); ++i) {
    uint64_t magnitude = random() >> (random() % 64);
    // Half of them next to a midpoint of the format.
    if (random() & 1)
      magnitude = ((magnitude | 1) << (random() % 40)) + random() % 3 - 1;
    APFloat expected(semantics<TypeParam>());
    expected.convertFromAPInt(APInt(64, magnitude), /*isSigned=*/false, kNearest);
    uint64_t actual;
    if constexpr (std::is_same_v<TypeParam, F64Format>)
      actual = TypeParam::store(static_cast<double>(magnitude));
    else
      actual = TypeParam::store(static_cast<typename TypeParam::Exact>(integerToOdd(false, magnitude)));
    ASSERT_TRUE(isSame<TypeParam>(actual, expected)) << magnitude;
  }
}
