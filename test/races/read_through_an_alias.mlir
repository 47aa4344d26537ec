// Bug: an element is stored through one parameter and read through another of its alias set, without the store's
// token.
// Modelled on triton pull request 11411 (barrier insertion did not see accesses through views of a buffer).

tile.kernel @broken(%X: memref<8xi32> {tile.param = #tile.param<name = "X", kind = inout, type = "i32", dims = affine_map<() -> (8)>>, tile.alias = [0]},
                   %Y: memref<8xi32> {tile.param = #tile.param<name = "Y", kind = inout, type = "i32", dims = affine_map<() -> (8)>>, tile.alias = [0]},
                   %Z: memref<8xi32> {tile.param = #tile.param<name = "Z", kind = inout, type = "i32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %g = tile.grid "grid#0" (%i "i" : index = %c0 to %c7 step %c1) entry %e {
    %v = arith.index_cast %i : index to i32
    %t = tile.store %v, %X[%i] after (%e) : i32, memref<8xi32>[index]  // race
    %y, %u = tile.load %Y[%i] after (%e) : memref<8xi32>[index] -> i32  // race
    %w = tile.store %y, %Z[%i] after (%e) : i32, memref<8xi32>[index]
    tile.yield %t, %u, %w : !tile.token, !tile.token, !tile.token
  }
  tile.return
}

tile.kernel @correct(%X: memref<8xi32> {tile.param = #tile.param<name = "X", kind = inout, type = "i32", dims = affine_map<() -> (8)>>, tile.alias = [0]},
                    %Y: memref<8xi32> {tile.param = #tile.param<name = "Y", kind = inout, type = "i32", dims = affine_map<() -> (8)>>, tile.alias = [0]},
                    %Z: memref<8xi32> {tile.param = #tile.param<name = "Z", kind = inout, type = "i32", dims = affine_map<() -> (8)>>}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %g = tile.grid "grid#0" (%i "i" : index = %c0 to %c7 step %c1) entry %e {
    %v = arith.index_cast %i : index to i32
    %t = tile.store %v, %X[%i] after (%e) : i32, memref<8xi32>[index]
    %y, %u = tile.load %Y[%i] after (%t) : memref<8xi32>[index] -> i32
    %w = tile.store %y, %Z[%i] after (%e) : i32, memref<8xi32>[index]
    tile.yield %u, %w : !tile.token, !tile.token
  }
  tile.return
}
