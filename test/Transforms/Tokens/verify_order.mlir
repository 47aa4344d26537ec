// RUN: tile-opt %s -pass-pipeline='builtin.module(tile.kernel(tile-verify-order{remarks=true}))' -split-input-file -verify-diagnostics

// Nothing to report: tokens order the accesses of one iteration and of the loop, elements are each iteration's own.
tile.kernel @ordered(%X: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %n = memref.dim %X, %c0 : memref<?xf32, strided<[1]>>
  %g = tile.grid "grid#0" (%i "i" : !tile.range<8> = %c0 to %n step %c8) entry %e {
    %l = scf.for %k = %c0 to %c8 step %c1 iter_args(%t = %e) -> (!tile.token) {
      %x, %u = tile.load %X[%i] after (%t) : memref<?xf32, strided<[1]>>[!tile.range<8>] -> tensor<8xf32>
      %s = tile.store %x, %X[%i] after (%u) : tensor<8xf32>, memref<?xf32, strided<[1]>>[!tile.range<8>]
      scf.yield %s : !tile.token
    }
    tile.yield %l : !tile.token
  }
  %h = tile.grid "grid#1" (%i "i" : !tile.range<8> = %c0 to %n step %c8) entry %e after (%g) {
    %x, %u = tile.load %X[%i] after (%e) : memref<?xf32, strided<[1]>>[!tile.range<8>] -> tensor<8xf32>
    tile.yield %u : !tile.token
  }
  tile.return
}

// -----

// The second grid does not come after the first.
tile.kernel @grids(%X: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %v = arith.constant 0.0 : f32
  %g = tile.grid "grid#0" () entry %e {
    // expected-note @below {{the store to X[0] is here}}
    %s = tile.store %v, %X[%c0] after (%e) : f32, memref<?xf32, strided<[1]>>[index]
    tile.yield %s : !tile.token
  }
  %h = tile.grid "grid#1" () entry %e {
    // expected-error @below {{race: no token orders the store to X[0] and the load from X[0] of another grid; both touch the same elements of 'X'}}
    // expected-note @below {{let the accesses of the later grid come after its entry token}}
    %x, %u = tile.load %X[%c0] after (%e) : memref<?xf32, strided<[1]>>[index] -> f32
    tile.yield %u : !tile.token
  }
  tile.return
}

// -----

// The grid is after the other one, but the access is not after the grid's entry; the one in a branch may not run.
tile.kernel @entry(%X: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                   %p: i1 {tile.param = #tile.param<name = "p", kind = scalar, type = "bool", dims = affine_map<() -> ()>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %v = arith.constant 0.0 : f32
  %g = tile.grid "grid#0" () entry %e {
    // expected-note @below {{the store to X[0] is here}}
    %s = tile.store %v, %X[%c0] after (%e) : f32, memref<?xf32, strided<[1]>>[index]
    tile.yield %s : !tile.token
  }
  %h = tile.grid "grid#1" () entry %e after (%g) {
    scf.if %p {
      // expected-warning @below {{race where both run: no token orders the store to X[0] and the load from X[0] of another grid}}
      // expected-note @below {{let the accesses of the later grid come after its entry token}}
      %x, %u = tile.load %X[%c0] : memref<?xf32, strided<[1]>>[index] -> f32
    }
    tile.yield %e : !tile.token
  }
  tile.return
}

// -----

// Parameters of one alias set may be one array. Two reads never race, nor do branches that exclude each other.
tile.kernel @alias(%X: memref<8xf32> {tile.alias = [0], tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<() -> (8)>>},
                   %Y: memref<8xf32> {tile.alias = [0, 1], tile.param = #tile.param<name = "Y", kind = inout, type = "f32", dims = affine_map<() -> (8)>>},
                   %Z: memref<8xf32> {tile.alias = [2], tile.param = #tile.param<name = "Z", kind = inout, type = "f32", dims = affine_map<() -> (8)>>},
                   %p: i1 {tile.param = #tile.param<name = "p", kind = scalar, type = "bool", dims = affine_map<() -> ()>>}) {
  %c0 = arith.constant 0 : index
  %v = arith.constant 0.0 : f32
  %g = tile.grid "grid#0" () entry %e {
    // expected-note @below {{the load from X[0] is here}}
    %x, %t = tile.load %X[%c0] : memref<8xf32>[index] -> f32
    // expected-remark @below {{possible race: no token orders the load from X[0] and the store to Y[0]; 'X' and 'Y' may overlap in memory}}
    // expected-note @below {{let the later one come 'after='}}
    %s = tile.store %v, %Y[%c0] : f32, memref<8xf32>[index]
    scf.if %p {
      %a = tile.store %v, %Z[%c0] : f32, memref<8xf32>[index]
    } else {
      %b, %u = tile.load %Z[%c0] : memref<8xf32>[index] -> f32
      %c, %w = tile.load %Z[%c0] : memref<8xf32>[index] -> f32
    }
  }
  tile.return
}
