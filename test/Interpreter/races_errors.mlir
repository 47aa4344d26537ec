// RUN: tile-opt --tile-interpret=races %s -split-input-file -verify-diagnostics -o /dev/null

// No token path within an iteration.
tile.kernel @same_iteration() {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %a = tile.array() "a" : memref<4xi32>
  %g = tile.grid "grid#0" () entry %e {
    %i = tile.range %c0 to %c4 size %c4 : !tile.range<4>
    %x = tile.iota %i : !tile.range<4> -> tensor<4xi32>
    // expected-note @below {{the store in the iteration is here}}
    %t = tile.store %x, %a[%i] after (%e) : tensor<4xi32>, memref<4xi32>[!tile.range<4>]
    // expected-error-re @below {{race: this load of a[0] in the iteration has no token path from the store at {{.*}}:12:10 in the same iteration}}
    %y, %u = tile.load %a[%i] after (%e) : memref<4xi32>[!tile.range<4>] -> tensor<4xi32>
    tile.yield %t, %u : !tile.token, !tile.token
  }
  tile.return
}

// -----

// Iterations of one grid whose windows overlap.
tile.kernel @windows() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %a = tile.array() "a" : memref<2x4xi32>
  %g = tile.grid "grid#0" (%i "i" : !tile.range<2> = %c0 to %c4 step %c2) entry %e {
    %x = tile.iota %i : !tile.range<2> -> tensor<2xi32>
    %w = tile.shift %i by %c1 : !tile.range<2> -> !tile.window<2>
    // expected-note @below {{the store in iteration (0) is here}}
    %t = tile.store %x, %a[%c1, %w] after (%e) : tensor<2xi32>, memref<2x4xi32>[index, !tile.window<2>]
    // expected-error-re @below {{race: this store to a[1, 2] in iteration (1) has no token path from the store at {{.*}} in iteration (0); iterations of one grid have no order}}
    %u = tile.store %x, %a[%c1, %i] after (%t) : tensor<2xi32>, memref<2x4xi32>[index, !tile.range<2>]
    tile.yield %u : !tile.token
  }
  tile.return
}

// -----

// A grid over integers names iterations by their values.
tile.kernel @grids() {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %one = arith.constant 1 : i32
  %a = tile.array() "a" : memref<8xi32>
  %g = tile.grid "grid#0" (%n "n" : index = %c2 to %c8 step %c2) entry %e {
    // expected-note @below {{the store in iteration (4) is here}}
    %t = tile.store %one, %a[%n] after (%e) : i32, memref<8xi32>[index]
    tile.yield %t : !tile.token
  }
  %c4 = arith.constant 4 : index
  %h = tile.grid "grid#1" () entry %e {
    // expected-error-re @below {{race: this load of a[4] in the iteration has no token path from the store at {{.*}} in iteration (4) of another grid}}
    %x, %t = tile.load %a[%c4] after (%e) : memref<8xi32>[index] -> i32
    tile.yield %t : !tile.token
  }
  tile.return
}

// -----

// A grid's token stands for what its iterations yield.
tile.kernel @not_yielded() {
  %c4 = arith.constant 4 : index
  %one = arith.constant 1 : i32
  %a = tile.array() "a" : memref<8xi32>
  %g = tile.grid "grid#0" () entry %e {
    // expected-note @below {{the store in the iteration is here}}
    %t = tile.store %one, %a[%c4] after (%e) : i32, memref<8xi32>[index]
    tile.yield %e : !tile.token
  }
  %h = tile.grid "grid#1" () entry %e after (%g) {
    // expected-error @below {{race: this load of a[4]}}
    %x, %t = tile.load %a[%c4] after (%e) : memref<8xi32>[index] -> i32
    tile.yield %t : !tile.token
  }
  tile.return
}

// -----

tile.kernel @repeated_index() {
  %a = tile.array() "a" : memref<8xi32>
  %g = tile.grid "grid#0" () entry %e {
    %rows = arith.constant dense<[1, 3, 1]> : tensor<3xi32>
    // expected-error @below {{race: this store writes a[1] more than once in the iteration; the elements of one store have no order}}
    %t = tile.store %rows, %a[%rows] after (%e) : tensor<3xi32>, memref<8xi32>[tensor<3xi32>]
    tile.yield %t : !tile.token
  }
  tile.return
}

// -----

// A flag that is read without acquire.
tile.kernel @no_acquire() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %data = tile.array() "data" : memref<1xi32>
  %flag = tile.array() "flag" : memref<1xi32>
  %f = tile.grid "grid#0" () entry %e {
    %t = tile.store %zero, %flag[%c0] after (%e) : i32, memref<1xi32>[index]
    tile.yield %t : !tile.token
  }
  %g = tile.grid "grid#1" (%n "n" : index = %c0 to %c2 step %c1) entry %e after (%f) {
    %first = arith.cmpi eq, %n, %c0 : index
    %r = scf.if %first -> !tile.token {
      // expected-note @below {{the store in iteration (0) is here}}
      %t = tile.store %one, %data[%c0] after (%e) : i32, memref<1xi32>[index]
      %u = tile.store %one, %flag[%c0] after (%t) release device : i32, memref<1xi32>[index]
      scf.yield %u : !tile.token
    } else {
      %x, %t = tile.load %flag[%c0] after (%e) relaxed device : memref<1xi32>[index] -> i32
      // expected-error-re @below {{race: this load of data[0] in iteration (1) has no token path from the store at {{.*}} in iteration (0); the relaxed load at {{.*}} reads what the release store at {{.*}} wrote, but it is no acquire}}
      %y, %u = tile.load %data[%c0] after (%t) : memref<1xi32>[index] -> i32
      scf.yield %u : !tile.token
    }
    tile.yield %r : !tile.token
  }
  tile.return
}

// -----

tile.kernel @no_release() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1 : i32
  %data = tile.array() "data" : memref<1xi32>
  %flag = tile.array() "flag" : memref<1xi32>
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c2 step %c1) entry %e {
    %first = arith.cmpi eq, %n, %c0 : index
    %r = scf.if %first -> !tile.token {
      // expected-note @below {{the store in iteration (0) is here}}
      %t = tile.store %one, %data[%c0] after (%e) : i32, memref<1xi32>[index]
      %u = tile.store %one, %flag[%c0] after (%t) relaxed device : i32, memref<1xi32>[index]
      scf.yield %u : !tile.token
    } else {
      %x, %t = tile.load %flag[%c0] after (%e) acquire device : memref<1xi32>[index] -> i32
      // expected-error-re @below {{race: this load of data[0] in iteration (1) has no token path from the store at {{.*}} in iteration (0); the acquire load at {{.*}} reads what the relaxed store at {{.*}} wrote, but that is no release}}
      %y, %u = tile.load %data[%c0] after (%t) : memref<1xi32>[index] -> i32
      scf.yield %u : !tile.token
    }
    tile.yield %r : !tile.token
  }
  tile.return
}

// -----

// The acquire does not order what is not after it.
tile.kernel @not_after_acquire() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1 : i32
  %data = tile.array() "data" : memref<1xi32>
  %flag = tile.array() "flag" : memref<1xi32>
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c2 step %c1) entry %e {
    %first = arith.cmpi eq, %n, %c0 : index
    %r = scf.if %first -> !tile.token {
      // expected-note @below {{the store in iteration (0) is here}}
      %t = tile.store %one, %data[%c0] after (%e) : i32, memref<1xi32>[index]
      %u = tile.store %one, %flag[%c0] after (%t) release device : i32, memref<1xi32>[index]
      scf.yield %u : !tile.token
    } else {
      %x, %t = tile.load %flag[%c0] after (%e) acquire device : memref<1xi32>[index] -> i32
      // expected-error @below {{wrote, but no token path leads from that acquire to this load}}
      %y, %u = tile.load %data[%c0] after (%e) : memref<1xi32>[index] -> i32
      scf.yield %u : !tile.token
    }
    tile.yield %r : !tile.token
  }
  tile.return
}

// -----

// The release does not order what is not before it.
tile.kernel @not_before_release() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1 : i32
  %data = tile.array() "data" : memref<1xi32>
  %flag = tile.array() "flag" : memref<1xi32>
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c2 step %c1) entry %e {
    %first = arith.cmpi eq, %n, %c0 : index
    %r = scf.if %first -> !tile.token {
      // expected-note @below {{the store in iteration (0) is here}}
      %t = tile.store %one, %data[%c0] after (%e) : i32, memref<1xi32>[index]
      %u = tile.store %one, %flag[%c0] after (%e) release device : i32, memref<1xi32>[index]
      scf.yield %u : !tile.token
    } else {
      %x, %t = tile.load %flag[%c0] after (%e) acquire device : memref<1xi32>[index] -> i32
      // expected-error @below {{wrote, but no token path leads from the store to that release}}
      %y, %u = tile.load %data[%c0] after (%t) : memref<1xi32>[index] -> i32
      scf.yield %u : !tile.token
    }
    tile.yield %r : !tile.token
  }
  tile.return
}

// -----

tile.kernel @narrow_release() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = arith.constant 1 : i32
  %flag = tile.array() "flag" : memref<1xi32>
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c2 step %c1) entry %e {
    %first = arith.cmpi eq, %n, %c0 : index
    %r = scf.if %first -> !tile.token {
      // expected-note @below {{the release store in iteration (0) is here}}
      %u = tile.store %one, %flag[%c0] after (%e) release block : i32, memref<1xi32>[index]
      scf.yield %u : !tile.token
    } else {
      // expected-error-re @below {{race: this acquire load of flag[0] in iteration (1) has no token path from the release store at {{.*}} in iteration (0); a scope of block includes no other iteration}}
      %x, %t = tile.load %flag[%c0] after (%e) acquire device : memref<1xi32>[index] -> i32
      scf.yield %t : !tile.token
    }
    tile.yield %r : !tile.token
  }
  tile.return
}

// -----

// Who reads one lane of a release is not after the others.
tile.kernel @another_lane() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %ones = arith.constant dense<1> : tensor<2xi32>
  %flag = tile.array() "flag" : memref<2xi32>
  %g = tile.grid "grid#0" (%n "n" : index = %c0 to %c2 step %c1) entry %e {
    %first = arith.cmpi eq, %n, %c0 : index
    %r = scf.if %first -> !tile.token {
      %i = tile.range %c0 to %c2 size %c2 : !tile.range<2>
      // expected-note @below {{the release store in iteration (0) is here}}
      %t = tile.store %ones, %flag[%i] after (%e) release device : tensor<2xi32>, memref<2xi32>[!tile.range<2>]
      scf.yield %t : !tile.token
    } else {
      %x, %t = tile.load %flag[%c0] after (%e) acquire device : memref<2xi32>[index] -> i32
      %y, %u = tile.load %flag[%c0] after (%t) : memref<2xi32>[index] -> i32
      // expected-error @below {{wrote, which orders the element that was read, and no other}}
      %z, %v = tile.load %flag[%c1] after (%t) : memref<2xi32>[index] -> i32
      %both = tile.join %u, %v
      scf.yield %both : !tile.token
    }
    tile.yield %r : !tile.token
  }
  tile.return
}
