// RUN: tile-opt %s -tile-cleanup | FileCheck %s

// What folds to one value in unknown dims names their ranges; no guard is left.
// CHECK-LABEL: tile.kernel @equal
// CHECK-NOT: unrealized_conversion_cast
tile.kernel @equal(%X: memref<?xi32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = array, type = "i32", dims = affine_map<()[s0] -> (s0)>>},
                   %Y: memref<?xi32, strided<[1]>> {tile.param = #tile.param<name = "Y", kind = result, type = "i32", dims = affine_map<()[s0] -> (s0)>>})
    attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %N = memref.dim %X, %c0 : memref<?xi32, strided<[1]>>
  %c3 = arith.constant 3 : i32
  %flag = arith.cmpi eq, %N, %c0 : index
  %si = tile.size "i" in "grid#0"
  // CHECK: tile.grid "grid#0" (%[[I:.*]] "i" : !tile.range<?>
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %N step %si) entry %e {
    // CHECK: %[[X:.*]], %{{.*}} = tile.load
    %x, %t = tile.load %X[%i] : memref<?xi32, strided<[1]>>[!tile.range<?>] -> tensor<?xi32>
    // CHECK-DAG: %[[ZERO:.*]] = tile.full %c0_i32(%[[I]]) : i32, (!tile.range<?>) -> tensor<?xi32>
    %zero = arith.xori %x, %x : tensor<?xi32>
    // Equal only once the selection has folded.
    // CHECK-DAG: %[[FALSE:.*]] = tile.full %false(%[[I]]) : i1, (!tile.range<?>) -> tensor<?xi1>
    %same = arith.select %flag, %x, %x : tensor<?xi32>
    %less = arith.cmpi slt, %x, %same : tensor<?xi32>
    // What does not fold stays.
    // CHECK: %[[OTHER:.*]] = arith.xori %[[X]], %{{.*}} : tensor<?xi32>
    %three = tile.full %c3(%i) : i32, (!tile.range<?>) -> tensor<?xi32>
    %other = arith.xori %x, %three : tensor<?xi32>
    // CHECK: %[[R:.*]] = arith.select %[[FALSE]], %[[ZERO]], %[[OTHER]]
    %r = arith.select %less, %zero, %other : tensor<?xi1>, tensor<?xi32>
    // CHECK: tile.store %[[R]]
    %s = tile.store %r, %Y[%i] after (%e) : tensor<?xi32>, memref<?xi32, strided<[1]>>[!tile.range<?>]
    tile.yield %s : !tile.token
  }
  tile.return
}
