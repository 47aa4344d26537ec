//===- CompareTest.cpp - how far two results are apart ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The comparison behind --verify finds every kind of difference.

#include "Compare.h"

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

TEST(Compare, TheCoarsestArrayDecidesTheTolerance) {
  KernelSignature signature;
  signature.params = {{"A", ParamKind::Array, DType::F16, 1, false},
                      {"C", ParamKind::Result, DType::F32, 1, false}};
  EXPECT_EQ(getTolerance(signature, DType::F32), 2 * 0x1p-10);
  EXPECT_EQ(getTolerance(signature, DType::I32), 0);
  signature.params[0].dtype = DType::F32;
  EXPECT_EQ(getTolerance(signature, DType::F32), 64 * 0x1p-23);
}

TEST(Compare, IndicesAreRowMajor) {
  EXPECT_EQ(printIndices(23, {2, 3, 4}), "[1, 2, 3]");
  EXPECT_EQ(printIndices(0, {}), "[]");
}
