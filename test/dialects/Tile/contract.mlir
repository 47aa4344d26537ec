// RUN: tile-opt %s | tile-opt | FileCheck %s

// CHECK-LABEL: func.func @dot
// CHECK: tile.dot %{{.*}}, %{{.*}}, %{{.*}} over %{{.*}} : tensor<?x8xf16>, tensor<8x?xf16>, <8> -> tensor<?x?xf32>
// CHECK: tile.dot %{{.*}}, %{{.*}}, %{{.*}} over %{{.*}} lhs_unsigned : tensor<2x4x8xi8>, tensor<2x8x4xi8>, <8> -> tensor<2x4x4xi32>
// CHECK: tile.dot %{{.*}}, %{{.*}}, %{{.*}} over %{{.*}} precision tf32x3 : tensor<4x8xf32>, tensor<8x4xf32>, <8> -> tensor<4x4xf32>
func.func @dot(%a: tensor<?x8xf16>, %b: tensor<8x?xf16>, %c: tensor<?x?xf32>, %ai: tensor<2x4x8xi8>, %bi: tensor<2x8x4xi8>,
    %ci: tensor<2x4x4xi32>, %as: tensor<4x8xf32>, %bs: tensor<8x4xf32>, %cs: tensor<4x4xf32>, %k: !tile.range<8>) {
  %0 = tile.dot %a, %b, %c over %k : tensor<?x8xf16>, tensor<8x?xf16>, !tile.range<8> -> tensor<?x?xf32>
  %1 = tile.dot %ai, %bi, %ci over %k lhs_unsigned : tensor<2x4x8xi8>, tensor<2x8x4xi8>, !tile.range<8> -> tensor<2x4x4xi32>
  %2 = tile.dot %as, %bs, %cs over %k precision tf32x3 : tensor<4x8xf32>, tensor<8x4xf32>, !tile.range<8> -> tensor<4x4xf32>
  return
}

// CHECK-LABEL: func.func @dot_scaled
// CHECK: tile.dot_scaled %{{.*}} scale %{{.*}}, %{{.*}} scale %{{.*}}, %{{.*}} over %{{.*}} : tensor<4x64xf8E4M3FN>, tensor<4x2xi8>, tensor<64x8xf8E4M3FN>, tensor<2x8xi8>, <64> -> tensor<4x8xf32>
func.func @dot_scaled(%a: tensor<4x64xf8E4M3FN>, %sa: tensor<4x2xi8>, %b: tensor<64x8xf8E4M3FN>, %sb: tensor<2x8xi8>,
    %c: tensor<4x8xf32>, %k: !tile.range<64>) {
  %0 = tile.dot_scaled %a scale %sa, %b scale %sb, %c over %k
    : tensor<4x64xf8E4M3FN>, tensor<4x2xi8>, tensor<64x8xf8E4M3FN>, tensor<2x8xi8>, !tile.range<64> -> tensor<4x8xf32>
  return
}

// CHECK-LABEL: func.func @reduce
// CHECK: tile.reduce commutative(%{{.*}}) axes [1] over(%{{.*}}) init(%{{.*}}) : (tensor<4x?xf32>), (!tile.range<?>), (f32) -> tensor<4xf32> {
// CHECK: tile.yield %{{.*}} : f32
// CHECK: tile.reduce(%{{.*}}, %{{.*}}) axes [0, 1] over(%{{.*}}, %{{.*}}) init(%{{.*}}, %{{.*}}) : {{.*}} -> f32, i32 {
func.func @reduce(%x: tensor<4x?xf32>, %n: tensor<4x?xi32>, %i: !tile.range<4>, %j: !tile.range<?>, %s: f32, %z: i32) {
  %sum = tile.reduce commutative (%x) axes [1] over (%j) init (%s) : (tensor<4x?xf32>), (!tile.range<?>), (f32) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    %r = arith.addf %a, %b : f32
    tile.yield %r : f32
  }
  %both:2 = tile.reduce (%x, %n) axes [0, 1] over (%i, %j) init (%s, %z)
      : (tensor<4x?xf32>, tensor<4x?xi32>), (!tile.range<4>, !tile.range<?>), (f32, i32) -> f32, i32 {
  ^bb0(%a: f32, %an: i32, %b: f32, %bn: i32):
    tile.yield %a, %an : f32, i32
  }
  return
}

// CHECK-LABEL: func.func @scan
// CHECK: tile.scan(%{{.*}}) axis 0 over(%{{.*}}) : (tensor<?x4xi32>), (!tile.range<?>) -> tensor<?x4xi32> {
func.func @scan(%x: tensor<?x4xi32>, %i: !tile.range<?>) {
  %s = tile.scan (%x) axis 0 over (%i) : (tensor<?x4xi32>), (!tile.range<?>) -> tensor<?x4xi32> {
  ^bb0(%a: i32, %b: i32):
    %r = arith.addi %a, %b : i32
    tile.yield %r : i32
  }
  return
}

// CHECK-LABEL: func.func @sort
// CHECK: tile.sort %{{.*}} axis 0 over %{{.*}} unsigned : tensor<?xi8>, <?> -> tensor<?xi8>, tensor<?xi32>
func.func @sort(%x: tensor<?xi8>, %i: !tile.range<?>) {
  %s, %n = tile.sort %x axis 0 over %i unsigned : tensor<?xi8>, !tile.range<?> -> tensor<?xi8>, tensor<?xi32>
  return
}

// CHECK-LABEL: func.func @topk
// CHECK: tile.topk %{{.*}} axis 0 over %{{.*}} into %{{.*}} : tensor<?xf32>, <?>, <3> -> tensor<3xf32>, tensor<3xi32>
func.func @topk(%x: tensor<?xf32>, %i: !tile.range<?>, %k: !tile.range<3>) {
  %s, %n = tile.topk %x axis 0 over %i into %k : tensor<?xf32>, !tile.range<?>, !tile.range<3> -> tensor<3xf32>, tensor<3xi32>
  return
}
