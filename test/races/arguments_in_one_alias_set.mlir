// Bug: a kernel shifts an array by one; its parameters may be the same memory, and then iterations read what others
// write.
// Modelled on Triton-to-tile-IR issue 19 (aliasing arguments were treated as distinct).

tile.kernel @broken(%X: memref<8xi32> {tile.param = #tile.param<name = "X", kind = inout, type = "i32", dims = affine_map<() -> (8)>>, tile.alias = [0]},
                   %Y: memref<8xi32> {tile.param = #tile.param<name = "Y", kind = inout, type = "i32", dims = affine_map<() -> (8)>>, tile.alias = [0]}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %g = tile.grid "grid#0" (%i "i" : index = %c0 to %c7 step %c1) entry %e {
    %next = arith.addi %i, %c1 : index
    %x, %t = tile.load %X[%next] after (%e) : memref<8xi32>[index] -> i32  // race
    %u = tile.store %x, %Y[%i] after (%t) : i32, memref<8xi32>[index]  // race
    tile.yield %u : !tile.token
  }
  tile.return
}

tile.kernel @correct(%X: memref<8xi32> {tile.param = #tile.param<name = "X", kind = inout, type = "i32", dims = affine_map<() -> (8)>>, tile.alias = [0]},
                    %Y: memref<8xi32> {tile.param = #tile.param<name = "Y", kind = inout, type = "i32", dims = affine_map<() -> (8)>>, tile.alias = [0]}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %copy = tile.array() "copy" : memref<8xi32>
  %g = tile.grid "grid#0" (%i "i" : index = %c0 to %c7 step %c1) entry %e {
    %next = arith.addi %i, %c1 : index
    %x, %t = tile.load %X[%next] after (%e) : memref<8xi32>[index] -> i32
    %u = tile.store %x, %copy[%i] after (%t) : i32, memref<8xi32>[index]
    tile.yield %u : !tile.token
  }
  %h = tile.grid "grid#1" (%i "i" : index = %c0 to %c7 step %c1) entry %e after (%g) {
    %x, %t = tile.load %copy[%i] after (%e) : memref<8xi32>[index] -> i32
    %u = tile.store %x, %Y[%i] after (%t) : i32, memref<8xi32>[index]
    tile.yield %u : !tile.token
  }
  tile.return
}
