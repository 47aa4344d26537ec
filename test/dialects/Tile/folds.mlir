// RUN: tile-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func.func @begin
// CHECK-SAME: (%[[B:.*]]: index, %{{.*}}: index)
// CHECK-NEXT: return %[[B]]
func.func @begin(%b: index, %n: index) -> index {
  %c4 = arith.constant 4 : index
  %r = tile.range %b to %n size %c4 : !tile.range<4>
  %0 = tile.begin %r : !tile.range<4>
  return %0 : index
}

// A whole dim's extent is its size; that of a clipped tile is not.
// CHECK-LABEL: func.func @extent
// CHECK-SAME: (%[[N:.*]]: index, %{{.*}}: index)
// CHECK: %[[X:.*]] = tile.extent
// CHECK: return %[[N]], %[[X]]
func.func @extent(%n: index, %b: index) -> (index, index) {
  %c0 = arith.constant 0 : index
  %whole = tile.range %c0 to %n size %n : !tile.range<?>
  %0 = tile.extent %whole : !tile.range<?>
  %part = tile.range %b to %n size %n : !tile.range<?>
  %1 = tile.extent %part : !tile.range<?>
  return %0, %1 : index, index
}

// CHECK-LABEL: func.func @cast
// CHECK-SAME: (%[[X:.*]]: tensor<?xi8>)
// CHECK-NEXT: return %[[X]]
func.func @cast(%x: tensor<?xi8>) -> tensor<?xi8> {
  %0 = tile.cast %x from_unsigned : tensor<?xi8> to tensor<?xi8>
  return %0 : tensor<?xi8>
}

// CHECK-LABEL: func.func @reshape
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>
// CHECK-NEXT: return %[[X]]
func.func @reshape(%x: tensor<2x3xf32>, %i: !tile.range<2>, %j: !tile.range<3>) -> tensor<2x3xf32> {
  %0 = tile.reshape %x to (%i, %j) : tensor<2x3xf32>, (!tile.range<2>, !tile.range<3>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Twice transposed is nothing; a rotation is undone by the opposite one, not by itself.
// CHECK-LABEL: func.func @permute
// CHECK-SAME: (%[[X:.*]]: tensor<?x?xf32>, %[[Y:.*]]: tensor<4x4x4xf32>)
// CHECK-NEXT: %[[A:.*]] = tile.permute %[[Y]] [1, 2, 0]
// CHECK-NEXT: %[[B:.*]] = tile.permute %[[A]] [1, 2, 0]
// CHECK-NEXT: return %[[X]], %[[X]], %[[Y]], %[[B]]
func.func @permute(%x: tensor<?x?xf32>, %y: tensor<4x4x4xf32>)
    -> (tensor<?x?xf32>, tensor<?x?xf32>, tensor<4x4x4xf32>, tensor<4x4x4xf32>) {
  %0 = tile.permute %x [0, 1] : tensor<?x?xf32> -> tensor<?x?xf32>
  %1 = tile.permute %x [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
  %2 = tile.permute %1 [1, 0] : tensor<?x?xf32> -> tensor<?x?xf32>
  %3 = tile.permute %y [1, 2, 0] : tensor<4x4x4xf32> -> tensor<4x4x4xf32>
  %4 = tile.permute %3 [2, 0, 1] : tensor<4x4x4xf32> -> tensor<4x4x4xf32>
  %5 = tile.permute %3 [1, 2, 0] : tensor<4x4x4xf32> -> tensor<4x4x4xf32>
  return %0, %2, %4, %5 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<4x4x4xf32>, tensor<4x4x4xf32>
}

// CHECK-LABEL: func.func @slice
// CHECK-SAME: (%[[X:.*]]: tensor<?x3xf32>
// CHECK-NEXT: return %[[X]]
func.func @slice(%x: tensor<?x3xf32>, %i: !tile.range<3>) -> tensor<?x3xf32> {
  %0 = tile.slice %x axis 1 at 0 (%i) : tensor<?x3xf32>, !tile.range<3> -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}
