// D3: two lanes of one atomic store that meet in an element do not race.
// They are unordered, so either one stays.
tile.kernel @d3_two_atomic_lanes_one_element() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %x = tile.array() "x" : memref<2xi32>
  %out = tile.array() "out" : memref<2xi32>
  %zeros = arith.constant dense<0> : tensor<2xi32>
  %ones = arith.constant dense<1> : tensor<2xi32>
  %init = tile.grid "init" () entry %e {
    %a = tile.store %zeros, %x[%i] after (%e) : tensor<2xi32>, memref<2xi32>[!tile.range<2>]
    tile.yield %a : !tile.token
  }
  %same = arith.constant dense<[1, 1]> : tensor<2xi32>
  %values = arith.constant dense<[3, 4]> : tensor<2xi32>
  %threads = tile.grid "threads" () entry %e after (%init) {
    %a = tile.store %values, %x[%same] after (%e) relaxed device : tensor<2xi32>, memref<2xi32>[tensor<2xi32>]
    tile.yield %a : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %a = tile.load %x[%c0] after (%e) : memref<2xi32>[index] -> i32
    %r1, %b = tile.load %x[%c1] after (%e) : memref<2xi32>[index] -> i32
    tile.print "x[0]={} x[1]={}" (%r0, %r1 : i32, i32) types ["i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// allowed: x[0]=0 x[1]=3
// allowed: x[0]=0 x[1]=4
