// RUN: tile-opt %s -tile-check-config="target-keys=num_warps" -split-input-file -verify-diagnostics | FileCheck %s

// Every form of a key is known, and so are the target's own keys.
// CHECK: tile.kernel @known() attributes {config = {depth = 2 : i64, "grid#0.i" = 4 : i64, i = 3 : i64, known.i = 5 : i64, num_warps = 4 : i64}, symbols = []}
tile.kernel @known() attributes {config = {depth = 2, "grid#0.i" = 4, i = 3, "known.i" = 5, num_warps = 4}} {
  %i = tile.size "i" in "grid#0"
  %d = tile.tunable "depth" of [2, 4, 8]
  tile.return
}

// -----

// A key of one kernel may stand in the config of another.
// CHECK: tile.kernel @first() attributes {config = {j = 3 : i64}, symbols = []}
tile.kernel @first() attributes {config = {j = 3}} {
  tile.return
}

tile.kernel @second() {
  %j = tile.size "j" in "grid#0"
  tile.return
}

// -----

// expected-error @below {{config key 'q' names no tile index and no tunable of kernel 'unknown_key', which has i, depth}}
tile.kernel @unknown_key() attributes {config = {i = 4, q = 3}} {
  %i = tile.size "i" in "grid#0"
  %d = tile.tunable "depth" of [2, 4, 8]
  tile.return
}

// -----

// What a compile-time condition left out of the IR may be set.
// CHECK: tile.kernel @unreached() attributes {config = {j = 4 : i64}, symbols = [], tile.unreached = ["j"]}
tile.kernel @unreached() attributes {config = {j = 4}, tile.unreached = ["j"]} {
  tile.return
}
