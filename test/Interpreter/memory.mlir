// RUN: tile-opt --tile-interpret %s -o /dev/null | FileCheck %s

// The last tile of each dim is clipped: its lanes outside are neither stored nor loaded.
// CHECK-LABEL: ragged
// CHECK: [0 1 2 3 4 5 6]
tile.kernel @ragged() {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c7 = arith.constant 7 : index
  %a = tile.array() "a" : memref<7xi32>
  %g = tile.grid "grid#0" (%i "i" : !tile.range<4> = %c0 to %c7 step %c4) entry %e {
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %t = tile.store %x, %a[%i] after (%e) : tensor<4xi32>, memref<7xi32>[!tile.range<4>]
    tile.yield %t : !tile.token
  }
  %h = tile.grid "grid#1" () entry %e after (%g) {
    %all = tile.range %c0 to %c7 size %c7 : !tile.range<7>
    %y, %t = tile.load %a[%all] after (%e) : memref<7xi32>[!tile.range<7>] -> tensor<7xi32>
    tile.print "ragged\n{}" (%y : tensor<7xi32>) over (%all : !tile.range<7>) types ["i32"]
    tile.yield %t : !tile.token
  }
  tile.return
}

// A window leaves the array at both ends: pad is read there, and nothing is written.
// CHECK: window [-1  0  1  2]
// CHECK: window [ 2  3 -1 -1]
// CHECK: window [0 0 1 2]
// CHECK: after the store [9 9 2 3]
tile.kernel @windows() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %cm1 = arith.constant -1 : index
  %cm2 = arith.constant -2 : index
  %c4 = arith.constant 4 : index
  %pad = arith.constant -1 : i32
  %a = tile.array() "a" : memref<4xi32>
  %g = tile.grid "grid#0" () entry %e {
    %i = tile.range %c0 to %c4 size %c4 : !tile.range<4>
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %t = tile.store %x, %a[%i] after (%e) : tensor<4xi32>, memref<4xi32>[!tile.range<4>]
    %left = tile.shift %i by %cm1 : !tile.range<4> -> !tile.window<4>
    %right = tile.shift %i by %c2 : !tile.range<4> -> !tile.window<4>
    %l, %t1 = tile.load %a[%left] pad %pad : i32 after (%t) : memref<4xi32>[!tile.window<4>] -> tensor<4xi32>
    %r, %t2 = tile.load %a[%right] pad %pad : i32 after (%t) : memref<4xi32>[!tile.window<4>] -> tensor<4xi32>
    %z, %t3 = tile.load %a[%left] after (%t) : memref<4xi32>[!tile.window<4>] -> tensor<4xi32>
    tile.print "window {}" (%l : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
    tile.print "window {}" (%r : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
    tile.print "window {}" (%z : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
    %nine = arith.constant dense<9> : tensor<4xi32>
    %far = tile.shift %i by %cm2 : !tile.range<4> -> !tile.window<4>
    %t4 = tile.store %nine, %a[%far] after (%t1, %t2, %t3) : tensor<4xi32>, memref<4xi32>[!tile.window<4>]
    %y, %t5 = tile.load %a[%i] after (%t4) : memref<4xi32>[!tile.range<4>] -> tensor<4xi32>
    tile.print "after the store {}" (%y : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
    tile.yield %t5 : !tile.token
  }
  tile.return
}

// A mask hides accesses, and their subscripts are not checked: index 9 is outside the array.
// CHECK: masked [7 7 2 3]
// CHECK: old [0 1 2 3] new [ 0  1 42 42]
tile.kernel @masks() {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %seven = arith.constant 7 : i32
  %a = tile.array() "a" : memref<4xi32>
  %g = tile.grid "grid#0" () entry %e {
    %i = tile.range %c0 to %c4 size %c4 : !tile.range<4>
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %t = tile.store %x, %a[%i] after (%e) : tensor<4xi32>, memref<4xi32>[!tile.range<4>]
    %mask = arith.constant dense<[false, false, true, true]> : tensor<4xi1>
    %index = arith.constant dense<[9, -9, 2, 3]> : tensor<4xi32>
    %m, %t1 = tile.load %a[%index] mask %mask : tensor<4xi1> pad %seven : i32 after (%t) : memref<4xi32>[tensor<4xi32>] -> tensor<4xi32>
    tile.print "masked {}" (%m : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
    %42 = arith.constant dense<42> : tensor<4xi32>
    %t2 = tile.store %42, %a[%index] mask %mask : tensor<4xi1> after (%t1) : tensor<4xi32>, memref<4xi32>[tensor<4xi32>]
    %y, %t3 = tile.load %a[%i] after (%t2) : memref<4xi32>[!tile.range<4>] -> tensor<4xi32>
    tile.print "old {} new {}" (%x, %y : tensor<4xi32>, tensor<4xi32>) over (%i, %i : !tile.range<4>, !tile.range<4>) types ["i32", "i32"]
    tile.yield %t3 : !tile.token
  }
  tile.return
}

// Integer tiles of one access broadcast together; their dims stand where the first of them stood.
// CHECK: rows
// CHECK-NEXT: {{\[\[}}20 21 22]
// CHECK-NEXT: [ 0  1  2]]
// CHECK: points [21 10]
// CHECK: scalar 12
tile.kernel @gathers() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %a = tile.array() "a" : memref<3x3xi32>
  %g = tile.grid "grid#0" (%r "r" : index = %c0 to %c3 step %c1) entry %e {
    %j = tile.range %c0 to %c3 size %c3 : !tile.range<3>
    %x = tile.iota %j : !tile.range<3> -> tensor<3xi32>
    %r32 = arith.index_cast %r : index to i32
    %ten = arith.constant 10 : i32
    %base = arith.muli %r32, %ten : i32
    %row = tile.full %base(%j) : i32, (!tile.range<3>) -> tensor<3xi32>
    %v = arith.addi %row, %x : tensor<3xi32>
    %t = tile.store %v, %a[%r, %j] after (%e) : tensor<3xi32>, memref<3x3xi32>[index, !tile.range<3>]
    tile.yield %t : !tile.token
  }
  %h = tile.grid "grid#1" () entry %e after (%g) {
    %two = tile.range %c0 to %c2 size %c2 : !tile.range<2>
    %j = tile.range %c0 to %c3 size %c3 : !tile.range<3>
    %rows = arith.constant dense<[2, 0]> : tensor<2xi32>
    %x, %t0 = tile.load %a[%rows, %j] after (%e) : memref<3x3xi32>[tensor<2xi32>, !tile.range<3>] -> tensor<2x3xi32>
    tile.print "rows\n{}" (%x : tensor<2x3xi32>) over (%two, %j : !tile.range<2>, !tile.range<3>) types ["i32"]
    %r = arith.constant dense<[2, 1]> : tensor<2xi32>
    %c = arith.constant dense<[1, 0]> : tensor<2xi32>
    %y, %t1 = tile.load %a[%r, %c] after (%e) : memref<3x3xi32>[tensor<2xi32>, tensor<2xi32>] -> tensor<2xi32>
    tile.print "points {}" (%y : tensor<2xi32>) over (%two : !tile.range<2>) types ["i32"]
    %z, %t2 = tile.load %a[%c1, %c2] after (%e) : memref<3x3xi32>[index, index] -> i32
    tile.print "scalar {}" (%z : i32) types ["i32"]
    tile.yield %t0, %t1, %t2 : !tile.token, !tile.token, !tile.token
  }
  tile.return
}

// Lanes that an index tile does not have are not gathered and not scattered.
// CHECK: reversed [4 3 2 1 0]
tile.kernel @gather_of_a_clipped_tile() {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %a = tile.array() "a" : memref<5xi32>
  %g = tile.grid "grid#0" (%i "i" : !tile.range<4> = %c0 to %c5 step %c4) entry %e {
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %last = arith.constant 4 : i32
    %lasts = tile.full %last(%i) : i32, (!tile.range<4>) -> tensor<4xi32>
    %back = arith.subi %lasts, %x : tensor<4xi32>
    %t = tile.store %x, %a[%back] after (%e) : tensor<4xi32>, memref<5xi32>[tensor<4xi32>]
    tile.yield %t : !tile.token
  }
  %h = tile.grid "grid#1" () entry %e after (%g) {
    %all = tile.range %c0 to %c5 size %c5 : !tile.range<5>
    %y, %t = tile.load %a[%all] after (%e) : memref<5xi32>[!tile.range<5>] -> tensor<5xi32>
    tile.print "reversed {}" (%y : tensor<5xi32>) over (%all : !tile.range<5>) types ["i32"]
    tile.yield %t : !tile.token
  }
  tile.return
}
