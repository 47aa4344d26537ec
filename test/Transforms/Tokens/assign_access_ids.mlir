// RUN: tile-opt %s -tile-assign-access-ids | FileCheck %s

// Ids count through the module; an access that has some keeps them, and they are given to no other.
// CHECK-LABEL: tile.kernel @first
// CHECK: tile.load {{.*}}{tile.access = array<i64: 6>}
// CHECK: tile.store {{.*}}{tile.access = array<i64: 2, 5>}
tile.kernel @first(%X: memref<8xf32> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %g = tile.grid "grid#0" () entry %e {
    %x, %t = tile.load %X[%c0] after (%e) : memref<8xf32>[index] -> f32
    %u = tile.store %x, %X[%c0] after (%t) {tile.access = array<i64: 2, 5>} : f32, memref<8xf32>[index]
    tile.yield %u : !tile.token
  }
  tile.return
}

// CHECK-LABEL: tile.kernel @second
// CHECK: tile.atomic_rmw {{.*}}{tile.access = array<i64: 7>}
tile.kernel @second(%X: memref<8xf32> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %g = tile.grid "grid#0" () entry %e {
    %x, %t = tile.atomic_rmw addf %one, %X[%c0] after (%e) relaxed device : f32, memref<8xf32>[index] -> f32
    tile.yield %t : !tile.token
  }
  tile.return
}
