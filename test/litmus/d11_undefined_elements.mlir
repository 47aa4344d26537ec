// D11: reading an element that nothing wrote before is undefined.
// Nobody writes x.
tile.kernel @d11_undefined_elements() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %out = tile.array() "out" : memref<1xi32>
  %init = tile.grid "init" () entry %e {
    tile.yield %e : !tile.token
  }
  %threads = tile.grid "threads" (%i "i" : index = %c0 to %c1 step %c1) entry %e after (%init) {
    %done = scf.index_switch %i -> !tile.token
    default {
      %r0, %a = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
      %s_r0 = tile.store %r0, %out[%c0] after (%e) : i32, memref<1xi32>[index]
      %all = tile.join %a, %s_r0
      scf.yield %all : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%init, %threads) {
    %r0, %t_r0 = tile.load %out[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "r0={}" (%r0 : i32) types ["i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// uninitialised: 15
