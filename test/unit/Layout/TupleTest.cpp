//===- TupleTest.cpp - Nested tuples ----------------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Oracle.h"

#include "gtest/gtest.h"

using namespace tilec::layout;
using namespace tilec::layout::test;

static IntTuple tuple(const char *text) { return *parseTuple(text); }

TEST(Tuple, RankDepthAndModes) {
  IntTuple t = tuple("((2,4),8)");
  EXPECT_EQ(t.rank(), 2u);
  EXPECT_EQ(t.depth(), 2u);
  EXPECT_EQ(print(t.mode(0)), "(2,4)");
  EXPECT_EQ(print(t.mode(1)), "8");
  EXPECT_EQ(*size(t), 64);
  EXPECT_EQ(tuple("4").rank(), 1u);
  EXPECT_EQ(tuple("4").depth(), 0u);
  EXPECT_EQ(tuple("(4)").depth(), 1u);
  EXPECT_EQ(tuple("()").rank(), 0u);
  EXPECT_EQ(tuple("()").depth(), 1u);
  EXPECT_EQ(*size(tuple("()")), 1);
  EXPECT_EQ(tuple("((),(1,(2)))").depth(), 3u);
}

TEST(Tuple, OfModesIsTheInverseOfModes) {
  Generator random(20);
  for (int i = 0; i < 10000; ++i) {
    IntTuple t = random.shape(1000);
    if (!t.isLeaf()) {
      ASSERT_EQ(IntTuple::of(t.modes()), t) << print(t);
    }
  }
}

TEST(Tuple, SizesThatOverflowAreErrors) {
  EXPECT_FALSE(size(tuple("(4611686018427387904,2)")));
  EXPECT_TRUE(size(tuple("(4611686018427387904,1)")));
}

TEST(Tuple, CompatibilityIsAPartialOrder) {
  // On all pairs and triples of some shapes of 24.
  std::vector<IntTuple> shapes;
  for (const char *text :
       {"24", "(24)", "(4,6)", "((2,2),6)", "(2,12)", "(4,(2,3))", "((2,2),(2,3))", "(2,(2,6))", "(6,4)"})
    shapes.push_back(tuple(text));
  for (const IntTuple &a : shapes) {
    EXPECT_TRUE(compatible(a, a));
    for (const IntTuple &b : shapes) {
      if (compatible(a, b) && compatible(b, a)) {
        EXPECT_EQ(a, b);
      }
      for (const IntTuple &c : shapes)
        if (compatible(a, b) && compatible(b, c)) {
          EXPECT_TRUE(compatible(a, c)) << print(a) << print(b) << print(c);
        }
    }
  }
}

TEST(Tuple, CoordinatesOfACompatibleShapeAreCoordinates) {
  Generator random(21);
  for (int i = 0; i < 10000; ++i) {
    IntTuple shape = random.shape(64);
    for (int64_t index = 0; index < *size(shape); ++index) {
      IntTuple coordinate = *idx2crd(index, shape);
      ASSERT_TRUE(congruent(coordinate, shape));
      ASSERT_EQ(*crd2idx(coordinate, shape), index) << print(shape);
      for (size_t leaf = 0; leaf < shape.leaves().size(); ++leaf)
        ASSERT_LT(coordinate.leaves()[leaf], shape.leaves()[leaf]);
    }
  }
}
