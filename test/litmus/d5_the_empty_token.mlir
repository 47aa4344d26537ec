// D5: tile.token stands for nothing, not even for earlier grids.
// The load comes after the token alone, and so races with the store of the first grid.
tile.kernel @d5_the_empty_token() {
  %c0 = arith.constant 0 : index
  %v0 = arith.constant 0 : i32
  %x = tile.array() "x" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    %a = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a : !tile.token
  }
  %threads = tile.grid "threads" () entry %e after (%init) {
    %none = tile.token
    %r0, %a = tile.load %x[%c0] after (%none) : memref<1xi32>[index] -> i32
    tile.print "r0={}" (%r0 : i32) types ["i32"]
    tile.yield %a : !tile.token
  }
  tile.return
}
// race: 8 13
