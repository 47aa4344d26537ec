// RUN: tile-opt --tile-interpret %s -split-input-file -verify-diagnostics -o /dev/null

tile.kernel @division_by_zero() {
  %x = arith.constant dense<[7, 8]> : tensor<2xi32>
  %y = arith.constant dense<[2, 0]> : tensor<2xi32>
  // expected-error @below {{division by zero}}
  %q = tile.floordiv %x, %y : tensor<2xi32>
  tile.return
}

// -----

tile.kernel @remainder_by_zero() {
  %x = arith.constant 7 : i32
  %y = arith.constant 0 : i32
  // expected-error @below {{division by zero}}
  %q = tile.floormod %x, %y unsigned : i32
  tile.return
}

// -----

// Lanes outside the range hold zeros here, which is no fault.
tile.kernel @division_outside_the_extent() {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %i = tile.range %c0 to %c3 size %c4 : !tile.range<4>
  %n = tile.iota %i : !tile.range<4> -> tensor<4xi32>
  %three = arith.constant 3 : i32
  %threes = tile.full %three(%i) : i32, (!tile.range<4>) -> tensor<4xi32>
  %d = arith.subi %threes, %n : tensor<4xi32>
  %q = tile.floordiv %threes, %d : tensor<4xi32>
  tile.return
}

// -----

tile.kernel @power_of_zero() {
  %x = arith.constant 0 : i32
  %y = arith.constant -1 : i32
  // expected-error @below {{division by zero: 0 to a negative power}}
  %q = math.ipowi %x, %y : i32
  tile.return
}
