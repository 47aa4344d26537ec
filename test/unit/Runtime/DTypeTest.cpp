//===- DTypeTest.cpp - element types ----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Float formats against the compiler's own f16 and against a search over all
// values of a format.

#include "tilec/Runtime/DType.h"

#include "gtest/gtest.h"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

using namespace tilec;

static double decode(uint32_t bits, DType dtype) {
  return loadAsDouble(&bits, dtype);
}

static uint32_t encode(double value, DType dtype) {
  uint32_t bits = 0;
  storeFromDouble(&bits, dtype, value);
  return bits;
}

TEST(DType, NamesAndDLPackTypesAreReadBack) {
  for (int i = 0; i <= static_cast<int>(DType::F8E5M2); ++i) {
    DType dtype = static_cast<DType>(i);
    EXPECT_EQ(parseDType(getName(dtype)), dtype);
    DLDataType type = toDLPack(dtype);
    EXPECT_EQ(fromDLPack(type.code, type.bits), dtype);
    EXPECT_EQ(type.lanes, 1);
  }
  EXPECT_FALSE(parseDType("f15"));
  EXPECT_FALSE(fromDLPack(TILEC_DL_FLOAT, 8));
}

TEST(DType, F16IsTheCompilersF16) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    double expected = std::bit_cast<_Float16>(static_cast<uint16_t>(bits));
    double actual = decode(bits, DType::F16);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(actual)) << bits;
      continue;
    }
    ASSERT_EQ(actual, expected) << bits;
    ASSERT_EQ(encode(expected, DType::F16), bits);
  }
}

TEST(DType, BF16IsTheUpperHalfOfF32) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    float expected = std::bit_cast<float>(bits << 16);
    if (!std::isnan(expected)) {
      ASSERT_EQ(decode(bits, DType::BF16), expected);
    }
  }
}

/// The bits of the value nearest to `value`, ties to even bits, found by
/// looking at every finite value.
static uint32_t searchNearest(double value, DType dtype,
                              const std::vector<double> &positives) {
  uint32_t best = 0;
  double magnitude = std::fabs(value);
  for (uint32_t bits = 1; bits < positives.size(); ++bits) {
    double distance = std::fabs(positives[bits] - magnitude);
    double bestDistance = std::fabs(positives[best] - magnitude);
    if (distance < bestDistance || (distance == bestDistance && bits % 2 == 0))
      best = bits;
  }
  return best | (std::signbit(value) ? 1u << (getBits(dtype) - 1) : 0);
}

TEST(DType, F8RoundsToNearestEvenAndSaturates) {
  for (DType dtype : {DType::F8E4M3, DType::F8E5M2}) {
    std::vector<double> positives;
    for (uint32_t bits = 0; bits < 0x80; ++bits)
      if (std::isfinite(decode(bits, dtype)))
        positives.push_back(decode(bits, dtype));
    EXPECT_EQ(positives.back(), dtype == DType::F8E4M3 ? 448 : 57344);
    auto check = [&](double value) {
      for (double x : {value, -value, std::nextafter(value, 0.0),
                       std::nextafter(value, 1e300)})
        ASSERT_EQ(encode(x, dtype), searchNearest(x, dtype, positives)) << x;
    };
    for (size_t i = 0; i + 1 < positives.size(); ++i) {
      check(positives[i]);
      check((positives[i] + positives[i + 1]) / 2);
    }
    check(1e9);
    double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(decode(encode(infinity, dtype), dtype), positives.back());
    EXPECT_TRUE(std::isnan(decode(encode(NAN, dtype), dtype)));
  }
}

TEST(DType, SmallFloatsRoundOnceFromDouble) {
  // Between two f16 values, next to the tie: rounding by way of f32 would err.
  double tie = 1 + 0x1p-11;
  EXPECT_EQ(encode(tie, DType::F16), 0x3c00u);
  EXPECT_EQ(encode(tie + 0x1p-40, DType::F16), 0x3c01u);
  EXPECT_EQ(encode(65519.99, DType::F16), 0x7bffu);
  EXPECT_EQ(encode(65520, DType::F16), 0x7c00u);
  EXPECT_EQ(encode(1 + 0x1p-8, DType::BF16), 0x3f80u);
  EXPECT_EQ(encode(1 + 0x1p-8 + 0x1p-40, DType::BF16), 0x3f81u);
}

TEST(DType, IntegersTruncateAndSaturate) {
  EXPECT_EQ(encode(-1.9, DType::I8), 0xffu);
  EXPECT_EQ(encode(1e9, DType::I8), 0x7fu);
  EXPECT_EQ(encode(-1e9, DType::I8), 0x80u);
  EXPECT_EQ(encode(-5, DType::U16), 0u);
  EXPECT_EQ(encode(1e30, DType::U32), 0xffffffffu);
  EXPECT_EQ(encode(NAN, DType::I32), 0u);
  int64_t wide = 0;
  storeFromDouble(&wide, DType::I64, 1e30);
  EXPECT_EQ(wide, INT64_MAX);
  storeFromDouble(&wide, DType::I64, -0x1p63);
  EXPECT_EQ(wide, INT64_MIN);
}

TEST(DType, ScalarsParseWholeOrNotAtAll) {
  uint64_t bits = 0;
  std::string error;
  ASSERT_TRUE(parseScalar("0.125", DType::F32, &bits, error));
  EXPECT_EQ(decode(static_cast<uint32_t>(bits), DType::F32), 0.125);
  ASSERT_TRUE(parseScalar("18446744073709551615", DType::U64, &bits, error));
  EXPECT_EQ(bits, UINT64_MAX);
  ASSERT_TRUE(parseScalar("true", DType::Bool, &bits, error));
  EXPECT_EQ(bits & 0xff, 1u);
  ASSERT_TRUE(parseScalar("-inf", DType::F16, &bits, error));
  EXPECT_EQ(bits & 0xffff, 0xfc00u);
  for (auto [text, dtype] :
       std::vector<std::pair<const char *, DType>>{{"", DType::F32},
                                                   {" 1", DType::F32},
                                                   {"1x", DType::F64},
                                                   {"1.5", DType::I32},
                                                   {"128", DType::I8},
                                                   {"-1", DType::U8},
                                                   {"256", DType::U8},
                                                   {"2", DType::Bool}}) {
    EXPECT_FALSE(parseScalar(text, dtype, &bits, error)) << text;
    EXPECT_NE(error.find("'" + std::string(text) + "'"), std::string::npos);
  }
}
