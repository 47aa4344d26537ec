//===- KernelTest.cpp - whole kernels against direct formulas ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Kernels as the front end writes them (matmul, softmax, attention), on ragged extents and several tile sizes, compared
/// with loops over the whole arrays.
//
//===----------------------------------------------------------------------===//
#include "KernelRun.h"

#include <cmath>
#include <random>

using namespace tilec;
using namespace tilec::test;

static const char *const kMatmul = R"mlir(
tile.kernel @matmul(%A: memref<?x?xf16, strided<[?, 1]>> {tile.param = #tile.param<name = "A", kind = array, type = "f16", dims = affine_map<()[s0, s1, s2] -> (s0, s1)>>},
                    %B: memref<?x?xf16, strided<[?, 1]>> {tile.param = #tile.param<name = "B", kind = array, type = "f16", dims = affine_map<()[s0, s1, s2] -> (s1, s2)>>},
                    %C: memref<?x?xf32, strided<[?, 1]>> {tile.param = #tile.param<name = "C", kind = result, type = "f32", dims = affine_map<()[s0, s1, s2] -> (s0, s2)>>}) attributes {symbols = ["M", "K", "N"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %M = memref.dim %A, %c0 : memref<?x?xf16, strided<[?, 1]>>
  %K = memref.dim %A, %c1 : memref<?x?xf16, strided<[?, 1]>>
  %N = memref.dim %B, %c1 : memref<?x?xf16, strided<[?, 1]>>
  %si = tile.size "i" in "grid#0"
  %sj = tile.size "j" in "grid#0"
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %M step %si, %j "j" : !tile.range<?> = %c0 to %N step %sj) entry %e {
    %zero = arith.constant 0.0 : f32
    %acc0 = tile.full %zero(%i, %j) : f32, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %sk = tile.size "k" in "loop#0"
    %acc = scf.for %kb = %c0 to %K step %sk iter_args(%a = %acc0) -> (tensor<?x?xf32>) {
      %k = tile.range %kb to %K size %sk "k" : !tile.range<?>
      %x, %t0 = tile.load %A[%i, %k] : memref<?x?xf16, strided<[?, 1]>>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf16>
      %y, %t1 = tile.load %B[%k, %j] : memref<?x?xf16, strided<[?, 1]>>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf16>
      %n = tile.dot %x, %y, %a over %k : tensor<?x?xf16>, tensor<?x?xf16>, !tile.range<?> -> tensor<?x?xf32>
      scf.yield %n : tensor<?x?xf32>
    }
    %t2 = tile.store %acc, %C[%i, %j] after (%e) : tensor<?x?xf32>, memref<?x?xf32, strided<[?, 1]>>[!tile.range<?>, !tile.range<?>]
    tile.yield %t2 : !tile.token
  }
  tile.return
}
)mlir";

/// Small integers, whose products and sums are exact in f16 and f32.
static Tensor<_Float16> smallIntegers(std::vector<int64_t> shape, unsigned seed) {
  std::mt19937 random(seed);
  Tensor<_Float16> tensor(shape);
  for (_Float16 &element : tensor.elements)
    element = static_cast<float>(static_cast<int>(random() % 17) - 8);
  return tensor;
}

static void checkMatmul(int64_t m, int64_t k, int64_t n, const llvm::StringMap<int64_t> &config) {
  Tensor<_Float16> a = smallIntegers({m, k}, 1), b = smallIntegers({k, n}, 2);
  Tensor<float> c({m, n}, -1.0f);
  InterpreterOptions options;
  options.config = config;
  Outcome outcome = Program(kMatmul).run({a, b, c}, options);
  ASSERT_EQ(outcome.message(), "");
  for (int64_t i = 0; i != m; ++i)
    for (int64_t j = 0; j != n; ++j) {
      int expected = 0;
      for (int64_t l = 0; l != k; ++l)
        expected += static_cast<int>(a[i * k + l]) * static_cast<int>(b[l * n + j]);
      ASSERT_EQ(c[i * n + j], static_cast<float>(expected)) << i << ", " << j;
    }
}

TEST(KernelTest, matmulOfRaggedExtents) {
  checkMatmul(33, 17, 50, {{"i", 16}, {"j", 8}, {"k", 5}});
  checkMatmul(7, 1, 3, {{"grid#0.i", 64}, {"matmul.j", 2}});
  checkMatmul(16, 16, 16, {});
}

TEST(KernelTest, matmulOfNothingIsZero) {
  checkMatmul(5, 0, 4, {});
  checkMatmul(0, 3, 4, {});
}

static const char *const kSoftmax = R"mlir(
tile.kernel @row_softmax(%X: memref<?x?xf32, strided<[?, 1]>> {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0, s1] -> (s0, s1)>>},
                         %Y: memref<?x?xf32, strided<[?, 1]>> {tile.param = #tile.param<name = "Y", kind = result, type = "f32", dims = affine_map<()[s0, s1] -> (s0, s1)>>}) attributes {symbols = ["M", "N"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %M = memref.dim %X, %c0 : memref<?x?xf32, strided<[?, 1]>>
  %N = memref.dim %X, %c1 : memref<?x?xf32, strided<[?, 1]>>
  %n = tile.range %c0 to %N size %N : !tile.range<?>
  %si = tile.size "i" in "grid#0"
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %M step %si) entry %e {
    %x, %t0 = tile.load %X[%i, %n] : memref<?x?xf32, strided<[?, 1]>>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %low = arith.constant 0xFF800000 : f32
    %m = tile.reduce commutative (%x) axes [1] over (%n) init (%low) : (tensor<?x?xf32>), (!tile.range<?>), (f32) -> tensor<?xf32> {
    ^bb0(%l: f32, %r: f32):
      %c = arith.maximumf %l, %r : f32
      tile.yield %c : f32
    }
    %mk = tile.expand_dims %m at 1 : tensor<?xf32> -> tensor<?x1xf32>
    %mb = tile.broadcast %mk to (%i, %n) : tensor<?x1xf32>, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %d = arith.subf %x, %mb : tensor<?x?xf32>
    %ex = math.exp %d : tensor<?x?xf32>
    %zero = arith.constant 0.0 : f32
    %s = tile.reduce commutative (%ex) axes [1] over (%n) init (%zero) : (tensor<?x?xf32>), (!tile.range<?>), (f32) -> tensor<?xf32> {
    ^bb0(%l: f32, %r: f32):
      %c = arith.addf %l, %r : f32
      tile.yield %c : f32
    }
    %sk = tile.expand_dims %s at 1 : tensor<?xf32> -> tensor<?x1xf32>
    %sb = tile.broadcast %sk to (%i, %n) : tensor<?x1xf32>, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %y = arith.divf %ex, %sb : tensor<?x?xf32>
    %t1 = tile.store %y, %Y[%i, %n] after (%e) : tensor<?x?xf32>, memref<?x?xf32, strided<[?, 1]>>[!tile.range<?>, !tile.range<?>]
    tile.yield %t1 : !tile.token
  }
  tile.return
}
)mlir";

static Tensor<float> randomFloats(std::vector<int64_t> shape, unsigned seed) {
  std::mt19937 random(seed);
  Tensor<float> tensor(shape);
  for (float &element : tensor.elements)
    element = std::ldexp(static_cast<float>(static_cast<int>(random() % 4097) - 2048), -10);
  return tensor;
}

/// The interpreter's own recurrence, in f32: one exp, one sum in ascending order, one quotient.
TEST(KernelTest, rowSoftmax) {
  int64_t rows = 37, columns = 29;
  Tensor<float> x = randomFloats({rows, columns}, 3), y({rows, columns});
  Outcome outcome = Program(kSoftmax).run({x, y});
  ASSERT_EQ(outcome.message(), "");
  for (int64_t i = 0; i != rows; ++i) {
    float *row = &x[i * columns], largest = *std::max_element(row, row + columns), sum = 0;
    for (int64_t j = 0; j != columns; ++j)
      sum += static_cast<float>(std::exp(static_cast<double>(row[j] - largest)));
    for (int64_t j = 0; j != columns; ++j)
      ASSERT_EQ(y[i * columns + j], static_cast<float>(std::exp(static_cast<double>(row[j] - largest))) / sum);
  }
}

static const char *const kAttention = R"mlir(
!a3 = memref<?x?x?xf32, strided<[?, ?, 1]>>
!r = !tile.range<?>
tile.kernel @attention(%Q: !a3 {tile.param = #tile.param<name = "Q", kind = array, type = "f32", dims = affine_map<()[s0, s1, s2, s3] -> (s0, s1, s3)>>},
                       %K: !a3 {tile.param = #tile.param<name = "K", kind = array, type = "f32", dims = affine_map<()[s0, s1, s2, s3] -> (s0, s2, s3)>>},
                       %V: !a3 {tile.param = #tile.param<name = "V", kind = array, type = "f32", dims = affine_map<()[s0, s1, s2, s3] -> (s0, s2, s3)>>},
                       %scale: f32 {tile.param = #tile.param<name = "scale", kind = scalar, type = "f32", dims = affine_map<() -> ()>>},
                       %O: !a3 {tile.param = #tile.param<name = "O", kind = result, type = "f32", dims = affine_map<()[s0, s1, s2, s3] -> (s0, s1, s3)>>}) attributes {symbols = ["H", "T", "S", "D"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %H = memref.dim %Q, %c0 : !a3
  %T = memref.dim %Q, %c1 : !a3
  %D = memref.dim %Q, %c2 : !a3
  %S = memref.dim %K, %c1 : !a3
  %d = tile.range %c0 to %D size %D : !r
  %st = tile.size "t" in "grid#0"
  %g = tile.grid "grid#0" (%h "h" : !tile.range<1> = %c0 to %H step %c1, %t "t" : !r = %c0 to %T step %st) entry %e {
    %hb = tile.begin %h : !tile.range<1>
    %q, %t0 = tile.load %Q[%hb, %t, %d] : !a3[index, !r, !r] -> tensor<?x?xf32>
    %low = arith.constant 0xFF800000 : f32
    %zero = arith.constant 0.0 : f32
    %m0 = tile.full %low(%t) : f32, (!r) -> tensor<?xf32>
    %l0 = tile.full %zero(%t) : f32, (!r) -> tensor<?xf32>
    %o0 = tile.full %zero(%t, %d) : f32, (!r, !r) -> tensor<?x?xf32>
    %ss = tile.size "s" in "loop#0"
    %rm, %rl, %ro = scf.for %sb = %c0 to %S step %ss iter_args(%m = %m0, %l = %l0, %o = %o0) -> (tensor<?xf32>, tensor<?xf32>, tensor<?x?xf32>) {
      %s = tile.range %sb to %S size %ss "s" : !r
      %k, %t1 = tile.load %K[%hb, %s, %d] : !a3[index, !r, !r] -> tensor<?x?xf32>
      %kt = tile.permute %k [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
      %pz = tile.full %zero(%t, %s) : f32, (!r, !r) -> tensor<?x?xf32>
      %qk = tile.dot %q, %kt, %pz over %d : tensor<?x?xf32>, tensor<?x?xf32>, !r -> tensor<?x?xf32>
      %sc = tile.full %scale(%t, %s) : f32, (!r, !r) -> tensor<?x?xf32>
      %p0 = arith.mulf %qk, %sc : tensor<?x?xf32>
      %ti = tile.iota %t : !r -> tensor<?xi32>
      %tk = tile.expand_dims %ti at 1 : tensor<?xi32> -> tensor<?x1xi32>
      %tb = tile.broadcast %tk to (%t, %s) : tensor<?x1xi32>, (!r, !r) -> tensor<?x?xi32>
      %si = tile.iota %s : !r -> tensor<?xi32>
      %sbr = tile.broadcast %si to (%t, %s) : tensor<?xi32>, (!r, !r) -> tensor<?x?xi32>
      %ge = arith.cmpi sge, %tb, %sbr : tensor<?x?xi32>
      %lows = tile.full %low(%t, %s) : f32, (!r, !r) -> tensor<?x?xf32>
      %p = arith.select %ge, %p0, %lows : tensor<?x?xi1>, tensor<?x?xf32>
      %pm = tile.reduce commutative (%p) axes [1] over (%s) init (%low) : (tensor<?x?xf32>), (!r), (f32) -> tensor<?xf32> {
      ^bb0(%x: f32, %y: f32):
        %c = arith.maximumf %x, %y : f32
        tile.yield %c : f32
      }
      %m2 = arith.maximumf %m, %pm : tensor<?xf32>
      %mk = tile.expand_dims %m2 at 1 : tensor<?xf32> -> tensor<?x1xf32>
      %mb = tile.broadcast %mk to (%t, %s) : tensor<?x1xf32>, (!r, !r) -> tensor<?x?xf32>
      %pd = arith.subf %p, %mb : tensor<?x?xf32>
      %ex = math.exp %pd : tensor<?x?xf32>
      %md = arith.subf %m, %m2 : tensor<?xf32>
      %c = math.exp %md : tensor<?xf32>
      %sum = tile.reduce commutative (%ex) axes [1] over (%s) init (%zero) : (tensor<?x?xf32>), (!r), (f32) -> tensor<?xf32> {
      ^bb0(%x: f32, %y: f32):
        %a = arith.addf %x, %y : f32
        tile.yield %a : f32
      }
      %lc = arith.mulf %l, %c : tensor<?xf32>
      %l2 = arith.addf %lc, %sum : tensor<?xf32>
      %ck = tile.expand_dims %c at 1 : tensor<?xf32> -> tensor<?x1xf32>
      %cb = tile.broadcast %ck to (%t, %d) : tensor<?x1xf32>, (!r, !r) -> tensor<?x?xf32>
      %oc = arith.mulf %o, %cb : tensor<?x?xf32>
      %v, %t2 = tile.load %V[%hb, %s, %d] : !a3[index, !r, !r] -> tensor<?x?xf32>
      %o2 = tile.dot %ex, %v, %oc over %s : tensor<?x?xf32>, tensor<?x?xf32>, !r -> tensor<?x?xf32>
      scf.yield %m2, %l2, %o2 : tensor<?xf32>, tensor<?xf32>, tensor<?x?xf32>
    }
    %lk = tile.expand_dims %rl at 1 : tensor<?xf32> -> tensor<?x1xf32>
    %lb = tile.broadcast %lk to (%t, %d) : tensor<?x1xf32>, (!r, !r) -> tensor<?x?xf32>
    %out = arith.divf %ro, %lb : tensor<?x?xf32>
    %t3 = tile.store %out, %O[%hb, %t, %d] after (%e) : tensor<?x?xf32>, !a3[index, !r, !r]
    tile.yield %t3 : !tile.token
  }
  tile.return
}
)mlir";

/// Causal attention in double, row by row.
static double attend(Tensor<float> &q, Tensor<float> &k, Tensor<float> &v, double scale, int64_t h, int64_t t, int64_t d) {
  int64_t depth = q.extents[2], keys = k.extents[1];
  double sum = 0, weighted = 0;
  for (int64_t s = 0; s != std::min(keys, t + 1); ++s) {
    double score = 0;
    for (int64_t l = 0; l != depth; ++l)
      score += static_cast<double>(q[(h * q.extents[1] + t) * depth + l]) * k[(h * keys + s) * depth + l];
    sum += std::exp(score * scale);
    weighted += std::exp(score * scale) * v[(h * keys + s) * depth + d];
  }
  return weighted / sum;
}

TEST(KernelTest, causalAttention) {
  int64_t heads = 2, rows = 21, keys = 21, depth = 6;
  Tensor<float> q = randomFloats({heads, rows, depth}, 4), k = randomFloats({heads, keys, depth}, 5);
  Tensor<float> v = randomFloats({heads, keys, depth}, 6), o({heads, rows, depth});
  float scale = 0.5f;
  uint32_t bits = llvm::bit_cast<uint32_t>(scale);
  InterpreterOptions options;
  options.config = {{"t", 8}, {"s", 5}};
  Outcome outcome = Program(kAttention).run({q, k, v, InterpreterArgument::scalar(bits), o}, options);
  ASSERT_EQ(outcome.message(), "");
  // Scores are below 2^5 in magnitude, so their f32 error is below depth * 2^-24 * 2^5, which exp turns into a relative
  // one; sums of up to `keys` weights and the rescaling add (keys + 8) roundings. Outputs are at most 2 in magnitude.
  double bound = 2 * 2 * (depth * 32 + keys + 8) * std::ldexp(1.0, -24);
  for (int64_t h = 0; h != heads; ++h)
    for (int64_t t = 0; t != rows; ++t)
      for (int64_t d = 0; d != depth; ++d)
        ASSERT_NEAR(o[(h * rows + t) * depth + d], attend(q, k, v, scale, h, t, d), bound);
}
