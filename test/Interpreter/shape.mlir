// RUN: tile-opt --tile-interpret %s -o /dev/null | FileCheck %s

// CHECK: full [7 7 7]
// CHECK: iota [5 6 7]
// CHECK: expand {{\[\[}}5 6 7]]
// CHECK: column
// CHECK-NEXT: {{\[\[}}5 5]
// CHECK-NEXT:  [6 6]
// CHECK-NEXT:  [7 7]]
tile.kernel @creation() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %c8 = arith.constant 8 : index
  %c4 = arith.constant 4 : index
  %7 = arith.constant 7 : i32
  %i = tile.range %c5 to %c8 size %c4 : !tile.range<4>
  %j = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %one = tile.range %c0 to %c1 size %c1 : !tile.range<1>
  %a = tile.full %7(%i) : i32, (!tile.range<4>) -> tensor<4xi32>
  tile.print "full {}" (%a : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
  %b = tile.iota %i : !tile.range<4> -> tensor<4xi32>
  tile.print "iota {}" (%b : tensor<4xi32>) over (%i : !tile.range<4>) types ["i32"]
  %c = tile.expand_dims %b at 0 : tensor<4xi32> -> tensor<1x4xi32>
  tile.print "expand {}" (%c : tensor<1x4xi32>) over (%one, %i : !tile.range<1>, !tile.range<4>) types ["i32"]
  %d = tile.expand_dims %b at 1 : tensor<4xi32> -> tensor<4x1xi32>
  %e = tile.broadcast %d to (%i, %j) : tensor<4x1xi32>, (!tile.range<4>, !tile.range<2>) -> tensor<4x2xi32>
  tile.print "column\n{}" (%e : tensor<4x2xi32>) over (%i, %j : !tile.range<4>, !tile.range<2>) types ["i32"]
  tile.return
}

// CHECK: reshape
// CHECK-NEXT: {{\[\[}}0 1 2]
// CHECK-NEXT:  [3 4 5]]
// CHECK: permute
// CHECK-NEXT: {{\[\[}}0 3]
// CHECK-NEXT:  [1 4]
// CHECK-NEXT:  [2 5]]
// CHECK: slice
// CHECK-NEXT: {{\[\[}}1 2]
// CHECK-NEXT:  [4 5]]
// CHECK: cat
// CHECK-NEXT: {{\[\[}}0 1 2 1 2]
// CHECK-NEXT:  [3 4 5 4 5]]
// CHECK: element [1 4] 4
tile.kernel @changes() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %r2 = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %r3 = tile.range %c0 to %c3 size %c3 : !tile.range<3>
  %r5 = tile.range %c0 to %c5 size %c5 : !tile.range<5>
  %r6 = tile.range %c0 to %c6 size %c6 : !tile.range<6>
  %x = tile.iota %r6 : !tile.range<6> -> tensor<6xi32>
  %a = tile.reshape %x to (%r2, %r3) : tensor<6xi32>, (!tile.range<2>, !tile.range<3>) -> tensor<2x3xi32>
  tile.print "reshape\n{}" (%a : tensor<2x3xi32>) over (%r2, %r3 : !tile.range<2>, !tile.range<3>) types ["i32"]
  %b = tile.permute %a [1, 0] : tensor<2x3xi32> -> tensor<3x2xi32>
  tile.print "permute\n{}" (%b : tensor<3x2xi32>) over (%r3, %r2 : !tile.range<3>, !tile.range<2>) types ["i32"]
  %c = tile.slice %a axis 1 at 1 (%r2) : tensor<2x3xi32>, !tile.range<2> -> tensor<2x2xi32>
  tile.print "slice\n{}" (%c : tensor<2x2xi32>) over (%r2, %r2 : !tile.range<2>, !tile.range<2>) types ["i32"]
  %d = tile.cat %a, %c axis 1 (%r5) : tensor<2x3xi32>, tensor<2x2xi32>, !tile.range<5> -> tensor<2x5xi32>
  tile.print "cat\n{}" (%d : tensor<2x5xi32>) over (%r2, %r5 : !tile.range<2>, !tile.range<5>) types ["i32"]
  %e = tile.element %a axis 1 at %c1 over %r3 : tensor<2x3xi32>, !tile.range<3> -> tensor<2xi32>
  %f = tile.element %e axis 0 at %c1 over %r2 : tensor<2xi32>, !tile.range<2> -> i32
  tile.print "element {} {}" (%e, %f : tensor<2xi32>, i32) over (%r2 : !tile.range<2>) types ["i32", "i32"]
  tile.return
}

// Rank 3, and a source without some of the result's dims.
// CHECK: permute3
// CHECK-NEXT: {{\[\[\[}}0 3]
// CHECK-NEXT:   [1 4]
// CHECK-NEXT:   [2 5]]]
// CHECK: broadcast3
// CHECK-NEXT: {{\[\[}}0 1 2]
// CHECK-NEXT:  [0 1 2]]
// CHECK: scalar {{\[\[}}9]]
tile.kernel @ranks() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c6 = arith.constant 6 : index
  %r1 = tile.range %c0 to %c1 size %c1 : !tile.range<1>
  %r2 = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %r3 = tile.range %c0 to %c3 size %c3 : !tile.range<3>
  %r6 = tile.range %c0 to %c6 size %c6 : !tile.range<6>
  %x = tile.iota %r6 : !tile.range<6> -> tensor<6xi32>
  %a = tile.reshape %x to (%r2, %r1, %r3) : tensor<6xi32>, (!tile.range<2>, !tile.range<1>, !tile.range<3>) -> tensor<2x1x3xi32>
  %b = tile.permute %a [1, 2, 0] : tensor<2x1x3xi32> -> tensor<1x3x2xi32>
  tile.print "permute3\n{}" (%b : tensor<1x3x2xi32>) over (%r1, %r3, %r2 : !tile.range<1>, !tile.range<3>, !tile.range<2>) types ["i32"]
  %y = tile.iota %r3 : !tile.range<3> -> tensor<3xi32>
  %c = tile.broadcast %y to (%r2, %r3) : tensor<3xi32>, (!tile.range<2>, !tile.range<3>) -> tensor<2x3xi32>
  tile.print "broadcast3\n{}" (%c : tensor<2x3xi32>) over (%r2, %r3 : !tile.range<2>, !tile.range<3>) types ["i32"]
  %9 = arith.constant 9 : i32
  %d = tile.reshape %9 to (%r1, %r1) : i32, (!tile.range<1>, !tile.range<1>) -> tensor<1x1xi32>
  tile.print "scalar {}" (%d : tensor<1x1xi32>) over (%r1, %r1 : !tile.range<1>, !tile.range<1>) types ["i32"]
  tile.return
}
