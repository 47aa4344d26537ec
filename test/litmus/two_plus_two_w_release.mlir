// 2+2W: the same with releases.
// Nobody reads, so releases change nothing.
tile.kernel @two_plus_two_w_release() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %v2 = arith.constant 2 : i32
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
      %a = tile.store %v1, %x[%c0] after (%e) release device : i32, memref<1xi32>[index]
      %b = tile.store %v2, %y[%c0] after (%a) release device : i32, memref<1xi32>[index]
      %all = tile.join %a, %b
      scf.yield %all : !tile.token
    }
    default {
      %a = tile.store %v1, %y[%c0] after (%e) release device : i32, memref<1xi32>[index]
      %b = tile.store %v2, %x[%c0] after (%a) release device : i32, memref<1xi32>[index]
      %all = tile.join %a, %b
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%init, %threads) {
    %f_x, %t_x = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
    %f_y, %t_y = tile.load %y[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "x={} y={}" (%f_x, %f_y : i32, i32) types ["i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// not produced (I1): x=1 y=1
// allowed: x=1 y=1
// allowed: x=1 y=2
// allowed: x=2 y=1
// allowed: x=2 y=2
