// RUN: tile-opt %s | tile-opt | FileCheck %s

// CHECK-LABEL: func.func @cast
// CHECK: tile.cast %{{.*}} : f32 to f8E4M3FN
// CHECK: tile.cast %{{.*}} from_unsigned : tensor<?xi8> to tensor<?xf32>
// CHECK: tile.cast %{{.*}} to_unsigned : tensor<?xf32> to tensor<?xi16>
func.func @cast(%s: f32, %t: tensor<?xi8>) -> (f8E4M3FN, tensor<?xi16>) {
  %a = tile.cast %s : f32 to f8E4M3FN
  %b = tile.cast %t from_unsigned : tensor<?xi8> to tensor<?xf32>
  %c = tile.cast %b to_unsigned : tensor<?xf32> to tensor<?xi16>
  return %a, %c : f8E4M3FN, tensor<?xi16>
}

// CHECK-LABEL: func.func @floordiv
// CHECK: tile.floordiv %{{.*}}, %{{.*}} : tensor<4xi32>
// CHECK: tile.floordiv %{{.*}}, %{{.*}} unsigned : tensor<4xi32>
func.func @floordiv(%a: tensor<4xi32>) -> tensor<4xi32> {
  %b = tile.floordiv %a, %a : tensor<4xi32>
  %c = tile.floordiv %b, %a unsigned : tensor<4xi32>
  return %c : tensor<4xi32>
}

// CHECK-LABEL: func.func @floormod
// CHECK: tile.floormod %{{.*}}, %{{.*}} : i64
func.func @floormod(%a: i64) -> i64 {
  %b = tile.floormod %a, %a : i64
  return %b : i64
}

// CHECK-LABEL: func.func @shifts
// CHECK: tile.shl %{{.*}}, %{{.*}} : i32
// CHECK: tile.shr %{{.*}}, %{{.*}} unsigned : i32
func.func @shifts(%a: i32) -> i32 {
  %b = tile.shl %a, %a : i32
  %c = tile.shr %b, %a unsigned : i32
  return %c : i32
}

// CHECK-LABEL: func.func @rand
// CHECK: tile.rand %{{.*}}, %{{.*}} : tensor<?xi32> -> tensor<?xf32>
func.func @rand(%seed: i64, %t: tensor<?xi32>) -> tensor<?xf32> {
  %a = tile.rand %seed, %t : tensor<?xi32> -> tensor<?xf32>
  return %a : tensor<?xf32>
}
