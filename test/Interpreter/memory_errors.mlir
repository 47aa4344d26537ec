// RUN: tile-opt --tile-interpret %s -split-input-file -verify-diagnostics -o /dev/null

tile.kernel @never_written() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %a = tile.array() "partial" : memref<2xf32>
  %g = tile.grid "grid#0" () entry %e {
    %one = arith.constant 1.0 : f32
    %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
    %t = tile.store %one, %a[%c0] after (%e) : f32, memref<2xf32>[index]
    // expected-error @below {{reads partial[1], which was never written}}
    %x, %t1 = tile.load %a[%i] after (%t) : memref<2xf32>[!tile.range<2>] -> tensor<2xf32>
    tile.yield %t1 : !tile.token
  }
  tile.return
}

// -----

tile.kernel @atomic_on_nothing() {
  %c0 = arith.constant 0 : index
  %a = tile.array() : memref<1x2xi32>
  %g = tile.grid "grid#0" () entry %e {
    %one = arith.constant 1 : i32
    // expected-error @below {{reads temporary[0, 0], which was never written}}
    %x, %t1 = tile.atomic_rmw addi %one, %a[%c0, %c0] relaxed device : i32, memref<1x2xi32>[index, index] -> i32
    tile.yield %t1 : !tile.token
  }
  tile.return
}

// -----

tile.kernel @range_beyond_the_array() {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %a = tile.array() "a" : memref<3xf32>
  %g = tile.grid "grid#0" () entry %e {
    %one = arith.constant dense<1.0> : tensor<4xf32>
    %i = tile.range %c0 to %c4 size %c4 : !tile.range<4>
    // expected-error @below {{index 3 is out of range for dim 0 of 'a', which has 3 elements}}
    %t = tile.store %one, %a[%i] : tensor<4xf32>, memref<3xf32>[!tile.range<4>]
    tile.yield %t : !tile.token
  }
  tile.return
}

// -----

tile.kernel @negative_index() {
  %cm1 = arith.constant -1 : index
  %a = tile.array() "a" : memref<3xf32>
  %g = tile.grid "grid#0" () entry %e {
    // expected-error @below {{index -1 is out of range for dim 0 of 'a', which has 3 elements}}
    %x, %t = tile.load %a[%cm1] : memref<3xf32>[index] -> f32
    tile.yield %t : !tile.token
  }
  tile.return
}

// -----

tile.kernel @gather_out_of_range() {
  %c0 = arith.constant 0 : index
  %a = tile.array() "a" : memref<2x3xf32>
  %g = tile.grid "grid#0" () entry %e {
    %index = arith.constant dense<[[2, 3]]> : tensor<1x2xi64>
    %value = arith.constant dense<0.0> : tensor<1x2xf32>
    // expected-error @below {{index 3 is out of range for dim 1 of 'a', which has 3 elements}}
    %t = tile.store %value, %a[%c0, %index] : tensor<1x2xf32>, memref<2x3xf32>[index, tensor<1x2xi64>]
    tile.yield %t : !tile.token
  }
  tile.return
}

// -----

// The tile was made for a range that holds fewer elements than the one it is stored to.
tile.kernel @store_of_lanes_outside() {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %a = tile.array() "a" : memref<4xi32>
  %g = tile.grid "grid#0" () entry %e {
    %i = tile.range %c0 to %c3 size %c4 : !tile.range<4>
    %j = tile.range %c0 to %c4 size %c4 : !tile.range<4>
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    // expected-error @below {{internal error of the compiler: this observes an element to store outside the extent of its range}}
    %t = tile.store %x, %a[%j] : tensor<4xi32>, memref<4xi32>[!tile.range<4>]
    tile.yield %t : !tile.token
  }
  tile.return
}

// -----

tile.kernel @negative_extent() {
  %cm1 = arith.constant -1 : index
  // expected-error @below {{a dim of size -1}}
  %a = tile.array(%cm1) "a" : memref<?xi32>
  tile.return
}
