//===- LoopsTest.cpp - kernels of tile IR on the CPU ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small kernels against the same computation in plain C++, at sizes around the width of a vector and of a tile.

#include "KernelRun.h"

#include <cmath>

using namespace tilec;
using namespace tilec::test;

/// A few numbers that look random and are small.
static double noise(int64_t index) { return static_cast<double>((index * 7919 + 13) % 101) / 50.0 - 1.0; }

static const char *const kAdd = R"mlir(
!x = memref<?xf32, strided<[1]>>
tile.kernel @add(%X: !x {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                 %Y: !x {tile.param = #tile.param<name = "Y", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                 %Z: !x {tile.param = #tile.param<name = "Z", kind = result, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %N = memref.dim %X, %c0 : !x
  %s = tile.size "i" in "grid#0"
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %N step %s) entry %e {
    %x, %t0 = tile.load %X[%i] : !x[!tile.range<?>] -> tensor<?xf32>
    %y, %t1 = tile.load %Y[%i] : !x[!tile.range<?>] -> tensor<?xf32>
    %z = arith.addf %x, %y : tensor<?xf32>
    %t2 = tile.store %z, %Z[%i] after (%e) : tensor<?xf32>, !x[!tile.range<?>]
    tile.yield %t2 : !tile.token
  }
  tile.return
}
)mlir";

TEST(LoopsTest, elementwise) {
  for (const std::string &arch : archs()) {
    Compiled add(kAdd, {{"i", 64}}, arch);
    ASSERT_TRUE(add.ok()) << add.diagnostics;
    for (int64_t size : {0, 1, 7, 64, 100, 1003}) {
      Tensor x = filled(DType::F32, {size}, noise), y = filled(DType::F32, {size}, [](int64_t i) { return i * 0.5; });
      Tensor z = tensor(DType::F32, {size});
      ASSERT_EQ(add({&x, &y, &z}), "");
      for (int64_t i = 0; i < size; ++i)
        ASSERT_EQ(data<float>(z)[i], data<float>(x)[i] + data<float>(y)[i]) << arch << " " << size << " " << i;
    }
  }
}

static const char *const kSoftmax = R"mlir(
!x = memref<?x?xf32, strided<[?, 1]>>
tile.kernel @softmax(%X: !x {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0, s1] -> (s0, s1)>>},
                     %Y: !x {tile.param = #tile.param<name = "Y", kind = result, type = "f32", dims = affine_map<()[s0, s1] -> (s0, s1)>>}) attributes {symbols = ["M", "N"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %M = memref.dim %X, %c0 : !x
  %N = memref.dim %X, %c1 : !x
  %n = tile.range %c0 to %N size %N : !tile.range<?>
  %one = tile.range %c0 to %c1 size %c1 : !tile.range<1>
  %s = tile.size "i" in "grid#0"
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %M step %s) entry %e {
    %x, %t0 = tile.load %X[%i, %n] : !x[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %ninf = arith.constant 0xFF800000 : f32
    %zero = arith.constant 0.0 : f32
    %m = tile.reduce commutative (%x) axes [1] over (%n) init (%ninf) : (tensor<?x?xf32>), (!tile.range<?>), (f32) -> tensor<?xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = arith.maximumf %a, %b : f32
      tile.yield %r : f32
    }
    %m1 = tile.expand_dims %m at 1 : tensor<?xf32> -> tensor<?x1xf32>
    %mb = tile.broadcast %m1 to (%i, %n) : tensor<?x1xf32>, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %d = arith.subf %x, %mb : tensor<?x?xf32>
    %ex = math.exp %d : tensor<?x?xf32>
    %l = tile.reduce commutative (%ex) axes [1] over (%n) init (%zero) : (tensor<?x?xf32>), (!tile.range<?>), (f32) -> tensor<?xf32> {
    ^bb0(%a: f32, %b: f32):
      %r = arith.addf %a, %b : f32
      tile.yield %r : f32
    }
    %l1 = tile.expand_dims %l at 1 : tensor<?xf32> -> tensor<?x1xf32>
    %lb = tile.broadcast %l1 to (%i, %n) : tensor<?x1xf32>, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %y = arith.divf %ex, %lb : tensor<?x?xf32>
    %t2 = tile.store %y, %Y[%i, %n] after (%e) : tensor<?x?xf32>, !x[!tile.range<?>, !tile.range<?>]
    tile.yield %t2 : !tile.token
  }
  tile.return
}
)mlir";

TEST(LoopsTest, softmaxOverAnUnknownDimIsRolled) {
  for (const std::string &arch : archs()) {
    Compiled softmax(kSoftmax, {{"i", 4}}, arch);
    ASSERT_TRUE(softmax.ok()) << softmax.diagnostics;
    for (int64_t rows : {1, 7})
      for (int64_t columns : {1, 7, 16, 64, 101}) {
        Tensor x = filled(DType::F32, {rows, columns}, noise), y = tensor(DType::F32, {rows, columns});
        ASSERT_EQ(softmax({&x, &y}), "");
        for (int64_t i = 0; i < rows; ++i) {
          auto power = [&](int64_t j) { return std::exp(static_cast<double>(data<float>(x)[i * columns + j])); };
          double sum = 0;
          for (int64_t j = 0; j < columns; ++j)
            sum += power(j);
          // Numerator and sum carry the rounding of x - max, at most 2 u, and of an exponential, 3 u; the sum one u for
          // each addition and the quotient one.
          double relative = (2 * (2 + 3) + columns + 1) * 0x1p-24;
          for (int64_t j = 0; j < columns; ++j)
            ASSERT_NEAR(data<float>(y)[i * columns + j], power(j) / sum, power(j) / sum * relative)
                << arch << " " << rows << "x" << columns << " at " << i << ", " << j;
        }
      }
  }
}

static const char *const kMatmul = R"mlir(
!x = memref<?x?xf32, strided<[?, 1]>>
tile.kernel @matmul(%A: !x {tile.param = #tile.param<name = "A", kind = array, type = "f32", dims = affine_map<()[s0, s1, s2] -> (s0, s1)>>},
                    %B: !x {tile.param = #tile.param<name = "B", kind = array, type = "f32", dims = affine_map<()[s0, s1, s2] -> (s1, s2)>>},
                    %C: !x {tile.param = #tile.param<name = "C", kind = result, type = "f32", dims = affine_map<()[s0, s1, s2] -> (s0, s2)>>}) attributes {symbols = ["M", "K", "N"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %M = memref.dim %A, %c0 : !x
  %K = memref.dim %A, %c1 : !x
  %N = memref.dim %B, %c1 : !x
  %si = tile.size "i" in "grid#0"
  %sj = tile.size "j" in "grid#0"
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %M step %si, %j "j" : !tile.range<?> = %c0 to %N step %sj) entry %e {
    %zero = arith.constant 0.0 : f32
    %acc0 = tile.full %zero(%i, %j) : f32, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %sk = tile.size "k" in "loop#0"
    %acc = scf.for %kb = %c0 to %K step %sk iter_args(%a = %acc0) -> (tensor<?x?xf32>) {
      %k = tile.range %kb to %K size %sk "k" : !tile.range<?>
      %x, %t0 = tile.load %A[%i, %k] : !x[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
      %y, %t1 = tile.load %B[%k, %j] : !x[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
      %n = tile.dot %x, %y, %a over %k : tensor<?x?xf32>, tensor<?x?xf32>, !tile.range<?> -> tensor<?x?xf32>
      scf.yield %n : tensor<?x?xf32>
    }
    %t2 = tile.store %acc, %C[%i, %j] after (%e) : tensor<?x?xf32>, !x[!tile.range<?>, !tile.range<?>]
    tile.yield %t2 : !tile.token
  }
  tile.return
}
)mlir";

TEST(LoopsTest, matmulAtOddSizes) {
  for (const std::string &arch : archs())
    for (auto [i, j, k] : {std::tuple<int64_t, int64_t, int64_t>{64, 64, 64}, {7, 33, 5}, {1, 1, 1}, {16, 48, 17}}) {
      Compiled matmul(kMatmul, {{"i", i}, {"j", j}, {"k", k}}, arch);
      ASSERT_TRUE(matmul.ok()) << matmul.diagnostics;
      for (auto [m, n, l] : {std::tuple<int64_t, int64_t, int64_t>{1, 1, 1}, {7, 64, 100}, {65, 67, 66}, {5, 3, 0}}) {
        Tensor a = filled(DType::F32, {m, l}, noise), b = filled(DType::F32, {l, n}, noise);
        Tensor c = tensor(DType::F32, {m, n});
        ASSERT_EQ(matmul({&a, &b, &c}), "");
        for (int64_t row = 0; row < m; ++row)
          for (int64_t column = 0; column < n; ++column) {
            double sum = 0, magnitude = 0;
            for (int64_t step = 0; step < l; ++step) {
              double term = static_cast<double>(data<float>(a)[row * l + step]) * data<float>(b)[step * n + column];
              sum += term;
              magnitude += std::fabs(term);
            }
            // Each of the l additions rounds by at most half an ulp of the sum of magnitudes.
            ASSERT_NEAR(data<float>(c)[row * n + column], sum, (l + 1) * magnitude * 0x1p-24)
                << arch << " tile " << i << "x" << j << "x" << k << " at " << row << ", " << column;
          }
      }
    }
}
