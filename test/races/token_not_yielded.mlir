// Bug: the first grid yields its entry and not the token of its store, so its result does not stand for the store.

tile.kernel @broken(%X: memref<8xi32> {tile.param = #tile.param<name = "X", kind = inout, type = "i32", dims = affine_map<() -> (8)>>},
                   %Y: memref<8xi32> {tile.param = #tile.param<name = "Y", kind = inout, type = "i32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %g = tile.grid "grid#0" (%i "i" : index = %c0 to %c7 step %c1) entry %e {
    %v = arith.index_cast %i : index to i32
    %t = tile.store %v, %X[%i] after (%e) : i32, memref<8xi32>[index]  // race
    tile.yield %e : !tile.token
  }
  %h = tile.grid "grid#1" (%i "i" : index = %c0 to %c7 step %c1) entry %e after (%g) {
    %x, %t = tile.load %X[%i] after (%e) : memref<8xi32>[index] -> i32  // race
    %u = tile.store %x, %Y[%i] after (%t) : i32, memref<8xi32>[index]
    tile.yield %u : !tile.token
  }
  tile.return
}

tile.kernel @correct(%X: memref<8xi32> {tile.param = #tile.param<name = "X", kind = inout, type = "i32", dims = affine_map<() -> (8)>>},
                    %Y: memref<8xi32> {tile.param = #tile.param<name = "Y", kind = inout, type = "i32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %g = tile.grid "grid#0" (%i "i" : index = %c0 to %c7 step %c1) entry %e {
    %v = arith.index_cast %i : index to i32
    %t = tile.store %v, %X[%i] after (%e) : i32, memref<8xi32>[index]
    tile.yield %t : !tile.token
  }
  %h = tile.grid "grid#1" (%i "i" : index = %c0 to %c7 step %c1) entry %e after (%g) {
    %x, %t = tile.load %X[%i] after (%e) : memref<8xi32>[index] -> i32
    %u = tile.store %x, %Y[%i] after (%t) : i32, memref<8xi32>[index]
    tile.yield %u : !tile.token
  }
  tile.return
}
