//===- F2MatrixTest.cpp - Matrices over F2 ----------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/F2Matrix.h"

#include "gtest/gtest.h"

using namespace tilec::layout;

static F2Matrix matrixOf(const char *layout) { return *toMatrix(*parseLayout(layout)); }

TEST(F2Matrix, ColumnsAreTheValuesAtPowersOfTwo) {
  EXPECT_EQ(matrixOf("(4,4):(^1,^5)").columns(), (std::vector<uint64_t>{1, 2, 5, 10}));
  EXPECT_EQ(print(matrixOf("(4,4):(4,1)")), "0010/0001/1000/0100");
  EXPECT_EQ(matrixOf("(4,4):(1,4)"), F2Matrix::identity(4));
}

TEST(F2Matrix, NonLinearLayoutsSayWhy) {
  EXPECT_NE(toMatrix(*parseLayout("(4,3):(1,4)")).message().find("is not a power of two"), std::string::npos);
  EXPECT_NE(toMatrix(*parseLayout("(2,2):(1,1)")).message().find("carry"), std::string::npos);
  EXPECT_NE(toMatrix(*parseLayout("(2,2):(1@0,1@1)")).message().find("not a number"), std::string::npos);
  EXPECT_NE(toMatrix(*parseLayout("2:-1")).message().find("not a number"), std::string::npos);
}

TEST(F2Matrix, InverseOfASwizzleIsItself) {
  F2Matrix swizzle = matrixOf("(8,8):(^1,^9)");
  EXPECT_EQ(*inverse(swizzle), swizzle);
  EXPECT_EQ(*multiply(swizzle, swizzle), F2Matrix::identity(6));
}

TEST(F2Matrix, SingularMatricesHaveNoInverse) {
  EXPECT_FALSE(inverse(matrixOf("(2,2):(1,0)")));
  EXPECT_FALSE(inverse(matrixOf("2:2")));
}

TEST(F2Matrix, SizesMustFit) {
  EXPECT_FALSE(multiply(F2Matrix::identity(2), F2Matrix::identity(3)));
  EXPECT_FALSE(divide(F2Matrix::identity(2), F2Matrix::identity(3)));
}

TEST(F2Matrix, DivisionNeedsTheValuesOfTheDivisor) {
  EXPECT_FALSE(divide(matrixOf("4:1"), matrixOf("(2,2):(2,0)")));
  EXPECT_EQ(divide(matrixOf("(2,2):(2,0)"), matrixOf("4:1"))->columns(), (std::vector<uint64_t>{2, 0}));
}

TEST(F2Matrix, BlockQuotient) {
  // (4,8) column-major is 4:1 in the low bits, times 8:1.
  EXPECT_EQ(*blockQuotient(matrixOf("(4,8):(1,4)"), matrixOf("4:1")), matrixOf("8:1"));
  EXPECT_FALSE(blockQuotient(matrixOf("(4,8):(8,1)"), matrixOf("4:1")));
  EXPECT_FALSE(blockQuotient(matrixOf("4:1"), matrixOf("8:1")));
}
