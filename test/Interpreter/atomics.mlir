// RUN: tile-opt --tile-interpret %s -o /dev/null | FileCheck %s

// Two lanes of one atomic may meet in an element: both count.
// CHECK: histogram [2 0 3 1] old [0 0 1 0 1 2]
tile.kernel @histogram() {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c6 = arith.constant 6 : index
  %a = tile.array() "a" : memref<4xi32>
  %g = tile.grid "grid#0" () entry %e {
    %i = tile.range %c0 to %c4 size %c4 : !tile.range<4>
    %j = tile.range %c0 to %c6 size %c6 : !tile.range<6>
    %zeros = arith.constant dense<0> : tensor<4xi32>
    %t = tile.store %zeros, %a[%i] after (%e) : tensor<4xi32>, memref<4xi32>[!tile.range<4>]
    %bins = arith.constant dense<[0, 2, 2, 3, 0, 2]> : tensor<6xi32>
    %ones = arith.constant dense<1> : tensor<6xi32>
    %old, %t1 = tile.atomic_rmw addi %ones, %a[%bins] after (%t) relaxed device : tensor<6xi32>, memref<4xi32>[tensor<6xi32>] -> tensor<6xi32>
    %y, %t2 = tile.load %a[%i] after (%t1) : memref<4xi32>[!tile.range<4>] -> tensor<4xi32>
    tile.print "histogram {} old {}" (%y, %old : tensor<4xi32>, tensor<6xi32>) over (%i, %j : !tile.range<4>, !tile.range<6>) types ["i32", "i32"]
    tile.yield %t2 : !tile.token
  }
  tile.return
}

// Each kind on the old value 12 (or 12.5).
// CHECK: maxs 12 maxu -3 mins -3 minu 12 andi 8 ori 15 xori 7 xchg -3
// CHECK: addf 15.0 maxf 12.5 minf 2.5
tile.kernel @kinds() {
  %c0 = arith.constant 0 : index
  %m3 = arith.constant -3 : i32
  %11 = arith.constant 11 : i32
  %12 = arith.constant 12 : i32
  %a = tile.array() "a" : memref<1xi32>
  %f = tile.array() "f" : memref<1xf32>
  %g = tile.grid "grid#0" () entry %e {
    %s0 = tile.store %12, %a[%c0] : i32, memref<1xi32>[index]
    %o0, %t0 = tile.atomic_rmw maxs %m3, %a[%c0] relaxed device : i32, memref<1xi32>[index] -> i32
    %r0, %l0 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    %o1, %t1 = tile.atomic_rmw maxu %m3, %a[%c0] relaxed device : i32, memref<1xi32>[index] -> i32
    %r1, %l1 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    %s2 = tile.store %12, %a[%c0] : i32, memref<1xi32>[index]
    %o2, %t2 = tile.atomic_rmw mins %m3, %a[%c0] relaxed device : i32, memref<1xi32>[index] -> i32
    %r2, %l2 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    %s3 = tile.store %12, %a[%c0] : i32, memref<1xi32>[index]
    %o3, %t3 = tile.atomic_rmw minu %m3, %a[%c0] relaxed device : i32, memref<1xi32>[index] -> i32
    %r3, %l3 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    %o4, %t4 = tile.atomic_rmw andi %11, %a[%c0] relaxed device : i32, memref<1xi32>[index] -> i32
    %r4, %l4 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    %s5 = tile.store %12, %a[%c0] : i32, memref<1xi32>[index]
    %o5, %t5 = tile.atomic_rmw ori %11, %a[%c0] relaxed device : i32, memref<1xi32>[index] -> i32
    %r5, %l5 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    %s6 = tile.store %12, %a[%c0] : i32, memref<1xi32>[index]
    %o6, %t6 = tile.atomic_rmw xori %11, %a[%c0] relaxed device : i32, memref<1xi32>[index] -> i32
    %r6, %l6 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    %o7, %t7 = tile.atomic_rmw xchg %m3, %a[%c0] acq_rel device : i32, memref<1xi32>[index] -> i32
    %r7, %l7 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    tile.print "maxs {} maxu {} mins {} minu {} andi {} ori {} xori {} xchg {}" (%r0, %r1, %r2, %r3, %r4, %r5, %r6, %r7 : i32, i32, i32, i32, i32, i32, i32, i32)
      types ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"]
    %x = arith.constant 12.5 : f32
    %y = arith.constant 2.5 : f32
    %u0 = tile.store %x, %f[%c0] : f32, memref<1xf32>[index]
    %p0, %v0 = tile.atomic_rmw addf %y, %f[%c0] relaxed system : f32, memref<1xf32>[index] -> f32
    %q0, %w0 = tile.load %f[%c0] : memref<1xf32>[index] -> f32
    %u1 = tile.store %x, %f[%c0] : f32, memref<1xf32>[index]
    %p1, %v1 = tile.atomic_rmw maxf %y, %f[%c0] relaxed system : f32, memref<1xf32>[index] -> f32
    %q1, %w1 = tile.load %f[%c0] : memref<1xf32>[index] -> f32
    %p2, %v2 = tile.atomic_rmw minf %y, %f[%c0] relaxed system : f32, memref<1xf32>[index] -> f32
    %q2, %w2 = tile.load %f[%c0] : memref<1xf32>[index] -> f32
    tile.print "addf {} maxf {} minf {}" (%q0, %q1, %q2 : f32, f32, f32) types ["f32", "f32", "f32"]
    tile.yield %e : !tile.token
  }
  tile.return
}

// The compare is by bits: -0.0 is not 0.0. A masked-off lane returns what it expected.
// CHECK: cas 5 5 7 : 5 9 -0.0 : 0.0
tile.kernel @compare_and_swap() {
  %c0 = arith.constant 0 : index
  %5 = arith.constant 5 : i32
  %6 = arith.constant 6 : i32
  %7 = arith.constant 7 : i32
  %9 = arith.constant 9 : i32
  %false = arith.constant false
  %a = tile.array() "a" : memref<1xi32>
  %f = tile.array() "f" : memref<1xf32>
  %g = tile.grid "grid#0" () entry %e {
    %s0 = tile.store %5, %a[%c0] : i32, memref<1xi32>[index]
    %o0, %t0 = tile.atomic_cas %6, %9, %a[%c0] acq_rel device : i32, i32, memref<1xi32>[index] -> i32
    %r0, %l0 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    %o1, %t1 = tile.atomic_cas %7, %9, %a[%c0] mask %false : i1 acq_rel device : i32, i32, memref<1xi32>[index] -> i32
    %o2, %t2 = tile.atomic_cas %5, %9, %a[%c0] acq_rel device : i32, i32, memref<1xi32>[index] -> i32
    %r2, %l2 = tile.load %a[%c0] : memref<1xi32>[index] -> i32
    %zero = arith.constant 0.0 : f32
    %minus = arith.constant -0.0 : f32
    %one = arith.constant 1.0 : f32
    %u = tile.store %minus, %f[%c0] : f32, memref<1xf32>[index]
    %p, %v = tile.atomic_cas %zero, %one, %f[%c0] acq_rel device : f32, f32, memref<1xf32>[index] -> f32
    tile.print "cas {} {} {} : {} {} {} : {}" (%o0, %r0, %o1, %o2, %r2, %p, %zero : i32, i32, i32, i32, i32, f32, f32)
      types ["i32", "i32", "i32", "i32", "i32", "f32", "f32"]
    tile.yield %e : !tile.token
  }
  tile.return
}

// An iteration may wait for an earlier one: a ticket per iteration.
// CHECK: waited 3
tile.kernel @waits_for_earlier_iterations() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %a = tile.array() "ticket" : memref<1xi32>
  %h = tile.grid "grid#0" () entry %e {
    %t = tile.store %zero, %a[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %t : !tile.token
  }
  %g = tile.grid "grid#1" (%i "i" : index = %c0 to %c3 step %c1) entry %e after (%h) {
    %mine = arith.index_cast %i : index to i32
    scf.while : () -> () {
      %v, %t = tile.load %a[%c0] acquire device : memref<1xi32>[index] -> i32
      %wait = arith.cmpi ne, %v, %mine : i32
      scf.condition(%wait)
    } do {
      scf.yield
    }
    %old, %t = tile.atomic_rmw addi %one, %a[%c0] after (%e) release device : i32, memref<1xi32>[index] -> i32
    tile.yield %t : !tile.token
  }
  %k = tile.grid "grid#2" () entry %e after (%g) {
    %v, %t = tile.load %a[%c0] after (%e) : memref<1xi32>[index] -> i32
    tile.print "waited {}" (%v : i32) types ["i32"]
    tile.yield %t : !tile.token
  }
  tile.return
}
