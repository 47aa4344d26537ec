// D7: a token chosen by select is the one chosen in the run, and no other.
// It is the entry, so the load races with the store.
tile.kernel @d7_select_of_another() {
  %c0 = arith.constant 0 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    %a = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %b = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a, %b : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" () entry %e after (%init) {
    %f, %l = tile.load %y[%c0] after (%e) : memref<1xi32>[index] -> i32
    %true = arith.cmpi eq, %f, %v1 : i32
    %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %t = arith.select %true, %a, %e : !tile.token
    %r0, %b = tile.load %x[%c0] after (%t) : memref<1xi32>[index] -> i32
    tile.print "r0={}" (%r0 : i32) types ["i32"]
    tile.yield %b : !tile.token
  }
  tile.return
}
// race: 17 19
