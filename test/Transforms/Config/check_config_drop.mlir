// RUN: tile-opt %s -tile-check-config="target-keys=num_warps drop" | FileCheck %s

// Keys that name nothing are left out, the target's own stay.
// CHECK: tile.kernel @unknown_key() attributes {config = {i = 4 : i64, num_warps = 4 : i64}, symbols = []}
tile.kernel @unknown_key() attributes {config = {i = 4, q = 3, num_warps = 4}} {
  %i = tile.size "i" in "grid#0"
  %d = tile.tunable "depth" of [2, 4, 8]
  tile.return
}
