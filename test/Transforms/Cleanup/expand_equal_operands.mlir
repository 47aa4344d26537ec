// RUN: tile-opt %s -tile-expand-equal-operands | FileCheck %s

// What has an unknown dim names its range; the pass leaves the rest to folding.
// CHECK-LABEL: tile.kernel @equal
tile.kernel @equal(%X: memref<?xi32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = array, type = "i32", dims = affine_map<()[s0] -> (s0)>>},
                   %Y: memref<?xi32, strided<[1]>> {tile.param = #tile.param<name = "Y", kind = result, type = "i32", dims = affine_map<()[s0] -> (s0)>>})
    attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %N = memref.dim %X, %c0 : memref<?xi32, strided<[1]>>
  %si = tile.size "i" in "grid#0"
  // CHECK: tile.grid "grid#0" (%[[I:.*]] "i" : !tile.range<?>
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %N step %si) entry %e {
    %x, %t = tile.load %X[%i] : memref<?xi32, strided<[1]>>[!tile.range<?>] -> tensor<?xi32>
    // CHECK: %[[ZERO:.*]] = arith.constant 0 : i32
    // CHECK: tile.full %[[ZERO]](%[[I]]) : i32, (!tile.range<?>) -> tensor<?xi32>
    %zero = arith.xori %x, %x : tensor<?xi32>
    // CHECK: %[[FALSE:.*]] = arith.constant false
    // CHECK: tile.full %[[FALSE]](%[[I]]) : i1, (!tile.range<?>) -> tensor<?xi1>
    %less = arith.cmpi slt, %x, %x : tensor<?xi32>
    // CHECK: %[[TRUE:.*]] = arith.constant true
    // CHECK: tile.full %[[TRUE]](%[[I]]) : i1, (!tile.range<?>) -> tensor<?xi1>
    %equal = arith.cmpi ule, %x, %x : tensor<?xi32>
    // CHECK: arith.xori
    %other = arith.xori %x, %zero : tensor<?xi32>
    %both = arith.andi %less, %equal : tensor<?xi1>
    %r = arith.select %both, %zero, %other : tensor<?xi1>, tensor<?xi32>
    %s = tile.store %r, %Y[%i] after (%e) : tensor<?xi32>, memref<?xi32, strided<[1]>>[!tile.range<?>]
    tile.yield %s : !tile.token
  }
  tile.return
}
