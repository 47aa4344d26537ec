// D1: parameters of one alias set may be the same storage.
// Here they are: the store through x and the load through y touch one element. The token orders them, so the load
// gives what was stored.
tile.kernel @d1_alias_set_ordered(%x: memref<1xi32> {tile.param = #tile.param<name = "x", kind = inout, type = "i32", dims = affine_map<() -> (1)>>, tile.alias = [0]}, %y: memref<1xi32> {tile.param = #tile.param<name = "y", kind = inout, type = "i32", dims = affine_map<() -> (1)>>, tile.alias = [0]}) {
  %c0 = arith.constant 0 : index
  %v0 = arith.constant 0 : i32
  %v1 = arith.constant 1 : i32
  %init = tile.grid "init" () entry %e {
    %a = tile.store %v0, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a : !tile.token
  }
  %threads = tile.grid "threads" () entry %e after (%init) {
    %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    %r0, %b = tile.load %y[%c0] after (%a) : memref<1xi32>[index] -> i32
    tile.print "r0={}" (%r0 : i32) types ["i32"]
    tile.yield %a, %b : !tile.token, !tile.token
  }
  tile.return
}
// overlap: %x %y
// allowed: r0=1
