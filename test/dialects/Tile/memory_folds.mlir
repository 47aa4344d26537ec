// RUN: tile-opt %s -canonicalize -cse | FileCheck %s

// CHECK-LABEL: func.func @join_of_one
// CHECK-SAME: (%[[T:.*]]: !tile.token)
// CHECK-NEXT: return %[[T]] : !tile.token
func.func @join_of_one(%t: !tile.token) -> !tile.token {
  %j = tile.join %t, %t
  return %j : !tile.token
}

// CHECK-LABEL: func.func @join_of_two
// CHECK: tile.join
func.func @join_of_two(%t: !tile.token, %u: !tile.token) -> !tile.token {
  %j = tile.join %t, %u
  return %j : !tile.token
}

// A weak load that nobody looks at goes; a weak store and an acquire stay.
// CHECK-LABEL: func.func @effects
// CHECK-NEXT: tile.store
// CHECK-NEXT: tile.load {{.*}} acquire
// CHECK-NEXT: return
func.func @effects(%a: memref<?xf32>, %i: !tile.range<8>, %v: tensor<8xf32>, %n: index) {
  %w, %t = tile.load %a[%i] : memref<?xf32>[!tile.range<8>] -> tensor<8xf32>
  %u = tile.store %v, %a[%i] : tensor<8xf32>, memref<?xf32>[!tile.range<8>]
  %x, %s = tile.load %a[%n] acquire device : memref<?xf32>[index] -> f32
  return
}

// Two equal loads with a store between them are two loads: upstream passes see reads and writes.
// CHECK-LABEL: func.func @loads_around_a_store
// CHECK: tile.load
// CHECK: tile.store
// CHECK: tile.load
func.func @loads_around_a_store(%a: memref<?xf32>, %i: !tile.range<8>, %v: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %w, %t = tile.load %a[%i] : memref<?xf32>[!tile.range<8>] -> tensor<8xf32>
  %u = tile.store %v, %a[%i] : tensor<8xf32>, memref<?xf32>[!tile.range<8>]
  %x, %s = tile.load %a[%i] : memref<?xf32>[!tile.range<8>] -> tensor<8xf32>
  return %w, %x : tensor<8xf32>, tensor<8xf32>
}
