// RUN: tile-opt --tile-interpret="races schedules=1000 seed=1 outcomes" %s -o /dev/null | FileCheck %s

// Programs without races in random legal orders: what each prints in some of them.

// Each iteration stores, then loads what the other stores: both may miss the store of the other.
// CHECK: {{.*}} schedules:
// CHECK-NEXT: store_buffering 0 0
tile.kernel @store_buffering() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<2xi32>
  %init = tile.grid "init" () entry %e {
    %s = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %t = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s, %t : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %r, %b = tile.load %y[%c0] after (%a) relaxed device : memref<1xi32>[index] -> i32
      %c = tile.store %r, %out[%c0] after (%b) : i32, memref<2xi32>[index]
      %all = tile.join %a, %c
      scf.yield %all : !tile.token
    }
    default {
      %a = tile.store %v1, %y[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %r, %b = tile.load %x[%c0] after (%a) relaxed device : memref<1xi32>[index] -> i32
      %c = tile.store %r, %out[%c1] after (%b) : i32, memref<2xi32>[index]
      %all = tile.join %a, %c
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %s = tile.load %out[%c0] after (%e) : memref<2xi32>[index] -> i32
    %r1, %t = tile.load %out[%c1] after (%e) : memref<2xi32>[index] -> i32
    tile.print "store_buffering {} {}" (%r0, %r1 : i32, i32) types ["i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}

// Each iteration loads, then stores what the other loads, without a token between: both may see it.
// CHECK: load_buffering 1 1
tile.kernel @load_buffering() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<2xi32>
  %init = tile.grid "init" () entry %e {
    %s = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %t = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s, %t : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %r, %a = tile.load %x[%c0] after (%e) relaxed device : memref<1xi32>[index] -> i32
      %c = tile.store %r, %out[%c0] after (%e) : i32, memref<2xi32>[index]
      %b = tile.store %v1, %y[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %all = tile.join %a, %b, %c
      scf.yield %all : !tile.token
    }
    default {
      %r, %a = tile.load %y[%c0] after (%e) relaxed device : memref<1xi32>[index] -> i32
      %c = tile.store %r, %out[%c1] after (%e) : i32, memref<2xi32>[index]
      %b = tile.store %v1, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %all = tile.join %a, %b, %c
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %s = tile.load %out[%c0] after (%e) : memref<2xi32>[index] -> i32
    %r1, %t = tile.load %out[%c1] after (%e) : memref<2xi32>[index] -> i32
    tile.print "load_buffering {} {}" (%r0, %r1 : i32, i32) types ["i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}

// A message whose flag is relaxed: the flag may arrive before the data.
// CHECK: relaxed_message 1 0
tile.kernel @relaxed_message() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<2xi32>
  %init = tile.grid "init" () entry %e {
    %s = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %t = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s, %t : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %b = tile.store %v1, %y[%c0] after (%a) relaxed device : i32, memref<1xi32>[index]
      %all = tile.join %a, %b
      scf.yield %all : !tile.token
    }
    default {
      %f, %a = tile.load %y[%c0] after (%e) relaxed device : memref<1xi32>[index] -> i32
      %d, %b = tile.load %x[%c0] after (%a) relaxed device : memref<1xi32>[index] -> i32
      %c = tile.store %f, %out[%c0] after (%e) : i32, memref<2xi32>[index]
      %g = tile.store %d, %out[%c1] after (%e) : i32, memref<2xi32>[index]
      %all = tile.join %a, %b, %c, %g
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %s = tile.load %out[%c0] after (%e) : memref<2xi32>[index] -> i32
    %r1, %t = tile.load %out[%c1] after (%e) : memref<2xi32>[index] -> i32
    tile.print "relaxed_message {} {}" (%r0, %r1 : i32, i32) types ["i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}

// With release and acquire it may not: over 1000 orders, the data is there whenever the flag is.
// CHECK-NOT: {{^}}message 1 0
// CHECK: {{^}}message 0 0
// CHECK: {{^}}message 0 1
// CHECK: {{^}}message 1 1
// CHECK-NOT: {{^}}message 1 0
tile.kernel @message() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<2xi32>
  %init = tile.grid "init" () entry %e {
    %s = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %t = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s, %t : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %b = tile.store %v1, %y[%c0] after (%a) release device : i32, memref<1xi32>[index]
      %all = tile.join %a, %b
      scf.yield %all : !tile.token
    }
    default {
      %f, %a = tile.load %y[%c0] after (%e) acquire device : memref<1xi32>[index] -> i32
      %d, %b = tile.load %x[%c0] after (%a) relaxed device : memref<1xi32>[index] -> i32
      %c = tile.store %f, %out[%c0] after (%e) : i32, memref<2xi32>[index]
      %g = tile.store %d, %out[%c1] after (%e) : i32, memref<2xi32>[index]
      %all = tile.join %a, %b, %c, %g
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %s = tile.load %out[%c0] after (%e) : memref<2xi32>[index] -> i32
    %r1, %t = tile.load %out[%c1] after (%e) : memref<2xi32>[index] -> i32
    tile.print "message {} {}" (%r0, %r1 : i32, i32) types ["i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}

// The lanes of a store arrive one by one.
// CHECK: lanes [0 1]
// CHECK: lanes [1 0]
tile.kernel @lanes() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zeros = arith.constant dense<0> : tensor<2xi32>
  %ones = arith.constant dense<1> : tensor<2xi32>
  %x = tile.array() "x" : memref<2xi32>
  %init = tile.grid "init" () entry %e {
    %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
    %s = tile.store %zeros, %x[%i] after (%e) : tensor<2xi32>, memref<2xi32>[!tile.range<2>]
    tile.yield %s : !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
    %first = arith.cmpi eq, %n, %c0 : index
    %done = scf.if %first -> !tile.token {
      %t = tile.store %ones, %x[%i] after (%e) relaxed device : tensor<2xi32>, memref<2xi32>[!tile.range<2>]
      scf.yield %t : !tile.token
    } else {
      %v, %t = tile.load %x[%i] after (%e) relaxed device : memref<2xi32>[!tile.range<2>] -> tensor<2xi32>
      tile.print "lanes {}" (%v : tensor<2xi32>) over (%i : !tile.range<2>) types ["i32"]
      scf.yield %t : !tile.token
    }
    tile.yield %done : !tile.token
  }
  tile.return
}

// Grids without an order overlap; one with an order waits.
// CHECK: overlap 0 1
// CHECK: overlap 1 1
tile.kernel @overlap() {
  %c0 = arith.constant 0 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    %s = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s : !tile.token
  }
  %early = tile.array() "early" : memref<1xi32>
  %a = tile.grid "a" () entry %e after (%init) {
    %t = tile.store %v1, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
    tile.yield %t : !tile.token
  }
  %b = tile.grid "b" () entry %e after (%init) {
    %v, %t = tile.load %x[%c0] after (%e) relaxed device : memref<1xi32>[index] -> i32
    %u = tile.store %v, %early[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %u : !tile.token
  }
  %c = tile.grid "c" () entry %e after (%a, %b) {
    %v, %t = tile.load %early[%c0] after (%e) : memref<1xi32>[index] -> i32
    %w, %u = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "overlap {} {}" (%v, %w : i32, i32) types ["i32", "i32"]
    tile.yield %t : !tile.token
  }
  tile.return
}
