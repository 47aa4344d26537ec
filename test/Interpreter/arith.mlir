// RUN: tile-opt --tile-interpret %s -o /dev/null | FileCheck %s

// The division rounds down and the remainder has the divisor's sign, as in Python; the most negative integer by -1 wraps.
// CHECK: floordiv [   3   -4   -4    3 -128   12]
// CHECK: floormod [ 1  1 -1 -1  0  7]
tile.kernel @floor_division() {
  %x = arith.constant dense<[7, -7, 7, -7, -128, 127]> : tensor<6xi8>
  %y = arith.constant dense<[2, 2, -2, -2, -1, 10]> : tensor<6xi8>
  %q = tile.floordiv %x, %y : tensor<6xi8>
  %r = tile.floormod %x, %y : tensor<6xi8>
  %c0 = arith.constant 0 : index
  %c6 = arith.constant 6 : index
  %l = tile.range %c0 to %c6 size %c6 : !tile.range<6>
  tile.print "floordiv {}" (%q : tensor<6xi8>) over (%l : !tile.range<6>) types ["i8"]
  tile.print "floormod {}" (%r : tensor<6xi8>) over (%l : !tile.range<6>) types ["i8"]
  tile.return
}

// CHECK: unsigned 127 1
tile.kernel @unsigned_division() {
  %x = arith.constant 255 : i8
  %y = arith.constant 2 : i8
  %q = tile.floordiv %x, %y unsigned : i8
  %r = tile.floormod %x, %y unsigned : i8
  tile.print "unsigned {} {}" (%q, %r : i8, i8) types ["u8", "u8"]
  tile.return
}

// Shifts by the width and beyond shift everything out; a negative integer leaves its sign.
// CHECK: shl [-128    0    0]
// CHECK: shr [-128   -1   -1]
// CHECK: shr unsigned [128   1   0]
tile.kernel @shifts() {
  %x = arith.constant dense<-128> : tensor<3xi8>
  %y = arith.constant dense<[0, 7, 8]> : tensor<3xi8>
  %a = tile.shl %x, %y : tensor<3xi8>
  %b = tile.shr %x, %y : tensor<3xi8>
  %c = tile.shr %x, %y unsigned : tensor<3xi8>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %l = tile.range %c0 to %c3 size %c3 : !tile.range<3>
  tile.print "shl {}" (%a : tensor<3xi8>) over (%l : !tile.range<3>) types ["i8"]
  tile.print "shr {}" (%b : tensor<3xi8>) over (%l : !tile.range<3>) types ["i8"]
  tile.print "shr unsigned {}" (%c : tensor<3xi8>) over (%l : !tile.range<3>) types ["u8"]
  tile.return
}

// Integers wrap; signed and unsigned orders differ.
// CHECK: wrap -106 -106
// CHECK: max 100 206 min -50 100
tile.kernel @integers() {
  %x = arith.constant 100 : i8
  %y = arith.constant 50 : i8
  %z = arith.constant -50 : i8
  %s = arith.addi %x, %y : i8
  %d = arith.subi %z, %x : i8
  %d2 = arith.subi %d, %z : i8
  %d3 = arith.subi %s, %d2 : i8
  %d4 = arith.addi %d3, %d2 : i8
  tile.print "wrap {} {}" (%s, %d4 : i8, i8) types ["i8", "i8"]
  %a = arith.maxsi %x, %z : i8
  %b = arith.maxui %x, %z : i8
  %c = arith.minsi %x, %z : i8
  %e = arith.minui %x, %z : i8
  tile.print "max {} {} min {} {}" (%a, %b, %c, %e : i8, i8, i8, i8) types ["i8", "u8", "i8", "u8"]
  tile.return
}

// A NaN makes min and max NaN, and compares unequal to itself; -0 is below +0.
// CHECK: nan nan 0.0 -0.0
// CHECK: False True False False
tile.kernel @nan_and_zero() {
  %nan = arith.constant 0x7FC00000 : f32
  %one = arith.constant 1.0 : f32
  %zero = arith.constant 0.0 : f32
  %minus = arith.constant -0.0 : f32
  %a = arith.maximumf %nan, %one : f32
  %b = arith.minimumf %one, %nan : f32
  %c = arith.maximumf %minus, %zero : f32
  %d = arith.minimumf %zero, %minus : f32
  tile.print "{} {} {} {}" (%a, %b, %c, %d : f32, f32, f32, f32) types ["f32", "f32", "f32", "f32"]
  %e = arith.cmpf oeq, %nan, %nan : f32
  %f = arith.cmpf une, %nan, %nan : f32
  %g = arith.cmpf olt, %nan, %one : f32
  %h = arith.cmpf oge, %nan, %one : f32
  tile.print "{} {} {} {}" (%e, %f, %g, %h : i1, i1, i1, i1) types ["bool", "bool", "bool", "bool"]
  tile.return
}

// Sums of f16 are rounded to f16: 2048 + 1 is a tie and goes to even.
// CHECK: f16 2.048e+03 2.052e+03
// CHECK: f32 1.6777216e+07
tile.kernel @rounding() {
  %x = arith.constant 2048.0 : f16
  %one = arith.constant 1.0 : f16
  %three = arith.constant 3.0 : f16
  %a = arith.addf %x, %one : f16
  %b = arith.addf %x, %three : f16
  tile.print "f16 {} {}" (%a, %b : f16, f16) types ["f16", "f16"]
  %y = arith.constant 16777216.0 : f32
  %1 = arith.constant 1.0 : f32
  %c = arith.addf %y, %1 : f32
  tile.print "f32 {}" (%c : f32) types ["f32"]
  tile.return
}

// Philox4x32-10 with a zero key and a zero counter begins with 0x6627e8d5 (Random123's known answers).
// CHECK: rand True
tile.kernel @rand() {
  %seed = arith.constant 0 : i64
  %counter = arith.constant 0 : i32
  %u = tile.rand %seed, %counter : i32 -> f32
  %word = arith.constant 6694888.0 : f32
  %scale = arith.constant 5.9604644775390625e-8 : f32
  %expected = arith.mulf %word, %scale : f32
  %same = arith.cmpf oeq, %u, %expected : f32
  tile.print "rand {}" (%same : i1) types ["bool"]
  tile.return
}
