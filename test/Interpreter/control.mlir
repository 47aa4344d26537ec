// RUN: tile-opt --tile-interpret="default-size=3" %s -o /dev/null | FileCheck %s

// Row-major order; the last tile of each dim is clipped, and an index dim may go down.
// CHECK: 0 3 2
// CHECK-NEXT: 0 3 1
// CHECK-NEXT: 3 1 2
// CHECK-NEXT: 3 1 1
tile.kernel @grid() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %cm1 = arith.constant -1 : index
  %size = tile.size "i" in "grid#0"
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %c4 step %size, %n "n" : index = %c2 to %c0 step %cm1) entry %e {
    %b = tile.begin %i : !tile.range<?>
    %x = tile.extent %i : !tile.range<?>
    %b32 = arith.index_cast %b : index to i32
    %x32 = arith.index_cast %x : index to i32
    %n32 = arith.index_cast %n : index to i32
    tile.print "{} {} {}" (%b32, %x32, %n32 : i32, i32, i32) types ["i32", "i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}

// A range that begins behind its end is empty.
// CHECK: empty 5 0
// CHECK: numbers 4 0
tile.kernel @ranges() attributes {config = {"k.x" = 1 : i64}} {
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c0 = arith.constant 0 : index
  %i = tile.range %c5 to %c4 size %c4 : !tile.range<4>
  %b = tile.begin %i : !tile.range<4>
  %x = tile.extent %i : !tile.range<4>
  %b32 = arith.index_cast %b : index to i32
  %x32 = arith.index_cast %x : index to i32
  tile.print "empty {} {}" (%b32, %x32 : i32, i32) types ["i32", "i32"]
  %a = tile.array(%c4) "a" : memref<?x0xf32>
  %c1 = arith.constant 1 : index
  %d = memref.dim %a, %c0 : memref<?x0xf32>
  %f = memref.dim %a, %c1 : memref<?x0xf32>
  %d32 = arith.index_cast %d : index to i32
  %f32 = arith.index_cast %f : index to i32
  tile.print "numbers {} {}" (%d32, %f32 : i32, i32) types ["i32", "i32"]
  tile.return
}

// Iteration values are assigned all at once: Fibonacci by swapping.
// CHECK: for 5 8
// CHECK: while 128
// CHECK: if 1 2
// CHECK: none
tile.kernel @loops() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %0 = arith.constant 0 : i32
  %1 = arith.constant 1 : i32
  %2 = arith.constant 2 : i32
  %100 = arith.constant 100 : i32
  %f:2 = scf.for %n = %c0 to %c5 step %c1 iter_args(%a = %0, %b = %1) -> (i32, i32) {
    %s = arith.addi %a, %b : i32
    scf.yield %b, %s : i32, i32
  }
  tile.print "for {} {}" (%f#0, %f#1 : i32, i32) types ["i32", "i32"]
  %w = scf.while (%x = %1) : (i32) -> i32 {
    %more = arith.cmpi slt, %x, %100 : i32
    scf.condition(%more) %x : i32
  } do {
  ^bb0(%x: i32):
    %d = arith.addi %x, %x : i32
    scf.yield %d : i32
  }
  tile.print "while {}" (%w : i32) types ["i32"]
  %true = arith.constant true
  %false = arith.constant false
  %y = scf.if %true -> (i32) {
    scf.yield %1 : i32
  } else {
    scf.yield %2 : i32
  }
  %z = scf.if %false -> (i32) {
    scf.yield %1 : i32
  } else {
    scf.yield %2 : i32
  }
  tile.print "if {} {}" (%y, %z : i32, i32) types ["i32", "i32"]
  scf.for %n = %c5 to %c0 step %c1 {
    tile.print "never" types []
  }
  scf.if %false {
    tile.print "never" types []
  }
  tile.print "none" types []
  tile.return
}

// An assertion looks at the elements inside only; a true assumption says nothing.
// CHECK: asserted
tile.kernel @checks() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %i = tile.range %c0 to %c2 size %c3 : !tile.range<3>
  %condition = arith.constant dense<[true, true, false]> : tensor<3xi1>
  tile.assert %condition, "holds inside" over (%i : !tile.range<3>) : tensor<3xi1>
  %true = arith.constant true
  tile.assume %true
  tile.print "asserted" types []
  tile.return
}
