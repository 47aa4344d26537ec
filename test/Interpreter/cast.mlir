// RUN: tile-opt --tile-interpret %s -o /dev/null
// RUN: %python %S/../dialects/Check/call_kernels.py tile-cc %s %t.so

// Float to integer truncates and saturates; NaN is 0.
tile.kernel @float_to_int() {
  %x = arith.constant dense<[2.9, -2.9, 300.0, -300.0, 0x7FC00000, 0x7F800000]> : tensor<6xf32>
  %s = tile.cast %x : tensor<6xf32> to tensor<6xi8>
  %u = tile.cast %x to_unsigned : tensor<6xf32> to tensor<6xi8>
  %c0 = arith.constant 0 : index
  %c6 = arith.constant 6 : index
  %l = tile.range %c0 to %c6 size %c6 : !tile.range<6>
  check.expect_eq_const %s, dense<[2, -2, 127, -128, 0, 127]> : tensor<6xi8> over (%l : !tile.range<6>) : tensor<6xi8>
  check.expect_eq_const %u, dense<[2, 0, 255, 0, 0, 255]> : tensor<6xi8> over (%l : !tile.range<6>) : tensor<6xi8>
  tile.return
}

// Integers wrap on the way down, and extend by the source's signedness on the way up.
tile.kernel @int_to_int() {
  %x = arith.constant 200 : i32
  %a = tile.cast %x : i32 to i8
  %y = arith.constant -1 : i8
  %b = tile.cast %y : i8 to i32
  %c = tile.cast %y from_unsigned : i8 to i32
  check.expect_eq_const %a, -56 : i8 : i8
  check.expect_eq_const %b, -1 : i32 : i32
  check.expect_eq_const %c, 255 : i32 : i32
  tile.return
}

// To bool is != 0, also for NaN and for integers whose low bit is 0; from bool it is 0 or 1.
tile.kernel @bools() {
  %nan = arith.constant 0x7FC00000 : f32
  %minus = arith.constant -0.0 : f32
  %two = arith.constant 2 : i32
  %a = tile.cast %nan : f32 to i1
  %b = tile.cast %minus : f32 to i1
  %c = tile.cast %two : i32 to i1
  %d = tile.cast %c : i1 to i32
  %e = tile.cast %c : i1 to f32
  check.expect_eq_const %a, true : i1
  check.expect_eq_const %b, false : i1
  check.expect_eq_const %c, true : i1
  check.expect_eq_const %d, 1 : i32 : i32
  check.expect_eq_const %e, 1.0 : f32 : f32
  tile.return
}

// To f8 saturates, infinities too, and a NaN stays one. 464 is halfway between 448 and what would be 480.
tile.kernel @float8() {
  %x = arith.constant 464.0 : f32
  %inf = arith.constant 0x7F800000 : f32
  %minus = arith.constant -1.0e9 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %odd = arith.constant 17.0 : f32
  %a = tile.cast %x : f32 to f8E4M3FN
  %b = tile.cast %inf : f32 to f8E4M3FN
  %c = tile.cast %minus : f32 to f8E4M3FN
  %d = tile.cast %nan : f32 to f8E4M3FN
  %e = tile.cast %inf : f32 to f8E5M2
  %f = tile.cast %odd : f32 to f8E4M3FN
  check.expect_eq_const %a, 448.0 : f8E4M3FN : f8E4M3FN
  check.expect_eq_const %b, 448.0 : f8E4M3FN : f8E4M3FN
  check.expect_eq_const %c, -448.0 : f8E4M3FN : f8E4M3FN
  check.expect_eq_const %d, 0x7F : f8E4M3FN : f8E4M3FN
  check.expect_eq_const %e, 57344.0 : f8E5M2 : f8E5M2
  check.expect_eq_const %f, 16.0 : f8E4M3FN : f8E4M3FN
  tile.return
}

// An i64 becomes an f32 with one rounding: 2^60 + 2^36 + 1 lies above the midpoint that it would tie at after a double.
tile.kernel @int_to_float() {
  %x = arith.constant 1152921573326323713 : i64
  %a = tile.cast %x : i64 to f32
  %y = arith.constant -1 : i64
  %b = tile.cast %y from_unsigned : i64 to f32
  %c = tile.cast %y : i64 to f32
  check.expect_eq_const %a, 0x5D800001 : f32 : f32
  check.expect_eq_const %b, 0x5F800000 : f32 : f32
  check.expect_eq_const %c, -1.0 : f32 : f32
  tile.return
}

tile.kernel @bitcast() {
  %x = arith.constant 1.0 : f32
  %a = arith.bitcast %x : f32 to i32
  check.expect_eq_const %a, 1065353216 : i32 : i32
  tile.return
}
