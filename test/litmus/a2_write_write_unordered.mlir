// A2: of two unordered writes either may stay.
tile.kernel @a2_write_write_unordered() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %v2 = arith.constant 2 : i32
  %x = tile.array() "x" : memref<1xi32>
  %out = tile.array() "out" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    %s_x0 = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s_x0 : !tile.token
  }
  %threads = tile.grid "threads" (%i "i" : index = %c0 to %c1 step %c1) entry %e after (%init) {
    %done = scf.index_switch %i -> !tile.token
    default {
      %a = tile.store %v1, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %b = tile.store %v2, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %all = tile.join %a, %b
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%init, %threads) {
    %f_x, %t_x = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "x={}" (%f_x : i32) types ["i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// allowed: x=1
// allowed: x=2
