// D8: a loop that waits for a flag orders what comes after its last load.
// The loop hands the token of the acquire out; the load of the data comes after it. An iteration may wait for one
// that comes before it.
tile.kernel @d8_wait_for_a_flag() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    %a = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %b = tile.store %v0, %y[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a, %b : !tile.token, !tile.token
  }
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<1xi32>[index]
      %b = tile.store %v1, %y[%c0] after (%a) release device : i32, memref<1xi32>[index]
      scf.yield %b : !tile.token
    }
    default {
      %seen = scf.while (%t = %e) : (!tile.token) -> !tile.token {
        %f, %a = tile.load %y[%c0] after (%t) acquire device : memref<1xi32>[index] -> i32
        %wait = arith.cmpi eq, %f, %v0 : i32
        scf.condition(%wait) %a : !tile.token
      } do {
      ^bb0(%t: !tile.token):
        scf.yield %t : !tile.token
      }
      %r0, %b = tile.load %x[%c0] after (%seen) : memref<1xi32>[index] -> i32
      %o = tile.store %r0, %out[%c0] after (%e) : i32, memref<1xi32>[index]
      %all = tile.join %b, %o
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %a = tile.load %out[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "r0={}" (%r0 : i32) types ["i32"]
    tile.yield %a : !tile.token
  }
  tile.return
}
// forbidden: r0=0
// allowed: r0=1
