// D8: an acquire alone synchronises with nothing.
// The flag is stored relaxed: nothing orders the data, which race.
tile.kernel @d8_acquire_without_release() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %vm1 = arith.constant -1 : i32
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<2xi32>
  %init = tile.grid "init" () entry %e {
    %s_x0 = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %s_y0 = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s_x0, %s_y0 : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%i "i" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %i -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<1xi32>[index]
      %b = tile.store %v1, %y[%c0] after (%a) relaxed device : i32, memref<1xi32>[index]
      %all = tile.join %a, %b
      scf.yield %all : !tile.token
    }
    default {
      %r0, %a = tile.load %y[%c0] after (%e) acquire device : memref<1xi32>[index] -> i32
      %m_b = arith.cmpi eq, %r0, %v1 : i32
      %r1, %b = tile.load %x[%c0] mask %m_b : i1 pad %vm1 : i32 after (%a) : memref<1xi32>[index] -> i32
      %s_r0 = tile.store %r0, %out[%c0] after (%e) : i32, memref<2xi32>[index]
      %s_r1 = tile.store %r1, %out[%c1] after (%e) : i32, memref<2xi32>[index]
      %all = tile.join %a, %b, %s_r0, %s_r1
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%init, %threads) {
    %r0, %t_r0 = tile.load %out[%c0] after (%e) : memref<2xi32>[index] -> i32
    %r1, %t_r1 = tile.load %out[%c1] after (%e) : memref<2xi32>[index] -> i32
    tile.print "r0={} r1={}" (%r0, %r1 : i32, i32) types ["i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// race: 21 29
