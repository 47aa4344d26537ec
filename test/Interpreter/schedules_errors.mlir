// RUN: tile-opt --tile-interpret="schedules=50 seed=3" %s -split-input-file -verify-diagnostics -o /dev/null

// The order of two relaxed exchanges shows.
// expected-error-re @below {{two legal orders give different results: 'last {{[01]}}' is printed in schedule {{[0-9]+}} and not in schedule {{[0-9]+}}}}
// expected-note-re @below {{'schedules=1 seed={{[0-9]+}}' replays schedule {{[0-9]+}}}}
tile.kernel @last() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %x = tile.array() "x" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    %zero = arith.constant 0 : i32
    %s = tile.store %zero, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s : !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %v = arith.index_cast %n : index to i32
    %old, %t = tile.atomic_rmw xchg %v, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index] -> i32
    tile.yield %t : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %v, %s = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "last {}" (%v : i32) types ["i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}

// -----

// An error of one order says which.
// expected-note-re @below {{found in schedule {{[0-9]+}}; 'schedules=1 seed={{[0-9]+}}' replays it}}
tile.kernel @assertion() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    %zero = arith.constant 0 : i32
    %s = tile.store %zero, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s : !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %old, %t = tile.atomic_rmw addi %one, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index] -> i32
    %v = arith.index_cast %n : index to i32
    %inOrder = arith.cmpi eq, %v, %old : i32
    // expected-error @below {{assertion failed: in row-major order}}
    tile.assert %inOrder, "in row-major order" : i1
    tile.yield %t : !tile.token
  }
  tile.return
}
