// RUN: tile-opt %s | tile-opt | FileCheck %s

#x = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0, s1] -> (s0, s1 * 2)>>
#y = #tile.param<name = "Y", kind = result, type = "bool", dims = affine_map<()[s0] -> (s0)>, strided = true>
#s = #tile.param<name = "scale", kind = scalar, type = "f32", dims = affine_map<() -> ()>>

// CHECK-LABEL: tile.kernel @kernel
// CHECK-SAME: tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0, s1] -> (s0, s1 * 2)>>
// CHECK-SAME: tile.param = #tile.param<name = "scale", kind = scalar, type = "f32", dims = affine_map<() -> ()>>
// CHECK-SAME: tile.param = #tile.param<name = "Y", kind = result, type = "bool", dims = affine_map<()[s0] -> (s0)>, strided = true>
// CHECK-SAME: attributes {bound = {N = 8 : i64}, config = {i = 4 : i64}, symbols = ["M", "N"]}
tile.kernel @kernel(%x: memref<?x16xf32, strided<[?, 1]>> {tile.param = #x}, %s: f32 {tile.param = #s}, %y: memref<?xi8, strided<[?]>> {tile.param = #y})
    attributes {symbols = ["M", "N"], bound = {N = 8}, config = {i = 4}} {
  tile.return
}

// CHECK-LABEL: tile.kernel @grid
// CHECK: %[[T:.*]] = tile.grid "grid#0" (%{{.*}} "i" : !tile.range<?> = %{{.*}} to %{{.*}} step %{{.*}}, %{{.*}} "n" : index = %{{.*}} to %{{.*}} step %{{.*}}) entry %[[E:.*]] {
// CHECK: tile.yield %[[E]] : !tile.token
// CHECK: tile.grid "grid#1" (%{{.*}} "j" : !tile.range<8> = %{{.*}} to %{{.*}} step %{{.*}}) entry %{{.*}} after (%[[T]]) {
// CHECK-NEXT: tile.yield
tile.kernel @grid() {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %size = tile.size "i" in "grid#0"
  %t = tile.grid "grid#0" (%i "i" : !tile.range<?> = %c0 to %c8 step %size, %n "n" : index = %c8 to %c0 step %size) entry %e {
    tile.yield %e : !tile.token
  }
  %u = tile.grid "grid#1" (%j "j" : !tile.range<8> = %c0 to %c8 step %c8) entry %e after (%t) {
    tile.yield
  }
  tile.return
}

// CHECK-LABEL: func.func @ranges
// CHECK: tile.size "i" in "loop#2"
// CHECK: tile.tunable "stages" of [2, 3]
// CHECK: tile.range %{{.*}} to %{{.*}} size %{{.*}} "i" : <?>
// CHECK: tile.begin %{{.*}} : <?>
// CHECK: tile.extent %{{.*}} : <?>
// CHECK: tile.shift %{{.*}} by %{{.*}} : <?> -> <?>
func.func @ranges(%lo: index, %hi: index) -> !tile.window<?> {
  %size = tile.size "i" in "loop#2"
  %s = tile.tunable "stages" of [2, 3]
  %i = tile.range %lo to %hi size %size "i" : !tile.range<?>
  %b = tile.begin %i : !tile.range<?>
  %e = tile.extent %i : !tile.range<?>
  %w = tile.shift %i by %e : !tile.range<?> -> !tile.window<?>
  return %w : !tile.window<?>
}

// CHECK-LABEL: func.func @print
// CHECK: tile.print "x {} y {}"(%{{.*}}, %{{.*}} : tensor<?x4xf32>, i32) over(%{{.*}}, %{{.*}} : !tile.range<?>, !tile.range<4>) types ["f32", "u32"]
// CHECK: tile.print "nothing" types []
func.func @print(%x: tensor<?x4xf32>, %y: i32, %i: !tile.range<?>, %j: !tile.range<4>) {
  tile.print "x {} y {}" (%x, %y : tensor<?x4xf32>, i32) over (%i, %j : !tile.range<?>, !tile.range<4>) types ["f32", "u32"]
  tile.print "nothing" types []
  return
}

// CHECK-LABEL: func.func @assert_assume
// CHECK: tile.assert %{{.*}}, "positive" over(%{{.*}} : !tile.range<?>) : tensor<?xi1>
// CHECK: tile.assert %{{.*}}, "one" : i1
// CHECK: tile.assume %{{.*}}
func.func @assert_assume(%c: tensor<?xi1>, %b: i1, %i: !tile.range<?>) {
  tile.assert %c, "positive" over (%i : !tile.range<?>) : tensor<?xi1>
  tile.assert %b, "one" : i1
  tile.assume %b
  return
}
