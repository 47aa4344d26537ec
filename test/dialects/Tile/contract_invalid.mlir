// RUN: tile-opt %s -split-input-file -verify-diagnostics

func.func @dot_c1(%a: tensor<8xf16>, %b: tensor<8x4xf16>, %c: tensor<4xf32>, %k: !tile.range<8>) {
  // expected-error @below {{'tile.dot' op needs operands of one rank, at least 2}}
  %0 = tile.dot %a, %b, %c over %k : tensor<8xf16>, tensor<8x4xf16>, !tile.range<8> -> tensor<4xf32>
  return
}

// -----

func.func @dot_c1_batch(%a: tensor<2x4x8xf16>, %b: tensor<3x8x4xf16>, %c: tensor<2x4x4xf32>, %k: !tile.range<8>) {
  // expected-error @below {{'tile.dot' op has different batch dims}}
  %0 = tile.dot %a, %b, %c over %k : tensor<2x4x8xf16>, tensor<3x8x4xf16>, !tile.range<8> -> tensor<2x4x4xf32>
  return
}

// -----

func.func @dot_c2(%a: tensor<4x8xf16>, %b: tensor<9x4xf16>, %c: tensor<4x4xf32>, %k: !tile.range<8>) {
  // expected-error @below {{'tile.dot' op contracts 'tensor<4x8xf16>' with 'tensor<9x4xf16>' over '!tile.range<8>'}}
  %0 = tile.dot %a, %b, %c over %k : tensor<4x8xf16>, tensor<9x4xf16>, !tile.range<8> -> tensor<4x4xf32>
  return
}

// -----

func.func @dot_c2_range(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>, %c: tensor<4x4xf32>, %k: !tile.range<9>) {
  // expected-error @below {{'tile.dot' op contracts 'tensor<4x8xf16>' with 'tensor<8x4xf16>' over '!tile.range<9>'}}
  %0 = tile.dot %a, %b, %c over %k : tensor<4x8xf16>, tensor<8x4xf16>, !tile.range<9> -> tensor<4x4xf32>
  return
}

// -----

func.func @dot_c2_result(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>, %c: tensor<5x4xf32>, %k: !tile.range<8>) {
  // expected-error @below {{'tile.dot' op gives 'tensor<5x4xf32>' from 'tensor<4x8xf16>' and 'tensor<8x4xf16>'}}
  %0 = tile.dot %a, %b, %c over %k : tensor<4x8xf16>, tensor<8x4xf16>, !tile.range<8> -> tensor<5x4xf32>
  return
}

// -----

func.func @dot_c3(%a: tensor<4x8xf16>, %b: tensor<8x4xbf16>, %c: tensor<4x4xf32>, %k: !tile.range<8>) {
  // expected-error @below {{'tile.dot' op cannot multiply 'f16' with 'bf16' into 'f32'}}
  %0 = tile.dot %a, %b, %c over %k : tensor<4x8xf16>, tensor<8x4xbf16>, !tile.range<8> -> tensor<4x4xf32>
  return
}

// -----

func.func @dot_c3_accumulator(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>, %c: tensor<4x4xf16>, %k: !tile.range<8>) {
  // expected-error @below {{'tile.dot' op cannot multiply 'f16' with 'f16' into 'f16'}}
  %0 = tile.dot %a, %b, %c over %k : tensor<4x8xf16>, tensor<8x4xf16>, !tile.range<8> -> tensor<4x4xf16>
  return
}

// -----

func.func @dot_c4(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>, %c: tensor<4x4xf32>, %k: !tile.range<8>) {
  // expected-error @below {{'tile.dot' op has unsigned operands that are not i8}}
  %0 = tile.dot %a, %b, %c over %k rhs_unsigned : tensor<4x8xf16>, tensor<8x4xf16>, !tile.range<8> -> tensor<4x4xf32>
  return
}

// -----

func.func @dot_c4_precision(%a: tensor<4x8xf16>, %b: tensor<8x4xf16>, %c: tensor<4x4xf32>, %k: !tile.range<8>) {
  // expected-error @below {{'tile.dot' op has precision tf32 on 'f16'}}
  %0 = tile.dot %a, %b, %c over %k precision tf32 : tensor<4x8xf16>, tensor<8x4xf16>, !tile.range<8> -> tensor<4x4xf32>
  return
}

// -----

func.func @dot_scaled_c1(%a: tensor<4x64xf16>, %s: tensor<4x2xi8>, %b: tensor<32x8xf16>, %t: tensor<2x8xi8>, %c: tensor<4x8xf32>, %k: !tile.range<64>) {
  // expected-error @below {{'tile.dot_scaled' op contracts 'tensor<4x64xf16>' with 'tensor<32x8xf16>' over '!tile.range<64>'}}
  %0 = tile.dot_scaled %a scale %s, %b scale %t, %c over %k : tensor<4x64xf16>, tensor<4x2xi8>, tensor<32x8xf16>, tensor<2x8xi8>, !tile.range<64> -> tensor<4x8xf32>
  return
}

// -----

func.func @dot_scaled_c2(%a: tensor<4x64xf32>, %s: tensor<4x2xi8>, %b: tensor<64x8xf32>, %t: tensor<2x8xi8>, %c: tensor<4x8xf32>, %k: !tile.range<64>) {
  // expected-error @below {{'tile.dot_scaled' op needs f8, f16 or bf16 operands and an f32 accumulator}}
  %0 = tile.dot_scaled %a scale %s, %b scale %t, %c over %k : tensor<4x64xf32>, tensor<4x2xi8>, tensor<64x8xf32>, tensor<2x8xi8>, !tile.range<64> -> tensor<4x8xf32>
  return
}

// -----

func.func @dot_scaled_c3(%a: tensor<4x48xf16>, %s: tensor<4x2xi8>, %b: tensor<48x8xf16>, %t: tensor<2x8xi8>, %c: tensor<4x8xf32>, %k: !tile.range<48>) {
  // expected-error @below {{'tile.dot_scaled' op needs a static contraction dim that is a multiple of 32}}
  %0 = tile.dot_scaled %a scale %s, %b scale %t, %c over %k : tensor<4x48xf16>, tensor<4x2xi8>, tensor<48x8xf16>, tensor<2x8xi8>, !tile.range<48> -> tensor<4x8xf32>
  return
}

// -----

func.func @dot_scaled_c3_scales(%a: tensor<4x64xf16>, %s: tensor<4x1xi8>, %b: tensor<64x8xf16>, %t: tensor<2x8xi8>, %c: tensor<4x8xf32>, %k: !tile.range<64>) {
  // expected-error @below {{'tile.dot_scaled' op needs one scale per 32 elements along the contraction}}
  %0 = tile.dot_scaled %a scale %s, %b scale %t, %c over %k : tensor<4x64xf16>, tensor<4x1xi8>, tensor<64x8xf16>, tensor<2x8xi8>, !tile.range<64> -> tensor<4x8xf32>
  return
}

// -----

func.func @reduce_c1(%x: tensor<4xf32>, %y: tensor<5xf32>, %i: !tile.range<4>, %s: f32) {
  // expected-error @below {{'tile.reduce' op has tiles of different shapes}}
  %r:2 = tile.reduce (%x, %y) axes [0] over (%i) init (%s, %s) : (tensor<4xf32>, tensor<5xf32>), (!tile.range<4>), (f32, f32) -> f32, f32 {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32):
    tile.yield %a, %b : f32, f32
  }
  return
}

// -----

func.func @reduce_c1_inits(%x: tensor<4xf32>, %i: !tile.range<4>, %s: f32) {
  // expected-error @below {{'tile.reduce' op needs one init and one result per tile}}
  %r = tile.reduce (%x) axes [0] over (%i) init (%s, %s) : (tensor<4xf32>), (!tile.range<4>), (f32, f32) -> f32 {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce_c2(%x: tensor<4x4xf32>, %i: !tile.range<4>, %s: f32) {
  // expected-error @below {{'tile.reduce' op needs ascending axes and one range for each}}
  %r = tile.reduce (%x) axes [1, 0] over (%i, %i) init (%s) : (tensor<4x4xf32>), (!tile.range<4>, !tile.range<4>), (f32) -> f32 {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce_c2_twice(%x: tensor<4x4xf32>, %i: !tile.range<4>, %s: f32) {
  // expected-error @below {{'tile.reduce' op needs ascending axes and one range for each}}
  %r = tile.reduce (%x) axes [1, 1] over (%i, %i) init (%s) : (tensor<4x4xf32>), (!tile.range<4>, !tile.range<4>), (f32) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce_c2_range(%x: tensor<4xf32>, %i: !tile.range<5>, %s: f32) {
  // expected-error @below {{'tile.reduce' op observes '!tile.range<5>' along axis 0, which has another size}}
  %r = tile.reduce (%x) axes [0] over (%i) init (%s) : (tensor<4xf32>), (!tile.range<5>), (f32) -> f32 {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce_c3(%x: tensor<4x8xf32>, %i: !tile.range<4>, %s: f32) {
  // expected-error @below {{'tile.reduce' op must give 'tensor<8xf32>' from an init of type 'f32'}}
  %r = tile.reduce (%x) axes [0] over (%i) init (%s) : (tensor<4x8xf32>), (!tile.range<4>), (f32) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce_c4(%x: tensor<4xf32>, %i: !tile.range<4>, %s: f32) {
  // expected-error @below {{'tile.reduce' op has a region that does not combine two elements per tile into one per tile}}
  %r = tile.reduce (%x) axes [0] over (%i) init (%s) : (tensor<4xf32>), (!tile.range<4>), (f32) -> f32 {
  ^bb0(%a: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @reduce_c4_yield(%x: tensor<4xf32>, %i: !tile.range<4>, %s: f32) {
  // expected-error @below {{'tile.reduce' op has a region that does not combine two elements per tile into one per tile}}
  %r = tile.reduce (%x) axes [0] over (%i) init (%s) : (tensor<4xf32>), (!tile.range<4>), (f32) -> f32 {
  ^bb0(%a: f32, %b: f32):
    tile.yield
  }
  return
}

// -----

func.func @scan_c1(%x: tensor<4xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.scan' op must give the types of its tiles}}
  %r = tile.scan (%x) axis 0 over (%i) : (tensor<4xf32>), (!tile.range<4>) -> tensor<5xf32> {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @scan_c2(%x: tensor<4xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.scan' op has axis 1 for a tile of 1 dims}}
  %r = tile.scan (%x) axis 1 over (%i) : (tensor<4xf32>), (!tile.range<4>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f32):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @scan_c3(%x: tensor<4xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.scan' op has a region that does not combine two elements per tile into one per tile}}
  %r = tile.scan (%x) axis 0 over (%i) : (tensor<4xf32>), (!tile.range<4>) -> tensor<4xf32> {
  ^bb0(%a: f32, %b: f16):
    tile.yield %a : f32
  }
  return
}

// -----

func.func @sort_c1(%x: tensor<4xf32>, %i: !tile.range<5>) {
  // expected-error @below {{'tile.sort' op observes '!tile.range<5>' along axis 0, which has another size}}
  %s, %n = tile.sort %x axis 0 over %i : tensor<4xf32>, !tile.range<5> -> tensor<4xf32>, tensor<4xi32>
  return
}

// -----

func.func @sort_c2(%x: tensor<4xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.sort' op must give the source's type and its dims}}
  %s, %n = tile.sort %x axis 0 over %i : tensor<4xf32>, !tile.range<4> -> tensor<4xf32>, tensor<5xi32>
  return
}

// -----

func.func @topk_c1(%x: tensor<4xf32>, %i: !tile.range<4>, %k: !tile.range<2>) {
  // expected-error @below {{'tile.topk' op has axis 1 for a tile of 1 dims}}
  %s, %n = tile.topk %x axis 1 over %i into %k : tensor<4xf32>, !tile.range<4>, !tile.range<2> -> tensor<2xf32>, tensor<2xi32>
  return
}

// -----

func.func @topk_c2(%x: tensor<4xf32>, %i: !tile.range<4>, %k: !tile.range<2>) {
  // expected-error @below {{'tile.topk' op observes '!tile.range<2>' along axis 0, which has another size}}
  %s, %n = tile.topk %x axis 0 over %i into %k : tensor<4xf32>, !tile.range<4>, !tile.range<2> -> tensor<3xf32>, tensor<3xi32>
  return
}

// -----

func.func @topk_c2_indices(%x: tensor<4xf32>, %i: !tile.range<4>, %k: !tile.range<2>) {
  // expected-error @below {{'tile.topk' op must give the source's elements and indices of the same dims}}
  %s, %n = tile.topk %x axis 0 over %i into %k : tensor<4xf32>, !tile.range<4>, !tile.range<2> -> tensor<2xf32>, tensor<3xi32>
  return
}
