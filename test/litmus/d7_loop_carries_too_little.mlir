// D7: a carried token stands for the access that it names and its past, no more.
// The loop carries the load's token: the next round's load is not ordered after the store.
tile.kernel @d7_loop_carries_too_little() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %out = tile.array() "out" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    %a = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a : !tile.token
  }
  %threads = tile.grid "threads" () entry %e after (%init) {
    %last = scf.for %k = %c0 to %c3 step %c1 iter_args(%t = %e) -> (!tile.token) {
      %old, %a = tile.load %x[%c0] after (%t) : memref<1xi32>[index] -> i32
      %new = arith.addi %old, %v1 : i32
      %b = tile.store %new, %x[%c0] after (%a) : i32, memref<1xi32>[index]
      scf.yield %a : !tile.token
    }
    tile.yield %last : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %a = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "x={}" (%r0 : i32) types ["i32"]
    tile.yield %a : !tile.token
  }
  tile.return
}
// race: 17 19
// race: 19 19
// race: 19 25
