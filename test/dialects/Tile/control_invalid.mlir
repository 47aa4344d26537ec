// RUN: tile-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{'tile.kernel' op must end with 'tile.return'}}
tile.kernel @kernel_c1() {
  "tile.yield"() : () -> ()
}

// -----

// expected-error @below {{'tile.kernel' op argument 0 has no 'tile.param'}}
tile.kernel @kernel_c2(%x: f32) {
  tile.return
}

// -----

// expected-error @below {{'tile.kernel' op parameter 'X' is array but has type 'f32'}}
tile.kernel @kernel_c2_array(%x: f32 {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  tile.return
}

// -----

// expected-error @below {{'tile.kernel' op parameter 's' is scalar but has type 'memref<?xf32>'}}
tile.kernel @kernel_c2_scalar(%x: memref<?xf32> {tile.param = #tile.param<name = "s", kind = scalar, type = "f32", dims = affine_map<() -> ()>>}) {
  tile.return
}

// -----

// expected-error @below {{'tile.kernel' op parameter 'X' has 2 dims but its map is}}
tile.kernel @kernel_c3(%x: memref<?x?xf32> {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  tile.return
}

// -----

// expected-error @below {{'tile.kernel' op the dims of parameter 'X' use 2 symbols, the kernel names 1}}
tile.kernel @kernel_c3_symbols(%x: memref<?xf32> {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0, s1] -> (s0 + s1)>>}) attributes {symbols = ["N"]} {
  tile.return
}

// -----

// expected-error @below {{'tile.kernel' op has no results: a result is an array argument}}
tile.kernel @kernel_c4() -> f32 {
  tile.return
}

// -----

tile.kernel @grid_c1() {
  %c1 = arith.constant 1 : index
  // expected-error @below {{'tile.grid' op must end with a 'tile.yield' of tokens}}
  %t = tile.grid "grid#0" (%n "n" : index = %c1 to %c1 step %c1) entry %e {
    tile.yield %n : index
  }
  tile.return
}

// -----

tile.kernel @grid_c2() {
  %c1 = arith.constant 1 : index
  // expected-error @below {{'tile.grid' op dim 0 must be a !tile.range or an index, got 'i32'}}
  %t = tile.grid "grid#0" (%n "n" : i32 = %c1 to %c1 step %c1) entry %e {
    tile.yield
  }
  tile.return
}

// -----

tile.kernel @grid_c2_names() {
  %c1 = arith.constant 1 : index
  // expected-error @below {{'tile.grid' op has 2 names but bounds for 1, 1 and 1 dims}}
  %t = "tile.grid"(%c1, %c1, %c1) <{name = "grid#0", names = ["i", "j"], operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index, %e: !tile.token):
    tile.yield
  }) : (index, index, index) -> !tile.token
  tile.return
}

// -----

tile.kernel @grid_c2_arguments() {
  %c1 = arith.constant 1 : index
  // expected-error @below {{'tile.grid' op needs one block argument per dim and the entry token}}
  %t = "tile.grid"(%c1, %c1, %c1) <{name = "grid#0", names = ["i"], operandSegmentSizes = array<i32: 1, 1, 1, 0>}> ({
  ^bb0(%i: index):
    tile.yield
  }) : (index, index, index) -> !tile.token
  tile.return
}

// -----

tile.kernel @grid_c3_nested() {
  %c1 = arith.constant 1 : index
  %t = tile.grid "grid#0" (%n "n" : index = %c1 to %c1 step %c1) entry %e {
    // expected-error @below {{'tile.grid' op stands inside another grid}}
    %u = tile.grid "grid#1" (%m "m" : index = %c1 to %c1 step %c1) entry %f {
      tile.yield
    }
    tile.yield
  }
  tile.return
}

// -----

func.func @grid_c3_outside(%c1: index) {
  // expected-error @below {{'tile.grid' op stands outside a kernel}}
  %t = tile.grid "grid#0" (%n "n" : index = %c1 to %c1 step %c1) entry %e {
    tile.yield
  }
  return
}

// -----

tile.kernel @grid_c4() {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  // expected-error @below {{'tile.grid' op dim 0 has tiles of 4 but a step of 8}}
  %t = tile.grid "grid#0" (%i "i" : !tile.range<4> = %c0 to %c8 step %c8) entry %e {
    tile.yield
  }
  tile.return
}

// -----

func.func @tunable_c1() {
  // expected-error @below {{'tile.tunable' op needs at least one value}}
  %s = tile.tunable "stages" of []
  return
}

// -----

func.func @range_c1(%lo: index) {
  %c8 = arith.constant 8 : index
  // expected-error @below {{'tile.range' op has size 8 but type '!tile.range<4>'}}
  %i = tile.range %lo to %lo size %c8 : !tile.range<4>
  return
}

// -----

func.func @shift_c1(%i: !tile.range<4>, %n: index) {
  // expected-error @below {{'tile.shift' op changes the size: '!tile.range<4>' to '!tile.window<8>'}}
  %w = tile.shift %i by %n : !tile.range<4> -> !tile.window<8>
  return
}

// -----

func.func @print_c1(%x: f32) {
  // expected-error @below {{'tile.print' op has 2 '{}' but 1 values and 1 types}}
  tile.print "{} {}" (%x : f32) types ["f32"]
  return
}

// -----

func.func @print_c1_types(%x: f32) {
  // expected-error @below {{'tile.print' op has 1 '{}' but 1 values and 0 types}}
  tile.print "{}" (%x : f32) types []
  return
}

// -----

func.func @print_c2(%x: tensor<4xf32>) {
  // expected-error @below {{'tile.print' op has 0 ranges for 1 dims of the dims of the values}}
  tile.print "{}" (%x : tensor<4xf32>) types ["f32"]
  return
}

// -----

func.func @assert_c1(%c: tensor<4xi1>) {
  // expected-error @below {{'tile.assert' op has 0 ranges for 1 dims of the condition}}
  tile.assert %c, "text" : tensor<4xi1>
  return
}

// -----

// expected-error @below {{a tile size is not negative, got -3}}
func.func private @negative_size(!tile.range<-3>)

// -----

// expected-error @below {{'other' is not a parameter kind; expected array, inout, result or scalar}}
#p = #tile.param<name = "X", kind = other, type = "f32", dims = affine_map<() -> ()>>
