// RUN: tile-opt --tile-interpret %s -split-input-file -verify-diagnostics -o /dev/null

// A top-2 of one element: the second is undefined, which matters only where it is used.
tile.kernel @topk_of_too_few() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c1 size %c2 : !tile.range<2>
  %k = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = tile.iota %i : !tile.range<2> -> tensor<2xi32>
  %v, %n = tile.topk %x axis 0 over %i into %k : tensor<2xi32>, !tile.range<2>, !tile.range<2> -> tensor<2xi32>, tensor<2xi32>
  %first = tile.element %v axis 0 at %c0 over %k : tensor<2xi32>, !tile.range<2> -> i32
  tile.print "{}" (%first : i32) types ["i32"]
  // expected-error @below {{this uses an element to print that a top-k of too few elements left undefined}}
  tile.print "{}" (%v : tensor<2xi32>) over (%k : !tile.range<2>) types ["i32"]
  tile.return
}

// -----

// The reduction observes a range that is larger than the tile's.
tile.kernel @reduce_over_lanes_outside() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0 : i32
  %i = tile.range %c0 to %c1 size %c2 : !tile.range<2>
  %k = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = tile.iota %i : !tile.range<2> -> tensor<2xi32>
  %s = tile.reduce (%x) axes [0] over (%k) init (%zero) : (tensor<2xi32>), (!tile.range<2>), (i32) -> i32 {
  ^bb0(%l: i32, %r: i32):
    %p = arith.addi %l, %r : i32
    tile.yield %p : i32
  }
  // expected-error @below {{internal error of the compiler: this observes an element to print outside the extent of its range}}
  tile.print "{}" (%s : i32) types ["i32"]
  tile.return
}
