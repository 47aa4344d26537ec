// RUN: tile-opt %s | tile-opt | FileCheck %s

// CHECK-LABEL: func.func @load
// CHECK: tile.load %{{.*}}[%{{.*}}, %{{.*}}] : memref<?x?xf32, strided<[?, 1]>>[!tile.range<64>, !tile.range<?>] -> tensor<64x?xf32>
// CHECK: tile.load %{{.*}}[%{{.*}}, %{{.*}}] pad %{{.*}} : f32 after(%{{.*}}) : memref<?x?xf32, strided<[?, 1]>>[index, !tile.window<?>] -> tensor<?xf32>
// CHECK: tile.load %{{.*}}[%{{.*}}, %{{.*}}] after(%{{.*}}, %{{.*}}) acquire device : memref<?x?xf32, strided<[?, 1]>>[index, index] -> f32
func.func @load(%a: memref<?x?xf32, strided<[?, 1]>>, %i: !tile.range<64>, %j: !tile.range<?>, %n: index, %pad: f32) {
  %v, %t = tile.load %a[%i, %j] : memref<?x?xf32, strided<[?, 1]>>[!tile.range<64>, !tile.range<?>] -> tensor<64x?xf32>
  %w = tile.shift %j by %n : !tile.range<?> -> !tile.window<?>
  %x, %u = tile.load %a[%n, %w] pad %pad : f32 after (%t) : memref<?x?xf32, strided<[?, 1]>>[index, !tile.window<?>] -> tensor<?xf32>
  %y, %s = tile.load %a[%n, %n] after (%t, %u) acquire device : memref<?x?xf32, strided<[?, 1]>>[index, index] -> f32
  return
}

// Integer tiles: their dims stand where the first of them stood.
// CHECK-LABEL: func.func @gather
// CHECK: tile.load %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] mask %{{.*}} : tensor<4x8x2xi1> : memref<?x?x?xf16>[tensor<4x8xi32>, !tile.range<2>, tensor<4x8xi64>] -> tensor<4x8x2xf16>
func.func @gather(%a: memref<?x?x?xf16>, %i: tensor<4x8xi32>, %j: !tile.range<2>, %k: tensor<4x8xi64>, %m: tensor<4x8x2xi1>) {
  %v, %t = tile.load %a[%i, %j, %k] mask %m : tensor<4x8x2xi1>
    : memref<?x?x?xf16>[tensor<4x8xi32>, !tile.range<2>, tensor<4x8xi64>] -> tensor<4x8x2xf16>
  return
}

// CHECK-LABEL: func.func @store
// CHECK: tile.store %{{.*}}, %{{.*}}[%{{.*}}] after(%{{.*}}) : tensor<?xf32>, memref<?xf32>[!tile.range<?>]
// CHECK: tile.store %{{.*}}, %{{.*}}[%{{.*}}] release block : tensor<?xf32>, memref<?xf32>[!tile.range<?>]
func.func @store(%a: memref<?xf32>, %i: !tile.range<?>, %v: tensor<?xf32>, %t: !tile.token) {
  %u = tile.store %v, %a[%i] after (%t) : tensor<?xf32>, memref<?xf32>[!tile.range<?>]
  %w = tile.store %v, %a[%i] release block : tensor<?xf32>, memref<?xf32>[!tile.range<?>]
  return
}

// CHECK-LABEL: func.func @atomic_rmw
// CHECK: tile.atomic_rmw addf %{{.*}}, %{{.*}}[%{{.*}}] after(%{{.*}}) relaxed device : tensor<8xf32>, memref<?xf32>[!tile.range<8>] -> tensor<8xf32>
// CHECK: tile.atomic_rmw xchg %{{.*}}, %{{.*}}[%{{.*}}] acq_rel system : f32, memref<?xf32>[index] -> f32
func.func @atomic_rmw(%a: memref<?xf32>, %i: !tile.range<8>, %v: tensor<8xf32>, %s: f32, %n: index, %t: !tile.token) {
  %o, %u = tile.atomic_rmw addf %v, %a[%i] after (%t) relaxed device : tensor<8xf32>, memref<?xf32>[!tile.range<8>] -> tensor<8xf32>
  %p, %w = tile.atomic_rmw xchg %s, %a[%n] acq_rel system : f32, memref<?xf32>[index] -> f32
  return
}

// CHECK-LABEL: func.func @atomic_cas
// CHECK: tile.atomic_cas %{{.*}}, %{{.*}}, %{{.*}}[%{{.*}}] acq_rel device : i32, i32, memref<?xi32>[index] -> i32
func.func @atomic_cas(%a: memref<?xi32>, %s: i32, %n: index) {
  %o, %t = tile.atomic_cas %s, %s, %a[%n] acq_rel device : i32, i32, memref<?xi32>[index] -> i32
  return
}

// CHECK-LABEL: func.func @tokens
// CHECK: %[[T:.*]] = tile.token
// CHECK: tile.join %[[T]], %{{.*}}
func.func @tokens(%t: !tile.token) -> !tile.token {
  %s = tile.token
  %j = tile.join %s, %t
  return %j : !tile.token
}

// CHECK-LABEL: tile.kernel @array
// CHECK: tile.array(%{{.*}}) "tmp" : memref<?x4xf32>
tile.kernel @array() {
  %c8 = arith.constant 8 : index
  %a = tile.array (%c8) "tmp" : memref<?x4xf32>
  tile.return
}
