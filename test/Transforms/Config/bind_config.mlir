// RUN: tile-opt %s -tile-bind-config -split-input-file -verify-diagnostics | FileCheck %s

// The most specific key wins: loop.index, then kernel.index, then index.
// CHECK-LABEL: tile.kernel @precedence
tile.kernel @precedence(%X: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>})
    attributes {symbols = ["N"], config = {"grid#0.i" = 3, "precedence.i" = 4, "precedence.j" = 5, i = 6, j = 7, k = 8, num_warps = 4}} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?xf32, strided<[1]>>
  // CHECK: arith.constant 3 : index
  // CHECK: arith.constant 5 : index
  // CHECK: arith.constant 8 : index
  %i = tile.size "i" in "grid#0"
  %j = tile.size "j" in "grid#1"
  %k = tile.size "k" in "loop#0"
  // CHECK: tile.grid "grid#0" (%{{.*}} "i" : !tile.range<3>
  %t = tile.grid "grid#0" (%a "i" : !tile.range<?> = %c0 to %n step %i) entry %e {
    // CHECK: tile.load {{.*}} -> tensor<3xf32>
    %v, %l = tile.load %X[%a] : memref<?xf32, strided<[1]>>[!tile.range<?>] -> tensor<?xf32>
    // CHECK: arith.addf {{.*}} : tensor<3xf32>
    %w = arith.addf %v, %v : tensor<?xf32>
    // CHECK: scf.for {{.*}} -> (tensor<3xf32>)
    %r = scf.for %b = %c0 to %n step %k iter_args(%x = %w) -> (tensor<?xf32>) {
      // CHECK: tile.range {{.*}} : <8>
      // CHECK: tile.shift {{.*}} : <8> -> <8>
      %q = tile.range %b to %n size %k "k" : !tile.range<?>
      %s = tile.shift %q by %b : !tile.range<?> -> !tile.window<?>
      scf.yield %x : tensor<?xf32>
    }
    %u = tile.store %r, %X[%a] after (%l) : tensor<?xf32>, memref<?xf32, strided<[1]>>[!tile.range<?>]
    tile.yield %u : !tile.token
  }
  %t1 = tile.grid "grid#1" (%a "j" : !tile.range<?> = %c0 to %n step %j) entry %e {
    tile.yield
  }
  tile.return
}

// -----

// A tunable takes the config's value, or its first.
// CHECK-LABEL: tile.kernel @tunables
tile.kernel @tunables() attributes {config = {depth = 4}} {
  // CHECK: arith.constant 4 : i32
  %d = tile.tunable "depth" of [2, 4, 8]
  // CHECK: arith.constant 16 : i32
  %w = tile.tunable "width" of [16, 32]
  tile.return
}

// -----

// A dim that is used whole and not known stays dynamic.
// CHECK-LABEL: tile.kernel @whole
tile.kernel @whole(%X: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?xf32, strided<[1]>>
  // CHECK: tile.range {{.*}} : <?>
  %r = tile.range %c0 to %n size %n : !tile.range<?>
  tile.return
}

// -----

tile.kernel @missing() {
  // expected-error @below {{tile index 'i' has no size: set 'i' or 'grid#0.i' in the config}}
  %i = tile.size "i" in "grid#0"
  tile.return
}

// -----

tile.kernel @not_positive() attributes {config = {i = 0}} {
  // expected-error @below {{tile index 'i' has size 0; a size is from 1 to 2^31 - 1}}
  %i = tile.size "i" in "grid#0"
  tile.return
}

// -----

tile.kernel @not_offered() attributes {config = {depth = 3}} {
  // expected-error @below {{tunable 'depth' is 3 in the config, but may be only one of [2, 4, 8]}}
  %d = tile.tunable "depth" of [2, 4, 8]
  tile.return
}
