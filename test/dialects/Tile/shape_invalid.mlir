// RUN: tile-opt %s -split-input-file -verify-diagnostics

func.func @full_c1_rank(%s: f32, %i: !tile.range<4>) {
  // expected-error @below {{'tile.full' op has 1 ranges for 2 dims of the tile}}
  %t = tile.full %s(%i) : f32, (!tile.range<4>) -> tensor<4x4xf32>
  return
}

// -----

func.func @full_c1_size(%s: f32, %i: !tile.range<4>) {
  // expected-error @below {{'tile.full' op has a range '!tile.range<4>' for dim 0 of the tile, which has size 5}}
  %t = tile.full %s(%i) : f32, (!tile.range<4>) -> tensor<5xf32>
  return
}

// -----

func.func @full_c1_dynamic(%s: f32, %i: !tile.range<4>) {
  // expected-error @below {{for dim 0 of the tile, which has a dynamic size}}
  %t = tile.full %s(%i) : f32, (!tile.range<4>) -> tensor<?xf32>
  return
}

// -----

func.func @full_c2(%s: f32, %i: !tile.range<4>) {
  // expected-error @below {{'tile.full' op fills 'tensor<4xf16>' with 'f32'}}
  %t = tile.full %s(%i) : f32, (!tile.range<4>) -> tensor<4xf16>
  return
}

// -----

func.func @iota_c1(%i: !tile.range<4>) {
  // expected-error @below {{'tile.iota' op has a range '!tile.range<4>' for dim 0 of the tile, which has size 5}}
  %t = tile.iota %i : !tile.range<4> -> tensor<5xi32>
  return
}

// -----

func.func @expand_dims_c1(%t: tensor<4xf32>) {
  // expected-error @below {{'tile.expand_dims' op inserts a dim at 2 of 1}}
  %v = tile.expand_dims %t at 2 : tensor<4xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @expand_dims_c1_negative(%t: tensor<4xf32>) {
  // expected-error @below {{'tile.expand_dims' op inserts a dim at -1 of 1}}
  %v = tile.expand_dims %t at -1 : tensor<4xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @expand_dims_c2(%t: tensor<4xf32>) {
  // expected-error @below {{'tile.expand_dims' op must give dims [1, 4], gives 'tensor<4x1xf32>'}}
  %v = tile.expand_dims %t at 0 : tensor<4xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @broadcast_c1(%t: tensor<1xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.broadcast' op has a range '!tile.range<4>' for dim 0 of the tile, which has size 8}}
  %v = tile.broadcast %t to (%i) : tensor<1xf32>, (!tile.range<4>) -> tensor<8xf32>
  return
}

// -----

func.func @broadcast_c2(%t: tensor<2xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.broadcast' op cannot repeat a dim of size 2 to 4}}
  %v = tile.broadcast %t to (%i) : tensor<2xf32>, (!tile.range<4>) -> tensor<4xf32>
  return
}

// -----

func.func @broadcast_c2_rank(%t: tensor<4x4xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.broadcast' op drops dims}}
  %v = tile.broadcast %t to (%i) : tensor<4x4xf32>, (!tile.range<4>) -> tensor<4xf32>
  return
}

// -----

func.func @broadcast_c3(%t: tensor<1xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.broadcast' op changes the element type}}
  %v = tile.broadcast %t to (%i) : tensor<1xf32>, (!tile.range<4>) -> tensor<4xf16>
  return
}

// -----

func.func @reshape_c1(%t: tensor<6xf32>, %i: !tile.range<2>, %j: !tile.range<2>) {
  // expected-error @below {{'tile.reshape' op has a range '!tile.range<2>' for dim 1 of the tile, which has size 3}}
  %v = tile.reshape %t to (%i, %j) : tensor<6xf32>, (!tile.range<2>, !tile.range<2>) -> tensor<2x3xf32>
  return
}

// -----

func.func @reshape_c2(%t: tensor<6xf32>, %i: !tile.range<2>, %j: !tile.range<2>) {
  // expected-error @below {{'tile.reshape' op cannot give 'tensor<6xf32>' the shape of 'tensor<2x2xf32>'}}
  %v = tile.reshape %t to (%i, %j) : tensor<6xf32>, (!tile.range<2>, !tile.range<2>) -> tensor<2x2xf32>
  return
}

// -----

// The same number of elements in all, but the dynamic dim would be cut.
func.func @reshape_c2_across_an_index(%t: tensor<?x6xf32>, %i: !tile.range<6>, %j: !tile.range<?>) {
  // expected-error @below {{'tile.reshape' op cannot give 'tensor<?x6xf32>' the shape of 'tensor<6x?xf32>'}}
  %v = tile.reshape %t to (%i, %j) : tensor<?x6xf32>, (!tile.range<6>, !tile.range<?>) -> tensor<6x?xf32>
  return
}

// -----

func.func @permute_c1(%t: tensor<2x3xf32>) {
  // expected-error @below {{'tile.permute' op has an order that is not a permutation of 2 dims}}
  %v = tile.permute %t [0, 0] : tensor<2x3xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @permute_c1_rank(%t: tensor<2x3xf32>) {
  // expected-error @below {{'tile.permute' op has an order that is not a permutation of 2 dims}}
  %v = tile.permute %t [1, 0, 2] : tensor<2x3xf32> -> tensor<3x2xf32>
  return
}

// -----

func.func @permute_c2(%t: tensor<2x3xf32>) {
  // expected-error @below {{'tile.permute' op cannot give 'tensor<2x3xf32>' from 'tensor<2x3xf32>'}}
  %v = tile.permute %t [1, 0] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @cat_c1(%t: tensor<?xf32>, %u: tensor<2xf32>, %r: !tile.range<?>) {
  // expected-error @below {{'tile.cat' op needs a static dim 0 in both tiles}}
  %v = tile.cat %t, %u axis 0 (%r) : tensor<?xf32>, tensor<2xf32>, !tile.range<?> -> tensor<?xf32>
  return
}

// -----

func.func @cat_c1_axis(%t: tensor<2xf32>, %r: !tile.range<4>) {
  // expected-error @below {{'tile.cat' op needs a static dim 1 in both tiles}}
  %v = tile.cat %t, %t axis 1 (%r) : tensor<2xf32>, tensor<2xf32>, !tile.range<4> -> tensor<4xf32>
  return
}

// -----

func.func @cat_c2(%t: tensor<2xf32>, %r: !tile.range<5>) {
  // expected-error @below {{'tile.cat' op must give 4 elements along axis 0}}
  %v = tile.cat %t, %t axis 0 (%r) : tensor<2xf32>, tensor<2xf32>, !tile.range<5> -> tensor<5xf32>
  return
}

// -----

func.func @cat_c2_other_dims(%t: tensor<2x3xf32>, %u: tensor<2x4xf32>, %r: !tile.range<4>) {
  // expected-error @below {{'tile.cat' op has different sizes in dim 1}}
  %v = tile.cat %t, %u axis 0 (%r) : tensor<2x3xf32>, tensor<2x4xf32>, !tile.range<4> -> tensor<4x3xf32>
  return
}

// -----

func.func @slice_c1(%t: tensor<?xf32>, %r: !tile.range<2>) {
  // expected-error @below {{'tile.slice' op needs a static dim 0}}
  %v = tile.slice %t axis 0 at 0 (%r) : tensor<?xf32>, !tile.range<2> -> tensor<2xf32>
  return
}

// -----

func.func @slice_c2(%t: tensor<4xf32>, %r: !tile.range<2>) {
  // expected-error @below {{'tile.slice' op takes elements from 3 on that lie outside dim 0}}
  %v = tile.slice %t axis 0 at 3 (%r) : tensor<4xf32>, !tile.range<2> -> tensor<2xf32>
  return
}

// -----

func.func @slice_c2_other_dims(%t: tensor<4x3xf32>, %r: !tile.range<2>) {
  // expected-error @below {{'tile.slice' op has different sizes in dim 1}}
  %v = tile.slice %t axis 0 at 0 (%r) : tensor<4x3xf32>, !tile.range<2> -> tensor<2x2xf32>
  return
}

// -----

func.func @element_c1(%t: tensor<4xf32>, %at: index, %i: !tile.range<4>) {
  // expected-error @below {{'tile.element' op has axis 1 for a tile of 1 dims}}
  %v = tile.element %t axis 1 at %at over %i : tensor<4xf32>, !tile.range<4> -> f32
  return
}

// -----

func.func @element_c1_range(%t: tensor<4xf32>, %at: index, %i: !tile.range<5>) {
  // expected-error @below {{'tile.element' op observes '!tile.range<5>' along axis 0, which has another size}}
  %v = tile.element %t axis 0 at %at over %i : tensor<4xf32>, !tile.range<5> -> f32
  return
}

// -----

func.func @element_c2(%t: tensor<4x2xf32>, %at: index, %i: !tile.range<4>) {
  // expected-error @below {{'tile.element' op cannot give 'tensor<4xf32>' from 'tensor<4x2xf32>'}}
  %v = tile.element %t axis 0 at %at over %i : tensor<4x2xf32>, !tile.range<4> -> tensor<4xf32>
  return
}

// -----

func.func @element_c2_rank_0(%t: tensor<4xf32>, %at: index, %i: !tile.range<4>) {
  // expected-error @below {{'tile.element' op cannot give 'tensor<f32>' from 'tensor<4xf32>'}}
  %v = tile.element %t axis 0 at %at over %i : tensor<4xf32>, !tile.range<4> -> tensor<f32>
  return
}
