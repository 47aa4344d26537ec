// D6: a grid's result stands for what its iterations yielded, not for what the grid came after.
// The middle grid's store comes after nothing, and only its token is yielded. So the last grid is not ordered after
// the first.
tile.kernel @d6_result_stands_for_nothing_else() {
  %c0 = arith.constant 0 : index
  %v1 = arith.constant 1 : i32
  %x = tile.array() "x" : memref<1xi32>
  %y = tile.array() "y" : memref<1xi32>
  %one = tile.grid "one" () entry %e {
    %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a : !tile.token
  }
  %two = tile.grid "two" () entry %e after (%one) {
    %a = tile.store %v1, %y[%c0] : i32, memref<1xi32>[index]
    tile.yield %a : !tile.token
  }
  %three = tile.grid "three" () entry %e after (%two) {
    %r0, %a = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "r0={}" (%r0 : i32) types ["i32"]
    tile.yield %a : !tile.token
  }
  tile.return
}
// race: 10 18
