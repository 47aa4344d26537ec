// RUN: tile-opt %s -split-input-file --pass-pipeline='builtin.module(tile.kernel(tile-relax-tokens{explain=true}))' -verify-diagnostics | FileCheck %s
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

!c = memref<?xf32, strided<[1]>>

// Columns of its own: the loop carries nothing. A fixed element: it carries the stores.
// CHECK-LABEL: tile.kernel @loops
tile.kernel @loops(%C: !c {tile.param = #tile.param<name = "C", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                   %D: !c {tile.param = #tile.param<name = "D", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = arith.constant 1.0 : f32
  %n = memref.dim %C, %c0 : !c
  // CHECK: tile.grid {{.*}} entry %[[E:[a-z0-9_]*]] {
  %g = tile.grid "grid#0" (%i "i" : index = %c0 to %c1 step %c1) entry %e {
    // CHECK: scf.for %[[K:.*]] = %{{[a-z0-9_]*}} to %{{[a-z0-9_]*}} step %{{[a-z0-9_]*}} {
    // CHECK: tile.store %{{.*}}, %C[%[[K]]] : f32
    %r = scf.for %k = %c0 to %n step %c1 iter_args(%t = %e) -> (!tile.token) {
      %u = tile.store %v, %C[%k] after (%t) : f32, !c[index]
      scf.yield %u : !tile.token
    }
    // CHECK: %[[S:.*]]:2 = scf.for {{.*}} iter_args(%[[X:.*]] = %{{.*}}, %[[T:.*]] = %{{.*}}) -> (f32, !tile.token)
    // CHECK: %{{.*}}, %[[READ:.*]] = tile.load %D[%{{.*}}] after(%[[T]])
    // CHECK: %[[WRITE:.*]] = tile.store %{{.*}}, %D[%{{.*}}] after(%[[READ]])
    // CHECK: scf.yield %{{.*}}, %[[WRITE]] : f32, !tile.token
    %s:2 = scf.for %k = %c0 to %n step %c1 iter_args(%t = %e, %x = %v) -> (!tile.token, f32) {
      // expected-remark @+1 {{the load from D[0] stays after the store to D[0] in earlier iterations of a loop: both touch the same elements of 'D'}}
      %y, %u = tile.load %D[%c0] after (%t) : !c[index] -> f32
      // expected-note @-1 {{the load from D[0] is here}}
      %z = arith.addf %x, %y : f32
      // expected-remark @+2 {{the store to D[0] stays after the load from D[0]: both touch the same elements of 'D'}}
      // expected-note @+1 {{the store to D[0] is here}}
      %w = tile.store %z, %D[%c0] after (%u) : f32, !c[index]
      scf.yield %w, %z : !tile.token, f32
    }
    %all = tile.join %r, %s#0
    // CHECK: tile.load %D[%{{.*}}] after(%[[S]]#1)
    // expected-remark @+1 {{the load from D[_] stays after the store to D[0]: nothing keeps their elements of 'D' apart}}
    %y, %u = tile.load %D[%n] after (%all) : !c[index] -> f32
    // CHECK: tile.yield{{$}}
    tile.yield %u : !tile.token
  }
  tile.return
}

// -----

!c = memref<?xf32, strided<[1]>>

// The second grid does not touch what the first one does, the third does: order goes past the second.
// CHECK-LABEL: tile.kernel @grids
tile.kernel @grids(%C: !c {tile.param = #tile.param<name = "C", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                   %D: !c {tile.param = #tile.param<name = "D", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = arith.constant 1.0 : f32
  %n = memref.dim %C, %c0 : !c
  // CHECK: %[[FIRST:.*]] = tile.grid {{.*}} entry %{{[a-z0-9_]*}} {
  // CHECK: %[[S:.*]] = tile.store
  // CHECK: tile.yield %[[S]]
  %a = tile.grid "grid#0" (%i "i" : index = %c0 to %n step %c1) entry %e {
    // expected-note @+1 {{is here}}
    %u = tile.store %v, %C[%i] after (%e) : f32, !c[index]
    tile.yield %u : !tile.token
  }
  // CHECK: tile.grid {{.*}} entry %{{[a-z0-9_]*}} {
  // CHECK: tile.store %{{.*}}, %D[%{{[a-z0-9_]*}}] : f32
  // CHECK: tile.yield{{$}}
  %b = tile.grid "grid#1" (%i "i" : index = %c0 to %n step %c1) entry %e after (%a) {
    %u = tile.store %v, %D[%i] after (%e) : f32, !c[index]
    tile.yield %u : !tile.token
  }
  // CHECK: tile.grid {{.*}} entry %[[E:[a-z0-9_]*]] after (%[[FIRST]]) {
  // CHECK: tile.load %C[%{{.*}}] after(%[[E]])
  %c = tile.grid "grid#2" (%i "i" : index = %c0 to %n step %c1) entry %e after (%b) {
    // expected-remark @+1 {{the load from C[i] stays after the store to C[i]: nothing keeps their elements of 'C' apart}}
    %x, %u = tile.load %C[%i] after (%e) : !c[index] -> f32
    tile.yield %u : !tile.token
  }
  tile.return
}

// -----

!c = memref<?xf32, strided<[1]>>

// Arrays of one alias set may be one, others are not. A choice between tokens stays one.
// CHECK-LABEL: tile.kernel @alias
tile.kernel @alias(%C: !c {tile.alias = [0], tile.param = #tile.param<name = "C", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                   %D: !c {tile.alias = [0, 1], tile.param = #tile.param<name = "D", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                   %X: !c {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>},
                   %q: i1 {tile.param = #tile.param<name = "q", kind = scalar, type = "bool", dims = affine_map<()[s0] -> ()>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %v = arith.constant 1.0 : f32
  %g = tile.grid "grid#0" () entry %e {
    // CHECK: %[[C:.*]] = tile.store %{{.*}}, %C
    // CHECK: %[[D:.*]] = tile.store %{{.*}}, %D[%{{[a-z0-9_]*}}] after(%[[C]])
    // expected-note @+1 {{is here}}
    %t = tile.store %v, %C[%c0] after (%e) : f32, !c[index]
    // expected-remark @+2 {{'C' and 'D' may overlap in memory}}
    // expected-note @+1 {{is here}}
    %u = tile.store %v, %D[%c0] after (%t) : f32, !c[index]
    // CHECK: tile.store %{{.*}}, %X[%{{[a-z0-9_]*}}] : f32
    %w = tile.store %v, %X[%c0] after (%u) : f32, !c[index]
    // CHECK: %[[CHOICE:.*]] = arith.select %q, %[[C]], %[[D]] : !tile.token
    // CHECK: tile.load %C[%{{.*}}] after(%[[CHOICE]])
    %s = arith.select %q, %t, %w : !tile.token
    // expected-remark @+2 {{the load from C[0] stays after the store to C[0]: both touch the same elements of 'C'}}
    // expected-remark @+1 {{the load from C[0] stays after the store to D[0]: 'D' and 'C' may overlap in memory}}
    %x, %r = tile.load %C[%c0] after (%s) : !c[index] -> f32
  }
  tile.return
}

// -----

!c = memref<?xf32, strided<[1]>>

// Tokens that go through an op that the pass does not know stay.
// CHECK-LABEL: tile.kernel @unknown
tile.kernel @unknown(%C: !c {tile.param = #tile.param<name = "C", kind = inout, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %g = tile.grid "grid#0" () entry %e {
    // CHECK: %[[T:.*]] = builtin.unrealized_conversion_cast
    // CHECK: tile.load %C[%{{.*}}] after(%[[T]])
    // expected-remark @+1 {{tokens go through an op that tile-relax-tokens does not know; all of the kernel's stay}}
    %t = builtin.unrealized_conversion_cast %e : !tile.token to !tile.token
    %x, %r = tile.load %C[%c0] after (%t) : !c[index] -> f32
  }
  tile.return
}
