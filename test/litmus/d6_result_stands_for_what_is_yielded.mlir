// D6: a grid's result does not stand for an access whose token no iteration yields.
// The first iteration of the grid yields its store's token, the second one yields the entry: the later load races
// with the second store only.
tile.kernel @d6_result_stands_for_what_is_yielded() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %v1 = arith.constant 1 : i32
  %v2 = arith.constant 2 : i32
  %x = tile.array() "x" : memref<2xi32>
  %threads = tile.grid "threads" (%n "n" : index = %c0 to %c2 step %c1) entry %e {
    %done = scf.index_switch %n -> !tile.token
    case 0 {
      %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<2xi32>[index]
      scf.yield %a : !tile.token
    }
    default {
      %a = tile.store %v2, %x[%c1] after (%e) : i32, memref<2xi32>[index]
      scf.yield %e : !tile.token
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
// race: 18 25
