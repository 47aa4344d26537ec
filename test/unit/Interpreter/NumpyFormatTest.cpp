//===- NumpyFormatTest.cpp - arrays as text ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// What print writes, against the output of str() in NumPy 2.4.
//
//===----------------------------------------------------------------------===//
#include "lib/Interpreter/NumpyFormat.h"

#include "lib/Interpreter/ElementFormats.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace tilec::interpreter;

namespace {
class NumpyFormatTest : public ::testing::Test {
protected:
  NumpyFormatTest() : builder(&context) {}

  template <typename Format>
  static std::vector<uint64_t> bits(std::vector<double> values) {
    std::vector<uint64_t> result;
    for (double value : values)
      result.push_back(Format::store(static_cast<typename Format::Exact>(value)));
    return result;
  }
  std::string f16(std::vector<double> values, llvm::ArrayRef<int64_t> extents) {
    return formatLikeNumpy({PrintedType::Float, builder.getF16Type()}, bits<F16Format>(values), extents);
  }
  std::string f32(std::vector<double> values, llvm::ArrayRef<int64_t> extents) {
    return formatLikeNumpy({PrintedType::Float, builder.getF32Type()}, bits<F32Format>(values), extents);
  }
  std::string f64(std::vector<double> values, llvm::ArrayRef<int64_t> extents) {
    return formatLikeNumpy({PrintedType::Float, builder.getF64Type()}, bits<F64Format>(values), extents);
  }
  std::string i32(std::vector<uint64_t> values, llvm::ArrayRef<int64_t> extents) {
    for (uint64_t &value : values)
      value = lowBits(value, 32);
    return formatLikeNumpy({PrintedType::Signed, builder.getI32Type()}, values, extents);
  }
  static std::vector<double> upTo(int count, double factor = 1) {
    std::vector<double> values(count);
    for (int i = 0; i != count; ++i)
      values[i] = i * factor;
    return values;
  }

  mlir::MLIRContext context;
  mlir::Builder builder;
};
} // namespace

TEST_F(NumpyFormatTest, scalars) {
  EXPECT_EQ(f32({0.1}, {}), "0.1");
  EXPECT_EQ(f32({1e-5}, {}), "1e-05");
  EXPECT_EQ(f32({1e-4}, {}), "1e-04");
  EXPECT_EQ(f64({1e-4}, {}), "0.0001");
  EXPECT_EQ(f32({123456.7}, {}), "123456.7");
  EXPECT_EQ(f32({16777216}, {}), "1.6777216e+07");
  EXPECT_EQ(f32({1.5e16}, {}), "1.5e+16");
  EXPECT_EQ(f32({-0.0}, {}), "-0.0");
  EXPECT_EQ(f32({std::nan("")}, {}), "nan");
  EXPECT_EQ(f32({-HUGE_VAL}, {}), "-inf");
  EXPECT_EQ(f16({0.1}, {}), "0.1");
  EXPECT_EQ(f16({999}, {}), "999.0");
  EXPECT_EQ(f16({1001}, {}), "1.001e+03");
  EXPECT_EQ(f16({65504}, {}), "6.55e+04");
  EXPECT_EQ(f64({1.0 / 3}, {}), "0.3333333333333333");
  EXPECT_EQ(f64({123456789012345680.0}, {}), "1.2345678901234568e+17");
  EXPECT_EQ(f64({1e-300}, {}), "1e-300");
  EXPECT_EQ(i32({uint64_t(-3)}, {}), "-3");
  EXPECT_EQ(formatLikeNumpy({PrintedType::Bool, builder.getI1Type()}, {1}, {}), "True");
}

TEST_F(NumpyFormatTest, alignedFloats) {
  EXPECT_EQ(f32({0.1, 0.25, -3}, {3}), "[ 0.1   0.25 -3.  ]");
  EXPECT_EQ(f32({std::nan(""), 1, -HUGE_VAL}, {3}), "[ nan   1. -inf]");
  EXPECT_EQ(f32({std::nan(""), std::nan("")}, {2}), "[nan nan]");
  EXPECT_EQ(f16({1.5, 2, 3, 4}, {2, 2}), "[[1.5 2. ]\n [3.  4. ]]");
  EXPECT_EQ(f64({0.1, 1.0 / 3}, {2}), "[0.1        0.33333333]");
  EXPECT_EQ(f32({1.0000001, 123.45678}, {2}), "[  1.0000001 123.45678  ]");
  EXPECT_EQ(f64({1.23456789012345, 2.5}, {2}), "[1.23456789 2.5       ]");
  EXPECT_EQ(f64({0.0, -0.0}, {2}), "[ 0. -0.]");
}

TEST_F(NumpyFormatTest, scientificFloats) {
  EXPECT_EQ(f32({1e-5, 1, 2}, {3}), "[1.e-05 1.e+00 2.e+00]");
  EXPECT_EQ(f32({1e10, 1}, {2}), "[1.e+10 1.e+00]");
  EXPECT_EQ(f32({5e6, 4e6}, {2}), "[5.e+06 4.e+06]");
  EXPECT_EQ(f32({500000, 400000}, {2}), "[500000. 400000.]");
  EXPECT_EQ(f16({5000, 4000}, {2}), "[5.e+03 4.e+03]");
  EXPECT_EQ(f32({0.001, 1.0001}, {2}), "[1.0000e-03 1.0001e+00]");
  EXPECT_EQ(f64({1e-300, 1e300}, {2}), "[1.e-300 1.e+300]");
  EXPECT_EQ(f64({1e100}, {1}), "[1.e+100]");
  EXPECT_EQ(f64({1234567.891, 0.123456789012}, {2}), "[1.23456789e+06 1.23456789e-01]");
  EXPECT_EQ(f16({1.1e-7, 3}, {2}), "[1.e-07 3.e+00]");
  // Digits that only align are the element's own, not zeros.
  EXPECT_EQ(f32({1e-45, 12345678}, {2}), "[1.4012985e-45 1.2345678e+07]");
  EXPECT_EQ(f64({4.6e-285, 1}, {2}), "[4.6e-285 1.0e+000]");
}

TEST_F(NumpyFormatTest, integersAndBools) {
  EXPECT_EQ(i32({0, uint64_t(-12), 3}, {3}), "[  0 -12   3]");
  EXPECT_EQ(formatLikeNumpy({PrintedType::Unsigned, builder.getI64Type()}, {~uint64_t(0), 1}, {2}),
            "[18446744073709551615                    1]");
  EXPECT_EQ(formatLikeNumpy({PrintedType::Bool, builder.getI8Type()}, {1, 1}, {2}), "[ True  True]");
  EXPECT_EQ(formatLikeNumpy({PrintedType::Bool, builder.getI8Type()}, {1, 0}, {2, 1}), "[[ True]\n [False]]");
}

TEST_F(NumpyFormatTest, linesBreakAt75Columns) {
  EXPECT_EQ(f32(upTo(30), {30}), "[ 0.  1.  2.  3.  4.  5.  6.  7.  8.  9. 10. 11. 12. 13. 14. 15. 16. 17.\n"
                                 " 18. 19. 20. 21. 22. 23. 24. 25. 26. 27. 28. 29.]");
  EXPECT_EQ(f32(upTo(60), {2, 30}), "[[ 0.  1.  2.  3.  4.  5.  6.  7.  8.  9. 10. 11. 12. 13. 14. 15. 16. 17.\n"
                                    "  18. 19. 20. 21. 22. 23. 24. 25. 26. 27. 28. 29.]\n"
                                    " [30. 31. 32. 33. 34. 35. 36. 37. 38. 39. 40. 41. 42. 43. 44. 45. 46. 47.\n"
                                    "  48. 49. 50. 51. 52. 53. 54. 55. 56. 57. 58. 59.]]");
  EXPECT_EQ(f64(upTo(40, 1000.5), {40}), "[    0.   1000.5  2001.   3001.5  4002.   5002.5  6003.   7003.5  8004.\n"
                                         "  9004.5 10005.  11005.5 12006.  13006.5 14007.  15007.5 16008.  17008.5\n"
                                         " 18009.  19009.5 20010.  21010.5 22011.  23011.5 24012.  25012.5 26013.\n"
                                         " 27013.5 28014.  29014.5 30015.  31015.5 32016.  33016.5 34017.  35017.5\n"
                                         " 36018.  37018.5 38019.  39019.5]");
}

TEST_F(NumpyFormatTest, dimsAndSummaries) {
  std::vector<uint64_t> numbers(24);
  std::iota(numbers.begin(), numbers.end(), 0);
  EXPECT_EQ(i32(numbers, {2, 3, 4}), "[[[ 0  1  2  3]\n  [ 4  5  6  7]\n  [ 8  9 10 11]]\n\n"
                                     " [[12 13 14 15]\n  [16 17 18 19]\n  [20 21 22 23]]]");
  EXPECT_EQ(f64({}, {0}), "[]");
  EXPECT_EQ(f64({}, {2, 0}), "[]");
  numbers.resize(2000);
  std::iota(numbers.begin(), numbers.end(), 0);
  EXPECT_EQ(i32(numbers, {2000}), "[   0    1    2 ... 1997 1998 1999]");
  EXPECT_EQ(f32(upTo(2000), {2, 1000}), "[[0.000e+00 1.000e+00 2.000e+00 ... 9.970e+02 9.980e+02 9.990e+02]\n"
                                        " [1.000e+03 1.001e+03 1.002e+03 ... 1.997e+03 1.998e+03 1.999e+03]]");
  EXPECT_EQ(i32(std::vector<uint64_t>(1600), {40, 40}), "[[0 0 0 ... 0 0 0]\n [0 0 0 ... 0 0 0]\n [0 0 0 ... 0 0 0]\n ...\n"
                                                        " [0 0 0 ... 0 0 0]\n [0 0 0 ... 0 0 0]\n [0 0 0 ... 0 0 0]]");
}
