// RUN: tile-opt %s -split-input-file -verify-diagnostics

func.func @cast_c1(%t: tensor<4xf32>) {
  // expected-error @below {{'tile.cast' op requires the same shape for all operands and results}}
  %a = tile.cast %t : tensor<4xf32> to tensor<5xf16>
  return
}

// -----

func.func @cast_c1_scalar(%t: tensor<f32>) {
  // expected-error @below {{'tile.cast' op requires the same shape for all operands and results}}
  %a = tile.cast %t : tensor<f32> to f16
  return
}

// -----

func.func @cast_c2(%t: tensor<4xf32>) {
  // expected-error @below {{'tile.cast' op has an unsigned source that is not an integer}}
  %a = tile.cast %t from_unsigned : tensor<4xf32> to tensor<4xi32>
  return
}

// -----

func.func @cast_c2_result(%t: tensor<4xi32>) {
  // expected-error @below {{'tile.cast' op has an unsigned result that is not an integer}}
  %a = tile.cast %t to_unsigned : tensor<4xi32> to tensor<4xf32>
  return
}

// -----

func.func @floordiv_c1(%t: tensor<4xf32>) {
  // expected-error @below {{'tile.floordiv' op needs integers, got 'tensor<4xf32>'}}
  %a = tile.floordiv %t, %t : tensor<4xf32>
  return
}

// -----

func.func @floormod_c1(%t: f16) {
  // expected-error @below {{'tile.floormod' op needs integers, got 'f16'}}
  %a = tile.floormod %t, %t : f16
  return
}

// -----

func.func @shl_c1(%t: f32) {
  // expected-error @below {{'tile.shl' op needs integers, got 'f32'}}
  %a = tile.shl %t, %t : f32
  return
}

// -----

func.func @shr_c1(%t: f32) {
  // expected-error @below {{'tile.shr' op needs integers, got 'f32'}}
  %a = tile.shr %t, %t : f32
  return
}

// -----

func.func @rand_c1(%seed: i64, %t: tensor<4xi32>) {
  // expected-error @below {{'tile.rand' op gives f32 in the counter's dims, not 'tensor<5xf32>' from 'tensor<4xi32>'}}
  %a = tile.rand %seed, %t : tensor<4xi32> -> tensor<5xf32>
  return
}

// -----

func.func @rand_c1_element(%seed: i64, %t: tensor<4xi32>) {
  // expected-error @below {{'tile.rand' op gives f32 in the counter's dims, not 'tensor<4xf64>'}}
  %a = tile.rand %seed, %t : tensor<4xi32> -> tensor<4xf64>
  return
}
