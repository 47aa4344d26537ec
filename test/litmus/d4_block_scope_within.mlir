// D4: within an iteration every scope will do.
// Unordered accesses of one iteration are atomic to each other in scope block; the load sees the store or does not.
tile.kernel @d4_block_scope_within() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    %s_x0 = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %s_y0 = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s_x0, %s_y0 : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%i "i" : index = %c0 to %c1 step %c1) entry %e after (%init) {
    %done = scf.index_switch %i -> !tile.token
    default {
      %a = tile.store %v1, %x[%c0] after (%e) relaxed block : i32, memref<1xi32>[index]
      %r0, %b = tile.load %x[%c0] after (%e) relaxed block : memref<1xi32>[index] -> i32
      %s_r0 = tile.store %r0, %out[%c0] after (%e) : i32, memref<1xi32>[index]
      %all = tile.join %a, %b, %s_r0
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%init, %threads) {
    %r0, %t_r0 = tile.load %out[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "r0={}" (%r0 : i32) types ["i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// allowed: r0=0
// allowed: r0=1
