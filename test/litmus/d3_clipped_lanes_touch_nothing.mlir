// D3: the lanes of a tile outside its extent touch nothing.
// The grid cuts three elements into tiles of two; each iteration stores its own, and the last tile has one lane.
tile.kernel @d3_clipped_lanes_touch_nothing() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %x = tile.array() "x" : memref<3xi32>
  %init = tile.grid "init" (%i "i" : !tile.range<2> = %c0 to %c3 step %c2) entry %e {
    %v = tile.iota %i : !tile.range<2> -> tensor<2xi32>
    %a = tile.store %v, %x[%i] after (%e) : tensor<2xi32>, memref<3xi32>[!tile.range<2>]
    tile.yield %a : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%init) {
    %r0, %a = tile.load %x[%c0] after (%e) : memref<3xi32>[index] -> i32
    %r1, %b = tile.load %x[%c1] after (%e) : memref<3xi32>[index] -> i32
    %r2, %c = tile.load %x[%c2] after (%e) : memref<3xi32>[index] -> i32
    tile.print "x[0]={} x[1]={} x[2]={}" (%r0, %r1, %r2 : i32, i32, i32) types ["i32", "i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// allowed: x[0]=0 x[1]=1 x[2]=2
