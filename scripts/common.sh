# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What the other shell scripts share: where things are, and how to speak. Sourced, not run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${TILEC_BUILD_DIR:-$ROOT/build}
VENV=$ROOT/build/venv
LLVM_DIR=/usr/lib/llvm-22

# say TEXT: one progress line on stdout.
say() { printf '== %s\n' "$*"; }

# die TEXT: one line on stderr, and out.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
