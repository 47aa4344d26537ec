// D3: two stores race in the lanes that both masks let through.
// The second iteration's mask lets both lanes through.
tile.kernel @d3_masks_overlap() {
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
  %first = arith.constant dense<[true, false]> : tensor<2xi1>
  %second = arith.constant dense<[true, true]> : tensor<2xi1>
  %twos = arith.constant dense<2> : tensor<2xi32>
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%init) {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %a = tile.store %ones, %x[%i] mask %first : tensor<2xi1> after (%e) : tensor<2xi32>, memref<2xi32>[!tile.range<2>]
      scf.yield %a : !tile.token
    }
    default {
      %a = tile.store %twos, %x[%i] mask %second : tensor<2xi1> after (%e) : tensor<2xi32>, memref<2xi32>[!tile.range<2>]
      scf.yield %a : !tile.token
    }
    tile.yield %done : !tile.token
  }
  %result = tile.grid "result" () entry %e after (%threads) {
    %r0, %a = tile.load %x[%c0] after (%e) : memref<2xi32>[index] -> i32
    %r1, %b = tile.load %x[%c1] after (%e) : memref<2xi32>[index] -> i32
    tile.print "x[0]={} x[1]={}" (%r0, %r1 : i32, i32) types ["i32", "i32"]
    tile.yield %e : !tile.token
  }
  tile.return
}
// race: 22 26
