// D6: a grid without iterations stands for what it comes after.
// The middle grid has an empty range. The last grid, which comes after it, still comes after the first one.
tile.kernel @d6_a_grid_without_iterations() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v1 = arith.constant 1 : i32
  %v2 = arith.constant 2 : i32
  %x = tile.array() "x" : memref<1xi32>
  %one = tile.grid "one" () entry %e {
    %a = tile.store %v1, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a : !tile.token
  }
  %two = tile.grid "two" (%n "n" : index = %c0 to %c0 step %c1) entry %e after (%one) {
    %a = tile.store %v2, %x[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %a : !tile.token
  }
  %three = tile.grid "three" () entry %e after (%two) {
    %r0, %a = tile.load %x[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "r0={}" (%r0 : i32) types ["i32"]
    tile.yield %a : !tile.token
  }
  tile.return
}
// forbidden: r0=2
// allowed: r0=1
