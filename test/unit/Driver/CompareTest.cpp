//===- CompareTest.cpp - how far two results are apart ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The comparison behind --verify finds every kind of difference.

#include "Compare.h"
#include "Tolerance.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>

using namespace tilec;

template <typename T>
static Tensor makeTensor(DType dtype, std::vector<T> elements) {
  std::string error;
  std::optional<Tensor> tensor = Tensor::create(
      dtype, {static_cast<int64_t>(elements.size())}, error);
  std::memcpy(tensor->getData(), elements.data(), elements.size() * sizeof(T));
  return std::move(*tensor);
}

TEST(Compare, ErrorsAreRelativeToTheLargestElement) {
  Difference difference =
      compareTensors(makeTensor<float>(DType::F32, {1, 2, 8}),
                     makeTensor<float>(DType::F32, {1, 2.5f, -8}));
  EXPECT_EQ(difference.absolute, 16);
  EXPECT_EQ(difference.relative, 2);
  EXPECT_EQ(difference.worst, 2);
  EXPECT_EQ(difference.numMismatched, 0);
}

TEST(Compare, NaNAndInfinityMatchOnlyThemselves) {
  float inf = INFINITY;
  Difference same = compareTensors(makeTensor<float>(DType::F32, {NAN, inf}),
                                   makeTensor<float>(DType::F32, {NAN, inf}));
  EXPECT_EQ(same.numMismatched, 0);
  EXPECT_EQ(same.absolute, 0);
  Difference different =
      compareTensors(makeTensor<float>(DType::F32, {1, NAN, inf, inf, inf}),
                     makeTensor<float>(DType::F32, {NAN, 1, 1, -inf, NAN}));
  EXPECT_EQ(different.numMismatched, 5);
  EXPECT_EQ(different.worst, 0);
}

TEST(Compare, LargeIntegersDifferInTheirLastBit) {
  int64_t large = int64_t{1} << 60;
  Difference difference =
      compareTensors(makeTensor<int64_t>(DType::I64, {large}),
                     makeTensor<int64_t>(DType::I64, {large + 1}));
  EXPECT_GT(difference.absolute, 0);
}

TEST(Compare, ZeroAgainstSomethingIsInfinitelyFar) {
  EXPECT_EQ(compareTensors(makeTensor<float>(DType::F32, {1}),
                           makeTensor<float>(DType::F32, {0}))
                .relative,
            INFINITY);
}

TEST(Tolerance, IntegersAgree) {
  EXPECT_EQ(deriveTolerance({1, 1}, DType::I32, 100, 100), 0);
}

TEST(Tolerance, CopiesAgreeAndOperationsAddUp) {
  EXPECT_EQ(deriveTolerance({0, 0}, DType::F16, 1000, 1000), 0);
  EXPECT_EQ(deriveTolerance({3 * 0x1p-23, 0}, DType::F32, 1, 1), 3 * 0x1p-23);
}

TEST(Tolerance, SumsCountTheRootOfTheirTerms) {
  double unit = 0x1p-23;
  double ofHundred = deriveTolerance({0, unit}, DType::F32, 100, 64);
  double ofFourHundred = deriveTolerance({0, unit}, DType::F32, 400, 64);
  EXPECT_NEAR(ofFourHundred / ofHundred, 2, 1e-12);
  // The normal distribution's tail bound 2 exp(-d * d / 2) for 64 elements.
  double deviations = ofHundred / (10 * unit);
  EXPECT_NEAR(64 * 2 * std::exp(-deviations * deviations / 2) * 1e9, 1, 1e-6);
}

TEST(Compare, IndicesAreRowMajor) {
  EXPECT_EQ(printIndices(23, {2, 3, 4}), "[1, 2, 3]");
  EXPECT_EQ(printIndices(0, {}), "[]");
}
