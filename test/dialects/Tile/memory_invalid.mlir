// RUN: tile-opt %s -split-input-file -verify-diagnostics

func.func @access_c1(%a: memref<?x?xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.load' op has 1 subscripts for an array of 2 dims}}
  %v, %t = tile.load %a[%i] : memref<?x?xf32>[!tile.range<4>] -> tensor<4xf32>
  return
}

// -----

func.func @access_c1_store(%a: memref<?x?xf32>, %i: !tile.range<4>, %v: tensor<4xf32>) {
  // expected-error @below {{'tile.store' op has 1 subscripts for an array of 2 dims}}
  %t = tile.store %v, %a[%i] : tensor<4xf32>, memref<?x?xf32>[!tile.range<4>]
  return
}

// -----

func.func @access_c2(%a: memref<?xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.load' op accesses 'f32' elements as 'f16'}}
  %v, %t = tile.load %a[%i] : memref<?xf32>[!tile.range<4>] -> tensor<4xf16>
  return
}

// -----

func.func @access_c2_dims(%a: memref<?xf32>, %i: !tile.range<4>) {
  // expected-error @below {{'tile.load' op has a value of type 'tensor<5xf32>' but subscripts that keep dims [4]}}
  %v, %t = tile.load %a[%i] : memref<?xf32>[!tile.range<4>] -> tensor<5xf32>
  return
}

// -----

// An index drops its dim.
func.func @access_c2_dropped(%a: memref<?x?xf32>, %i: !tile.range<4>, %n: index) {
  // expected-error @below {{'tile.load' op has a value of type 'tensor<1x4xf32>' but subscripts that keep dims [4]}}
  %v, %t = tile.load %a[%n, %i] : memref<?x?xf32>[index, !tile.range<4>] -> tensor<1x4xf32>
  return
}

// -----

// Gathered dims stand where the first integer tile stood.
func.func @access_c2_gathered(%a: memref<?x?xf32>, %i: !tile.range<4>, %g: tensor<8xi32>) {
  // expected-error @below {{'tile.load' op has a value of type 'tensor<8x4xf32>' but subscripts that keep dims [4, 8]}}
  %v, %t = tile.load %a[%i, %g] : memref<?x?xf32>[!tile.range<4>, tensor<8xi32>] -> tensor<8x4xf32>
  return
}

// -----

func.func @access_c3(%a: memref<?x?xf32>, %g: tensor<8xi32>, %h: tensor<4xi32>) {
  // expected-error @below {{'tile.load' op has integer tiles of different shapes as subscripts}}
  %v, %t = tile.load %a[%g, %h] : memref<?x?xf32>[tensor<8xi32>, tensor<4xi32>] -> tensor<8xf32>
  return
}

// -----

func.func @access_c4(%a: memref<?xf32>, %i: !tile.range<4>, %m: tensor<5xi1>) {
  // expected-error @below {{'tile.load' op has a mask of type 'tensor<5xi1>' for a value of type 'tensor<4xf32>'}}
  %v, %t = tile.load %a[%i] mask %m : tensor<5xi1> : memref<?xf32>[!tile.range<4>] -> tensor<4xf32>
  return
}

// -----

func.func @access_c5_weak_with_scope(%a: memref<?xf32>, %n: index) {
  // expected-error @below {{'tile.load' op is weak and has no scope, or is not and has one}}
  %v, %t = tile.load %a[%n] weak device : memref<?xf32>[index] -> f32
  return
}

// -----

func.func @access_c5_no_scope(%a: memref<?xf32>, %n: index) {
  // expected-error @below {{'tile.load' op is weak and has no scope, or is not and has one}}
  %v, %t = tile.load %a[%n] acquire : memref<?xf32>[index] -> f32
  return
}

// -----

func.func @access_c5_load_release(%a: memref<?xf32>, %n: index) {
  // expected-error @below {{'tile.load' op cannot be release}}
  %v, %t = tile.load %a[%n] release device : memref<?xf32>[index] -> f32
  return
}

// -----

func.func @access_c5_store_acquire(%a: memref<?xf32>, %n: index, %v: f32) {
  // expected-error @below {{'tile.store' op cannot be acquire}}
  %t = tile.store %v, %a[%n] acquire device : f32, memref<?xf32>[index]
  return
}

// -----

func.func @access_c5_weak_atomic(%a: memref<?xf32>, %n: index, %v: f32) {
  // expected-error @below {{'tile.atomic_rmw' op cannot be weak}}
  %o, %t = tile.atomic_rmw addf %v, %a[%n] : f32, memref<?xf32>[index] -> f32
  return
}

// -----

func.func @load_c6(%a: memref<?xf32>, %n: index, %pad: f16) {
  // expected-error @below {{'tile.load' op pads 'f32' elements with 'f16'}}
  %v, %t = tile.load %a[%n] pad %pad : f16 : memref<?xf32>[index] -> f32
  return
}

// -----

func.func @atomic_rmw_c6(%a: memref<?xf32>, %n: index, %v: f32) {
  // expected-error @below {{'tile.atomic_rmw' op cannot addi elements of type 'f32'}}
  %o, %t = tile.atomic_rmw addi %v, %a[%n] relaxed device : f32, memref<?xf32>[index] -> f32
  return
}

// -----

func.func @atomic_rmw_c6_float(%a: memref<?xi32>, %n: index, %v: i32) {
  // expected-error @below {{'tile.atomic_rmw' op cannot maxf elements of type 'i32'}}
  %o, %t = tile.atomic_rmw maxf %v, %a[%n] relaxed device : i32, memref<?xi32>[index] -> i32
  return
}

// -----

func.func @atomic_cas_c6(%a: memref<?xi32>, %n: index, %v: i32, %e: i64) {
  // expected-error @below {{'tile.atomic_cas' op must have one type for expected, value and old}}
  %o, %t = tile.atomic_cas %e, %v, %a[%n] acq_rel device : i64, i32, memref<?xi32>[index] -> i32
  return
}

// -----

tile.kernel @array_c1() {
  // expected-error @below {{'tile.array' op has 0 extents for 1 dynamic dims}}
  %a = tile.array () : memref<?xf32>
  tile.return
}

// -----

func.func @array_c2() {
  // expected-error @below {{'tile.array' op must stand in a kernel's body, outside grids}}
  %a = tile.array () : memref<4xf32>
  return
}

// -----

tile.kernel @array_c2_in_a_grid() {
  %c1 = arith.constant 1 : index
  %t = tile.grid "grid#0" (%n "n" : index = %c1 to %c1 step %c1) entry %e {
    // expected-error @below {{'tile.array' op must stand in a kernel's body, outside grids}}
    %a = tile.array () : memref<4xf32>
    tile.yield
  }
  tile.return
}

// -----

tile.kernel @array_c3() {
  // expected-error @below {{'tile.array' op must be compact}}
  %a = tile.array () : memref<4xf32, strided<[2]>>
  tile.return
}
