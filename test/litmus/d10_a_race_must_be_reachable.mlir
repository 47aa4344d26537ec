// D10: accesses that no run performs race with nothing.
// Each iteration stores only if it saw the other's store, so neither does (A4), and the loads are all there is.
tile.kernel @d10_a_race_must_be_reachable() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
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
      %r0, %a = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
      %m_b = arith.cmpi eq, %r0, %v1 : i32
      %b = tile.store %v1, %y[%c0] mask %m_b : i1 after (%a) : i32, memref<1xi32>[index]
      %s_r0 = tile.store %r0, %out[%c0] after (%e) : i32, memref<2xi32>[index]
      %all = tile.join %a, %b, %s_r0
      scf.yield %all : !tile.token
    }
    default {
      %r1, %a = tile.load %y[%c0] after (%e) : memref<1xi32>[index] -> i32
      %m_b = arith.cmpi eq, %r1, %v1 : i32
      %b = tile.store %v1, %x[%c0] mask %m_b : i1 after (%a) : i32, memref<1xi32>[index]
      %s_r1 = tile.store %r1, %out[%c1] after (%e) : i32, memref<2xi32>[index]
      %all = tile.join %a, %b, %s_r1
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
// forbidden: r0=1 r1=1
// allowed: r0=0 r1=0
