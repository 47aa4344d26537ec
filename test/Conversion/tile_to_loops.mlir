// RUN: tile-opt %s --tile-bind-config --canonicalize --tile-to-loops="vector-bytes=32" --cse | FileCheck %s

// An elementwise chain is one loop over vectors and one over the rest; nothing is kept in between.
// CHECK-LABEL: llvm.func internal @scale.run
// CHECK: llvm.call @tilec_parallel_for
// CHECK-LABEL: llvm.func internal @scale.grid0
// CHECK: scf.for
// CHECK:   scf.for %{{.*}} step %c8
// CHECK:     llvm.load {{.*}} -> vector<8xf32>
// CHECK:     arith.mulf {{.*}} fastmath<contract> : vector<8xf32>
// CHECK:     arith.addf {{.*}} : vector<8xf32>
// CHECK:     llvm.store {{.*}} : vector<8xf32>
// CHECK:   scf.for
// CHECK:     llvm.load {{.*}} -> f32
// CHECK:     arith.mulf
// CHECK:     llvm.store {{.*}} : f32
!x = memref<?xf32, strided<[1]>>
tile.kernel @scale(%X: !x {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                   %Y: !x {tile.param = #tile.param<name = "Y", kind = result, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"], config = {i = 64 : i64}} {
  %c0 = arith.constant 0 : index
  %N = memref.dim %X, %c0 : !x
  %s = tile.size "i" in "grid#0"
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %N step %s) entry %e {
    %two = arith.constant 2.0 : f32
    %x, %t0 = tile.load %X[%i] : !x[!tile.range<?>] -> tensor<?xf32>
    %k = tile.full %two(%i) : f32, (!tile.range<?>) -> tensor<?xf32>
    %y = arith.mulf %x, %k : tensor<?xf32>
    %z = arith.addf %y, %x : tensor<?xf32>
    %t2 = tile.store %z, %Y[%i] after (%e) : tensor<?xf32>, !x[!tile.range<?>]
    tile.yield %t2 : !tile.token
  }
  tile.return
}
