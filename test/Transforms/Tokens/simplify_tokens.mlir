// RUN: tile-opt %s -pass-pipeline='builtin.module(tile.kernel(tile-simplify-tokens))' | FileCheck %s

// CHECK-LABEL: tile.kernel @lists
// CHECK: entry %[[E:.*]] {
tile.kernel @lists(%X: memref<8xf32> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %v = arith.constant 1.0 : f32
  %g = tile.grid "grid#0" () entry %e {
    // No token more than once, and none that stands for nothing.
    // CHECK: %[[A:.*]] = tile.store %{{.*}}, %X[%{{.*}}] after(%[[E]]) :
    %none = tile.token
    %a = tile.store %v, %X[%c0] after (%e, %none, %e) : f32, memref<8xf32>[index]
    // CHECK: %[[B:.*]] = tile.store %{{.*}}, %X[%{{.*}}] :
    %b = tile.store %v, %X[%c0] after (%none) : f32, memref<8xf32>[index]
    // %a comes after %e; the joins are spelled out where they are used once.
    // CHECK: %[[C:.*]] = tile.store %{{.*}}, %X[%{{.*}}] after(%[[A]], %[[B]]) :
    %ab = tile.join %a, %b
    %abe = tile.join %ab, %e, %none
    %c = tile.store %v, %X[%c0] after (%abe) : f32, memref<8xf32>[index]
    // A join of one is that one; a join that several use stays, without what its members include.
    // CHECK: %[[D:.*]] = tile.store %{{.*}}, %X[%{{.*}}] after(%[[B]]) :
    // CHECK: %[[CD:.*]] = tile.join %[[C]], %[[D]]
    // CHECK-NEXT: tile.store %{{.*}}, %X[%{{.*}}] after(%[[CD]]) :
    // CHECK-NEXT: tile.store %{{.*}}, %X[%{{.*}}] after(%[[CD]]) :
    %one = tile.join %b
    %d = tile.store %v, %X[%c0] after (%one) : f32, memref<8xf32>[index]
    %cd = tile.join %a, %c, %d
    %f = tile.store %v, %X[%c0] after (%cd) : f32, memref<8xf32>[index]
    %h = tile.store %v, %X[%c0] after (%cd) : f32, memref<8xf32>[index]
    tile.yield %f, %h : !tile.token, !tile.token
  }
  tile.return
}

// CHECK-LABEL: tile.kernel @loops
// CHECK: entry %[[E:.*]] {
tile.kernel @loops(%X: memref<8xf32> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<() -> (8)>>},
                   %n: index {tile.param = #tile.param<name = "n", kind = scalar, type = "i64", dims = affine_map<() -> ()>>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = arith.constant 1.0 : f32
  %g = tile.grid "grid#0" () entry %e {
    // What a loop hands on unchanged is what it started with; what no access comes after goes. The last token
    // includes what it starts with, but only a loop that runs gives it.
    // CHECK: %[[L:.*]] = scf.for %{{.*}} iter_args(%[[K:.*]] = %[[E]]) -> (!tile.token) {
    // CHECK-NEXT: tile.store %{{.*}}, %X[%{{.*}}] after(%[[E]]) :
    // CHECK-NEXT: %[[S:.*]] = tile.store %{{.*}}, %X[%{{.*}}] after(%[[K]]) :
    // CHECK-NEXT: scf.yield %[[S]] : !tile.token
    // CHECK: tile.store %{{.*}}, %X[%{{.*}}] after(%[[L]]) :
    %l:3 = scf.for %i = %c0 to %n step %c1 iter_args(%same = %e, %dead = %e, %kept = %e) -> (!tile.token, !tile.token, !tile.token) {
      %a = tile.store %v, %X[%c0] after (%same) : f32, memref<8xf32>[index]
      %b = tile.store %v, %X[%c0] after (%kept) : f32, memref<8xf32>[index]
      %unused = tile.join %a, %dead
      scf.yield %same, %unused, %b : !tile.token, !tile.token, !tile.token
    }
    %c = tile.store %v, %X[%c0] after (%l#0, %l#2) : f32, memref<8xf32>[index]
    tile.yield %c : !tile.token
  }
  tile.return
}

// CHECK-LABEL: tile.kernel @branches
// CHECK: entry %[[E:.*]] {
tile.kernel @branches(%X: memref<8xf32> {tile.param = #tile.param<name = "X", kind = inout, type = "f32", dims = affine_map<() -> (8)>>},
                      %p: i1 {tile.param = #tile.param<name = "p", kind = scalar, type = "bool", dims = affine_map<() -> ()>>}) {
  %c0 = arith.constant 0 : index
  %v = arith.constant 1.0 : f32
  %g = tile.grid "grid#0" () entry %e {
    // CHECK: %[[A:.*]] = tile.store
    %a = tile.store %v, %X[%c0] after (%e) : f32, memref<8xf32>[index]
    // Only the first result may be %b: the second is %a on both ways, the third is used by no access.
    // CHECK: %[[R:.*]] = scf.if %p -> (!tile.token) {
    // CHECK-NEXT: %[[B:.*]] = tile.store %{{.*}}, %X[%{{.*}}] after(%[[A]]) :
    // CHECK-NEXT: scf.yield %[[B]] : !tile.token
    // CHECK-NEXT: } else {
    // CHECK-NEXT: scf.yield %[[E]] : !tile.token
    %r:3 = scf.if %p -> (!tile.token, !tile.token, !tile.token) {
      %b = tile.store %v, %X[%c0] after (%a) : f32, memref<8xf32>[index]
      scf.yield %b, %a, %b : !tile.token, !tile.token, !tile.token
    } else {
      scf.yield %e, %a, %e : !tile.token, !tile.token, !tile.token
    }
    // %b stands for %a, but where the branch is not taken the result does not.
    // CHECK: tile.store %{{.*}}, %X[%{{.*}}] after(%[[R]], %[[A]]) :
    %c = tile.store %v, %X[%c0] after (%r#0, %r#1, %e) : f32, memref<8xf32>[index]
    tile.yield %c : !tile.token
  }
  tile.return
}

// A loop that waits: its condition passes the token of its last read on.
// CHECK-LABEL: tile.kernel @waits
// CHECK: entry %[[E:.*]] {
tile.kernel @waits(%F: memref<8xi32> {tile.param = #tile.param<name = "F", kind = inout, type = "i32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i32
  %g = tile.grid "grid#0" () entry %e {
    // CHECK: scf.while (%[[T:.*]] = %[[E]]) : (!tile.token) -> !tile.token {
    // CHECK-NEXT: %{{.*}}, %[[Q:.*]] = tile.load %F[%{{.*}}] after(%[[T]]) acquire device
    // CHECK: scf.condition(%{{.*}}) %[[Q]] : !tile.token
    // CHECK: ^bb0(%[[A:.*]]: !tile.token):
    // CHECK-NEXT: scf.yield %[[A]] : !tile.token
    %w:2 = scf.while (%t = %e, %same = %e) : (!tile.token, !tile.token) -> (!tile.token, !tile.token) {
      %x, %q = tile.load %F[%c0] after (%t, %same) acquire device : memref<8xi32>[index] -> i32
      %again = arith.cmpi eq, %x, %zero : i32
      scf.condition(%again) %q, %same : !tile.token, !tile.token
    } do {
    ^bb0(%a: !tile.token, %s: !tile.token):
      scf.yield %a, %s : !tile.token, !tile.token
    }
    %b = tile.store %zero, %F[%c0] after (%w#0, %w#1) : i32, memref<8xi32>[index]
    tile.yield %b : !tile.token
  }
  tile.return
}

// A later grid comes after an earlier one once.
// CHECK-LABEL: tile.kernel @grids
// CHECK: %[[G:.*]] = tile.grid "grid#0"
// CHECK: %[[H:.*]] = tile.grid "grid#1" {{.*}} after (%[[G]])
// CHECK: tile.grid "grid#2" {{.*}} after (%[[H]])
tile.kernel @grids(%n: index {tile.param = #tile.param<name = "n", kind = scalar, type = "i64", dims = affine_map<() -> ()>>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %g = tile.grid "grid#0" (%i "i" : index = %c0 to %n step %c1) entry %e {
    tile.yield %e : !tile.token
  }
  %h = tile.grid "grid#1" (%i "i" : index = %c0 to %n step %c1) entry %e after (%g) {
    tile.yield %e : !tile.token
  }
  %k = tile.grid "grid#2" (%i "i" : index = %c0 to %n step %c1) entry %e after (%g, %h) {
    tile.yield %e : !tile.token
  }
  tile.return
}
