// D8: who reads one lane of a release synchronises with that lane, not with its siblings.
// The iteration acquires the flag's first lane and then reads the second, weakly: that races with the lane that
// released it.
tile.kernel @d8_lanes_of_a_release() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v1 = arith.constant 1 : i32
  %v2 = arith.constant 2 : i32
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = tile.array() "x" : memref<2xi32>
  %out = tile.array() "out" : memref<2xi32>
  %zeros = arith.constant dense<0> : tensor<2xi32>
  %ones = arith.constant dense<1> : tensor<2xi32>
  %init = tile.grid "init" () entry %e {
    %a = tile.store %zeros, %x[%i] after (%e) : tensor<2xi32>, memref<2xi32>[!tile.range<2>]
    tile.yield %a : !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %a = tile.store %ones, %x[%i] after (%e) release device : tensor<2xi32>, memref<2xi32>[!tile.range<2>]
      scf.yield %a : !tile.token
    }
    default {
      %r0, %a = tile.load %x[%c0] after (%e) acquire device : memref<2xi32>[index] -> i32
      %seen = arith.cmpi eq, %r0, %v1 : i32
      %r1, %b = tile.load %x[%c1] mask %seen : i1 pad %v2 : i32 after (%a) : memref<2xi32>[index] -> i32
      %o = tile.store %r0, %out[%c0] after (%e) : i32, memref<2xi32>[index]
      %p = tile.store %r1, %out[%c1] after (%e) : i32, memref<2xi32>[index]
      %all = tile.join %b, %o, %p
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
// race: 22 28
