// RUN: tile-opt %s -pass-pipeline='builtin.module(tile.kernel(tile-verify-configured))' -split-input-file -verify-diagnostics

tile.kernel @whole(%X: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %n = memref.dim %X, %c0 : memref<?xf32, strided<[1]>>
  %r = tile.range %c0 to %n size %n : !tile.range<?>
  %i = tile.iota %r : !tile.range<?> -> tensor<?xi32>
  tile.return
}

// -----

tile.kernel @unbound_size() {
  // expected-error @below {{'tile.size' is left after the config is bound}}
  %i = tile.size "i" in "grid#0"
  tile.return
}

// -----

tile.kernel @unbound_dim(%X: memref<?xf32, strided<[1]>> {tile.param = #tile.param<name = "X", kind = array, type = "f32", dims = affine_map<()[s0] -> (s0)>>}) attributes {symbols = ["N"]} {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %n = memref.dim %X, %c0 : memref<?xf32, strided<[1]>>
  %r = tile.range %c0 to %n size %c8 : !tile.range<?>
  // expected-error @below {{after the config is bound, dim 0 of 'tensor<?xi32>' has no size and is no whole dim}}
  %i = tile.iota %r : !tile.range<?> -> tensor<?xi32>
  tile.return
}
