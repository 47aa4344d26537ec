// RUN: tile-opt --tile-interpret %s -o /dev/null | FileCheck %s

// A sum along each dim and over both, of a tile whose last row and column lie outside the extents. Over no elements the
// result is the init.
// CHECK: columns [ 9 12]
// CHECK: rows [ 3  7 11]
// CHECK: all 21
// CHECK: none 5
tile.kernel @sums() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0 : i32
  %five = arith.constant 5 : i32
  %i = tile.range %c0 to %c3 size %c4 : !tile.range<4>
  %j = tile.range %c0 to %c2 size %c3 : !tile.range<3>
  %none = tile.range %c0 to %c0 size %c4 : !tile.range<4>
  %x = arith.constant dense<[[1, 2, 100], [3, 4, 100], [5, 6, 100], [100, 100, 100]]> : tensor<4x3xi32>
  %a = tile.reduce commutative (%x) axes [0] over (%i) init (%zero) : (tensor<4x3xi32>), (!tile.range<4>), (i32) -> tensor<3xi32> {
  ^bb0(%l: i32, %r: i32):
    %v = arith.addi %l, %r : i32
    tile.yield %v : i32
  }
  tile.print "columns {}" (%a : tensor<3xi32>) over (%j : !tile.range<3>) types ["i32"]
  %b = tile.reduce commutative (%x) axes [1] over (%j) init (%zero) : (tensor<4x3xi32>), (!tile.range<3>), (i32) -> tensor<4xi32> {
  ^bb0(%l: i32, %r: i32):
    %v = arith.addi %l, %r : i32
    tile.yield %v : i32
  }
  tile.print "rows {}" (%b : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
  %c = tile.reduce commutative (%x) axes [0, 1] over (%i, %j) init (%zero) : (tensor<4x3xi32>), (!tile.range<4>, !tile.range<3>), (i32) -> i32 {
  ^bb0(%l: i32, %r: i32):
    %v = arith.addi %l, %r : i32
    tile.yield %v : i32
  }
  tile.print "all {}" (%c : i32) types ["i32"]
  %d = tile.reduce (%x) axes [0, 1] over (%none, %j) init (%five) : (tensor<4x3xi32>), (!tile.range<4>, !tile.range<3>), (i32) -> i32 {
  ^bb0(%l: i32, %r: i32):
    %v = arith.addi %l, %r : i32
    tile.yield %v : i32
  }
  tile.print "none {}" (%d : i32) types ["i32"]
  tile.return
}

// An associative, not commutative function: affine maps (a, b) = a * x + b, the earlier applied first.
// (2x+1), then (3x+1), then (5x+2): 5*(3*(2x+1)+1)+2 = 30x + 22.
// CHECK: map 30 22
// CHECK: scan [ 2  6 30] [ 1  4 22]
tile.kernel @affine_maps() {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %i = tile.range %c0 to %c3 size %c3 : !tile.range<3>
  %a = arith.constant dense<[2, 3, 5]> : tensor<3xi32>
  %b = arith.constant dense<[1, 1, 2]> : tensor<3xi32>
  %r:2 = tile.reduce (%a, %b) axes [0] over (%i) init (%one, %zero) : (tensor<3xi32>, tensor<3xi32>), (!tile.range<3>), (i32, i32) -> i32, i32 {
  ^bb0(%la: i32, %lb: i32, %ra: i32, %rb: i32):
    %p = arith.muli %la, %ra : i32
    %q = arith.muli %lb, %ra : i32
    %s = arith.addi %q, %rb : i32
    tile.yield %p, %s : i32, i32
  }
  tile.print "map {} {}" (%r#0, %r#1 : i32, i32) types ["i32", "i32"]
  %s:2 = tile.scan (%a, %b) axis 0 over (%i) : (tensor<3xi32>, tensor<3xi32>), (!tile.range<3>) -> tensor<3xi32>, tensor<3xi32> {
  ^bb0(%la: i32, %lb: i32, %ra: i32, %rb: i32):
    %p = arith.muli %la, %ra : i32
    %q = arith.muli %lb, %ra : i32
    %t = arith.addi %q, %rb : i32
    tile.yield %p, %t : i32, i32
  }
  tile.print "scan {} {}" (%s#0, %s#1 : tensor<3xi32>, tensor<3xi32>) over (%i, %i : !tile.range<3>, !tile.range<3>) types ["i32", "i32"]
  tile.return
}

// CHECK: cumsum
// CHECK-NEXT: {{\[\[}}1 2 3]
// CHECK-NEXT:  [5 7 9]]
tile.kernel @scan_of_columns() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %j = tile.range %c0 to %c3 size %c3 : !tile.range<3>
  %x = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %s = tile.scan (%x) axis 0 over (%i) : (tensor<2x3xi32>), (!tile.range<2>) -> tensor<2x3xi32> {
  ^bb0(%l: i32, %r: i32):
    %p = arith.addi %l, %r : i32
    tile.yield %p : i32
  }
  tile.print "cumsum\n{}" (%s : tensor<2x3xi32>) over (%i, %j : !tile.range<2>, !tile.range<3>) types ["i32"]
  tile.return
}

// NaN sorts as largest, -0 equals 0, and equal elements keep their order.
// CHECK: sort [-1. -0.  0.  2. nan nan] [4 1 3 0 2 5]
// CHECK: topk [nan nan  2.] [2 5 0]
tile.kernel @sorts() {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c6 = arith.constant 6 : index
  %i = tile.range %c0 to %c6 size %c6 : !tile.range<6>
  %k = tile.range %c0 to %c3 size %c3 : !tile.range<3>
  %x = arith.constant dense<[2.0, -0.0, 0x7FC00000, 0.0, -1.0, 0x7FC00000]> : tensor<6xf32>
  %v, %n = tile.sort %x axis 0 over %i : tensor<6xf32>, !tile.range<6> -> tensor<6xf32>, tensor<6xi32>
  tile.print "sort {} {}" (%v, %n : tensor<6xf32>, tensor<6xi32>) over (%i, %i : !tile.range<6>, !tile.range<6>) types ["f32", "i32"]
  %w, %m = tile.topk %x axis 0 over %i into %k : tensor<6xf32>, !tile.range<6>, !tile.range<3> -> tensor<3xf32>, tensor<3xi32>
  tile.print "topk {} {}" (%w, %m : tensor<3xf32>, tensor<3xi32>) over (%k, %k : !tile.range<3>, !tile.range<3>) types ["f32", "i32"]
  tile.return
}

// Along the first dim of two; the last row lies outside the extent. Signed and unsigned orders differ.
// CHECK: signed
// CHECK-NEXT: {{\[\[}}-1  2]
// CHECK-NEXT:  [ 1  3]]
// CHECK: unsigned
// CHECK-NEXT: {{\[\[}}255   3]
// CHECK-NEXT:  [  1   2]]
tile.kernel @sort_of_columns() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %i = tile.range %c0 to %c2 size %c3 : !tile.range<3>
  %j = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = arith.constant dense<[[1, 3], [-1, 2], [-7, -7]]> : tensor<3x2xi8>
  %v, %n = tile.sort %x axis 0 over %i : tensor<3x2xi8>, !tile.range<3> -> tensor<3x2xi8>, tensor<3x2xi32>
  tile.print "signed\n{}" (%v : tensor<3x2xi8>) over (%i, %j : !tile.range<3>, !tile.range<2>) types ["i8"]
  %w, %m = tile.topk %x axis 0 over %i into %j unsigned : tensor<3x2xi8>, !tile.range<3>, !tile.range<2> -> tensor<2x2xi8>, tensor<2x2xi32>
  tile.print "unsigned\n{}" (%w : tensor<2x2xi8>) over (%j, %j : !tile.range<2>, !tile.range<2>) types ["u8"]
  tile.return
}
