// RUN: tile-opt %s | tile-opt | FileCheck %s

// CHECK-LABEL: func.func @full
// CHECK: tile.full %{{.*}}(%{{.*}}, %{{.*}}) : f32, (!tile.range<4>, !tile.range<?>) -> tensor<4x?xf32>
func.func @full(%s: f32, %i: !tile.range<4>, %j: !tile.range<?>) -> tensor<4x?xf32> {
  %t = tile.full %s(%i, %j) : f32, (!tile.range<4>, !tile.range<?>) -> tensor<4x?xf32>
  return %t : tensor<4x?xf32>
}

// CHECK-LABEL: func.func @iota
// CHECK: tile.iota %{{.*}} : <?> -> tensor<?xi32>
func.func @iota(%i: !tile.range<?>) -> tensor<?xi32> {
  %t = tile.iota %i : !tile.range<?> -> tensor<?xi32>
  return %t : tensor<?xi32>
}

// CHECK-LABEL: func.func @expand_dims
// CHECK: tile.expand_dims %{{.*}} at 0 : tensor<4xf32> -> tensor<1x4xf32>
// CHECK: tile.expand_dims %{{.*}} at 1 : tensor<4xf32> -> tensor<4x1xf32>
func.func @expand_dims(%t: tensor<4xf32>) -> (tensor<1x4xf32>, tensor<4x1xf32>) {
  %a = tile.expand_dims %t at 0 : tensor<4xf32> -> tensor<1x4xf32>
  %b = tile.expand_dims %t at 1 : tensor<4xf32> -> tensor<4x1xf32>
  return %a, %b : tensor<1x4xf32>, tensor<4x1xf32>
}

// CHECK-LABEL: func.func @broadcast
// CHECK: tile.broadcast %{{.*}} to(%{{.*}}, %{{.*}}) : tensor<1x?xf32>, (!tile.range<8>, !tile.range<?>) -> tensor<8x?xf32>
// CHECK: tile.broadcast %{{.*}} to(%{{.*}}, %{{.*}}) : tensor<?xf32>, (!tile.range<8>, !tile.range<?>) -> tensor<8x?xf32>
func.func @broadcast(%t: tensor<1x?xf32>, %u: tensor<?xf32>, %i: !tile.range<8>, %j: !tile.range<?>)
    -> (tensor<8x?xf32>, tensor<8x?xf32>) {
  %a = tile.broadcast %t to (%i, %j) : tensor<1x?xf32>, (!tile.range<8>, !tile.range<?>) -> tensor<8x?xf32>
  %b = tile.broadcast %u to (%i, %j) : tensor<?xf32>, (!tile.range<8>, !tile.range<?>) -> tensor<8x?xf32>
  return %a, %b : tensor<8x?xf32>, tensor<8x?xf32>
}

// CHECK-LABEL: func.func @reshape
// CHECK: tile.reshape %{{.*}} to(%{{.*}}, %{{.*}}, %{{.*}}) : tensor<?x6xf32>, (!tile.range<?>, !tile.range<2>, !tile.range<3>) -> tensor<?x2x3xf32>
func.func @reshape(%t: tensor<?x6xf32>, %i: !tile.range<?>, %a: !tile.range<2>, %b: !tile.range<3>) -> tensor<?x2x3xf32> {
  %r = tile.reshape %t to (%i, %a, %b) : tensor<?x6xf32>, (!tile.range<?>, !tile.range<2>, !tile.range<3>) -> tensor<?x2x3xf32>
  return %r : tensor<?x2x3xf32>
}

// CHECK-LABEL: func.func @permute
// CHECK: tile.permute %{{.*}} [2, 0, 1] : tensor<2x3x4xi8> -> tensor<4x2x3xi8>
func.func @permute(%t: tensor<2x3x4xi8>) -> tensor<4x2x3xi8> {
  %r = tile.permute %t [2, 0, 1] : tensor<2x3x4xi8> -> tensor<4x2x3xi8>
  return %r : tensor<4x2x3xi8>
}

// CHECK-LABEL: func.func @cat
// CHECK: tile.cat %{{.*}}, %{{.*}} axis 1(%{{.*}}) : tensor<?x2xf32>, tensor<?x3xf32>, <5> -> tensor<?x5xf32>
func.func @cat(%t: tensor<?x2xf32>, %u: tensor<?x3xf32>, %r: !tile.range<5>) -> tensor<?x5xf32> {
  %v = tile.cat %t, %u axis 1 (%r) : tensor<?x2xf32>, tensor<?x3xf32>, !tile.range<5> -> tensor<?x5xf32>
  return %v : tensor<?x5xf32>
}

// CHECK-LABEL: func.func @slice
// CHECK: tile.slice %{{.*}} axis 0 at 2(%{{.*}}) : tensor<6x?xf32>, <3> -> tensor<3x?xf32>
func.func @slice(%t: tensor<6x?xf32>, %r: !tile.range<3>) -> tensor<3x?xf32> {
  %v = tile.slice %t axis 0 at 2 (%r) : tensor<6x?xf32>, !tile.range<3> -> tensor<3x?xf32>
  return %v : tensor<3x?xf32>
}

// CHECK-LABEL: func.func @element
// CHECK: tile.element %{{.*}} axis 1 at %{{.*}} over %{{.*}} : tensor<4x8xf32>, <8> -> tensor<4xf32>
// CHECK: tile.element %{{.*}} axis 0 at %{{.*}} over %{{.*}} : tensor<4xf32>, <4> -> f32
func.func @element(%t: tensor<4x8xf32>, %at: index, %i: !tile.range<4>, %j: !tile.range<8>) -> f32 {
  %v = tile.element %t axis 1 at %at over %j : tensor<4x8xf32>, !tile.range<8> -> tensor<4xf32>
  %w = tile.element %v axis 0 at %at over %i : tensor<4xf32>, !tile.range<4> -> f32
  return %w : f32
}
