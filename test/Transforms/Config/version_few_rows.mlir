// RUN: tile-opt %s -pass-pipeline='builtin.module(tile.kernel(tile-version-few-rows{rows=8 column-bytes=1024 least-columns=16 narrow-columns=100 explain}))' -split-input-file -verify-diagnostics | FileCheck %s
// RUN: tile-opt %s -pass-pipeline='builtin.module(tile.kernel(tile-version-few-rows{rows=8 matrix-rows=32 one-register=16 long-bytes=512 explain}))' -split-input-file -verify-diagnostics | FileCheck %s --check-prefix=MATRIX

#a = #tile.param<name = "A", kind = array, type = "bf16", dims = affine_map<()[s0, s1, s2] -> (s0, s1)>>
#b = #tile.param<name = "B", kind = array, type = "bf16", dims = affine_map<()[s0, s1, s2] -> (s1, s2)>>
#c = #tile.param<name = "C", kind = result, type = "f32", dims = affine_map<()[s0, s1, s2] -> (s0, s2)>>
!array = memref<?x?xbf16, strided<[?, 1]>>
!result = memref<?x?xf32, strided<[?, 1]>>

// By matrix registers more rows are few, if the contraction is long.
// MATRIX-LABEL: tile.kernel @product
// MATRIX-DAG:     %[[ROWS:.*]] = memref.dim %A, %c0
// MATRIX-DAG:     %[[DEPTH:.*]] = memref.dim %A, %c1
// MATRIX:         %[[MOST:.*]] = arith.cmpi sle, %[[ROWS]], %c32
// MATRIX:         %[[LONG:.*]] = arith.cmpi sge, %[[DEPTH]], %c256
// MATRIX:         %[[ONE:.*]] = arith.cmpi sle, %[[ROWS]], %c16
// MATRIX:         %[[ANY:.*]] = arith.ori %[[ONE]], %[[LONG]]
// MATRIX:         %[[FEW:.*]] = arith.andi %[[MOST]], %[[ANY]]
// MATRIX:         arith.andi %[[FEW]]
// MATRIX:         scf.if
// MATRIX:           step %c32{{.*}}tile.rows = "few"

// The size along the contraction stays open in both versions. The token of the grid is that of either.
// CHECK-LABEL: tile.kernel @product
// CHECK-DAG:     %[[ROWS:.*]] = memref.dim %A, %c0
// CHECK-DAG:     %[[COLUMNS:.*]] = memref.dim %B, %c1
// CHECK:         %[[FEW:.*]] = arith.cmpi sle, %[[ROWS]], %c8
// CHECK:         %[[WIDE:.*]] = arith.cmpi sge, %[[COLUMNS]], %c16
// CHECK:         %[[BOTH:.*]] = arith.andi %[[FEW]], %[[WIDE]]
// CHECK:         %[[TOKEN:.*]] = scf.if %[[BOTH]] -> (!tile.token) {
// CHECK:           %[[T0:.*]] = tile.grid "grid#0" (%{{.*}} "i" : !tile.range<?> = %c0 to %[[ROWS]] step %c8{{.*}}, %{{.*}} "j" : !tile.range<?> = %c0 to %[[COLUMNS]] step %c512) entry %{{.*}} attributes {tile.rows = "few"}
// CHECK:             tile.size "k" in "loop#0"
// CHECK:             tile.dot
// CHECK:           scf.yield %[[T0]]
// CHECK:         } else {
// CHECK:           %[[T1:.*]] = tile.grid "grid#0" (%{{.*}} step %size_i, {{.*}} step %size_j) entry %{{.*}} attributes {tile.rows = "many"}
// CHECK:             tile.size "k" in "loop#0"
// CHECK:             tile.dot
// CHECK:           scf.yield %[[T1]]
// CHECK:         }
// CHECK:         tile.grid "grid#1" () entry %{{.*}} after (%[[TOKEN]])
tile.kernel @product(%A: !array {tile.param = #a}, %B: !array {tile.param = #b}, %C: !result {tile.param = #c}) attributes {symbols = ["M", "K", "N"]} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %A, %c0 : !array
  %depth = memref.dim %A, %c1 : !array
  %n = memref.dim %B, %c1 : !array
  %si = tile.size "i" in "grid#0"
  %sj = tile.size "j" in "grid#0"
  %t = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %m step %si, %j "j" : !tile.range<?> = %c0 to %n step %sj) entry %e {
    %acc = tile.full %zero(%i, %j) : f32, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %sk = tile.size "k" in "loop#0"
    %k = tile.range %c0 to %depth size %sk "k" : !tile.range<?>
    %l, %t0 = tile.load %A[%i, %k] : !array[!tile.range<?>, !tile.range<?>] -> tensor<?x?xbf16>
    %r, %t1 = tile.load %B[%k, %j] : !array[!tile.range<?>, !tile.range<?>] -> tensor<?x?xbf16>
    %d = tile.dot %l, %r, %acc over %k : tensor<?x?xbf16>, tensor<?x?xbf16>, !tile.range<?> -> tensor<?x?xf32>
    %t2 = tile.store %d, %C[%i, %j] after (%e) : tensor<?x?xf32>, !result[!tile.range<?>, !tile.range<?>]
    tile.yield %t2 : !tile.token
  }
  %t3 = tile.grid "grid#1" () entry %e2 after (%t) {
    %v, %t4 = tile.load %C[%c0, %c0] after (%e2) : !result[index, index] -> f32
    tile.yield %t4 : !tile.token
  }
  tile.return
}

// -----

#a = #tile.param<name = "A", kind = array, type = "f32", dims = affine_map<()[s0, s1] -> (3, s0)>>
#b = #tile.param<name = "B", kind = array, type = "f32", dims = affine_map<()[s0, s1] -> (s0, s1)>>
#c = #tile.param<name = "C", kind = result, type = "f32", dims = affine_map<()[s0, s1] -> (3, s1)>>

// Few rows whose number is known: sizes alone.
// CHECK-LABEL: tile.kernel @known
// CHECK-SAME: config = {"grid#0.i" = 4 : i64, "grid#0.j" = 256 : i64}
// CHECK-NOT: scf.if
tile.kernel @known(%A: memref<3x?xf32> {tile.param = #a}, %B: memref<?x?xf32> {tile.param = #b}, %C: memref<3x?xf32> {tile.param = #c}) attributes {symbols = ["K", "N"]} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %depth = memref.dim %A, %c1 : memref<3x?xf32>
  %n = memref.dim %B, %c1 : memref<?x?xf32>
  %si = tile.size "i" in "grid#0"
  %sj = tile.size "j" in "grid#0"
  %t = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %c3 step %si, %j "j" : !tile.range<?> = %c0 to %n step %sj) entry %e {
    %acc = tile.full %zero(%i, %j) : f32, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %sk = tile.size "k" in "loop#0"
    %k = tile.range %c0 to %depth size %sk "k" : !tile.range<?>
    %l, %t0 = tile.load %A[%i, %k] : memref<3x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %r, %t1 = tile.load %B[%k, %j] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %d = tile.dot %l, %r, %acc over %k : tensor<?x?xf32>, tensor<?x?xf32>, !tile.range<?> -> tensor<?x?xf32>
    %t2 = tile.store %d, %C[%i, %j] : tensor<?x?xf32>, memref<3x?xf32>[!tile.range<?>, !tile.range<?>]
    tile.yield
  }
  tile.return
}

// -----

#x = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0, s0)>>

// CHECK-LABEL: tile.kernel @set
// CHECK-SAME: config = {j = 64 : i64}
// CHECK-NOT: scf.if
tile.kernel @set(%X: memref<?x?xf32> {tile.param = #x}) attributes {symbols = ["N"], config = {j = 64 : i64}} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?x?xf32>
  %si = tile.size "i" in "grid#0"
  %sj = tile.size "j" in "grid#0"
  %t = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %n step %si, %j "j" : !tile.range<?> = %c0 to %n step %sj) entry %e {
    %acc = tile.full %zero(%i, %j) : f32, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %sk = tile.size "k" in "loop#0"
    %k = tile.range %c0 to %n size %sk "k" : !tile.range<?>
    %l, %t0 = tile.load %X[%i, %k] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %r, %t1 = tile.load %X[%k, %j] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    // expected-remark @below {{the product has no version for few rows: its columns have a size in the config}}
    %d = tile.dot %l, %r, %acc over %k : tensor<?x?xf32>, tensor<?x?xf32>, !tile.range<?> -> tensor<?x?xf32>
    tile.yield
  }
  tile.return
}

// -----

#x = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0, s0)>>

// CHECK-LABEL: tile.kernel @transposed
// CHECK-NOT: scf.if
tile.kernel @transposed(%X: memref<?x?xf32> {tile.param = #x}) attributes {symbols = ["N"]} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?x?xf32>
  %si = tile.size "i" in "grid#0"
  %sj = tile.size "j" in "grid#0"
  %t = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %n step %si, %j "j" : !tile.range<?> = %c0 to %n step %sj) entry %e {
    %acc = tile.full %zero(%i, %j) : f32, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %sk = tile.size "k" in "loop#0"
    %k = tile.range %c0 to %n size %sk "k" : !tile.range<?>
    %l, %t0 = tile.load %X[%i, %k] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %r, %t1 = tile.load %X[%j, %k] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %p = tile.permute %r [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
    // expected-remark @below {{the product has no version for few rows: its right operand is not read along rows}}
    %d = tile.dot %l, %p, %acc over %k : tensor<?x?xf32>, tensor<?x?xf32>, !tile.range<?> -> tensor<?x?xf32>
    tile.yield
  }
  tile.return
}

// -----

#x = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0, s0)>>

// A sum of the columns of a tile depends on how many there are.
// CHECK-LABEL: tile.kernel @reduced
// CHECK-NOT: scf.if
tile.kernel @reduced(%X: memref<?x?xf32> {tile.param = #x}) attributes {symbols = ["N"]} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?x?xf32>
  %si = tile.size "i" in "grid#0"
  %sj = tile.size "j" in "grid#0"
  %t = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %n step %si, %j "j" : !tile.range<?> = %c0 to %n step %sj) entry %e {
    %acc = tile.full %zero(%i, %j) : f32, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %sk = tile.size "k" in "loop#0"
    %k = tile.range %c0 to %n size %sk "k" : !tile.range<?>
    %l, %t0 = tile.load %X[%i, %k] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %r, %t1 = tile.load %X[%k, %j] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    // expected-remark @below {{the product has no version for few rows: its columns are not only loaded, multiplied and stored}}
    %d = tile.dot %l, %r, %acc over %k : tensor<?x?xf32>, tensor<?x?xf32>, !tile.range<?> -> tensor<?x?xf32>
    %x = tile.extent %j : !tile.range<?>
    tile.yield
  }
  tile.return
}

// -----

#x = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0, s0)>>

// CHECK-LABEL: tile.kernel @two
// CHECK-NOT: scf.if
tile.kernel @two(%X: memref<?x?xf32> {tile.param = #x}) attributes {symbols = ["N"]} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?x?xf32>
  %si = tile.size "i" in "grid#0"
  %sj = tile.size "j" in "grid#0"
  %t = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %n step %si, %j "j" : !tile.range<?> = %c0 to %n step %sj) entry %e {
    %acc = tile.full %zero(%i, %j) : f32, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %sk = tile.size "k" in "loop#0"
    %k = tile.range %c0 to %n size %sk "k" : !tile.range<?>
    %l, %t0 = tile.load %X[%i, %k] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %r, %t1 = tile.load %X[%k, %j] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    // expected-remark @below {{the product has no version for few rows: the kernel has several products}}
    %d = tile.dot %l, %r, %acc over %k : tensor<?x?xf32>, tensor<?x?xf32>, !tile.range<?> -> tensor<?x?xf32>
    %d2 = tile.dot %l, %r, %d over %k : tensor<?x?xf32>, tensor<?x?xf32>, !tile.range<?> -> tensor<?x?xf32>
    tile.yield
  }
  tile.return
}
