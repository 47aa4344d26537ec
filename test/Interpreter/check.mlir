// RUN: tile-opt --tile-interpret %s -o /dev/null
//
// So do the ops that targets get, on the interpreter and on the CPU:
// RUN: tile-opt --check-to-tile --tile-interpret %s -o /dev/null
// RUN: %python %S/../dialects/Check/call_kernels.py tile-cc %s %t.so

// Lanes outside an extent do not count.
tile.kernel @clipped() {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %i = tile.range %c0 to %c3 size %c4 : !tile.range<4>
  %x = arith.constant dense<[1, 2, 3, 4]> : tensor<4xi32>
  %y = arith.constant dense<[1, 2, 3, 5]> : tensor<4xi32>
  check.expect_eq %x, %y over (%i : !tile.range<4>) : tensor<4xi32>
  check.expect_eq_const %x, dense<[1, 2, 3]> : tensor<3xi32> over (%i : !tile.range<4>) : tensor<4xi32>
  %same = arith.cmpi eq, %x, %y : tensor<4xi32>
  check.expect_true %same over (%i : !tile.range<4>) : tensor<4xi1>
  tile.return
}

tile.kernel @empty() {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %i = tile.range %c0 to %c0 size %c4 : !tile.range<4>
  %x = arith.constant dense<1> : tensor<4xi32>
  %y = arith.constant dense<2> : tensor<4xi32>
  check.expect_eq %x, %y over (%i : !tile.range<4>) : tensor<4xi32>
  check.expect_eq_const %x, dense<> : tensor<0xi32> over (%i : !tile.range<4>) : tensor<4xi32>
  tile.return
}

// Any NaN is the same as any other, in every float type.
tile.kernel @nans() {
  %a = arith.constant 0x7FC00000 : f32
  check.expect_eq_const %a, 0xFFC00001 : f32 : f32
  check.expect_almost_eq_const %a, 0xFFC00001 : f32 ulp 0 : f32
  %b = arith.constant 0x7E00 : f16
  check.expect_eq_const %b, 0x7E01 : f16 : f16
  %c = arith.constant 0x7F : f8E4M3FN
  check.expect_eq_const %c, 0xFF : f8E4M3FN : f8E4M3FN
  tile.return
}

// Steps count across zero, whose signs are one number here, and up to an infinity but not onto it.
tile.kernel @ulps() {
  %least = arith.constant 0x00000001 : f32
  check.expect_almost_eq_const %least, 0x80000001 : f32 ulp 2 : f32
  %zero = arith.constant -0.0 : f32
  check.expect_almost_eq_const %zero, 0.0 : f32 ulp 0 : f32
  %inf = arith.constant 0x7F800000 : f32
  check.expect_almost_eq_const %inf, 0x7F800000 : f32 ulp 0 : f32
  %one = arith.constant 1.0 : bf16
  check.expect_almost_eq_const %one, 1.015625 : bf16 ulp 2 : bf16
  // Between the least and the largest f64 lie more steps than a signed integer counts.
  %low = arith.constant 0xFFEFFFFFFFFFFFFF : f64
  check.expect_almost_eq_const %low, 0xFFEFFFFFFFFFFFFE : f64 ulp 1 : f64
  tile.return
}

tile.kernel @distances() {
  %x = arith.constant 1.5 : f16
  check.expect_almost_eq_const %x, 1.0 : f16 abs 0.5 : f16
  check.expect_almost_eq_const %x, 1.0 : f16 rel 0.5 : f16
  check.expect_almost_eq_const %x, 1.0 : f16 abs 0.25 rel 0.25 : f16
  tile.return
}

tile.kernel @integers() {
  %c0 = arith.constant 0 : index
  %true = arith.constant true
  %x = arith.constant -128 : i8
  %y = arith.constant -9223372036854775808 : i64
  check.expect_true %true : i1
  check.expect_eq_const %true, true : i1
  check.expect_eq_const %c0, 0 : index : index
  check.expect_eq %c0, %c0 : index
  check.expect_eq_const %x, -128 : i8 : i8
  check.expect_eq_const %y, -9223372036854775808 : i64 : i64
  tile.return
}

// Constants of every element type, and more dims.
tile.kernel @constants() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %j = tile.range %c0 to %c2 size %c3 : !tile.range<3>
  %a = arith.constant dense<[[true, false, true], [false, false, true]]> : tensor<2x3xi1>
  check.expect_eq_const %a, dense<[[true, false], [false, false]]> : tensor<2x2xi1> over (%i, %j : !tile.range<2>, !tile.range<3>) : tensor<2x3xi1>
  %b = arith.constant dense<[[1.5, -0.0, 0.0], [65504.0, 5.96e-8, 0x7C00]]> : tensor<2x3xf16>
  check.expect_eq_const %b, dense<[[1.5, -0.0], [65504.0, 5.96e-8]]> : tensor<2x2xf16> over (%i, %j : !tile.range<2>, !tile.range<3>) : tensor<2x3xf16>
  %c = arith.constant dense<[[1.0, 2.0, 3.0], [-448.0, 0.001953125, 0x7F]]> : tensor<2x3xf8E4M3FN>
  check.expect_eq_const %c, dense<[[1.0, 2.0], [-448.0, 0.001953125]]> : tensor<2x2xf8E4M3FN> over (%i, %j : !tile.range<2>, !tile.range<3>) : tensor<2x3xf8E4M3FN>
  %d = arith.constant dense<[[1, -2, 3], [-4, 5, -6]]> : tensor<2x3xi16>
  check.expect_eq_const %d, dense<[[1, -2], [-4, 5]]> : tensor<2x2xi16> over (%i, %j : !tile.range<2>, !tile.range<3>) : tensor<2x3xi16>
  %e = arith.constant dense<[[0.1, 0.2, 0.3], [1.0e300, 5.0e-324, -0.0]]> : tensor<2x3xf64>
  check.expect_eq_const %e, dense<[[0.1, 0.2], [1.0e300, 5.0e-324]]> : tensor<2x2xf64> over (%i, %j : !tile.range<2>, !tile.range<3>) : tensor<2x3xf64>
  %f = arith.constant dense<[[1.0, -3.0, 0x7FC0], [0x7F80, 1.0e-38, 0.0]]> : tensor<2x3xbf16>
  check.expect_eq_const %f, dense<[[1.0, -3.0], [0x7F80, 1.0e-38]]> : tensor<2x2xbf16> over (%i, %j : !tile.range<2>, !tile.range<3>) : tensor<2x3xbf16>
  tile.return
}

// Tiles whose size the config gives, the last one clipped.
tile.kernel @sizes_of_the_config() attributes {config = {i = 5 : i64}} {
  %c0 = arith.constant 0 : index
  %c7 = arith.constant 7 : index
  %s = tile.size "i" in "grid#0"
  %g = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %c7 step %s) entry %e {
    %x = tile.iota %i : !tile.range<?> -> tensor<?xi32>
    %y = arith.addi %x, %x : tensor<?xi32>
    %z = arith.subi %y, %x : tensor<?xi32>
    check.expect_eq %z, %x over (%i : !tile.range<?>) : tensor<?xi32>
    %notLess = arith.cmpi sge, %y, %x : tensor<?xi32>
    check.expect_true %notLess over (%i : !tile.range<?>) : tensor<?xi1>
    tile.yield %e : !tile.token
  }
  tile.return
}
