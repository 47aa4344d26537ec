// RUN: tile-opt %s --check-to-tile -split-input-file -verify-diagnostics | FileCheck %s

// A scalar is compared by its bits, and any NaN with any other.
// CHECK-LABEL: tile.kernel @scalar
// CHECK: arith.bitcast %{{.*}} : f32 to i32
// CHECK: arith.cmpf uno
// CHECK: scf.if %[[FAILED:.*]] {
// CHECK:   tile.print "'check.expect_eq': the value is {}, expected {}"
// CHECK: }
// CHECK: %[[HOLDS:.*]] = arith.xori %[[FAILED]], %{{.*}} : i1
// CHECK: tile.assert %[[HOLDS]], "check.expect_eq" : i1
// CHECK-NOT: check.
tile.kernel @scalar() {
  %x = arith.constant 1.0 : f32
  check.expect_eq %x, %x : f32
  tile.return
}

// -----

// The first bad position of a tile, inside the ranges only.
// CHECK-LABEL: tile.kernel @tile
// CHECK: %[[FIRST:.*]] = tile.reduce commutative(%{{.*}}) axes [0] over(%[[RANGE:.*]]) init(%[[NONE:.*]]) :
// CHECK:   arith.minsi
// CHECK: arith.cmpi ne, %[[FIRST]], %[[NONE]] : i32
// CHECK: scf.if
// CHECK:   tile.element %{{.*}} axis 0 at %{{.*}} over %[[RANGE]]
// CHECK:   tile.print "'check.expect_true': element [{}] is {}, expected {}"
tile.kernel @tile() {
  %c0 = arith.constant 0 : index
  %n = tile.size "n" in "loop#0"
  %i = tile.range %c0 to %n size %n : !tile.range<?>
  %x = tile.iota %i : !tile.range<?> -> tensor<?xi32>
  %same = arith.cmpi eq, %x, %x : tensor<?xi32>
  check.expect_true %same over (%i : !tile.range<?>) : tensor<?xi1>
  tile.return
}

// -----

tile.kernel @dims_are_not_known() {
  %c0 = arith.constant 0 : index
  %n = tile.size "n" in "loop#0"
  %i = tile.range %c0 to %n size %n : !tile.range<?>
  %x = tile.iota %i : !tile.range<?> -> tensor<?xi32>
  // expected-error @below {{the dims of 'tensor<?xi32>' must be known before the lowering (tile-bind-config)}}
  check.expect_eq_const %x, dense<[0, 1]> : tensor<2xi32> over (%i : !tile.range<?>) : tensor<?xi32>
  tile.return
}
