// RUN: tile-opt --tile-interpret=races %s -o /dev/null | FileCheck %s
// RUN: tile-opt --tile-interpret="races schedules=50" %s -o /dev/null | FileCheck %s

// Programs without races: each order below is the only one between two conflicting accesses.

// Tokens within an iteration, through a loop and out of an if.
// CHECK: chain 4
tile.kernel @chain() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %true = arith.constant true
  %one = arith.constant 1 : i32
  %a = tile.array() "a" : memref<1xi32>
  %g = tile.grid "grid#0" () entry %e {
    %t0 = tile.store %one, %a[%c0] after (%e) : i32, memref<1xi32>[index]
    %t1 = scf.for %n = %c0 to %c3 step %c1 iter_args(%t = %t0) -> !tile.token {
      %next = scf.if %true -> !tile.token {
        %x, %u = tile.load %a[%c0] after (%t) : memref<1xi32>[index] -> i32
        %y = arith.addi %x, %one : i32
        %v = tile.store %y, %a[%c0] after (%u) : i32, memref<1xi32>[index]
        scf.yield %v : !tile.token
      } else {
        scf.yield %t : !tile.token
      }
      scf.yield %next : !tile.token
    }
    %none = tile.token
    %both = tile.join %none, %t1
    %chosen = arith.select %true, %both, %none : !tile.token
    %x, %u = tile.load %a[%c0] after (%chosen) : memref<1xi32>[index] -> i32
    tile.print "chain {}" (%x : i32) types ["i32"]
    tile.yield %u : !tile.token
  }
  tile.return
}

// Grids after grids, also through one that does nothing.
// CHECK: grids 5
tile.kernel @grids() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %five = arith.constant 5 : i32
  %a = tile.array() "a" : memref<4xi32>
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c4 step %c1) entry %e {
    %t = tile.store %five, %a[%n] after (%e) : i32, memref<4xi32>[index]
    tile.yield %t : !tile.token
  }
  %h = tile.grid "grid#1" (%n "n" : index = %c4 to %c4 step %c1) entry %e after (%g) {
    tile.yield %e : !tile.token
  }
  %i = tile.grid "grid#2" () entry %e after (%h) {
    %x, %u = tile.load %a[%c1] after (%e) : memref<4xi32>[index] -> i32
    tile.print "grids {}" (%x : i32) types ["i32"]
    %t = tile.store %five, %a[%c1] after (%u) : i32, memref<4xi32>[index]
    tile.yield %t : !tile.token
  }
  tile.return
}

// A message from each iteration to the next, by a flag that passes through a relaxed atomic.
// CHECK: message 1
// CHECK: message 2
tile.kernel @message() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %data = tile.array() "data" : memref<3xi32>
  %flag = tile.array() "flag" : memref<3xi32>
  %f = tile.grid "grid#0" () entry %e {
    %i = tile.range %c0 to %c3 size %c3 : !tile.range<3>
    %zeros = arith.constant dense<0> : tensor<3xi32>
    %t = tile.store %zeros, %flag[%i] after (%e) : tensor<3xi32>, memref<3xi32>[!tile.range<3>]
    tile.yield %t : !tile.token
  }
  %g = tile.grid "grid#1" (%n "n" : index = %c0 to %c3 step %c1) entry %e after (%f) {
    %first = arith.cmpi eq, %n, %c0 : index
    %before, %t = scf.if %first -> (i32, !tile.token) {
      scf.yield %zero, %e : i32, !tile.token
    } else {
      %p = arith.subi %n, %c1 : index
      %seen = scf.while (%w = %e) : (!tile.token) -> !tile.token {
        %x, %t = tile.load %flag[%p] after (%w) acquire device : memref<3xi32>[index] -> i32
        %wait = arith.cmpi eq, %x, %zero : i32
        scf.condition(%wait) %t : !tile.token
      } do {
      ^bb0(%t: !tile.token):
        scf.yield %t : !tile.token
      }
      %y, %u = tile.load %data[%p] after (%seen) : memref<3xi32>[index] -> i32
      tile.print "message {}" (%y : i32) types ["i32"]
      scf.yield %y, %u : i32, !tile.token
    }
    %next = arith.addi %before, %one : i32
    %s = tile.store %next, %data[%n] after (%t) : i32, memref<3xi32>[index]
    %old, %v = tile.atomic_rmw addi %one, %flag[%n] after (%s) release device : i32, memref<3xi32>[index] -> i32
    %old1, %v1 = tile.atomic_rmw addi %one, %flag[%n] after (%v) relaxed device : i32, memref<3xi32>[index] -> i32
    tile.yield %v1 : !tile.token
  }
  tile.return
}

// Atomics of any iterations on one element, then a read of another grid.
// CHECK: count 6
tile.kernel @count() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %a = tile.array() "a" : memref<1xi32>
  %f = tile.grid "grid#0" () entry %e {
    %zero = arith.constant 0 : i32
    %t = tile.store %zero, %a[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %t : !tile.token
  }
  %g = tile.grid "grid#1" (%n "n" : index = %c0 to %c3 step %c1) entry %e after (%f) {
    %zeros = arith.constant dense<0> : tensor<2xi32>
    %ones = arith.constant dense<1> : tensor<2xi32>
    %old, %t = tile.atomic_rmw addi %ones, %a[%zeros] after (%e) relaxed device : tensor<2xi32>, memref<1xi32>[tensor<2xi32>] -> tensor<2xi32>
    tile.yield %t : !tile.token
  }
  %h = tile.grid "grid#2" () entry %e after (%g) {
    %x, %u = tile.load %a[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "count {}" (%x : i32) types ["i32"]
    tile.yield %u : !tile.token
  }
  tile.return
}
