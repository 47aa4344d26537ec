// D3: a gather whose lanes meet in one element may read it at two moments.
// Between them the other iteration's store is performed: the two lanes of one load may differ, in either direction.
tile.kernel @d3_gathers_read_lane_by_lane() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v1 = arith.constant 1 : i32
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
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c1] after (%e) relaxed device : i32, memref<2xi32>[index]
      scf.yield %a : !tile.token
    }
    default {
      %r, %a = tile.load %x[%same] after (%e) relaxed device : memref<2xi32>[tensor<2xi32>] -> tensor<2xi32>
      %o = tile.store %r, %out[%i] after (%e) : tensor<2xi32>, memref<2xi32>[!tile.range<2>]
      %all = tile.join %a, %o
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
// allowed: r0=0 r1=0
// allowed: r0=0 r1=1
// allowed: r0=1 r1=0
// allowed: r0=1 r1=1
