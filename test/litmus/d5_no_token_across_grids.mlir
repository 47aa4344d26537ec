// D5: an access without tokens may come before earlier grids.
// The second grid comes after the first, and so does its first load. Its second load comes after nothing, and may
// miss the store: x is a parameter, whose 0 was there before everything.
tile.kernel @d5_no_token_across_grids(%x: memref<1xi32> {tile.param = #tile.param<name = "x", kind = inout, type = "i32", dims = affine_map<() -> (1)>>}) {
  %c0 = arith.constant 0 : index
  %v1 = arith.constant 1 : i32
  %one = tile.grid "one" () entry %e {
    %a = tile.store %v1, %x[%c0] after (%e) relaxed device : i32, memref<1xi32>[index]
    tile.yield %a : !tile.token
  }
  %two = tile.grid "two" () entry %e after (%one) {
    %r0, %a = tile.load %x[%c0] after (%e) relaxed device : memref<1xi32>[index] -> i32
    %r1, %b = tile.load %x[%c0] relaxed device : memref<1xi32>[index] -> i32
    tile.print "r0={} r1={}" (%r0, %r1 : i32, i32) types ["i32", "i32"]
    tile.yield %a, %b : !tile.token, !tile.token
  }
  tile.return
}
// forbidden: r0=0 r1=0
// forbidden: r0=0 r1=1
// not produced (I3): r0=1 r1=0
// allowed: r0=1 r1=0
// allowed: r0=1 r1=1
