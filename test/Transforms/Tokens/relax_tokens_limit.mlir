// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel(tile-relax-tokens{explain=true max-accesses=1}))' -verify-diagnostics | FileCheck %s --check-prefix=STAY
// RUN: tile-opt %s --pass-pipeline='builtin.module(tile.kernel(tile-relax-tokens{max-accesses=2}))' | FileCheck %s --check-prefix=GO

// A kernel of more accesses than the option says keeps its tokens.
// STAY: tile.load %{{.*}} after(%[[T:.*]]) :
// GO: tile.load %{{.*}}[%{{.*}}] :
// expected-remark @below {{all tokens of this kernel stay: it has more than 1 accesses}}
tile.kernel @two_elements() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = arith.constant 7 : i32
  %a = tile.array() "a" : memref<2xi32>
  %g = tile.grid "grid#0" () entry %e {
    %t = tile.store %v, %a[%c0] after (%e) : i32, memref<2xi32>[index]
    %x, %u = tile.load %a[%c1] after (%t) : memref<2xi32>[index] -> i32
    tile.print "{}" (%x : i32) types ["i32"]
    tile.yield %u : !tile.token
  }
  tile.return
}
