// A4: what does not change with the value read does not depend on it.
// The first iteration stores r0 * 0 + 1, which is 1 whatever r0 is. A pass may find that out, so the 1 may come back.
tile.kernel @a4_a_constant_is_no_dependence() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<2xi32>
  %init = tile.grid "init" () entry %e {
    %a = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %b = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a, %b : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %r0, %a = tile.load %x[%c0] after (%e) relaxed device : memref<1xi32>[index] -> i32
      %z = arith.muli %r0, %v0 : i32
      %w = arith.addi %z, %v1 : i32
      %b = tile.store %w, %y[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %o = tile.store %r0, %out[%c0] after (%e) : i32, memref<2xi32>[index]
      %all = tile.join %a, %b, %o
      scf.yield %all : !tile.token
    }
    default {
      %r1, %a = tile.load %y[%c0] after (%e) relaxed device : memref<1xi32>[index] -> i32
      %b = tile.store %r1, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
      %o = tile.store %r1, %out[%c1] after (%e) : i32, memref<2xi32>[index]
      %all = tile.join %a, %b, %o
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %a = tile.load %out[%c0] after (%e) : memref<2xi32>[index] -> i32
    %r1, %b = tile.load %out[%c1] after (%e) : memref<2xi32>[index] -> i32
    tile.print "r0={} r1={}" (%r0, %r1 : i32, i32) types ["i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// not produced (I2): r0=1 r1=1
// allowed: r0=0 r1=0
// allowed: r0=0 r1=1
// allowed: r0=1 r1=1
