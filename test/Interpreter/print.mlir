// RUN: tile-opt --tile-interpret %s -o /dev/null | FileCheck %s --strict-whitespace

// Values are clipped to their ranges; u8 and bool are what the source calls them; {{ and }} are braces.
//      CHECK: x = {{\[\[}}1. 2.]
// CHECK-NEXT:  [4. 5.]], n = 255, b = True, {{[{][}]}}
// CHECK-NEXT: [ True False]
tile.kernel @print() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %j = tile.range %c0 to %c2 size %c3 : !tile.range<3>
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %n = arith.constant -1 : i8
  %b = arith.constant 1 : i8
  tile.print "x = {}, n = {}, b = {}, {{}}" (%x, %n, %b : tensor<2x3xf32>, i8, i8) over (%i, %j : !tile.range<2>, !tile.range<3>) types ["f32", "u8", "bool"]
  %m = arith.constant dense<[true, false]> : tensor<2xi1>
  tile.print "{}" (%m : tensor<2xi1>) over (%i : !tile.range<2>) types ["bool"]
  tile.return
}
