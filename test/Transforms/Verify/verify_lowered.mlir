// RUN: tile-opt %s -tile-verify-lowered -split-input-file -verify-diagnostics

func.func @lowered() {
  return
}

// -----

// expected-error @below {{'tile.kernel' is left after the lowering to the target}}
tile.kernel @left() {
  tile.return
}
