// D10: two unordered writes race, also of the same value.
// Both iterations store a 1.
tile.kernel @d10_two_weak_writes() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
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
  %threads = tile.grid "threads" (%i "i" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %i -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<1xi32>[index]
      %all = tile.join %a
      scf.yield %all : !tile.token
    }
    default {
      %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<1xi32>[index]
      %all = tile.join %a
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
// race: 20 25
