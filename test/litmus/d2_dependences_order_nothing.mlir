// D2: a value that was loaded does not order the access that it goes to.
// The second load's subscript is what the first one gave. Without a token from the one to the other it may miss what
// was stored before the flag.
tile.kernel @d2_dependences_order_nothing() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<2xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<2xi32>
  %init = tile.grid "init" () entry %e {
    %a = tile.store %v0, %x[%c0] after (%e) : i32, memref<2xi32>[index]
    %b = tile.store %v0, %x[%c1] after (%e) : i32, memref<2xi32>[index]
    %c = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a, %b, %c : !tile.token, !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c1] after (%e) relaxed device : i32, memref<2xi32>[index]
      %b = tile.store %v1, %y[%c0] after (%a) release device : i32, memref<1xi32>[index]
      scf.yield %b : !tile.token
    }
    default {
      %r0, %a = tile.load %y[%c0] after (%e) acquire device : memref<1xi32>[index] -> i32
      %n0 = arith.index_cast %r0 : i32 to index
      %r1, %b = tile.load %x[%n0] after (%e) relaxed device : memref<2xi32>[index] -> i32
      %o = tile.store %r0, %out[%c0] after (%e) : i32, memref<2xi32>[index]
      %p = tile.store %r1, %out[%c1] after (%e) : i32, memref<2xi32>[index]
      %all = tile.join %a, %b, %o, %p
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
// not produced (I2): r0=1 r1=0
// allowed: r0=0 r1=0
// allowed: r0=1 r1=0
// allowed: r0=1 r1=1
