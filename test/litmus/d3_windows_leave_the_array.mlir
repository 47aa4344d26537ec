// D3: what a window takes out of the array touches nothing.
// Each iteration stores its tile shifted by one to the left; the first loses a lane, and the others meet nowhere.
tile.kernel @d3_windows_leave_the_array() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %x = tile.array() "x" : memref<4xi32>
  %zeros = arith.constant dense<0> : tensor<4xi32>
  %all = tile.range %c0 to %c4 size %c4 : !tile.range<4>
  %m1 = arith.constant -1 : index
  %init = tile.grid "init" () entry %e {
    %a = tile.store %zeros, %x[%all] after (%e) : tensor<4xi32>, memref<4xi32>[!tile.range<4>]
    tile.yield %a : !tile.token
  }
  %threads = tile.grid "threads" (%i "i" : !tile.range<2> = %c0 to %c4 step %c2) entry %e after (%init) {
    %v = tile.iota %i : !tile.range<2> -> tensor<2xi32>
    %w = tile.shift %i by %m1 : !tile.range<2> -> !tile.window<2>
    %a = tile.store %v, %x[%w] after (%e) : tensor<2xi32>, memref<4xi32>[!tile.window<2>]
    tile.yield %a : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %a = tile.load %x[%c0] after (%e) : memref<4xi32>[index] -> i32
    %r1, %b = tile.load %x[%c1] after (%e) : memref<4xi32>[index] -> i32
    %r2, %c = tile.load %x[%c2] after (%e) : memref<4xi32>[index] -> i32
    %r3, %d = tile.load %x[%c3] after (%e) : memref<4xi32>[index] -> i32
    tile.print "x={} {} {} {}" (%r0, %r1, %r2, %r3 : i32, i32, i32, i32) types ["i32", "i32", "i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// allowed: x=1 2 3 0
