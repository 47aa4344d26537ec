// RUN: tile-opt --tile-interpret %s -o /dev/null
// RUN: %python %S/../dialects/Check/call_kernels.py tile-cc %s %t.so

// The division rounds down and the remainder has the divisor's sign, as in Python; the most negative integer by -1 wraps.
tile.kernel @floor_division() {
  %x = arith.constant dense<[7, -7, 7, -7, -128, 127]> : tensor<6xi8>
  %y = arith.constant dense<[2, 2, -2, -2, -1, 10]> : tensor<6xi8>
  %q = tile.floordiv %x, %y : tensor<6xi8>
  %r = tile.floormod %x, %y : tensor<6xi8>
  %c0 = arith.constant 0 : index
  %c6 = arith.constant 6 : index
  %l = tile.range %c0 to %c6 size %c6 : !tile.range<6>
  check.expect_eq_const %q, dense<[3, -4, -4, 3, -128, 12]> : tensor<6xi8> over (%l : !tile.range<6>) : tensor<6xi8>
  check.expect_eq_const %r, dense<[1, 1, -1, -1, 0, 7]> : tensor<6xi8> over (%l : !tile.range<6>) : tensor<6xi8>
  tile.return
}

tile.kernel @unsigned_division() {
  %x = arith.constant 255 : i8
  %y = arith.constant 2 : i8
  %q = tile.floordiv %x, %y unsigned : i8
  %r = tile.floormod %x, %y unsigned : i8
  check.expect_eq_const %q, 127 : i8 : i8
  check.expect_eq_const %r, 1 : i8 : i8
  tile.return
}

// Shifts by the width and beyond shift everything out; a negative integer leaves its sign.
tile.kernel @shifts() {
  %x = arith.constant dense<-128> : tensor<3xi8>
  %y = arith.constant dense<[0, 7, 8]> : tensor<3xi8>
  %a = tile.shl %x, %y : tensor<3xi8>
  %b = tile.shr %x, %y : tensor<3xi8>
  %c = tile.shr %x, %y unsigned : tensor<3xi8>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %l = tile.range %c0 to %c3 size %c3 : !tile.range<3>
  check.expect_eq_const %a, dense<[-128, 0, 0]> : tensor<3xi8> over (%l : !tile.range<3>) : tensor<3xi8>
  check.expect_eq_const %b, dense<[-128, -1, -1]> : tensor<3xi8> over (%l : !tile.range<3>) : tensor<3xi8>
  check.expect_eq_const %c, dense<[128, 1, 0]> : tensor<3xi8> over (%l : !tile.range<3>) : tensor<3xi8>
  tile.return
}

// Integers wrap; signed and unsigned orders differ.
tile.kernel @integers() {
  %x = arith.constant 100 : i8
  %y = arith.constant 50 : i8
  %z = arith.constant -50 : i8
  %s = arith.addi %x, %y : i8
  %d = arith.subi %z, %x : i8
  %d2 = arith.subi %d, %z : i8
  %d3 = arith.subi %s, %d2 : i8
  %d4 = arith.addi %d3, %d2 : i8
  check.expect_eq_const %s, -106 : i8 : i8
  check.expect_eq_const %d4, -106 : i8 : i8
  %a = arith.maxsi %x, %z : i8
  %b = arith.maxui %x, %z : i8
  %c = arith.minsi %x, %z : i8
  %e = arith.minui %x, %z : i8
  check.expect_eq_const %a, 100 : i8 : i8
  check.expect_eq_const %b, 206 : i8 : i8
  check.expect_eq_const %c, -50 : i8 : i8
  check.expect_eq_const %e, 100 : i8 : i8
  tile.return
}

// A NaN makes min and max NaN, and compares unequal to itself; -0 is below +0.
tile.kernel @nan_and_zero() {
  %nan = arith.constant 0x7FC00000 : f32
  %one = arith.constant 1.0 : f32
  %zero = arith.constant 0.0 : f32
  %minus = arith.constant -0.0 : f32
  %a = arith.maximumf %nan, %one : f32
  %b = arith.minimumf %one, %nan : f32
  %c = arith.maximumf %minus, %zero : f32
  %d = arith.minimumf %zero, %minus : f32
  check.expect_eq %a, %nan : f32
  check.expect_eq %b, %nan : f32
  check.expect_eq %c, %zero : f32
  check.expect_eq %d, %minus : f32
  %e = arith.cmpf oeq, %nan, %nan : f32
  %f = arith.cmpf une, %nan, %nan : f32
  %g = arith.cmpf olt, %nan, %one : f32
  %h = arith.cmpf oge, %nan, %one : f32
  check.expect_eq_const %e, false : i1
  check.expect_eq_const %f, true : i1
  check.expect_eq_const %g, false : i1
  check.expect_eq_const %h, false : i1
  tile.return
}

// Sums of f16 are rounded to f16: 2048 + 1 is a tie and goes to even.
tile.kernel @rounding() {
  %x = arith.constant 2048.0 : f16
  %one = arith.constant 1.0 : f16
  %three = arith.constant 3.0 : f16
  %a = arith.addf %x, %one : f16
  %b = arith.addf %x, %three : f16
  check.expect_eq_const %a, 2048.0 : f16 : f16
  check.expect_eq_const %b, 2052.0 : f16 : f16
  %y = arith.constant 16777216.0 : f32
  %1 = arith.constant 1.0 : f32
  %c = arith.addf %y, %1 : f32
  check.expect_eq_const %c, 16777216.0 : f32 : f32
  tile.return
}

// Philox4x32-10 with a zero key and a zero counter begins with 0x6627e8d5 (Random123's known answers).
tile.kernel @uniform() {
  %seed = arith.constant 0 : i64
  %counter = arith.constant 0 : i32
  %u = tile.rand %seed, %counter : i32 -> f32
  %word = arith.constant 6694888.0 : f32
  %scale = arith.constant 5.9604644775390625e-8 : f32
  %expected = arith.mulf %word, %scale : f32
  check.expect_eq %u, %expected : f32
  tile.return
}
