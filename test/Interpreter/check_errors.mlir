// RUN: tile-opt --tile-interpret %s -split-input-file -verify-diagnostics -o /dev/null
//
// The CPU prints the same differences:
// RUN: %python %S/../dialects/Check/call_kernels.py tile-cc %s %t.so

// The first in row-major order, by the indices of the ranges.
tile.kernel @first_difference() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c6 = arith.constant 6 : index
  %i = tile.range %c4 to %c6 size %c2 : !tile.range<2>
  %j = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>
  %y = arith.constant dense<[[1, 2], [-3, -4]]> : tensor<2x2xi32>
  // expected-error @below {{'check.expect_eq': element [5, 0] is 3, expected -3}}
  check.expect_eq %x, %y over (%i, %j : !tile.range<2>, !tile.range<2>) : tensor<2x2xi32>
  tile.return
}

// -----

tile.kernel @scalar() {
  %x = arith.constant 0.5 : f16
  // expected-error @below {{'check.expect_eq_const': the value is 0.5, expected nan}}
  check.expect_eq_const %x, 0x7E00 : f16 : f16
  tile.return
}

// -----

tile.kernel @signs_of_zero() {
  %x = arith.constant -0.0 : f32
  // expected-error @below {{'check.expect_eq_const': the value is -0.0, expected 0.0}}
  check.expect_eq_const %x, 0.0 : f32 : f32
  tile.return
}

// -----

tile.kernel @extent() {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %i = tile.range %c0 to %c3 size %c4 : !tile.range<4>
  %x = arith.constant dense<1> : tensor<4xi32>
  // expected-error @below {{'check.expect_eq_const': dim 0 has 3 elements, expected 4}}
  check.expect_eq_const %x, dense<1> : tensor<4xi32> over (%i : !tile.range<4>) : tensor<4xi32>
  tile.return
}

// -----

tile.kernel @condition() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<[true, false]> : tensor<2xi1>
  // expected-error @below {{'check.expect_true': element [1] is False, expected True}}
  check.expect_true %x over (%i : !tile.range<2>) : tensor<2xi1>
  tile.return
}

// -----

tile.kernel @too_many_steps() {
  %x = arith.constant 1.0 : bf16
  // expected-error @below {{'check.expect_almost_eq_const': the value is 1.0, expected 1.016}}
  check.expect_almost_eq_const %x, 1.015625 : bf16 ulp 1 : bf16
  tile.return
}

// -----

tile.kernel @too_far() {
  %x = arith.constant 1.5 : f32
  // expected-error @below {{'check.expect_almost_eq_const': the value is 1.5, expected 1.0}}
  check.expect_almost_eq_const %x, 1.0 : f32 ulp 3 abs 0.25 rel 0.125 : f32
  tile.return
}

// -----

// No relative distance reaches an infinity.
tile.kernel @infinite() {
  %x = arith.constant 0x7F7FFFFF : f32
  // expected-error @below {{'check.expect_almost_eq_const': the value is 3.4028235e+38, expected inf}}
  check.expect_almost_eq_const %x, 0x7F800000 : f32 ulp 1 rel 1.0 : f32
  tile.return
}

// -----

tile.kernel @infinities_of_two_signs() {
  %x = arith.constant 0xFF800000 : f32
  // expected-error @below {{'check.expect_almost_eq_const': the value is -inf, expected inf}}
  check.expect_almost_eq_const %x, 0x7F800000 : f32 abs 0x7FF0000000000000 : f32
  tile.return
}

// -----

tile.kernel @nan_is_near_nothing_else() {
  %x = arith.constant 0x7FC00000 : f32
  // expected-error @below {{'check.expect_almost_eq_const': the value is nan, expected 0.0}}
  check.expect_almost_eq_const %x, 0.0 : f32 abs 0x7FF0000000000000 : f32
  tile.return
}

// -----

// The two are further apart than a signed integer counts.
tile.kernel @far_apart() {
  %x = arith.constant 0xFFEFFFFFFFFFFFFF : f64
  // expected-error @below {{'check.expect_almost_eq_const': the value is -1.7976931348623157e+308, expected 1.7976931348623157e+308}}
  check.expect_almost_eq_const %x, 0x7FEFFFFFFFFFFFFF : f64 ulp 9223372036854775807 : f64
  tile.return
}

// -----

// In a grid the indices are those of the array, and lanes outside the extent do not count.
tile.kernel @in_a_grid() {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c6 = arith.constant 6 : index
  %g = tile.grid "grid#0" (%i "i" : !tile.range<4> = %c0 to %c6 step %c4) entry %e {
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    %limit = arith.constant dense<5> : tensor<4xi32>
    %y = arith.minsi %x, %limit : tensor<4xi32>
    check.expect_eq %x, %y over (%i : !tile.range<4>) : tensor<4xi32>
    %z = arith.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
    // expected-error @below {{'check.expect_eq': element [4] is 0, expected 4}}
    check.expect_eq %z, %x over (%i : !tile.range<4>) : tensor<4xi32>
    tile.yield %e : !tile.token
  }
  tile.return
}

// -----

tile.kernel @of_three_dims() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %g = tile.grid "grid#0" () entry %e {
    %i = tile.range %c1 to %c3 size %c3 : !tile.range<3>
    %j = tile.range %c0 to %c2 size %c2 : !tile.range<2>
    %k = tile.range %c2 to %c4 size %c4 : !tile.range<4>
    %x = arith.constant dense<1> : tensor<3x2x4xi8>
    %y = arith.constant dense<[[[1, 1, 7, 7], [1, 1, 7, 7]], [[1, 1, 7, 7], [1, -2, 7, 7]], [[7, 7, 7, 7], [7, 7, 7, 7]]]> : tensor<3x2x4xi8>
    // expected-error @below {{'check.expect_eq': element [2, 1, 3] is 1, expected -2}}
    check.expect_eq %x, %y over (%i, %j, %k : !tile.range<3>, !tile.range<2>, !tile.range<4>) : tensor<3x2x4xi8>
    tile.yield %e : !tile.token
  }
  tile.return
}
