// RUN: tile-opt --tile-interpret %s -verify-diagnostics -o /dev/null

tile.kernel @undefined() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = tile.range %c0 to %c1 size %c2 : !tile.range<2>
  %two = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = tile.iota %one : !tile.range<2> -> tensor<2xi32>
  %y = arith.constant dense<1> : tensor<2xi32>
  // expected-error @below {{this observes an expected element outside the extent of its range}}
  check.expect_eq %y, %x over (%two : !tile.range<2>) : tensor<2xi32>
  tile.return
}
