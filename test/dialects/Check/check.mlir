// RUN: tile-opt %s | tile-opt | FileCheck %s

// CHECK-LABEL: tile.kernel @expect_true
tile.kernel @expect_true() {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %i = tile.range %c0 to %c3 size %c4 "i" : !tile.range<4>
  %true = arith.constant true
  %all = arith.constant dense<true> : tensor<4xi1>
  // CHECK: check.expect_true %{{.*}} : i1
  check.expect_true %true : i1
  // CHECK: check.expect_true %{{.*}} over(%i : !tile.range<4>) : tensor<4xi1>
  check.expect_true %all over (%i : !tile.range<4>) : tensor<4xi1>
  tile.return
}

// CHECK-LABEL: tile.kernel @expect_eq
tile.kernel @expect_eq() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 "i" : !tile.range<2>
  %x = arith.constant dense<1.0> : tensor<2x2xbf16>
  // CHECK: check.expect_eq %{{.*}}, %{{.*}} : index
  check.expect_eq %c0, %c0 : index
  // CHECK: check.expect_eq %{{.*}}, %{{.*}} over(%i, %i : !tile.range<2>, !tile.range<2>) : tensor<2x2xbf16>
  check.expect_eq %x, %x over (%i, %i : !tile.range<2>, !tile.range<2>) : tensor<2x2xbf16>
  // CHECK: check.expect_eq_const %{{.*}}, 2 : index : index
  check.expect_eq_const %c2, 2 : index : index
  // CHECK: check.expect_eq_const %{{.*}}, dense<1.000000e+00> : tensor<2x1xbf16> over(%i, %i : !tile.range<2>, !tile.range<2>) : tensor<2x2xbf16>
  check.expect_eq_const %x, dense<1.0> : tensor<2x1xbf16> over (%i, %i : !tile.range<2>, !tile.range<2>) : tensor<2x2xbf16>
  tile.return
}

// CHECK-LABEL: tile.kernel @expect_almost_eq
tile.kernel @expect_almost_eq() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 "i" : !tile.range<2>
  %x = arith.constant dense<1.0> : tensor<2xf32>
  %y = arith.constant 1.0 : f16
  // CHECK: check.expect_almost_eq %{{.*}}, %{{.*}} ulp 4 : f16
  check.expect_almost_eq %y, %y ulp 4 : f16
  // CHECK: check.expect_almost_eq %{{.*}}, %{{.*}} abs 1.000000e-03 rel 1.000000e-02 over(%i : !tile.range<2>) : tensor<2xf32>
  check.expect_almost_eq %x, %x abs 0.001 rel 0.01 over (%i : !tile.range<2>) : tensor<2xf32>
  // CHECK: check.expect_almost_eq_const %{{.*}}, dense<1.000000e+00> : tensor<2xf32> ulp 1 over(%i : !tile.range<2>) : tensor<2xf32>
  check.expect_almost_eq_const %x, dense<1.0> : tensor<2xf32> ulp 1 over (%i : !tile.range<2>) : tensor<2xf32>
  // CHECK: check.expect_almost_eq_const %{{.*}}, 1.000000e+00 : f16 abs 0.000000e+00 : f16
  check.expect_almost_eq_const %y, 1.0 : f16 abs 0.0 : f16
  tile.return
}
