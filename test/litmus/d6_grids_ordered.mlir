// D6: a grid's entry stands for what the grid comes after, its result for what it yielded.
// The second grid comes after the first, so its load comes after the store.
tile.kernel @d6_grids_ordered() {
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
  %one = tile.grid "one" (%i "i" : index = %c0 to %c1 step %c1) entry %e after (%init) {
    %done = scf.index_switch %i -> !tile.token
    default {
      %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<1xi32>[index]
      %all = tile.join %a
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %two = tile.grid "two" (%i "i" : index = %c0 to %c1 step %c1) entry %e after (%one) {
    %done = scf.index_switch %i -> !tile.token
    default {
      %r0, %a = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
      %s_r0 = tile.store %r0, %out[%c0] after (%e) : i32, memref<1xi32>[index]
      %all = tile.join %a, %s_r0
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%init, %one, %two) {
    %r0, %t_r0 = tile.load %out[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "r0={}" (%r0 : i32) types ["i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// forbidden: r0=0
// allowed: r0=1
