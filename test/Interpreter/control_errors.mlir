// RUN: tile-opt --tile-interpret="max-steps=1000" %s -split-input-file -verify-diagnostics -o /dev/null

tile.kernel @assertion() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
  %condition = arith.constant dense<[true, false]> : tensor<2xi1>
  // expected-error @below {{assertion failed: all are set}}
  tile.assert %condition, "all are set" over (%i : !tile.range<2>) : tensor<2xi1>
  tile.return
}

// -----

tile.kernel @assumption() {
  %false = arith.constant false
  // expected-error @below {{an assumption is false}}
  tile.assume %false
  tile.return
}

// -----

tile.kernel @element_outside() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %i = tile.range %c0 to %c2 size %c3 : !tile.range<3>
  %x = tile.iota %i : !tile.range<3> -> tensor<3xi32>
  // expected-error @below {{element 2 of a dim of 2}}
  %e = tile.element %x axis 0 at %c2 over %i : tensor<3xi32>, !tile.range<3> -> i32
  tile.return
}

// -----

tile.kernel @size_and_type() {
  %c0 = arith.constant 0 : index
  %n = tile.size "n" in "loop#0"
  // expected-error @below {{internal error of the compiler: a range of size 16 has a type of size 3}}
  %i = tile.range %c0 to %n size %n : !tile.range<3>
  tile.return
}

// -----

tile.kernel @zero_step() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  // expected-error @below {{a range with a step of 0}}
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c2 step %c0) entry %e {
    tile.yield %e : !tile.token
  }
  tile.return
}

// -----

// A later iteration would set what this one waits for.
tile.kernel @waits_for_a_later_iteration() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %a = tile.array() "flag" : memref<1xi32>
  %h = tile.grid "grid#0" () entry %e {
    %t = tile.store %zero, %a[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %t : !tile.token
  }
  %g = tile.grid "grid#1" (%i "i" : index = %c0 to %c2 step %c1) entry %e after (%h) {
    %first = arith.cmpi eq, %i, %c0 : index
    scf.if %first {
      // expected-error @below {{the kernel has not ended after 1000 steps; a loop here may wait for something that never happens}}
      scf.while : () -> () {
        %v, %t = tile.load %a[%c0] acquire device : memref<1xi32>[index] -> i32
        %wait = arith.cmpi eq, %v, %zero : i32
        scf.condition(%wait)
      } do {
        scf.yield
      }
    }
    %old, %t = tile.atomic_rmw addi %one, %a[%c0] after (%e) release device : i32, memref<1xi32>[index] -> i32
    tile.yield %t : !tile.token
  }
  tile.return
}
