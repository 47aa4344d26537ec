// RUN: split-file %s %t
// RUN: tile-test-opt %t/loop.mlir --verify-each-order --pass-pipeline='builtin.module(tile-cleanup,tile.kernel(tile-simplify-tokens))' | FileCheck %s --check-prefix=KEPT
// RUN: not tile-test-opt %t/loop.mlir --verify-each-order --pass-pipeline='builtin.module(tile-cleanup,tile.kernel(test-break-order{how=drop-tokens access=1}))' 2>&1 | FileCheck %s --check-prefix=STORE
// RUN: not tile-test-opt %t/loop.mlir --verify-each-order --pass-pipeline='builtin.module(tile.kernel(test-break-order{how=drop-tokens access=0}))' 2>&1 | FileCheck %s --check-prefix=CARRIED
// RUN: not tile-test-opt %t/loop.mlir --verify-each-order --pass-pipeline='builtin.module(tile.kernel(test-break-order{how=hoist access=0}))' 2>&1 | FileCheck %s --check-prefix=HOISTED
// RUN: not tile-test-opt %t/loop.mlir --verify-each-order --pass-pipeline='builtin.module(tile.kernel(test-break-order{how=erase access=1}))' 2>&1 | FileCheck %s --check-prefix=ERASED
// RUN: not tile-test-opt %t/loop.mlir --verify-each-order --pass-pipeline='builtin.module(tile.kernel(test-break-order{how=copy access=1}))' 2>&1 | FileCheck %s --check-prefix=COPIED
// RUN: not tile-test-opt %t/loop.mlir --verify-each-order --pass-pipeline='builtin.module(tile.kernel(test-break-order{how=drop-tokens access=3}))' 2>&1 | FileCheck %s --check-prefix=GRIDS
// RUN: tile-test-opt %t/loop.mlir --verify-each-order --pass-pipeline='builtin.module(tile.kernel(test-break-order{how=drop-tokens access=2}))' | FileCheck %s --check-prefix=FREE
// RUN: not tile-test-opt %t/flags.mlir --verify-each-order --pass-pipeline='builtin.module(tile.kernel(test-break-order{how=drop-tokens access=2}))' 2>&1 | FileCheck %s --check-prefix=RELEASE
// RUN: not tile-test-opt %t/flags.mlir --verify-each-order --pass-pipeline='builtin.module(tile.kernel(test-break-order{how=drop-tokens access=4}))' 2>&1 | FileCheck %s --check-prefix=ACQUIRE
// RUN: tile-test-opt %t/dead.mlir --verify-each-order --tile-cleanup | FileCheck %s --check-prefix=DEAD

// Passes that keep the order pass, and leave no ids behind.
// KEPT-NOT: tile.access
// KEPT: tile.store

// The pass that lost an order is named, not those before it.
// STORE: loop.mlir:9:12: error: pass 'test-break-order' lost the order of the load at {{.*}}loop.mlir:8:16 before the store at {{.*}}loop.mlir:9:12
// STORE: error: pass 'test-break-order' lost the order of the store at {{.*}}loop.mlir:9:12 before the store at {{.*}}loop.mlir:9:12, carried by loop `k`

// CARRIED: loop.mlir:8:16: error: pass 'test-break-order' lost the order of the store at {{.*}}loop.mlir:9:12 before the load at {{.*}}loop.mlir:8:16, carried by loop `k`

// Out of the loop, the load comes before the stores of earlier iterations.
// HOISTED: error: pass 'test-break-order' lost the order of the store at {{.*}}loop.mlir:9:12 before the load at {{.*}}loop.mlir:8:16, carried by loop `k`

// ERASED: loop.mlir:9:12: error: pass 'test-break-order' dropped the store at {{.*}}loop.mlir:9:12
// COPIED: loop.mlir:9:12: error: pass 'test-break-order' made copies of the store at {{.*}}loop.mlir:9:12 that run in one iteration
// GRIDS: loop.mlir:18:14: error: pass 'test-break-order' lost the order of the store at {{.*}}loop.mlir:9:12 before the load at {{.*}}loop.mlir:18:14

// A store to elements of its own has no order to keep; a release and an acquire have, whatever the array.
// FREE: tile.store %{{.*}}, %Y[%{{.*}}] : tensor
// RELEASE: error: pass 'test-break-order' lost the order of the load at {{.*}}flags.mlir:7:14 before the atomic at {{.*}}flags.mlir:9:14
// RELEASE: error: pass 'test-break-order' lost the order of the store at {{.*}}flags.mlir:8:10 before the atomic at {{.*}}flags.mlir:9:14
// ACQUIRE: error: pass 'test-break-order' lost the order of the atomic at {{.*}}flags.mlir:10:14 before the store at {{.*}}flags.mlir:11:13
// ACQUIRE-NOT: flags.mlir:8:10 before

// A store that never runs may vanish.
// DEAD-NOT: tile.store

//--- loop.mlir
tile.kernel @loop(%X: memref<8xf32> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<() -> (8)>>},
                  %Y: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "Y", kind = result, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %n = memref.dim %Y, %c0 : memref<?xf32, strided<[1]>>
  %g = tile.grid "grid#0" () entry %e {
    %l = scf.for %b = %c0 to %n step %c8 iter_args(%t = %e) -> (!tile.token) {
      %x, %u = tile.load %X[%c0] after (%t) : memref<8xf32>[index] -> f32
      %s = tile.store %x, %X[%c0] after (%t, %u) : f32, memref<8xf32>[index]
      %k = tile.range %b to %n size %c8 "k" : !tile.range<8>
      %y = tile.full %x(%k) : f32, (!tile.range<8>) -> tensor<8xf32>
      %v = tile.store %y, %Y[%k] after (%e) : tensor<8xf32>, memref<?xf32, strided<[1]>>[!tile.range<8>]
      scf.yield %s : !tile.token
    }
    tile.yield %l : !tile.token
  }
  %h = tile.grid "grid#1" () entry %e after (%g) {
    %x, %u = tile.load %X[%c0] after (%e) : memref<8xf32>[index] -> f32
    tile.yield %u : !tile.token
  }
  tile.return
}

//--- flags.mlir
tile.kernel @flags(%A: memref<8xf32> {tile.param = #tile.param<name = "A", kind = array, type = "f32", dims = affine_map<() -> (8)>>},
                   %X: memref<8xf32> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<() -> (8)>>},
                   %F: memref<8xi32> {tile.param = #tile.param<name = "F", kind = inout, type = "i32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1 : i32
  %g = tile.grid "grid#0" () entry %e {
    %x, %t = tile.load %A[%c0] after (%e) : memref<8xf32>[index] -> f32
    %u = tile.store %x, %X[%c0] after (%e, %t) : f32, memref<8xf32>[index]
    %p, %r = tile.atomic_rmw xchg %one, %F[%c0] after (%u) release device : i32, memref<8xi32>[index] -> i32
    %q, %a = tile.atomic_rmw ori %one, %F[%c0] after (%r) acquire device : i32, memref<8xi32>[index] -> i32
    %last = tile.store %x, %A[%c0] after (%a) : f32, memref<8xf32>[index]
    tile.yield %last : !tile.token
  }
  tile.return
}

//--- dead.mlir
tile.kernel @dead(%X: memref<8xf32> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %false = arith.constant false
  %g = tile.grid "grid#0" () entry %e {
    scf.if %false {
      %x, %t = tile.load %X[%c0] after (%e) : memref<8xf32>[index] -> f32
      %u = tile.store %x, %X[%c0] after (%t) : f32, memref<8xf32>[index]
    }
    tile.yield %e : !tile.token
  }
  tile.return
}
