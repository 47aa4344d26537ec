// IRIW: independent reads of independent writes, acquiring.
// Also acquiring readers may disagree: a write need not become visible everywhere at once.
tile.kernel @iriw_acquire() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<4xi32>
  %init = tile.grid "init" () entry %e {
    %s_x0 = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %s_y0 = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %s_x0, %s_y0 : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%i "i" : index = %c0 to %c4 step %c1) entry %e after (%init) {
    %done = scf.index_switch %i -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %all = tile.join %a
      scf.yield %all : !tile.token
    }
    case 1 {
      %a = tile.store %v1, %y[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %all = tile.join %a
      scf.yield %all : !tile.token
    }
    case 2 {
      %r0, %a = tile.load %x[%c0] after (%e) acquire device : memref<1xi32>[index] -> i32
      %r1, %b = tile.load %y[%c0] after (%a) acquire device : memref<1xi32>[index] -> i32
      %s_r0 = tile.store %r0, %out[%c0] after (%e) : i32, memref<4xi32>[index]
      %s_r1 = tile.store %r1, %out[%c1] after (%e) : i32, memref<4xi32>[index]
      %all = tile.join %a, %b, %s_r0, %s_r1
      scf.yield %all : !tile.token
    }
    default {
      %r2, %a = tile.load %y[%c0] after (%e) acquire device : memref<1xi32>[index] -> i32
      %r3, %b = tile.load %x[%c0] after (%a) acquire device : memref<1xi32>[index] -> i32
      %s_r2 = tile.store %r2, %out[%c2] after (%e) : i32, memref<4xi32>[index]
      %s_r3 = tile.store %r3, %out[%c3] after (%e) : i32, memref<4xi32>[index]
      %all = tile.join %a, %b, %s_r2, %s_r3
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%init, %threads) {
    %r0, %t_r0 = tile.load %out[%c0] after (%e) : memref<4xi32>[index] -> i32
    %r1, %t_r1 = tile.load %out[%c1] after (%e) : memref<4xi32>[index] -> i32
    %r2, %t_r2 = tile.load %out[%c2] after (%e) : memref<4xi32>[index] -> i32
    %r3, %t_r3 = tile.load %out[%c3] after (%e) : memref<4xi32>[index] -> i32
    tile.print "r0={} r1={} r2={} r3={}" (%r0, %r1, %r2, %r3 : i32, i32, i32, i32) types ["i32", "i32", "i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// not produced (I1): r0=1 r1=0 r2=1 r3=0
// allowed: r0=0 r1=0 r2=0 r3=0
// allowed: r0=0 r1=0 r2=0 r3=1
// allowed: r0=0 r1=0 r2=1 r3=0
// allowed: r0=0 r1=0 r2=1 r3=1
// allowed: r0=0 r1=1 r2=0 r3=0
// allowed: r0=0 r1=1 r2=0 r3=1
// allowed: r0=0 r1=1 r2=1 r3=0
// allowed: r0=0 r1=1 r2=1 r3=1
// allowed: r0=1 r1=0 r2=0 r3=0
// allowed: r0=1 r1=0 r2=0 r3=1
// allowed: r0=1 r1=0 r2=1 r3=0
// allowed: r0=1 r1=0 r2=1 r3=1
// allowed: r0=1 r1=1 r2=0 r3=0
// allowed: r0=1 r1=1 r2=0 r3=1
// allowed: r0=1 r1=1 r2=1 r3=0
// allowed: r0=1 r1=1 r2=1 r3=1
