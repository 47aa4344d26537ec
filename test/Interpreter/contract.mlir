// RUN: tile-opt --tile-interpret %s -o /dev/null | FileCheck %s

// [[1 2] [3 4]] @ [[5 6] [7 8]] + [[1 0] [0 1]].
// CHECK: dot
// CHECK-NEXT: {{\[\[}}20. 22.]
// CHECK-NEXT:  [43. 51.]]
tile.kernel @dot() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %r = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf16>
  %b = arith.constant dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf16>
  %c = arith.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
  %v = tile.dot %a, %b, %c over %r : tensor<2x2xf16>, tensor<2x2xf16>, !tile.range<2> -> tensor<2x2xf32>
  tile.print "dot\n{}" (%v : tensor<2x2xf32>) over (%r, %r : !tile.range<2>, !tile.range<2>) types ["f32"]
  tile.return
}

// The contraction takes only the elements inside its range's extent; batches are independent.
// CHECK: batches
// CHECK-NEXT: {{\[\[\[}} 1.]]
// CHECK-EMPTY:
// CHECK-NEXT:  {{\[\[}}12.]]]
tile.kernel @batches() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %b = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %one = tile.range %c0 to %c1 size %c1 : !tile.range<1>
  %k = tile.range %c0 to %c2 size %c3 : !tile.range<3>
  %x = arith.constant dense<[[[1.0, 0.0, 100.0]], [[2.0, 3.0, 100.0]]]> : tensor<2x1x3xf64>
  %y = arith.constant dense<[[[1.0], [5.0], [100.0]], [[3.0], [2.0], [100.0]]]> : tensor<2x3x1xf64>
  %z = arith.constant dense<0.0> : tensor<2x1x1xf64>
  %v = tile.dot %x, %y, %z over %k : tensor<2x1x3xf64>, tensor<2x3x1xf64>, !tile.range<3> -> tensor<2x1x1xf64>
  tile.print "batches\n{}" (%v : tensor<2x1x1xf64>) over (%b, %one, %one : !tile.range<2>, !tile.range<1>, !tile.range<1>) types ["f64"]
  tile.return
}

// i8 with u8: 200 * -1 + 100 * 2; sums wrap at 32 bits.
// CHECK: mixed {{\[\[}}0]] signed {{\[\[}}256]] wrapped {{\[\[}}-2147483648]]
tile.kernel @integers() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = tile.range %c0 to %c1 size %c1 : !tile.range<1>
  %k = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<[[-56, 100]]> : tensor<1x2xi8>
  %y = arith.constant dense<[[-1], [2]]> : tensor<2x1xi8>
  %z = arith.constant dense<0> : tensor<1x1xi32>
  %big = arith.constant dense<2147483392> : tensor<1x1xi32>
  %a = tile.dot %x, %y, %z over %k lhs_unsigned : tensor<1x2xi8>, tensor<2x1xi8>, !tile.range<2> -> tensor<1x1xi32>
  %b = tile.dot %x, %y, %z over %k : tensor<1x2xi8>, tensor<2x1xi8>, !tile.range<2> -> tensor<1x1xi32>
  %c = tile.dot %x, %y, %big over %k : tensor<1x2xi8>, tensor<2x1xi8>, !tile.range<2> -> tensor<1x1xi32>
  tile.print "mixed {} signed {} wrapped {}" (%a, %b, %c : tensor<1x1xi32>, tensor<1x1xi32>, tensor<1x1xi32>)
    over (%one, %one, %one, %one, %one, %one : !tile.range<1>, !tile.range<1>, !tile.range<1>, !tile.range<1>, !tile.range<1>, !tile.range<1>) types ["i32", "i32", "i32"]
  tile.return
}

// 64 ones times 64 ones: the first 32 with scales 2 and 1, the others with 1/2 and 4, make 32 * 2 + 32 * 2.
// CHECK: scaled {{\[\[}}128.]] nan {{\[\[}}nan]]
tile.kernel @scaled() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %one = tile.range %c0 to %c1 size %c1 : !tile.range<1>
  %k = tile.range %c0 to %c64 size %c64 : !tile.range<64>
  %x = arith.constant dense<1.0> : tensor<1x64xf16>
  %y = arith.constant dense<1.0> : tensor<64x1xf16>
  %sx = arith.constant dense<[[128, 126]]> : tensor<1x2xi8>
  %sy = arith.constant dense<[[127], [129]]> : tensor<2x1xi8>
  %nan = arith.constant dense<[[127], [255]]> : tensor<2x1xi8>
  %z = arith.constant dense<0.0> : tensor<1x1xf32>
  %v = tile.dot_scaled %x scale %sx, %y scale %sy, %z over %k : tensor<1x64xf16>, tensor<1x2xi8>, tensor<64x1xf16>, tensor<2x1xi8>, !tile.range<64> -> tensor<1x1xf32>
  %w = tile.dot_scaled %x scale %sx, %y scale %nan, %z over %k : tensor<1x64xf16>, tensor<1x2xi8>, tensor<64x1xf16>, tensor<2x1xi8>, !tile.range<64> -> tensor<1x1xf32>
  tile.print "scaled {} nan {}" (%v, %w : tensor<1x1xf32>, tensor<1x1xf32>) over (%one, %one, %one, %one : !tile.range<1>, !tile.range<1>, !tile.range<1>, !tile.range<1>) types ["f32", "f32"]
  tile.return
}

// Products of f16 are exact in f32, sums are rounded there: 2^24 + 1 + 1 in ascending order loses both ones.
// CHECK: ascending {{\[\[}}1.6777216e+07]]
tile.kernel @rounding() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %one = tile.range %c0 to %c1 size %c1 : !tile.range<1>
  %k = tile.range %c0 to %c3 size %c3 : !tile.range<3>
  %x = arith.constant dense<[[4096.0, 1.0, 1.0]]> : tensor<1x3xf16>
  %y = arith.constant dense<[[4096.0], [1.0], [1.0]]> : tensor<3x1xf16>
  %z = arith.constant dense<0.0> : tensor<1x1xf32>
  %v = tile.dot %x, %y, %z over %k : tensor<1x3xf16>, tensor<3x1xf16>, !tile.range<3> -> tensor<1x1xf32>
  tile.print "ascending {}" (%v : tensor<1x1xf32>) over (%one, %one : !tile.range<1>, !tile.range<1>) types ["f32"]
  tile.return
}
