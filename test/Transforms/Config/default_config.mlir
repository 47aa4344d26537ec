// RUN: tile-opt %s -pass-pipeline='builtin.module(tile.kernel(tile-default-config{dot-rows=1 dot-columns=2 dot-depth=3 innermost=4 sequential=7 only=5 outer=6 rows=20}))' | FileCheck %s

#x = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0, s0)>>
#v = #tile.param<name = "V", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>

// A dot's rows, columns and depth.
// CHECK-LABEL: tile.kernel @dot
// CHECK-SAME: config = {"grid#0.i" = 1 : i64, "grid#0.j" = 2 : i64, "loop#0.k" = 3 : i64}
tile.kernel @dot(%X: memref<?x?xf32> {tile.param = #x}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?x?xf32>
  %i = tile.size "i" in "grid#0"
  %j = tile.size "j" in "grid#0"
  %t = tile.grid "grid#0" (%a "i" : !tile.range<?> = %c0 to %n step %i, %b "j" : !tile.range<?> = %c0 to %n step %j) entry %e {
    %zero = arith.constant 0.0 : f32
    %acc = tile.full %zero(%a, %b) : f32, (!tile.range<?>, !tile.range<?>) -> tensor<?x?xf32>
    %s = tile.size "k" in "loop#0"
    %k = tile.range %c0 to %n size %s "k" : !tile.range<?>
    %l, %t0 = tile.load %X[%a, %k] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %r, %t1 = tile.load %X[%k, %b] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %d = tile.dot %l, %r, %acc over %k : tensor<?x?xf32>, tensor<?x?xf32>, !tile.range<?> -> tensor<?x?xf32>
    tile.yield
  }
  tile.return
}

// An innermost dim beside an outer one; what the config has already stays.
// CHECK-LABEL: tile.kernel @map
// CHECK-SAME: config = {"grid#0.j" = 7 : i64, i = 64 : i64}
tile.kernel @map(%X: memref<?x?xf32> {tile.param = #x}) attributes {symbols = ["N"], config = {i = 64}} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?x?xf32>
  %i = tile.size "i" in "grid#0"
  %j = tile.size "j" in "grid#0"
  %t = tile.grid "grid#0" (%a "i" : !tile.range<?> = %c0 to %n step %i, %b "j" : !tile.range<?> = %c0 to %n step %j) entry %e {
    %l, %t0 = tile.load %X[%a, %b] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    tile.yield
  }
  tile.return
}

// Dims each of which is the innermost one of some access, and not of another.
// CHECK-LABEL: tile.kernel @transpose
// CHECK-SAME: config = {"grid#0.i" = 4 : i64, "grid#0.j" = 4 : i64}
tile.kernel @transpose(%X: memref<?x?xf32> {tile.param = #x}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?x?xf32>
  %i = tile.size "i" in "grid#0"
  %j = tile.size "j" in "grid#0"
  %t = tile.grid "grid#0" (%a "i" : !tile.range<?> = %c0 to %n step %i, %b "j" : !tile.range<?> = %c0 to %n step %j) entry %e {
    %l, %t0 = tile.load %X[%a, %b] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %r, %t1 = tile.load %X[%b, %a] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    tile.yield
  }
  tile.return
}

// The only dim, and one that no tile has.
// CHECK-LABEL: tile.kernel @vector
// CHECK-SAME: config = {"grid#0.i" = 5 : i64, "grid#1.i" = 6 : i64}
tile.kernel @vector(%V: memref<?xf32> {tile.param = #v}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %V, %c0 : memref<?xf32>
  %i = tile.size "i" in "grid#0"
  %t = tile.grid "grid#0" (%a "i" : !tile.range<?> = %c0 to %n step %i) entry %e {
    %l, %t0 = tile.load %V[%a] : memref<?xf32>[!tile.range<?>] -> tensor<?xf32>
    tile.yield
  }
  %i1 = tile.size "i" in "grid#1"
  %t1 = tile.grid "grid#1" (%a "i" : !tile.range<?> = %c0 to %n step %i1) entry %e {
    tile.yield
  }
  tile.return
}

// Rows that reductions go along: as many as have 20 elements together; the dim behind them is as if alone, and a dim that only
// columns are reduced along is not.
// CHECK-LABEL: tile.kernel @rows
// CHECK-SAME: config = {"grid#0.i" = 4 : i64, "grid#1.i" = 1 : i64, "grid#1.j" = 5 : i64, "grid#2.i" = 6 : i64, "grid#2.j" = 7 : i64}
#y = #tile.param<name = "Y", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0, 5)>>
tile.kernel @rows(%X: memref<?x?xf32> {tile.param = #x}, %Y: memref<?x5xf32> {tile.param = #y}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %zero = arith.constant 0.0 : f32
  %n = memref.dim %X, %c0 : memref<?x?xf32>
  %all = tile.range %c0 to %c5 size %c5 : !tile.range<5>
  %i0 = tile.size "i" in "grid#0"
  %t0 = tile.grid "grid#0" (%a "i" : !tile.range<?> = %c0 to %n step %i0) entry %e {
    %x, %t = tile.load %Y[%a, %all] : memref<?x5xf32>[!tile.range<?>, !tile.range<5>] -> tensor<?x5xf32>
    %s = tile.reduce commutative(%x) axes [1] over(%all) init(%zero) : (tensor<?x5xf32>), (!tile.range<5>), (f32) -> tensor<?xf32> {
    ^bb0(%l: f32, %r: f32):
      %sum = arith.addf %l, %r : f32
      tile.yield %sum : f32
    }
    tile.yield
  }
  %i1 = tile.size "i" in "grid#1"
  %j1 = tile.size "j" in "grid#1"
  %t1 = tile.grid "grid#1" (%a "i" : !tile.range<?> = %c0 to %n step %i1, %b "j" : !tile.range<?> = %c0 to %n step %j1) entry %e {
    %x, %t = tile.load %X[%a, %b] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %s = tile.reduce commutative(%x) axes [1] over(%b) init(%zero) : (tensor<?x?xf32>), (!tile.range<?>), (f32) -> tensor<?xf32> {
    ^bb0(%l: f32, %r: f32):
      %sum = arith.addf %l, %r : f32
      tile.yield %sum : f32
    }
    tile.yield
  }
  %i2 = tile.size "i" in "grid#2"
  %j2 = tile.size "j" in "grid#2"
  %t2 = tile.grid "grid#2" (%a "i" : !tile.range<?> = %c0 to %n step %i2, %b "j" : !tile.range<?> = %c0 to %n step %j2) entry %e {
    %x, %t = tile.load %X[%a, %b] : memref<?x?xf32>[!tile.range<?>, !tile.range<?>] -> tensor<?x?xf32>
    %s = tile.reduce commutative(%x) axes [0] over(%a) init(%zero) : (tensor<?x?xf32>), (!tile.range<?>), (f32) -> tensor<?xf32> {
    ^bb0(%l: f32, %r: f32):
      %sum = arith.addf %l, %r : f32
      tile.yield %sum : f32
    }
    tile.yield
  }
  tile.return
}
